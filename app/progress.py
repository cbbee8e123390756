"""How far a long command has got, on standard error: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.console import plain

_EVERY = 5.0  # seconds between two plain lines


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """Yield a function that is told `(done, total, name)` after each piece of work, `label` being what is done."""
    if not sys.stderr.isatty():
        yield _lines(label)
        return
    from tqdm import tqdm

    with tqdm(desc=label, file=sys.stderr, leave=False, dynamic_ncols=True) as bar:

        def show(done: int, total: int, name: str) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _lines(label: str) -> Callable[[int, int, str], None]:
    last = time.monotonic()

    def show(done: int, total: int, name: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY or done == total:
            last = time.monotonic()
            sys.stderr.write(f"{label} {done}/{total} {plain(' '.join(name.split()))}\n")

    return show
