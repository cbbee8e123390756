"""Claims and the citations that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of a document: `text[start:end] == quote`, always.

    `page` is the page that it begins on, None where the document has none; `confidence` (0 to 1) how sure the
    recognition of that page is, None where it was not scanned.
    """

    n: int
    doc: str
    title: str
    source: str
    path: tuple[str, ...]
    start: int
    end: int
    quote: str
    page: int | None = None
    confidence: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the citation as the command prints it."""
        shown = {
            "n": self.n, "doc": self.doc, "title": self.title, "source": self.source, "path": list(self.path),
            "start": self.start, "end": self.end, "quote": self.quote, "page": self.page,
        }  # fmt: skip
        return shown if self.confidence is None else {**shown, "confidence": round(self.confidence, 3)}


class Rule(Protocol):
    """How a claim is derived from what it cites; `name` is what the rule is called."""

    @property
    def name(self) -> str: ...  # noqa: D102

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the words that follow from the cited operands, None where an operand does not stand there."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer with the numbers of the citations that it rests on.

    It is stated by them, but for what `rule` derives from them.
    """

    text: str
    cites: tuple[int, ...]
    rule: Rule | None = None
