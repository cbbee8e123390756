"""Logistic regression over the signs of made cases: fitted whole, and in folds by document for what is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.confidence.mismatch import Case

_RIDGE = 1.0  # on weights, not on the bias; signs are within -1 to 1
_STEPS = 30  # of Newton's method; it stands still after ten
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the signs of its best passage; `right`: it answers; `refused`: a rule speaks against it."""

    case: Case
    signs: tuple[float, ...]
    right: bool
    refused: bool

    def to_json(self) -> dict[str, Any]:
        """Return the row as it is kept."""
        return {**asdict(self.case), "signs": list(self.signs), "right": self.right, "refused": self.refused}


@dataclass(frozen=True, slots=True)
class Fit:
    """Bias and weights, in the order of the signs."""

    bias: float
    weights: tuple[float, ...]

    def of(self, signs: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        """Return how sure each row of signs is, `(n,)`, 0 to 1."""
        value = np.asarray(signs, dtype=np.float64) @ np.array(self.weights) + self.bias
        sure: NDArray[np.float64] = 1 / (1 + np.exp(-value))
        return sure


def fit(rows: Sequence[Row]) -> Fit:
    """Fit on the rows against whose passage no rule speaks: of these alone it is asked how sure they are.

    Newton's method on the likelihood with a ridge (Hastie, Tibshirani, Friedman, The Elements of Statistical Learning,
    4.4.1). Answerable and unanswerable cases weigh the same in sum.
    """
    used = [row for row in rows if not row.refused]
    right = np.array([row.right for row in used], dtype=np.float64)
    values = np.column_stack((np.ones(len(used)), np.array([row.signs for row in used])))
    share = np.where(right > 0, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    ridge = np.diag([0.0, *[_RIDGE] * (values.shape[1] - 1)])
    weights = np.zeros(values.shape[1])
    for _ in range(_STEPS):
        sure = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (share * (right - sure)) - ridge @ weights
        curve = (values * (share * sure * (1 - sure))[:, None]).T @ values + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return Fit(float(weights[0]), tuple(float(weight) for weight in weights[1:]))


def held_out(rows: Sequence[Row]) -> NDArray[np.float64]:
    """Return how sure each row is by a fit that saw no case of its document, `(n,)`."""
    names = sorted({row.case.document for row in rows})
    fold = {name: at % _FOLDS for at, name in enumerate(names)}
    sure = np.zeros(len(rows))
    for number in range(_FOLDS):
        made = fit([row for row in rows if fold[row.case.document] != number])
        here = [at for at, row in enumerate(rows) if fold[row.case.document] == number]
        sure[here] = made.of([rows[at].signs for at in here])
    return sure


def auc(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: how often a right one is surer than a wrong one, ties half."""
    order = np.concatenate((sure[right], sure[~right]))
    ranks = np.empty(len(order))
    _, inverse, counts = np.unique(order, return_inverse=True, return_counts=True)
    upto = np.cumsum(counts)
    ranks = (upto - (counts - 1) / 2)[inverse]
    yes, no = int(right.sum()), int((~right).sum())
    return float((ranks[:yes].sum() - yes * (yes + 1) / 2) / (yes * no)) if yes and no else float("nan")
