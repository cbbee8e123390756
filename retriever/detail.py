"""Whether the detail that is asked for stands in a passage on its matter: names, units, sums, what came of a plan.

A passage on the right matter with a number, a body or a list in it looks like an answer; it is one only where these
are of the thing asked about.
"""

from __future__ import annotations

import datetime as dt
import re

from ingest.numeral import CHINESE, number
from ingest.regex import regex
from retriever.question import Ask
from retriever.records import row_at
from retriever.score import Candidate
from retriever.value import NUMERAL, SOMEBODY, holds

_CLASSIFIER = "[个家所名位户处项条件座起宗间支只]"
_WHICH = regex(rf"哪(?P<few>几|些|(?P<count>{NUMERAL}))?(?P<unit>{_CLASSIFIER})?(?P<noun>[\u3400-\u9fff]{{0,4}})")
# Those of whom a number is known: 那4家企业叫什么, 把六项建议列给我.
_THEM = regex(
    rf"(?P<count>{NUMERAL})(?P<unit>{_CLASSIFIER})(?P<noun>[^,?]{{0,14}}?)"
    r"(?:都|分别|各)?(?:叫(?:什么|啥)|(?:全部)?(?:列[出给举一]|逐一|一一))"
)
_TIMES = regex("[年月天日周季]|星期|小时|时")
_CALLED = regex("叫(?:什么|啥)")
# Persons of whom one wants to know who they are: 哪几位领导, 问责的19个人是哪些人.
_WHO = regex(
    rf"哪(?:几|{NUMERAL})(?:位|名|个(?:人|领导|干部))|哪(?:些|几个)(?:领导|干部|同志)"
    rf"|{NUMERAL}(?:个?人|[名位户][^,?]{{0,6}})(?:[都各]|分别)?(?:是|有|叫|包括)(?:谁|哪|什么|啥)"
)
# The name of a body that is known by what it does: 施工单位叫什么, 是哪家营造厂.
_NAMELESS = regex("(?:单位|公司|企业|厂家?|商|机构|院|校|学校|项目部)(?:的?(?:名称|全称))?(?:是)?叫(?:什么|啥)")
_JOINED = regex(r"[、,]|和|及|与|;")
# 明显落后的2项 names none of them; 东堤、南湾、石塘里三个 does.
_SO_MANY = regex(rf"(?:的|^|[较仅达到])(?:{NUMERAL}){_CLASSIFIER}$")
_LINKED = regex("[、;]|和|及|与")
_LISTS = regex(r"下列|如下|以下|\|")
_COUNTERS = "个家所名位户处项条件座起宗间"
# What has a name of its own, and how such names end; a list of them names each.
_THINGS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (regex("[^,]{0,4}公司"), "家", "公司|集团|商行"),
    (regex("[^,]{0,4}(?:企业|厂家?)"), "", "公司|企业|(?<!水)(?<!电)厂|集团|商行|中心"),
    (regex("[^,]{0,4}(?:学校|中学|小学|学院|幼儿园)"), "所", "小学|中学|学校|学院|大学|幼儿园"),
    (regex("[^,]{0,2}银行"), "家", "银行|信用社|农商行"),
    (regex("[^,]{0,2}法院"), "家", "法院"),
    (regex("[^,]{0,2}(?:协会|商会|学会)"), "家", "协会|商会|学会"),
    (regex("[^,]{0,4}(?:医院|卫生院|医疗机构)"), "", "医院|卫生院|诊所"),
    (regex("[^,]{0,2}(?:小区|社区)"), "", "小区|社区|新村|苑|里|花园|家园"),
    (regex("街道"), "", "街道"),
    (regex("[乡镇]"), "", "[乡镇]"),
    (regex("[县区](?!域)"), "", "[县区市]"),
    (regex("村(?!民)"), "", "村"),
)
_OFFICES = "[局委办院社所行站队会部处厅署科组]"  # 哪几家 may be of bodies
_TAIL = 4  # last characters of a name, by which a question says it too
_OWNERS = frozenset(end for _, unit, end in _THINGS if unit)  # 是哪家公司: one is asked for by name
_PEOPLE = regex("[^,]{0,6}(?:干部|人员?|职工|同志|党员|领导)$")
# Words before such an ending that are no name: 老旧小区, 涉事企业, 改扩建学校.
_GENERIC = regex(
    "(?:老旧|居民|住宅|新建|[改扩]建|有关|相关|各|部分|全市|涉事|涉及|重点|[配供]餐|餐饮|规上|国有|民营|中小|外贸|责任|所在|"
    "定点|民办|公办|寄宿制?|农村|城市|试点|示范|施工|建设|监理|中标|承建|第三方|投资|供水|供热|物业|保洁|下属|属地|辖区|封闭|"
    f"多个?|每个?|一个?|[{CHINESE}\\d余多个家所名位这那其该本])$"
)
_MONEY_NOUNS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (regex("投资|投入"), regex("投资|投入|总投|概算")),
    (regex("预算|经费|资金|费用|造价"), regex("预算|经费|资金|费|造价|概算|投资|投入|安排|拨|出资|补")),
    (regex("罚"), regex("罚")),
    (regex("判"), regex("判")),
    (regex("租金"), regex("租")),
    (regex("工资|薪"), regex("工资|薪|酬")),
)
# Units that stand behind their number wherever it is stated; those of one line say the same.
_UNITS = (
    "公里|千米|km", "公顷", "亩", "平方米|㎡|平米|平方公里", "立方米|方(?![签面案向式责])", "公?吨",
    "分(?!钟|之|管|局|别|期|类|批|项|工)", "分钟", "小时", "天|日|工作日", "晚|夜", "张", "部|台|梯", "辆|台",
    "宗|起|件|例|次|个案", "处|座|所|栋|幢|口|眼|个|项|家|条|段|片|户|宗|起|件|期|根|块|艘|只",
    "份", "盏", "岁", "名|人|位", "户",
)  # fmt: skip
_SUM = regex("[^,?]{0,4}(?:是|有|为|共|了|要|花|给|[^,?])?(?:多少|几)")
_FEW = regex(
    r"(?<!任何)(?<!每)(?!一个[^,。;]{1,4}一个)(?<!一个..)[一两首半](?:个|[家所名位户处项条件座起宗间支只次份人天年月日轮期套台部辆张])|双[方面]|均|全部|都|各|无|没有|未[发查]"
)  # how many, said without a number
_ASKED = regex(r"(?:多少|(?<![哪第])几)(?P<words>[\u3400-\u9fffa-z]{1,4})")
_CAME_ASKED = regex("实际(?!上)|到现在|到目前|至今|截至目前|(?:这次|如今|已经?).{1,12}了(?:多少|几)")
_PLAN = regex("方案|计划|要点|清单|分工|规划")
_PLANNED = regex("计划(?!》)|[拟将](?![^,。;]{0,8}已)|预计|力争|目标")
_CAME = regex("已|累计|截至|实际|同比|增长|下降|新增|[完建改拆查]了|至今|目前|\\d+月底?完成了?[^前]|晚|提前|推迟")
_TARGET = regex(r"(?:力争)?到20\d\d年(?:[底末]|\d+月)?[底末]?,?(?!.*已)")
_NUMBERED = regex(rf"第(?P<number>[{CHINESE}\d]{{1,3}})(?P<noun>(?![项条件段个批季])[\u3400-\u9fff]{{2}})")
_CODE = regex(r"(?<![a-z0-9])([a-z]{1,4})(\d[\d.]*)(?![a-z0-9])")
_YEAR_END = regex(r"(?P<year>20\d\d)年?(?:年?[底末]|12月)")
_STATE_THEN = regex("还[剩有差欠]|剩下?|没[完改办]|未完成|完成了|[改办做建]完了?[多几没]")
_AIM = regex("目标|力争|计划|预计|到20\\d\\d年|底前")
_DATED = regex(r"月\s*\d{1,2}日")
# Of two or more kinds that documents tell apart the other ones are not the one that is asked about.
_KINDS = (
    ("丰水期", "枯水期", "平水期"), ("汛前", "汛后"), ("城镇", "农村", "乡村"), ("门诊", "住院"),
    ("小学", "初中", "高中", "幼儿园"), ("进口", "出口"), ("国有", "民营"), ("一期", "二期", "三期", "四期"),
    ("地表水", "地下水"), ("白天", "夜间"), ("线上", "线下"), ("新建", "改建", "扩建"),
    ("博士", "硕士", "本科"), ("公办", "民办"), ("左岸", "右岸"),
)  # fmt: skip
# What was done to so many: how it is asked for, and what a passage that says it has.
_ACTS = {
    "拆除": "拆", "新增": "增", "改造": "改|造", "关停": "关|停", "追回": "追|收|退", "约谈": "约谈",
    "立案": "立案|查处", "移送": "移[送交]", "培训": "训", "发放": "发|拨|付", "引进": "引|招", "复耕": "耕",
    "搬迁": "搬|迁", "淘汰": "淘汰|报废|更新", "种植": "种|植", "查封": "封", "吊销": "吊销", "录用": "录|聘|招",
}  # fmt: skip
_ACT = regex(f"(?P<act>{'|'.join(_ACTS)})(?:了|过|到)?(?:多少|几)")
# One of several that are told apart by their number alone, 第二人民医院, and one of another name, 燕州学院.
_NUMBERED_HOUSE = regex(
    rf"第(?P<number>[{CHINESE}\d]{{1,3}})(?![季批个次期项条轮届年])[\u3400-\u9fff]{{0,4}}?(?:医院|中学|小学|学校|幼儿园|厂|水库|监狱|法院)"
)
_HOUSE = regex(r"(?P<stem>[\u3400-\u9fff]{2})(?:大学|学院|医院|集团|银行|客运|中学|小学)")
_NTH = regex(rf"第([{CHINESE}\d]{{1,3}})")
_NO_STEM = regex(
    "[到去来在进往我你他她们这那哪本该各全某每的和与让请有没问]|人民|中心|公[立办]|职业|普通|乡镇|城区|基层|[省市县区乡]级|多少"
)
_MEAN = regex(r"(?:平均每?|每|月均|日均|年均|人均|户均)[\u3400-\u9fff]{0,4}\s*(?=\d)")
_ALL_ASKED = regex("(?:总共|一共|共计?|合计)[^,?]{0,4}(?:多少|几)|总数")
_ALL = regex("[总共]|合计|累计|全年")
_PERIOD = regex(r"第?[一二三四1-4]季度?|[上下]半年|q[1-4]")


def unnamed(ask: Ask, words: str) -> bool:
    """Return whether those who or what is asked for is counted in folded words, but not named."""
    if _WHO.search(ask.text) and not SOMEBODY.search(words):
        return True
    nameless = _NAMELESS.search(ask.text)
    if nameless and not _names(
        "公司|集团|商行|院|学校|[大中小]学" + "|厂" * ("厂" in nameless.group()), words, ask.text
    ):
        return True
    them = _THEM.search(ask.text)
    which = them or (_WHICH.search(ask.text) if {"list", "body"} & set(ask.kinds) or "哪" in ask.text else None)
    if which is None:
        return False
    unit, noun = which["unit"] or "", which["noun"] or ""
    if not them and _TIMES.match(noun):  # 哪几个月: a first and a last one say it
        return False
    if them and (unit in "名位" or _PEOPLE.match(noun)) and not SOMEBODY.search(words):
        return unit in "名位" or bool(_CALLED.search(ask.text))
    if which["count"] and unit and _only_counted(number(which["count"]), unit, words):
        return True
    several = bool(them or which["few"])
    wanted = min((number(which["count"]) if which["count"] else 2 if several else 1) or 2, 12)
    ending = next((end for thing, sign, end in _THINGS if thing.match(noun) or (not noun and sign == unit != "")), None)
    if ending is not None and not noun:
        ending = f"{ending}|{_OFFICES}"
    if ending is not None and (noun or "body" not in ask.kinds) and (several or ending in _OWNERS or unit == "家"):
        return _names(ending, words, ask.text) < min(wanted, 2)
    return several and (bool(them) or {"list"} == {"list", "body"} & set(ask.kinds)) and not _enumerates(words, wanted)


def _only_counted(count: int | None, unit: str, words: str) -> bool:
    """Return whether folded words say that there are so many, and neither before nor behind which they are."""
    found = [said for said in re.finditer(rf"({NUMERAL})个?{unit}", words) if number(said[1]) == count]
    for said in found:
        begin = max(words.rfind(mark, 0, said.start()) for mark in ",;。:") + 1
        behind = words[said.end() :]
        clause = words[begin : said.start()] + re.split("[,;。]", behind)[0]
        if re.search("[、和与及“「:(]|分别|[为是即]", clause) or re.match(
            "[^,;。]{0,8}[,;。]?(?:[^,;。]{0,2}中|一是|分别|即|包括|其中|为|是)", behind
        ):
            return False
    return bool(found)


def _names(ending: str, words: str, asked: str) -> int:
    """Return how many different names with such an ending stand in the words, and not in what is asked."""
    found = re.finditer(rf"(?P<stem>[\u3400-\u9fff]{{2,10}}?)(?:{ending})(?![{_COUNTERS}]\d)", words)
    return len(
        {name.group() for name in found if not _GENERIC.search(name["stem"]) and name.group()[-_TAIL:] not in asked}
    )


def _enumerates(words: str, wanted: int) -> bool:
    """Return whether the words are a list of so many things, or announce one."""
    if _LISTS.search(words):
        return True
    stretches = re.split(r"[。;:()]", words)
    named = (
        [part for part in _JOINED.split(words) if len(part) > 1 and not _SO_MANY.search(part)] for words in stretches
    )
    longest = max(map(len, named), default=0)
    return longest >= (wanted if _LINKED.search(words) else max(wanted, 3))  # two clauses with a comma are no list


def unmeasured(ask: Ask, candidate: Candidate) -> bool:
    """Return whether a number of some unit (分, 公里, 宗) is asked for and none of that unit is stated."""
    if "number" not in ask.kinds and "period" not in ask.kinds:
        return False
    asked = _ASKED.search(ask.text)
    if asked is None:
        return False
    unit = next((unit for unit in _UNITS if re.match(unit, asked["words"].removeprefix("个"))), None)
    if unit is None:
        return False
    row = row_at(candidate.source, candidate.passage.start)
    names = "|".join(name for name, _ in row.fields) if row else candidate.source.header(candidate.passage)
    words = f"{candidate.passage.words}|{names}"
    if unit.startswith("天"):
        words = _DATED.sub("", words)  # the 31st is no number of days
    return not re.search(rf"(?<![上下首每另])(?:{NUMERAL}|[\d半])\s*个?(?:{unit})|[(（](?:{unit})[)）]", words)


def averaged(ask: Ask, words: str) -> bool:
    """Return whether the number of all is asked for and folded words state what it is on average only."""
    if not _ALL_ASKED.search(ask.text) or re.search("平均|每|均", ask.text) or _ALL.search(words):
        return False
    return _MEAN.search(words) is not None


def unstated(ask: Ask, candidate: Candidate) -> bool:
    """Return whether only how many of something there are is asked for, and a passage states no number and no list."""
    if ask.kinds != ("number",) or candidate.typed or not _ASKED.search(ask.text):
        return False
    source, passage = candidate.source, candidate.passage
    return not _FEW.search(passage.words) and source.with_items(passage) is passage


def undone(ask: Ask, candidate: Candidate) -> bool:
    """Return whether it is asked to how many something was done (拆除了多少亩) of which a passage says no word."""
    asked = _ACT.search(ask.text)
    if asked is None:
        return False
    source, passage = candidate.source, candidate.passage
    around = passage.words + source.header(passage) + source.above(passage.section)
    return re.search(_ACTS[asked["act"]], around) is None


def unspent(ask: Ask, candidate: Candidate) -> bool:
    """Return whether money of some kind (总投资, 罚款) is asked for and the passage speaks of money of another."""
    if "money" not in ask.kinds:
        return False
    source, passage = candidate.source, candidate.passage
    around = passage.words + source.header(passage) + source.above(passage.section)
    sum_ = _SUM.search(ask.text)
    return sum_ is not None and any(
        asked.search(sum_.group()) and not said.search(around) for asked, said in _MONEY_NOUNS
    )


def unrealised(ask: Ask, candidate: Candidate) -> bool:
    """Return whether what came about is asked for and the passage is one of a plan."""
    if not {"number", "money", "percent"} & set(ask.kinds) or not _CAME_ASKED.search(ask.text):
        return False
    words = candidate.passage.words
    return bool(_PLAN.search(candidate.source.common) or _PLANNED.search(words)) and (
        _TARGET.match(words) is not None or not _CAME.search(words)
    )


def untimely(ask: Ask, candidate: Candidate) -> bool:
    """Return whether a quarter or half-year is asked about and the passage, or what governs it, names another."""
    asked = {_plain(found) for found in _PERIOD.findall(ask.text)}
    if not asked or "date" in ask.kinds:
        return False
    source, passage = candidate.source, candidate.passage
    said: set[str] = set()
    for words in (passage.words + source.header(passage), source.above(passage.section), source.common):
        found = {_plain(period) for period in _PERIOD.findall(words)}
        if asked & found:
            return False
        said |= found
    return bool(said) and not any(period in source.matter(passage).of(source.folded) for period in asked)


def unforeseen(ask: Ask, candidate: Candidate) -> bool:
    """Return whether a state at the end of a year is asked for that the document, written before, cannot state."""
    asked = _YEAR_END.search(ask.text)
    if asked is None or "date" in ask.kinds or ask.aspect == "planned" or not _STATE_THEN.search(ask.text):
        return False
    last = candidate.source.last_word
    words = candidate.passage.words
    return last is not None and last < dt.date(int(asked["year"]), 11, 1) and not _AIM.search(words)


def _plain(period: str) -> str:
    digits = str.maketrans("1234", "一二三四")
    period = period.translate(digits).removeprefix("第").removeprefix("q")
    return period if period.endswith("年") else period[0]


def otherwise(ask: Ask, candidate: Candidate) -> bool:
    """Return whether an ask names something by number or code (第三巡察组, pm10) and the passage another such."""
    source, passage = candidate.source, candidate.passage
    around = f"{passage.words} {source.above(passage.section)} {source.common}"
    for asked in _NUMBERED.finditer(ask.text):
        said = {found["number"] for found in _NUMBERED.finditer(around) if found["noun"] == asked["noun"]}
        if said and asked["number"] not in said and number(asked["number"]) not in {number(each) for each in said}:
            return True
    if _another_house(ask.text, f"{source.common} {source.folded}"):
        return True
    text = ask.text.replace("农业农村", "")  # a body
    if any(_of_another(one, kinds, ask, passage.words, around) for kinds in _KINDS for one in kinds if one in text):
        return True
    codes = set(_CODE.findall(around))
    return any(
        code not in codes and any(other[0] == name for other in codes)
        for code in _CODE.findall(ask.text)
        for name in (code[0],)
    )


def _another_house(asked: str, document: str) -> bool:
    """Return whether an ask is about a hospital, school or firm of which a folded document does not know the name."""
    numbered = _NUMBERED_HOUSE.search(asked)
    if numbered and number(numbered["number"]) not in {number(found) for found in _NTH.findall(document)}:
        return True
    named = _HOUSE.match(asked)  # it comes first; behind other words its name is not told from them (到医院)
    if named is None or _NO_STEM.search(named["stem"]) or _GENERIC.search(named["stem"]):
        return False
    return named["stem"] not in document


def _of_another(asked: str, kinds: tuple[str, ...], ask: Ask, words: str, around: str) -> bool:
    """Return whether each clause with a value of what is wanted speaks of other kinds than the one asked about."""
    others = [kind for kind in kinds if kind not in ask.text]
    if len(others) < len(kinds) - 1 or asked not in around:
        return asked not in around and any(kind in words for kind in others)
    stating = [clause for clause in re.split("[;。]", words) if any(holds(kind, clause) for kind in ask.kinds)]
    return bool(stating) and all(asked not in clause and any(kind in clause for kind in others) for clause in stating)
