"""What supplies that which a time leaves out: a year stated before it, the document's date, the day just spoken of."""

from __future__ import annotations

import bisect
import datetime as dt
from dataclasses import dataclass, replace

from ingest.document import Section
from ingest.moment import Moment, years
from ingest.regex import regex

REACH = 200  # characters back to which 当日 and 同年 may refer, inside one sentence
_STOP = regex(r"[。!?\n]")
_SHIFT = {"今": 0, "本": 0, "去": -1, "上": -1, "明": 1, "来": 1, "下": 1, "当": 0, "同": 0, "次": 1, "翌": 1}
_POINTING_BACK = "当同次翌"  # at what the sentence has just said; the others point at the document


@dataclass(frozen=True, slots=True)
class Anchor:
    """What times are counted from: `date` for 今年 and 本月, `year` (default: that of `date`) for a bare 10月25日.

    `source` is the word for it that readers see: 报告日期, 标题. `period` is the year that the document is about, where
    its title says one: a report on 2024 that is dated January 2025 has its 11月中旬 in 2024.
    """

    date: dt.date | None
    year: int | None
    source: str
    period: int | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first and the last day of a moment, as far as words and anchor determine them, and what supplied the rest."""

    low: dt.date | None = None
    high: dt.date | None = None
    anchor: str | None = None
    flags: tuple[str, ...] = ()
    year: int | None = None


# The year (0: unknown), the month where a word points at one, the anchor (of an unknown year the flag).
_Place = tuple[int, int | None, str]


class Context:
    """What has been stated so far, section by section, and what the document supplies. Offsets only ever grow."""

    def __init__(self, words: str, anchor: Anchor | None, sections: tuple[Section, ...], *, republic: bool = False):
        if anchor and anchor.date and not 1 < anchor.date.year < 9999:  # a day that has no week around it
            anchor = replace(anchor, date=None)
        self._words = words
        self._anchor = anchor
        self._republic = republic
        self._sections = sections
        self._starts = [section.start for section in sections]
        self._latest: dict[int, int] = {}
        self._headings: dict[int, int] = {}
        self._last: int | None = None
        self._only: int | None = None
        self._date: tuple[int, dt.date, str] | None = None
        self._carried = False
        self._recurrence = -REACH - 1

    @property
    def today(self) -> dt.date | None:
        """Return the date of the document."""
        return self._anchor.date if self._anchor else None

    def state_year(self, at: int, year: int) -> None:
        """Remember that `year` is stated at offset `at`."""
        home = self._home(at)
        self._latest[home] = self._last = year
        if self._sections and at < self._sections[home].body:
            self._headings[home] = year

    def state_date(self, end: int, date: dt.date, moment: Moment) -> None:
        """Remember the date whose words, the last of them being `moment`, end at `end`."""
        self._date = (end, date, moment.unit)
        # 明年3月底前初验，6月底前终验: the year of the first is that of the second, though no figure states it.
        self._carried = bool(moment.relative_year) and moment.unit != "year"

    def state_recurrence(self, end: int) -> None:
        """Remember that the words of a recurrence end at `end`: 每月5日前报送上月进展 is said of every month."""
        self._recurrence = end

    def bounds(self, moment: Moment, since: Bounds | None, *, limit: bool) -> Bounds:
        """Return the interval of a moment.

        `since` is that of the moment before it in a range. `limit`: the words set a limit, which may lie ahead.
        """
        if moment.unit in ("season", "holiday"):
            return Bounds(flags=(moment.unit,), year=moment.year)
        year, month, anchor = self._place(moment, since, limit)
        if not year:
            # What is no day even in a leap year is impossible whatever the year.
            return Bounds(flags=(anchor if moment.interval(2024, 1) else "impossible",))
        span = moment.interval(year, month)
        if not span:
            return Bounds(flags=("impossible",), year=moment.year)
        flags = ("reversed",) if span[0] > span[1] else ("vague",) if moment.edge in ("begin", "middle") else ()
        return Bounds(*span, anchor or None, flags, year)

    def now(self, *, day: int | None = None) -> Bounds:
        """Return the date of the document (截至目前); with `day` only if it is that day of its month (今(5)日)."""
        if not self._anchor or not self._anchor.date or (day and self._anchor.date.day != day):
            return Bounds(flags=("unresolved",))
        date = self._anchor.date
        return Bounds(date, date, f"{date.isoformat()} ({self._anchor.source})", (), date.year)

    def day(self, at: int, shift: int) -> Bounds:
        """Return the day `shift` days after the one spoken of before offset `at` in the same sentence."""
        if self._recurring(at):
            return Bounds(flags=("recurring",))
        last = self._antecedent(at, "day")
        if not last:
            return Bounds(flags=("unresolved",))
        date = last + dt.timedelta(days=shift)
        return Bounds(date, date, f"{last.isoformat()} (同句)", (), date.year)

    def days(self, moment: Moment) -> Bounds:
        """Return the interval of days without a month, in the month spoken of before them in the same sentence."""
        last = self._antecedent(moment.start, "month")
        if not last or self._recurring(moment.start):
            return Bounds(flags=("month_unknown",))
        span = moment.interval(last.year, last.month)
        return Bounds(*span, f"{last:%Y-%m} (同句)", (), last.year) if span else Bounds(flags=("impossible",))

    def follows(self, at: int, day: int) -> bool:
        """Return whether `day` may go on from the date before offset `at` in the same sentence: 10月8日、11日."""
        last = self._antecedent(at, "month")
        return last is not None and day > last.day

    def week(self, shift: int, weekday: int | None) -> Bounds:
        """Return the week `shift` weeks after that of the document's date, or one day of it (0: Monday).

        Weeks begin on Monday (GB/T 7408).
        """
        now = self.now()
        if not now.low:
            return now
        low = now.low + dt.timedelta(days=7 * shift - now.low.weekday() + (weekday or 0))
        return Bounds(low, low if weekday is not None else low + dt.timedelta(days=6), now.anchor, (), low.year)

    def quarter(self, shift: int) -> Bounds:
        """Return the quarter `shift` quarters after that of the document's date."""
        now = self.now()
        if not now.low:
            return now
        year, quarter = divmod(now.low.year * 4 + (now.low.month - 1) // 3 + shift, 4)
        after = dt.date(year + quarter // 3, (quarter * 3 + 3) % 12 + 1, 1)
        return Bounds(dt.date(year, quarter * 3 + 1, 1), after - dt.timedelta(days=1), now.anchor, (), year)

    def _place(self, moment: Moment, since: Bounds | None, limit: bool) -> _Place:
        if moment.relative_month:
            return self._relative_month(moment)
        if moment.year:
            return moment.year, None, ""
        if moment.relative_year:
            return self._relative_year(moment, since)
        if since:
            return (since.year, None, since.anchor or "") if since.year else (0, None, "year_unknown")
        return self._bare(moment, limit)

    def _bare(self, moment: Moment, limit: bool) -> _Place:
        last = self._antecedent(moment.start, "year") if self._carried else None
        stated = (last.year, "同句") if last else self._stated_year(moment.start)
        if stated:
            return stated[0], None, f"{stated[0]} ({stated[1]})"
        anchor = self._anchor
        year = anchor and (anchor.year or (anchor.date.year if anchor.date else None))
        if anchor and year:
            period = None if limit else anchor.period  # what is no limit may be told of the past
            if period and period < year and anchor.date and _ahead(moment, year, anchor.date):
                return period, None, f"{period} (标题)"
            return year, None, f"{year} ({anchor.source})"
        year = self._last or self._only_year()
        return (year, None, f"{year} (文档)") if year else (0, None, "year_unknown")

    def _stated_year(self, at: int) -> tuple[int, str] | None:
        """Return the year stated last before offset `at` in its section, or in a heading above that, and where."""
        home: int | None = self._home(at)
        if home in self._latest:
            return self._latest[home], "本节"
        while home and (home := self._sections[home].parent):
            if home in self._headings:
                return self._headings[home], "上级标题"
        return None

    def _only_year(self) -> int | None:
        """Return the year of a document that states a single one."""
        if self._only is None and self._sections:
            stated = set(years(self._words, republic=self._republic))
            self._only = stated.pop() if len(stated) == 1 else 0
        return self._only

    def _relative_year(self, moment: Moment, since: Bounds | None) -> _Place:
        word = moment.relative_year[0]
        if word in "当同次翌上下" and not since and self._recurring(moment.start):
            return 0, None, "recurring"
        last = self._antecedent(moment.start, "year")
        anchor = self._anchor
        year: int | None = None
        source = "同句"
        if word in _POINTING_BACK:
            year = since.year if since else last.year if last else None
        elif word in "上下" and last:  # 2024年安排860万元，比上年增加: the year before the one spoken of
            year = last.year
        elif word in "上下" and (stated := self._stated_year(moment.start)):
            year, source = stated
        elif anchor and word in "上下本" and anchor.period:
            year, source = anchor.period, "标题"
        elif anchor:
            year, source = anchor.date.year if anchor.date else anchor.year, anchor.source
        return (year + _SHIFT[word], None, f"{year} ({source})") if year else (0, None, "unresolved")

    def _relative_month(self, moment: Moment) -> _Place:
        word = moment.relative_month[0]
        if self._recurring(moment.start):
            return 0, None, "recurring"
        date, source = self._antecedent(moment.start, "month"), "同句"
        if word not in _POINTING_BACK:
            date, source = self.today, self._anchor.source if self._anchor else ""
        if not date:
            return 0, None, "unresolved"
        months = date.year * 12 + date.month - 1 + _SHIFT[word]
        return months // 12, months % 12 + 1, f"{date:%Y-%m} ({source})"

    def _antecedent(self, at: int, unit: str) -> dt.date | None:
        """Return the last date before `at` in the same sentence, if it was stated as finely as `unit`."""
        if not self._date or not self._near(self._date[0], at):
            return None
        finer = {"day": ("day",), "month": ("day", "month", "xun"), "year": (self._date[2],)}
        return self._date[1] if self._date[2] in finer[unit] else None

    def _recurring(self, at: int) -> bool:
        return self._near(self._recurrence, at)

    def _near(self, end: int, at: int) -> bool:
        return 0 <= at - end <= REACH and not _STOP.search(self._words, end, at)

    def _home(self, at: int) -> int:
        """Return the innermost section around `at`; measures belong to the item that holds them."""
        home = bisect.bisect_right(self._starts, at) - 1
        while home > 0 and (self._sections[home].end <= at or self._sections[home].kind == "measure"):
            home = self._sections[home].parent or 0
        return max(home, 0)


def _ahead(moment: Moment, year: int, date: dt.date) -> bool:
    """Return whether the moment would begin after `date`."""
    span = moment.interval(year)
    return span is not None and span[0] > date
