"""What follows from figures: the value before a change, sums and differences of two things, shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

HOTLINE = """湖津市城市管理局2025年第二季度热线办理通报

单位　受理　按期办结　逾期
临溪区　320　301　19
望山县　214　210　4
古渡镇　98　80　18
合计　632　591　41

满意率91.5%，比一季度下降1.2个百分点。2025年安排热线经费860万元，比上年增加95万元。

湖津市城市管理局
2025年7月3日
"""
CANTEENS = """湖津市校园食堂提升工程通报

截至2024年6月30日，全市计划改造食堂60个，已完成27个。其中，临溪区投入360万元，望山县投入290万元。

湖津市教育局
2024年7月10日
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("calculation")
    (folder / "hotline.txt").write_text(HOTLINE, encoding="utf-8")
    (folder / "canteens.txt").write_text(CANTEENS, encoding="utf-8")
    intake(folder / "store", sorted(folder.glob("*.txt")), embedder())
    with Retriever.open(folder / "store") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("湖津热线一季度满意率是多少？", "92.7%"),
        ("湖津2024年热线经费多少万元？", "765万元"),
        ("临溪区和望山县热线一共受理多少件？", "534"),
        ("湖津校园食堂改造完成了百分之几？", "45%"),
        ("湖津校园食堂投入，临溪区比望山县多多少万元？", "70万元"),
    ],
)
def test_what_no_sentence_states_is_calculated_from_those_that_are_cited(
    retriever: Retriever, question: str, value: str
) -> None:
    answer = retriever.answer(question)

    assert answer.grade == "answer"
    assert value in answer.text
    assert answer.claims[0].rule is not None


@pytest.mark.parametrize(
    "question",
    [
        "湖津热线满意率比一季度下降了多少？",
        "湖津热线一共受理多少件？",
        "湖津2023年热线经费多少？",
        "古渡镇热线经费多少？",
    ],
)
def test_what_is_stated_is_quoted_and_what_lacks_an_operand_is_not_calculated(
    retriever: Retriever, question: str
) -> None:
    answer = retriever.answer(question)

    assert all(claim.rule is None for claim in answer.claims)


def test_every_number_of_a_calculated_answer_is_its_result_or_stands_in_a_citation(retriever: Retriever) -> None:
    answer = retriever.answer("临溪区和望山县热线一共受理多少件？")
    quoted = " ".join(citation.quote for citation in answer.citations)

    assert set(re.findall(r"\d+", answer.claims[0].text)) - set(re.findall(r"\d+", quoted)) == {"534"}
