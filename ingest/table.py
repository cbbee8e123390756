"""Duty tables (task | lead | partners | deadline) as text, with tabs, or in Markdown: rows of cells with their spans.

A table is recognised by its header: it names a task and at least one of who, by when, how far. Everything else that has
bars in it (navigation, a list of names) is no duty table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ingest.document import Span
from ingest.sentence import trim

Column = Literal[
    "no", "task", "measure", "lead", "responsible", "partner", "supervisor", "person", "deadline", "status"
]

# What a column is called, in folded text; the first that fits names it.
_COLUMNS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    ("no", re.compile(r"序号|项次|编号|号|no\.?|#")),
    ("person", re.compile(r".{0,6}(?:责任人|负责人|牵头人|领导|联系人)")),
    ("deadline", re.compile(r".{0,6}(?:时限|期限|截止.{0,4}|完成日期|时间(?:节点|要求|安排)?|[期时]程)")),
    ("status", re.compile(
        r".{0,6}(?:进展|进度|状态|(?:完成|整改|落实|办理|推进|销号)(?:情况|情形))(?:情况)?|是否.{1,6}"
    )),
    ("lead", re.compile(r"(?:牵头|主办|承办)(?:责任)?(?:单位|部门|主体|科室|处室|机关|局处)?")),
    ("partner", re.compile(r"(?:配合|协办|参与|协助|协同|参加)(?:责任)?(?:单位|部门|科室|处室|机关|局处)?")),
    ("supervisor", re.compile(r"(?:督导|督办|督查|督促|监督|指导)(?:责任)?(?:单位|部门|科室|处室|机关|局处)?")),
    ("responsible", re.compile(
        r"(?:责任|权责|落实|实施|负责|主体)(?:单位|部门|主体|科室|处室|机关)(?:及责任人)?|责任方"
    )),
    ("measure", re.compile(r".{0,6}(?:措施|具体内容|具体要求|工作要求|整改要求|工作内容)")),
    ("task", re.compile(r".{0,6}(?:任务|事项|项目|工作|问题|举措|内容|要点|目标)(?:名称|内容|描述|摘要|清单)?")),
)  # fmt: skip
_SAYS: frozenset[Column] = frozenset({"lead", "responsible", "partner", "supervisor", "deadline", "status"})
# A line that may be a header holds one of these.
_HINT = re.compile(
    r"(?:牵头|主办|承办|责任|配合|协办|参与|落实|实施|督办|督导)(?:责任)?(?:单位|部门|主体|科室|处室|机关|局处)|"
    r"时限|期限|[期时]程|完成时间|完成日期|时间节点|进展|进度|(?:完成|整改|落实|办理)情况|状态"
)
_SEPARATORS = (re.compile(r"[|│]"), re.compile(r"\t"), re.compile(r" {2,}"))
_PARTED = re.compile(r"[|│\t]|  ")
_RULE = re.compile(r"[\s|│:+=—\-─┼├┤]*")
_EMPTY = re.compile(r"[\s—\-–/\\无…]*|(?:&nbsp;)+")
_SUM = re.compile(r"合计|总计|小计|共计|备注|注[:：]?.*")
_LONGEST = 400  # characters of a header line; a longer one is a paragraph


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. `cells` are its cells by column, without the blanks around them; empty ones are left out."""

    start: int
    end: int
    cells: dict[Column, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A duty table: `columns` are those that its header names, `start:end` reaches from the header to the last row."""

    start: int
    end: int
    columns: tuple[Column | None, ...]
    rows: tuple[Row, ...]


def tables(folded: str) -> list[Table]:
    """Return the duty tables of a folded text, in order; spans are offsets into it, so into the text itself, too."""
    found: list[Table] = []
    done = 0
    for hint in _HINT.finditer(folded):
        if hint.start() < done:
            continue
        start = folded.rfind("\n", 0, hint.start()) + 1
        end = _line_end(folded, hint.end())
        done = end
        if end - start > _LONGEST or not _PARTED.search(folded, start, end):
            continue
        table = _table(folded, start, end)
        if table:
            done = table.end
            if table.rows:
                found.append(table)
    return found


def _table(folded: str, start: int, end: int) -> Table | None:
    """Return the table below the header line `start:end`, maybe without rows; None where the line is no header."""
    empty: Table | None = None
    for separator in _SEPARATORS:
        enclosed = _encloses(folded, start, end)
        columns = _header(_cells(folded, start, end, separator, enclosed), folded)
        if columns is None:
            continue
        rows: list[Row] = []
        last = end
        at = end + 1
        blanks = 0
        while at < len(folded) and blanks < 2:
            stop = _line_end(folded, at)
            cells = _cells(folded, at, stop, separator, enclosed)
            if _RULE.fullmatch(folded, at, stop):
                blanks += 1 if at == stop else 0
            elif len(cells) < 2:
                break
            else:
                blanks = 0
                row = _row(folded, at, stop, cells, columns)
                # The header again (a page break), or a line of sums, is no row.
                if row.cells and _header(cells, folded) is None and not _is_sum(folded, row):
                    rows.append(row)
                last = stop
            at = stop + 1
        table = Table(start, last, columns, tuple(rows))
        if rows:
            return table
        empty = empty or table
    return empty


def _header(cells: list[Span], folded: str) -> tuple[Column | None, ...] | None:
    """Return what the columns hold that the cells of a header name, None where they are no header."""
    columns = [_column(cell.of(folded)) for cell in cells]
    if "task" not in columns and "measure" in columns:
        columns[columns.index("measure")] = "task"
    if "task" not in columns or not _SAYS & set(columns):
        return None
    first = columns.index("task")
    return tuple("measure" if column == "task" and at > first else column for at, column in enumerate(columns))


def _column(words: str) -> Column | None:
    bare = re.sub(r"[\s*]|\([^()]*\)", "", words)
    return next((name for name, pattern in _COLUMNS if pattern.fullmatch(bare)), None)


def _row(folded: str, start: int, end: int, cells: list[Span], columns: tuple[Column | None, ...]) -> Row:
    held: dict[Column, list[Span]] = {}
    for cell, column in zip(cells, columns, strict=False):
        if column is not None and not _EMPTY.fullmatch(folded, cell.start, cell.end):
            held.setdefault(column, []).append(cell)
    span = trim(folded, start, end)
    return Row(span.start, span.end, {column: tuple(spans) for column, spans in held.items()})


def _is_sum(folded: str, row: Row) -> bool:
    first = next(iter(row.cells.values()))[0]
    return bool(_SUM.fullmatch(folded, first.start, first.end))


def _cells(folded: str, start: int, end: int, separator: re.Pattern[str], enclosed: bool) -> list[Span]:
    """Return the cells of a line without the blanks around them, empty ones too."""
    edges = [start, *(place for bar in separator.finditer(folded, start, end) for place in bar.span()), end]
    cells = [trim(folded, left, right) for left, right in zip(edges[::2], edges[1::2], strict=True)]
    return cells[1:] if enclosed else cells


def _encloses(folded: str, start: int, end: int) -> bool:
    """Return whether a bar opens the line, as in Markdown: then one opens every row, and parts nothing there."""
    return folded[start:end].lstrip().startswith(("|", "│"))


def _line_end(folded: str, at: int) -> int:
    end = folded.find("\n", at)
    return len(folded) if end < 0 else end
