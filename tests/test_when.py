"""Times: the table of expressions, what anchors a bare date, and what must hold for any text at all."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st
from opencc import OpenCC

from ingest.document import Document
from ingest.fold import fold
from ingest.read.file import parse
from ingest.when import Anchor, When, document_times, last_as_of, times

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"
DAY = dt.date(2023, 10, 25)


@dataclass(frozen=True)
class Row:
    """A row of times.tsv: a text in which ⟦⟧ marks the time of the row and ⟪⟫ any other, and what the time means.

    `given` is the anchor: a date (报告日期), a year (标题) or nothing. The kind "-" says that the text holds no time at all.
    """

    text: str
    given: str
    kind: str
    start: str
    end: str
    rule: str
    flags: str
    why: str

    @property
    def plain(self) -> str:
        return re.sub("[⟦⟧⟪⟫]", "", self.text)

    @property
    def anchor(self) -> Anchor | None:
        if len(self.given) == 4:
            return Anchor(None, int(self.given), "标题")
        return Anchor(dt.date.fromisoformat(self.given), None, "报告日期") if self.given else None

    @property
    def spans(self) -> list[tuple[int, int]]:
        marks = [mark.start() - n for n, mark in enumerate(re.finditer("[⟦⟧⟪⟫]", self.text))]
        return list(zip(marks[::2], marks[1::2], strict=True))

    @property
    def at(self) -> int:
        return [mark.group() for mark in re.finditer("[⟦⟪]", self.text)].index("⟦")

    @property
    def is_trap(self) -> bool:
        return self.kind == "-" or self.why.startswith("trap")


def table() -> list[Row]:
    with Path(__file__).with_name("times.tsv").open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


ROWS = table()


def check(row: Row, text: str) -> None:
    found = times(text, anchor=row.anchor)

    assert [(when.start, when.end) for when in found] == row.spans, [when.text for when in found]
    if row.kind != "-":
        when = found[row.at]
        said = (
            when.kind,
            when.start_date or "",
            when.end_date or "",
            when.every or when.duration or "",
            ",".join(when.flags),
        )
        assert said == (row.kind, row.start, row.end, row.rule, row.flags)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.plain}-{row.given}" for row in ROWS])
def test_the_table_is_read_right(row: Row) -> None:
    check(row, row.plain)


def test_the_table_is_read_right_in_traditional_characters() -> None:
    convert = OpenCC("s2t").convert
    both = [(row, convert(row.plain)) for row in ROWS]
    same = [(row, text) for row, text in both if fold(text) == fold(row.plain)]

    assert len(same) > 0.95 * len(ROWS)
    for row, text in same:
        check(row, text)


def test_the_table_is_as_large_as_it_was_asked_for() -> None:
    assert len({row.text for row in ROWS}) >= 300
    assert sum(row.is_trap for row in ROWS) >= 100
    assert all(row.why for row in ROWS if row.is_trap)


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_trap], ids=lambda row: row.plain)
def test_a_trap_yields_no_date(row: Row) -> None:
    assert not any(when.start_date or when.end_date for when in times(row.plain, anchor=Anchor(DAY, None, "报告日期")))


@pytest.mark.parametrize("rule", sorted({row.rule for row in ROWS if row.rule.startswith("FREQ")}))
def test_a_rule_is_one_of_rfc_5545(rule: str) -> None:
    begin = dt.datetime(2024, 1, 1)

    first = rrulestr(rule, dtstart=begin).after(begin)

    assert first is not None


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("每半月", 24),
        ("每旬", 36),
        ("每季度", 4),
        ("每半年", 2),
        ("每季度末月25日前", 4),
        ("每月底前", 12),
        ("每周五前", 52),
        ("每年6月、12月底前", 2),
    ],
)
def test_a_rule_recurs_as_often_as_its_words_say(words: str, days: int) -> None:
    rule = times(words)[0].every or ""

    found = rrulestr(rule, dtstart=dt.datetime(2023, 1, 1)).between(
        dt.datetime(2023, 1, 1), dt.datetime(2023, 12, 31), inc=True
    )

    assert len(found) == days


def test_offsets_are_those_of_the_whole_text() -> None:
    text = "2021年3月5日前完成；6月底前验收；9月底前移交"

    found = times(text, 13, 19, Anchor(None, 2023, "标题"))

    assert [(when.start, when.end, when.text, when.end_date) for when in found] == [(13, 17, "6月底前", "2023-06-30")]


def test_a_range_of_a_text_does_not_split_what_stands_at_its_edges() -> None:
    assert times("至2023年", 2, 5) == []
    assert times("12月底前", 1) == []
    assert times("", anchor=Anchor(DAY, None, "报告日期")) == []
    assert times("6月底前", 3, 2) == []


def test_a_time_is_printed_as_the_contract_says() -> None:
    when = times("请于12月底前办结", anchor=Anchor(DAY, None, "报告日期"))[0]

    assert when.to_json() == {
        "kind": "by",
        "start": 2,
        "end": 7,
        "text": "12月底前",
        "start_date": None,
        "end_date": "2023-12-31",
        "every": None,
        "anchor": "2023 (报告日期)",
        "flags": [],
        "duration": None,
    }


def test_the_last_day_that_there_is_raises_nothing() -> None:
    assert times("下周、下月、次日、下季度", anchor=Anchor(dt.date.max, None, "报告日期"))


# --- what anchors a bare date


def document(text: str) -> Document:
    return parse(text.encode("utf-8"), ".txt")


def by_words(found: list[When]) -> dict[str, When]:
    return {when.text: when for when in found}


REPORT = """某市水务局2024年度履职情况

发布日期：2025-01-17

一、管网建设

去冬启动的工程分两批实施，11月中旬遇雨停工，12月底前补齐。

（一）旧管改造。2022年7月立项，9月3日开工。

（二）新管建设。受理投诉，比上年减少。

二、2026年安排

（一）4月30日前完成主体工程。

（二）比2019年下降一成，6月底前验收。2020年以来的欠账于8月底前还清。《2018年方案》要求的内容，10月底前落实。
"""


def test_the_year_of_a_bare_date_comes_from_the_nearest_statement_and_the_anchor_says_which() -> None:
    found = by_words(document_times(document(REPORT)))

    anchors = {words: (when.end_date, when.anchor) for words, when in found.items() if when.anchor}
    assert anchors == {
        "11月中旬": ("2024-11-20", "2024 (标题)"),  # told in January 2025, and not of the November to come
        "12月底前": ("2025-12-31", "2025 (报告日期)"),
        "9月3日": ("2022-09-03", "2022 (本节)"),
        "上年": ("2023-12-31", "2024 (标题)"),
        "4月30日前": ("2026-04-30", "2026 (上级标题)"),
        "6月底前": ("2026-06-30", "2026 (上级标题)"),  # neither 比2019年
        "8月底前": ("2026-08-31", "2026 (上级标题)"),  # nor 2020年以来
        "10月底前": ("2026-10-31", "2026 (上级标题)"),  # nor the year in a document's name
    }


def test_a_document_without_a_date_lends_the_year_of_its_title_or_the_last_one_stated() -> None:
    titled = document("关于开展2023年专项检查的通知\n\n一、安排\n\n请于6月底前完成。\n")
    untitled = document("一、组织\n\n2023年9月8日召开会议。\n\n二、进展\n\n截至10月25日已完成九成。\n")
    late = document("一、进展\n\n截至10月25日已完成九成。\n\n二、组织\n\n2023年9月8日召开会议。\n")
    two = document("一、进展\n\n截至10月25日已完成九成。\n\n二、组织\n\n2022年部署，2023年9月8日召开会议。\n")

    assert by_words(document_times(titled))["6月底前"].anchor == "2023 (标题)"
    assert by_words(document_times(untitled))["截至10月25日"].anchor == "2023 (文档)"
    assert by_words(document_times(late))["截至10月25日"].anchor == "2023 (文档)"
    assert by_words(document_times(two))["截至10月25日"].flags == ("year_unknown",)


def test_a_title_of_several_years_is_no_anchor() -> None:
    found = by_words(document_times(document("某河三年行动方案（2024—2026年）\n\n一、任务\n\n6月底前完成。\n")))

    assert (found["6月底前"].end_date, found["6月底前"].flags) == (None, ("year_unknown",))


def test_a_damaged_signature_anchors_nothing() -> None:
    found = by_words(document_times(document("请于6月底前完成。\n\n某市水务局\n202536日\n")))

    assert found["202536日"].flags == ("damaged",)
    assert found["6月底前"].end_date is None


def test_the_demo_plan_is_read() -> None:
    found = by_words(document_times(document((DEMO / "tinglan-plan.txt").read_text(encoding="utf-8"))))

    assert found["到2026年6月底"].end_date == "2026-06-30"
    assert found["每年11月至次年3月"].every == "FREQ=YEARLY;BYMONTH=1,2,3,11,12"
    assert found["自收到县（区）书面申请之日起15个工作日内"].duration == "P15D"
    assert found["每月25日前"].every == "FREQ=MONTHLY;BYMONTHDAY=25"
    assert found["至2026年12月31日"].kind == "by"


def test_the_deadlines_of_the_real_reports_are_read(seeds: Path) -> None:
    found = by_words(document_times(document((seeds / "seed-004.txt").read_text(encoding="utf-8"))))

    assert (found["12月底前"].end_date, found["12月底前"].anchor) == ("2023-12-31", "2023 (文档)")
    assert found["2024年3月底前"].end_date == "2024-03-31"
    assert found["截至10月25日"].end_date == "2023-10-25"
    assert found["每半年"].every == "FREQ=MONTHLY;INTERVAL=6"
    plan = [when.text for when in document_times(document((seeds / "seed-002.txt").read_text(encoding="utf-8")))]
    assert {"年計劃", "季調度", "年報告", "“十四五”時期"} <= set(plan)


# --- what holds for any text

FRAGMENTS = """
年 月 日 号 旬 季度 季 周 天 个 工作日 小时 半 一 二 十 十二 三十一 廿五 卅 〇 零 两 百 0 1 2 5 11 12 13 30 31 2023 2024 1999 二〇二三
二零二四 底 末 初 中 前 后 之前 以前 以内 内 之内 起 止 至 到 — – - ~ 、 ， 。 ； ： ( ) 《 》 “ ” | 截至 截止 目前 自 从 自受理之日起
收到通知后 每 每月 每年 每季度 每周 每半月 每隔 按 次 一次 今年 明年 去年 上年 当年 同年 次年 本月 上月 次月 当日 次日 今(25)日 本周
上季度 上旬 中旬 下旬 上半年 前三季度 第 第一季度 十四五 时期 期间 以来 开局之年 今冬明春 汛期 汛前 春节 国庆节 五一 前后 左右 民国 农历
长期坚持 立即 常态化 年计划 季调度 一月一次 底前 月底 年底 24时 上午 9:30 星期 2023年 2024年3月 3月5日 2023-10-25 2024.3.31 202536日
""".split()
SOUP = st.lists(st.sampled_from([*FRAGMENTS, " ", "\n", "\u3000"]), max_size=14).map("".join)
ANCHORS = st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)).map(lambda day: Anchor(day, None, "报告日期"))


def stated_years(text: str) -> set[int]:
    """Return every year that the figures of a text could be read as, wherever they stand."""
    words = fold(text).translate(str.maketrans("〇零○o一二三四五六七八九", "0000123456789"))
    return {int(words[at : at + 4]) for at in range(len(words)) if re.fullmatch("[0-9]{4}", words[at : at + 4])}


@given(SOUP | st.text(), ANCHORS)
@example("《" * 3 + "2023年》每年2月30日前", None)
def test_every_span_is_exact_and_in_order(text: str, anchor: Anchor | None) -> None:
    found = times(text, anchor=anchor)

    assert all(text[when.start : when.end] == when.text != "" for when in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


@given(SOUP, st.integers(-2, 40), st.integers(-2, 40))
def test_a_range_bounds_the_spans(text: str, start: int, end: int) -> None:
    found = times(text, start, end)

    assert all(max(start, 0) <= when.start < when.end <= end for when in found)
    assert all(text[when.start : when.end] == when.text for when in found)


@given(SOUP, ANCHORS)
def test_no_date_is_of_a_year_that_neither_text_nor_anchor_gives(text: str, anchor: Anchor | None) -> None:
    given_years = stated_years(text) | ({anchor.date.year} if anchor and anchor.date else set())
    near = {year + shift for year in given_years for shift in range(-2, 3)}  # 去年 and its 上年, 明年 and its 次年
    plans = set(range(1950, 2060)) if "五" in text else set()

    for when in times(text, anchor=anchor):
        for day in (when.start_date, when.end_date):
            assert day is None or dt.date.fromisoformat(day).year in near | plans


@given(SOUP, ANCHORS)
def test_dates_are_in_order_and_only_of_the_kinds_that_have_them(text: str, anchor: Anchor | None) -> None:
    for when in times(text, anchor=anchor):
        if when.start_date and when.end_date:
            assert when.start_date <= when.end_date
        if when.kind in ("every", "within", "none"):
            assert when.start_date is when.end_date is None
        if {"impossible", "reversed", "damaged", "calendar", "season", "holiday", "unresolved"} & set(when.flags):
            assert when.start_date is None or when.end_date is None
        assert when.kind != "on" or when.start_date == when.end_date
        assert (when.every is None) or when.kind == "every"
        assert (when.duration is None) or when.kind == "within"


@given(SOUP)
def test_every_rule_found_is_valid(text: str) -> None:
    for when in times(text):
        if when.every:
            rrulestr(when.every, dtstart=dt.datetime(2024, 1, 1))


ADVERSE = [
    *(
        "一",
        "1",
        "12",
        "2023",
        "2023年",
        "2023 ",
        "1月",
        "1—",
        "12月31日至",
        "2024.3.",
        "自",
        "自受理",
        "自2023年",
        "截至",
        "每",
        "每年1月、",
    ),
    *(
        "每月1日、",
        "按",
        "上",
        "当日",
        "次年",
        "今年",
        "《",
        "《2023年",
        "“十四",
        "第一",
        "第1-3",
        "民国一",
        "农历",
        "长期",
        "至",
        "到2023",
        "后3日内",
    ),
    *(
        "收到收到收到后3日内",
        "自收到之日起",
        "3至",
        " ",
        "1 ",
        "2023   年   ",
        "年计划、",
        "一月一",
        "2023年 月 日",
        "2023年_",
        "20231",
        "10—11日",
    ),
    *(
        "10月1日、2日",
        "10月25日 上午 ",
        "前1",
        "整改时限:",
        "半个月",
        "从2023年_上月一月一",
        "1月至 从",
        "每年1月至每中按",
        "到后1月至汛",
    ),
]


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that `work` takes, without the garbage collector."""
    return timeit.timeit(work, timer=time.process_time, number=1)


def slowness() -> float:
    """Return how many times slower than an idle machine (a million additions in 12 ms) this one is at the moment."""
    return max(1.0, seconds(lambda: sum(range(1_000_000))) / 0.012)


@pytest.mark.parametrize("words", ADVERSE)
def test_the_worst_ten_thousand_characters_are_read_in_a_moment(words: str) -> None:
    text = (words * 10_000)[:10_000]

    for _ in range(4):  # a machine that is busy with something else gets another chance
        whole, quarter = seconds(lambda: times(text)), seconds(lambda: times(text[:2_500]))
        if whole < 0.2 * slowness() and whole < 7 * quarter + 0.02:  # quadratic would be sixteen times
            return
    pytest.fail(f"{whole:.3f} s for 10,000 characters, {quarter:.3f} s for a quarter of them")


SPOKEN = (
    "截至2024年6月底，", "截至目前，", "截至6月底，", "截止2025年3月，", "截2023年末，", "截至当年底，", "截至今年5月，", "截留挪用的，", "2023年，",
    "截至 2024 年 3 月 5 日，", "截至二〇二二年底，", "截至113年底，", "去年11月，", "《截至2030年的规划》，", "完成12项。", "\n", "一、情况\n",
    "2025年1月10日\n", "计划2026年底前完成。",
)  # fmt: skip


@given(st.lists(st.sampled_from(SPOKEN), max_size=12).map("".join))
def test_the_last_day_spoken_of_is_that_of_all_times_read(text: str) -> None:
    document = parse(f"通报。\n{text}".encode())
    days = [when.end_date or when.start_date for when in document_times(document) if when.kind == "as_of"]
    said, date = last_as_of(document), document.date.value if document.date else ""

    assert max((*filter(None, days), date)) == max(said.isoformat() if said else "", date)
