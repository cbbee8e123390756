"""Selection: which rows or items a question means by what stands in a field of each."""

from __future__ import annotations

import pytest

from ingest.fold import fold
from ingest.read import parse
from retriever.passage import Source
from retriever.selection import selection

TABLE = """松湾县便民服务提升责任清单

| 序号 | 事项 | 分管领导 | 主办单位 | 协同单位 | 完成标准 | 状态 |
|---|---|---|---|---|---|---|
| A1 | 延长窗口时间 | 分管政务副县长 | 县政务服务局 | 县人社局 | 周末开放 | 解除督办 |
| A2 | 增设自助终端 | 分管政务副县长 | 县政务服务局 | 县财政局 | 覆盖12个乡镇 | 继续督办 |
| A3 | 统一预约平台 | 分管信息副县长 | 县大数据中心 | 县卫生健康局 | 接入18家 | 解除督办 |
| A4 | 上门办理 | 分管民政副县长 | 县民政局 | 县卫生健康局 | 每周两次 | 继续督办 |
"""
ITEMS = """兰坪学院整改公示
一、学科方面
第1项 专业设置重复
整改状态：正在推进。
第2项 导师考核松散
整改状态：已完成。
二、后勤方面
第3项 宿舍改造迟缓（红色）
整改状态：暂缓实施。
第4项 食堂价格偏高
整改状态：已完成。
"""


def chosen(text: str, question: str, context: str = "") -> list[str] | None:
    source = Source(parse(text.encode()), text.splitlines()[0], "a.md")
    found = selection(fold(question), fold(context), [source])
    return None if found is None else [record.name.of(text) for record in found.records]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("松湾清单里，县政务服务局主办的是哪两项？", ["延长窗口时间", "增设自助终端"]),
        ("县政務服務局主辦的有哪些？", ["延长窗口时间", "增设自助终端"]),
        ("县卫健局协同的有哪几项", ["统一预约平台", "上门办理"]),
        ("哪几项已经解除督办了", ["延长窗口时间", "统一预约平台"]),
        ("状态写继续督办的是哪几项", ["增设自助终端", "上门办理"]),
        ("分管政务副县长管的任务有哪些", ["延长窗口时间", "增设自助终端"]),
    ],
)
def test_the_rows_are_those_whose_cell_says_what_the_question_says(question: str, names: list[str]) -> None:
    assert chosen(TABLE, question) == names


def test_the_items_are_those_whose_line_says_so_under_whatever_heading() -> None:
    assert chosen(ITEMS, "整改状态写着已完成的是哪几项") == ["第2项 导师考核松散", "第4项 食堂价格偏高"]
    assert chosen(ITEMS, "亮红色的是哪项") == ["第3项 宿舍改造迟缓（红色）"]


def test_a_follow_up_takes_over_what_it_leaves_out() -> None:
    assert chosen(TABLE, "那县民政局呢", "松湾清单里，县政务服务局主办的是哪两项？") == ["上门办理"]


@pytest.mark.parametrize(
    "question",
    [
        "县政务服务局主办的是哪三项？",  # it is two: the question means others
        "县水务局主办的有哪些？",
        "上门办理由哪些单位协同？",  # bodies, no rows
        "协同单位都有哪些？",
        "县政务服务局去年接待的游客主要来自哪几类景点",
        "窗口几点关门？",
    ],
)
def test_what_no_field_says_chooses_nothing(question: str) -> None:
    assert chosen(TABLE, question) is None
