"""Derivations: recomputed from operands that stand in what is cited, and from nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from retriever.claim import Citation
from retriever.derivation import (
    Cell,
    Count,
    Dated,
    Difference,
    Disagreement,
    Earlier,
    Operand,
    Rate,
    Sum,
    Within,
)
from retriever.tally import _until

QUOTE = "新增床位120张，改造床位80张，入住率由75%升至90%；截至2024年9月，余下的12月底前完成。"
CITED = [Citation(1, "d", "床位通报", "a.txt", (), 0, len(QUOTE), QUOTE)]


def operand(words: str) -> Operand:
    at = QUOTE.index(words)
    return Operand(1, at, at + len(words))


def test_sums_differences_and_shares_are_recomputed_with_their_unit() -> None:
    one, other = operand("120张"), operand("80张")

    assert Sum((one, other)).words(CITED) == "200张"
    assert Difference(one, other).words(CITED) == "40张"
    assert Difference(operand("90%"), operand("75%")).words(CITED) == "15个百分点"
    assert Rate(other, one).words(CITED) == "66.7%"


def test_a_day_takes_the_year_of_its_anchor() -> None:
    assert Dated(operand("12月底"), operand("2024年9月")).words(CITED) == "2024-12-31"


def test_what_does_not_stand_there_or_is_of_two_kinds_gives_nothing() -> None:
    assert Sum((operand("120张"), operand("75%"))).words(CITED) is None
    assert Sum((operand("120张"), operand("120张"))).words(CITED) is None
    assert Sum((operand("120张"), operand("80张"))).words([]) is None
    assert Count("事项", ("a", "a")).words(CITED) is None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("24年内要完的是哪几项", "2025-01-01"),
        ("2025年6月底前到期的有哪些", "2025-07-01"),
        ("114年底前要完成的有哪些", None),
        ("2024年已完成的有哪些", None),
    ],
)
def test_a_year_or_month_up_to_which_deadlines_are_asked_for(words: str, day: str | None) -> None:
    assert _until(words) == day


def cited(*quotes: str) -> list[Citation]:
    return [Citation(n, f"d{n}", "通报", "a.txt", (), 0, len(quote), quote) for n, quote in enumerate(quotes, 1)]


def place(n: int, quote: str, words: str) -> Operand:
    return Operand(n, quote.index(words), quote.index(words) + len(words))


def test_an_earlier_value_is_gone_back_to_the_way_the_quote_says_and_no_other() -> None:
    rose = "2025年安排6.2亿元，比上年增加0.7亿元。"
    fell = "接警517起，比2023年减少88起。"
    plain = "接警517起，另有88起。"

    found = Earlier(place(1, rose, "6.2亿元"), place(1, rose, "0.7亿元"), place(1, rose, "2025年")).words(cited(rose))
    assert found == "2024年：5.5亿元（由“6.2亿元”“比上年增加0.7亿元”推算）。"
    found = Earlier(place(1, fell, "517起"), place(1, fell, "88起")).words(cited(fell))
    assert found == "2023年：605起（由“517起”“比2023年减少88起”推算）。"
    assert Earlier(place(1, plain, "517起"), place(1, plain, "88起")).words(cited(plain)) is None


def test_rows_within_a_limit_are_counted_only_if_each_is() -> None:
    rows = "甲 | 45%", "乙 | 62%"
    operands = place(1, rows[0], "45%"), place(2, rows[1], "62%")

    assert Within(operands, ">", Decimal(40), "进度超过40%的").words(cited(*rows)) == "进度超过40%的共2项："
    assert Within(operands, ">", Decimal(50), "进度超过50%的").words(cited(*rows)) is None
    assert Within(operands[:1] * 2, ">", Decimal(40)).words(cited(*rows)) is None


def test_a_cell_is_not_cut_out_of_a_longer_number() -> None:
    row = "| 青石路 | 1200 |"

    assert Cell(1, (2, 5), (8, 12)).words(cited(row)) == "青石路（1200）"
    assert Cell(1, (2, 5), (8, 10)).words(cited(row)) is None


def test_two_documents_disagree_only_where_their_values_differ() -> None:
    one, other = "已整治46处。", "已整治92处。"

    found = Disagreement(place(2, other, "92处"), place(1, one, "46处")).words(cited(one, other))
    assert found == "两份文件的记载不同：较新的是92处，较早的是46处。"
    assert Disagreement(place(1, one, "46处"), place(2, one, "46处")).words(cited(one, one)) is None
