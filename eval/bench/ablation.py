"""What each part of the ranking brings: the same questions without it, with intervals paired over the questions.

Nothing is fitted again without the part. A sign is taken out of the sum over the hits that the whole ranking looked at;
what changes the search itself (columns of the keywords, the vectors) is searched again.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.bench.data import Data, paragraphs, reworded, statutes
from eval.bench.interval import Interval, paired
from eval.bench.swap import Swap, swapped
from eval.bench.synonym import Synonyms
from eval.suite import Suite
from retriever import Retriever, english, keywords
from retriever.cedict import packaged
from retriever.embedder import Embedder
from retriever.intake import intake
from retriever.question import parse
from retriever.rank import POOL, WEIGHTS
from retriever.search import Hit

# Questions in everyday words about the demo documents, in SQuAD form.
EVERYDAY = Path(__file__).resolve().parents[1] / "suites" / "demo" / "paraphrase.json"
_SEED = 20_261_122
Right = Callable[[Hit], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched, and which hits are right."""

    query: str
    right: Right


@dataclass(frozen=True, slots=True)
class Change:
    """What a variant finds first, and in the first five, with the differences to the whole and their intervals."""

    name: str
    first: float
    five: float
    first_difference: Interval
    five_difference: Interval


def measure(
    data: Path, suites: Sequence[Suite], embedder: Embedder, most: int | None = None, stard: Path | None = None
) -> Iterator[tuple[str, list[Change], int]]:
    """Yield each set with its changes and how many questions it has.

    The sets have a store of their own each; all their paragraphs lie in one store with the documents of each suite.

    Args:
        data: the folder of CMRC2018-dev and DRCD-dev.
        suites: with their documents.
        embedder: the one that makes the vectors.
        most: of each set so many questions, drawn by a seed, the same in both scripts; all by default.
        stard: `queries.json` of STARD: questions of laypeople about statutes; left out without it.
    """
    with tempfile.TemporaryDirectory(prefix="duban-ablation-") as name:
        folder = Path(name)
        sets = {path.stem: paragraphs(path, folder / path.stem) for path in sorted(data.glob("*_dev.json"))}
        for stem, made in sets.items():
            with _store(folder / f"{stem}.store", [made.folder / "documents"], embedder) as retriever:
                yield from _kinds(stem, made, retriever, most)
        folders = [made.folder / "documents" for made in sets.values()]
        every = f"among {sum(made.chunks for made in sets.values()):,} paragraphs"
        cedict, texts = packaged(), [path.read_text("utf-8") for each in folders for path in sorted(each.iterdir())]
        everyday = paragraphs(EVERYDAY, folder / EVERYDAY.stem)
        with _store(folder / "other.store", [*folders, everyday.folder / "documents"], embedder) as retriever:
            if cedict is not None:
                words = Synonyms(cedict, texts)
                for stem, made in sets.items():
                    yield from _kinds(f"{stem} in other words {every}", reworded(made, words), retriever, most)
            own = replace(everyday, questions=tuple(row for row in everyday.questions if row["kind"] == "own script"))
            yield from _kinds(f"demo in everyday words {every}", own, retriever, most)
        if stard is not None:
            made = statutes(stard, folder / "statutes")
            with _store(folder / "statutes.store", [made.folder / "documents"], embedder) as retriever:
                yield from _kinds(f"laypeople about {made.chunks:,} articles of statutes", made, retriever, most)
        for suite in suites:
            if suite.documents is None:
                continue
            with _store(folder / f"{suite.name}.store", [*folders, suite.documents], embedder) as retriever:
                asked = of_suite(suite, retriever)
                yield f"{suite.name} {every}", ablate(retriever, asked), len(asked)


def _kinds(name: str, made: Data, retriever: Retriever, most: int | None) -> Iterator[tuple[str, list[Change], int]]:
    """Yield the changes of each group of the questions of a set."""
    for kind in made.kinds:
        rows = [row for row in made.questions if row["kind"] == kind]
        rows = random.Random(_SEED).sample(rows, min(most or len(rows), len(rows)))
        asked = [Asked(row["question"], _named(made.folder.name, row.get("docs") or [row["doc"]])) for row in rows]
        # A paragraph has no headings, so the columns for them are empty.
        yield f"{name}, {kind}", ablate(retriever, asked, columns=False), len(asked)


@contextmanager
def _store(path: Path, folders: Sequence[Path], embedder: Embedder) -> Iterator[Retriever]:
    intake(path, folders, embedder)
    with Retriever.open(path, embedder) as retriever:
        yield retriever


def ablate(retriever: Retriever, asked: Sequence[Asked], *, columns: bool = True) -> list[Change]:
    """Return the whole ranking first, then each variant; that without `columns` of headings if it is asked for."""
    whole = [_look(retriever, item) for item in asked]
    ranks = {"all parts": [_rank(signs, right, WEIGHTS) for signs, right in whole]}
    for name in WEIGHTS:
        without = {**WEIGHTS, name: 0.0}
        if name == "dense":  # the cosine counts in both
            without["unsaid"] = 0.0
        ranks[f"without {name}"] = [_rank(signs, right, without) for signs, right in whole]
    ranks["BM25 alone"] = [_rank(signs, right, {"keyword": 1.0}) for signs, right in whole]
    both = {name: WEIGHTS[name] for name in ("keyword", "dense")}
    ranks["BM25 and dense alone"] = [_rank(signs, right, both) for signs, right in whole]
    ranks["dense alone, of what both found"] = [_rank(signs, right, {"dense": 1.0}) for signs, right in whole]
    if columns:
        with swapped((Swap(keywords, "COLUMNS", (1.0, 0.0, 0.0)),)):
            ranks["without the columns path and title"] = [_rank(*_look(retriever, item), WEIGHTS) for item in asked]
    base = np.array(ranks["all parts"])
    return [_change(name, np.array(values), base) for name, values in ranks.items()]


def of_suite(suite: Suite, retriever: Retriever) -> list[Asked]:
    """Return the answerable cases of a suite: a hit that overlaps a piece of evidence is right.

    A question is searched as for an answer: an English one in Chinese, a follow-up with what it leaves out.
    """
    ids = {Path(row.source).stem: row.doc for row in retriever.documents()}
    asked = []
    for case in suite.cases:
        if case.answerable:
            spans = []
            for item in case.evidence:
                at = retriever.document(ids[item.doc]).text.find(item.quote)
                spans.append((ids[item.doc], at, at + len(item.quote)))
            said = english.read(case.question, case.history, retriever.index, retriever.search)
            question = parse(said.question, said.history)
            asked.append(Asked(f"{question.topic} {question.formal}".strip(), _overlaps(spans)))
    return asked


def _named(name: str, files: Sequence[str]) -> Right:
    """Return whether a hit is of one of some documents of a set; sets have files of the same names."""
    places = [(name, "documents", file) for file in files]
    return lambda hit: Path(hit.source).parts[-3:] in places


def _overlaps(spans: Sequence[tuple[str, int, int]]) -> Right:
    return lambda hit: any(hit.doc == doc and hit.start < end and start < hit.end for doc, start, end in spans)


def _look(retriever: Retriever, item: Asked) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the signs of the hits, shape `(n, signs)` in the order of `WEIGHTS`, and which of them are right."""
    hits = retriever.search(item.query, k=POOL)
    signs = np.array([[hit.scores[name] for name in WEIGHTS] for hit in hits]).reshape(len(hits), len(WEIGHTS))
    return signs, np.array([item.right(hit) for hit in hits], dtype=bool)


def _rank(signs: NDArray[Any], right: NDArray[Any], weights: dict[str, float]) -> int:
    """Return the place of the first right hit, a large one where there is none; ties as the whole ranking has them."""
    scores = signs @ np.array([weights.get(name, 0.0) for name in WEIGHTS])
    places = np.flatnonzero(right[np.argsort(-scores, kind="stable")])
    return int(places[0]) + 1 if len(places) else 1_000


def _change(name: str, ranks: NDArray[Any], base: NDArray[Any]) -> Change:
    return Change(
        name, float((ranks <= 1).mean()), float((ranks <= 5).mean()), paired(ranks <= 1, base <= 1),
        paired(ranks <= 5, base <= 5),
    )  # fmt: skip


def lines(name: str, changes: Sequence[Change], questions: int) -> str:
    """Return the table of one set in Markdown."""
    rows = [
        f"| {change.name} | {change.first:.3f} | {change.first_difference} | {change.five:.3f} |"
        f" {change.five_difference} |"
        for change in changes
    ]
    head = "| | first | difference | first five | difference |\n| --- | --- | --- | --- | --- |\n"
    return f"### {name}, {questions:,} questions\n\n{head}" + "\n".join(rows) + "\n"
