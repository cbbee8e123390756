"""The order of hits: how much of a question stands together in a chunk, and what stands above it.

BM25 says how many of the question's n-grams a chunk holds; whether they stand in one sentence it does not know, and
what the headings over a chunk and the title and issuer of its document say it does not join with the chunk's own words.
The formula below adds that. The weights of the first four signs were fitted (a softmax over the 30 best chunks) on
CMRC2018-trial and DRCD-test, as paragraphs and as articles: 4,002 questions, none of them of a set that is reported.
That of the cosine was fitted with hashed n-grams and looked at again with the shipped embedder, on 1,096 questions
whose paragraphs it has not learnt (`for_ranker` in `retriever.model.train.source`): from 0 to 0.5 it changes Recall@1
by 0.002 or less, as these share their words with the text; larger ones made the answers bolder where nothing is stated.
The cosine counts only where the question uses other words (even the best chunk holds less than 0.45 of its terms), the
more the less that chunk holds. Both numbers of that were picked from a grid on 966 of those questions, their words
replaced by others (`eval.bench.synonym`) or not, and on half of the questions of laypeople that
`eval.bench.data.statutes` reads.
Those sets have no headings, issuers and signatures, so the last three weights are set by hand; half or twice of each
changes the place of one question in 50. What each part brings: docs/ranking.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.regex import regex
from ingest.sentence import parted

POOL = 30  # chunks whose order is looked at again
WEIGHTS = {
    "keyword": 0.77,
    "dense": 0.15,
    "sentence": 0.44,
    "pair": 0.32,
    "above": 0.2,
    "title": 0.2,
    "signed": 1.0,
    "unsaid": 2.0,
}
ENOUGH = 0.45  # share of the question's terms in a chunk and above it from which on keywords decide

# A signature (落款, GB/T 9704) is short and ends with the date of the document.
_SIGNATURE = regex(r"(?:\d{4}|[〇○零一二三四五六七八九]{4})年.{1,3}月.{1,3}日\W*$")
_SHORT = 120  # characters
_ISSUED = regex("印发|发布|发文|下发|公布|出台|落款|签发|成文|公开|发出|issued?|publish")


@dataclass(slots=True)  # not frozen, as a hundred are made a question
class Signs:
    """What the order of a chunk rests on, each 0 to 1.

    `keyword` is BM25 over that of the best chunk, `dense` the cosine, 0 where it was not asked for. The others are
    shares of the question's terms, weighted by their rarity in the store: in the best sentence, in the best two
    sentences in a row, in what stands above the chunk and not in it, in the title and issuer of its document. `signed`
    is the last once more where the question is about the issuing of a document and the chunk is a signature, which
    names none of its matter. `unsaid` is the cosine above that of the farthest chunk, times what the question says
    that no chunk says (see `lacking`).
    """

    keyword: float
    dense: float
    sentence: float = 0.0
    pair: float = 0.0
    above: float = 0.0
    title: float = 0.0
    signed: float = 0.0
    unsaid: float = 0.0

    @property
    def score(self) -> float:
        """Return the weighted sum."""
        # Written out: it is asked for a hundred times a question, and a loop over names takes four times as long.
        return (
            WEIGHTS["keyword"] * self.keyword
            + WEIGHTS["dense"] * self.dense
            + WEIGHTS["sentence"] * self.sentence
            + WEIGHTS["pair"] * self.pair
            + WEIGHTS["above"] * self.above
            + WEIGHTS["title"] * self.title
            + WEIGHTS["signed"] * self.signed
            + WEIGHTS["unsaid"] * self.unsaid
        )

    def named(self) -> dict[str, float]:
        """Return the signs by their names."""
        return {name: getattr(self, name) for name in WEIGHTS}


def look(words: str, path: str, title: str, weights: Mapping[str, float], signs: Signs, issued: bool = False) -> Signs:
    """Return the signs of one chunk with those that its words give.

    Args:
        words: the chunk's text, folded.
        path: the headings above it, folded.
        title: title and issuer of its document, folded.
        weights: the rarity of each term of the question in the store.
        signs: BM25 over that of the best chunk, and the cosine where there is one.
        issued: whether the question is about the issuing of a document, see `asks_of_issue`.
    """
    total = sum(weights.values()) or 1.0
    held = {term: weight for term, weight in weights.items() if term in words}
    parts = [words[start:end] for start, end in parted(words, 0, len(words))] if held else []
    found = [frozenset([term for term in held if term in part]) for part in parts]
    single = max((_sum(terms, held) for terms in found), default=0.0)
    pair = max((_sum(first | second, held) for first, second in itertools.pairwise(found)), default=single)
    named = {term: weight for term, weight in weights.items() if term in title}
    above = sum(weight for term, weight in weights.items() if term not in held and (term in named or term in path))
    about = sum(named.values()) / total
    signed = about if issued and len(words) <= _SHORT and _SIGNATURE.search(words) else 0.0
    return Signs(signs.keyword, signs.dense, single / total, pair / total, above / total, about, signed)


def of_scores(keyword: float, dense: float) -> float:
    """Return the score of a chunk that nobody has looked at, as `Signs.score` has it."""
    return WEIGHTS["keyword"] * keyword + WEIGHTS["dense"] * dense


def lacking(looked: Iterable[Signs]) -> float:
    """Return how far the best chunk's share of the question's terms is below `ENOUGH`, 0 where it is not."""
    return max(0.0, ENOUGH - max((signs.pair + signs.above for signs in looked), default=ENOUGH))


def asks_of_issue(question: str) -> bool:
    """Return whether a folded question asks who issued a document, or when."""
    return bool(_ISSUED.search(question))


def _sum(terms: frozenset[str], weights: Mapping[str, float]) -> float:
    return sum(map(weights.__getitem__, terms))
