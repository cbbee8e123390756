"""The keys by which the browser names a passage, and where they lead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.conversations import Turn

# c: a citation by its number, n: one of the nearest passages, r: a row of a list, each of a turn. d: a document.
# p: a span of a document.
_OF_TURN = re.compile(r"([cnr])-([0-9]{1,6})-([0-9]{1,6})", re.ASCII)
_OF_DOCUMENT = re.compile(r"d-([0-9a-f]{24})|p-([0-9a-f]{24})-([0-9]{1,9})-([0-9]{1,9})", re.ASCII)
_FIELD = {"c": "citations", "n": "nearest", "r": "tasks"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key leads: the passages that belong together, the one meant (from 0), and their keys in order.

    `passages` is empty for a whole document. `cited` is False for what is only near to a question.
    """

    doc: str
    passages: Sequence[Mapping[str, Any]]
    at: int
    keys: tuple[str, ...]
    kind: str

    @property
    def passage(self) -> Mapping[str, Any] | None:
        """Return the passage that is meant, None for a whole document."""
        return self.passages[self.at] if self.passages else None


def key(turn: int, passage: Mapping[str, Any], at: int, *, cited: bool) -> str:
    """Return the key of a passage: a citation goes by its number, one of the nearest by its position (from 1)."""
    return f"c-{turn}-{passage['n']}" if cited else f"n-{turn}-{at + 1}"


def place(turns: Sequence[Turn], wanted: str) -> Place | None:
    """Return where the key `wanted` leads, None where it leads nowhere; any string may be asked."""
    of_document = _OF_DOCUMENT.fullmatch(wanted)
    if of_document and of_document[1]:
        return Place(of_document[1], (), 0, (wanted,), "d")
    if of_document:
        span = {"start": int(of_document[3]), "end": int(of_document[4])}
        return Place(of_document[2], (span,), 0, (wanted,), "p") if span["start"] < span["end"] else None
    match = _OF_TURN.fullmatch(wanted)
    if match is None or int(match[2]) >= len(turns):
        return None
    kind, number = match[1], int(match[2])
    passages = (turns[number].answer or {}).get(_FIELD[kind]) or ()
    if kind == "r":
        keys = tuple(f"r-{number}-{at}" for at in range(1, len(passages) + 1))
    else:
        keys = tuple(key(number, passage, at, cited=kind == "c") for at, passage in enumerate(passages))
    if wanted not in keys:
        return None
    at = keys.index(wanted)
    return Place(str(passages[at]["doc"]), passages, at, keys, kind)
