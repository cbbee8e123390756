"""Measures ranking alone on a set in SQuAD form: find the paragraph that a question was asked about."""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.case import SuiteError
from eval.metrics import mean, percentile, reciprocal_rank
from ingest.document import document_id
from retriever import Retriever
from retriever.embedder import Embedder
from retriever.intake import Progress, intake

_DEPTH = 10
_CHUNKS = 50  # hits asked for, so that ten documents are among them even if each gives several


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well paragraphs were ranked: shares of the questions whose paragraph is among the first k, times in ms."""

    name: str
    paragraphs: int
    questions: int
    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    mrr_at_10: float | None
    p50_ms: float | None
    p95_ms: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the object that `duban eval run FILE.json --json` prints."""
        return {"suite": self.name, "figures": {key: value for key, value in asdict(self).items() if key != "name"}}


@dataclass(frozen=True, slots=True)
class Reading:
    """Paragraphs in the order of the file, each once, and questions with the number of their paragraph."""

    paragraphs: tuple[str, ...]
    questions: tuple[tuple[str, int], ...]


def read_squad(path: Path) -> Reading:
    """Return the paragraphs and questions of a file in SQuAD form. Raises SuiteError if it is not one."""
    numbers: dict[str, int] = {}
    questions = []
    try:
        for article in json.loads(path.read_bytes())["data"]:
            for paragraph in article["paragraphs"]:
                number = numbers.setdefault(paragraph["context"], len(numbers))
                questions += [(str(item["question"]), number) for item in paragraph["qas"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SuiteError(f"{path}: 不是 SQuAD 格式（{error!r}）；应为 data → paragraphs → context、qas") from error
    if not questions:
        raise SuiteError(f"{path}: 没有问题；应为 data → paragraphs → context、qas → question")
    return Reading(tuple(numbers), tuple(questions))


def rank(path: Path, embedder: Embedder, progress: Progress | None = None, reranker: str = "") -> Ranking:
    """Bring each paragraph into a temporary store as a document of its own, search every question, measure the ranks.

    A document stands where its first hit stands. Raises SuiteError if the file is not in SQuAD form.
    """
    reading = read_squad(path)
    with tempfile.TemporaryDirectory(prefix="duban-eval-") as folder:
        files, store = Path(folder, "paragraphs"), Path(folder, "store")
        files.mkdir()
        ids = []
        for number, paragraph in enumerate(reading.paragraphs):
            data = paragraph.encode("utf-8")
            Path(files, f"{number:05}.txt").write_bytes(data)
            ids.append(document_id(data))
        intake(store, [files], embedder)
        ranks, times = [], []
        with Retriever.open(store, embedder, reranker=reranker) as retriever:
            for done, (question, number) in enumerate(reading.questions, start=1):
                began = time.perf_counter()
                hits = retriever.search(question, k=_CHUNKS)
                times.append((time.perf_counter() - began) * 1000)
                ranked = list(dict.fromkeys(hit.to_json()["doc"] for hit in hits))
                ranks.append(reciprocal_rank(ranked, ids[number], _DEPTH))
                if progress:
                    progress(done, len(reading.questions), path.name)
    return Ranking(
        name=path.stem,
        paragraphs=len(reading.paragraphs),
        questions=len(reading.questions),
        recall_at_1=mean([rank >= 1 for rank in ranks]),
        recall_at_5=mean([rank >= 1 / 5 for rank in ranks]),
        recall_at_10=mean([rank >= 1 / _DEPTH for rank in ranks]),
        mrr_at_10=mean(ranks),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
    )
