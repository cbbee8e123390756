"""The answer: claims in the words of the documents, each with its citations, or what is missing."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ingest.document import Span
from ingest.fold import fold
from ingest.regex import regex
from ingest.sentence import trim
from retriever import check, due
from retriever.calculation import calculated
from retriever.claim import Citation, Claim
from retriever.derivation import Cell, Disagreement, Operand, Within
from retriever.dialogue import State
from retriever.evidence import ARTICLE, Evidence, gather, value_spans
from retriever.limit import limited
from retriever.passage import Passage, Source, years
from retriever.question import Question
from retriever.records import row_at
from retriever.rule import governing
from retriever.score import Candidate
from retriever.search import Hit
from retriever.series import contradiction
from retriever.value import Kind, holds

Grade = Literal["answer", "closest", "none"]

# Below the first an answer is only "the text closest to the question", below the second nothing is shown as such. Set
# by eye on the demo suite: what a lower one wins in answers it loses in refusals. Most refusals come from objections.
SURE = 0.26
NEAR = 0.2
_PART = 40  # characters of a part of a question that are said back
_LIKELY = 12  # candidates in whose documents a list by a limit is looked for


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question. A refusal is an answer whose grade is not "answer", with the reason in its words."""

    question: str
    intent: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    grade: Grade
    missing: tuple[str, ...]
    nearest: tuple[Citation, ...]
    as_of: dt.date
    elapsed_ms: float = 0.0
    id: str | None = None
    reason: str = ""
    notice: str | None = None
    tasks: tuple[dict[str, Any], ...] = field(default=())
    state: State = field(default_factory=State)
    confidence: float | None = None  # that the passage chosen answers, 0 to 1; None where none was chosen by its words
    model: Mapping[str, Any] | None = None  # a language model's part in it, None where none was asked

    @property
    def abstained(self) -> bool:
        """Return whether the question was not answered."""
        return self.grade != "answer"

    @property
    def text(self) -> str:
        """Return the answer's words with the numbers of its citations."""
        if self.abstained:
            return self.reason
        return "\n".join(claim.text + "".join(f"[{n}]" for n in claim.cites) for claim in self.claims)

    def to_json(self) -> dict[str, Any]:
        """Return the answer as `duban ask --json` prints it."""
        return {
            "id": self.id, "question": self.question, "intent": self.intent, "answer": self.text, "grade": self.grade,
            "abstained": self.abstained, "missing": list(self.missing),
            "citations": [citation.to_json() for citation in self.citations],
            "nearest": [citation.to_json() for citation in self.nearest], "tasks": list(self.tasks),
            "as_of": self.as_of.isoformat(), "elapsed_ms": round(self.elapsed_ms, 1), "notice": self.notice,
            "state": self.state.to_json(),
            **({} if self.confidence is None else {"confidence": round(self.confidence, 3)}),
            **({"model": dict(self.model)} if self.model else {}),
        }  # fmt: skip


FIELDS = {
    "responsibility": "responsible", "deadline": "deadline", "status": "status", "count": "count", "list": "list",
    "measure": "measure", "basis": "basis", "compare": "compare", "reason": "reason", "contact": "contact",
}  # fmt: skip
FIELD_NAMES = {
    "responsible": "责任单位", "deadline": "时限", "status": "进展", "count": "数量", "list": "清单", "measure": "措施",
    "basis": "依据", "compare": "对比", "reason": "原因", "contact": "联系方式",
}  # fmt: skip


def compose(
    question: Question, hits: Sequence[Hit], source_of: Callable[[Hit], Source], as_of: dt.date, began: float
) -> Answer:
    """Return the answer to `question` from the hits.

    Args:
        question: what is asked.
        hits: chunks, best first.
        source_of: returns the prepared document of a hit.
        as_of: the date that the answer speaks from.
        began: `time.perf_counter()` when the question came in.
    """
    evidence = gather(question, hits, source_of)
    if due.ASKED.search(question.topic):
        verdict = _lateness(question, evidence, as_of, began)
        if verdict is not None:
            return verdict
    derived = _beyond(question, evidence, as_of, began) or _derived(question, evidence, as_of, began)
    if derived is not None:
        return derived
    missing = tuple(dict.fromkeys(FIELDS[ask.intent] for ask in question.asks if ask.intent in FIELDS))
    if evidence.confidence < SURE or not evidence.chosen:
        return _refusal(question, evidence, missing, as_of, began)
    claims, citations = _stated(question, evidence)
    if not claims:
        return _refusal(question, evidence, missing, as_of, began)
    both = _disagreed(question, evidence)
    if both is not None:
        claims, citations = both
    unmet = tuple(
        dict.fromkeys(FIELDS[question.asks[i].intent] for i in evidence.unmet if question.asks[i].intent in FIELDS)
    )
    return Answer(
        question.text, question.intent, tuple(claims), tuple(citations), "answer", unmet, (), as_of, _since(began),
        confidence=evidence.likely, notice=_unanswered(question, evidence),
    )  # fmt: skip


def _unanswered(question: Question, evidence: Evidence) -> str | None:
    """Return which parts of a question are not answered and why, None where all are."""
    parts = [
        f"没有查到“{_shown(question.asks[at].text)}”" + (f"：{against.words}" if against.words else "")
        for at, against in sorted(evidence.unmet.items())
        if against is not None
    ]
    return "；".join(parts) + "。" if parts and len(question.asks) > 1 else None


def _shown(part: str) -> str:
    """Return a part of a question as it is named to whoever asked, the beginning of a long one."""
    part = part.rstrip("?")
    return part if len(part) <= _PART else f"{part[:_PART]}…"


def _stated(question: Question, evidence: Evidence) -> tuple[list[Claim], list[Citation]]:
    """Return the claims that quote the passages chosen, with their citations; what is not supported is left out."""
    claims: list[Claim] = []
    citations: list[Citation] = []
    for candidate, asks in evidence.chosen:
        drafts = [_cite(len(citations) + 1, candidate, question, asks)]
        over = _governing(len(citations) + 2, candidate, question, asks)
        if over:
            drafts.append(over)
        drafts = [draft for draft in drafts if check.stands(draft, candidate.source.document.text)]
        cites = tuple(draft.n for draft in drafts)
        row = _row(candidate, drafts, evidence.listed)
        claim = row or Claim(_words(drafts), cites)
        if not row and len(drafts) > 1 and not check.supported(claim, drafts):
            drafts = drafts[:1]  # what names whose words these are does not go with them; they stand by themselves
            claim = Claim(_words(drafts), (drafts[0].n,))
        if row or check.supported(claim, drafts):
            claims.append(claim)
            citations.extend(drafts)
            article = _article(len(citations) + 1, candidate, drafts[0], question, asks)
            if article:
                claims.append(Claim(article.quote, (article.n,)))
                citations.append(article)
    return claims, citations


def refuse(text: str, reason: str, as_of: dt.date, began: float) -> Answer:
    """Return the answer to what is no question, with the reason."""
    return Answer(text, "none", (), (), "none", (), (), as_of, _since(began), reason=reason)


def _words(drafts: list[Citation]) -> str:
    """Return the words of a claim: the governing heading, where there is one, before the sentence under it."""
    *over, own = [" ".join(_joined(draft.quote).split()) for draft in reversed(drafts)]
    return "：".join([*(words.rstrip("：:。") for words in over), own])


def _joined(quote: str) -> str:
    """Return a quote in one line; its lines are parts of one sentence where marks stand between its words."""
    return _BREAK.sub("", quote) if _PROSE.search(quote) else quote


# The end of a line between two characters of which one is no letter or digit of the West parts no words.
_BREAK = regex(r"(?<=[^\0-\u2e7f])[ \t]*\n\s*|[ \t]*\n\s*(?=[^\0-\u2e7f])")
_PROSE = regex("[，。；,;]")
_COUNTER = regex(r"序号|编号|项次|no\.?|#", re.IGNORECASE)


def _row(candidate: Candidate, drafts: list[Citation], listed: bool) -> Claim | None:
    """Return a row of a table as it is read aloud: its matter, then each cell behind the name of its column.

    None where it is none. In a list the matter says enough.
    """
    row = row_at(candidate.source, drafts[0].start) if drafts else None
    if row is None or row.header is None or row.end != drafts[0].end:
        return None
    text = candidate.source.document.text
    matter = _flat(row.name.of(text))
    said = [
        f"{name}：{_flat(value.of(text))}"
        for name, value in row.fields
        if value != row.name and not _COUNTER.fullmatch(name)
    ]
    words = matter if listed or not said else f"{matter}（{'；'.join(said)}）"
    claim = Claim(words, tuple(draft.n for draft in drafts))
    header = replace(drafts[0], start=row.header.start, end=row.header.end, quote=row.header.of(text))
    return claim if check.supported(claim, [*drafts, header]) else None


def _flat(words: str) -> str:
    """Return the words of a cell in one line; a line break in it parts no words."""
    return re.sub(r"\s*\n\s*", "", words)


def _cite(number: int, candidate: Candidate, question: Question, asks: tuple[int, ...]) -> Citation:
    source, passage = candidate.source, candidate.passage
    keep = [span for ask in asks for span in value_spans(question.asks[ask], passage)]
    span = source.cut(passage, question.terms, keep)
    return cited_at(number, source, passage.section, span.start, span.end)


def cited_at(number: int, source: Source, section: int, start: int, end: int) -> Citation:
    """Return a citation of the characters `[start, end)` of a document, which stand in its section at `section`."""
    document = source.document
    page = document.page_at(start)
    return Citation(
        number, document.id, source.title, source.source, document.path(section), start, end, document.text[start:end],
        page=page.number if page else None, confidence=page.confidence if page else None,
    )  # fmt: skip


def _lateness(question: Question, evidence: Evidence, as_of: dt.date, began: float) -> Answer | None:
    """Return the answer to whether something is late: the deadline as stated, then what follows from it.

    None where no passage on the matter states a deadline.
    """
    if evidence.confidence < SURE and not evidence.ranked:
        return None
    found = due.due(evidence.ranked, as_of)
    if found is None:
        return None
    verdict, candidate, span = found
    if candidate.coverage < SURE or candidate.clash:
        return None
    source = candidate.source
    section = source.section_at(span.start)
    passage = Passage(span.start, span.end, span.of(source.folded), section, False)
    keep = [Span(verdict.deadline.start, verdict.deadline.end)]
    cut = source.cut(passage, question.terms, keep)
    if not (cut.start <= keep[0].start and keep[0].end <= cut.end):
        cut = Span(span.start, span.end)
    cited = cited_at(1, source, section, cut.start, cut.end)
    if not due.stands(verdict, source, cut) or not check.stands(cited, source.document.text):
        return None
    claims = (Claim(_words([cited]), (1,)), Claim(verdict.words, (1,), due.Lateness(verdict)))
    if not all(check.supported(claim, (cited,)) for claim in claims):
        return None
    return Answer(question.text, question.intent, claims, (cited,), "answer", (), (), as_of, _since(began))


def _disagreed(question: Question, evidence: Evidence) -> tuple[list[Claim], list[Citation]] | None:
    """Return what two documents state otherwise, the later one first, and that they differ; None where they agree."""
    if len(question.asks) > 1 or evidence.listed or len(evidence.chosen) != 1:
        return None
    found = contradiction(question.asks[0], evidence.chosen[0][0], evidence.ranked)
    if found is None:
        return None
    citations, operands = [], []
    for n, (candidate, value) in enumerate(((found.later, found.later_value), (found.earlier, found.earlier_value)), 1):
        source, passage = candidate.source, candidate.passage
        keep = [*value_spans(question.asks[0], passage), value]
        span = source.cut(passage, question.terms, keep)
        if not (span.start <= value.start and value.end <= span.end):
            return None
        citations.append(cited_at(n, source, passage.section, span.start, span.end))
        operands.append(Operand(n, value.start - span.start, value.end - span.start))
        if not check.stands(citations[-1], source.document.text):
            return None
    rule = Disagreement(operands[0], operands[1])
    differ = rule.words(citations)
    if differ is None:
        return None
    claims = [*(Claim(_words([citation]), (citation.n,)) for citation in citations), Claim(differ, (1, 2), rule)]
    return (claims, citations) if all(check.supported(claim, citations) for claim in claims) else None


def _beyond(question: Question, evidence: Evidence, as_of: dt.date, began: float) -> Answer | None:
    """Return the rows whose value is beyond a limit that the question names: how many, then each with its value."""
    sources = list({item.source.document.id: item.source for item in evidence.ranked[:_LIKELY]}.values())
    found = limited(question.topic, sources)
    if found is None:
        return None
    source, text = found.source, found.source.document.text
    citations = [
        cited_at(n, source, row.record.section, row.quote.start, row.quote.end) for n, row in enumerate(found.rows, 1)
    ]
    operands = tuple(
        Operand(n, row.value.start - row.quote.start, row.value.end - row.quote.start)
        for n, row in enumerate(found.rows, 1)
    )
    column = re.sub(r"\([^()]*\)", "", found.rows[0].column)
    rule = Within(operands, found.sign, found.limit, f"{column}{found.words}的")
    total = Claim(rule.words(citations) or "", tuple(citation.n for citation in citations), rule)
    claims = [total]
    for citation, row in zip(list(citations), found.rows, strict=True):
        name = _flat(row.record.name.of(text))
        if row.record.row:
            at = row.quote.start
            cell = Cell(
                citation.n, (row.record.name.start - at, row.record.name.end - at),
                (row.field.start - at, row.field.end - at),
            )  # fmt: skip
            claims.append(Claim(cell.words([citation]) or name, (citation.n,), cell))
            continue
        start = row.record.name.start + (len(label[0]) if (label := _LABEL.match(name)) else 0)
        named = cited_at(len(citations) + 1, source, row.record.section, start, row.record.name.end)
        citations.append(named)
        said = _flat(row.quote.of(text)).rstrip("。；")
        full = Claim(f"{named.quote.rstrip('。；，')}（{said}）", (citation.n, named.n))
        claims.append(full if check.supported(full, citations) else Claim(named.quote.rstrip("。；，"), full.cites))
    if not all(check.stands(citation, text) for citation in citations):
        return None
    if not all(check.supported(claim, citations) for claim in claims):
        return None
    return Answer(
        question.text, question.intent, tuple(claims), tuple(citations), "answer", (), (), as_of, _since(began)
    )


def _derived(question: Question, evidence: Evidence, as_of: dt.date, began: float) -> Answer | None:
    """Return what figures of the passages give where none states it, None where nothing is to be calculated."""
    found = calculated(question, evidence.ranked)
    if found is None:
        return None
    citations: list[Citation] = []
    for source, section, span in found.quotes:
        citations.append(cited_at(len(citations) + 1, source, section, span.start, span.end))
    value = found.rule.words(citations)
    if value is None or not all(
        check.stands(citation, source.document.text)
        for citation, (source, _, _) in zip(citations, found.quotes, strict=True)
    ):
        return None
    claim = Claim(f"{found.before}{value}{found.after}", tuple(citation.n for citation in citations), found.rule)
    if not check.supported(claim, citations):
        return None
    return Answer(question.text, question.intent, (claim,), tuple(citations), "answer", (), (), as_of, _since(began))


_GOVERNED: tuple[Kind, ...] = ("body", "money", "period", "date", "percent")
_LABEL = regex(r"[(（]?[\d一二三四五六七八九十]{1,3}[)）.．、]+\s*")
_WHICH = regex("哪一?[项个件](?:问题|任务|项目|事项|工作)?(?=$|[?？,，呢没还]|[是在][^,?]{0,4}$)")
_OURS = regex(r"我[局委办厅院部会区市县镇所]|本[局委办厅院部会]|本单位|我单位")


def _governing(number: int, candidate: Candidate, question: Question, asks: tuple[int, ...]) -> Citation | None:
    """Return what names whose words these are, where a body is asked for and the sentence leaves it out.

    That is the sentence that announces the list in which an item of a rule stands, for what it says of each; the
    heading of the issuer where a document holds several; where the sentence says 我局, the issuer as the title or the
    signature states it.
    """
    source, passage = candidate.source, candidate.passage
    for ask in (question.asks[at] for at in asks):
        lead = governing(ask, source, passage)
        held = lead.of(source.folded) if lead else ""
        if lead and any(
            holds(kind, held) and not holds(kind, passage.words) for kind in ask.kinds if kind in _GOVERNED
        ):
            return cited_at(number, source, source.section_at(lead.start), lead.start, lead.end)
    if any(_WHICH.search(question.asks[ask].text) for ask in asks):
        over = source.document.sections[passage.section]
        if over.kind == "item" and over.title and over.body <= passage.start and over.title not in passage.words:
            span = trim(source.document.text, over.start, over.body)
            return cited_at(number, source, passage.section, span.start, span.end)
    if not any("body" in question.asks[ask].kinds for ask in asks):
        return None
    node = source.issuer(passage.section)
    if node is not None:
        return cited_at(number, source, source.document.sections.index(node), node.start, node.body)
    stated, title = source.document.issuer, source.document.title
    if stated is None or stated.start == stated.end or not _OURS.search(passage.words):
        return None
    place = title if title and title.start < title.end and fold(stated.value) in fold(title.value) else stated
    return cited_at(number, source, source.section_at(place.start), place.start, place.end)


def _article(
    number: int, candidate: Candidate, cited: Citation, question: Question, asks: tuple[int, ...]
) -> Citation | None:
    """Return the number of the article in which the cited words stand, where it is asked for and they leave it out."""
    if not any("basis" in question.asks[ask].kinds and ARTICLE.search(question.asks[ask].text) for ask in asks):
        return None
    source = candidate.source
    node = next((node for node in source.document.ancestors(candidate.passage.section) if node.kind == "article"), None)
    if node is None or not node.label or cited.start <= node.start:
        return None
    return cited_at(number, source, candidate.passage.section, node.start, node.start + len(node.label))


def _refusal(question: Question, evidence: Evidence, missing: tuple[str, ...], as_of: dt.date, began: float) -> Answer:
    near = evidence.confidence >= NEAR
    nearest = tuple(
        cited_at(n, item.source, item.passage.section, item.passage.start, item.passage.end)
        for n, item in enumerate(evidence.nearest[: 3 if near else 1], 1)
    )
    wanted = "、".join(FIELD_NAMES[name] for name in missing) or "所问内容"
    against = next((found for found in evidence.unmet.values() if found is not None and found.words), None)
    absent = [
        year
        for year in question.years
        if evidence.nearest and not any(year in years(item.source.folded) for item in evidence.nearest)
    ]
    if absent:
        reason = f"文档中没有 {'、'.join(absent)} 年的记载，无法回答。"
    elif against is not None and nearest:
        near = True
        reason = f"没有查到{wanted}：{against.words}；最接近的原文见下。"
    elif near:
        reason = f"文档没有直接写明{wanted}；最接近的原文见下。"
    else:
        reason = f"现有文档中没有查到{wanted}的记载。"
    return Answer(
        question.text, question.intent, (), (), "closest" if near and nearest and not absent else "none",
        missing, nearest, as_of, _since(began), reason=reason,
    )  # fmt: skip


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
