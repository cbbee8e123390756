"""What a reader asks of the ledger page: the filter, the order and the page, read from what the browser sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlencode

from ingest.corpus.tasks import Order, TaskWhere
from ingest.task import KINDS, ROLES, STATUSES
from retriever.tally import today

SIZE = 50  # rows of a page
_LONGEST = 200  # characters of a text that is looked for
_CHOICES: dict[str, tuple[str, ...]] = {
    "role": ROLES,
    "status": (*STATUSES, "open"),
    "overdue": ("yes", "no", "unknown"),
    "order": get_args(Order),
    "kinds": ("all",),
}
_TEXTS = ("text", "unit", "doc")
_DAYS = ("due_after", "due_before", "as_of")


@dataclass(frozen=True, slots=True)
class Query:
    """A valid query: `values` are what was asked, only what is known and set; `page` counts from 1."""

    values: Mapping[str, str]
    page: int = 1
    descending: bool = False

    @classmethod
    def read(cls, sent: object) -> Query:
        """Return the query that the browser sent; whatever is not understood is as if it were not there."""
        given = sent if isinstance(sent, Mapping) else {}
        values: dict[str, str] = {}
        for name in (*_TEXTS, *_CHOICES, *_DAYS):
            value = given.get(name)
            value = (
                " ".join(value.encode("utf-8", "replace").decode().split())[:_LONGEST] if isinstance(value, str) else ""
            )
            if value and (
                name in _TEXTS or value in _CHOICES.get(name, ()) or (name in _DAYS and _day(value) is not None)
            ):
                values[name] = value
        page = str(given.get("page") or 1)
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
        return cls(values, max(1, number), str(given.get("desc") or "") in ("1", "true", "True"))

    @property
    def as_of(self) -> str:
        """Return the day that "overdue" is relative to, as ISO 8601: the one that was set, else today."""
        return self.values.get("as_of") or today().isoformat()

    @property
    def order(self) -> Order:
        """Return what the rows are sorted by."""
        return self.values.get("order", "place")  # type: ignore[return-value]  # checked against the choices above

    @property
    def filters(self) -> dict[str, str]:
        """Return what narrows the list; the day and the order do not."""
        return {name: value for name, value in self.values.items() if name not in ("as_of", "order", "kinds")}

    def where(self) -> TaskWhere:
        """Return the filter over tasks."""
        of = self.values.get
        status, until = of("status"), of("due_before")
        return TaskWhere(
            doc=of("doc"),
            unit=of("unit"),
            role=of("role"),
            status=None if status == "open" else status,
            open=True if status == "open" else None,
            kinds=KINDS if of("kinds") else ("task",),
            due_after=of("due_after"),
            # the reader's last day is included
            due_before=(dt.date.fromisoformat(until) + dt.timedelta(days=1)).isoformat() if until else None,
            overdue=of("overdue"),
            text=of("text"),
            as_of=self.as_of,
        )

    def encoded(self) -> str:
        """Return the query as a part of an address, for exports."""
        return urlencode({**self.values, "as_of": self.as_of})


def _day(value: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return None
    return day if len(value) == 10 and dt.date(1900, 1, 1) <= day <= dt.date(2999, 12, 31) else None


def facts(row: Mapping[str, Any], *roles: str) -> str:
    """Return the bodies of a task in these roles, as the document writes them."""
    return "、".join(dict.fromkeys(duty["unit"] for duty in row["duties"] if duty["role"] in roles))
