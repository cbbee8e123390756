"""Words of documents and of people as HTML that is only ever text, inside Markdown too."""

from __future__ import annotations

import re

# Whatever ASCII punctuation means to HTML, to Markdown or to a template, as a numeric reference it is a character.
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
# Controls of direction (Unicode Standard Annex 9): left as they are, one of them turns round the line that follows.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Characters that HTML forbids, even as references; NUL among them, with which a parser may stop.
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def text(words: str) -> str:
    """Return `words` as HTML that shows them; its text content is `words`, but for forbidden controls shown as U+FFFD.

    Each control of direction is shut into an element of its own, which ends its effect and keeps it in the text.
    """
    escaped = _PUNCTUATION.sub(lambda m: f"&#{ord(m[0])};", _CONTROL.sub("\ufffd", words))
    return _BIDI.sub(lambda m: f"<bdi>{m[0]}</bdi>", escaped)


def line(words: str) -> str:
    """Return `words` as HTML on one line, each line end as `<br>`: HTML inside Markdown ends at a blank line."""
    return re.sub(r"\r\n|[\n\r\f\v\x85\u2028\u2029]", "<br>", text(words))


def attribute(words: str) -> str:
    """Return `words` as the value of an attribute in double quotes: on one line and without controls of direction."""
    return text(" ".join(_BIDI.sub("", words).split()))
