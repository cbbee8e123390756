"""Totals that a document states (3个方面31个问题, 已销号26个, 整改率79%), compared with each other and with the ledger.

What is found to differ is kept and shown. A total whose items the document does not name is `not_listed`: then there is
nothing to compare it with, which is said, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from ingest.document import Document, Span
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from ingest.sentence import trim
from ingest.task import Task

Result = Literal["agreed", "differs", "not_listed"]
Rule = Literal["sum", "rate", "rows", "areas", "again", "status"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a total. `status` is that of the ledger, "open" for what is left, "" for a share of another kind."""

    status: str
    label: str
    value: Decimal
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison: `stated` by the document, `found` by adding up, dividing or counting the rows of the ledger."""

    rule: Rule
    stated: Decimal
    found: Decimal
    result: Result
    of: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A stated total with its parts. `start:end` is the sentence, or the sentences, that state it.

    `areas` is the number of its groups (3个方面); `children` the number of parts that it was split into (127项 to
    307项); `rate` the share that the document says is done, in percent. `of_tasks` says that rows of the ledger are
    what is counted.
    """

    of: str
    value: Decimal
    unit: str
    start: int
    end: int
    path: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    areas: Part | None = None
    rate: Part | None = None
    children: Part | None = None
    of_tasks: bool = False
    checks: tuple[Check, ...] = ()

    @property
    def result(self) -> Result:
        """Return what the comparisons come to. That of statuses read from wording is no part of it: see `Check`."""
        results = {check.result for check in self.checks if check.rule != "status"}
        return "differs" if "differs" in results else "agreed" if "agreed" in results else "not_listed"

    def to_json(self, text: str) -> dict[str, Any]:
        """Return the total as `duban ledger --totals` prints it, `text` being the document's."""
        return {
            "text": text[self.start : self.end], "start": self.start, "end": self.end, "path": list(self.path),
            "of": self.of, "value": plain(self.value), "unit": self.unit, "of_tasks": self.of_tasks,
            "areas": _part(self.areas), "parts": [_part(part) for part in self.parts], "rate": _part(self.rate),
            "children": _part(self.children), "result": self.result,
            "checks": [
                {"rule": check.rule, "of": check.of, "stated": plain(check.stated), "found": plain(check.found),
                 "result": check.result}
                for check in self.checks
            ],
        }  # fmt: skip


def plain(value: Decimal) -> int | float:
    """Return the number as JSON has it: a whole one without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def _part(part: Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {
        "status": part.status,
        "label": part.label,
        "value": plain(part.value),
        "start": part.start,
        "end": part.end,
    }


_UNIT = "个|项|件|条|家|处|宗|起|名|户|笔|份|座|所|台|辆|栋|套|点位|万元|亿元|公里|万吨|吨|亩"
_COUNT = regex(
    rf"(?<![\d.第〔(\[a-z%])(?P<n>\d{{1,9}}(?:\.\d+)?|(?<![{CHINESE}])[{CHINESE}]{{1,5}})(?P<mult>[万亿](?=(?:个|项|件|条|家|处|户|人)))?"
    rf"\s?(?:余|多)?(?P<unit>{_UNIT})(?!百分点|工作日|自然日|季度|小时|学期|[月日]|年(?!度))"
)
_RATE = regex(r"(?P<label>[\u4e00-\u9fff]{0,4}(?:率|占比?|比例))(?:已?达到?|为|是|约)?\s?(?P<n>\d{1,3}(?:\.\d+)?)%")
_AREA = regex(r"(?:大)?(?:方面|大类|领域|板块|类别)")
# What the words before a number, or behind it, say of its state. The first that fits.
_STATES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("blocked", regex(r"无法|难以|暂停")),
    ("long_term", regex(r"长期|持续(?:坚持|推进|整改)")),
    ("planned", regex(r"列入.{0,4}(?:计划|年)|拟|将于|计划|尚?未(?:启动|开工|开始)|待(?:启动|实施)")),
    ("in_progress", regex(
        r"正在|仍在|(?:正|仍|按期|序时|有序|继续|持续)推进|推进中|[建办实编]\w中|未(?:完成|销号|办结|整改)")),
    ("open", regex(r"其余|剩余|余下|还剩|还有|另有|尚有|还欠|未|余$|剩$|待$|欠$")),
    ("closed", regex(
        r"已(?!经?列入)|完成(?!情况|时限)|整改到位|销号|办结|解决|结案|落实到位|整治完|追回|清零|达标|已全部|移交$|退还")),
)  # fmt: skip
_COMPARED = regex(
    r"比.{0,12}$|同比|环比|[增减]少?加?$|[少多]$|不少于|不低于|至少|最多|超过|平均|每|(?<![目此以日年月底])前$|第$"
)
_SPLIT = regex(r"分解|细化|拆分|拆解|分为")
_ALL = regex(r"[^,。;、:]{0,12}?(?:已|均已|都已)?(?:经)?全部(?:整改|完成|销号|办结|落实|解决|整改到位|整改完成)")
_NOUN = regex(r"[\u4e00-\u9fff“”]{1,14}")
_NOUN_END = regex(
    r"力争|争取|拟|计划|预计|因|于|要|会|能|可|已|仍|正在|均|都|全部|尚|未|中|的|为|是|由|在|按|将|其|需|应|有|共|逐|和|与|及|进行|开展|列|纳入|表现"
)
_OF_TASKS = regex(
    r"(?:具体|反馈|重点|整改|突出|主要|年度|目标|工作|巡察|巡视|督察|审计|交办|上述|意见|存在|的)*(?:问题|任务|事项|整改点)"
)
_MORE = regex(r"清单|线索|台账|书|单|导向|意识|类|型|式|所在|[的项个]")  # 问题清单 are no problems
_STOP = regex(r"[。!?;\n]")
_EDGE = regex(r"[,、():。!?;|\t\n]")
_REACH = 260  # characters in which the parts of a total follow it: the longest item with several was about 200
_RATE_REACH = 24  # characters: ，整改率达到79.02%
_MOST = 40  # parts of one total; more were not seen, and each is added up for the next
_FEW = Decimal("0.2")  # share by which a total may miss the rows and still be the count of them


@dataclass(slots=True)
class _Group:
    """A total while its parts are gathered."""

    of: str
    value: Decimal
    unit: str
    start: int
    end: int
    areas: Part | None = None
    rate: Part | None = None
    children: Part | None = None
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Count:
    """A number with its measure word, and the words around it up to the next number or comma."""

    value: Decimal
    unit: str
    start: int
    end: int
    before: str
    after: str
    stop: int


def totals(document: Document, folded: str, tasks: Sequence[Task]) -> tuple[Total, ...]:
    """Return the totals that a document states, in order, each compared as far as it can be.

    Args:
        document: the document.
        folded: its text, folded.
        tasks: the rows of its ledger, in order.
    """
    rows = _Rows(document, tasks)
    found: list[Total] = []
    first_of: dict[tuple[object, ...], Total] = {}
    for group in _groups(folded):
        of_tasks = bool(_OF_TASKS.fullmatch(group.of)) and not rows.hold(group.start)
        if not (len(group.parts) > 1 or group.children or group.rate or of_tasks or _is_whole(group)):
            continue
        span = _sentence(folded, group)
        section = rows.section(group.start)
        total = Total(
            group.of, group.value, group.unit, span.start, span.end, document.path(section), tuple(group.parts),
            group.areas, group.rate, group.children, of_tasks,
        )  # fmt: skip
        key = (total.of, total.path[:1], len(total.path))
        earlier = first_of.setdefault(key, total) if of_tasks else total
        found.append(replace(total, checks=tuple(_checks(total, rows, section, earlier))))
    return tuple(found)


def _sentence(folded: str, group: _Group) -> Span:
    """Return the sentences that state a total and its parts."""
    floor = max(folded.rfind("\n", 0, group.start) + 1, group.start - _REACH)
    start = max([floor, *(stop.end() for stop in _STOP.finditer(folded, floor, group.start))])
    stop = _STOP.search(folded, group.end, group.end + _REACH)
    return trim(folded, start, stop.end() if stop else min(group.end + _REACH, len(folded)))


class _Rows:
    """The rows of a ledger by their place, to be counted."""

    def __init__(self, document: Document, tasks: Sequence[Task]) -> None:
        self.document = document
        self.tasks = [task for task in tasks if task.kind == "task"]
        self._starts = [task.start for task in self.tasks]
        self._sections = [section.start for section in document.sections]

    def hold(self, offset: int) -> bool:
        """Return whether a row covers `offset`: what is counted inside of a matter is no total of matters."""
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self.tasks[at].end

    def section(self, offset: int) -> int:
        """Return the innermost section that covers `offset`."""
        at: int | None = bisect_right(self._sections, offset) - 1
        while at is not None and self.document.sections[at].end <= offset:
            at = self.document.sections[at].parent
        return at or 0

    def scope(self, section: int, stated: Decimal) -> list[Task]:
        """Return the rows that a total in `section` is about: those under it, or all, whichever fits the number."""
        node = self.document.sections[section]
        here = self.tasks[bisect_left(self._starts, node.start) : bisect_left(self._starts, node.end)]
        return min((here or self.tasks, self.tasks), key=lambda some: abs(len(some) - stated))


# --- reading ---


def _is_whole(group: _Group) -> bool:
    return len(group.parts) == 1 and group.parts[0].value == group.value


def _groups(folded: str) -> list[_Group]:
    """Return the totals of a text with the parts that follow them, in order. There is one open of each measure word."""
    open_: dict[str, _Group] = {}
    done: list[_Group] = []
    areas: Part | None = None
    for count in _counts(folded):
        if count.unit == "个" and _AREA.match(folded, count.end):
            areas = Part("", "方面", count.value, count.start, count.end)
        elif not _COMPARED.search(count.before):
            group = open_.get(count.unit)
            if group is not None and _joined(folded, group, count):
                continue
            opened = _opened(folded, count, areas)
            if opened is not None:
                done.append(opened)
                open_[count.unit], areas = opened, None
    _rate(folded, done)
    return sorted((part for group in done for part in _regrouped(group)), key=lambda group: group.start)


def _opened(folded: str, count: _Count, areas: Part | None) -> _Group | None:
    """Return the total that a number begins, None where it is only a part of one that is not stated."""
    state, whole = _state(count), _ALL.match(folded, count.end)
    if state and not whole and not (state == "closed" and "完成" in count.before):
        return None
    near = areas if areas is not None and count.start - areas.end < 20 else None
    group = _Group(_noun(count), count.value, count.unit, count.start, count.end, near)
    if whole and not re.search(r"\d", whole.group()):
        group.parts.append(Part("closed", "全部完成", count.value, count.end, whole.end()))
    return group


def _joined(folded: str, group: _Group, count: _Count) -> bool:
    """Add a number to the total before it, as a part or as what it was split into; return whether it belongs there."""
    state = _state(count)
    if count.start - group.end < _REACH and _belongs(folded, group, count, state):
        group.parts.append(Part(state or "", _label(count), count.value, count.start, count.end))
    elif not state and _is_split(folded, group, count):
        group.children = Part("", _noun(count), count.value, count.start, count.end)
    else:
        return False
    group.end = count.end
    return True


def _rate(folded: str, groups: Sequence[_Group]) -> None:
    """Give each total the rate that stands right behind one of its parts."""
    for group in groups:
        for part in group.parts:
            found = _RATE.search(folded, part.end, part.end + _RATE_REACH)
            if found and group.rate is None:
                group.rate = Part("", found["label"], Decimal(found["n"]), found.start(), found.end())
                group.end = max(group.end, found.end())


def _belongs(folded: str, group: _Group, count: _Count, state: str | None) -> bool:
    """Return whether a number is a part of the total before it: by its state, as a share, or as one more share."""
    if count.value > group.value or len(group.parts) == _MOST:
        return False
    between = folded[group.end : count.start]
    added = sum(part.value for part in group.parts)
    if "。" in between and (
        added + count.value > group.value or state in {part.status for part in group.parts} - {"open"}
    ):
        return False  # another sentence may go on with what is left, not with what was counted already
    behind = _NOUN_END.split(found.group())[0] if (found := _NOUN.match(count.after)) else ""
    if behind and behind not in group.of and group.of not in behind:
        return False  # 完成白荇湖等7个湖泊 counts something else
    if state:
        return True
    listed = bool(group.parts) and not group.parts[-1].status and bool(re.fullmatch(r"[、,][^、,。;]{1,12}", between))
    return listed or "其中" in count.before or ("中" in count.before[-8:] and not behind)


def _is_split(folded: str, group: _Group, count: _Count) -> bool:
    """Return whether a number is that of the parts which the total was split into: 127项任务细化为307项."""
    between = folded[group.end : count.start]
    return len(between) < 60 and bool(_SPLIT.search(between)) and "。" not in between


def _counts(folded: str) -> Iterator[_Count]:
    found = list(_COUNT.finditer(folded))
    for at, match in enumerate(found):
        value = _value(match["n"], match["mult"])
        if value is None or (match["n"] == "一" and match["unit"] != "项"):
            continue
        floor = max(found[at - 1].end() if at else 0, match.start() - 40)
        begin = max((m.end() for m in _EDGE.finditer(folded[floor : match.start()])), default=0) + floor
        ceiling = min(found[at + 1].start() if at + 1 < len(found) else len(folded), match.end() + 40)
        stop = _EDGE.search(folded, match.end(), ceiling)
        end = stop.start() if stop else ceiling
        yield _Count(
            value, match["unit"], match.start(), match.end(), folded[begin : match.start()], folded[match.end() : end],
            end if stop else -1,
        )  # fmt: skip


def _value(words: str, multiplier: str | None) -> Decimal | None:
    value = Decimal(words) if words[0].isascii() else number(words)
    if value is None:
        return None
    return Decimal(value) * {"万": 10_000, "亿": 100_000_000}.get(multiplier or "", 1)


def _state(count: _Count) -> str | None:
    """Return the state that the words before a number give it; where they give none, those behind it in its clause."""
    before = re.split(r"中(?:有|,|$)|其中", count.before)[-1]
    for words in (before, count.after if count.stop >= 0 else ""):
        for state, pattern in _STATES:
            if pattern.search(words):
                return state
    return None


def _label(count: _Count) -> str:
    return (count.before.strip() or count.after.strip())[-16:]


def _noun(count: _Count) -> str:
    """Return what is counted: the words behind the number up to the verb, else the last of those before it."""
    behind = _NOUN.match(count.after)
    if behind:
        words = _NOUN_END.split(behind.group())[0]
        of_tasks = _OF_TASKS.match(words)
        if of_tasks and not _MORE.match(words, of_tasks.end()):
            return of_tasks.group()
        if words:
            return words
    before = re.sub(rf"^[{CHINESE}]{{1,3}}是", "", count.before.strip())
    last = re.split(r"[共有计为的]|发现|立案|形成|完成|反馈|下达|梳理|排查|明确|累计|已|涉及", before)[-1]
    return (last or before)[-8:]


def _regrouped(group: _Group) -> Iterator[_Group]:
    """Yield the total; where one of its parts is the sum of those behind it, that part as a total of its own, too."""
    added = sum(part.value for part in group.parts)
    for at in range(len(group.parts) - 2 if added != group.value else 0):
        whole, rest = group.parts[at], group.parts[at + 1 :]
        if whole.value == sum(part.value for part in rest):
            inner = _Group(group.of, whole.value, group.unit, whole.start, group.end, parts=rest, rate=group.rate)
            group.parts, group.rate = group.parts[: at + 1], None
            yield group
            yield inner
            return
    yield group


# --- comparing ---


def _checks(total: Total, rows: _Rows, section: int, earlier: Total) -> Iterator[Check]:
    yield from _sum(total)
    if not total.of_tasks:
        return
    scope = rows.scope(section, total.value)
    found = Decimal(len(scope))
    near = abs(found - total.value) <= max(Decimal(2), total.value * _FEW)
    listed: Result = "agreed" if found == total.value else "differs" if found and near else "not_listed"
    yield Check("rows", total.value, found, listed)
    if total.areas:
        counts = _areas(scope)
        agreed = total.areas.value in counts
        result: Result = "agreed" if agreed else "not_listed" if listed == "not_listed" else "differs"
        yield Check(
            "areas", total.areas.value, total.areas.value if agreed else Decimal(max(counts, default=0)), result
        )
    if listed == "agreed":
        for part in total.parts:
            if part.status and part.status != "open":
                same = Decimal(sum(task.status.kind == part.status for task in scope))
                yield Check("status", part.value, same, "agreed" if same == part.value else "differs", part.status)
    if earlier.value != total.value:
        yield Check("again", total.value, earlier.value, "differs")


def _sum(total: Total) -> Iterator[Check]:
    """Compare a total with its parts, and its rate with both.

    A single part leaves a remainder that nobody states. Parts introduced by 其中 may leave one, too: then only more
    than the whole is a difference.
    """
    added = sum((part.value for part in total.parts), Decimal(0))
    kinds = {part.status for part in total.parts}
    exhaustive = kinds & {"open"} or len(kinds - {""}) > 1
    if len(total.parts) > 1 and (added == total.value or added > total.value or exhaustive):
        yield Check("sum", total.value, added, "agreed" if added == total.value else "differs")
    elif len(total.parts) == 1 and added == total.value:
        yield Check("sum", total.value, added, "agreed")
    done = [part.value for part in total.parts if part.status == "closed"]
    if total.rate and len(done) == 1 and total.value:
        share = done[0] * 100 / total.value
        digits = -int(total.rate.value.as_tuple().exponent)
        found = share.quantize(Decimal(1).scaleb(-digits))
        # A rate is rounded or cut off at its last digit: either way it is less than one unit of that digit away.
        agreed = abs(share - total.rate.value) < Decimal(1).scaleb(-digits)
        yield Check("rate", total.rate.value, total.rate.value if agreed else found, "agreed" if agreed else "differs")


def _areas(rows: Sequence[Task]) -> set[int]:
    """Return in how many groups the rows stand, at each level of the outline."""
    deepest = max((len(task.path) for task in rows), default=0)
    return {len({task.path[: depth + 1] for task in rows if len(task.path) > depth}) for depth in range(deepest)}
