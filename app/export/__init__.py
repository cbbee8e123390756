"""The ledger as a file for the programs of an office: a workbook, a table, a calendar, a brief."""

from app.export.file import FORMATS, write

__all__ = ["FORMATS", "write"]
