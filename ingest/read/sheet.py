"""A page while it is read: prints (characters on a line) and rules (drawn lines), in points from the top left."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from ingest.document import Box

# Characters that are written without blanks between them: ideographs, kana, their punctuation, full-width forms.
_WIDE = re.compile(r"[\u2014\u2018-\u201d\u2026\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
# What no text holds (see `ingest.read.draft`); private characters are bullets of symbol fonts.
_JUNK = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\xad\ufeff\ufffe\uffff\ud800-\udfff\ue000-\uf8ff]")

_FIGURE = re.compile(r"\d[.,:/]?$")  # a number goes on in the next line
_NEAR = 30  # characters around the end of a line that show whether it is Chinese
_CHINESE = 0.2


class Glyph(NamedTuple):
    """A character as printed. `blank` says whether the file has a blank before it."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    blank: bool


@dataclass(slots=True)
class Print:
    """Words on one line of one column, their box, and the size of the type."""

    words: str
    box: Box
    size: float


class Rule(NamedTuple):
    """A drawn line, horizontal or vertical."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def upright(self) -> bool:
        """Return whether the line is vertical."""
        return self.y1 - self.y0 > self.x1 - self.x0


@dataclass(slots=True)
class Sheet:
    """A page as a reader took it in; `confidence` is that of its recognition, None where the file has characters.

    A page that lies on its side was `turned` to the right to be read: then all this is of the turned page.
    """

    number: int
    width: float
    height: float
    prints: list[Print] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    confidence: float | None = None
    turned: bool = False


@functools.lru_cache(20_000)
def wide(char: str) -> bool:
    """Return whether a character is written without blanks beside it."""
    return bool(_WIDE.match(char))


def clean(words: str) -> str:
    """Return words without what no text holds."""
    return _JUNK.sub("", words)


def glue(before: str, after: str, size: float, gap: float, blank: bool) -> str:
    """Return what stands between two runs that are `gap` apart: nothing, a blank, or two where columns part."""
    if gap > 2.0 * size:
        return "  "
    if wide(before[-1:]) or wide(after[:1]):
        both = wide(before[-1:]) and wide(after[:1])
        least = 0.4 if both else 0.15
        return " " if (blank and gap > least * size) or gap > 0.8 * size else ""
    return " " if blank or gap > 0.25 * size else ""


def spaced(before: str, after: str) -> bool:
    """Return whether a blank parts the words of two lines: those of an alphabet, in Chinese only two words of it."""
    if wide(before[-1:]) or wide(after[:1]) or (after[:1].isdigit() and _FIGURE.search(before)):
        return False
    near = before[-_NEAR:] + after[:_NEAR]
    chinese = sum(wide(char) for char in near) > _CHINESE * len(near)
    return not chinese or (before[-1:].isalpha() and after[:1].isalpha())


def prints(glyphs: Iterable[Glyph], rules: Sequence[Rule]) -> list[Print]:
    """Return the runs of characters, in the order of the file; a rule between two characters parts them."""
    walls = sorted((rule.x0, rule.y0, rule.y1) for rule in rules if rule.upright)
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        if runs and _follows(runs[-1], glyph, walls):
            last = runs[-1][-1]
            # Bold type that a printer driver made by printing twice.
            if glyph.char == last.char and abs(glyph.x0 - last.x0) < 0.25 * (glyph.x1 - glyph.x0):
                continue
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return _once([_print(run) for run in runs])


def _follows(run: list[Glyph], glyph: Glyph, walls: list[tuple[float, float, float]]) -> bool:
    last = run[-1]
    size = max(last.size, glyph.size)
    if min(last.size, glyph.size) < 0.5 * size:
        return False
    shared = min(last.y1, glyph.y1) - max(last.y0, glyph.y0)
    if shared < 0.5 * min(last.y1 - last.y0, glyph.y1 - glyph.y0):
        return False
    gap = glyph.x0 - last.x1
    if not -0.6 * size < gap < 1.2 * size:
        return False
    middle = (glyph.y0 + glyph.y1) / 2
    at = bisect_left(walls, (last.x1 - 0.2 * size, -1e9, -1e9))
    while at < len(walls) and walls[at][0] < glyph.x0 + 0.2 * size:
        if walls[at][1] <= middle <= walls[at][2]:
            return False
        at += 1
    return True


def _print(run: list[Glyph]) -> Print:
    parts = [run[0].char]
    for last, glyph in pairwise(run):
        parts += (glue(last.char, glyph.char, glyph.size, glyph.x0 - last.x1, glyph.blank), glyph.char)
    words = _tight("".join(parts))
    box = (min(g.x0 for g in run), min(g.y0 for g in run), max(g.x1 for g in run), max(g.y1 for g in run))
    return Print(words, box, sorted(g.size for g in run)[len(run) // 2])


def _tight(words: str) -> str:
    """Return words whose characters stand all apart (通 知, 目 录) without the blanks between them."""
    parts = words.split()
    if 2 <= len(parts) <= 12 and all(len(part) == 1 and wide(part) for part in parts):
        return "".join(parts)
    return words


def _once(found: list[Print]) -> list[Print]:
    """Return the prints without those that repeat an earlier one at the same place (bold, shadow)."""
    kept: list[Print] = []
    seen: dict[tuple[str, int, int], None] = {}
    for item in found:
        spot = (item.words, round(item.box[0] / 3), round(item.box[1] / 3))
        if len(item.words) > 1 and spot in seen:
            continue
        seen[spot] = None
        kept.append(item)
    return kept


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some boxes, of which there is at least one."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
