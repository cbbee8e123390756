"""How a moment is meant: as a limit (前), a beginning (起), the day of a count (截至), or as no more than itself."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from ingest.anchor import Bounds
from ingest.moment import BLANK, Moment
from ingest.opening import INNER
from ingest.regex import regex

Kind = Literal["by", "on", "from", "during", "every", "within", "as_of", "none"]
Placed = tuple[Moment, Bounds]

# What follows a moment. 前 that begins another word is none: 前三季度, 前期, 2023年前两个月.
_MEANT = regex(
    rf"{BLANK}(?:(?P<by>(?:或[之以]|[之以])?前(?![后述景身沿列线往进置瞻端期段]|提(?![交出供请升报])"
    r"|[0-9一二两三四五六七八九十]{1,2}[个季年月周天日批名位项])夕?)"
    rf"|(?P<around>左右|前后|上下(?![级游班联]))|(?P<inside>[之以]内|内(?!{INNER}))|(?P<since>以来|至今)"
    r"|(?P<onward>起(?![草诉点步用源色来伏到因见火动])|开始(?!时))|(?P<after>[之以]后|后(?=[,。;、)\s]|$))"
    r"|(?P<until>为?止(?![步损于住血咳跌])|截止)|(?P<span>期间|间(?=[,。;、)\s]|$)))"
)
_FIRST = frozenset(" \t\u200b或前左上内之以至起开后为止截期间")  # spares most moments the search
_LIMITS = ("by", "inside", "until")
_DUE_LABEL = regex(r"(?:时限|期限|截止时间|截止日期)[:为是]? ?$")
_LABEL_ENDS = (":", "为", "是", " ", "限")


def meant(words: str, moment: Moment) -> tuple[str, int]:
    """Return how the words behind a moment say that it is meant (前: "by"), "" if they do not, and where they end."""
    if words[moment.end : moment.end + 1] not in _FIRST:
        return "", moment.end
    found = _MEANT.match(words, moment.end)
    return (found.lastgroup or "", found.end()) if found else ("", moment.end)


def is_limit(prefix: str, how: str, last: Moment) -> bool:
    """Return whether a time that ends with `last` sets a limit, which may lie ahead of the document."""
    return prefix == "by" or how in _LIMITS or last.edge == "end"


def is_labelled(words: str, start: int) -> bool:
    """Return whether the words before offset `start` say that what follows is a limit (整改时限：)."""
    return words[start - 1 : start] in _LABEL_ENDS and _DUE_LABEL.search(words, max(0, start - 8), start) is not None


def kind(words: str, start: int, prefix: str, how: str, first: Placed, final: Placed | None) -> Kind:
    """Return the kind of the time that begins at `start` with `first` and, where it is a range, ends with `final`."""
    last = (final or first)[0]
    ranged = final is not None or last.spread
    if prefix == "as_of" and how != "by":
        return "as_of"
    if (how == "inside" and last.unit in ("season", "holiday")) or (how == "until" and ranged):
        return "during"
    if how in _LIMITS or prefix == "by" or is_labelled(words, start):
        return "by"
    if how in ("since", "onward", "after") or (prefix == "from" and not ranged):
        return "from"
    if last.edge == "end" and not ranged:  # 年底完成 sets a limit; 年末人口 counts on that day
        return "on" if words[last.end - 1] == "末" else "by"
    return "on" if last.unit == "day" and not ranged else "during"


def dates(
    kind: Kind, how: str, first: Placed, final: Placed | None
) -> tuple[dt.date | None, dt.date | None, tuple[str, ...]]:
    """Return the first and the last day of a time, as far as determined, and the flags that say why they are not."""
    last, bounds = final or first
    low, high = first[1].low, bounds.high
    exact = last.unit == "day" or last.edge == "end"
    why = _undetermined(first[1], bounds, how, exact=exact)
    if why or (kind == "by" and last.edge in ("begin", "middle")):
        return None, None, why
    ranged = final is not None or last.spread
    if first[0].edge == "end":
        low = None if ranged or kind == "from" else high  # 底 is exact as a limit, not as a beginning
    if kind == "from":
        return low, None, () if low or not high else ("vague",)
    if kind == "by":
        if high and how == "by" and last.hour == 0:
            high -= dt.timedelta(days=1)  # before that day begins
        return low if ranged else None, high, ()
    return None if kind == "as_of" and exact else low, high, ()


def _undetermined(first: Bounds, last: Bounds, how: str, *, exact: bool) -> tuple[str, ...]:
    """Return the flags of a time that words and anchor give no date."""
    flags = (*first.flags, *last.flags)
    if "impossible" in flags:
        return ("impossible",)
    if "reversed" in flags or (first.low and last.high and first.low > last.high):
        return ("reversed",)
    if how == "around":
        return ("approximate",)
    if how == "after" or (how == "by" and not exact and last.high):
        return ("ambiguous",)  # 2025年前: before 2025 begins, or before it ends
    return ()
