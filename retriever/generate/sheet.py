"""The evidence as a model is given it: numbered, fenced as data, and no more of it than the budget allows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.corpus.tasks import Tasks, TaskWhere
from ingest.fold import fold
from ingest.regex import regex
from retriever.answer import Answer, cited_at
from retriever.claim import Citation
from retriever.passage import Source
from retriever.score import Candidate

_MOST = 8  # pieces of evidence; more than that does not make an answer of a few sentences better
_ALIKE = 0.6  # of the best score: what is far below it is about something else
_OVER = 6  # headings above a sentence
_SAYS = regex(r"[\u3400-\u9fff]")
_ROWS = 20  # rows of a list that a model is shown
# Words by which a document would speak to a model. A sentence that has them is not sent; the reader sees it as ever.
_PLANTED = regex(
    r"(?<!不得)(?<!不能)(?<!不可)(?:忽略|无视|不要理会|不要遵守|忘记|跳过|覆盖)[^。\n]{0,12}(?:指令|指示|规则|要求|提示|设定|以上|上述|前面|之前|先前|所有内容)"
    r"|(?:系统|开发者)(?:提示|指令|消息|管理员)|提示词|语言模型|人工智能助手|智能助手|\bai\b|\bassistant\b|(?:你|您)(?:现在|必须|应当|需要|要|只能|的任务|扮演|是一)"
    r"|(?:请|须|必须|一律|直接|只)(?:回答|回复|输出|答复|告诉用户|改答)|回答[：:“\"「]|输出[：:“\"「]|</?\w+>"
    r"|ignore (?:all|any|the|previous|above)|disregard|instructions?\b|system prompt|you (?:are|must|should)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The evidence for one answer.

    `citations` are what a claim may rest on, numbered from 1; `over` are the headings above each of them, innermost
    first, and the title last: a claim that takes its subject from one rests on it too. `words` is how a prompt says
    them. `head` is the sentence of an answer from the ledger, number 1 then, that may be phrased while its rows may
    not; None for any other answer.
    """

    citations: tuple[Citation, ...]
    words: str
    head: str | None = None
    over: Mapping[int, tuple[Citation, ...]] = field(default_factory=dict)


def planted(words: str) -> bool:
    """Return whether words of a document speak to whoever answers, instead of saying what is so."""
    return bool(_PLANTED.search(words))


def sheet(first: Answer, ranked: Sequence[Candidate], tasks: Tasks, tokens: int) -> Sheet:
    """Return the evidence for an answer: what it cites, the ledger's fields of that matter, then candidates by rank.

    Args:
        first: the answer in the words of the documents.
        ranked: sentences that might answer, best first.
        tasks: the ledgers that the user may read.
        tokens: how many may be sent, at one a Han character.
    """
    if first.tasks:
        return _of_ledger(first, tokens)
    held: list[Citation] = []
    left = tokens
    sources = {candidate.source.document.id: candidate.source for candidate in ranked}
    fields = _fields(first, tasks, sources)
    enough = _ALIKE * ranked[0].score if ranked else 0.0
    more = (
        cited_at(0, found.source, found.passage.section, found.passage.start, found.passage.end)
        for found in ranked
        if found.score >= enough
    )
    for found in (*first.citations, *fields, *more):
        if not _SAYS.search(found.quote) or planted(fold(found.quote)) or any(_overlap(found, other) for other in held):
            continue
        cost = len(_line(0, found))
        if len(held) == _MOST or cost > left:
            break
        held.append(replace(found, n=len(held) + 1))
        left -= cost
    lines = "\n".join(_line(found.n, found) for found in held)
    over = {found.n: _over(found, sources[found.doc]) for found in held if found.doc in sources}
    return Sheet(tuple(held), f"<证据>\n{lines}\n</证据>" if held else "", over=over)


def _over(found: Citation, source: Source) -> tuple[Citation, ...]:
    """Return the headings above a citation, innermost first, then the title of the document, numbered behind all."""
    document, at = source.document, source.section_at(found.start)
    spans = [(node.start, node.body) for node in document.ancestors(at) if node.title and node.body <= found.start]
    if document.title and document.title.start < document.title.end:
        spans.append((document.title.start, document.title.end))
    return tuple(
        cited_at(100 * found.n + no, source, source.section_at(start), start, end)
        for no, (start, end) in enumerate(spans[:_OVER])
        if not planted(source.folded[start:end])
    )


def _of_ledger(first: Answer, tokens: int) -> Sheet:
    """Return the evidence for an answer from the ledger: its head, to be phrased, and rows, to be known."""
    head = first.claims[0]
    lines, left = [], tokens
    for row in first.tasks[:_ROWS]:
        units = "、".join(duty["unit"] for duty in row["duties"])
        due = "；".join(item["text"] for item in row["deadlines"])
        line = plain(f"- {row['label']}{row['title']}｜{units}｜{due}")
        left -= len(line)
        if left < 0:
            break
        if not planted(fold(line)):
            lines.append(line)
    like = replace(first.citations[0], n=1, quote=head.text)
    rows = "\n".join(lines)
    return Sheet((like,), f"<证据>\n[1] {plain(head.text)}\n</证据>\n<台账>\n{rows}\n</台账>", head.text)


def _fields(first: Answer, tasks: Tasks, sources: Mapping[str, Source]) -> list[Citation]:
    """Return the sentences that state who, by when and how far of the ledger's row that the answer speaks of."""
    cited = first.citations[0]
    rows = tasks.page(TaskWhere(doc=cited.doc, at=cited.start, as_of=first.as_of.isoformat()), 8)
    row = min((row.to_json() for row in rows), key=lambda row: row["end"] - row["start"], default=None)
    source = sources.get(cited.doc)
    if row is None or source is None:
        return []
    starts = [field["start"] for field in (*row["duties"], *row["deadlines"], row["status"]) if field.get("end")]
    found = []
    for passage in source.passages(row["start"], row["end"]):
        if any(passage.start <= start < passage.end for start in starts):
            found.append(cited_at(0, source, passage.section, passage.start, passage.end))
    return found


def _line(number: int, found: Citation) -> str:
    where = " › ".join((f"《{found.title}》", *found.path))
    return plain(f"[{number}] {where}：{found.quote}")


def plain(words: str) -> str:
    """Return words of a document or a reader in one line that cannot end the fence that it stands in."""
    shown = "".join(char for char in words if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return " ".join(shown.translate(_FENCES).split())


_FENCES = str.maketrans("<>", "＜＞")


def _overlap(one: Citation, other: Citation) -> bool:
    return one.doc == other.doc and max(one.start, other.start) < min(one.end, other.end)
