"""A ledger written to a file, whose suffix says in which form; whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ingest.error import DubanError

Rows = Iterable[dict[str, Any]]
Totals = Sequence[dict[str, Any]]


def _xlsx(path: Path, rows: Rows, totals: Totals, as_of: str) -> None:
    from app.export.xlsx import write_xlsx

    write_xlsx(path, rows)


def _csv(path: Path, rows: Rows, totals: Totals, as_of: str) -> None:
    from app.export.csv import write_csv

    write_csv(path, rows)


def _ics(path: Path, rows: Rows, totals: Totals, as_of: str) -> None:
    from app.export.ics import write_ics

    write_ics(path, rows, as_of)


def _docx(path: Path, rows: Rows, totals: Totals, as_of: str) -> None:
    from app.export.docx import write_docx

    write_docx(path, rows, totals, as_of)


FORMATS: dict[str, Callable[[Path, Rows, Totals, str], None]] = {
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".ics": _ics,
    ".docx": _docx,
}


def write(path: Path, rows: Rows, totals: Totals, as_of: str) -> None:
    """Write the rows of a ledger to `path`, in the form that its suffix names.

    Args:
        path: where to; a file that is there is replaced, once the new one is whole.
        rows: tasks as `duban ledger --json` prints them; read once, from the first to the last.
        totals: the documents of `duban ledger --totals`, for the forms that show them.
        as_of: the day that the answers to "overdue" are relative to, ISO 8601.

    Raises:
        DubanError: there is no such form, or the file cannot be written.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise DubanError(f"{path}: 不能导出 {path.suffix or '没有扩展名的'} 文件；可用的有 {' '.join(FORMATS)}")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        form(draft, rows, totals, as_of)
        draft.replace(path)
    except OSError as error:
        raise DubanError(f"{path}: 无法写入（{error.strerror}）；请检查 --out 的路径和磁盘空间") from error
    finally:
        draft.unlink(missing_ok=True)
