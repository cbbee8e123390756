import pytest

from ingest.error import ReadError
from ingest.read.csv import read
from ingest.read.reading import Limits

ROWS = [["任务", "牵头单位"], ["甲，乙", "市水务局"], ["丙", "市教育局"]]
TABLE = ["| 任务 | 牵头单位 |", "| --- | --- |", "| 甲，乙 | 市水务局 |", "| 丙 | 市教育局 |"]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_the_separator_and_the_encoding_are_found(separator, encoding):
    data = "\r\n".join(separator.join(row) for row in ROWS).encode(encoding)

    assert read(data, Limits()).text.splitlines() == TABLE


def test_quoted_cells_keep_separators_and_line_breaks_and_formulas_their_words():
    data = '标题行\n任务,编号\n"甲,乙\n丙","=""007"""\n'.encode()

    assert read(data, Limits()).text.splitlines() == [
        "标题行",
        "| 任务 | 编号 |",
        "| --- | --- |",
        "| 甲,乙 丙 | 007 |",
    ]


def test_a_declared_separator_and_a_table_of_one_column():
    assert read("sep=;\n任务;单位\n甲;乙\n".encode(), Limits()).text.splitlines()[2] == "| 甲 | 乙 |"
    assert read("甲\n乙\n".encode(), Limits()).text == "甲\n乙\n"


@pytest.mark.parametrize(
    "data", [b"", b",,,\n,,\n", b'"' + b"a" * 200_000], ids=["empty", "no words", "unclosed quote"]
)
def test_what_holds_no_table_is_refused(data):
    with pytest.raises(ReadError, match=r"没有文字|格式不对"):
        read(data, Limits())
