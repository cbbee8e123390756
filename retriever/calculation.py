"""Answers that no sentence states but its figures give: a sum, a difference, a share, the value before a change.

Only where the operands stand in the documents, are of one kind and one unit, and each is plainly the one that is meant;
what a sentence states itself is quoted instead. The claim is derived (`retriever.derivation`), so it is recomputed
before it reaches the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.document import Span
from ingest.figure import Figure, figures
from ingest.regex import regex
from ingest.sentence import trim
from retriever.derivation import Difference, Earlier, Operand, Rate, Sum
from retriever.passage import Source
from retriever.question import Question, terms
from retriever.records import Record, groups
from retriever.score import Candidate

_LOOKED_AT = 8  # candidates among which the figures are looked for
_PASSAGES = 24  # of which the figures of two things are looked for
_ENOUGH = 0.45  # of the question's words are those of the sentence, its item or its headings
_BOTH = 0.6  # of the pairs of the question stand beside the two figures or over them
_TOGETHER_SAID = 0.5  # what it counts that one sentence or row holds both figures
_SAID_BEFORE = 80  # characters of the sentence before one that begins with 其中
_DOCUMENTS = 2  # whose figures are set against each other
_LONGEST = 300  # characters of an item of which a share is taken
_MOST = 12  # operands of a sum

# 517起，比2023年减少88起: the period or thing that is gone out from, and the change.
_CHANGE = regex(
    r"[比较](?P<than>[^,。;比较]{1,12}?)(?:相比)?,?[又还均各共净]?(?:增加|增长|新增|上升|提高|提升|扩大|减少|下降|降低|回落|压减|缩短|缩小|[多少高低升降])[了出到]?(?=\d)"
)
_LAST = regex("[上去]一?年(?:度|底|末)?")
_A_YEAR = regex(r"(?<!\d)(20\d{2})年")
_ASKS_CHANGE = regex("[增多少降升高低减](?:了|出|加|少)*(?:多少|几)|幅度|变化|[比较]")
_APART = regex(
    r"^(?P<lead>[^?]{0,40}?)(?P<one>[^,?]{2,20}?)(?:比|较)(?P<other>[^,?]{2,24}?)[,]?(?:又|还)?(?:多|少|高|低|增加?|减少?|超|短|快|下降|上升|提高|降低)了?出?(?:多少|几)"
    r"|^(?P<lead2>[^?]{0,40}?)(?P<one2>[^,?]{2,20}?)(?:和|与|跟|同|、)(?P<other2>[^,?]{2,24}?)[,]?(?:之间)?的?(?:相差|差距|差了?(?:多少|几))"
)
_JOINED = regex(
    r"^(?:[^?]{0,30}?[,到])?(?P<one>[^,?、]{2,16}?)(?:和|与|跟|同|、)(?P<other>[^,?、和与]{2,10}?)(?:一共|总共|合计|加起来|合起来|共|两)"
)
_TOGETHER = regex("一共|总共|合计|加起来|合起来|加在一起|总和|共计|两[项个家地者县区年处类]共|共有?(?=多少|几)")
_NOUN = regex(r"[\u3400-\u9fff]{1,6}")
_TOTAL = regex("[合总小共]计|总数")
_SHARE = regex("百分之几|几分之几|几成|占比|占.{0,10}(?:多少|几)|比例|完成率|(?:达标|合格|整改|办结|销号)率")
_WHOLE = regex("[一二两三四五]年(?!来)|计划|目标|应|共|总|规划|任务|须|需|要求|定")
_PART = regex("已|完成|建成|实际|到位|办结|整改|收回|追回|达标|其中")
_STATED = regex(
    r"[比较超][^,。;]{0,12}[多少高低增减提下升降长出][^,。;\d]{0,4}\d|相差|差\d|缺口\d|(?:增加|减少|提高|下降|上升)了?\d"
)


@dataclass(frozen=True, slots=True)
class Figured:
    """A derived answer: its words, the rule, and the operands' places in their documents, the first one first.

    `quotes` are the spans that are cited, in the order in which the operands' `n` count them from 1.
    """

    before: str
    rule: Sum | Difference | Earlier | Rate
    after: str
    quotes: tuple[tuple[Source, int, Span], ...]


@dataclass(frozen=True, slots=True)
class _Value:
    """A figure with what it is of: `near` are folded words beside it, `over` those that govern it."""

    source: Source
    section: int
    quote: Span
    start: int
    end: int
    unit: str
    near: str
    over: str
    label: str

    @property
    def words(self) -> str:
        """Return the figure as it is written."""
        return self.source.document.text[self.start : self.end]


def calculated(question: Question, ranked: Sequence[Candidate]) -> Figured | None:
    """Return what follows from figures, None where nothing is to be calculated or an operand is missing.

    Args:
        question: what is asked.
        ranked: the candidates for its first ask, best first.
    """
    if not ranked or not any({"number", "money", "percent", "period"} & set(ask.kinds) for ask in question.asks):
        return None
    words = question.topic
    return _before(question, words, ranked) or _two(question, words, ranked) or _share(question, words, ranked)


def _before(question: Question, words: str, ranked: Sequence[Candidate]) -> Figured | None:
    """Return the value of an earlier year or quarter where a later one is stated with its change since then."""
    if len(question.asks) > 1 or _ASKS_CHANGE.search(words):
        return None
    for candidate in ranked[:_LOOKED_AT]:
        source, passage = candidate.source, candidate.passage
        if candidate.coverage < _ENOUGH or candidate.place < 0 or candidate.elsewhere:
            continue
        for change in _CHANGE.finditer(passage.words):
            year = next((_A_YEAR.finditer(passage.words[: change.start()])), None)
            if _LAST.fullmatch(change["than"]):
                own = {year[1]} if year else source.years(passage)
                if len(own) != 1 or question.years != (str(int(*own) - 1),):
                    continue
            elif change["than"] not in words:
                continue
            held = figures(source.document.text, passage.start, passage.end)
            moved = next((figure for figure in held if figure.start == passage.start + change.end()), None)
            values = [figure for figure in held if figure.end <= passage.start + change.start()]
            if moved is None or not values or not _asked_unit(question, values[-1].unit):
                continue
            first, second = (
                Operand(1, figure.start - passage.start, figure.end - passage.start) for figure in (values[-1], moved)
            )
            anchor = Operand(1, *year.span()) if year else None
            quote = (source, passage.section, Span(passage.start, passage.end))
            return Figured("", Earlier(first, second, anchor), "", (quote,))
    return None


def _asked_unit(question: Question, unit: str) -> bool:
    """Return whether a figure is of the kind that is asked for."""
    kinds = {kind for ask in question.asks for kind in ask.kinds}
    if "percent" in kinds:
        return unit[-1:] in "%‰点"
    if "money" in kinds:
        return unit.endswith("元")
    return unit[-1:] not in "%‰点"


def _two(question: Question, words: str, ranked: Sequence[Candidate]) -> Figured | None:
    """Return the difference or the sum of the figures of two things (or rows) that the question names."""
    apart = _APART.match(words)
    if apart is not None:
        one, other = apart["one"] or apart["one2"], apart["other"] or apart["other2"]
        if any(_states(item.passage.words, one, other) for item in ranked[:3]):
            return None
        pair = _pair(question, words, one, other, ranked)
        return _figured("相差", Difference(_operands(pair)[0], _operands(pair)[1]), pair) if pair else None
    if _TOGETHER.search(words) is None:
        return None
    joined = _JOINED.match(words)
    if joined is not None:
        pair = _pair(question, words, joined["one"], joined["other"], ranked)
        if pair is not None:
            return _figured("合计", Sum(_operands(pair)), pair)
    summed = _summed(words, ranked)
    if summed is None:
        return None
    column, values = summed
    return _figured(f"{column}合计", Sum(_operands(values)), values)


def _states(words: str, one: str, other: str) -> bool:
    """Return whether words say themselves how much two things differ."""
    if not _STATED.search(words):
        return False
    one, other, _ = _named(one, other)
    return all(_share_of(_pairs(name), words) >= _BOTH for name in (one, other))


def _figured(before: str, rule: Sum | Difference, values: Sequence[_Value]) -> Figured:
    named = "、".join(f"{value.label}{value.words}" for value in values)
    quotes = tuple((value.source, value.section, value.quote) for value in values)
    return Figured(before, rule, f"（{named}）。", quotes)


def _operands(values: Sequence[_Value]) -> tuple[Operand, ...]:
    return tuple(
        Operand(n, value.start - value.quote.start, value.end - value.quote.start) for n, value in enumerate(values, 1)
    )


def _pair(question: Question, words: str, one: str, other: str, ranked: Sequence[Candidate]) -> list[_Value] | None:
    """Return the figures of two things, of one unit, that are the only ones beside the words of each."""
    one, other, measure = _named(one, other)
    mine, its = _pairs(one), _pairs(other)
    mine, its = mine - its, its - mine
    if not mine or not its:
        return None
    rest = _pairs(f"{words} {measure}") - mine - its
    sides = []
    for own in (mine, its):
        weighed = [
            (_share_of(own, value.near) + 0.3 * _share_of(own, value.over) + _share_of(rest, value.near)
             + 0.5 * _share_of(rest, value.over), value)
            for value in _figures_of(ranked)
            if _share_of(own, value.near + value.over) >= _BOTH
            and _asked_unit(question, value.unit)
            and _dated(own, value)
        ]  # fmt: skip
        sides.append(sorted(weighed, key=lambda pair: -pair[0])[:_MOST])
    pairs = [
        (weight + other_weight + _TOGETHER_SAID * (first.quote == second.quote), first, second)
        for weight, first in sides[0]
        for other_weight, second in sides[1]
        if first.unit[-1:] == second.unit[-1:] and (first.start, first.source) != (second.start, second.source)
    ]
    pairs.sort(key=lambda pair: -pair[0])
    if not pairs or (len(pairs) > 1 and pairs[1][0] >= pairs[0][0]):
        return None  # nothing says which are meant
    return [*pairs[0][1:]]


def _dated(own: frozenset[str], value: _Value) -> bool:
    """Return whether the years of what is meant stand in the sentence or the row of a figure."""
    said = value.quote.of(value.source.folded)
    return all(term in said for term in own if term.isdecimal())


def _named(one: str, other: str) -> tuple[str, str, str]:
    """Return the names of two things that are compared, and what is compared of them: 墨池区建成的比宣溪区."""
    at = one.rfind(other[-1])
    if 0 < at < len(one) - 1 and len(other) <= at + 2:
        return one[: at + 1], other, one[at + 1 :]
    at = other.find(one[-1])
    if 0 < at < len(other) - 1 and len(one) <= at + 2:
        return one, other[: at + 1], other[at + 1 :]
    return one, other, ""


def _summed(words: str, ranked: Sequence[Candidate]) -> tuple[str, list[_Value]] | None:
    """Return the name of a column, with its cells in the rows that the question names, at least two."""
    for source in _sources(ranked):
        for group in groups(source):
            rows = [record for record in group.records if record.row and _names(record, source, words)]
            if not 2 <= len(rows) <= _MOST:
                continue
            columns = [name for name, _ in rows[0].fields if len(name) > 1 and name in words]
            if len(columns) != 1:
                continue
            values = [value for row in rows for value in _cell_values(source, row, columns[0])]
            if len(values) == len(rows) and len({value.unit for value in values}) == 1:
                return columns[0], values
    return None


def _names(record: Record, source: Source, words: str) -> bool:
    name = record.name.of(source.folded)
    return len(name) > 1 and name in words and not _TOTAL.fullmatch(name)


def _figures_of(ranked: Sequence[Candidate]) -> Iterator[_Value]:
    """Yield the figures of the first candidates, and of the rows of their documents' tables."""
    met: set[tuple[str, int]] = set()
    for candidate in ranked[:_PASSAGES]:
        source, passage = candidate.source, candidate.passage
        if passage.whole or candidate.elsewhere:
            continue
        last = passage.start
        begins = max(0, passage.start - _SAID_BEFORE) if passage.words.startswith("其中") else passage.start
        over = f"{source.folded[begins : passage.start]} {source.above(passage.section)} {source.common}"
        for figure in figures(source.document.text, passage.start, passage.end):
            if (source.document.id, figure.start) in met:
                continue
            met.add((source.document.id, figure.start))
            noun = _NOUN.match(source.folded, figure.end, passage.end)
            near = source.folded[last : noun.end() if noun else figure.end]
            label = source.document.text[figure.of_start : figure.of_end] if figure.of_start is not None else ""
            yield _Value(
                source, passage.section, Span(passage.start, passage.end), figure.start, figure.end, figure.unit, near,
                f"{source.folded[passage.start : last]} {over}", label,
            )  # fmt: skip
            last = figure.end
    for source in _sources(ranked):
        for group in groups(source):
            for row in group.records:
                if row.row:
                    for name, _ in row.fields:
                        yield from _cell_values(source, row, name, group.over)


def _cell_values(source: Source, row: Record, column: str, over: str = "") -> Iterator[_Value]:
    """Yield the figure of a row's cell that holds no more than that."""
    cell = next((span for name, span in row.fields if name == column), None)
    if cell is None or cell == row.name:
        return
    found = re.fullmatch(r"(?P<number>\d[\d,.]*)\s*(?P<unit>[\u3400-\u9fff%]{0,3})", cell.of(source.folded))
    if found:
        name = row.name.of(source.document.text)
        yield _Value(
            source, row.section, row.span, cell.start, cell.end, found["unit"],
            f"{name} {column}", f"{over} {source.common}", name,
        )  # fmt: skip


def _sources(ranked: Sequence[Candidate]) -> list[Source]:
    return list({item.source.document.id: item.source for item in ranked[:_PASSAGES]}.values())[:_DOCUMENTS]


def _share(question: Question, words: str, ranked: Sequence[Candidate]) -> Figured | None:
    """Return the share that what is done has in what is to be done, where one sentence says both and no share."""
    stated = ranked[0].typed and ranked[0].coverage >= _ENOUGH
    if _SHARE.search(words) is None or len(question.asks) > 1 or stated:
        return None
    wanted = _pairs(_SHARE.sub(" ", words))
    for candidate in ranked[:_LOOKED_AT]:
        source = candidate.source
        if candidate.place < 0 or candidate.year < 0 or candidate.elsewhere:
            continue
        matter = source.matter(candidate.passage)
        item = trim(source.document.text, matter.start, min(matter.end, len(source.document.text)))
        over = f"{source.above(candidate.passage.section)} {source.common}"
        if item.end - item.start > _LONGEST or _share_of(wanted, item.of(source.folded) + over) < _BOTH:
            continue
        held = figures(source.document.text, item.start, item.end)
        if any(figure.unit[-1:] in "%‰成" for figure in held):
            return None
        last = item.start
        wholes: list[Figure] = []
        parts: list[Figure] = []
        for figure in held:
            near = source.folded[last : figure.start]
            (wholes if _WHOLE.search(near) else parts if _PART.search(near) else []).append(figure)
            last = figure.end
        if len(wholes) != 1 or not parts or wholes[0].unit != parts[0].unit:
            continue
        part, whole = (Operand(1, found.start - item.start, found.end - item.start) for found in (parts[0], wholes[0]))
        text = source.document.text
        shown = f"（{text[wholes[0].start : wholes[0].end]}中的{text[parts[0].start : parts[0].end]}）。"
        return Figured("", Rate(part, whole), shown, ((source, candidate.passage.section, item),))
    return None


def _pairs(words: str) -> frozenset[str]:
    return frozenset(term for term in terms(words) if len(term) > 1)


def _share_of(wanted: frozenset[str], words: str) -> float:
    return sum(term in words for term in wanted) / len(wanted) if wanted else 0.0
