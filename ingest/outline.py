"""The outline of a document as a tree of sections: 一、 (一) 1. (1) ① 一是, 第X章/条/款, 附件, headings of issuers.

Numbering follows GB/T 9704-2012, 7.3.3 (一、 then （一） then 1. then （1）); laws follow 立法法's 编 章 节 条 款 项.
Patterns read folded text, so one pattern serves both scripts, full and half width.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.body import is_body
from ingest.chrome import chrome
from ingest.document import Section, SectionKind, Span
from ingest.fold import fold
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from ingest.sentence import trim

_N = f"[{CHINESE}]"
_NUM = rf"(?:{_N}{{1,5}}|\d{{1,4}})"
# Junk that crawlers leave before a label: a lost character shown as ?, zero-width blanks, list bullets.
_LEAD = r"[\s?\u200b\ufeff*>]*"

# 任务一, （问题3）, 【整改任务1】, 列管编号114-003: matters that are numbered by what they are called.
_WHOSE = "(?:整改|反馈|具体|重点|主要|年度|巡察|巡视|督察|督查|审计|检查|存在|交办)"
_CALLED = rf"{_WHOSE}?(?:任务|问题|事项|项目|案件|案例|建议|举措|行动|工程)"
_CASE = regex(
    r"(?:序号|编号)\s?:?\s?\d{1,3}(?=$)|"
    rf"(?:[(【\[]{_CALLED}\s?(?:{_N}{{1,3}}|\d{{1,3}})[)】\]]|{_CALLED}\s?(?:{_N}{{1,3}}|\d{{1,3}})(?:\s*[:、]|(?=\s|$)|\.(?!\d)))"
)
# What names a case that stands alone in its line, in the next one: 督察反馈问题：…
_NAMED = regex(
    rf"\s*\**{_WHOSE}{{0,2}}的?(?:任务|问题|事项|内容|意见|项目|建议)(?:描述|概述|内容|名称|表述|摘要)?\**:\**\s*(?=[^\s。;:])"
)
_CLAUSE_LEVEL, _BRACKETED, _CASE_LEVEL = 6, 8, 9
# (kind, level, pattern). The level orders the kinds by rank; a smaller one encloses a larger one.
_LABELS: tuple[tuple[SectionKind, int, re.Pattern[str]], ...] = (
    ("attachment", 1, regex(rf"(?:附件|附表|附录)\s*(?:{_NUM})?(?=[:：\s]|$)[:：]?")),
    ("heading", 3, regex(rf"第\s*{_NUM}\s*[编篇]")),
    ("heading", 4, regex(rf"第\s*{_NUM}\s*(?:章|部分)")),
    ("heading", 5, regex(rf"第\s*{_NUM}\s*节")),
    ("heading", 5, regex(r"[壹贰叁参肆伍陆柒捌玖拾]{1,3}、")),
    ("item", _CLAUSE_LEVEL, regex(rf"{_N}{{1,3}}(?:、|\.(?!\d))")),
    ("article", 7, regex(rf"第\s*{_NUM}\s*条(?:之{_N})?(?=[\s【(:：])")),
    ("article", 7, regex(rf"第\s*{_NUM}\s*条(?:之{_N})?(?![的规第款中至到和、与])")),
    ("item", _CASE_LEVEL, _CASE),
    ("item", 10, regex(rf"第\s*(?:{_NUM}|\d{{1,2}}\.\d{{1,3}})\s*[项段](?=[\s:：])")),
    ("item", _BRACKETED, regex(rf"\(\s?{_N}{{1,3}}\s?\)")),
    # 1.4个小区 is the first item of a list: nothing that is counted comes in tenths.
    (
        "item",
        10,
        regex(r"\d{1,3}\s?(?:[、．]|\.(?!\d|$))|\d{1,2}\.(?=\d{1,4}[个家所名处口项件条户台座栋起宗](?!百分点|月))"),
    ),
    ("item", 11, regex(r"\(\s?\d{1,3}\s?\)|\d{1,3}\)")),
    ("item", 12, regex(r"[①-⑳]")),
    ("measure", 13, regex(rf"{_N}{{1,2}}是(?!否)|(?:第|其){_N}{{1,2}}[,，]")),
)
_MARKDOWN = regex(r"(#{1,6})\s+")
# Labels that also stand inside a line, behind a stop: measures always, brackets where they count up from one.
_INLINE = regex(
    rf"(?:(?<=[。;；:：!?])|^)\s*({_N}{{1,2}}是(?!否)|第{_N}{{1,2}}[,，]|\([{CHINESE}]{{1,3}}\)|\(\d{{1,2}}\)|[①-⑳])"
)

_ORDINALS = regex(rf"{_N}{{1,2}}是(?!否)|[(（]?[一1①][)）、.是]")
_TITLE_MAX = 60  # characters; the longest heading of one line in GB/T 9704's layout is two printed lines of 22
_SENTENCE_TITLE_MAX = 45

DOCUMENT_NOUN = (
    "计划|方案|通知|报告|意见|办法|规定|条例|细则|纲要|规划|决定|公告|通告|通报|总结|情况|清单|要点|指南|制度|法|函|批复|公报|"
    "决议|令|说明|措施|预案|标准|规则|章程|目标|一览表|台账|分工表|任务表|汇编|要求|规程|导则|名单|安排|提示|"
    "纪要|计画|备忘录|简报|专报|汇报|答复|手册|年报|须知"
)
_STANDALONE = regex(rf"[^。！？；!?;]{{4,{_TITLE_MAX}}}?(?:{DOCUMENT_NOUN})(?:\([^()]{{1,14}}\))*")
_DATE_LINE = regex(
    rf"(?:(?:(?:中华)?民国\s*)?\d{{3,4}}|[○o{CHINESE}]{{4}}|(?:中华)?民国[○o{CHINESE}]{{2,7}})\s*年\s*(?:\d{{1,2}}|{_N}{{1,3}})\s*月\s*(?:(?:\d{{1,2}}|{_N}{{1,3}})\s*日)?|\d{{5,8}}日"
)
_ISSUER = regex(r"([^:：。，,、;；]{2,20})[:：](\S.{2,40})")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its span without the blanks around it, and its folded words."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a section begins."""

    kind: SectionKind
    level: int
    label: str
    title: str
    start: int
    body: int
    issuer: str = ""


def lines(text: str) -> list[Line]:
    """Return the lines of `text` that are not blank, in order."""
    found = []
    folded = fold(text)
    at = 0
    for piece in text.splitlines(keepends=True):
        span = trim(text, at, at + len(piece))
        if span.start < span.end:
            found.append(Line(span.start, span.end, span.of(folded)))
        at += len(piece)
    return found


def outline(text: str, declared: Mapping[int, int] | None = None, hidden: Sequence[Span] = ()) -> tuple[Section, ...]:
    """Return the sections of `text` in document order; the first is the root, which spans it all.

    A text without numbering has a root and nothing else.

    Args:
        text: the canonical text.
        declared: the headings that the format itself declares: offset of the line -> depth, 1 the highest. A number
            that the heading has says more of its rank and goes first.
        hidden: spans that are no words of the document (running headers and footers); they become `chrome`.
    """
    rows = [row for row in lines(text) if not any(span.start <= row.start < span.end for span in hidden)]
    bars = [*chrome([(row.start, row.end, row.words) for row in rows]), *hidden]
    inside = [row for row in rows if not any(bar.start <= row.start < bar.end for bar in bars)]
    marks = [_Mark("chrome", 2, "", "", bar.start, bar.start) for bar in bars]
    marks.extend(_marks(text, inside, declared or {}))
    return _tree(text, sorted(marks, key=lambda mark: mark.start), [bar.end for bar in bars])


def _marks(text: str, rows: list[Line], declared: Mapping[int, int]) -> Iterator[_Mark]:
    issuers = _issuer_lines(rows)
    bare = _bare(rows)
    signed = False
    skip = -1
    cases, clauses = _Cases(), _Clauses()
    for at, row in enumerate(rows):
        if at <= skip:
            continue
        if at in issuers:
            name, last = issuers[at]
            skip = last
            span = trim(text, row.start, rows[last].end)
            yield _Mark("issuer", 2, "", " ".join(text[span.start : span.end].split()), span.start, span.end, name)
            continue
        if at + 1 < len(rows) and is_signature(row, rows[at + 1]):
            skip, signed = at + 1, True
            yield _Mark("signature", 2, "", "", row.start, row.start)
            continue
        mark = _named(text, _labelled(text, row), rows[at : at + 2])
        if mark is None and at in bare:
            title = trim(text, bare[at].start, bare[at].end)
            mark = _Mark("item", 6, text[row.start : title.start].strip(), title.of(text), row.start, title.end)
        skip = at + (mark is not None and mark.body > row.end)  # the title stands in the next line
        mark = clauses.placed(cases.placed(mark)) if mark else None
        if mark is None and row.start in declared:
            mark = _heading(text, row, row.start, declared[row.start])
        if mark is None and signed and _STANDALONE.fullmatch(row.words):
            mark = _Mark("heading", 1, "", text[row.start : row.end], row.start, row.end)
        if mark is None and at == len(rows) - 1 and is_body(row.words):
            mark = _Mark("signature", 2, "", "", row.start, row.start)
        signed = False
        if mark is not None:
            yield mark
        yield from _inline(text, row, mark)


class _Cases:
    """Where cases (任务一) stand: under (一), unless they come first; then (一) stands under them."""

    def __init__(self) -> None:
        self._level = 0

    def placed(self, mark: _Mark) -> _Mark:
        """Return the mark with the level that it has below the last heading."""
        if mark.level < _BRACKETED:
            self._level = 0
        elif mark.level == _BRACKETED:
            self._level = self._level or _CASE_LEVEL
        elif mark.level == _CASE_LEVEL:
            self._level = self._level or _BRACKETED - 1
            return replace(mark, level=self._level)
        return mark


class _Clauses:
    """Where 一、 stands under an article, as in the rules of Taiwan and in many statutes of bodies; (一) is below it.

    It does where the run of it began right under one: 一、 that held the article (将第六条修改为) goes on above it.
    """

    def __init__(self) -> None:
        self._article = False
        self._last = 0  # of the run under the article

    def placed(self, mark: _Mark) -> _Mark:
        """Return the mark with the level that it has below the last article."""
        if mark.kind == "article":
            self._article, self._last = True, 0
        elif mark.level < _CLAUSE_LEVEL:
            self._article = False
        elif self._article and mark.kind == "item" and mark.level == _CLAUSE_LEVEL:
            ordinal = _ordinal(mark.label)
            if ordinal == self._last + 1:
                self._last = ordinal
                return replace(mark, level=_BRACKETED)
            self._article = False
        elif self._article and self._last and mark.kind == "item" and mark.level == _BRACKETED:
            return replace(mark, level=_CASE_LEVEL)
        return mark


_BARE = regex(rf"(?P<n>{_N}{{1,3}})\s+(?P<title>[^\s。;:,、][^。;:,]{{1,24}})")
_ALONE = regex(r"\d{1,3}")
_FIELD = regex(r"[^\s,。;:]{2,8}:")


def _bare(rows: list[Line]) -> dict[int, Span]:
    """Return the lines that a numeral without a mark heads, with their titles.

    The title follows it (一 申报范围), or stands in the next line, with a field under it (牵头：…). They count up from
    one to three at least, else they are words.
    """
    headed: dict[int, Span] = {}
    alone: dict[int, Span] = {}
    for at, row in enumerate(rows):
        heading = _BARE.fullmatch(row.words)
        if heading and number(heading["n"]) == len(headed) + 1:
            headed[at] = Span(row.start + heading.start("title"), row.end)
        under = rows[at + 1 : at + 3]
        if _ALONE.fullmatch(row.words) and int(row.words) == len(alone) + 1 and len(under) == 2:
            title, field = under
            if _FIELD.match(field.words) and not _FIELD.match(title.words) and len(title.words) <= _TITLE_MAX:
                alone[at] = Span(title.start, title.end)
    return {at: title for found in (headed, alone) if len(found) > 2 for at, title in found.items()}


def is_signature(row: Line, following: Line) -> bool:
    """Return whether two lines are a signature: a body, then a date, maybe damaged (GB/T 9704-2012, 7.3.5)."""
    return (
        bool(_DATE_LINE.fullmatch(following.words))
        and len(row.words) <= 60
        and all(is_body(name) for name in re.split(r"[\s、]+", row.words))
    )


def _labelled(text: str, row: Line) -> _Mark | None:
    lead = re.match(_LEAD, row.words)
    at = lead.end() if lead else 0
    shift = 0
    hashes = _MARKDOWN.match(row.words, at)
    if hashes:
        at = hashes.end()
    for kind, level, pattern in _LABELS:
        label = pattern.match(row.words, at)
        if label:
            title, body = _title(text, row, label.end(), kind)
            return _Mark(
                kind, level, text[row.start + at : row.start + label.end()].strip(), title, row.start + shift, body
            )
    if hashes:
        return _heading(text, row, row.start + at, len(hashes.group(1)))
    return None


def _named(text: str, mark: _Mark | None, rows: Sequence[Line]) -> _Mark | None:
    """Return the mark of a case that stands alone in the first of two lines with the title that the second gives it.

    问题一, then 反馈问题：…. Any other mark is returned as it is.
    """
    field = _NAMED.match(rows[1].words) if len(rows) > 1 else None
    if mark is None or field is None or mark.level != _CASE_LEVEL or mark.title or mark.body < rows[0].end:
        return mark
    title, body = _title(text, rows[1], field.end(), "item")
    return replace(mark, title=title, body=body) if title else mark


def _heading(text: str, row: Line, start: int, depth: int) -> _Mark:
    """Return a declared heading without a number: it ranks above every number, by its depth."""
    return _Mark("heading", min(depth, 6) - 6, "", text[start : row.end].strip(), row.start, row.end)


def _title(text: str, row: Line, at: int, kind: SectionKind) -> tuple[str, int]:
    """Return the title that follows a label at offset `at` of the line, and where the body begins."""
    named = _NAMED.match(row.words, at) if kind == "item" else None
    if named and not _ORDINALS.match(row.words, named.end()):  # 1.问题：台账不全
        at = named.end()
    rest = row.words[at:]
    lead = len(rest) - len(rest.lstrip())
    begin = row.start + at + lead
    stop = re.search(r"[。!?:：]", rest)
    if kind == "measure":
        return "", begin
    if kind == "article":
        named = re.match(r"\s*[【(]([^】)]{1,30})[】)]", rest)
        if named:
            return text[row.start + at + named.start(1) : row.start + at + named.end(1)], row.start + at + named.end()
        return "", begin
    if stop is None or (stop.group() != ":" and stop.end() == len(rest)):
        title = text[begin : row.end].rstrip("。:： ")
        return (title, row.end) if len(title) <= _TITLE_MAX else ("", begin)
    if stop.start() - lead <= _SENTENCE_TITLE_MAX and stop.group() != "?":
        return text[begin : row.start + at + stop.start()], row.start + at + stop.end()
    return "", begin


def _inline(text: str, row: Line, mark: _Mark | None) -> Iterator[_Mark]:
    """Yield the labels inside a line, of each kind only a run that counts up from one."""
    opened = mark.start if mark else -1
    runs: dict[tuple[SectionKind, int], int] = {}
    for found in _INLINE.finditer(row.words):
        start = row.start + found.start(1)
        if start <= opened:
            if mark:
                runs[(mark.kind, mark.level)] = _ordinal(mark.label) or 0
            continue
        kind, level, label = next(
            (kind, level, match) for kind, level, pattern in _LABELS if (match := pattern.match(found.group(1)))
        )
        ordinal = _ordinal(label.group()) or 0
        key = (kind, level)
        if ordinal != runs.get(key, 0) + 1 or (ordinal == 1 and not _goes_on(row.words, found.end(), level)):
            continue
        runs[key] = ordinal
        end = start + label.end()
        if kind == "item":
            # Sub-items restart under each item.
            for other in [other for other in runs if other[1] > level]:
                del runs[other]
        yield _Mark(kind, level, text[start:end], "", start, end)


def _goes_on(words: str, at: int, level: int) -> bool:
    """Return whether a second label of the same kind stands behind offset `at`: one alone is not a list."""
    return any(
        _ordinal(found.group(1)) == 2 and next(i for _, i, p in _LABELS if p.match(found.group(1))) == level
        for found in _INLINE.finditer(words, at)
    )


def _ordinal(label: str) -> int | None:
    circled = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳".find(label[:1]) if label else -1
    if circled >= 0:
        return circled + 1
    digits = re.search(rf"\d+|{_N}+", fold(label))
    return number(digits.group()) if digits else None


def _issuer_lines(rows: list[Line]) -> dict[int, tuple[str, int]]:
    """Return the lines that open the words of an issuer: position -> (issuer, last line of the heading).

    Such a line is `body: slogan` without a full stop, then perhaps a second short line, then a paragraph. A document
    has several of them or none: one alone is an ordinary line.
    """
    found: dict[int, tuple[str, int]] = {}
    for at, row in enumerate(rows):
        parts = _ISSUER.fullmatch(row.words)
        if not parts or not is_body(parts[1].strip()) or row.words[-1] in "。；;，,":
            continue
        last = at
        while (
            last + 1 < len(rows)
            and last - at < 2
            and len(rows[last + 1].words) <= 30
            and not re.search(r"[。；;:：]$", rows[last + 1].words)
            and not any(pattern.match(rows[last + 1].words) for _, _, pattern in _LABELS)
        ):
            last += 1
        if last + 1 < len(rows) and len(rows[last + 1].words) >= 40 and not _ISSUER.fullmatch(rows[last + 1].words):
            found[at] = (parts[1].strip(), last)
    return found if len(found) > 1 else {}


def _tree(text: str, marks: list[_Mark], ends: list[int]) -> tuple[Section, ...]:
    """Nest the marks by level. A chrome section ends where its bar ends; what follows belongs to the root again."""
    sections = [Section(None, "root", -100, "", "", 0, 0, len(text))]
    open_: list[int] = [0]

    def close(level: int, at: int) -> None:
        while len(open_) > 1 and sections[open_[-1]].level >= level:
            done = open_.pop()
            sections[done] = replace(sections[done], end=at)

    for mark, following in itertools.zip_longest(marks, marks[1:]):
        close(-99 if mark.kind == "chrome" else mark.level, mark.start)
        parent = open_[-1]
        issuer = sections[parent].issuer
        if mark.issuer:
            issuer = text[
                mark.start : mark.start + len(mark.issuer)
            ]  # the words of the text, which folding only matched
        elif mark.kind == "item" and is_body(fold(mark.title)):
            issuer = mark.title
        sections.append(
            Section(parent, mark.kind, mark.level, mark.label, mark.title, mark.start, mark.body, len(text), issuer)
        )
        open_.append(len(sections) - 1)
        if mark.kind in ("chrome", "signature"):
            bar = next((end for end in ends if end >= mark.start), len(text))
            until = bar if mark.kind == "chrome" else _after(text, mark)
            close(mark.level, min(until, following.start if following else len(text)))
    close(-99, len(text))
    return tuple(sections)


def _after(text: str, mark: _Mark) -> int:
    """Return where a signature ends: behind its date, or behind its line where no date follows."""
    end = text.find("\n", mark.start)
    end = len(text) if end < 0 else end
    following = re.match(r"\s*(\S[^\n]*)", text[end:])
    if following and _DATE_LINE.fullmatch(fold(following[1]).strip()):
        return end + following.end()
    return end
