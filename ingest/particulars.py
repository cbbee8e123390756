"""What a document states about itself (title, issuer, number, date), each with its span, or absent; and its script."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from ingest.body import is_body
from ingest.document import Script, Section, Stated
from ingest.fold import fold, simplified, traditional
from ingest.moment import DIGITS, count, counts_by_republic, year
from ingest.outline import DOCUMENT_NOUN, Line, lines
from ingest.regex import regex
from ingest.sentence import trim

_N = f"[{DIGITS}]"
_HEAD = 25  # lines below the navigation in which a title, a number or a labelled date stands
_TITLE_LINE = regex(rf"[^。！？；!?;:：|]{{0,80}}(?:{DOCUMENT_NOUN})(?:\s*\([^()]{{1,14}}\))*")
_TITLE_LABEL = regex(r"(?:原?标题|题名|名称)\s*[:：]\s*(\S.*)")
_ISSUER_LABEL = regex(r"(?:发文机关|发布机构|发文单位|发布单位|制定机关|印发单位|信息来源|来源)\s*[:：]\s*(\S{2,30})")
_DATE_LABEL = regex(r"(?:成文日期|印发日期|发文日期|发布日期|发布时间|公开日期|日期|时间)\s*[:：]\s*(?P<date>.+)")
_DAY = (
    rf"(?P<y>(?:19|20)\d{{2}}|[一二][零〇○o九]{_N}{{2}}|(?:中华)?民国\s*(?:\d{{1,3}}|[元百{_N[1:-1]}]{{1,7}})<bare>)\s*(?:年|[-/.])\s*"
    rf"(?P<m>\d{{1,2}}|{_N}{{1,3}})\s*(?:月|[-/.])\s*(?P<d>\d{{1,2}}|{_N}{{1,3}})(?:\s*[日号])?"
)
_DATE = regex(_DAY.replace("<bare>", ""))
_DATE_OF_REPUBLIC = regex(_DAY.replace("<bare>", r"|(?<!\d)1[0-4]\d"))
_HOUR = r"(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
# What may stand behind a date that opens a line of the head: the place of a post, its source, its readers.
_POSTED = regex(rf"{_HOUR}\s*(?:发表于|发布于?|来源|作者|编辑|阅读|浏览|印发|$).{{0,40}}")
_NOTED = regex(
    r"(?P<body>[\u3400-\u9fff]{2,40}?)(?:第[^,，。()]{1,8}次[^,，。()]{0,8}会议)?(?:审议)?(?:通过|公布|发布|批准)"
)
# GB/T 9704-2012, 7.2.5: the body's code, the year in 〔〕, the running number, 号. Published copies lose brackets.
_NUMBER = regex(
    r"(?P<code>[\u3400-\u9fff]{1,14}(?:\([\u3400-\u9fff]{1,6}\))?)\s*[〔\[【(]?\s*(?P<year>(?:19|20)\d{2})\s*[〕\]】)]?\s*(?:第)?\s*(?P<no>\d{1,5})\s*号"
)
_NUMBER_LABEL = regex(r"(?:发文字号|文号|文件编号|字号|(?<!来函)档号)\s*[:：]\s*(?P<rest>\S.*)")
_SERIAL = regex(r"(?P<code>[\u3400-\u9fff]{1,14})字第\s*\d{2,12}\s*号")  # Taiwan: 府环综字第1140003127号
_ALONE = regex(r"(?:\s+签发人?\s*:.*)?")  # behind a number that stands alone: who signed
_NTH = regex(rf"\(?第\s*(?:\d{{1,4}}|{_N}{{1,4}})\s*号\)?")  # under the line of an order
_BEHIND_DAY = regex(r".*\d日")
_FILE = regex(r"[a-z()]+(?:[/\-][a-z0-9()]+){1,6}")  # Hong Kong: MED/AUD/5/83
_BANNER = regex(r"(?P<site>[^|]{2,12})\s*\|\s*(?P<title>[^|。;,]{6,50})")
# Characters that are set apart to fill a line: 通  知.
_SPACED = regex(r"(?<=[\u3400-\u9fff])[ \u3000]{1,6}(?=[知告报定见案函要书表]$)")
_BEGUN = regex(r"(?:关于.*|印发.*|的)$")  # the upper part of a title
_SHORTEST = 8  # characters of a title that no noun of the trade gives away
_NEAR_TOP = 6  # lines above such a title
_OPENING = 600  # characters in which a document says what it makes known
_ANNOUNCED = regex(
    r"(?:现将|兹将)(?P<title>[^,。;:\n]{4,40}?(?:情况|结果|报告|进展|事项))(?:予以|向[^,。]{1,12})?(?:公布|通报|报告|公开|公示|汇报|公告)"
)
_NO_TITLE = regex("点击|关注|登录|注册|首页|网站|版|客户端")
# Words that make no title alone: the line above begins it.
_GENERIC = regex(
    rf"(?:中期|终期|年度|阶段性?|工作|进展|实施|落实|整改|情况|总结|评估|自查|行动|的|及|和|{DOCUMENT_NOUN}){{1,8}}(?:\([^()]{{1,14}}\))?"
)


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
    title = _ruled(text, head, rows) or _title(text, head, rows, sections)
    dated = _dated(text, head, rows)
    several = any(s.kind == "issuer" for s in sections)
    return Particulars(
        title=title,
        issuer=None if several else _issuer(text, head, rows, signatures, title, dated),
        number=_number(text, head),
        date=_date(text, head, signatures, dated),
        script=script(text),
    )


def script(text: str) -> Script:
    """Return the script of a text: the one whose own characters are more; "other" where neither has any."""
    counts = Counter(text)
    hant = sum(counts[char] for char in traditional().intersection(counts))  # this way round it passes over the few
    hans = sum(counts[char] for char in simplified().intersection(counts))
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
        spaced = at > 0 and bool(_BEGUN.search(head[at - 1].words))
        words = _SPACED.sub("", row.words) if spaced else row.words
        if len(words) > 60 or not _TITLE_LINE.fullmatch(words) or _LABELLED.match(words):
            continue
        first = at
        if at > 0 and _GENERIC.fullmatch(words) and _heads_title(head[at - 1].words):
            first -= 1
        # A long title stands on several lines: those above it that are no sentence, number or date belong to it.
        while first > 0 and _goes_on(head[first - 1].words) and not _TITLE_LINE.fullmatch(head[first - 1].words):
            first -= 1
        return _joined(text, head[first].start, row.end)
    for row in rows[:5]:
        banner = _BANNER.fullmatch(row.words)
        if banner and not _NO_TITLE.search(row.words):
            start, end = row.start + banner.start("title"), row.start + banner.end("title")
            return Stated(text[start:end], start, end)
    return _standing(text, head, rows) or _announced(text)


def _order(head: list[Line]) -> Line | None:
    """Return the line that says that a body orders something: 某市人民政府令."""
    return next((row for row in head if row.words.endswith("令") and is_body(row.words.removesuffix("令"))), None)


def _ruled(text: str, head: list[Line], rows: list[Line]) -> Stated | None:
    """Return the title of the rule that an order makes known, where it stands over the rule in a line of its own."""
    if _order(head) is None:
        return None
    named = {found[1] for row in head for found in re.finditer("《([^《》]{4,60})》", row.words)}
    row = next((row for row in rows if row.words in named), None)
    return Stated(text[row.start : row.end], row.start, row.end) if row else None


def _standing(text: str, head: list[Line], rows: list[Line]) -> Stated | None:
    """Return the lines at the top that are no sentence, label, number or date, where text follows them at once."""
    first = next((at for at, row in enumerate(head) if _stands(row.words)), None)
    if first is None or first > _NEAR_TOP:
        return None
    last = first
    while last + 1 < len(head) and last - first < 2 and _stands(head[last + 1].words):
        last += 1
    follows = [row for row in rows if row.start > head[last].start][:4]
    if not any(re.search("[。：:；;]", row.words) for row in follows):
        return None
    return _joined(text, head[first].start, head[last].end)


def _stands(words: str) -> bool:
    return (
        _SHORTEST <= len(words) <= 60
        and not re.search(r"[。；;!！?？|>＞]|[,，:：]$|^[(（]|\s{2,}", words)
        and not (_LABELLED.match(words) or _DATE.search(words) or _NUMBER.fullmatch(words) or is_body(words))
        and len(re.findall(r"[\u3400-\u9fff]", words)) > len(words) // 2
        and not _NO_TITLE.search(words)
    )


def _announced(text: str) -> Stated | None:
    """Return what a document without a title says that it makes known: 现将……情况予以公布."""
    found = _ANNOUNCED.search(fold(text[:_OPENING]))
    return Stated(text[slice(*found.span("title"))], *found.span("title")) if found else None


def _joined(text: str, start: int, end: int) -> Stated:
    span = trim(text, start, end)
    words = "".join(line.strip() for line in span.of(text).splitlines())
    return Stated(_SPACED.sub("", words), span.start, span.end)


def _heads_title(words: str) -> bool:
    """Return whether a line may begin the title that the next one ends: no sentence, number, date or body."""
    return (
        len(words) <= 40
        and not re.search(r"[。；;,，:：|>]", words)
        and not (is_body(words) or _NUMBER.search(words) or _DATE.search(words))
    )


_LABELLED = regex(r"[^:：]{1,8}[:：]")


def _goes_on(words: str) -> bool:
    """Return whether a line may be the upper part of a title: a body's name, or words that end in 关于 or 的."""
    return (
        len(words) <= 40
        and not re.search(r"[。；;,，:：|>\d]$", words)
        and (is_body(words) or bool(_BEGUN.search(words)))
    )


@dataclass(frozen=True, slots=True)
class _Dated:
    """A line that states a date and perhaps, beside it, whose it is."""

    date: Stated
    issuer: Stated | None = None


def _dated(text: str, head: list[Line], rows: list[Line]) -> _Dated | None:
    """Read the line that dates a document without a signature; None where there is none.

    A body and a date (minutes, a line of printing), the place and time of a post, the note of a law on its passing, the
    letter by which a plan was issued; else a date alone near the end.
    """
    day = _DATE_OF_REPUBLIC if counts_by_republic(fold(text)) else _DATE
    for row in head:
        if (found := day.search(row.words)) and (stated := _stated_date(found, row.start)):
            if (dated := _headed(text, row, found, stated)) is not None:
                return dated
    for row in reversed(rows[-12:]):
        if (found := day.search(row.words)) and (stated := _stated_date(found, row.start)):
            before, after = row.words[: found.start()].strip(), row.words[found.end() :].strip()
            if not before and not after:
                return _Dated(stated)
            if after.startswith("印发") and is_body(before):
                return _Dated(stated, _part(text, row, row.words.index(before), len(before)))
    return None


def _headed(text: str, row: Line, found: re.Match[str], stated: Stated) -> _Dated | None:
    """Read a line of the head with a date in it, None where it is not the document's own."""
    before, after = row.words[: found.start()].strip(" ("), row.words[found.end() :].strip(" )")
    if is_body(before) and after in ("", "印发"):
        return _Dated(stated, _part(text, row, row.words.index(before), len(before)))
    if before or not after:
        return None
    name = _noted(after) if "。" not in after else ""
    if name and not _POSTED.fullmatch(after):
        return _Dated(stated, _part(text, row, row.words.index(name, found.end()), len(name)))
    return _Dated(stated) if _POSTED.fullmatch(after) or _SERIAL.match(after) else None


def _noted(after: str) -> str:
    """Return the body that passed a law or issued a letter, by the words behind the date; "" where none is named."""
    noted = _NOTED.match(after)
    serial = _SERIAL.search(after)
    name = noted["body"] if noted else _body_before(after[: serial.end("code")]) if serial else ""
    return name if name and is_body(name) else ""


def _part(text: str, row: Line, at: int, length: int) -> Stated:
    start, end = row.start + at, row.start + at + length
    return Stated(text[start:end], start, end)


def _body_before(words: str) -> str:
    """Return the shortest body that opens `words`: 澜岬县政府 of 澜岬县政府府环综, the rest being a code."""
    ends = re.finditer("政府|[局处署厅会部院所]", words)
    return next((words[: found.end()] for found in ends if is_body(words[: found.end()])), "")


def _issuer(
    text: str,
    head: list[Line],
    rows: list[Line],
    signatures: list[Section],
    title: Stated | None,
    dated: _Dated | None,
) -> Stated | None:
    if signatures:
        at = next(at for at, row in enumerate(rows) if row.end > signatures[-1].start)
        while at > 0 and is_body(rows[at - 1].words):  # of several that sign the first is in charge
            at -= 1
        return Stated(text[rows[at].start : rows[at].end], rows[at].start, rows[at].end)
    for row in head:
        labelled = _ISSUER_LABEL.search(row.words)
        if labelled and is_body(labelled[1]):
            start, end = row.start + labelled.start(1), row.start + labelled.end(1)
            return Stated(text[start:end], start, end)
    if dated and dated.issuer:
        return dated.issuer
    if title and head and head[0].end <= title.start and is_body(head[0].words):
        return Stated(text[head[0].start : head[0].end], head[0].start, head[0].end)  # a letterhead
    return _of_title(text, head, title)


def _of_title(text: str, head: list[Line], title: Stated | None) -> Stated | None:
    """Return the body that an order or a title begins with, None where it begins with none."""
    order = _order(head)
    if order:
        return Stated(text[order.start : order.end - 1], order.start, order.end - 1)
    if title is None:
        return None
    words = fold(text[title.start : title.end])
    above = words.partition("\n")[0].rstrip()
    if above != words and is_body(above):
        return Stated(text[title.start : title.start + len(above)], title.start, title.start + len(above))
    opening = re.match(r"(.{2,24}?)(?=关于|(?:19|20)\d{2}年|1\d{2}年度)", words)
    if opening and is_body(opening[1].strip()):
        end = title.start + len(opening[1].rstrip())
        return Stated(text[title.start : end], title.start, end)
    return None


def _number(text: str, head: list[Line]) -> Stated | None:
    """Read the document's own number: alone on a line, or labelled. One inside a sentence names another document."""
    order = _order(head)
    below = next((row for row in head if order and row.start > order.end), None)
    if order and below and _NTH.fullmatch(below.words):
        return _joined(text, order.start, below.end)
    for row in head:
        labelled = _NUMBER_LABEL.search(row.words)
        begin = labelled.start("rest") if labelled else 0
        found = _NUMBER.match(row.words, begin)
        if found and (labelled or _ALONE.fullmatch(row.words, found.end())):
            code = text[row.start + found.start("code") : row.start + found.end("code")]
            start, end = row.start + found.start(), row.start + found.end()
            return Stated(f"{code}〔{found['year']}〕{found['no']}{text[end - 1]}", start, end)
        other = (_FILE.fullmatch(row.words, begin) if labelled else None) or _SERIAL.search(row.words, begin)
        if other and (labelled or _DATE.match(row.words) or other.end() == len(row.words)):
            begin = other.start()
            if not labelled:  # what stands before its code in the line: a date, a body
                code = row.words[: other.end("code")]
                behind = _BEHIND_DAY.match(code)
                begin = max(begin, behind.end() if behind else 0)
                begin += len(_body_before(code[begin:]))
            return _part(text, row, begin, other.end() - begin)
    return None


def _date(text: str, head: list[Line], signatures: list[Section], dated: _Dated | None) -> Stated | None:
    folded = fold(text)
    day = _DATE_OF_REPUBLIC if counts_by_republic(folded) else _DATE
    for section in reversed(signatures):
        found = day.search(folded, section.start, section.end)
        if found and (stated := _stated_date(found)):
            return stated
    for row in head:
        labelled = _DATE_LABEL.search(row.words)
        found = day.match(folded, row.start + labelled.start("date"), row.end) if labelled else None
        if found is None and len(row.words) <= 20:
            alone = re.match(r"\(?", row.words)
            found = day.match(folded, row.start + (alone.end() if alone else 0), row.end)
            found = found if found and found.end() >= row.end - 1 else None
        if found and (stated := _stated_date(found)):
            return stated
    return dated.date if dated else None


def _stated_date(found: re.Match[str], offset: int = 0) -> Stated | None:
    try:
        value = dt.date(year(found["y"]), count(found["m"]), count(found["d"]))
    except ValueError:
        return None
    return Stated(value.isoformat(), offset + found.start(), offset + found.end())
