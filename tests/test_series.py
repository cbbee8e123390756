"""Series: a later report goes on with an earlier one."""

from __future__ import annotations

from ingest.read import parse
from retriever.passage import Source
from retriever.series import series


def source(title: str, day: str) -> Source:
    return Source(parse(f"{title}\n\n截至{day}，整改任务进展如下。\n一、总体情况\n略。\n".encode()), title, title)


def test_the_latest_of_documents_with_one_title_is_told_from_the_earlier_ones() -> None:
    first = source("芦港市环境保护督察整改情况报告", "2024年10月31日")
    second = source("芦港市环境保护督察整改进展情况（第二次续报）", "2025年6月30日")
    other = source("芦港市老年人助餐服务管理办法", "2025年7月1日")

    assert series([first, second, other]) == {first.document.id: -1, second.document.id: 1}


def test_documents_of_one_day_or_of_two_places_are_no_series() -> None:
    here = source("芦港市环境保护督察整改情况报告", "2024年10月31日")
    same = source("芦港市环境保护督察整改情况报告（续）", "2024年10月31日")
    there = source("绵岭县农村公路养护年度工作计划", "2025年10月31日")

    assert series([here, same, there]) == {}
