"""A row of a duty table and the item of the running text that it repeats: one task, not two."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ingest.fold import fold
from ingest.task import Mention, Task

# Shares of a row's title (in character pairs). Titles of the same matter in a plan and its table of duties shared .6 or
# more, of two matters .4 or less. Where the numbers agree one by one, less is enough: the item's own words count too.
_SAME_TITLE = 0.6
_SAME_NUMBER = 0.3
_FEWEST = 3  # pairs that two titles have in common at least: two are a common word


def united(
    items: Sequence[Task], rows: Sequence[Task], folded: str, year_of: Callable[[Task], int | None]
) -> list[Task]:
    """Return the items and rows of one document, a row that repeats an item being part of it.

    The task of both has the duties and deadlines of both, and the row as a mention. Where they contradict each other it
    is flagged. What `year_of` puts into another year (上年度列管案件) is another matter. A row that repeats an item
    together with another row stays a task of its own, flagged `repeats`.
    """
    pairs = _by_number(items, rows, folded, year_of) or _by_title(items, rows, year_of)
    rows_of: dict[int, list[int]] = {}
    for row, item in pairs.items():
        rows_of.setdefault(item, []).append(row)
    found = [
        _merged(task, rows[rows_of[at][0]]) if len(rows_of.get(at, ())) == 1 else task for at, task in enumerate(items)
    ]
    for at, task in enumerate(rows):
        pair = pairs.get(at)
        if pair is None:
            found.append(task)
        elif len(rows_of[pair]) > 1:
            twin = items[pair]
            also = (*task.also, Mention(twin.title, twin.start, twin.end))
            found.append(replace(task, flags=(*task.flags, "repeats"), also=also))
    return found


def _by_number(
    items: Sequence[Task], rows: Sequence[Task], folded: str, year_of: Callable[[Task], int | None]
) -> dict[int, int]:
    """Pair rows and items that bear the same numbers, each once, if the words of most pairs bear it out."""
    numbered = [(task.no, at) for at, task in enumerate(items) if task.kind == "task"]
    at_no = {no: at for no, at in numbered if no}
    nos = [row.no for row in rows]
    if len(at_no) != len(numbered) or len(set(nos)) != len(nos) or set(nos) != set(at_no):
        return {}
    pairs = {row: at_no[no] for row, no in enumerate(nos) if no}
    if any(year_of(rows[row]) != year_of(items[at]) for row, at in pairs.items()):
        return {}
    alike = [
        _share(rows[row].title, folded[items[at].start : items[at].end]) >= _SAME_NUMBER for row, at in pairs.items()
    ]
    return pairs if sum(alike) * 2 >= len(alike) else {}


def _by_title(items: Sequence[Task], rows: Sequence[Task], year_of: Callable[[Task], int | None]) -> dict[int, int]:
    pairs = {}
    known = [(at, words(task.title), year_of(task)) for at, task in enumerate(items)]
    for number, row in enumerate(rows):
        own, year = words(row.title), year_of(row)
        likeness, item = max(
            ((alike(own, other), -at) for at, other, then in known if items[at].kind == row.kind and then == year),
            default=(0.0, 0),
        )
        if likeness >= _SAME_TITLE:
            pairs[number] = -item
    return pairs


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two titles are, 0 to 1, by their pairs of characters (see `words`).

    It is the share of the shorter one's pairs that both have; the same characters in another order (险段加固, 加固险段)
    are the same title.
    """
    common = len(one & other)
    if common >= 2 and {char for pair in one for char in pair} == {char for pair in other for char in pair}:
        return 1.0
    return common / min(len(one), len(other)) if common >= _FEWEST else 0.0


def words(title: str) -> frozenset[str]:
    """Return the pairs of characters of a title, folded, without what is no letter or digit."""
    bare = re.sub(r"[\W_]+", "", fold(title))
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))


def _share(title: str, text: str) -> float:
    pairs = words(title)
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def _merged(item: Task, row: Task) -> Task:
    held = {(duty.name, duty.role) for duty in item.duties}
    days = {(when.kind, when.start_date, when.end_date, when.every or fold(when.text)) for when in item.deadlines}
    flags = dict.fromkeys((*item.flags, *row.flags))
    for role in ("lead", "responsible"):
        said = {duty.name for duty in item.duties if duty.role == role}
        listed = {duty.name for duty in row.duties if duty.role == role}
        if said and listed and not said & listed:
            flags[f"{role}_differs"] = None
    due = [{when.end_date for when in task.deadlines if when.kind == "by" and when.end_date} for task in (item, row)]
    if all(due) and not due[0] & due[1]:
        flags["deadline_differs"] = None
    duties = (*item.duties, *(duty for duty in row.duties if (duty.name, duty.role) not in held))
    deadlines = (
        *item.deadlines,
        *(w for w in row.deadlines if (w.kind, w.start_date, w.end_date, w.every or fold(w.text)) not in days),
    )
    filled = {f"{duty.role}_unstated" for duty in duties} | ({"deadline_unstated"} if deadlines else set())
    return replace(
        item, duties=duties, deadlines=deadlines, measures=(*item.measures, *row.measures),
        status=row.status if item.status.kind == "unstated" and row.status.kind != "unstated" else item.status,
        flags=tuple(flag for flag in flags if flag not in filled),
        also=(*item.also, Mention(row.title, row.start, row.end)),
    )  # fmt: skip
