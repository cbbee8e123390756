"""Numerals: those below a hundred are read without the library, to the same numbers."""

from __future__ import annotations

import pytest
from cn2an import an2cn, cn2an

from ingest.numeral import number


@pytest.mark.parametrize("value", range(1, 100))
def test_small_numerals_are_what_the_library_says(value: int) -> None:
    words = an2cn(value).removeprefix("一") if 10 <= value < 20 else an2cn(value)

    assert number(words) == value == int(cn2an(words, "smart"))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("十", 10),
        ("廿三", 23),
        ("两", 2),
        ("二〇二三", 2023),
        ("一百二十", 120),
        ("１２", 12),
        ("零", 0),
        ("", None),
        ("甲", None),
    ],
)
def test_other_numerals_are_read_by_the_library(words: str, value: int | None) -> None:
    assert number(words) == value
