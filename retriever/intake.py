"""Brings files into a store: the one loop that joins the corpus and its index, and takes documents out again."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from ingest.corpus import Corpus, Entry, backup
from ingest.corpus.database import UNHARMED
from ingest.corpus.entry import Outcome
from ingest.corpus.lock import StoreLock, served
from ingest.error import StoreError
from ingest.read.pool import Bounds, Found, Pool
from ingest.read.reading import Limits
from ingest.regex import regex
from retriever.embedder import Embedder
from retriever.index import Index

# A batch is one transaction of the corpus and one step of the index; it ends at whichever comes first. So the memory of
# an intake grows with the largest document, and a document is findable soon after it was read.
_BATCH_DOCUMENTS = 64
_BATCH_BYTES = 4_000_000

# Bytes that the index takes at most: of itself, for a chunk beside its vector, for a character (measured: half of it).
_ROOM, _ROOM_CHUNK, _ROOM_CHAR = 1 << 20, 2_048, 24
_PLENTY = 8  # times that: nothing is held where so much is free

_STORE_MARK = "corpus.db"  # a folder that holds this file is a store
_BEGUN = regex(r"lock|originals|corpus\.db\.part.*")  # what lies there where whoever made a store was killed at once
_SPARE = 1  # cores that are left to those who ask, where a page serves the store
_LOCK_WAIT = 2.0  # seconds in which another writer may finish before its holder is named (FAULTS F2)


class Progress(Protocol):
    """Hears of each file, and every second of one that takes longer."""

    def __call__(self, done: int, total: int, name: str, at: str = "") -> None:
        """Take how many files are done, of how many, the source of this one, and how far it is, "" where unknown."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or folder that was not brought in, and why, in words for the reader."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be known of a file that was brought in: what was left out of it, what was recognised."""

    source: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the files: the sources in the order in which they were met.

    `notes` are of those that were added or updated. `notice` says what else went wrong without
    harm to what was brought in, None if nothing did.
    """

    added: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    notes: tuple[Note, ...] = ()
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class _Tally:
    """The report while it grows."""

    sources: dict[str, list[str]] = field(
        default_factory=lambda: {"added": [], "unchanged": [], "updated": [], "renamed": []}
    )
    failed: list[Failure] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def report(self, notice: str | None = None) -> Report:
        return Report(
            added=tuple(self.sources["added"]),
            unchanged=tuple(self.sources["unchanged"]),
            updated=tuple(self.sources["updated"]),
            renamed=tuple(self.sources["renamed"]),
            failed=tuple(self.failed),
            notes=tuple(self.notes),
            notice=notice,
        )


def intake(
    store: Path,
    paths: Sequence[Path],
    embedder: Embedder,
    progress: Progress | None = None,
    limits: Limits | None = None,
    bounds: Bounds | None = None,
    *,
    chroma: str = "",
) -> Report:
    """Bring the files at `paths`, and those in folders at any depth, into the store, and its index up to date.

    The files are read in worker processes, as many at once as `bounds` say, one less where a page serves the store,
    each file within `limits`; the result does not depend on how many. A content that is in the store already is not
    read again.

    A file that cannot be read is reported and the others are brought in. A file that has gone from a folder since an
    earlier intake stays in the store: removing is a decision of its own. Where its bytes turn up under another name,
    its entry goes by that name from then on. An interrupt loses at most the batch at hand.

    Raises:
        StoreError: if the store is held by another writer, damaged, full, or made by another version or embedder.
    """
    tally = _Tally()
    files = [found for path in paths for found in files_below(path, tally.failed)]
    files = list(dict.fromkeys(files))
    if not files and not store.exists():
        return tally.report()  # a mistyped path must not leave an empty store behind
    _make(store)
    bounds = replace(bounds or Bounds(), spare=_SPARE if served(store) else 0)
    with (
        StoreLock(store, wait=_LOCK_WAIT),
        _opened(store, embedder, chroma) as (corpus, index),
        Pool(limits, bounds) as pool,
    ):
        index.catch_up(corpus)
        for batch in _batches(files, corpus, pool, tally.failed, progress):
            with _room(store, batch, embedder.dim):
                outcomes = corpus.add([_renamed(corpus, entry) for entry in batch])
            for entry, outcome in zip(batch, outcomes, strict=True):
                tally.sources[outcome].append(entry.source)
                if outcome != "unchanged":
                    tally.notes.extend(Note(entry.source, words) for words in entry.document.notes)
            index.catch_up(corpus)
        notice = _settled(index, corpus)
    return tally.report(notice)


def _renamed(corpus: Corpus, entry: Entry) -> Entry:
    """Return the entry with the source that it had before, where a file of the same bytes has gone from there."""
    held = corpus.sources(entry.document.id, entry.collection)
    gone = [source for source in held if os.path.isabs(source) and not os.path.lexists(source)]
    return replace(entry, was=gone[0]) if gone and entry.source not in held else entry


def establish(store: Path, embedder: Embedder, *, chroma: str = "") -> bool:
    """Make an empty store at `store` where there is none; return whether one was made.

    Raises:
        StoreError: the folder holds other things, or cannot be written.
    """
    if (store / _STORE_MARK).exists():
        return False
    if store.is_dir() and any(not _BEGUN.fullmatch(path.name) for path in store.iterdir()):
        raise StoreError(f"{store} 不是文档库（没有 corpus.db），里面有别的文件：请用 --store 指一个空文件夹")
    _make(store)
    with StoreLock(store, wait=_LOCK_WAIT), _opened(store, embedder, chroma) as (corpus, index):
        index.catch_up(corpus)
    return True


def take(
    store: Path,
    entry: Entry,
    embedder: Embedder,
    *,
    stage: Callable[[str], None],
    wait: float = _LOCK_WAIT,
    chroma: str = "",
) -> Outcome:
    """Bring one document that was read into the store; it is findable when this returns. `settle` is due then.

    Args:
        store: the folder of the store, which exists.
        entry: the document, its bytes, and the name that it goes by.
        embedder: the one that made the store.
        stage: told "ledger" before the document is stored with its ledger, and "index" before it becomes findable.
        wait: seconds in which another writer may finish.
        chroma: the URL of the Chroma server that holds the vectors; "" where they lie in the store.

    Raises:
        StoreError: for the reasons that `intake` has; nothing of the document is stored then, or all of it.
    """
    with StoreLock(store, wait=wait), _opened(store, embedder, chroma) as (corpus, index):
        stage("ledger")
        with _room(store, [entry], embedder.dim):
            outcome = corpus.add([entry])[0]
        stage("index")
        index.catch_up(corpus)
    return outcome


def settle(store: Path, embedder: Embedder, *, chroma: str = "") -> str | None:
    """Build what makes searching fast after documents were taken one by one; return what went wrong, None if nothing.

    Raises:
        StoreError: for the reasons that `intake` has.
    """
    with StoreLock(store, wait=_LOCK_WAIT), _opened(store, embedder, chroma) as (corpus, index):
        return _settled(index, corpus)


def withdraw(store: Path, doc: str, embedder: Embedder, *, chroma: str = "") -> int:
    """Take the document with the id `doc` out of the store and its index; return how many entries had it.

    Raises:
        StoreError: if there is no such document, or for the reasons that `intake` has.
    """
    Corpus.open(store).close()  # says that there is no store before a lock file makes one
    with StoreLock(store, wait=_LOCK_WAIT), _opened(store, embedder, chroma) as (corpus, index):
        entries = corpus.remove(doc)
        if not entries:
            raise StoreError(f"{store}: 没有编号为 {doc!r} 的文档；duban docs list 列出全部文档")
        index.catch_up(corpus)
        _settled(index, corpus)
    return entries


def forget(store: Path, sources: Sequence[str], embedder: Embedder, *, chroma: str = "") -> int:
    """Take the entries with these sources out of the store and its index; return how many there were.

    Raises:
        StoreError: for the reasons that `intake` has.
    """
    Corpus.open(store).close()
    with StoreLock(store, wait=_LOCK_WAIT), _opened(store, embedder, chroma) as (corpus, index):
        entries = corpus.drop(sources)
        index.catch_up(corpus)
        _settled(index, corpus)
    return entries


def _settled(index: Index, corpus: Corpus) -> str | None:
    """Let the index build a generation and the corpus be copied if it is time.

    What keeps them from doing so does no harm to what was brought in, and is returned.
    """
    notices = []
    try:
        index.settle(corpus)
    except StoreError as error:
        notices.append(str(error))
    try:
        if corpus.seq and backup.due(corpus.store):
            backup.make(corpus.store)
    except StoreError as error:
        notices.append(str(error))
    return "；".join(notices) or None


def _make(store: Path) -> None:
    try:
        store.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{store}: 无法建立库文件夹（{error.strerror}）；请检查权限，或用 --store 另指一处") from error


@contextmanager
def _opened(store: Path, embedder: Embedder, chroma: str) -> Iterator[tuple[Corpus, Index]]:
    with (
        closing(Corpus.open(store, write=True)) as corpus,
        closing(Index.open(store, embedder, write=True, chroma=chroma)) as index,
    ):
        yield corpus, index


@contextmanager
def _room(store: Path, entries: Sequence[Entry], dim: int) -> Iterator[None]:
    """Hold the room on the disk that the index will need for `entries`, while the corpus takes them.

    Else the corpus might take the last of it, and hold documents that nobody finds until there is room again.

    Raises:
        StoreError: there is no such room; nothing was taken.
    """
    chunks = sum(len(entry.document.chunks) for entry in entries)
    size = _ROOM + chunks * (_ROOM_CHUNK + 4 * dim) + _ROOM_CHAR * sum(len(entry.document.text) for entry in entries)
    if shutil.disk_usage(store).free > _PLENTY * size or not hasattr(os, "posix_fallocate"):
        yield
        return
    with ExitStack() as stack:
        try:
            held = stack.enter_context(tempfile.TemporaryFile(dir=store))  # without a name: goes with a killed process
            os.posix_fallocate(held.fileno(), 0, size)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StoreError(f"库 {store} 写不下去（磁盘已满）：{UNHARMED}") from error
        yield


def _batches(
    files: Sequence[Path], corpus: Corpus, pool: Pool, failed: list[Failure], progress: Progress | None
) -> Iterator[list[Entry]]:
    """Yield the readable files as entries, in order and in batches; the others go to `failed`."""
    batch: list[Entry] = []
    done = 0

    def tell(path: Path, page: int, pages: int) -> None:
        if progress:
            progress(done, len(files), source_name(path), f"第 {page}/{pages} 页" if pages else "")

    for path, found in pool.read(files, corpus.has, tell):
        source = source_name(path)
        if found is None:
            done += 1
            if progress:
                progress(done, len(files), source)
            continue
        name = f"{source}/{found.member}" if found.member else source
        entry = _entry(name, found, corpus)
        if entry is None:
            failed.append(Failure(name, found.why))
            continue
        batch.append(entry)
        if len(batch) >= _BATCH_DOCUMENTS or sum(len(item.data) for item in batch) >= _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _entry(source: str, found: Found, corpus: Corpus) -> Entry | None:
    """Return what was found as an entry, None where it is no document."""
    if found.known:
        return Entry(source, corpus.document(found.known), found.data)
    if found.piece is None or found.piece.document is None:
        return None
    return Entry(source, found.piece.document, found.data, ledger=found.tasks)


def files_below(path: Path, failed: list[Failure]) -> Iterator[Path]:
    """Yield the files at or below `path`, folder by folder in the order of their names; hidden ones are passed over."""
    path = Path(os.path.abspath(path))
    if not path.is_dir():
        yield from _file(path, failed)
        return
    empty = True

    def unreadable(error: OSError) -> None:
        failed.append(Failure(source_name(Path(error.filename)), f"无法打开文件夹（{error.strerror}）；请检查权限"))

    troubles = len(failed)
    for folder, folders, names in os.walk(path, onerror=unreadable):
        if _STORE_MARK in names:  # `duban ingest .` must not read the store that lies there
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not _hidden(name))
        for name in sorted(name for name in names if not _hidden(name)):
            empty = False
            yield from _file(Path(folder, name), failed)
    if empty and len(failed) == troubles:
        failed.append(Failure(source_name(path), "文件夹里没有可导入的文件；请检查路径"))


def _file(path: Path, failed: list[Failure]) -> Iterator[Path]:
    """Yield `path` if it is a file, so that a pipe or a device is never opened."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = "不存在；请检查路径" if missing else f"无法打开（{error.strerror}）；请检查权限"
        failed.append(Failure(source_name(path), why))
        return
    if stat.S_ISREG(mode):
        yield path
    else:
        failed.append(Failure(source_name(path), "不是普通文件；请给出文件或文件夹"))


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$"))  # ~$ marks the lock files of office programs


def source_name(path: Path) -> str:
    """Return the path as the source of an entry: text that can be stored and printed, whatever bytes the name has."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
