"""How sure it is that a passage answers an ask: a logistic formula over the signs of the best candidate.

Fitted by `eval/confidence.py` on cases that it makes from the demo documents: a field asked of an item that states it,
and the same with a field that the item does not state, another place, another year. Never on a suite of gold cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from retriever.question import Ask
from retriever.score import STRICT, Candidate

NAMES = (
    "coverage", "inside", "own", "head", "near", "absent", "typed", "untyped", "strictly_untyped", "measured", "place",
    "elsewhere", "other_year", "rank", "blank",
)  # fmt: skip
BIAS = 0.0
WEIGHTS: dict[str, float] = dict.fromkeys(NAMES, 1.0)

# From these on it is an answer, and the text closest to the question; below it is neither.
SURE = 0.5
NEAR = 0.2


def signs(ask: Ask, best: Candidate) -> list[float]:
    """Return the signs in the order of `NAMES`, each about -1 to 1."""
    untyped = bool(ask.kinds) and best.typed <= 0
    return [
        best.coverage, best.inside, best.own, best.head, best.near, best.absent, best.typed, untyped,
        untyped and bool(STRICT & set(ask.kinds)), best.measured, max(0.0, best.place), best.place < 0, best.year < 0,
        best.rank, best.blank,
    ]  # fmt: skip


def confidence(ask: Ask, best: Candidate) -> float:
    """Return how sure it is that the best candidate answers the ask, 0 to 1."""
    return _logistic(signs(ask, best))


def _logistic(values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * value for name, value in zip(NAMES, values, strict=True))))
