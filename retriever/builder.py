"""The child process that builds a generation of vectors in Chroma and looks into it as a reader would."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from retriever.marker import DATABASE, MADE_BY
from retriever.place import Place, Unreachable
from retriever.vectors import TOLERANCE, Check, Vectors, open_index

# 50 to 250 a batch for what is read meanwhile; nobody reads a generation that is built. Chroma takes 5,461 at most.
_BATCH = 5_000
# Of the ten nearest to a question among 20,000 hashed vectors Chroma's default of 100 found 0.49, 300 found 0.76, 1,000
# found 0.94 in four times the time (9 ms on a busy machine, as long as exact search there).
_EF_SEARCH = 1_000
_PAGE = 5_000  # chunks that are asked for at once
_SAMPLE = 100  # chunks that have to find themselves
_NEAREST = 10  # neighbours whose recall is measured
_PATIENCE = 120.0  # seconds in which a server has to take in a batch


def main() -> None:
    """Do the tasks that the command line names and print what each found as a line of JSON."""
    import chromadb  # noqa: F401 - takes a second: once for all tasks, and before it starts threads

    for task in sys.argv[3:]:
        worker = os.fork()
        if not worker:
            _work(task, Path(sys.argv[1]), Path(sys.argv[2]))
        code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        if code:
            sys.exit(f"{task}: {code}" if code < 0 else 1)  # below 0: the signal that ended it


def _work(task: str, store: Path, folder: Path) -> NoReturn:
    """Do one task in a process that nothing else has touched."""
    code = 1
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        place = Place.of(folder)
        lock = os.open(place.lock, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_SH)  # while this runs nobody deletes the folder
        print(json.dumps(_TASKS[task](store, place)), flush=True)  # noqa: T201 - to the parent
        code = 0
    except Unreachable as error:
        print(error, flush=True)  # noqa: T201 - to the parent
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201 - to the parent
    finally:
        os._exit(code)


def _end_with_parent() -> None:
    """End at once when the parent is gone, killed or not, so that no orphan writes into a store."""
    os.read(0, 1)  # not sys.stdin: a thread that waits on it disturbs the end of the interpreter
    os._exit(1)


def _build(store: Path, place: Place) -> dict[str, Any]:
    """Write every chunk of the index into a new collection."""
    client = place.client(_PATIENCE)
    with contextlib.closing(open_index(store)) as db:
        db.execute("BEGIN")  # one view of the index for all that follows
        meta = dict(db.execute("SELECT key, value FROM meta"))
        count = int(db.execute("SELECT count(*) FROM chunk").fetchone()[0])
        # Chroma moves vectors from its log into the index whenever so many have come in. What is left over comes first,
        # so that the last batch leaves none in the log, from where every opening would have to move them.
        batch = min(_BATCH, client.get_max_batch_size(), count)
        collection = client.create_collection(
            place.collection,
            embedding_function=None,
            configuration={
                "hnsw": {"space": "cosine", "ef_search": _EF_SEARCH, "sync_threshold": batch, "batch_size": batch}
            },
        )
        for nos, docs, vectors in _rows(db, batch, first=count % batch):
            collection.add(
                ids=[str(no) for no in nos], embeddings=list(vectors), metadatas=[{"doc": doc} for doc in docs]
            )
    client.close()
    return {
        "seq": int(meta["seq"]),
        "count": count,
        "volatile": () if place.url else _compact(place.folder / DATABASE),
        "made_by": {key: meta[key] for key in MADE_BY},
    }


def _rows(db: sqlite3.Connection, batch: int, first: int = 0) -> Iterator[tuple[list[int], list[int], Vectors]]:
    rows = db.execute(
        "SELECT chunk.no, doc_no, value FROM chunk JOIN vector ON vector.no = chunk.vector ORDER BY chunk.no"
    )
    while part := rows.fetchmany(first or batch):
        first = 0
        nos, docs, blobs = zip(*part, strict=True)
        yield list(nos), list(docs), np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(nos), -1)


def _compact(database: Path) -> tuple[int, ...]:
    """Free the unused pages, so that no later opening writes into them.

    Returns:
        The size of a page, then the numbers of the pages that every opening changes: the first, which counts changes,
        and that of the table `acquire_write`, to which Chroma adds a row.
    """
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("VACUUM")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'acquire_write'").fetchone()
    return (size, 1, *(root or ()))


def _look(store: Path, place: Place) -> dict[str, Any]:
    """Open a generation as a reader would, and compare it with the index."""
    client = place.client(_PATIENCE)
    collection = client.get_collection(place.collection, embedding_function=None)
    total = collection.count()
    pages = (collection.get(limit=_PAGE, offset=at, include=[]) for at in range(0, total, _PAGE))
    held = {int(name) for page in pages for name in page["ids"]}
    with contextlib.closing(open_index(store)) as db:
        db.execute("BEGIN")
        made = json.loads(place.marker.read_text(encoding="utf-8")) if place.marker.exists() else {"seq": sys.maxsize}
        due = sorted(no for (no,) in db.execute("SELECT no FROM chunk WHERE seq <= ?", (made["seq"],)))
        sample = [no for no in due[:: max(1, len(due) // _SAMPLE)] if no in held]
        lost, recall = _recall(db, collection, sample, held) if sample else (0, 1.0)
    client.close()
    return asdict(Check(count=total, missing=len(set(due) - held), sampled=len(sample), lost=lost, recall=recall))


def _export(store: Path, place: Place) -> dict[str, Any]:
    """Write the chunk numbers and vectors of a generation into a file beside it."""
    del store  # its index may be lost: that is when this is wanted
    client = place.client(_PATIENCE)
    collection = client.get_collection(place.collection, embedding_function=None)
    total = collection.count()
    rows = None
    for at in range(0, total, _PAGE):
        page = collection.get(limit=_PAGE, offset=at, include=["embeddings"])
        held = np.asarray(page["embeddings"], dtype=np.float32)
        if rows is None:
            kind = np.dtype([("no", np.int64), ("vector", np.float32, (held.shape[1],))])
            rows = np.lib.format.open_memmap(place.folder.with_suffix(".npy"), mode="w+", dtype=kind, shape=(total,))
        rows["no"][at : at + len(held)] = [int(name) for name in page["ids"]]
        rows["vector"][at : at + len(held)] = held
    client.close()
    return {"count": total}


def _recall(db: sqlite3.Connection, collection: Any, sample: Sequence[int], held: set[int]) -> tuple[int, float]:
    """Return how many chunks of a sample do not find themselves, and the recall of their nearest neighbours.

    Chunks of the same words have the same vector: who stands in the place of an equal counts as found.
    """
    wanted = {no: at for at, no in enumerate(sample)}
    queries = np.zeros((len(sample), 0), dtype=np.float32)
    for nos, _, vectors in _rows(db, _BATCH):
        if not queries.size:
            queries = np.zeros((len(sample), vectors.shape[1]), dtype=np.float32)
        for at, no in enumerate(nos):
            if no in wanted:
                queries[wanted[no]] = vectors[at]
    best = np.full((len(sample), _NEAREST), -2.0, dtype=np.float32)
    for nos, _, vectors in _rows(db, _BATCH):  # a second pass, so that the memory does not grow with the store
        inside = vectors[[at for at, no in enumerate(nos) if no in held]]
        scores = np.concatenate((best, queries @ inside.T), axis=1)
        best = np.partition(scores, scores.shape[1] - _NEAREST, axis=1)[:, -_NEAREST:]
    lost = found = possible = 0
    answers = collection.query(query_embeddings=list(queries), n_results=_NEAREST, include=["distances"])
    for no, ids, distances, exact in zip(sample, answers["ids"], answers["distances"], np.sort(best), strict=True):
        scores = 1.0 - np.array(distances)
        lost += str(no) not in ids and not (len(ids) and scores[-1] >= 1.0 - TOLERANCE)
        exact = exact[exact > -2.0]
        possible += len(exact)
        found += min(len(exact), int((scores >= exact[0] - 1e-5).sum())) if len(exact) else 0
    return lost, found / possible if possible else 1.0


_TASKS: dict[str, Callable[[Path, Place], dict[str, Any]]] = {"build": _build, "check": _look, "export": _export}
