"""What a model has replied, read while it comes: sentences, each with the numbers of its evidence.

Two forms are read: JSON in the shape of `SCHEMA`, and lines that end in numbers in brackets. What is neither yields
nothing, or sentences without a number, which nobody will believe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.regex import regex

SCHEMA: dict[str, Any] = {
    "title": "answer",
    "description": "交回写好的各句，每句附它所依据的证据编号",
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "一句话，不含编号"},
                    "evidence": {"type": "array", "items": {"type": "integer"}, "description": "证据编号"},
                },
                "required": ["text", "evidence"],
            },
        }
    },
    "required": ["claims"],
}
_MARKS = r"(?:\s*[\[【［]\s*\d{1,4}(?:\s*[,，、]\s*\d{1,4})*\s*[\]】］])+"
_SENTENCE = regex(rf"(?P<text>.+?)(?P<marks>{_MARKS})\s*[。.]?")
_BULLET = regex(r"^\s*(?:[-*•]\s*|```\w*\s*$)")
_BLANK = regex(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that a model proposes, and the numbers of the evidence that it says it rests on."""

    text: str
    cites: tuple[int, ...]


def drafts(pieces: Iterable[str]) -> Iterator[Draft]:
    """Yield each sentence of a reply as soon as all of it has come; one that was cut off is left out or has no number.

    Args:
        pieces: the words of the reply, in order.
    """
    held, read = "", None
    for piece in pieces:
        held += piece
        if read is None:
            words = _begun(held)
            if not words:
                continue
            held, read = words, _objects if words[0] in "{[" else _lines
        found, held = read(held, last=False)
        yield from found
    if read is not None:
        yield from read(held, last=True)[0]


def _begun(held: str) -> str:
    """Return a reply without a model's thoughts and fences before it, "" while they may still be coming."""
    words = held.lstrip()
    if words.startswith("<think>"):
        return _begun(words.partition("</think>")[2])
    if words.startswith("```"):
        return _begun(words.partition("\n")[2])
    return "" if "<think>".startswith(words) or "```".startswith(words) else words


def _objects(held: str, *, last: bool) -> tuple[list[Draft], str]:
    """Return the claims of a JSON reply that are complete, and what is left to be read."""
    del last
    if held[:1] == "{":
        at = held.find("[", held.find('"claims"')) if '"claims"' in held else -1
        if at < 0:
            return [], held
        held = held[at:]
    found: list[Draft] = []
    decoder = json.JSONDecoder()
    at = 1 if held[:1] == "[" else 0
    while True:
        at = _BLANK.match(held, at).end()  # type: ignore[union-attr]  # matches the empty string too
        try:
            value, end = decoder.raw_decode(held, at)
        except (ValueError, RecursionError):
            return found, "[" + held[at:]
        found += _draft(value)
        at = end


def _draft(value: Any) -> list[Draft]:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return []
    given = value.get("evidence")
    numbers = given if isinstance(given, list) else [given]
    cites = [int(n) for n in numbers if isinstance(n, int) or (isinstance(n, str) and n.isascii() and n.isdigit())]
    text = value["text"]
    for mark in re.findall(_MARKS, text):
        cites += [int(n) for n in re.findall(r"\d+", mark)]
    return _made(re.sub(_MARKS, "", text), cites)


def _lines(held: str, *, last: bool) -> tuple[list[Draft], str]:
    """Return the sentences of the lines that are complete, and the line that is not."""
    *lines, rest = held.split("\n")
    if last:
        lines, rest = [*lines, rest], ""
    found: list[Draft] = []
    for line in lines:
        line = _BULLET.sub("", line)
        done = 0
        for sentence in _SENTENCE.finditer(line):
            found += _made(sentence["text"], [int(n) for n in re.findall(r"\d+", sentence["marks"])])
            done = sentence.end()
        found += _made(line[done:], [])
    return found, rest


def _made(text: str, cites: list[int]) -> list[Draft]:
    words = " ".join(text.split())
    return [Draft(words, tuple(dict.fromkeys(cites)))] if words else []
