"""Exports: what Excel, a calendar and a word processor get, every row with its source, no cell a formula."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from icalendar import Calendar
from openpyxl import load_workbook

from app.export import FORMATS, write
from app.export.sheet import SHEETS, TASKS, file_of, safe
from ingest.error import DubanError

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0"]


def row(**other: Any) -> dict[str, Any]:
    return {
        "id": "0123456789abcdef", "doc": "d" * 24, "doc_title": "整改通报", "source": "folder/a.txt", "kind": "task", "no": "7",
        "label": "(七)", "path": ["二、整改情况", "(一)台账"], "title": "台账不全", "problem": True,
        "duties": [
            {"unit": "市水务局", "name": "东湾市水务局", "role": "lead", "start": 0, "end": 4},
            {"unit": "市财政局", "name": "市财政局", "role": "partner", "start": 5, "end": 9},
        ],
        "measures": [{"text": "一是补齐台账。", "status": "closed", "start": 0, "end": 7}],
        "deadlines": [
            {"text": "12月底前", "kind": "by", "start_date": None, "end_date": "2023-12-31", "every": None, "start": 0, "end": 5},
            {"text": "每半年", "kind": "every", "start_date": None, "end_date": None, "every": "FREQ=MONTHLY;INTERVAL=6", "start": 9,
             "end": 12},
            {"text": "长期坚持", "kind": "none", "start_date": None, "end_date": None, "every": None, "start": 20, "end": 24},
        ],
        "status": {"kind": "in_progress", "as_of": "2023-10-25", "start": 0, "end": 4}, "figures": [], "also": [],
        "flags": ["lead_differs"], "overdue": "unknown", "due": "2023-12-31", "last_word": "2023-10-25", "as_of": "2024-01-01",
        "start": 100, "end": 160, "quote": "(七)台账不全。一是补齐台账。", **other,
    }  # fmt: skip


TOTALS = [
    {
        "doc": "d" * 24, "title": "整改通报", "source": "folder/a.txt", "tasks": {"task": 31},
        "totals": [
            {"text": "31个问题已销号26个，长期整改5个。", "of_tasks": True, "result": "agreed", "of": "问题", "value": 31,
             "checks": [{"rule": "sum", "of": "", "stated": 31, "found": 31, "result": "agreed"},
                        {"rule": "status", "of": "closed", "stated": 26, "found": 20, "result": "differs"}]}
        ],
    }
]  # fmt: skip


def exported(folder: Path, suffix: str, *rows: dict[str, Any]) -> Path:
    path = folder / f"ledger{suffix}"
    write(path, iter(rows), TOTALS, "2024-01-01")
    return path


def test_a_workbook_has_a_sheet_a_list_with_filters_and_frozen_heads(tmp_path: Path) -> None:
    book = load_workbook(exported(tmp_path, ".xlsx", row(), row(problem=False, no=None)))

    assert book.sheetnames == ["问题清单", "任务清单", "责任清单"]
    assert [sheet.max_row for sheet in book] == [2, 3, 5]
    for sheet, known in zip(book, SHEETS, strict=True):
        assert [cell.value for cell in sheet[1]] == [column.head for column in known.columns]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/srv/in/2024/方案.docx", "方案.docx"),
        ("/srv/in/2024.zip/a/b.txt", "2024.zip/a/b.txt"),
        ("方案 (2).txt", "方案 (2).txt"),
        ("https://example.invalid/a/b.html", "https://example.invalid/a/b.html"),
    ],
)
def test_a_source_is_the_name_of_its_file_without_the_folders_of_this_machine(source: str, shown: str) -> None:
    assert file_of(source) == shown


def test_no_export_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    for suffix in (".csv", ".ics"):
        assert b"folder" not in exported(tmp_path, suffix, row()).read_bytes()
    brief = Document(str(exported(tmp_path, ".docx", row())))
    assert not any("folder" in paragraph.text for paragraph in brief.paragraphs)


def test_each_line_of_a_workbook_has_its_source(tmp_path: Path) -> None:
    book = load_workbook(exported(tmp_path, ".xlsx", row()))

    for sheet in book:
        line = dict(zip((cell.value for cell in sheet[1]), (cell.value for cell in sheet[2]), strict=True))
        assert (line["路径"], line["原文"], line["起"], line["止"], line["来源"]) == (
            "二、整改情况 › (一)台账",
            "(七)台账不全。一是补齐台账。",
            100,
            160,
            "a.txt",
        )
        assert line["最晚日期"] == dt.datetime(2023, 12, 31)


def test_a_table_of_text_opens_in_excel_and_keeps_its_line_breaks(tmp_path: Path) -> None:
    path = exported(tmp_path, ".csv", row(quote='一行\n又一行，“引号”"'))

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads, line = csv.reader(file)
    assert heads == [column.head for column in TASKS.columns]
    assert dict(zip(heads, line, strict=True))["原文"] == '一行\n又一行，“引号”"'


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_no_cell_is_a_formula(tmp_path: Path, suffix: str, words: str) -> None:
    hostile = row(
        title=words, quote=words, doc_title=words, source=words, path=[words],
        duties=[{"unit": words, "name": words, "role": "lead", "start": 0, "end": 1}],
    )  # fmt: skip

    path = exported(tmp_path, suffix, hostile)

    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells: list[Any] = [cell for line in csv.reader(file) for cell in line]
    else:
        found = [cell for sheet in load_workbook(path) for line in sheet for cell in line]
        assert all(cell.data_type != "f" for cell in found)
        cells = [cell.value for cell in found]
    texts = [cell for cell in cells if isinstance(cell, str) and cell]
    assert not any(text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for text in texts)


def test_what_begins_harmlessly_stays_as_it_is() -> None:
    assert safe("台账=1") == "台账=1"
    assert safe("") == ""


def test_signs_that_no_workbook_holds_are_left_out(tmp_path: Path) -> None:
    strange = row(quote="a\x00b\x0bc\ufffe\ud800d", title="\x1f台账")

    for suffix in FORMATS:
        assert exported(tmp_path, suffix, strange).stat().st_size > 0


def test_a_calendar_has_an_entry_a_deadline_with_rule_and_source(tmp_path: Path) -> None:
    calendar = Calendar.from_ical(exported(tmp_path, ".ics", row()).read_bytes())

    one, other = calendar.walk("VEVENT")

    assert one.decoded("dtstart") == dt.date(2023, 12, 31)
    assert other["rrule"].to_ical() == b"FREQ=MONTHLY;INTERVAL=6"
    assert other.decoded("dtstart") == dt.date(2023, 10, 25)
    assert len({str(event["uid"]) for event in (one, other)}) == 2
    for event in (one, other):
        assert "台账不全" in event["summary"]
        assert all(words in event["description"] for words in ("整改通报", "(七)台账不全", "a.txt", "[100, 160)"))


def test_a_rule_begins_on_the_first_day_that_it_names(tmp_path: Path) -> None:
    monthly = {
        "text": "每月25日前",
        "kind": "every",
        "end_date": None,
        "every": "FREQ=MONTHLY;BYMONTHDAY=25",
        "start": 0,
        "end": 5,
    }
    damaged = {**monthly, "every": "FREQ=NEVER"}

    calendar = Calendar.from_ical(
        exported(tmp_path, ".ics", row(deadlines=[monthly, damaged], last_word="2024-02-26")).read_bytes()
    )

    assert [event.decoded("dtstart") for event in calendar.walk("VEVENT")] == [dt.date(2024, 3, 25)]


def test_a_brief_has_totals_a_table_and_sources(tmp_path: Path) -> None:
    brief = Document(str(exported(tmp_path, ".docx", row(), row(no="8", title="巡查不勤"))))
    words = "\n".join(paragraph.text for paragraph in brief.paragraphs)

    assert "共 2 项" in words
    assert "31个问题已销号26个" in words
    assert "一致" in words
    assert "整改通报" in words.splitlines()[-1]
    assert [cell.text for cell in brief.tables[0].rows[1].cells][:2] == ["7", "台账不全"]


def test_a_brief_says_how_many_rows_it_leaves_out(tmp_path: Path) -> None:
    brief = Document(str(exported(tmp_path, ".docx", *(row(no=str(number)) for number in range(310)))))

    assert any("另有 10 项未列出" in paragraph.text for paragraph in brief.paragraphs)


def test_an_empty_ledger_is_a_file_too(tmp_path: Path) -> None:
    for suffix in FORMATS:
        assert exported(tmp_path, suffix).stat().st_size > 0


def test_a_form_that_does_not_exist_and_a_folder_that_is_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(DubanError, match=r"不能导出 \.pdf"):
        write(tmp_path / "a.pdf", [], [], "2024-01-01")
    with pytest.raises(DubanError, match="无法写入"):
        write(tmp_path / "none" / "a.csv", [], [], "2024-01-01")


def test_a_file_that_failed_leaves_the_old_one_and_no_draft(tmp_path: Path) -> None:
    path = exported(tmp_path, ".csv", row())
    before = path.read_bytes()

    def broken() -> Any:
        yield row()
        raise OSError(28, "No space left on device")

    with pytest.raises(DubanError, match="无法写入"):
        write(path, broken(), [], "2024-01-01")

    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
