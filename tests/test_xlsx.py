from pathlib import Path

import pytest

from ingest.error import ReadError
from ingest.ledger import ledger
from ingest.read import parse
from ingest.read.cell import BUILT_IN, form, shown
from ingest.read.reading import Limits
from ingest.read.xlsx import read
from tests.office import packed, xlsx

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"


def lines(*rows, **options) -> list[str]:
    return read(xlsx({"Sheet1": rows}, **options), Limits()).text.splitlines()


def test_a_title_stands_above_the_table_and_merged_cells_in_each_of_their_places():
    found = lines(
        ["昙溪市任务台账", None, None],
        ["填报单位：市教育局", None, "2025年7月"],
        ["序号", "任务", "牵头单位"],
        [1, "甲", "市教育局"],
        [2, None, "市商务局"],
        merged={"Sheet1": ["A1:C1", "B4:B5", "A2:B2"]},
    )

    assert found == [
        "昙溪市任务台账",
        "填报单位：市教育局　2025年7月",
        "| 序号 | 任务 | 牵头单位 |",
        "| --- | --- | --- |",
        "| 1 | 甲 | 市教育局 |",
        "| 2 | 甲 | 市商务局 |",
    ]


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (45900, BUILT_IN[14], "2025年8月31日"), (45900, BUILT_IN[31], "2025年8月31日"), (45900, BUILT_IN[57], "2025年8月"),
        (45900, BUILT_IN[58], "2025年8月31日"), (45900.6042, "yyyy-mm-dd hh:mm", "2025年8月31日 14:30"), (0.5, "h:mm", "12:00"),
        (45900, 'yyyy"年"m"月";@', "2025年8月"), (45900, "[$-804]yyyy\\-mm\\-dd", "2025年8月31日"), (45900, "General", "45900"),
        (0.647, "0.0%", "64.7%"), (1234567.5, "#,##0.00", "1,234,567.50"), (7, "000", "007"), (0.1 + 0.2, "General", "0.3"),
        (2.675, "0.00", "2.68"), (1e15, "", "1e+15"), (3, "0_);(0)", "3"), (36526, "[h]:mm", "36526"), (12, '0"项"', "12"),
        (59, BUILT_IN[14], "1900年2月28日"), (61, BUILT_IN[14], "1900年3月1日"), (-1, BUILT_IN[14], "-1"), (1e9, BUILT_IN[14], "1000000000"),
    ],
)  # fmt: skip
def test_a_number_is_shown_as_the_sheet_shows_it(number, code, said):
    assert shown(number, form(code)) == said


def test_dates_since_1904():
    assert shown(44438, form("yyyy-m-d"), since_1904=True) == "2025年8月31日"


def test_a_duty_table_gives_the_same_tasks_as_in_markdown():
    text = (DEMO / "tanxi-ledger.md").read_text(encoding="utf-8")
    tables: dict[str, list[list[object]]] = {}
    for line in text.splitlines():
        if line.startswith("### "):
            tables[line[4:]] = []
        elif line.startswith("|") and not set(line) <= set("|-"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            tables[list(tables)[-1]].append([int(cells[0]) if cells[0].isdigit() else cells[0], *cells[1:]])

    book = parse(xlsx(tables), ".xlsx")

    assert rows(book) == [task for task in rows(parse(text.encode(), ".md")) if task[0].isdigit()]
    assert len(rows(book)) == 14


def rows(document) -> list[tuple]:
    """Return what the ledger reads from each task, with the words that it cites."""
    return [
        (
            task.label, task.title, task.status.kind, [document.text[when.start : when.end] for when in task.deadlines],
            [(duty.role, document.text[duty.start : duty.end]) for duty in task.duties],
        )
        for task in ledger(document).tasks
    ]  # fmt: skip


def test_sheets_are_headings_hidden_ones_are_left_out_and_named():
    table = [["任务", "牵头单位"], ["甲", "市水务局"]]

    reading = read(xlsx({"一季度": table, "二季度": table, "底稿": table}, hidden=["底稿"]), Limits())

    assert [line for line in reading.text.splitlines() if not line.startswith("|")] == ["一季度", "二季度"]
    assert [reading.text[mark.start :].split("\n")[0] for mark in reading.marks] == ["一季度", "二季度"]
    assert reading.notes == ("隐藏的工作表没有读入：底稿",)


def test_a_blank_row_parts_two_tables_only_where_a_title_or_header_follows():
    found = lines(
        ["任务", "牵头单位"], ["甲的工作已经按照计划完成", "市水务局"], [], ["乙的工作正在抓紧推进落实中", "市教育局"], [], ["附表", None], ["名称", "数量"], ["食堂", 3]
    )  # fmt: skip

    assert found == [
        "| 任务 | 牵头单位 |", "| --- | --- |", "| 甲的工作已经按照计划完成 | 市水务局 |", "| 乙的工作正在抓紧推进落实中 | 市教育局 |",
        "附表", "| 名称 | 数量 |", "| --- | --- |", "| 食堂 | 3 |",
    ]  # fmt: skip


def test_shared_strings_formulas_without_results_and_far_away_cells():
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="XFD1" t="s"><v>1</v></c></row>'
        '<row r="1048576"><c r="A1048576" t="str"><v>丙</v></c><c r="B1048576"><f>1+1</f></c><c r="XFD1048576" t="b"><v>1</v></c></row></sheetData></worksheet>'
    )
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>任</t></r><r><t>务</t></r>'
        "<rPh><t>注音</t></rPh></si><si><t>完成</t></si></sst>"
    )
    data = _replaced(xlsx({"Sheet1": [["甲"]]}), {"xl/worksheets/sheet0.xml": sheet, "xl/sharedStrings.xml": strings})

    reading = read(data, Limits())

    assert reading.text.splitlines() == ["| 任务 | 完成 |", "| --- | --- |", "| 丙 | 是 |"]
    assert "1 个公式" in reading.notes[0]


def _replaced(data: bytes, parts: dict[str, str]) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    relations = held["xl/_rels/workbook.xml.rels"].decode()
    more = '<Relationship Id="rId99" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    return packed({**held, **parts, "xl/_rels/workbook.xml.rels": relations.replace("</Relationships>", more)})


def test_merged_cells_without_end_are_clipped_to_the_rows_in_use():
    assert lines(["任务", "单位"], ["甲", "乙"], merged={"Sheet1": ["A2:A1048576", "B2:XFD2"]})[2:] == ["| 甲 | 乙 |"]


@pytest.mark.parametrize("cut", [10, 400, 900])
def test_a_cut_file_is_refused(cut):
    with pytest.raises(ReadError, match="损坏"):
        parse(xlsx({"Sheet1": [["任务", "单位"]]})[:-cut], ".xlsx")
