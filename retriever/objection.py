"""Why a passage that fits a question best still does not answer it: another place, another year, the field left out.

Each objection is a rule that can be read and said to the reader. What overlaps with a question is easily found; the
asked detail is often not there, and then the nearest passage must not pass for an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.alias import SAME, likeness
from ingest.body import bodies
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from ingest.task import ordinal
from retriever.aim import STRICT
from retriever.detail import (
    averaged,
    otherwise,
    undone,
    unforeseen,
    unmeasured,
    unnamed,
    unrealised,
    unspent,
    unstated,
    untimely,
)
from retriever.duty import not_its_duty
from retriever.passage import years
from retriever.question import IN_FORCE, Ask, terms
from retriever.rule import ended
from retriever.score import Candidate
from retriever.value import PATTERNS, SOMEBODY

Reason = Literal["place", "year", "blank", "field", "total", "names", "premise", "object", "other"]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a candidate does not answer an ask; `words` is how that is said."""

    reason: Reason
    words: str


_LOOKED_AT = 60  # candidates among which the one that names the matter is looked for
_TOTAL = regex(r"总共|一共|总计|合计|总[投经费额金]|共[花用投要需]")
_TOTAL_SAID = regex(r"[总共]|合计|累计|[投]资\d|三年投入")
_DONE_WHEN = regex(
    r"(?:哪[一]?[天日年月]|哪个月|几月|几号|什么时候|何时|几时|啥时候?).{0,10}"
    r"(?:完|成|好|回|毕|结|通|掉|到位|投产|启用|注销)(?:来)?[了的]"
)
_OPEN = regex(
    r"[未没]有?(?:完成|全部|能|启动|开|组|追|施|到|实)|尚未|仍[在未需]|正在|拟于?|无法|计划(?!》)|将于|预计|余下|剩[余下]?"
)
_STILL = regex("尚未|未能|还没|没有(?:完成|全部)|未完成|余下|拟于|仍[在未]")
_FINISHED = regex(
    r"已(?:于|经|全部|在)?[^,。;]{0,12}(?:完|成|好|回|毕|结|通)|[日月](?:全部)?(?:完成|建成|完工|投入|启用|开工)"
)
# What a question takes for granted and the passage says the contrary of.
_CONTRARY = (
    (regex("提前|超额|超进度"), regex("推迟|延[期误至]|滞后|落后|未完成|没有完成|未达|不足|仅完成|拖延|迟")),
    (regex("为什么.{0,12}(?:增加|上升|提高)"), regex("下降|减少|降低|回落")),
    (regex("为什么.{0,12}(?:减少|下降|降低)"), regex("上升|增加|提高|增长")),
)
_SO_MANY = regex(r"[几多少]+[个项件起处条](?P<noun>[\u3400-\u9fff]{2,6})")
_OFFICE = regex(
    r"(?P<office>副?(?:组长|局长|主任|书记|县长|区长|市长|院长|校长|处长|科长|站长|主席|总指挥|负责人|联系人|经理|董事长|[厂所队馆镇乡村股行]长|秘书长|法定代表人|法人|老板))(?:是|叫|为|姓)|哪[一]?[位个](?P<whose>副?(?:组长|局长|主任|书记|县长|区长|市长|院长|校长|处长|科长|站长|主席))"
)
_PERSON = regex("(?:人|长|任|记|员|经理|总监|谁)[^,?]{0,3}(?:叫|姓名|名字|姓)")
_MADE = regex("[造供]的?$|生产|中标|施工|承建|供应|供货|设计|出资|赞助|制造|卖")
_ALL_DONE = regex(
    r"(?<!\d)(?P<count>\d{1,6})(?P<unit>[个家所处项件条座户台部])[^,?]{0,14}?(?:提前|全部|全都|都|如期|按时)[^,?]{0,4}[完成结]"
)
_DAYS = regex("(?:几|多少)个?(?:工作)?[天日]")
_DATES = regex(r"\d{2,4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日")
_RANGE = regex(r"[日月号]\s*(?:至|到|[-—~～])\s*\d")
_FORCE = regex("废止|失效|停止(?:执行|适用|施行)|有效|施行|实施|执行|修正|修订")
_ORDINAL = regex(
    rf"第(?P<number>[{CHINESE}\d]{{1,3}})(?P<of>[项条件段]|个(?:问题|任务))(?:整改)?(?:任务|问题|事项|工作)?"
)
_COUNTED = regex(r"(?:多少|(?<![哪第])几)(?P<words>[\u3400-\u9fffa-z]{1,8})")
_ANYTHING = regex("^(?:人家|人口|东西|地方|样子)$")  # 多少户人家 are 416户
_PLACES = frozenset("县区市镇乡村厂站校井桥路店")  # what is counted and said in one character
_PREDICATE = regex("[算合达够才就以内后前不应须得需]|已|正|能|可以|会|要|还|没|未|在|被|了|的")
_PLAIN = regex("[项件条起](?!目)")
_MEASURES = regex(
    r"^(?:公里|公顷|公斤|平方米|立方米|万[元吨亩]|亿元|千瓦|小时|分钟|工作日|人次|"
    r"[个家户处座台项条件起次名人位份批期轮辆所片段间栋幢株棵亩吨元米天年月日级号套张本门艘只头宗例盏支枚岁周])"
)
# Words of every document; they name no matter.
_GENERAL = regex(
    "负责|建设|牵头|配合|责任|工作|任务|问题|整改|完成|进展|进度|情况|单位|部门|落实|推进|时间|时限|期限|实施|要求|措施|今天|今年|目前|数量|名称|文件|报告|方案"
)
_BOUND = 40  # characters before a value in which its matter is named
_ANCHOR = 0.45  # of the question's words in one passage: that one is about the matter
_ARTICLE = regex("条|款|项")
_OUTDONE = 0.75  # of what the passage on the matter covers
_FAR_OUTDONE = 0.6  # the same where that one is of another place: of the asked one the matter may be said otherwise


def objection(ask: Ask, candidate: Candidate) -> Objection | None:
    """Return the first reason why a candidate does not answer an ask, None where there is none."""
    if candidate.place < 0 or candidate.elsewhere:
        return Objection("place", "文件写的是其他地方，没有写到所问的地方")
    if candidate.year < 0:
        return Objection("year", "文件写的是其他年份")
    if _undated(ask, candidate):
        return Objection("year", "文件写的是其他年份")
    if untimely(ask, candidate) or unforeseen(ask, candidate):
        return Objection("year", "文件写的是其他时段")
    if candidate.blank and not candidate.typed:
        return Objection("blank", "表中这一栏是空的")
    return _untrue(ask, candidate) or _unheld(ask, candidate) or _uncounted(ask, candidate)


def _undated(ask: Ask, candidate: Candidate) -> bool:
    """Return whether the year that is asked about is not that of the document, nor any that it speaks of."""
    asked, said = frozenset(ask.years), years(candidate.passage.words)
    if "date" in ask.kinds:
        return bool(asked and said) and not asked & (said | candidate.source.all_years)
    named = candidate.source.all_years
    return bool(asked and named and {"number", "money", "percent"} & set(ask.kinds)) and not asked & (said | named)


def unmentioned(words: str, candidate: Candidate) -> Objection | None:
    """Return an objection where no word of a question's matter stands in a passage, over it, around it or in its title.

    Args:
        words: the whole question, folded, with what documents call its things.
        candidate: the best one.
    """
    wanted = {term for term in terms(_GENERAL.sub(" ", words)) if len(term) > 1}
    source, passage = candidate.source, candidate.passage
    around = (passage.words, source.above(passage.section), source.matter(passage).of(source.folded), source.common)
    if not wanted or any(term in text for term in wanted for text in around):
        return None
    return Objection("object", "文件没有提到所问的事项")


def outdone(ask: Ask, ranked: Sequence[Candidate]) -> Objection | None:
    """Return what is to be said against the passage that is about the matter, where the best one is about another.

    The row of the matter whose cell is empty, the sentence on it that speaks of another year: what is asked is not
    stated of it, and a value of the next row is no answer.

    Args:
        ask: what is asked.
        ranked: candidates for it, best first.
    """
    first = ranked[0]
    near = [other for other in ranked[1:_LOOKED_AT] if other.source is first.source and not _together(first, other)]
    if first.year == 0 and ask.years:  # what leaves its year out is of that of the matter
        same = max(
            (other for other in ranked[1:_LOOKED_AT] if other.source is first.source),
            key=lambda other: (other.coverage, other.score),
            default=first,
        )
        if same.year < 0 and same.coverage >= _ANCHOR and first.coverage < _OUTDONE * same.coverage:
            return objection(ask, same)
    best = max(near, key=lambda other: other.coverage, default=first)
    if best.coverage < _ANCHOR or first.coverage >= _OUTDONE * best.coverage or first.inside >= best.inside:
        return None
    against = objection(ask, best)
    if against is None or (against.reason == "year" and first.year > 0):  # the best one speaks of the year asked about
        return None
    if against.reason == "place" and first.coverage >= _FAR_OUTDONE * best.coverage:
        return None
    return against if against.reason in ("blank", "place", "year", "names", "premise", "other") else None


def _together(one: Candidate, other: Candidate) -> bool:
    """Return whether two passages of a document belong to one matter, or one stands under the other's heading."""
    source, sections = one.source, one.source.document.sections
    for here, there in ((one, other), (other, one)):
        item = source.matter(here.passage)
        if item.start <= there.passage.start < item.end and source.row(here.passage) is None:
            return True
        node = sections[here.passage.section]
        if (
            node.parent is not None
            and any(node is above for above in source.document.ancestors(there.passage.section))
            and node is not sections[there.passage.section]
        ):
            return True
    return False


def _unheld(ask: Ask, candidate: Candidate) -> Objection | None:
    """Return an objection where the passage does not hold what is asked for, or holds it of something else."""
    words, text = candidate.passage.words, ask.text
    ordinal = _ORDINAL.search(text)
    if ordinal and not _numbered(ordinal, candidate):
        return Objection("object", f"文件没有写到{ordinal.group()}")
    if otherwise(ask, candidate):
        return Objection("other", "文件写的是另一个")
    if (STRICT & set(ask.kinds) and candidate.typed <= 0) or not _held(ask, words) or not _based(ask, candidate):
        return Objection("field", "")
    elsewhere = not_its_duty(text, candidate)
    if elsewhere:
        return Objection("object", elsewhere)
    if "body" in ask.kinds and not candidate.typed and candidate.source.issuer(candidate.passage.section) is None:
        return Objection("field", "")
    if averaged(ask, words) or (_TOTAL.search(text) and "money" in ask.kinds and not _sums(words)):
        return Objection("total", "文件没有写明总数")
    if {"contact", "name"} & set(ask.kinds) and not _of_body(text, candidate):
        return Objection("field", "文件没有写明这个单位的联系人或联系方式")
    if unnamed(ask, words):
        return Objection("names", "文件没有逐一点名")
    if unrealised(ask, candidate):
        return Objection("field", "文件写的是计划，没有写到实际完成的情况")
    return Objection("field", "") if unspent(ask, candidate) or not _bound(ask, candidate) else None


def _held(ask: Ask, words: str) -> bool:
    """Return whether a passage holds what cannot be said otherwise, whatever else is asked for with it."""
    if "name" in ask.kinds and _PERSON.search(ask.text) and not SOMEBODY.search(words):
        return False
    made = _MADE.search(ask.text) if "body" in ask.kinds else None
    if made and made.group() not in words:
        return False
    if IN_FORCE.search(ask.text) and not _FORCE.search(words):
        return False
    if "period" in ask.kinds and _DAYS.search(ask.text) and not PATTERNS["period"].search(_DATES.sub("", words)):
        return _RANGE.search(words) is not None  # 3月1日至15日 says how many days as well
    office = _OFFICE.search(ask.text)
    if office and not (
        (office["office"] or office["whose"]) in words and (PATTERNS["name"].search(words) or re.search("由|任", words))
    ):
        return False
    return "contact" not in ask.kinds or PATTERNS["contact"].search(words) is not None


def _based(ask: Ask, candidate: Candidate) -> bool:
    """Return whether a passage or a heading over it states a basis, where nothing else is asked for.

    Which article it is, is said by its label.
    """
    if ask.kinds != ("basis",) or candidate.typed > 0 or _ARTICLE.search(ask.text):
        return True
    return PATTERNS["basis"].search(candidate.source.above(candidate.passage.section)) is not None


def _sums(words: str) -> bool:
    """Return whether a passage states one sum, or says of which one it is the total."""
    return bool(_TOTAL_SAID.search(words)) or (len(PATTERNS["money"].findall(words)) == 1 and "每" not in words)


def _of_body(text: str, candidate: Candidate) -> bool:
    """Return whether a passage names the bodies whose contact or head is asked for, or its document is theirs."""
    wanted = [span.of(text) for span in bodies(text)]
    around = f"{candidate.passage.words} {candidate.source.above(candidate.passage.section)}"
    if not bodies(around):  # names none: it is of the body whose document this is
        around = f"{around} {candidate.source.common}"
    said = [span.of(around) for span in bodies(around)]
    return all(
        body in around or any(likeness(body, other) >= SAME or other.endswith(body[-4:]) for other in said)
        for body in wanted
    )


def _bound(ask: Ask, candidate: Candidate) -> bool:
    """Return whether a value of the kind asked for stands near words of the ask: 2025年为6.2亿元 is no 执行年份."""
    kinds = [kind for kind in ask.kinds if kind in ("date", "money", "percent", "period")]
    words = candidate.passage.words
    if not kinds or "|" in words or candidate.passage.whole or ended(words):  # how a rule ended begins with the day
        return True
    source = candidate.source
    wanted = [term for term in terms(ask.text) if len(term) > 1 and term in words and term not in source.common]
    if not wanted:
        return True
    return any(
        any(term in words[max(0, found.start() - _BOUND) : found.end() + _BOUND // 2] for term in wanted)
        for kind in kinds
        for found in PATTERNS[kind].finditer(words)
    )


def _numbered(found: re.Match[str], candidate: Candidate) -> bool:
    """Return whether the passage belongs to the item of that number, where its document numbers items so."""
    wanted = number(found["number"])
    nodes = list(candidate.source.document.ancestors(candidate.passage.section))
    if found.group() in candidate.passage.words or wanted is None:
        return True
    row = candidate.source.row(candidate.passage)
    if row is not None and "no" in row[1].cells:
        return ordinal(row[1].cells["no"][0].of(candidate.source.folded)) == wanted
    return any(ordinal(node.label) == wanted for node in nodes if node.label)


def _untrue(ask: Ask, candidate: Candidate) -> Objection | None:
    """Return an objection where the question takes for granted what the passage denies."""
    words, text = candidate.passage.words, ask.text
    if _DONE_WHEN.search(text) and _OPEN.search(words) and (_STILL.search(words) or not _FINISHED.search(words)):
        return Objection("premise", "文件写明尚未完成")
    if _fewer(text, words):
        return Objection("premise", "文件写明尚未全部完成")
    found = _SO_MANY.search(text)
    if found and re.search(rf"(?:未发现|没有?发现|不存在|无)[^,。;]{{0,6}}{re.escape(found['noun'])}", words):
        return Objection("premise", f"文件写明没有{found['noun']}")
    for said, contrary in _CONTRARY:
        if said.search(text) and not said.search(words) and contrary.search(words):
            return Objection("premise", "文件写的与问题所说相反")
    return None


def _fewer(asked: str, words: str) -> bool:
    """Return whether an ask takes so many for done (60所提前建完) of which folded words say that fewer are."""
    taken = _ALL_DONE.search(asked)
    if taken is None:
        return False
    said = re.search(
        rf"(?<!\d){taken['count']}{taken['unit']}[^。;]*?已[^,。;\d]{{0,6}}(?:成|完|结|改)[成了]?(\d+)", words
    )
    return said is not None and int(said[1]) < int(taken["count"])


def _uncounted(ask: Ask, candidate: Candidate) -> Objection | None:
    """Return an objection where a number of things is asked for of which neither passage nor item says a word."""
    counted = _COUNTED.search(ask.text)
    if counted is None or "number" not in ask.kinds:
        return None
    if unmeasured(ask, candidate) or unstated(ask, candidate) or undone(ask, candidate):
        return Objection("object", "")
    if _PLAIN.match(counted["words"]) and not candidate.measured:
        return Objection("object", "")
    noun = _ANYTHING.sub("", _MEASURES.sub("", counted["words"]))
    if _PREDICATE.match(noun):  # 几个已经开工: what is counted stands before
        return None
    wanted = {term for term in terms(noun) if len(term) > 1} or set(noun[:1]) & _PLACES
    if not wanted:
        return None
    source, passage = candidate.source, candidate.passage
    around = passage.words + source.above(passage.section) + source.matter(passage).of(source.folded)
    return None if any(term in around for term in wanted) else Objection("object", "")
