"""Series: documents of which a later one goes on with what an earlier one reported, or states it otherwise."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ingest.document import Span
from ingest.fold import fold
from ingest.regex import regex
from retriever.passage import Source
from retriever.question import Ask
from retriever.score import Candidate
from retriever.statement import Token, plain, tokens
from retriever.value import Kind

_ALIKE = 78  # of 100: titles of one series, without their years and numbers
_NUMBERS = regex(
    r"[\d〇○零一二三四五六七八九十]+[年月日次期批号]?|[()（）《》]|中期|终期|续报|首次|情况|报告|通报|总结"
)


def series(sources: Sequence[Source]) -> dict[str, int]:
    """Return, by id, 1 for the latest document of each series among `sources` and -1 for the earlier ones.

    A series has titles that differ in little but numbers, and last words of different days. Documents of none are left
    out.
    """
    ages: dict[str, int] = {}
    titles = {source.document.id: _NUMBERS.sub("", fold(source.title)) for source in sources}
    for one, other in itertools.combinations(sources, 2):
        if fuzz.ratio(titles[one.document.id], titles[other.document.id]) < _ALIKE:
            continue
        days = one.last_word, other.last_word
        if None in days or days[0] == days[1]:
            continue
        late, early = (one, other) if str(days[0]) > str(days[1]) else (other, one)
        ages.setdefault(late.document.id, 1)
        ages[early.document.id] = -1
    return ages


_KINDS: tuple[tuple[Kind, str], ...] = (
    ("number", "number"), ("money", "number"), ("percent", "number"), ("period", "number"), ("date", "date"),
    ("body", "body"),
)  # fmt: skip
_BESIDE = 10  # characters beside a value by which it is told of what it is
_ALIKE_BESIDE = 0.5  # of the pairs of characters beside two values are the same, so that they are of one thing
_AS_WELL = 0.8  # of what the better passage covers of the question
_LOOKED_AT = 20  # candidates among which the other document's is looked for


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two passages of which the later document states another value than the earlier; spans are in the documents."""

    later: Candidate
    earlier: Candidate
    later_value: Span
    earlier_value: Span


def contradiction(ask: Ask, chosen: Candidate, ranked: Sequence[Candidate]) -> Contradiction | None:
    """Return what another document states otherwise than the chosen passage, None where none does.

    Both have to state a value of the kind that is asked for beside the same words, and to be dated.

    Args:
        ask: the only ask of a question; one that names a year, or asks for a plan or an earlier state, compares itself.
        chosen: the passage that answers it.
        ranked: the candidates for it, best first.
    """
    kinds = {kind for wanted, kind in _KINDS if wanted in ask.kinds}
    if not kinds or ask.years or ask.aspect or chosen.passage.whole:
        return None
    mine = _stated(chosen, kinds)
    besides = [beside for _, span in mine if (beside := _beside(chosen, span))]
    for other in ranked[:_LOOKED_AT] if mine else ():
        if other.source is chosen.source or other.passage.whole:
            continue
        if not other.typed or other.clash or other.elsewhere or other.coverage < _AS_WELL * chosen.coverage:
            continue
        if not any(_may_stand(beside, other.passage.words) for beside in besides):
            continue  # spares it the reading of its values
        pair = _differing(chosen, mine, other, _stated(other, kinds))
        # The last words come last: to know them, all times of a document are read.
        day, there = (chosen.source.last_word, other.source.last_word) if pair else (None, None)
        if pair is None or day is None or there is None or there == day:
            continue
        if there > day:
            return Contradiction(other, chosen, pair[1], pair[0])
        return Contradiction(chosen, other, *pair)
    return None


def _differing(
    one: Candidate, ours: Sequence[tuple[Token, Span]], other: Candidate, theirs: Sequence[tuple[Token, Span]]
) -> tuple[Span, Span] | None:
    """Return the first values of two passages that are of one thing and differ, None where one states the other's."""
    pairs = [
        (mine, span, its, place)
        for mine, span in ours
        for its, place in theirs
        if mine.kind == its.kind and mine.unit == its.unit and _same_thing(one, span, other, place)
    ]
    if not pairs or any(mine.key == its.key for mine, _, its, _ in pairs):
        return None
    _, span, _, place = pairs[0]
    return span, place


def _stated(candidate: Candidate, kinds: set[str]) -> list[tuple[Token, Span]]:
    """Return the values of a passage that are of some kinds, with their places."""
    found, at = [], candidate.passage.start
    folded = candidate.source.folded
    for token in tokens(plain(candidate.passage.words)):
        place = folded.find(token.words, at, candidate.passage.end)
        if place < 0:
            continue  # blanks stand in it
        at = place + len(token.words)
        if token.kind in kinds:
            found.append((token, Span(place, at)))
    return found


def _may_stand(beside: frozenset[str], words: str) -> bool:
    """Return whether so many of the pairs beside a value stand in some words that one there may be of its thing."""
    return sum(pair in words for pair in beside) >= _ALIKE_BESIDE * len(beside)


def _same_thing(one: Candidate, span: Span, other: Candidate, place: Span) -> bool:
    mine, its = _beside(one, span), _beside(other, place)
    return bool(mine) and len(mine & its) >= _ALIKE_BESIDE * max(len(mine), len(its))


def _beside(candidate: Candidate, span: Span) -> frozenset[str]:
    """Return the pairs of characters beside a value, in its clause."""
    folded, passage = candidate.source.folded, candidate.passage
    before = re.split(r"[,。;:、\d]", folded[max(passage.start, span.start - _BESIDE) : span.start])[-1]
    after = re.split(r"[,。;:、\d]", folded[span.end : min(passage.end, span.end + _BESIDE // 2)])[0]
    return frozenset(words[at : at + 2] for words in (before, after) for at in range(len(words) - 1))
