"""Series: a later report goes on with an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.read import parse
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake
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


FIRST = """岚门市农村公路整治专班情况通报（第一期）

截至2025年3月31日，全市排查隐患路段128处，已整治46处。护栏安装由市公路中心牵头，2025年8月底前完成。

岚门市农村公路整治专班
2025年4月3日
"""
SECOND = """岚门市农村公路整治专班情况通报（第二期）

截至2025年6月30日，全市排查隐患路段135处，已整治92处。护栏安装由市交通运输局牵头，2025年11月底前完成。

岚门市农村公路整治专班
2025年7月4日
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("series")
    (folder / "first.txt").write_text(FIRST, encoding="utf-8")
    (folder / "second.txt").write_text(SECOND, encoding="utf-8")
    intake(folder / "store", [folder / "first.txt", folder / "second.txt"], embedder())
    with Retriever.open(folder / "store") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "later", "earlier"),
    [
        ("岚门市排查出农村公路隐患路段多少处？", "135处", "128处"),
        ("岚门农村公路护栏安装哪家牵头？", "市交通运输局", "市公路中心"),
        ("岚门农村公路护栏安装什么时候完成？", "2025年11月底", "2025年8月底"),
    ],
)
def test_documents_that_disagree_are_both_shown_the_later_one_first(
    retriever: Retriever, question: str, later: str, earlier: str
) -> None:
    answer = retriever.answer(question)

    assert [citation.source.rpartition("/")[2] for citation in answer.citations] == ["second.txt", "first.txt"]
    assert answer.claims[-1].text == f"两份文件的记载不同：较新的是{later}，较早的是{earlier}。"


def test_a_question_of_one_day_is_answered_from_the_document_of_that_day_alone(retriever: Retriever) -> None:
    answer = retriever.answer("岚门市截至2025年3月31日排查出隐患路段多少处？")

    assert {citation.source.rpartition("/")[2] for citation in answer.citations} == {"first.txt"}
    assert all(claim.rule is None for claim in answer.claims)
