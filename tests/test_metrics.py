"""The measures: the rules of comparison, and each figure by hand on a few cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import (
    Passage,
    Score,
    citation_precision,
    citation_recall,
    exact,
    fact_recall,
    figures,
    figures_by,
    holds,
    missed_facts,
    percentile,
    reciprocal_rank,
    right,
    words,
)


def score(**changes: object) -> Score:
    whole = {
        "answerable": True,
        "abstained": False,
        "fact_recall": 1.0,
        "right": True,
        "precision": 1.0,
        "recall": 1.0,
        "exact": 1,
        "citations": 1,
        "length": 10,
        "elapsed_ms": 5.0,
    }
    return Score(**{**whole, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("已整改销号26个，仍在推进5个。", "26个"),
        ("已銷號26個", "26个"),  # script of the answer
        ("已销号26个", "２６個"),  # script and width of the form
        ("优良率 95.0 %", "95.0%"),
        ("优良率95．0％", "95.0%"),  # full-width point and per cent
        ("共 1,368 个", "1368个"),
        ("共1368个", "1,368"),
        ("标准为DB50/848-2021一级标准", "db50/848—2021"),
        ("不发通知、不打招呼", "不发通知不打招呼"),
        ("期限为2023-12-31。", "2023-12-31"),
        ("2023-12-31前", "2023"),  # a hyphen parts numbers
        ("序号26 5个", "5个"),  # a blank parts numbers
        ("分别为26，265个", "265个"),  # a full-width comma parts numbers
        ("分别为1、26、265", "26"),
        ("①26个", "26个"),  # a label is no part of the number behind it
        ("上升六个百分点", "六个百分点"),
        ("约4900万元", "4900万"),
        ("October 25, 2023", "october 25"),
        ("第七巡察组", "第七巡察组"),
        ("第265个和第26个", "26"),  # a later place counts
    ],
)
def test_a_form_is_held_whatever_its_script_width_case_and_punctuation(answer: str, form: str) -> None:
    assert holds(answer, form)


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("共265天", "26"),
        ("共126个", "26个"),
        ("增长5.26个", "26个"),
        ("率为26.5%", "26"),
        ("共1,368个", "368个"),
        ("共26万个", "26"),
        ("二十日内", "十日"),
        ("十二日内", "十"),
        ("第三十五条", "三十"),
        ("第三十五条", "五条"),
        ("95.05%", "95.0%"),
        ("已销号", "未销号"),
        ("", "26"),
        ("任何文字", "。"),
    ],
)
def test_a_number_is_not_part_of_a_longer_number(answer: str, form: str) -> None:
    assert not holds(answer, form)


def test_citation_markers_are_no_words_of_the_answer_but_other_brackets_are() -> None:
    said = words("共26[1][2]个，见[3]", markers=[1, 2])

    assert said == "共26个，见[3]"
    assert holds(words("共26 [1]", [1]), "26")
    assert not holds(words("共26 [1]", [1]), "1")


@given(st.text(alphabet="一二十百0123456789.,，、 个①[]", max_size=12), st.text(alphabet="十二01259.个", max_size=4))
def test_holding_is_what_a_reader_of_the_whole_text_finds_too(answer: str, form: str) -> None:
    # Words around the answer, parted from it, change nothing.
    assert holds(f"甲。{answer}。乙", form) == holds(answer, form)


def test_fact_recall_is_the_share_of_facts_with_a_form_in_the_answer() -> None:
    facts = [["26个"], ["5个", "五个"], ["全部完成"]]

    assert fact_recall("销号26个，剩五个", facts) == pytest.approx(2 / 3)
    assert fact_recall(None, facts) == 0.0
    assert missed_facts("销号26个，剩五个", facts) == [["全部完成"]]


def test_passages_overlap_in_the_same_document_by_one_character_at_least() -> None:
    evidence = Passage("a", 10, 20)

    assert evidence.overlaps(Passage("a", 19, 30))
    assert not evidence.overlaps(Passage("a", 20, 30))
    assert not evidence.overlaps(Passage("a", 0, 10))
    assert not evidence.overlaps(Passage("b", 10, 20))


def test_citation_precision_is_the_share_of_citations_that_overlap_evidence() -> None:
    evidence = [[Passage("a", 10, 20), Passage("a", 50, 60)], [Passage("b", 0, 5)]]

    assert citation_precision([Passage("a", 55, 58), Passage("a", 30, 40)], evidence) == 0.5
    assert citation_precision([Passage("b", 4, 9)], evidence) == 1.0
    assert citation_precision([], evidence) == 0.0


def test_citation_recall_is_the_share_of_evidence_that_some_citation_overlaps() -> None:
    evidence = [[Passage("a", 10, 20), Passage("a", 50, 60)], [Passage("b", 0, 5)]]

    assert citation_recall([Passage("a", 55, 58), Passage("a", 10, 12)], evidence) == 0.5
    assert citation_recall([Passage("a", 0, 100), Passage("b", 0, 1)], evidence) == 1.0
    assert citation_recall([], evidence) == 0.0


def test_right_needs_all_facts_and_a_citation_on_the_evidence() -> None:
    assert right("26个", [["26个"]], recall=0.5)
    assert not right("26个", [["26个"]], recall=0.0)
    assert not right("26个", [["26个"], ["5个"]], recall=1.0)
    assert not right(None, [["26个"]], recall=1.0)


def test_a_citation_is_exact_where_its_quote_stands_at_its_span() -> None:
    texts = {"a": "甲乙丙丁"}

    assert exact({"doc": "a", "start": 1, "end": 3, "quote": "乙丙"}, texts)
    assert not exact({"doc": "a", "start": 0, "end": 2, "quote": "乙丙"}, texts)
    assert not exact({"doc": "a", "start": -3, "end": -1, "quote": "乙丙"}, texts)
    assert not exact({"doc": "a", "start": 1, "end": 1, "quote": ""}, texts)
    assert not exact({"doc": "a", "start": 2, "end": 9, "quote": "丙丁"}, texts)
    assert not exact({"doc": "b", "start": 1, "end": 3, "quote": "乙丙"}, texts)


def test_an_abstention_scores_zero_and_stays_in_the_mean_but_not_in_citation_precision() -> None:
    answered = score(precision=0.5)
    refused = score(abstained=True, fact_recall=0.0, right=False, precision=None, recall=0.0, exact=0, citations=0)

    got = figures([answered, refused])

    assert (got.cases, got.answerable, got.answered) == (2, 2, 1)
    assert (got.fact_recall, got.right, got.citation_recall) == (0.5, 0.5, 0.5)
    assert got.citation_precision == 0.5
    assert (got.abstention_precision, got.abstention_recall) == (0.0, None)


def test_unanswerable_cases_count_for_abstention_only() -> None:
    due = score(answerable=False, abstained=True, precision=None, fact_recall=0.0, right=False, recall=0.0)
    missed = score(answerable=False, abstained=False, precision=None, fact_recall=0.0, right=False, recall=0.0)
    undue = score(abstained=True, precision=None, fact_recall=0.0, right=False, recall=0.0)

    got = figures([score(), due, missed, undue])

    assert (got.fact_recall, got.right) == (0.5, 0.5)
    assert (got.abstention_precision, got.abstention_recall) == (0.5, 0.5)


def test_exactness_is_over_all_citations_of_all_answers() -> None:
    got = figures([score(exact=3, citations=3), score(answerable=False, exact=0, citations=1, precision=None)])

    assert got.exactness == 0.75


def test_figures_of_nothing_are_none_not_zero() -> None:
    got = figures([])

    assert got.cases == 0
    assert {got.fact_recall, got.exactness, got.abstention_precision, got.length, got.p95_ms} == {None}


def test_figures_by_group_keep_the_order_in_which_groups_occur() -> None:
    got = figures_by([("status", score()), ("count", score(right=False)), ("status", score(right=False))])

    assert [(group, part.cases, part.right) for group, part in got.items()] == [("status", 2, 0.5), ("count", 1, 0.0)]


def test_percentile_is_a_value_that_occurred() -> None:
    values = [40.0, 10.0, 30.0, 20.0]

    assert [percentile(values, percent) for percent in (0, 25, 50, 51, 95, 100)] == [10, 10, 20, 30, 40, 40]
    assert percentile([], 50) is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.1, 100))
def test_at_least_that_share_of_the_values_does_not_exceed_the_percentile(values: list[float], percent: float) -> None:
    found = percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values) - 1e-6


def test_reciprocal_rank_is_zero_below_the_depth() -> None:
    assert reciprocal_rank(["b", "a"], "a", 10) == 0.5
    assert reciprocal_rank(["b", "a"], "a", 1) == 0.0
    assert reciprocal_rank([], "a", 10) == 0.0
