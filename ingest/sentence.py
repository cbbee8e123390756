"""Sentences: the smallest spans that are quoted."""

from __future__ import annotations

import functools
from collections import Counter

from ingest.document import Span
from ingest.regex import regex

# A sentence ends with a full stop, question or exclamation mark and the closing quotes or brackets behind it, or at the
# end of a line.
_STOP = regex(r"[。！？!?][”’」』）)】》]*|[\r\n]+")


# Texts that were typed or exported at a fixed width break their lines inside sentences.
_WRAPPED = 0.3  # of the long lines end at nearly the same width without a stop
_FEWEST = 4  # such lines
_SHORTEST = 44  # columns; shorter lines are headings, signatures, fields
_NARROW = regex("[\0-\u2e7f]")  # characters of one column; any other takes two
_SLACK = 6  # columns by which lines of one width differ: a stop or a number is not parted from what it belongs to
# Saved from a page, a text may break where the page had a tag: anywhere in a sentence.
_COMMAS = ("、", "，", ",")
_GOING_ON = frozenset("，、。；）")  # begin a line that goes on
_ENDS = frozenset("。！？；：!?;:”」』）)|")  # end one, behind a sentence that ended before
_REST = 80  # characters behind the last full stop of a line that breaks
_OFTEN = 2  # such breaks
_PROSE = regex(r"[，。；,;]")
_MARKS = "\u200b\ufeff*"  # blanks that are none in Unicode; an asterisk at an end is emphasis of Markdown
_STARTS = regex(
    r"[\s\u3000]|[（(]?[一二三四五六七八九十百\d]{1,3}[）)、.．]|[①-⑳#|>*•·-]|第[一二三四五六七八九十百\d.]+[章节条项段件]|[^\s，,。；;：:]{2,8}[：:]"
)


def sentences(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences of `text[start:end]` in order, without the blanks around them; blank ones are left out.

    The end of a line ends a sentence, unless the text is broken inside sentences and the line goes on in the next one.
    """
    return [Span(first, last) for first, last in parted(text, start, end)]


def parted(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the sentences of `text[start:end]` begin and end, as `sentences` does."""
    found = []
    at, width = start, -1
    for stop in _STOP.finditer(text, start, end):
        first, last = stop.span()
        if text[first] in "\r\n":
            width = wrap_width(text) if width < 0 else width
            if goes_on(text, first, last, width):
                continue
        found.append(_trimmed(text, at, last))
        at = last
    found.append(_trimmed(text, at, end))
    return [(first, last) for first, last in found if first < last]


def wrap_width(text: str) -> int:
    """Return the number of columns at which a text is broken into lines, 0 where its lines are paragraphs."""
    return _wrap_width(text) if text.count("\n") + 1 >= _FEWEST else 0  # most chunks have fewer lines


@functools.lru_cache(maxsize=16)  # of the documents that one question looks into
def _wrap_width(text: str) -> int:
    lines = [line for line in text.split("\n") if len(line) * 2 >= _SHORTEST and "|" not in line and "\t" not in line]
    open_ended = [line.rstrip()[-1:] not in "。！？!?；;：:" for line in lines]
    if sum(open_ended) < _FEWEST:
        return 0  # spares nearly all texts the counting of columns
    widths: Counter[int] = Counter()
    long = 0
    for line, ends in zip(lines, open_ended, strict=True):
        width = _columns(line)
        if width >= _SHORTEST:
            long += 1
            if ends:
                widths[width] += 1
    if sum(widths.values()) < max(_FEWEST, _WRAPPED * long):
        return 0
    near = {
        width: sum(number for other, number in widths.items() if width - _SLACK <= other <= width) for width in widths
    }
    width = max(near, key=lambda width: (near[width], width))
    return width if near[width] >= max(_FEWEST, 0.5 * sum(widths.values())) else 0


def goes_on(text: str, line_end: int, next_line: int, width: int) -> bool:
    """Return whether the sentence at the end of a line goes on in the line at `next_line`.

    It does behind a comma and before one, at the end of a full line of a text that is broken at `width` columns (0: it
    is not), and, where lines often break inside sentences, between two lines of prose.
    """
    if text.count("\n", line_end, next_line) > 1:
        return False
    line_start = text.rfind("\n", 0, line_end) + 1
    line = text[line_start:line_end].rstrip()
    if "|" in line or _STARTS.match(text, next_line):
        return False
    if line[-1:] in "、，," and (len(line) * 2 > _SHORTEST or _is_broken(text)):
        return True
    following = text[next_line : text.find("\n", next_line) % (len(text) + 1)]
    if following[:1] in "，、。；）" and following[:1]:
        return True
    if width and (_columns(line) >= width - _SLACK or not _is_broken(text)):
        return _columns(line) >= width - _SLACK
    ended = line[-1:] in "。！？!?；;：:"
    prose = _PROSE.search(line) or text[max(0, line_start - 2) : line_start - 1] in ("、", "，", ",")
    return not ended and bool(prose and _PROSE.search(following)) and _is_broken(text)


@functools.lru_cache(maxsize=16)
def _is_broken(text: str) -> bool:
    """Return whether the lines of a text often end inside sentences."""
    lines = text.split("\n")
    filled = [not line or line.isspace() for line in lines]
    breaks = 0
    for at, line in enumerate(lines):
        begin = line.lstrip(" \t\u3000") if at else line
        goes_on = at > 0 and begin[:1] in _GOING_ON
        breaks += goes_on
        # A break is no end of a paragraph: words follow in the next line, or nothing at all.
        if at + 1 < len(lines) and (not filled[at + 1] or at + 2 == len(lines)):
            rest = begin[1:] if goes_on else line
            breaks += rest.rstrip(" \t\u3000").endswith(_COMMAS) or _unfinished(rest)
        if breaks >= _OFTEN:
            return True
    return False


def _unfinished(line: str) -> bool:
    """Return whether a line begins a sentence behind a full stop and does not end it."""
    stop = line.rfind("。")
    rest = line[stop + 1 :].rstrip(" \t") if stop >= 0 else ""
    return 0 < len(rest) <= _REST + 1 and "|" not in rest and rest[-1] not in _ENDS and not rest[-1].isspace()


def _columns(line: str) -> int:
    """Return how many columns a line takes: two a wide character, one any other."""
    line = line.rstrip()
    return 2 * len(line) - len(_NARROW.findall(line))


def trim(text: str, start: int, end: int) -> Span:
    """Return the span without the blanks and marks of emphasis at its ends."""
    return Span(*_trimmed(text, start, end))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and ((char := text[start]).isspace() or char in _MARKS):
        start += 1
    while end > start and ((char := text[end - 1]).isspace() or char in _MARKS):
        end -= 1
    return start, end
