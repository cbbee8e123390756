"""Whose duty is asked for: of a body that the document does not name, or names in another role (配合, not 牵头)."""

from __future__ import annotations

from ingest.alias import SAME, likeness
from ingest.body import bodies
from ingest.regex import regex
from retriever.passage import Source
from retriever.records import row_at
from retriever.score import Candidate

# What a body has to do is asked for: 教育局牵头的是哪项.
_HELD = regex("(?:来?(?:牵头|主办|主责|承办|负责|配合|协办|督办|督导)|(?:是|当|作为)?(?:牵头|责任|配合|主办)单位)的")
_WHAT = regex("哪[些几]|什么|[几多][项个件条少]")
_ROLES = (
    (regex("牵头|主办|主责|承办"), regex("牵头|主办|主责|承办|责任|负责")),
    (regex("配合|协办"), regex("配合|协办|协助|参与|责任")),
    (regex("督办|督导"), regex("督办|督导|督促|监督")),
)
_ROLE = regex("牵头|主办|主责|承办|责任|负责|配合|协办|协助|参与|督办|督导|督促|监督")
_READ = 200_000  # characters; in a longer document not all bodies are looked for
_LABELLED = regex(f"({_ROLE.pattern})(?:单位|部门|机关|主体)?[::]")


def not_its_duty(text: str, candidate: Candidate) -> str:
    """Return why a passage does not say what a body has to do, if that is asked for; "" where it may."""
    if _unheard(text, candidate) or _of_others(text, candidate):
        return "文件没有写到所问的单位"
    return "文件写的是这个单位的另一种职责" if _in_another_role(text, candidate) else ""


def _unheard(text: str, candidate: Candidate) -> bool:
    """Return whether the duties of a body are asked for of which the document says no word."""
    held = _HELD.search(text)
    if held is None:
        return False
    wanted = [span.of(text) for span in bodies(text) if span.end == held.start()]
    source = candidate.source
    if len(source.folded) > _READ:
        return False
    absent = [body for body in wanted if body[-3:] not in source.folded]
    return bool(absent) and any(not any(likeness(body, other) >= SAME for other in _known(source)) for body in absent)


def _of_others(text: str, candidate: Candidate) -> bool:
    """Return whether it is asked what a body leads or does (由甲局牵头的有哪些), and the passage speaks of others."""
    if not _WHAT.search(text):
        return False
    wanted = [span.of(text) for span in bodies(text) if _ROLE.match(text, span.end)]
    source, passage = candidate.source, candidate.passage
    around = f"{passage.words} {source.header(passage)} {source.above(passage.section)} {source.common}"
    if not wanted or any(body[-3:] in around for body in wanted):
        return False
    said = [span.of(around) for span in bodies(around)]
    return not any(likeness(body, other) >= SAME for body in wanted for other in said)


def _in_another_role(text: str, candidate: Candidate) -> bool:
    """Return whether the duties of a body in one role are asked for, and a passage names it in another one only.

    A role stands before the bodies that have it (配合单位:…) or over their column.
    """
    held = _HELD.search(text)
    role = next((said for asked, said in _ROLES if asked.search(held.group())), None) if held else None
    if held is None or role is None:
        return False
    wanted = [span.of(text)[-3:] for span in bodies(text) if span.end == held.start()]
    row = row_at(candidate.source, candidate.passage.start)
    if row is not None:
        fields = [(name, span.of(candidate.source.folded)) for name, span in row.fields]
    else:
        parts = _LABELLED.split(candidate.passage.words)
        fields = list(zip(parts[1::2], parts[2::2], strict=True))
    roles = [name for name, words in fields if _ROLE.search(name) and any(body in words for body in wanted)]
    return bool(roles) and not any(role.search(name) for name in roles)


def _known(source: Source) -> frozenset[str]:
    """Return the bodies that a document names."""
    known: frozenset[str] | None = source.kept.get("bodies")
    if known is None:
        known = source.kept["bodies"] = frozenset(span.of(source.folded) for span in bodies(source.folded))
    return known
