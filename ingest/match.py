"""The same matter in several documents (plan, mid-term, final): linked by title, bodies and number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.corpus.tasks import TaskRow, Tasks
from ingest.fold import fold
from ingest.regex import regex
from ingest.twin import alike, words

# Share of the shorter title's character pairs that both have. In the demo documents the same matters of plan and report
# share .60 to 1, the likest of different matters .50.
SAME = 0.6
_NUMBER, _BODY = 0.1, 0.15  # what the same number and a body in common add
_PLACE = regex(r"([\u4e00-\u9fff]{2,3}?)(省|市|县|区|旗|自治州|自治县)")
_NO_PLACE = regex(r"中共|中国共产党|关于|各|全|本|该")


def with_same(tasks: Tasks, rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Return the rows, each with what other documents say of its matter, oldest first, and where they contradict it."""
    done = []
    for row in rows:
        found = same(tasks, row)
        history = [item for item in (row, *(other for other, _ in found)) if item.kind == row.kind]
        history.sort(key=lambda item: (_day(item), item.source))
        shown = tuple(
            _shown(other, score) for other, score in sorted(found, key=lambda pair: (_day(pair[0]), pair[0].source))
        )
        done.append(replace(row, same=shown, contradictions=tuple(contradictions(history))))
    return done


def same(tasks: Tasks, row: TaskRow) -> list[tuple[TaskRow, float]]:
    """Return for each other document and kind the task that is most likely the same matter, with its likeness."""
    best: dict[tuple[str, str], tuple[TaskRow, float]] = {}
    for other in tasks.by_key(tasks.alike(row.key), row.as_of):
        score = likeness(row, other)
        if score >= SAME and score > best.get((other.doc, other.kind), (other, 0.0))[1]:
            best[other.doc, other.kind] = (other, score)
    return list(best.values())


def likeness(one: TaskRow, other: TaskRow) -> float:
    """Return how likely two tasks of different documents are one matter, 0 to 1; 0 where their places differ."""
    if _apart(_places(one.title), _places(other.title)):
        return 0.0
    homes = [_places(f"{row.issuer or ''} {row.doc_title}") for row in (one, other)]
    if _apart(*homes):
        return 0.0
    titles = max(alike(mine, theirs) for mine in _titles(one) for theirs in _titles(other))
    bodies = _bodies(one) & _bodies(other)
    if not (homes[0] & homes[1] or bodies):
        # Nothing says that both are about one place: titles like 加强组织领导 stand in any document.
        return 0.0
    more = (_BODY if bodies else 0) + (_NUMBER if one.no and one.no == other.no else 0)
    return min(1.0, titles + more) if titles else 0.0


def contradictions(history: Sequence[TaskRow]) -> Iterator[dict[str, Any]]:
    """Yield what the documents of a matter state differently, with both places: lead, deadline, a status gone back.

    Args:
        history: the matter in each document, oldest first.
    """
    for earlier, later in itertools.pairwise(history):
        if earlier.status == "closed" and later.status in ("in_progress", "planned", "blocked"):
            yield {"field": "status", "values": [_status(earlier), _status(later)]}
        days = [
            [item for item in row.fields["deadlines"] if item["kind"] == "by" and item.get("end_date")]
            for row in (earlier, later)
        ]
        if all(days) and not {item["end_date"] for item in days[0]} & {item["end_date"] for item in days[1]}:
            yield {
                "field": "deadline",
                "values": [_value(earlier, days[0][0], "text"), _value(later, days[1][0], "text")],
            }
        leads = [[item for item in row.fields["duties"] if item["role"] == "lead"] for row in (earlier, later)]
        if all(leads) and not any(_one_body(a["unit"], b["unit"]) for a in leads[0] for b in leads[1]):
            yield {
                "field": "lead",
                "values": [_value(earlier, leads[0][0], "unit"), _value(later, leads[1][0], "unit")],
            }


def _titles(row: TaskRow) -> list[frozenset[str]]:
    return [words(title) for title in (row.title, *(also["title"] for also in row.fields["also"]))]


def _bodies(row: TaskRow) -> set[str]:
    return {fold(duty["unit"]) for duty in row.fields["duties"]}


def _one_body(one: str, other: str) -> bool:
    """Return whether two names may be one body: one is the other with its place before it."""
    return fold(one).endswith(fold(other)) or fold(other).endswith(fold(one))


def _places(words_: str) -> set[str]:
    return {found.group() for found in _PLACE.finditer(_NO_PLACE.sub(" ", fold(words_)))}


def _apart(one: set[str], other: set[str]) -> bool:
    return bool(one and other and not one & other)


def _day(row: TaskRow) -> str:
    return row.date or row.last_word or ""


def _shown(row: TaskRow, score: float) -> dict[str, Any]:
    return {
        "id": row.id, "doc": row.doc, "doc_title": row.doc_title, "source": row.source, "date": row.date,
        "kind": row.kind, "no": row.no,
        "title": row.title, "status": row.fields["status"], "last_word": row.last_word, "due": row.last_due,
        "start": row.start, "end": row.end, "quote": row.quote, "score": round(score, 2),
    }  # fmt: skip


def _status(row: TaskRow) -> dict[str, Any]:
    stated = row.fields["status"]
    start, end = stated["start"], stated["end"]
    if start is None:
        start, end = row.start, row.end
    quote = row.quote[start - row.start : end - row.start] if row.start <= start and end <= row.end else None
    return {
        "doc": row.doc,
        "doc_title": row.doc_title,
        "value": stated["kind"],
        "start": start,
        "end": end,
        "quote": quote,
    }


def _value(row: TaskRow, item: dict[str, Any], key: str) -> dict[str, Any]:
    return {
        "doc": row.doc, "doc_title": row.doc_title, "value": item.get("end_date") or item[key], "start": item["start"],
        "end": item["end"], "quote": item[key],
    }  # fmt: skip
