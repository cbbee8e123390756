"""The number, the date and the issuer of a document are what it states of itself, not what stands in its sentences."""

from __future__ import annotations

import pytest

from retriever import Retriever


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("嵐浦森林防火那個通知幾號文？", ["嵐政辦發〔2024〕15號"]),
        ("岚浦市森林防火通知的文号是多少？什么时候印发的？", ["嵐政辦發〔2024〕15號", "2024年10月21日"]),
        ("What is the document number of the Lanpu forest fire prevention notice?", ["嵐政辦發〔2024〕15號"]),
        ("森林防火通知是哪个单位发的？", ["嵐浦市人民政府辦公室"]),
    ],
)
def test_the_imprint_of_the_document_that_is_named_is_the_answer(
    demo: Retriever, question: str, said: list[str]
) -> None:
    answer = demo.answer(question)

    assert [claim.text for claim in answer.claims] == said
    assert [citation.quote for citation in answer.citations] == said


def test_a_follow_up_asks_for_the_imprint_of_the_document_it_goes_on_with(demo: Retriever) -> None:
    answer = demo.answer("文号呢？", history=["苇溪河治理方案是哪天印发的？"])

    assert answer.text == "汀政办发〔2024〕22号[1]"


def test_what_a_document_does_not_state_of_itself_is_missing(demo: Retriever) -> None:
    titles = [row.title for row in demo.documents() if demo.document(row.doc).number is None]

    answer = demo.answer(f"《{titles[0]}》的文号是多少？")

    assert answer.abstained
    assert "没有写明文号" in answer.text


def test_the_day_of_a_document_that_is_only_spoken_of_is_no_imprint(demo: Retriever) -> None:
    answer = demo.answer("局党组巡察整改工作方案是哪天印发的？")

    assert "7月12日" in answer.text


def test_a_second_part_that_only_says_when_or_who_asks_for_the_same_document(demo: Retriever) -> None:
    answer = demo.answer("岚浦森林防火的通知是谁印发的，哪天？")

    assert [claim.text for claim in answer.claims] == ["嵐浦市人民政府辦公室", "2024年10月21日"]
