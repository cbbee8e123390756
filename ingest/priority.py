"""Who has the processor first where there is not enough of it: what somebody waits for, then what runs beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_NICE = 10  # beside work of the usual 0 that is a tenth of the processor, and all of it where nobody else wants it


def yield_to_others(process: int = 0) -> None:
    """Let a process (0: this one) and what it starts come after others; where that cannot be, all stays as it is."""
    with suppress(OSError, AttributeError):  # it has ended; Windows
        os.setpriority(os.PRIO_PROCESS, process, max(_NICE, os.getpriority(os.PRIO_PROCESS, process)))


@contextmanager
def yielding() -> Iterator[None]:
    """Do so with this process for a while; it stays so where the right to take it back is missing."""
    before = os.getpriority(os.PRIO_PROCESS, 0) if hasattr(os, "getpriority") else 0
    yield_to_others()
    try:
        yield
    finally:
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, 0, before)
