"""The database of a corpus: a connection for each thread, and what SQLite says in words that tell what to do."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from ingest.corpus.backup import way_back
from ingest.corpus.connections import Connections
from ingest.error import StoreError

_Value = TypeVar("_Value")

UNHARMED = "已入库的内容完好，检索照常；请检查磁盘空间和权限，再运行一次即可继续"
_SAID = {
    sqlite3.SQLITE_FULL: "磁盘已满", sqlite3.SQLITE_READONLY: "只读",
    sqlite3.SQLITE_CORRUPT: "内容前后不符", sqlite3.SQLITE_NOTADB: "不是数据库文件",
}  # fmt: skip

_CACHE = 4_096  # KiB of pages that a thread's connection may keep, twice what SQLite does by itself


class Database:
    """The file `corpus.db` of a store. Each method raises StoreError where SQLite cannot go on."""

    def __init__(self, store: Path, *, write: bool) -> None:
        self.store = store
        self.path = store / "corpus.db"
        self._write = write
        self._connections = Connections(self._connect)
        self._guard = threading.Lock()
        self._watching: sqlite3.Connection | None = None
        self._kept: dict[Hashable, tuple[int, Any]] = {}

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        return self._connections.mine

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()
        with self._guard:
            if self._watching is not None:
                self._watching.close()
            self._watching = None

    def kept(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """Return what `make` gives, from memory where nobody has committed anything since it was made.

        Args:
            key: names the value; keys are few, as each is kept as long as this database is open.
            make: reads the value, which is not to be changed by whoever gets it.
        """
        seen = self._seen()  # before it is read: what is committed meanwhile is read again next time
        held = self._kept.get(key)
        if held is None or held[0] != seen:
            held = self._kept[key] = (seen, make())
        value: _Value = held[1]
        return value

    def _seen(self) -> int:
        """Return a number that another commit to the file changes, whoever made it.

        SQLite counts the commits of others for each connection; this one commits nothing and serves all threads.
        """
        with self._guard:
            try:
                if self._watching is None:
                    self._watching = self._connect()
                return int(self._watching.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.DatabaseError as error:
                raise self.trouble(error) from error

    def all(self, sql: str, values: Any = ()) -> list[Any]:
        """Return the rows of a query."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self.trouble(error) from error

    def row(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Return the first row of a query, None where there is none."""
        try:
            return self.connection.execute(sql, values).fetchone()
        except sqlite3.DatabaseError as error:
            raise self.trouble(error) from error

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Return the first value of the first row, which is there."""
        return self.row(sql, values)[0]

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection in a transaction, which is committed where the block ends well."""
        db = self.connection
        try:
            with db:
                db.execute("BEGIN IMMEDIATE")
                yield db
        except sqlite3.DatabaseError as error:
            raise self.trouble(error) from error

    def trouble(self, error: sqlite3.DatabaseError) -> StoreError:
        """Return what SQLite says in words that tell what to do; raise `error` itself where it is a fault of ours."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; the rest says where it was met
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            return StoreError(f"库 {self.store} 写不下去（{_SAID.get(code, error)}）：{UNHARMED}")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreError(f"文档库 {self.path} 正被另一个程序占用（{error}）：请等它结束后再试")
        # Noise inside a text is no UTF-8, which SQLite does not look at and Python does, with an error without a code.
        if code in (0, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error):
            return StoreError(f"文档库 {self.path} 已损坏（{_SAID.get(code, error)}）：{way_back(self.store)}")
        raise error

    def _connect(self) -> sqlite3.Connection:
        if self._write:
            db = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode = WAL")  # readers go on while a batch is written
            db.execute("PRAGMA synchronous = FULL")  # the truth survives a power cut
            db.execute("PRAGMA foreign_keys = ON")
            return db
        uri = self.path.resolve().as_uri()
        db = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            db.execute("SELECT 1 FROM meta LIMIT 1")
        except sqlite3.OperationalError:
            # A store on a read-only medium: WAL wants to make a file beside the database, `immutable` does not.
            db.close()
            db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
        db.execute(f"PRAGMA cache_size = -{_CACHE}")
        return db
