"""A run: each case asked of a desk, scored, kept; and what is wrong said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.case import Case, Evidence, SuiteError
from eval.metrics import Passage
from eval.ranking import rank, read_squad
from eval.run import desk_for, failure, judge, run
from eval.suite import Suite, find_suite
from ingest.document import Document, document_id
from ingest.error import DubanError, StoreError
from retriever.embedder import embedder
from retriever.index import Index

TEXT = "一、清淤。由市水务局牵头，12月底前完成。\n二、台账。由市水务局牵头，每月报送。\n"


@pytest.fixture(autouse=True)
def no_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Chroma, which takes seconds to start, search is exact and finds the same."""
    monkeypatch.setattr(Index, "settle", Index.catch_up)


@dataclass(frozen=True)
class Row:
    doc: str
    source: str


@dataclass(frozen=True)
class Given:
    said: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return self.said


class FakeDesk:
    """Holds texts by the name of their file and gives the answers that it was made with, by question."""

    def __init__(self, texts: dict[str, str], answers: dict[str, dict[str, Any]]) -> None:
        self.texts = {document_id(text.encode()): text for text in texts.values()}
        self.rows = [Row(document_id(text.encode()), f"/some/where/{name}") for name, text in texts.items()]
        self.answers = answers
        self.asked: list[tuple[str, date | None, tuple[str, ...]]] = []

    def answer(self, question: str, *, as_of: date | None = None, history: Sequence[str] = ()) -> Given:
        self.asked.append((question, as_of, tuple(history)))
        return Given(self.answers[question])

    def documents(self) -> list[Row]:
        return self.rows

    def document(self, doc: str) -> Document:
        if doc not in self.texts:
            raise StoreError("没有这份文档")
        return Document(doc, self.texts[doc], "hans", None, None, None, None, (), ())


DOC = document_id(TEXT.encode())


def citation(quote: str, n: int = 1, start: int | None = None, doc: str = DOC) -> dict[str, Any]:
    at = TEXT.index(quote) if start is None else start
    return {"n": n, "doc": doc, "start": at, "end": at + len(quote), "quote": quote}


def said(answer: str, *citations: dict[str, Any], abstained: bool = False) -> dict[str, Any]:
    return {"answer": answer, "abstained": abstained, "citations": list(citations), "grade": "answer", "nearest": []}


def case(**changes: Any) -> Case:
    whole: dict[str, Any] = {
        "id": "c-1",
        "docs": ("plan",),
        "question": "谁牵头？",
        "intent": "responsibility",
        "answerable": True,
        "script": "hans",
        "facts": (("市水务局", "水务局"),),
        "evidence": (Evidence("plan", "由市水务局牵头"),),
        "line": 1,
    }
    return Case(**{**whole, **changes})


UNANSWERABLE = case(answerable=False, facts=(), evidence=())


def suite(*cases: Case) -> Suite:
    return Suite("small", cases, None)


def test_a_run_asks_each_case_in_order_with_its_history_and_date() -> None:
    cases = [case(), case(id="c-2", question="多久报一次？", history=("谁牵头？",), as_of=date(2025, 1, 2))]
    desk = FakeDesk({"plan.txt": TEXT}, {item.question: said("", abstained=True) for item in cases})

    run(suite(*cases), desk, "a store")

    assert desk.asked == [("谁牵头？", None, ()), ("多久报一次？", date(2025, 1, 2), ("谁牵头？",))]


def test_evidence_stands_wherever_its_quote_stands() -> None:
    second = TEXT.rindex("由市水务局牵头")
    desk = FakeDesk({"plan.txt": TEXT}, {"谁牵头？": said("市水务局 [1]", citation("由市水务局牵头", start=second))})

    (result,) = run(suite(case()), desk, "a store").results

    assert [len(places) for places in result.gold] == [2]
    assert (result.score.right, result.score.precision, result.score.recall) == (True, 1.0, 1.0)
    assert result.why == ()


@pytest.mark.parametrize(
    ("asked", "answer", "why"),
    [
        (case(), said("未载明", abstained=True), "应作答而拒答"),
        (UNANSWERABLE, said("市水务局 [1]", citation("由市水务局牵头")), "应拒答而作答"),
        (case(), said("财政局 [1]", citation("由市水务局牵头")), "缺少事实：市水务局"),
        (case(), said("市水务局"), "没有引文"),
        (case(), said("市水务局 [1]", citation("每月报送")), "引文与依据不相交"),
        (case(), said("市水务局 [1]", citation("由市水务局牵头", start=6)), "1 处引文与原文不符"),
        (case(), said("市水务局 [1]", citation("由市水务局牵头", doc="gone")), "1 处引文与原文不符"),
    ],
)
def test_a_failure_says_why(asked: Case, answer: dict[str, Any], why: str) -> None:
    desk = FakeDesk({"plan.txt": TEXT}, {"谁牵头？": answer})

    (failed,) = run(suite(asked), desk, "a store").failures

    assert why in failed.why
    assert failure(failed)["got"] == answer["answer"]


def test_a_due_abstention_is_no_failure() -> None:
    desk = FakeDesk({"plan.txt": TEXT}, {"谁牵头？": said("未载明", abstained=True)})

    done = run(suite(UNANSWERABLE), desk, "a store")

    assert done.failures == []
    assert (done.figures.abstention_precision, done.figures.abstention_recall) == (1.0, 1.0)


def test_an_abstention_that_holds_the_fact_scores_nothing() -> None:
    answer = said("没有直接写明；市水务局 [1]", citation("由市水务局牵头"), abstained=True)

    score = judge(case(), answer, ((Passage(DOC, 5, 12),),), {DOC: TEXT}.get, 1.0).score

    assert (score.fact_recall, score.right, score.recall, score.precision) == (0.0, False, 0.0, None)


def test_a_store_without_a_document_of_the_suite_is_refused() -> None:
    with pytest.raises(SuiteError, match=r"'plan'.*--documents"):
        run(suite(case()), FakeDesk({"other.txt": TEXT}, {}), "a store")


def test_two_documents_of_one_name_are_refused_but_two_copies_are_one_document() -> None:
    answers = {"谁牵头？": said("", abstained=True)}

    with pytest.raises(SuiteError, match="2 份不同的文档名为 'plan'"):
        run(suite(case()), FakeDesk({"plan.txt": TEXT, "plan.md": TEXT + "三"}, answers), "a store")

    assert run(suite(case()), FakeDesk({"plan.txt": TEXT, "plan.md": TEXT}, answers), "a store").results


def test_evidence_that_the_document_does_not_hold_is_refused_before_anything_is_asked() -> None:
    wrong = case(id="c-2", evidence=(Evidence("plan", "由市财政局牵头"),), line=7)
    desk = FakeDesk({"plan.txt": TEXT}, {"谁牵头？": said("", abstained=True)})

    with pytest.raises(SuiteError, match=r"第 7 行（c-2）: evidence\[0\].*plan"):
        run(suite(case(), wrong), desk, "a store")
    assert desk.asked == []


def test_results_are_kept_one_a_line_with_all_that_was_said_and_scored(tmp_path: Path) -> None:
    answer = said("市水务局 [1]", citation("由市水务局牵头"))
    desk = FakeDesk({"plan.txt": TEXT}, {"谁牵头？": answer})
    done = run(suite(case(as_of=date(2025, 1, 2))), desk, "a store")

    done.write(tmp_path / "run.jsonl")

    (line,) = (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    assert kept["id"] == "c-1"
    assert kept["answer"] == answer
    assert kept["case"]["as_of"] == "2025-01-02"
    assert kept["score"]["right"] is True
    assert kept["gold"] == [[{"doc": DOC, "start": 5, "end": 12}, {"doc": DOC, "start": 27, "end": 34}]]


def test_a_place_where_results_cannot_be_kept_is_said(tmp_path: Path) -> None:
    done = run(suite(case()), FakeDesk({"plan.txt": TEXT}, {"谁牵头？": said("", abstained=True)}), "a store")

    with pytest.raises(DubanError, match="--out"):
        done.write(tmp_path / "missing" / "run.jsonl")


def test_figures_are_given_by_intent_script_and_answerable() -> None:
    cases = [case(), case(id="c-2", script="hant"), case(id="c-3", answerable=False, facts=(), evidence=())]
    desk = FakeDesk({"plan.txt": TEXT}, {"谁牵头？": said("", abstained=True)})

    shown = run(suite(*cases), desk, "a store").to_json()

    assert {key: {name: part["cases"] for name, part in group.items()} for key, group in shown["by"].items()} == {
        "intent": {"responsibility": 3},
        "script": {"hans": 2, "hant": 1},
        "answerable": {"true": 2, "false": 1},
    }
    assert json.loads(json.dumps(shown)) == shown


def test_the_shipped_suite_is_answered_from_a_temporary_store_and_every_citation_is_exact() -> None:
    demo = find_suite("demo")

    with desk_for(demo, None, embedder()) as (desk, where):
        done = run(demo, desk, where)

    assert where == "临时库"
    assert len(done.results) == len(demo.cases)
    assert done.figures.exactness == 1.0


def test_a_store_that_lacks_the_documents_gives_way_to_a_temporary_one(tmp_path: Path) -> None:
    demo = find_suite("demo")

    with desk_for(demo, tmp_path / "none", embedder()) as (_, where):
        assert where == "临时库"
    with (
        pytest.raises(SuiteError, match="--documents"),
        desk_for(Suite("small", (case(),), None), tmp_path / "none", embedder()),
    ):
        pass


def test_paragraphs_in_squad_form_are_ranked(tmp_path: Path) -> None:
    paragraphs = ["河道清淤由水务局牵头完成。", "道路照明由城管局负责维护。", "学校食堂由教育局负责检查。"]
    questions = ["河道清淤谁牵头？", "道路照明谁负责？", "学校食堂谁检查？"]
    articles = [
        {"paragraphs": [{"context": context, "qas": [{"question": question, "id": "x"}]}]}
        for context, question in zip(paragraphs, questions, strict=True)
    ]
    path = tmp_path / "set.json"
    path.write_text(json.dumps({"data": articles}), encoding="utf-8")

    got = rank(path, embedder())

    assert (got.paragraphs, got.questions) == (3, 3)
    assert (got.recall_at_1, got.recall_at_5, got.recall_at_10, got.mrr_at_10) == (1, 1, 1, 1)


def test_a_paragraph_that_occurs_twice_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    paragraph = {"context": "同一段", "qas": [{"question": "问"}]}
    path.write_text(json.dumps({"data": [{"paragraphs": [paragraph, paragraph]}]}), encoding="utf-8")

    reading = read_squad(path)

    assert reading.paragraphs == ("同一段",)
    assert reading.questions == (("问", 0), ("问", 0))


@pytest.mark.parametrize("text", ["", "[]", '{"data": []}', '{"data": [{"paragraphs": [{}]}]}', '{"data": 3}'])
def test_a_file_that_is_not_in_squad_form_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SuiteError, match=r"set\.json"):
        read_squad(path)
