"""Recurrences: 每月25日前, 每半年, 按季度, 年计划、季调度, as rules of RFC 5545.

A rule says no more than the words: 每月 is FREQ=MONTHLY without a day. RFC 5545 has no halves of a month and no ten-day
periods: 每半月 and 每旬 become the last days of their periods, and the flag "approximate" says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.moment import BLANK, NUM, SEP, Moment, count
from ingest.moment import read as read_moment
from ingest.regex import regex

_WEEKDAYS = dict(zip("一二三四五六日天", ("MO", "TU", "WE", "TH", "FR", "SA", "SU", "SU"), strict=True))
_FREQ = {
    "时": "HOURLY",
    "日": "DAILY",
    "天": "DAILY",
    "周": "WEEKLY",
    "星": "WEEKLY",
    "旬": "旬",
    "月": "MONTHLY",
    "季": "季",
    "年": "YEARLY",
    "期": "",
}
# What is done at each turn, for the short forms (季调度, 一月一通报) that no 每 announces.
_DEED = (
    "调度|通报|报告|会商|研判|督查|督办|督导|巡查|排查|检查|考核|评估|评价|排名|分析|小结|总结|例会|点评|晾晒|公示|更新|"
    "清零|计划"
)
_ONCE = rf"(?:{_DEED}|主题|次(?!性)|[回轮报评查清度])"
_N = r"(?:[0-9]{1,2}|[一两二三四五六七八九十]{1,2})"

_EVERY = regex(
    rf"每(?P<gap>隔)?(?P<n>半|{_N})?{BLANK}个?"
    rf"(?P<unit>工作日|日|天(?!然)|星期|周(?![期边])|旬|季度?(?!节)|月|学期|学?年度?(?!龄|轻|级)|小时)"
)
_BY = regex(
    r"按(?P<unit>日|周|旬|月|季度?|半年|年(?:度|(?!度))|半月)(?!计罚|计划|目标|任务|要求|连续|[龄薪产期均节初末底前后内中])"
)
_ONE_ONE = regex(
    rf"(?P<n>半|两|[1-9]|[一二三四五六七八九十])个?(?P<unit>日|天|周|旬|季度?|月|年度?)一{_ONCE}(?![0-9日号])"
)
_SHORT = regex(rf"(?P<unit>半月|半年|[日周旬月季年])度?(?P<deed>{_DEED})")
_WEEKDAY = regex(
    r"(?P<days>(?:[二三四五六日天](?![次轮回])|一(?=[上下]午|之?前|[,。;、)至到]|召开|报送|例会))"
    r"(?:[、和及](?:周|星期)?[一二三四五六日天](?![次轮回是]))*)"
)
_DAY = regex(
    rf"{BLANK}(?:月?(?P<last>[底末]|最后一[日天])|(?P<low>{NUM}){BLANK}日?{BLANK}{SEP}{BLANK}(?P<high>{NUM}){BLANK}[日号]"
    rf"|(?P<days>{NUM}{BLANK}日?(?:{BLANK}[、和及]{BLANK}{NUM}{BLANK}日?){{0,5}})(?<=日))"
)
_AND = regex(r"[、和及]")
_QUARTER_MONTH = regex(r"(?P<month>末月|最后一?个月|首月|第[一二三]个月)")
_QUARTER_END = regex(r"[末底]")
_YEAR_END = regex(r"年?[底末](?![数线部端])")
_TO = regex(rf"{BLANK}{SEP}{BLANK}")
_NUMERAL = regex(NUM)
_HOUR = regex(rf"{BLANK}(?:上午)?(?P<hour>[0-9]{{1,2}})(?:[时点](?!间|段|候)整?|:00)")
_BEFORE = regex(r"(?:[之以]?前(?![后期])|[之以]内|期间|起)?")
_TIMES = regex(rf"{BLANK}(?:至少|不少于|不得少于|不低于)?{BLANK}(?P<times>{_N})次")


_Rule = tuple[str | None, tuple[str, ...]]  # a rule and its flags
_Tail = tuple[int, str | None, tuple[str, ...]]  # where it ends, the rule, the flags


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence: its span in the words, its rule (RFC 5545, None where no rule can say it) and the flags."""

    start: int
    end: int
    rule: str | None
    flags: tuple[str, ...] = ()


def read(words: str, at: int, end: int) -> Recurrence | None:
    """Return the recurrence that begins at offset `at` of the folded `words`, reading no further than `end`."""
    first = words[at : at + 1]
    if first == "每":
        found = _EVERY.match(words, at, end)
        return _every(found, words, end) if found else None
    if first == "按":
        found = _BY.match(words, at, end)
        return Recurrence(at, found.end(), *_rule(*_unit(found["unit"]))) if found else None
    found = _ONE_ONE.match(words, at, end)
    return Recurrence(at, found.end(), *_rule(found["unit"], found["n"])) if found else None


def series(words: str, at: int, end: int) -> list[Recurrence]:
    """Return the recurrences of a series of short forms that begins at `at`: 年计划、季调度、年报告.

    One alone is a recurrence only as 月调度 or 季调度: 年报告 is the name of a thing.
    """
    found = []
    while short := _SHORT.match(words, at, end):
        found.append((short, Recurrence(at, short.end(), *_rule(*_unit(short["unit"])))))
        at = short.end() + (words[short.end() : short.end() + 1] in ("、", ","))
    if len(found) == 1 and (found[0][0]["deed"] != "调度" or found[0][0]["unit"] == "年"):
        return []
    return [recurrence for _, recurrence in found]


def _unit(words: str) -> tuple[str, str]:
    """Return the unit and the number before it (半年: 年, 半)."""
    return (words[1:], "半") if words[0] == "半" else (words, "一")


def _rule(unit: str, n: str) -> _Rule:
    """Return the rule for a unit and the number before it, and its flags."""
    step = count(n) if n else 1
    if unit == "工作日":
        return _with("DAILY", step, "BYDAY=MO,TU,WE,TH,FR"), ("working_days",)
    freq = _FREQ[unit[-1] if unit in ("小时", "学期") else "年" if unit.startswith("学") else unit[0]]
    if n == "半":
        return _half(freq)
    if freq == "旬":
        return ("FREQ=MONTHLY;BYMONTHDAY=10,20,-1", ("approximate",)) if step == 1 else (None, ("approximate",))
    if freq == "季":
        return _with("MONTHLY", 3 * step), ()
    if not freq or step < 1:
        return None, ("vague",)  # a school term has no fixed length
    return _with(freq, step), ()


def _half(freq: str) -> _Rule:
    rules: dict[str, _Rule] = {
        "YEARLY": (_with("MONTHLY", 6), ()),
        "MONTHLY": ("FREQ=MONTHLY;BYMONTHDAY=15,-1", ("approximate",)),
        "DAILY": (_with("HOURLY", 12), ()),
        "HOURLY": (_with("MINUTELY", 30), ()),
    }
    return rules.get(freq, (None, ("vague",)))


def _with(freq: str, step: int, *parts: str) -> str:
    return ";".join([f"FREQ={freq}", *([f"INTERVAL={step}"] if step > 1 else []), *parts])


def _every(found: re.Match[str], words: str, end: int) -> Recurrence:
    unit, n = found["unit"], found["n"] or ""
    rule, flags = _rule(unit, n)
    at = found.end()
    if found["gap"]:
        flags = (*flags, "ambiguous")  # 每隔两天 is said of every second and of every third day
    if n in ("", "一") and not found["gap"] and rule:
        narrowed = _TAILS.get(unit[0], _no_tail)(words, at, end)
        if narrowed:
            at, rule, more = narrowed
            flags = (*flags, *more)
    before = _BEFORE.match(words, at, end)
    at = before.end() if before else at
    times = _TIMES.match(words, at, end)
    if times:
        at = times.end()
        flags = flags if count(times["times"]) == 1 else (*flags, "count")
    return Recurrence(found.start(), at, rule, flags)


def _no_tail(words: str, at: int, end: int) -> _Tail | None:
    return None


def _of_day(words: str, at: int, end: int) -> _Tail | None:
    found = _HOUR.match(words, at, end)
    if not found or int(found["hour"]) > 24:
        return None
    hour = int(found["hour"])
    return found.end(), "FREQ=DAILY" if hour == 24 else f"FREQ=DAILY;BYHOUR={hour}", ()


def _of_week(words: str, at: int, end: int) -> _Tail | None:
    found = _WEEKDAY.match(words, at, end)
    if not found:
        return None
    days = dict.fromkeys(_WEEKDAYS[char] for char in found["days"] if char in _WEEKDAYS)
    return found.end(), f"FREQ=WEEKLY;BYDAY={','.join(days)}", ()


def _of_month(words: str, at: int, end: int) -> _Tail | None:
    day = _day(words, at, end)
    if day:
        at, by, flags = day
        return at, f"FREQ=MONTHLY;{by}" if by else None, flags
    vague = re.compile(r"月?初(?![步])|[上中下]旬").match(words, at, end)
    return (vague.end(), "FREQ=MONTHLY", ("vague",)) if vague else None


def _of_quarter(words: str, at: int, end: int) -> _Tail | None:
    month = _QUARTER_MONTH.match(words, at, end) or _QUARTER_MONTH.match(words, at + 1, end)
    if month:
        first = {"首": 1, "一": 1, "二": 2}.get(month["month"][0 if month["month"][0] == "首" else 1], 3)
        months = ",".join(str(first + shift) for shift in (0, 3, 6, 9))
        day = _day(words, month.end(), end)
        if not day:
            return month.end(), f"FREQ=YEARLY;BYMONTH={months}", ()
        at, by, flags = day
        return at, f"FREQ=YEARLY;BYMONTH={months};{by}" if by else None, flags
    last = _QUARTER_END.match(words, at, end)
    return (last.end(), "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", ()) if last else None


def _day(words: str, at: int, end: int) -> _Tail | None:
    """Return where the days of the month end, their BYMONTHDAY (None where there is no such day) and the flags."""
    found = _DAY.match(words, at, end)
    if not found:
        return None
    if found["last"]:
        return found.end(), "BYMONTHDAY=-1", ()
    if found["days"]:
        days = [count(day) for day in _NUMERAL.findall(found["days"])]
    else:
        days = list(range(count(found["low"]), count(found["high"]) + 1))
    if not days or not all(1 <= day <= 31 for day in days):
        return found.end(), None, ("impossible",)
    return found.end(), "BYMONTHDAY=" + ",".join(map(str, days)), ()


def _of_year(words: str, at: int, end: int) -> _Tail | None:
    """Read the part of the year: 每年3月底, 每年6月、12月, 每年11月至次年3月, 每年汛期."""
    while words[at : at + 1] == " " and at < end:
        at += 1
    last = _YEAR_END.match(words, at, end)
    if last:
        return last.end(), "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1", ()
    moment = read_moment(words, at, end)
    if not moment or moment.year or moment.relative_year or moment.relative_month:
        return None
    if moment.unit in ("season", "holiday"):
        return moment.end, "FREQ=YEARLY", (moment.unit,)
    to = _TO.match(words, moment.end, end)
    until = read_moment(words, to.end(), end) if to else None
    if until and until.months and not until.year and until.relative_year in ("", "次年", "翌年"):
        return _months_of_year(moment, until)
    moments = [moment]
    while (also := _AND.match(words, moments[-1].end, end)) and (more := read_moment(words, also.end(), end)):
        if not more.months or more.year or more.relative_year:
            break
        moments.append(more)
    return moments[-1].end, *_parts_of_year(moments)


def _months_of_year(since: Moment, until: Moment) -> _Tail:
    first = since.months[0] if since.months else 1
    last = until.months[1] if until.months else 12
    if not (1 <= first <= 12 and 1 <= last <= 12) or (first > last) != bool(until.relative_year):
        return until.end, None, ("impossible",)
    months = range(first, last + 1) if first <= last else (*range(1, last + 1), *range(first, 13))
    # Days cut off the first and the last month; a rule of one line cannot say that.
    flags = ("approximate",) if since.days or until.days or since.edge or until.edge else ()
    return until.end, "FREQ=YEARLY;BYMONTH=" + ",".join(map(str, months)), flags


def _parts_of_year(moments: list[Moment]) -> _Rule:
    """Return the rule for the parts of a year; parts that differ in more than their months have none in common."""
    if len(moments) == 1:
        return _part_of_year(moments[0])
    if moments[-1].edge and not any(moment.edge or moment.days for moment in moments[:-1]):
        moments = [replace(moment, edge=moments[-1].edge) for moment in moments]  # 6月、12月底前
    alike = {(moment.unit, moment.days, moment.edge, moment.spread) for moment in moments}
    low = [moment.months[0] for moment in moments if moment.months]
    if len(alike) > 1 or moments[0].spread or any(moment.interval(2024) is None for moment in moments):
        return None, ("vague",)
    rule, flags = _part_of_year(moments[0])
    months = ",".join(map(str, sorted(set(low))))
    return re.sub(r"BYMONTH=[0-9,]+", f"BYMONTH={months}", rule) if rule else None, flags


def _part_of_year(moment: Moment) -> _Rule:
    low, high = moment.months or (12, 12)
    if moment.interval(2024) is None or low > high:  # a leap year has every day that there is
        return None, ("impossible",)
    if moment.edge == "end":
        return f"FREQ=YEARLY;BYMONTH={high};BYMONTHDAY=-1", ()
    if moment.edge:
        return "FREQ=YEARLY", ("vague",)
    months = ",".join(map(str, range(low, high + 1)))
    if moment.unit != "day" or moment.days is None:
        return f"FREQ=YEARLY;BYMONTH={months}", ("vague",) if moment.unit == "xun" else ()
    days = ",".join(map(str, range(moment.days[0], moment.days[1] + 1)))
    return (f"FREQ=YEARLY;BYMONTH={months};BYMONTHDAY={days}", ()) if days else (None, ("impossible",))


_TAILS = {
    "日": _of_day,
    "天": _of_day,
    "周": _of_week,
    "星": _of_week,
    "月": _of_month,
    "季": _of_quarter,
    "年": _of_year,
}
