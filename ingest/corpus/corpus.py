"""The corpus: documents, chunks and entries in SQLite. It is the truth; every index is derived from it.

An *entry* is (collection, source path) and points to its current document. A document is *live* while an entry points
to it. Each time a document begins or ceases to be live the corpus writes a *change* with the next number (`seq`); an
index that knows the last number it has seen can catch up from there.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from ingest import chunk as chunker
from ingest.corpus import integrity, record, schema
from ingest.corpus.backup import backups, way_back
from ingest.corpus.database import Database
from ingest.corpus.entry import Entry, Outcome, drop_entries, put_entry
from ingest.corpus.original import Originals
from ingest.corpus.row import Change, ChunkRow, DocumentRow, Version, Where, shown_title
from ingest.corpus.tasks import Tasks
from ingest.corpus.user import LOCAL, User, may_read
from ingest.document import Document, Line
from ingest.error import ReadError, StoreError
from ingest.ledger import ledger


class Corpus:
    """The documents of one store. Safe to use from several threads; one process at a time writes (see `StoreLock`)."""

    def __init__(self, store: Path, *, write: bool) -> None:
        """Use `Corpus.open`."""
        self.store = store
        self._db = Database(store, write=write)
        self._originals = Originals(store)

    @classmethod
    def open(cls, store: Path, *, write: bool = False, stale: bool = False, anew: bool = False) -> Corpus:
        """Open the corpus of `store`.

        Args:
            store: the folder. With `write` it is made where it does not exist.
            write: whether documents will be added or removed; the caller holds the `StoreLock`.
            stale: whether chunks of another chunker are accepted, which `renew` then makes anew.
            anew: whether an empty corpus may be made where there was one.

        Raises:
            StoreError: there is no store, it is damaged, or another version made it.
        """
        corpus = cls(store, write=write)
        path = corpus._db.path
        lost = corpus._lost()
        if lost and not anew:
            raise StoreError(f"文档库 {path} {lost}：{way_back(store)}")
        if write:
            corpus._originals.make()
        elif not path.is_file():
            raise StoreError(f"{store} 不是文档库（没有 corpus.db）：请先运行 duban ingest 路径 --store {store}")
        try:
            if write:
                schema.create(corpus._db)
                schema.migrate(corpus._db)
            schema.check(corpus._db, stale=stale)
        except sqlite3.DatabaseError as error:
            corpus.close()
            raise corpus._db.trouble(error) from error
        except BaseException:
            corpus.close()
            raise
        return corpus

    def close(self) -> None:
        """Close the connections of all threads."""
        self._db.close()

    @property
    def identity(self) -> str:
        """Return the random name that this corpus got when it was made; an index of another corpus is not its index."""
        return str(self._db.one("SELECT value FROM meta WHERE key = 'identity'"))

    @property
    def seq(self) -> int:
        """Return the number of the latest change, 0 where nothing has changed yet."""
        return int(self._db.one("SELECT coalesce(max(seq), 0) FROM change"))

    def add(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Take in the entries, all of them or none, and return what became of each.

        The same bytes under the same source are "unchanged"; other bytes become the entry's current document.
        """
        self._originals.keep({entry.document.id: entry.data for entry in entries})
        # Read before the transaction begins, so that it is short. A document that is there keeps its ledger.
        read = {
            entry.document.id: entry.ledger or ledger(entry.document)
            for entry in entries
            if not self.has(entry.document.id)
        }
        with self._db.writing() as db:
            return [put_entry(db, entry, read.get(entry.document.id)) for entry in entries]

    def remove(self, doc: str) -> int:
        """Drop every entry whose current document is `doc`, then the documents that nothing refers to any more.

        Returns:
            How many entries were dropped; 0 where there is no such document.
        """
        with self._db.writing() as db:
            rows = db.execute(
                "SELECT entry.no, doc_no FROM entry JOIN document ON document.no = doc_no WHERE document.id = ?", (doc,)
            ).fetchall()
            gone = drop_entries(db, rows)
        self._originals.unlink(gone)
        return len(rows)

    def drop(self, sources: Iterable[str]) -> int:
        """Drop the entries with these sources, then the documents that nothing refers to; return how many entries."""
        with self._db.writing() as db:
            rows = [
                row
                for source in sources
                for row in db.execute("SELECT no, doc_no FROM entry WHERE source = ?", (source,)).fetchall()
            ]
            gone = drop_entries(db, rows)
        self._originals.unlink(gone)
        return len(rows)

    def renew(self) -> None:
        """Read the originals again where another chunker made the chunks; documents, entries and history stay.

        Raises:
            StoreError: an original is missing or cannot be read any more; nothing has changed then.
        """
        if schema.made(self._db).get("chunker") == chunker.VERSION:
            return
        from ingest.read import parse  # here: to import all readers takes a sixth of what a first answer waits for

        with self._db.writing() as db:
            for doc_no, name in db.execute("SELECT no, id FROM document").fetchall():
                source = db.execute("SELECT min(source) FROM entry WHERE doc_no = ?", (doc_no,)).fetchone()[0]
                try:
                    document = parse(self._originals.read(name), PurePath(source or ".txt").suffix)
                except (OSError, ReadError) as error:
                    raise StoreError(f"文档 {name} 的原文件不能再读（{error}）：请重新导入到新的 --store") from error
                record.replace(db, doc_no, document, ledger(document))
            db.execute("UPDATE meta SET value = ? WHERE key = 'chunker'", (chunker.VERSION,))

    def changes(self, after: int, limit: int = 500) -> list[Change]:
        """Return at most `limit` changes with a number above `after`, in order."""
        rows = self._db.all("SELECT seq, kind, doc_no FROM change WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
        return [Change(*row) for row in rows]

    def chunks(self, doc_no: int) -> list[ChunkRow]:
        """Return the indexed chunks of one document in order; none where it is gone or not live."""
        return self._chunk_rows("chunk.doc_no = ? AND chunk.indexed ORDER BY chunk.no", (doc_no,))

    def chunk_rows(self, nos: Iterable[int], user: User = LOCAL) -> dict[int, ChunkRow]:
        """Return the chunks with these numbers by number; those of documents that are not live are left out."""
        wanted = list(nos)
        found: dict[int, ChunkRow] = {}
        for at in range(0, len(wanted), 500):
            part = wanted[at : at + 500]
            marks = ",".join("?" * len(part))
            found.update((row.no, row) for row in self._chunk_rows(f"chunk.no IN ({marks})", tuple(part), user))
        return found

    def chunk_at(self, doc: str, offset: int) -> int:
        """Return the number of the chunk of the document `doc` in which the character at `offset` stands."""
        return int(
            self._db.one(
                "SELECT chunk.no FROM chunk JOIN document ON document.no = doc_no"
                ' WHERE id = ? AND start <= ? AND "end" > ?',
                (doc, offset, offset),
            )
        )

    def collections(self) -> list[str]:
        """Return the names of the collections that hold something."""
        return list(self._db.kept("collections", self._collections))

    def _collections(self) -> list[str]:
        # One step of the index a name; DISTINCT would pass over every entry.
        names = self._db.all(
            "WITH RECURSIVE name(value) AS (SELECT min(collection) FROM entry UNION ALL"
            " SELECT (SELECT min(collection) FROM entry WHERE collection > value) FROM name WHERE value IS NOT NULL)"
            " SELECT value FROM name WHERE value IS NOT NULL"
        )
        return [name for (name,) in names]

    def live(self) -> frozenset[int]:
        """Return the numbers of the documents that some entry points to."""
        return frozenset(row[0] for row in self._db.all("SELECT DISTINCT doc_no FROM entry"))

    def documents(self, user: User = LOCAL) -> list[DocumentRow]:
        """Return the entries that `user` may read, by source path."""
        marks, names = self._readable(user)
        return list(self._db.kept(("documents", names), lambda: self._documents(marks, names)))

    def _documents(self, marks: str, names: tuple[str, ...]) -> list[DocumentRow]:
        rows = self._db.all(
            "SELECT document.no, document.id, title, issuer, number, date, script, source, collection,"
            " (SELECT count(*) FROM chunk WHERE chunk.doc_no = document.no AND indexed),"
            " (SELECT count(*) FROM task WHERE task.doc_no = document.no AND kind = 'task')"
            " FROM entry JOIN document ON document.no = doc_no"
            f" WHERE collection IN ({marks}) ORDER BY source, collection",
            names,
        )
        return [DocumentRow(row[0], row[1], shown_title(row[2], row[7]), *row[3:]) for row in rows]

    def document(self, doc: str, user: User = LOCAL, *, chunks: bool = True) -> Document:
        """Return the document with the id `doc`, without its chunks where these are not wanted.

        Raises:
            StoreError: there is none that `user` may read.
        """
        marks, names = self._readable(user)
        row = self._db.row(
            # Correlated, so that the entries of this document are looked at and not all that the store has.
            f"SELECT {record.COLUMNS} FROM document WHERE id = ? AND (EXISTS (SELECT 1 FROM entry"
            f" WHERE entry.doc_no = document.no AND collection IN ({marks})) OR EXISTS (SELECT 1 FROM history"
            " JOIN entry ON entry.no = history.entry"
            f" WHERE history.doc_no = document.no AND collection IN ({marks})))",
            (doc, *names, *names),
        )
        if row is None:
            raise StoreError(f"没有编号为 {doc} 的文档：请用 duban docs list 查看现有文档")
        return record.restored(self._db, row, chunks=chunks)

    def lines(self, doc: str, start: int, end: int, user: User = LOCAL) -> list[Line]:
        """Return the printed lines that `start:end` of a document touches, in order; none where it has no layout.

        Raises:
            StoreError: there is no such document that `user` may read.
        """
        self.document(doc, user)
        rows = self._db.all(
            'SELECT start, line."end", page, x0, y0, x1, y1 FROM line JOIN document ON document.no = doc_no'
            ' WHERE id = ? AND start < ? AND line."end" > ? ORDER BY start',
            (doc, end, start),
        )
        return [Line(first, last, page, (x0, y0, x1, y1)) for first, last, page, x0, y0, x1, y1 in rows]

    def versions(self, doc: str, user: User = LOCAL) -> list[Version]:
        """Return what each source that is, or was, the document `doc` has been, oldest first; none of just one."""
        marks, names = self._readable(user)
        rows = self._db.all(
            "WITH held AS (SELECT entry, doc_no, until FROM history"
            " UNION ALL SELECT no, doc_no, 9223372036854775807 FROM entry)"
            " SELECT held.entry, document.id, title, date, source, collection"
            " FROM held JOIN document ON document.no = held.doc_no JOIN entry ON entry.no = held.entry"
            f" WHERE collection IN ({marks}) AND held.entry IN"
            " (SELECT held.entry FROM held JOIN document ON document.no = held.doc_no WHERE document.id = ?)"
            " ORDER BY source, collection, held.entry, until",
            (*names, doc),
        )
        after = [*rows[1:], (None, None)] if rows else []
        found = [
            Version(doc, shown_title(title, source), date, source, collection, next_[1] if next_[0] == entry else None)
            for (entry, doc, title, date, source, collection), next_ in zip(rows, after, strict=True)
        ]
        several = {version.source for version in found if version.superseded_by}
        return [version for version in found if version.source in several]

    def has(self, doc: str) -> bool:
        """Return whether a document with the id `doc` is stored, live or not."""
        return self._db.row("SELECT 1 FROM document WHERE id = ?", (doc,)) is not None

    def sources(self, doc: str, collection: str = "default") -> list[str]:
        """Return the sources in a collection whose current document is `doc`, in order."""
        rows = self._db.all(
            "SELECT source FROM entry JOIN document ON document.no = doc_no WHERE document.id = ? AND collection = ?"
            " ORDER BY source",
            (doc, collection),
        )
        return [source for (source,) in rows]

    def doc_nos(self, where: Where | None, user: User = LOCAL) -> frozenset[int]:
        """Return the numbers of the live documents that `user` may read and `where` lets through."""
        marks, names = self._readable(user)
        terms, values = [f"collection IN ({marks})"], list(names)
        if where:
            for term, value in (
                ("document.id = ?", where.doc),
                ("issuer = ?", where.issuer),
                ("date >= ?", where.since),
                ("date <= ?", where.until),
                ("collection = ?", where.collection),
            ):
                if value is not None:
                    terms.append(term)
                    values.append(value)
        rows = self._db.all(
            f"SELECT DISTINCT doc_no FROM entry JOIN document ON document.no = doc_no WHERE {' AND '.join(terms)}",
            tuple(values),
        )
        return frozenset(row[0] for row in rows)

    def tasks(self, user: User = LOCAL) -> Tasks:
        """Return the ledgers of the documents that `user` may read."""
        return Tasks(self._db, self._readable(user)[1])

    def integrity(self) -> list[str]:
        """Return what is wrong with the corpus, in words; nothing where all is well. `lost_originals` is apart."""
        return integrity.problems(self._db)

    def lost_originals(self) -> list[str]:
        """Return the ids of the documents whose original is missing or is no longer what was taken in."""
        return [doc for (doc,) in self._db.all("SELECT id FROM document ORDER BY no") if not self._originals.holds(doc)]

    def _chunk_rows(self, term: str, values: tuple[int, ...], user: User = LOCAL) -> list[ChunkRow]:
        marks, names = self._readable(user)
        rows = self._db.all(
            "SELECT chunk.no, chunk.doc_no, document.id, document.title, (SELECT min(source) FROM entry INDEXED BY"
            # min() would tempt SQLite to walk every entry in the order of their sources, for each chunk
            f" entry_doc WHERE entry.doc_no = chunk.doc_no AND collection IN ({marks})) AS source, chunk.path,"
            ' chunk.start, chunk."end", chunk.text, chunk.issuer, document.issuer'
            " FROM chunk JOIN document ON document.no = chunk.doc_no"
            f" WHERE source IS NOT NULL AND {term}",
            (*names, *values),
        )
        return [
            ChunkRow(
                row[0], row[1], row[2], shown_title(row[3], row[4]), row[4], _path(row[5]), row[6], row[7],
                row[8], row[9] or row[10] or "",
            )
            for row in rows
        ]  # fmt: skip

    def _readable(self, user: User) -> tuple[str, tuple[str, ...]]:
        """Return placeholders and names of the collections that `user` may read."""
        names = tuple(name for name in self.collections() if may_read(user, name))
        return ",".join("?" * len(names)), names

    def _lost(self) -> str:
        """Return what is wrong where there was a corpus and is none, as its originals or a backup say; "" otherwise.

        A corpus is made before the first original is written, in one transaction.
        """
        path = self._db.path
        if path.is_file() and path.stat().st_size:
            return ""
        if not backups(self.store) and not self._originals.any():
            return ""
        return "是空的" if path.exists() else "不见了"


@functools.lru_cache(4_096)  # chunks of one section have the same one
def _path(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))
