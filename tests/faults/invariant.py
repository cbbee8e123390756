"""Invariant I: what holds of a store after every fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retriever import Retriever
from retriever.index import passage

# What is no fault: the rest is searched exactly until the next ingest builds a generation.
_LATER = "还没有向量索引"


def broken(store: Path, questions: Sequence[str] = (), *, sample: int = 12) -> list[str]:
    """Return where Invariant I does not hold; nothing where all is well.

    SQLite finds both files whole. Every committed document has exactly its chunks; the index that serves has each of
    them once, and a sample of them find themselves by words and by vector. Every citation's span equals its text.
    """
    with Retriever.open(store) as retriever:
        corpus, index = retriever.corpus, retriever.index
        found = corpus.integrity() + corpus.lost_originals()
        found += [problem for problem in index.verify(corpus) if _LATER not in problem]
        if not index.follows(corpus):
            found.append(f"index at {index.seq}, corpus at {corpus.seq}")
        rows = [row for doc_no in sorted(corpus.live()) for row in corpus.chunks(doc_no)]
        for row in rows[:: max(1, len(rows) // sample)]:
            near = dict(index.dense(index.embed_query(passage(row)), len(rows)))
            if near.get(row.no, 0.0) < 0.999:
                found.append(f"chunk {row.no} does not find itself by its vector")
            if not _first(row.no, index.keyword(row.text, len(rows)), 10):
                found.append(f"chunk {row.no} does not find itself by its words")
        for question in questions:
            found += [
                f"{question}: {cited['quote']!r} does not stand at its span"
                for cited in cited_by(retriever, question)
                if retriever.document(cited["doc"]).text[cited["start"] : cited["end"]] != cited["quote"]
            ]
    return found


def _first(no: int, hits: Sequence[tuple[int, float]], places: int) -> bool:
    """Return whether a chunk is among the first hits, or as good as they are: copies of one text may fill the places."""
    scores = dict(hits)
    return no in scores and scores[no] >= min(score for _, score in hits[:places])


def cited_by(retriever: Retriever, question: str) -> list[dict[str, Any]]:
    """Return the citations of an answer and what stands nearest to it where it has none."""
    answer = retriever.answer(question).to_json()
    return [*answer["citations"], *answer["nearest"]]


def state(store: Path, questions: Sequence[str] = ()) -> dict[str, Any]:
    """Return what users see of a store, so that two may be compared: documents, and answers without their times."""
    with Retriever.open(store) as retriever:
        documents = sorted((row.doc, row.title, Path(row.source).name, row.chunks) for row in retriever.documents())
        answers = [retriever.answer(question).to_json() for question in questions]
    cited = [
        [(part["doc"], part["start"], part["end"]) for part in (*answer["citations"], *answer["nearest"])]
        for answer in answers
    ]
    return {"documents": documents, "answers": [answer["answer"] for answer in answers], "cited": cited}
