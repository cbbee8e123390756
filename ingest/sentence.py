"""Sentences: the smallest spans that are quoted."""

from __future__ import annotations

import re

from ingest.document import Span

# A sentence ends with a full stop, question or exclamation mark and the closing quotes or brackets behind it, or at the
# end of a line.
_STOP = re.compile(r"[。！？!?][”’」』）)】》]*|[\r\n]+")


def sentences(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences of `text[start:end]` in order, without the blanks around them; blank ones are left out."""
    spans = []
    at = start
    for stop in _STOP.finditer(text, start, end):
        spans.append(trim(text, at, stop.end()))
        at = stop.end()
    spans.append(trim(text, at, end))
    return [span for span in spans if span.start < span.end]


def trim(text: str, start: int, end: int) -> Span:
    """Return the span without the blanks and marks of emphasis at its ends."""
    while start < end and _blank(text[start]):
        start += 1
    while end > start and _blank(text[end - 1]):
        end -= 1
    return Span(start, end)


def _blank(char: str) -> bool:
    return char.isspace() or char in "\u200b\ufeff*"  # an asterisk at an end is emphasis of Markdown
