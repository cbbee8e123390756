"""The contest: each system builds its index and answers the questions in processes of its own, one after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.bench.data import Data
from eval.bench.system import DEPTH
from eval.case import SuiteError
from eval.metrics import percentile

ROOT = Path(__file__).resolve().parents[2]
LANGCHAIN = (
    ROOT / ".bench" / "langchain" / "bin" / "python"
)  # made by `make bench-langchain`: its pins do not go with ours
OURS = ("duban", "bigrams", "bigrams-opencc")
THEIRS = ("langchain-bm25", "langchain-tutorial")


@dataclass(frozen=True, slots=True)
class Result:
    """What one system did on one set of data. Seconds and milliseconds are of the processor, all threads together.

    `quality` has, for each kind of question, the metrics by their names in ir_measures. `wall_ms` is the median time
    of a question by the clock. `first_s` is the time from the start of a process to its first result.
    """

    data: str
    chunks: int
    system: str
    quality: dict[str, dict[str, float]]
    build_s: float
    build_mb: float
    first_s: float
    p50_ms: float
    p95_ms: float
    wall_ms: float
    mb: float
    disk_mb: float

    @property
    def rate(self) -> float:
        """Return chunks of the data that were made ready in a second."""
        return self.chunks / self.build_s

    def to_json(self) -> dict[str, Any]:
        """Return the result as a run keeps it."""
        return asdict(self)


def contend(data: Data, system: str) -> Result:
    """Let one system build and answer.

    Raises:
        SuiteError: a process of it failed; the end of what it said is in the message.
    """
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        index = Path(folder) / "index"
        built = _run(system, "build", data, index)
        size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
        asked = _run(system, "ask", data, index)
    return Result(
        data=data.name,
        chunks=data.chunks,
        system=system,
        quality=quality(data, asked["answers"]),
        build_s=built["cpu_s"],
        build_mb=built["mb"],
        first_s=asked["first_cpu_s"],
        p50_ms=percentile(asked["cpu_ms"], 50) or 0.0,
        p95_ms=percentile(asked["cpu_ms"], 95) or 0.0,
        wall_ms=percentile(asked["ms"], 50) or 0.0,
        mb=asked["mb"],
        disk_mb=size / 1e6,
    )


def quality(data: Data, answers: Sequence[Sequence[tuple[str, int, int]]]) -> dict[str, dict[str, float]]:
    """Return the metrics of each kind of question.

    A place that overlaps what was asked for is right, the first such place only; a question has one right place. Where
    whole documents are asked for, a document counts once.
    """
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = [R @ 1, R @ 5, R @ 10, RR @ 10, nDCG @ 10]
    found = {}
    for kind in data.kinds:
        qrels: dict[str, dict[str, int]] = {}
        run: dict[str, dict[str, float]] = {}
        for number, (row, places) in enumerate(zip(data.questions, answers, strict=True)):
            if row["kind"] == kind:
                qrels[str(number)] = {_RIGHT: 1}
                ranked = list(dict.fromkeys(_name(row, place) for place in places))[:DEPTH]
                run[str(number)] = {name: float(-at) for at, name in enumerate(ranked)} or {"nothing": 0.0}
        found[kind] = {str(m): float(v) for m, v in ir_measures.calc_aggregate(measures, qrels, run).items()}
    return found


_RIGHT = "right"


def _name(row: dict[str, Any], place: tuple[str, int, int]) -> str:
    doc, start, end = place
    if doc == row["doc"] and start < row["end"] and row["start"] < end:
        return _RIGHT
    return doc if row["whole"] else f"{doc}:{start}"


def _run(system: str, task: str, data: Data, index: Path) -> dict[str, Any]:
    # One thread each, so that the processor time of one system is not spent waiting for cores that another one has.
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS", "RAYON")}
    script = Path(__file__).with_name("system.py")
    ours = system in OURS
    done = subprocess.run(
        [str(part) for part in (sys.executable if ours else LANGCHAIN, script, system, task, data.folder, index)],
        env={
            **os.environ, **threads, "BENCH_BEGAN": repr(time.time()), "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", **({"PYTHONPATH": str(ROOT)} if ours else {}),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [""])[-1]
        raise SuiteError(f"{system} {task} {data.name}: 退出码 {done.returncode}，{said}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result
