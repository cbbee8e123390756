"""The file `index.db`: its connections, its transactions, and whether it can be believed."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from ingest.error import StoreError


class DamagedIndex(StoreError):
    """You meet this inside the room when SQLite says that the file is none of its own, or a torn one."""


class IndexFile:
    """The SQLite file of an index. Any number of threads read at once; one at a time writes.

    A connection belongs to one block at a time and is kept for the next one. Where the file was replaced by another
    (`duban doctor --rebuild` while the page is open) the connections to the old one are given up.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self._write = write
        self._idle: list[sqlite3.Connection] = []
        self._file = self.inode
        self._closed = False
        self._guard = threading.Lock()

    @property
    def inode(self) -> int:
        """Return the number of the file in its file system, 0 where there is none. A copy has another."""
        try:
            return self.path.stat().st_ino
        except FileNotFoundError:
            return 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose statements all see the same state.

        Raises:
            StoreError: the file is missing or damaged.
        """
        try:
            with self._connection() as db:
                db.execute("BEGIN")
                yield db
        except sqlite3.DatabaseError as error:
            raise _kind(error)(
                f"索引 {self.path} 读不出（{error}）：请运行 duban doctor --rebuild --store {self.path.parent}"
            ) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a transaction, which is committed where the block ends well.

        Raises:
            StoreError: the disk is full, or the file is damaged or cannot be written.
        """
        try:
            with self._connection() as db:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise _kind(error)(
                f"索引 {self.path} 写不下去（{error}）：文档库本身完好；请检查磁盘空间和权限后再运行一次，"
                f"仍然如此则运行 duban doctor --rebuild --store {self.path.parent}"
            ) from error

    def checkpoint(self) -> None:
        """Bring what stands in the write-ahead log into the file, as far as no reader is in the way."""
        with contextlib.suppress(sqlite3.DatabaseError), self._connection() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def problems(self, *, thorough: bool, alone: bool = False) -> list[str]:
        """Return what is wrong with the file, in words; nothing where all is well.

        Args:
            thorough: whether to compare every index with its table, too, and, where this may write, the n-grams among
                themselves.
            alone: whether the caller holds the `StoreLock`, so that it may write.
        """
        try:
            with self._connection() as db:
                check = "integrity_check" if thorough else "quick_check"
                found = [f"索引文件：{line}" for (line,) in db.execute(f"PRAGMA {check}") if line != "ok"]
                chunks, kept = (
                    db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("chunk", "keyword_docsize")
                )
                if chunks != kept:
                    found.append(f"索引有 {chunks} 个段落，关键词表有 {kept} 个")
                if thorough and self._write:
                    db.execute(_COMPARE)
            if thorough and alone and not self._write:
                with contextlib.closing(_open(self.path.resolve().as_uri() + "?mode=rw")) as db:
                    db.execute(_COMPARE)
        except sqlite3.DatabaseError as error:
            return [f"索引文件读不出（{error}）"]
        return found

    def remove(self) -> None:
        """Delete the file and what SQLite keeps beside it."""
        self._give_up()
        for suffix in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connections; those in use are closed by their blocks."""
        self._closed = True
        self._give_up()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Give a connection of its own to the block; a transaction left open is rolled back."""
        file = self.inode
        with self._guard:
            if file and file != self._file:
                self._drop()
                self._file = file
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = self._connect()
        try:
            yield db
        finally:
            with contextlib.suppress(sqlite3.DatabaseError):
                if db.in_transaction:
                    db.execute("ROLLBACK")
            with self._guard:
                if self._closed or (file and file != self._file) or len(self._idle) >= _IDLE:
                    db.close()
                else:
                    self._idle.append(db)

    def _connect(self) -> sqlite3.Connection:
        if self._write:
            db = _open(self.path.resolve().as_uri() + "?mode=rwc")
            db.execute("PRAGMA journal_mode = WAL")  # readers go on while a batch is written
            db.execute("PRAGMA synchronous = NORMAL")  # a power cut may undo the last batches, which come again
            db.execute("PRAGMA cache_size = -65536")
            return db
        db = _open(self.path.resolve().as_uri() + "?mode=ro")
        try:
            db.execute("SELECT 1 FROM meta LIMIT 1")
        except sqlite3.OperationalError:
            # On a read-only medium: the log wants a file beside the database, `immutable` does not.
            db.close()
            db = _open(self.path.resolve().as_uri() + "?immutable=1")
        db.execute(f"PRAGMA cache_size = -{_CACHE}")
        return db

    def _give_up(self) -> None:
        with self._guard:
            self._drop()

    def _drop(self) -> None:
        while self._idle:
            self._idle.pop().close()


# FTS5 takes it as a command that writes; it changes nothing.
_COMPARE = "INSERT INTO keyword(keyword) VALUES ('integrity-check')"
_IDLE = 64  # connections that are kept
# KiB of pages that each may keep; with the 2,000 of SQLite itself keywords take a third longer among 60,000 chunks.
_CACHE = 16_384


def _open(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None, check_same_thread=False)


def _kind(error: sqlite3.DatabaseError) -> type[StoreError]:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; the rest says where it was met
    torn = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error)  # cut to nothing
    return DamagedIndex if torn else StoreError
