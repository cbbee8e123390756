"""From pages to the canonical text: running heads apart, broken lines joined, tables as rows, lines with boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.document import Box, Line, Page, Span
from ingest.error import ReadError
from ingest.read.column import Column, Row, columns
from ingest.read.reading import Hints, Limits, Mark, Reading
from ingest.read.running import prints_of, running
from ingest.read.sheet import Sheet, clean, spaced, wide
from ingest.read.spread import goes_on, spread

_STOP = re.compile(r"[。！？；：!?;:.][”’」』）)】》]*$")
_LABEL = re.compile(
    r"[（(]?[一二三四五六七八九十百]{1,4}[）)、]|[（(]?\d{1,3}(?:[）)、．]|\.(?!\d))|第[一二三四五六七八九十百\d]{1,5}[章节條条款项編编]|附件|[①-⑳•●■◆▪·]"
)
_CLOSERS = "，。、；：！？”’）》」』】,.;:!?)"
_LEADER = re.compile(r"(?:[.．·…。]\s*){5,}[\dIVXivx]*$")  # a line of a table of contents
_COUNTED = re.compile(r"\d+")


class _Text:
    """The text while it grows, with the place of each line."""

    def __init__(self, turned: dict[int, float]) -> None:
        self.turned = turned  # page number -> its height before it was turned to be read
        self.parts: list[str] = []
        self.length = 0
        self.lines: list[Line] = []

    def write(self, words: str) -> None:
        self.parts.append(words)
        self.length += len(words)

    def put(self, words: str, page: int, box: tuple[float, float, float, float]) -> None:
        """Write the words of a printed line."""
        if page in self.turned:
            high = self.turned[page]
            box = (box[1], high - box[2], box[3], high - box[0])
        self.lines.append(Line(self.length, self.length + len(words), page, _rounded(box)))
        self.write(words)

    def put_over(self, words: str, places: Sequence[tuple[int, Box]]) -> None:
        """Write a row of a table; where it is broken over pages, its last character stands for it on the others."""
        self.put(words, *places[0])
        for page, box in places[1:]:
            self.parts[-1], last = self.parts[-1][:-1], self.parts[-1][-1:]
            self.length -= 1
            self.put(last, page, box)


def compose(
    sheets: Sequence[Sheet],
    kind: str,
    limits: Limits,
    bookmarks: Sequence[tuple[int, str, int]] = (),
    hints: Hints = Hints(),  # noqa: B008 - it is frozen
    notes: tuple[str, ...] = (),
) -> Reading:
    """Return the reading of pages.

    Args:
        sheets: the pages in order.
        kind: the name of the format.
        limits: how long the text may grow.
        bookmarks: (page number, title, depth from 1) of declared headings, in order.
        hints: what the metadata say.
        notes: what the user should know.

    Raises:
        ReadError: there are no words on the pages, or too many.
    """
    heads = running(sheets)
    found = []
    for sheet in sheets:
        limits.progress()
        found.append(columns(sheet, prints_of(sheet, heads.get(sheet.number, ()))))
    _widen(found)
    writer = _Writer(limits, {sheet.number: sheet.width for sheet in sheets if sheet.turned})
    for parts in found:
        limits.progress()
        for column in parts:
            writer.add(column)
    text = writer.end()
    body = text.length
    if not "".join(text.parts).strip("|-\n "):
        raise ReadError("没有读到文字：页面可能是空白，或只有图形；请检查文件是否完整")
    hidden = _hide(text, heads)
    return Reading(
        text="".join(text.parts),
        kind=kind,
        pages=_pages(sheets, text.lines, body),
        lines=tuple(text.lines),
        marks=_marks(text, bookmarks),
        hints=hints,
        hidden=hidden,
        notes=notes,
    )


class _Writer:
    """Writes columns one after the other; a paragraph, and a table, may go on in the next column or page."""

    def __init__(self, limits: Limits, turned: dict[int, float]) -> None:
        self._limits = limits
        self._text = _Text(turned)
        self._paragraph: list[tuple[Column, Row]] = []
        self._tables: list[Column] = []

    def add(self, column: Column) -> None:
        """Write a column or a table."""
        if column.table is not None:
            self._end_paragraph()
            if self._tables and not goes_on(self._tables[-1], column):
                self._end_tables()
            self._tables.append(column)
            return
        self._end_tables()
        for row in column.rows:
            row.words = clean(row.words).strip()
            if not row.words:
                continue
            if self._paragraph and not _joins(*self._paragraph[-1], column, row):
                self._end_paragraph()
            self._paragraph.append((column, row))
        if self._text.length > self._limits.characters:
            raise ReadError(f"文字超过 {self._limits.characters / 1e4:.0f} 万字的上限：请拆分后再导入")

    def end(self) -> _Text:
        """Write what is still open and return the text."""
        self._end_paragraph()
        self._end_tables()
        return self._text

    def _end_paragraph(self) -> None:
        if self._paragraph:
            _paragraph(self._text, self._paragraph)
            self._paragraph = []

    def _end_tables(self) -> None:
        if self._tables:
            for words, places in spread(self._tables, self._limits):
                self._text.put_over(words, places)
                self._text.write("\n")
            self._tables = []


def _widen(found: Sequence[Sequence[Column]]) -> None:
    """Let pages with few lines share the right edge of the others: a short line does not fill a page that is empty."""
    pages = [[column for column in parts if column.rows and column.alone] for parts in found]
    edges = sorted(parts[0].right for parts in pages if sum(len(column.rows) for column in parts) > 4)
    if edges:
        edge = edges[len(edges) // 2]
        for parts in pages:
            for column in parts:
                column.right = max(column.right, edge)


def _joins(before: Column, last: Row, column: Column, row: Row) -> bool:
    """Return whether `row` goes on with the paragraph that `last` ends so far."""
    if not 0.85 < row.size / last.size < 1.18 or last.parted or row.parted or _LEADER.search(last.words):
        return False
    if _stacked(last, row) or _titled(before, last, column, row):
        return True
    if before is column and (row.box[3] - last.box[3] > 1.6 * column.leading or row.box[1] < last.box[1]):
        return False
    return not _opens(before, last, column, row) and before.right - last.box[2] < _room(row.words, last.size, column)


def _opens(before: Column, last: Row, column: Column, row: Row) -> bool:
    """Return whether `row` begins a paragraph: by its indent, its label, or what stands before it."""
    indent = row.box[0] - column.left > 0.9 * last.size
    stopped = _STOP.search(last.words) is not None
    if before is not column:
        return indent or stopped
    if stopped and (_LABEL.match(row.words) or not column.indents):
        return True
    if not indent:
        return False
    # Below an indented line, one that stands as far in goes on with it (a paragraph indented as a whole), unless that
    # one ended with a stop.
    aligned = abs(row.box[0] - last.box[0]) < 0.5 * last.size
    return row.box[0] > last.box[0] if not aligned else stopped


def _titled(before: Column, last: Row, column: Column, row: Row) -> bool:
    """Return whether two lines are one title: both stand in the middle, in larger type than the text."""
    room = column.right - column.left
    middle = (column.left + column.right) / 2
    return (
        before is column
        and row.size > 1.2 * column.size
        and all(abs((line.box[0] + line.box[2]) / 2 - middle) < 0.06 * room for line in (last, row))
        and last.box[2] - last.box[0] > 0.5 * room
        and row.box[3] - last.box[3] < 2.6 * row.size
        and not re.search(r"[。；：]$", last.words)
    )


def _stacked(last: Row, row: Row) -> bool:
    """Return whether two characters stand under each other, as in a title that is written downwards."""
    return (
        wide(last.words[-1])
        and len(row.words) == 1 == len(last.words)
        and abs(last.box[0] - row.box[0]) < 0.2 * row.size
        and 0 <= row.box[1] - last.box[3] + 0.5 * row.size < 1.5 * row.size
    )


def _room(words: str, size: float, column: Column) -> float:
    """Return about how much room the first thing of a line takes that cannot be parted from what follows.

    Where paragraphs are indented, a line that falls short by two characters goes on, too: stops may hang over the edge.
    """
    if wide(words[0]):
        return (2.2 if column.indents or words[1:2] in tuple(_CLOSERS) else 1.2) * size
    word = re.match(r"\S+", words)
    return (0.55 * min(len(word.group()) if word else 1, 20) + 0.5) * size


def _paragraph(text: _Text, rows: Sequence[tuple[Column, Row]]) -> None:
    for at, (column, row) in enumerate(rows):
        words = row.words
        follows = rows[at + 1][1].words if at + 1 < len(rows) else ""
        between = ""
        if follows:
            if re.search(r"[A-Za-z]-$", words) and re.match(r"[a-z]", follows):
                words = words[:-1]
            elif spaced(words, follows):
                between = " "
        text.put(words, column.page, row.box)
        text.write(between)
    text.write("\n")


def _hide(text: _Text, heads: dict[int, list[Row]]) -> tuple[Span, ...]:
    """Write the running heads behind the words of the document, those that differ only in a number once."""
    start = text.length
    seen: set[str] = set()
    for page, rows in sorted(heads.items()):
        for row in rows:
            words = clean(row.words).strip()
            bare = _COUNTED.sub("#", words)
            if words and bare not in seen:
                seen.add(bare)
                text.put(words, page, row.box)
                text.write("\n")
    return (Span(start, text.length),) if text.length > start else ()


def _pages(sheets: Sequence[Sheet], lines: Sequence[Line], body: int) -> tuple[Page, ...]:
    """Return the pages; they tile the words of the document, and one without words is empty."""
    first: dict[int, int] = {}
    for line in lines:
        if line.start < body:
            first.setdefault(line.page, line.start)
    found: list[Page] = []
    end = body
    for sheet in reversed(sheets):
        start = min(first.get(sheet.number, end), end)
        size = (sheet.height, sheet.width) if sheet.turned else (sheet.width, sheet.height)
        found.append(Page(sheet.number, start, end, *size, sheet.confidence))
        end = start
    found.reverse()
    return tuple(found)


def _marks(text: _Text, bookmarks: Sequence[tuple[int, str, int]]) -> tuple[Mark, ...]:
    """Return the lines that bookmarks name: on the page, the first that begins with the title or is its beginning."""
    whole = "".join(text.parts)
    opened: dict[int, list[tuple[int, str]]] = {}
    for line in text.lines:
        if line.start == 0 or whole[line.start - 1] == "\n":
            opened.setdefault(line.page, []).append((line.start, _bare(whole[line.start : line.end])))
    marks: dict[int, int] = {}
    for page, title, depth in bookmarks:
        wanted = _bare(title)
        for start, words in opened.get(page, ()):
            if (
                start not in marks
                and wanted
                and (words.startswith(wanted) or (len(words) > 3 and wanted.startswith(words)))
            ):
                marks[start] = depth
                break
    return tuple(Mark(start, depth) for start, depth in sorted(marks.items()))


def _bare(words: str) -> str:
    return re.sub(r"\s+", "", words)


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return (round(box[0], 1), round(box[1], 1), round(box[2], 1), round(box[3], 1))
