"""The door for developers: open a store, search it, ask it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ingest.corpus import LOCAL, Corpus, DocumentRow, User, Where
from ingest.document import Document
from ingest.error import DubanError, StoreError
from ingest.fold import fold
from ingest.lock import StoreLock
from ingest.match import with_same
from ingest.tasks import Group, TaskRow, Tasks
from retriever import answer as answers
from retriever.answer import Answer
from retriever.dialogue import State, nth, state_of
from retriever.embedder import Embedder, embedder
from retriever.index import Index
from retriever.passage import Source
from retriever.question import LONGEST, Question, depends, parse, terms
from retriever.scope import named
from retriever.search import Hit, search
from retriever.tally import concerns, filtered, reply

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

_BEHIND = "索引尚未跟上最新文档；结果可能不含刚导入的内容。"
_POOL = 20  # chunks that an answer is made from
_REMEMBERED = 3  # earlier questions that are read
_MATTER = 300  # characters of a matter that a conversation carries along
_SOURCES = 64  # prepared documents that are kept; one takes about four times its text


class Retriever:
    """A store, opened for questions. Serves any number of threads; use it as a context manager or close it."""

    def __init__(self, corpus: Corpus, index: Index, user: User = LOCAL) -> None:
        """Use `Retriever.open`."""
        self.corpus = corpus
        self.index = index
        self.user = user
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._guard = threading.Lock()

    @classmethod
    def open(cls, store: str | Path, embedder_: Embedder | str | None = None, user: User = LOCAL) -> Retriever:
        """Open the store at `store`.

        Args:
            store: a folder that `duban ingest` made.
            embedder_: an `Embedder` or its name; the shipped one by default.
            user: who asks.

        Raises:
            StoreError: there is no store, or another version or embedder made it.
        """
        path = Path(store)
        corpus = Corpus.open(path)
        try:
            model = embedder(embedder_ or "hashed") if not isinstance(embedder_, Embedder) else embedder_
            _mend(path, corpus, model)
            return cls(corpus, Index.open(path, model), user)
        except BaseException:
            corpus.close()
            raise

    def search(self, query: str, k: int = 5, where: Mapping[str, str] | Where | None = None) -> list[Hit]:
        """Return the `k` best chunks for `query`, best first.

        Args:
            query: words in either script.
            k: how many.
            where: a filter over documents with the keys doc, issuer, since, until (ISO dates, included), collection.

        Raises:
            DubanError: the filter has another key.
        """
        return search(self.corpus, self.index, query[:LONGEST], k, _where(where), self.user)

    def answer(
        self,
        question: str,
        *,
        as_of: dt.date | None = None,
        history: Sequence[str] = (),
        state: State | None = None,
        where: Mapping[str, str] | Where | None = None,
    ) -> Answer:
        """Answer `question` from the documents, with citations, or say what is missing.

        Args:
            question: in either script; what stands behind its first 2,000 characters is not read.
            as_of: the date to speak from; today in Asia/Shanghai by default.
            history: earlier questions of the conversation, oldest first.
            state: what the conversation is about, from the last answer, less what the reader took out of it; in place
                of `history`, whose questions are otherwise answered again to know it.
            where: a filter over documents, as in `search`.
        """
        began = time.perf_counter()
        day = as_of or dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
        reason = _no_question(question)
        if reason:
            return replace(answers.refuse(question, reason, day, began), state=state or State())
        earlier = tuple(history)[-_REMEMBERED:]
        if state is None and earlier and depends(question):
            state = self.answer(earlier[-1], as_of=as_of, history=earlier[:-1], where=where).state
        if state is not None:
            earlier = _earlier(question, earlier, state)
        asked = parse(question, earlier, state.doc if state else None)
        found = self._counted(asked, day, began) if not where and concerns(asked) else None
        if found is None:
            hits = search(self.corpus, self.index, asked.topic, _POOL, _where(where), self.user)
            found = answers.compose(asked, hits, self._source, day, began)
            behind = self.index.seq < self.corpus.seq
            found = replace(found, notice=_BEHIND if behind else self.index.notice)
        return replace(found, state=_after(asked, found, state))

    def _counted(self, asked: Question, day: dt.date, began: float) -> Answer | None:
        return reply(asked, self.corpus.tasks(self.user), self.documents(), day, began)

    def tasks(
        self,
        *,
        as_of: dt.date | None = None,
        same: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Any,
    ) -> list[TaskRow]:
        """Return tasks of the ledger, by source and place: `r.tasks(status="closed", due_before=date(2025, 1, 1))`.

        Args:
            as_of: the day that "overdue" is relative to; today in Asia/Shanghai by default.
            same: whether each task is to have what other documents say of its matter.
            limit: how many at most; all by default.
            offset: how many are passed over, for the next page.
            filters: doc, unit, role, status, kinds, due_before, due_after, due_within, overdue, text: see `TaskWhere`.

        Raises:
            DubanError: there is no such filter or value.
        """
        tasks = self.corpus.tasks(self.user)
        rows = list(tasks.each(filtered(as_of, **filters), limit, offset))
        return with_same(tasks, rows) if same else rows

    def tally(self, by: Group = "status", *, as_of: dt.date | None = None, **filters: Any) -> dict[str, int]:
        """Return how many tasks there are of each status, doc, kind, unit, role, overdue or month; filters as above.

        Raises:
            DubanError: there is no such filter or value.
        """
        return self.corpus.tasks(self.user).grouped(filtered(as_of, **filters), by)

    def documents(self) -> list[DocumentRow]:
        """Return the documents that the user may read, by source path."""
        return self.corpus.documents(self.user)

    def document(self, doc: str) -> Document:
        """Return one document with its text and outline.

        Raises:
            StoreError: there is none that the user may read.
        """
        return self.corpus.document(doc, self.user)

    def original(self, doc: str) -> Path:
        """Return the file that a document was read from.

        Raises:
            StoreError: there is none that the user may read.
        """
        path = self.corpus.store / "originals" / self.document(doc).id
        if not path.is_file():
            raise StoreError(f"文档 {doc} 的原文件不在库里：请从备份恢复，或重新导入")
        return path

    def ledger(self) -> Tasks:
        """Return the ledgers of the documents that the user may read, to be asked page by page."""
        return self.corpus.tasks(self.user)

    def as_langchain(self, k: int = 5) -> BaseRetriever:
        """Return this store as a LangChain retriever of `k` chunks a query, with span, path and scores as metadata."""
        from retriever.langchain import DubanRetriever

        return DubanRetriever(retriever=self, k=k)

    def close(self) -> None:
        """Close the store."""
        self.index.close()
        self.corpus.close()

    def __enter__(self) -> Retriever:
        """Return the retriever itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def _source(self, hit: Hit) -> Source:
        """Return the prepared document of a hit; the last ones used are kept."""
        doc = hit.doc
        with self._guard:
            kept = self._sources.get(doc)
            if kept is not None:
                self._sources.move_to_end(doc)
                return kept
        source = Source(self.corpus.document(doc, self.user), hit.title, hit.source)
        with self._guard:
            self._sources[doc] = source
            while len(self._sources) > _SOURCES:
                self._sources.popitem(last=False)
        return source


def _mend(store: Path, corpus: Corpus, model: Embedder) -> None:
    """Bring an index up to date that is missing or behind, where nobody else is writing and the store can be written.

    A killed ingest leaves it behind; whoever opens the store next heals it. Otherwise what is there serves.
    """
    with suppress(StoreError, OSError):
        reader = Index.open(store, model)
        follows = reader.follows(corpus)
        reader.close()
        if follows:
            return
    with suppress(StoreError, OSError), StoreLock(store, wait=0):
        writer = Index.open(store, model, write=True)
        try:
            writer.catch_up(corpus)
        finally:
            writer.close()


def _earlier(question: str, history: tuple[str, ...], state: State) -> tuple[str, ...]:
    """Return the questions that a follow-up is read after: the state's matter, or the row of its list that is meant."""
    row = nth(fold(question), state.rows)
    if row is not None:
        return (f"{state.title} {row}",)
    return history or tuple(words for words in (state.matter,) if words)


def _after(asked: Question, found: Answer, before: State | None) -> State:
    """Return the state after an answer; what a follow-up took over stays."""
    follows = asked.intent == "followup"
    matter = asked.text if not follows else f"{asked.context} {asked.text}"[-_MATTER:]
    fields = [answers.FIELDS[ask.intent] for ask in asked.asks if ask.intent in answers.FIELDS]
    cited = found.citations or found.nearest
    bodies = tuple(dict.fromkeys(name for ask in asked.asks for name in named(ask.text)))
    state = state_of(
        matter, bodies or (before.bodies if before and follows else ()), asked.years, fields, cited, found.tasks
    )
    if before and follows and not found.citations and before.doc:
        state = replace(state, doc=before.doc, title=before.title)
    return state


def _where(where: Mapping[str, str] | Where | None) -> Where | None:
    if where is None or isinstance(where, Where):
        return where
    names = [field.name for field in fields(Where)]
    wrong = [key for key in where if key not in names]
    if wrong:
        raise DubanError(f"筛选条件 {wrong[0]!r} 不存在：可用的有 {', '.join(names)}")
    return Where(**where)


def _no_question(text: Any) -> str:
    """Return why `text` is no question, "" where it is one."""
    if not text.strip():
        return "请输入问题。"
    if not any(char.isalnum() for char in text[:LONGEST]):
        return "问题里没有文字：请写出想查的事项，例如“污水管网由谁牵头？”。"
    if not terms(text[:LONGEST].lower()):
        return "问题里没有可查的事项：请补充单位、任务或文件名称。"
    return ""
