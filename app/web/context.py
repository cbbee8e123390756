"""What a follow-up refers to: the dialogue state as the page keeps it, and the way to drop a part of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

State = Mapping[str, Any]
_LISTS = ("bodies", "years", "fields")


def after(answer: Mapping[str, Any]) -> State | None:
    """Return what a question after this answer refers to, None where the answer does not say."""
    state = answer.get("state")
    return state if isinstance(state, Mapping) else None


def without(state: State | None, name: str, value: str) -> State | None:
    """Return the state without one of its parts; as it is where it has no such part."""
    if state is None or name not in ("document", "matter", *_LISTS):
        return state
    if name in _LISTS:
        return {**state, name: [item for item in state.get(name) or () if str(item) != value]}
    return {**state, name: "" if name == "matter" else None}
