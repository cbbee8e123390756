"""Excel .xlsx: each sheet's tables, row by row, with what the cells show.

The XML is read directly and as a stream: openpyxl keeps no merged cells when it streams, opens no file with odd styles
(WPS and report programs write them), and knows none of the Chinese date formats that a file names by number only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.error import ReadError
from ingest.read.cell import BUILT_IN, Form, form, shown
from ingest.read.draft import Draft
from ingest.read.element import child, children, local, number_of, value
from ingest.read.grid import Grid, flat
from ingest.read.package import Package
from ingest.read.reading import Limits, Reading

if TYPE_CHECKING:
    from lxml.etree import _Element

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_DEFAULT_NAME = re.compile(r"sheet\s*\d*|工作表\s*\d*", re.I)
_BOOLEANS = {"1": "是", "0": "否"}  # TRUE and FALSE in words; a cell of ticks says whether something is so
_NAME = 12  # characters of the name of a column


def read(data: bytes, limits: Limits) -> Reading:
    """Return the visible sheets of a workbook in order; a sheet's name is a heading where there are several.

    Raises:
        ReadError: the file is damaged, locked, over a limit, or holds no words.
    """
    package = Package(data, limits, "Excel ")
    main = next((path for kind, path in package.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
    book = _Book.of(package, main)
    draft = Draft(limits)
    notes: list[str] = []
    sheets = []
    for name, path in book.sheets:
        sheet = _Sheet(book)
        sheet.read(package, path, limits)
        if sheet.rows:
            sheets.append((name, sheet))
        limits.progress()
    for name, sheet in sheets:
        titled = len(sheets) > 1 or not (_DEFAULT_NAME.fullmatch(name) or sheet.has_title)
        if titled:
            draft.line(flat(name), level=1)
        sheet.write(draft)
    if book.hidden:
        notes.append(f"隐藏的工作表没有读入：{'、'.join(book.hidden[:10])}")
    uncounted = sum(sheet.uncounted for _, sheet in sheets)
    if uncounted:
        notes.append(f"有 {uncounted} 个公式没有存下结果，读作空白：请用 Excel 打开并保存一次再导入")
    return draft.reading("xlsx", tuple(notes))


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a workbook share: strings, number formats by cell style, and how days are counted."""

    sheets: list[tuple[str, str]]
    hidden: list[str]
    strings: list[str]
    forms: list[Form]
    since_1904: bool

    @classmethod
    def of(cls, package: Package, main: str) -> _Book:
        parts = package.relations(main)
        root = package.tree(main)
        sheets: list[tuple[str, str]] = []
        hidden: list[str] = []
        for sheet in children(root, "sheets"):
            kind, path = parts.get(value(sheet, "id"), ("", ""))
            if sheet.get("state") in ("hidden", "veryHidden"):
                hidden.append(value(sheet, "name"))
            elif kind == "worksheet" and package.has(path):
                sheets.append((value(sheet, "name"), path))
        by_kind = {kind: path for kind, path in parts.values() if package.has(path)}
        strings = by_kind.get("sharedStrings")
        return cls(
            sheets=sheets,
            hidden=hidden,
            strings=[flat(_string(item)) for item in package.blocks(strings, frozenset({"si"}))] if strings else [],
            forms=_forms(package, by_kind.get("styles")),
            since_1904=value(child(root, "workbookPr"), "date1904") in ("1", "true"),
        )


def _forms(package: Package, part: str | None) -> list[Form]:
    """Return what the number formats of the cell styles ask for, by the number of the style."""
    if part is None:
        return []
    root = package.tree(part)
    codes = dict(BUILT_IN)
    for item in children(root, "numFmts"):
        codes[number_of(value(item, "numFmtId"), -1)] = value(item, "formatCode")
    used = [number_of(value(style, "numFmtId"), 0) for style in children(root, "cellXfs")]
    made = {number: form(codes.get(number, "")) for number in set(used)}
    return [made[number] for number in used]


def _string(element: _Element) -> str:
    """Return the words of a string of one or several runs, without the readings that stand above East Asian words."""
    if local(element) == "t":
        return element.text or ""
    return "".join(_string(inner) for inner in element if local(inner) in ("t", "r"))


@dataclass(slots=True)
class _Sheet:
    """The cells of a sheet that hold words: row -> column -> words, rows in order; and its merged ranges."""

    book: _Book
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    uncounted: int = 0
    _length: int = 0

    def read(self, package: Package, part: str, limits: Limits) -> None:
        """Read the part of a sheet."""
        row = column = 0
        for at, element in enumerate(package.blocks(part, frozenset({"row", "mergeCell"}))):
            if at % 1000 == 0:
                limits.progress()
            if local(element) == "mergeCell":
                corners = [_place(reference) for reference in value(element, "ref").upper().split(":")]
                if len(corners) == 2 and corners[0] and corners[1]:
                    self.merged.append((*corners[0], *corners[1]))
                continue
            row = number_of(value(element, "r"), row + 1)
            column = 0
            cells: dict[int, str] = {}
            for cell in element:
                if local(cell) != "c":
                    continue
                place = _place(value(cell, "r").upper())
                column = place[1] if place else column + 1
                if words := self._words(cell):
                    cells[column] = words
                    self._length += len(words)
            if self._length > limits.characters:  # one string may stand in a million cells
                raise ReadError(f"文字超过 {limits.characters / 1e4:.0f} 万字的上限：请拆分后再导入")
            if cells:
                self.rows[row] = cells
        self.rows = dict(sorted(self.rows.items()))

    def _words(self, cell: _Element) -> str:
        kind = value(cell, "t") or "n"
        if kind == "inlineStr":
            inner = child(cell, "is")
            return flat(_string(inner)) if inner is not None else ""
        held = child(cell, "v")
        words = (held.text or "") if held is not None else ""
        if not words and child(cell, "f") is not None:
            self.uncounted += 1
        if kind == "s":
            at = number_of(words, -1)
            return self.book.strings[at] if 0 <= at < len(self.book.strings) else ""
        if kind == "b":
            return _BOOLEANS.get(words, words)
        if kind == "d":  # ISO 8601, in strict files
            return words.removesuffix("T00:00:00")
        return self._number(words, number_of(value(cell, "s"), 0)) if kind == "n" else flat(words)

    def _number(self, words: str, style: int) -> str:
        try:
            number = float(words)
        except ValueError:
            return words
        if number != number or number in (float("inf"), float("-inf")):
            return words
        asked = self.book.forms[style] if style < len(self.book.forms) else Form()
        return shown(number, asked, since_1904=self.book.since_1904)

    @property
    def has_title(self) -> bool:
        """Return whether the first row holds one cell of words: the title above the table."""
        return len(next(iter(self.rows.values()), {})) == 1

    def write(self, draft: Draft) -> None:
        """Append the tables of the sheet, which blank rows part where a new header or title follows."""
        right = max(max(cells) for cells in self.rows.values())
        for block in self._blocks():
            index = {row: at for at, row in enumerate(block)}
            grid = Grid()
            for top, left, bottom, last in self.merged:
                if top in index and left in self.rows[top]:
                    height = bisect_right(block, bottom) - index[top]
                    grid.put(index[top], left, self.rows[top][left], height, min(last, right) - left + 1)
            for row in block:
                for column, words in self.rows[row].items():
                    grid.put(index[row], column, words)
            grid.write(draft)

    def _blocks(self) -> Iterator[list[int]]:
        """Yield the rows of each table: a blank row parts two where a title or a header stands below it."""
        block: list[int] = []
        for row, cells in self.rows.items():
            if block and row > block[-1] + 1 and self._opens(cells, self.rows[block[-1]]):
                yield block
                block = []
            block.append(row)
        if block:
            yield block

    def _opens(self, cells: dict[int, str], above: dict[int, str]) -> bool:
        """Return whether a row below a blank one begins a table: one cell alone, or names below a row of content."""
        return len(cells) == 1 or (_are_names(cells) and not _are_names(above))


def _are_names(cells: dict[int, str]) -> bool:
    return all(len(words) <= _NAME and not words[0].isdigit() for words in cells.values())


def _place(reference: str) -> tuple[int, int] | None:
    """Return row and column, both from 1, of a reference such as B7."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column
