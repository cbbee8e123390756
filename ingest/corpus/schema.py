"""The tables of a corpus: their format, how they are made, and how an earlier format is brought up to this one."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid

from ingest import chunk as chunker
from ingest import ledger as ledgers
from ingest.corpus import record, tasks
from ingest.corpus.backup import publish, unlink
from ingest.corpus.database import UNHARMED, Database
from ingest.error import StoreError

FORMAT = 3  # of the tables below; a store of another format is refused by name

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE document (
    no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL, script TEXT NOT NULL,
    title TEXT, issuer TEXT, number TEXT, date TEXT,   -- as stated, for filters and lists
    stated TEXT NOT NULL,                              -- JSON: the same with their spans
    outline TEXT NOT NULL,                             -- JSON: the sections in order
    kind TEXT NOT NULL DEFAULT 'text',
    notes TEXT NOT NULL DEFAULT '[]'                   -- JSON: what the reader left out or doubts
);
CREATE TABLE chunk (
    no INTEGER PRIMARY KEY AUTOINCREMENT, doc_no INTEGER NOT NULL REFERENCES document(no) ON DELETE CASCADE,
    section INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, indexed INTEGER NOT NULL,
    path TEXT NOT NULL, issuer TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX chunk_doc ON chunk(doc_no);
CREATE TABLE entry (
    no INTEGER PRIMARY KEY, collection TEXT NOT NULL, source TEXT NOT NULL,
    doc_no INTEGER NOT NULL REFERENCES document(no), UNIQUE (collection, source)
);
CREATE INDEX entry_doc ON entry(doc_no, collection);
CREATE TABLE history (                                 -- what an entry pointed to before
    entry INTEGER NOT NULL REFERENCES entry(no) ON DELETE CASCADE, doc_no INTEGER NOT NULL REFERENCES document(no),
    until INTEGER NOT NULL                             -- the change that replaced it
);
CREATE INDEX history_doc ON history(doc_no);
CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, doc_no INTEGER NOT NULL);
"""
_LAYOUT = """
CREATE TABLE page (
    doc_no INTEGER NOT NULL REFERENCES document(no) ON DELETE CASCADE, number INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL, confidence REAL,
    PRIMARY KEY (doc_no, start, number)
) WITHOUT ROWID;
CREATE TABLE line (                                    -- the printed lines, each with its box in points
    doc_no INTEGER NOT NULL REFERENCES document(no) ON DELETE CASCADE, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    page INTEGER NOT NULL, x0 REAL NOT NULL, y0 REAL NOT NULL, x1 REAL NOT NULL, y1 REAL NOT NULL
);
CREATE INDEX line_doc ON line(doc_no, start);
"""
# What brings a store of an earlier format up to the next one.
_STEPS = {
    1: tasks.SCHEMA,
    2: f"""
ALTER TABLE document ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';
ALTER TABLE document ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
{_LAYOUT}""",
}
_EARLIER = {str(step) for step in _STEPS}


def made(db: Database) -> dict[str, str]:
    """Return what made the corpus: its format, its chunker, its ledger, and its identity."""
    return dict(db.all("SELECT key, value FROM meta"))


def create(db: Database) -> None:
    """Make the tables where there are none. The file appears with them: a kill never leaves one that holds nothing."""
    if not db.path.exists() or not db.path.stat().st_size:
        draft = db.path.with_name(f"{db.path.name}.part")
        try:
            unlink(draft)  # of one that was killed
            with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                _fill(connection)
                connection.execute("COMMIT")
            publish(draft, db.path)
        except OSError as error:
            raise StoreError(f"库 {db.store} 写不下去（{error.strerror}）：{UNHARMED}") from error
    elif not db.all("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):  # what an earlier version was killed at
        with db.writing() as connection:
            _fill(connection)


def _fill(connection: sqlite3.Connection) -> None:
    _run(connection, _TABLES + tasks.SCHEMA + _LAYOUT)
    values = {"format": str(FORMAT), "chunker": chunker.VERSION, "ledger": ledgers.VERSION}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", [*values.items(), ("identity", uuid.uuid4().hex)])


def migrate(db: Database) -> None:
    """Bring an earlier format up to this one, and read all ledgers again where another version filled them."""
    before = made(db)
    now = {"format": str(FORMAT), "ledger": ledgers.VERSION}
    if before.get("format") not in {*_EARLIER, str(FORMAT)} or now.items() <= before.items():
        return
    with db.writing() as connection:
        for step in range(int(before["format"]), FORMAT):
            _run(connection, _STEPS[step])
        if before.get("ledger") != ledgers.VERSION:
            for (no,) in db.all("SELECT no FROM document"):
                document = record.restored(db, db.row(f"SELECT {record.COLUMNS} FROM document WHERE no = ?", (no,)))
                tasks.rewrite(connection, no, document, ledgers.ledger(document))
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(now.items()))


def check(db: Database, *, stale: bool) -> None:
    """Refuse a corpus that another version made, `stale` chunks excepted where they are accepted.

    Raises:
        StoreError: with what is to be done.
    """
    by = made(db)
    if by.get("format") != str(FORMAT):
        raise StoreError(
            f"文档库 {db.store} 的格式是 {by.get('format')}，本程序用的是 {FORMAT}："
            + (
                "再运行一次 duban ingest 即升级"
                if by.get("format") in _EARLIER
                else "请用建立它的版本打开，或重新导入到新的 --store"
            )
        )
    if by.get("chunker") != chunker.VERSION and not stale:
        raise StoreError(
            f"文档库 {db.store} 由另一版本分块（{by.get('chunker')}，本程序为 {chunker.VERSION}）："
            f"请运行 duban doctor --rebuild --store {db.store}"
        )


def _run(db: sqlite3.Connection, statements: str) -> None:
    """Run statements one by one: `executescript` would end the transaction that is open."""
    for statement in statements.split(";\n"):
        db.execute(statement)
