"""What is asked: a question becomes its asks, each with the kinds of value that would answer it."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass, replace
from typing import Literal

from ingest.body import bodies
from ingest.fold import fold
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from retriever.passage import years
from retriever.value import Kind
from retriever.wording import formal, written

Intent = Literal[
    "responsibility",
    "deadline",
    "status",
    "count",
    "list",
    "measure",
    "basis",
    "reason",
    "contact",
    "compare",
    "followup",
    "fact",
]

_MOST = 8  # parts of a question that are answered
LONGEST = 2_000  # characters of a question that are read; what follows is no question any more


def _words(*lines: str) -> re.Pattern[str]:
    return re.compile("|".join(lines))


# Whether a rule still holds: 这个办法还能用吗, 该通知失效了没.
IN_FORCE = regex(
    r"(?:办法|规定|条例|细则|通知|文件|意见|政策|标准|方案|决定|规章|规程|规则|准则|要点|法)[^,?]{0,6}"
    r"(?:还能?(?:用|管用|适用|算数|作数|有效)|能用|是否有效|有没有效|有效[吗么没]|有效期|失效|作废|废止|过期|废了)"
)

# What asks for which kinds of value, in the order in which an intent is named. All of them read folded text.
_ASKS: tuple[tuple[Intent, tuple[Kind, ...], re.Pattern[str]], ...] = (
    ("reason", ("reason",), _words(
        r"为什么|为何|为啥|咋没|怎么没|什么原因|原因是|因为什么|什么缘故|由于什么|凭啥|why\b",
    )),
    ("responsibility", ("name",), _words(
        r"(?:人|长|任|记|员|组|同志|领导|师|谁)(?:[是都]?谁)?叫(?:什么|啥)",
        r"姓什么|姓名|名字|哪位|什么人|name of the (?:director|head|chief)",
    )),
    ("contact", ("contact",), _words(
        r"(?:电话|手机|热线|邮箱|邮编|传真|地址|联系方式|号码).{0,6}(?:多少|几|什么|哪|啥|$)|怎么联系|联系方式|phone|e-?mail|address",
    )),
    ("deadline", ("frequency",), _words(
        r"(?:多久|多长时间).{0,6}(?:[一两]次|一回|一遍|几次)|几天一|频[次率]|隔多久|什么节奏|哪个周期|每隔",
        r"how often",
    )),
    ("deadline", ("date",), _words(
        r"什么时[候间]|何时|几时|啥时候?|哪一?[天年月日]|哪个月|几月|几号|几日|何年|多会儿",
        r"时限|期限|截[止至]|到期|底前|时间节点",
        r"when\b|what date|which (?:year|month|day|date)|by what|deadline|due\b|as of what",
    )),
    ("deadline", ("period",), _words(
        r"多久|多长时间|多少个?(?:工作日|天|日|年|小时|钟头|分钟|月)内?",
        r"几个?(?:工作日|天|小时|钟头|分钟|星期|礼拜)内?|几年内?|几个月内?|how long",
    )),
    ("responsibility", ("body", "person"), _words(
        r"谁|哪(?:个|家|些|几个|几家|一个?)?(?:单位|部门|机构|局|委|办(?!法)|科室?|处室?|组|公司|街道|区县|政府|负责)|哪家|哪一方|由哪",
        r"(?:单位|部门|机关|机构|主体|局处)(?:都|又|分别|各)?(?:[是为系叫有]|包括)(?:哪|谁|什么|啥|何)",
        r"牵头|归.{0,4}管|责任(?:单位|主体|人)|配合单位|主管|负责",
        r"who\b|whose|which (?:body|bureau|department|agency|office)|responsible",
    )),
    ("count", ("money",), _words(
        r"多少(?:钱|资金|经费|金额|投资|[万亿]?元)|花了多少|几[万亿]?元",
        r"(?:资金|金额|经费|投资|费用|总值|价值|罚款|钱|预算|造价|成本|价格|单价|租金|工资|收入)[是有为共总付定]*了?(?:多少|几)"
        r"|[收罚补给赔奖]多少|几个亿|how much money",
    )),
    ("count", ("percent",), _words(
        r"(?:率|比例|占比|比重|百分比).{0,6}(?:多少|几|怎)|百分之几|几成|(?:几|多少)个?(?:百分)?点(?![\u3400-\u9fff])|[^效频]率$",
        r"what (?:rate|percent|share)|percentage",
    )),
    ("count", ("number",), _words(
        r"多少|几多|(?<![哪第好这那十])几(?![乎何时月号日])|数量|总数|一共|多大|多高|比.{1,8}[高低多少增降]",
        r"how many|how much|number of",
    )),
    ("basis", ("docno",), _words(
        r"文号|发文字号|文件号|几号文|document number",
    )),
    ("basis", ("basis",), _words(
        r"依据|依(?:什么|哪)|根据(?:什么|哪)|按照?(?:什么|哪)|凭的?(?:什么|哪)|(?:哪[一二两三几]?[个份项部]?|什么)[新老旧上]?(?:位)?的?(?:文件|标准|规定|法律|条例|办法|方案|法(?![子院人官规]))",
        r"哪一条|第几条|on what basis|which (?:standard|law|document)",
    )),
    ("status", ("status",), _words(
        r"进展|进度|怎么样了|咋样|什么程度|哪一步|到哪(?!一?[天年月日]|[个家所](?!程度|阶段|步))|完成了?(?:没|吗|情况)|[了过有]没有|了没|没有[?？]?$|[了]?吗[?？]?$|是否",
        IN_FORCE.pattern,
        r"能不能|可不可以|能否|可否|准不准|许不许|要不要|需不需要|用不用",
        r"销号|状态|情况|结案|做完|投产|卡在|how far|status|progress|completed\?|closed",
    )),
    ("list", ("list",), _words(
        r"哪些|哪几|哪[二两三四五六七八九十\d]+|包括什么|有什么|(?:什么|哪种|何种)(?:情况|行为)|什么(?:内容|东西|条件|材料|要求|任务|问题|情形)|分别|各(?:是|由|有)|都有|都是啥|[叫是]啥|有啥",
        r"列出|清单|具体[是指有]|which\b|list\b|what are",
    )),
    ("measure", ("measure", "status"), _words(
        r"(?:什么|哪些|啥|何|[有没想])[^,?]{0,2}办法|(?:解决|处理|应对|处置|补救|改进)的?办法",
        r"怎么|如何|怎样|咋|措施|做法|采取|举措|什么(?:措施|办法|节奏|方式)|how (?:do|does|did|is|are|was|were)",
    )),
    ("compare", (), _words(r"相比|对比|区别|不同|哪个更|比较|compare|difference")),
)  # fmt: skip
_INTENTS: tuple[Intent, ...] = ("deadline", "responsibility", "count", "status", "list", "basis", "measure", "compare")

# Words that ask and say nothing about the matter; a question's terms are what remains. Longer ones first.
_EMPTY = _words(
    r"请问|麻烦|帮我|查一下|查查|看一下|告诉我|想知道|我想|什么时候|什么时间|啥时候|什么程度|多长时间|什么|怎么样了?|怎么|如何|怎样|咋样?",
    r"多少|哪一[个家天年]?|哪些|哪几[个家条项]?|哪[个家天年张里条份项]?|谁|几(?=[个项条家次件号月日天时名份张])|多久|何时|几时",
    r"是不是|是否|有没有|没有|了没|了吗|[呢吗吧啊呀的了是在有由被把给对和与及也都还又就]|那个|这个|那些|这些|那|这|它|其",
    r"具体|一共|总共|目前|现在|到底|究竟|搞|弄|一下|会|要|能|可以|应该|请|一次|一回|所有|各自|分别|各|为|从|到|于",
    r"\b(?:what|which|who|when|where|how|many|much|is|are|was|were|the|of|at|in|on|for|to|and|did|does|do|by|as|a|an)\b",
    r"\b(?:has|have|been)\b",
)
# Without one of these a piece names its matter (责任单位, 进展情况) and asks only where the whole question has none.
_INTERROGATIVE = _words(
    r"谁|什么|啥|哪|几|多少|怎|咋|吗|呢|没|是否|何|多[久长大高]|几|[?？]|[能以准许要用]不[能可准许要用需]|[能可]否",
    r"\b(?:what|which|who|whose|when|where|how|is|are|was|were|did|does|do|has|have)\b",
)
_QUOTED = regex(r"[“「『《\"][^”」』》\"]*[”」』》\"]")
_STOP = regex(r"[^\w%〔〕]+|_+")
_SPLIT = regex(r"[?？，,、；;]|(?<=[了吗呢])和")
_YEAR = regex(r"(?<!\d)((?:19|20)\d{2})(?!\d)|(?<!\d)(\d{2})年")
_DEPENDS = _words(
    r"^(?:那|它|其|还有|这|该|当时|另外|后来|然后|一起|比|同比|具体|第[一二三四五六七八九十\d]+个|and |what about)",
    r"呢[？?]|呢$|它|他们|这些|那些|上述|前面",
)
_AND = regex(r"那?(?:么)?(?P<of>(?![它其这那第]|还有)[^?]{2,12}?)呢")  # the same of another one
_NTH = regex(r"那?第[一二三四五六七八九十\d]+[个项条点]呢")  # says which one: what is asked of it follows
_SHORT = 8  # terms; a question with fewer is too short to stand on its own
_OWN_MATTER = 3  # bigrams; a follow-up with so many of its own names a matter of its own
_MEASURE = regex(r"(?:多少|(?<![哪第])几)([^\s多少几\d的了呢吗]{1,4})")


_PLANNED = regex(
    "计划(?!的)|原[定来先本]|本来|最初|起初|年初|定的|说好|要求|应该?在|打算|承诺|方案(?:里|中|上)?[定要写]|规定的?时|目标"
)
_ACTUAL = regex(
    "实际|结果是|真正|最后|后来|改[成为到]|调整[成为到]|(?:现在|目前|如今|已经?)[^,?]{0,10}(?:多少|几(?!时|月|号))"
)
# 甲和乙各多少: one ask for each of them.
_EACH = regex(
    r"^(?P<lead>[^?]{2,24},)?(?P<one>[^,。?]{2,16}?)(?:和|与|跟|同|及|、)(?P<other>[^,。?和与]{2,26}?)(?P<tail>,?(?:这?两[家个地县区市边者份]|各自?|分别)[^各]*[多几谁哪什怎何啥].*)$"
)


_A_YEAR = regex(r"(?:20)?\d{2}年?(?:度|[上下]半年|底|初)?|\d{2,3}年(?:度|底)?|今年|去年|明年|前年")
_LAST_YEAR = regex(rf"(?:{_A_YEAR.pattern})$")


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked: its words, the kinds of value that answer it, and the thing that is counted.

    `of` is the one of several of which it is asked in turn (甲局和乙局各…, 甲局…，乙局呢), else "".
    """

    text: str
    intent: Intent
    kinds: tuple[Kind, ...]
    measure: str = ""
    of: str = ""

    @property
    def aspect(self) -> Literal["planned", "actual", ""]:
        """Return whether what was planned is asked for, or what came of it."""
        planned, actual = _PLANNED.search(self.text), _ACTUAL.search(self.text)
        return "" if bool(planned) == bool(actual) else "planned" if planned else "actual"

    @property
    def years(self) -> tuple[str, ...]:
        """Return the years that this part names, in four digits."""
        return _years(self.text)


@dataclass(frozen=True)
class Question:
    """A question understood.

    `text` is what the person typed; `topic` is folded and holds what a follow-up leaves out; `numbers` are its whole
    numbers other than years, spelled or in digits. `context` are the words that a follow-up takes over, `focus` is the
    document that it goes on with. `formal` are words that documents may have for the spoken ones.
    """

    text: str
    topic: str
    intent: Intent
    asks: tuple[Ask, ...]
    years: tuple[str, ...]
    numbers: frozenset[int]
    context: str = ""
    focus: str | None = None
    formal: str = ""

    @functools.cached_property
    def terms(self) -> frozenset[str]:
        """Return the terms of the matter: see `terms`."""
        return terms(self.topic)

    @functools.cached_property
    def others(self) -> frozenset[str]:
        """Return the terms that documents may have for what the question says otherwise."""
        return terms(self.formal) - self.terms

    @functools.cached_property
    def matters(self) -> tuple[frozenset[str], ...]:
        """Return the terms of the matter of each ask: its own where it has enough of them, else the question's."""
        every = self.terms
        own = [terms(ask.text) for ask in self.asks]
        enough = [sum(len(term) > 1 for term in found) >= _OWN_MATTER for found in own]
        return tuple(found if len(own) > 1 and all(enough) else every for found in own)

    @functools.cached_property
    def faded(self) -> frozenset[str]:
        """Return the terms that a follow-up only takes over, where it has words of its own for another matter."""
        own = frozenset().union(*(terms(ask.text) for ask in self.asks))
        enough = sum(len(term) > 1 for term in own) >= _OWN_MATTER
        return terms(self.context) - own if self.context and enough else frozenset()


def depends(text: str) -> bool:
    """Return whether a question may leave out what it is about: it points back (那, 它, 呢) or is very short."""
    own = _read(text)
    return bool(_DEPENDS.search(own)) or len(terms(own)) < _SHORT


def parse(text: str, history: tuple[str, ...] = (), focus: str | None = None) -> Question:
    """Understand a question.

    A question that leaves its matter out takes it from the question before; what it asks for is its own, where it says.

    Args:
        text: what the person typed.
        history: the earlier questions of the conversation, oldest first.
        focus: the id of the document that the last answer came from.
    """
    own = _read(text)
    before = _read(history[-1]) if history else ""
    follows = bool(before) and depends(text)
    asks = _asks(own)[:_MOST]
    context = ""
    if follows:
        context = before
        if len(history) > 1 and depends(history[-1]):
            context = f"{_read(history[-2])} {before}"
        if not any(ask.kinds for ask in asks):
            asks = tuple(replace(ask, text=own) for ask in _asks(before)[-1:])
    topic = f"{context} {own}".strip()
    intent: Intent = min((ask.intent for ask in asks if ask.intent in _INTENTS), key=_INTENTS.index, default="fact")
    years = _years(own) or _years(topic)
    # 一户能养几条: a single one is no number that an answer repeats
    spelled = (number(found) for found in re.findall(rf"\d+|[{CHINESE}]+", topic) if found != "一")
    numbers = frozenset(value for value in spelled if value is not None and str(value) not in years)
    return Question(
        text, topic, "followup" if follows else intent, asks, years, numbers, context, focus if follows else None,
        formal(topic),
    )  # fmt: skip


def _read(text: str) -> str:
    return written(fold(text[:LONGEST]).strip())


@functools.lru_cache(maxsize=64)  # one question asks for its terms again and again
def terms(text: str) -> frozenset[str]:
    """Return the characters, bigrams, words and numbers of folded `text`, without the words that only ask."""
    found: set[str] = set()
    for run in _STOP.split(_EMPTY.sub(" ", text)):
        for piece in re.findall(r"[a-z0-9.%]+|[^a-z0-9.%]+", run):
            if piece[0].isascii():
                found.add(piece.strip("."))
            else:
                found.update(piece)
                found.update(piece[at : at + 2] for at in range(len(piece) - 1))
    return frozenset(found - {""})


def _years(words: str) -> tuple[str, ...]:
    found = [(year[1] or f"20{year[2]}") for year in _YEAR.finditer(words)]
    return tuple(dict.fromkeys([*found, *sorted(years(words) - set(found))]))


def _beside(one: str, other: str) -> str:
    """Return the name at the beginning of `other` that stands beside `one`; what follows it is said of both.

    It ends as the one before does (甲区和乙区完成整改的), or before a 的.
    """
    end = other.find(one[-1], 1) + 1
    if not end and "的" not in one:
        end = max(0, other.find("的"))
    return other[:end] or other


def _instead(asked: str, other: str) -> str:
    """Return what is asked with another year or name in it: 2024年建了几座, 2023年 gives 2023年建了几座.

    A body takes the place of a body; another name is taken to be as long as the one that ends like it, and is put
    before where none does.
    """
    if _A_YEAR.fullmatch(other) and _A_YEAR.search(asked):
        return _A_YEAR.sub(other, asked, count=1)
    named = next(iter(bodies(asked)), None)
    if named is not None and bodies(other):
        return f"{asked[: named.start]}{other}{asked[named.end :]}"
    end = asked.find(other[-1], len(other) - 1) + 1
    return f"{asked[: end - len(other)]}{other}{asked[end:]}" if end else f"{other}{asked}"


def _asks(own: str) -> tuple[Ask, ...]:
    """Split a question at its stops; a piece that asks nothing joins the next one, a last one the one before."""
    each = _EACH.match(own)
    if each is not None:
        one, other = each["one"], each["other"]
        name = _beside(one, other)
        said = other[len(name) :] + each["tail"]
        tail = re.sub("^,|各自|各|分别|这?两[家个地县区市边者份]", "", said)
        lead = (each["lead"] or "").rstrip(",")
        year = _LAST_YEAR.search(one)
        if year and _A_YEAR.fullmatch(name):  # 老旧小区改造2024跟2025各多少: the matter is the same
            lead, one = lead + one[: year.start()], year.group()
        return tuple(replace(ask, of=of) for of in (one, name) for ask in _asks(f"{lead}{of}{tail}"))
    asks: list[Ask] = []
    pieces = _pieces(own)
    plain = not any(_INTERROGATIVE.search(piece) for piece in pieces)
    # What stands before the first part that asks is the matter of all of them.
    lead = "" if plain else " ".join(itertools.takewhile(lambda piece: not _INTERROGATIVE.search(piece), pieces))
    held = ""
    for piece in pieces:
        other = _AND.fullmatch(piece) if asks and not held else None
        if other:
            asks.append(replace(asks[-1], text=_instead(asks[-1].text, other["of"]), of=other["of"]))
            continue
        intent, kinds = _kinds(piece)
        held = f"{held} {piece}".strip()
        if intent != "fact" and (plain or _INTERROGATIVE.search(piece)) and not _NTH.fullmatch(piece):
            measure = _MEASURE.search(piece)
            words = f"{lead} {held}" if asks and lead else held
            asks.append(Ask(words, intent, kinds, measure[1] if measure else ""))
            held = ""
    if held and asks:
        asks[-1] = replace(asks[-1], text=f"{asks[-1].text} {held}")
    return tuple(asks) or (Ask(own, "fact", ()),)


_OTHERWISE = _words(
    r"什么时[候间]|何时|几时|啥时|哪[一]?[天年月日]|哪个月|几[月号日]|多久|多长时间|多少|几[个项条家次]|为什么|为何|怎么没|完成了?[没吗]|[了完]没"
)
_SOMEBODY = regex(r"谁|[负责联]\S{0,2}人|哪[一]?位|领导|[组局市县区处科院校所站队厅部]长|主任|书记|归|管|牵头|负责|who")
_WHO_MAY = regex("谁(?:才|都|还)?(?:不能|不得|不可|能|可以|有资格|符合)(?!批|管|决定|审|牵头|负责)")
# Whether a rule lets somebody do something. Whether something will be done in time is another question.
_MAY = regex(
    r"能不能|可不可以|能否|可否|是否(?:可以|能|需要|必须|应当|允许)|准不准|许不许|要不要|需不需要|用不用"
    r"|(?:能|可以|允许|准许|需要|必须|适用|(?<![主重需次摘纪首])要(?![求点素件闻]))(?!按时|按期|如期)"
    r"(?![^,?]{0,12}(?:完|建成|到位|竣工|整改|销号|通车|开工))[^,?]{0,16}(?:吗|么|不)(?=$|[?,])"
)
_WHETHER = regex(r"[了过]没有?|没有?[?？]?$|[了过]吗")
_WHEN = regex(r"什么时|何时|几时|啥时|哪一?[天年月日]|哪个月|几[月号日]|何年|多会儿|时限|期限|截[止至]|到期|时间节点")
_WHO = _words(
    r"谁|哪(?!一?[天年月日]|个月)|[由归].{0,4}管|什么(?:单位|部门|人)|(?:单位|部门|牵头|负责|主管|配合|机关)(?:人|方)?[和与及跟、,]|"
    r"[和与及跟、,](?:牵头|责任|配合|主管|主办|承办|负责)|who\b|which|whose"
)


def _pieces(own: str) -> list[str]:
    """Return the parts of a question; what stands in quotes is not split."""
    masked = _QUOTED.sub(lambda quoted: "\0" * len(quoted.group()), own)
    pieces, at = [], 0
    for stop in _SPLIT.finditer(masked):
        pieces.append(own[at : stop.start()].strip())
        at = stop.end()
    return [piece for piece in (*pieces, own[at:].strip()) if piece]


def _found(bare: str) -> list[tuple[Intent, tuple[Kind, ...]]]:
    """Return the intents of a piece, each with its kinds of value; a 联系人 is somebody by name."""
    found = [(intent, wanted) for intent, wanted, pattern in _ASKS if pattern.search(bare)]
    if "联系人" not in bare:
        return found
    return [("responsibility", ("name",)) if "person" in wanted else (intent, wanted) for intent, wanted in found]


def _kinds(piece: str) -> tuple[Intent, tuple[Kind, ...]]:
    """Return what a piece asks for: its first intent, and the kinds of value, wider ones left out beside finer."""
    bare = _QUOTED.sub(" ", piece)
    found = _found(bare)
    kinds = {kind for _, wanted in found for kind in wanted}
    if _OTHERWISE.search(bare) and not _WHO.search(bare):  # 牵头单位哪天前要交说明: the body is not what is asked for
        kinds -= {"body", "person"}
    if _WHO_MAY.search(bare):  # 谁可以申请 asks for a class of people, not for a body
        kinds -= {"body", "person"}
        found.append(("status", ("permission",)))
        kinds.add("permission")
    if "status" in kinds and _MAY.search(bare) and not IN_FORCE.search(bare):  # 可以转让吗 asks for no progress
        kinds -= {"status"}
        found.append(("status", ("permission",)))
        kinds.add("permission")
    if "status" in kinds and _WHETHER.search(bare) and not _WHEN.search(bare):  # 年底前做完了没 asks for no date
        kinds -= {"date"}
    if "person" in kinds and not _SOMEBODY.search(bare):  # 哪个部门 asks for no person
        kinds -= {"person"}
    if "frequency" in kinds:
        kinds -= {"period", "number", "status"}
    if kinds & {"period", "percent", "money", "docno"} or (
        "date" in kinds and not re.search(r"多少|几[个项家次件名]", bare)
    ):
        kinds -= {"number"}
    if "list" in kinds:
        kinds -= {"measure"}
    if {"list", "measure"} & kinds and "body" not in kinds:
        kinds -= {"status"}
    ordered = tuple(dict.fromkeys(kind for _, wanted in found for kind in wanted if kind in kinds))
    return ("basis" if "docno" in kinds else found[0][0] if found else "fact"), ordered
