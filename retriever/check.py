"""Is each claim supported by what it cites? What is not does not reach the reader.

A claim is *stated* where each fact in it (number, date, body, code, status word, negation) is found, normalised, in a
span that it cites, and beside the same words there: 甲县5个 is not supported by 甲县12个、乙县5个. It is *derived*
where a named rule recomputes it from cited operands (`retriever.derivation`). Anything else fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.alias import SAME, likeness
from ingest.fold import fold
from ingest.regex import regex
from ingest.unit import duties
from retriever.claim import Citation, Claim
from retriever.comparison import Comparison
from retriever.statement import Token, facts, plain, tokens

_ROLES = {
    "lead": "牵头单位",
    "responsible": "责任单位",
    "partner": "配合单位",
    "supervisor": "督导单位",
    "target": "被督促对象",
}
_ROLE = regex("牵头|主办|配合|协办|责任|负责|督导|督办")
_MOST = 80  # facts of one claim that are looked up; what has more is a quote or is not said
_LABEL = 8  # tokens; the name of a field before its value (完成时限：…) has no more


def stands(citation: Citation, text: str) -> bool:
    """Return whether the quote stands in the document's `text` at its span."""
    return 0 <= citation.start < citation.end <= len(text) and text[citation.start : citation.end] == citation.quote


def supported(claim: Claim, citations: Sequence[Citation]) -> bool:
    """Return whether the claim is stated by what it cites, or derived from it."""
    return not faults(claim, citations)


def faults(claim: Claim, citations: Sequence[Citation]) -> tuple[str, ...]:
    """Return why a claim is not supported, each reason in Chinese with the piece it is about; none where it is.

    Args:
        claim: its words, what it cites and, where it is derived, by which rule.
        citations: those of the answer; a claim that cites none of them is unsupported.
    """
    cited = [citation for citation in citations if citation.n in claim.cites]
    if not cited:
        return ("没有引用原文",)
    words = plain(claim.text)
    readings = [[plain(_read(citation.quote, stop)) for citation in cited] for stop in ("", "；")]
    if any(_quotes(words, quote) for quotes in readings for quote in quotes):
        return ()
    allowed: tuple[Token, ...] = ()
    if claim.rule is not None:
        said = claim.rule.words(cited)
        if said is None:
            return (f"按规则“{claim.rule.name}”推不出",)
        if words == plain(said):
            return ()
        allowed = facts(tokens(plain(said)))
    for citation in cited:
        words = words.replace(f"《{plain(citation.title)}》", "")
    claimed = _unlabelled(tokens(words))
    if len(facts(claimed)) > _MOST:
        return (f"一句话里的数据超过 {_MOST} 项，无法逐项核对",)
    for quotes in readings[: 1 + (readings[0] != readings[1])]:
        found = Comparison(claimed, [tokens(quote) for quote in quotes], allowed).faults()
        if not found:
            break
    return found or _misattributed(claim.text, [citation.quote for citation in cited])


def _read(quote: str, stop: str) -> str:
    """Return a quote as its lines go on, or with a stop where each ends: they may be cells of a row."""
    return stop.join(quote.splitlines())


def _misattributed(words: str, quotes: Sequence[str]) -> tuple[str, ...]:
    """Return a fault for each body to which a claim gives a role that the quotes give it nowhere, but another."""
    claimed = duties(words) if _ROLE.search(plain(words)) else []
    if not claimed:
        return ()
    held = [duty for quote in quotes for duty in duties(quote)]
    found = []
    for duty in claimed:
        roles = {other.role for other in held if _means(duty.unit, other.unit)}
        if roles and duty.role not in roles and (duty.role, roles) != ("responsible", {"lead"}):
            found.append(f"“{duty.unit}”在原文中不是{_ROLES[duty.role]}")
    return tuple(found)


def _means(unit: str, other: str) -> bool:
    one, two = fold(unit), fold(other)
    return one == two or two.endswith(one) or likeness(one, two) >= SAME


def _quotes(words: str, quote: str) -> bool:
    """Return whether the words are whole clauses of a quote, one behind the other."""
    at = quote.find(words)
    while at >= 0:
        end = at + len(words)
        if (at == 0 or _stop(quote[at - 1]) or _stop(words[0])) and (
            end == len(quote) or _stop(quote[end]) or _stop(words[-1])
        ):
            return bool(words)
        at = quote.find(words, at + 1)
    return False


def _stop(char: str) -> bool:
    return not char.isalnum() and char not in "%‰.,"


def _unlabelled(claim: Sequence[Token]) -> list[Token]:
    """Return a claim in which the name of a field states nothing: 完成时限：2024年5月 says no word of completion."""
    found = list(claim)
    for colon, token in enumerate(found):
        if token.words not in ("：", ":") or token.kind != "stop":
            continue
        start = colon
        while start and found[start - 1].kind in ("char", "status"):
            start -= 1
        if colon - start <= _LABEL and (start == 0 or found[start - 1].kind == "stop"):
            found[start:colon] = [replace(part, kind="char") for part in found[start:colon]]
    return found
