"""Duty tables that lost their bars or their lines: one cell a line, rows broken over two lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.fold import fold
from ingest.table import tables

ROWS = [
    ("1", "河堤加固", "加固险段12处，长3公里", "市水利局", "市财政局、各镇政府", "2025年5月底前"),
    ("2", "物资储备", "补足沙袋3万条", "市应急管理局", "市商务局", "2025年4月15日前"),
    ("3", "值班值守", "汛期24小时值班", "市防汛办", "各成员单位", "长期坚持"),
]
NAMES = ("序号", "任务", "工作要求", "牵头单位", "配合单位", "完成时限")


def cells(text: str) -> list[dict[str, str]]:
    return [
        {column: "/".join(span.of(text) for span in spans) for column, spans in row.cells.items()}
        for table in tables(fold(text))
        for row in table.rows
    ]


def stacked(rows: list[tuple[str, ...]], gap: str = "\n") -> str:
    return gap.join(cell for row in rows for cell in row if cell) + "\n"


WANTED = [dict(zip(("no", "task", "measure", "lead", "partner", "deadline"), row, strict=True)) for row in ROWS]


def test_a_table_with_one_cell_a_line_is_read_below_names_one_a_line_or_listed_in_a_line() -> None:
    below_names = "一、任务分工\n" + stacked([NAMES, *ROWS]) + "二、工作要求\n（一）加强领导。\n"
    announced = "一、任务分工\n（下表各列依次为：序号、任务、工作要求、牵头单位、配合单位、完成时限）\n" + stacked(ROWS)
    apart = "任务表\n\n" + stacked([NAMES, *ROWS], gap="\n\n")

    assert cells(below_names) == WANTED
    assert cells(announced) == WANTED
    assert cells(apart) == WANTED


def test_a_table_of_other_things_below_is_none_of_its_rows() -> None:
    text = "| 任务 | 牵头单位 |\n|---|---|\n| 修桥 | 市公路局 |\n\n| 来源 | 2025年 |\n|---|---:|\n| 债券 | 42000 |\n"

    assert cells(text) == [{"task": "修桥", "lead": "市公路局"}]


def test_a_stacked_row_without_one_of_its_cells_or_with_a_wrapped_one_keeps_the_others_in_their_columns() -> None:
    rows = [
        ("1", "河堤加固", "加固险段12处，长3公里", "市水利局", "2025年5月底前"),  # nobody helps
        ("2", "物资储备", "补足沙袋3万条，", "按镇分开存放", "市应急管理局", "市商务局", "2025年4月15日前"),
        ROWS[2],
    ]

    found = cells(stacked([NAMES, *rows]))

    assert found[0] == {key: value for key, value in WANTED[0].items() if key != "partner"}
    assert found[1] == WANTED[1] | {"measure": "补足沙袋3万条，\n按镇分开存放"}
    assert found[2] == WANTED[2]


def test_a_stacked_table_without_numbers_has_rows_of_as_many_lines_as_it_has_names() -> None:
    rows = [row[1:2] + row[3:4] + row[5:] for row in ROWS]
    text = stacked([("任务名称", "责任单位", "完成时限"), *rows]) + "二、工作要求\n各单位要高度重视。\n"

    assert [(row["task"], row["responsible"], row["deadline"]) for row in cells(text)] == rows


def test_short_lines_that_are_no_table_are_none() -> None:
    fields = "任务名称：修桥\n责任单位：市交通局\n完成时限\n2025年底前\n"
    prose = "完成时限\n为了按期完成，各单位要逐项对照，倒排工期。\n责任单位\n要切实负责。\n"

    assert cells(fields) == []
    assert cells(prose) == []


def test_a_row_that_is_broken_at_a_border_or_inside_a_cell_is_one_row() -> None:
    lines = ["\t".join(row) for row in (NAMES, *ROWS)]
    at_a_border = "\n".join(lines).replace("\t2025年5月底前", "\n2025年5月底前")
    inside = "\n".join(lines).replace("补足沙袋", "补足\n沙袋")

    assert cells(at_a_border) == WANTED
    assert cells(inside) == [WANTED[0], WANTED[1] | {"measure": "补足\n沙袋3万条"}, WANTED[2]]


def test_a_row_that_lacks_its_last_cells_is_not_joined_with_the_next_one_or_with_what_follows() -> None:
    lines = ["\t".join(row) for row in (NAMES, *ROWS)]
    text = "\n".join([lines[0], lines[1].rpartition("\t")[0], lines[2], lines[3].rpartition("\t")[0]])
    text += "\n二、工作要求\n各单位要高度重视。\n"

    assert cells(text) == [
        {key: value for key, value in WANTED[0].items() if key != "deadline"},
        WANTED[1],
        {key: value for key, value in WANTED[2].items() if key != "deadline"},
    ]


@given(st.lists(st.sampled_from([*NAMES, *ROWS[0], *ROWS[1], "1\t2", "", "一、总则"]), max_size=40))
def test_rows_lie_in_their_tables_one_behind_the_other_and_cells_in_their_rows(lines: list[str]) -> None:
    text = "\n".join(lines)
    end = 0

    for table in tables(text):
        assert end <= table.start <= table.head.start
        end = table.head.end
        for row in table.rows:
            assert end <= row.start < row.end <= table.end
            assert all(row.start <= cell.start < cell.end <= row.end for cell in row.values if cell)
            end = row.end


def test_a_column_of_those_who_assess_or_carry_out_is_one_of_bodies() -> None:
    text = "| 序号 | 考核项目 | 分值 | 负责考核部门 |\n|---|---|---|---|\n| 1 | 河道保洁。每日一次 | 5 | 县水利局 |\n"

    assert cells(text) == [{"no": "1", "task": "河道保洁。每日一次", "responsible": "县水利局"}]
