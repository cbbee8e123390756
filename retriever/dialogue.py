"""What a follow-up leaves out, taken from a small state that the reader can see and reset.

The state names the document, the places and bodies, the years and the matter that the conversation is about. It is made
from an answer, shown as chips, and given back with the next question; without it the earlier questions are read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.numeral import CHINESE, number
from ingest.regex import regex
from retriever.claim import Citation

_NTH = regex(rf"第(?P<number>[{CHINESE}\d]{{1,3}})(?:个|项|条|件|点|家|处|座)(?![规款])")
_LAST = regex("最后[一那]?[个项条件]")


@dataclass(frozen=True, slots=True)
class State:
    """What a conversation is about; what is None or empty is left open.

    `doc` and `title` name the document of the last answer, `matter` are the words of the last question that stood on
    its own, `bodies` and `years` what it named, `fields` what it asked for, `rows` the titles of the list that was
    given.
    """

    doc: str | None = None
    title: str = ""
    bodies: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    matter: str = ""
    fields: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    def without(self, name: str, value: str | None = None) -> State:
        """Return the state without a chip: `document`, `matter`, or one value of `bodies`, `years`, `fields`.

        Raises:
            ValueError: there is no such chip.
        """
        if name == "document":
            return replace(self, doc=None, title="")
        if name == "matter":
            return replace(self, matter="", rows=())
        if name in ("bodies", "years", "fields", "rows"):
            kept: Any = tuple(item for item in getattr(self, name) if value is not None and item != value)
            return replace(self, **{name: kept})
        raise ValueError(f"no chip {name!r}: document, bodies, years, matter, fields, rows")

    def to_json(self) -> dict[str, Any]:
        """Return the state as an answer prints it."""
        return {
            "document": {"doc": self.doc, "title": self.title} if self.doc else None, "bodies": list(self.bodies),
            "years": list(self.years), "matter": self.matter, "fields": list(self.fields), "rows": list(self.rows),
        }  # fmt: skip

    @classmethod
    def from_json(cls, shown: Mapping[str, Any]) -> State:
        """Return the state that `to_json` printed; keys that are missing are left open."""
        document = shown.get("document") or {}
        bodies, years, fields, rows = (
            tuple(str(item) for item in shown.get(name) or ()) for name in ("bodies", "years", "fields", "rows")
        )
        title, matter = str(document.get("title") or ""), str(shown.get("matter") or "")
        return cls(document.get("doc"), title, bodies, years, matter, fields, rows)


def state_of(
    matter: str, bodies: Sequence[str], years: Sequence[str], fields: Sequence[str],
    citations: Sequence[Citation], rows: Sequence[str],
) -> State:  # fmt: skip
    """Return the state after an answer with these citations and rows of a list."""
    first = citations[0] if citations else None
    return State(
        first.doc if first else None, first.title if first else "", tuple(bodies), tuple(years), matter, tuple(fields),
        tuple(rows[:50]),
    )  # fmt: skip


def nth(question: str, rows: Sequence[str]) -> str | None:
    """Return the row of the last list that a question means (第二个呢, 最后一项), None where it means none."""
    found = _NTH.search(question)
    if found is not None:
        at = number(found["number"]) or 0
        return rows[at - 1] if 0 < at <= len(rows) else None
    return rows[-1] if rows and _LAST.search(question) else None
