"""Runs a suite: asks each question of the object that users get, and scores the answer."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Protocol

from eval.case import Case, SuiteError
from eval.judge import Judge, Verdict
from eval.ledger import LedgerRun, measure
from eval.metrics import (
    Figures,
    Passage,
    Score,
    citation_precision,
    citation_recall,
    exact,
    fact_recall,
    figures,
    figures_by,
    mean,
    missed_facts,
    right,
    words,
)
from eval.suite import Suite
from ingest.document import Document
from ingest.error import DubanError, StoreError
from ingest.task import KINDS
from retriever import Retriever
from retriever.embedder import Embedder
from retriever.generate import Model
from retriever.intake import Progress, intake
from retriever.private import cleaned

_GROUPS = ("intent", "script", "answerable")


class Given(Protocol):
    """An answer, as far as it is measured."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that `duban ask --json` prints."""


class Row(Protocol):
    """A document of a store, as far as a suite needs it."""

    @property
    def doc(self) -> str:
        """The id of the document."""

    @property
    def source(self) -> str:
        """The path of the file that it was read from."""


class Desk(Protocol):
    """What is measured: a Retriever, or a stand-in with these of its methods."""

    def answer(self, question: str, *, as_of: date | None = None, history: Sequence[str] = ()) -> Given:
        """Return the answer to a question."""

    def documents(self) -> Sequence[Row]:
        """Return the documents of the store."""

    def document(self, doc: str) -> Document:
        """Return one document by id."""

    def tasks(self, *, doc: str, kinds: tuple[str, ...]) -> Sequence[Given]:
        """Return the ledger of one document; called for a suite with gold ledgers only."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one case got: the answer as `duban ask --json` prints it, its score, and why it failed, if it did.

    `gold` has, for each piece of evidence, the places where its quote stands.
    """

    case: Case
    answer: Mapping[str, Any]
    score: Score
    gold: tuple[tuple[Passage, ...], ...]
    why: tuple[str, ...]
    verdict: Verdict | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the result as it is kept: one line of a run, from which every figure can be had again."""
        case = {**asdict(self.case), "as_of": self.case.as_of.isoformat() if self.case.as_of else None}
        return {
            "id": self.case.id,
            "case": cleaned(case),
            "answer": cleaned(dict(self.answer)),
            "score": asdict(self.score),
            "gold": [[asdict(place) for place in places] for places in self.gold],
            "why": list(self.why),
            **({"judge": self.verdict.to_json()} if self.verdict else {}),
        }


@dataclass(frozen=True, slots=True)
class Run:
    """A suite's results, in the order of its cases, and what of its gold ledgers was found."""

    suite: str
    store: str
    results: tuple[Result, ...]
    ledger: LedgerRun | None = None

    @property
    def figures(self) -> Figures:
        """Return the figures over all cases."""
        return figures([result.score for result in self.results])

    @property
    def failures(self) -> list[Result]:
        """Return the results that are not as they should be."""
        return [result for result in self.results if result.why]

    def figures_by(self, key: str) -> dict[Any, Figures]:
        """Return the figures of each value of `key`, a field of the cases."""
        return figures_by([(getattr(result.case, key), result.score) for result in self.results])

    def to_json(self) -> dict[str, Any]:
        """Return the object that `duban eval run --json` prints."""
        groups = {key: self.figures_by(key) for key in _GROUPS}
        return {
            "suite": self.suite,
            "store": self.store,
            "figures": asdict(self.figures),
            "by": {
                key: {str(value).lower(): asdict(figures) for value, figures in group.items()}
                for key, group in groups.items()
            },
            "ledger": self.ledger.to_json() if self.ledger else None,
            "failures": [failure(result) for result in self.failures],
            **self._model(),
        }

    def _model(self) -> dict[str, Any]:
        """Return what a language model had to do with the answers and took for it, and what it thinks of them."""
        parts = [result.answer["model"] for result in self.results if result.answer.get("model")]
        said = [result.verdict for result in self.results if result.verdict]
        found: dict[str, Any] = {}
        if parts:
            reasons = Counter(part["reason"] for part in parts if part["reason"])
            found["model"] = {
                "name": parts[0]["name"], "prompt": parts[0]["prompt"],
                "written": sum(part["outcome"] == "written" for part in parts), "reasons": dict(reasons.most_common()),
                "tokens": {name: sum(part["tokens"][name] or 0 for part in parts) for name in ("sent", "received")},
                "seconds": round(sum(part["seconds"] for part in parts), 2),
            }  # fmt: skip
        if said:
            judged = [result for result in self.results if result.verdict and result.verdict.right is not None]
            found["judge"] = {
                "judged": len(judged),
                "right": mean([float(bool(result.verdict and result.verdict.right)) for result in judged]),
                "agreed": mean(
                    [float(_well(result) == (result.verdict and result.verdict.right)) for result in judged]
                ),
                "tokens": {"sent": sum(v.sent or 0 for v in said), "received": sum(v.received or 0 for v in said)},
                "seconds": round(sum(verdict.seconds for verdict in said), 2),
            }
        return found

    def write(self, path: Path) -> None:
        """Keep the results, one JSON object a line. Raises DubanError if the file cannot be written."""
        try:
            with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
                for result in self.results:
                    file.write(json.dumps(result.to_json(), ensure_ascii=False) + "\n")
        except OSError as error:
            raise DubanError(f"{path}: 无法写入评测结果（{error.strerror}）；请检查 --out 的路径") from error


def _well(result: Result) -> bool:
    """Return whether the measures find nothing wrong with an answer."""
    score = result.score
    return score.right if score.answerable else score.abstained


def failure(result: Result) -> dict[str, Any]:
    """Return what is shown of a failure: question, what was expected, what was got, why it is one."""
    case = result.case
    expected = [" / ".join(forms) for forms in case.facts] if case.answerable else ["（文档未载明，应拒答）"]
    shown = {
        "id": case.id,
        "question": case.question,
        "history": list(case.history),
        "expected": expected,
        "got": result.answer["answer"],
        "grade": result.answer.get("grade"),
        "why": list(result.why),
    }
    return {key: cleaned(value) for key, value in shown.items()}


def run(suite: Suite, desk: Desk, store: str, progress: Progress | None = None, jury: Judge | None = None) -> Run:
    """Ask every case of the suite and score the answers; a `jury`, if there is one, is asked what it thinks of each.

    Raises:
        SuiteError: if the store lacks a document of the suite, has several of its name, or lacks a quoted evidence.
    """
    library = _Library.of(suite, desk)
    golds = [library.gold(case) for case in suite.cases]  # all of them first: a faulty suite is said at once
    results = []
    for done, (case, gold) in enumerate(zip(suite.cases, golds, strict=True), start=1):
        began = time.perf_counter()
        answer = desk.answer(case.question, as_of=case.as_of, history=case.history).to_json()
        elapsed_ms = (time.perf_counter() - began) * 1000
        result = judge(case, answer, gold, library.text, elapsed_ms)
        results.append(replace(result, verdict=jury.verdict(case, answer)) if jury else result)
        if progress:
            progress(done, len(suite.cases), case.id)
    return Run(suite.name, store, tuple(results), library.ledger(suite))


def judge(
    case: Case,
    answer: Mapping[str, Any],
    gold: tuple[tuple[Passage, ...], ...],
    text_of: Callable[[str], str | None],
    elapsed_ms: float,
) -> Result:
    """Score one answer.

    Args:
        case: the case that was asked.
        answer: the object that `duban ask --json` prints.
        gold: for each piece of evidence, the places where its quote stands.
        text_of: returns the text of a document by id, None if there is no such document.
        elapsed_ms: how long the answer took.
    """
    citations = [Passage(item["doc"], item["start"], item["end"]) for item in answer["citations"]]
    texts = {item["doc"]: text for item in answer["citations"] if (text := text_of(item["doc"])) is not None}
    said = words(answer["answer"], [item["n"] for item in answer["citations"]])
    given = None if answer["abstained"] else said
    recall = citation_recall(citations, gold) if given is not None else 0.0
    score = Score(
        answerable=case.answerable,
        abstained=given is None,
        fact_recall=fact_recall(given, case.facts),
        right=right(given, case.facts, recall),
        precision=citation_precision(citations, gold) if case.answerable and given is not None else None,
        recall=recall,
        exact=sum(exact(item, texts) for item in answer["citations"]),
        citations=len(citations),
        length=len(said),
        elapsed_ms=elapsed_ms,
    )
    return Result(case, answer, score, gold, tuple(_why(case, given, score)))


def _why(case: Case, given: str | None, score: Score) -> Iterator[str]:
    if case.answerable and given is None:
        yield "应作答而拒答"
    if not case.answerable and given is not None:
        yield "应拒答而作答"
    if case.answerable and given is not None:
        if missed := missed_facts(given, case.facts):
            yield "缺少事实：" + "；".join(forms[0] for forms in missed)
        if not score.citations:
            yield "没有引文"
        elif not score.recall:
            yield "引文与依据不相交"
    if score.exact < score.citations:
        yield f"{score.citations - score.exact} 处引文与原文不符"


@dataclass(frozen=True, slots=True)
class _Library:
    """The documents of a suite in a store: the texts by id, and the id by the name that the cases use."""

    desk: Desk
    ids: Mapping[str, str]
    texts: dict[str, str]

    @classmethod
    def of(cls, suite: Suite, desk: Desk) -> _Library:
        ids = _ids(desk.documents())
        for doc in suite.docs:
            if not ids.get(doc):
                raise SuiteError(f"评测集 {suite.name}: 库中没有文档 {doc!r}；请用 --documents 指出它所在的文件夹")
            if len(ids[doc]) > 1:
                raise SuiteError(f"评测集 {suite.name}: 库中有 {len(ids[doc])} 份不同的文档名为 {doc!r}；请另用一个库")
        return cls(desk, {doc: min(ids[doc]) for doc in suite.docs}, {})

    def text(self, doc: str) -> str | None:
        if doc not in self.texts:
            try:
                self.texts[doc] = self.desk.document(doc).text
            except StoreError:  # an answer that cites a document that is not there is a finding, not an end of the run
                return None
        return self.texts[doc]

    def ledger(self, suite: Suite) -> LedgerRun | None:
        """Return what of the suite's gold ledgers was found, None where it has none."""
        if not suite.ledger:
            return None
        return measure(
            suite.ledger, lambda doc: [row.to_json() for row in self.desk.tasks(doc=self.ids[doc], kinds=KINDS)]
        )

    def gold(self, case: Case) -> tuple[tuple[Passage, ...], ...]:
        """Return for each piece of evidence all the places where its quote stands."""
        found = []
        for number, evidence in enumerate(case.evidence):
            doc = self.ids[evidence.doc]
            places = tuple(_places(doc, self.text(doc) or "", evidence.quote))
            if not places:
                raise SuiteError(
                    f"第 {case.line} 行（{case.id}）: evidence[{number}] 的原文 {evidence.quote[:30]!r} "
                    f"不在文档 {evidence.doc!r} 中；引文须与文档逐字相同"
                )
            found.append(places)
        return tuple(found)


def _places(doc: str, text: str, quote: str) -> Iterator[Passage]:
    at = text.find(quote)
    while at >= 0:
        yield Passage(doc, at, at + len(quote))
        at = text.find(quote, at + 1)


def _ids(rows: Sequence[Row]) -> dict[str, set[str]]:
    """Return the ids of the documents by the name of their file, with and without its suffix."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        file = PurePath(row.source)
        for name in {file.stem, file.name}:
            ids.setdefault(name, set()).add(row.doc)
    return ids


@contextmanager
def desk_for(
    suite: Suite,
    store: Path | None,
    embedder: Embedder,
    progress: Progress | None = None,
    reranker: str = "",
    model: Model | None = None,
) -> Iterator[tuple[Retriever, str]]:
    """Yield a Retriever that has the suite's documents, and the words for where it has them from.

    The given store serves if it holds them all; else they are brought into a temporary one, which is gone afterwards.

    Raises:
        SuiteError: if the documents are neither in the store nor at hand, or one of them cannot be read.
    """
    if store is not None and store.is_dir():
        with Retriever.open(store, embedder, reranker=reranker, model=model) as retriever:
            held = _ids(retriever.documents())
            if all(doc in held for doc in suite.docs):
                yield retriever, str(store)
                return
    if suite.documents is None:
        raise SuiteError(
            f"评测集 {suite.name}: 找不到它的文档；请用 --documents 指出文件夹，或用 --store 指出有它们的库"
        )
    with tempfile.TemporaryDirectory(prefix="duban-eval-") as folder:
        report = intake(Path(folder), [suite.documents], embedder, progress)
        for item in report.failed:
            if not {PurePath(item.source).stem, PurePath(item.source).name}.isdisjoint(suite.docs):
                raise SuiteError(f"{item.source}: {item.why}")
        with Retriever.open(Path(folder), embedder, reranker=reranker, model=model) as retriever:
            yield retriever, "临时库"
