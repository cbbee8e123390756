"""The index of a store: keywords and vectors, derived from the corpus and kept in step with it.

`index.db` holds the folded text of each chunk, its n-grams, its vector and the number of the change (`seq`) that it has
reached, all moved on in one transaction. `generations/` holds the vectors once more, as Chroma searches them. Both may
be deleted at any time: whoever writes the corpus next brings them back.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from ingest import chunk as chunker
from ingest.corpus import Corpus
from ingest.corpus.row import Change, ChunkRow
from ingest.error import StoreError
from ingest.fold import fold
from retriever import keywords, vectors
from retriever.embedder import Absent, Embedder, EmbedderError
from retriever.index_file import DamagedIndex, IndexFile
from retriever.inspection import Inspection, bent, inspect
from retriever.marker import MADE_BY, GenerationError
from retriever.neighbours import IN_DOCS, Neighbours
from retriever.vectors import Vectors

FORMAT = "1"  # of the tables below, the n-grams, `fold` and `passage`; an index of another format is refused by name

_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE vector (no INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, value BLOB NOT NULL);
CREATE TABLE chunk (
    no INTEGER PRIMARY KEY, doc_no INTEGER NOT NULL, seq INTEGER NOT NULL, vector INTEGER NOT NULL,
    body TEXT NOT NULL, path TEXT NOT NULL, title TEXT NOT NULL
);
CREATE INDEX chunk_doc ON chunk(doc_no, vector);
CREATE INDEX chunk_seq ON chunk(seq, doc_no, vector);
{keywords.SCHEMA}"""

_BATCH = 2_000  # chunks that are written in one transaction, and those of one document more
# A generation is built anew when more than this, and more than a tenth of all chunks, has come or gone since.
_TAIL = 2_000
_PROBE = 4  # vectors of a batch that are made anew to see that those of a generation are still what they would be

_log = logging.getLogger(__name__)


class Index:
    """The index of one store, safe to use from several threads; one process at a time writes (see `StoreLock`).

    A reader sees what another process has written as soon as that is committed.
    """

    def __init__(self, store: Path, embedder: Embedder, *, write: bool, chroma: str = "") -> None:
        """Use `Index.open`."""
        self.store = store
        self.embedder = embedder
        self.chroma = chroma
        self._file = IndexFile(store / "index.db", write=write)
        self._write = write
        self._neighbours = Neighbours(store, self._file, embedder.dim, chroma)
        self._guard = threading.Lock()
        self._known: tuple[int, int, dict[str, int]] = (0, -1, {})
        self._apart: str | None = None  # why the vectors cannot be compared with those of questions
        self._failed: str | None = None  # why the last question could not be embedded
        self._embeds = False  # whether the last question that was to be embedded was

    @classmethod
    def open(cls, store: Path, embedder: Embedder, *, write: bool = False, chroma: str = "") -> Index:
        """Open the index of `store`.

        Args:
            store: the folder, which exists.
            embedder: what has made the vectors of the chunks and will make those of questions.
            write: whether the index will be brought up to date. Then it is made where it is missing or damaged, and
                the caller holds the `StoreLock`.
            chroma: the URL of the Chroma server that holds the generations; "" where they lie in the store.

        Raises:
            StoreError: there is no index, it is damaged, or another version made it; where it will be written, also if
                another embedder made it. A reader searches the keywords of such an index, and `notice` says so.
        """
        index = cls(store, embedder, write=write, chroma=chroma)
        try:
            if write:
                index._make()
            index._check()
        except BaseException:
            index.close()
            raise
        return index

    @classmethod
    def rebuild(cls, store: Path, embedder: Embedder, corpus: Corpus, chroma: str = "") -> None:
        """Delete what is derived and derive it again. The caller holds the `StoreLock`.

        Vectors are used again where the same embedder made them: those of a sound index, or else those that a sound
        generation has of the same corpus.

        Raises:
            StoreError: the disk is full, or the store cannot be written.
        """
        try:
            index = cls(store, embedder, write=True, chroma=chroma)
            try:
                if index._reusable(corpus):
                    index._start_over(corpus.identity)
                else:
                    index._file.remove()
                index._make()
                index.catch_up(corpus)
                vectors.discard(store, chroma)
                index.settle(corpus)
            finally:
                index.close()
        except OSError as error:
            raise StoreError(f"库 {store} 的索引不能删除（{error.strerror}）：请检查权限") from error

    @classmethod
    def mend(cls, store: Path, embedder: Embedder, corpus: Corpus, chroma: str = "", *, doubted: bool = False) -> None:
        """Bring the index up to date, made anew where it is damaged. The caller holds the `StoreLock`.

        Args:
            store: the folder of the store.
            embedder: what has made the vectors.
            corpus: that the index is of.
            chroma: the URL of the Chroma server that holds the generations; "" where they lie in the store.
            doubted: whether SQLite found damage, so that the file is read through before it is believed.

        Raises:
            StoreError: the disk is full, or the store cannot be written.
        """
        file = IndexFile(store / "index.db", write=True)
        try:
            if doubted and file.inode and file.problems(thorough=True):
                _log.warning("%s is damaged and made anew from the corpus", file.path)
                file.remove()
        finally:
            file.close()
        with closing(cls.open(store, embedder, write=True, chroma=chroma)) as index:
            index.catch_up(corpus)

    @property
    def notice(self) -> str | None:
        """Return why search is not as it should be, in words for the page; None where it is."""
        return self._apart or self._failed or self._neighbours.notice

    @property
    def seq(self) -> int:
        """Return the number of the change that the index has reached."""
        with self._file.reading() as db:
            return _seq(db)

    def follows(self, corpus: Corpus) -> bool:
        """Return whether the index is of this corpus and has reached its last change."""
        with self._file.reading() as db:
            return _meta(db).get("corpus") == corpus.identity and _seq(db) == corpus.seq

    def close(self) -> None:
        """Close files and generation."""
        self._neighbours.close()
        self._file.close()

    # --- writing ---

    def catch_up(self, corpus: Corpus) -> int:
        """Apply the changes of the corpus that the index has not seen, and return how many those were.

        Each batch is one transaction together with its `seq`; a process killed at any point goes on from there.

        Raises:
            StoreError: the disk is full, or the index is damaged.
        """
        self._follow(corpus)
        self._salvage(corpus)
        applied = 0
        while changes := corpus.changes(self.seq):
            rows: dict[int, list[ChunkRow]] = {}
            size = taken = 0
            for change in changes:
                rows[change.doc_no] = corpus.chunks(change.doc_no) if change.kind == "add" else []
                size += len(rows[change.doc_no])
                taken += 1
                if size >= _BATCH:
                    break
            self._apply(changes[:taken], rows)
            applied += taken
        return applied

    def settle(self, corpus: Corpus) -> None:
        """Bring the index up to date and, where the vectors in Chroma are missing, damaged or far behind, build them.

        Raises:
            StoreError: the generation could not be built; everything is stored and found all the same.
        """
        self.catch_up(corpus)
        with self._file.reading() as db:
            name = _meta(db)["index"]
            total = int(db.execute("SELECT count(*) FROM chunk").fetchone()[0])
            try:
                made = vectors.describe(self.store, name, self.chroma)
            except GenerationError as error:
                _log.info("%s", error)
                due = total > 0
            else:
                kept = int(db.execute("SELECT count(*) FROM chunk WHERE seq <= ?", (made.seq,)).fetchone()[0])
                due = (total - kept) + (made.count - kept) > max(_TAIL, total // 10)
        if not due:
            vectors.sweep(self.store, self.chroma)  # those that were still being read when their successor was built
            return
        with self._file.writing() as db:
            db.execute("DELETE FROM vector WHERE no NOT IN (SELECT vector FROM chunk)")
            keywords.merge(db)
        self._file.checkpoint()
        try:
            vectors.build(self.store, name, self.chroma)
        except GenerationError as error:
            raise StoreError(
                f"{error}；文档都已入库，检索照常（改为逐一比对，较慢）："
                f"请检查磁盘空间{'和 Chroma 服务' if self.chroma else ''}，"
                f"再运行 duban doctor --rebuild --store {self.store}"
            ) from error

    def _make(self) -> None:
        """Make the tables where there are none, and make a damaged file anew."""
        if self._file.inode and not self._believed():
            _log.warning("%s is damaged and made anew from the corpus", self._file.path)
            self._file.remove()
        if self._file.inode:
            return
        facts = {
            **self._facts(),
            "index": uuid.uuid4().hex,  # a generation remembers from which index it was made
            "corpus": "",
            "seq": "0",
        }
        with self._file.writing() as db:
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.executemany("INSERT INTO meta VALUES (?, ?)", [*facts.items(), ("file", str(self._file.inode))])

    def _believed(self) -> bool:
        """Return whether the file is whole; one that was copied is read through once, for it may have been torn.

        A copy taken while somebody writes can hold pages of different moments, which SQLite does not see on opening.
        """
        try:
            with self._file.reading() as db:
                whole = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
                meta = _meta(db) if whole else {}
        except DamagedIndex:
            return False
        if "file" not in meta:
            return False  # killed while it was made
        if meta["file"] == str(self._file.inode):
            return True
        if self._file.problems(thorough=True):
            return False
        with self._file.writing() as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'file'", (str(self._file.inode),))
        return True

    def _facts(self) -> dict[str, str]:
        """Return what has to be the same for an index to be used."""
        return {
            "format": FORMAT,
            "chunker": chunker.VERSION,
            "embedder": self.embedder.name,
            "dimension": str(self.embedder.dim),
        }

    def _check(self) -> None:
        """Refuse an index that something else has made, or a torn copy."""
        if not self._file.inode:
            raise StoreError(f"库 {self.store} 没有索引：请运行 duban doctor --rebuild --store {self.store}")
        with self._file.reading() as db:
            meta = _meta(db)
        differ = {key: value for key, value in self._facts().items() if meta.get(key) != value}
        wrong = [f"{_WORDS[key]} {meta.get(key)}，现在用的是 {value}" for key, value in differ.items()]
        if differ and not self._write and set(differ) <= {"embedder", "dimension"}:
            self._apart = self._keywords_only(wrong)
        elif differ:
            raise StoreError(
                f"库 {self.store} 的索引由另一套设置建立（{'；'.join(wrong)}）："
                f"请改回原来的设置，或运行 duban doctor --rebuild --store {self.store}"
            )
        if not self._write and meta.get("file") != str(self._file.inode):
            problems = self._file.problems(thorough=False)
            if problems:
                raise StoreError(
                    f"库 {self.store} 的索引已损坏（{problems[0]}）：请运行 duban doctor --rebuild --store {self.store}"
                )

    def _keywords_only(self, wrong: Sequence[str]) -> str:
        """Return the words for an index whose vectors this embedder cannot be compared with."""
        if isinstance(self.embedder, Absent):
            return f"只按关键词检索：{self.embedder.why}"
        return (
            f"只按关键词检索，因为库 {self.store} 的向量由另一个模型建立（{'；'.join(wrong)}），两者不能混用："
            f"请改回原来的 DUBAN_EMBEDDER，或运行 duban doctor --rebuild --store {self.store}"
        )

    def _follow(self, corpus: Corpus) -> None:
        """Start over where the index is of another corpus, or ahead of one that was brought back from a backup."""
        identity = corpus.identity
        with self._file.reading() as db:
            same = _meta(db).get("corpus") == identity and _seq(db) <= corpus.seq
        if not same:
            self._start_over(identity)

    def _start_over(self, identity: str) -> None:
        """Forget every chunk. The vectors stay: they are found again by what they were made from."""
        with self._file.writing() as db:
            db.execute("DELETE FROM chunk")
            keywords.clear(db)
            for key, value in (("corpus", identity), ("seq", "0"), ("index", uuid.uuid4().hex)):
                db.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))

    def _reusable(self, corpus: Corpus) -> bool:
        """Return whether the file is sound and its vectors are those that the embedder gives."""
        if not self._file.inode or self._file.problems(thorough=True):
            return False
        with suppress(StoreError, sqlite3.DatabaseError), self._file.reading() as db:
            meta = _meta(db)
            if any(meta.get(key) != value for key, value in self._facts().items()) or bent(db):
                return False
            held = dict(
                db.execute("SELECT chunk.no, value FROM chunk JOIN vector ON vector.no = vector LIMIT ?", (_PROBE,))
            )
            rows = corpus.chunk_rows(held)
            return self._same([passage(row) for row in rows.values()], [held[no] for no in rows])
        return False

    def _same(self, words: Sequence[str], held: Sequence[bytes]) -> bool:
        """Return whether the embedder gives these vectors for these words; it may have changed under its name."""
        again = self.embedder.embed(words)
        kept = np.frombuffer(b"".join(held), dtype=np.float32).reshape(again.shape)
        return bool((np.einsum("ij,ij->i", again, kept) > 1.0 - vectors.TOLERANCE).all())

    def _salvage(self, corpus: Corpus) -> None:
        """Where the index has lost its vectors, take those that the generation holds instead of embedding again."""
        with self._file.reading() as db:
            meta = _meta(db)
            if meta["seq"] != "0" or not corpus.seq or db.execute("SELECT 1 FROM vector").fetchone():
                return
        following = 1
        with self._file.writing() as db:
            for nos, held in vectors.kept(self.store, {key: meta[key] for key in MADE_BY}, self.chroma):
                rows = corpus.chunk_rows(nos.tolist())
                sound = np.abs(np.linalg.norm(held, axis=1) - 1.0) < vectors.TOLERANCE
                here = [at for at, no in enumerate(nos.tolist()) if no in rows and sound[at]]
                words = [passage(rows[int(nos[at])]) for at in here]
                if not self._same(words[:_PROBE], [held[at].tobytes() for at in here[:_PROBE]]):
                    _log.warning("%s: %s gives other vectors than before", self.store, self.embedder.name)
                    return
                db.executemany(
                    "INSERT OR IGNORE INTO vector VALUES (?, ?, ?)",
                    [
                        (no, _key(text), held[at].tobytes())
                        for no, (at, text) in enumerate(zip(here, words, strict=True), following)
                    ],
                )
                following += len(here)
        _log.info("%s: %d vectors taken from the generation", self.store, following - 1)

    def _apply(self, changes: Sequence[Change], rows: dict[int, list[ChunkRow]]) -> None:
        """Bring the index to the last of `changes` in one transaction.

        Args:
            changes: in order, without a gap.
            rows: the chunks of each document that they name, none where its last change is a removal.
        """
        seqs = {change.doc_no: change.seq for change in changes}
        chunks = [row for doc_no in seqs for row in rows[doc_no]]
        passages = [passage(row) for row in chunks]
        hashes = [_key(words) for words in passages]
        words = dict(zip(hashes, passages, strict=True))
        with self._file.reading() as db:
            known = {key: no for key in words if (no := _vector(db, key))}
            following = 1 + int(db.execute("SELECT coalesce(max(no), 0) FROM vector").fetchone()[0])
        fresh = [key for key in words if key not in known]
        made = self.embedder.embed([words[key] for key in fresh])  # outside the transaction: a model may be slow
        if made.shape != (len(fresh), self.embedder.dim):
            raise StoreError(
                f"向量模型 {self.embedder.name} 给出的形状是 {made.shape}，应为 {(len(fresh), self.embedder.dim)}"
            )
        known.update(zip(fresh, range(following, following + len(fresh)), strict=True))
        # A document's chunks share their title, a section's their path.
        above = {text: fold(text) for text in {text for row in chunks for text in (" ".join(row.path), row.title)}}
        texts = [(row.no, fold(row.text), above[" ".join(row.path)], above[row.title]) for row in chunks]
        with self._file.writing() as db:
            self._forget(db, list(seqs))
            db.executemany(
                "INSERT INTO vector VALUES (?, ?, ?)",
                [(known[key], key, vector.tobytes()) for key, vector in zip(fresh, made, strict=True)],
            )
            db.executemany(
                "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (row.no, row.doc_no, seqs[row.doc_no], known[key], *text[1:])
                    for row, key, text in zip(chunks, hashes, texts, strict=True)
                ],
            )
            keywords.add(db, texts)
            db.execute("UPDATE meta SET value = ? WHERE key = 'seq'", (str(changes[-1].seq),))

    def _forget(self, db: sqlite3.Connection, docs: Sequence[int]) -> None:
        """Take the chunks of documents out, where they are in."""
        listed = json.dumps(list(docs))
        rows = db.execute(f"SELECT no, body, path, title FROM chunk WHERE {IN_DOCS}", (listed,)).fetchall()
        keywords.delete(db, rows)
        db.execute(f"DELETE FROM chunk WHERE {IN_DOCS}", (listed,))

    # --- searching ---

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, shape `(dim,)`."""
        return self.embedder.embed_query(text.encode("utf-8", "replace").decode())  # a lone surrogate becomes ?

    def keyword(self, query: str, k: int, docs: frozenset[int] | None = None) -> list[tuple[int, float]]:
        """Return the numbers and BM25 scores (above 0) of the `k` best chunks, best first.

        Args:
            query: any text, in either script.
            k: how many.
            docs: numbers of the documents to look in; all by default.
        """
        with self._file.reading() as db:
            return keywords.search(db, fold(query), k, docs, self._counts(db))

    def rarity(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the inverse document frequency of each term, log((chunks + 1) / (chunks that hold it + 1/2)).

        Args:
            terms: pairs of characters and words of folded text; single characters beside others are too common to be
                worth a count.
        """
        with self._file.reading() as db:
            counts = keywords.counts(db, list(terms), self._counts(db))
            total, _ = keywords.size(db)
        return {term: math.log((total + 1) / (count + 0.5)) for term, count in counts.items()}

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many chunks each term stands: pairs of characters, words and numbers of folded text."""
        with self._file.reading() as db:
            return keywords.counts(db, list(terms), self._counts(db))

    def pairs(self, first: str, second: str) -> dict[str, int]:
        """Return the pairs of a character of `first` and one of `second` that stand in chunks, and in how many."""
        with self._file.reading() as db:
            return keywords.pairs(db, first, second)

    def _counts(self, db: sqlite3.Connection) -> dict[str, int]:
        """Return the counts of terms looked up since the index last changed."""
        file, seq = self._file.inode, _seq(db)
        with self._guard:
            if self._known[:2] != (file, seq) or len(self._known[2]) > _KNOWN:
                self._known = (file, seq, {})  # a new one: another thread may still read the old
            return self._known[2]

    def warm(self) -> None:
        """Open Chroma now and from now on, as a process that stays does, instead of when the store is large."""
        if not self._apart:
            self._neighbours.warm()

    def vector(self, query: str) -> Vectors | None:
        """Return the vector of a question; None where it cannot be had, which `notice` then explains.

        The keywords serve alone then.
        """
        if self._apart:
            return None
        try:
            vector = self.embed_query(query)
        except EmbedderError as error:
            self._failed, self._embeds = f"只按关键词检索：{error}", False
            return None
        self._failed, self._embeds = None, True
        return vector

    @property
    def embeds(self) -> bool:
        """Return whether the next question can be embedded, which need not be tried then."""
        return self._embeds and getattr(self.embedder, "steady", False)

    def dense(self, vector: Vectors, k: int, docs: frozenset[int] | None = None) -> list[tuple[int, float]]:
        """Return the numbers and cosines of the `k` nearest chunks, best first, ties by number.

        Args:
            vector: unit vector, shape `(dim,)`.
            k: how many.
            docs: numbers of the documents to look in; all by default.
        """
        found = self._neighbours.search(vector, k, docs)
        return [(int(no), float(score)) for no, score in zip(*found, strict=True)]

    def cosines(self, vector: Vectors, nos: Iterable[int]) -> dict[int, float]:
        """Return the cosine of each of some chunks, without those that are gone."""
        return self._neighbours.cosines(vector, nos)

    # --- verifying ---

    def verify(self, corpus: Corpus) -> list[str]:
        """Return what is wrong with the index, in words; nothing where all is well. Changes nothing."""
        looked = self.inspect(corpus)
        return [*looked.index, *looked.vectors]

    def inspect(self, corpus: Corpus, *, alone: bool = False) -> Inspection:
        """Return what is wrong with the index and with the vectors in Chroma: see `retriever.inspection`."""
        return inspect(self._file, corpus, self.embedder.dim, self.chroma, alone=alone)


_KNOWN = 100_000  # n-grams whose counts are kept
_WORDS = {"format": "索引格式", "chunker": "分块版本", "embedder": "向量模型", "dimension": "向量维数"}


def passage(row: ChunkRow) -> str:
    """Return the words that a chunk's vector is made from: its own.

    With the headings above it hashed vectors found the evidence first for 0.33 of the public-seed questions instead of
    0.40; the keywords hold the headings in a column of their own.
    """
    return row.text


def _key(words: str) -> bytes:
    """Return what the vector of these words is found by."""
    return hashlib.blake2b(words.encode(), digest_size=16).digest()


def _meta(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT key, value FROM meta"))


def _seq(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()[0])


def _vector(db: sqlite3.Connection, key: bytes) -> int:
    row = db.execute("SELECT no FROM vector WHERE hash = ?", (key,)).fetchone()
    return int(row[0]) if row else 0
