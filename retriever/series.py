"""Series: documents of which a later one goes on with what an earlier one reported."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from ingest.fold import fold
from retriever.passage import Source

_ALIKE = 78  # of 100: titles of one series, without their years and numbers
_NUMBERS = re.compile(
    r"[\d〇○零一二三四五六七八九十]+[年月日次期批号]?|[()（）《》]|中期|终期|续报|首次|情况|报告|通报|总结"
)


def series(sources: Sequence[Source]) -> dict[str, int]:
    """Return, by id, 1 for the latest document of each series among `sources` and -1 for the earlier ones.

    A series has titles that differ in little but numbers, and last words of different days. Documents of none are left
    out.
    """
    ages: dict[str, int] = {}
    titles = {source.document.id: _NUMBERS.sub("", fold(source.title)) for source in sources}
    for one, other in itertools.combinations(sources, 2):
        days = one.last_word, other.last_word
        if None in days or days[0] == days[1]:
            continue
        if fuzz.ratio(titles[one.document.id], titles[other.document.id]) < _ALIKE:
            continue
        late, early = (one, other) if str(days[0]) > str(days[1]) else (other, one)
        ages.setdefault(late.document.id, 1)
        ages[early.document.id] = -1
    return ages
