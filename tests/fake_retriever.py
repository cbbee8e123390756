"""A Retriever of two small documents, in memory: the shape of the real one without a store."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.corpus.row import DocumentRow
from ingest.document import Chunk, Document, Line, Section, Stated, document_id
from ingest.error import StoreError

PLAN = """青溪市人民政府网站 首页 > 政务公开
青溪市2025年河道治理工作方案
青政办〔2025〕18号

一、总体要求
坚持问题导向，全面摸清河道底数。
二、重点任务
（一）完成清淤。由市水务局牵头，市财政局配合，2025年12月31日前完成12条河道清淤。
（二）建立台账。各区（县）每月5日前报送进展。[1] 逾期未报的予以通报。

扫一扫在手机打开当前页
"""
HOSTILE = f"""<script>document.title='ran'</script>第一条 ${{document.title='ran'}} `x` {{{{x}}}} ![图](https://example.invalid/a.png)
<img src=x onerror="document.title='ran'"> [链接](javascript:document.title='ran') </div><!-- $$x$$ **粗** &lt;
文号\u202e倒过来\u202c正常 {"长" * 10_000}
"""


@dataclass(frozen=True)
class Given:
    json: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return self.json


def plan() -> Document:
    """Return an ordinary document with an outline and site chrome."""

    def stated(words: str, value: str = "") -> Stated:
        return Stated(value or words, PLAN.index(words), PLAN.index(words) + len(words))

    def section(kind: Any, heading: str, until: str, level: int = 1) -> Section:
        start, end = PLAN.index(heading), PLAN.index(until) if until else len(PLAN)
        return Section(0, kind, level, heading[:2], heading[2:], start, start + len(heading), end)

    sections = (
        Section(None, "root", 0, "", "", 0, 0, len(PLAN)),
        section("chrome", "青溪市人民政府网站 首页 > 政务公开\n", "青溪市2025"),
        section("heading", "一、总体要求\n", "二、"),
        section("heading", "二、重点任务\n", "扫一扫"),
        section("chrome", "扫一扫在手机打开当前页", ""),
    )
    return Document(
        document_id(PLAN.encode()),
        PLAN,
        "hans",
        stated("青溪市2025年河道治理工作方案"),
        None,
        stated("青政办〔2025〕18号"),
        None,
        sections,
        (Chunk(0, 0, len(PLAN), True),),
    )


def hostile(title: str = "<img src=x onerror=\"document.title='ran'\">\u202e${1}") -> Document:
    """Return a document whose words try to become more than words, its title too."""
    root = Section(None, "root", 0, "", "", 0, 0, len(HOSTILE))
    chunk = Chunk(0, 0, len(HOSTILE), True)
    stated = Stated(title, 0, 1)
    return Document(document_id(HOSTILE.encode()), HOSTILE, "hans", stated, None, None, None, (root,), (chunk,))


class NoTasks:
    """The ledgers of documents that have none."""

    def page(self, *_: object, **__: object) -> list[Any]:
        return []

    crossed = units = totals = stated = page

    def count(self, where: object) -> int:
        return 0

    def grouped(self, where: object, by: str) -> dict[str, int]:
        return {}


class FakeRetriever:
    """Answers by the first sentence that holds a word of the question; refuses what it does not find."""

    def __init__(self, *documents: Document) -> None:
        """Hold `documents`."""
        self.held = {document.id: document for document in documents}
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.scopes: list[object] = []
        self.states: list[object] = []
        self.free = threading.Event()  # until it is set, a question with 等一等 has no answer
        self.free.set()

    def answer(
        self,
        question: str,
        *,
        as_of: object = None,
        history: Sequence[str] = (),
        where: object = None,
        state: Any = None,
    ) -> Given:
        self.scopes.append(where)
        self.states.append(state)
        self.asked.append((question, tuple(history)))
        if "等一等" in question:
            self.free.wait(30)
        if "出错" in question:
            raise StoreError("库文件损坏：运行 duban doctor")
        if "崩溃" in question:
            raise RuntimeError("unexpected")
        words = [question[at : at + 2] for at in range(len(question) - 1)]
        found = [self._passage(d, m) for d in self.held.values() for m in re.finditer(r"[^。\n]+。?", d.text)]
        hits = [p for p in found if any(word in p["quote"] for word in words)][:3]
        for number, hit in enumerate(hits, 1):
            hit["n"] = number
        refused = "最接近" in question or not hits
        said = "\n".join(f"{hit['quote'].strip()[:60]} [{hit['n']}]" for hit in hits)
        return Given(
            {
                "id": None,
                "question": question,
                "intent": "fact",
                "answer": "没有写明，下面是最接近的原文。" if refused else said,
                "grade": ("closest" if hits else "none") if refused else "answer",
                "abstained": refused,
                "missing": ["deadline"] if refused and hits else [],
                "citations": [] if refused else hits,
                "nearest": hits if refused else [],
                "tasks": [],
                "as_of": "2026-11-21",
                "elapsed_ms": 1.0,
                "notice": None,
                "state": {"document": {"doc": hits[0]["doc"], "title": hits[0]["title"]}, "bodies": ["市水务局"],
                          "matter": "河道清淤", "years": ["2025"], "fields": ["deadline"], "rows": []} if hits else None,
            }
        )  # fmt: skip

    def stream(self, question: str, **given: Any) -> Iterator[Given]:
        yield self.answer(question, **given)

    def documents(self) -> list[DocumentRow]:
        rows = enumerate(self.held.values(), 1)
        return [
            DocumentRow(
                no,
                d.id,
                d.title.value if d.title else f"{no}.txt",
                d.issuer and d.issuer.value,
                d.number and d.number.value,
                d.date and d.date.value,
                d.script,
                f"folder/{no}.txt",
                "default",
                len(d.chunks),
            )
            for no, d in rows
        ]

    def document(self, doc: str) -> Document:
        if doc not in self.held:
            raise StoreError("没有这份文档，它可能已被移除。")
        return self.held[doc]

    def lines(self, doc: str, start: int, end: int) -> list[Line]:
        return []

    def original(self, doc: str) -> Path:
        raise StoreError(f"没有 {doc} 的原件")

    def ledger(self) -> NoTasks:
        return NoTasks()

    def _passage(self, document: Document, match: re.Match[str]) -> dict[str, Any]:
        return {
            "n": 0,
            "doc": document.id,
            "title": document.title.value if document.title else "",
            "source": "folder/1.txt",
            "path": ["二、重点任务"],
            "start": match.start(),
            "end": match.end(),
            "quote": match[0],
            "page": None,
        }
