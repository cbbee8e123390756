"""Entries: which source is which document, what it was before, and the numbered changes that indexes follow."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.corpus import record
from ingest.document import Document
from ingest.ledger import Ledger, ledger

Outcome = Literal["added", "unchanged", "updated", "renamed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to be taken in: its source path, the document it became, its bytes and the collection it belongs to.

    `was` is a source of the collection that this one takes the place of, as a file's new name does of its old one.
    `ledger` is the document's, where it was read already, as a process that reads files beside this one can do.
    """

    source: str
    document: Document
    data: bytes
    collection: str = "default"
    was: str | None = None
    ledger: Ledger | None = None


def put_entry(db: sqlite3.Connection, entry: Entry, read: Ledger | None) -> Outcome:
    """Make an entry's document the current one of its source; `read` is its ledger, needed where it is new."""
    doc_no = _document_no(db, entry.document, read)
    row = db.execute(
        "SELECT no, doc_no FROM entry WHERE collection = ? AND source = ?", (entry.collection, entry.source)
    ).fetchone()
    if row and row[1] == doc_no:
        return "unchanged"
    if not db.execute("SELECT 1 FROM entry WHERE doc_no = ?", (doc_no,)).fetchone():
        db.execute("INSERT INTO change (kind, doc_no) VALUES ('add', ?)", (doc_no,))
    if row is None and entry.was is not None and _rename(db, entry, doc_no):
        return "renamed"
    if row is None:
        db.execute("INSERT INTO entry (collection, source, doc_no) VALUES (?, ?, ?)",
                   (entry.collection, entry.source, doc_no))  # fmt: skip
        return "added"
    db.execute("UPDATE entry SET doc_no = ? WHERE no = ?", (doc_no, row[0]))
    _retire(db, row[1])
    last = db.execute("SELECT max(seq) FROM change").fetchone()[0]
    db.execute("INSERT INTO history VALUES (?, ?, ?)", (row[0], row[1], last))
    return "updated"


def drop_entries(db: sqlite3.Connection, rows: Sequence[tuple[int, int]]) -> list[str]:
    """Delete entries (number, document number) and return the ids of the documents that went with them."""
    for number, doc_no in rows:
        db.execute("DELETE FROM entry WHERE no = ?", (number,))
        _retire(db, doc_no)
    unused = "no NOT IN (SELECT doc_no FROM entry UNION SELECT doc_no FROM history)"
    gone = [row[0] for row in db.execute(f"SELECT id FROM document WHERE {unused}")]
    db.execute(f"DELETE FROM document WHERE {unused}")
    return gone


def _document_no(db: sqlite3.Connection, document: Document, read: Ledger | None) -> int:
    """Return the number of the document, which is stored where it is new."""
    row = db.execute("SELECT no FROM document WHERE id = ?", (document.id,)).fetchone()
    return int(row[0]) if row else record.insert(db, document, read or ledger(document))


def _rename(db: sqlite3.Connection, entry: Entry, doc_no: int) -> bool:
    done = db.execute(
        "UPDATE entry SET source = ? WHERE collection = ? AND source = ? AND doc_no = ?",
        (entry.source, entry.collection, entry.was, doc_no),
    )
    return done.rowcount > 0


def _retire(db: sqlite3.Connection, doc_no: int) -> None:
    """Write the change where no entry points to the document any more."""
    if not db.execute("SELECT 1 FROM entry WHERE doc_no = ?", (doc_no,)).fetchone():
        db.execute("INSERT INTO change (kind, doc_no) VALUES ('remove', ?)", (doc_no,))
