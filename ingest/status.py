"""Status: how far a matter has got, read from the wording that says so; what is not stated is `unstated`.

The clauses of a measure give evidence (已销号, 正在办理, 拟于3月启动), each with its words. What only says which things
are meant is none: 已完成的任务, 对未安装的商户; nor is 将 where it means 把. The evidence decides together: where some
is done and the end is still to come, it is in progress.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from ingest.fold import fold
from ingest.regex import regex

if TYPE_CHECKING:
    from ingest.when import When

StatusKind = Literal["closed", "in_progress", "long_term", "planned", "blocked", "unstated"]
# The status of a task is that of its least advanced measure (DESIGN.md, glossary).
LEAST_ADVANCED: tuple[StatusKind, ...] = ("blocked", "in_progress", "long_term", "planned", "closed")


@dataclass(frozen=True, slots=True)
class Status:
    """How far a matter has got. `start:end` is the wording that decides, None where nothing is stated.

    `as_of` is the day, ISO 8601, of which that wording says it speaks (截至10月25日), None where it does not.
    """

    kind: StatusKind
    start: int | None = None
    end: int | None = None
    as_of: str | None = None


UNSTATED = Status("unstated")

_C = r"[^,。;:!?\n]"  # a character inside a clause
_DAY = r"(?:\d|[一二三四五六七八九十]|[今明后]年|年[底内末]|[上下]半年|近期|本月|下月|春节|汛)"
_DONE = (
    "完成|完工|竣工|销号|办结|结案|审结|整改|解决|落实|清零|归还|退还|追回|收回|上缴|缴清|拆除|关停|取缔|搬迁|搬入|迁出|建成|投用|投运|投产|"
    "启用|移交|交付|通过|印发|出台|制定|修订|完善|健全|建立|签订|召开|开展|下发|发放|拨付|补发|补齐|清退|清理|清运|修复|整治|治理|处置|公开|"
    "公示|公布|接入|到岗|配备|设立|成立|安装|更换|更新|验收|备案|复绿|结束|改造|达标|关闭|赔偿|兑付|核查|排查|处理|纠正|形成|明确|进行|约谈|"
    "组织|批准|实施|缴纳|兑现|问责|化解|补办|注销|听取|参加|编制|发布|下达|提交"
)
_ENDED = "完成|完工|建成|竣工|通水|交付|投用|投运|到位|销号|办结|退还|缴清|追回|移交|整改"
_NOT = "(?:按[期时](?:限要求)?|如期|全部|完全|彻底|及时)*"

# What is looked for, in the order of what wins where two begin at one place; read against folded text. Behind each name
# stand the characters that it may begin with: without looking at those first a search takes ten times as long.
_CUES: dict[tuple[str, str], str] = {
    ("next", "下"): "下一步|下步(?=,|工作|将|拟)",
    ("unbegun", "尚还仍暂未"): "[尚还仍暂]?未(?:启动|开工|开始|动工|招标|立项|进场|实施|开展)(?![的件项])",
    ("undone", "尚还仍暂至未没迟日"): (
        rf"(?:[尚还仍暂][未没](?:能|有)?|至今未|未能|迟迟未|未曾){_NOT}(?:{_C}{{0,3}}?(?:{_DONE}|到位|达到|取得|办理)"
        rf"|[\u4e00-\u9fff]{{2}}(?=[,。;]|$))"
        rf"|日未(?<=\d日未)(?:能|有)?(?:{_DONE})"
        rf"|(?:[未没]有?{_NOT})(?:{_ENDED}|解决|通过|达到|达标|拆除|落实)(?![时的件项户个家处])"
    ),
    ("blocked", "无难不停搁暂中终"): (
        rf"(?:无[法力]|难以|不能(?:按期|按时|如期|继续)?){_C}{{0,4}}?"
        "(?:完成|推进|实施|施工|整改|开工|落实|履行|拆除|清缴|追[回缴]|收[回缴]|归还|偿还|兑付|支付|执行|销号|办结|开展|办理|继续|验收|交付|恢复|"
        "征收|供地|核实|取得|安装|更换|改造|建设|清理|清运|解决|整治|投运|落地|达标|达到)|停滞|搁置"
        "|(?:暂停|中止|终止|停工)(?:(?<=[已被]..)|(?<=(?:暂时|目前|工作|工程|项目|整改)..))|暂缓(?:实施|推进|开工|执行|建设)"
    ),
    ("share", "%成"): "%|成(?<=[一二三四五六七八九]成)",
    ("some", "中"): rf"中(?=,?(?:已有?\d|有\d{{1,6}}{_C}{{0,6}}(?:已|{_DONE})))",
    ("rest", "还剩余其尚另"): (
        rf"(?:(?:还剩|剩余|余下|其余)(?!{_C}{{0,6}}(?:均|已|全部))|[尚还另]有(?=[\d一二三四五六七八九十两几]+[件项户个家处名]))"
        rf"(?!{_C}{{0,8}}(?:不足|差距))"
    ),
    ("going", "目正仍尚还有加稳按扎全抓继序中已取初基部待达进自仅滞落超快慢符"): (
        "正在|仍在|尚在|还在|[正仍](?=督促|推进|抓紧|按|有序|加快|加紧|积极|同步|组织|开展|办理|协调|处于)"
        r"|(?:有序|加快|稳步|按期|扎实|全力|加紧|抓紧|继续|按?序时(?:进度)?|按计划|正常)(?:推进|施工|建设|实施|办理|整改)中?(?=[,。;)\s]|$)"
        r"|中(?<=(?:推进|进行|整改|办理|建设|审理|实施|施工|落实|处理|执行|协调)中)(?=[,。;、)\]\s]|$)"
        "|(?:已经?|全部)(?:全面|正式|陆续)?(?:启动|开工|动工|进场|立项|着手|开始|进入|封顶|挂网)"
        "|(?:取得|初见)了?(?:阶段性|初步|积极|明显|一定){0,3}(?:成效|进展|成果)|基本(?:完成|建成)|部分(?:完成|解决|整改)"
        rf"|待{_C}{{1,14}}?后(?![续期])|(?:达到|符合|超过?|快于|滞后于?|落后于?|慢于)(?:序时|时序)(?:进度|要求)?|进度(?:严重|较为|明显)?滞后(?=[,。;)\]\s]|$)"
        rf"|继续列管|自行列管|仅(?=(?:{_DONE}){_C}{{0,3}}\d)"
        rf"|目前,?(?:主体|工程|项目){_C}{{0,8}}(?:完成|封顶|施工至)"
    ),
    ("long", "需须长常久坚"): (
        "(?:需要?|须)?长期(?:坚持|整改|推进|抓|保持|任务|落实|巩固)"
        r"|常态化(?=开展|推进|坚持|抓|落实|运行|排查|巡查|整治|监管|执法|[,。;)\s]|$)"
        "|常态长效|长抓不懈|久久为功|坚持(?=每[日天周旬月季年半])"
    ),
    ("lasting", "持"): (
        r"持续(?=推进|整改|坚持|做好|加强|开展|跟踪|跟进|抓|巩固|强化|落实|推动|深化|用力|监测|监管|督促|完善|保持|[,。;)\s]|$)"
    ),
    ("firm", "须待拟将预力即明定争打列结顺延推计"): (
        "须?待[^,。;:!?\n]{1,14}?后(?:才|方)?可?(?:展开|启动|开工|动工)|拟(?<![模虚比草]拟)(?![定订写态人稿议合了的])"
        rf"|将(?=于|在(?![建岗册线])|{_DAY}|启动|完成|开工|建成|投入|交付|竣工|印发|出台|召开|尽快(?:完成|启动)|正式|陆续|全部|全面(?:完成|建成))"
        rf"|预计|力争|即将|明年(?=起|开始)|定于|争取(?=于|在|早日|尽早|{_DAY}|列入|实现|完成)|打算|列入(?={_C}{{0,10}}计划)"
        rf"|(?:结转|顺延|延期|推迟)[到至]|计划(?=于|在|到|分|用|{_DAY}|新建|建设|实施|完成|启动|改造|开展|投入|安排)(?!{_C}{{1,12}}的)"
    ),
    ("loose", "将"): (
        "将(?=继续|持续|严格|进一步|按|根据|适时|尽快|组织|开展|对(?!口)|加强|督促|全面(?!完成|建成)|不断|会|加快|定期|积极|同步|及时|依法|予以|实行|推动|"
        "逐步|抓紧|深入|坚持|结合|着力)"
    ),
    ("due", "前"): rf"前(?<=[年月日底末旬初之以]前)(?![期往后提]),?(?:{_C}{{0,10}}?(?P<ended>{_ENDED}))?",
    ("goal", "到"): rf"到(?:\d{{4}}|[今明])年{_C}{{0,6}}?[底末月]?,?",
    ("done", "已了全超完到日解"): (
        rf"已经?(?![有是知逾超久然]|列入|暂停|[中终]止|停[工滞]|搁置)(?:{_C}{{0,16}}?(?:{_DONE})(?:到位|完毕|完成)?|[\u4e00-\u9fff]{{0,3}})"
        rf"|了(?<=(?:{_DONE})了)(?!解)|(?:完毕|到位|完成)(?<=(?:{_DONE})..)(?<!明确..)(?!的|时|情况|率|期限)"
        "|全部(?:按[期时])?(?:完成|通过|结束|销号|办结|结案|退还|归还|整改(?:到位|完成))|超额完成|超[出过](?:原定|年度|预定)?(?:目标|计划)"
        r"|解除列管|解列(?=[,。;)\s]|$)"
        r"|日(?<=\d日)(?:正式|全面|全部|顺利|如期)?(?:上线|启用|投用|投入(?:使用|运行)|通车|完工|竣工|建成)(?=[,。;])"
    ),
}
_CUE = regex(
    f"(?=[{''.join(sorted({char for _, chars in _CUES for char in chars}))}])(?:"
    + "|".join(f"(?=[{chars}])(?P<{name}>{pattern})" for (name, chars), pattern in _CUES.items())
    + ")"
)
_MEANS = {
    "next": "next", "unbegun": "planned", "undone": "in_progress", "blocked": "blocked", "rest": "in_progress",
    "going": "in_progress", "long": "long_term", "lasting": "lasting", "firm": "planned", "loose": "loose",
    "goal": "goal",
}  # fmt: skip
# A share of what is to be done: 完成工程量的35%, 办结率100%, 完成投资的六成.
_SHARE = regex(
    rf"(?:完成|解决|办结|落实|整改|销号|结案|竣工|(?<!预定)(?<!计划)(?<!预期)进度)率?{_C}{{0,16}}?(?:(?P<percent>\d{{1,3}}(?:\.\d+)?)%|[一二三四五六七八九]成)$"
)
_MARK = regex("(?:已经?)?(?:全部)?(?:完成整改|整改完成|完成|办结|销号|整改到位)。?")  # all that a cell says

# Words before and behind a cue that only says which things are meant: 对 未安装 的商户, 把 已销号 问题.
_GUARDED = frozenset({"done", "undone", "blocked", "firm", "unbegun", "long"})
_BESIDE = regex(
    rf"(?:对|把|将|向|按照?|根据|依据|参照|利用|防止|避免|查明|清退|解决|杜绝|针对|其中|部分|督促|因|的){_C}{{0,8}}$"
)
_OF_WHICH = regex(rf"(?:{_C}{{0,12}}?的|[^,。;:!?\n的]{{0,4}}(?:问题|事项|任务|项目|案件|[件项户个家]))")
_WHICH = regex(
    rf"已经?(?:(?:(?:{_DONE}|到位|完毕){{1,3}}|[\u4e00-\u9fff]{{2}})的"
    r"|(?:竣工|完工|销号|结案|办结|整改|建成|验收){1,2}(?:的|问题|项目|小区|事项|任务|案件|工程|\d{1,5}[件项户个家处](?:问题|项目|小区|事项|任务|案件|工程)))"
)
_AMOUNT = regex(
    r"(?<![第\d.])(\d{1,9}(?:\.\d+)?)[余多]?([个项件条家户起名处份笔座台套辆栋所间盏棵株人公里米吨万亩亿元])"
)
_OF_ALL = regex(r",?占(?:比|总数的)?(?P<percent>\d{1,3}(?:\.\d+)?)%")
_OF_SOME = regex(rf"\d{{1,5}}[件项户个家处名宗起条]{_C}{{0,5}}中,?$")
# Before what is not said with 已: it is still to be done.
_TO_BE = regex(rf"(?:将|拟|须|应|需|要求|确保|力争|争取|计划|务必|必须){_C}{{0,12}}$")
_BUILT_ON = regex(rf"{_C}{{0,20}}?基础上")  # 在已上线17个的基础上 says where it begins
_SO_FAR = regex("目前,?$")
_CLAUSE_END = regex(r"[,。;!?\n]")
_SENTENCE_END = regex(r"[。!?\n]")
_BOOK = regex(r"《[^《》]{0,120}》")
_UNTIL = regex(r"截[至止][到至]?(\d{4})年(\d{1,2})月(\d{1,2})日")
# A sentence about the matter as a whole: 该问题已销号。 整改状态：持续推进 (已完成)
VERDICT = regex(
    r"(?=[该本此上以整完办销任工目状进结管列追([【])(?:(?:[该本此]|上述|以上)[项个类条]?(?:具体|反馈)?(?:问题|任务|事项|工作|建议|意见|整改任务)[^。;\n]{0,16}"
    r"|(?:管考|列管|追踪)(?:建议|结论|意见)\s?:\s?[^。;\n]{1,20}"
    r"|(?<!预定)(?<!计划)(?<!预期)(?:整改|完成|办理|销号|任务|工作|目前)?(?:状态|进度|结果)\s?:\s?[^。;,\n]{1,20}(?:,[^。;,\n]{0,8}(?:序时|时序)[^。;,\n]{0,4})?"
    r"|[(【\[](?:已|正在|持续|长期|尚未|未)[^)】\]\n]{1,12}[)】\]]\s?(?=[。;\n]|$))"
)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the cue at `[start, end)` says: a kind, or loose, lasting, next and goal, which weigh less than a kind."""

    of: str
    start: int
    end: int


def status(
    text: str, start: int = 0, end: int | None = None, times: Sequence[When] = (), said: str | None = None
) -> Status:
    """Return how far a measure has got by the wording of `text[start:end]`.

    A sentence that judges the matter as a whole (该问题已销号) decides alone, the last one if there are several.

    Args:
        text: the whole text, or at least what holds the measure.
        start: where the measure begins.
        end: where it ends; the end of the text if it is left out.
        times: the times of the text, in order; those of kind `as_of` say of which day the wording speaks. Without them
            only a full date (截至2024年11月8日) does.
        said: the day, ISO 8601, of which the document speaks. With it and the times, a day by which something is due
            says what is planned only if it is still to come, and then whatever is due.
    """
    end = len(text) if end is None else end
    words = fold(text[start:end])
    if "《" in words:
        words = _BOOK.sub(lambda book: "《" + " " * (len(book.group()) - 2) + "》", words)
    if _MARK.fullmatch(words.strip()):
        return Status("closed", start + len(words) - len(words.lstrip()), start + len(words.rstrip()))
    near = [when for when in times if start <= when.start < end] if times else []
    days = _Days({when.end - start: when.end_date for when in near if when.kind == "by"}, said)
    found = None
    for verdict in reversed(list(VERDICT.finditer(words))):
        found = found or _decide(_evidence(words, *verdict.span(), days))
    found = found or _decide(_evidence(words, 0, len(words), days))
    if not found:
        return UNSTATED
    kind, at = found
    return Status(kind, start + at.start, start + at.end, _as_of(words, at.start, start, near))


def task_status(measures: Iterable[Status]) -> Status:
    """Return the status of a task: that of its least advanced measure, the first such; unstated ones do not count."""
    stated = [measure for measure in measures if measure.kind != "unstated"]
    return min(stated, key=lambda measure: LEAST_ADVANCED.index(measure.kind), default=UNSTATED)


class _Days(NamedTuple):
    """The days by which something is due, by the offset at which their words end; and the day of which is spoken."""

    due: Mapping[int, str | None]
    said: str | None


def _evidence(words: str, start: int, end: int, days: _Days) -> Iterator[_Evidence]:
    """Yield what the cues in `words[start:end]` say."""
    goal = -1  # where the sentence of a goal ends
    for cue in _CUE.finditer(words, start, end):
        name, first, last = cue.lastgroup or "", cue.start(), cue.end()
        if name in _GUARDED and _tells_which(words, cue):
            continue
        if name in _READERS:
            found = _READERS[name](words, cue, days)
            # 到2025年底全部完成 is a goal, 到2025年底已完成3个 is not.
            if found and not (name == "done" and first < goal and words[first] != "已"):
                yield found
            continue
        if name == "goal":
            stop = _SENTENCE_END.search(words, last) if last > goal else None
            goal = max(goal, stop.start() if stop else len(words))
        yield _Evidence(_MEANS[name], first, last)


def _tells_which(words: str, cue: re.Match[str]) -> bool:
    """Return whether the words of a cue only say which things are meant: 已完成的任务, 对未安装的商户."""
    first, last = cue.span()
    if cue.lastgroup == "done" and _WHICH.match(words, first):
        return True
    return bool(_BESIDE.search(words, max(0, first - 10), first) and _OF_WHICH.match(words, last))


def _share(words: str, cue: re.Match[str], days: _Days) -> _Evidence | None:
    """Read a share of what is to be done: 完成工程量的35%, 办结率100%, 完成投资的六成."""
    share = _SHARE.search(words, max(0, cue.start() - 28), cue.end())
    return _Evidence(_all(share["percent"]), share.start(), cue.end()) if share else None


def _all(percent: str | None) -> str:
    return "closed" if percent and float(percent) >= 100 else "in_progress"


def _some(words: str, cue: re.Match[str], days: _Days) -> _Evidence | None:
    """Read that some are, and so others are not: 18个村中已有12个完成."""
    some = _OF_SOME.search(words, max(0, cue.start() - 12), cue.end())
    return _Evidence("in_progress", some.start(), cue.end()) if some else None


def _due(words: str, cue: re.Match[str], days: _Days) -> _Evidence | None:
    """Read that something is to be done by a day to come."""
    first, last = cue.span()
    stop = _CLAUSE_END.search(words, last, last + 60)
    lead, clause = max(0, first - 14), stop.start() if stop else last + 60
    if "每" in words[lead:first] or "已" in words[lead:clause]:
        return None
    day = next((days.due[place] for place in range(first + 1, last + 1) if place in days.due), None)
    if not (day > days.said if day and days.said else cue["ended"]):
        return None
    while first > 0 and words[first - 1] in "0123456789年月日底末旬初上中下 ":
        first -= 1
    return _Evidence("planned", first, last)


def _done(words: str, cue: re.Match[str], days: _Days) -> _Evidence | None:
    """Read that something is done, all of it or a part."""
    first, last = cue.span()
    if (words[first] != "已" and _TO_BE.search(words, max(0, first - 14), first)) or _BUILT_ON.match(words, last):
        return None
    share = _OF_ALL.search(words, last, last + 14)
    of = (
        _all(share["percent"])
        if share
        else "in_progress"
        if words[first] != "超" and _is_part(words, first, last)
        else "closed"
    )
    # The verb stands before what says that it is done: 制定了, 修复完毕.
    return _Evidence(of, first - 2 if words[first] in "了完到" else first, last)


def _is_part(words: str, first: int, last: int) -> bool:
    """Return whether what is done is fewer than what there is: 12处已补齐5处, 8件中有6件已结案, 目前已移交7个."""
    behind = _AMOUNT.search(words, first, last + 8)
    if behind and _SO_FAR.search(words, max(0, first - 6), first) and "全部" not in words[first:last]:
        return True
    begin = max(0, first - 60)
    begin = max((stop.end() for stop in _SENTENCE_END.finditer(words, begin, first)), default=begin)
    if behind and _is_short_of_goal(words[max(0, begin - 160) : begin], words[first:last], behind):
        return True
    before = list(_AMOUNT.finditer(words, begin, first))
    done = behind or (before.pop() if before and first - before[-1].end() <= 4 else None)
    return done is not None and any(all_[2] == done[2] and float(all_[1]) > float(done[1]) for all_ in before)


def _is_short_of_goal(before: str, done: str, amount: re.Match[str]) -> bool:
    """Return whether an earlier sentence wants more of the same: 三年开办120个……已开办76个, 目标42个……建成23个."""
    verb = re.escape(done[1:3])
    goals = re.finditer(
        rf"(?:目标|(?:三年|两年|全年|年内|计划|共需|应){_C}{{0,4}}{verb}|{verb}{_C}{{0,10}}?)(\d{{1,9}}){amount[2]}",
        before,
    )
    return any(float(goal[1]) > float(amount[1]) for goal in goals)


_READERS = {"share": _share, "some": _some, "due": _due, "done": _done}
_RANKS: tuple[tuple[str, StatusKind], ...] = (
    ("blocked", "blocked"), ("in_progress", "in_progress"), ("long_term", "long_term"), ("planned", "planned"),
    ("goal", "planned"), ("closed", "closed"), ("lasting", "long_term"), ("loose", "planned"), ("next", "planned"),
)  # fmt: skip


def _decide(found: Iterable[_Evidence]) -> tuple[StatusKind, _Evidence] | None:
    """Return the kind that the evidence comes to, and the evidence that decides; None where there is none."""
    first: dict[str, _Evidence] = {}
    for at in found:
        if at.of == "next" and first:
            break  # what comes next says how far it is only where nothing else does
        first.setdefault(at.of, at)
    if "planned" in first and "blocked" in first and first["planned"].start > first["blocked"].start:
        return "planned", first["planned"]  # 采暖季前无法施工，拟于3月启动
    if "planned" in first and "closed" in first and not first.keys() & {"blocked", "in_progress"}:
        return "in_progress", first["planned"]  # 完成了设计，将于12月底前完工
    return next(((kind, first[of]) for of, kind in _RANKS if of in first), None) if first else None


def _as_of(words: str, at: int, start: int, times: Sequence[When]) -> str | None:
    """Return the day of which the wording at `at` speaks: the last 截至 before it."""
    stated = [when.end_date for when in times if when.kind == "as_of" and when.end_date and when.start <= start + at]
    if stated:
        return stated[-1]
    until = list(_UNTIL.finditer(words, 0, at))
    try:
        return dt.date(*map(int, until[-1].groups())).isoformat() if until else None
    except ValueError:
        return None
