"""Lists by a value that is compared: amounts, shares and days, in tables and in items."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.fold import fold
from ingest.read import parse
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake
from retriever.limit import limit, limited
from retriever.passage import Source

PROJECTS = """# 湖津市2025年城建重点项目推进情况

湖津市住房和城乡建设局　　2025年7月8日

| 序号 | 项目名称 | 责任单位 | 总投资（万元） | 完成进度 | 竣工日期 |
|---|---|---|---|---|---|
| 1 | 青石路改造 | 市政公司 | 1200 | 45% | 2025年10月31日 |
| 2 | 北门菜场迁建 | 市商务局 | 480 | 约80% | 2025年8月15日 |
| 3 | 运河步道 | 市园林局 | 760 | 30% | 2026年3月底 |
| 合计 |  |  | 2440 |  |  |

## 存在问题

1. 青石路改造。主要是管线迁改慢，滞后35天。
2. 运河步道。因雨季停工，滞后18天。
3. 第三水厂扩容。设备招标流标，滞后40天。
"""


def names(question: str) -> list[str]:
    source = Source(parse(PROJECTS.encode()), "湖津市2025年城建重点项目推进情况", "projects.md")
    found = limited(fold(question), [source])
    return [row.record.name.of(source.document.text) for row in found.rows] if found else []


@pytest.mark.parametrize(
    ("words", "sign", "value"),
    [
        ("总投资500万元以上的有哪些", "≥", Decimal(5_000_000)),
        ("落后超过一成的是哪几项", ">", Decimal(10)),
        ("进度不到一半的有哪些", "<", Decimal(50)),
        ("进度过半的有哪些", ">", Decimal(50)),
        ("2025年底前到期的有哪些", "≤", dt.date(2025, 12, 31)),
        ("114年6月底前完成的有哪些", "≤", dt.date(2025, 6, 30)),
    ],
)
def test_a_limit_is_an_amount_or_a_day(words: str, sign: str, value: Decimal | dt.date) -> None:
    found = limit(words)

    assert found is not None
    assert (found.sign, found.value) == (sign, value)


@pytest.mark.parametrize("words", ["第3项是哪个", "责任单位是谁", "2025年有哪些项目", "3个项目是哪些"])
def test_a_number_that_compares_nothing_is_no_limit(words: str) -> None:
    assert limit(words) is None


def test_rows_beyond_a_limit_are_chosen_in_the_unit_of_the_header_without_the_total() -> None:
    assert names("总投资在500万元以上的项目有哪些？") == ["青石路改造", "运河步道"]
    assert names("总投资不超过480万元的项目有哪些？") == ["北门菜场迁建"]


def test_a_value_that_is_only_about_is_not_compared() -> None:
    assert names("完成进度超过40%的项目有哪些？") == ["青石路改造"]


def test_days_and_items_are_compared_too() -> None:
    assert names("2025年底前竣工的项目有哪些？") == ["青石路改造", "北门菜场迁建"]
    assert [name[:2] for name in names("滞后超过30天的项目有哪些？")] == ["1.", "3."]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("limit")
    (folder / "projects.md").write_text(PROJECTS, encoding="utf-8")
    intake(folder / "store", [folder / "projects.md"], embedder())
    with Retriever.open(folder / "store") as opened:
        yield opened


def test_an_answer_says_how_many_first_and_each_row_with_its_value(retriever: Retriever) -> None:
    answer = retriever.answer("湖津总投资在500万元以上的城建项目有哪些？")

    assert answer.claims[0].text == "总投资500万元以上的共2项："
    assert [claim.text for claim in answer.claims[1:]] == ["青石路改造（1200）", "运河步道（760）"]


def test_an_item_of_a_list_that_was_given_is_meant_by_its_number(retriever: Retriever) -> None:
    listed = retriever.answer("湖津总投资在500万元以上的城建项目有哪些？")

    assert listed.state.rows == ("青石路改造（1200）", "运河步道（760）")
    assert "市园林局" in retriever.answer("第二个呢，责任单位是谁？", state=listed.state).text
