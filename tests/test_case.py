"""Gold cases and suites: what is read, and what is said of a line that is no case."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.case import Case, Evidence, SuiteError, read_cases
from eval.suite import Suite, find_suite

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = ROOT.parent / "shared" / "eval" / "public-seed.jsonl"


def record(**changes: Any) -> dict[str, Any]:
    """Return a case as it stands in a file, with changes; a change to ... leaves the key out."""
    whole = {
        "id": "a-1",
        "docs": ["plan"],
        "question": "河道清淤由谁牵头？",
        "intent": "responsibility",
        "answerable": True,
        "script": "hans",
        "history": [],
        "facts": [["市水务局", "水务局"]],
        "evidence": [{"doc": "plan", "quote": "由市水务局牵头"}],
        "as_of": None,
        "note": "",
    }
    return {key: value for key, value in {**whole, **changes}.items() if value is not ...}


def written(folder: Path, *records: object) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(json.dumps(item, ensure_ascii=False) for item in records) + "\n\n", encoding="utf-8")
    return path


def test_a_case_is_read_with_everything_it_says(tmp_path: Path) -> None:
    path = written(tmp_path, record(as_of="2025-03-31", history=["谁负责？"], derived=True, extra_remark="x"))

    (case,) = read_cases(path)

    assert case == Case(
        id="a-1",
        docs=("plan",),
        question="河道清淤由谁牵头？",
        intent="responsibility",
        answerable=True,
        script="hans",
        history=("谁负责？",),
        facts=(("市水务局", "水务局"),),
        evidence=(Evidence("plan", "由市水务局牵头"),),
        as_of=date(2025, 3, 31),
        derived=True,
        line=1,
    )


def test_null_and_absent_are_the_same(tmp_path: Path) -> None:
    optional = ("history", "as_of", "note", "derived")

    (absent,) = read_cases(written(tmp_path, record(**dict.fromkeys(optional, ...))))
    (null,) = read_cases(written(tmp_path, record(**dict.fromkeys(optional))))

    assert absent == null


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": ...}, "缺少 id"),
        ({"id": ""}, "id 的值 ''"),
        ({"docs": []}, "docs 的值"),
        ({"docs": "plan"}, "docs 的值 'plan'"),
        ({"question": 3}, "question 的值 3"),
        ({"intent": "who"}, "intent 的值 'who'.*responsibility"),
        ({"script": ["hans"]}, "script 的值"),
        ({"answerable": "yes"}, "answerable 的值 'yes'"),
        ({"history": ["谁", 1]}, "history 的值"),
        ({"facts": []}, "facts 的值.*answerable"),
        ({"facts": {"a": 1}}, "facts 的值"),
        ({"facts": [[]]}, r"facts\[0\] 的值"),
        ({"facts": [["水务局"], ["。"]]}, r"facts\[1\] 的值 '。'"),
        ({"evidence": []}, "evidence 的值.*answerable"),
        ({"evidence": [{"doc": "plan"}]}, r"evidence\[0\] 的值"),
        ({"as_of": "2025-02-30"}, "as_of 的值 '2025-02-30'"),
        ({"as_of": 20250230}, "as_of 的值 20250230"),
        ({"answerable": False}, "facts 的值"),
        ({"intent": "followup"}, "history 的值"),
        ({"histroy": []}, "'histroy'.*history"),
    ],
)
def test_a_malformed_case_is_refused_by_file_line_key_and_value(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    path = written(tmp_path, record(), record(id="a-2") | changes if ... not in changes.values() else record(**changes))

    with pytest.raises(SuiteError, match=rf"cases\.jsonl 第 2 行: .*{says}"):
        read_cases(path)


@pytest.mark.parametrize(
    ("line", "says"),
    [("{", "不是 JSON"), ("[]", "list"), ("[" * 100_000, "不是 JSON")],
    ids=["cut", "array", "deep"],
)
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line, encoding="utf-8")

    with pytest.raises(SuiteError, match=rf"第 1 行: .*{says}"):
        read_cases(path)


def test_an_id_that_occurs_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = written(tmp_path, record(), record())

    with pytest.raises(SuiteError, match="第 2 行: id 'a-1' 与第 1 行重复"):
        read_cases(path)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe\x00"], ids=["empty", "blank", "binary"])
def test_a_file_without_cases_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(data)

    with pytest.raises(SuiteError, match="评测题"):
        read_cases(path)


def test_a_suite_is_a_folder_with_cases_and_documents(tmp_path: Path) -> None:
    (tmp_path / "small" / "documents").mkdir(parents=True)
    written(tmp_path / "small", record())

    suite = find_suite(str(tmp_path / "small"))

    assert (suite.name, suite.docs, suite.documents) == ("small", ("plan",), tmp_path / "small" / "documents")


def test_documents_of_a_file_lie_beside_it_or_in_seeds_or_where_they_are_said_to_be(tmp_path: Path) -> None:
    for folder in ("eval", "seeds", "elsewhere"):
        (tmp_path / folder).mkdir()
    path = written(tmp_path / "eval", record()).rename(tmp_path / "eval" / "mine.jsonl")

    found = find_suite(str(path)).documents
    said = find_suite(str(path), tmp_path / "elsewhere").documents

    assert found is not None
    assert found.samefile(tmp_path / "seeds")
    assert said == tmp_path / "elsewhere"


def test_a_suite_that_is_not_there_is_refused_with_the_names_of_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"nothing.*demo"):
        find_suite("nothing")
    with pytest.raises(SuiteError, match="--documents"):
        find_suite(str(written(tmp_path, record())), tmp_path / "missing")


def test_the_shipped_suite_is_found_by_its_name() -> None:
    suite = find_suite("demo")

    assert isinstance(suite, Suite)
    assert len(suite.cases) >= 30
    assert suite.documents is not None
    assert {path.stem for path in suite.documents.iterdir()} >= set(suite.docs)


@pytest.mark.skipif(not PUBLIC.is_file(), reason="the public suite is not on this machine")
def test_the_public_suite_is_read_whole() -> None:
    suite = find_suite(str(PUBLIC))

    assert len(suite.cases) == 60
    assert set(suite.docs) == {f"seed-00{number}" for number in range(5)}
    assert suite.documents is not None
