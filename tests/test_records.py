"""Records: rows of every layout have the same fields."""

from __future__ import annotations

from ingest.read import parse
from retriever.passage import Source
from retriever.records import groups, row_at

CELLS = [
    ("序号", "任务", "牵头单位", "完成时限"),
    ("1", "河堤加固", "市水利局", "2025年5月底前"),
    ("2", "物资储备", "市应急管理局", "2025年4月15日前"),
]
COUNTS = "附表\n单位    承办    办结\n东湾区    14    10\n西湾区    9    8\n合计    23    18\n说明：按牵头单位统计。\n"


def source(text: str) -> Source:
    return Source(parse(text.encode()), "汛期任务", "a.txt")


def test_a_row_of_lines_and_a_row_with_tabs_are_one_passage_and_have_the_same_fields() -> None:
    for between in ("\n", "\t"):
        text = "汛期任务\n" + "\n".join(between.join(row) for row in CELLS) + "\n"
        ready = source(text)

        (group,) = [group for group in groups(ready) if group.records[0].row]
        passages = [passage for passage in ready.whole() if ready.row(passage)]

        fields = [[(name, value.of(text)) for name, value in record.fields] for record in group.records]
        assert fields == [list(zip(CELLS[0], row, strict=True)) for row in CELLS[1:]]
        assert [text[p.start : p.end] for p in passages] == [between.join(row) for row in CELLS[1:]]
        assert all(row_at(ready, passage.start) and passage.whole for passage in passages)


def test_a_row_stays_whole_where_a_chunk_begins_inside_it() -> None:
    text = "汛期任务\n" + "\n".join("\n".join(row) for row in CELLS) + "\n"
    begin = text.index("市水利局")

    assert "河堤加固" in text[source(text).passages(begin, len(text))[0].start :]


def test_columns_of_numbers_between_blanks_are_a_table_and_names_between_blanks_are_none() -> None:
    (group,) = [group for group in groups(source(COUNTS)) if group.records[0].row]
    signatures = (
        "市水利局    市财政局    市应急局\n市农业局    市商务局    市卫健委\n市城管局    市住建局    市气象局\n"
    )

    assert [(name, value.of(COUNTS)) for name, value in group.records[1].fields] == [
        ("单位", "西湾区"), ("承办", "9"), ("办结", "8"),
    ]  # fmt: skip
    assert not any(group.records[0].row for group in groups(source(signatures)))


def test_fields_of_items_stand_on_lines_of_their_own_or_one_behind_the_other() -> None:
    text = (
        "一、列管案件\n（一）編號007　整修步道\n主辦機關：工務處　　協辦機關：農業處、觀光處\n管考建議：解除列管。\n"
        "（二）編號008　增設路燈\n主辦機關：建設處　　協辦機關：各鄉鎮市公所\n管考建議：繼續列管。\n"
    )

    records = [record for group in groups(source(text)) for record in group.records if record.fields]

    assert [[(name, value.of(text)) for name, value in record.fields] for record in records] == [
        [("主办机关", "工務處"), ("协办机关", "農業處、觀光處"), ("管考建议", "解除列管")],
        [("主办机关", "建設處"), ("协办机关", "各鄉鎮市公所"), ("管考建议", "繼續列管")],
    ]
