"""A canonical text while a reader makes it: paragraphs as lines, headings marked, what is no part of it at the tail."""

from __future__ import annotations

import re

from ingest.document import Span
from ingest.error import ReadError
from ingest.read.reading import Hints, Limits, Mark, Reading

# What no text holds: control characters, non-characters and lone surrogates (which cannot be stored as UTF-8).
_JUNK = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_BREAK = re.compile(r"[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+\n?")  # str.splitlines breaks a line at each of these


class Draft:
    """Lines in order. What is appended is cleaned, so that every line break in the text is one line feed."""

    def __init__(self, limits: Limits) -> None:
        """Begin an empty text that may grow to `limits.characters`."""
        self._limits = limits
        self._lines: list[str] = []
        self._length = 0
        self._marks: list[Mark] = []
        self._asides: dict[str, None] = {}

    def line(self, words: str, level: int = 0) -> None:
        """Append a paragraph without the blanks around its lines; `level` is the depth of a declared heading, or 0.

        Raises:
            ReadError: the text is longer than the limit.
        """
        for at, part in enumerate(lines(words)):
            if level and not at:
                self._marks.append(Mark(self._length, level))
            self._lines.append(part)
            self._length += len(part) + 1
        if self._length > self._limits.characters:
            raise ReadError(f"文字超过 {self._limits.characters / 1e4:.0f} 万字的上限：请拆分后再导入")

    def aside(self, words: str) -> None:
        """Keep words that are not part of the document (headers, footers), each once, for the hidden tail."""
        if words := "\n".join(lines(words)):
            self._asides[words] = None

    @property
    def empty(self) -> bool:
        """Return whether there is no line yet."""
        return not self._lines

    def reading(self, kind: str, notes: tuple[str, ...] = (), hints: Hints = Hints()) -> Reading:  # noqa: B008 - frozen
        """Return the text that was made.

        Raises:
            ReadError: it has no words.
        """
        if not any(part.strip("|- ") for part in self._lines):
            raise ReadError("文件里没有文字：请检查文件是否完整；如果内容是图片，请另存为 PDF 或图片再导入")
        text = "\n".join(self._lines) + "\n"
        hidden: tuple[Span, ...] = ()
        if self._asides:
            tail = "\n".join(self._asides) + "\n"
            hidden = (Span(len(text), len(text) + len(tail)),)
            text += tail
        return Reading(text, kind, marks=tuple(self._marks), hints=hints, hidden=hidden, notes=notes)


def lines(words: str) -> list[str]:
    """Return the lines of `words` that are not blank, cleaned and without the blanks around them."""
    return [part for line in _BREAK.sub("\n", words).split("\n") if (part := _JUNK.sub("", line).strip())]
