"""A workbook with one sheet a list: problems, tasks, responsibilities; heads frozen, filters set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.export.sheet import SHEETS, Cell, Column, Row

_WIDE = 30  # characters of a column whose words are broken into lines


def write_xlsx(path: Path, rows: Iterable[Row]) -> None:
    """Write the workbook row by row; what is in memory does not grow with the ledger."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    pages = [book.create_sheet(sheet.name) for sheet in SHEETS]
    bold, fill = Font(bold=True), PatternFill("solid", fgColor="DDE6EE")
    pattern = WriteOnlyCell(pages[0])
    pattern.alignment = Alignment(vertical="top", wrap_text=True)

    def cell(page: Any, column: Column, value: Cell) -> Any:
        if column.width < _WIDE or value is None:
            return value
        made = WriteOnlyCell(page, value)
        made._style = pattern._style  # setting the alignment of each cell anew takes ten times as long
        return made

    for sheet, page in zip(SHEETS, pages, strict=True):
        page.freeze_panes = "A2"
        heads = []
        for at, column in enumerate(sheet.columns, start=1):
            page.column_dimensions[get_column_letter(at)].width = column.width
            head = WriteOnlyCell(page, column.head)
            head.font, head.fill = bold, fill
            heads.append(head)
        page.append(heads)
    lines = [1] * len(SHEETS)
    for row in rows:
        for at, (sheet, page) in enumerate(zip(SHEETS, pages, strict=True)):
            for cells in sheet.cells(row):
                page.append([cell(page, column, value) for column, value in zip(sheet.columns, cells, strict=True)])
                lines[at] += 1
    for sheet, page, last in zip(SHEETS, pages, lines, strict=True):
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{last}"
    book.save(path)
