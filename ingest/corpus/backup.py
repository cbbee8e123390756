"""Backups of the corpus: whole copies beside it, checked when they are made, and the way back to one of them.

    backups/000007.db       a copy of corpus.db, by SQLite's online backup; a higher number is a later one
    corpus.db.damaged       what a restore has put aside

The files themselves lie in `originals/`, each under the hash of its bytes, so that a backup and what came since make
the whole again: `retriever.doctor.restore` does that.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from ingest.error import StoreError

KEPT = 2
# A new one is due when the last is a day old, or when more than a quarter of the documents have come or gone since.
_EVERY = 24 * 3600.0
_SHARE = 4
_SUFFIXES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the corpus."""

    path: Path

    @property
    def number(self) -> int:
        """Return its number; a higher one is later, whatever the clock said."""
        return int(self.path.stem)

    @property
    def made(self) -> dt.datetime:
        """Return when it was made, in the time zone of this machine."""
        return dt.datetime.fromtimestamp(self.path.stat().st_mtime).astimezone()

    @property
    def name(self) -> str:
        """Return how people are told of it."""
        return f"backups/{self.path.name}（{self.made:%Y-%m-%d %H:%M}）"

    def problems(self, *, thorough: bool = True) -> list[str]:
        """Return what is wrong with the copy, in words; nothing where it may be relied on."""
        check = "integrity_check" if thorough else "quick_check"
        try:
            with contextlib.closing(_connect(self.path)) as db:
                found = [row[0] for row in db.execute(f"PRAGMA {check}") if row[0] != "ok"]
                db.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()[0]
                return found
        except (sqlite3.Error, TypeError) as error:
            return [str(error)]


def backups(store: Path) -> list[Backup]:
    """Return the backups of a store, the newest first, sound or not."""
    found = [Backup(path) for path in (store / "backups").glob("*.db") if path.stem.isdecimal()]
    return sorted(found, key=lambda backup: -backup.number)


def way_back(store: Path) -> str:
    """Return the sentence that tells how a damaged corpus is brought back."""
    copies = backups(store)
    held = f"用最新的备份 {copies[0].name}和" if copies else "没有备份，用"
    return f"请运行 duban doctor --restore --store {store}（{held} originals/ 里的原文件恢复）"


def due(store: Path) -> bool:
    """Return whether a new backup is worth its space; one that cannot be read counts as none."""
    copies = backups(store)
    if not copies:
        return True
    try:
        with contextlib.closing(_connect(copies[0].path)) as db:
            before = _reached(db)[0]
        with contextlib.closing(_connect(store / "corpus.db")) as db:
            now, documents = _reached(db)
    except sqlite3.Error:
        return True
    age = time.time() - copies[0].path.stat().st_mtime
    if now == before:
        return False
    return not 0 <= age < _EVERY or _SHARE * abs(now - before) > documents


def make(store: Path) -> Backup:
    """Copy the corpus, check the copy, and delete the oldest ones over `KEPT`. The caller holds the `StoreLock`.

    Raises:
        StoreError: there is no room, or the corpus is damaged; the earlier backups stay then.
    """
    folder = store / "backups"
    copies = backups(store)
    path = folder / f"{copies[0].number + 1 if copies else 1:06}.db"
    draft = path.with_suffix(".part")
    try:
        folder.mkdir(exist_ok=True)
        _copy(store / "corpus.db", draft)
        problems = Backup(draft).problems(thorough=False)
        if problems:
            raise StoreError(f"文档库 {store / 'corpus.db'} 已损坏（{problems[0]}）：{way_back(store)}")
        publish(draft, path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"备份没有写成（{error}）：文档都已入库；请检查磁盘空间和权限，下次导入时会再备份") from error
    finally:
        unlink(draft)
    for backup in copies[KEPT - 1 :]:
        unlink(backup.path)
    return Backup(path)


def put_back(store: Path) -> Backup | None:
    """Put the newest sound backup in the place of the corpus, which is kept as `corpus.db.damaged`.

    The corpus gets a new identity, as numbers that came after the backup will be given a second time. Where no backup
    is sound there is no corpus afterwards. The caller holds the `StoreLock`.

    Returns:
        The backup, None where there is none.

    Raises:
        StoreError: there is no room, or the folder cannot be written; nothing has changed then.
    """
    sound = next((backup for backup in backups(store) if not backup.problems()), None)
    draft = store / "corpus.db.part"
    try:
        if sound:
            _copy(sound.path, draft)
            with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as db:
                db.execute("UPDATE meta SET value = ? WHERE key = 'identity'", (uuid.uuid4().hex,))
        for suffix in ("", *_SUFFIXES):
            with contextlib.suppress(FileNotFoundError):
                (store / f"corpus.db{suffix}").replace(store / f"corpus.db.damaged{suffix}")
        if sound:
            publish(draft, store / "corpus.db")
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"备份不能放回（{error}）：请检查磁盘空间和权限后再运行一次") from error
    finally:
        unlink(draft)
    return sound


def entries(store: Path) -> list[tuple[str, str, str]]:
    """Return collection, source and document id of the entries of a damaged corpus, as far as they can be read."""
    found: list[tuple[str, str, str]] = []
    with contextlib.suppress(sqlite3.Error), contextlib.closing(_connect(store / "corpus.db.damaged")) as db:
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        rows = db.execute("SELECT collection, source, document.id FROM entry JOIN document ON document.no = doc_no")
        while row := rows.fetchone():
            found.append(row)
    return found


def _copy(source: Path, target: Path) -> None:
    """Copy a SQLite file, with what stands in its log, as one file that stands alone."""
    unlink(target)
    with contextlib.closing(_connect(source)) as held, contextlib.closing(sqlite3.connect(target)) as copy:
        held.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def publish(draft: Path, path: Path) -> None:
    """Bring a file onto the disk and give it its name."""
    for each, target in ((draft, path), (path.parent, None)):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if target:
            draft.replace(target)


def unlink(path: Path) -> None:
    """Delete a database, if it is there, with what SQLite keeps beside it."""
    for suffix in ("", *_SUFFIXES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10, isolation_level=None)


def _reached(db: sqlite3.Connection) -> tuple[int, int]:
    """Return the number of the last change and how many documents there are."""
    row = db.execute("SELECT (SELECT coalesce(max(seq), 0) FROM change), (SELECT count(*) FROM document)").fetchone()
    return int(row[0]), int(row[1])
