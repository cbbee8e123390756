"""Is it late? Derived from a deadline that is cited, the last word of its document, and the day that is asked about.

The document decides how much can be known: it cannot say what happened after its last word (DESIGN, rule 6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.document import Span
from ingest.regex import regex
from ingest.status import StatusKind, status
from ingest.when import When
from retriever.claim import Citation
from retriever.passage import Source
from retriever.score import Candidate
from retriever.statement import plain, tokens

_LATE = "逾期|超期|超时|过期|拖期|误期|到期"
ASKED = regex(
    rf"(?:算|是否|有没有|已经?|会不会|是不是)[^,?]{{0,6}}(?:{_LATE}|超)|(?:{_LATE})(?:了|没|吗|不|未|[,?]|$)|超(?:期|了?没|过期限)|"
    r"期限?.{0,8}[到过]了|过.{0,8}(?:日子|期限|时限)了?[没吗]|(?:期限|时限|日子)过了|来得及|还[剩有]几天|按[期时]完成[了没吗]|overdue|late\b"
)

_LOOKED_AT = 12  # candidates that may speak of the matter
_ALIKE = 0.75  # of the best score: a candidate that may state the deadline
_SAME = 0.6  # of its coverage, and
_LATER = 0.6  # of its score: a later document speaks of the same matter

Verdict = Literal["done", "overdue", "today", "open", "unknown"]


@dataclass(frozen=True, slots=True)
class Due:
    """The operands of the verdict: a deadline, the state by the wording, the document's last word, the day asked."""

    deadline: When
    state: StatusKind
    last_word: dt.date | None
    as_of: dt.date

    @property
    def day(self) -> dt.date:
        """Return the last day that is in time."""
        return dt.date.fromisoformat(self.deadline.end_date or "")

    @property
    def verdict(self) -> Verdict:
        """Return whether it is late on the day that is asked about."""
        if self.state == "closed" and (self.last_word is None or self.last_word <= self.as_of):
            return "done"
        if self.as_of == self.day:
            return "today"
        if self.as_of < self.day:
            return "open"
        return "overdue" if self.last_word and self.last_word > self.day else "unknown"

    @property
    def words(self) -> str:
        """Return the verdict as it is said, with its operands."""
        day = f"时限 {self.day.isoformat()}"
        last = f"文件最后说到 {self.last_word}" if self.last_word else "文件没有写明日期"
        said = {
            "done": f"文件写明已完成，不算逾期（{day}）",
            "overdue": f"已逾期（{day}，{last}，仍未写明完成）",
            "today": f"当天到期，未逾期（{day}）",
            "open": f"未到期，未逾期，还有{(self.day - self.as_of).days}天（{day}）",
            "unknown": f"无法判断是否逾期：{day}，{last}",
        }[self.verdict]
        return f"以 {self.as_of.isoformat()} 计，{said}。"


def due(ranked: Sequence[Candidate], as_of: dt.date) -> tuple[Due, Candidate, Span] | None:
    """Return the operands for the matter of the best candidates, the candidate and the span that state the deadline.

    The deadline stands in the best candidate, or in the item that it belongs to (a line 整改时限：… under its heading).
    Whether it is done is said by the latest document that speaks of the matter, and none that is later than `as_of`.

    Args:
        ranked: candidates for the ask, best first.
        as_of: the day that counts as today.
    """
    known = [candidate for candidate in ranked[:_LOOKED_AT] if _spoken(candidate.source) <= as_of]
    if not known:
        return None
    enough = _ALIKE * known[0].score
    for candidate in known:
        if candidate.score < enough:
            break
        found = _limit(candidate, as_of)
        if found is None:
            continue
        limit, span = found
        state, last = _state(candidate), candidate.source.last_word
        for other in known:
            spoken = other.source.last_word
            same = other.coverage >= _SAME * candidate.coverage and other.score >= _LATER * candidate.score
            if other.source is not candidate.source and same and spoken and (last is None or spoken > last):
                state, last = _state(other), spoken
        return Due(limit, state, last, as_of), candidate, span
    return None


def _limit(candidate: Candidate, as_of: dt.date) -> tuple[When, Span] | None:
    """Return the deadline of a candidate and the sentence that states it; of several the first that is not past."""
    source, passage = candidate.source, candidate.passage
    places = [Span(passage.start, passage.end)]
    matter = source.matter(passage)
    section = source.document.sections[passage.section]
    if section.kind in ("item", "heading", "article", "measure") and not source.row(passage):
        places.append(matter)
    for place, kinds in (*((place, ("by", "on")) for place in places), *((place, ("during",)) for place in places)):
        inside = [when for when in source.times if place.start <= when.start and when.end <= place.end]
        held = [when for when in inside if when.kind in kinds and when.end_date]
        limits = [when for when in held if when.kind == "by"] or held
        if limits:
            coming = [when for when in limits if dt.date.fromisoformat(when.end_date or "") >= as_of]
            limit = coming[0] if coming else limits[-1]
            return limit, next(
                (Span(found.start, found.end) for found in source.passages(place.start, place.end)
                 if found.start <= limit.start < found.end),
                Span(limit.start, limit.end),
            )  # fmt: skip
    return None


def _state(candidate: Candidate) -> StatusKind:
    passage = candidate.passage
    return status(candidate.source.document.text, passage.start, passage.end, candidate.source.times).kind


def _spoken(source: Source) -> dt.date:
    """Return the day of a document, the first of all days where it states none."""
    date = source.document.date
    return dt.date.fromisoformat(date.value) if date else dt.date.min


def stands(found: Due, source: Source, cited: Span) -> bool:
    """Return whether the verdict follows from what is cited: its deadline stands in the quote, as it was read there."""
    return cited.start <= found.deadline.start and found.deadline.end <= cited.end and found.deadline in source.times


@dataclass(frozen=True, slots=True)
class Lateness:
    """The rule by which a verdict is derived: the comparison of the deadline that is cited with the day asked about."""

    due: Due
    name: str = "对照日期"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the verdict; None where its deadline is not quoted, or its words there state another day."""
        stated = plain(self.due.deadline.text)
        if not any(stated in plain(citation.quote) for citation in cited):
            return None
        dates = [token.key for token in tokens(stated) if token.kind == "date" and isinstance(token.key, tuple)]
        day = self.due.day
        if dates and not any(
            year in (None, day.year)
            and month in (None, day.month)
            and (not isinstance(of_month, int) or of_month == day.day)
            for year, month, of_month in dates
        ):
            return None
        return self.due.words
