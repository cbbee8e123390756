"""Rules (statutes, ordinances, measures): what they say of themselves, and what governs the items of their lists.

An article leaves out what its rule is about; an item leaves out who must do it and what follows from it. How a rule
came about stands before its first article, that it is in force or not there or in its last one.
"""

from __future__ import annotations

from ingest.document import Span
from ingest.regex import regex
from retriever.passage import Passage, Source
from retriever.question import Ask
from retriever.value import PATTERNS

# How a rule came about, as it stands before its first article; a date in it is none of its matter.
_HISTORY = regex(
    "(?:令|公告|号)[^,。;]{0,6}(?:订定|修正|发布|公布|废止|颁布)"
    "|第.{1,8}[次届][^。;]{2,40}(?:通过|批准|修正|修订)|^[^。;]{0,8}法规类别"
)
_HISTORY_ASKED = regex(
    "通过|批准|修[正订改]|废止|沿革|有效|制定|订定|颁布|版|令|印发|发布|发文|下发|公布|出台|落款|签发|成文|公开|发出|issued?|publish"
)
_ENDED = regex("废止|失效|停止(?:执行|适用|施行)")
_ENDED_TOO = regex("同时(?:废止|失效)|》[^。;,]{0,8}(?:废止|失效)")  # other rules, which this one ends
_FORCE = regex("有效期|继续有效|起(?:施行|实施|执行)")
_LIABLE = regex("(?:情形|行为)之一")
_LIABLE_ASKED = regex("罚|处分|追究|违|后果|怎么处|责任|从重|从轻|撤销|吊销|取消|追回")


def is_history(words: str, asked: str) -> bool:
    """Return whether folded words only tell how a rule came about, which the folded question `asked` is not about."""
    if not _HISTORY.search(words) or _HISTORY_ASKED.search(asked):
        return False
    return not ("施行" in words and "施行" in asked)


def in_force(words: str) -> float:
    """Return how surely words say whether their own rule is in force, 0 to 2; best with the day that it ended."""
    if ended(words):
        return 2.0
    if _ENDED_TOO.search(words):
        return 0.0
    return 1.0 if _ENDED.search(words) else 0.8 if _FORCE.search(words) else 0.0


def ended(words: str) -> bool:
    """Return whether words say that their own rule is no longer in force, and from which day."""
    return bool(_ENDED.search(words) and not _ENDED_TOO.search(words) and PATTERNS["date"].search(words))


def governing(ask: Ask, source: Source, passage: Passage) -> Span | None:
    """Return the sentence that says of a passage, an item of a rule, what an ask wants; None where none does.

    What follows from a breach (有下列情形之一的，由…处分) says nobody's duty.
    """
    lead = source.lead(passage.section)
    if lead is None or lead.end > passage.start:
        return None
    liable = _LIABLE.search(source.folded, lead.start, lead.end)
    return None if liable and not _LIABLE_ASKED.search(ask.text) else lead
