"""What the ledger page asks of the tasks: orders, crossed counts, the item at a place; and what can be asked next."""

from __future__ import annotations

from collections import Counter

import pytest

from app.web.follow import follow
from ingest.corpus.tasks import TaskWhere
from retriever import Retriever

DAY = "2025-06-01"


@pytest.mark.parametrize("descending", [False, True])
def test_rows_without_a_day_come_last_either_way(demo: Retriever, descending: bool) -> None:
    rows = demo.ledger().page(TaskWhere(as_of=DAY), 1000, order="due", descending=descending)

    days = [row.last_due for row in rows]
    dated = [day for day in days if day]
    assert dated == sorted(dated, reverse=descending)
    assert days[: len(dated)] == dated
    assert None in days


@pytest.mark.parametrize("order", ["place", "title", "due", "status", "overdue"])
def test_the_pages_of_every_order_hold_each_task_once(demo: Retriever, order: str) -> None:
    tasks, where = demo.ledger(), TaskWhere(as_of=DAY)

    pages = [tasks.page(where, 7, at, order) for at in range(0, tasks.count(where), 7)]

    keys = Counter(row.key for page in pages for row in page)
    assert set(keys.values()) == {1}
    assert len(keys) == tasks.count(where)


def test_crossed_counts_add_up_to_those_of_the_months(demo: Retriever) -> None:
    tasks, where = demo.ledger(), TaskWhere(as_of=DAY)
    crossed = tasks.crossed(where, "month")

    months: Counter[str] = Counter()
    for month, _, count in crossed:
        months[month] += count
    assert dict(months) == tasks.grouped(where, "month")


def test_the_task_at_a_place_spans_it(demo: Retriever) -> None:
    tasks = demo.ledger()
    row = tasks.page(TaskWhere(as_of=DAY), 1)[0]

    found = tasks.page(TaskWhere(doc=row.doc, at=row.start, as_of=DAY), 9)

    assert row.key in {task.key for task in found}
    assert all(task.start <= row.start < task.end for task in found)


def test_what_can_be_asked_next_is_what_the_ledger_holds_and_was_not_asked(demo: Retriever) -> None:
    tasks = demo.ledger()
    row = next(
        row.to_json()
        for row in tasks.each(TaskWhere(as_of=DAY))
        if row.fields["deadlines"] and any(duty["role"] == "partner" for duty in row.fields["duties"])
    )
    cited = {"doc": row["doc"], "start": row["start"]}
    answer = {"grade": "answer", "citations": [cited], "tasks": [], "as_of": DAY}

    asked = follow(tasks, "由谁牵头？", answer)

    assert {"follow_due", "follow_partner"} <= set(asked)
    assert "follow_lead" not in asked
    assert follow(tasks, "由谁牵头？", {**answer, "grade": "closest"}) == []
