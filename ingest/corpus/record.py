"""The record of a document: how its text, outline, chunks, pages and lines stand in the tables, and come back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ingest.corpus import tasks
from ingest.corpus.database import Database
from ingest.document import Chunk, Document, Page, Section, Stated
from ingest.ledger import Ledger

COLUMNS = "no, id, text, script, stated, outline, kind, notes"  # of the table `document`, as `restored` wants them
_FIELDS = "text, script, title, issuer, number, date, stated, outline, kind, notes"


def insert(db: sqlite3.Connection, document: Document, ledger: Ledger) -> int:
    """Write a document that is not there yet, with its ledger, and return the number that it got."""
    cursor = db.execute(
        f"INSERT INTO document (id, {_FIELDS}) VALUES (?, {_marks(_FIELDS)})", (document.id, *_fields(document))
    )
    doc_no = int(cursor.lastrowid or 0)
    _write_parts(db, doc_no, document)
    tasks.write(db, doc_no, document, ledger)
    return doc_no


def replace(db: sqlite3.Connection, doc_no: int, document: Document, ledger: Ledger) -> None:
    """Write a document, which was read anew, in the place of what stands under its number."""
    for table in ("chunk", "page", "line"):
        db.execute(f"DELETE FROM {table} WHERE doc_no = ?", (doc_no,))
    db.execute(f"UPDATE document SET ({_FIELDS}) = ({_marks(_FIELDS)}) WHERE no = ?", (*_fields(document), doc_no))
    _write_parts(db, doc_no, document)
    tasks.rewrite(db, doc_no, document, ledger)


def restored(db: Database, row: Sequence[Any], *, chunks: bool = True) -> Document:
    """Return the document of a row with `COLUMNS`, without its chunks where these are not wanted.

    Its printed lines, which are many, are asked for apart.
    """
    no, doc, text, script, stated, outline, kind, notes = row
    values = {key: Stated(*value) if value else None for key, value in json.loads(stated).items()}
    sections = tuple(Section(*section) for section in json.loads(outline))
    pieces: Sequence[Any] = ()
    if chunks:
        pieces = db.all('SELECT section, start, "end", indexed FROM chunk WHERE doc_no = ? ORDER BY no', (no,))
    sheets = db.all(
        'SELECT number, start, "end", width, height, confidence FROM page WHERE doc_no = ? ORDER BY start, number',
        (no,),
    )
    return Document(
        doc, text, script, values["title"], values["issuer"], values["number"], values["date"], sections,
        tuple(Chunk(section, start, end, bool(indexed)) for section, start, end, indexed in pieces),
        kind=kind, pages=tuple(Page(*sheet) for sheet in sheets), notes=tuple(json.loads(notes)),
    )  # fmt: skip


def _write_parts(db: sqlite3.Connection, doc_no: int, document: Document) -> None:
    """Write the chunks, pages and lines."""
    paths = [_json(document.path(at)) for at in range(len(document.sections))]
    db.executemany(
        'INSERT INTO chunk (doc_no, section, start, "end", indexed, path, issuer, text)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                doc_no, piece.section, piece.start, piece.end, piece.indexed, paths[piece.section],
                document.sections[piece.section].issuer, document.text[piece.start : piece.end],
            )
            for piece in document.chunks
        ],
    )  # fmt: skip
    db.executemany(
        "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(doc_no, p.number, p.start, p.end, p.width, p.height, p.confidence) for p in document.pages],
    )
    db.executemany(
        "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(doc_no, line.start, line.end, line.page, *line.box) for line in document.lines],
    )


def _fields(document: Document) -> tuple[str | None, ...]:
    """Return what is stored of a document beside its id, in the order of `_FIELDS`."""
    fields = {name: getattr(document, name) for name in ("title", "issuer", "number", "date")}
    stated = {name: (field.value, field.start, field.end) if field else None for name, field in fields.items()}
    outline = [
        (s.parent, s.kind, s.level, s.label, s.title, s.start, s.body, s.end, s.issuer) for s in document.sections
    ]
    values = (field.value if field else None for field in fields.values())
    return (
        document.text, document.script, *values, _json(stated), _json(outline), document.kind, _json(document.notes)
    )  # fmt: skip


def _marks(names: str) -> str:
    return ", ".join("?" for _ in names.split(","))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
