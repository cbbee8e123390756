"""Connections to SQLite: one a thread, and none left behind by a thread that has ended."""

from __future__ import annotations

import gc
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from ingest.corpus.connections import Connections


def held(path: Path) -> Connections:
    return Connections(lambda: sqlite3.connect(path / "a.db", check_same_thread=False))


def test_each_thread_has_its_own_and_leaves_none_behind(tmp_path: Path) -> None:
    with closing(held(tmp_path)) as connections:
        mine, others = connections.mine, list[int]()

        for _ in range(20):
            thread = threading.Thread(target=lambda: others.append(id(connections.mine) != id(mine)))
            thread.start()
            thread.join()
        gc.collect()

        assert others == [True] * 20
        assert connections.mine is mine
        assert len(connections) == 1


def test_what_was_closed_is_opened_anew(tmp_path: Path) -> None:
    with closing(held(tmp_path)) as connections:
        first = connections.mine

        connections.close()

        assert connections.mine is not first
        assert connections.mine.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(sqlite3.ProgrammingError):
            first.execute("SELECT 1")
