"""Puts the sentences of a model in the place of those that were picked; what these had to say is not lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.fold import fold
from ingest.regex import regex
from retriever.answer import Answer
from retriever.claim import Citation, Claim
from retriever.generate.fidelity import share
from retriever.generate.sheet import Sheet
from retriever.question import Ask, Question
from retriever.value import PATTERNS, Kind, values

_STATED = 0.9  # share of a claim's words that stand in its quotes: it says them again
# Kinds of which a value can be told from the words about it.
_VALUES: frozenset[Kind] = frozenset(
    {"date", "period", "frequency", "number", "percent", "money", "body", "docno", "contact", "basis"}
)


def merged(asked: Question, first: Answer, evidence: Sheet, written: Sequence[Claim]) -> Answer:
    """Return the answer with the written sentences in the place of the picked ones.

    A sentence takes the place of the picked ones whose evidence it rests on; of all of them, once the sentences hold a
    value for each thing that was asked. A picked one stays where it derives something (a verdict, a count), and all of
    them where the sentences leave out a value that was asked for: what was there without a model is there with one.
    """
    if not written:
        return first
    if evidence.head is not None:
        return replace(first, claims=(replace(first.claims[0], text=written[0].text), *first.claims[1:]))
    headings = (heading for over in evidence.over.values() for heading in over)
    given = {citation.n: citation for citation in (*evidence.citations, *headings)}
    cited = [given[n] for claim in written for n in claim.cites]
    own = _words(written)
    whole = _answered(asked, own)
    stays = [claim for claim in first.claims if claim.rule or not (whole or _stood_for(claim, first, cited))]
    gone = _words([claim for claim in first.claims if claim not in stays])
    if any(_lost(ask, asked, gone, own + _words(stays)) for ask in asked.asks):
        stays = list(first.claims)
    held = {citation.n: citation for citation in first.citations}
    numbered: dict[tuple[str, int, int], Citation] = {}
    claims = []
    for claim, of in (*((claim, given) for claim in written), *((claim, held) for claim in stays)):
        cites = []
        for found in (of[n] for n in claim.cites):
            place = (found.doc, found.start, found.end)
            cites.append(numbered.setdefault(place, replace(found, n=len(numbered) + 1)).n)
        claims.append(replace(claim, cites=tuple(dict.fromkeys(cites))))
    return replace(first, claims=tuple(claims), citations=tuple(numbered.values()))


def _words(claims: Sequence[Claim]) -> str:
    return fold("\n".join(claim.text for claim in claims))


def _stood_for(claim: Claim, first: Answer, cited: Sequence[Citation]) -> bool:
    """Return whether a picked claim says again what its quotes say, and one of them is among those cited."""
    own = [citation for citation in first.citations if citation.n in claim.cites]
    places = {(citation.doc, citation.start) for citation in cited}
    return share(claim.text, [c.quote for c in own]) >= _STATED and any((c.doc, c.start) in places for c in own)


def _answered(asked: Question, words: str) -> bool:
    """Return whether folded words hold a value for each thing that is asked, as far as that can be told."""
    topic = fold(asked.topic)
    for ask in asked.asks:
        kinds = _VALUES & set(ask.kinds)
        if not kinds or "list" in ask.kinds:
            return False
        if any(len(_held(kind, words, values(kind, topic))) < _wanted(kind, asked) for kind in kinds):
            return False
    return True


def _lost(ask: Ask, asked: Question, gone: str, words: str) -> bool:
    """Return whether fewer values of a kind that is asked for are left than the asks of that kind want.

    Of a list, whether one of its members is missing.
    """
    topic = fold(asked.topic)
    for kind in _VALUES & set(ask.kinds):
        had, has = (len(_held(kind, text, values(kind, topic))) for text in (gone, words))
        if has < min(had, _wanted(kind, asked)):
            return True
    return "list" in ask.kinds and any(member not in words for member in _members(gone))


def _held(kind: Kind, words: str, known: frozenset[str]) -> set[str]:
    return {found.group().strip() for found in PATTERNS[kind].finditer(words)} - known


def _wanted(kind: Kind, asked: Question) -> int:
    return sum(kind in ask.kinds for ask in asked.asks)


_RUN = regex(r"[^、,;:。\s()]{1,24}(?:、[^、,;:。\s()]{1,24}){2,}")


def _members(words: str) -> list[str]:
    """Return the members of the enumerations of three or more; of the first and the last what is surely theirs."""
    found = []
    for run in _RUN.findall(words):
        first, *middle, last = run.split("、")
        found += [*middle, first[-2:], last[:2]]
    return found
