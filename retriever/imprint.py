"""What a document says of itself, where a question asks for that: its number, the day it was issued, who issued it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.document import Stated
from ingest.fold import fold
from retriever.passage import Passage, Source
from retriever.question import Ask, Question, terms

_ISSUED = r"(?:印发|发布|公布|颁布|下发|发出|发文|成文|签发|出台|[发印]的?(?=$|[?？]))"
_TIME = r"(?:什么时[候间]|何时|几时|啥时候?|哪一?[天年月日]|几[月号日]|多会儿)"
_BODY = r"(?:谁|哪一?[个家]?(?:单位|部门|机关|机构|政府|局|委|办)?)"
# Told apart by the pattern of a match, so not compiled late.
_NUMBER = re.compile("文号|发文字号|文件号|几号文|字号")
_DATE = re.compile(rf"{_TIME}.{{0,4}}{_ISSUED}|{_ISSUED}(?:的|是|了)*(?:时间|日期|{_TIME})")
_ISSUER = re.compile(rf"{_BODY}.{{0,3}}(?:{_ISSUED}|制定)|发文(?:机关|单位)|制定机关|{_ISSUED}(?:机关|单位|部门)|落款")
_BARE = re.compile(rf"(?:又?是|由|在)*(?:{_TIME}|{_BODY})的?")
# Words that say only that a document is meant.
_DOCUMENT = re.compile(
    "文件|通知|通报|报告|方案|意见|办法|规定|条例|清单|公告|公报|材料|这份|那份|该份|我们|印发|发布|公布|出台|关于"
)
# Shares of the question's words in the title, issuer or file name from which that document is meant: of its bigrams, or
# of its bigrams and its characters, as for 青芦住建局, which the title spells out.
_NAMED = 0.7
_ABBREVIATED = 0.4, 0.85


def imprint(ask: Ask, question: Question, sources: Iterable[Source]) -> tuple[Source, Passage | str] | None:
    """Return the document of which an ask wants the imprint, and the words that state it; None where it wants none.

    In place of the words it is what is missing, where the document does not state it. A document is meant by the words
    of its title, or by a follow-up that says no more.

    Args:
        ask: what is asked.
        question: the question that it is a part of.
        sources: the documents that may be meant, likeliest first.
    """
    text = ask.text
    if _BARE.fullmatch(text) and (_ISSUER.search(question.topic) or _DATE.search(question.topic)):
        text += "印发"  # 是谁印发的，哪天？
    asked = next((found for found in (pattern.search(text) for pattern in _FIELDS) if found), None)
    if asked is None:
        return None
    wanted = _matter(text, asked) or _matter(question.topic, asked)
    source = _meant(wanted, question.focus, list(sources))
    if source is None:
        return None
    stated = _FIELDS[asked.re](source)
    if stated is None or stated.start == stated.end:
        return source, _SAID[asked.re]
    section = source.section_at(stated.start)
    return source, Passage(stated.start, stated.end, source.folded[stated.start : stated.end], section, False, True)


def _number(source: Source) -> Stated | None:
    return source.document.number


def _date(source: Source) -> Stated | None:
    return source.document.date


def _issuer(source: Source) -> Stated | None:
    return source.document.issuer


_FIELDS = {_NUMBER: _number, _DATE: _date, _ISSUER: _issuer}
_SAID = {_NUMBER: "文号", _DATE: "印发日期", _ISSUER: "发文机关"}


def _matter(words: str, asked: re.Match[str]) -> frozenset[str]:
    bare = _DOCUMENT.sub(" ", words.replace(asked.group(), " "))
    found = terms(bare)
    return found if any(len(term) > 1 for term in found) else frozenset()


def _meant(wanted: frozenset[str], focus: str | None, sources: list[Source]) -> Source | None:
    if not wanted:
        return next((source for source in sources if source.document.id == focus), None)
    best, meant = 0.0, None
    for source in sources:
        names = _names(source)
        pairs, chars = (_share([term for term in wanted if (len(term) > 1) is long], names) for long in (True, False))
        if pairs > best and (pairs >= _NAMED or (pairs >= _ABBREVIATED[0] and chars >= _ABBREVIATED[1])):
            best, meant = pairs, source
    return meant


def _share(wanted: list[str], names: str) -> float:
    return sum(term in names for term in wanted) / len(wanted) if wanted else 0.0


def _names(source: Source) -> str:
    document = source.document
    issuer = document.issuer.value if document.issuer else ""
    return fold(f"{source.title} {issuer} {source.source.rpartition('/')[2]}")
