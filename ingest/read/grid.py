"""A table while it is read: cells with their spans; written as a Markdown table in which each row stands by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.error import ReadError
from ingest.read.draft import Draft, lines

SLOTS = 2_000_000  # cells of one table, repeated ones too; they take about 300 MB
_HEADER_CELL = 30  # characters; a longer cell is content and no name of a column
_HEADER_ROWS = 12  # how far down a header is looked for: titles, units and dates stand above it
_DEEPEST = 3  # rows of one header
_NUMBER = re.compile(r"[\d.,%:：/年月日\-\s]+")


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands at one place of a table. A merged cell fills several; `row` and `column` say where it begins."""

    words: str
    row: int
    column: int


class Grid:
    """Rows of slots. Cells are put row by row; a place that nothing was put to is empty."""

    def __init__(self) -> None:
        """Begin an empty table."""
        self._rows: list[dict[int, Slot]] = []
        self._slots = 0

    def put(self, row: int, column: int, words: str, height: int = 1, width: int = 1) -> None:
        """Put a cell that fills `height` x `width` places, the first at (`row`, `column`); taken places stay.

        Raises:
            ReadError: the table is larger than `SLOTS`.
        """
        self._slots += height * width
        if self._slots > SLOTS:
            raise ReadError(f"表格超过 {SLOTS / 1e4:.0f} 万格（含合并单元格）：请拆分后再导入")
        slot = Slot(flat(words), row, column)
        while len(self._rows) < row + height:
            self._rows.append({})
        for across in self._rows[row : row + height]:
            for at in range(column, column + width):
                across.setdefault(at, slot)

    def free(self, row: int, column: int) -> int:
        """Return the first place at or right of `column` that is not taken in `row`."""
        taken = self._rows[row] if row < len(self._rows) else {}
        while column in taken:
            column += 1
        return column

    def extend(self, row: int, column: int, width: int) -> None:
        """Let the cell above (`row`, `column`) reach down into `row`; without one the place stays empty."""
        above = self._rows[row - 1].get(column) if 0 < row <= len(self._rows) else None
        if above is None:
            self.put(row, column, "", width=width)
            return
        while len(self._rows) <= row:
            self._rows.append({})
        for at in range(column, column + width):
            self._rows[row].setdefault(at, above)

    def write(self, draft: Draft) -> None:
        """Append the table: lines for what stands above its header, then rows `| a | b |`.

        The words of a merged cell stand in each of its places. A row that is one merged cell is a heading inside the
        table: it becomes a line, and the header stands again below it. One column is no table: its cells become lines.
        """
        rows = _square(self._rows)
        if not rows or len(rows[0]) == 1:
            for row in rows:
                draft.line(row[0].words)
            return
        first = _header(rows)
        if first is None:
            _table(draft, None, [row for row in rows if not _loose(draft, row)])
            return
        for row in rows[:first]:
            draft.line("　".join(slot.words for slot in _distinct(row)))
        depth = _depth(rows, first)
        names = [_name([rows[first + at][column] for at in range(depth)]) for column in range(len(rows[0]))]
        body: list[Sequence[Slot]] = []
        opened = False
        for row in rows[first + depth :]:
            if not _is_banner(row):
                body.append(row)
                continue
            if body or not opened:
                _table(draft, names, body)
            body, opened = [], True
            draft.line(row[0].words)
        if body or not opened:
            _table(draft, names, body)


def flat(words: str) -> str:
    """Return the words of a cell in one line. A bar in them would part the cell for every reader: it becomes ¦."""
    return " ".join(lines(words)).replace("|", "¦").replace("｜", "¦").replace("│", "¦").replace("\t", " ")


def _square(rows: Sequence[dict[int, Slot]]) -> list[list[Slot]]:
    """Return the rows with a slot in every column, without the rows and columns that hold no words of their own."""
    used = sorted({column for row in rows for column, slot in row.items() if slot.words and slot.column == column})
    empty = Slot("", -1, -1)
    kept = []
    for at, row in enumerate(rows):
        if any(slot.words and slot.row == at for slot in row.values()):
            kept.append([row.get(column, empty) for column in used])
    return kept


def _distinct(row: Sequence[Slot]) -> list[Slot]:
    """Return the slots of a row that hold words, a merged cell once."""
    return [slot for at, slot in enumerate(row) if slot.words and (not at or row[at - 1] is not slot)]


def _is_banner(row: Sequence[Slot]) -> bool:
    """Return whether one merged cell fills the row, and no other one."""
    return bool(row[0].words) and all(slot is row[0] for slot in row)


def _loose(draft: Draft, row: Sequence[Slot]) -> bool:
    """Write a banner of a table without a header as a line; return whether it was one."""
    if _is_banner(row) and len(row[0].words) > _HEADER_CELL:
        draft.line(row[0].words)
        return True
    return False


def _header(rows: Sequence[Sequence[Slot]]) -> int | None:
    """Return the row that names columns: most places hold different short words that are not just numbers.

    Only titles, units and dates stand above it, which fill few places; a full row of content means that there is none.
    """
    for at, row in enumerate(rows[:_HEADER_ROWS]):
        found = _distinct(row)
        if len(found) < 2 or len(found) * 2 <= len(row):
            continue
        if not any(len(slot.words) > _HEADER_CELL or _NUMBER.fullmatch(slot.words) for slot in found):
            return at
        if len(found) == len(row):
            return None
    return None


def _depth(rows: Sequence[Sequence[Slot]], first: int) -> int:
    """Return how many rows a header takes: groups (责任单位) above their columns (牵头, 配合) beside taller cells."""
    row = rows[first]
    wide = any(slot.words and at and row[at - 1] is slot for at, slot in enumerate(row))
    if not wide:
        return 1
    depth = 1
    while depth < _DEEPEST and first + depth < len(rows):
        below = rows[first + depth]
        if not any(slot.words and below[at] is slot for at, slot in enumerate(rows[first + depth - 1])):
            break
        if not any(len(slot.words) > _HEADER_CELL for slot in below):
            depth += 1
            continue
        break
    return depth


def _name(column: Sequence[Slot]) -> str:
    """Return the name of a column below groups: the lowest, then the others in brackets, as 牵头单位（责任单位）."""
    words = list(dict.fromkeys(slot.words for slot in reversed(column) if slot.words))
    return words[0] + "".join(f"（{group}）" for group in words[1:]) if words else ""


def _table(draft: Draft, names: Sequence[str] | None, rows: Sequence[Sequence[Slot]]) -> None:
    """Append a Markdown table; without names its first row stands in the header's place."""
    cells = [[slot.words if not _is_banner(row) or not at else "" for at, slot in enumerate(row)] for row in rows]
    head, *body = cells if names is None else [list(names), *cells]
    _row(draft, head)
    _row(draft, ["---"] * len(head))
    for row in body:
        _row(draft, row)


def _row(draft: Draft, cells: Sequence[str]) -> None:
    draft.line(f"| {' | '.join(cells)} |")
