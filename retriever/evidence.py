"""Which passages answer a question, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.document import Span
from retriever.passage import Passage, Source
from retriever.question import Ask, Question
from retriever.score import Candidate, Scorer
from retriever.search import Hit
from retriever.value import NUMERAL, PATTERNS

_CHUNKS = 10  # chunks whose sentences are candidates
_MOST = 3  # passages in an answer
_UNFOUND = 0.6  # the rank of a passage of the top document that the search did not bring
_DOCUMENT = 0.8  # what the share of the question's words in a document counts beside the rank of its best chunk
_SHARED = 0.85  # of the best score for an ask: such a candidate serves it along with another ask
_NEAR = 0.93  # of the best score: a second passage for the only ask is that close
_GAIN = 0.12  # of the question's terms: a second passage brings that many more


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages chosen, in the order of the asks, each with the asks that it serves.

    `nearest` are the best ones for the first ask, `confidence` is how sure it is that the question is answered (0 to
    1), `unmet` the asks for which no passage holds a value of the kind that is asked for.
    """

    chosen: tuple[tuple[Candidate, tuple[int, ...]], ...]
    nearest: tuple[Candidate, ...]
    confidence: float
    unmet: tuple[int, ...]


def gather(question: Question, hits: Sequence[Hit], source_of: Callable[[Hit], Source]) -> Evidence:
    """Choose the passages that answer `question` among the hits.

    Args:
        question: what is asked.
        hits: chunks, best first.
        source_of: returns the prepared document of a hit.
    """
    candidates = _candidates(question, hits[:_CHUNKS], source_of)
    if not candidates:
        return Evidence((), (), 0.0, tuple(range(len(question.asks))))
    best = [
        sorted(column, key=lambda candidate: (-candidate.score, candidate.passage.start))
        for column in zip(*candidates, strict=True)
    ]
    picked = _pick(question, best[0]) if len(best) == 1 else _share(best)
    chosen: dict[tuple[str, int], tuple[Candidate, list[int]]] = {}
    for at, candidate in picked:
        chosen.setdefault(_place(candidate), (candidate, []))[1].append(at)
    firsts = list(zip(question.asks, (ranked[0] for ranked in best), strict=True))
    return Evidence(
        tuple((candidate, tuple(asks)) for candidate, asks in list(chosen.values())[:_MOST]),
        tuple(best[0][:3]),
        sum(_confidence(ask, first) for ask, first in firsts) / len(firsts),
        tuple(at for at, (ask, first) in enumerate(firsts) if ask.kinds and not first.typed),
    )


def value_spans(ask: Ask, passage: Passage) -> list[Span]:
    """Return the spans of the values in a passage that are of a kind the ask wants."""
    patterns = [PATTERNS[kind] for kind in ask.kinds if kind not in ("list", "status", "number")]
    if ask.measure:
        counted = "|".join(re.escape(words) for words in (ask.measure[:2], ask.measure[0]))
        patterns.append(re.compile(rf"{NUMERAL}个?(?:{counted})"))
    return [
        Span(passage.start + found.start(), passage.start + found.end())
        for pattern in patterns
        for found in pattern.finditer(passage.words)
    ]


def _candidates(question: Question, hits: Sequence[Hit], source_of: Callable[[Hit], Source]) -> list[list[Candidate]]:
    """Return the passages of the hits and of the top document, each as a candidate for every ask."""
    if not hits:
        return []
    best = hits[0].score or 1.0
    sources = {hit.doc: source_of(hit) for hit in hits}
    # The document that has the question's words somewhere, a place or a body above all, if not in the same sentence.
    share = {doc: source.share(question.terms) for doc, source in sources.items()}
    top = max(hits, key=lambda hit: hit.score / best + _DOCUMENT * share[hit.doc]).doc
    pool: dict[tuple[str, int], tuple[Passage, float]] = {}
    for hit in hits:
        for passage in sources[hit.doc].passages(hit.start, hit.end):
            pool[hit.doc, passage.start] = (passage, hit.score / best)
    # Other words for a matter, or who issued a document and when, stand in chunks that the search did not bring.
    for passage in sources[top].whole():
        pool.setdefault((top, passage.start), (passage, _UNFOUND))
    scorers = {doc: Scorer(question, source, doc == top) for doc, source in sources.items()}
    return [
        scorers[doc].score(passage, rank)
        for (doc, _), (passage, rank) in pool.items()
        if not passage.heading and passage.end - passage.start > 4
    ]


def _share(best: list[list[Candidate]]) -> list[tuple[int, Candidate]]:
    """Return one candidate an ask, for several asks the same one where it answers each nearly as well as the best.

    The parts of a question are often answered by one sentence, which is then quoted once.
    """
    places = [{_place(candidate): candidate for candidate in ranked} for ranked in best]
    left = set(range(len(best)))
    picked: dict[int, Candidate] = {}
    while left:
        served = {
            key: [at for at in left if places[at][key].score >= _SHARED * best[at][0].score and places[at][key].typed]
            for key in {_place(ranked[0]) for ranked in best}
        }
        key = max(served, key=lambda key: (len(served[key]), sum(places[at][key].score for at in served[key])))
        if not served[key]:  # nothing holds what is asked: the nearest of each
            picked.update({at: best[at][0] for at in left})
            break
        picked.update({at: places[at][key] for at in served[key]})
        left -= set(served[key])
    return sorted(picked.items())


def _pick(question: Question, ranked: list[Candidate]) -> list[tuple[int, Candidate]]:
    """Return the best candidate for the only ask, and others that are close and add missing terms.

    Items of one list stand in lines of their own: where a list is asked for, the lines beside the best one that match
    as well belong to it.
    """
    first = ranked[0]
    source, sections = first.source, first.source.document.sections
    listed = "list" in question.asks[0].kinds
    missing = [term for term in question.terms if term not in first.passage.words]
    total = sum(source.weight(term) for term in question.terms) or 1.0
    picked = [first]
    for other in ranked[1:6]:
        if other.source is not source or other.score < _NEAR * first.score or other.typed < first.typed:
            continue
        gain = sum(source.weight(term) for term in missing if term in other.passage.words) / total
        here, there = sections[first.passage.section], sections[other.passage.section]
        beside = listed and there.kind == "item" and there.parent == here.parent and there is not here
        if beside or (len(picked) == 1 and gain > _GAIN):
            picked.append(other)
    if listed:
        picked.sort(key=lambda candidate: candidate.passage.start)
    return [(0, candidate) for candidate in picked]


def _confidence(ask: Ask, best: Candidate) -> float:
    """Return how sure it is that the best candidate answers the ask, 0 to 1."""
    value = 0.75 * best.coverage + 0.15 * best.inside + 0.1 * bool(best.typed)
    if best.clash:
        value = min(value, 0.1)
    return value if best.typed or not ask.kinds else 0.6 * value


def _place(candidate: Candidate) -> tuple[str, int]:
    return candidate.source.document.id, candidate.passage.start
