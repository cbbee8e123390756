"""F8: the same files again, in any order, change nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from retriever.embedder import embedder
from retriever.index import Index
from retriever.intake import intake
from tests.faults.conftest import count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, state

QUESTIONS = questions(range(0, 12, 3))


@pytest.fixture(autouse=True)
def no_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "settle", Index.catch_up)  # search is exact without Chroma, which takes seconds to start


@pytest.mark.slow
def test_the_same_files_three_times_in_any_order_are_the_same_store(tmp_path: Path, chance: random.Random) -> None:
    files = write(tmp_path / "files", range(12))
    intake(tmp_path / "wanted", files, embedder())
    wanted = state(tmp_path / "wanted", QUESTIONS)
    for number in range(count(1)):
        store = tmp_path / f"store{number}"
        for again in range(3):
            chance.shuffle(files)
            report = intake(store, files, embedder())
            assert (len(report.added), len(report.unchanged)) == ((12, 0) if not again else (0, 12))

        assert broken(store, QUESTIONS) == []
        assert state(store, QUESTIONS) == wanted
