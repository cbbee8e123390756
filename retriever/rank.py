"""The order of hits: how much of a question stands together in a chunk.

BM25 says how many of the question's n-grams a chunk holds; whether they stand in one sentence it does not know. The
formula below adds that. Its weights were fitted (a softmax over the 30 best chunks of BM25) on CMRC2018-trial and
DRCD-test: 2,502 questions, none of them of a set that is reported. That of the cosine was fitted with hashed n-grams and
looked at again with the shipped embedder, on those 1,096 questions whose paragraphs it has not learnt (`for_ranker` in
`retriever.model.train.source`): from 0 to 0.5 it changes Recall@1 by 0.002 or less, as these share their words with the
text; larger ones made the answers bolder where nothing is stated.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.sentence import sentences

POOL = 30  # chunks whose order is looked at again
_KEYWORD = 0.67
_DENSE = 0.12
_COVERAGE = 0.63
_SENTENCE = 0.52
_PAIR = 0.22
_RUN = 0.32
_LONGEST = 12  # characters of a common run; a longer one says no more


@dataclass(frozen=True, slots=True)
class Signs:
    """What the order of a chunk rests on, each 0 to 1."""

    keyword: float
    dense: float
    coverage: float = 0.0
    sentence: float = 0.0
    pair: float = 0.0
    run: float = 0.0

    @property
    def score(self) -> float:
        """Return the weighted sum."""
        return (
            _KEYWORD * self.keyword + _DENSE * self.dense + _COVERAGE * self.coverage
            + _SENTENCE * self.sentence + _PAIR * self.pair + _RUN * self.run
        )  # fmt: skip


def look(question: str, words: str, weights: Mapping[str, float], signs: Signs) -> Signs:
    """Return the signs of one chunk with those that its text gives.

    Args:
        question: folded.
        words: the chunk's text, folded.
        weights: the rarity of each term of the question in the store.
        signs: BM25 over that of the best chunk, and the cosine.
    """
    total = sum(weights.values()) or 1.0
    held = {term: weight for term, weight in weights.items() if term in words}
    parts = [span.of(words) for span in sentences(words, 0, len(words))]
    found = [frozenset([term for term in held if term in part]) for part in parts]
    single = max((_sum(terms, held) for terms in found), default=0.0)
    pair = max((_sum(first | second, held) for first, second in itertools.pairwise(found)), default=single)
    return Signs(
        signs.keyword, signs.dense, sum(held.values()) / total, single / total, pair / total,
        min(_common_run(question, words), _LONGEST) / _LONGEST,
    )  # fmt: skip


def _sum(terms: frozenset[str], weights: Mapping[str, float]) -> float:
    return sum(weights[term] for term in terms)


def _common_run(question: str, words: Sequence[str] | str) -> int:
    """Return the length of the longest run of characters that both have."""
    longest = 0
    for start in range(len(question)):
        while start + longest < len(question) and question[start : start + longest + 1] in words:
            longest += 1
    return longest
