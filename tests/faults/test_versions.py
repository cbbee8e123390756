"""F9: a document that was changed, withdrawn or renamed: its old words are not cited, and what took its place is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from retriever import Retriever
from retriever.embedder import embedder
from retriever.index import Index
from retriever.intake import intake, withdraw
from tests.faults.documents import questions, text, write
from tests.faults.invariant import broken, cited_by, state

MODEL = embedder()
(QUESTION,) = questions(range(3, 4))
DUE, LATER = "2025年4月底前", "2025年9月底前"


@pytest.fixture(autouse=True)
def no_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "settle", Index.catch_up)  # search is exact without Chroma, which takes seconds to start


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = write(tmp_path / "files", range(6))
    intake(tmp_path / "store", [tmp_path / "files"], MODEL)
    return made


def quotes(store: Path, question: str = QUESTION) -> str:
    """Return all that is cited, and all that is found, for a question."""
    with Retriever.open(store) as retriever:
        cited = "".join(part["quote"] for part in cited_by(retriever, f"{question}何时完成？"))
        return cited + "".join(hit.text for hit in retriever.search(question, k=30))


def shown(store: Path, doc: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert main(["docs", "show", doc, "--store", str(store), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def documents(store: Path) -> dict[str, str]:
    with Retriever.open(store) as retriever:
        return {Path(row.source).name: row.doc for row in retriever.documents()}


def test_the_words_of_a_changed_document_are_not_cited_and_its_versions_are_shown(
    tmp_path: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    store, before = tmp_path / "store", documents(tmp_path / "store")[files[3].name]
    assert DUE in quotes(store)
    with Retriever.open(store) as page:
        files[3].write_text(text(3, month=9), encoding="utf-8")
        report = intake(store, files, MODEL)
        assert DUE not in "".join(hit.text for hit in page.search(QUESTION, k=3))

    after = documents(store)[files[3].name]
    assert (len(report.updated), len(report.unchanged)) == (1, 5)
    assert LATER in quotes(store)
    assert DUE not in quotes(store).replace(text(3, month=9), "")
    assert broken(store, [QUESTION]) == []
    for doc in (before, after):
        versions = shown(store, doc, capsys)["versions"]
        assert [(item["doc"], item["superseded_by"]) for item in versions] == [(before, after), (after, None)]  # type: ignore[attr-defined]
        assert main(["docs", "show", doc, "--store", str(store)]) == 0
        assert f"已由 {after} 取代" in capsys.readouterr().out


def test_a_document_of_one_version_has_none_to_show(
    tmp_path: Path, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(tmp_path / "store", documents(tmp_path / "store")[files[0].name], capsys)["versions"] == []


def test_a_withdrawn_document_is_not_cited_and_neither_is_what_it_was(tmp_path: Path, files: list[Path]) -> None:
    store = tmp_path / "store"
    files[3].write_text(text(3, month=9), encoding="utf-8")
    intake(store, files, MODEL)

    withdraw(store, documents(store)[files[3].name], MODEL)

    assert "3号" not in quotes(store).replace("13号", "")
    assert broken(store, [QUESTION]) == []
    assert len(list((store / "originals").iterdir())) == 5


def test_a_renamed_document_goes_by_its_new_name_and_its_old_words_go_when_it_changes(
    tmp_path: Path, files: list[Path]
) -> None:
    store, before = tmp_path / "store", state(tmp_path / "store")
    renamed = files[3].rename(files[3].with_name("改名.txt"))

    report = intake(store, [tmp_path / "files"], MODEL)

    assert (report.renamed, len(report.unchanged), report.added) == ((str(renamed),), 5, ())
    assert len(state(store)["documents"]) == len(before["documents"])
    assert documents(store)["改名.txt"]
    renamed.write_text(text(3, month=9), encoding="utf-8")
    assert len(intake(store, [tmp_path / "files"], MODEL).updated) == 1
    assert LATER in quotes(store)
    assert f"牵头，市交通局配合，{DUE}" not in quotes(store)
    assert broken(store, [QUESTION]) == []


def test_a_copy_beside_the_original_is_no_new_name(tmp_path: Path, files: list[Path]) -> None:
    (tmp_path / "files" / "副本.txt").write_bytes(files[3].read_bytes())

    report = intake(tmp_path / "store", [tmp_path / "files"], MODEL)

    assert (len(report.added), report.renamed) == (1, ())
