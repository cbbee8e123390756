"""What a file becomes: a document with its text, its stated particulars, its outline and its chunks.

Glossary. *text*: the canonical text of a document, into which every span points. *section*: a node of the outline.
*chunk*: what is indexed, a span inside one section. *stated*: a value together with the span it was read from.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Script = Literal["hans", "hant", "other"]
SectionKind = Literal["root", "heading", "issuer", "item", "measure", "article", "attachment", "signature", "chrome"]


# Not frozen: a question makes hundreds of them, and a frozen one takes four times as long. Nobody changes one.
@dataclass(slots=True, unsafe_hash=True)
class Span:
    """A half-open range of character offsets `[start, end)` into a document's text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the words of `text` that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as the document states it.

    `value` is normalised (a date is ISO 8601, a number has its brackets mended); `text[start:end]` is the wording
    that it was read from, empty where only the metadata of the file say it.
    """

    value: str
    start: int
    end: int


@dataclass(slots=True, unsafe_hash=True)  # not frozen, for the same reason
class Section:
    """A node of the outline, in document order.

    `parent` is the position of the parent in `Document.sections` (None for the root, which is section 0 and spans the
    whole text). `start:end` covers the heading and everything under it. `body` is where the heading ends and the words
    under it begin. `label` is the numbering as printed (一、, (一), 1., 第三条, 一是), "" where a heading has none.
    `issuer` is the body whose words these are where a document holds several one after the other, "" otherwise.
    """

    parent: int | None
    kind: SectionKind
    level: int
    label: str
    title: str
    start: int
    body: int
    end: int
    issuer: str = ""

    @property
    def name(self) -> str:
        """Return label and title as they are shown in a path."""
        return f"{self.label}{self.title}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span inside one section (`section` is its position in `Document.sections`).

    The chunks of a document tile its text: they are in order, touch each other and lose no character.
    `indexed` is False for site chrome and for a heading whose words all stand in the paths of the chunks below it.
    """

    section: int
    start: int
    end: int
    indexed: bool


Box = tuple[float, float, float, float]
"""A rectangle on a page: left, top, right, bottom in points (1/72 inch) from the top left corner of the page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a document: `number` counts from 1, `start:end` is its part of the text, the size is in points.

    The parts of the pages follow each other; running headers and footers stand behind them all. `confidence` (0 to 1)
    is how sure the recognition of a scanned page is, None where the file itself holds the characters.
    """

    number: int
    start: int
    end: int
    width: float
    height: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: `text[start:end]` stands on page `page` inside `box`."""

    start: int
    end: int
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Document:
    """One file as ingested. `id` is a hash of its bytes, so the same file is the same document wherever it lies.

    `kind` is its format, `pages` are there for formats that have pages, `notes` say what a reader left out or doubts.
    `lines` are as the reader saw them; a document from the corpus leaves them there (`Corpus.lines`): a book has
    100,000 of them, and an answer needs none.
    """

    id: str
    text: str
    script: Script
    title: Stated | None
    issuer: Stated | None
    number: Stated | None
    date: Stated | None
    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]
    kind: str = "text"
    pages: tuple[Page, ...] = ()
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()

    def page_at(self, offset: int) -> Page | None:
        """Return the page on which the character at `offset` stands, None where the document has no pages."""
        at = bisect_right(self.pages, offset, key=lambda page: page.start) - 1
        return self.pages[at] if at >= 0 and offset < self.pages[at].end else None

    def path(self, section: int) -> tuple[str, ...]:
        """Return the names of the sections from the root (left out) down to `section`."""
        names = [s.name for s in self.ancestors(section) if s.kind not in ("root", "measure")]
        return tuple(reversed([name for name in names if name]))

    def ancestors(self, section: int) -> Iterator[Section]:
        """Yield the section at `section`, then its parent, up to the root."""
        at: int | None = section
        while at is not None:
            node = self.sections[at]
            yield node
            at = node.parent


def document_id(data: bytes) -> str:
    """Return the id of a document: the first 96 bits of the SHA-256 of the file's bytes, as 24 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:24]
