"""The parts of an answer, each with what takes its place where it is left out: see docs/answers.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from eval.bench.swap import Swap
from ingest.document import Span
from retriever import answer, due, english, evidence, objection, question, score, selection
from retriever import retriever as desk
from retriever.passage import Passage, Source
from retriever.question import Question


@dataclass(frozen=True, slots=True)
class Omission:
    """A part that can be left out: its name, what it is, and what stands in its place."""

    name: str
    what: str
    swaps: tuple[Swap, ...]


def _always(value: Any) -> Callable[..., Any]:
    """Return a function that gives `value`, whatever it is asked."""
    return lambda *_, **__: value


def _parsed(change: Callable[[Question], Question]) -> Swap:
    """Return a question otherwise understood."""
    return Swap(desk, "parse", lambda *said: change(question.parse(*said)))


def _kindless(asked: Question) -> Question:
    return replace(asked, asks=tuple(replace(ask, kinds=(), measure="") for ask in asked.asks))


def _undivided(asked: Question) -> Question:
    """Return a question with one ask, of all words and kinds."""
    own = asked.topic.removeprefix(asked.context).strip() or asked.topic
    kinds = tuple(dict.fromkeys(kind for ask in asked.asks for kind in ask.kinds))
    return replace(asked, asks=(replace(asked.asks[0], text=own, kinds=kinds),))


def _alone(passage: Passage) -> Span:
    return Span(passage.start, passage.end)


_PARTICULARS = ("otherwise", "unmeasured", "unnamed", "unrealised", "unspent", "untimely")
_BOUND = (Swap(answer, "SURE", 0.0),)
_APART = (Swap(evidence, "outdone", _always(None)),)
_AGAINST = (Swap(evidence, "objection", _always(None)),)
_UNSAID = (Swap(evidence, "unmentioned", _always(None)),)

OMISSIONS: tuple[Omission, ...] = (
    Omission("kind of value", "what would answer: a date, a body, a sum (`question`, `value`)", (_parsed(_kindless),)),
    Omission(
        "kind of value in the order",
        "it counts in the order of the sentences (`score`); objections still ask for it",
        tuple(Swap(score, name, 0.0) for name in ("_TYPED", "_UNTYPED", "_STRICTLY_UNTYPED", "_MEASURED")),
    ),
    Omission(
        "rarity",
        "a term weighs by how rare it is inside its document (`Source.weight`)",
        (Swap(Source, "weight", _always(1.0)),),
    ),
    Omission("asks", "a question is split into what it asks for (`question`)", (_parsed(_undivided),)),
    Omission(
        "whole document",
        "all sentences of the likeliest document are weighed, not of the chunks alone",
        (Swap(Source, "whole", _always([])),),
    ),
    Omission(
        "headings", "the headings over a sentence count for it (`Source.above`)", (Swap(Source, "above", _always("")),)
    ),
    Omission(
        "beside",
        "the item or the sentences around a sentence count for it (`Source.matter`)",
        (Swap(Source, "matter", lambda _, passage: _alone(passage)),),
    ),
    Omission("fields", "lines that name their value, 督导单位：… (`field`)", (Swap(score, "fits", _always(0)),)),
    Omission(
        "rows",
        "rows of tables with the names of their columns (`records.row_at`, `Source.row`)",
        (
            Swap(score, "row_at", _always(None)),
            Swap(answer, "row_at", _always(None)),
            Swap(Source, "row", _always(None)),
            Swap(Source, "header", _always("")),
        ),
    ),
    Omission(
        "governing line", "who says 我局 is cited with it (`answer`)", (Swap(answer, "_governing", _always(None)),)
    ),
    Omission(
        "list below",
        "what announces a list is quoted with it (`Source.with_items`)",
        (Swap(Source, "with_items", lambda _, passage: passage),),
    ),
    Omission("second sentence", "one that adds what the best lacks (`evidence`)", (Swap(evidence, "_GAIN", 2.0),)),
    Omission(
        "cut",
        "a long sentence is cut at its clauses (`Source.cut`)",
        (Swap(Source, "cut", lambda _, passage, *__: _alone(passage)),),
    ),
    Omission(
        "places and years",
        "a passage of another place or year than asked (`scope`, `Source.years`)",
        (Swap(evidence, "places", _always(())), Swap(Source, "years", _always(frozenset()))),
    ),
    Omission("ledger", "counts and lists over all tasks (`tally`)", (Swap(desk, "concerns", _always(False)),)),
    Omission(
        "records",
        "rows and items chosen by a field (`selection`, `records`)",
        (Swap(evidence, "selection", _always(None)),),
    ),
    Omission("roll", "the items under a heading (`roll`)", (Swap(evidence, "roll", _always(None)),)),
    Omission(
        "limit",
        "rows and items chosen by a value that is compared (`limit`)",
        (Swap(answer, "limited", _always(None)),),
    ),
    Omission(
        "calculation",
        "what figures give that no sentence states (`calculation`)",
        (Swap(answer, "calculated", _always(None)),),
    ),
    Omission("lateness", "whether something is overdue on a day (`due`)", (Swap(due, "due", _always(None)),)),
    Omission(
        "imprint", "a document's own number, day and issuer (`imprint`)", (Swap(evidence, "imprint", _always(None)),)
    ),
    Omission(
        "series",
        "the later of two documents on one matter comes first (`series`)",
        (Swap(evidence, "series", _always({})),),
    ),
    Omission(
        "disagreement",
        "two documents that state otherwise are both shown (`series`)",
        (Swap(answer, "contradiction", _always(None)),),
    ),
    Omission(
        "wording",
        "what documents call spoken things, and Cantonese (`wording`)",
        (Swap(question, "formal", _always("")), Swap(question, "written", lambda words: words)),
    ),
    Omission(
        "aliases",
        "bodies by short and former names, outside the ledger (`ingest.alias`)",
        tuple(Swap(room, "likeness", lambda one, other: 100.0 * (one == other)) for room in (objection, selection)),
    ),
    Omission(
        "English", "English questions are read by dictionaries (`english`)", (Swap(english, "english", _always(False)),)
    ),
    Omission(
        "history",
        "what a follow-up leaves out (`dialogue`, `question`)",
        (Swap(desk, "parse", lambda words, *_: question.parse(words)),),
    ),
    Omission(
        "document gone on with",
        "a follow-up stays in the document of the last answer (`State.doc`)",
        (Swap(desk, "parse", lambda words, history=(), *_: question.parse(words, history)),),
    ),
    Omission(
        "number of a row", "第二个呢 means a row of the last list (`dialogue`)", (Swap(desk, "nth", _always(None)),)
    ),
    Omission("objections", "all rules against a passage (`objection`, `detail`)", (*_AGAINST, *_APART, *_UNSAID)),
    Omission(
        "objections: particulars",
        "names, units, sums, quarters that are others or not stated (`detail`)",
        tuple(Swap(objection, name, _always(False)) for name in _PARTICULARS),
    ),
    Omission("objections: another passage", "another passage is the one about the matter (`outdone`)", _APART),
    Omission("objections: no word of it", "nothing of the matter is said (`unmentioned`)", _UNSAID),
    Omission("bound on coverage", "`SURE` in `retriever/answer.py`", _BOUND),
    Omission("all refusals", "objections and the bound", (*_AGAINST, *_APART, *_UNSAID, *_BOUND)),
)
