"""The normal form that Simplified and Traditional text share, for matching only; nobody ever sees it."""

from __future__ import annotations

import functools
import itertools
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Pairs that OpenCC keeps apart, though in official documents they are the same word: 瞭解 and 了解 (its own reverse
# table says so), 陜西 for 陝西 (a typist's variant that stands in published documents).
_VARIANTS = {"瞭": "了", "陜": "陕"}

_SHORT = 40  # characters; for fewer, setting up the array costs more than it saves
# Unified ideographs and compatibility ideographs of the basic plane, then the supplementary planes.
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F), (0x30000, 0x323AF))


def fold(text: str) -> str:
    """Return `text` in the normal form, with the same length: offset i of the result is offset i of `text`.

    Each character becomes the one character of its class: Simplified by OpenCC's tables for Traditional, Taiwan and
    Hong Kong, half-width, lower case. A change that would alter the length is left out.
    """
    if len(text) < _SHORT:
        return _short(text)
    import numpy as np

    # One look-up in an array a character: 7 ns, where `str.translate` takes 160.
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded: bytes = _forms()[codes].tobytes()
    return folded.decode("utf-32-le", "surrogatepass")


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return the normal form of each text. A call takes as long as 700 characters do."""
    folded = fold("".join(texts))
    ends = itertools.accumulate(map(len, texts))
    return [folded[end - len(text) : end] for text, end in zip(texts, ends, strict=True)]


@functools.lru_cache(16_384)  # names of bodies and titles come again and again
def _short(text: str) -> str:
    return text.translate(_table())


def fold_char(char: str) -> str:
    """Return the normal form of one character."""
    return _table().get(ord(char), char)


@functools.cache
def _forms() -> NDArray[np.uint32]:
    """Return the code of the normal form of every code."""
    import numpy as np

    forms = np.arange(sys.maxunicode + 1, dtype="<u4")
    for code, form in _table().items():
        forms[code] = ord(form)
    return forms


@functools.cache
def _table() -> dict[int, str]:
    table = {code: form for code, form in _compatible() if form != chr(code)}
    simplified = dict(zip(_han(), _simplify("".join(_han())), strict=True))
    for code in {*table, *map(ord, simplified)}:
        char = table.get(code, chr(code))
        form = simplified.get(char, char)
        form = _VARIANTS.get(form, form)
        if form != chr(code):
            table[code] = form
    return table


def _compatible() -> Iterator[tuple[int, str]]:
    """Yield each character with its compatible form (full width, case), where that is one character."""
    for code in range(0x80, 0x10000):
        # Ideographs, Hangul, surrogates and private use have nothing to fold; ① is a label, not the digit 1.
        if 0x3400 <= code < 0xF900 or 0x2460 <= code < 0x2500:
            continue
        form = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(form) == 1:
            yield code, form
    for code in (*range(0x41, 0x5B), *range(0xF900, 0xFB00)):
        form = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(form) == 1:
            yield code, form
    yield 0x3000, " "


@functools.cache
def _han() -> tuple[str, ...]:
    return tuple(chr(code) for first, last in _HAN for code in range(first, last + 1))


def _simplify(chars: str) -> str:
    """Return the Simplified form of each character, looked up alone, as OpenCC's phrase tables change the length."""
    from opencc import OpenCC

    lines = OpenCC("t2s").convert("\n".join(chars))
    rare = next((2 * at for at, char in enumerate(chars) if ord(char) > 0xFFFF), len(lines))
    basic = lines[:rare]
    for config in ("tw2s", "hk2s"):  # of places, for the basic plane; never tw2sp: it replaces words
        # 么 is 幺 in Taiwan's table; here it is what 麼 became, as in 什么.
        basic = OpenCC(config).convert(basic).replace("幺", "么")
    forms = (basic + lines[rare:]).split("\n")
    return "".join(form if len(form) == 1 else char for form, char in zip(forms, chars, strict=True))


@functools.cache
def traditional() -> frozenset[str]:
    """Return the characters that only Traditional text has."""
    han = _han()
    return frozenset(char for char, form in zip(han, _simplify("".join(han)), strict=True) if char != form)


@functools.cache
def simplified() -> frozenset[str]:
    """Return the characters that only Simplified text has."""
    from opencc import OpenCC

    han = _han()
    forms = OpenCC("s2t").convert("\n".join(han)).split("\n")
    return frozenset(char for char, form in zip(han, forms, strict=True) if char != form) - traditional()
