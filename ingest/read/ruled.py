"""Tables with drawn lines: from the rules of a page to cells, merged ones included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.document import Box
from ingest.read.sheet import Print, Rule, Sheet

_NEAR = 3.0  # points within which two lines meet or are the same line
_COLUMNS, _ROWS = 60, 600  # a drawing with more lines is no table
_RULES, _GROUPS = 6_000, 300  # a page with more is a map or a chart


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its place in the grid, how many rows and columns it fills, and its box."""

    row: int
    column: int
    height: int
    width: int
    box: Box


@dataclass(frozen=True, slots=True)
class Ruled:
    """A table: its box, the edges of its columns, and its cells row by row."""

    box: Box
    edges: tuple[float, ...]
    cells: tuple[Cell, ...]


def ruled(sheet: Sheet) -> list[Ruled]:
    """Return the tables of a page from top to bottom. A frame around words is none: it takes two cells in a row."""
    if not 4 <= len(sheet.rules) <= _RULES:
        return []
    found = [table for group in _groups(sheet.rules) if (table := _table(group))]
    found.sort(key=lambda table: (table.box[1], table.box[0]))
    outer = [t for t in found if not any(_inside(t.box, o.box) for o in found if o is not t)]
    return [table for table in outer if _used(table, sheet.prints)]


def _used(table: Ruled, prints: Sequence[Print]) -> bool:
    """Return whether at least two cells of some row hold words: the lines of a chart enclose none."""
    rows: dict[int, set[int]] = {}
    for item in prints:
        cell = cell_at(table, item.box)
        if cell is not None:
            rows.setdefault(cell.row, set()).add(cell.column)
    return sum(len(columns) > 1 for columns in rows.values()) >= 1 and sum(map(len, rows.values())) >= 3


def cell_at(table: Ruled, box: Box) -> Cell | None:
    """Return the cell in which the middle of `box` lies."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    if not (table.box[0] <= x <= table.box[2] and table.box[1] <= y <= table.box[3]):
        return None
    return next((c for c in table.cells if c.box[0] <= x <= c.box[2] and c.box[1] <= y <= c.box[3]), None)


def _inside(box: Box, other: Box) -> bool:
    return box != other and all(
        (other[0] <= box[0] + _NEAR, other[1] <= box[1] + _NEAR, box[2] <= other[2] + _NEAR, box[3] <= other[3] + _NEAR)
    )


def _groups(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules that touch each other, as groups: a sweep from the left over the open groups."""
    groups: list[tuple[list[float], list[Rule]]] = []
    for rule in sorted(rules):
        touched = [g for g in groups if _touches(g[0], rule)]
        box = [rule.x0, rule.y0, rule.x1, rule.y1]
        held = [rule]
        for group in touched:
            box = [min(box[0], group[0][0]), min(box[1], group[0][1]), max(box[2], group[0][2]),
                   max(box[3], group[0][3])]  # fmt: skip
            held = [*group[1], *held]
            groups.remove(group)
        groups.append((box, held))
        if len(groups) > _GROUPS:
            return []
    return [held for _, held in groups]


def _touches(box: list[float], rule: Rule) -> bool:
    return (
        rule.x0 <= box[2] + _NEAR
        and rule.x1 >= box[0] - _NEAR
        and rule.y0 <= box[3] + _NEAR
        and rule.y1 >= box[1] - _NEAR
    )


def _table(rules: list[Rule]) -> Ruled | None:
    upright = [rule for rule in rules if rule.upright]
    level = [rule for rule in rules if not rule.upright]
    if not upright or len(level) < 2:
        return None
    xs = _places([*(r.x0 for r in upright), min(r.x0 for r in level), max(r.x1 for r in level)])
    ys = _places([*(r.y0 for r in level), min(r.y0 for r in upright), max(r.y1 for r in upright)])
    if not (3 <= len(xs) <= _COLUMNS and 2 <= len(ys) <= _ROWS):
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    right = _walls(upright, xs, ys, rows)
    below = _walls([Rule(r.y0, r.x0, r.y1, r.x1) for r in level], ys, xs, columns)
    cells: list[Cell] = []
    taken = [[False] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            if taken[row][column]:
                continue
            width = 1
            while column + width < columns and (row, column + width) not in right and not taken[row][column + width]:
                width += 1
            height = 1
            while row + height < rows and not any((column + at, row + height) in below for at in range(width)):
                height += 1
            for down in range(row, row + height):
                taken[down][column : column + width] = [True] * width
            box = (xs[column], ys[row], xs[column + width], ys[row + height])
            cells.append(Cell(row, column, height, width, box))
    if len(cells) < 2 or all(cell.width == columns for cell in cells):
        return None
    return Ruled((xs[0], ys[0], xs[-1], ys[-1]), tuple(xs), tuple(cells))


def _places(values: Sequence[float]) -> list[float]:
    """Return the distinct places among the values, those within `_NEAR` as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _walls(rules: Sequence[Rule], across: Sequence[float], along: Sequence[float], count: int) -> set[tuple[int, int]]:
    """Return where walls stand: (position along, position of the line across) for each step that a rule covers."""
    walls: set[tuple[int, int]] = set()
    middles = [(along[at] + along[at + 1]) / 2 for at in range(count)]
    for rule in rules:
        line = min(range(len(across)), key=lambda at: abs(across[at] - rule.x0))
        for at, middle in enumerate(middles):
            if rule.y0 - _NEAR <= middle <= rule.y1 + _NEAR:
                walls.add((at, line))
    return walls
