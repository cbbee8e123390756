"""What a reader returns, and the limits that it keeps to.

A reader is one function from the bytes of a file to a `Reading`. It makes the canonical text (paragraphs as lines,
tables as Markdown tables) and says what it knows beside it; outline, chunks and ledger are made from the text later,
for every format alike.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.document import Line, Page, Span


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading that the format itself declares (a Word style, a PDF bookmark, h1 to h6).

    `start` is the offset of the first character of its line, `level` its depth, 1 the highest.
    """

    start: int
    level: int


@dataclass(frozen=True, slots=True)
class Hints:
    """What the metadata of a file say of it; used only where its text states none. The date is ISO 8601."""

    title: str | None = None
    issuer: str | None = None
    number: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as a reader read it.

    Attributes:
        text: the canonical text, never empty, without NULs and lone surrogates.
        kind: the name of the format as in `ingest.read.kind`: text, markdown, pdf, docx.
        pages: the pages in order, for formats that have any.
        lines: the printed lines in order of their offsets, for formats that say where they stand.
        marks: the declared headings in order of their offsets.
        hints: what the metadata say.
        hidden: spans that are kept in the text and not indexed (running headers, footers, page numbers), in order. They
            stand apart from the words of the document: at the tail of the text, so that no paragraph is broken by them.
        notes: what the user should know of the reading, in Chinese, a line each.
    """

    text: str
    kind: str
    pages: tuple[Page, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    hints: Hints = Hints()
    hidden: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()


_BEAT = 2.0  # seconds between two signs of progress


def _nothing(*_: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may take. What is over a limit is refused, or read up to it with a note that says so.

    Attributes:
        size: bytes of a file, or of a member of an archive.
        pages: pages of one document; the rest is left out with a note.
        characters: characters of one text; 10 million take about 1 GB while they are outlined.
        pixels: pixels of a picture, or of a page that is drawn to be recognised.
        page_seconds: seconds for which a page that is being recognised is taken to make progress.
        unpacked: bytes that an archive, or a format that is one (docx, xlsx, ofd), may unpack to.
        members: files of an archive.
        threads: cores that the recognition of one page may use, 0 for all.
        progress: is called by a reader now and then: with the number of the page that it is at and of all pages, or
            with nothing where it has no such numbers. Whoever bounds the time without progress listens to it.
    """

    size: int = 100_000_000
    pages: int = 3_000
    characters: int = 10_000_000
    pixels: int = 40_000_000
    page_seconds: float = 90.0
    unpacked: int = 400_000_000
    members: int = 2_000
    threads: int = 0
    progress: Callable[..., None] = field(default=_nothing, compare=False)


@contextmanager
def beating(limits: Limits, seconds: float) -> Iterator[None]:
    """Tell of progress while one long call works, which cannot do so itself, but not for longer than `seconds`."""
    if seconds < _BEAT:
        yield
        return
    done = threading.Event()

    def beat() -> None:
        end = time.monotonic() + seconds
        while not done.wait(_BEAT) and time.monotonic() < end:
            limits.progress()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def patience(text: str) -> float:
    """Return the seconds that the outline or the ledger of a text may take (measured: 2 and 7 µs a character)."""
    return len(text) * 50e-6
