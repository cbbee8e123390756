"""F6: a corpus that is cut, overwritten or gone is refused with the way back, and nothing is lost on that way."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.corpus import backup
from ingest.error import StoreError
from retriever import Retriever
from retriever.doctor import examine, restore
from retriever.embedder import embedder
from retriever.index import Index
from retriever.intake import intake, withdraw
from tests.faults.conftest import count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, cited_by, state

QUESTIONS = questions(range(0, 26, 8))
MODEL = embedder()


@pytest.fixture(autouse=True)
def no_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "settle", Index.catch_up)  # search is exact without Chroma, which takes seconds to start


def noise(path: Path, chance: random.Random, pages: int) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        for _ in range(pages):
            file.seek(chance.randrange(size // 4096) * 4096)
            file.write(chance.randbytes(4096))


DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "cut": lambda path, chance: os.truncate(path, int(path.stat().st_size * chance.uniform(0.02, 0.98))),
    "noise": lambda path, chance: noise(path, chance, 12),
    "emptied": lambda path, chance: os.truncate(path, 0),
    "deleted": lambda path, chance: path.unlink(),
    "header": lambda path, chance: path.write_bytes(chance.randbytes(200) + path.read_bytes()[200:]),
}


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A store with a backup, after which two documents came, one changed and one was removed."""
    files = write(tmp_path / "files", range(24))
    store = tmp_path / "whole"
    intake(store, [tmp_path / "files"], MODEL)
    write(tmp_path / "files", range(24, 26))
    files[0].write_text(files[0].read_text(encoding="utf-8").replace("月底前", "月15日前"), encoding="utf-8")
    intake(store, [tmp_path / "files"], MODEL)
    with Retriever.open(store) as retriever:
        gone = next(row.doc for row in retriever.documents() if row.source.endswith("0011.txt"))
    withdraw(store, gone, MODEL)
    (tmp_path / "files" / "0011.txt").unlink()
    assert [copy.number for copy in backup.backups(store)] == [1]
    return store


@pytest.mark.slow
def test_a_damaged_corpus_is_refused_and_brought_back_whole(whole: Path, tmp_path: Path, chance: random.Random) -> None:
    wanted = state(whole, QUESTIONS)
    damages = list(DAMAGES)
    chance.shuffle(damages)
    for number in range(count(2)):
        how = damages[number % len(damages)]
        store = Path(shutil.copytree(whole, tmp_path / f"{how}{number}"))
        DAMAGES[how](store / "corpus.db", chance)

        said = ""
        try:
            with Retriever.open(store) as retriever:  # noise may lie where nobody looks
                for question in QUESTIONS:
                    for cited in cited_by(retriever, question):
                        text = retriever.document(cited["doc"]).text
                        assert text[cited["start"] : cited["end"]] == cited["quote"]
        except StoreError as error:
            said = str(error)
            assert "doctor --restore" in said, how
            assert "backups/000001.db" in said
        assert said or how == "noise", how
        found = [finding for finding in examine(store, MODEL) if not finding.well]
        assert [finding.part for finding in found][:1] == ["corpus"], (how, found)
        assert "doctor --restore" in found[0].do
        with suppress(StoreError):
            intake(store, [tmp_path / "files"], MODEL)  # must not bury what was there

        done = restore(store, MODEL)

        assert done.backup
        assert "000001.db" in done.backup
        assert broken(store, QUESTIONS) == []
        assert examine(store, MODEL)[0].well
        report = intake(store, [tmp_path / "files"], MODEL)  # what nobody knew any more where it came from
        assert not report.failed
        assert broken(store, QUESTIONS) == []
        if how == "deleted":  # nothing told any more what had been removed
            assert {row[0] for row in state(store)["documents"]} >= {row[0] for row in wanted["documents"]}
        else:
            assert state(store, QUESTIONS) == wanted, how
        shutil.rmtree(store)


def test_without_a_backup_the_originals_bring_it_back(tmp_path: Path) -> None:
    write(tmp_path / "files", range(3))
    intake(tmp_path / "store", [tmp_path / "files"], MODEL)
    wanted = state(tmp_path / "store")
    shutil.rmtree(tmp_path / "store" / "backups")
    (tmp_path / "store" / "corpus.db").unlink()

    with pytest.raises(StoreError, match=r"不见了.*没有备份.*originals"):
        intake(tmp_path / "store", [tmp_path / "files"], MODEL)
    done = restore(tmp_path / "store", MODEL)

    assert (done.backup, len(done.unknown)) == (None, 3)
    intake(tmp_path / "store", [tmp_path / "files"], MODEL)
    assert state(tmp_path / "store") == wanted
