"""Terms: 20个工作日内, 自受理之日起15日内: a length of time after an event, which is never turned into a date.

Days, weeks, months and years are of the calendar (自然日) unless the words say 工作日. Working days leave out
Saturdays, Sundays and the statutory holidays, which the State Council moves each year: their number is kept as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.moment import BLANK, SEP, count
from ingest.regex import regex

_N = r"(?:[0-9]{1,4}|[一二两三四五六七八九十廿卅百]{1,5}|半)"
_LENGTH = (
    rf"(?:{_N}{BLANK}(?:个?工作日|日|天)?{BLANK}{SEP}{BLANK})?(?P<n>{_N}){BLANK}"
    r"(?P<unit>个?工作日|个?(?:自然|日历)日|日|天|个?小时|分钟|周|个?星期|个半?月|年半?|个?季度|月)"
)
_WITHIN = regex(rf"(?<![0-9]\.)(?<!近){_LENGTH}(?:[之以]内|内(?![部容设控外涝河审地在涵需参业生卷]))")
_AFTER = regex(rf"{_LENGTH}(?:[之以]内|内(?!部))?")
_EVENT = regex(
    rf"[自从](?P<event>[^自从。;!?\n]{{1,40}}?)(?P<mark>之日起|之日后|之时起|当日起|次日起|日起){BLANK},?{BLANK}"
)
_MARK = regex(r"(?P<mark>(?:之日|之时|当日|次日|日)?起|之日后|[之以]?后)[ ,]{0,2}(?:的?[ ,]?)$")
# How much of the mark belongs to the name of the event: 受理之日, 公布次日.
_DAY_OF = {"之日起": "之日", "之日后": "之日", "之时起": "之时", "当日起": "当日", "次日起": "次日", "日起": "日"}
_CLAUSE = regex(r"[^,。;:!?\n]*$")
_LEAD = regex(r"(?:应当?|必?须|需|要|在|于|并|将|可)+")
_REACH = 48  # characters before a term in which the words of its event are looked for

# ISO 8601 durations; up to weeks they are also those of RFC 5545, which knows no months.
_ISO = {
    **dict.fromkeys("工自历日天", "P{}D"),
    **dict.fromkeys("周星", "P{}W"),
    "小": "PT{}H",
    "分": "PT{}M",
    "年": "P{}Y",
}
_HALF = {"小": "PT30M", "天": "PT12H", "日": "PT12H", "月": "P15D", "年": "P6M"}


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time after an event: its span, its ISO 8601 duration, the span of the event and the flags.

    The event is None where it is unstated, the duration where the words are a beginning alone (自印发之日起) or have
    two readings (三月内).
    """

    start: int
    end: int
    duration: str | None
    event: tuple[int, int] | None
    flags: tuple[str, ...] = ()


def read(words: str, at: int, end: int, *, floor: int) -> Term | None:
    """Return the term that begins at `at` of the folded `words`, with the event before it as far back as `floor`."""
    found = _WITHIN.match(words, at, end)
    if not found:
        return None
    duration, flags = _duration(found)
    start, event = _before(words, at, max(floor, at - _REACH))
    if event:
        return Term(start, found.end(), duration, event, flags)
    if found["unit"] == "月":
        return Term(start, found.end(), None, None, (*flags, "ambiguous"))  # 三月内: within three months, or in March
    return Term(start, found.end(), duration, None, (*flags, "event_unstated"))


def after_event(words: str, at: int, end: int) -> Term | None:
    """Return what begins with an event at `at` (自受理之日起): a term, or without a duration all that follows."""
    event = _EVENT.match(words, at, end)
    if not event:
        return None
    name = (at + 1, event.end("event") + len(_DAY_OF[event["mark"]]))
    found = _AFTER.match(words, event.end(), end)
    if found:
        duration, flags = _duration(found)
        return Term(at, found.end(), duration, name, flags)
    return Term(at, event.end("mark"), None, name)


def _before(words: str, at: int, floor: int) -> tuple[int, tuple[int, int] | None]:
    """Return where the words of the event before offset `at` begin, and its span; (at, None) if there is none."""
    mark = _MARK.search(words, max(floor, at - 8), at) if words[at - 1 : at] in ("起", "后", ",", "的", " ") else None
    clause = _CLAUSE.search(words, floor, mark.start()) if mark else None
    if not mark or not clause:
        return at, None
    since = words.find("自", clause.start(), mark.start()) if mark["mark"].endswith("起") else -1
    lead = _LEAD.match(words, clause.start(), mark.start())
    begin = since + 1 if since >= 0 else lead.end() if lead else clause.start()
    until = mark.start() + len(_DAY_OF.get(mark["mark"], ""))
    return (since if since >= 0 else begin, (begin, until)) if words[begin:until].strip() else (at, None)


def _duration(found: re.Match[str]) -> tuple[str | None, tuple[str, ...]]:
    unit, n = found["unit"].removeprefix("个"), count(found["n"])
    flags = ("working_days",) if unit == "工作日" else ()
    if found["n"] == "半":
        return _HALF.get(unit[0]), flags
    if not n:
        return None, (*flags, "impossible")
    if "半" in unit:
        return f"P{n * 12 + 6}M" if unit[0] == "年" else f"P{n}M15D", flags
    if unit in ("月", "季度"):
        return f"P{n * 3 if unit == '季度' else n}M", flags
    return _ISO[unit[0]].format(n), flags
