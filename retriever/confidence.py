"""How sure it is that a passage answers an ask: a logistic formula over named signs.

Its weights are fitted by `python -m eval.confidence` on cases that it makes by mismatching questions and documents,
never on a suite of gold cases: see docs/confidence.md for the cases, the curve and the thresholds.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from ingest.regex import regex
from retriever.aim import STRICT
from retriever.question import Ask, terms
from retriever.score import Candidate
from retriever.value import PATTERNS

NAMES = (
    "coverage",  # share of the question's words, weighted by rarity, in the sentence, over it or around it
    "inside",  # the same of the sentence alone
    "own",  # the same of the words of this part of the question, over it and around it included
    "absent",  # share of these words that stand nowhere in the document
    "unsaid",  # longest stretch of them of which nothing stands near, of six characters
    "typed",  # share of the kinds of value asked for that the sentence holds
    "lacking",  # it holds none of them
    "strict",  # ... and one was asked for that cannot be said otherwise: a date, a sum, a rate, a name
    "measured",  # a number stands before the very thing that is counted
    "bound",  # a value of the kind asked for stands near words of the question
    "place",  # it speaks of the place that is asked about
    "foreign",  # it speaks of another one
    "year",  # it speaks of the year that is asked about
    "rival",  # how much more of the question another passage of the document covers
    "margin",  # by how much its score is above that of the next passage of another matter
    "rank",  # of its chunk, as a share of the best chunk's score
)
_FILE = Path(__file__).with_name("confidence.json")
_NEAR = 24  # characters on either side of a value
_LOOKED_AT = 12
_LONG = 6
_HAN = regex(r"[\u3400-\u9fff]+")


def signs(ask: Ask, ranked: Sequence[Candidate]) -> list[float]:
    """Return the signs of the first of the candidates for an ask, in the order of `NAMES`, each from -1 to 1."""
    best, others = ranked[0], ranked[1:_LOOKED_AT]
    lacking = bool(ask.kinds) and best.typed <= 0
    apart = [other for other in others if other.passage.section != best.passage.section]
    rival = max((other.coverage for other in apart if other.source is best.source), default=0.0)
    return [
        best.coverage,
        best.inside,
        best.own,
        best.absent,
        _unsaid(ask, best),
        best.typed,
        float(lacking),
        float(lacking and bool(STRICT & set(ask.kinds))),
        best.measured,
        _bound(ask, best),
        max(0.0, best.place),
        float(best.place < 0 or best.elsewhere),
        best.year,
        max(0.0, rival - best.coverage),
        min(1.0, best.score - apart[0].score) if apart else 1.0,
        min(1.0, best.rank),
    ]


def confidence(ask: Ask, ranked: Sequence[Candidate]) -> float:
    """Return how sure it is that the first of the candidates answers the ask, 0 to 1."""
    bias, weights = _fitted()
    value = bias + sum(weights.get(name, 0.0) * sign for name, sign in zip(NAMES, signs(ask, ranked), strict=True))
    return 1 / (1 + math.exp(-value))


@functools.cache
def _fitted() -> tuple[float, Mapping[str, float]]:
    fitted = json.loads(_FILE.read_text(encoding="utf-8"))
    return fitted["bias"], fitted["weights"]


def _unsaid(ask: Ask, candidate: Candidate) -> float:
    """Return the longest stretch of an ask's words of which no two characters stand near a passage, 0 to 1."""
    source, passage = candidate.source, candidate.passage
    matter = source.matter(passage).of(source.folded)
    near = (passage.words, source.above(passage.section), matter, source.common, source.header(passage))
    wanted = {term for term in terms(ask.text) if len(term) == 2}
    longest = 0
    for run in _HAN.findall(ask.text):
        length = 0
        for at in range(len(run) - 1):
            pair = run[at : at + 2]
            length = 0 if pair not in wanted or any(pair in words for words in near) else length + 1
            longest = max(longest, length)
    return min(1.0, longest / _LONG)


def _bound(ask: Ask, candidate: Candidate) -> float:
    """Return the largest share of an ask's words in a passage that stand close to one value of a kind asked for."""
    words = candidate.passage.words
    wanted = [term for term in terms(ask.text) if len(term) > 1 and term in words]
    if not wanted or not ask.kinds:
        return 0.5
    near = [
        words[max(0, found.start() - _NEAR) : found.end() + _NEAR]
        for kind in ask.kinds
        for found in PATTERNS[kind].finditer(words)
    ]
    return max((sum(term in part for term in wanted) / len(wanted) for part in near), default=0.0)
