"""The uses of a language model in answering: it completes a follow-up, then it words what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ingest.corpus.tasks import Tasks
from ingest.fold import fold
from retriever.answer import Answer
from retriever.found import Found
from retriever.generate.completion import completed
from retriever.generate.model import Exchange, Model
from retriever.generate.sheet import sheet
from retriever.generate.trouble import Trouble
from retriever.generate.writer import Writer, account
from retriever.question import depends


def improved(
    model: Model, first: Found, question: str, history: Sequence[str], anew: Callable[[str], Found], tasks: Tasks
) -> Iterator[Answer]:
    """Yield the answer that was found, then each better one; the last one has `model`, what the model did to it.

    What was refused stays refused: a model is not asked to find what the documents do not state.

    Args:
        model: the language model.
        first: what was found without it.
        question: as it was typed.
        history: earlier questions, oldest first.
        anew: answers another question from the same documents.
        tasks: the ledgers that the user may read.
    """
    yield first.answer
    exchange, found = model.exchange(), first
    said, trouble = None, None
    if "followup" in model.options.uses and first.asked is not None and depends(question):
        earlier = _earlier(first, history)
        try:
            said = completed(exchange, question, earlier, _title(first)) if earlier else None
        except Trouble as failed:
            trouble = failed
        if said:
            other = anew(said)
            if not other.answer.abstained:
                found = _as_asked(other, question)
                yield found.answer
    if "answer" not in model.options.uses or trouble or found.answer.abstained or found.asked is None:
        last = _untouched(exchange, found.answer, trouble)
    else:
        evidence = sheet(found.answer, found.ranked, tasks, model.options.tokens)
        for last in Writer(exchange).write(found.asked, found.answer, evidence) if evidence.citations else ():
            if last.model is None:
                yield last
        if not evidence.citations:
            last = _untouched(exchange, found.answer, None)
    if said and found is not first:
        last = replace(last, model={**(last.model or {}), "question": said})
    yield last


def _earlier(found: Found, history: Sequence[str]) -> list[str]:
    """Return the earlier questions, and the words that the follow-up was read after where they are none of these."""
    context = found.asked.context if found.asked else ""
    said = fold("\n".join(history))
    return [*history, *(words for words in (context,) if words and words not in said)]


def _title(found: Found) -> str:
    """Return the title of the document that the conversation is about, as the user's own search gave it."""
    cited = (*found.answer.citations, *found.answer.nearest)
    doc = found.answer.state.doc
    return next((citation.title for citation in cited if citation.doc == doc), "")


def _as_asked(found: Found, question: str) -> Found:
    return replace(found, answer=replace(found.answer, question=question))


def _untouched(exchange: Exchange, answer: Answer, trouble: Trouble | None) -> Answer:
    """Return an answer that the model did not write, with the reason."""
    if trouble is not None:
        why, notice = trouble.words, trouble.notice
    else:
        why, notice = ("文件没有写明，没有请模型改写" if answer.abstained else "没有请模型改写"), ""
    said = " ".join(filter(None, (answer.notice, notice))) or None
    return replace(answer, notice=said, model=account(exchange, "answer", False, why))
