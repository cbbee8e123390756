"""F28: an embedder that is missing, damaged or another one. Vectors are never mixed; keywords serve, and it is said."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from app.cli import main
from ingest.error import StoreError
from retriever import Retriever, static
from retriever.embedder import HashedNgrams, LangChainEmbedder, embedder
from retriever.intake import intake

DEMO = Path(__file__).resolve().parents[2] / "eval" / "suites" / "demo" / "documents"
QUESTION = "苇溪河排污口“一口一档”由谁牵头？"
OTHER_WORDS = "臭水沟的事儿谁说了算"  # of which no chunk has enough: neighbours are asked for


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of one document, made with the shipped model, which lies in a folder of the test's own."""
    shutil.copytree(static.FOLDER, tmp_path / "model", ignore=shutil.ignore_patterns("*.py", "train", "__pycache__"))
    monkeypatch.setattr(static, "FOLDER", tmp_path / "model")
    intake(tmp_path / "store", [DEMO / "tinglan-plan.txt"], embedder())
    return tmp_path / "store"


def vectors(store: Path) -> list[tuple[bytes, bytes]]:
    with closing(sqlite3.connect(store / "index.db")) as db:
        return db.execute("SELECT hash, value FROM vector ORDER BY hash").fetchall()


def keywords_only(retriever: Retriever, *words: str) -> None:
    """Check that the store answers, by its keywords alone, and says why."""
    answer = retriever.answer(QUESTION)
    hits = retriever.search(QUESTION) + retriever.search(OTHER_WORDS)

    assert (answer.grade, len(answer.citations) > 0) == ("answer", True)
    assert hits
    assert {hit.scores["dense"] for hit in hits} == {0.0}
    assert answer.notice == retriever.notice
    assert all(word in (answer.notice or "") for word in ("只按关键词检索", *words)), answer.notice


@pytest.mark.parametrize("how", ["folder gone", "words gone", "vectors cut", "vectors cut while open", "words changed"])
def test_a_store_serves_its_keywords_while_the_model_is_missing_or_damaged(
    store: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, model = vectors(store), static.FOLDER
    shutil.copytree(model, model.with_name("whole"))
    with Retriever.open(store) as opened:
        if how == "folder gone":
            shutil.rmtree(model)
        elif how == "words gone":
            (model / "tokenizer.json").unlink()
        elif how == "words changed":
            (model / "tokenizer.json").write_bytes((model / "tokenizer.json").read_bytes() + b"\n")
        else:
            rows = (model / "model.safetensors").read_bytes()
            (model / "model.safetensors").write_bytes(rows[: len(rows) // 2])
        if how == "vectors cut while open":  # nothing of the model has been read yet but its name
            keywords_only(opened, "缺文件或已损坏")

    with Retriever.open(store) as retriever:
        keywords_only(retriever, "doctor --rebuild" if how == "words changed" else "缺文件或已损坏")
    asked = main(["ask", QUESTION, "--store", str(store)])
    said = capsys.readouterr()
    searched = main(["search", QUESTION, "--store", str(store), "--json"])
    written = main(["ingest", str(DEMO / "tinglan-duty-report.txt"), "--store", str(store)])

    assert (asked, searched, written) == (0, 0, 1)
    assert "注意：只按关键词检索" in said.out
    assert "只按关键词检索" in capsys.readouterr().err
    assert vectors(store) == before
    shutil.rmtree(model, ignore_errors=True)
    model.with_name("whole").rename(model)
    with Retriever.open(store) as retriever:
        assert retriever.answer(QUESTION).notice is None
        assert max(hit.scores["dense"] for hit in retriever.search(OTHER_WORDS)) > 0


@pytest.mark.parametrize("other", [HashedNgrams(), LangChainEmbedder(DeterministicFakeEmbedding(size=7), "seven")])
def test_vectors_of_two_embedders_are_never_mixed(store: Path, other: HashedNgrams | LangChainEmbedder) -> None:
    before, rebuild = vectors(store), f"duban doctor --rebuild --store {store}"

    with Retriever.open(store, other) as retriever:
        keywords_only(retriever, embedder().name, other.name, rebuild)
    with pytest.raises(StoreError, match=other.name) as refused:
        intake(store, [DEMO / "tinglan-duty-report.txt"], other)

    assert rebuild in str(refused.value)
    assert vectors(store) == before


def test_a_service_that_is_down_costs_the_vectors_and_comes_back(tmp_path: Path) -> None:
    class Service(DeterministicFakeEmbedding):
        down: bool = False

        def embed_query(self, text: str) -> list[float]:
            if self.down:
                raise ConnectionError("refused")
            return super().embed_query(text)

    service = Service(size=16)
    intake(tmp_path / "store", [DEMO / "tinglan-plan.txt"], embedder(service))

    with Retriever.open(tmp_path / "store", service) as retriever:
        assert retriever.answer(QUESTION).notice is None
        service.down = True
        keywords_only(retriever, "没有回应（refused）")
        service.down = False
        assert retriever.answer(QUESTION).notice is None
    service.down = True
    with Retriever.open(tmp_path / "store", Service(size=16, down=True)) as retriever:
        keywords_only(retriever, "没有回应（refused）")


def test_without_index_and_embedder_nothing_is_written_and_the_command_is_named(store: Path) -> None:
    (store / "index.db").unlink()

    with pytest.raises(StoreError, match="doctor --rebuild"):
        Retriever.open(store, "langchain:none_such:made")

    assert not (store / "index.db").exists()
    Retriever.open(store).close()
    assert vectors(store)


def test_the_command_that_is_named_mends_it(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_EMBEDDER", "hashed")

    code = main(["doctor", "--rebuild", "--store", str(store)])

    assert code == 0
    with Retriever.open(store, "hashed") as retriever:
        assert retriever.answer(QUESTION).notice is None
    texts: Sequence[str] = ["督办"]
    assert len(vectors(store)[0][1]) == HashedNgrams().embed(texts).nbytes
