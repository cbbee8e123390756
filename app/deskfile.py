"""The file `desk.db` of a store: what people did at the page. Its tables, and the connections to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.corpus.connections import Connections
from ingest.error import StoreError

FORMAT = 1  # of the tables below; a file of a later format is refused by name

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE conversation (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,
    scope TEXT NOT NULL,                               -- JSON: which documents are asked, as the reader set it
    state TEXT,                                        -- JSON: what a follow-up refers to, as the reader left it
    changed TEXT NOT NULL                              -- UTC, ISO 8601
) WITHOUT ROWID;
CREATE INDEX conversation_owner ON conversation(owner, changed);
CREATE TABLE turn (
    conversation TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE, at INTEGER NOT NULL,
    question TEXT NOT NULL, answer TEXT,               -- JSON: the contract object of `duban ask --json`
    error TEXT NOT NULL, liked INTEGER, reason TEXT NOT NULL DEFAULT '', asked TEXT NOT NULL,
    PRIMARY KEY (conversation, at)
) WITHOUT ROWID;
CREATE TABLE upload (
    no INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,
    file TEXT NOT NULL,                                -- its name in the folder of uploads, '' once it is not needed
    stage TEXT NOT NULL, why TEXT NOT NULL DEFAULT '', doc TEXT,
    notes TEXT NOT NULL DEFAULT '[]',                  -- JSON: what is to be said of it
    worker INTEGER,                                    -- the process that is at it
    came TEXT NOT NULL
);
"""


class DeskFile:
    """The database of the page. Safe to use from several threads and processes: each change is a short transaction."""

    def __init__(self, store: Path) -> None:
        """Open the file in the folder `store`, which exists; it is made where it is missing.

        Raises:
            StoreError: the file cannot be written, is damaged, or a later version made it.
        """
        self._path = store / "desk.db"
        self._connections = Connections(self._connect)
        try:
            with self.writing() as db:
                if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    for statement in _SCHEMA.split(";\n"):
                        db.execute(statement)
                    db.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
                made = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()[0]
        except sqlite3.DatabaseError as error:
            self.close()
            why = "请检查文件夹是否只读、磁盘是否已满；文件损坏时把它移走，页面会新建一个（对话记录随之移走）"
            raise StoreError(f"{self._path} 打不开（{error}）：{why}") from error
        if made != str(FORMAT):
            self.close()
            raise StoreError(f"{self._path} 的格式是 {made}，本程序用的是 {FORMAT}：请用建立它的版本打开")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection inside a transaction, which is undone if the block raises."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def all(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """Return the rows of a query."""
        return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """Return the first row of a query, None where there is none."""
        return self._db.execute(sql, values).fetchone()

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()

    @property
    def _db(self) -> sqlite3.Connection:
        return self._connections.mine

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        # Readers go on while a turn is written; what a power cut may take is the last turn, never the file.
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA cache_size = -512")  # KiB a thread; what is read is one conversation
        return db
