"""English dates, sums and counts as Chinese documents write them."""

from __future__ import annotations

import re
from decimal import Decimal

from ingest.regex import regex

ASKED = ("\ue000", "\ue001")
"""What stands around Chinese words in a text that is otherwise English."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_DATES = (
    regex(rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?\b", re.I),
    regex(rf"\b{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b", re.I),
    regex(rf"\b{_YEAR}-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})\b"),
    regex(rf"\b{_MONTH},?(?: of)? {_YEAR}\b", re.I),
    regex(rf"(?<=\b(?:in|by|of) ){_MONTH}(?=[\s?,.]|$)", re.I),
    regex(rf"(?<![\d.,]){_YEAR}(?![\d年%]|[.,-]\d)"),
)
_SUM = regex(
    r"(?:\b(?:RMB|CNY)\s*|[¥￥]\s*)?\b(\d[\d,]*(?:\.\d+)?) (million|billion|thousand)\b(?: (yuan|rmb|cny)\b)?", re.I
)
_POWERS = {"thousand": 3, "million": 6, "billion": 9}
_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
).split()
_COUNTS = dict(zip(_WORDS, [*range(1, 21), *range(30, 101, 10)], strict=True))
# One is more often an article than a count, and five-year is a word of its own.
_COUNT = regex(rf"\b(?:{'|'.join(_WORDS[1:])})\b(?!-)", re.I)


def quantities(text: str) -> str:
    """Return a text with its dates and sums in Chinese, marked with `ASKED`, and its counts in digits.

    October 25, 2025 becomes 2025年10月25日, 860 million yuan 8.6亿元, nine sections 9 sections.
    """
    for pattern in _DATES:
        text = pattern.sub(_date, text)
    text = _SUM.sub(_sum, text)
    text = _COUNT.sub(lambda found: str(_COUNTS[found[0].lower()]), text)
    return re.sub(r"(?<=\d) ?per ?cent\b", "%", text)


def marked(words: str) -> str:
    """Return Chinese words as they stand in a text that is otherwise English."""
    return f" {ASKED[0]}{words}{ASKED[1]} "


def _date(found: re.Match[str]) -> str:
    parts = found.groupdict()
    year, month, day = parts["year"] if "year" in parts else None, parts.get("month"), parts.get("day")
    if month:
        number = int(month) if month.isdecimal() else _MONTHS.index(month[:3].lower()) + 1
        if not 1 <= number <= 12:
            return found[0]
    words = (f"{year}年" if year else "") + (f"{number}月" if month else "") + (f"{int(day)}日" if day else "")
    return marked(words)


def _sum(found: re.Match[str]) -> str:
    value = Decimal(found[1].replace(",", "")).scaleb(_POWERS[found[2].lower()])
    power, unit = (8, "亿") if value >= 10**8 else (4, "万") if value >= 10**4 else (0, "")
    money = "元" if found[3] or not found[0][:1].isdigit() else ""
    return marked(f"{value.scaleb(-power).normalize():f}{unit}{money}")
