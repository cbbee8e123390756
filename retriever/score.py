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
from ingest.regex import regex
from retriever.aim import Aim, Aims
from retriever.field import fits
from retriever.passage import Passage, Source, years
from retriever.question import Ask, Question
from retriever.records import row_at
from retriever.rule import governing, in_force, is_history
from retriever.scope import Place, fit, is_elsewhere
from retriever.value import PATTERNS, holds

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

_UNIT = 1 << 20  # weights are counted in it: sums of whole numbers do not depend on their order
_FADED = 0.35  # of their weight count words that a follow-up only takes over
_OTHER = 0.6  # of theirs count words that documents may have for the spoken ones
_FOCUS = 0.5  # the document that a follow-up goes on with
_PLACE = 0.6  # the passage speaks of the place that is asked about, or of another one
_ASPECT = 0.35  # planned or come about, as asked
_GIVEN = 0.3  # the body stands where the question has its word: behind the verb (移交给谁), behind 向 (向谁申请)
_PLANNED = regex("(?<!比)(?<!比原)(?<!比原定)计划(?!》)|拟|将|原定|要求|应当|力争|目标|底前|日前|以前|之前|预计|方案")
_CAME = regex(
    "已|于.{2,14}(?:完成|开工|投入|启用|印发|上线|完工|开放|到位)|实际|全年|截至|晚|提前|推迟|[日月](?:投入|开工|完成|上线|启用)"
    "|由[^,;。]{0,10}\\d[^,;。]{0,8}(?:提高|上升|下降|降低|增加|减少|增长)[到至为]"
)
_OF_THEM = ("其中", "其余", "余下")  # what a sentence that begins so speaks of stands in the one before
_CONTACT_LINE = regex("联系电话|通信地址|通讯地址|邮政编码|邮编|电子邮箱|传真|信箱")
_ISSUED = regex("印发|发布|发文|下发|公布|出台|落款|签发|成文|公开|发出|issued?|publish")
_BASIS = regex("根据|依据|按照|为")
# 根据《…法》，制定本办法: what a rule rests on, as its first article says it.
_MADE_ON = regex("(?:根据|依据?|依照|按照|遵照)[^。;]{2,120}?(?:制定|订定|制订|拟订)")
_SPAN_VALUE = regex(r"\d{1,2}[日月]\s*[至到—\-~]+\s*\d{1,4}")
_DAY_VALUE = regex(r"月\s*(?:\d{1,2}|[一二三四五六七八九十廿]{1,3})\s*[日号]|\d{4}-\d{1,2}-\d{1,2}")


# Not frozen: of each question a hundred are made, and a frozen one takes eight times as long.
@dataclass(slots=True, eq=False)
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
    (regex("牵头|主办|挑头|领头"), ("lead", "responsible")),
    (regex("配合|协办|协助|参与"), ("partner",)),
    (regex("督办|督导|督促|监督"), ("supervisor",)),
    (regex("谁|哪|负责|责任|归"), ("lead", "responsible", "person")),
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
        aims: Aims,
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
            aims: what the question looks for.
            source: the document.
            tops: for each ask whether this document fits it best.
            shares: for each ask how much of its matter the document has, 0 to 1.
            named: the places asked about.
            homes: those of them that some document at hand is about.
            age: 1 where this is the latest of a series of documents at hand, -1 where it is an earlier one.
        """
        question = aims.question
        self._aims = aims
        self._question = question
        self._source = source
        self._tops = tops
        wanted, others, faded = question.terms, question.others, question.faded
        every = wanted.union(*(aim.own for aim in aims.each))
        self._present = [term for term in every | others if source.count(term) or term in source.common]
        # What a document has no word for is not missed where the question says it in other words.
        others = others.intersection(self._present)
        self._wanted = wanted | others
        self._own = [aim.own | others for aim in aims.each]
        self._weights = {
            term: round(_UNIT * source.weight(term) * (_FADED if term in faded else _OTHER if term in others else 1.0))
            for term in every | others
        }
        self._shares = shares
        self._total = {wanted: self._sum(wanted) for wanted in (self._wanted, *self._own)}
        self._parted = len(set(question.matters)) > 1
        present = frozenset(self._present)
        self._absent = [self._sum(wanted - present) / (self._total[wanted] or 1) for wanted in self._own]
        self._asked = f"{question.topic} {question.formal}"
        self._places = [_of_ask(aim.ask, named) for aim in aims.each]
        self._elsewhere = [
            any(is_elsewhere(place, source, known=place in homes) for place in places) for places in self._places
        ]
        self._age = age
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
        for at, aim in enumerate(self._aims.each):
            ask, wanted, places = aim.ask, self._own[at], self._places[at]
            own, own_whole = every if wanted == self._wanted else self._coverage(wanted, inside, over, beside)
            # Parts that have matters of their own are not answered by what speaks of the other part.
            coverage, whole = (own, own_whole) if self._parted else every
            typed, blank = self._typed(aim, passage)
            measured = aim.measured(passage.words, question)
            score = (
                general
                + _QUESTION * coverage
                + _INSIDE * whole
                + _TOP * self._tops[at]
                + _DOCUMENT * self._shares[at]
                + _ASK * own
                + _TYPED * typed
                + _MEASURED * measured
            )
            if ask.kinds and not typed:
                score -= _STRICTLY_UNTYPED if aim.strict else _UNTYPED
            said = self._years(passage) if aim.years else frozenset()
            year = 0.0 if not said else 1.0 if said & aim.years else -1.0
            if "date" in ask.kinds:
                year = max(0.0, year)
            score += -_CLASH if year < 0 else _YEAR * year
            place = min((fit(place, passage, source) for place in places), default=0.0)
            score += _PLACE * min(place, 0.5) if place > 0 else _PLACE * place
            if aim.aspect:
                score += _ASPECT * _aspect(aim.aspect, passage.words)
            score += _STATE * any(said.search(passage.words) for said in aim.states)
            score += _FIELD * fits(ask, passage.words) + _SERIES * self._age * aim.age
            score += _GIVEN * (aim.given is not None and aim.given.search(passage.words) is not None)
            if aim.period and _SPAN_VALUE.search(passage.words):
                score += _PERIOD
            score += self._of_document(aim, passage)
            found.append(Candidate(
                source, passage, score, coverage, whole, typed, measured, place, year, blank, self._elsewhere[at], own,
                self._absent[at], rank,
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
        score -= _CONTACT * (not self._aims.contact and _CONTACT_LINE.search(passage.words) is not None)
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

    def _years(self, passage: Passage) -> frozenset[str]:
        """Return the years that a passage speaks of: of a row of a table those that its columns are named after."""
        record = row_at(self._source, passage.start)
        named = years(" ".join(name for name, _ in record.fields)) if record else frozenset()
        return named or self._source.years(passage)

    def _typed(self, aim: Aim, passage: Passage) -> tuple[float, bool]:
        """Return the share of the kinds asked for of which the passage holds a value that the question does not.

        And whether it is a row of a table whose cell for what is asked is empty: then it holds none.
        """
        ask = aim.ask
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
            if asked and aim.happens(passage.words):
                filled = sum(any(column in line.cells for column in choices) for choices in asked)
                return filled / len(asked), filled < len(asked)
        lead = governing(ask, self._source, passage)
        words = passage.words if lead is None else f"{lead.of(self._source.folded)} {passage.words}"
        held = {kind for kind in ask.kinds if holds(kind, words, self._aims.known[kind])}
        if not aim.happens(passage.words):
            held -= {"date"}  # of something else
        share = len(held) / len(ask.kinds)
        if "date" in held and aim.to_the_day and not _DAY_VALUE.search(passage.words):
            share -= 0.5 / len(ask.kinds)
        return share, False

    def _of_document(self, aim: Aim, passage: Passage) -> float:
        """Return what speaks for a signature or an opening where the question is about the document itself.

        Who issued it and when stands in its signature, its basis in its opening; both leave its matter out.
        """
        source, ask = self._source, aim.ask
        if source.document.sections[passage.section].kind == "signature":
            wanted = bool({"body", "date"} & set(ask.kinds) and _ISSUED.search(self._question.topic))
        else:
            if "docno" in ask.kinds and passage.start < source.opening and PATTERNS["docno"].search(passage.words):
                return _ISSUE * source.about(self._wanted)
            if aim.in_force:
                return in_force(passage.words) * _ISSUE * source.about(self._wanted)
            opens = passage.start < source.opening and _BASIS.match(passage.words)
            wanted = "basis" in ask.kinds and bool(opens or _MADE_ON.search(passage.words))
        return _ISSUE * source.about(self._wanted) if wanted else 0.0


def _aspect(asked: str, words: str) -> int:
    """Return 1 where the words speak of what is asked for, planned or come about, -1 where of the other only."""
    planned, came = bool(_PLANNED.search(words)), bool(_CAME.search(words))
    wanted, other = (planned, came) if asked == "planned" else (came, planned)
    return (0 if other else 1) if wanted else -int(other)


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
