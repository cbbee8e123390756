"""Measures what the budgets name, on documents that everybody has: `make bench`.

Speeds are of one core and of processor time, so that another process on the machine counts little; each is the best of
three. The worst case of the patterns is a text of 10,000 characters made of one piece again and again.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ingest.document import Document
from ingest.ledger import ledger
from ingest.read import parse

# A third of the demo documents are rows of tables and short items. The real documents lie beside some checkouts.
SETS = {
    "demo documents": Path(__file__).parents[1] / "suites" / "demo" / "documents",
    "real documents": Path(__file__).parents[3] / "shared" / "seeds",
}
WORST = 10_000  # characters
# What documents are made of, and what trips patterns: openings without an end, numbers without a unit, lists of bodies.
PIECES = (
    *(
        "一、",
        "（",
        "(1)",
        "一是",
        "12月",
        "2023年",
        "每",
        "自",
        "至",
        "1",
        "一",
        "由",
        "市水务局、",
        "局",
        "和",
        "牵头单位：",
    ),
    *("|", "、", "，", "《", "〔", "已", "未", "完成", "3个方面", "%", "万", "的", "\n", "。", "；", " "),
)


def main() -> int:
    """Print the table."""
    write = sys.stdout.write
    write(f"{platform.machine()}, Python {platform.python_version()}\n")
    rows = [row for name, folder in SETS.items() if folder.is_dir() for row in _speeds(name, folder)]
    for name, value in (*rows, *_worst()):
        write(f"{name:<70} {value:8.3f}\n")
    return 0


def _speeds(name: str, folder: Path) -> list[tuple[str, float]]:
    """Return MB of UTF-8 a second for reading and for the ledger of the documents in a folder."""
    data = [path.read_bytes() for path in sorted(folder.iterdir())]
    documents = [parse(each) for each in data]
    size = sum(len(document.text.encode()) for document in documents) / 1e6
    for document in documents:
        ledger(document)  # compiles the patterns
    return [
        (f"{name} ({size:.3f} MB): read, outline, chunk (MB/s)", size / _seconds(lambda: list(map(parse, data)))),
        (f"{name} ({size:.3f} MB): ledger (MB/s)", size / _seconds(lambda: list(map(ledger, documents)))),
    ]


def _worst() -> list[tuple[str, float]]:
    """Return the slowest piece for reading and for the ledger, in seconds for a text of `WORST` characters."""
    found: list[tuple[str, float]] = []
    steps: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("read, outline, chunk", lambda text: parse(text.encode())),
        ("ledger", _ledger_of),
    )
    for name, step in steps:
        times = {}
        for piece in PIECES:
            text = "甲" + (piece * WORST)[: WORST - 1]
            times[piece] = _seconds(partial(step, text), 1)
        piece = max(times, key=lambda piece: times[piece])
        found.append((f"{name}: worst 10,000 characters, of {piece!r} (seconds)", times[piece]))
    return found


def _ledger_of(text: str) -> object:
    document: Document = parse(text.encode())
    return ledger(document)


def _seconds(work: Callable[[], object], times: int = 3) -> float:
    """Return the processor time of the fastest of some runs."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


if __name__ == "__main__":
    sys.exit(main())
