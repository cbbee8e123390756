"""The page docs/confidence.md: how often what is so sure is right, and what refusing below a bound costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bench.table import put, where
from eval.confidence.fit import Fit, Row, auc
from retriever.confidence import NAMES

_TENTHS = 10
_BAR = 20  # characters of a bar that stands for all
_BOUNDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_SORTS = ("stated", "field", "place", "year", "document")


def write(page: Path, rows: Sequence[Row], sure: NDArray[np.float64], made: Fit) -> None:
    """Renew the tables of the page.

    Args:
        page: docs/confidence.md.
        rows: the cases.
        sure: how sure each is, by a fit without its document.
        made: the fit of all of them.
    """
    put(page, f"{tables(rows, sure, made)}\n{where()}\n")


def tables(rows: Sequence[Row], sure: NDArray[np.float64], made: Fit) -> str:
    """Return the tables in Markdown."""
    left = np.array([not row.refused for row in rows])
    right = np.array([row.right for row in rows])
    parts = [_cases(rows, sure), _reliability(sure[left], right[left]), _bounds(rows, sure), _weights(made)]
    parts.insert(
        1, f"Area under the ROC curve, right against wrong, no rule against it: {auc(sure[left], right[left]):.3f}.\n"
    )
    return "\n".join(parts)


def _cases(rows: Sequence[Row], sure: NDArray[np.float64]) -> str:
    lines = [
        "| cases | number | refused by a rule | left | passage right | median confidence |",
        "|---|---|---|---|---|---|",
    ]
    for sort in _SORTS:
        here = [at for at, row in enumerate(rows) if row.case.sort == sort]
        left = [at for at in here if not rows[at].refused]
        right = sum(rows[at].right for at in left) / len(left) if left and sort == "stated" else None
        middle = f"{np.median(sure[left]):.2f}" if left else "-"
        shown = "-" if right is None else f"{right:.3f}"
        lines.append(f"| {sort} | {len(here)} | {1 - len(left) / len(here):.3f} | {len(left)} | {shown} | {middle} |")
    return "\n".join(lines) + "\n"


def _reliability(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> str:
    lines = ["| confidence | cases | mean | right | |", "|---|---|---|---|---|"]
    tenth = np.minimum((sure * _TENTHS).astype(int), _TENTHS - 1)
    for at in range(_TENTHS):
        here = tenth == at
        if not here.any():
            continue
        share = right[here].mean()
        bar = "█" * round(share * _BAR)
        edges = f"{at / _TENTHS:.1f}-{(at + 1) / _TENTHS:.1f}"
        lines.append(f"| {edges} | {here.sum()} | {sure[here].mean():.2f} | {share:.2f} | {bar} |")
    return "\n".join(lines) + "\n"


def _bounds(rows: Sequence[Row], sure: NDArray[np.float64]) -> str:
    refused = np.array([row.refused for row in rows])
    right = np.array([row.right for row in rows])
    without = np.array([not row.case.answerable for row in rows])
    lines = [
        "| refused | abstention precision | abstention recall | right answers lost |", "|---|---|---|---|",
        *(_line(words, no, right, without) for words, no in (
            ("by rules", refused),
            *((f"by rules or below {bound}", refused | (sure < bound)) for bound in _BOUNDS),
            *((f"below {bound} alone", sure < bound) for bound in (0.3, 0.5)),
        )),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _line(words: str, no: NDArray[np.bool_], right: NDArray[np.bool_], without: NDArray[np.bool_]) -> str:
    precision, recall = (no & without).sum() / max(1, no.sum()), (no & without).sum() / max(1, without.sum())
    return f"| {words} | {precision:.3f} | {recall:.3f} | {(no & right).sum() / max(1, right.sum()):.3f} |"


def _weights(made: Fit) -> str:
    lines = ["| sign | weight |", "|---|---|", f"| (bias) | {made.bias:.2f} |"]
    lines += [f"| {name} | {weight:.2f} |" for name, weight in zip(NAMES, made.weights, strict=True)]
    return "\n".join(lines) + "\n"
