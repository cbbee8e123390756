"""Reading order: the columns of a page, and the printed lines of each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.document import Box
from ingest.read.ruled import Ruled, cell_at, ruled
from ingest.read.sheet import Print, Sheet, glue, union

_LEAST = 4  # lines that a column has at least
_TEXT = 0.55  # of a column's width that its lines take, in the middle: labels beside values take less
_STRIPS = 20  # blank strips that are tried, the widest first
_DEEPEST = 3  # columns are looked for inside columns so many times


@dataclass(slots=True)
class Row:
    """A printed line of one column."""

    words: str
    box: Box
    size: float
    parted: bool = False  # there are wide gaps in it, as in a table without lines


@dataclass(slots=True)
class Column:
    """Rows that stand under each other, with the edges that their text keeps to; or a table.

    `alone` is whether the page has one column only; then the edges are those of the whole page.
    """

    page: int
    rows: list[Row]
    left: float = 0.0
    right: float = 0.0
    leading: float = 0.0
    size: float = 0.0
    indents: bool = False
    alone: bool = True
    table: Ruled | None = None
    cells: dict[int, list[Row]] = field(default_factory=dict)  # by position in `table.cells`


def columns(sheet: Sheet, hidden: Sequence[Print]) -> list[Column]:
    """Return the columns and tables of a page in reading order, without the prints that are `hidden`."""
    tables = ruled(sheet)
    left_out = {id(item) for item in hidden}
    inside: list[list[Print]] = [[] for _ in tables]
    free: list[Print] = []
    for item in sheet.prints:
        if id(item) in left_out:
            continue
        at = next((n for n, table in enumerate(tables) if cell_at(table, item.box)), None)
        (free if at is None else inside[at]).append(item)
    blocks: list[Print | Column] = [*free]
    blocks += [_table(sheet.number, table, held) for table, held in zip(tables, inside, strict=True)]
    parts = _parted(blocks, _DEEPEST)
    return [column for part in parts for column in _columns(sheet.number, part, len(parts) == 1)]


def rows(prints: Sequence[Print]) -> list[Row]:
    """Return the rows of prints that stand in one column, from top to bottom."""
    lines: list[list[Print]] = []
    for item in sorted(prints, key=lambda p: (p.box[1] + p.box[3]) / 2):
        middle = (item.box[1] + item.box[3]) / 2
        for line in reversed(lines[-3:]):
            box = line[0].box
            if box[1] <= middle <= box[3] and item.box[1] <= (box[1] + box[3]) / 2 <= item.box[3]:
                line.append(item)
                break
        else:
            lines.append([item])
    return [_row(sorted(line, key=lambda p: p.box[0])) for line in lines]


def _row(line: list[Print]) -> Row:
    words = line[0].words
    parted = False
    for last, item in pairwise(line):
        between = glue(words, item.words, item.size, item.box[0] - last.box[2], False)
        parted = parted or between == "  "
        words += between + item.words
    size = max(line, key=lambda p: len(p.words)).size
    return Row(words.strip(), union(p.box for p in line), size, parted)


def _box(block: Print | Column) -> Box:
    return block.box if isinstance(block, Print) else (block.table.box if block.table else (0.0, 0.0, 0.0, 0.0))


def _parted(blocks: list[Print | Column], depth: int) -> list[list[Print | Column]]:
    """Return the blocks in groups in reading order: what spans the page, then the columns below it from the left."""
    gutter = _gutter(blocks) if depth else None
    if gutter is None:
        return [blocks] if blocks else []
    found: list[list[Print | Column]] = []
    left: list[Print | Column] = []
    right: list[Print | Column] = []
    across: list[Print | Column] = []

    def flush() -> None:
        for side in (left, right):
            found.extend(_parted(list(side), depth - 1))
            side.clear()

    for block in sorted(blocks, key=lambda b: (_box(b)[1] + _box(b)[3]) / 2):
        box = _box(block)
        if box[2] <= gutter + 1 or box[0] >= gutter - 1:
            if across:
                found.append(list(across))
                across.clear()
            (left if box[2] <= gutter + 1 else right).append(block)
        else:
            flush()
            across.append(block)
    flush()
    if across:
        found.append(across)
    return found


def _gutter(blocks: Sequence[Print | Column]) -> float | None:
    """Return where a blank strip parts two columns of text, None where none does."""
    prints = [block for block in blocks if isinstance(block, Print)]
    if len(prints) < 2 * _LEAST:
        return None
    x1 = max(p.box[2] for p in prints)
    size = sorted(p.size for p in prints)[len(prints) // 2]
    ends = sorted({p.box[2] for p in prints})
    starts = sorted(p.box[0] for p in prints)
    strips: list[tuple[float, float]] = []
    for end in ends:
        at = bisect_right(starts, end)
        if at < len(starts) and starts[at] - end > 0.5 * size and end < x1:
            strips.append((starts[at] - end, (starts[at] + end) / 2))
    for _, place in sorted(strips, reverse=True)[:_STRIPS]:
        left = [p for p in prints if p.box[2] <= place]
        right = [p for p in prints if p.box[0] >= place]
        if len(left) + len(right) > 0.7 * len(prints) and _is_text(left) and _is_text(right) and _beside(left, right):
            return place
    return None


def _is_text(side: Sequence[Print]) -> bool:
    """Return whether the prints of one side are lines of text: most take most of its width."""
    lines = rows(side)
    if len(lines) < _LEAST:
        return False
    x0, _, x1, _ = union(p.box for p in side)
    widths = sorted(line.box[2] - line.box[0] for line in lines)
    return widths[len(widths) // 2] >= _TEXT * (x1 - x0) and x1 - x0 > 8 * lines[0].size


def _beside(left: Sequence[Print], right: Sequence[Print]) -> bool:
    one, other = union(p.box for p in left), union(p.box for p in right)
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > 0.4 * min(one[3] - one[1], other[3] - other[1])


def _columns(page: int, blocks: Sequence[Print | Column], alone: bool) -> list[Column]:
    """Return one column for the prints between tables, from top to bottom; they share their edges."""
    found: list[Column] = []
    held: list[Print] = []

    def flush() -> None:
        if held:
            found.append(Column(page, rows(held), alone=alone))
            held.clear()

    for block in sorted(blocks, key=lambda b: (_box(b)[1] + _box(b)[3]) / 2 if isinstance(b, Print) else _box(b)[1]):
        if isinstance(block, Print):
            held.append(block)
        else:
            flush()
            found.append(block)
    flush()
    lines = [line for column in found for line in column.rows]
    tables = [column.table.box for column in found if column.table]
    if lines:
        _measure([column for column in found if column.rows], lines, [box[2] for box in tables])
    return found


def _measure(found: Sequence[Column], lines: Sequence[Row], walls: Sequence[float]) -> None:
    """Set the edges and the leading that most of the rows keep to."""
    size = sorted(line.size for line in lines)[len(lines) // 2]
    left = min(line.box[0] for line in lines)
    right = max(_edge([line.box[2] for line in lines], size), *(wall - 0.5 * size for wall in walls), 0.0)
    steps = sorted(b.box[3] - a.box[3] for c in found for a, b in pairwise(c.rows) if b.box[3] > a.box[3])
    indents = any(1.2 * size < line.box[0] - left < 4.5 * size for line in lines)
    for column in found:
        column.left, column.right, column.size, column.indents = left, right, size, indents
        column.leading = steps[len(steps) // 2] if steps else 2 * size


def _edge(values: Sequence[float], size: float) -> float:
    """Return the rightmost place where at least two lines end, the furthest end where there is none."""
    ordered = sorted(values, reverse=True)
    for one, other in pairwise(ordered):
        if one - other < 0.8 * size:
            return one
    return ordered[0]


def _table(page: int, table: Ruled, held: Sequence[Print]) -> Column:
    cells: dict[int, list[Print]] = {}
    place = {id(cell): at for at, cell in enumerate(table.cells)}
    for item in held:
        cell = cell_at(table, item.box)
        if cell is not None:
            cells.setdefault(place[id(cell)], []).append(item)
    return Column(page, [], table=table, cells={at: rows(prints) for at, prints in sorted(cells.items())})
