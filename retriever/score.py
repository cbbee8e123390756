"""How well a passage answers an ask.

The score follows a trial on 250 questions of clerks, whose weights were set by hand, equalled a logistic regression and
were never fitted on those questions: rank of the chunk, coverage of the question and of the ask by terms rare inside
the document, and whether the kind of value that is asked for stands there and not in the question already. What the
trial did not have is added with weights of the same order: headings, the whole document, years, states, signatures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.column import Column
from ingest.numeral import CHINESE, number
from retriever.field import fits
from retriever.passage import Passage, Source
from retriever.question import IN_FORCE, Ask, Question, terms
from retriever.records import row_at
from retriever.rule import governing, in_force, is_history
from retriever.scope import Place, fit, is_elsewhere
from retriever.value import NUMERAL, PATTERNS, Kind, holds, values

# Shares of the score: those of the trial's recipe, then fitted: the likelihood of the gold sentence among the
# candidates of 711 questions, held near what they were. One suite left out at a time, it came first for .824, not .800.
_RANK = 0.75
_QUESTION = 0.68
_ASK = 0.6
_INSIDE = 0.33
_TYPED = 0.2
_TOP = 0.25
_MEASURED = 0.3
_UNTYPED = 0.15
# What the trial did not have.
_STRICTLY_UNTYPED = 0.43  # where a date, a period, a frequency, a rate or a sum is asked for
_DOCUMENT = 0.8  # the share of the question's words in the whole document: a place or a body above all
_STATE = 0.4  # wording of the state that is asked for
_YEAR = 0.2
_FIELD = 0.4  # the line is the field that is asked for (督导单位：…), or another body's
_SERIES = 0.1  # the document is the latest of its series, or an earlier one, as asked
_PERIOD = 0.3  # a first and a last day, where both are asked for
_CLASH = 0.5  # the passage speaks of another year
_NUMBERS = 0.15
_ISSUE = 1.5  # a signature or an opening, where the question is about the document itself
_QUERY = 0.5  # the passage asks a question itself
_CONTACT = 1.0  # addresses and telephone numbers that nobody asked for

# What stands in the headings over a sentence names its matter almost as surely as the sentence itself.
_ABOVE = 0.8
_BESIDE = 0.3

STRICT: frozenset[Kind] = frozenset(
    ("date", "period", "frequency", "percent", "money", "name", "docno", "contact", "reason")
)
_UNIT = 1 << 20  # weights are counted in it: sums of whole numbers do not depend on their order
_FADED = 0.35  # of their weight count words that a follow-up only takes over
_OTHER = 0.6  # of theirs count words that documents may have for the spoken ones
_FOCUS = 0.5  # the document that a follow-up goes on with
_PLACE = 0.6  # the passage speaks of the place that is asked about, or of another one
_ASPECT = 0.35  # planned or come about, as asked
_GIVEN = 0.3  # the body stands where the question has its word: behind the verb (移交给谁), behind 向 (向谁申请)
_TO_WHOM = re.compile(r"(?P<verb>[\u3400-\u9fff]{2})[给到至]?(?:谁|哪[个家一]+(?:部门|单位|机关|局|机构))")
_TOWARDS = re.compile(
    r"[向跟找]?(?:谁|哪[个家一]+(?:部门|单位|机关|局|机构))(?P<verb>申请|报告|提出|报送|备案|登记|举报|投诉|缴纳|办理)"
)
_PLANNED = re.compile(
    "(?<!比)(?<!比原)(?<!比原定)计划(?!》)|拟|将|原定|要求|应当|力争|目标|底前|日前|以前|之前|预计|方案"
)
_CAME = re.compile(
    "已|于.{2,14}(?:完成|开工|投入|启用|印发|上线|完工|开放|到位)|实际|全年|截至|晚|提前|推迟|[日月](?:投入|开工|完成|上线|启用)"
    "|由[^,;。]{0,10}\\d[^,;。]{0,8}(?:提高|上升|下降|降低|增加|减少|增长)[到至为]"
)
_OF_THEM = ("其中", "其余", "余下")  # what a sentence that begins so speaks of stands in the one before
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
_STATED = re.compile(
    rf"哪(?P<count>[{CHINESE}\d]{{1,3}})(?P<unit>[个家所名位户处项条件座起宗间支只栋片段])"
)  # those of a known number are asked for
_KINDS_OF = re.compile("[种类个项条]([\u3400-\u9fff]{2})")  # 几种情形: of 有下列情形之一的
_CONTACT_LINE = re.compile("联系电话|通信地址|通讯地址|邮政编码|邮编|电子邮箱|传真|信箱")
_CONTACT_ASKED = re.compile("电话|地址|联系|邮箱|邮编|传真|热线|信箱|phone|address|contact|mail")
_ISSUED = re.compile("印发|发布|发文|下发|公布|出台|落款|签发|成文|公开|发出|issued?|publish")
_BASIS = re.compile("根据|依据|按照|为")
# 根据《…法》，制定本办法: what a rule rests on, as its first article says it.
_MADE_ON = re.compile("(?:根据|依据?|依照|按照|遵照)[^。;]{2,120}?(?:制定|订定|制订|拟订)")
_SPAN = re.compile(r"[号日天月年]到|从.{0,6}到|到哪|起止|期间|from .* to")
_SPAN_VALUE = re.compile(r"\d{1,2}[日月]\s*[至到—\-~]+\s*\d{1,4}")
_EARLIER = re.compile("原[来先定本]|当初|当时|首次|第一次|上[一次]|此前|之前的|起初|最初|前一")
_BOTH = re.compile("两次|前后|从.{1,8}(?:变|到|降|升|增|减)|相比|对比|变成|比[,，]")
# What comes about on a day: how it is asked for, and how documents say it. A day of something else answers nothing.
_EVENTS = (
    (re.compile("[动开][了的]?工|开建|开挖|进场|启动"), re.compile("[动开]工|开建|开挖|进场|启动|开始|奠基|起步")),
    (
        re.compile("投[用运产]|投入(?:使用|运行)|启用|通车|开业|开放|上线|运营"),
        re.compile("投[用运产]|投入|启用|通[车行]|开[业放通]|上线|运营|运行"),
    ),
    (re.compile("施行|生效|实施|执行(?!情)"), re.compile("施行|生效|实施|执行|起算?")),
    (re.compile("召开|开(?:的|了|过|哪|什么|几)?会"), re.compile("召开|会议|开会|例会|调度会|推进会")),
    (re.compile("验收"), re.compile("验收")),
    (re.compile("批复|批准|获批|核准"), re.compile("批[复准]|获批|核准|审批|同意")),
    (re.compile("到任|任命|上任"), re.compile("任")),
)
_DAY = re.compile(r"哪[一]?[天日]|几号|几[日]|which day|what date")
_DAY_VALUE = re.compile(r"月\s*(?:\d{1,2}|[一二三四五六七八九十廿]{1,3})\s*[日号]|\d{4}-\d{1,2}-\d{1,2}")
_FROM_WHEN = re.compile(
    "(?:什么时[候间]|何时|几时|啥时候?|哪一?[天年月日]|几[月号日]|开始|起)[^,?]{0,6}(?:施行|实施|实行|执行|生效|管用)"
)
# How people ask for a state, and how documents say it: open, closed, planned.
_STATES = (
    (
        re.compile("[没未]有?[^,?]{0,3}(?:完|成|结|好|办|改|销|到位|移交|拆|还)|还[有剩差欠]|剩|在推|正在|没弄|没做"),
        re.compile("推进|正在|尚未|未完成|未结|剩余|还剩|余下|其余|仍[在有需]|未销号|未整改|待"),
    ),
    (
        re.compile(
            "[完办改做弄]好?[了完结]|完成(?:了|整改|的)|销号|结案了|到位了|都.{0,4}完|完成没|完成[了过]?(?:吗|多少|几)"
        ),
        re.compile("已|完成|销号|办结|结案|到位|全部"),
    ),
    (re.compile("[^完办改做弄好结成到除]了(?:多少|几)"), re.compile("已|累计|共|全年")),
    (re.compile("(?:用|花|使|支出?|耗)[了掉](?:多少|几)"), re.compile("开支|支出|实际|已用|使用|执行|累计")),
    (_FROM_WHEN, re.compile("起(?:施行|实施|执行|生效)|日施行")),
    (IN_FORCE, re.compile("废止|失效|停止(?:执行|适用|施行)|有效期|继续有效|起施行")),
    (re.compile("打算|计划|准备|预计|下一步|将来|接下来"), re.compile("拟|将|计划|预计|力争|下一步|准备")),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage with its score for one ask, and the signs that it answers.

    Shares are 0 to 1, of terms weighted by their rarity: `coverage` of the question's terms, found in the passage or
    over it; `inside` in it alone. `typed` is the share of the kinds asked for that it holds; `measured` says that a
    number stands before the thing that is counted. `place` says whether it speaks of the places that the question
    names (1 yes to -1, of another one), `year` the same of years; 0 where none is named. `blank` says that it is a row
    of a table whose column for what is asked is empty, `elsewhere` that its document does not know the place. `own`
    is the coverage of the ask's own terms, `absent` the share of them that its document does not have, `rank` the
    share of its chunk's score of the best chunk's.
    """

    source: Source
    passage: Passage
    score: float
    coverage: float
    inside: float
    typed: float
    measured: float
    place: float
    year: float
    blank: bool = False
    elsewhere: bool = False
    own: float = 0.0
    absent: float = 0.0
    rank: float = 0.0

    @property
    def clash(self) -> bool:
        """Return whether the passage speaks of another year or place than the question."""
        return self.year < 0 or self.place < 0


_ROLE_COLUMNS: tuple[tuple[re.Pattern[str], tuple[Column, ...]], ...] = (
    (re.compile("牵头|主办|挑头|领头"), ("lead", "responsible")),
    (re.compile("配合|协办|协助|参与"), ("partner",)),
    (re.compile("督办|督导|督促|监督"), ("supervisor",)),
    (re.compile("谁|哪|负责|责任|归"), ("lead", "responsible", "person")),
)


def columns(ask: Ask) -> tuple[tuple[Column, ...], ...]:
    """Return the columns of a duty table in which the values stand that an ask wants, one tuple of choices a kind."""
    found: list[tuple[Column, ...]] = []
    if "body" in ask.kinds:
        found.append(next((columns for pattern, columns in _ROLE_COLUMNS if pattern.search(ask.text)), ("lead",)))
    if "date" in ask.kinds:
        found.append(("deadline",))
    if "status" in ask.kinds and "body" not in ask.kinds and "date" not in ask.kinds:
        found.append(("status",))
    return tuple(found)


class Scorer:
    """Scores the passages of one document for one question; what depends on the two alone is done once."""

    def __init__(
        self,
        question: Question,
        source: Source,
        tops: Sequence[bool],
        shares: Sequence[float],
        named: Sequence[Place] = (),
        *,
        homes: frozenset[Place] = frozenset(),
        age: int = 0,
    ) -> None:
        """Prepare.

        Args:
            question: what is asked.
            source: the document.
            tops: for each ask whether this document fits it best.
            shares: for each ask how much of its matter the document has, 0 to 1.
            named: the places asked about.
            homes: those of them that some document at hand is about.
            age: 1 where this is the latest of a series of documents at hand, -1 where it is an earlier one.
        """
        self._question = question
        self._source = source
        self._tops = tops
        self._known = values(question.topic)
        self._wanted = question.terms
        self._own = {ask.text: terms(ask.text) or self._wanted for ask in question.asks}
        every = self._wanted.union(*self._own.values())
        self._present = [term for term in every | question.others if term in source.folded or term in source.common]
        # What a document has no word for is not missed where the question says it in other words.
        others = question.others.intersection(self._present)
        self._wanted |= others
        self._own = {text: own | others for text, own in self._own.items()}
        faded = question.faded
        self._weights = {
            term: round(_UNIT * source.weight(term) * (_FADED if term in faded else _OTHER if term in others else 1.0))
            for term in every | others
        }
        self._shares = shares
        self._total = {wanted: self._sum(wanted) for wanted in (self._wanted, *self._own.values())}
        self._parted = len(set(question.matters)) > 1
        present = frozenset(self._present)
        self._absent = {
            text: self._sum(wanted - present) / (self._total[wanted] or 1) for text, wanted in self._own.items()
        }
        self._contact = bool(_CONTACT_ASKED.search(question.topic))
        self._asked = f"{question.topic} {question.formal}"
        self._places = {ask.text: _of_ask(ask, named) for ask in question.asks}
        self._elsewhere = {
            text: any(is_elsewhere(place, source, known=place in homes) for place in places)
            for text, places in self._places.items()
        }
        self._ages = {ask.text: age * _age(ask) for ask in question.asks}
        self._years = {ask.text: frozenset(ask.years) for ask in question.asks}
        self._states = {ask.text: [said for asked, said in _STATES if asked.search(ask.text)] for ask in question.asks}
        self._events = {
            ask.text: [said for asked, said in _EVENTS if "date" in ask.kinds and asked.search(ask.text)]
            for ask in question.asks
        }
        self._spans = {ask.text: "date" in ask.kinds and bool(_SPAN.search(ask.text)) for ask in question.asks}
        self._over: dict[int, frozenset[str]] = {}
        self._beside: dict[tuple[int, int], frozenset[str]] = {}

    def score(self, passage: Passage, rank: float) -> list[Candidate]:
        """Return the passage as a candidate for each ask; `rank` is its chunk's share of the best chunk's score."""
        source, question = self._source, self._question
        inside = self._found(passage.words)
        over = self._governing(passage)
        matter = source.matter(passage)
        beside = self._beside.get((matter.start, matter.end))
        if beside is None:
            beside = self._beside[matter.start, matter.end] = self._found(matter.of(source.folded))
        general = self._general(passage, rank)
        every = self._coverage(self._wanted, inside, over, beside)
        found = []
        for ask, top, share in zip(question.asks, self._tops, self._shares, strict=True):
            wanted = self._own[ask.text]
            own, own_whole = self._coverage(wanted, inside, over, beside)
            # Parts that have matters of their own are not answered by what speaks of the other part.
            coverage, whole = (own, own_whole) if self._parted else every
            typed, blank = self._typed(ask, passage)
            measured = _measured(ask, passage.words, question)
            score = (
                general
                + _QUESTION * coverage
                + _INSIDE * whole
                + _TOP * top
                + _DOCUMENT * share
                + _ASK * own
                + _TYPED * typed
                + _MEASURED * measured
            )
            if ask.kinds and not typed:
                strictly = STRICT & set(ask.kinds) or ask.kinds == ("number",)
                score -= _STRICTLY_UNTYPED if strictly else _UNTYPED
            asked = self._years[ask.text]
            years = source.years(passage) if asked else frozenset()
            year = 0.0 if not years else 1.0 if years & asked else -1.0
            if "date" in ask.kinds:
                year = max(0.0, year)
            score += -_CLASH if year < 0 else _YEAR * year
            places = self._places[ask.text]
            place = min((fit(place, passage, source) for place in places), default=0.0)
            score += _PLACE * min(place, 0.5) if place > 0 else _PLACE * place
            if ask.aspect:
                score += _ASPECT * _aspect(ask, passage.words)
            score += _STATE * any(said.search(passage.words) for said in self._states[ask.text])
            score += _FIELD * fits(ask, passage.words) + _SERIES * self._ages[ask.text]
            score += _GIVEN * _given(ask, passage.words)
            if self._spans[ask.text] and _SPAN_VALUE.search(passage.words):
                score += _PERIOD
            score += self._of_document(ask, passage)
            found.append(Candidate(
                source, passage, score, coverage, whole, typed, measured, place if places else 0.0, year, blank,
                self._elsewhere[ask.text], own, self._absent[ask.text], rank,
            ))  # fmt: skip
        return found

    def _governing(self, passage: Passage) -> frozenset[str]:
        """Return the terms in what a passage stands under: headings, names of columns, what 其中 is a part of."""
        over = self._over.get(passage.section)
        if over is None:
            over = self._over[passage.section] = self._found(self._source.above(passage.section))
        header = self._source.header(passage)
        if header:
            over = over | self._found(header)
        if passage.words.startswith(_OF_THEM):
            over = over | self._found(self._source.before(passage))
        return over

    def _general(self, passage: Passage, rank: float) -> float:
        """Return what a passage scores for every ask alike."""
        score = _RANK * rank
        score += _FOCUS * (self._source.document.id == self._question.focus)
        score += _NUMBERS * _same_numbers(self._question, passage.words)
        score -= _CONTACT * (not self._contact and _CONTACT_LINE.search(passage.words) is not None)
        score -= _CONTACT * is_history(passage.words, self._asked)
        return score - _QUERY * passage.words.endswith("?")

    def _found(self, words: str) -> frozenset[str]:
        return frozenset([term for term in self._present if term in words])

    def _coverage(
        self, wanted: frozenset[str], inside: frozenset[str], over: frozenset[str], beside: frozenset[str]
    ) -> tuple[float, float]:
        """Return two weighted shares of the wanted terms: found in, over or around the words; in the words alone."""
        total = self._total[wanted]
        if not total:
            return 0.0, 0.0
        within = self._sum(wanted & inside)
        above = self._sum((wanted & over) - inside)
        around = self._sum((wanted & beside) - inside - over)
        return (within + _ABOVE * above + _BESIDE * around) / total, within / total

    def _sum(self, found: frozenset[str]) -> int:
        return sum(map(self._weights.__getitem__, found))

    def _typed(self, ask: Ask, passage: Passage) -> tuple[float, bool]:
        """Return the share of the kinds asked for of which the passage holds a value that the question does not.

        And whether it is a row of a table whose cell for what is asked is empty: then it holds none.
        """
        if not ask.kinds:
            return 0.5, False
        record = row_at(self._source, passage.start)
        if record is not None:
            named = [name for name, _ in record.fields if len(name) > 1 and name in ask.text]
            empty = [name for name in record.blank if len(name) > 1 and name in ask.text]
            if named or empty:
                return len(named) / (len(named) + len(empty)), bool(empty)
        row = self._source.row(passage)
        if row is not None:
            table, line = row
            asked = [choices for choices in columns(ask) if any(column in table.columns for column in choices)]
            if asked and all(said.search(passage.words) for said in self._events[ask.text]):
                filled = sum(any(column in line.cells for column in choices) for choices in asked)
                return filled / len(asked), filled < len(asked)
        lead = governing(ask, self._source, passage)
        words = passage.words if lead is None else f"{lead.of(self._source.folded)} {passage.words}"
        held = {kind for kind in ask.kinds if holds(kind, words, self._known[kind])}
        if not all(said.search(passage.words) for said in self._events[ask.text]):
            held -= {"date"}  # of something else
        share = len(held) / len(ask.kinds)
        if "date" in held and _DAY.search(ask.text) and not _DAY_VALUE.search(passage.words):
            share -= 0.5 / len(ask.kinds)
        return share, False

    def _of_document(self, ask: Ask, passage: Passage) -> float:
        """Return what speaks for a signature or an opening where the question is about the document itself.

        Who issued it and when stands in its signature, its basis in its opening; both leave its matter out.
        """
        source = self._source
        if source.document.sections[passage.section].kind == "signature":
            wanted = bool({"body", "date"} & set(ask.kinds) and _ISSUED.search(self._question.topic))
        else:
            if "docno" in ask.kinds and passage.start < source.opening and PATTERNS["docno"].search(passage.words):
                return _ISSUE * source.about(self._wanted)
            if IN_FORCE.search(ask.text):
                return in_force(passage.words) * _ISSUE * source.about(self._wanted)
            opens = passage.start < source.opening and _BASIS.match(passage.words)
            wanted = "basis" in ask.kinds and bool(opens or _MADE_ON.search(passage.words))
        return _ISSUE * source.about(self._wanted) if wanted else 0.0


def _given(ask: Ask, words: str) -> bool:
    """Return whether a body stands where an ask wants one: behind its verb, or behind 向 before the verb."""
    if "body" not in ask.kinds:
        return False
    to = _TO_WHOM.search(ask.text)
    if to and not to["verb"].endswith(("给", "是")):
        return bool(re.search(rf"{to['verb']}[给到至]?[^,。;]{{0,8}}(?:{PATTERNS['body'].pattern})", words))
    towards = _TOWARDS.search(ask.text)
    return bool(towards and re.search(rf"向[^,。;]{{2,24}}{towards['verb']}", words))


def _aspect(ask: Ask, words: str) -> int:
    """Return 1 where the words speak of what is asked for, planned or come about, -1 where of the other only."""
    planned, came = bool(_PLANNED.search(words)), bool(_CAME.search(words))
    asked, other = (planned, came) if ask.aspect == "planned" else (came, planned)
    return (0 if other else 1) if asked else -int(other)


def _age(ask: Ask) -> int:
    """Return 1 where the latest word on a matter is asked for, -1 an earlier one, 0 where both are."""
    if _BOTH.search(ask.text) or ask.years:
        return 0
    return -1 if _EARLIER.search(ask.text) else 1


def _of_ask(ask: Ask, named: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places that an ask is about: its own, else those of the whole question."""
    own = tuple(place for place in named if place.stem in ask.text)
    return own or tuple(named)


def _same_numbers(question: Question, words: str) -> float:
    """Return the share of the question's numbers, spelled or in digits (两个, 2件), that stand in the words."""
    if not question.numbers:
        return 0.0
    held = {number(found) for found in re.findall(rf"\d+|[{CHINESE}]+", words)}
    return len(question.numbers & held) / len(question.numbers)


def _measured(ask: Ask, words: str, question: Question) -> float:
    """Return 1 where a new number stands before the thing that is counted, less where before its measure word alone."""
    stated = _STATED.search(ask.text)
    if stated and _so_many(number(stated["count"]), stated["unit"], words):
        return 1.0
    listed = _KINDS_OF.match(ask.measure)
    if listed and re.search(f"(?:下列|以下|如下){listed[1]}", words):
        return 1.0
    measure = ask.measure[1:] if ask.measure.startswith("个人") else ask.measure
    for length in range(len(measure), 0, -1):
        counted = _ALIKE.get(measure[0], re.escape(measure[0])) + re.escape(measure[1:length])
        for found in re.finditer(rf"(?<!月)(?<![\d{CHINESE}])({NUMERAL})[余多]?个?\s*{counted}", words):
            value = number(found[1].rstrip("余多"))
            if found.group() not in question.topic and (value is None or value not in question.numbers):
                return 1.0 if length > 1 else 0.6
    return 0.0


def _so_many(count: int | None, unit: str, words: str) -> bool:
    """Return whether folded words speak of so many things: 哪两项 are those of 未达标的2项为."""
    return any(number(found[1]) == count for found in re.finditer(rf"({NUMERAL})(?={unit})", words))
