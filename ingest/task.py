"""A task 事项: one row of the ledger, who, what, by when, how far, every field with its span."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

from ingest.figure import Figure
from ingest.fold import fold
from ingest.numeral import CHINESE, number
from ingest.status import LEAST_ADVANCED, UNSTATED, Status, StatusKind
from ingest.unit import Duty
from ingest.when import When

Kind = Literal["task", "organisation", "outlook", "responsibility"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATUSES: tuple[StatusKind, ...] = (*LEAST_ADVANCED, "unstated")
ROLES = ("lead", "responsible", "partner", "supervisor", "target")


@dataclass(frozen=True, slots=True)
class Measure:
    """What was or is to be done in a matter: one of its ordinals, or a cell of its row; with a status of its own."""

    start: int
    end: int
    status: StatusKind


@dataclass(frozen=True, slots=True)
class Mention:
    """Another place of the same document that states the matter: the row of a duty table. `title` is its wording."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the ledger. `start:end` is the item that it is read from, `title` stands in it word for word.

    `id` is a hash of the document's id and of the place in its outline: it is the same however often the file is taken
    in, and wherever it lies. `last_word` is the day of which the document speaks, as ISO 8601: as stated at the matter,
    else over it, else the date of the document; None where none is stated. `problem` says that it is something to be
    put right: the document counts its matters as problems, or the title states one.
    """

    id: str
    kind: Kind
    label: str
    path: tuple[str, ...]
    title: str
    start: int
    end: int
    duties: tuple[Duty, ...] = ()
    measures: tuple[Measure, ...] = ()
    deadlines: tuple[When, ...] = ()
    status: Status = UNSTATED
    figures: tuple[Figure, ...] = ()
    flags: tuple[str, ...] = ()
    also: tuple[Mention, ...] = ()
    last_word: str | None = None
    problem: bool = False

    @property
    def no(self) -> str | None:
        """Return the label's number in Arabic digits, None where it has none."""
        found = ordinal(self.label)
        return None if found is None else str(found)

    @property
    def due(self) -> tuple[str, str] | None:
        """Return the first and the last day by which something of it that is not done has to be, None without one."""
        days = sorted(when.end_date for when in self.deadlines if when.end_date and not self.is_met(when))
        return (days[0], days[-1]) if days else None

    @property
    def recurs(self) -> bool:
        """Return whether it has a deadline without a day: every month, or some days after an event."""
        return any(when.kind in ("every", "within") for when in self.deadlines)

    def is_met(self, when: When) -> bool:
        """Return whether a deadline of the task stands in a measure that is closed."""
        return any(m.status == "closed" and m.start <= when.start < m.end for m in self.measures)


def ordinal(label: str) -> int | None:
    """Return the number of a label (十二、, (7), ③, 二是), None where it has none."""
    for char in label[:1]:
        if unicodedata.category(char) == "No":  # ①
            return int(unicodedata.numeric(char))
    found = re.search(rf"\d+|[{CHINESE}]+", fold(label))
    return number(found.group()) if found else None
