"""Derivations: recomputed from operands that stand in what is cited, and from nothing else."""

from __future__ import annotations

import pytest

from retriever.claim import Citation
from retriever.derivation import Count, Dated, Difference, Operand, Rate, Sum
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
