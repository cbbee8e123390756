"""Vectors in Chroma: immutable generations, built and checked in child processes and served under a shared lock.

An embedded Chroma folder that is written while another process reads it, or when its writer is killed, loses vectors
without an error (measured on 1.5.9; chroma-core/chroma#6975, #7678). So Chroma is never the truth here, and a folder is
never written twice:

    generations/<name>/       a Chroma folder with one collection: chunk number, document number, vector
    generations/<name>.json   written when it was checked: what it holds and the checksum of each of its files
    generations/<name>.lock   shared by whoever serves from it; deleting it takes the exclusive lock
    CURRENT                   the name of the one that serves

Opening compares sizes and times of the files, and their checksums where times differ, so that a damaged index (which
can end the process that opens it) never reaches Chroma.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import weakref
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]

# Of a generation: the change at which it was built, and the attempt from the second on.
_NAME = re.compile(r"[0-9]+(-[0-9]+)?")
COLLECTION = "chunks"
DATABASE = "chroma.sqlite3"
# Chroma's distances and ours differ by rounding only; more says that the folder holds other vectors than it should.
TOLERANCE = 1e-3
_LOST = 0.05


class GenerationError(Exception):
    """You meet this inside the room when a generation is missing, damaged or not to be built; exact search serves."""


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
    # Memory bound, so as fast as BLAS, whose threads would wait for a core that another question uses.
    scores: Vectors = np.einsum("ij,j->i", vectors, query)
    if 0 < k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        among = np.flatnonzero(scores >= edge)  # with all that tie with the last, so that the order decides
        nos, scores = nos[among], scores[among]
    order = np.lexsort((nos, -scores))[:k]
    return Found(nos[order], scores[order])


class Generation:
    """A finished generation, opened for reading. It holds the shared lock until it is closed or nobody refers to it."""

    def __init__(self, name: str, marker: dict[str, Any], client: Any, lock: int) -> None:
        """Use `open_current`."""
        self.name = name
        self.seq = int(marker["seq"])
        self.count = int(marker["count"])
        self._collection = client.get_collection(COLLECTION, embedding_function=None)
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


def open_current(store: Path, index: str) -> Generation | None:
    """Open the generation that serves, None where there is none.

    Args:
        store: the folder of the store.
        index: the name of the index it has to be made from.

    Raises:
        GenerationError: it is damaged, or was made from another index.
    """
    for _ in range(10):
        name = current(store)
        if name is None:
            return None
        lock = _share(store / "generations" / f"{name}.lock")
        # Between reading the name and holding the lock another may have become current and this one been deleted.
        if lock is not None and current(store) == name:
            return _opened(store / "generations" / name, index, lock)
        if lock is not None:
            os.close(lock)
    raise GenerationError(f"向量索引 {name} 的锁文件不在，或正被删除")


def _opened(folder: Path, index: str, lock: int) -> Generation:
    """Open a generation on which `lock` is held; where that fails the lock is let go."""
    client = None
    try:
        marker = _verified(folder, index)
        client = open_client(folder)
        return Generation(folder.name, marker, client, lock)
    except BaseException as error:
        _release(client, lock)
        if isinstance(error, GenerationError) or not isinstance(error, Exception):
            raise
        raise GenerationError(f"向量索引 {folder.name} 打不开（{error}）") from error  # Chroma has no error of its own


def describe(store: Path, index: str) -> tuple[int, int]:
    """Return the change at which the generation that serves was built and how many chunks it holds; opens no Chroma.

    Raises:
        GenerationError: it is missing, damaged, or was made from another index.
    """
    name = current(store)
    if name is None:
        raise GenerationError("还没有向量索引")
    marker = _verified(store / "generations" / name, index)
    return int(marker["seq"]), int(marker["count"])


def build(store: Path, index: str) -> Check:
    """Build a generation of all chunks in the index, check it, and let it serve. The caller holds the `StoreLock`.

    Args:
        store: the folder of the store.
        index: the name of the index, which is kept with it.

    Raises:
        GenerationError: it could not be built, or what was built is not sound; the one before goes on serving.
    """
    try:
        folder = _fresh(store)
        made, looked = _children(store, folder, "build", "check")
        check = Check(**looked)
        if not check.sound:
            raise GenerationError(f"新建的向量索引没有通过检查（{check}）")
        marker = {**made, "index": index, "recall": check.recall, "files": _signature(folder, made["volatile"])}
        _write(folder.with_suffix(".json"), json.dumps(marker))
        for path in (*folder.rglob("*"), folder):
            _sync(path)
        _write(store / "CURRENT", f"{folder.name}\n")
    except GenerationError:
        sweep(store)
        raise
    except (OSError, sqlite3.Error) as error:
        sweep(store)
        raise GenerationError(f"向量索引写不下去（{error}）") from error
    sweep(store)
    return check


def examine(store: Path, index: str) -> Check:
    """Look into the generation that serves, in a child process: a crash there is a finding and not an end.

    Raises:
        GenerationError: it is missing, damaged, or ends the process that opens it.
    """
    describe(store, index)
    (looked,) = _children(store, store / "generations" / str(current(store)), "check")
    return Check(**looked)


def sweep(store: Path) -> None:
    """Delete the generations that do not serve and that nobody reads. The caller holds the `StoreLock`."""
    keep = current(store)
    folder = store / "generations"
    names = {path.name.split(".")[0] for path in folder.iterdir()} if folder.is_dir() else set()
    for name in names - {keep}:
        if _NAME.fullmatch(name):  # what else lies there is not ours
            with contextlib.suppress(OSError):  # another user's: it stays
                _remove(folder / name)


def discard(store: Path) -> None:
    """Let no generation serve any more, and delete those that nobody reads. The caller holds the `StoreLock`."""
    (store / "CURRENT").unlink(missing_ok=True)
    sweep(store)


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


def _fresh(store: Path) -> Path:
    """Return a folder for the next generation, not made yet, with its lock file beside it."""
    with contextlib.closing(open_index(store)) as db:
        seq = int(db.execute("SELECT value FROM meta WHERE key = 'seq'").fetchone()[0])
    folder = store / "generations"
    folder.mkdir(exist_ok=True)
    sweep(store)
    name, attempt = str(seq), 1
    while (folder / name).exists() or (folder / f"{name}.lock").exists():
        attempt += 1  # the same content again: the one before is damaged, and may still be open somewhere
        name = f"{seq}-{attempt}"
    (folder / f"{name}.lock").touch()
    return folder / name


def _remove(folder: Path) -> None:
    """Delete a generation unless somebody reads it."""
    lock_path = folder.with_suffix(".lock")
    lock = os.open(lock_path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_suffix(".json").unlink(missing_ok=True)
        folder.with_suffix(".json.part").unlink(missing_ok=True)
        lock_path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _write(path: Path, text: str) -> None:
    """Write a small file whole or not at all, even if the power fails."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _verified(folder: Path, index: str) -> dict[str, Any]:
    """Return what was written when the generation was checked, after comparing its files with it.

    Raises:
        GenerationError: a file is missing, cut or changed, or the generation is of another index.
    """
    try:
        marker: dict[str, Any] = json.loads(folder.with_suffix(".json").read_text(encoding="utf-8"))
        if marker["index"] != index:
            raise GenerationError(f"向量索引 {folder.name} 属于另一个索引")
        files: dict[str, list[int]] = marker["files"]
        for name, (size, time, checksum) in files.items():
            path = folder / name
            found = path.stat()
            if name == DATABASE:  # opening it changes a page of its own and may make it grow
                same = found.st_size >= size and _checksum(path, size, marker["volatile"]) == checksum
            else:
                same = found.st_size == size and (found.st_mtime_ns == time or _checksum(path, size) == checksum)
            if not same:
                raise GenerationError(f"向量索引 {folder.name} 的文件 {name} 已损坏")
    except FileNotFoundError as error:
        raise GenerationError(f"向量索引 {folder.name} 缺少文件 {Path(error.filename).name}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GenerationError(f"向量索引 {folder.name} 读不出（{error}）") from error
    return marker


def _signature(folder: Path, volatile: Sequence[int]) -> dict[str, tuple[int, int, int]]:
    """Return size, time of change and checksum of each file."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            _checksum(path, path.stat().st_size, volatile if path.name == DATABASE else ()),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _checksum(path: Path, size: int, volatile: Sequence[int] = ()) -> int:
    """Return the CRC-32 of the first `size` bytes without the pages numbered in `volatile`, after the page's size."""
    page, *skipped = volatile or (1 << 20,)
    crc = 0
    with path.open("rb") as file:
        for number in range(1, -(-size // page) + 1):
            data = file.read(min(page, size - (number - 1) * page))
            if number not in skipped:
                crc = zlib.crc32(data, crc)
    return crc


# --- Chroma ---


def open_client(folder: Path) -> Any:
    """Open the Chroma folder; it is made where it does not exist."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder.resolve()), settings=Settings(anonymized_telemetry=False))


def _release(client: Any, lock: int) -> None:
    """Close Chroma, then let go of the lock."""
    with contextlib.suppress(Exception):  # at the end of the process parts of Chroma may be gone already
        client.close()
    os.close(lock)


def open_index(store: Path) -> sqlite3.Connection:
    """Open the file of the index for reading."""
    uri = (store / "index.db").resolve().as_uri()
    return sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=10, isolation_level=None)


# --- in child processes ---


def _children(store: Path, folder: Path, *tasks: Literal["build", "check"]) -> list[dict[str, Any]]:
    """Run the tasks one after the other, each in a process of its own, and return what each found.

    Raises:
        GenerationError: one failed or was ended; the last line that it said is in the message.
    """
    # The rooms have common names: -P and this path make sure that the child finds ours.
    path = os.pathsep.join([str(Path(__file__).resolve().parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-c", "from retriever.builder import main; main()", str(store), str(folder), *tasks],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,  # stays open: when it closes, whoever wants the result is gone
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise GenerationError(f"建立或检查向量索引的子进程不能启动（{error}）") from error
    with child:  # not communicate(): it would close the standard input at once
        assert child.stdout is not None
        said = child.stdout.read().strip().splitlines()
        child.wait()
    found = [json.loads(line) for line in said if line.startswith("{")]
    if child.returncode or len(found) != len(tasks):
        raise GenerationError(f"建立或检查向量索引的子进程失败（{' '.join(said[-1:]) or child.returncode}）")
    return found
