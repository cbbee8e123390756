"""The chunks nearest to a vector: Chroma's generation, the exact tail, and what was removed, put together."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retriever import vectors
from retriever.index_file import IndexFile
from retriever.marker import GenerationError
from retriever.vectors import Found, Generation, Numbers, Vectors, nearest

# So many chunks that a filter lets through are searched exactly in 2 ms; Chroma takes longer with a filter.
EXACT = 20_000
# Chroma takes a second and a half to be imported and opened, exact search 0.3 s to read 60,000 chunks and then as long
# for a question as Chroma: a process that asks once or twice in a store of this size is better off without it.
OPEN = 100_000

_ROWS = 1_024  # that are read at once
_KEPT = 4  # filters whose chunks are kept in memory
_AGAIN = 15.0  # seconds after which a Chroma server that did not answer is tried again

IN_DOCS = "doc_no IN (SELECT value FROM json_each(?))"
_IN_CHUNKS = "chunk.no IN (SELECT value FROM json_each(?))"
_EVER = 1 << 62  # above every number of a change

_log = logging.getLogger(__name__)


class _Part(NamedTuple):
    """Some chunks: their numbers `(n,)`, the numbers of their documents `(n,)`, their vectors `(n, dim)`.

    The vectors of many lie in memory column by column, as `nearest` goes through them.
    """

    nos: Numbers
    docs: Numbers
    vectors: Vectors

    def where(self, mask: NDArray[np.bool_]) -> _Part:
        return _Part(self.nos[mask], self.docs[mask], self.vectors[mask])

    def followed(self, other: _Part) -> _Part:
        count = len(self.nos)
        joined = np.empty((count + len(other.nos), self.vectors.shape[1]), dtype=np.float32, order="F")
        joined[:count], joined[count:] = self.vectors, other.vectors
        return _Part(np.concatenate((self.nos, other.nos)), np.concatenate((self.docs, other.docs)), joined)

    def of(self, docs: frozenset[int] | None) -> _Part:
        return self if docs is None else self.where(np.isin(self.docs, list(docs)))


@dataclass(frozen=True, slots=True)
class _Tail:
    """What is searched exactly: the chunks that came with a change above `base`, as they were at `seq` of `file`.

    `gone` counts the chunks up to `base` that the generation there still holds and the index does not.
    """

    file: int
    seq: int
    base: int
    part: _Part
    gone: int


class Neighbours:
    """Searches the vectors of one index, from any number of threads.

    The cosines are exact; which chunks are compared is Chroma's choice where a generation serves. Without one, because
    there is none, it is damaged, or the store is small, all are compared. `notice` says in words for the page that a
    generation cannot be used.
    """

    def __init__(self, store: Path, file: IndexFile, dim: int, chroma: str = "") -> None:
        self.notice: str | None = None
        self._store = store
        self._chroma = chroma
        self._failed = 0.0  # when, by the clock that never jumps
        self._file = file
        self._dim = dim
        self._guard = threading.RLock()
        self._warm = False
        self._tail: _Tail | None = None
        self._sized: tuple[tuple[int, int], bool] = ((0, -1), False)  # at which change of which file it was large
        self._kept: OrderedDict[tuple[int, int, frozenset[int]], _Part] = OrderedDict()
        self._generation: Generation | None = None
        self._opened: tuple[int, ...] | None = None  # what `_stamp` gave when a generation was last looked for

    def warm(self) -> None:
        """Open Chroma now and from now on, as a process that stays does, instead of when the store is large."""
        self._warm = True
        with self._file.reading() as db:
            self._latest(db, self._serving(db))

    def search(self, vector: Vectors, k: int, docs: frozenset[int] | None = None) -> Found:
        """Return the `k` nearest chunks, best first, ties by number.

        Args:
            vector: unit vector, shape `(dim,)`.
            k: how many.
            docs: numbers of the documents to look in; all by default.
        """
        with self._file.reading() as db:
            generation = self._serving(db)
            try:
                return self._search(db, generation, vector, max(0, k), docs)
            except GenerationError as error:
                self._distrust(generation, error)
                return self._search(db, None, vector, max(0, k), docs)

    def cosines(self, vector: Vectors, nos: Iterable[int]) -> dict[int, float]:
        """Return the cosine of each of some chunks, without those that are gone."""
        chosen = "SELECT chunk.no, value FROM chunk JOIN vector ON vector.no = chunk.vector"
        with self._file.reading() as db:
            rows = db.execute(f"{chosen} WHERE {_IN_CHUNKS}", (json.dumps(list(nos)),)).fetchall()
        held = np.frombuffer(b"".join(value for _, value in rows), dtype=np.float32).reshape(len(rows), self._dim)
        return dict(zip((no for no, _ in rows), (held @ vector).tolist(), strict=True))

    def close(self) -> None:
        """Let go of the generation; a thread that is asking it closes it afterwards."""
        with self._guard:
            self._generation = self._opened = None

    def _search(
        self,
        db: sqlite3.Connection,
        generation: Generation | None,
        vector: Vectors,
        k: int,
        docs: frozenset[int] | None,
    ) -> Found:
        tail = self._latest(db, generation)
        few = self._few(db, tail, docs) if generation is not None and docs is not None else None
        part = tail.part.of(docs) if few is None else few
        found = nearest(part.nos, part.vectors, vector, k)
        if generation is None or few is not None:
            return found
        near = self._approximate(db, generation, tail, vector, k, docs)
        nos, scores = np.concatenate((found.nos, near.nos)), np.concatenate((found.scores, near.scores))
        order = np.lexsort((nos, -scores))[:k]
        return Found(nos[order], scores[order])

    def _few(self, db: sqlite3.Connection, tail: _Tail, docs: frozenset[int]) -> _Part | None:
        """Return all chunks of `docs`, None where those are too many; the last ones are kept, as people ask again."""
        key = (tail.file, tail.seq, docs)
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        listed = json.dumps(list(docs))
        if _count(db, f"chunk WHERE {IN_DOCS}", EXACT + 1, listed) > EXACT:
            return None
        part = self._part(db, IN_DOCS, listed)
        with self._guard:
            self._kept[key] = part
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return part

    def _approximate(
        self,
        db: sqlite3.Connection,
        generation: Generation,
        tail: _Tail,
        vector: Vectors,
        k: int,
        docs: frozenset[int] | None,
    ) -> Found:
        """Return the nearest chunks of the generation that are still there, with exact cosines.

        More are asked for than wanted, as some may be gone or outside `docs`: without a filter twice, which Chroma
        answers ten times as fast, then with it, for more and more.
        """
        n, among = (2 if docs is None else 4) * k + min(tail.gone, k), None
        while True:
            try:
                found = generation.query(vector, n, among)
            except Exception as error:  # Chroma has no error of its own for this
                raise GenerationError(f"向量索引 {generation.name} 查询失败（{error}）") from error
            part = self._part(db, _IN_CHUNKS, json.dumps(found.nos.tolist()), last=tail.base)
            claimed = dict(zip(found.nos.tolist(), found.scores.tolist(), strict=True))
            differences = part.vectors @ vector - np.array([claimed[no] for no in part.nos.tolist()], dtype=np.float32)
            if np.abs(differences).max(initial=0.0) > vectors.TOLERANCE:
                raise GenerationError(f"向量索引 {generation.name} 的向量与索引不符")
            part = part.of(docs)
            if len(part.nos) >= k or (len(found.nos) < n and (docs is None or among is not None)):
                return nearest(part.nos, part.vectors, vector, k)
            if docs is not None and n >= 16 * k:
                among = sorted(docs)
            n *= 4

    def _serving(self, db: sqlite3.Connection) -> Generation | None:
        """Return the generation that serves, None where none can or none is worth opening."""
        stamp = (self._file.inode, *_stamp(self._store / "CURRENT"))
        with self._guard:
            if self._chroma and self._failed and time.monotonic() > self._failed + _AGAIN:
                self._opened, self._failed = None, 0.0
            if stamp != self._opened and (self._warm or self._is_large(db)):
                self._opened, self.notice = stamp, None
                self._generation = None  # the old one first: its folder may be waiting to be deleted
                try:
                    index = db.execute("SELECT value FROM meta WHERE key = 'index'").fetchone()[0]
                    self._generation = vectors.open_current(self._store, index, self._chroma)
                except (GenerationError, OSError) as error:
                    self._distrust(None, error)
            return self._generation

    def _is_large(self, db: sqlite3.Connection) -> bool:
        """Return whether the store is worth opening Chroma for; to count 60,000 chunks takes a millisecond."""
        seen = (self._file.inode, _reached(db))
        if self._sized[0] != seen:
            self._sized = (seen, _count(db, "chunk", OPEN + 1) > OPEN)
        return self._sized[1]

    def _distrust(self, generation: Generation | None, error: Exception) -> None:
        """Go on without a generation until there is another, and say so."""
        _log.warning("%s: %s", self._store, error)
        with self._guard:
            if self._generation is generation:
                self._generation = None
                self._failed = time.monotonic()
                self.notice = f"{error}；已改为逐一比对，结果不受影响。请运行 duban doctor --store {self._store}"

    def _latest(self, db: sqlite3.Connection, generation: Generation | None) -> _Tail:
        """Return the tail as this view of the index has it; only what came since the last call is read."""
        file, base = self._file.inode, generation.seq if generation else 0
        seq = _reached(db)
        with self._guard:
            tail = self._tail
            if tail is None or (tail.file, tail.base) != (file, base) or tail.seq > seq:
                tail = _Tail(file, base, base, _nothing(self._dim), 0)
            elif tail.seq == seq:
                return tail
            fresh = self._part(db, "seq > ?", tail.seq)
            there = np.array(
                [no for (no,) in db.execute("SELECT no FROM chunk WHERE seq > ?", (base,))], dtype=np.int64
            )
            old = tail.part.where(np.isin(tail.part.nos, there) & ~np.isin(tail.part.nos, fresh.nos))
            part = old.followed(fresh)
            kept = db.execute("SELECT count(*) FROM chunk WHERE seq <= ?", (base,)).fetchone()[0] if generation else 0
            gone = generation.count - kept if generation else 0
            self._tail = _Tail(file, seq, base, part, gone)
            return self._tail

    def _part(self, db: sqlite3.Connection, term: str, value: object, last: int = _EVER) -> _Part:
        """Return the chunks that `term` lets through and that came with a change up to `last`."""
        chosen = f"FROM chunk JOIN vector ON vector.no = chunk.vector WHERE {term} AND seq <= ?"
        count = int(db.execute(f"SELECT count(*) {chosen}", (value, last)).fetchone()[0])
        nos, docs = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
        held = np.empty((count, self._dim), dtype=np.float32, order="F")
        rows = db.execute(f"SELECT chunk.no, doc_no, value {chosen}", (value, last))
        at = 0
        while part := rows.fetchmany(_ROWS):
            end = at + len(part)
            nos[at:end], docs[at:end], blobs = zip(*part, strict=True)
            held[at:end] = np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(part), self._dim)
            at = end
        return _Part(nos, docs, held)


def _nothing(dim: int) -> _Part:
    none = np.zeros(0, dtype=np.int64)
    return _Part(none, none, np.zeros((0, dim), dtype=np.float32))


def _reached(db: sqlite3.Connection) -> int:
    """Return the number of the last change that this view of the index has seen."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()[0])


def _count(db: sqlite3.Connection, rows: str, limit: int, *values: object) -> int:
    """Return how many rows there are, but look at no more than `limit`."""
    return int(db.execute(f"SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT ?)", (*values, limit)).fetchone()[0])


def _stamp(path: Path) -> tuple[int, int]:
    """Return what tells one file at `path` from the next."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns
