"""Sentences as hits: the passages that an answer is made from, in the order of how well they answer."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

from ingest.corpus import Corpus
from retriever.evidence import candidates
from retriever.passage import Source
from retriever.question import Question
from retriever.score import Candidate
from retriever.search import Hit

CHUNKS = 20  # at least so many chunks are looked into for their sentences
_A_SENTENCE = 2  # and so many for each sentence that is wanted


def chunks_for(k: int) -> int:
    """Return how many chunks are looked into for the `k` best sentences."""
    return max(CHUNKS, _A_SENTENCE * k)


def best_sentences(
    question: Question, hits: Sequence[Hit], source_of: Callable[[Hit], Source], corpus: Corpus, k: int
) -> list[Hit]:
    """Return the `k` best sentences of the hits' chunks and of the document that fits best, best first.

    Each is scored as for an answer, by that part of the question which it answers best. Headings and labels of items
    are no sentences. Ties stand in the order of the hits, then of the text.

    Args:
        question: what is asked.
        hits: chunks, best first.
        source_of: returns the prepared document of a hit.
        corpus: knows in which chunk a sentence stands.
        k: how many.
    """
    order: dict[str, int] = {}
    for hit in hits:
        order.setdefault(hit.doc, len(order))

    def place(candidate: Candidate) -> tuple[float, int, int]:
        return -candidate.score, order[candidate.source.document.id], candidate.passage.start

    best = (min(asked, key=place) for asked in candidates(question, hits, source_of))
    return [_hit(candidate, corpus) for candidate in heapq.nsmallest(k, best, key=place)]


def _hit(candidate: Candidate, corpus: Corpus) -> Hit:
    source, passage = candidate.source, candidate.passage
    document = source.document
    scores = {"coverage": candidate.coverage, "inside": candidate.inside, "typed": candidate.typed}
    return Hit(
        corpus.chunk_at(document.id, passage.start), document.id, source.title, source.source,
        document.path(passage.section), passage.start, passage.end, document.text[passage.start : passage.end],
        candidate.score, scores,
    )  # fmt: skip
