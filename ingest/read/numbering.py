"""Automatic numbering of Word: which number stands before a paragraph (ISO/IEC 29500-1, 17.9), and its wording."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_DEPTH = 9  # levels of a list
_DIGITS = "〇一二三四五六七八九"
_LEGAL = {"simplified": "零壹贰叁肆伍陆柒捌玖拾佰仟万", "traditional": "零壹貳參肆伍陸柒捌玖拾佰仟萬"}
_PLAIN = {"simplified": "零一二三四五六七八九十百千万", "traditional": "零一二三四五六七八九十百千萬"}
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list. `text` holds %1 to %9 for the numbers of the levels; `restart` is 17.9.10's value."""

    start: int = 0
    format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list that paragraphs name (w:num). Those of one `family` (w:abstractNum) count on together.

    `starts` are the levels that this list begins anew when it is first used.
    """

    family: str
    levels: Mapping[int, Level]
    starts: Mapping[int, int]


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has counted; asked paragraph by paragraph in the document's order."""

    lists: Mapping[str, Numbered]
    _counts: dict[str, list[int | None]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def label(self, number: str, level: int) -> str:
        """Count one paragraph and return the number before it with the blank behind it; "" for bullets."""
        found = self.lists.get(number)
        if found is None or level not in found.levels:
            return ""
        counts = self._counts.setdefault(found.family, [None] * _DEPTH)
        before = counts[level]
        first = (number, level) not in self._begun and level in found.starts
        self._begun.add((number, level))
        counts[level] = _start(found, level) if before is None or first else before + 1
        for above in range(level):
            if counts[above] is None:  # a level that was passed over counts as begun: after 2.a.I comes 2.b
                counts[above] = _start(found, above)
        for below in range(level + 1, _DEPTH):
            restart = found.levels[below].restart if below in found.levels else None
            if restart is None or level < restart:
                counts[below] = None
        return self._words(found, level, counts)

    def _words(self, found: Numbered, level: int, counts: list[int | None]) -> str:
        own = found.levels[level]
        if own.format in ("bullet", "none") and "%" not in own.text:
            return ""

        def one(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            if at > level or at not in found.levels:
                return ""
            return ordinal(counts[at] or 0, "decimal" if own.legal else found.levels[at].format)

        words = re.sub(r"%([1-9])", one, own.text).strip()
        if not words or own.suffix == "nothing":
            return words
        # A tab is layout. Behind 一、 and （一） no blank is ever typed, behind 1. and 1) there is one or none.
        return words if own.suffix == "tab" and words[-1] in "、，．。）〕】》：；" else f"{words} "


def _start(found: Numbered, level: int) -> int:
    return found.starts.get(level, found.levels[level].start if level in found.levels else 0)


def ordinal(number: int, form: str) -> str:
    """Return a number in a format of 17.18.59 (ST_NumberFormat), in digits where that format does not have it."""
    if number == 0 and form in ("ideographDigital", "taiwaneseDigital"):
        return _DIGITS[0]
    if form in ("none", "bullet"):
        return ""
    if number < 1 or form not in _FORMS:
        return f"{number:02}" if form == "decimalZero" else str(number)
    return _FORMS[form](number)


def _roman(number: int) -> str:
    if number > 3999:
        return str(number)
    words = ""
    for value, letters in _ROMAN:
        words += letters * (number // value)
        number %= value
    return words


def _counted(number: int, signs: str, *, whole: bool = False) -> str:
    """Return a number below 100 million in Chinese; `whole` writes 壹拾 where others write 十."""
    if number >= 100_000_000:
        return str(number)
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = signs[0] if 0 < low < 1000 else ""
        return _counted(high, signs, whole=whole) + signs[13] + gap + (_below(low, signs) if low else "")
    words = _below(number, signs)
    return words.removeprefix(signs[1]) if not whole and 10 <= number < 20 else words


def _below(number: int, signs: str) -> str:
    """Return a number from 1 to 9999 in Chinese, a run of zeros inside it as one."""
    words, zero = "", False
    for place, unit in ((1000, signs[12]), (100, signs[11]), (10, signs[10]), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            words += (signs[0] if zero and words else "") + signs[digit] + unit
        zero = not digit
    return words


def _letters(number: int, first: str) -> str:
    """Return a, b, ... z, aa, bb, ..."""
    return chr(ord(first) + (number - 1) % 26) * ((number - 1) // 26 + 1) if number <= 780 else str(number)


def _one_of(number: int, *runs: tuple[int, int, str]) -> str:
    """Return a single character out of runs (number of the first, of the last, first character)."""
    return next((chr(ord(sign) + number - low) for low, high, sign in runs if low <= number <= high), str(number))


def _counting(number: int) -> str:
    """Return 一 to 九十九; from 100 on this format writes the digits one by one."""
    if number < 100:
        return _counted(number, _PLAIN["simplified"])
    return "".join("○一二三四五六七八九"[int(digit)] for digit in str(number))


def _english(number: int) -> str:
    tail = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"


def _circled(number: int) -> str:
    return _one_of(number, (1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱"))


def _digits(number: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _full_width(number: int) -> str:
    return "".join("０１２３４５６７８９"[int(digit)] for digit in str(number))


_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": lambda number: _one_of(number, (1, 20, "⑴")),
    "decimalEnclosedFullstop": lambda number: _one_of(number, (1, 20, "⒈")),
    "ideographEnclosedCircle": lambda number: _one_of(number, (1, 10, "㊀")),
    "numberInDash": lambda number: f"- {number} -",
    "upperLetter": lambda number: _letters(number, "A"),
    "lowerLetter": lambda number: _letters(number, "a"),
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerRoman": lambda number: _roman(number),
    "ordinal": _english,
    "ideographDigital": _digits,
    "taiwaneseDigital": _digits,
    "japaneseDigitalTenThousand": _digits,
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "chineseCountingThousand": lambda number: _counted(number, _PLAIN["simplified"]),
    "japaneseCounting": lambda number: _counted(number, _PLAIN["simplified"]),
    "taiwaneseCountingThousand": lambda number: _counted(number, _PLAIN["traditional"]),
    "chineseLegalSimplified": lambda number: _counted(number, _LEGAL["simplified"], whole=True),
    "ideographLegalTraditional": lambda number: _counted(number, _LEGAL["traditional"], whole=True),
    "ideographTraditional": lambda number: _STEMS[number - 1] if number <= 10 else str(number),
    "ideographZodiac": lambda number: _BRANCHES[number - 1] if number <= 12 else str(number),
    "ideographZodiacTraditional": lambda number: (
        _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12] if number <= 60 else str(number)
    ),
}
