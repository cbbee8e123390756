"""Writes an answer with a language model, sentence by sentence, each checked before anyone sees it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.regex import regex
from prompts import render, version
from retriever import check
from retriever.answer import FIELD_NAMES, FIELDS, Answer
from retriever.claim import Citation, Claim
from retriever.generate.fidelity import strays
from retriever.generate.merge import merged
from retriever.generate.model import Exchange
from retriever.generate.reply import SCHEMA, Draft, drafts
from retriever.generate.sheet import Sheet, plain
from retriever.generate.trouble import Trouble
from retriever.question import Question

_QUESTION = 600  # characters of a question that are sent; its end says what is asked
_MOST = 8  # sentences of an answer
# What says only that something is written, which the citation shows.
_REPORTS = regex(
    "^(?:(?:根据|按照|依据)?(?:该|上述|有关|相关)?(?:文件|原文|通知|方案|报告|证据|材料)(?:中|里)?(?:明确)?(?:写明|载明|规定|显示|指出|记载|写道)?|其中|答|具体来说)[,，:：]"
)
_log = logging.getLogger(__name__)


@dataclass
class _Written:
    """What of a reply has passed so far."""

    claims: list[Claim] = field(default_factory=list)  # with the numbers of the sheet
    failed: list[tuple[Draft, str]] = field(default_factory=list)
    dropped: int = 0


class Writer:
    """Puts sentences of a model in the place of those that were picked, as far as they hold.

    What is in the place of what, `retriever.generate.merge` decides.
    """

    def __init__(self, exchange: Exchange) -> None:
        """Take what the question has to do with the model."""
        self._exchange = exchange

    def write(self, asked: Question, first: Answer, evidence: Sheet) -> Iterator[Answer]:
        """Yield the answer each time it has become a better one; the last one says how it came about, in `model`.

        Args:
            asked: the question understood.
            first: the answer in the words of the documents.
            evidence: what the model is given.
        """
        written, why, notice = _Written(), "", ""
        try:
            for _ in self._read(self._prompt("answer", asked, first, evidence), asked, evidence, written):
                yield merged(asked, first, evidence, written.claims)
            if written.failed:
                failed, written.failed = written.failed, []
                yield from (
                    merged(asked, first, evidence, written.claims)
                    for _ in self._read(self._mend(asked, evidence, failed), asked, evidence, written)
                )
                written.dropped = len(written.failed)
        except Trouble as trouble:
            why, notice = trouble.words, trouble.notice
            _log.warning("%s: %s", self._exchange.options.name, trouble.kind)
            written.dropped += len(written.failed)
        if not written.claims and not why:
            why = "模型的话没有通过核对" if written.dropped else "模型没有给出可核对的句子"
        last = merged(asked, first, evidence, written.claims)
        said = " ".join(filter(None, (last.notice, notice))) or None
        yield replace(
            last, notice=said, model=account(self._exchange, "answer", bool(written.claims), why, written.dropped)
        )

    def _read(self, words: Any, asked: Question, evidence: Sheet, written: _Written) -> Iterator[None]:
        """Read a reply, and yield whenever a sentence of it has passed."""
        with closing(self._exchange.stream(words, SCHEMA)) as pieces:
            for draft in drafts(pieces):
                if len(written.claims) >= (_MOST if evidence.head is None else 1) or len(written.failed) >= _MOST:
                    return
                if any(draft.text == claim.text for claim in written.claims):
                    continue
                claim, faults = checked(draft, evidence, asked)
                if claim is None:
                    written.failed.append((draft, "；".join(faults)))
                else:
                    written.claims.append(claim)
                    yield

    def _prompt(self, name: str, asked: Question, first: Answer, evidence: Sheet) -> Any:
        names = dict.fromkeys(FIELD_NAMES[FIELDS[ask.intent]] for ask in asked.asks if ask.intent in FIELDS)

        def words(shaped: bool) -> str:
            return render(
                name, form=_form(shaped), as_of=first.as_of.isoformat(), question=_question(asked),
                fields="、".join(names) or "所问内容", evidence=evidence.words,
            )  # fmt: skip

        return words

    def _mend(self, asked: Question, evidence: Sheet, failed: Sequence[tuple[Draft, str]]) -> Any:
        lines = "\n".join(
            f"- {plain(draft.text)[:200]}{''.join(f'[{n}]' for n in draft.cites[:8])}（原因：{why}）"
            for draft, why in failed
        )

        def words(shaped: bool) -> str:
            return render("again", form=_form(shaped), question=_question(asked), evidence=evidence.words, failed=lines)

        return words


def account(exchange: Exchange, prompt: str, written: bool, why: str = "", dropped: int = 0) -> dict[str, Any]:
    """Return what an answer says of the model's part in it, as `duban ask --json` prints it."""
    return {
        "name": exchange.options.name, "prompt": version(prompt), "outcome": "written" if written else "extractive",
        "reason": why or None, "dropped": dropped, "calls": exchange.calls,
        "tokens": {"sent": exchange.sent, "received": exchange.received}, "seconds": round(exchange.seconds, 2),
    }  # fmt: skip


def checked(draft: Draft, evidence: Sheet, asked: Question) -> tuple[Claim | None, list[str]]:
    """Return a sentence as a claim, None where it cannot be shown; and then why, each reason in words.

    The claim rests on the evidence that it names, and on a heading above it where it is not supported without.
    """
    numbers = {citation.n for citation in evidence.citations}
    unknown = [n for n in draft.cites if n not in numbers]
    if unknown:
        return None, [f"没有编号为 {unknown[0]} 的证据"]
    if not draft.cites:
        return None, ["没有写明依据的证据编号"]
    claim = Claim(_REPORTS.sub("", draft.text), draft.cites)
    cited = [citation for citation in evidence.citations if citation.n in draft.cites]
    around = [asked.topic, *FIELD_NAMES.values(), *(words for item in cited for words in (item.title, *item.path))]
    found = _faults(claim, cited, around)
    if evidence.head is not None:  # what was counted is phrased, never changed: the same values both ways
        said = replace(cited[0], quote=claim.text)
        if not check.supported(Claim(evidence.head, (said.n,)), [said]):
            found.append("台账的合计要照样写出")
    if not found:
        return claim, []
    for heading in (heading for item in cited for heading in evidence.over.get(item.n, ())):
        with_heading = replace(claim, cites=(*claim.cites, heading.n))
        if not _faults(with_heading, [*cited, heading], around):
            return with_heading, []
    return None, found


def _faults(claim: Claim, cited: Sequence[Citation], around: Sequence[str]) -> list[str]:
    return [*check.faults(claim, cited), *strays(claim.text, [citation.quote for citation in cited], around)]


def _question(asked: Question) -> str:
    return plain(f"{asked.context} {asked.text}"[-_QUESTION:])


def _form(shaped: bool) -> str:
    return render("form_tool" if shaped else "form_lines").strip()
