"""How much a change brings: the mean difference over the same questions, with its 95% interval by the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLED = 2_000  # times; the interval is the middle 95 of 100
_SEED = 20_261_122


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean difference and the ends of its interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as a table shows it; 0 where no question differs."""
        if not any((self.mean, self.low, self.high)):
            return "0"
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def paired(found: Sequence[float] | NDArray[Any], base: Sequence[float] | NDArray[Any]) -> Interval:
    """Return by how much `found` differs from `base`, both `(n,)`, one value a question (Efron's bootstrap)."""
    differences = np.asarray(found, dtype=float) - np.asarray(base, dtype=float)
    if not len(differences):
        return Interval(0.0, 0.0, 0.0)
    draw = np.random.default_rng(_SEED)
    means = [draw.choice(differences, len(differences)).mean() for _ in range(RESAMPLED)]
    low, high = np.percentile(means, (2.5, 97.5))
    return Interval(float(differences.mean()), float(low), float(high))
