"""What an answer does not say: private values, and what speaks to a program, whoever wrote the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ingest.document import Span
from ingest.fold import fold
from ingest.regex import regex
from ingest.sentence import trim
from retriever import check
from retriever.answer import Answer
from retriever.claim import Citation, Claim
from retriever.instruction import addressed, unaddressed, visible
from retriever.private import cleaned, masked, private

_ASKED = regex(
    "电话|電話|手机|手機|邮箱|郵箱|信箱|地址|住址|住在|住哪|身份证|身分證|联系方式|聯繫方式|聯絡|号码|號碼|phone|e-?mail|address|identity",
    re.I,
)
# Somebody, as documents and questions call people whose name is nobody's business.
_SOMEBODY = regex(r"[\u4e00-\u9fff](?:某{1,2}|女士|先生|小姐|同志)")
_REFUSED = "原文此处是个人的联系方式、住址或证件号码，不予提供；单位对外公布的联系方式可以查询。"
_STOPS = "，。；;！？|\n"
_FEWEST = 6  # characters of a quote that is left


def discreet(answer: Answer, text_of: Callable[[str], str]) -> Answer:
    """Return the answer without private values: quotes end before them, or are not cited at all.

    A claim that then rests on nothing is dropped; where none is left, or one is asked for, the answer is a refusal.
    What a document says to a program stays inside quotes.

    Args:
        answer: what would be said.
        text_of: returns the text of a document by id; the stored text stays as it is.
    """
    answer = _unaddressed(answer)
    kept = {citation.n: _narrowed(citation, text_of) for citation in answer.citations}
    touched = {n for n, citation in kept.items() if citation is None or citation not in answer.citations}
    near = [_narrowed(citation, text_of) for citation in answer.nearest]
    tasks = tuple(cleaned(_task(row)) for row in answer.tasks)
    answer = replace(answer, tasks=tasks, nearest=tuple(citation for citation in near if citation is not None))
    answer = replace(answer, reason=masked(answer.reason))
    asked = bool(_ASKED.search(answer.question))
    someone = _SOMEBODY.search(fold(answer.question)) if asked else None
    other = someone is not None and not any(someone.group() in fold(c.quote) for c in answer.citations)
    if not touched and not (other and answer.claims) and not any(private(claim.text) for claim in answer.claims):
        return answer
    claims = [claim for claim in map(lambda claim: _rested(claim, answer.citations, kept), answer.claims) if claim]
    if asked or not claims:
        missing = tuple(dict.fromkeys((*answer.missing, "contact")))
        return replace(
            answer, claims=(), citations=(), nearest=(), grade="none", missing=missing, reason=_REFUSED, tasks=()
        )
    rested = {n for claim in claims for n in claim.cites}
    citations = tuple(citation for n in sorted(rested) if (citation := kept[n]) is not None)
    return replace(answer, claims=tuple(claims), citations=citations)


def _unaddressed(answer: Answer) -> Answer:
    """Return the answer with nothing outside its quotes that speaks to a program or that a reader would not see."""
    claims = tuple(replace(claim, text=unaddressed(claim.text)) for claim in answer.claims)
    return replace(
        answer,
        claims=tuple(claim for claim in claims if claim.text.strip()) or answer.claims,
        citations=tuple(_led(citation) for citation in answer.citations),
        nearest=tuple(_led(citation) for citation in answer.nearest),
        reason=unaddressed(answer.reason),
    )


def _led(citation: Citation) -> Citation:
    """Return a citation whose path holds no heading that speaks to a program."""
    path = _path(citation.path)
    return citation if path == citation.path else replace(citation, path=path)


def _path(titles: Iterable[str]) -> tuple[str, ...]:
    return tuple(visible(title) for title in titles if not addressed(title))


def _task(row: dict[str, Any]) -> dict[str, Any]:
    """Return a task whose title and path speak to no program; its quotes stay."""
    return {**row, "title": unaddressed(row["title"]), "path": list(_path(row["path"]))}


def _narrowed(citation: Citation, text_of: Callable[[str], str]) -> Citation | None:
    """Return the citation as it is, cut down to its longest stretch without private values, or None."""
    if not private(citation.quote):  # without the words before it more looks private
        return citation
    text = text_of(citation.doc)
    found = private(text, citation.start, citation.end)
    if not found:
        return citation
    spans = [trim(text, *edges) for edges in _between(text, citation, found)]
    best = max(spans, key=lambda span: span.end - span.start, default=Span(0, 0))
    if best.end - best.start < _FEWEST:
        return None
    return replace(citation, start=best.start, end=best.end, quote=best.of(text))


def _between(text: str, citation: Citation, found: Iterable[Span]) -> Iterable[tuple[int, int]]:
    """Yield the stretches of whole clauses before, between and behind the values."""
    at = citation.start
    for span in found:
        stop = max(text.rfind(char, at, span.start) for char in _STOPS)
        if stop >= at:
            yield at, stop + 1
        following = [place for char in _STOPS if (place := text.find(char, span.end, citation.end)) >= 0]
        at = min(following, default=citation.end - 1) + 1
    yield at, max(at, citation.end)


def _rested(claim: Claim, citations: Iterable[Citation], kept: dict[int, Citation | None]) -> Claim | None:
    """Return the claim as it rests on what is left of its citations, None where it does not."""
    before = {citation.n: citation for citation in citations}
    cites = tuple(n for n in claim.cites if kept.get(n) is not None)
    left = [citation for n in cites if (citation := kept[n]) is not None]
    if not left:
        return None
    text = claim.text
    for citation in left:
        whole = " ".join(before[citation.n].quote.split())
        text = text.replace(whole, " ".join(citation.quote.split()))
    claim = replace(claim, text=text, cites=cites)
    return claim if not private(text) and check.supported(claim, left) else None
