"""The ledger: which items are tasks, what is read of them, and whether the totals that a document states agree."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.ledger import measure, read_ledger
from ingest.corpus import Corpus, Entry
from ingest.corpus.tasks import TaskRow, TaskWhere, fields_of
from ingest.document import Document
from ingest.heading import says_what, standing, state_of_all
from ingest.ledger import Ledger, ledger
from ingest.match import likeness, same, with_same
from ingest.read import parse, read
from ingest.table import tables
from ingest.task import KINDS, Task, ordinal

SUITE = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo"
DEMO = SUITE / "documents"


def document(text: str, suffix: str = ".txt") -> Document:
    return parse(text.encode(), suffix)


def read_demo(name: str) -> tuple[Document, Ledger]:
    found, _ = read(next(DEMO.glob(f"{name}.*")))
    return found, ledger(found)


def tasks(text: str, kind: str = "task") -> list[Task]:
    return [task for task in ledger(document(text)).tasks if task.kind == kind]


def titles(text: str, kind: str = "task") -> list[str]:
    return [task.title for task in tasks(text, kind)]


PLAN = """东湾市防汛工作方案
东湾市人民政府办公室
2025年3月1日
一、总体要求
坚持预防为主。
二、重点任务
（一）堤防加固
1．加固险段。由市水利局牵头，市财政局配合，2025年5月底前完成12处。
2．清理河道。由各镇政府负责，每月巡查一次。
（二）物资储备
3．补充沙袋。市应急管理局负责，2025年4月15日前补足3万条。
三、保障措施
（一）加强领导。成立领导小组。
四、下一步打算
一是继续排查隐患。二是2026年启动二期工程。
"""


# --- which items are tasks ---


def test_the_lowest_items_with_a_title_are_tasks_and_what_holds_them_is_their_path() -> None:
    found = tasks(PLAN)

    assert [(task.no, task.label, task.title) for task in found] == [
        ("1", "1．", "加固险段"),
        ("2", "2．", "清理河道"),
        ("3", "3．", "补充沙袋"),
    ]
    assert found[0].path == ("二、重点任务", "（一）堤防加固")


def test_how_the_work_is_organised_and_what_comes_next_are_kinds_of_their_own_and_aims_are_none() -> None:
    assert titles(PLAN, "organisation") == ["加强领导"]
    assert titles(PLAN, "outlook") == ["继续排查隐患", "2026年启动二期工程"]
    assert not any("总体要求" in task.title for task in ledger(document(PLAN)).tasks)


def test_ordinals_are_measures_of_the_item_that_holds_them_and_tasks_where_none_does() -> None:
    inside = tasks("二、整改情况\n1.台账不全。一是补齐台账。二是明确专人。\n2.巡查不勤。一是每周巡查。二是公开结果。\n")
    outside = tasks("二、整改情况\n一是补齐台账，明确专人。二是每周巡查。\n")

    assert [(task.title, len(task.measures)) for task in inside] == [("台账不全", 2), ("巡查不勤", 2)]
    assert [task.title for task in outside] == ["补齐台账，明确专人", "每周巡查"]
    assert all(not task.measures for task in outside)


def test_the_words_of_several_bodies_are_tasks_of_each() -> None:
    text = (
        "今日公布整改进展。\n市水务局：守护碧水\n水更清岸更绿\n市水务局认真落实整改要求，把整改作为重要任务，逐项对照检查，逐条推进落实，取得成效。\n"
        "一是新建管网。建成管网20公里。\n二是清理河道。清理河道12条。\n市林业局：守护青山\n市林业局认真落实整改要求，把整改作为重要任务，"
        "逐项对照检查，逐条推进落实，取得成效。\n一是植树造林。造林3000亩。\n二是防火巡查。巡查400次。\n"
    )

    found = tasks(text)

    assert [(task.duties[0].unit, task.title) for task in found] == [
        ("市水务局", "新建管网"),
        ("市水务局", "清理河道"),
        ("市林业局", "植树造林"),
        ("市林业局", "防火巡查"),
    ]
    assert {task.duties[0].role for task in found} == {"responsible"}


def test_items_that_are_named_after_a_body_are_its_responsibilities() -> None:
    found = tasks(
        "附件1\n成员单位职责分工\n一、市水务局：负责河道巡查。\n二、市公安局：负责道路疏导。\n", "responsibility"
    )

    assert [(task.title, task.duties[0].role) for task in found] == [
        ("市水务局", "responsible"),
        ("市公安局", "responsible"),
    ]


def test_a_list_of_things_in_an_attachment_is_no_list_of_tasks() -> None:
    assert titles("附件2\n重点河段清单\n1．东沟河，长3公里；\n2．西沟河，长5公里。\n") == []


BACKGROUND = """雾岭县街巷整治计划
一、家底和难处
现有街巷73条。
二、重点任务
（一）建设街巷服务中心。由县住建局牵头，2025年6月底前建成。
（二）电线入地。由供电公司实施。
三、资金
三年投入4亿元。
四、几点做法
一是腾公房。二是用数据。
"""


def test_how_things_stand_and_what_they_cost_are_no_tasks_and_a_matter_may_be_named_like_a_body() -> None:
    assert titles(BACKGROUND) == ["建设街巷服务中心", "电线入地"]
    assert not titles(BACKGROUND, "responsibility")


def test_the_legal_bases_of_a_plan_of_taiwan_are_no_tasks() -> None:
    text = "雾岭县计划\n壹、依據\n一、《永續條例》第六條。\n貳、工作項目\n一、海岸造林：由農業處主辦。\n二、路燈汰換：由工務處主辦。\n"

    assert titles(text) == ["海岸造林", "路燈汰換"]


def test_an_unlabelled_heading_and_a_paragraph_below_the_fields_end_the_last_item() -> None:
    letter = "关于跟进的复函\n一、空置档位\n此项建议已经落实。\n二、拖欠租金\n此项建议须待修例后展开。\n下一步工作\n下一份报告将于2026年3月底前提交。\n"
    orders = (
        "关于督查的通报\n一、问题\n1．水厂渗漏。至今没有维修。\n责任单位：沅县水务局\n整改时限：2025年7月31日前\n"
        "2．管网冻损。剩余7公里。\n责任单位：柘县水务局\n整改时限：2025年8月15日前\n\n新区没有发现突出问题，做法由市水利局总结推广，并于年底前报送。\n"
    )

    assert [(task.status.kind, task.deadlines) for task in tasks(letter)] == [("closed", ()), ("planned", ())]
    assert [[duty.unit for duty in task.duties] for task in tasks(orders)] == [["沅县水务局"], ["柘县水务局"]]


def test_a_row_does_not_repeat_a_matter_of_another_year() -> None:
    text = (
        "雾岭县政府114年度计划\n中華民國114年1月5日\n一、工作项目\n项次 | 工作项目 | 主办机关 | 期程\n1 | 海岸造林 | 农业处 | 114年5月31日前\n"
        "二、113年度列管案件\n（一）海岸造林10公顷：由农业处主办，完成6公顷。\n"
    )

    assert [(task.title, len(task.also), len(task.deadlines)) for task in tasks(text)] == [
        ("海岸造林", 0, 1),
        ("海岸造林10公顷", 0, 0),
    ]


def test_lines_that_are_one_sentence_are_no_tasks_of_their_own() -> None:
    found = tasks(
        "三、重点任务\n（一）开展排查。重点排查以下部位：\n1．老旧堤防；\n2．涵洞闸口；\n3．低洼路段。\n（二）抓好整改。逐项销号。\n"
    )

    assert [task.title for task in found] == ["开展排查", "抓好整改"]


def test_the_articles_of_a_law_are_no_tasks() -> None:
    assert (
        titles(
            "第一章 总则\n第一条 为了保护河道，制定本条例。\n第二条 市水务局负责河道管理，履行下列职责：\n（一）编制规划；\n（二）组织巡查。\n"
        )
        == []
    )


@pytest.mark.parametrize("text", ["今天天气很好。\n没有编号。\n", "首页 | 要闻 | 专题\n"])
def test_a_document_without_numbering_has_an_empty_ledger(text: str) -> None:
    found = ledger(document(text))

    assert found.tasks == ()


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("整改工作落实情况", False),
        ("重点任务", False),
        ("下一步工作打算", False),
        ("存在的不足", False),
        ("民生保障方面", False),
        ("落实主体责任", True),
        ("污水管网建设", True),
        ("学习不全面、不及时", True),
    ],
)
def test_a_heading_says_what_is_done_or_only_of_what_kind_it_is(title: str, says: bool) -> None:
    assert says_what(title) is says


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("提前完成的项目(1件)", "closed"),
        ("已完成整改问题12个", "closed"),
        ("未按时完成整改的问题", "in_progress"),
        ("基本完成整改的问题(5个)", "in_progress"),
        ("超序时进度的项目(3件)", "in_progress"),
        ("滞后的民生项目", "in_progress"),
        ("尚未开工的项目", "planned"),
        ("需长期坚持的问题", "long_term"),
        ("仍在推进和需要长期坚持的整改事项", None),
        ("持续推进污染防治工作", None),
        ("暂不评价的项目(1件)", None),
        ("存在的问题", None),
    ],
)
def test_a_heading_says_how_far_all_under_it_have_got(title: str, state: str | None) -> None:
    assert state_of_all(title) == state


def test_items_without_a_title_are_matters_where_each_says_whose_it_is() -> None:
    text = (
        "汀城市2025年重点工作责任分解\n一、提升服务效能\n"
        "1.推进窗口整合，在原有三个大厅、十九个分厅的基础上合并同类窗口，群众办事平均等候时间压缩到十五分钟以内。（牵头单位：市数据局；完成时限：9月底前）\n"
        "2.规范收费公示，清理没有依据的收费项目，在大厅、网站、公众号同步公示收费标准，接受群众监督和投诉。（牵头单位：市财政局；完成时限：5月底前）\n"
        "二、改善道路\n1.修补路面。修补路面三十公里，把坑洼路段全部补平，雨季前完成。2.增设护栏。\n（牵头单位：市公路局）\n"
    )

    assert [(task.title, [duty.unit for duty in task.duties]) for task in tasks(text)] == [
        ("推进窗口整合", ["市数据局"]),
        ("规范收费公示", ["市财政局"]),
        ("修补路面", ["市公路局"]),
    ]


def test_a_heading_that_says_how_far_all_have_got_is_no_matter_over_a_table_or_nothing() -> None:
    text = "汀城市督查通报\n一、进展\n（一）已完成的任务\n\n| 任务 | 牵头单位 |\n|---|---|\n| 修桥 | 市公路局 |\n\n（二）未开工的任务\n二、要求\n抓紧。\n"

    assert titles(text) == ["修桥"]


def test_a_stated_state_is_read_with_how_it_stands_to_the_schedule() -> None:
    text = "汀城市整改清单\n问题一\n反馈问题：断面水质不稳。\n已疏浚两段。\n整改状态：持续推进，达到序时进度。\n"

    assert [task.status.kind for task in tasks(text)] == ["in_progress"]


def test_the_title_of_a_document_makes_none_of_it_outlook() -> None:
    text = "# 汀城市教育局上半年工作总结和下半年工作计划\n## 一、主要工作\n**(一)扩大学位。** 新建学校三所。\n## 二、下半年打算\n（一）招聘教师。\n"
    found = ledger(document(text, ".md")).tasks

    assert [(task.kind, task.title) for task in found] == [("task", "扩大学位"), ("outlook", "招聘教师")]


def test_steps_of_one_item_are_no_matters_though_its_fields_stand_under_the_last() -> None:
    text = (
        "汀城市整改情况通报\n反馈问题1：制度不健全。\n整改措施：\n（1）召开会议专题研究；\n（2）修订清单。\n"
        "责任单位：市委组织部\n完成时限：2024年6月底前\n完成情况：已完成。\n"
        "反馈问题2：调度不经常。\n整改措施：\n（1）出台办法；\n（2）每季度调度一次。\n责任单位：市商务局\n"
    )

    assert [(task.title, [duty.unit for duty in task.duties]) for task in tasks(text)] == [
        ("制度不健全", ["市委组织部"]),
        ("调度不经常", ["市商务局"]),
    ]


BRIEFING = """岚浦县民生实事督查通报
一、进展情况
（一）提前完成的项目（1件）
增设夜市摊位。责任单位为县商务局。已完成120个。
（二）滞后的项目（1件）
1.改造农贸市场。已完成2处，责任单位县商务局，12月底前完工。
（三）未开工的项目（1件）
2.县老年活动中心。方案已通过审查。责任单位为县民政局，11月底前开工。
"""


def test_matters_stand_as_their_heading_lists_them() -> None:
    found = tasks(BRIEFING)

    assert [(task.title, task.status.kind, [duty.unit for duty in task.duties]) for task in found] == [
        ("增设夜市摊位", "closed", ["县商务局"]),
        ("改造农贸市场", "in_progress", ["县商务局"]),
        ("县老年活动中心", "planned", ["县民政局"]),
    ]


@pytest.mark.parametrize(
    ("title", "stands"),
    [
        ("履行巡察整改主体责任情况", "organisation"),
        ("保障措施", "organisation"),
        ("下一步工作打算", "outlook"),
        ("2025年工作安排", "outlook"),
        ("2024年工作安排", "matter"),
        ("指导思想", "aside"),
        ("压实企业主体责任", "matter"),
        ("做好后续管护", "matter"),
    ],
)
def test_a_heading_at_the_top_says_what_a_section_is_to_the_ledger(title: str, stands: str) -> None:
    assert standing(title, 2024, listed=False) == stands


@pytest.mark.parametrize(
    ("label", "number"), [("十二、", 12), ("（七）", 7), ("③", 3), ("二是", 2), ("１．", 1), ("(31)", 31), ("—", None)]
)
def test_the_number_of_a_label_is_that_in_arabic_digits(label: str, number: int | None) -> None:
    assert ordinal(label) == number


# --- the fields ---


def test_every_field_stands_where_its_span_says() -> None:
    found, read_ = read_demo("tinglan-plan")

    for task in read_.tasks:
        assert task.title in found.text[task.start : task.end]
        assert all(found.text[duty.start : duty.end] == duty.unit for duty in task.duties)
        assert all(found.text[when.start : when.end] == when.text for when in task.deadlines)
        assert all(found.text[also.start : also.end].count(also.title) for also in task.also)


def test_a_task_has_who_and_by_when() -> None:
    first, second, third = tasks(PLAN)

    assert [(duty.unit, duty.role) for duty in first.duties] == [("市水利局", "lead"), ("市财政局", "partner")]
    assert [when.end_date for when in first.deadlines] == ["2025-05-31"]
    assert [when.every for when in second.deadlines] == ["FREQ=MONTHLY"]
    assert third.due == ("2025-04-15", "2025-04-15")


def test_a_sentence_about_the_whole_matter_decides_its_status() -> None:
    one, two, three = tasks(
        "二、整改情况\n1.台账不全。一是台账已补齐。二是正在核对。该问题已销号。\n2.巡查不勤。一是已购置设备。二是正在招聘。\n"
        "3.设备老化。一是已报废旧设备。该问题长期坚持。\n"
    )

    assert (one.status.kind, two.status.kind, three.status.kind) == ("closed", "in_progress", "long_term")
    assert [measure.status for measure in two.measures] == ["closed", "in_progress"]


def test_a_status_is_as_of_the_day_that_the_section_names() -> None:
    (task, _) = tasks(
        "二、整改情况\n截至2024年10月25日，2个问题已整改1个。\n1.台账不全。已补齐台账。\n2.巡查不勤。正在整改。\n"
    )

    assert task.status.as_of == "2024-10-25"
    assert task.last_word == "2024-10-25"


def test_days_of_the_past_and_the_names_of_documents_are_no_deadlines() -> None:
    (task, _) = tasks(
        "2024年11月20日\n二、整改情况\n1.台账不全。2024年8月3日印发《2025年巡查计划》，已于10月底前全部补齐。\n2.巡查不勤。正在整改。\n"
    )

    assert task.deadlines == ()


def test_what_stands_behind_the_last_item_is_none_of_it() -> None:
    (*_, last) = tasks(
        "二、重点任务\n（一）清理河道。每月清理。\n（二）补充物资。尽快补充。\n本方案自印发之日起施行，有效期至2026年12月31日。\n"
    )

    assert "有效期" not in last.title
    assert last.deadlines == ()


# --- bad input ---


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ("2025年2月30日前", "deadline_impossible"),
        ("2025年13月底前", "deadline_impossible"),
        ("2024年5月底前", "deadline_before_document"),
    ],
)
def test_a_deadline_that_cannot_be_is_kept_as_text_and_flagged_without_a_date(words: str, flag: str) -> None:
    (task, _) = tasks(
        f"东湾市防汛工作方案\n2025年3月1日\n二、重点任务\n（一）加固险段。{words}完成。\n（二）清理河道。每月清理。\n"
    )

    assert [(when.text, when.end_date) for when in task.deadlines] == [(words, None)]
    assert flag in task.flags
    assert task.due is None


def test_a_range_that_ends_before_it_begins_has_no_date() -> None:
    (task, _) = tasks(
        "2025年3月1日\n二、重点任务\n（一）加固险段。拟于2025年9月至2025年6月实施。\n（二）清理河道。每月清理。\n"
    )

    assert task.due is None


# --- duty tables ---

TABLE = """# 东湾市重点工作分工

## 二、任务分工

| 序号 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 |
|---|---|---|---|---|
| 1 | 加固险段 | 市水利局 | 市财政局、各镇政府 | 2025年5月底前 |
| 2 | 清理河道 |  | — | 长期坚持 |
| 3 |  | 市应急管理局 | | 见附件 |
| 合计 | 3项 | | | |
"""


def test_the_rows_of_a_table_are_tasks_and_a_missing_cell_is_unstated() -> None:
    one, two, three = (task for task in ledger(document(TABLE, ".md")).tasks)

    assert (one.no, one.title, one.path) == ("1", "加固险段", ("东湾市重点工作分工", "二、任务分工"))
    assert [(duty.unit, duty.role) for duty in one.duties] == [
        ("市水利局", "lead"),
        ("市财政局", "partner"),
        ("各镇政府", "partner"),
    ]
    assert [when.end_date for when in one.deadlines] == ["2025-05-31"]
    assert set(two.flags) == {"lead_unstated", "partner_unstated"}
    assert (three.title, "task_unstated" in three.flags) == ("", True)
    assert [(when.text, when.kind, when.end_date) for when in three.deadlines] == [("见附件", "none", None)]
    assert "deadline_unread" in three.flags


@pytest.mark.parametrize("bar", ["|", "｜", "\t"])
def test_a_table_as_text_is_read_whatever_parts_its_cells(bar: str) -> None:
    rows = (("任务", "责任单位", "时限"), ("加固险段", "市水利局", "2025年5月底前"), ("清理河道", "", "每月"))
    text = "\n".join(bar.join(row) for row in rows)

    found = tasks(f"任务分工表\n{text}\n")

    assert [task.title for task in found] == ["加固险段", "清理河道"]
    assert [(duty.unit, duty.role) for duty in found[0].duties] == [("市水利局", "responsible")]


def test_navigation_and_other_tables_are_no_duty_tables() -> None:
    assert tables("首页 | 政务公开 | 工作动态 | 时限\n姓名 | 单位 | 电话\n甲 | 乙 | 丙\n") == []


def test_a_row_that_repeats_an_item_is_part_of_it_and_a_contradiction_is_flagged() -> None:
    text = PLAN.replace(
        "三、保障措施",
        "三、任务分工\n序号|任务|牵头单位|完成时限\n1|险段加固|市水利局|2025年6月底前\n2|河道清理|市水务局|\n3|补充沙袋|市应急管理局|2025年4月15日前\n四、保障措施",
    )

    one, two, three = tasks(text)

    assert [[also.title for also in task.also] for task in (one, two, three)] == [
        ["险段加固"],
        ["河道清理"],
        ["补充沙袋"],
    ]
    assert {when.end_date for when in one.deadlines} == {"2025-05-31", "2025-06-30"}
    assert "deadline_differs" in one.flags
    assert [duty.unit for duty in two.duties if duty.role == "lead"] == ["市水务局"]
    assert [when.end_date for when in three.deadlines] == ["2025-04-15"]
    assert not three.flags


# --- totals ---


def total_results(text: str) -> list[tuple[int, str]]:
    return [(int(total.value), total.result) for total in ledger(document(text)).totals]


def test_stated_totals_are_compared_with_the_rows_and_with_their_parts() -> None:
    head = "二、整改情况\n截至10月25日，反馈的2个方面3个问题已销号{}个，正在整改{}个。\n"
    body = "（一）台账方面\n1.台账不全。已销号。\n2.台账不新。已销号。\n（二）巡查方面\n3.巡查不勤。正在整改。\n"

    (good,) = ledger(document(head.format(2, 1) + body)).totals
    (bad,) = ledger(document(head.format(2, 2) + body)).totals

    assert good.result == "agreed"
    assert {check.rule: check.result for check in good.checks if check.rule != "status"} == {
        "sum": "agreed",
        "rows": "agreed",
        "areas": "agreed",
    }
    assert bad.result == "differs"
    assert [(int(check.stated), int(check.found)) for check in bad.checks if check.rule == "sum"] == [(3, 4)]


def test_a_total_that_differs_from_the_rows_is_shown_and_one_without_rows_is_said_to_be_unlisted() -> None:
    body = "1.台账不全。已销号。\n2.台账不新。已销号。\n3.巡查不勤。正在整改。\n"

    assert total_results(f"二、整改情况\n反馈的4个问题整改情况如下。\n{body}") == [(4, "differs")]
    assert total_results(f"二、整改情况\n反馈的1368个问题整改情况如下。\n{body}") == [(1368, "not_listed")]


@pytest.mark.parametrize(("rate", "result"), [("79", "agreed"), ("79.02", "agreed"), ("80.5", "differs")])
def test_a_rate_is_recomputed(rate: str, result: str) -> None:
    assert total_results(f"检查发现9个领域1368个问题，目前整改完成1081个，整改率为{rate}%。") == [(1368, result)]


def test_what_was_split_keeps_both_numbers() -> None:
    totals = ledger(
        document(
            "一、河长制\n（一）推动治理。下达127项年度任务，督促各区分解细化为307项具体任务。目前307项任务已全部完成。\n（二）巡河。巡河2次。\n"
        )
    ).totals

    assert [(int(total.value), total.children and int(total.children.value)) for total in totals] == [
        (127, 307),
        (307, None),
    ]
    assert totals[1].result == "agreed"


def test_totals_that_contradict_each_other_differ() -> None:
    text = (
        "二、整改情况\n反馈的3个问题全部认领。\n共反馈5个问题，逐项认领。\n1.台账不全。\n2.台账不新。\n3.巡查不勤。\n"
    )

    assert [result for _, result in total_results(text)] == ["agreed", "differs"]


# --- gold ledgers and real documents ---


def found_in_demo(doc: str) -> list[dict[str, object]]:
    found, read_ = read_demo(doc)
    return [
        {**fields_of(task, found.text), "kind": task.kind, "no": task.no, "label": task.label, "title": task.title}
        for task in read_.tasks
    ]


GOLD = read_ledger(SUITE / "ledger.jsonl")


def test_the_gold_ledgers_are_found_to_nineteen_in_twenty() -> None:
    shares = measure(GOLD, found_in_demo).shares

    assert all((share.precision or 0) >= 0.95 and (share.recall or 0) >= 0.95 for share in shares.values()), shares


def test_an_optional_task_counts_neither_way() -> None:
    gold = replace(GOLD[0], optional=True)
    task = {
        "kind": gold.kind, "no": gold.no, "title": gold.title, "label": "1．", "duties": [], "deadlines": [],
        "status": {"kind": "closed"},
    }  # fmt: skip

    for done in (measure([gold], lambda _: []), measure([gold], lambda _: [task])):
        assert {share.found + share.there for share in done.shares.values()} == {0}
        assert done.differences == ()


def test_the_inspection_report_has_its_31_problems_and_its_totals_agree(seeds: Path) -> None:
    found, _ = read(seeds / "seed-004.txt")
    read_ = ledger(found)
    main = [task for task in read_.tasks if task.kind == "task"]

    assert [task.no for task in main] == [str(number) for number in range(1, 32)]
    assert len(read_.tasks) <= 37
    total = next(total for total in read_.totals if total.parts and total.of_tasks)
    assert ([int(part.value) for part in total.parts], total.result) == ([26, 5], "agreed")
    assert {int(check.found) for check in total.checks if check.rule in ("sum", "rows")} == {31}


def test_every_deadline_of_the_inspection_report_is_normalised(seeds: Path) -> None:
    found, _ = read(seeds / "seed-004.txt")
    held = {when.text: when for task in ledger(found).tasks for when in task.deadlines}

    assert held["12月底前"].end_date == "2023-12-31"
    assert held["2024年3月底前"].end_date == "2024-03-31"
    assert held["每半年"].every == "FREQ=MONTHLY;INTERVAL=6"
    assert all(when.end_date or when.every or when.kind in ("none", "within") for when in held.values())


@pytest.mark.parametrize(("name", "count"), [("seed-000", 11), ("seed-001", 14), ("seed-002", 18), ("seed-003", 18)])
def test_the_other_real_documents_have_their_tasks(seeds: Path, name: str, count: int) -> None:
    found, _ = read(seeds / f"{name}.txt")

    assert sum(task.kind == "task" for task in ledger(found).tasks) == count


def test_the_measures_of_each_body_are_its_tasks(seeds: Path) -> None:
    found, _ = read(seeds / "seed-001.txt")
    bodies = [task.duties[0].unit for task in ledger(found).tasks]

    assert [bodies.count(body) for body in dict.fromkeys(bodies)] == [3, 3, 4, 4]
    assert all(body[-1] in "局办" for body in bodies)


# --- properties, speed ---

PIECES = st.lists(
    st.sampled_from(
        ["一、", "（一）", "1.", "(1)", "一是", "重点任务", "台账不全", "由市水利局牵头", "2025年5月底前", "2月30日前", "已完成", "31个问题", "|", "\n", "。", "；", "；\n", "：",
         "任务|牵头单位|时限\n", "附件1\n", "截至10月25日", "其中", "79%", "《", "》", "的", " "]
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_any_text_has_a_ledger_whose_spans_are_exact(pieces: list[str]) -> None:
    text = "".join(pieces) or "。"
    if not text.strip():
        return
    found = document(text)
    read_ = ledger(found)

    assert len({task.id for task in read_.tasks}) == len(read_.tasks)
    for task in read_.tasks:
        assert 0 <= task.start < task.end <= len(text)
        assert task.kind in KINDS
        assert all(text[duty.start : duty.end] == duty.unit for duty in task.duties)
        assert all(text[when.start : when.end] == when.text for when in task.deadlines)
    assert all(0 <= total.start < total.end <= len(text) for total in read_.totals)


@pytest.mark.parametrize(
    "piece",
    [
        "1.台账不全。已完成31个问题，",
        "任务|牵头单位|",
        "（一）",
        "3个方面31个问题，其中",
        "工作",
        "《",
        "本年度",
        "一是",
        "31个",
        "79%，率",
    ],
)
def test_no_text_of_one_piece_takes_long(piece: str) -> None:
    found = document(piece * (10_000 // len(piece)))
    began = time.process_time()

    ledger(found)

    assert time.process_time() - began < 2  # a bound against runaway patterns, no benchmark


# --- the same matter in several documents ---


def store(folder: Path, *texts: tuple[str, str]) -> Corpus:
    corpus = Corpus.open(folder, write=True)
    corpus.add([Entry(name, document(text), text.encode()) for name, text in texts])
    return corpus


MID = """东湾市防汛工作进展情况
东湾市人民政府办公室
2025年6月10日
一、任务进展
1．险段加固。由市水利局牵头，已完成12处加固，全部销号。
2．河道清理。由市城市管理局牵头，正在清理。
"""
END = """东湾市防汛工作总结
东湾市人民政府办公室
2025年12月20日
一、任务完成情况
1．加固险段。由市水利局牵头，仍在推进，2026年3月底前完成。
"""
OTHER = """西湾市防汛工作进展情况
西湾市人民政府办公室
2025年6月10日
一、任务进展
1．加固险段。由市水利局牵头，已完成加固。
"""


def test_the_same_matter_is_linked_across_documents_and_contradictions_are_shown(tmp_path: Path) -> None:
    corpus = store(tmp_path, ("plan.txt", PLAN), ("mid.txt", MID), ("end.txt", END), ("other.txt", OTHER))
    tasks_ = corpus.tasks()
    (row,) = [row for row in tasks_.each(TaskWhere()) if row.source == "plan.txt" and row.no == "1"]

    (linked,) = with_same(tasks_, [row])

    assert [(item["source"], item["status"]["kind"]) for item in linked.same or ()] == [
        ("mid.txt", "closed"),
        ("end.txt", "in_progress"),
    ]
    assert {item["field"] for item in linked.contradictions} == {"status"}
    assert [value["doc_title"] for value in linked.contradictions[0]["values"]] == [
        "东湾市防汛工作进展情况",
        "东湾市防汛工作总结",
    ]


def test_matters_of_another_place_are_not_the_same(tmp_path: Path) -> None:
    corpus = store(tmp_path, ("plan.txt", PLAN), ("other.txt", OTHER))
    rows: dict[str, TaskRow] = {row.source: row for row in corpus.tasks().each(TaskWhere()) if row.no == "1"}

    assert likeness(rows["plan.txt"], rows["other.txt"]) == 0
    assert same(corpus.tasks(), rows["plan.txt"]) == []


def test_the_ids_of_tasks_are_the_same_wherever_and_however_often_a_file_is_taken_in(tmp_path: Path) -> None:
    first = store(tmp_path / "a", ("plan.txt", PLAN), ("mid.txt", MID))
    second = store(tmp_path / "b", ("moved/mid.txt", MID), ("moved/plan.txt", PLAN), ("plan.txt", PLAN))

    ids = [{row.id for row in corpus.tasks().each(TaskWhere(kinds=KINDS))} for corpus in (first, second)]

    assert ids[0] == ids[1]
    assert all(re.fullmatch(r"[0-9a-f]{16}", id_) for id_ in ids[0])


# --- layouts that other documents have ---


def test_cases_that_are_called_task_or_problem_with_a_number_are_items() -> None:
    lines = "二、整改进展\n{}闸门锈蚀\n牵头单位：市水利局\n整改时限：2025年6月底前\n{}渠道淤堵\n责任单位：东湾镇政府\n"
    for first, second in (
        ("任务一　", "任务二　"),
        ("（问题1）", "（问题2）"),
        ("【整改任务1】", "【整改任务2】"),
        ("问题一：", "问题二："),
    ):
        found = tasks(lines.format(first, second))

        assert [(task.no, task.title, task.duties[0].unit) for task in found] == [
            ("1", "闸门锈蚀", "市水利局"),
            ("2", "渠道淤堵", "东湾镇政府"),
        ]


def test_cases_stand_under_bracketed_items_or_hold_them() -> None:
    under = tasks(
        "二、整改进展\n（一）水利方面\n问题一：闸门锈蚀。已更换。\n（二）道路方面\n问题二：路面破损。已修补。\n"
    )
    over = tasks("二、整改进展\n问题一：闸门锈蚀\n（一）更换闸门。由市水利局负责。\n（二）定期保养。由东湾镇负责。\n")

    assert [task.path[1:] for task in under] == [("（一）水利方面",), ("（二）道路方面",)]
    assert [task.path[1:] for task in over] == [("问题一：闸门锈蚀",)] * 2


def test_numerals_without_a_mark_head_a_document_that_counts_with_them_and_are_words_elsewhere() -> None:
    text = "一 申报条件\n有场地。\n二 办理步骤\n（一）初审。东湾镇政府3月底前完成。\n三 联系方式\n电话略。\n"

    assert {path for task in ledger(document(text)).tasks for path in task.path} == {"二办理步骤"}
    assert not tasks("一 起来看\n今天晴。\n")


def test_a_number_of_things_behind_the_number_of_an_item_is_no_decimal() -> None:
    text = "二、存在问题\n（一）水利审计\n1.4个闸门未检修。\n2.12处渠道淤堵。\n3.2个泵站停用。\n"

    assert [(task.no, task.title) for task in tasks(text)] == [
        ("1", "4个闸门未检修"),
        ("2", "12处渠道淤堵"),
        ("3", "2个泵站停用"),
    ]


TRACKED = """禾安縣政府114年第2季列管案件辦理情形表
製表日期：114年7月10日
說明：
一、依據本府管考要點辦理。
二、各機關應按月填報。
一、列管編號114-051　步道整修
主辦機關：工務處　　協辦機關：農業處、觀光處
預定進度：100%　　實際進度：100%
管考建議：解除列管。
二、列管編號114-052　路燈汰換
主辦機關：建設處　　協辦機關：各鄉鎮市公所
預定進度：100%　　實際進度：62%
預計完成日期：原定114年8月31日，經核定展延至114年12月31日。
管考建議：繼續列管。
"""


def test_a_table_of_tracked_cases_without_lines_is_read_and_its_notes_are_no_tasks() -> None:
    found = tasks(TRACKED)

    assert [task.title for task in found] == ["列管編號114-051　步道整修", "列管編號114-052　路燈汰換"]
    assert [[(duty.unit, duty.role) for duty in task.duties] for task in found] == [
        [("工務處", "lead"), ("農業處", "partner"), ("觀光處", "partner")],
        [("建設處", "lead"), ("各鄉鎮市公所", "partner")],
    ]
    assert [task.status.kind for task in found] == ["closed", "in_progress"]


def test_of_a_deadline_that_was_moved_the_new_one_counts_and_the_old_one_is_flagged() -> None:
    (task,) = tasks(
        "禾安市整改报告\n2025年3月1日\n一、整改情况\n1.闸门锈蚀。整改时限由2025年6月底前调整为2025年12月底前。\n"
    )

    assert [(when.text, when.end_date, when.flags) for when in task.deadlines] == [
        ("2025年6月底前", None, ("superseded",)),
        ("2025年12月底前", "2025-12-31", ()),
    ]
    assert task.due == ("2025-12-31", "2025-12-31")
    assert "deadline_superseded" in task.flags


@pytest.mark.parametrize(
    "words",
    [
        "对1990年以前建成的房屋全面排查",
        "审批由7个工作日压缩到3个工作日",
        "评为D级的企业一年内不得承接项目",
    ],
)
def test_what_only_says_which_things_are_meant_or_what_came_of_it_is_no_deadline(words: str) -> None:
    (task,) = tasks(f"禾安市整改报告\n2025年3月1日\n一、整改情况\n1.管理不严。{words}。\n")

    assert task.deadlines == ()


def test_a_bad_report_says_that_a_matter_is_not_done() -> None:
    rows = "一、督查情况\n1.修桥。仅完成2处。\n2.修路。截至5月20日未公布方案。\n3.修渠。进度滞后。\n4.清淤。达到序时进度。\n"

    assert {task.status.kind for task in tasks(rows)} == {"in_progress"}
