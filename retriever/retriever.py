"""The door for developers: open a store, search it, ask it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import fields, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, get_args
from zoneinfo import ZoneInfo

from ingest.corpus import LOCAL, Corpus, User, Where
from ingest.corpus.lock import StoreLock
from ingest.corpus.row import DocumentRow
from ingest.corpus.tasks import Group, TaskRow, Tasks
from ingest.document import Document, Line
from ingest.error import DubanError, StoreError
from ingest.fold import fold
from ingest.match import with_same
from ingest.unit import column_role
from retriever import answer as answers
from retriever import english
from retriever import reranker as rerankers
from retriever.answer import Answer
from retriever.derivation import Count, Within
from retriever.dialogue import State, nth, state_of
from retriever.discretion import discreet
from retriever.embedder import Absent, Embedder, EmbedderError, for_reading
from retriever.evidence import Evidence, gather
from retriever.found import Found
from retriever.index import Index
from retriever.index_file import DamagedIndex
from retriever.passage import Source
from retriever.question import LONGEST, Question, depends, parse, terms
from retriever.reranker import Reranker
from retriever.scope import named
from retriever.search import Hit, Unit, search
from retriever.sentence import best_sentences, chunks_for
from retriever.tally import concerns, filtered, reply

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.retrievers import BaseRetriever

    from retriever.generate import Model

_Found = TypeVar("_Found")
_BEHIND = "索引尚未跟上最新文档；结果可能不含刚导入的内容。"
_OF_PART, _OF_PARTS = 3, 10  # chunks found for a part of a question, and for the whole of one that has parts
_POOL = 20  # chunks that an answer is made from
_REMEMBERED = 3  # earlier questions that are read
_MATTER = 300  # characters of a matter that a conversation carries along
_SOURCES = 64_000_000  # bytes of prepared documents that are kept


class Retriever:
    """A store, opened for questions. Serves any number of threads; use it as a context manager or close it."""

    def __init__(
        self,
        corpus: Corpus,
        index: Index,
        user: User = LOCAL,
        reranker: Reranker | None = None,
        model: Model | None = None,
    ) -> None:
        """Use `Retriever.open`."""
        self.corpus = corpus
        self.index = index
        self.user = user
        self.reranker = reranker
        self.model = model
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._held = 0  # bytes of them
        self._guard = threading.Lock()

    @classmethod
    def open(
        cls,
        store: str | Path,
        embedder: str | Embedder | Embeddings = "",
        user: User = LOCAL,
        *,
        reranker: str | Reranker = "",
        chroma: str = "",
        model: Model | None = None,
    ) -> Retriever:
        """Open the store at `store`.

        Args:
            store: a folder that `duban ingest` made.
            embedder: what made the vectors of the store, by its name (see `retriever.embedder`) or the object, any
                LangChain `Embeddings` included; the shipped one by default. If it cannot be had, or another one made
                them, keywords serve alone, and `notice` says so.
            user: who asks.
            reranker: a `Reranker`, or the name or folder of a cross-encoder; none by default.
            chroma: the URL of the Chroma server that holds the vectors; "" where they lie in the store.
            model: a language model (`retriever.generate`) that completes follow-ups and words answers; none by default.

        Raises:
            StoreError: there is no store, it is damaged, or another version made it.
            RerankerError: the reranker cannot be loaded.
        """
        path = Path(store)
        corpus = Corpus.open(path)
        try:
            made = for_reading(embedder)
            _mend(path, corpus, made, chroma)
            order = rerankers.named(reranker) if isinstance(reranker, str) else reranker
            return cls(corpus, Index.open(path, made, chroma=chroma), user, order, model)
        except BaseException:
            corpus.close()
            raise

    @property
    def notice(self) -> str | None:
        """Return why search is not as it should be, in words for whoever reads its results; None where it is."""
        return _BEHIND if self.index.seq < self.corpus.seq else self.index.notice

    def search(
        self, query: str, k: int = 5, where: Mapping[str, str] | Where | None = None, unit: Unit = "chunk"
    ) -> list[Hit]:
        """Return the `k` best chunks or sentences for `query`, best first.

        Args:
            query: words in either script, or a question.
            k: how many.
            where: a filter over documents with the keys doc, issuer, since, until (ISO dates, included), collection.
            unit: "chunk", or "sentence" for the sentences that an answer would be made from, scored in the same way.

        Raises:
            DubanError: the filter has another key, or there is no such unit.
        """
        query = query[:LONGEST]
        if unit == "chunk":
            return self._paged(self._chunks(query, k, where))
        if unit != "sentence":
            raise DubanError(f"检索单位 {unit!r} 不存在：可用的有 {'、'.join(get_args(Unit))}")
        if k <= 0 or _no_question(query):
            return []
        hits = self._chunks(query, chunks_for(k), where)
        return self._paged(best_sentences(parse(query), hits, self._source, self.corpus, k))

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
            question: in either script, or in English; what stands behind its first 2,000 characters is not read.
            as_of: the date to speak from; today in Asia/Shanghai by default.
            history: earlier questions of the conversation, oldest first.
            state: what the conversation is about, from the last answer, less what the reader took out of it; in place
                of `history`, whose questions are otherwise answered again to know it.
            where: a filter over documents, as in `search`.
        """
        *_, last = self.stream(question, as_of=as_of, history=history, state=state, where=where)
        return last

    def stream(
        self,
        question: str,
        *,
        as_of: dt.date | None = None,
        history: Sequence[str] = (),
        state: State | None = None,
        where: Mapping[str, str] | Where | None = None,
    ) -> Iterator[Answer]:
        """Yield the answer in the words of the documents at once, then each better one that a model makes of it.

        The last one is that of `answer`, whose arguments these are; without a model it is the only one.
        """
        began = time.perf_counter()
        day = as_of or dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
        first = self._found(question, day, history, state, where, began)
        if self.model is None:
            yield first.answer
            return
        from retriever.generate.use import improved

        def anew(words: str) -> Found:
            return self._found(words, day, (), None, where, began)

        for answer in improved(self.model, first, question, history, anew, self.corpus.tasks(self.user)):
            answer = self._discreet(answer)  # a model may have been shown more sentences than the first one cites
            yield replace(answer, elapsed_ms=(time.perf_counter() - began) * 1000)

    def _found(
        self,
        question: str,
        day: dt.date,
        history: Sequence[str],
        state: State | None,
        where: Mapping[str, str] | Where | None,
        began: float,
    ) -> Found:
        """Return the answer in the words of the documents, with what it was made from."""
        reason = _no_question(question, follows=bool(history or (state and state.matter)))
        if reason:
            return Found(replace(answers.refuse(question, reason, day, began), state=state or State()))
        earlier = tuple(history)[-_REMEMBERED:]
        if state is None and earlier and depends(question):
            state = self._found(earlier[-1], day, earlier[:-1], None, where, began).answer.state
        if state is not None:
            earlier = _earlier(question, earlier, state)
        said = english.read(question, earlier, self.index, lambda words, k: self._chunks(words, k, where))
        if said.absent:
            reason = f"文档中没有查到与这些英文词相应的内容：{'、'.join(said.absent)}。"
            return Found(replace(answers.refuse(question, reason, day, began), state=state or State()))
        asked = replace(parse(said.question, said.history, state.doc if state else None), text=question)
        found = self._counted(asked, day, began) if not where and concerns(asked) else None
        hits: list[Hit] = []
        if found is None:
            hits = self._hits(asked, where)
            found = answers.compose(asked, hits, self._source, day, began)
            found = replace(found, notice=" ".join(filter(None, (self.notice, found.notice))) or None)
        found = replace(found, notice=" ".join(filter(None, (said.notice, found.notice))) or None)
        found = self._discreet(found)
        return Found(replace(found, state=_after(asked, found, state)), asked, hits, self._source)

    def _discreet(self, found: Answer) -> Answer:
        return discreet(found, lambda doc: self.corpus.document(doc, self.user, chunks=False).text)

    def _hits(self, asked: Question, where: Mapping[str, str] | Where | None) -> list[Hit]:
        """Return the chunks for a question, best first; where its parts have matters of their own, the best of each."""
        hits = self._chunks(f"{asked.topic} {asked.formal}", _POOL, where)
        if not hits or len(set(asked.matters)) < 2:
            return hits
        known = {hit.no for hit in hits[:_OF_PARTS]}
        added: list[Hit] = []
        for ask in asked.asks:
            found = self._chunks(ask.text, _OF_PART, where)
            scale = hits[0].score / (found[0].score or 1.0) if found else 1.0
            added += [replace(hit, score=hit.score * scale) for hit in found if hit.no not in known]
            known.update(hit.no for hit in found)
        return sorted([*hits[:_OF_PARTS], *added], key=lambda hit: -hit.score)

    def _counted(self, asked: Question, day: dt.date, began: float) -> Answer | None:
        return reply(asked, self.corpus.tasks(self.user), self.documents(), day, began)

    def evidence(self, question: str) -> Evidence:
        """Return the passages that are weighed for a question, and what speaks against them; no history, no ledger."""
        asked = parse(question[:LONGEST])
        return gather(asked, self._hits(asked, None), self._source)

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

    def lines(self, doc: str, start: int, end: int) -> list[Line]:
        """Return the printed lines that `start:end` of a document touches, in order; none where it has no layout.

        Raises:
            StoreError: there is none that the user may read.
        """
        return self.corpus.lines(doc, start, end, self.user)

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

    def _chunks(self, query: str, k: int, where: Mapping[str, str] | Where | None) -> list[Hit]:
        return self._whole(lambda: search(self.corpus, self.index, query, k, _where(where), self.user, self.reranker))

    def _paged(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits with the page that each begins on."""
        tasks = self.corpus.tasks(self.user)
        places = (tasks.printed(hit.doc, hit.start) for hit in hits)
        return [replace(hit, page=page, confidence=sure) for hit, (page, sure) in zip(hits, places, strict=True)]

    def _whole(self, work: Callable[[], _Found]) -> _Found:
        """Return what `work` gives, once more where the index proved to be damaged and could be made anew."""
        try:
            return work()
        except DamagedIndex:
            _mend(self.corpus.store, self.corpus, self.index.embedder, self.index.chroma, damaged=True)
            return work()

    def _source(self, hit: Hit) -> Source:
        """Return the prepared document of a hit; the last ones used are kept."""
        doc = hit.doc
        with self._guard:
            kept = self._sources.get(doc)
            if kept is not None:
                self._sources.move_to_end(doc)
                return kept
        source = Source(self.corpus.document(doc, self.user, chunks=False), hit.title, hit.source)
        with self._guard:
            if doc not in self._sources:  # another thread may have been as fast
                self._sources[doc] = source
                self._held += source.footprint
            while self._held > _SOURCES:
                self._held -= self._sources.popitem(last=False)[1].footprint
        return source


def _mend(store: Path, corpus: Corpus, model: Embedder, chroma: str, *, damaged: bool = False) -> None:
    """Mend an index that is missing, behind or damaged, where nobody else is writing and the store can be written.

    A killed ingest leaves it behind; whoever opens the store next heals it. Otherwise what is there serves.
    """
    if isinstance(model, Absent):
        return
    with suppress(StoreError, OSError):
        if not damaged:
            with closing(Index.open(store, model)) as reader:
                if reader.follows(corpus):
                    return
    with suppress(StoreError, EmbedderError, OSError), StoreLock(store, wait=0):
        Index.mend(store, model, corpus, chroma, doubted=damaged)


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
    # 配合单位 asks for a body and names none
    bodies = tuple(dict.fromkeys(name for ask in asked.asks for name in named(ask.text) if column_role(name) is None))
    rows = [str(row["title"]) for row in found.tasks] or _rows(asked, found)
    state = state_of(matter, bodies or (before.bodies if before and follows else ()), asked.years, fields, cited, rows)
    if before and follows and not found.citations and before.doc:
        state = replace(state, doc=before.doc, title=before.title)
    return state


def _rows(asked: Question, found: Answer) -> list[str]:
    """Return the items that an answer lists, one a claim; the claim that counts them is none."""
    items = [claim.text for claim in found.claims if not isinstance(claim.rule, (Count, Within))]
    return items if "list" in asked.asks[0].kinds and len(asked.asks) == 1 and len(items) > 1 else []


def _where(where: Mapping[str, str] | Where | None) -> Where | None:
    if where is None or isinstance(where, Where):
        return where
    names = [field.name for field in fields(Where)]
    wrong = [key for key in where if key not in names]
    if wrong:
        raise DubanError(f"筛选条件 {wrong[0]!r} 不存在：可用的有 {', '.join(names)}")
    return Where(**where)


def _no_question(text: Any, *, follows: bool = False) -> str:
    """Return why `text` is no question, "" where it is one; what `follows` another may have no matter (还有吗)."""
    if not text.strip():
        return "请输入问题。"
    if not any(char.isalnum() for char in text[:LONGEST]):
        return "问题里没有文字：请写出想查的事项，例如“污水管网由谁牵头？”。"
    if not follows and not terms(text[:LONGEST].lower()):
        return "问题里没有可查的事项：请补充单位、任务或文件名称。"
    return ""
