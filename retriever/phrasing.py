"""How English asks and how Chinese does: the pieces of a question and its words that ask."""

from __future__ import annotations

import re

from ingest.regex import regex
from retriever.quantity import marked

_WH = r"(?:who|whom|whose|what|which|when|how|why|where)"
_BEFORE_WH = r"(?:by|on|in|as of|within|for|to|from|at|of|under|with|since|until|besides)"
_SPLIT = regex(
    rf"\s*[?;!]\s*|\s*,?\s+(?:and|or|but)\s+(?=(?:{_BEFORE_WH}\s+)?{_WH}\b)|\s*,\s*(?={_WH}\b)|\.\s+(?=[A-Z])", re.I
)

_BODY = r"(?:bod(?:y|ies)|departments?|authorit(?:y|ies)|units?|organi[sz]ations?|institutions?|agenc(?:y|ies)|part(?:y|ies))"
_LEADS = (
    r"(?: (?:is|was|are|were|has been|will be))?(?: (?:takes?|took|taking|has|have|to take|taken) the lead(?: in| on| of| for)?"
    r"| (?:leads?|led|leading|heads?|headed|spearheads?)\b| the lead(?:ing)? (?:body|unit|department)(?: for| of| in)?)"
)
_CHARGE = r"(?: (?:is|are|was|were|will be|has been))? (?:in charge of|responsible for|accountable for|tasked with)"
_BE = r"(?:is|was|are|were|will be|has been|have been)"
_LINK = r"(?:of|for|in|on|at|to|from|by|along|during|under|among|across|since|with|between|as)"
_ACTS = r"(?: (?:have been|has been|were|was|are|is|will be|did|does))?(?: (?:taken|adopted))?"
_TERM = r"(?:deadline|time limit|due date|target date)"
_RISES = r"(?:ris|fall|fell|rose|increas|decreas|drop|declin|grow|grew|improv|reduc)"
_NAMED = {
    "bureau": "局", "office": "办", "commission": "委", "committee": "委", "ministry": "部", "team": "组", "group": "组",
    "section": "科室", "division": "处室", "district": "区县", "county": "区县", "city": "市",
}  # fmt: skip


def _lines(*lines: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return each pattern with what it becomes; what stands in ‹› is Chinese."""
    return tuple(
        (re.compile(pattern, re.I), re.sub("‹(.*)›", lambda found: marked(found[1]), said)) for pattern, said in lines
    )


# The first one that a piece has is replaced. What is counted follows on ‹多少›.
_ASKS = _lines(
    (rf"\bhow many days (?:{_BE} )?(?:left|remain(?:ing)?|there)(?: left)?(?: (?:until|before|to|for))?(?: the {_TERM})?(?: (?:for|of))?", "‹离限期还有多少天›"),
    (rf"^(?:has|have|had|is|was|are|were) (?:the |its )?{_TERM}(?: (?:for|of))?(.*?)\b(?:passed|been (?:reached|missed|exceeded)|expired|over|up|past)\b(.*)$", r"\1 \2 ‹到期了没有›"),
    (rf"^(?:is|are|was|were|has|have|does|do|did)\b(.*?)\b(?:count as )?(?:overdue|past due|late|past the {_TERM}|missed the {_TERM})\b(.*)$", r"\1 \2 ‹逾期了没有›"),
    (rf"^(?:is|are|was|were|has|have)\b(.*?)\b(?:completed|finished|done|delivered) (?:on time|in time|on schedule|by the {_TERM})\b(.*)$", r"\1 \2 ‹按期完成了没有›"),
    (r"\b(?:how (?:often|frequently)|(?:at|with) what (?:intervals?|frequency))\b", "‹多久一次›"),
    (r"\bwithin how many (?:working|business|work) days\b", "‹多少个工作日内›"),
    (r"\bwithin how many (?:calendar )?days\b", "‹多少天内›"),
    (r"\bwithin how many hours\b", "‹多少小时内›"),
    (r"\bwithin how many minutes\b", "‹多少分钟内›"),
    (r"\bwithin how many months\b", "‹几个月内›"),
    (r"\bhow many (?:working|business|work) days\b", "‹多少个工作日›"),
    (r"\bhow many days\b", "‹多少天›"),
    (r"\bhow many hours\b", "‹多少小时›"),
    (r"\bhow many minutes\b", "‹多少分钟›"),
    (r"\bhow many (?:kilomet(?:er|re)s|km) of\b", "‹多少公里›"),
    (r"\bhow many times\b", "‹多少次›"),
    (r"\bhow many people\b", "‹多少人›"),
    (r"\bhow many(?: of (?:them|these|those))? (?=(?:were|was|are|is|have|had|has|will|can|take|takes|did)\b)(.*)$", r"\1 ‹多少个›"),
    (r"\bhow many of the (?=\d)(.*)$", r"\1 ‹多少个›"),
    (r"\bhow many(?: of)?(?: the)?\b|\b(?:what|which) (?:is |was |are |were )?(?:the )?(?:total )?number of\b", "‹多少›"),
    (r"\bhow (?:long|much time)\b", "‹多长时间›"),
    (r"\bhow much (higher|lower|more|less|larger|smaller|longer)\b", r"\1 ‹多少›"),
    (rf"\bhow much (?:did|does|do|has|have)\b(?=.*\b{_RISES})", "‹多少›"),
    (r"\b(?:what|which) (?:is |was )?(?:the )?(?:percentage|percent|proportion|share) of\b", "‹率多少›"),
    (r"\b(?:by|before) (?:when|(?:what|which) (?:time|date|day))\b", "‹什么时候前›"),
    (r"\b(?:by |in |at )?(?:the )?(?:end of )?(?:which|what) month\b", "‹哪个月›"),
    (r"\b(?:on |as of |until |since |from |to )?(?:which|what) (?:exact )?(?:day|date)\b", "‹哪天›"),
    (r"\b(?:in |for |during |by )?(?:which|what) year\b", "‹哪一年›"),
    (r"\b(?:at |until |from )?(?:which|what) time\b", "‹什么时间›"),
    (r"\bfrom when (?:to|until) when\b", "‹从什么时候到什么时候›"),
    (rf"\bwhat {_BE} the (?:deadline|time limit|(?:due|target|completion|cut-?off) date)(?: for| of)?\b", "‹什么时候前完成›"),
    (r"\bwhen\b", "‹什么时候›"),
    (rf"\bwhich (bureau|office|commission|committee|ministry|team|group|district|county|city){_LEADS}", r"‹由哪个\1牵头›"),
    (rf"\bwh(?:o|ich {_BODY}){_LEADS}", "‹由谁牵头›"),
    (rf"\b(?:led|headed|coordinated) by (?:whom|who|which {_BODY})\b", "‹由谁牵头›"),
    (rf"\bwh(?:o|ich {_BODY}){_CHARGE}", "‹谁负责›"),
    (rf"\bwhich (?:compan(?:y|ies)|enterprises?|firms?)\b(?:{_CHARGE})?", "‹哪家›"),
    (r"\bwhich (bureau|office|commission|committee|ministry|team|section|division|district|county)\b", r"‹哪个\1›"),
    (rf"\b(?:by |with )?which {_BODY}\b", "‹谁›"),
    (r"\bon (?:what|which) (?:legal )?basis\b|\bon the basis of (?:what|which)(?: documents?| laws?| regulations?)?", "‹依据什么文件›"),
    (r"\b(?:based on|according to|pursuant to|in accordance with|under) (?:what|which)(?: documents?| laws?| regulations?)?\b", "‹依据什么文件›"),
    (rf"\bwhat {_BE} the (?:legal )?basis(?: of| for)?\b", "‹依据什么文件›"),
    (rf"\bwhat {_BE} the (?:document|reference|issue|file) (?:number|no\.?)(?: of| for)?\b", "‹文号是多少›"),
    (r"\b(?:which|what) (?:documents?|notices?)\b", "‹哪个文件›"),
    (r"\b(?:which|what) standards?\b", "‹哪个标准›"),
    (rf"\bwhat {_BE} the (?:current |latest )?(?:status|progress|state)(?: of)?\b", "‹进展怎么样›"),
    (r"\bhow far (?:has|have|is|are|did|along)\b", "‹进展到什么程度›"),
    (r"\bhow (?:is|are) (.*?) (?:progressing|going|coming along)\b", r"\1 ‹进展到什么程度›"),
    (rf"\b(?:what|which) (?:measures|steps|actions|efforts)\b{_ACTS}", "‹采取了哪些措施›"),
    (rf"\bwhat {_BE} the (?:reasons?|causes?)(?: for| of| why)?\b|\bfor what reasons?\b|\bwhy\b", "‹为什么›"),
    (rf"\bwhat {_BE} the (?:contact |tele)?phone number(?: of| for)?\b", "‹联系电话是多少›"),
)  # fmt: skip

# "What is the leakage rate of the network in 2024": what is looked for goes to the end, before the word that asks.
_IS = regex(
    rf"^(?P<before>.*?)\b(?:what|how (?:much|high|large|big|long)) {_BE} (?P<head>[^,]+?)(?P<rest>,? {_LINK}\b.*)?$",
    re.I,
)
_HEADS = _lines(
    (r"\b(?:rate|percentage|ratio|proportion|coverage|share)$", "‹是多少›"),
    (r"\b(?:number|total|area|length|depth|capacity|weight|quota|limit|target|volume|consumption|flow|hotline)$", "‹是多少›"),
    (r"\b(?:amount|investment|cost|budget|fund(?:ing|s)?|value|price|expenditure|fee|subsid(?:y|ies)|sum|payment)$", "‹多少元›"),
    (r"\b(?:income|revenue|expenses?|arrears|finance|money|worth)$", "‹多少元›"),
    (r"\b(?:fines?|penalt(?:y|ies))$", "‹多少元›"),
    (r"\b(?:period|season|duration)$", "‹从什么时候到什么时候›"),
    (r"\b(?:frequency|interval)$", "‹多久一次›"),
    (r"\b(?:deadline|date|time limit|time|day)$", "‹什么时候›"),
    (rf"\b(?:{_BODY}|bureau|office|company|leader|director|head)$", "‹是谁›"),
    (r"\b(?:standard|document|law|regulation)$", "‹是哪个›"),
    (r"s$", "‹有哪些›"),
)  # fmt: skip

# What is left then.
_PLAIN = _lines(
    (r"\bhow much\b(?: money)?(?: of)?(.*)$", r"\1 ‹多少元›"),
    (r"\bwhom?\b|\bwhose\b", "‹谁›"),
    (r"\bhow\b(?: (?:do|does|did|is|are|was|were|will|should|can|must))?", "‹如何›"),
    (r"^(?:please )?(?:list|name|enumerate)\b|\b(?:what|which) (?:are|were)\b(?: all)?(?: the)?", "‹哪些›"),
    (r"\bwhich (?=(?:[a-z\-]+ ){0,3}?[a-z]+[^s'\s]s\b)", "‹哪些›"),
    (r"\bwhich\b", "‹哪个›"),
    (r"\bwhere\b", "‹哪里›"),
    (r"\bwhat\b(?: (?:does|do|did|is|was|will))?", "‹什么›"),
)  # fmt: skip
_YES = regex(r"^(?:has|have|had|did|does|do|is|are|was|were|can|could|will|must|should)\b(?P<rest>.*)$", re.I)
_DONE = regex(r"\b(?:been )?(?:fully )?(?:completed|finished|accomplished)\b", re.I)


def pieces(text: str) -> list[str]:
    """Return the parts of an English question, each with one thing that is asked."""
    return [piece for part in _SPLIT.split(text) if (piece := part.strip(" ,.:\n\t"))]


def rephrased(piece: str) -> str:
    """Return a piece with its words that ask in Chinese, `marked`; the rest is still English."""
    return _replaced(_ASKS, piece) or _asked_for(piece) or _replaced(_PLAIN, piece) or _yes_or_no(piece) or piece


def _replaced(lines: tuple[tuple[re.Pattern[str], str], ...], piece: str) -> str:
    """Return the piece with the first of the patterns that it has replaced, "" if it has none."""
    for pattern, said in lines:
        if pattern.search(piece):
            chinese = pattern.sub(said, piece, count=1)
            return re.sub("(?<=哪个)[A-Za-z]+", lambda found: _NAMED[found[0].lower()], chinese)
    return ""


def _asked_for(piece: str) -> str:
    """Return "what is the rate of it" as "of it, the rate, how much"; "" for another piece."""
    found = _IS.match(piece)
    said = next((said for pattern, said in _HEADS if pattern.search(found["head"])), "") if found else ""
    return f"{found['before']} {found['rest'] or ''} {found['head']} {said}" if found and said else ""


def _yes_or_no(piece: str) -> str:
    """Return "has it been done" as "it done, is it so"; "" for another piece."""
    asks = _YES.match(piece)
    if not asks:
        return ""
    done = bool(_DONE.search(asks["rest"]))
    return _DONE.sub(" ", asks["rest"]) + marked("完成了吗" if done else "了吗")
