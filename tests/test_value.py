import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.value import PATTERNS, holds, values


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "12月底前"), ("date", "2023年8月"), ("date", "二〇二四年五月六日"), ("date", "汛期前"), ("date", "今冬明春"),
        ("period", "7个工作日内"), ("frequency", "每半月"), ("frequency", "季调度"), ("percent", "95.0%"), ("percent", "6个百分点"),
        ("money", "4900余万元"), ("money", "125.7亿元"), ("body", "由市水务局牵头"), ("body", "领导小组"),
        ("person", "主要负责人"),
        ("body", "经县主管机关审核"), ("body", "由海事管理机构监督"), ("number", "不得超过三艘"), ("number", "以一次为限"),
        ("number", "限养一只"), ("permission", "不得转让"), ("permission", "得申请展延"), ("permission", "有权拒绝"),
        ("reason", "审议结果出炉前暂不处分"), ("date", "佛安“2·7”坍塌事故"), ("status", "已发布废止"), ("status", "尚未完成"), ("basis", "《条例》"), ("basis", "db50/848-2021"), ("list", "甲、乙"),
    ],
)  # fmt: skip
def test_a_value_is_recognised_by_its_form(kind, text):
    assert holds(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "5.5万吨"),
        ("money", "5.5万吨"),
        ("percent", "3个方面"),
        ("frequency", "2000余项"),
        ("number", "任何一个单位"),
        ("body", "机关作风建设"),
        ("permission", "取得许可证"),
        ("number", "统一标准"),
        ("date", "长3.5·米"),
    ],
)
def test_what_only_looks_like_a_value_is_none(kind, text):
    assert not holds(kind, text)


def test_a_value_that_the_question_holds_does_not_answer_it():
    known = values("date", "2023年8月的任务")

    assert not holds("date", "2023年8月", known)
    assert holds("date", "2023年8月已完成,2024年3月验收", known)


@given(st.text(max_size=200))
def test_spans_of_values_lie_in_the_text(text):
    for pattern in PATTERNS.values():
        assert all(0 <= found.start() < found.end() <= len(text) for found in pattern.finditer(text))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "拟于二○二六年第二季提交"), ("date", "114年底"), ("basis", "依发展观光条例及水土保持法办理"),
        ("name", "由副市长卓远包案"), ("body", "由防治虫鼠组每星期分析"),
    ],
)  # fmt: skip
def test_a_value_is_recognised_in_the_wording_of_its_place(kind, text):
    assert holds(kind, text)


def test_what_asks_for_a_body_names_none():
    known = values("body", "养殖归哪个部门牵头管")

    assert holds("body", "执法部门是牵头部门", known)
