"""Sentences: the smallest spans that are quoted."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter

from ingest.document import Span

# A sentence ends with a full stop, question or exclamation mark and the closing quotes or brackets behind it, or at the
# end of a line.
_STOP = re.compile(r"[。！？!?][”’」』）)】》]*|[\r\n]+")


# Texts that were typed or exported at a fixed width break their lines inside sentences.
_WRAPPED = 0.3  # of the long lines end at nearly the same width without a stop
_FEWEST = 4  # such lines
_SHORTEST = 44  # columns; shorter lines are headings, signatures, fields
_NARROW = re.compile("[\0-\u2e7f]")  # characters of one column; any other takes two
_SLACK = 6  # columns by which lines of one width differ: a stop or a number is not parted from what it belongs to
# Saved from a page, a text may break where the page had a tag: anywhere in a sentence.
_BROKEN = re.compile(
    r"[、，,](?=[ \t\u3000]*\n(?!\s*\n))|(?<=\n)[ \t\u3000]*[，、。；）]"
    r"|。[^\n。|]{0,80}[^\s。！？；：!?;:”」』）)|](?=[ \t]*\n(?!\s*\n))"
)
_OFTEN = 2  # such breaks
_PROSE = re.compile(r"[，。；,;]")
_MARKS = "\u200b\ufeff*"  # blanks that are none in Unicode; an asterisk at an end is emphasis of Markdown
_STARTS = re.compile(
    r"[\s\u3000]|[（(]?[一二三四五六七八九十百\d]{1,3}[）)、.．]|[①-⑳#|>*•·-]|第[一二三四五六七八九十百\d.]+[章节条项段件]|[^\s，,。；;：:]{2,8}[：:]"
)


def sentences(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences of `text[start:end]` in order, without the blanks around them; blank ones are left out.

    The end of a line ends a sentence, unless the text is broken inside sentences and the line goes on in the next one.
    """
    spans = []
    at = start
    width = wrap_width(text)
    for stop in _STOP.finditer(text, start, end):
        if text[stop.start()] in "\r\n" and goes_on(text, stop.start(), stop.end(), width):
            continue
        spans.append(trim(text, at, stop.end()))
        at = stop.end()
    spans.append(trim(text, at, end))
    return [span for span in spans if span.start < span.end]


def wrap_width(text: str) -> int:
    """Return the number of columns at which a text is broken into lines, 0 where its lines are paragraphs."""
    return _wrap_width(text) if text.count("\n") + 1 >= _FEWEST else 0  # most chunks have fewer lines


@functools.lru_cache(maxsize=16)  # of the documents that one question looks into
def _wrap_width(text: str) -> int:
    widths: Counter[int] = Counter()
    long = 0
    for line in text.split("\n"):
        if len(line) * 2 < _SHORTEST or "|" in line or "\t" in line:
            continue
        width = _columns(line)
        if width >= _SHORTEST:
            long += 1
            if line.rstrip()[-1:] not in "。！？!?；;：:":
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
    return sum(1 for _ in itertools.islice(_BROKEN.finditer(text), _OFTEN)) == _OFTEN


def _columns(line: str) -> int:
    """Return how many columns a line takes: two a wide character, one any other."""
    line = line.rstrip()
    return 2 * len(line) - len(_NARROW.findall(line))


def trim(text: str, start: int, end: int) -> Span:
    """Return the span without the blanks and marks of emphasis at its ends."""
    while start < end and ((char := text[start]).isspace() or char in _MARKS):
        start += 1
    while end > start and ((char := text[end - 1]).isspace() or char in _MARKS):
        end -= 1
    return Span(start, end)
