"""F3: a reader that stays open sees what another process adds within five seconds, and never what it removed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from retriever import Retriever
from tests.faults.conftest import Children, command, count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, cited_by

NOT_THERE = 100  # questions about a removed document


@pytest.mark.slow
def test_an_open_reader_cites_what_came_and_never_what_went(tmp_path: Path, children: Children) -> None:
    store = tmp_path / "store"
    write(tmp_path / "files", range(10))
    assert children.run(command("ingest", tmp_path / "files", "--store", store)).returncode == 0

    with Retriever.open(store) as reader:
        reader.index.warm()
        for number in range(20, 20 + count(1)):
            (question,) = questions(range(number, number + 1))
            (path,) = write(tmp_path / "new", range(number, number + 1))
            assert children.run(command("ingest", path, "--store", store)).returncode == 0

            until = time.monotonic() + 5
            added: set[str] = set()
            while not added and time.monotonic() < until:
                by_source = {row.doc: row.source for row in reader.documents()}
                added = {
                    cited["doc"] for cited in cited_by(reader, question) if by_source.get(cited["doc"]) == str(path)
                }
            assert added, question

            (doc,) = added
            assert children.run(command("docs", "remove", doc, "--store", store)).returncode == 0
            for _ in range(NOT_THERE):
                assert doc not in {cited["doc"] for cited in cited_by(reader, question)}
                assert doc not in {hit.to_json()["doc"] for hit in reader.search(question, k=10)}
    assert broken(store) == []
