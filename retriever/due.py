"""Is it late? Derived from a deadline that is cited, the last word of its document, and the day that is asked about.

The document decides how much can be known: it cannot say what happened after its last word (DESIGN, rule 6).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from ingest.document import Span
from ingest.status import StatusKind, status
from ingest.when import When
from retriever.passage import Passage, Source

ASKED = re.compile(r"逾期|超.{0,2}期|过.?期|拖期|误期|到期|期限?.{0,8}[到过]了|overdue|late\b")

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
        if self.state == "closed":
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
            "open": f"未到期，还有{(self.day - self.as_of).days}天（{day}）",
            "unknown": f"无法判断是否逾期：{day}，{last}",
        }[self.verdict]
        return f"以 {self.as_of.isoformat()} 计，{said}。"


def due(source: Source, passage: Passage, as_of: dt.date) -> Due | None:
    """Return the operands for the deadline that a passage states, None where it states none with a date.

    Of several the first that is not past is meant, else the last.
    """
    inside = [when for when in source.times if passage.start <= when.start and when.end <= passage.end]
    held = [when for when in inside if when.kind in ("by", "on") and when.end_date]
    limits = [when for when in held if when.kind == "by"] or held
    if not limits:
        return None
    coming = [when for when in limits if dt.date.fromisoformat(when.end_date or "") >= as_of]
    state = status(source.document.text, passage.start, passage.end, source.times)
    return Due(coming[0] if coming else limits[-1], state.kind, source.last_word, as_of)


def stands(found: Due, source: Source, cited: Span) -> bool:
    """Return whether the verdict follows from what is cited: its deadline stands in the quote, as it was read there."""
    return cited.start <= found.deadline.start and found.deadline.end <= cited.end and found.deadline in source.times
