"""Tables that lost their bars: one cell a line, below names one a line, or below a line that lists the names.

Pages that were copied as plain text are full of them. Where the rows are counted, each begins at the next number; else
each has as many lines as there are columns. A row with fewer or more lines (an empty cell, a wrapped one) is put into
the columns by what a line is: a number, bodies, a time, or other words.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.body import SUFFIX
from ingest.column import Column, column, header
from ingest.document import Span
from ingest.regex import regex
from ingest.sentence import trim

Cells = tuple[Span | None, ...]
"""The cells of a row by their columns, None where one is empty."""

_ANNOUNCED = regex(r"(?:依次|分别|顺序|列名|表头|栏目|各[列栏]).{0,6}?[为是:]+ ?(?P<names>[^。:]{6,120})")
_NAME = regex(r"(?P<name>[^、,，/|()]{1,12}(?:\([^()]{1,12}\))?)[、,，/|]?")
_TITLE = regex(r"[^\d。;:!?,、《》]{1,14}")  # a line that may be the name of a column
_COUNT = regex(r"\(?(?P<n>\d{1,3})\)?[、.]?")
_HEADING = regex(
    r"[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十\d]{1,3}[章节条]|附[件表]|备?注[:1-9]|说明:|合计|总计"
)
_MOST = 14  # columns; the widest table that was looked at had 12
_WRAPPED = 2  # times as many lines as columns: what a row may have
_TIME = regex(
    r"(?=.{2,40}$)(?:.*(?:\d ?[年月日]|年|季度|[今明后]年).{0,8}?(?:前|底|末|内|日|月|季度|[上中下]旬|起)?"
    r"|.{0,4}(?:长期|持续|常态|立行立改|即知即改|立即|即时|每[年季月周日]).{0,8})"
)
_UNIT = regex(
    rf"(?:各|有关|相关|所有).{{1,14}}|.{{1,22}}(?:{SUFFIX}|单位|部门|[县区市镇乡村州旗]|企业|学校|医院|学院|协会|电网|分行)"
)
_BETWEEN = regex(r"[、,;，；\s/]+|(?<=[局委办院会厅部府])[和与及](?=[市区县省各])")


@dataclass(frozen=True, slots=True)
class Stack:
    """A stacked table: the span of its header, the names of its columns (folded), its rows, and where the last ends."""

    head: Span
    names: tuple[str, ...]
    columns: tuple[Column | None, ...]
    rows: tuple[Cells, ...]
    end: int


def stack(folded: str, start: int, end: int) -> Stack | None:
    """Return the stacked table of which the line `start:end` names columns, or one column; None where it is none."""
    head = _announced(folded, start, end) or _stacked(folded, start, end)
    if head is None:
        return None
    span, names, columns = head
    if columns[0] == "no":
        rows = _counted(folded, span.end, columns)
    else:
        rows = _even(folded, span.end, columns)
    found = tuple(rows)
    if len(found) < (1 if columns[0] == "no" else 2):
        return None
    return Stack(span, names, columns, found, max(cell.end for cell in found[-1] if cell))


_Head = tuple[Span, tuple[str, ...], tuple[Column | None, ...]]


def _announced(folded: str, start: int, end: int) -> _Head | None:
    """Return the columns that a line lists: 表格各列依次为：序号、任务、责任单位、完成时限."""
    said = _ANNOUNCED.search(folded, start, end)
    if said is None:
        return None
    names = tuple(found["name"].strip() for found in _NAME.finditer(said["names"]))
    columns = header(names)
    return (trim(folded, start, end), names, columns) if columns and len(names) <= _MOST else None


def _stacked(folded: str, start: int, end: int) -> _Head | None:
    """Return the columns that short lines around `start:end` name, one a line."""
    here = trim(folded, start, end)
    if not _TITLE.fullmatch(folded, here.start, here.end) or column(here.of(folded)) is None:
        return None
    names = [here]
    for line in itertools.islice(_above(folded, start), _MOST):
        if column(names[0].of(folded)) == "no" or not _names(folded, line):
            break
        names.insert(0, line)
    counted = column(names[0].of(folded)) == "no"
    for line in itertools.islice(_below(folded, end), _MOST):
        if not _names(folded, line) or not (counted or column(line.of(folded))):
            break
        names.append(line)
    words = tuple(name.of(folded) for name in names)
    columns = header(words)
    if columns is None or not 2 < len(words) <= _MOST:
        return None
    return Span(names[0].start, names[-1].end), words, columns


def _names(folded: str, line: Span) -> bool:
    return bool(_TITLE.fullmatch(folded, line.start, line.end)) and not _HEADING.match(folded, line.start)


def _below(folded: str, at: int) -> Iterator[Span]:
    """Yield the lines below offset `at` that are not blank."""
    while at < len(folded):
        end = folded.find("\n", at)
        end = len(folded) if end < 0 else end
        line = trim(folded, at, end)
        if line.start < line.end:
            yield line
        at = end + 1


def _above(folded: str, at: int) -> Iterator[Span]:
    """Yield the lines above the one that begins at `at`, the nearest first."""
    while at > 0:
        start = folded.rfind("\n", 0, at - 1) + 1
        line = trim(folded, start, at - 1)
        if line.start < line.end:
            yield line
        at = start


def _counted(folded: str, at: int, columns: Sequence[Column | None]) -> Iterator[Cells]:
    """Yield the rows that are counted from one."""
    row: list[Span] = []
    least, most = (len(columns) + 1) // 2, _WRAPPED * len(columns)
    for line in _below(folded, at):
        wanted = 1
        if row:
            wanted = _number(folded, row[0]) + 1
            if _number(folded, line) != wanted or len(row) < least:
                if len(row) >= most or _HEADING.match(folded, line.start):
                    break
                row.append(line)
                continue
            yield placed(folded, row, columns)
        elif _number(folded, line) != wanted:
            return
        row = [line]
    if len(row) >= least:
        # Nothing shows where the last row ends: it has no more lines than there are columns.
        yield placed(folded, row[: len(columns)], columns)


def _number(folded: str, line: Span) -> int:
    found = _COUNT.fullmatch(folded, line.start, line.end)
    return int(found["n"]) if found else -1


def _even(folded: str, at: int, columns: Sequence[Column | None]) -> Iterator[Cells]:
    """Yield the rows that have as many lines as there are columns, as long as what stands in them fits."""
    lines = _below(folded, at)
    while len(row := list(itertools.islice(lines, len(columns)))) == len(columns):
        fits = [_fit(held, _sort(line.of(folded))) for held, line in zip(columns, row, strict=True)]
        if min(fits) < 0 or any(_HEADING.match(folded, line.start) for line in row):
            return
        yield tuple(row)


# --- which line stands in which column ---

_BODIES: frozenset[Column | None] = frozenset({"lead", "responsible", "partner", "supervisor"})
_IMPOSSIBLE = -6.0
_EMPTY: dict[Column | None, float] = {"no": -4.0, "task": -4.0, "lead": -1.5, "responsible": -1.5}  # else -1


def placed(folded: str, lines: Sequence[Span], columns: Sequence[Column | None]) -> Cells:
    """Return the lines of a row by columns, in their order: the likeliest way where there are too few or too many."""
    if len(lines) == len(columns):
        return tuple(lines)
    sorts = tuple(_sort(line.of(folded)) for line in lines)
    counts = _spread(sorts, tuple(columns))
    cells: list[Span | None] = []
    at = 0
    for count in counts:
        cells.append(Span(lines[at].start, lines[at + count - 1].end) if count else None)
        at += count
    return tuple(cells)


@functools.lru_cache(maxsize=512)
def _spread(sorts: tuple[str, ...], columns: tuple[Column | None, ...]) -> tuple[int, ...]:
    """Return how many of the lines each column takes, so that the sum of what fits is greatest."""
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for held in columns:
        then: dict[int, tuple[float, tuple[int, ...]]] = {}
        for taken, (score, counts) in best.items():
            gain = _EMPTY.get(held, -1.0)
            for count in range(len(sorts) - taken + 1):
                if count:
                    more = _fit(held, sorts[taken + count - 1])
                    gain = more if count == 1 else gain + min(more, 0.0) - 0.6
                if taken + count not in then or score + gain > then[taken + count][0]:
                    then[taken + count] = (score + gain, (*counts, count))
        best = then
    return best[len(sorts)][1]


def _fit(held: Column | None, sort: str) -> float:
    """Return how well a line of a sort stands in a column: above 0 well, below 0 badly."""
    if held == "no":
        return 2.0 if sort == "number" else _IMPOSSIBLE
    if held in _BODIES:
        return {"bodies": 3.0, "text": -2.0}.get(sort, -3.0)
    if held == "deadline":
        return {"time": 3.0, "number": 0.0}.get(sort, -3.0)
    if held in ("task", "measure"):
        return {"text": 1.0, "time": -0.5, "number": -2.0}.get(sort, -1.0)
    return 0.5 if sort == "text" else 0.0


def _sort(words: str) -> str:
    if _COUNT.fullmatch(words):
        return "number"
    if _TIME.fullmatch(words):
        return "time"
    bare = re.sub(r"\([^()]*\)", "", words).rstrip("。;,")
    parts = [part for part in _BETWEEN.split(bare) if part]
    return "bodies" if parts and all(_UNIT.fullmatch(part) for part in parts) else "text"
