"""Names of the program that stand for something else for a while, so that a measurement needs no switch in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Swap:
    """What a name of a module or class, function or number, is to be; the name is the one that its users look up."""

    owner: Any
    name: str
    value: Any


@contextmanager
def swapped(swaps: Sequence[Swap]) -> Iterator[None]:
    """Let the names be what the swaps say inside the block, and what they were behind it.

    Raises:
        AttributeError: there is no such name.
    """
    kept = [getattr(swap.owner, swap.name) for swap in swaps]
    try:
        for swap in swaps:
            setattr(swap.owner, swap.name, swap.value)
        yield
    finally:
        for swap, value in zip(swaps, kept, strict=True):
            setattr(swap.owner, swap.name, value)
