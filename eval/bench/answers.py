"""What each part of the answer brings: a suite asked without it, with intervals paired over its questions.

Nothing is fitted again without the part. Each part is left out in a store that is opened anew, so that nothing that was
derived with it is left; what the search finds for the same words is asked for once, as no part of it is left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bench.interval import Interval, paired
from eval.bench.omission import OMISSIONS, Omission
from eval.bench.swap import Swap, swapped
from eval.metrics import Figures, Score, figures
from eval.run import run
from eval.suite import Suite
from ingest.corpus import Corpus
from retriever import Retriever
from retriever import retriever as desk
from retriever.embedder import Embedder
from retriever.index import Index
from retriever.intake import intake
from retriever.search import Hit, search


@dataclass(frozen=True, slots=True)
class Change:
    """The figures without a part, with the differences of `right` and of abstention recall to the whole."""

    name: str
    figures: Figures
    right: Interval
    refused: Interval


def measure(suite: Suite, embedder: Embedder, omissions: Sequence[Omission] = OMISSIONS) -> Iterator[Change]:
    """Yield the figures of a suite with all parts, then without each.

    Args:
        suite: with its documents.
        embedder: the one that makes the vectors.
        omissions: the parts.
    """
    whole = Omission("all parts", "", ())
    base: list[Score] = []
    once = _once(search)
    with tempfile.TemporaryDirectory(prefix="duban-answers-") as name:
        store = Path(name) / "store"
        intake(store, [path for path in (suite.documents,) if path], embedder)
        for omission in (whole, *omissions):
            with swapped((once, *omission.swaps)), Retriever.open(store, embedder) as retriever:
                found = [result.score for result in run(suite, retriever, "").results]
            base = base or found
            yield _change(omission.name, found, base)


def _once(find: Callable[..., list[Hit]]) -> Swap:
    """Return the search with a memory: the words and how many are wanted say what is found."""
    kept: dict[tuple[str, int], list[Hit]] = {}

    def remembered(corpus: Corpus, index: Index, query: str, k: int, *rest: Any) -> list[Hit]:
        if (query, k) not in kept:
            kept[query, k] = find(corpus, index, query, k, *rest)
        return kept[query, k]

    return Swap(desk, "search", remembered)


def _change(name: str, found: Sequence[Score], base: Sequence[Score]) -> Change:
    pairs = list(zip(found, base, strict=True))
    right = [(one.right, other.right) for one, other in pairs if one.answerable]
    refused = [(one.abstained, other.abstained) for one, other in pairs if not one.answerable]
    return Change(name, figures(found), _paired(right), _paired(refused))


def _paired(pairs: Sequence[tuple[bool, bool]]) -> Interval:
    return paired([one for one, _ in pairs], [other for _, other in pairs])


def legend(omissions: Sequence[Omission] = OMISSIONS) -> str:
    """Return the table of what the parts are, in Markdown."""
    rows = [f"| {omission.name} | {omission.what} |" for omission in omissions]
    return "| part | what it is |\n| --- | --- |\n" + "\n".join(rows) + "\n"


def lines(suite: Suite, changes: Sequence[Change]) -> str:
    """Return the table of one suite in Markdown."""
    head = (
        "| without | right | difference | facts | citations P | R | abstentions P | R | its difference | characters |\n"
        f"|{' --- |' * 10}\n"
    )
    answerable = sum(case.answerable for case in suite.cases)
    title = f"### {suite.name}, {answerable} answerable and {len(suite.cases) - answerable} unanswerable questions\n\n"
    return title + head + "\n".join(map(_line, changes)) + "\n"


def _line(change: Change) -> str:
    found = change.figures
    shares = [
        found.fact_recall, found.citation_precision, found.citation_recall, found.abstention_precision,
        found.abstention_recall,
    ]  # fmt: skip
    cells = [
        change.name, _share(found.right), change.right, *map(_share, shares), change.refused,
        "-" if found.length_median is None else f"{found.length_median:.0f}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
