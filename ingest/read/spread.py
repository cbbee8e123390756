"""A table spread over pages: a header that is printed again is left out, a row that is broken is put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingest.document import Box
from ingest.read.column import Column, Row
from ingest.read.draft import Draft
from ingest.read.grid import Grid, flat
from ingest.read.reading import Limits
from ingest.read.sheet import clean, spaced, union

_SAME = 6.0  # points by which the edge of a column may move from page to page


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with its words, and its boxes: one on each page that it stands on."""

    row: int
    column: int
    height: int
    width: int
    words: str
    places: tuple[tuple[int, Box], ...]


def goes_on(last: Column, column: Column) -> bool:
    """Return whether a table goes on with one on the page before: its columns stand at the same places."""
    if last.table is None or column.table is None or column.page != last.page + 1:
        return False
    one, other = last.table.edges, column.table.edges
    return len(one) == len(other) and all(
        abs((a - one[0]) - (b - other[0])) < _SAME for a, b in zip(one, other, strict=True)
    )


def spread(tables: Sequence[Column], limits: Limits) -> list[tuple[str, list[tuple[int, Box]]]]:
    """Return the lines of a table, each with where it stands: (page, box of its cells), one for each page.

    Args:
        tables: its part on each page.
        limits: how long it may become.
    """
    cells = _joined([_cells(column) for column in tables if column.table])
    grid = Grid()
    for cell in cells:
        grid.put(cell.row, cell.column, cell.words, cell.height, cell.width)
    held = [list(row) for _, row in groupby((cell for cell in cells if cell.words), key=lambda cell: cell.row)]
    if not held:
        return []
    draft = Draft(limits)
    grid.write(draft)
    said = [frozenset(flat(cell.words) for cell in row) for row in held]
    found: list[tuple[str, list[tuple[int, Box]]]] = []
    at = 0
    for line in draft.reading("table").text.splitlines():
        here = next((n for n in range(at, len(held)) if all(words in line for words in said[n])), None)
        if here is not None and line.strip("|- "):
            at = here + 1
        found.append((line, _places(held[here if here is not None else max(at - 1, 0)])))
    return found


def _cells(column: Column) -> list[_Cell]:
    """Return the cells of a table on one page, row by row."""
    assert column.table is not None
    return [
        _Cell(c.row, c.column, c.height, c.width, _words(column.cells.get(at, []), c.box), ((column.page, c.box),))
        for at, c in enumerate(column.table.cells)
    ]


def _joined(parts: Sequence[list[_Cell]]) -> list[_Cell]:
    """Return the cells of all pages as one table."""
    found: list[_Cell] = []
    end = 0
    for cells in parts:
        skip = _repeated(parts[0], cells) if found else 0
        if found and _broken(found, [cell for cell in cells if cell.row == skip], end):
            found = _mended(found, [cell for cell in cells if cell.row == skip], end)
            skip += 1
        rows = max(cell.row + cell.height for cell in cells)
        found += [replace(cell, row=cell.row - skip + end) for cell in cells if cell.row >= skip]
        end += max(rows - skip, 0)
    return found


def _repeated(first: Sequence[_Cell], cells: Sequence[_Cell]) -> int:
    """Return with how many rows a page begins that the table began with."""

    def row(of: Sequence[_Cell], at: int) -> list[tuple[int, int, int, str]]:
        return [(cell.column, cell.height, cell.width, cell.words) for cell in of if cell.row == at]

    count = 0
    while any(words for *_, words in row(cells, count)) and row(cells, count) == row(first, count):
        count += 1
    return count


def _broken(above: Sequence[_Cell], row: Sequence[_Cell], end: int) -> bool:
    """Return whether the first row of a page goes on with the last one before: it has no number where all others do."""
    last = {cell.column: cell for cell in above if cell.row <= end - 1 < cell.row + cell.height}
    first = min(last, default=0)
    numbered = first in last and last[first].height == 1 and last[first].words.strip(".．、").isdigit()
    bare = all(cell.words == "" for cell in row if cell.column == first)
    said = [cell for cell in row if cell.words]
    return numbered and bare and bool(said) and all(cell.column in last and cell.height == 1 for cell in row)


def _mended(above: Sequence[_Cell], row: Sequence[_Cell], end: int) -> list[_Cell]:
    """Return the cells with what stands in `row` appended to those of the last row."""
    more = {cell.column: cell for cell in row if cell.words}
    found = []
    for cell in above:
        after = more.get(cell.column) if cell.row <= end - 1 < cell.row + cell.height else None
        if after is not None:
            between = " " if spaced(cell.words, after.words) else ""
            cell = replace(cell, words=f"{cell.words}{between}{after.words}", places=(*cell.places, *after.places))
        found.append(cell)
    return found


def _places(row: Sequence[_Cell]) -> list[tuple[int, Box]]:
    """Return the box of a row on each page that it stands on."""
    places = sorted((place for cell in row for place in cell.places), key=lambda place: place[0])
    return [(page, union(box for _, box in boxes)) for page, boxes in groupby(places, key=lambda place: place[0])]


def _words(rows: Sequence[Row], box: Box) -> str:
    """Return the words of a cell: a line that reaches the edge of the cell goes on in the next one."""
    words = ""
    for at, row in enumerate(rows):
        said = clean(row.words).strip()
        words += said
        if at + 1 < len(rows) and said:
            full = box[2] - row.box[2] < 1.9 * row.size or row.box[2] - row.box[0] > 0.8 * (box[2] - box[0])
            words += "\n" if not full else (" " if spaced(said, rows[at + 1].words) else "")
    return words
