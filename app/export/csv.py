"""The task list as a table in plain text: UTF-8 with a byte-order mark, by which Excel knows the encoding."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from app.export.sheet import TASKS, Row


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write the tasks, one a line, below a line of heads."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([column.head for column in TASKS.columns])
        for row in rows:
            lines.writerows(TASKS.cells(row))
