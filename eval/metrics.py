"""The measures of an answer: pure functions, each with its definition.

The definitions are those of the project's gold-case format (facts, evidence and spans; abstention over unanswerable
questions). Citation precision and recall follow the idea of ALCE (Gao et al. 2023, arXiv:2305.14627), with gold spans
in place of a model's verdict. An unanswered case scores zero and stays in the mean. A measure over nothing (no citation
at all, no unanswerable case) is None, never 0 or 1.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

_HAN_NUMBER = frozenset("〇零一二三四五六七八九十百千万亿两")
_MULTIPLIER = frozenset("百千万亿")  # 26 is not in 26万
_THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)")
_ENCLOSED = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]")  # ①, ⑴, ⒈: labels, no part of a number
_MARKER = re.compile(r"\[(\d+)\]")

Group = TypeVar("Group")


@dataclass(frozen=True, slots=True)
class Passage:
    """The characters `[start, end)` of the document with the id `doc`."""

    doc: str
    start: int
    end: int

    def overlaps(self, other: Passage) -> bool:
        """Return whether both stand in the same document and have at least one character in common."""
        return self.doc == other.doc and max(self.start, other.start) < min(self.end, other.end)


@dataclass(frozen=True, slots=True)
class Score:
    """What one answer got. The figures of a suite are means over these.

    `precision` is None for a case that is not answerable or was not answered; `fact_recall`, `right` and `recall` count
    for answerable cases only. `exact` of `citations` citations stand in their document at their span.
    """

    answerable: bool
    abstained: bool
    fact_recall: float
    right: bool
    precision: float | None
    recall: float
    exact: int
    citations: int
    length: int
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set of cases; None where there is nothing to measure.

    Shares are 0 to 1; `length` (mean) and `length_median` are characters of the answers given; times are milliseconds.
    """

    cases: int
    answerable: int
    answered: int
    fact_recall: float | None
    right: float | None
    citation_precision: float | None
    citation_recall: float | None
    exactness: float | None
    abstention_precision: float | None
    abstention_recall: float | None
    length: float | None
    length_median: float | None
    p50_ms: float | None
    p95_ms: float | None


def words(answer: str, markers: Sequence[int] = ()) -> str:
    """Return the answer without its markers `[n]`, n one of `markers`: they are no words of it, and 26[1] is 26."""
    return _MARKER.sub(lambda found: "" if int(found[1]) in markers else found[0], answer)


def holds(answer: str, form: str) -> bool:
    """Return whether the answer holds the form.

    Both are compared after Simplified conversion (OpenCC t2s), NFKC, lower case, and without anything but letters and
    digits (decimal points stay). A number at an end of the form must not be part of a longer number of the answer: 26
    is not in 265, 5.26 or 26万; 十日 is not in 二十日. Digits that a blank or punctuation parts are two numbers, but
    for a comma between thousands.
    """
    text, form_text = _plain(answer), _plain(form).chars
    if not form_text:
        return False
    at = text.chars.find(form_text)
    while at >= 0:
        if not text.number_goes_on(at, at + len(form_text)):
            return True
        at = text.chars.find(form_text, at + 1)
    return False


def missed_facts(answer: str, facts: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Return the facts of which the answer holds no form, in order."""
    return [forms for forms in facts if not any(holds(answer, form) for form in forms)]


def fact_recall(answer: str | None, facts: Sequence[Sequence[str]]) -> float:
    """Return the share of the facts that the answer holds; None, an abstention, scores 0."""
    if answer is None or not facts:
        return 0.0
    return 1 - len(missed_facts(answer, facts)) / len(facts)


def right(answer: str | None, facts: Sequence[Sequence[str]], recall: float) -> bool:
    """Return whether the answer holds all facts and a citation overlaps the evidence (citation recall is over 0)."""
    return answer is not None and not missed_facts(answer, facts) and recall > 0


def citation_precision(citations: Sequence[Passage], evidence: Sequence[Sequence[Passage]]) -> float:
    """Return the share of an answer's citations that overlap evidence; an answer without a citation scores 0.

    Args:
        citations: where each citation stands.
        evidence: for each piece of evidence, all the places where its quote stands.
    """
    if not citations:
        return 0.0
    return sum(any(_overlap(citation, places) for places in evidence) for citation in citations) / len(citations)


def citation_recall(citations: Sequence[Passage], evidence: Sequence[Sequence[Passage]]) -> float:
    """Return the share of the pieces of evidence that some citation overlaps; 0 without a citation."""
    if not evidence:
        return 0.0
    return sum(any(_overlap(citation, places) for citation in citations) for places in evidence) / len(evidence)


def exact(citation: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    """Return whether `text[start:end] == quote` for a citation as it is printed, given the texts by document id."""
    text = texts.get(citation["doc"])
    start, end = citation["start"], citation["end"]
    return text is not None and 0 <= start < end <= len(text) and text[start:end] == citation["quote"]


def exactness(scores: Sequence[Score]) -> float | None:
    """Return the share of all citations that stand in their document at their span; anything below 1 is a defect."""
    return _share(sum(score.exact for score in scores), sum(score.citations for score in scores))


def abstention_precision(scores: Sequence[Score]) -> float | None:
    """Return the share of the abstentions that were due: those of unanswerable cases."""
    abstained = [score for score in scores if score.abstained]
    return _share(sum(not score.answerable for score in abstained), len(abstained))


def abstention_recall(scores: Sequence[Score]) -> float | None:
    """Return the share of the unanswerable cases that were abstained from."""
    unanswerable = [score for score in scores if not score.answerable]
    return _share(sum(score.abstained for score in unanswerable), len(unanswerable))


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean, None of no values."""
    return math.fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the smallest value that at least `percent` % of the values do not exceed, None of no values.

    The nearest-rank method: definition 1 of Hyndman and Fan, "Sample quantiles in statistical packages", 1996.
    """
    ranked = sorted(values)
    return ranked[max(math.ceil(percent / 100 * len(ranked)), 1) - 1] if ranked else None


def reciprocal_rank(ranked: Sequence[str], relevant: str, k: int) -> float:
    """Return 1 / rank of `relevant` among the first k, 0 if it is not there (Voorhees, TREC-8 QA track, 1999)."""
    return 1 / (ranked.index(relevant) + 1) if relevant in ranked[:k] else 0.0


def figures(scores: Sequence[Score]) -> Figures:
    """Return the figures of a set of cases.

    Fact recall, right and citation recall are means over the answerable cases, abstentions at 0; citation precision is
    the mean over the answerable cases that were answered; length is over the answers given, time over all cases.
    """
    answerable = [score for score in scores if score.answerable]
    answered = [score for score in scores if not score.abstained]
    return Figures(
        cases=len(scores),
        answerable=len(answerable),
        answered=len(answered),
        fact_recall=mean([score.fact_recall for score in answerable]),
        right=mean([score.right for score in answerable]),
        citation_precision=mean([score.precision for score in answerable if score.precision is not None]),
        citation_recall=mean([score.recall for score in answerable]),
        exactness=exactness(scores),
        abstention_precision=abstention_precision(scores),
        abstention_recall=abstention_recall(scores),
        length=mean([score.length for score in answered]),
        length_median=percentile([score.length for score in answered], 50),
        p50_ms=percentile([score.elapsed_ms for score in scores], 50),
        p95_ms=percentile([score.elapsed_ms for score in scores], 95),
    )


def figures_by(scored: Sequence[tuple[Group, Score]]) -> dict[Group, Figures]:
    """Return the figures of each group, in the order in which the groups occur first."""
    groups: dict[Group, list[Score]] = {}
    for group, score in scored:
        groups.setdefault(group, []).append(score)
    return {group: figures(scores) for group, scores in groups.items()}


@dataclass(frozen=True, slots=True)
class _Plain:
    """Text as it is compared, and of each character whether it stood right behind the one before."""

    chars: str
    joined: tuple[bool, ...]

    def number_goes_on(self, start: int, end: int) -> bool:
        """Return whether a number at an end of `chars[start:end]` is part of a longer one."""
        before = self.chars[start - 1] if start and self.joined[start] else ""
        after = self.chars[end] if end < len(self.chars) and self.joined[end] else ""
        first, last = self.chars[start], self.chars[end - 1]
        return (
            (_digit(first) and (_digit(before) or before == "."))
            or (first in _HAN_NUMBER and before in _HAN_NUMBER)
            or (_digit(last) and (_digit(after) or after == "." or after in _MULTIPLIER))
            or (last in _HAN_NUMBER and after in _HAN_NUMBER)
        )


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> _Plain:
    # NFKC would make digits of a label, and a comma between thousands of a full-width comma.
    text = _ENCLOSED.sub(r" \g<0> ", text).replace("，", "、")
    text = unicodedata.normalize("NFKC", _simplify()(text)).lower()
    text = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), text)
    chars, joined, near = [], [], False
    for at, char in enumerate(text):
        decimal = char == "." and _digit(text[at - 1 : at]) and _digit(text[at + 1 : at + 2])
        if char.isalnum() or decimal:
            chars.append(char)
            joined.append(near)
        near = char.isalnum() or decimal
    return _Plain("".join(chars), tuple(joined))


@functools.cache
def _simplify() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _digit(char: str) -> bool:
    return char != "" and char in "0123456789"


def _overlap(citation: Passage, places: Sequence[Passage]) -> bool:
    return any(citation.overlaps(place) for place in places)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
