"""The circuit breaker: a server that is down is left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from retriever.generate.trouble import Trouble

_FAILURES = 3  # in a row; one that will not mend itself is enough
_REST = 60.0  # seconds until one call tries again


class Breaker:
    """Says whether the server may be asked. Any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin closed: calls go through."""
        self._clock = clock
        self._guard = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._trying = False
        self._last: Trouble | None = None

    def enter(self) -> None:
        """Let a call through; after a rest one alone, which decides for the others.

        Raises:
            Trouble: the server is being left alone, with what was the matter.
        """
        with self._guard:
            if not self._until:
                return
            if self._clock() < self._until or self._trying:
                raise Trouble("resting", self._last.words if self._last else "")
            self._trying = True

    def went_well(self) -> None:
        """Take note of a call that went well."""
        with self._guard:
            self._failures, self._until, self._trying, self._last = 0, 0.0, False, None

    def leave(self) -> str:
        """Take note of a call that says nothing of the server; nobody is to be told."""
        with self._guard:
            self._trying = False
        return ""

    def failed(self, trouble: Trouble) -> str:
        """Take note of a call that failed; return what readers are to be told, "" where they have been told already."""
        with self._guard:
            known = bool(self._until)
            self._failures += 1
            self._trying, self._last = False, trouble
            if not (trouble.fatal or self._failures >= _FAILURES):
                return ""
            self._until = self._clock() + _REST
            return "" if known else f"{trouble.words}，{_REST:.0f} 秒内不再请求，直接用原文作答。"
