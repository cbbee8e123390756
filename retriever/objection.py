"""Why a passage that fits a question best still does not answer it: another place, another year, the field left out.

Each objection is a rule that can be read and said to the reader. What overlaps with a question is easily found; the
asked detail is often not there, and then the nearest passage must not pass for an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retriever.question import Ask, terms
from retriever.score import STRICT, Candidate
from retriever.value import NUMERAL, PATTERNS

Reason = Literal["place", "year", "blank", "field", "total", "names", "premise", "object"]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a candidate does not answer an ask; `words` is how that is said."""

    reason: Reason
    words: str


_TOTAL = re.compile(r"总共|一共|总计|合计|总[投经费额金]|共[花用投要需]")
_TOTAL_SAID = re.compile(r"[总共]|合计|累计|[投]资\d|三年投入")
_WHICH = re.compile(rf"哪(?P<few>几|些|(?P<count>{NUMERAL}))(?P<noun>[\u3400-\u9fff]{{0,4}})|(?P<called>叫什么)")
_JOINED = re.compile(r"[、,]|和|及|与|;")
_DONE_WHEN = re.compile(
    r"(?:哪[一]?[天日年月]|哪个月|几月|几号|什么时候|何时|几时|啥时候?).{0,10}(?:完|成|好|回|毕|结|通|掉|到位|投产|启用)(?:来)?[了的]"
)
_OPEN = re.compile(
    r"[未没]有?(?:完成|全部|能|启动|开|组|追|施|到|实)|尚未|仍[在未需]|正在|拟于?|无法|计划(?!》)|将于|预计|余下|剩[余下]?"
)
_STILL = re.compile("尚未|未能|还没|没有(?:完成|全部)|未完成|余下|拟于|仍[在未]")
_FINISHED = re.compile(
    r"已(?:于|经|全部|在)?[^,。;]{0,12}(?:完|成|好|回|毕|结|通)|[日月](?:全部)?(?:完成|建成|完工|投入|启用|开工)"
)
_OFFICE = re.compile(
    r"(?P<office>[副]?(?:组长|局长|主任|书记|县长|区长|市长|院长|校长|处长|科长|站长|主席|总指挥|负责人|联系人))(?:是|叫|为|姓)"
)
_ROLE = re.compile(
    "牵头|主办|挑头|领头|负责|责任|归|管|配合|协办|协助|督|哪个?(?:部门|单位|局|机关|处|组|科|委|办)|承办|谁"
)
_MADE = re.compile("造的?$|生产|中标|施工|承建|供应|供货|设计|出资|赞助|制造|卖|检测的|评的|审的")
_COUNTED = re.compile(r"(?:多少|(?<![哪第])几)(?P<words>[\u3400-\u9fffa-z]{1,8})")
_PLAIN = re.compile("[项件条起](?![目])")
_MEASURES = re.compile(
    r"^(?:公里|公顷|公斤|平方米|立方米|万[元吨亩]|亿元|千瓦|小时|分钟|工作日|人次|[个家户处座台项条件起次名人位份批期轮辆所片段间栋幢株棵亩吨元米天年月日级号套张本门])"
)


def objection(ask: Ask, candidate: Candidate) -> Objection | None:
    """Return the first reason why a candidate does not answer an ask, None where there is none."""
    words = candidate.passage.words
    text = ask.text
    if candidate.place < 0 or candidate.elsewhere:
        return Objection("place", "文件写的是其他地方，没有写到所问的地方")
    if candidate.year < 0:
        return Objection("year", "文件写的是其他年份")
    if candidate.blank and not candidate.typed:
        return Objection("blank", "表中这一栏是空的")
    if STRICT & set(ask.kinds) and candidate.typed <= 0:
        return Objection("field", "")
    if "body" in ask.kinds and not candidate.typed and candidate.source.issuer(candidate.passage.section) is None:
        return Objection("field", "")
    if "money" in ask.kinds and _TOTAL.search(text) and not _TOTAL_SAID.search(words):
        return Objection("total", "文件没有写明总数")
    office = _OFFICE.search(text)
    if office and (
        office["office"] not in words or not (PATTERNS["name"].search(words) or "由" in words or "任" in words)
    ):
        return Objection("field", "")
    if _DONE_WHEN.search(text) and _OPEN.search(words) and (_STILL.search(words) or not _FINISHED.search(words)):
        return Objection("premise", "文件写明尚未完成")
    which = _WHICH.search(text)
    if which and "list" in ask.kinds and not _named(which, words):
        return Objection("names", "文件没有逐一点名")
    if "body" in ask.kinds and _MADE.search(text) and not (set(terms(_MADE.search(text).group())) & set(terms(words))):  # type: ignore[union-attr]
        return Objection("field", "")
    return _uncounted(ask, candidate)


def _named(which: re.Match[str], words: str) -> bool:
    """Return whether a passage lists as many names as are asked for."""
    if which["called"]:
        return True
    from ingest.numeral import number

    wanted = number(which["count"]) if which["count"] else 2
    stretches = re.split(r"[。;:()]", words)
    longest = max((len([part for part in _JOINED.split(stretch) if len(part) > 1]) for stretch in stretches), default=0)
    return longest >= min(wanted or 2, 12) or "|" in words or bool(re.search(r"下列|如下|以下", words))


def _uncounted(ask: Ask, candidate: Candidate) -> Objection | None:
    """Return an objection where a number of things is asked for of which neither passage nor item says a word."""
    counted = _COUNTED.search(ask.text)
    if counted is None or "number" not in ask.kinds:
        return None
    if _PLAIN.match(counted["words"]) and not candidate.measured:
        return Objection("object", "")
    noun = _MEASURES.sub("", counted["words"])
    wanted = {term for term in terms(noun) if len(term) > 1}
    if not wanted:
        return None
    source, passage = candidate.source, candidate.passage
    around = passage.words + source.above(passage.section) + source.matter(passage).of(source.folded)
    return None if any(term in around for term in wanted) else Objection("object", "")
