"""Connections to a database of SQLite, one for each thread, closed when the thread ends."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable


class _Held:
    """A thread's connection; it goes with what is the thread's own. A server's threads come and go with the load."""

    __slots__ = ("__weakref__", "db")

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def __del__(self) -> None:
        self.db.close()


class Connections:
    """Gives each thread its own."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """Open them by `connect`, which allows that another thread closes them (`check_same_thread=False`)."""
        self._connect = connect
        self._local = threading.local()
        self._open: weakref.WeakSet[_Held] = weakref.WeakSet()
        self._guard = threading.Lock()

    @property
    def mine(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = _Held(self._connect())
            with self._guard:
                self._open.add(held)
        return held.db

    def close(self) -> None:
        """Close those of all threads; a thread that asks again gets a new one."""
        with self._guard:
            for held in list(self._open):
                held.db.close()
            self._open.clear()
            self._local = threading.local()

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)
