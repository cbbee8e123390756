"""The corpus: documents, chunks and entries in SQLite. It is the truth; every index is derived from it.

An *entry* is (collection, source path) and points to its current document. A document is *live* while an entry points
to it. Each time a document begins or ceases to be live the corpus writes a *change* with the next number (`seq`); an
index that knows the last number it has seen can catch up from there.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from ingest import chunk as chunker
from ingest import ledger as ledgers
from ingest import tasks
from ingest.backup import backups, way_back
from ingest.document import Chunk, Document, Line, Page, Section, Stated, document_id
from ingest.error import ReadError, StoreError
from ingest.ledger import Ledger, ledger
from ingest.read import parse
from ingest.tasks import Tasks

FORMAT = 3  # of the tables below; a store of another format is refused by name
Outcome = Literal["added", "unchanged", "updated", "renamed"]

_SCHEMA = """
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


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. Until accounts exist there is one, the person at this machine."""

    name: str


LOCAL = User("local")


def may_read(user: User, collection: str) -> bool:
    """Return whether `user` may read `collection`: the one permission check, through which every answer goes."""
    del collection  # grants by collection come with accounts
    return user == LOCAL


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to be taken in: its source path, the document it became, its bytes and the collection it belongs to.

    `was` is a source of the collection that this one takes the place of, as a file's new name does of its old one.
    `ledger` is the document's, where it was read already, as a process that reads files beside this one can do.
    """

    source: str
    document: Document
    data: bytes
    collection: str = "default"
    was: str | None = None
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A document began ("add") or ceased ("remove") to be live."""

    seq: int
    kind: Literal["add", "remove"]
    doc_no: int


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk with what is shown beside it. `no` and `doc_no` are never used again after a removal."""

    no: int
    doc_no: int
    doc: str
    title: str
    source: str
    path: tuple[str, ...]
    start: int
    end: int
    text: str
    issuer: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """An entry with the particulars of its current document. `title` falls back to the file's name."""

    no: int
    doc: str
    title: str
    issuer: str | None
    number: str | None
    date: str | None
    script: str
    source: str
    collection: str
    chunks: int
    tasks: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the row as `duban docs list --json` prints it."""
        row = asdict(self)
        del row["no"]
        return row


@dataclass(frozen=True, slots=True)
class Version:
    """One of the documents that a source has been. `superseded_by` is the id of the next one, None for the current."""

    doc: str
    title: str
    date: str | None
    source: str
    collection: str
    superseded_by: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the version as `duban docs show --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Where:
    """A filter over documents; what is None does not filter. Dates are ISO 8601 and both included."""

    doc: str | None = None
    issuer: str | None = None
    since: str | None = None
    until: str | None = None
    collection: str | None = None


class Corpus:
    """The documents of one store. Safe to use from several threads; one process at a time writes (see `StoreLock`)."""

    def __init__(self, store: Path, *, write: bool) -> None:
        """Use `Corpus.open`."""
        self.store = store
        self._write = write
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

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
        path = store / "corpus.db"
        lost = _lost(store)
        if lost and not anew:
            raise StoreError(f"文档库 {path} {lost}：{way_back(store)}")
        if write:
            _make(store)
        elif not path.is_file():
            raise StoreError(f"{store} 不是文档库（没有 corpus.db）：请先运行 duban ingest 路径 --store {store}")
        corpus = cls(store, write=write)
        try:
            if write:
                corpus._create()
            corpus._check_format(stale)
        except sqlite3.DatabaseError as error:
            corpus.close()
            raise corpus._trouble(error) from error
        except BaseException:
            corpus.close()
            raise
        return corpus

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()

    @property
    def identity(self) -> str:
        """Return the random name that this corpus got when it was made; an index of another corpus is not its index."""
        return str(self._one("SELECT value FROM meta WHERE key = 'identity'"))

    @property
    def seq(self) -> int:
        """Return the number of the latest change, 0 where nothing has changed yet."""
        return int(self._one("SELECT coalesce(max(seq), 0) FROM change"))

    def add(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Take in the entries, all of them or none, and return what became of each.

        The same bytes under the same source are "unchanged"; other bytes become the entry's current document.
        """
        from concurrent.futures import ThreadPoolExecutor  # who only reads does not wait for it

        # At once, as a disk brings many small files as fast onto itself as one.
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(self._keep_original, {entry.document.id: entry.data for entry in entries}.items()))
        # Read before the transaction begins, so that it is short. A document that is there keeps its ledger.
        read = {
            entry.document.id: entry.ledger or ledger(entry.document)
            for entry in entries
            if not self.has(entry.document.id)
        }
        with self._writing() as db:
            return [self._add(db, entry, read.get(entry.document.id)) for entry in entries]

    def remove(self, doc: str) -> int:
        """Drop every entry whose current document is `doc`, then the documents that nothing refers to any more.

        Returns:
            How many entries were dropped; 0 where there is no such document.
        """
        with self._writing() as db:
            rows = db.execute(
                "SELECT entry.no, doc_no FROM entry JOIN document ON document.no = doc_no WHERE document.id = ?", (doc,)
            ).fetchall()
            gone = self._drop(db, rows)
        self._unlink(gone)
        return len(rows)

    def drop(self, sources: Iterable[str]) -> int:
        """Drop the entries with these sources, then the documents that nothing refers to; return how many entries."""
        db = self._db
        with db:
            db.execute("BEGIN IMMEDIATE")
            rows = [
                row
                for source in sources
                for row in db.execute("SELECT no, doc_no FROM entry WHERE source = ?", (source,)).fetchall()
            ]
            gone = self._drop(db, rows)
        self._unlink(gone)
        return len(rows)

    def _drop(self, db: sqlite3.Connection, rows: Sequence[tuple[int, int]]) -> list[str]:
        """Delete entries (number, document number) and return the ids of the documents that went with them."""
        for number, doc_no in rows:
            db.execute("DELETE FROM entry WHERE no = ?", (number,))
            self._retire(db, doc_no)
        return self._purge(db)

    def _unlink(self, documents: Iterable[str]) -> None:
        for name in documents:
            with suppress(FileNotFoundError):
                (self.store / "originals" / name).unlink()

    def renew(self) -> None:
        """Read the originals again where another chunker made the chunks; documents, entries and history stay.

        Raises:
            StoreError: an original is missing or cannot be read any more; nothing has changed then.
        """
        if self._made().get("chunker") == chunker.VERSION:
            return
        with self._writing() as db:
            for doc_no, name in db.execute("SELECT no, id FROM document").fetchall():
                source = db.execute("SELECT min(source) FROM entry WHERE doc_no = ?", (doc_no,)).fetchone()[0]
                try:
                    document = parse((self.store / "originals" / name).read_bytes(), PurePath(source or ".txt").suffix)
                except (OSError, ReadError) as error:
                    raise StoreError(f"文档 {name} 的原文件不能再读（{error}）：请重新导入到新的 --store") from error
                db.execute("DELETE FROM chunk WHERE doc_no = ?", (doc_no,))
                db.execute(
                    f"UPDATE document SET ({_FIELDS}) = ({_marks(_FIELDS)}) WHERE no = ?", (*_fields(document), doc_no)
                )
                self._write_chunks(db, doc_no, document)
                self._write_layout(db, doc_no, document)
                tasks.rewrite(db, doc_no, document, ledger(document))
            db.execute("UPDATE meta SET value = ? WHERE key = 'chunker'", (chunker.VERSION,))

    def changes(self, after: int, limit: int = 500) -> list[Change]:
        """Return at most `limit` changes with a number above `after`, in order."""
        rows = self._all("SELECT seq, kind, doc_no FROM change WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
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
            self._one(
                "SELECT chunk.no FROM chunk JOIN document ON document.no = doc_no"
                ' WHERE id = ? AND start <= ? AND "end" > ?',
                (doc, offset, offset),
            )
        )

    def collections(self) -> list[str]:
        """Return the names of the collections that hold something."""
        # One step of the index a name; DISTINCT would pass over every entry, and each search asks for the names.
        names = self._all(
            "WITH RECURSIVE name(value) AS (SELECT min(collection) FROM entry UNION ALL"
            " SELECT (SELECT min(collection) FROM entry WHERE collection > value) FROM name WHERE value IS NOT NULL)"
            " SELECT value FROM name WHERE value IS NOT NULL"
        )
        return [name for (name,) in names]

    def live(self) -> frozenset[int]:
        """Return the numbers of the documents that some entry points to."""
        return frozenset(row[0] for row in self._all("SELECT DISTINCT doc_no FROM entry"))

    def documents(self, user: User = LOCAL) -> list[DocumentRow]:
        """Return the entries that `user` may read, by source path."""
        marks, names = self._readable(user)
        rows = self._all(
            "SELECT document.no, document.id, title, issuer, number, date, script, source, collection,"
            " (SELECT count(*) FROM chunk WHERE chunk.doc_no = document.no AND indexed),"
            " (SELECT count(*) FROM task WHERE task.doc_no = document.no AND kind = 'task')"
            " FROM entry JOIN document ON document.no = doc_no"
            f" WHERE collection IN ({marks}) ORDER BY source, collection",
            names,
        )
        return [DocumentRow(row[0], row[1], _shown(row[2], row[7]), *row[3:]) for row in rows]

    def document(self, doc: str, user: User = LOCAL) -> Document:
        """Return the document with the id `doc`.

        Raises:
            StoreError: there is none that `user` may read.
        """
        marks, names = self._readable(user)
        row = self._row(
            "SELECT id, text, script, stated, outline, kind, notes, no FROM document WHERE id = ? AND (no IN"
            f" (SELECT doc_no FROM entry WHERE collection IN ({marks})) OR no IN (SELECT history.doc_no FROM history"
            f" JOIN entry ON entry.no = history.entry WHERE collection IN ({marks})))",
            (doc, *names, *names),
        )
        if row is None:
            raise StoreError(f"没有编号为 {doc} 的文档：请用 duban docs list 查看现有文档")
        stated = {key: Stated(*value) if value else None for key, value in json.loads(row[3]).items()}
        sections = tuple(Section(*values) for values in json.loads(row[4]))
        spans = self._all('SELECT section, start, "end", indexed FROM chunk WHERE doc_no = ? ORDER BY no', (row[7],))
        pieces = tuple(Chunk(section, start, end, bool(indexed)) for section, start, end, indexed in spans)
        sheets = self._all(
            'SELECT number, start, "end", width, height, confidence FROM page WHERE doc_no = ? ORDER BY start, number',
            (row[7],),
        )
        pages = tuple(Page(*values) for values in sheets)
        return Document(
            row[0], row[1], row[2], stated["title"], stated["issuer"], stated["number"], stated["date"],
            sections, pieces, kind=row[5], pages=pages, notes=tuple(json.loads(row[6])),
        )  # fmt: skip

    def lines(self, doc: str, start: int, end: int, user: User = LOCAL) -> list[Line]:
        """Return the printed lines that `start:end` of a document touches, in order; none where it has no layout.

        Raises:
            StoreError: there is no such document that `user` may read.
        """
        self.document(doc, user)
        rows = self._all(
            'SELECT start, line."end", page, x0, y0, x1, y1 FROM line JOIN document ON document.no = doc_no'
            ' WHERE id = ? AND start < ? AND line."end" > ? ORDER BY start',
            (doc, end, start),
        )
        return [Line(first, last, page, (x0, y0, x1, y1)) for first, last, page, x0, y0, x1, y1 in rows]

    def versions(self, doc: str, user: User = LOCAL) -> list[Version]:
        """Return what each source that is, or was, the document `doc` has been, oldest first; none of just one."""
        marks, names = self._readable(user)
        rows = self._all(
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
            Version(doc, _shown(title, source), date, source, collection, next_[1] if next_[0] == entry else None)
            for (entry, doc, title, date, source, collection), next_ in zip(rows, after, strict=True)
        ]
        several = {version.source for version in found if version.superseded_by}
        return [version for version in found if version.source in several]

    def sources(self, doc: str, collection: str = "default") -> list[str]:
        """Return the sources in a collection whose current document is `doc`, in order."""
        rows = self._all(
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
        rows = self._all(
            f"SELECT DISTINCT doc_no FROM entry JOIN document ON document.no = doc_no WHERE {' AND '.join(terms)}",
            tuple(values),
        )
        return frozenset(row[0] for row in rows)

    def tasks(self, user: User = LOCAL) -> Tasks:
        """Return the ledgers of the documents that `user` may read."""
        return Tasks(self._all, self._readable(user)[1])

    def integrity(self) -> list[str]:
        """Return what is wrong with the corpus, in words; nothing where all is well. `lost_originals` is apart."""
        damage = [row[0] for row in self._all("PRAGMA integrity_check") if row[0] != "ok"]
        if damage:
            return [f"文件已损坏（{damage[0]}" + (f"，等 {len(damage)} 处）" if len(damage) > 1 else "）")]
        problems = []
        for no, doc, text in self._all("SELECT no, id, text FROM document"):
            spans = self._all('SELECT start, "end", text FROM chunk WHERE doc_no = ? ORDER BY no', (no,))
            at = 0
            for start, end, words in spans:
                if start != at or text[start:end] != words:
                    problems.append(f"文档 {doc} 的段落 [{start}, {end}) 与原文不符")
                at = end
            if at != len(text):
                problems.append(f"文档 {doc} 的段落只到 {at}，原文有 {len(text)} 字")
        orphans = self._one(
            "SELECT count(*) FROM document WHERE no NOT IN (SELECT doc_no FROM entry UNION SELECT doc_no FROM history)"
        )
        if orphans:
            problems.append(f"{orphans} 份文档不属于任何来源")
        try:
            return problems + tasks.integrity(self._db)
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from error

    def lost_originals(self) -> list[str]:
        """Return the ids of the documents whose original is missing or is no longer what was taken in."""
        return [doc for (doc,) in self._all("SELECT id FROM document ORDER BY no") if not self._holds(doc)]

    # --- inside ---

    def _holds(self, doc: str) -> bool:
        try:
            return document_id((self.store / "originals" / doc).read_bytes()) == doc
        except OSError:
            return False

    @property
    def _db(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._connect()
            self._local.db = db
            with self._guard:
                self._open.append(db)
        return db

    def _connect(self) -> sqlite3.Connection:
        path = self.store / "corpus.db"
        if self._write:
            db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode = WAL")  # readers go on while a batch is written
            db.execute("PRAGMA synchronous = FULL")  # the truth survives a power cut
            db.execute("PRAGMA foreign_keys = ON")
            return db
        uri = path.resolve().as_uri()
        db = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            db.execute("SELECT 1 FROM meta LIMIT 1")
        except sqlite3.OperationalError:
            # A store on a read-only medium: WAL wants to make a file beside the database, `immutable` does not.
            db.close()
            db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
        return db

    def _create(self) -> None:
        db = self._db
        if not self._all("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            with db:
                db.execute("BEGIN IMMEDIATE")
                _run(db, _SCHEMA + tasks.SCHEMA + _LAYOUT)
                made = {"format": str(FORMAT), "chunker": chunker.VERSION, "ledger": ledgers.VERSION}
                db.executemany("INSERT INTO meta VALUES (?, ?)", [*made.items(), ("identity", uuid.uuid4().hex)])
        self._migrate()

    def _migrate(self) -> None:
        """Bring an earlier format up to this one, and read all ledgers again where another version filled them."""
        made = self._made()
        known = {str(step) for step in _STEPS} | {str(FORMAT)}
        now = {"format": str(FORMAT), "ledger": ledgers.VERSION}
        if made.get("format") not in known or now.items() <= made.items():
            return
        db = self._db
        with db:
            db.execute("BEGIN IMMEDIATE")
            for step in range(int(made["format"]), FORMAT):
                _run(db, _STEPS[step])
            if made.get("ledger") != ledgers.VERSION:
                for no, doc in self._all("SELECT no, id FROM document"):
                    document = self.document(doc)
                    tasks.rewrite(db, no, document, ledger(document))
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(now.items()))

    def _made(self) -> dict[str, str]:
        """Return what made the corpus."""
        return dict(self._all("SELECT key, value FROM meta"))

    def _check_format(self, stale: bool) -> None:
        made = self._made()
        if made.get("format") != str(FORMAT):
            raise StoreError(
                f"文档库 {self.store} 的格式是 {made.get('format')}，本程序用的是 {FORMAT}："
                + (
                    "再运行一次 duban ingest 即升级"
                    if made.get("format") in {str(step) for step in _STEPS}
                    else "请用建立它的版本打开，或重新导入到新的 --store"
                )
            )
        if made.get("chunker") != chunker.VERSION and not stale:
            raise StoreError(
                f"文档库 {self.store} 由另一版本分块（{made.get('chunker')}，本程序为 {chunker.VERSION}）："
                f"请运行 duban doctor --rebuild --store {self.store}"
            )

    def _keep_original(self, original: tuple[str, bytes]) -> None:
        """Write a file's bytes under its id, whole or not at all."""
        name, data = original
        target = self.store / "originals" / name
        if self._holds(name):
            return
        draft = target.with_suffix(f".{os.getpid()}.part")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        except OSError as error:
            draft.unlink(missing_ok=True)
            why = "磁盘已满" if error.errno == errno.ENOSPC else error.strerror
            raise StoreError(f"库 {self.store} 写不下去（{why}）：{_UNHARMED}") from error

    def has(self, doc: str) -> bool:
        """Return whether a document with the id `doc` is stored, live or not."""
        return self._row("SELECT 1 FROM document WHERE id = ?", (doc,)) is not None

    def _add(self, db: sqlite3.Connection, entry: Entry, read: Ledger | None) -> Outcome:
        doc_no = self._document_no(db, entry.document, read)
        row = db.execute(
            "SELECT no, doc_no FROM entry WHERE collection = ? AND source = ?", (entry.collection, entry.source)
        ).fetchone()
        if row and row[1] == doc_no:
            return "unchanged"
        if not db.execute("SELECT 1 FROM entry WHERE doc_no = ?", (doc_no,)).fetchone():
            db.execute("INSERT INTO change (kind, doc_no) VALUES ('add', ?)", (doc_no,))
        if row is None and entry.was is not None and self._rename(db, entry, doc_no):
            return "renamed"
        if row is None:
            db.execute("INSERT INTO entry (collection, source, doc_no) VALUES (?, ?, ?)",
                       (entry.collection, entry.source, doc_no))  # fmt: skip
            return "added"
        db.execute("UPDATE entry SET doc_no = ? WHERE no = ?", (doc_no, row[0]))
        self._retire(db, row[1])
        last = db.execute("SELECT max(seq) FROM change").fetchone()[0]
        db.execute("INSERT INTO history VALUES (?, ?, ?)", (row[0], row[1], last))
        return "updated"

    def _rename(self, db: sqlite3.Connection, entry: Entry, doc_no: int) -> bool:
        done = db.execute(
            "UPDATE entry SET source = ? WHERE collection = ? AND source = ? AND doc_no = ?",
            (entry.source, entry.collection, entry.was, doc_no),
        )
        return done.rowcount > 0

    def _document_no(self, db: sqlite3.Connection, document: Document, read: Ledger | None) -> int:
        """Return the number of the document, which is stored where it is new."""
        row = db.execute("SELECT no FROM document WHERE id = ?", (document.id,)).fetchone()
        if row:
            return int(row[0])
        cursor = db.execute(
            f"INSERT INTO document (id, {_FIELDS}) VALUES (?, {_marks(_FIELDS)})", (document.id, *_fields(document))
        )
        doc_no = int(cursor.lastrowid or 0)
        self._write_chunks(db, doc_no, document)
        self._write_layout(db, doc_no, document)
        tasks.write(db, doc_no, document, read or ledger(document))
        return doc_no

    def _write_chunks(self, db: sqlite3.Connection, doc_no: int, document: Document) -> None:
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

    def _write_layout(self, db: sqlite3.Connection, doc_no: int, document: Document) -> None:
        for table in ("page", "line"):
            db.execute(f"DELETE FROM {table} WHERE doc_no = ?", (doc_no,))
        db.executemany(
            "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(doc_no, p.number, p.start, p.end, p.width, p.height, p.confidence) for p in document.pages],
        )
        db.executemany(
            "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(doc_no, line.start, line.end, line.page, *line.box) for line in document.lines],
        )

    def _retire(self, db: sqlite3.Connection, doc_no: int) -> None:
        """Write the change where no entry points to the document any more."""
        if not db.execute("SELECT 1 FROM entry WHERE doc_no = ?", (doc_no,)).fetchone():
            db.execute("INSERT INTO change (kind, doc_no) VALUES ('remove', ?)", (doc_no,))

    def _purge(self, db: sqlite3.Connection) -> list[str]:
        """Delete the documents that neither an entry nor its history refers to, and return their ids."""
        unused = "no NOT IN (SELECT doc_no FROM entry UNION SELECT doc_no FROM history)"
        gone = [row[0] for row in db.execute(f"SELECT id FROM document WHERE {unused}")]
        db.execute(f"DELETE FROM document WHERE {unused}")
        return gone

    def _chunk_rows(self, term: str, values: tuple[int, ...], user: User = LOCAL) -> list[ChunkRow]:
        marks, names = self._readable(user)
        rows = self._all(
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
                row[0], row[1], row[2], _shown(row[3], row[4]), row[4], tuple(json.loads(row[5])), row[6], row[7],
                row[8], row[9] or row[10] or "",
            )
            for row in rows
        ]  # fmt: skip

    def _readable(self, user: User) -> tuple[str, tuple[str, ...]]:
        """Return placeholders and names of the collections that `user` may read."""
        names = tuple(name for name in self.collections() if may_read(user, name))
        return ",".join("?" * len(names)), names

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection in a transaction, which is committed where the block ends well."""
        db = self._db
        try:
            with db:
                db.execute("BEGIN IMMEDIATE")
                yield db
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: sqlite3.DatabaseError) -> StoreError:
        """Return what SQLite says in words that tell what to do."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; the rest says where it was met
        path = self.store / "corpus.db"
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            return StoreError(f"库 {self.store} 写不下去（{_SAID.get(code, error)}）：{_UNHARMED}")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreError(f"文档库 {path} 正被另一个程序占用（{error}）：请等它结束后再试")
        # Noise inside a text is no UTF-8, which SQLite does not look at and Python does, with an error without a code.
        if code in (0, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error):
            return StoreError(f"文档库 {path} 已损坏（{_SAID.get(code, error)}）：{way_back(self.store)}")
        raise error

    def _all(self, sql: str, values: Any = ()) -> list[Any]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from error

    def _row(self, sql: str, values: Sequence[Any] = ()) -> Any:
        try:
            return self._db.execute(sql, values).fetchone()
        except sqlite3.DatabaseError as error:
            raise self._trouble(error) from error

    def _one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self._row(sql, values)[0]


_WRITERS = 8  # originals that are brought onto the disk at once
_UNHARMED = "已入库的内容完好，检索照常；请检查磁盘空间和权限，再运行一次即可继续"
_SAID = {
    sqlite3.SQLITE_FULL: "磁盘已满", sqlite3.SQLITE_READONLY: "只读",
    sqlite3.SQLITE_CORRUPT: "内容前后不符", sqlite3.SQLITE_NOTADB: "不是数据库文件",
}  # fmt: skip


def _make(store: Path) -> None:
    try:
        (store / "originals").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"库 {store} 不能写入（{error.strerror}）：请检查磁盘空间和权限") from error


def _lost(store: Path) -> str:
    """Return what is wrong where there was a corpus and is none, as its originals or a backup say; "" otherwise.

    A corpus is made before the first original is written, in one transaction.
    """
    path, originals = store / "corpus.db", store / "originals"
    if path.is_file() and path.stat().st_size:
        return ""
    if not backups(store) and not (originals.is_dir() and any(originals.iterdir())):
        return ""
    return "是空的" if path.exists() else "不见了"


_FIELDS = "text, script, title, issuer, number, date, stated, outline, kind, notes"


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


def _run(db: sqlite3.Connection, statements: str) -> None:
    """Run statements one by one: `executescript` would end the transaction that is open."""
    for statement in statements.split(";\n"):
        db.execute(statement)


def _marks(names: str) -> str:
    return ", ".join("?" for _ in names.split(","))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(title: str | None, source: str) -> str:
    """Return the title that people see: the stated one, else the file's name."""
    return " ".join(title.split()) if title else PurePath(source).name
