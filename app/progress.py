"""How far a long command has got, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from app.console import plain

_EVERY = 5.0  # seconds between two plain lines
_SILENT = 20.0  # seconds after which a line says that the work goes on, where nothing else was told


class Show(Protocol):
    """Takes how far the work is."""

    def __call__(self, done: int, total: int, name: str, at: str = "") -> None:
        """Show how many of how many are done, the name of the one at hand or done last, and how far that one is."""


@contextmanager
def progress(label: str, *, again: bool = True) -> Iterator[Show]:
    """Yield a function that is told how far the work is, `label` being what is done.

    A line is never more than some 20 seconds old: the work is said to go on where nothing was told, unless `again` is
    false, as for work that waits for more of it.
    """
    if not sys.stderr.isatty():
        lines = _Lines(label)
        with _often(lines.again, again):
            yield lines.show
        return
    from tqdm import tqdm

    with tqdm(desc=label, file=sys.stderr, leave=False, dynamic_ncols=True) as bar:

        def show(done: int, total: int, name: str, at: str = "") -> None:
            bar.total = total
            bar.set_postfix_str(at, refresh=bool(at))
            bar.update(done - bar.n)

        with _often(bar.refresh, again):
            yield show


@contextmanager
def _often(act: Callable[[], object], wanted: bool) -> Iterator[None]:
    """Call a function every second, where that is wanted."""
    if not wanted:
        yield
        return
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(1.0):
            act()

    thread = threading.Thread(target=work, name="duban-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Lines:
    def __init__(self, label: str) -> None:
        self._label = label
        self._said = label
        self._began = self._last = time.monotonic()

    def show(self, done: int, total: int, name: str, at: str = "") -> None:
        self._said = " ".join(f"{self._label} {done}/{total} {plain(name)} {at}".split())
        if time.monotonic() - self._last >= _EVERY or (done == total and not at):
            self._write(self._said)

    def again(self) -> None:
        if time.monotonic() - self._last >= _SILENT:
            self._write(f"{self._said}（仍在进行，已 {time.monotonic() - self._began:.0f} 秒）")

    def _write(self, words: str) -> None:
        self._last = time.monotonic()
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
