"""A workbook with one sheet a list: problems, tasks, responsibilities; heads frozen, filters set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from app.export.sheet import SHEETS, Cell, Row


def write_xlsx(path: Path, rows: Iterable[Row]) -> None:
    """Write the workbook row by row; what is in memory does not grow with the ledger."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    bold, fill = Font(bold=True), PatternFill("solid", fgColor="DDE6EE")
    wrapped = Alignment(vertical="top", wrap_text=True)
    book = Workbook(write_only=True)
    pages = []
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        heads = []
        for at, column in enumerate(sheet.columns, start=1):
            page.column_dimensions[get_column_letter(at)].width = column.width
            head = WriteOnlyCell(page, column.head)
            head.font, head.fill = bold, fill
            heads.append(head)
        page.append(heads)
        pages.append(page)
    lines = [1] * len(SHEETS)

    def cell(page: object, value: Cell) -> object:
        made = WriteOnlyCell(page, value)
        made.alignment = wrapped
        if isinstance(value, str):
            made.data_type = "s"  # whatever it looks like, it is text
        elif isinstance(value, dt.date):
            made.number_format = "yyyy-mm-dd"
        return made

    for row in rows:
        for at, (sheet, page) in enumerate(zip(SHEETS, pages, strict=True)):
            for cells in sheet.cells(row):
                page.append([cell(page, value) for value in cells])
                lines[at] += 1
    for sheet, page, last in zip(SHEETS, pages, lines, strict=True):
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{last}"
    book.save(path)
