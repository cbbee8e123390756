"""What was asked and answered so far, and the keys by which the browser names a passage of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KEY = re.compile(r"([cn])-([0-9]{1,6})-([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer (the contract object of `duban ask --json`) or the words of an error.

    Both are absent while the answer is being looked for.
    """

    question: str
    answer: Mapping[str, Any] | None = None
    error: str = ""

    @property
    def citations(self) -> Sequence[Mapping[str, Any]]:
        """Return the passages that the answer cites."""
        return (self.answer or {}).get("citations") or ()

    @property
    def nearest(self) -> Sequence[Mapping[str, Any]]:
        """Return the passages nearest to a question that has no answer."""
        return (self.answer or {}).get("nearest") or ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key leads: the passages that belong together, the one meant (from 0), and their keys in order."""

    passages: Sequence[Mapping[str, Any]]
    at: int
    keys: tuple[str, ...]
    cited: bool


def key(turn: int, passage: Mapping[str, Any], at: int, *, cited: bool) -> str:
    """Return the key of a passage: a citation goes by its number, one of the nearest by its position (from 1)."""
    return f"c-{turn}-{passage['n']}" if cited else f"n-{turn}-{at + 1}"


def place(turns: Sequence[Turn], wanted: str) -> Place | None:
    """Return where the key `wanted` leads in `turns`, None where it leads nowhere; any string may be asked."""
    match = _KEY.fullmatch(wanted)
    if match is None or int(match[2]) >= len(turns):
        return None
    number, cited = int(match[2]), match[1] == "c"
    passages = turns[number].citations if cited else turns[number].nearest
    keys = tuple(key(number, passage, at, cited=cited) for at, passage in enumerate(passages))
    return Place(passages, keys.index(wanted), keys, cited) if wanted in keys else None
