"""How sure an answer is: the signs are bounded, the fit finds what is there, the cases are what they say."""

import json
from pathlib import Path

import numpy as np
import pytest

from eval.confidence.fit import Row, auc, fit, held_out
from eval.confidence.mismatch import Case, of_fiction, of_folder
from ingest.fold import fold
from retriever import Retriever, confidence
from retriever.embedder import embedder
from retriever.intake import intake
from retriever.question import parse

DOCUMENTS = Path(__file__).parents[1] / "eval" / "suites" / "demo" / "documents"
PLAN = """沅溪县供热改造方案

沅溪县人民政府办公室
2025年3月1日

一、重点任务

（一）锅炉房改造。由县住房城乡建设局牵头，2025年9月底前完成改造12座。

（二）换热站扩建。由县供热公司负责，日供热能力提高一成。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    folder = tmp_path_factory.mktemp("confidence")
    (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
    intake(folder / "store", [folder / "plan.txt"], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


def test_the_weights_that_are_shipped_are_those_of_the_signs():
    fitted = json.loads(Path(confidence.__file__).with_suffix(".json").read_text(encoding="utf-8"))

    assert list(fitted["weights"]) == list(confidence.NAMES)


@pytest.mark.parametrize("question", ["锅炉房改造由谁牵头？", "换热站扩建什么时候完成？", "水库由谁管？", "12座"])
def test_signs_are_within_one(retriever, question):
    found = retriever.evidence(question)

    signs = confidence.signs(parse(question).asks[0], found.ranked)

    assert len(signs) == len(confidence.NAMES)
    assert all(-1 <= sign <= 1 for sign in signs)


def test_what_is_stated_is_surer_than_what_is_not(retriever):
    stated = parse("锅炉房改造由谁牵头？")
    not_so = parse("光伏电站补贴由谁牵头？")

    sure, unsure = (
        confidence.confidence(asked.asks[0], retriever.evidence(asked.text).ranked) for asked in (stated, not_so)
    )

    assert sure > unsure


def test_an_answer_says_how_sure_it_is_and_a_refusal_does_not(retriever):
    answer, refusal = retriever.answer("锅炉房改造由谁牵头？"), retriever.answer("锅炉房改造的联系电话是多少？")

    assert 0 < answer.to_json()["confidence"] <= 1
    assert refusal.abstained and "confidence" not in refusal.to_json()


def test_a_fit_finds_the_sign_that_tells_right_from_wrong():
    draw = np.random.default_rng(1)
    rows = []
    for number in range(400):
        signs = tuple(draw.random(len(confidence.NAMES)))
        case = Case("", f"{number % 20}.txt", 0, 1, "who", "stated")
        rows.append(Row(case, signs, right=bool(signs[3] < 0.5), refused=False))

    made, sure = fit(rows), held_out(rows)

    assert min(range(len(made.weights)), key=lambda at: made.weights[at]) == 3
    assert auc(sure, np.array([row.right for row in rows])) > 0.95


def test_the_area_under_the_curve_counts_ties_half():
    assert auc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])) == pytest.approx(0.875)


def test_made_cases_are_the_same_each_time_and_name_another_year_or_place_only_where_the_document_does_not():
    cases = of_folder(DOCUMENTS, 4)
    texts = {path.name: fold(path.read_text(encoding="utf-8")) for path in DOCUMENTS.iterdir()}

    assert cases == of_folder(DOCUMENTS, 4)
    for case in cases:
        if case.sort == "year":
            assert case.question[:4] not in texts[case.document]
        if case.sort == "place":
            assert case.question[:2] not in texts[case.document]
        assert case.answerable == (case.sort == "stated")


def test_cases_of_documents_that_are_left_out_are_of_no_document_in_the_store():
    inside, cases = of_fiction(7)

    names = {document.name for document in inside}
    assert all((case.document in names) == (case.sort != "document") for case in cases)
