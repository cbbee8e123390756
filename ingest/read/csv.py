"""CSV and TSV: a table of words; its separator is found, its encoding is that of any text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

from ingest.error import ReadError
from ingest.read.draft import Draft
from ingest.read.grid import Grid
from ingest.read.reading import Limits, Reading
from ingest.read.text import LARGEST, decode

_SEPARATORS = (",", "\t", ";", "|", "，")
_SAMPLE = 50  # rows in which the separator is looked for
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_FORMULA = re.compile(r'="((?:[^"]|"")*)"')  # ="007": how a number keeps its zeros in Excel
_DECLARED = re.compile(r"sep=(.)\r?\n", re.I)


def read(data: bytes, limits: Limits) -> Reading:
    """Return the rows as one table.

    Raises:
        ReadError: no encoding fits, the file is over a limit, or it holds no words.
    """
    if len(data) > LARGEST:
        raise ReadError(f"表格有 {len(data) / 1e6:.0f} MB，超过 {LARGEST / 1e6:.0f} MB 的上限：请拆分后再导入")
    text = decode(data)
    declared = _DECLARED.match(text)
    separator = declared[1] if declared else _separator(text)
    text = text[declared.end() :] if declared else text
    grid = Grid()
    try:
        for at, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
            for column, words in enumerate(row):
                if words := words.strip():
                    formula = _FORMULA.fullmatch(words)
                    grid.put(at, column, formula[1] if formula else words)
            if at % 10_000 == 0:
                limits.progress()
    except csv.Error as error:
        raise ReadError(f"表格的格式不对（{error}）：可能有没配对的引号，请用 Excel 打开检查后另存") from error
    draft = Draft(limits)
    grid.write(draft)
    return draft.reading("csv")


def _separator(text: str) -> str:
    """Return the separator that most rows have, and equally often; a comma where there is none."""
    head = _QUOTED.sub("", text[:100_000]).splitlines()[:_SAMPLE]
    rows = [row for row in head if row.strip()]

    def fit(separator: str) -> tuple[float, int]:
        counts = Counter(row.count(separator) for row in rows)
        counts.pop(0, None)
        if not counts:
            return 0.0, 0
        number, times = counts.most_common(1)[0]
        return times / len(rows), number

    return max(_SEPARATORS, key=fit) if rows else ","
