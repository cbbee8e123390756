"""Which passages answer a question, and how sure that is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.document import Span
from ingest.regex import regex
from retriever.aim import Aims
from retriever.confidence import confidence
from retriever.imprint import imprint
from retriever.objection import Objection, objection, outdone, unmentioned
from retriever.passage import Passage, Source, shares
from retriever.question import Ask, Question, terms
from retriever.roll import roll
from retriever.scope import places
from retriever.score import Candidate, Scorer
from retriever.search import Hit
from retriever.selection import selection
from retriever.series import series
from retriever.value import NUMERAL, PATTERNS, Kind
from retriever.wording import reworded

_CHANGED = regex("[升降涨增减][了少加长幅]*(?:多少|几)")
_CALLED = regex("叫什么|名称|标题|题目|哪[一]?[份个部][^,?]{0,4}(?:文件|通知|通报|报告|办法|规定|条例|方案|决定|意见)")
_CHUNKS = 10  # chunks whose sentences are candidates
_CHUNKS_OF_PARTS = 14  # of a question of several parts
_WAYS = 6  # of saying what chooses among the records of a list
_MOST = 3  # passages in an answer
_UNFOUND = 0.6  # the rank of a passage of the top document that the search did not bring
_DOCUMENT = 0.8  # what the share of the question's words in a document counts beside the rank of its best chunk
_FOCUS = 0.4  # what it counts that a follow-up goes on with a document
_SHARED = 0.85  # of the best score for an ask: such a candidate serves it along with another ask
_SHARED_OWN = 0.6  # of its share of the words of the ask, so that it is about the same
_LOOKED_AT = 8  # candidates of an ask among which one without objection is looked for
_INSTEAD = 0.9  # of the best score: such a candidate may stand in for one that does not answer
_LISTED = 0.4  # of its coverage: a passage that states as many may list them
_LESS = 0.05  # of the question's terms: so much less counts as as much
_NEAR = 0.93  # of the best score: a second passage for the only ask is that close
_PARTINGS = 600  # ways to share candidates among asks that are tried
_TIED = 0.97  # of the best score: such a candidate is as good
_LEAST = 0.2  # of the question's words; what has fewer is refused
_FAR_MORE = 0.15  # of the question's words
_OWN_MATTER = 3  # pairs of characters; a part of a question with so many has a matter of its own
_GAIN = 0.12  # of the question's terms: a second passage brings that many more


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages chosen, in the order of the asks, each with the asks that it serves.

    `nearest` are the best ones for the first ask that is not answered, else for the first; `confidence` is how sure it
    is that what is answered is right (0 to 1), by which it is decided; `likely` is the calibrated one that is said
    (`retriever.confidence`), None for a list. `unmet` are the asks that no passage answers, with the objection against
    the nearest one, None where it just holds no value of the kind that is asked for. `firsts` are the best candidates
    of each ask. `listed` says that the chosen ones are all records of a list.
    """

    chosen: tuple[tuple[Candidate, tuple[int, ...]], ...]
    nearest: tuple[Candidate, ...]
    confidence: float
    unmet: Mapping[int, Objection | None]
    ranked: tuple[Candidate, ...] = ()
    listed: bool = False
    likely: float | None = None


def gather(question: Question, hits: Sequence[Hit], source_of: Callable[[Hit], Source]) -> Evidence:
    """Choose the passages that answer `question` among the hits.

    Args:
        question: what is asked.
        hits: chunks, best first.
        source_of: returns the prepared document of a hit.
    """
    found = candidates(question, hits[: _CHUNKS if len(question.asks) == 1 else _CHUNKS_OF_PARTS], source_of)
    if not found:
        return Evidence((), (), 0.0, dict.fromkeys(range(len(question.asks))))
    best = [
        _decided(sorted(column, key=lambda candidate: (-candidate.score, candidate.passage.start)))
        for column in zip(*found, strict=True)
    ]
    listed = _listed(question, best)
    if listed is not None:
        return listed
    unmet: dict[int, Objection | None] = {}
    for at, ask in enumerate(question.asks):
        told = _imprint(ask, question, best[at])
        if told is not None:
            best[at], unmet_by = told
            unmet.update({at: unmet_by} if unmet_by else {})
            continue
        best[at], against = _unopposed(ask, best[at])
        if against is None and _falls(question, at, unmet):
            against = unmet[0]
        against = against or unmentioned(f"{question.topic} {question.formal}", best[at][0])
        if against is None and unmet and not best[at][0].own and terms(ask.text):  # 多少钱一亩，怎么发到户
            against = Objection("field", "")
        if against is not None:
            unmet[at] = against
    met = [at for at in range(len(best)) if at not in unmet]
    if len(best) == 1:
        picked = _pick(question, best[0]) if met else []
    else:
        picked = [(met[at], candidate) for at, candidate in _share(question, [best[at] for at in met], met)]
    chosen: dict[tuple[str, int], tuple[Candidate, list[int]]] = {}
    for at, candidate in picked:
        candidate = _widened(question.asks[at], candidate)
        chosen.setdefault(_place(candidate), (candidate, []))[1].append(at)
    sure = [_confidence(question.asks[at], best[at][0]) for at in met]
    untyped = {at: None for at in met if question.asks[at].kinds and not best[at][0].typed}
    nearest = next(iter(unmet), 0)
    return Evidence(
        tuple((candidate, tuple(asks)) for candidate, asks in list(chosen.values())[:_MOST]),
        tuple(best[nearest][:3]),
        sum(sure) / len(sure) if sure else 0.0,
        {**untyped, **unmet},
        tuple(best[0]),
        likely=min((confidence(question.asks[at], best[at]) for at in met), default=None),
    )


def _imprint(ask: Ask, question: Question, ranked: list[Candidate]) -> tuple[list[Candidate], Objection | None] | None:
    """Return the candidates with the words first that state a document's number, date or issuer, if that is asked for.

    With the objection that it does not state them; None where none of these is asked for.
    """
    first = {candidate.source.document.id: candidate for candidate in reversed(ranked)}
    found = imprint(ask, question, [candidate.source for candidate in reversed(first.values())])
    if found is None:
        return None
    source, passage = found
    like = first[source.document.id]
    if isinstance(passage, str):
        return [like, *ranked], Objection("field", f"文件没有写明{passage}")
    sure = replace(
        like, passage=passage, score=ranked[0].score, coverage=1.0, inside=1.0, typed=1.0, place=0.0, year=0.0,
        blank=False, elsewhere=False,
    )  # fmt: skip
    return [sure], None


ARTICLE = regex("哪一?条|第几条|几条规定|哪[一]?[款项]")


def _widened(ask: Ask, candidate: Candidate) -> Candidate:
    """Return the candidate with the items that it announces, or with the number of its article, where that is asked."""
    source, passage = candidate.source, candidate.passage
    if {"list", "measure", "number"} & set(ask.kinds):
        passage = source.with_items(passage)
    if "basis" in ask.kinds and ARTICLE.search(ask.text):
        passage = source.with_label(passage)
    return candidate if passage is candidate.passage else replace(candidate, passage=passage)


def _listed(question: Question, best: list[list[Candidate]]) -> Evidence | None:
    """Return the items under the heading that the only ask means, where it asks for a list and there is one."""
    ask = question.asks[0]
    if len(question.asks) > 1 or not {"list", "measure", "body"} & set(ask.kinds):
        return None
    likely = {candidate.source.document.id: candidate for candidate in reversed(best[0][:_LOOKED_AT])}
    sources = [candidate.source for candidate in reversed(likely.values())]
    context = "" if question.faded else question.context
    ways = itertools.islice((ask.text, *reworded(ask.text)), _WAYS)
    chosen = next((held for words in ways if (held := selection(words, context, sources)) is not None), None)
    if chosen is not None:
        source, items = chosen.source, tuple(record.passage(chosen.source) for record in chosen.records)
    elif "body" not in ask.kinds and (found := roll(ask, sources)) is not None:
        source, items = found.source, found.items
    else:
        return None
    like = likely[source.document.id]
    return Evidence(
        tuple((replace(like, passage=item), (0,)) for item in items), tuple(best[0][:3]), 1.0, {}, tuple(best[0]), True
    )


def _decided(ranked: list[Candidate]) -> list[Candidate]:
    """Return candidates with the first decided, where others are as good: by far more of the question's words.

    Only between answers: where the first would be refused, a rival is none.
    """
    first = ranked[0]
    rival = max(
        (other for other in ranked[1:_LOOKED_AT] if other.score >= _TIED * first.score and other.typed >= first.typed),
        key=lambda other: other.coverage,
        default=first,
    )
    if rival.coverage < first.coverage + _FAR_MORE or first.coverage < _LEAST or rival.clash:
        return ranked
    return [rival, *(other for other in ranked if other is not rival)]


def _falls(question: Question, at: int, unmet: Mapping[int, Objection | None]) -> bool:
    """Return whether a part of a question has no matter but that of the first one, which does not exist.

    Neither is the telephone stated of somebody who is not.
    """
    ask, first = question.asks[at], unmet.get(0)
    own = [term for term in terms(ask.text) if len(term) > 1]
    if at == 0 or first is None or len(own) >= _OWN_MATTER:
        return False
    return first.reason == "premise" or (
        "contact" in ask.kinds and {"person", "name"} & {*question.asks[0].kinds} != set()
    )


def _unopposed(ask: Ask, ranked: list[Candidate]) -> tuple[list[Candidate], Objection | None]:
    """Return the candidates with the best one first against which nothing is to be said, if it is nearly as good.

    Else as they are, with what is to be said against the first.
    """
    rival = outdone(ask, ranked)
    if rival is not None:
        return ranked, rival
    first = objection(ask, ranked[0])
    if first is None or first.reason in (
        "blank",
        "premise",
        "other",
    ):  # what is asked about is found: it is not stated of it
        return ranked, first
    of_year = _of_the_year(ask, ranked) if first.reason == "year" else None
    if of_year is not None:
        return [of_year, *(other for other in ranked if other is not of_year)], None
    for at, other in enumerate(ranked[1:_LOOKED_AT], 1):
        named = first.reason == "names" and _named(ranked[0], other)
        if other.score < _INSTEAD * ranked[0].score and not named and not _counted(ranked[0], other):
            continue
        if objection(ask, other) is None:
            return [other, *ranked[:at], *ranked[at + 1 :]], None
    return ranked, first


def _of_the_year(ask: Ask, ranked: list[Candidate]) -> Candidate | None:
    """Return the sentence of the first one's matter that is of the year asked about, None where there is none."""
    source = ranked[0].source
    matter = source.matter(ranked[0].passage)
    return next(
        (
            other
            for other in ranked[1:]
            if other.source is source
            and matter.start <= other.passage.start < matter.end
            and other.year > 0
            and other.typed
            and objection(ask, other) is None
        ),
        None,
    )


def _counted(first: Candidate, other: Candidate) -> bool:
    """Return whether another passage of the document says of as much of the question how many there are."""
    return (
        other.source is first.source
        and other.measured > first.measured
        and min(other.coverage - first.coverage, other.inside - first.inside) >= -_LESS
    )


def _named(first: Candidate, other: Candidate) -> bool:
    """Return whether another passage of the document speaks of as many as are asked for, and lists some (哪三个)."""
    return (
        other.source is first.source
        and other.measured >= 1
        and other.typed > 0
        and other.coverage >= _LISTED * first.coverage
    )


def value_spans(ask: Ask, passage: Passage) -> list[Span]:
    """Return the spans of the values in a passage that are of a kind the ask wants."""
    patterns = [PATTERNS[kind] for kind in ask.kinds if kind not in ("list", "measure", "status", "number")]
    if _CHANGED.search(ask.text):  # 降了多少 is said in percent or in numbers
        patterns.append(PATTERNS["percent"])
    if ask.measure:
        counted = "|".join(re.escape(words) for words in (ask.measure[:2], ask.measure[0]))
        patterns.append(re.compile(rf"{NUMERAL}个?(?:{counted})"))
    return [
        Span(passage.start + found.start(), passage.start + found.end())
        for pattern in patterns
        for found in pattern.finditer(passage.words)
    ]


def candidates(question: Question, hits: Sequence[Hit], source_of: Callable[[Hit], Source]) -> list[list[Candidate]]:
    """Return the sentences of the hits and of the top document, each as a candidate for every ask, in no order.

    Args:
        question: what is asked.
        hits: chunks, best first.
        source_of: returns the prepared document of a hit.
    """
    if not hits:
        return []
    best = hits[0].score or 1.0
    sources = {hit.doc: source_of(hit) for hit in hits}
    # The document that has the words of an ask somewhere, a place or a body above all, if not in the same sentence.
    of_matters = {wanted: shares(wanted, sources) for wanted in question.matters}
    tops = [
        max(
            hits,
            key=lambda hit: hit.score / best + _DOCUMENT * held[hit.doc] + _FOCUS * (hit.doc == question.focus),
        ).doc
        for held in (of_matters[wanted] for wanted in question.matters)
    ]
    pool: dict[tuple[str, int], tuple[Passage, float]] = {}
    for hit in hits:
        for passage in sources[hit.doc].passages(hit.start, hit.end):
            pool[hit.doc, passage.start] = (passage, hit.score / best)
    # Other words for a matter, or who issued a document and when, stand in chunks that the search did not bring.
    for top in dict.fromkeys(tops):
        for passage in sources[top].whole():
            pool.setdefault((top, passage.start), (passage, _UNFOUND))
    named = places(question.topic, tuple(sources.values()))
    homes = frozenset(place for place in named if any(place.stem in source.common for source in sources.values()))
    ages = series(tuple(sources.values()))
    aims = Aims.of(question)
    scorers = {
        doc: Scorer(
            aims,
            source,
            [doc == top for top in tops],
            [of_matters[wanted][doc] for wanted in question.matters],
            named,
            homes=homes,
            age=ages.get(doc, 0),
        )
        for doc, source in sources.items()
    }
    called = any("basis" in ask.kinds for ask in question.asks) or _CALLED.search(question.topic)
    return [
        scorers[doc].score(passage, rank)
        for (doc, _), (passage, rank) in pool.items()
        if not passage.heading and passage.end - passage.start > 4 and (called or not _is_title(sources[doc], passage))
    ]


def _is_title(source: Source, passage: Passage) -> bool:
    """Return whether a passage is the title of its document, which says what it is about and nothing of it."""
    title = source.document.title
    return title is not None and title.start <= passage.start and passage.end <= title.end


def _share(question: Question, best: list[list[Candidate]], met: Sequence[int]) -> list[tuple[int, Candidate]]:
    """Return one candidate an ask, for several asks the same one where it answers each nearly as well as the best.

    The parts of a question are often answered by one sentence, which is then quoted once.
    """
    aspects = [question.asks[at].aspect for at in met]
    if len(best) > 1 and len(set(aspects) - {""}) > 1:  # what was planned and what came of it are two statements
        return _contrast(best)
    places = [{_place(candidate): candidate for candidate in ranked} for ranked in best]
    left = set(range(len(best)))
    picked: dict[int, Candidate] = {}
    while left:
        served = {
            key: [
                at
                for at in left
                if key in places[at]
                and places[at][key].score >= _SHARED * best[at][0].score
                and places[at][key].own >= _SHARED_OWN * best[at][0].own
                and places[at][key].typed
                and not places[at][key].clash
                and _told_of(question.asks[at], places[at][key])
            ]
            for key in {_place(ranked[0]) for ranked in best}
        }
        served = {key: _held(question, asks, [places[at][key] for at in asks]) for key, asks in served.items()}
        # Of those that serve as many the one with more of the question's words: one part alone may name the matter.
        key = max(served, key=lambda key: (len(served[key]), sum(_weight(places[at][key]) for at in served[key])))
        if not served[key]:  # nothing holds what is asked: the nearest of each
            picked.update({at: best[at][0] for at in left})
            break
        picked.update({at: places[at][key] for at in served[key]})
        left -= set(served[key])
    return sorted(picked.items())


def _told_of(ask: Ask, candidate: Candidate) -> bool:
    """Return whether a passage says a word of the one of several of which an ask is."""
    source, passage = candidate.source, candidate.passage
    pairs = {ask.of[at : at + 2] for at in range(len(ask.of) - 1)}
    names = [pair for pair in pairs if not any(char.isdigit() for char in pair)]
    around = f"{passage.words} {source.above(passage.section)} {source.header(passage)}"
    return not names or any(pair in around for pair in names)


def _weight(candidate: Candidate) -> float:
    return candidate.score + candidate.coverage


_COUNTABLE: tuple[Kind, ...] = ("date", "money", "percent", "number")


def _held(question: Question, asks: list[int], served: list[Candidate]) -> list[int]:
    """Return the asks that one passage can serve at once: of a date or a number for each it holds as many."""
    left = {
        kind: len({found.group() for found in PATTERNS[kind].finditer(served[0].passage.words)})
        for kind in _COUNTABLE
        if served and not served[0].passage.whole
    }
    kept = []
    for at in sorted(asks, key=lambda at: -served[asks.index(at)].score):
        kinds = [kind for kind in question.asks[at].kinds if kind in left]
        if kinds and not any(left[kind] for kind in kinds):
            continue
        for kind in kinds:
            left[kind] -= 1
        kept.append(at)
    return sorted(kept)


def _contrast(best: list[list[Candidate]]) -> list[tuple[int, Candidate]]:
    """Return another candidate for each ask, such that they are the best together."""
    tried = max(2, min(_LOOKED_AT, int(_PARTINGS ** (1 / len(best)))))
    likely = [[each for each in ranked[:tried] if each.typed] or ranked[:1] for ranked in best]
    parted = [
        picked
        for picked in itertools.product(*likely)
        if len({_place(candidate) for candidate in picked}) == len(picked)
    ]
    picked = max(parted, key=lambda picked: sum(each.score for each in picked), default=[column[0] for column in best])
    return list(enumerate(picked))


def _pick(question: Question, ranked: list[Candidate]) -> list[tuple[int, Candidate]]:
    """Return the best candidate for the only ask, and others that are close and add missing terms.

    Items of one list stand in lines of their own: where a list is asked for, the lines beside the best one that match
    as well belong to it.
    """
    first = ranked[0]
    source, sections = first.source, first.source.document.sections
    listed = bool({"list", "measure"} & set(question.asks[0].kinds))
    missing = [term for term in question.terms if term not in first.passage.words]
    total = sum(source.weight(term) for term in question.terms) or 1.0
    picked = [first]
    for other in ranked[1:6]:
        if other.source is not source or other.score < _NEAR * first.score or other.typed < first.typed:
            continue
        gain = sum(source.weight(term) for term in missing if term in other.passage.words) / total
        here, there = sections[first.passage.section], sections[other.passage.section]
        beside = listed and there.kind == "item" and there.parent == here.parent and there is not here
        if beside or (len(picked) == 1 and gain > _GAIN):
            picked.append(other)
    if listed:
        picked.sort(key=lambda candidate: candidate.passage.start)
    return [(0, candidate) for candidate in picked]


def _confidence(ask: Ask, best: Candidate) -> float:
    """Return how sure it is that the best candidate answers the ask, 0 to 1."""
    value = 0.75 * best.coverage + 0.15 * best.inside + 0.1 * bool(best.typed)
    return value if best.typed or not ask.kinds else 0.6 * value


def _place(candidate: Candidate) -> tuple[str, int]:
    return candidate.source.document.id, candidate.passage.start
