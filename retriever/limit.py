"""Lists by a value that is compared: 投资500万元以上的, 落后超过一成的, 2025年底前到期的.

The rows of a table and the items of a list answer where the value of each can be read; one whose value is not stated,
or only about, is not counted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.document import Span
from ingest.regex import regex
from ingest.sentence import sentences
from retriever.derivation import amount, beyond, day
from retriever.passage import Source
from retriever.question import terms
from retriever.records import Group, Record, groups
from retriever.statement import Token, plain, tokens

_ASKS = regex(
    r"哪[些几]|哪[二两三四五六七八九十\d]+[个项件条家]|有(?:什么|啥)|(?:多少|几)[个项件条家座所处]|列出|是什么|是啥"
)
_HALF = (regex("(?:过|超)(?:一)?半(?!数)"), regex("一半"))
_COUNTS = frozenset("个件项户人家座台所处起次名条宗")
_BY = regex(
    r"(?P<date>(?:20\d{2}|1[01]\d)年(?:\d{1,2}月)?(?:\d{1,2}[日号])?[底末初]?)(?P<side>之?前|以前|之后|以后|后)"
)
_SIGNS = {">": ">", "≥": "≥", "<": "<", "≤": "≤"}
_TOTAL = regex(r"[合总小共]计|总数|平均")
_HEADED = regex(r"\((?:单位:)?(?P<unit>[^()]{1,6})\)")
_NAMED = regex(r"单位:(?P<unit>[\u3400-\u9fff]{1,4})")
_DAYS = regex("时限|期限|日期|时间|截[止至]|到期|期程")
_SOURCES = 3  # documents that are looked into
_FEWEST = 2  # records of a group whose value can be compared
_EXPLAINED = 0.5  # of the question's words are the document's


@dataclass(frozen=True, slots=True)
class Limit:
    """What a value is compared with: an amount in its smallest unit, or a day; `words` are those of the question."""

    sign: str
    value: Decimal | dt.date
    unit: str
    words: str
    subject: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record whose value is beyond a limit: its quote, the value in it, the field that holds it and its name."""

    record: Record
    quote: Span
    value: Span
    field: Span
    column: str


@dataclass(frozen=True, slots=True)
class Limited:
    """The records of a document that a limit chooses, in order; `limit` is in the unit in which they are written."""

    source: Source
    rows: tuple[Row, ...]
    sign: str
    limit: Decimal | dt.date
    words: str


def limit(words: str) -> Limit | None:
    """Return the limit that folded words of a question name, None where they compare nothing."""
    dated = _BY.search(words)
    if dated:
        token = next((found for found in tokens(plain(dated["date"])) if found.kind == "date"), None)
        value = _day(token, dated["date"]) if token else None
        sign = ">" if "后" in dated["side"] else "≤"
        if value is not None:
            return Limit(sign, value, "", dated.group(), words[: dated.start()])
    words = _HALF[1].sub("50%", _HALF[0].sub("超过50%", words))
    met = ""
    for token in tokens(plain(words)):
        if token.kind == "number" and isinstance(token.key, tuple) and token.key[0] in _SIGNS:
            subject = re.split(r"[,、的]|有|在|为|是", met)[-1] or met
            return Limit(_SIGNS[token.key[0]], token.key[1], str(token.key[2]), token.words, subject)
        met += token.words
    return None


def _day(token: Token, words: str) -> dt.date | None:
    """Return the last day that words name; a year of the Republic is one of ours."""
    republic = re.match(r"(1[01]\d)年", words)
    if republic:
        token = next(iter(tokens(plain(f"{int(republic[1]) + 1911}{words[3:]}"))), token)
    return day(token)


def limited(words: str, sources: Sequence[Source]) -> Limited | None:
    """Return the records that folded words of a question ask for by a limit, None where they name none.

    Args:
        words: the question.
        sources: the documents that may hold them, the likeliest first.
    """
    asked = limit(words) if _ASKS.search(words) else None
    if asked is None:
        return None
    rest = frozenset(term for term in terms(words.replace(asked.words, " ")) if len(term) > 1)
    for source in sources[:_SOURCES]:
        best: tuple[float, Limited] | None = None
        for group in groups(source):
            found = _of_group(asked, source, group)
            if found is None:
                continue
            over = f"{source.common} {group.over} {asked.subject}"
            share = sum(term in over or term in source.folded for term in rest) / len(rest) if rest else 1.0
            near = sum(term in group.over for term in rest)
            if share >= _EXPLAINED and (best is None or share + near > best[0]):
                best = share + near, found
        if best is not None:
            return best[1]
    return None


def _of_group(asked: Limit, source: Source, group: Group) -> Limited | None:
    """Return the records of a group that are beyond the limit, None where the values of fewer than two can be read."""
    read: list[tuple[Row, Decimal | dt.date, Decimal]] = []
    for record in group.records:
        if _TOTAL.match(record.name.of(source.folded)):
            continue
        value = next(_values(asked, source, record, group), None)
        if value is not None:
            read.append(value)
    scales = {scale for _, _, scale in read}
    if len(read) < _FEWEST or len(scales) != 1:
        return None
    scale = scales.pop()
    edge = asked.value if isinstance(asked.value, dt.date) else asked.value / scale
    rows = tuple(row for row, held, _ in read if beyond(held, asked.sign, edge))
    return Limited(source, rows, asked.sign, edge, asked.words) if rows else None


def _values(
    asked: Limit, source: Source, record: Record, group: Group
) -> Iterator[tuple[Row, Decimal | dt.date, Decimal]]:
    """Yield the values of a record that the limit may mean, with what one of them counts in the smallest unit."""
    if record.row:
        fields = sorted(record.fields, key=lambda field: -_alike(field[0], asked.subject))
        named = [field for field in fields if _alike(field[0], asked.subject)]
        for name, cell in named or fields:
            if cell == record.name or (isinstance(asked.value, dt.date) and not _DAYS.search(name)):
                continue
            header = _HEADED.search(name) or _NAMED.search(group.over)
            for span, held, scale in _read(asked, source, cell, header["unit"] if header else "", named=bool(named)):
                yield Row(record, record.span, span, cell, name), held, scale
        return
    if not record.leaf or isinstance(asked.value, dt.date):
        return
    for sentence in sentences(source.seen, record.start, record.end):
        for span, held, scale in _read(asked, source, sentence, "", named=False):
            yield Row(record, sentence, span, sentence, ""), held, scale


def _alike(name: str, subject: str) -> int:
    return sum(subject[at : at + 2] in name for at in range(len(subject) - 1))


def _read(
    asked: Limit, source: Source, span: Span, header: str, *, named: bool
) -> Iterator[tuple[Span, Decimal | dt.date, Decimal]]:
    """Yield the values of the limit's kind in a cell or a sentence, behind its subject where there are words."""
    text = source.document.text
    at = span.start
    said = False
    for token in tokens(plain(text[span.start : span.end])):
        place = source.folded.find(token.words, at, span.end)
        if place < 0:
            continue  # blanks stand in it
        if token.fact:
            held = day(token) if isinstance(asked.value, dt.date) else amount(token)
            before = source.folded[span.start : place]
            subject = named or (asked.subject[-2:] and asked.subject[-2:] in before[-12:])
            if held is not None and (subject or isinstance(asked.value, dt.date)):
                here = Span(place, place + len(token.words))
                unit = str(token.key[2]) if isinstance(token.key, tuple) else ""
                if isinstance(held, dt.date) or unit == asked.unit:
                    yield here, held, Decimal(1)
                    said = True
                elif not unit and not header and named and asked.unit in _COUNTS:
                    yield here, held, Decimal(1)
                    said = True
                elif not unit and header:
                    one = next((found for found in tokens(plain(f"1{header}")) if found.kind == "number"), None)
                    if one is not None and isinstance(one.key, tuple) and one.key[2] == asked.unit:
                        yield here, held, one.key[1]
                        said = True
        if said:
            return
        at = place + len(token.words)
