"""Word .docx: the words as a reader of the printed page sees them, automatic numbers and accepted changes included.

The XML is read directly, part by part and block by block: python-docx holds every part of a file at once, and refuses
strict files, macro files and files that refer to a part that is missing. Names are those of ISO/IEC 29500-1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.read.draft import Draft
from ingest.read.element import child, local, number, value
from ingest.read.grid import Grid
from ingest.read.inline import Inline, chosen
from ingest.read.numbering import Numbering
from ingest.read.package import Package
from ingest.read.reading import Limits, Reading
from ingest.read.style import Styles, lists

if TYPE_CHECKING:
    from lxml.etree import _Element

_GONE = frozenset({"del", "moveFrom"})
_WRAPS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo"})
_BLOCKS = _WRAPS | {"p", "tbl", "tr", "tc", "txbxContent"}
_WIDEST = 1000  # columns that one cell may span; Word allows 63
_PAGE = re.compile(r"(?:[\s\-—–·.~|/\d]|第|共|页|頁|页码|page|of)*", re.I)  # a header or footer of page numbers
_CONTENTS_LINE = re.compile(r".*\S[\s.…·]+\d+")  # an entry of a table of contents: words, dots, page


def read(data: bytes, limits: Limits) -> Reading:
    """Return the words of a .docx: body, then footnotes and endnotes; headers, footers and contents stand hidden.

    Raises:
        ReadError: the file is damaged, locked, over a limit, or holds no words.
    """
    package = Package(data, limits, "Word ")
    main = next((path for kind, path in package.relations("").values() if kind == "officeDocument"), _MAIN)
    parts = dict.fromkeys(found for found in package.relations(main).values() if package.has(found[1]))
    by_kind = {kind: path for kind, path in reversed(parts)}
    styles = Styles.of(package, by_kind.get("styles"))
    story = _Story(styles, lists(package, by_kind.get("numbering"), styles), Draft(limits))
    for at, block in enumerate(package.blocks(main, frozenset({"p", "tbl"}))):
        if not any(local(above) == "Fallback" or local(above) in _GONE for above in block.iterancestors()):
            story.block(block)
        if at % 200 == 0:
            limits.progress()
    story.end()
    for kind, heading in (("footnotes", "脚注"), ("endnotes", "尾注")):
        if kind in by_kind:
            _notes(story, package.tree(by_kind[kind]), kind, heading)
    for kind, path in parts:
        if kind in ("header", "footer"):
            words = story.apart().words_of(package.tree(path))
            if not _PAGE.fullmatch(words):
                story.draft.aside(words)
    said = ("文件里有设为隐藏的文字，没有读入",) if story.inline.hidden else ()
    return story.draft.reading("docx", said)


_MAIN = "word/document.xml"


def _notes(story: _Story, root: _Element, kind: str, heading: str) -> None:
    """Append footnotes or endnotes in the order of their references, below a heading of their own."""
    found = {value(note, "id"): note for note in root}
    wanted = [ident for name, ident in story.inline.notes if name == kind]
    texts = [
        words for ident in dict.fromkeys(wanted) if ident in found and (words := story.apart().words_of(found[ident]))
    ]
    for at, words in enumerate(texts, start=1):
        if at == 1:
            story.draft.line(heading, level=1)
        story.draft.line(f"{heading}{at}：{words}")


class _Story:
    """Blocks in order. `_carried` are the words of a paragraph whose end was deleted: they go on in the next one."""

    def __init__(self, styles: Styles, numbering: Numbering, draft: Draft) -> None:
        self.styles = styles
        self.numbering = numbering
        self.draft = draft
        self.inline = Inline(styles)
        self._carried = ""

    def apart(self) -> _Story:
        """Return a story beside this one (a note, a header), in which other fields are open."""
        return _Story(self.styles, self.numbering, self.draft)

    def block(self, element: _Element) -> None:
        """Append one paragraph or table, then the text boxes that are anchored in it."""
        name = local(element)
        if name == "p":
            self._paragraph(element)
        elif name == "tbl":
            self._table(element)
        else:
            for inner in _blocks(element):
                self.block(inner)

    def end(self) -> None:
        """Append what a paragraph without an end has left."""
        self.draft.line(self._carried)
        self._carried = ""

    def words_of(self, element: _Element) -> str:
        """Return the words of the blocks in `element` (a cell, a note, a header) in lines, tables row by row."""
        found: list[str] = []
        for inner in _blocks(element):
            name = local(inner)
            if name == "p":
                label, words = self._numbered(inner)
                found.append(f"{label}{words}")
                found.extend(self.words_of(box) for box in self._anchored())
            elif name == "tbl":
                found.extend("，".join(filter(None, map(self.words_of, _cells(row)))) for row in _rows(inner))
            else:
                found.append(self.words_of(inner))
        return "\n".join(part for part in map(str.strip, found) if part)

    def _paragraph(self, element: _Element) -> None:
        in_contents = self.inline.in_contents
        label, words = self._numbered(element)
        properties = child(element, "pPr")
        boxes = self._anchored()
        if _ends_deleted(properties):
            self._carried += words
        elif (self._carried + words).strip():
            words, self._carried = (self._carried + words).strip(), ""
            in_contents = (in_contents or self.inline.in_contents) and bool(_CONTENTS_LINE.fullmatch(words))
            if in_contents or self.styles.name(properties).startswith("toc "):
                self.draft.aside(f"{label}{words}")
            else:
                self.draft.line(f"{label}{words}", level=self.styles.depth(properties))
        for box in boxes:
            self.block(box)

    def _numbered(self, element: _Element) -> tuple[str, str]:
        """Return the automatic number of a paragraph, which counts even where it is empty, and its words."""
        properties = child(element, "pPr")
        words = self.inline.words(element, properties)
        passed = self.styles.hides(properties) or _ends_deleted(properties)
        named = None if passed else self.styles.numbered(properties)
        return (self.numbering.label(*named) if named else ""), words

    def _anchored(self) -> list[_Element]:
        boxes, self.inline.boxes = self.inline.boxes, []
        return boxes

    def _table(self, element: _Element) -> None:
        rows = list(_rows(element))
        if all(len(_cells(row)) <= 1 for row in rows):  # a frame around text
            for row in rows:
                for cell in _cells(row):
                    self.block(cell)
            return
        grid = Grid()
        for at, row in enumerate(rows):
            column = min(number(child(child(row, "trPr"), "gridBefore"), 0), _WIDEST)
            for cell in _cells(row):
                properties = child(cell, "tcPr")
                width = max(1, min(number(child(properties, "gridSpan"), 1), _WIDEST))
                words = self.words_of(cell)  # of a merged cell, too: numbers in it count on
                merge = child(properties, "vMerge")
                if merge is not None and value(merge, "val") != "restart":
                    grid.extend(at, column, width)
                else:
                    grid.put(at, column, words, width=width)
                column += width
        grid.write(self.draft)


def _ends_deleted(properties: _Element | None) -> bool:
    """Return whether the end of a paragraph was deleted, or moved away, so that the next one goes on in its line."""
    mark = child(properties, "rPr")
    return any(child(mark, name) is not None for name in _GONE)


def _rows(table: _Element) -> list[_Element]:
    """Return the rows of a table that are not deleted, those inside content controls too."""
    return [row for row in _unwrapped(table, "tr") if child(child(row, "trPr"), "del") is None]


def _cells(row: _Element) -> list[_Element]:
    return _unwrapped(row, "tc")


def _unwrapped(element: _Element, name: str) -> list[_Element]:
    found: list[_Element] = []
    for inner in _blocks(element):
        found.extend(_unwrapped(inner, name) if local(inner) in _WRAPS else [inner] if local(inner) == name else [])
    return found


def _blocks(element: _Element) -> list[_Element]:
    """Return the children that hold words, of an AlternateContent those of the choice that counts."""
    found: list[_Element] = []
    for inner in element:
        if local(inner) == "AlternateContent":
            for choice in chosen(inner):
                found.extend(_blocks(choice))
        elif local(inner) in _BLOCKS:
            found.append(inner)
    return found
