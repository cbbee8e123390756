"""Claims and the citations that they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer with the numbers of the citations that it rests on."""

    text: str
    cites: tuple[int, ...]
