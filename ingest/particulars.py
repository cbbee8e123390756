"""What a document states about itself (title, issuer, number, date), each with its span, or absent; and its script."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from ingest.body import is_body
from ingest.document import Script, Section, Stated
from ingest.fold import fold, simplified, traditional
from ingest.numeral import CHINESE, number
from ingest.outline import DOCUMENT_NOUN, Line, lines
from ingest.sentence import trim

_N = f"[{CHINESE}]"
_HEAD = 25  # lines below the navigation in which a title, a number or a labelled date stands
_TITLE_LINE = re.compile(rf"[^。！？；!?;:：|]{{0,80}}(?:{DOCUMENT_NOUN})(?:\s*\([^()]{{1,14}}\))*")
_TITLE_LABEL = re.compile(r"(?:原?标题|题名|名称)\s*[:：]\s*(\S.*)")
_ISSUER_LABEL = re.compile(
    r"(?:发文机关|发布机构|发文单位|发布单位|制定机关|印发单位|信息来源|来源)\s*[:：]\s*(\S{2,30})"
)
_DATE_LABEL = re.compile(r"(?:成文日期|印发日期|发文日期|发布日期|发布时间|公开日期|日期|时间)\s*[:：]\s*(?P<date>.+)")
_DATE = re.compile(
    rf"(?P<y>(?:19|20)\d{{2}}|[二一][零〇九]{_N}{{2}})\s*(?:年|[-/.])\s*"
    rf"(?P<m>\d{{1,2}}|{_N}{{1,3}})\s*(?:月|[-/.])\s*(?P<d>\d{{1,2}}|{_N}{{1,3}})(?:\s*日)?"
)
# GB/T 9704-2012, 7.2.5: the body's code, the year in 〔〕, the running number, 号. Published copies lose brackets.
_NUMBER = re.compile(
    r"(?P<code>[\u3400-\u9fff]{1,14}(?:\([\u3400-\u9fff]{1,6}\))?)\s*[〔\[【(]?\s*(?P<year>(?:19|20)\d{2})\s*[〕\]】)]?\s*(?:第)?\s*(?P<no>\d{1,5})\s*号"
)
_NUMBER_LABEL = re.compile(r"(?:发文字号|文号|文件编号|字号)\s*[:：]\s*(?P<rest>\S.*)")


@dataclass(frozen=True, slots=True)
class Particulars:
    """What a document states about itself."""

    title: Stated | None
    issuer: Stated | None
    number: Stated | None
    date: Stated | None
    script: Script


def particulars(text: str, sections: tuple[Section, ...]) -> Particulars:
    """Read the particulars of a document from its text and outline. What is damaged is left out, never guessed."""
    bars = [s for s in sections if s.kind == "chrome"]
    rows = [row for row in lines(text) if not any(bar.start <= row.start < bar.end for bar in bars)]
    first_item = next(
        (s.start for s in sections if s.kind in ("item", "article", "measure", "issuer") or s.label), len(text)
    )
    head = [row for row in rows if row.start < first_item][:_HEAD]
    signatures = [s for s in sections if s.kind == "signature"]
    title = _title(text, head, rows, sections)
    several = any(s.kind == "issuer" for s in sections)
    return Particulars(
        title=title,
        issuer=None if several else _issuer(text, head, signatures, title),
        number=_number(text, head),
        date=_date(text, head, signatures),
        script=script(text),
    )


def script(text: str) -> Script:
    """Return the script of a text: the one whose own characters are more; "other" where neither has any."""
    counts = Counter(text)
    hant = sum(counts[char] for char in counts.keys() & traditional())
    hans = sum(counts[char] for char in counts.keys() & simplified())
    if hant == hans == 0:
        return "other"
    return "hant" if hant > hans else "hans"


def _title(text: str, head: list[Line], rows: list[Line], sections: tuple[Section, ...]) -> Stated | None:
    for row in (*head, *rows[-5:]):
        labelled = _TITLE_LABEL.fullmatch(row.words)
        if labelled:
            return Stated(text[row.start + labelled.start(1) : row.end], row.start + labelled.start(1), row.end)
    marked = next((s for s in sections if s.kind == "heading" and s.level < 0 and s.title), None)
    if marked and (not head or marked.start <= head[0].start or marked.start < head[-1].end):
        begin = text.index(marked.title, marked.start)
        return Stated(marked.title, begin, begin + len(marked.title))
    for at, row in enumerate(head):
        if len(row.words) > 60 or not _TITLE_LINE.fullmatch(row.words) or _LABELLED.match(row.words):
            continue
        first = at
        # A long title stands on several lines: those above it that are no sentence, number or date belong to it.
        while first > 0 and _goes_on(head[first - 1].words) and not _TITLE_LINE.fullmatch(head[first - 1].words):
            first -= 1
        span = trim(text, head[first].start, row.end)
        return Stated("".join(span.of(text).split("\n")).replace("\r", "").strip(), span.start, span.end)
    return None


_LABELLED = re.compile(r"[^:：]{1,8}[:：]")


def _goes_on(words: str) -> bool:
    """Return whether a line may be the upper part of a title: a body's name, or words that end in 关于 or 的."""
    return (
        len(words) <= 40
        and not re.search(r"[。；;,，:：|>\d]$", words)
        and (is_body(words) or bool(re.search(r"(?:关于.*|印发.*|的)$", words)))
    )


def _issuer(text: str, head: list[Line], signatures: list[Section], title: Stated | None) -> Stated | None:
    for section in reversed(signatures):
        end = text.find("\n", section.start, section.end)
        span = trim(text, section.start, end if end > 0 else section.end)
        return Stated(span.of(text), span.start, span.end)
    for row in head:
        labelled = _ISSUER_LABEL.search(row.words)
        if labelled and is_body(labelled[1]):
            start, end = row.start + labelled.start(1), row.start + labelled.end(1)
            return Stated(text[start:end], start, end)
    if title:
        words = fold(text[title.start : title.end])
        opening = re.match(r"(.{2,24}?)(?=关于|(?:19|20)\d{2}年)", words)
        if opening and is_body(opening[1].strip()):
            end = title.start + len(opening[1].rstrip())
            return Stated(text[title.start : end], title.start, end)
    return None


def _number(text: str, head: list[Line]) -> Stated | None:
    """Read the document's own number: alone on a line, or labelled. One inside a sentence names another document."""
    for row in head:
        labelled = _NUMBER_LABEL.search(row.words)
        begin = labelled.start("rest") if labelled else 0
        found = _NUMBER.match(row.words, begin)
        if found and (labelled or found.end() == len(row.words)):
            code = text[row.start + found.start("code") : row.start + found.end("code")]
            start, end = row.start + found.start(), row.start + found.end()
            return Stated(f"{code}〔{found['year']}〕{found['no']}{text[end - 1]}", start, end)
    return None


def _date(text: str, head: list[Line], signatures: list[Section]) -> Stated | None:
    folded = fold(text)
    for section in reversed(signatures):
        found = _DATE.search(folded, section.start, section.end)
        if found and (stated := _stated_date(found)):
            return stated
    for row in head:
        labelled = _DATE_LABEL.search(row.words)
        found = _DATE.match(folded, row.start + labelled.start("date"), row.end) if labelled else None
        if found is None and len(row.words) <= 20:
            alone = re.match(r"\(?", row.words)
            found = _DATE.match(folded, row.start + (alone.end() if alone else 0), row.end)
            found = found if found and found.end() >= row.end - 1 else None
        if found and (stated := _stated_date(found)):
            return stated
    return None


def _stated_date(found: re.Match[str]) -> Stated | None:
    year, month, day = (number(found[name]) for name in "ymd")
    try:
        value = dt.date(year or 0, month or 0, day or 0)
    except ValueError:
        return None
    return Stated(value.isoformat(), found.start(), found.end())
