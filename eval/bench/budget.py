"""The budgets of ingest and answering, each measured in a process of its own: `make bench PART=budgets`.

What is measured by the clock is of two processes on two cores at the most, so the page says beside it how fast the
machine was just then: the milliseconds of a loop of two million additions, before and after.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bench.contest import ROOT
from eval.bench.data import Data
from eval.bench.swap import Swap, swapped
from eval.case import SuiteError
from eval.metrics import percentile

_BATCH = 64  # documents, as an ingest has them
_AT_ONCE = 5_000  # vectors that Chroma is given at once, by both


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent, `bound` in words, and what was; `held` says whether it was kept."""

    name: str
    bound: str
    measured: str
    held: bool
    pace: tuple[float, float]


def budgets(data: Data) -> Iterator[Budget]:
    """Measure each budget on a corpus and yield it. Raises SuiteError where a process failed."""
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        plain, pace = _timed("plain", data.folder, Path(folder, "plain"))
        rate = data.chunks / plain["seconds"]
        yield Budget("ingest without the ledger, to the tail", "2,000 chunks/s", f"{rate:,.0f}", rate >= 2_000, pace)
        store = Path(folder, "store")
        whole, pace = _timed("ingest", data.folder, store)
        rate = data.chunks / whole["seconds"]
        yield Budget("ingest with the ledger, to the tail", "800 chunks/s", f"{rate:,.0f}", rate >= 800, pace)
        yield Budget("its memory, as it grows with the corpus", "", f"{whole['mb']:.0f} MB", True, pace)
        ours, pace = _timed("generation", data.folder, store)
        for task, what in (("chroma", "the same"), ("chroma-bare", "the vectors alone")):
            theirs, pace = _timed(task, data.folder, store)
            share = ours["seconds"] / theirs["seconds"]
            bound = "1.3 times" if task == "chroma" else ""
            spent = f"{share:.2f} ({ours['seconds']:.1f} s of {theirs['seconds']:.1f} s)"
            yield Budget(
                f"a generation, of Chroma's own `add` of {what}", bound, spent, not bound or share <= 1.3, pace
            )
        for name, task in (("answer", "answer"), ("answer, Chroma open", "answer-warm"), ("search", "search")):
            asked, pace = _timed(task, data.folder, store)
            p50, p95 = asked["p50"], asked["p95"]
            bound = "p50 15 ms, p95 40 ms" if task != "search" else ""
            held = task == "search" or (p50 <= 15 and p95 <= 40)
            yield Budget(name, bound, f"p50 {p50:.1f} ms, p95 {p95:.1f} ms", held, pace)
        first, pace = _timed("first", data.folder, store)
        yield Budget(
            "a fresh process to its first answer", "2 s", f"{first['seconds']:.2f} s", first["seconds"] <= 2, pace
        )


def lines(data: Data, found: Sequence[Budget]) -> str:
    """Return the table of the page."""
    rows = [
        f"| {each.name} | {each.bound} | {each.measured} | {'' if not each.bound else 'yes' if each.held else '**no**'}"
        f" | {each.pace[0]:.0f}, {each.pace[1]:.0f} |"
        for each in found
    ]
    return "\n".join((
        f"{data.name}, {data.chunks:,} chunks.\n",
        "| what | budget | measured | kept | a loop, ms |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
    ))  # fmt: skip


def pace() -> float:
    """Return the milliseconds of a loop of two million additions, the median of five."""
    times = []
    for _ in range(5):
        began, total = time.perf_counter(), 0
        for number in range(2_000_000):
            total += number & 7
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[2]


def _timed(task: str, data: Path, store: Path) -> tuple[dict[str, Any], tuple[float, float]]:
    before = pace()
    # One thread, as the budget of a question has it; an ingest has processes.
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "RAYON")}
    done = subprocess.run(
        [sys.executable, "-m", "eval.bench.budget", task, str(data), str(store)],
        env={**os.environ, **threads, "BENCH_BEGAN": repr(time.time())},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SuiteError(f"budgets {task}: 退出码 {done.returncode}，{(done.stderr.strip().splitlines() or [''])[-1]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found, (before, pace())


# --- in a process of its own ---


def _plain(data: Path, store: Path) -> dict[str, float]:
    """Ingest without the ledger: a second process reads and outlines, this one stores and indexes, as always."""
    from ingest.corpus import Corpus, Entry
    from ingest.ledger import Ledger
    from ingest.read import parse
    from retriever.embedder import embedder
    from retriever.index import Index
    from retriever.intake import establish

    model = embedder("")
    establish(store, model)
    paths = sorted((data / "documents").iterdir())
    began = time.perf_counter()
    with (
        ProcessPoolExecutor(1) as reader,
        closing(Corpus.open(store, write=True)) as corpus,
        closing(Index.open(store, model, write=True)) as index,
    ):
        contents = [path.read_bytes() for path in paths]
        documents = reader.map(parse, contents, chunksize=8)
        batch: list[Entry] = []
        for path, content, document in zip(paths, contents, documents, strict=True):
            batch.append(Entry(str(path), document, content, ledger=Ledger((), ())))
            if len(batch) == _BATCH or path == paths[-1]:
                corpus.add(batch)
                index.catch_up(corpus)
                batch = []
    return {"seconds": time.perf_counter() - began}


def _ingest(data: Path, store: Path) -> dict[str, float]:
    """Ingest up to the generation."""
    from retriever import intake
    from retriever.embedder import embedder

    model = embedder("")
    began = time.perf_counter()
    with swapped([Swap(intake, "_settled", lambda *_: None)]):
        intake.intake(store, [data / "documents"], model)
    return {"seconds": time.perf_counter() - began, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _generation(data: Path, store: Path) -> dict[str, float]:
    """Build the generation of what was ingested, checked and all."""
    from retriever import vectors
    from retriever.embedder import embedder
    from retriever.intake import settle

    del data
    spent = 0.0
    build = vectors.build

    def timed(*args: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        try:
            return build(*args)
        finally:
            spent = time.perf_counter() - began

    with swapped([Swap(vectors, "build", timed)]):
        settle(store, embedder(""))
    return {"seconds": spent}


def _adding(numbers: bool) -> Callable[[Path, Path], dict[str, float]]:
    """Return what adds the same vectors, with the numbers of their documents or without, to a new folder of Chroma."""

    def work(data: Path, store: Path) -> dict[str, float]:
        import chromadb
        import numpy as np

        from retriever.vectors import open_index

        del data
        with closing(open_index(store)) as db:
            rows = db.execute(
                "SELECT chunk.no, doc_no, value FROM chunk JOIN vector ON vector.no = chunk.vector"
            ).fetchall()
        with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
            began = time.perf_counter()
            collection = chromadb.PersistentClient(folder).create_collection("bench", embedding_function=None)
            for at in range(0, len(rows), _AT_ONCE):
                nos, docs, values = zip(*rows[at : at + _AT_ONCE], strict=True)
                held = np.frombuffer(b"".join(values), dtype=np.float32).reshape(len(nos), -1)
                vectors: Any = list(held)  # Chroma's own types leave out what it takes
                known: Any = [{"doc": doc} for doc in docs] if numbers else None
                collection.add(ids=[str(no) for no in nos], embeddings=vectors, metadatas=known)
            return {"seconds": time.perf_counter() - began}

    return work


def _asking(ask: Callable[[Any, str], object], *, warm: bool = False) -> Callable[[Path, Path], dict[str, float]]:
    def work(data: Path, store: Path) -> dict[str, float]:
        from retriever import Retriever

        rows = (data / "questions.jsonl").read_text(encoding="utf-8").splitlines()
        questions = [json.loads(row)["question"] for row in rows]
        with Retriever.open(store) as retriever:
            if warm:
                retriever.index.warm()
            ask(retriever, questions[0])
            times = []
            for question in questions[1:]:
                began = time.perf_counter()
                ask(retriever, question)
                times.append((time.perf_counter() - began) * 1000)
        return {"p50": percentile(times, 50) or 0.0, "p95": percentile(times, 95) or 0.0}

    return work


def _first(data: Path, store: Path) -> dict[str, float]:
    """Return the seconds from the start of the process to its first answer."""
    from retriever import Retriever

    with (data / "questions.jsonl").open(encoding="utf-8") as file:
        question = json.loads(file.readline())["question"]
    with Retriever.open(store) as retriever:
        retriever.answer(question)
        return {"seconds": time.time() - float(os.environ["BENCH_BEGAN"])}


_TASKS: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "plain": _plain,
    "ingest": _ingest,
    "generation": _generation,
    "chroma": _adding(numbers=True),
    "chroma-bare": _adding(numbers=False),
    "answer": _asking(lambda retriever, question: retriever.answer(question)),
    "answer-warm": _asking(lambda retriever, question: retriever.answer(question), warm=True),
    "search": _asking(lambda retriever, question: retriever.search(question, 10)),
    "first": _first,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_TASKS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))) + "\n")
