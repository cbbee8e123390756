"""Private values in a text: a person's telephone, mail, home and identity number. What an office publishes is none.

Patterns read folded text. A stored text is never changed: only what is said, logged or handed out is masked.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.document import Span
from ingest.fold import fold
from ingest.regex import regex

_GAP = "[ -]?"
_PATTERNS = {
    # GB 11643: six digits of a place, the day of birth, three digits, one to check. 15 digits until 1999.
    "identity": regex(
        rf"(?<![0-9a-z])[1-9]\d{{5}}{_GAP}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}\d{{3}}[\dx](?![0-9a-z])"
        r"|(?<![0-9a-z])[a-z]{1,2}\d{6}\([0-9a]\)|(?<![0-9a-z])[a-z][12]\d{8}(?![0-9a-z])"
    ),
    # What only the words before it show: numbers of 15 digits (until 1999), of passports, of bank cards.
    "number": regex(
        r"(?:身份证|护照|银行卡|卡号|个人账[户号])[号码卡:为是 ]{0,5}(?P<value>[a-z]{0,2}\d(?:[ ]?\d){6,18})(?!\d)"
    ),
    "mobile": regex(
        rf"(?<![\d.])(?:\+?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?![\d.]|[元万亿])|(?<!\d)09\d\d-?\d{{3}}-?\d{{3}}(?!\d)"
    ),
    "mail": regex(r"[a-z0-9][\w.+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"),
    "phone": regex(r"(?<![\d.])(?:0\d{2,3}[- ]?)?[2-9]\d{6,7}(?![\d.]|[元万亿吨个户人])"),
    "home": regex(
        r"(?:家庭住址|(?:家庭|身份证|户籍)地址|现住址|住址(?=[:为是])|家住|现住(?!房))[:为是在于]{0,2}(?P<value>[^,。;|\n()]{4,40})"
    ),
}
# Cheap, and true of every text that holds such a value.
_LIKELY = regex(r"\d[\d -]{6}|@|住址|家住|现住|家庭地址|户籍地址|身份证")
# What an office publishes is named so.
_OFFICE = regex(
    r"(?:举报|监督|投诉|咨询|服务|值班|受理|办公|报名|信访|客服|反映|联络|公开|公示|意见|报修|救援|应急|联系|联络|官方)[^,。;\n]{0,6}"
    r"(?:电话|手机|热线|邮箱|信箱|邮件|方式)|热线|(?:电子)?(?:邮箱|信箱|邮件)|传真|e-?mail|[局委办厅院会心站所处][^,。;\n]{0,4}电话"
)
_PERSON = regex(
    "联系人|姓名|先生|女士|小姐|同志|村民|居民|户主|业主|当事人|投诉人|举报人|申请人|信访人|患者|学生|家长|本人|其[手电联]|法定代表人|经办人|"
    "个人|私人|家庭|住宅|某"
)
_CITIZEN = regex("村民|居民|户主|业主|当事人|投诉人|举报人|申请人|信访人|患者|学生|家长|个人|私人|家庭|住宅|某")
_GOVERNMENT = regex(r"\.gov(?:\.|$)|\.mil(?:\.|$)|gov\.")
_BEFORE = 60  # characters before a value in which it is said whose it is


def private(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return where `text[start:end]` holds private values, in order; the words before `start` say whose they are."""
    end = len(text) if end is None else end
    if not _LIKELY.search(text, start, end):
        return []
    base = max(0, start - _BEFORE)
    words = fold(text[base:end])
    found = [
        (base + first, base + last)
        for kind, pattern in _PATTERNS.items()
        for value in pattern.finditer(words)
        for first, last in (value.span("value" if pattern.groups else 0),)
        if last > start - base and _is_private(kind, words[first:last], _said(words, first))
    ]
    spans: list[Span] = []
    for first, last in sorted(found):
        first = max(first, start)
        if not spans or first >= spans[-1].end:
            spans.append(Span(first, last))
    return spans


def _said(words: str, at: int) -> str:
    """Return what is said of a value before it: its line, no farther than the sentence before."""
    line = words[max(0, at - _BEFORE) : at]
    return line[max(line.rfind("\n"), line.rfind("。"), line.rfind(";")) + 1 :]


def _is_private(kind: str, value: str, said: str) -> bool:
    if kind in ("identity", "number", "home"):
        return True
    if kind == "phone":  # of an office unless it is a citizen's
        return bool(_CITIZEN.search(said) and re.search("电话|联系|致电|宅电", said))
    if kind == "mail" and _GOVERNMENT.search(value.partition("@")[2]):
        return False
    return bool(_PERSON.search(said)) or not _OFFICE.search(said)


def masked(text: str) -> str:
    """Return the text, as long as it is, with an asterisk for each character of a private value."""
    spans = private(text)
    if not spans:
        return text
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], "*" * (span.end - span.start)]
        at = span.end
    return "".join((*pieces, text[at:]))


def cleaned(value: Any) -> Any:
    """Return a JSON value with its strings masked; keys stay."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: cleaned(part) for key, part in value.items()}
    return [cleaned(part) for part in value] if isinstance(value, list | tuple) else value
