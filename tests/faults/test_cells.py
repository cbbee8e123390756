"""F26: cells that begin with = + - @, a tab or a line break come out as text, from a document to the file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from app.cli import main

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
DOCUMENT = """任务分工表

序号 | 任务 | 牵头单位 | 完成时限 | 进展情况
1 | =HYPERLINK("http://example.invalid","点此") | +市水务局 | -2025年5月底前 | @SUM(A1)
2 | @清理河道 | =cmd|' /C calc'!A0 | 2025年6月底前 | 已完成
3 | -补充沙袋 | 市应急管理局 | +1 | =1+1
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cells")
    source = folder / "=1+1.txt"
    source.write_text(DOCUMENT, encoding="utf-8")
    assert main(["ingest", str(source), "--store", str(folder / "s")]) == 0
    return folder / "s"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_cell_of_an_export_is_run_as_a_formula(store: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"ledger{suffix}"

    assert main(["ledger", "--store", str(store), "--out", str(out)]) == 0

    cells: list[Any]
    if suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
    else:
        found = [cell for sheet in load_workbook(out) for line in sheet for cell in line]
        assert all(cell.data_type != "f" for cell in found)
        cells = [cell.value for cell in found]
    words = [cell for cell in cells if isinstance(cell, str) and cell]
    assert sum("HYPERLINK" in cell for cell in words) > 0
    assert not [cell for cell in words if cell.lstrip(" ").startswith(STARTS)]
