"""Rows: what a corpus tells of its changes, chunks, documents and their versions, and what they are filtered by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Change:
    """A document began ("add") or ceased ("remove") to be live."""

    seq: int
    kind: Literal["add", "remove"]
    doc_no: int


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk with what is shown beside it. `no` and `doc_no` are never used again after a removal."""

    no: int
    doc_no: int
    doc: str
    title: str
    source: str
    path: tuple[str, ...]
    start: int
    end: int
    text: str
    issuer: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """An entry with the particulars of its current document. `title` falls back to the file's name."""

    no: int
    doc: str
    title: str
    issuer: str | None
    number: str | None
    date: str | None
    script: str
    source: str
    collection: str
    chunks: int
    tasks: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the row as `duban docs list --json` prints it."""
        row = asdict(self)
        del row["no"]
        return row


@dataclass(frozen=True, slots=True)
class Version:
    """One of the documents that a source has been. `superseded_by` is the id of the next one, None for the current."""

    doc: str
    title: str
    date: str | None
    source: str
    collection: str
    superseded_by: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the version as `duban docs show --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Where:
    """A filter over documents; what is None does not filter. Dates are ISO 8601 and both included."""

    doc: str | None = None
    issuer: str | None = None
    since: str | None = None
    until: str | None = None
    collection: str | None = None


def shown_title(title: str | None, source: str) -> str:
    """Return the title that people see: the stated one, else the file's name."""
    return " ".join(title.split()) if title else PurePath(source).name
