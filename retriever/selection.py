"""Which records of a document a question means: those whose field says what it says (财务科牵头的, 解除列管的, 红色的).

A table or a list of items answers "which ones" by what stands in one field of each. The words of the question that
stand in a field of some of the records, and not of all, choose among them; the other words must be the document's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ingest.alias import SAME, likeness
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from retriever.passage import Source
from retriever.records import Group, Record, groups

# What asks for records, not for names of bodies or places.
ASKED = regex(
    rf"(?:哪(?:[些几]|[{CHINESE}\d]{{1,3}}|(?=[项案件条]))|还有(?:什么|哪些)|有(?:什么|啥))(?:[项案件条个类段处宗片座所][^,?]{{0,1}}?)?(?:整改|列管|重点|列管)?"
    r"(?:任务|问题|项目|事项|工作|案子?|举措|措施|建议|内容|线索|指标|[段项案件条宗处片座所])?(?:[呢吗啊?,]|是|叫|要|$|(?=[\u3400-\u9fff]))|列出|清单是"
    rf"|[二两三四五六七八九十\d]+[个项条件](?:整改|重点)?(?:任务|问题|项目|事项|工作)?(?:都|分别)?[叫是](?:什么|啥)"
)
_NAMES = regex(
    r"哪(?:[些几]|[一二两三四五六七八九十\d]+)?[个家所]?(?:单位|部门|学院|学校|中学|小学|医院|公司|企业|厂|街道|社区|小区|[镇乡村县区市]|局|委|科室?|(?<=个)处|处室|"
    r"机构|人|地方|年|天|月|日|时|里|儿|怕|种)"
    r"|(?:单位|部门|机构|机关|主体|局处)(?:都|分别|各|还)*(?:[是有]|包括)"
)
_COUNT = regex(
    rf"哪(?P<count>[{CHINESE}\d]{{1,3}})[个项条件案段宗处片座]"
    rf"|(?P<named>[{CHINESE}\d]{{1,3}})[个项条件](?:[\u3400-\u9fff]{{2,4}})?(?:都|分别)?[叫是](?:什么|啥)"
)
_ROLES = (
    (regex("牵头|主办|主责|挑头|领头|承办|主管|管"), regex("牵头|主办|主责|承办|主管|责任|负责")),
    (regex("配合|协办|协助|协同|参与"), regex("配合|协办|协助|协同|参与|会同")),
    (regex("督办|督导|督促|监督"), regex("督办|督导|督促|监督")),
    (regex("负责|责任|承担|归"), regex("责任|负责|牵头|主办|主责|承办|主管")),
)
_EMPTY = regex(
    r"请问|麻烦|帮我|告诉我|具体|写明|写着|写的?|归到|列为|标[为着]|评[为成]|亮了?|被|当|挂|属于|目前|现在|一共|总共|分别|全部|都|那些?|这些?|哪些?|哪几|什么|"
    r"任务|问题|事项|项目|工作|案子|案|措施|建议|内容|单位|部门|机关|情况|状态|状况|进展|清单|里面?|中|的|是|(?<!正)在|有|和|与|及|把|给|了|吗|呢|啊|吧|叫|啥|它|其他|其余|还|"
    rf"[{CHINESE}\d]{{1,3}}[个项条件案段宗处片座]|几[个项条件案段宗处片座]|[个项条件段宗]|列出|份|年度?|由|归|(?<!分)管(?=的)|牵头|主办|主责|挑头|领头|承办|主管|配合|协办|协助|协同|参与|(?<![除续牌])督[办导促]|监督|负责|责任|承担"
)
_STATE = regex(
    "已|未|尚|正在|仍|继续|解除|完成|落实|推进|进行|长期|暂[缓停]|拟|逾期|滞后|达标|销号|整改|红|黄|绿|取消|终止|办结"
)
_HAN = regex(r"[\u3400-\u9fffa-z]{2,}")
_PART = regex(r"[、,;/及和与()\s]+")
_BODY_ENDS = frozenset("局委办处科组府司街道院心署厅部站所社会团队关校长任记")
_ELSEWHERE = 0.5  # what it counts that words stand elsewhere in the document
_EXPLAINED = 0.6  # of the question's words are those of the choice or of the document
_VALUE = 60  # characters of a field's value that chooses
_TEXT = 3  # characters of words that choose where they stand anywhere in an item
_LONGEST = 300  # characters; what is longer is no question for a list
_PHRASE = 40  # characters of a field that a question repeats


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of a document that a question means, in order."""

    source: Source
    records: tuple[Record, ...]


def selection(words: str, context: str, sources: Iterable[Source]) -> Selection | None:
    """Return the records that folded words ask for, None where no group of records has a field that says so.

    Args:
        words: the question, folded.
        context: the folded words that a follow-up takes over, else "".
        sources: the documents that may hold them, the likeliest first.
    """
    if len(words) > _LONGEST or _NAMES.search(words):
        return None
    if not (ASKED.search(words) or (context and ASKED.search(context))):
        return None
    stated = _COUNT.search(words)
    count = number(stated["count"] or stated["named"]) if stated else None
    role = next((column for said in (words, context) for asked, column in _ROLES if asked.search(said)), None)
    best: tuple[float, Selection] | None = None
    for source in sources:
        for group in groups(source):
            found = _choose(words, context, role, source, group, count)
            if found is None or (count is not None and count != len(found[1])):
                continue
            weight = found[0] + (0.5 if count is not None else 0.0)
            if best is None or weight > best[0]:
                best = weight, Selection(source, found[1])
        if best is not None:
            return best[1]
    return None


def _choose(
    words: str, context: str, role: re.Pattern[str] | None, source: Source, group: Group, count: int | None
) -> tuple[float, tuple[Record, ...]] | None:
    """Return the records of a group that the words choose, with the share of the words that are accounted for."""
    columns = {
        name
        for record in group.records
        for name, span in record.fields
        if len(name) > 1 and name in words and span != record.name
    }
    for name in columns:
        words = words.replace(name, " ")
    runs = _HAN.findall(_EMPTY.sub(" ", words))
    known = f"{source.common} {group.over} {context}"
    values = [_values(record, columns, role, source) for record in group.records]
    kept = list(range(len(group.records)))
    told = 0.0
    chose = False
    for run in runs:
        phrase, held = _phrase(run, kept, values, group, source, known, count)
        if phrase:
            chose = chose or len(held) < len(kept)
            kept = held
            told += len(phrase)
            run = run.replace(phrase, " ", 1)
        told += _said(run, known) + _ELSEWHERE * _said(run, source.folded)
    total = sum(map(len, runs))
    if not chose or told < _EXPLAINED * total:
        return None
    return told / total, tuple(group.records[at] for at in kept)


def _phrase(
    run: str, kept: Sequence[int], values: Sequence[Sequence[str]], group: Group, source: Source, known: str,
    count: int | None,
) -> tuple[str, list[int]]:  # fmt: skip
    """Return the longest words of a run that some of the records have in a field, with these."""
    for length in range(min(len(run), _PHRASE), 1, -1):
        for start in range(len(run) - length + 1):
            phrase = run[start : start + length]
            held = [at for at in kept if any(phrase in value for value in values[at])]
            if not held and phrase[-1] in _BODY_ENDS and length > 2:
                held = [at for at in kept if any(_same(phrase, value) for value in values[at])]
            if not held and length >= _TEXT and _STATE.search(phrase):
                found = [
                    at for at in kept if group.records[at].leaf and phrase in group.records[at].span.of(source.folded)
                ]
                held = found if len(found) == (count or max(2, len(found))) else []
            if held and (len(held) < len(kept) or phrase not in known):
                return phrase, held
    return "", []


def _values(record: Record, columns: Collection[str], role: re.Pattern[str] | None, source: Source) -> list[str]:
    """Return the values of a record's fields that may choose it: of those that are asked for, where it has them."""
    asked = [span for name, span in record.fields if name in columns]
    asked = asked or [span for name, span in record.fields if role is not None and role.search(name)]
    others = [other for _, other in _ROLES if other is not role]
    spans = asked or [
        span
        for name, span in record.fields
        if span != record.name and not (role is not None and any(other.search(name) for other in others))
    ]
    found = [span.of(source.folded) for span in spans if span.end - span.start <= _VALUE]
    if record.row:
        return found
    name = record.name.of(source.folded)
    return [*found, *re.findall(r"\(([^()]{1,12})\)", name)]


def _same(phrase: str, value: str) -> bool:
    """Return whether a value names the body that a phrase names."""
    return any(
        part[-1:] == phrase[-1] and likeness(phrase, part) >= SAME for part in _PART.split(value) if len(part) > 2
    )


def _said(run: str, known: str) -> int:
    """Return how many characters of a run stand, in pairs at least, in known words."""
    said = [False] * len(run)
    for at in range(len(run) - 1):
        if " " not in run[at : at + 2] and run[at : at + 2] in known:
            said[at] = said[at + 1] = True
    return sum(said)
