"""A number in a cell of a spreadsheet, in the words that the sheet shows: dates, percentages, decimals.

Sections are those of ISO/IEC 29500-1.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Formats that a file names by number only, as Chinese Excel and WPS show them (18.8.30, with the zh-CN column).
BUILT_IN: dict[int, str] = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy/m/d", 15: "d-mmm-yy",
    16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
    27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "m-d-yy", 31: "yyyy年m月d日", 32: "h时mm分", 33: "h时mm分ss秒",
    34: "h时mm分", 35: "h时mm分ss秒", 36: "yyyy年m月", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 50: "yyyy年m月", 51: "m月d日", 52: "yyyy年m月", 53: "m月d日",
    54: "m月d日", 55: "h时mm分", 56: "h时mm分ss秒", 57: "yyyy年m月", 58: "m月d日",
}  # fmt: skip
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*](.)|\[([^\]]*)\]')
_PARTS = re.compile(r"y+|m+|d+|h+|s+|e+", re.I)
_LARGEST = 10**20  # what is larger is not rounded
_LAST_DAY = 2_958_465  # 9999-12-31; what is larger is no date


@dataclass(frozen=True, slots=True)
class Form:
    """What a number format asks for. `date` holds some of "ymdhns" (n: minutes), "" for a format of plain numbers."""

    date: str = ""
    decimals: int | None = None
    percent: bool = False
    grouped: bool = False
    width: int = 0


def form(code: str) -> Form:
    """Read a number format; of several sections (positive; negative; zero) the first."""
    elapsed = bool(re.search(r"\[[hms]+\]", code, re.I))
    bare = _LITERAL.sub(lambda found: found[1] or found[2] or "", code).split(";")[0]
    plain = _LITERAL.sub("", code).split(";")[0]
    if "general" in plain.lower() or "通用" in plain:
        return Form()
    if parts := "" if elapsed else _date(plain):
        return Form(date=parts)
    digits = re.search(r"[#0?,]*[0?#](?:\.([0?#]+))?", plain)
    if digits is None or elapsed or re.search(r"[@/]|E\+", plain):
        return Form()
    decimals = digits[1] or ""
    whole = digits.group().split(".")[0]
    return Form("", min(len(decimals), 8), "%" in bare, "," in whole, len(re.sub(r"[^0]", "", whole)))


def _date(plain: str) -> str:
    """Return the parts of a date format in order, each once: m beside hours or seconds is minutes."""
    found = [match.group()[0].lower() for match in _PARTS.finditer(plain)]
    parts = []
    for at, part in enumerate(found):
        if part == "m" and ((at and found[at - 1] == "h") or found[at + 1 : at + 2] == ["s"]):
            part = "n"
        parts.append("y" if part == "e" else part)
    return "".join(dict.fromkeys(parts)) if set(parts) & set("ymdh") else ""


def shown(number: float, style: Form, *, since_1904: bool = False) -> str:
    """Return a number as a cell of this style shows it. A date is shown with its year, which the cell may leave out."""
    if style.date and 0 <= number <= _LAST_DAY:
        return _day(number + (1462 if since_1904 else 0), style.date)
    if style.decimals is None:
        return f"{number:.0f}" if number == int(number) and abs(number) < 1e15 else f"{number:.15g}"
    # 2.675 is a little less as a binary fraction; a spreadsheet rounds its 15 digits, half up.
    value = Decimal(f"{number:.15g}") * (100 if style.percent else 1)
    value = value.quantize(Decimal(1).scaleb(-style.decimals), ROUND_HALF_UP) if value < _LARGEST else value
    words = f"{value + 0:{',' if style.grouped else ''}.{style.decimals}f}"
    return words.zfill(style.width) + ("%" if style.percent else "")


def _day(number: float, parts: str) -> str:
    # Day 60 is 29 February 1900, which there never was; days before it count from one day later.
    day = dt.datetime(1899, 12, 30) + dt.timedelta(days=number + (number < 60), seconds=0)
    day = (day + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    time = f"{day.hour:02}:{day.minute:02}" + (f":{day.second:02}" if "s" in parts and day.second else "")
    if not set(parts) & set("ymd"):
        return time
    date = f"{day.year}年{day.month}月" + (f"{day.day}日" if "d" in parts else "")
    if set(parts) <= {"y"}:
        date = f"{day.year}年"
    return f"{date} {time}" if "h" in parts and (day.hour or day.minute) else date
