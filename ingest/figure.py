"""Figures: a number, its unit, and what it counts (31个问题, 整改率79%, 财政资金125.7亿元), each with its span.

Dates and spans of time, numbers of documents, ordinals (第14次), ranges and telephone numbers are no figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.fold import fold
from ingest.numeral import CHINESE, number
from ingest.regex import regex


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as stated at `[start, end)`.

    `value` is the number in Arabic digits, as stated (125.7), `unit` what it is measured in with its multiplier (亿元).
    `of` is what is counted, at `[of_start, of_end)`; "" and None where the words beside it do not say. `about` says
    that the document itself is not exact (100余项, 近50家).
    """

    value: str
    unit: str
    of: str
    start: int
    end: int
    of_start: int | None = None
    of_end: int | None = None
    about: bool = False


# Units of measure (GB 3100 and what documents use beside it); of two that begin alike the longer stands first.
_MEASURE = (
    "微克/立方米|毫克/立方米|毫克/升|吨/[日天年]|立方米/秒|立方米|平方公里|平方千米|平方米|公里|千米|厘米|毫米|米|公顷|亩|吨|公斤|千克|千瓦时|"
    "万千瓦|兆瓦|千瓦|元|美元|分贝"
)
_SHARE = "个百分点|%|‰|倍|成(?![立为果本员功效都长就型])"
# Measure words, each not before what makes it a part of another word: 3个月, 12处理, 5名单.
_COUNT = (
    "人次|批次|户次|家次|轮次|点次|场次|套次|车次|个(?!月|年|小时|工作日|季度|自然日|星期|学期|百分点)|项|件|条(?![件例款])|家(?![庭长属园具畜])|"
    "户(?![籍外口均])|起(?![草诉点到来步])|名(?![单称义额])|人(?![民大社员])|次(?![日年月要生序])|处(?![理置罚于长分])|份(?!额)|笔|座|"
    "台(?![账风湾])|套|辆|艘|栋|幢|间(?![接隔距])|所(?![在有以需])|支(?![持部付出撑])|批|期(?![间限])|宗|例(?!行)|位|张|本(?![市区县级年月报])|卷|"
    "部(?![门分署])|篇|场(?![所地馆景])|轮|只|头|株|棵|天(?![然气津河数内前后]|之内|以内)|道(?![路德])|块|根(?![据治源])|段|口(?![径岸头])|眼|"
    "片(?!区)|类|种(?![植子])|路(?![段口面线网径])|枚|册|幅"
)
# Those that a number in Chinese numerals may have: with others it is a name as often (二期, 三类).
_FEW = "|".join(
    unit
    for unit in re.split(r"\|(?![^(]*\))", f"{_SHARE}|{_COUNT}")
    if unit[0] in "成个项件家户名起处座条份" and unit != "个百分点"
)
_NUMBER = regex(
    r"(?=[\d二三四五六七八九十两])(?:(?<![\d./〔第a-z亿万千~—–-])(?<!\d,)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    rf"(?P<some>[余多])?(?P<times>[十百千]?万亿?|亿|[百千](?=[余多]?(?:{_COUNT}|{_MEASURE})))?(?P<more>[余多])?\s?"
    rf"(?P<unit>{_MEASURE}|{_SHARE}|{_COUNT})"
    rf"|(?<![{CHINESE}第\d之几数上前每“])(?P<han>[二三四五六七八九十两][{CHINESE}]{{0,7}})(?P<round>[余多])?(?P<kind>{_FEW}))"
)
_MEASURES, _SHARES = regex(rf"[十百千万亿]*(?:{_MEASURE})"), regex(_SHARE)
_SLOGAN = regex("[个项](?:责任|维护|确立|意识|自信|区分开来|务必|代表|规定)")
_HAN = "\u3400-\u9fff"
_ORDINAL = regex(rf"第[\d{CHINESE}]+[{_HAN}]?[、,和与及至到—-]$|\d[至到]$")
_ABOUT = regex("(?:约|近|逾|超过|超|大约|将近)$")
# Behind a number: the noun goes on until one of these, or until the run of characters ends.
_NOUN = regex(
    rf"(?!已|均|全[部面]|正|仍|尚|未|将|拟|因|进行|给予|予以|集中|下发|逐|重新|纳入|完成|[以左余多])[{_HAN}“”]{{1,14}}?"
    rf"(?=[^{_HAN}“”]|$|(?=[开进已均全正仍尚未将拟要应需为是在由被因并和与及共各其以左增降上下实建纳落完给予逐提达得中对于有集按向])(?:开展|进行|已|(?<!平)均|全部|全面|正在|仍|尚|未|将|(?<!模)拟|(?<![主重需必])要|(?<![供响反])应(?![急用对])|(?<![必急])需|(?<!行)为|是|"
    "(?<![存潜现])在|由|被|因|(?<!合)并|和|与|及|(?<!公)共|各|其中|以[上下内]|左右|[增降]至|上升|下降|增长|实行|建立|纳入|落实|完成|给予|予以|逐|"
    "提出|实现|达到|得到|中(?![心小学央国])|(?<![针应])对|于|(?<![所国拥])有(?![关限效])|集中|按|(?<![方定])向))"
)
_STATE = regex(rf"(?:已|未|正在|尚未|仍在|长期)[{_HAN}]{{1,6}}(?![{_HAN}])")
_RUN = regex(rf"(?:[{_HAN}“”]{{1,24}}(?:\([{_HAN}]{{1,6}}\))?|《[^《》]{{1,22}}》)$")
_OPENING = regex(
    f"(?:[{CHINESE}]{{1,2}}是|其中|其余|并|共(?!同)|累计|合计|共计|全年|约(?![谈见束])|近(?![期年])|中(?![心小学央国])|评为|等|各|现有|现|以及|和|与|及|的|达|了)+"
)
_DATED = regex("[年月日](?:度|末|底|初|[上中下]旬|以来|起|前|至今)*")
_LINK = regex(
    "(?:[已均]?(?:提高|提升|下降|降低|增加|增长|压缩|减少|缩短|控制|稳定|保持|上升)[到至在为]|[增降达升]至|达到|已达|合计|共计|总计|累计|约|近|超过|超|逾|"
    "不低于|不少于|低于|高于|少于|多于|至少|仅|共有|共|有|为|是|至|到|达|了|的|:)+$"
)


def figures(text: str, start: int = 0, end: int | None = None) -> list[Figure]:
    """Return the figures in `text[start:end]`, in order, not overlapping; their spans are offsets into `text`."""
    end = len(text) if end is None else end
    words = fold(text[start:end])
    found: list[Figure] = []
    last = 0  # where the words of the figure before end
    shared: tuple[int, int] | None = None
    for at in _NUMBER.finditer(words):
        value = at["digits"].replace(",", "") if at["digits"] else _spelled(at["han"])
        unit = f"{at['times'] or ''}{at['unit'] or at['kind']}"
        if value is None or _ORDINAL.search(words, max(0, at.start() - 10), at.start()) or _in_slogan(words, at):
            continue
        behind, before = _behind(words, at.end()), _before(words, last, at.start())
        if before is None and found and not words[found[-1].end - start : at.start()].strip():
            before = shared  # 培训3批次210人次
        shared = before
        if _SHARES.fullmatch(unit):
            of = _before(words, found[-1].end - start if found else 0, at.start())
        elif _MEASURES.fullmatch(unit):
            of = before or behind
        else:
            of = behind or before
        last = max(at.end(), of[1] if of else 0)
        about = bool(
            at["some"] or at["more"] or at["round"] or _ABOUT.search(words, max(0, at.start() - 3), at.start())
        )
        first, stop = start + at.start(), start + at.end()
        if of:
            place = start + of[0], start + of[1]
            found.append(Figure(value, unit, text[slice(*place)], first, stop, *place, about))
        else:
            found.append(Figure(value, unit, "", first, stop, about=about))
    return found


def _spelled(words: str) -> str | None:
    value = number(words)
    return str(value) if value is not None and value > 1 else None


def _in_slogan(words: str, at: re.Match[str]) -> bool:
    """Return whether a spelled number is part of a slogan: “三个区分开来”, 八项规定."""
    if not at["han"]:
        return False
    if _SLOGAN.match(words, at.start("kind")):
        return True
    opening = words.rfind("“", max(0, at.start() - 12), at.start())
    return opening >= 0 and "”" not in words[opening : at.start()]


def _behind(words: str, at: int) -> tuple[int, int] | None:
    """Return where the noun behind a number stands: 问题 of 31个问题, or the state of what is counted: 26个已销号."""
    noun = _NOUN.match(words, at) or _STATE.match(words, at)
    return noun.span() if noun else None


def _before(words: str, floor: int, at: int) -> tuple[int, int] | None:
    """Return where the words before a number stand that it counts: 财政资金 of 财政资金125.7亿元."""
    begin = max(floor, at - 24)
    run = _RUN.search(words, begin, at)
    if run is None:
        return None
    first = run.start()
    if first == begin > floor:
        # The run goes on to the left: what it says last is what is counted.
        first = words.rfind("的", first, at - 2) + 1 or first
    if first and words[first - 1].isdigit() and (dated := _DATED.match(words, first, at)):
        first = dated.end()
    opening = _OPENING.match(words, first, at)
    first = opening.end() if opening else first
    link = _LINK.search(words, first, at)
    last = link.start() if link else at
    return (first, last) if first < last else None
