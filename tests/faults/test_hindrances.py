"""A store that is read-only or held by another process, a clock that jumps: searching goes on, and what hinders is said."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from ingest.corpus import Corpus, Entry, backup
from ingest.corpus.lock import StoreLock
from ingest.error import StoreError
from ingest.read import read
from retriever import Retriever
from retriever.embedder import embedder
from retriever.index import Index
from retriever.intake import intake
from tests.faults.conftest import ROOT
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, cited_by

MODEL = embedder()
(QUESTION,) = questions(range(1, 2))

READ_ONLY = """
import os, sys
from pathlib import Path
from ingest.error import StoreError
from retriever import Retriever
from retriever.doctor import examine
from retriever.embedder import embedder
from retriever.intake import intake
store, files, question = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
with Retriever.open(store) as warm:  # all that is read later is loaded: nobody may read the libraries
    warm.answer(question)
if not os.getuid():
    os.setuid(65534)
with Retriever.open(store) as retriever:
    answer = retriever.answer(question).to_json()
    print(len(answer["citations"]) > 0, all(
        retriever.document(c["doc"]).text[c["start"]:c["end"]] == c["quote"] for c in answer["citations"]))
try:
    intake(store, [files], embedder())
except StoreError as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def no_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "settle", Index.catch_up)  # search is exact without Chroma, which takes seconds to start


def test_a_read_only_store_answers_and_says_that_it_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folder is closed to other users
        store, files = Path(folder, "store"), Path(folder, "files")
        write(files, range(4))
        intake(store, [files], MODEL)
        for path in (*Path(folder).rglob("*"), Path(folder)):
            path.chmod(0o555 if path.is_dir() else 0o444)

        line = [sys.executable, "-c", READ_ONLY, str(store), str(files), QUESTION]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

        for path in (*Path(folder).rglob("*"), Path(folder)):
            path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    answered, refused = done.stdout.splitlines()
    assert answered == "True True"
    assert "不能写入" in refused


def test_a_store_that_another_process_holds_answers_and_says_that_it_is_behind(tmp_path: Path) -> None:
    store = tmp_path / "store"
    first, second = write(tmp_path / "files", range(1, 3))
    intake(store, [first], MODEL)
    with StoreLock(store), closing(Corpus.open(store, write=True)) as corpus:
        document, data = read(second)
        corpus.add([Entry(str(second), document, data)])  # the index has not followed yet

        with Retriever.open(store) as retriever:
            answer = retriever.answer(QUESTION).to_json()
        with pytest.raises(StoreError, match=rf"正由进程 {os.getpid()}"):
            intake(store, [second], MODEL)

    assert answer["citations"]
    assert "尚未跟上" in answer["notice"]
    with Retriever.open(store) as retriever:  # who opens it once it is free brings the index along
        assert retriever.answer(QUESTION).to_json()["notice"] is None
    assert broken(store, [QUESTION]) == []


@pytest.mark.parametrize("years", [-30, 30])
def test_a_clock_that_jumps_hinders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    store = tmp_path / "store"
    write(tmp_path / "files", range(3))
    intake(store, [tmp_path / "files"], MODEL)
    now = backup.time.time()
    for path in store.rglob("*"):
        os.utime(path, (now - years * 3e7, now - years * 3e7))

    for number in range(3, 8):
        monkeypatch.setattr(backup.time, "time", lambda: now + years * 3e7)
        write(tmp_path / "files", range(number, number + 1))
        assert intake(store, [tmp_path / "files"], MODEL).notice is None
        with Retriever.open(store) as retriever:
            (question,) = questions(range(number, number + 1))
            assert cited_by(retriever, question)

    assert broken(store, [QUESTION]) == []
    copies = backup.backups(store)
    assert len(copies) == backup.KEPT
    assert copies[0].number > 1
    assert not copies[0].problems()
