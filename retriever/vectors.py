"""Vectors in Chroma: immutable generations, built and checked in child processes and served under a shared lock.

An embedded Chroma folder that is written while another process reads it, or when its writer is killed, loses vectors
without an error (measured on 1.5.9; chroma-core/chroma#6975, #7678). So Chroma is never the truth here, and a folder is
never written twice:

    generations/<name>/       a Chroma folder with one collection: chunk number, document number, vector
    generations/<name>.json   written when it was checked: what it holds and the checksum of each of its files
    generations/<name>.lock   shared by whoever serves from it; deleting it takes the exclusive lock
    CURRENT                   the name of the one that serves

With the URL of a Chroma server a generation is a collection there instead of a folder; all else is the same.

Opening compares the files with their checksums, so that a damaged index (which can end the process that opens it) never
reaches Chroma.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.priority import yield_to_others
from ingest.regex import regex
from retriever import marker
from retriever.marker import GenerationError, Marker
from retriever.place import Place, Unreachable, close

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

# Of a generation: the change at which it was built, and the attempt from the second on.
_NAME = regex(r"[0-9]+(-[0-9]+)?")
# Chroma's distances and ours differ by rounding only; more says that the folder holds other vectors than it should.
TOLERANCE = 1e-3
_LOST = 0.05
_LARGE = 10_000  # vectors
_BATCH = 2_000  # vectors that are taken from a generation at once


@dataclass(frozen=True, slots=True)
class Check:
    """What a look into a generation found.

    `count` chunks are in it, `missing` ones of the index are not; of `sampled` chunks `lost` do not find themselves;
    `recall` is the share of the ten nearest that it finds, against exact search.
    """

    count: int
    missing: int
    sampled: int
    lost: int
    recall: float

    @property
    def sound(self) -> bool:
        """Return whether every chunk is there and can be found.

        A graph search reaches nearly every node: of a sample of 100 among 60,000 hashed vectors one did not find
        itself. Of an index file that was cut or overwritten half do not.
        """
        return not self.missing and self.lost <= _LOST * self.sampled


class Found(NamedTuple):
    """Chunk numbers and their cosine with the query, nearest first."""

    nos: Numbers
    scores: Vectors


def nearest(nos: Numbers, vectors: Vectors, query: Vectors, k: int) -> Found:
    """Return the `k` nearest of `vectors` by exact cosine, ties by number.

    Args:
        nos: chunk numbers, shape `(n,)`.
        vectors: unit rows, shape `(n, dim)`.
        query: unit vector, shape `(dim,)`.
        k: how many.
    """
    # Small ones without BLAS, whose threads would wait for a core that another question uses. Of large ones it takes
    # half the time, where they lie column by column.
    scores: Vectors = vectors @ query if len(vectors) > _LARGE else np.einsum("ij,j->i", vectors, query)
    if 0 < k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        among = np.flatnonzero(scores >= edge)  # with all that tie with the last, so that the order decides
        nos, scores = nos[among], scores[among]
    order = np.lexsort((nos, -scores))[:k]
    return Found(nos[order], scores[order])


class Generation:
    """A finished generation, opened for reading. It holds the shared lock until it is closed or nobody refers to it."""

    def __init__(self, name: str, made: Marker, collection: Any, client: Any, lock: int) -> None:
        """Use `open_current`."""
        self.name = name
        self.seq = made.seq
        self.count = made.count
        self._collection = collection
        self.close = weakref.finalize(self, _release, client, lock)

    def query(self, vector: Vectors, n: int, docs: Sequence[int] | None = None) -> Found:
        """Return about the `n` nearest chunks, nearest first; fewer where there are no more.

        Args:
            vector: unit vector, shape `(dim,)`.
            n: how many.
            docs: numbers of the documents to look in; all by default.
        """
        where: Any = None if docs is None else {"doc": {"$in": [int(doc) for doc in docs]}}
        found = self._collection.query(
            query_embeddings=[vector], n_results=min(n, self.count), where=where, include=["distances"]
        )
        distances = found["distances"] or [[]]
        nos = np.array([int(name) for name in found["ids"][0]], dtype=np.int64)
        return Found(nos, 1.0 - np.array(distances[0], dtype=np.float32))


def current(store: Path) -> str | None:
    """Return the name of the generation that serves, None where there is none."""
    try:
        name = (store / "CURRENT").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if _NAME.fullmatch(name) else None


def open_current(store: Path, index: str, url: str = "") -> Generation | None:
    """Open the generation that serves, None where there is none.

    Args:
        store: the folder of the store.
        index: the name of the index it has to be made from.
        url: of the Chroma server on which it has to stand; "" for the store itself.

    Raises:
        GenerationError: it is damaged, out of reach, or was made from another index.
    """
    for _ in range(10):
        name = current(store)
        if name is None:
            return None
        place = Place.of(store / "generations" / name)
        lock = _share(place.lock)
        # Between reading the name and holding the lock another may have become current and this one been deleted.
        if lock is not None and current(store) == name:
            return _opened(place, index, url, lock)
        if lock is not None:
            os.close(lock)
    raise GenerationError(f"向量索引 {name} 的锁文件不在，或正被删除")


def _opened(place: Place, index: str, url: str, lock: int) -> Generation:
    """Open a generation on which `lock` is held; where that fails the lock is let go."""
    client = None
    name = place.folder.name
    try:
        made = marker.verified(place, index, url, thorough=True)
        client = place.client()
        collection = client.get_collection(place.collection, embedding_function=None)
        if place.url and collection.count() != made.count:
            raise GenerationError(f"向量索引 {name} 在 Chroma 服务 {url} 上不完整")
        return Generation(name, made, collection, client, lock)
    except BaseException as error:
        _release(client, lock)
        if isinstance(error, GenerationError) or not isinstance(error, Exception):
            raise
        raise GenerationError(f"向量索引 {name} 打不开（{error}）") from error  # Chroma has no error of its own


def describe(store: Path, index: str, url: str = "") -> Marker:
    """Return what the generation that serves holds; a folder is not opened by Chroma for it, a server is asked.

    Raises:
        GenerationError: it is missing, damaged, out of reach, or was made from another index.
    """
    name = current(store)
    if name is None:
        raise GenerationError("还没有向量索引")
    place = Place.of(store / "generations" / name)
    made = marker.verified(place, index, url, thorough=False)
    if place.url:
        try:
            count = place.count()
        except Unreachable as error:
            raise GenerationError(str(error)) from error
        if count != made.count:
            raise GenerationError(f"向量索引 {name} 在 Chroma 服务 {url} 上不完整")
    return made


def build(store: Path, index: str, url: str = "") -> Check:
    """Build a generation of all chunks in the index, check it, and let it serve. The caller holds the `StoreLock`.

    Args:
        store: the folder of the store.
        index: the name of the index, which is kept with it.
        url: of the Chroma server that is to hold it; "" for the store itself.

    Raises:
        GenerationError: it could not be built, or what was built is not sound; the one before goes on serving.
    """
    try:
        place = _fresh(store, url)
        made, looked = _children(store, place, "build", "check")
        check = Check(**looked)
        if not check.sound:
            raise GenerationError(f"新建的向量索引没有通过检查（{check}）")
        marker.write(place, {**made, "index": index, "recall": check.recall})
        marker.publish(store / "CURRENT", f"{place.folder.name}\n")
    except GenerationError:
        sweep(store, url)
        raise
    except (OSError, sqlite3.Error) as error:
        sweep(store, url)
        raise GenerationError(f"向量索引写不下去（{error}）") from error
    sweep(store, url)
    return check


def examine(store: Path, index: str, url: str = "") -> Check:
    """Look into the generation that serves, in a child process: a crash there is a finding and not an end.

    Raises:
        GenerationError: it is missing, damaged, out of reach, or ends the process that opens it.
    """
    describe(store, index, url)
    (looked,) = _children(store, Place.of(store / "generations" / str(current(store))), "check")
    return Check(**looked)


def kept(store: Path, made_by: dict[str, str], url: str = "") -> Iterator[tuple[Numbers, Vectors]]:
    """Yield the chunk numbers and vectors of the generation that serves, in batches, whatever index it was made from.

    Nothing where there is no sound one that `made_by` made. The caller holds the `StoreLock`.
    """
    name = current(store)
    if name is None:
        return
    place = Place.of(store / "generations" / name)
    try:
        made = marker.verified(place, None, url, thorough=True)
        if made.made_by != made_by:
            return
        _children(store, place, "export")
        rows = np.load(place.folder.with_suffix(".npy"), mmap_mode="r")
    except (GenerationError, OSError, ValueError):
        return
    finally:
        place.folder.with_suffix(".npy").unlink(missing_ok=True)
    for at in range(0, len(rows), _BATCH):
        part = rows[at : at + _BATCH]
        yield part["no"].astype(np.int64), part["vector"].astype(np.float32)


def sweep(store: Path, url: str = "") -> None:
    """Delete the generations that do not serve and that nobody reads. The caller holds the `StoreLock`."""
    for name in leftover(store):
        with contextlib.suppress(OSError):  # another user's: it stays
            _remove(Place.of(store / "generations" / name), url)


def leftover(store: Path) -> list[str]:
    """Return the names of the generations that do not serve; some may still be read by somebody."""
    folder = store / "generations"
    names = {path.name.split(".")[0] for path in folder.iterdir()} if folder.is_dir() else set()
    return sorted(
        name for name in names - {current(store)} if _NAME.fullmatch(name)
    )  # what else lies there is not ours


def discard(store: Path, url: str = "") -> None:
    """Let no generation serve any more, and delete those that nobody reads. The caller holds the `StoreLock`."""
    (store / "CURRENT").unlink(missing_ok=True)
    sweep(store, url)


# --- locks and files ---


def _share(path: Path) -> int | None:
    """Return a descriptor that holds the shared lock, None where the file is gone or being deleted."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _fresh(store: Path, url: str) -> Place:
    """Return the place of the next generation, in which nothing stands yet."""
    with contextlib.closing(open_index(store)) as db:
        seq = int(db.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()[0])
    folder = store / "generations"
    folder.mkdir(exist_ok=True)
    sweep(store, url)
    name, attempt = str(seq), 1
    while (folder / name).exists() or (folder / f"{name}.lock").exists():
        attempt += 1  # the same content again: the one before is damaged, and may still be open somewhere
        name = f"{seq}-{attempt}"
    return Place.new(folder / name, url)


def _remove(place: Place, url: str) -> None:
    """Delete a generation unless somebody reads it."""
    lock = os.open(place.lock, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        if place.delete(url):
            place.lock.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _release(client: Any, lock: int) -> None:
    """Close Chroma, then let go of the lock."""
    with contextlib.suppress(Exception):  # at the end of the process parts of Chroma may be gone already
        if client is not None:
            close(client)
    os.close(lock)


def open_index(store: Path) -> sqlite3.Connection:
    """Open the file of the index for reading."""
    uri = (store / "index.db").resolve().as_uri()
    return sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=10, isolation_level=None)


# --- in child processes ---


_MAIN = "from retriever.builder import main; main()"


def _children(store: Path, place: Place, *tasks: Literal["build", "check", "export"]) -> list[dict[str, Any]]:
    """Run the tasks one after the other, each in a process of its own, and return what each found.

    Raises:
        GenerationError: one failed or was ended; the last line that it said is in the message.
    """
    # The rooms have common names: -P and this path make sure that the child finds ours.
    path = os.pathsep.join([str(Path(__file__).resolve().parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", _MAIN, str(store), str(place.folder), *tasks],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,  # stays open: when it closes, whoever wants the result is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise GenerationError(f"建立或检查向量索引的子进程不能启动（{error}）") from error
    yield_to_others(child.pid)  # until it is done, exact search serves
    with child:  # not communicate(): it would close the standard input at once
        assert child.stdout is not None
        said = child.stdout.read().strip().splitlines()
        child.wait()
    found = [json.loads(line) for line in said if line.startswith("{")]
    if child.returncode or len(found) != len(tasks):
        raise GenerationError(f"建立或检查向量索引的子进程失败（{' '.join(said[-1:]) or child.returncode}）")
    return found
