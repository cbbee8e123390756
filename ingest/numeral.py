"""Numerals as Chinese documents write them, read by cn2an."""

from __future__ import annotations

import functools
import re

from ingest.regex import regex

_ONES = "〇一二三四五六七八九"
_SMALL = regex("(?:(?P<tens>[二三四五六七八九])?(?P<ten>十))?(?P<ones>[一二三四五六七八九])?")  # below a hundred
CHINESE = "〇零一二三四五六七八九十百千万两廿卅"

_LONGEST = 40  # characters; what is longer is no number that anybody counts with


@functools.lru_cache(maxsize=4096)
def number(words: str) -> int | None:
    """Return the whole number that `words` spell (十二, 二〇二三, １２, 12), or None where they spell none."""
    digits = words.translate(_DIGITS)
    if len(digits) > _LONGEST:
        return None
    if digits.isdecimal():
        return int(digits)
    small = _SMALL.fullmatch(digits)
    if digits and small:  # nearly all of them, without the library, whose import takes half a second
        ten = (_ONES.index(small["tens"]) if small["tens"] else 1) if small["ten"] else 0
        return 10 * ten + (_ONES.index(small["ones"]) if small["ones"] else 0)
    if not re.fullmatch(f"[{CHINESE}]+", digits):
        return None
    from cn2an import cn2an

    try:
        return int(cn2an(digits, "smart"))
    except (ValueError, KeyError):  # 千十十: cn2an has no name for what it misses there
        return None


_DIGITS = {0xFF10 + i: str(i) for i in range(10)}
