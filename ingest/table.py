"""Duty tables (task | lead | partners | deadline) as text, with tabs, in Markdown, one cell a line: rows of cells.

A table is recognised by its header: it names a task and at least one of who, by when, how far. Everything else that has
bars in it (navigation, a list of names) is no duty table; `grids` returns those too that are tables of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.column import Column, header
from ingest.document import Span
from ingest.regex import regex
from ingest.sentence import trim
from ingest.stack import Cells, stack

# A line that may be a header holds one of these. Written out, as a search for words that all begin with a character
# takes half as long as one for words in brackets.
_WHO = "牵头 主办 主责 承办 责任 权责 负责 配合 协办 参与 落实 实施 督办 督导 考核"
_BODY = "(?:责任|考核|落实|实施|整改)?(?:单位|部门|主体|科室|处室|机关|局处)"
_OTHERS = "时限 期限 期程 时程 完成时间 完成日期 时间节点 进展 进度 完成情况 整改情况 落实情况 办理情况 状态"
_HINT = regex("|".join((*(f"{word}{_BODY}" for word in _WHO.split()), *_OTHERS.split())))
_SEPARATORS = (regex(r"[|│]"), regex(r"\t"), regex(r" {2,}"))
_PARTED = regex(r"[|│\t]|  ")
_UNDERLINE = regex(r"[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+(?:[ \t]*:?-{2,}:?[ \t]*)?")  # of a Markdown table
_RULE = regex(r"[\s|│:+=—\-─┼├┤]*")
_EMPTY = regex(r"[\s—\-–/\\无…]*|(?:&nbsp;)+")
_SUM = regex(r"合计|总计|小计|共计|备注|注[:：]?.*")
_LONGEST = 400  # characters of a header line; a longer one is a paragraph
_BROKEN = 4  # lines over which a row may be broken
_NUMBER = regex(r"\(?\d{1,3}\)?[、.]?")
# A line of words that belong to no row: a sentence, a heading, a note.
_SAYS = regex(r"[。!?]$|^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|备?注:|附[件表]|合计|总计)")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, mostly a line. `cells` are its cells by what their columns hold, empty ones left out.

    `values` are the cells in the order of the columns, None where one is empty. None holds blanks around its words; a
    cell that was broken over two lines holds the end of the first.
    """

    start: int
    end: int
    cells: dict[Column, tuple[Span, ...]]
    values: Cells


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `names` are what its header `head` calls the columns (folded), `columns` what those of duties hold.

    `start:end` reaches from the header to the last row.
    """

    start: int
    end: int
    columns: tuple[Column | None, ...]
    rows: tuple[Row, ...]
    head: Span
    names: tuple[str, ...]


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
        if end - start > _LONGEST:
            continue
        table = _table(folded, start, end) if _PARTED.search(folded, start, end) else None
        table = table or _stack(folded, start, end)
        if table:
            done = table.end
            if table.rows and (not found or found[-1].end <= table.start):
                found.append(table)
    return found


def _stack(folded: str, start: int, end: int) -> Table | None:
    """Return the table with one cell a line of which the line `start:end` names the columns or one of them."""
    found = stack(folded, start, end)
    if found is None:
        return None
    rows = tuple(_row(folded, cells, found.columns) for cells in found.rows)
    return Table(found.head.start, found.end, found.columns, rows, found.head, found.names)


def _table(folded: str, start: int, end: int) -> Table | None:
    """Return the table below the header line `start:end`, maybe without rows; None where the line is no header."""
    empty: Table | None = None
    for separator in _SEPARATORS:
        enclosed = _encloses(folded, start, end)
        heads = _cells(folded, start, end, separator, enclosed)
        names = tuple(cell.of(folded) for cell in heads)
        columns = header(names)
        if columns is None:
            continue
        rows: list[Row] = []
        last = end
        for stop, cells in _lines(folded, end + 1, separator, enclosed, columns):
            row = _row(folded, cells, columns)
            # The header again (a page break), or a line of sums, is no row.
            if row.cells and header([cell.of(folded) for cell in cells]) is None and not _is_sum(folded, row):
                rows.append(row)
            last = stop
        table = Table(start, last, columns, tuple(rows), trim(folded, start, end), names)
        if rows:
            return table
        empty = empty or table
    return empty


def _lines(
    folded: str, at: int, separator: re.Pattern[str], enclosed: bool, columns: Sequence[Column | None]
) -> Iterator[tuple[int, list[Span]]]:
    """Yield the cells of each row below a header, and where it ends."""
    blanks = 0
    while at < len(folded) and blanks < 2:
        stop = _line_end(folded, at)
        if _RULE.fullmatch(folded, at, stop):
            blanks += 1 if at == stop else 0
            at = stop + 1
            continue
        blanks = 0
        cells = _cells(folded, at, stop, separator, enclosed)
        broken = None if enclosed else _broken(folded, at, stop, separator, columns, cells)
        if broken:
            stop, cells = broken
        elif len(cells) < 2 or (enclosed and _heads_another(folded, stop, cells)):
            return
        yield stop, cells
        at = stop + 1


def _heads_another(folded: str, end: int, cells: list[Span]) -> bool:
    """Return whether the line that ends at `end` names the columns of a table without duties: a rule is below it."""
    below = _UNDERLINE.fullmatch(folded, end + 1, _line_end(folded, end + 1)) if end + 1 < len(folded) else None
    return below is not None and header([cell.of(folded) for cell in cells]) is None


def _broken(
    folded: str, start: int, end: int, separator: re.Pattern[str], columns: Sequence[Column | None], cells: list[Span]
) -> tuple[int, list[Span]] | None:
    """Return where a row ends that is broken over several lines, and its cells; None where the line is whole.

    A line end is either the border of two cells or stands inside of one: that way is taken which gives as many cells
    as the header has. A row never goes on over the number of the next one.
    """
    width = len(columns)
    counted = columns[0] == "no" and bool(_NUMBER.fullmatch(cells[0].of(folded)))
    if len(cells) > width or (len(cells) == 1 and not counted):
        return None
    whole = len(cells) == width
    bordered = re.compile(rf"{separator.pattern}|\s*\n\s*")
    stop = end
    for _ in range(_BROKEN - 1):
        at = stop + 1
        while at < len(folded) and folded[at] == "\n":
            at += 1
        stop = _line_end(folded, at)
        if at >= len(folded) or _SAYS.search(folded[at:stop].strip()):
            return None
        part = _cells(folded, at, stop, separator, enclosed=False)
        if counted and _NUMBER.fullmatch(part[0].of(folded)):
            return None
        if len(part) == width or not (counted or len(part) == 1 or len(cells) == 1):
            return None
        if whole and not (counted and len(part) == 1 and _is_next(folded, stop, separator, cells[0])):
            return None
        for way in (separator,) if whole else (bordered, separator):
            joined = _cells(folded, start, stop, way, enclosed=False)
            if len(joined) == width:
                return stop, joined
    return None


def _is_next(folded: str, end: int, separator: re.Pattern[str], number: Span) -> bool:
    """Return whether the row with the next number stands below the line that ends at `end`."""
    at = end + 1
    stop = _line_end(folded, at)
    if at >= len(folded):
        return False
    first = _cells(folded, at, stop, separator, enclosed=False)[0].of(folded)
    return bool(_NUMBER.fullmatch(first)) and _ordinal(first) == _ordinal(number.of(folded)) + 1


def _ordinal(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def _row(folded: str, cells: Sequence[Span | None], columns: Sequence[Column | None]) -> Row:
    held: dict[Column, list[Span]] = {}
    values: list[Span | None] = []
    for cell, column in zip(cells, columns, strict=False):
        filled = cell is not None and not _EMPTY.fullmatch(folded, cell.start, cell.end)
        values.append(cell if filled else None)
        if cell is not None and column is not None and filled:
            held.setdefault(column, []).append(cell)
    values.extend([None] * (len(columns) - len(values)))
    known = [cell for cell in cells if cell is not None]
    line = folded.rfind("\n", 0, known[0].start) + 1
    span = trim(folded, line, _line_end(folded, known[-1].end))
    return Row(span.start, span.end, {column: tuple(spans) for column, spans in held.items()}, tuple(values))


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
