"""Running heads: what stands at the top or bottom of page after page (headers, footers, page numbers)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from ingest.read.column import Row, rows
from ingest.read.sheet import Print, Sheet

_ZONE = 0.13  # of the page's height; GB/T 9704-2012, 5.2.1: the text begins 37 mm below the edge of 297
_LAST = 2  # lines at each end of a page that may be running heads
_OFTEN = 3  # pages on which a line has to stand (two, of a document of two pages)
_NUMBER = re.compile(r"\d{1,4}")
# GB/T 9704-2012, 7.5: a dash on both sides of the number; and what other programs print.
_DASHED = re.compile(r"[—–\-－]+\s*\d{1,4}\s*[—–\-－]+|第\s*\d{1,4}\s*[页頁].*|\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d.*")
_NOTHING = re.compile(r"附[件表录錄]")  # stands at the top of a page, and is a heading


def running(sheets: Sequence[Sheet]) -> dict[int, list[Row]]:
    """Return the running heads by page number, from top to bottom."""
    ends: list[tuple[Sheet, Row, bool]] = []
    for sheet in sheets:
        lines = rows([p for p in sheet.prints if not _ZONE < _middle(p.box, sheet) < 1 - _ZONE])
        above = [line for line in lines if _middle(line.box, sheet) <= _ZONE][:_LAST]
        below = [line for line in lines if _middle(line.box, sheet) >= 1 - _ZONE][-_LAST:]
        ends += [(sheet, line, True) for line in above] + [(sheet, line, False) for line in below]
    often = min(_OFTEN, max(2, len(sheets)))
    same: dict[tuple[str, bool, int], set[int]] = defaultdict(set)
    counted: dict[tuple[str, bool, int], set[int]] = defaultdict(set)
    for sheet, line, top in ends:
        for near in (-1, 0, 1):
            same[(_bare(line.words), top, round(line.box[1] / 6) + near)].add(sheet.number)
        for number in _NUMBER.findall(line.words):
            counted[(_NUMBER.sub("#", _bare(line.words)), top, int(number) - sheet.number)].add(sheet.number)
    found: dict[int, list[Row]] = defaultdict(list)
    for sheet, line, top in ends:
        words = _bare(line.words)
        if _NOTHING.match(words):
            continue
        repeats = len(same[(words, top, round(line.box[1] / 6))]) >= often and len(words) <= 60
        pattern = _NUMBER.sub("#", words)
        counts = any(
            len(counted[(pattern, top, int(number) - sheet.number)]) >= often for number in _NUMBER.findall(line.words)
        )
        alone = not top and (_DASHED.fullmatch(line.words.strip()) is not None or words == str(sheet.number))
        if repeats or alone or (counts and len(words) <= 40):
            found[sheet.number].append(line)
    return dict(found)


def prints_of(sheet: Sheet, heads: Sequence[Row]) -> list[Print]:
    """Return the prints of a page that its running heads are made of."""
    return [
        item
        for item in sheet.prints
        if any(h.box[1] - 1 <= (item.box[1] + item.box[3]) / 2 <= h.box[3] + 1 for h in heads)
        and not _ZONE < _middle(item.box, sheet) < 1 - _ZONE
    ]


def _middle(box: tuple[float, float, float, float], sheet: Sheet) -> float:
    """Return how far down the page the middle of a box stands, 0 to 1."""
    return (box[1] + box[3]) / 2 / max(sheet.height, 1.0)


def _bare(words: str) -> str:
    return re.sub(r"\s+", "", words)
