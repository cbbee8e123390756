"""Which of the Chinese words of an English one is meant: that of the passage in which the words of a question meet."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.fold import fold
from retriever.search import Hit
from retriever.units import NAME, Unit

Find = Callable[[str, int], Sequence[Hit]]
"""Returns the best chunks for Chinese words, so many at most, of what the person may read."""

_POOL = 40  # chunks among which the best one is looked for
_ABOVE, _DOCUMENT = 0.95, 0.25  # what a word in the headings counts, or elsewhere in the document
_VAGUE = 0.3  # what a word counts less the shorter it is than the longest of its meaning (防火期, 森林防火期)


@dataclass(frozen=True, slots=True)
class Choice:
    """The Chinese word of each unit by its text, the units that the best document lacks, and the share that it has."""

    words: dict[str, str]
    missing: tuple[str, ...]
    share: float


def choose(units: Sequence[Unit], context: str, find: Find) -> Choice:
    """Choose a word for each unit: that of the chunk in which most units meet, else of its document.

    What stands in neither is kept as it is likeliest, so that it is missed as it would be in a Chinese question.

    Args:
        units: of the question, without those that ask.
        context: Chinese words of the question before, which help to find the chunk.
        find: the search.
    """
    known = dict.fromkeys(word for unit in units if unit.known for word in unit.choices)
    hits = find(" ".join((*known, context)), _POOL) if known else ()
    bodies = [fold(hit.text) for hit in hits]
    heads = [fold(" ".join((*hit.path, hit.title))) for hit in hits]
    inside = [[_standing(unit.choices, body) for unit in units] for body in bodies]
    above = [[_standing(unit.choices, head) for unit in units] for head in heads]
    held: dict[str, set[int]] = {}
    for hit, mine, over in zip(hits, inside, above, strict=True):
        held.setdefault(hit.doc, set()).update(at for at in range(len(units)) if mine[at] or over[at])

    def score(row: int) -> float:
        total = sum(_DOCUMENT * units[at].weight for at in held[hits[row].doc])
        for unit, mine, over in zip(units, inside[row], above[row], strict=True):
            exact = 1 - _VAGUE + _VAGUE * len(mine or over) / max(map(len, unit.choices))
            total += unit.weight * exact * (1.0 if mine else _ABOVE if over else 0.0)
        return total

    names = {at for at, unit in enumerate(units) if unit.weight == NAME}
    most = max(
        (len(names & held[hit.doc]) for hit in hits), default=0
    )  # a document about another place does not answer
    rows = [row for row, hit in enumerate(hits) if len(names & held[hit.doc]) == most]
    order = sorted(rows, key=lambda row: (-score(row), row))
    here = hits[order[0]].doc if order else ""
    order = [row for row in order if hits[row].doc == here]
    words = {}
    for at, unit in enumerate(units):
        places = (word for row in order for word in (inside[row][at], above[row][at]) if word)
        words[unit.text] = next(places, unit.choices[0])
    lacking = [unit for at, unit in enumerate(units) if at not in held.get(here, ())]
    total = sum(unit.weight for unit in units)
    share = 1 - sum(unit.weight for unit in lacking) / total if total else 1.0
    return Choice(words, tuple(unit.text for unit in lacking), share)


def _standing(choices: Sequence[str], text: str) -> str:
    """Return the first of the words that stands in the text, a longer one before its part; "" if none does."""
    found = [word for word in choices if _stands(word, text)]
    return next((word for word in found if not any(word != other and word in other for other in found)), "")


def _stands(word: str, text: str) -> bool:
    return bool(re.search(rf"(?<!\d){word}(?!\d)", text)) if word.isdigit() else word in text
