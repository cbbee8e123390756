"""Chroma, the exact tail and what was removed together give what exact search over all would give."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.error import StoreError
from retriever import neighbours, place, vectors
from retriever.embedder import HashedNgrams
from retriever.index import Index
from tests.chroma_server import ChromaServer
from tests.fake_corpus import FakeCorpus

MODEL = HashedNgrams()


class Store:
    """A store with a generation, its corpus, a writer, and a reader that uses Chroma."""

    def __init__(self, folder: Path, chroma: str) -> None:
        self.folder = folder
        self.chroma = chroma
        self.corpus: Any = FakeCorpus()
        for number in range(60):
            self.add(number)
        self.writer = Index.open(folder, MODEL, write=True, chroma=chroma)
        self.writer.settle(self.corpus)
        self.open()

    def open(self) -> None:
        self.reader = Index.open(self.folder, MODEL, chroma=self.chroma)
        self.reader.warm()

    def add(self, number: int) -> int:
        texts = [f"第{number}号事项之{part}：{chr(0x4E00 + 61 * number + part)}治理" for part in range(5)]
        return int(self.corpus.add(texts))

    def exact(self, query: str, k: int, docs: frozenset[int] | None = None) -> list[tuple[int, float]]:
        """Return what exact search over the live chunks gives."""
        rows = [row for row in self.corpus.rows() if docs is None or row.doc_no in docs]
        scores = MODEL.embed([row.text for row in rows]) @ MODEL.embed_query(query)
        pairs = [(row.no, float(score)) for row, score in zip(rows, scores, strict=True)]
        return sorted(pairs, key=lambda pair: (-round(pair[1], 5), pair[0]))[:k]

    def agree(self, query: str, k: int, docs: frozenset[int] | None = None) -> None:
        found, exact = self.reader.dense(MODEL.embed_query(query), k, docs), self.exact(query, k, docs)
        live = {row.no: row.doc_no for row in self.corpus.rows()}

        assert len(found) == len(exact)
        assert np.allclose([score for _, score in found], [score for _, score in exact], atol=1e-5)
        assert all(no in live and (docs is None or live[no] in docs) for no, _ in found)
        assert len({no for no, _ in found}) == len(found)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, chroma: str) -> Iterator[Store]:
    """One generation for the whole module; the tests below change the store one after the other."""
    made = Store(tmp_path_factory.mktemp("store"), chroma)
    yield made
    made.reader.close()
    made.writer.close()


QUERIES = ["第7号事项", "治理", "之3", "第59号事项之4"]


def served_by_chroma(store: Store) -> bool:
    return store.reader._neighbours._generation is not None


def test_chroma_serves_where_it_was_asked_for(store: Store) -> None:
    for query in QUERIES:
        store.agree(query, 10)
    assert served_by_chroma(store)
    assert store.reader.notice is None
    with closing(Index.open(store.folder, MODEL)) as other:  # a store this small is searched exactly otherwise
        other.dense(MODEL.embed_query("治理"), 5)
        assert other._neighbours._generation is None


def test_what_came_and_went_since_is_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    new = [store.add(number) for number in range(100, 110)]
    for doc_no in (1, 2, 8, 60, new[0]):
        store.corpus.remove(doc_no)
    store.writer.catch_up(store.corpus)
    store.corpus.again(8)  # in the generation, then removed, then current again
    store.writer.catch_up(store.corpus)

    for query in QUERIES:
        for k in (1, 10, 60):
            store.agree(query, k)
    assert served_by_chroma(store)


@pytest.mark.parametrize("exact", [20_000, 0], ids=["few", "many"])
@pytest.mark.parametrize("docs", [{3}, {8, 9, 65, 66}, set(range(3, 40)), {1, 2}, {999}], ids=str)
def test_a_filter_lets_through_its_documents_and_all_of_them(
    store: Store, monkeypatch: pytest.MonkeyPatch, docs: set[int], exact: int
) -> None:
    monkeypatch.setattr(neighbours, "EXACT", exact)

    for query in QUERIES:
        store.agree(query, 10, frozenset(docs))
    assert served_by_chroma(store)


def test_where_most_are_gone_the_rest_is_still_found(store: Store) -> None:
    for doc_no in range(12, 58):
        store.corpus.remove(doc_no)
    store.writer.catch_up(store.corpus)

    for query in QUERIES:
        store.agree(query, 20)
    assert served_by_chroma(store)


def test_a_generation_with_other_vectors_is_not_believed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    generation = store.reader._neighbours._generation
    assert generation is not None
    monkeypatch.setattr(generation, "query", lambda *_: neighbours.Found(np.array([16]), np.array([0.5], np.float32)))

    store.agree("第7号事项", 10)

    assert not served_by_chroma(store)
    assert "不符" in str(store.reader.notice)


def test_a_new_generation_is_taken_up_and_a_damaged_one_is_not(store: Store) -> None:
    if store.chroma:
        pytest.skip("has no files of ours")
    store.writer.settle(store.corpus)  # the old one is still good: nothing to do
    os.truncate(next((store.folder / "generations").rglob("data_level0.bin")), 100)
    store.reader.close()
    store.open()

    store.agree("治理", 10)
    assert not served_by_chroma(store)
    assert "data_level0.bin" in str(store.reader.notice)
    assert "doctor" in str(store.reader.notice)
    assert any("data_level0.bin" in problem for problem in store.reader.verify(store.corpus))

    store.writer.settle(store.corpus)
    store.agree("治理", 10)
    assert served_by_chroma(store)
    assert store.reader.notice is None
    assert store.reader.verify(store.corpus) == []


# --- a Chroma server ---


@pytest.fixture
def remote(tmp_path: Path, chroma_server: ChromaServer) -> Iterator[Store]:
    made = Store(tmp_path, chroma_server.url)
    yield made
    made.reader.close()
    made.writer.close()


def test_a_server_that_goes_away_is_said_and_taken_up_again(
    remote: Store, chroma_server: ChromaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "_AGAIN", 3600.0)  # a busy machine may take its time
    remote.agree("治理", 10)
    assert served_by_chroma(remote)

    chroma_server.end()
    try:
        remote.agree("治理", 10)  # the one that is open fails
        remote.reader.close()
        remote.open()  # none can be opened
        remote.agree("治理", 10)
        assert not served_by_chroma(remote)
        assert remote.chroma in str(remote.reader.notice)
        assert any(remote.chroma in problem for problem in remote.reader.verify(remote.corpus))
        remote.add(200)
        with pytest.raises(StoreError, match=r"127\.0\.0\.1.*检索照常"):
            remote.writer.settle(remote.corpus)
        remote.agree("第200号", 10)
    finally:
        chroma_server.start()
    remote.agree("治理", 10)
    assert not served_by_chroma(remote)  # not asked again at once
    monkeypatch.setattr(neighbours, "_AGAIN", 0.0)
    remote.agree("治理", 10)
    assert served_by_chroma(remote)
    assert remote.reader.notice is None


def test_a_server_that_hangs_does_not_hang_the_reader(remote: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_WAIT", 0.3)
    monkeypatch.setattr(neighbours, "_AGAIN", 0.0)
    remote.reader.close()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        lock = next((remote.folder / "generations").glob("*.lock"))
        for path in (lock, lock.with_suffix(".json")):
            path.write_text(path.read_text(encoding="utf-8").replace(remote.chroma, url), encoding="utf-8")
        remote.chroma = url
        remote.open()

        remote.agree("治理", 10)

        assert url in str(remote.reader.notice)


def test_a_collection_that_somebody_deleted_is_built_again(remote: Store, chroma_server: ChromaServer) -> None:
    chroma_server.delete(collection_of(remote))

    remote.agree("治理", 10)
    assert not served_by_chroma(remote)
    remote.writer.settle(remote.corpus)

    remote.agree("治理", 10)
    assert served_by_chroma(remote)
    assert remote.reader.verify(remote.corpus) == []


def test_a_generation_elsewhere_than_the_setting_says_is_not_used_and_built_where_it_says(
    remote: Store, chroma_server: ChromaServer
) -> None:
    there = collection_of(remote)
    remote.writer.close()
    remote.reader.close()
    remote.chroma = ""
    remote.open()
    remote.agree("治理", 10)
    assert not served_by_chroma(remote)
    assert "DUBAN_CHROMA" in str(remote.reader.notice)

    remote.writer = Index.open(remote.folder, MODEL, write=True)
    remote.writer.settle(remote.corpus)

    remote.agree("治理", 10)
    assert served_by_chroma(remote)
    assert there in chroma_server.collections()  # no server is asked that is not set
    vectors.sweep(remote.folder, chroma_server.url)
    assert there not in chroma_server.collections()
    assert len(list((remote.folder / "generations").glob("*.lock"))) == 1


def test_a_copy_of_a_store_does_not_delete_what_the_original_has_on_the_server(
    remote: Store, chroma_server: ChromaServer, tmp_path: Path
) -> None:
    shutil.copytree(remote.folder, tmp_path / "copy")
    (tmp_path / "copy" / "CURRENT").unlink()

    vectors.sweep(tmp_path / "copy", chroma_server.url)

    assert list((tmp_path / "copy" / "generations").iterdir()) == []
    assert collection_of(remote) in chroma_server.collections()
    remote.agree("治理", 10)
    assert served_by_chroma(remote)


def collection_of(store: Store) -> str:
    return place.Place.of(store.folder / "generations" / str(vectors.current(store.folder))).collection
