"""Two texts compared sentence by sentence: how much they share, and what one has that the other has not."""

from __future__ import annotations

import re
from typing import Any

from ingest.fold import fold

_END = re.compile(r"(?<=[。！？；;])|[\n\r]+")
_SHORTEST = 6  # characters: shorter lines (dates, labels) stand in any document
_KEPT = 20  # sentences of a comparison that are kept


def sentences(text: str) -> list[str]:
    """Return the sentences of a text that are long enough to tell documents apart, in order."""
    found = (" ".join(part.split()) for part in _END.split(text))
    return [part for part in found if len(part) >= _SHORTEST]


def share(text: str, other: str) -> float:
    """Return which share of the sentences of the shorter text the other has too, from 0 to 1, in either script."""
    ours, theirs = ({fold(part) for part in sentences(words)} for words in (text, other))
    fewer = min(len(ours), len(theirs))
    return len(ours & theirs) / fewer if fewer else 0.0


def changed(before: str, after: str) -> dict[str, Any]:
    """Return how many sentences came and went from one version to the next, and the first of them."""
    old, new = sentences(before), sentences(after)
    was, now = set(old), set(new)
    came = [part for part in new if part not in was]
    went = [part for part in old if part not in now]
    return {"came": len(came), "went": len(went), "added": came[:_KEPT], "removed": went[:_KEPT]}
