"""The ablation of the answer: each part that is left out is one that answers are made with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from eval.bench import answers
from eval.bench.interval import paired
from eval.bench.omission import OMISSIONS, Omission
from eval.bench.swap import Swap, swapped
from eval.case import Case
from eval.suite import find_suite
from retriever import Retriever, objection
from retriever.embedder import embedder
from tests.conftest import stored

REPORT = """# 湖津市生态环境局2024年治水工作情况报告

湖津市生态环境局　　2025年3月6日

## 一、总体情况

截至2025年2月28日，全市排查入河排口214处，已整治96处。我局牵头开展中期评估，梳理了问题。

对石溪、北塘、柳湾三条河道，自2024年4月起先后开展底泥清运、岸坡加固、雨污分流、截污纳管等治理，沿线单位按要求落实了巡查、\
保洁、报告等日常管理，经第三方机构连续六个月取样检测，三条河道的水质均由上一年的五类提升到四类，沿线居民反映的异味明显减少。

| 序号 | 项目名称 | 责任单位 | 总投资（万元） |
|---|---|---|---|
| 1 | 石溪清淤 | 市生态环境局 | 1200 |
| 2 | 北塘护岸 | 市园林局 | 480 |
| 3 | 柳湾截污 | 市生态环境局 | 760 |

## 二、下一步分工

### 排口整治

配合单位：市水务局
责任单位：市城管局
督导单位：市住建局
完成时限：2025年10月底前

## 三、联系方式

市生态环境局联系电话：0571-60001234。
"""
LATER = """# 湖津市生态环境局2025年治水工作情况报告

湖津市生态环境局　　2025年9月4日

## 一、总体情况

截至2025年8月31日，全市排查入河排口231处，已整治188处。
"""

# For each part what is asked: cases of the demo suite by number, or questions about the two reports.
ASKED: dict[str, tuple[int | str, ...]] = {
    "kind of value": (19,), "kind of value in the order": (33,), "rarity": (80,), "asks": (10,),
    "whole document": (19,), "headings": (31,), "beside": (80,), "fields": ("排口整治由谁牵头？",), "rows": (52, 159),
    "governing line": ("中期评估是谁牵头的？",), "list below": (57,), "second sentence": (179,),
    "cut": ("柳湾河道的水质提升到几类？",), "places and years": (28, 29, 68), "ledger": (37,), "records": (131,),
    "roll": (128,), "limit": ("总投资500万元以上的有哪些？",), "calculation": (89,), "lateness": (31,),
    "imprint": (22,), "series": (125,), "disagreement": ("全市排查了多少处入河排口？",), "wording": (5, 48),
    "aliases": ("市环保局的联系电话是多少？", "环保局的项目是哪两个？"), "English": (113,), "history": (43,),
    "document gone on with": (43,), "number of a row": (128,), "objections": (21, 23),
    "objections: particulars": (21, 23, 48, 53, 60, 79), "objections: another passage": (124,),
    "objections: no word of it": ("怎么办？",), "bound on coverage": (80,), "all refusals": (21, 80),
}  # fmt: skip
# Those that are looked up but for which no question is known that turns on them.
SILENT = {"whole document", "document gone on with", "objections: another passage"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    (folder / "documents").mkdir()
    (folder / "documents" / "report.md").write_text(REPORT, encoding="utf-8")
    (folder / "documents" / "later.md").write_text(LATER, encoding="utf-8")
    return stored(folder / "store", folder / "documents")


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in find_suite("demo").cases}


def said(asked: tuple[int | str, ...], demo: Path, reports: Path, cases: dict[str, Case]) -> list[str]:
    """Return what is answered, from stores that are opened anew."""
    found = []
    with Retriever.open(demo) as ours, Retriever.open(reports) as theirs:
        for item in asked:
            if isinstance(item, str):
                answer = theirs.answer(item)
            else:
                case = cases[f"demo-{item:03}"]
                answer = ours.answer(case.question, history=case.history, as_of=case.as_of)
            shown = answer.to_json()
            found.append(json.dumps([shown[key] for key in ("answer", "citations", "nearest")], ensure_ascii=False))
    return found


@pytest.mark.parametrize("omission", OMISSIONS, ids=lambda omission: omission.name)
def test_each_part_is_looked_up_where_it_is_left_out_and_answers_differ_without_it(
    omission: Omission, demo_store: Path, reports: Path, cases: dict[str, Case]
) -> None:
    used: set[str] = set()

    def spied(swap: Swap) -> Swap:
        def spy(*args: Any, **kwargs: Any) -> Any:
            used.add(f"{swap.owner.__name__}.{swap.name}")
            return swap.value(*args, **kwargs)

        return dataclasses.replace(swap, value=spy) if callable(swap.value) else swap

    asked = ASKED[omission.name]

    whole = said(asked, demo_store, reports, cases)
    with swapped([spied(swap) for swap in omission.swaps]):
        without = said(asked, demo_store, reports, cases)

    assert used == {f"{swap.owner.__name__}.{swap.name}" for swap in omission.swaps if callable(swap.value)}
    assert omission.name in SILENT or without != whole


def test_a_name_that_is_gone_is_not_left_out_in_silence() -> None:
    with pytest.raises(AttributeError, match="no_such_rule"), swapped([Swap(objection, "no_such_rule", None)]):
        pass


def test_what_was_swapped_is_back_after_a_failure() -> None:
    before = objection.unnamed

    with pytest.raises(ZeroDivisionError), swapped([Swap(objection, "unnamed", None)]):
        raise ZeroDivisionError

    assert objection.unnamed is before


def test_an_interval_is_of_the_differences_of_the_same_questions() -> None:
    found = paired([1, 1, 0, 1], [1, 0, 0, 0])

    assert found.mean == 0.5
    assert found.low <= 0.5 <= found.high
    assert str(paired([1, 0], [1, 0])) == "0"


def test_a_suite_is_measured_with_and_without_a_part(tmp_path: Path, reports: Path) -> None:
    evidence = '[{"doc": "report", "quote": "市生态环境局联系电话：0571-60001234。"}]'
    (tmp_path / "cases.jsonl").write_text(
        '{"id": "a", "question": "市环保局的联系电话是多少？", "facts": [["0571-60001234"]], "intent": "responsibility",'
        f' "script": "hans", "docs": ["report"], "answerable": true, "evidence": {evidence}}}\n',
        encoding="utf-8",
    )
    suite = find_suite(str(tmp_path / "cases.jsonl"), reports.parent / "documents")
    aliases = next(omission for omission in OMISSIONS if omission.name == "aliases")

    whole, without = answers.measure(suite, embedder(), [aliases])

    assert (whole.figures.right, without.figures.right, without.right.mean) == (1.0, 0.0, -1.0)
    assert "| aliases | 0.000 | -1.000 (-1.000 to -1.000) |" in answers.lines(suite, [whole, without])
