"""What an ask looks for in a passage, read from its words once for the passages of all documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.numeral import CHINESE, number
from ingest.regex import regex
from retriever.question import IN_FORCE, Ask, Question, terms
from retriever.value import NUMERAL, PATTERNS, Kind, values

STRICT: frozenset[Kind] = frozenset(
    ("date", "period", "frequency", "percent", "money", "name", "docno", "contact", "reason")
)
_TO_WHOM = regex(r"(?P<verb>[\u3400-\u9fff]{2})[给到至]?(?:谁|哪[个家一]+(?:部门|单位|机关|局|机构))")
_TOWARDS = regex(
    r"[向跟找]?(?:谁|哪[个家一]+(?:部门|单位|机关|局|机构))(?P<verb>申请|报告|提出|报送|备案|登记|举报|投诉|缴纳|办理)"
)
# What counts the same things: 几条建议 are 21项建议, 几条船 are 3艘, 几天 are 30日 or 30个工作日.
_ALIKE = {
    counter: alike
    for counters, alike in (
        ("项条", "[项条件款艘只]"),
        ("件", "[项条件宗起份]"),
        ("宗起例", "[宗起件例]"),
        ("艘只", "[艘条只]"),
        ("台部辆", "[台部辆]"),
        ("名人位", "[名人位]"),
        ("栋幢", "[栋幢座]"),
        ("所间", "[所间家]"),
        ("棵株", "[棵株]"),
        ("天", "(?:天|(?:工作|自然)?日)"),
    )
    for counter in counters
}
_STATED = regex(
    rf"哪(?P<count>[{CHINESE}\d]{{1,3}})(?P<unit>[个家所名位户处项条件座起宗间支只栋片段])"
)  # those of a known number are asked for
_KINDS_OF = regex("[种类个项条]([\u3400-\u9fff]{2})")  # 几种情形: of 有下列情形之一的
_CONTACT_ASKED = regex("电话|地址|联系|邮箱|邮编|传真|热线|信箱|phone|address|contact|mail")
_SPAN = regex(r"[号日天月年]到|从.{0,6}到|到哪|起止|期间|from .* to")
_EARLIER = regex("原[来先定本]|当初|当时|首次|第一次|上[一次]|此前|之前的|起初|最初|前一")
_BOTH = regex("两次|前后|从.{1,8}(?:变|到|降|升|增|减)|相比|对比|变成|比[,，]")
# What comes about on a day: how it is asked for, and how documents say it. A day of something else answers nothing.
_EVENTS = (
    (regex("[动开][了的]?工|开建|开挖|进场|启动"), regex("[动开]工|开建|开挖|进场|启动|开始|奠基|起步")),
    (
        regex("投[用运产]|投入(?:使用|运行)|启用|通车|开业|开放|上线|运营"),
        regex("投[用运产]|投入|启用|通[车行]|开[业放通]|上线|运营|运行"),
    ),
    (regex("施行|生效|实施|执行(?!情)"), regex("施行|生效|实施|执行|起算?")),
    (regex("召开|开(?:的|了|过|哪|什么|几)?会"), regex("召开|会议|开会|例会|调度会|推进会")),
    (regex("验收"), regex("验收")),
    (regex("批复|批准|获批|核准"), regex("批[复准]|获批|核准|审批|同意")),
    (regex("到任|任命|上任"), regex("任")),
)
_DAY = regex(r"哪[一]?[天日]|几号|几[日]|which day|what date")
_FROM_WHEN = regex(
    "(?:什么时[候间]|何时|几时|啥时候?|哪一?[天年月日]|几[月号日]|开始|起)[^,?]{0,6}(?:施行|实施|实行|执行|生效|管用)"
)
# How people ask for a state, and how documents say it: open, closed, planned.
_STATES = (
    (
        regex("[没未]有?[^,?]{0,3}(?:完|成|结|好|办|改|销|到位|移交|拆|还)|还[有剩差欠]|剩|在推|正在|没弄|没做"),
        regex("推进|正在|尚[未余有欠]|未完成|未结|剩余|还剩|余下|其余|仍[在有需]|未销号|未整改|待"),
    ),
    (
        regex("(?:[动开]工|启动|开建|进场)了?(?:没|未|吗|么)|(?:是否|有没有)已?[^,?]{0,8}(?:[动开]工|启动)"),
        regex("[未已][^,。;]{0,4}(?:[动开]工|启动|进场)|[日月](?:正式|全面)?(?:[动开]工|启动|进场)"),
    ),
    (
        regex(
            "[完办改做弄]好?[了完结]|完成(?:了|整改|的)|销号|结案了|到位了|都.{0,4}完|完成没|完成[了过]?(?:吗|多少|几)"
        ),
        regex("已|完成|销号|办结|结案|到位|全部"),
    ),
    (regex("[^完办改做弄好结成到除]了(?:多少|几)"), regex("已|累计|共|全年")),
    (regex("(?:用|花|使|支出?|耗)[了掉](?:多少|几)"), regex("开支|支出|实际|已用|使用|执行|累计")),
    (_FROM_WHEN, regex("起(?:施行|实施|执行|生效)|日施行")),
    (IN_FORCE, regex("废止|失效|停止(?:执行|适用|施行)|有效期|继续有效|起施行")),
    (regex("打算|计划|准备|预计|下一步|将来|接下来"), regex("拟|将|计划|预计|力争|下一步|准备")),
)


@dataclass(frozen=True, slots=True)
class Aim:
    """What one ask looks for.

    `own` are its terms, those of the question where it has none. `age` is 1 where the latest word on a matter is asked
    for, -1 an earlier one, 0 where both are. `states` and `events` match how documents say the state and what comes
    about; `period` says that a first and a last day are asked for, `to_the_day` that a day is, no month, `strict` that
    a value is needed. `given` matches a body that stands where the question has its word, `counted` new numbers before
    the thing that is counted, each with how surely, and `stated` is the number of them that the question states.
    """

    ask: Ask
    own: frozenset[str]
    years: frozenset[str]
    aspect: str
    age: int
    states: tuple[re.Pattern[str], ...]
    events: tuple[re.Pattern[str], ...]
    period: bool
    to_the_day: bool
    in_force: bool
    strict: bool
    given: re.Pattern[str] | None
    counted: tuple[tuple[re.Pattern[str], float], ...]
    listed: re.Pattern[str] | None
    stated: tuple[re.Pattern[str], int | None] | None

    def happens(self, words: str) -> bool:
        """Return whether words speak of what comes about, if a day of that is asked for."""
        return all(said.search(words) for said in self.events)

    def measured(self, words: str, question: Question) -> float:
        """Return 1 where a new number stands before the thing that is counted, less where before its unit alone."""
        if self.stated and any(number(found[1]) == self.stated[1] for found in self.stated[0].finditer(words)):
            return 1.0  # 哪两项 are those of 未达标的2项为
        if self.listed and self.listed.search(words):
            return 1.0
        for pattern, sure in self.counted:
            for found in pattern.finditer(words):
                value = number(found[1].rstrip("余多"))
                if found.group() not in question.topic and (value is None or value not in question.numbers):
                    return sure
        return 0.0


@dataclass(frozen=True, slots=True)
class Aims:
    """What a question looks for: an `Aim` for each of its asks, and what they share.

    `known` are the values of the kinds asked for that the question states itself, which are no answer; `contact` says
    that it asks for addresses and telephone numbers.
    """

    question: Question
    each: tuple[Aim, ...]
    known: Mapping[Kind, frozenset[str]]
    contact: bool

    @classmethod
    def of(cls, question: Question) -> Aims:
        """Read the aims of a question."""
        return cls(
            question,
            tuple(_aim(ask, question.terms) for ask in question.asks),
            {kind: values(kind, question.topic) for ask in question.asks for kind in ask.kinds},
            bool(_CONTACT_ASKED.search(question.topic)),
        )


def _aim(ask: Ask, wanted: frozenset[str]) -> Aim:
    dated = "date" in ask.kinds
    stated, listed = _STATED.search(ask.text), _KINDS_OF.match(ask.measure)
    return Aim(
        ask,
        own=terms(ask.text) or wanted,
        years=frozenset(ask.years),
        aspect=ask.aspect,
        age=_age(ask),
        states=tuple(said for asked, said in _STATES if asked.search(ask.text)),
        events=tuple(said for asked, said in _EVENTS if dated and asked.search(ask.text)),
        period=dated and bool(_SPAN.search(ask.text)),
        to_the_day=bool(_DAY.search(ask.text)),
        in_force=bool(IN_FORCE.search(ask.text)),
        strict=bool(STRICT & set(ask.kinds)) or ask.kinds == ("number",),
        given=_given(ask),
        counted=_counted(ask),
        listed=re.compile(f"(?:下列|以下|如下){listed[1]}") if listed else None,
        stated=(re.compile(rf"({NUMERAL})(?={stated['unit']})"), number(stated["count"])) if stated else None,
    )


def _age(ask: Ask) -> int:
    if _BOTH.search(ask.text) or ask.years:
        return 0
    return -1 if _EARLIER.search(ask.text) else 1


def _given(ask: Ask) -> re.Pattern[str] | None:
    """Return what matches a body where an ask wants one: behind its verb, or behind 向 before the verb."""
    if "body" not in ask.kinds:
        return None
    to = _TO_WHOM.search(ask.text)
    if to and not to["verb"].endswith(("给", "是")):
        return re.compile(rf"{to['verb']}[给到至]?[^,。;]{{0,8}}(?:{PATTERNS['body'].pattern})")
    towards = _TOWARDS.search(ask.text)
    return re.compile(rf"向[^,。;]{{2,24}}{towards['verb']}") if towards else None


def _counted(ask: Ask) -> tuple[tuple[re.Pattern[str], float], ...]:
    """Return what matches a number before the thing that is counted, the whole of it first, its measure word last."""
    measure = ask.measure[1:] if ask.measure.startswith("个人") else ask.measure
    first = _ALIKE.get(measure[0], re.escape(measure[0])) if measure else ""
    return tuple(
        (
            re.compile(rf"(?<!月)(?<![\d{CHINESE}])({NUMERAL})[余多]?个?\s*{first}{re.escape(measure[1:end])}"),
            1.0 if end > 1 else 0.6,
        )
        for end in range(len(measure), 0, -1)
    )
