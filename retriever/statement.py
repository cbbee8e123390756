"""What a text states, in a form in which two texts can be compared: numbers, dates, bodies, codes, status, negation.

26个 is 二十六个, 2023年12月底 is 2023-12-31, 1.2亿元 is 12,000万元, 百分之十 is 10%, in either script and width.
"""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest.alias import SAME, likeness
from ingest.body import bodies
from ingest.fold import fold
from ingest.moment import year as calendar_year
from ingest.numeral import number
from ingest.regex import regex

Kind = Literal["char", "stop", "number", "date", "body", "code", "time", "status", "mark"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a plain text: a fact, a stop, or any other character or Latin word.

    `key` is its normal form, the same for what means the same; of a mark its class (not, plan, going, done). `unit` is
    what a number is counted in, "" where it is not said. `words` are the piece itself.
    """

    kind: Kind
    key: Hashable
    words: str
    unit: str = ""

    @property
    def fact(self) -> bool:
        """Return whether a claim that holds this has to be supported in it."""
        return self.kind not in ("char", "stop")


_CN = "〇零一二两三四五六七八九十百千万亿廿卅"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_BOUNDS = {
    "≥": "不少于 不低于 不小于 至少 最低 以上 及以上 不得少于 不得低于",
    "≤": "不超过 不高于 不多于 不大于 不得超过 不得高于 至多 最多 以内 以下 及以下",
    ">": "超过 超 逾 高于 多于 大于 突破",
    "<": "低于 少于 不足 不到 小于 不满",
    "~": "大约 约 将近 近 左右",
    "每": "每隔 每",
    "第": "第",
}
_BOUND = {word: sign for sign, words in _BOUNDS.items() for word in words.split()}
_BEFORE = "|".join(
    sorted(
        (word for word in _BOUND if word not in ("以上", "及以上", "以内", "以下", "及以下", "左右")),
        key=len,
        reverse=True,
    )
)
_UNITS = (
    "个工作日|工作日|自然日|个百分点|百分点|个月|个季度|个小时|个学期|个星期|人次|批次|户次|家次|轮次|点次|场次|车次|平方公里|平方千米|"
    r"平方米|立方米|公里|公顷|公斤|小时|分钟|季度|%|‰|[a-z]{1,4}(?![a-z])(?:/[a-z]{1,3})?"
)
_NO_UNIT = "的和与及至到或是为在已未均被由并其、余多是"
_FACTOR = {
    "公里": (1000, "米"),
    "公斤": (1000, "克"),
    "平方千米": (1, "平方公里"),
    "百分点": (1, "个百分点"),
    "两": (50, "克"),
}
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_MEASURE = frozenset(
    "个项件条家户起名人次处份笔座台套辆栋幢间所支批期宗例位张本卷部篇场轮只株天道块段口片类种路年月日号周季元米吨亩成倍"
)

_MARKS = {
    "not": (
        "尚未 并未 仍未 还未 从未 至今未 未能 未曾 未 不得 不能 不予 不再 不 没有 没 无法 无 并非 非 难以 禁止 严禁 "
        "暂停 暂缓 停止"
    ),
    "plan": "拟 预计 力争 争取 即将 打算 将 待",
    "going": "正在 仍在 正",
    "done": "已经 业已 已",
}
_MARK = {word: sort for sort, words in _MARKS.items() for word in words.split()}
# Words with the character of a mark that are none.
_NO_MARK = (
    "不断|不仅|不但|不同|不动产|不良|不一|不等|不定期|不限|不论|不管|不过|不忘|不法|无锡|无线|无障碍|无人机|无害|无偿|无论|无缝|非法|非遗|非常|非公|未来|"
    "未成年|没收|除非|无关|无疑|正式|正常|正确|正义|正风|正规|正面|正职|正处|正科|改正|纠正|真正|公正|修正|端正|廉正|将军|将领|模拟|虚拟|拟定|拟订|拟稿|"
    "草拟|对待|接待|等待|期待|看待|待遇|待命|优待|非物质"
)
_STATUS = (
    "整改到位|完成|完工|竣工|销号|办结|结案|审结|清零|建成|投用|投运|投产|启用|移交|交付|到位|推进|进行中|启动|开工|停工|停滞|搁置|滞后|长期坚持|"
    "持续|受阻|超期|逾期|到期|延期|推迟|提前|通过|达标|解决|拆除|关停|验收|办理|开展|落实|退还|追回|归还|上升|下降|增加|减少|增长|提高|降低|成立|撤销"
)
_TIME = (
    "[今明去前当本次翌同]年|[上下]半年|[本上下当次]月|年[底末初]|月[底末初]|半年|每半?[日天周旬月季年]度?|逐[日周月季年]|长期|定期|不定期|常态化|近期|立行立改|立即|"
    "[今去]冬[明今]?春|汛期"
)
_DAY = rf"\d{{1,2}}|[{_CN}]{{1,3}}"
_SCAN = regex(
    r"(?P<iso>(?:19|20)\d\d([-/.])\d{1,2}\2\d{1,2})(?![\d])"
    rf"|(?P<date>(?=(?:\d{{4}}|[〇零○一二三四五六七八九]{{4}})年|(?:{_DAY})月|(?:中华)?民国)(?:(?P<y>\d{{4}}|[〇零○一二三四五六七八九]{{4}}|(?:中华)?民国(?:\d{{1,3}}|[{_CN}元]{{1,4}}))年度?)?"
    rf"(?:(?P<m>{_DAY})月份?(?:(?P<d>{_DAY})[日号]|(?P<e>月?(?:[底末](?![线数层端梢])|初(?![步审始期级中]))|[上中下]旬))?"
    r"|(?<=年)(?P<ye>年?(?:[底末](?![线数层端梢])|初(?![步审始期级中]))))?)(?<=[年度月份日号底末初旬])"
    r"|(?P<code>[a-z][a-z0-9.\-/]*)"
    rf"|(?P<number>(?P<bound>(?:{_BEFORE}))?(?:(?P<under>[{_CN}\d]{{1,6}})分之(?P<over>\d+(?:\.\d+)?|[{_CN}]+(?:点[{_CN}]+)?)"
    rf"|(?P<high>(?:{_ARABIC}[百千]?[万亿]{{1,2}})*)(?P<arabic>{_ARABIC})(?P<some>[余多])?(?P<times>[十百千万亿]*)(?P<more>[余多])?"
    rf"|(?P<han>[{_CN}]+(?:点[{_CN}]+)?)(?P<round>[余多]?)(?P<scale>[万亿]?))"
    rf"(?P<unit>{_UNITS}|(?![{_NO_UNIT}]|以[上下内]|左右)[\u3400-\u9fff])?(?P<after>及?以[上下]|以内|左右)?)"
    rf"|(?P<none>{_NO_MARK})"
    rf"|(?P<time>{_TIME})"
    rf"|(?P<mark>计划(?=[于在到分用今明新改启完投开实安建\d])|{'|'.join(sorted(_MARK, key=len, reverse=True))})"
    rf"|(?P<status>{_STATUS})"
    r"|(?P<stop>[^\w%‰])"
    r"|(?P<char>.)",
    re.S,
)
_HIGH = regex(rf"({_ARABIC})([百千万亿]+)")
_LONG_UNITS = frozenset(_UNITS.split("|"))
_SINGLE = {"两": 2, "百": 100, "千": 1000, "万": 10_000, "亿": 10**8}
_COUNTED = regex(rf"(?:\d+|[{_CN}]+)[个家]")
# The name of a role ends like a body: 牵头单位.
_ROLE = regex(
    "(?:第一|主要|整改|牵头|主办|责任|配合|协办|承办|实施|落实|主管|负责|督导|督办|监督|有关|相关|成员|各)*(?:单位|部门|科室|处室|机构|企业)"
)
_GAP = regex(r"\s+")


def plain(text: str) -> str:
    """Return folded text without blanks and marks of emphasis; a bar stands where a blank parted two cells or words."""
    # A full-width comma never stands inside a number.
    folded = "，".join(fold(part) for part in text.split("，"))
    folded = re.sub(r"[*\u200b-\u200f\ufeff]", "", folded)
    return _GAP.sub(lambda gap: _between(folded, gap), folded.strip())


def _between(folded: str, gap: re.Match[str]) -> str:
    before, after = folded[gap.start() - 1], folded[gap.end() : gap.end() + 1]
    if "\t" in gap.group() or (len(gap.group()) > 1 and "\n" not in gap.group()):
        return "|"
    return "|" if before.isascii() and before.isalnum() and after.isascii() and after.isalnum() else ""


@functools.lru_cache(maxsize=512)
def tokens(text: str) -> tuple[Token, ...]:
    """Return what a plain text is made of, in order."""
    found: list[Token] = []
    at = 0
    for span in bodies(text):
        counted = list(_COUNTED.finditer(text, span.start, span.end))
        start = counted[-1].end() if counted else span.start
        if start < at or start >= span.end:
            continue
        words = text[start : span.end]
        if _ROLE.fullmatch(words):
            continue
        found.extend(_scan(text, at, start))
        found.append(Token("body", words, words))
        at = span.end
    found.extend(_scan(text, at, len(text)))
    return tuple(found)


def _scan(text: str, start: int, end: int) -> Iterator[Token]:
    for piece in _SCAN.finditer(text, start, end):
        sort, words = piece.lastgroup or "", piece.group()
        if piece["iso"]:
            year, month, day = map(int, re.split(r"[-/.]", words))
            yield Token("date", (year, month, day), words)
        elif piece["date"]:
            yield _date(piece)
        elif piece["number"]:
            yield from _number(piece)
        elif piece["none"]:
            yield from (Token("char", char, char) for char in words)
        elif piece["mark"]:
            yield Token("mark", _MARK.get(words, "plan"), words)
        elif piece["code"]:
            yield Token("code" if re.search(r"\d", words) else "char", words, words)
        elif sort == "stop":
            yield Token("stop", words, words)
        else:
            yield Token("time" if piece["time"] else "status" if piece["status"] else "char", words, words)


def _date(piece: re.Match[str]) -> Token:
    """Return a date as (year, month, day); None for what is not said, 31 for the end of December, a word for others."""
    year = calendar_year(piece["y"]) if piece["y"] else None
    month = number(piece["m"]) if piece["m"] else None
    edge = piece["e"] or piece["ye"] or ""
    day: int | str | None = number(piece["d"]) if piece["d"] else edge.lstrip("年月") or None
    if edge and edge[-1] in "底末":
        month = 12 if piece["ye"] else month
        day = calendar.monthrange(year or 2023, month)[1] if month and 1 <= month <= 12 else "底"
    return Token("date", (year, month, day), piece.group())


def _number(piece: re.Match[str]) -> Iterator[Token]:
    """Yield a number with its bounds and unit; what only looks like one as characters."""
    words, unit = piece.group(), piece["unit"] or ""
    value = _value(piece)
    alone = piece["han"] in ("一", "百", "千", "万", "亿", "十") and not piece["bound"]
    if value is None and piece["han"] and len(piece["han"]) > 1:  # 十四五
        yield Token("code", piece["han"], piece["han"])
        yield from (Token("char", char, char) for char in words[len(piece["han"]) :])
        return
    if value is None or (alone and unit not in _LONG_UNITS | _MEASURE):
        yield from (Token("char", char, char) for char in words)
        return
    if piece["under"] in ("百", "100"):
        unit = "%"
    if unit == "成" and piece["han"]:
        value, unit = value * 10, "%"
    factor, unit = _FACTOR.get(unit, (1, unit))
    bounds = {_BOUND[bound] for bound in (piece["bound"], piece["after"]) if bound}
    if piece["some"] or piece["more"] or piece["round"]:
        bounds.add(">")
    value = (value * factor).normalize()
    yield Token("number", ("".join(sorted(bounds)), value, unit), words, unit)


def _value(piece: re.Match[str]) -> Decimal | None:
    try:
        if piece["under"]:
            over, under = _han(piece["over"]), _han(piece["under"])
            return None if over is None or not under else over if under == 100 else over / under
        if piece["arabic"]:
            high = _HIGH.findall(piece["high"])
            value = _scaled(Decimal(piece["arabic"].replace(",", "")), piece["times"])
            return value + sum(_scaled(Decimal(digits.replace(",", "")), times) for digits, times in high)
        spelled = _han(piece["han"])
        return None if spelled is None else _scaled(spelled, piece["scale"])
    except InvalidOperation:
        return None


def _scaled(value: Decimal, times: str | None) -> Decimal:
    return value.scaleb(sum(_POWERS[char] for char in times or ""))


@functools.lru_cache(maxsize=4096)
def _han(words: str) -> Decimal | None:
    """Return the number that digits or Chinese numerals spell (三点五, 1.2, 三亿), None where they spell none."""
    if words in _SINGLE:
        return Decimal(_SINGLE[words])
    if words[0].isdigit():
        return Decimal(words)
    whole, _, part = words.partition("点")
    if "亿" in whole:
        high, _, low = whole.partition("亿")
        if not high or "亿" in low:
            return None
        first, rest = number(high), number(low) if low else 0
        value = None if first is None or rest is None else first * 10**8 + rest
    else:
        value = number(whole)
    if value is None:
        return None
    digits = [number(char) for char in part]
    return Decimal(f"{value}.{''.join(str(digit) for digit in digits)}") if part else Decimal(value)


def same(stated: Token, cited: Token) -> bool:
    """Return whether what a claim states is what a cited text says: in its normal form, or with less said.

    A claim may leave out the year of a date or the place of a body; it may not add one.
    """
    if stated.key == cited.key and stated.kind == cited.kind:
        return True
    if stated.kind != cited.kind:
        return False
    if stated.kind == "date":
        said, held = stated.key, cited.key
        return isinstance(said, tuple) and isinstance(held, tuple) and said[0] is None and said[1:] == held[1:]
    if stated.kind == "body":
        return cited.words.endswith(stated.words) or likeness(stated.words, cited.words) >= SAME
    return False


def facts(found: Iterable[Token]) -> tuple[Token, ...]:
    """Return the facts among tokens."""
    return tuple(token for token in found if token.fact)
