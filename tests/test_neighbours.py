"""Chroma, the exact tail and what was removed together give what exact search over all would give."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retriever import neighbours
from retriever.embedder import HashedNgrams
from retriever.index import Index
from tests.fake_corpus import FakeCorpus

MODEL = HashedNgrams()


class Store:
    """A store with a generation, its corpus, a writer, and a reader that uses Chroma."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.corpus: Any = FakeCorpus()
        for number in range(60):
            self.add(number)
        self.writer = Index.open(folder, MODEL, write=True)
        self.writer.settle(self.corpus)
        self.reader = Index.open(folder, MODEL)
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
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One generation for the whole module; the tests below change the store one after the other."""
    made = Store(tmp_path_factory.mktemp("store"))
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
    store.writer.settle(store.corpus)  # the old one is still good: nothing to do
    os.truncate(next((store.folder / "generations").rglob("data_level0.bin")), 100)
    store.reader.close()
    store.reader = Index.open(store.folder, MODEL)
    store.reader.warm()

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
