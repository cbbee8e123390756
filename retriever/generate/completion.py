"""Completes a follow-up: a model says what the question leaves out, in words that were said before."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.fold import fold
from ingest.regex import regex
from prompts import render
from retriever.generate.fidelity import strays
from retriever.generate.model import Exchange
from retriever.generate.sheet import plain

_BUDGET = 1_000  # characters of earlier questions
_LONGEST = 200  # of a completed question
_ASKING = (  # words that a question may have, whoever said them
    "谁、由谁、哪些、哪个、哪家、哪几、哪天、哪年、什么、什么时候、何时、多久、多少、几个、几项、怎么、怎么样、如何、为什么、有没有、完成了吗、了吗、是什么、是谁、"
    "牵头、负责、配合、责任、单位、部门、期限、时限、进展、进度、情况、措施、依据、多长时间、期间、完成、截至、目前"
)
_NUMBER = regex(r"\d+")
_SAID = regex(r"^(?:完整的?问题|问题|追问)[:：]|^[“\"「]|[”\"」]$")


def completed(exchange: Exchange, question: str, history: Sequence[str], title: str = "") -> str | None:
    """Return the question with what it leaves out, None where the model added something else or nothing.

    Args:
        exchange: what the question has to do with the model.
        question: what was asked.
        history: earlier questions, oldest first; the oldest are left out where there is much of it.
        title: of the document that the last answer came from, where the user may still read it.

    Raises:
        Trouble: the call came to nothing.
    """
    kept: list[str] = []
    for earlier in reversed(history):
        if sum(map(len, kept)) + len(earlier) > _BUDGET and kept:
            break
        kept.insert(0, plain(earlier)[:_BUDGET])
    words = render(
        "followup", history="\n".join(kept), title=f"《{plain(title)}》" if title else "", question=plain(question)
    )
    lines = [line for line in exchange.whole(words).rpartition("</think>")[2].strip().splitlines() if line.strip()]
    if len(lines) != 1:
        return None
    said = _SAID.sub("", _SAID.sub("", lines[0].strip())).strip()
    before = [*kept, title, question]
    numbers = {number for earlier in before for number in _NUMBER.findall(fold(earlier))}
    same = fold(said) == fold(question)
    if not said or same or len(said) > _LONGEST or not set(_NUMBER.findall(fold(said))) <= numbers:
        return None
    return None if strays(said, before, [_ASKING]) else said
