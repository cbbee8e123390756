"""The files that readers bring in at the page: a table of what is to be done, and the one thread that does it.

What is in the table outlives tab and server: a file that was being read when the server went is read again by the next.
To read a file twice changes nothing, so nothing is lost and nothing is half there.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal

from app.deskfile import DeskFile
from app.settings import Settings
from app.version import changed, share
from ingest.corpus import Entry, User
from ingest.corpus.row import DocumentRow
from ingest.document import Document
from ingest.error import DubanError, ReadError, StoreError
from ingest.ledger import Ledger
from ingest.read.kind import SUFFIXES
from ingest.read.pool import Pool
from retriever import Retriever
from retriever.embedder import Embedder
from retriever.intake import settle, take

Stage = Literal["queued", "reading", "outline", "ledger", "index", "done", "failed"]
STAGES: tuple[Stage, ...] = ("queued", "reading", "outline", "ledger", "index", "done")
_ENDED = ("done", "failed")
_LISTED = 100
_NAME = 120  # characters; file systems take 255 bytes
_RETRY = 2.0  # seconds until a store that another process is writing is tried again
_SAME_FILE = 0.3  # share of sentences from which a file of the same name is the next version, not another document
_NEARLY = 0.6  # share from which a document of another name is pointed out

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was brought in. `notes` are kinds of remark with what they are about, for the page to word."""

    no: int
    name: str
    size: int
    stage: Stage
    why: str
    doc: str | None
    notes: tuple[dict[str, Any], ...]

    @property
    def live(self) -> bool:
        """Return whether there is still something to wait for."""
        return self.stage not in _ENDED


class Uploads:
    """The uploads of a store. `start` begins to work on them, `close` stops after the step at hand."""

    def __init__(self, file: DeskFile, settings: Settings, embedder: Embedder, retriever: Retriever) -> None:
        """Keep them in `file`, with their bytes in the folder `uploads` of the store.

        `largest` is how many bytes a file may have; what no reader takes is refused all the same.
        """
        self.folder = settings.store / "uploads"
        self.largest = min(settings.upload_mb * 1_000_000, settings.limits.size)
        self._settings = settings
        self._file, self._store, self._embedder, self._retriever = file, settings.store, embedder, retriever
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._unsettled = False

    def start(self) -> None:
        """Take up what an earlier server left, and begin to work."""
        self.folder.mkdir(exist_ok=True)
        with self._file.writing() as db:
            for no, worker in db.execute("SELECT no, worker FROM upload WHERE worker IS NOT NULL").fetchall():
                if worker == os.getpid() or not _alive(worker):
                    db.execute("UPDATE upload SET stage = 'queued', worker = NULL WHERE no = ?", (no,))
        self._thread = threading.Thread(target=self._work, name="uploads", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, after the step at hand."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(30)

    def draft(self) -> Path:
        """Return where the bytes of a file that is coming in may be written: under a name of our own."""
        self.folder.mkdir(exist_ok=True)
        return self.folder / f"{secrets.token_hex(16)}.part"

    def add(self, user: User, name: str, draft: Path, size: int) -> int:
        """Put a file that has come in whole into the queue, and return its number."""
        suffix = PurePosixPath(name).suffix.lower()
        kept = draft.with_suffix(suffix if suffix in SUFFIXES else "")  # a reader wants to know what it was called
        draft.replace(kept)
        no = self._insert(user, name, size, "queued", "", kept.name)
        self._wake.set()
        return no

    def refuse(self, user: User, name: str, size: int, why: str) -> int:
        """Keep that a file was not taken, and why."""
        return self._insert(user, name, size, "failed", why, "")

    def again(self, user: User, no: int) -> None:
        """Try a file that failed once more, where its bytes are still there."""
        with self._file.writing() as db:
            db.execute(
                "UPDATE upload SET stage = 'queued', why = '', worker = NULL"
                " WHERE no = ? AND owner = ? AND stage = 'failed' AND file <> ''",
                (no, user.name),
            )
        self._wake.set()

    def dismiss(self, user: User, no: int | None = None) -> None:
        """Take one ended upload, or all, off the list; what came of it stays."""
        term, values = ("AND no = ?", (no,)) if no is not None else ("", ())
        gone = f"owner = ? AND stage IN ('done', 'failed') {term}"
        with self._file.writing() as db:
            files = [row[0] for row in db.execute(f"SELECT file FROM upload WHERE {gone}", (user.name, *values))]
            db.execute(f"DELETE FROM upload WHERE {gone}", (user.name, *values))
        for file in filter(None, files):
            with suppress(FileNotFoundError):
                (self.folder / file).unlink()

    def listed(self, user: User) -> list[tuple[Upload, bool]]:
        """Return the user's uploads, the latest first, each with whether it can be tried again."""
        rows = self._file.all(
            "SELECT no, name, size, stage, why, doc, notes, file FROM upload WHERE owner = ?"
            f" ORDER BY no DESC LIMIT {_LISTED}",
            (user.name,),
        )
        return [
            (Upload(no, name, size, stage, why, doc, tuple(json.loads(notes))), stage == "failed" and bool(file))
            for no, name, size, stage, why, doc, notes, file in rows
        ]

    def _insert(self, user: User, name: str, size: int, stage: Stage, why: str, file: str) -> int:
        with self._file.writing() as db:
            cursor = db.execute(
                "INSERT INTO upload (owner, name, size, file, stage, why, came) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (user.name, name, size, file, stage, why, dt.datetime.now(dt.UTC).isoformat(timespec="seconds")),
            )
        return int(cursor.lastrowid or 0)

    # --- the thread ---

    def _work(self) -> None:
        while not self._stop.is_set():
            job = self._claim()
            if job is None:
                idle = not self._wake.wait(_RETRY)
                self._wake.clear()
                if idle and self._unsettled:
                    self._settle()
                continue
            no, name, file = job
            try:
                self._bring(no, name, self.folder / file)
            except DubanError as error:
                self._end(no, "failed", str(error))
            except Exception:
                _log.exception("the upload %d was not taken in", no)
                self._end(no, "failed", "inside")

    def _settle(self) -> None:
        self._unsettled = False
        try:
            notice = settle(self._store, self._embedder, chroma=self._settings.chroma)
        except StoreError as error:  # somebody else is writing, and settles it
            notice = str(error)
        if notice:
            _log.warning("%s", notice)

    def _claim(self) -> tuple[int, str, str] | None:
        with self._file.writing() as db:
            row = db.execute(
                "SELECT no, name, file FROM upload WHERE stage = 'queued' AND worker IS NULL ORDER BY no LIMIT 1"
            ).fetchone()
            if row:
                db.execute("UPDATE upload SET worker = ?, stage = 'reading' WHERE no = ?", (os.getpid(), row[0]))
        return tuple(row) if row else None

    def _bring(self, no: int, name: str, path: Path) -> None:
        """Read a file in a process of its own, and bring in what it holds: a document, or those of an archive."""
        if not path.is_file():
            raise ReadError("上传的内容已不在：请重新上传")
        self._set(no, "outline")
        known = {row.doc: row for row in self._retriever.documents()}
        docs: list[str] = []
        notes: list[dict[str, Any]] = []
        failed: list[str] = []
        with Pool(self._settings.limits, replace(self._settings.bounds, yields=True)) as pool:
            for _, found in pool.read([path], known.__contains__):
                if found is None:
                    continue
                whole = f"{name}/{found.member}" if found.member else name
                if found.known:
                    docs.append(found.known)
                    notes.append(_note("same", known[found.known]))
                elif found.piece is None or found.piece.document is None:
                    failed.append(f"{found.member}：{found.why}" if found.member else found.why)
                elif not self._take(no, whole, found.piece.document, found.data, found.tasks, notes):
                    return
                else:
                    docs.append(found.piece.document.id)
        if not docs:
            raise ReadError("；".join(failed[:3]) or "文件里没有可读的内容")
        notes.extend({"kind": "said", "words": words} for words in failed)
        self._end(no, "done", doc=docs[0], notes=notes)
        path.unlink(missing_ok=True)

    def _take(
        self, no: int, name: str, document: Document, data: bytes, ledger: Ledger | None, notes: list[dict[str, Any]]
    ) -> bool:
        """Bring a document in and add what is to be said of it; return False where the server stops before that."""
        entry, said = self._named(name, document, data)
        entry = replace(entry, ledger=ledger)
        while not self._stop.is_set():
            try:
                take(
                    self._store, entry, self._embedder,
                    stage=lambda at: self._set(no, at), chroma=self._settings.chroma,
                )  # fmt: skip
                break
            except StoreError as error:
                if "正由" not in str(error):  # another process writes: it will end
                    raise
                self._set(no, "queued", str(error))
                self._stop.wait(_RETRY)
        else:
            return False
        self._unsettled = True
        notes.extend(said)
        notes.extend({"kind": "said", "words": words} for words in document.notes)
        return True

    def _named(self, name: str, document: Document, data: bytes) -> tuple[Entry, list[dict[str, Any]]]:
        """Return the document under the name that it gets, and what is to be said of it."""
        rows = self._retriever.documents()
        namesakes = [row for row in rows if PurePosixPath(row.source).name == name and row.collection == "default"]
        for row in namesakes:
            before = self._retriever.document(row.doc)
            if share(document.text, before.text) >= _SAME_FILE:
                note = {**_note("version", row), **changed(before.text, document.text)}
                return Entry(row.source, document, data), [note]
        notes = []
        if namesakes:
            taken = {PurePosixPath(row.source).name for row in rows}
            stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
            name = next(n for n in (f"{stem} ({at}){suffix}" for at in range(2, 10_000)) if n not in taken)
            notes.append({"kind": "renamed", "name": name, **_about(namesakes[0])})
        near = self._nearest(document, rows)
        return Entry(name, document, data), notes + ([near] if near else [])

    def _nearest(self, document: Document, rows: Sequence[DocumentRow]) -> dict[str, Any] | None:
        """Return the note on the document that shares most with this one, None where none shares much."""
        by_doc = {row.doc: row for row in rows}
        pieces = [c for c in document.chunks if c.indexed]
        sample = pieces[:: max(1, len(pieces) // 6)][:6]
        found = {
            hit.doc for c in sample for hit in self._retriever.search(document.text[c.start : c.end][:200], k=3)
        } & set(by_doc)
        best = max(
            ((share(document.text, self._retriever.document(doc).text), doc) for doc in found), default=(0.0, "")
        )
        return {**_note("near", by_doc[best[1]]), "share": round(best[0], 2)} if best[0] >= _NEARLY else None

    def _set(self, no: int, stage: str, why: str = "") -> None:
        with self._file.writing() as db:
            db.execute("UPDATE upload SET stage = ?, why = ? WHERE no = ?", (stage, why, no))

    def _end(self, no: int, stage: str, why: str = "", doc: str | None = None, notes: Sequence[Any] = ()) -> None:
        keep = "" if stage == "failed" else ", file = ''"  # what failed may be tried again
        with self._file.writing() as db:
            db.execute(
                f"UPDATE upload SET stage = ?, why = ?, doc = ?, notes = ?, worker = NULL{keep} WHERE no = ?",
                (stage, why, doc, json.dumps(list(notes), ensure_ascii=False), no),
            )


def safe_name(name: str) -> str:
    """Return the last part of a file's name as a browser gives it, without controls and not too long."""
    last = PureWindowsPath(PurePosixPath(name.replace("\x00", "")).name).name
    clean = "".join(c for c in last.encode("utf-8", "replace").decode() if c.isprintable()).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    return f"{stem[: _NAME - 1 - len(suffix)]}{dot}{suffix}" if dot and len(suffix) < 12 else clean[:_NAME]


def accepted() -> tuple[str, ...]:
    """Return the suffixes of the files that can be read."""
    return tuple(sorted(SUFFIXES))


def _note(kind: str, row: DocumentRow) -> dict[str, Any]:
    return {"kind": kind, **_about(row)}


def _about(row: DocumentRow) -> dict[str, Any]:
    return {"doc": row.doc, "title": row.title}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
