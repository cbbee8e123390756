"""Times as Chinese documents say them: by, on, from, during, every, within, as of, or none.

No date is made up: what neither the words nor their anchor determine stays None, and a flag says why.

    damaged           a date that lost its marks: 202536日, 2023年10月 日
    impossible        2月30日, 13月
    reversed          a range that ends before it begins
    calendar          农历八月, a year of two or three digits in a text that names no calendar (民国) for it
    year_unknown      10月25日, and no anchor says which year; month_unknown: 月底, 25日前
    unresolved        当日, 次年, 今年 with nothing that they refer to
    recurring         上月 in 每月5日前报送上月进展: said of every month
    season, holiday   汛期, 国庆节前: no exact days
    vague             8月初, 年中: the days around it are known, its own are not
    approximate       前后, 左右; a rule that comes near and no nearer (每半月)
    ambiguous         2025年前 (before it begins, before it ends), 三月内: two readings
    event             counted from an event, which `anchor` names; event_unstated: nothing says from what
    working_days      counts neither weekends nor statutory holidays
    count             how many times in each period is in the words alone (每年不少于2次)
    title             stands in the name of a document, between 《 and 》
    long_term, immediate   长期坚持, 立行立改: how a task without a date is to be done
    superseded        a limit that a later one replaces (由6月底前调整为年底前); the ledger says so
    before_document   a limit that lies before the date of the document
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from ingest import moment, recurrence, sense, term
from ingest.anchor import REACH, Anchor, Bounds, Context
from ingest.document import Document, Section
from ingest.fold import fold
from ingest.moment import BLANK, Moment, count
from ingest.opening import DAYS, LOST_DAY, LOST_MONTH, NOW, OPENING, OTHER_CALENDAR, RUN, STRAY, TO
from ingest.recurrence import Recurrence
from ingest.regex import regex
from ingest.sense import Kind, Placed
from ingest.term import Term

__all__ = ["Anchor", "Kind", "When", "document_times", "last_as_of", "times"]


@dataclass(frozen=True, slots=True)
class When:
    """A time as a text states it: `text` is its words, `[start, end)` their offsets.

    Dates are ISO 8601 and inclusive. `on`: both are the day. `during`: the first and the last day. `from`: no end.
    `by`: `end_date` is the last day that is in time. `as_of`: `end_date` is the day; with a `start_date`, some day
    between the two. `every` is a rule of RFC 5545, None where none says it. `duration` is the length of a term in
    ISO 8601 (P20D). `anchor` says what supplied that which the words leave out: 2023 (本节), 2023 (报告日期),
    受理之日 (事件).
    """

    kind: Kind
    start: int
    end: int
    text: str
    start_date: str | None = None
    end_date: str | None = None
    every: str | None = None
    anchor: str | None = None
    flags: tuple[str, ...] = ()
    duration: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the time as `duban ledger --json` prints a deadline."""
        return {name: getattr(self, name) for name in self.__slots__} | {"flags": list(self.flags)}


def times(text: str, start: int = 0, end: int | None = None, anchor: Anchor | None = None) -> list[When]:
    """Return the times in `text[start:end]`, in order, not overlapping; their spans are offsets into `text`.

    The year of a bare date is the nearest one stated before it in this range, else that of `anchor`.
    """
    end = len(text) if end is None else min(end, len(text))
    start = max(start, 0)
    if start >= end:
        return []
    return _Reader(text, start, end, anchor, ()).read()


def document_times(document: Document) -> list[When]:
    """Return the times of a whole document.

    The year of a bare date is the nearest one stated before it in the same section, then in the headings above; then
    that of the document's date, of its title, the last one stated before it anywhere, the only one that it states.
    """
    traditional = document.script == "hant"
    republic = moment.counts_by_republic(fold(document.text), traditional=traditional)
    title = set(moment.years(fold(document.title.value), republic=republic)) if document.title else set()
    period = title.pop() if len(title) == 1 else None
    date = _iso_date(document.date.value) if document.date else None
    anchor = None
    if date:
        anchor = Anchor(date, date.year, "报告日期", period)
    elif period:
        anchor = Anchor(None, period, "标题", period)
    return _Reader(document.text, 0, len(document.text), anchor, document.sections, traditional=traditional).read()


def last_as_of(document: Document) -> dt.date | None:
    """Return the latest day as of which a document speaks (截至), its own date apart; None where it names none.

    All its times are read for it only where one of these leaves its year out, which takes some fifteen times as long.
    """
    words = fold(document.text)
    found: list[When] = []
    for said in _AS_OF.finditer(words):
        if said["now"]:
            continue  # the date of the document
        if not said["year"]:
            found = document_times(document)
            break
        found += times(document.text, said.start(), said.end() + _MOMENT)[:1]
    days = [when.end_date or when.start_date for when in found if when.kind == "as_of"]
    return max((dt.date.fromisoformat(day) for day in days if day), default=None)


def _iso_date(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


_AS_OF = regex(
    rf"截(?:[至止][到至]?)?{BLANK}(?:(?P<year>(?:19|20)[0-9]{{2}}{BLANK}年)|(?P<now>目前|当前|现在|此时)|[0-9一二三四五六七八九十百〇零○两廿卅今去上本当“年月民中])"
)
_MOMENT = 60  # characters behind the year in which the moment ends
_TITLE = 120  # characters: the longest name of a document between 《 and 》 that is looked for
_WEEKDAYS = "一二三四五六日"
_BLANKS = (" ", "\t", "\u200b")
_INSIDE = ("内", "之", "以")
_RATED = frozenset("日天周月季年")
_NO_DAY_BEFORE = tuple("第每近连前后为期数共满历需时约.")
_LIST = ("", *"、,至和及与或于在(;日 ")

_Step = Callable[[int, re.Match[str]], bool]


class _Reader:
    """Reads the times of one range of one text, in order."""

    def __init__(
        self,
        text: str,
        start: int,
        end: int,
        anchor: Anchor | None,
        sections: tuple[Section, ...],
        *,
        traditional: bool = False,
    ):
        self._text = text
        self._base = max(0, start - REACH)  # patterns look back a few characters, never further
        self._words = fold(text[self._base : end])
        self._at = self._floor = start - self._base
        self._republic = moment.counts_by_republic(self._words, traditional=traditional)
        self._context = Context(self._words, anchor, sections, republic=self._republic)
        self._titles = "《" in self._words
        self._found: list[When] = []

    def read(self) -> list[When]:
        handlers: dict[str | None, _Step] = {
            "number": self._number,
            "prefix": self._prefix,
            "every": self._recurrence,
            "series": self._series,
            "moment": self._moment,
            "day": self._relative_day,
            "loose": self._loose,
            "half": self._half,
            "calendar": self._calendar,
            "long": self._none,
            "now": self._none,
        }
        while found := OPENING.search(self._words, self._at):
            if not handlers[found.lastgroup](found.start(), found):
                self._at = found.start() + 1
        return self._found

    def _number(self, at: int, found: re.Match[str]) -> bool:
        unit = found["unit"]
        run = RUN.match(self._words, at) if unit == "日" else None
        if run:
            return self._add("on", at, run.end(), flags=("damaged",))
        if unit in _RATED and self._recurrence(at, found):
            return True
        steps: tuple[_Step, ...]
        if unit in ("年", "季", None):
            steps = (self._moment, self._term, self._calendar, self._bare_days)
        elif unit == "月":
            inside = self._words[found.end() : found.end() + 1] in _INSIDE
            steps = (self._term, self._moment) if inside else (self._moment,)
        else:
            steps = (self._term, self._bare_days) if unit == "日" else (self._term,)
        return any(step(at, found) for step in steps)

    def _read(self, at: int) -> Moment | None:
        return moment.read(self._words, at, len(self._words), republic=self._republic)

    def _moment(self, at: int, found: re.Match[str]) -> bool:
        stated = self._read(at)
        return stated is not None and self._say(at, "", stated)

    def _prefix(self, at: int, found: re.Match[str]) -> bool:
        word = found["prefix"]
        now = NOW.match(self._words, found.end()) if word[0] == "截" else None
        if now:
            bounds = self._context.now()
            return self._add("as_of", at, now.end(), None, bounds.high, anchor=bounds.anchor, flags=bounds.flags)
        begin = found.end()
        while self._words[begin : begin + 1] in _BLANKS:
            begin += 1
        stated = self._read(begin) if word != "截" else None
        if word in ("自", "从"):
            return (stated is not None and self._since(at, word, stated)) or self._event(at)
        return stated is not None and self._say(at, "as_of" if word[0] == "截" else "by", stated)

    def _since(self, at: int, word: str, stated: Moment) -> bool:
        """Read 自 or 从 before a moment, unless the moment is part of an event (自2024年3月1日公布之日起)."""
        if sense.meant(self._words, stated)[0] or TO.match(self._words, stated.end):
            return self._say(at, "from", stated)
        if self._event(at):
            return True
        return self._say(at, "from", stated) if word == "自" else self._say(stated.start, "", stated)

    def _event(self, at: int) -> bool:
        after = term.after_event(self._words, at, len(self._words))
        return after is not None and self._add_term("within" if after.duration else "from", after)

    def _term(self, at: int, found: re.Match[str]) -> bool:
        within = term.read(self._words, at, len(self._words), floor=self._floor)
        return within is not None and self._add_term("within", within)

    def _half(self, at: int, found: re.Match[str]) -> bool:
        return self._term(at, found) or self._recurrence(at, found)

    def _recurrence(self, at: int, found: re.Match[str]) -> bool:
        every = recurrence.read(self._words, at, len(self._words))
        return every is not None and self._add_every(every)

    def _series(self, at: int, found: re.Match[str]) -> bool:
        return any([self._add_every(every) for every in recurrence.series(self._words, at, len(self._words))])

    def _calendar(self, at: int, found: re.Match[str]) -> bool:
        if found["calendar"] and found["calendar"].endswith("国") and self._moment(at, found):
            return True
        other = OTHER_CALENDAR.match(self._words, at)
        if not other:
            return False
        return self._add("on" if other.group()[-1] == "日" else "during", at, other.end(), flags=("calendar",))

    def _none(self, at: int, found: re.Match[str]) -> bool:
        return self._add("none", at, found.end(), flags=("long_term" if found["long"] else "immediate",))

    def _loose(self, at: int, found: re.Match[str]) -> bool:
        """Read 年内, and 月底, 上旬, 季度末 without the month or the quarter that they are of."""
        word = found.group()
        edge = "end" if word[-1] in "底末内" else "begin" if word[-1] == "初" else ""
        if word[0] == "年":
            stated = Moment(at, found.end(), "year", edge=edge)
            return self._settle(at, "", (stated, self._context.bounds(stated, None, limit=True)), None)
        stated = Moment(at, found.end(), "xun" if word[-1] == "旬" else "month", edge=edge)
        return self._settle(at, "", (stated, Bounds(flags=("month_unknown",))), None)

    def _relative_day(self, at: int, found: re.Match[str]) -> bool:
        word = found["day"]
        if word == "即日起":
            now = self._context.now()
            return self._add("from", at, found.end(), now.low, anchor=now.anchor, flags=now.flags)
        stated = Moment(at, found.end(), "day")
        shift = "上本下".find(word[0]) - 1
        if word[1] == "季":
            stated = Moment(at, found.end(), "quarter", edge="end" if word[-1] in "末底" else "")
            bounds = self._context.quarter(shift)
        elif word[1] == "周":
            stated = stated if word[2:] else Moment(at, found.end(), "week")
            bounds = self._context.week(shift, _WEEKDAYS.find(word[2:]) if word[2:] else None)
        elif word[0] == "今":
            bounds = self._context.now(day=int(word[2:-2]))
        else:
            bounds = self._context.day(at, 0 if word[0] in "当同" else 1)
        return self._settle(at, "", (stated, bounds), None)

    def _bare_days(self, at: int, _: re.Match[str]) -> bool:
        """Read 10—11日 and 25日前 without their month; a bare 5日 only where it goes on from a date (10月3日、5日)."""
        found = DAYS.match(self._words, at)
        before = self._words[at - 1 : at]
        if not found or before in _NO_DAY_BEFORE:
            return False
        low = count(found["low"])
        high = count(found["high"]) or low
        stated = Moment(at, found.end(), "day", days=(low, high))
        listed = before in _LIST and self._context.follows(at, low)
        if max(low, high) > 31 or not (listed or found["high"] or sense.meant(self._words, stated)[0] == "by"):
            return False
        return self._settle(at, "", (stated, self._context.days(stated)), None)

    def _say(self, start: int, prefix: str, stated: Moment) -> bool:
        """Read what follows a moment (a second one, how it is meant) and add the time."""
        damaged = self._damaged(start, stated)
        if damaged:
            return self._add("on", *damaged, flags=("damaged",))
        to = TO.match(self._words, stated.end)
        until = self._read(to.end()) if to else None
        meant = sense.meant(self._words, until or stated)
        limit = sense.is_limit(prefix, meant[0], until or stated)
        bounds = self._context.bounds(stated, None, limit=limit)
        final = (until, self._context.bounds(until, bounds, limit=limit)) if until else None
        return self._settle(start, prefix, (stated, bounds), final, meant)

    def _damaged(self, start: int, stated: Moment) -> tuple[int, int] | None:
        """Return the span of a date that lost its marks, of which `stated` is a part."""
        if stated.edge:
            return None
        if stated.unit == "year" and stated.year:
            lost = LOST_MONTH.match(self._words, stated.end)
            return (start, lost.end()) if lost else None
        if stated.unit == "month" and (lost := LOST_DAY.match(self._words, stated.end)):
            return start, lost.end()
        if stated.months and not stated.year and not stated.relative_year:
            stray = STRAY.search(self._words, max(self._floor, stated.start - 8), stated.start)
            return (min(start, stray.start()), stated.end) if stray else None
        return None

    def _settle(
        self, start: int, prefix: str, first: Placed, final: Placed | None, meant: tuple[str, int] | None = None
    ) -> bool:
        """Add the time that begins with `first` and, where it is a range, ends with `final`."""
        stated, bounds = final or first
        how, end = meant or sense.meant(self._words, stated)
        kind = sense.kind(self._words, start, prefix, how, first, final)
        low, high, why = sense.dates(kind, how, first, final)
        flags = (*first[1].flags, *(final[1].flags if final else ()), *why)
        self._remember(first[0], stated, bounds, how, high or low)
        today = self._context.today
        if kind == "by" and high and today and high < today:
            flags = (*flags, "before_document")
        anchor = (first[1].anchor or bounds.anchor) if low or high else None
        return self._add(kind, start, end, low, high, anchor=anchor, flags=flags)

    def _remember(self, first: Moment, stated: Moment, bounds: Bounds, how: str, date: dt.date | None) -> None:
        """Remember year and date for the bare dates that follow.

        Not a year in a document's name, a comparison (比2023年), an open beginning (2020年以来), a range of years.
        """
        said = stated.year or first.year
        compared = self._words[first.start - 1 : first.start] in ("比", "较")
        if said and not (stated.year0 or how == "since" or compared or self._in_title(first.start)):
            self._context.state_year(first.start, said)
        # What points back itself is nothing to point back to: of 比上年增加，比上年减少 both mean the same year.
        if date and stated.relative_year[:1] not in ("上", "下") and not (bounds.anchor or "").endswith("(同句)"):
            self._context.state_date(stated.end, date, stated)

    def _in_title(self, at: int) -> bool:
        if not self._titles:
            return False
        low = max(0, at - _TITLE)
        return self._words.rfind("《", low, at) > self._words.rfind("》", low, at)

    def _original(self, start: int, end: int) -> str:
        return self._text[self._base + start : self._base + end]

    def _add_term(self, kind: Kind, found: Term) -> bool:
        anchor = f"{self._original(*found.event)} (事件)" if found.event else None
        flags = (*found.flags, "event") if found.event else found.flags
        return self._add(kind, found.start, found.end, anchor=anchor, flags=flags, duration=found.duration)

    def _add_every(self, every: Recurrence) -> bool:
        self._context.state_recurrence(every.end)
        return self._add("every", every.start, every.end, every=every.rule, flags=every.flags)

    def _add(
        self,
        kind: Kind,
        start: int,
        end: int,
        low: dt.date | None = None,
        high: dt.date | None = None,
        *,
        every: str | None = None,
        anchor: str | None = None,
        flags: tuple[str, ...] = (),
        duration: str | None = None,
    ) -> bool:
        """Add a time and go on behind it."""
        if self._in_title(start):
            flags = (*flags, "title")
        self._found.append(
            When(
                kind,
                self._base + start,
                self._base + end,
                self._original(start, end),
                low.isoformat() if low else None,
                high.isoformat() if high else None,
                every,
                anchor,
                tuple(dict.fromkeys(flags)),
                duration,
            )
        )
        self._at = self._floor = end
        return True
