"""What the page does: handlers that turn what a reader does into what is shown, tested without a browser."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.conversations import Conversation, Conversations, Turn
from app.uploads import Uploads, accepted
from app.web.example import EXAMPLES, answered
from app.web.follow import follow
from app.web.label import Words
from app.web.place import place
from app.web.printed import leaf
from app.web.query import SIZE, Query
from app.web.view import chat, frame, ledger, rail, shelf, source
from ingest.corpus import User
from ingest.corpus.row import DocumentRow
from ingest.corpus.tasks import Tasks, TaskWhere
from ingest.document import Document, Line
from ingest.error import DubanError
from ingest.task import KINDS
from retriever.dialogue import State
from retriever.tally import today

_HISTORY = 20  # earlier questions that an answer is given; a follow-up refers to the last few
_LONGEST = 20_000  # characters of a question that are kept
_SCOPE = ("doc", "issuer", "since", "until")
_DOCUMENTS = 500  # that a filter lists

_log = logging.getLogger(__name__)


class Given(Protocol):
    """An answer that can be shown."""

    def to_json(self) -> dict[str, Any]:
        """Return the contract object of `duban ask --json`."""


class Library(Protocol):
    """What the page needs of a Retriever, which checks at each call what its user may read."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        where: Mapping[str, str] | None = None,
        state: State | None = None,
    ) -> Iterator[Given]:
        """Yield the answer in the documents' words, then each better one that a language model makes of it, if any."""

    def documents(self) -> Sequence[DocumentRow]:
        """Return the documents that can be asked about."""

    def document(self, doc: str) -> Document:
        """Return one of them by id; raises StoreError if there is none."""

    def lines(self, doc: str, start: int, end: int) -> Sequence[Line]:
        """Return the printed lines of one of them that a span touches, none where it has no pages."""

    def original(self, doc: str) -> Path:
        """Return the file that it was read from; raises StoreError if there is none."""

    def ledger(self) -> Tasks:
        """Return the ledgers of the documents."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is shown of a conversation; what is None stays as it is."""

    id: str
    chat: str
    rail: str | None
    chips: str
    ends: str | None


class Desk:
    """The handlers of the page. Each call names the user and the language; nothing of a reader is kept in between."""

    def __init__(
        self,
        library: Callable[[User], Library],
        conversations: Conversations,
        uploads: Uploads | None = None,
        remove: Callable[[User, str], None] | None = None,
        *,
        pictured: bool = False,
    ) -> None:
        """Take what the handlers work on.

        Args:
            library: gives what a user may read.
            conversations: where they are kept.
            uploads: where files go; None where nothing can be brought in.
            remove: takes a document away; None where nothing can be.
            pictured: whether pages can be seen as they are printed.
        """
        self._pictured = pictured
        self._library = library
        self._conversations = conversations
        self._uploads = uploads
        self._remove = remove
        self._examples: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    # --- conversations ---

    def open(self, user: User, t: Words, id_: object) -> Said:
        """Return a conversation of the user, or the welcome where there is none with this id."""
        return self._shown(user, t, self._conversations.get(user, str(id_ or "")))

    def ask(self, user: User, t: Words, id_: str, question: str, scope: Mapping[str, str] | None = None) -> Said:
        """Answer a question as `asked` does, and return the conversation with its last answer."""
        *_, last = self.asked(user, t, id_, question, scope)
        return last

    def asked(
        self, user: User, t: Words, id_: str, question: str, scope: Mapping[str, str] | None = None
    ) -> Generator[Said]:
        """Answer a question in a conversation, which is begun where there is none; yield it with each better answer.

        What went wrong stands in the turn. `scope` is which documents are asked where the conversation is new. What has
        come is kept where nobody waits for the rest.
        """
        question = question.encode("utf-8", "replace").decode()[:_LONGEST]
        talk = self._conversations.get(user, id_)
        if not talk.id:
            scope = _scope(scope)
            talk = Conversation(self._conversations.begin(user, question, scope), question, (), scope)
            latest = False
        else:
            latest = self._conversations.is_latest(user, talk.id)
        turns = self._answers(user, talk, question)
        turn = next(turns)
        self._conversations.add(user, talk.id, turn, _state(turn))
        yield self._with(user, t, talk, turn, fresh="yes", moved=not latest)
        improved = None
        try:
            for improved in turns:
                yield self._with(user, t, talk, improved, fresh="no", moved=False)
        finally:
            if improved is not None and improved.answer is not None:
                self._conversations.improve(user, talk.id, len(talk.turns), improved, _state(improved))
        if improved is not None:
            yield self._with(user, t, talk, improved, fresh="said", moved=False)

    def _with(self, user: User, t: Words, talk: Conversation, turn: Turn, *, fresh: str, moved: bool) -> Said:
        """Return the conversation with one more turn."""
        kept = talk.state if turn.answer is None else _state(turn)
        now = Conversation(talk.id, talk.title, (*talk.turns, turn), talk.scope, kept)
        return self._shown(user, t, now, fresh=fresh, moved=moved)

    def _answers(self, user: User, talk: Conversation, question: str) -> Iterator[Turn]:
        """Yield the turn with the answer at once, then with each better one; what goes wrong then is only logged."""
        # What the reader sees and may have changed decides; the earlier questions only where nothing is kept of them.
        state = State.from_json(talk.state) if talk.state is not None else None
        history = [turn.question for turn in talk.turns if turn.answer is not None][-_HISTORY:] if state is None else ()
        where = {name: value for name, value in talk.scope.items() if value} or None
        answered = False
        try:
            for given in self._library(user).stream(question, history=history, where=where, state=state):
                answered = True
                yield Turn(question, given.to_json())
        except DubanError as error:
            if not answered:
                yield Turn(question, error=str(error))
        except Exception:
            _log.exception("the question was not answered")
            if not answered:
                yield Turn(question, error="inside")

    def drop(
        self, user: User, t: Words, id_: str, sent: Mapping[str, Any], scope: Mapping[str, str]
    ) -> tuple[Said, dict[str, str]]:
        """Drop a part of what the conversation refers to, or of which documents it asks; return it and the scope."""
        name, value = str(sent.get("name")), str(sent.get("value"))
        talk = self._conversations.get(user, id_)
        now = dict(talk.scope if talk.id else scope)
        if sent.get("kind") == "state":
            self._conversations.set_state(user, id_, _without(talk.state, name, value))
        elif name in now:
            del now[name]
            self._conversations.set_scope(user, id_, now)
        return self._reopened(user, t, id_, now), now

    def narrow(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> tuple[Said, dict[str, str]]:
        """Set which documents the conversation asks; return it and the scope."""
        scope = _scope(sent)
        self._conversations.set_scope(user, id_, scope)
        return self._reopened(user, t, id_, scope), scope

    def rename(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> Said:
        """Give a conversation of the list another title; return the one that is open."""
        self._conversations.rename(user, str(sent.get("id")), str(sent.get("title") or ""))
        return self.open(user, t, id_)

    def forget(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> Said:
        """Delete a conversation of the list; return the one that is open, or the welcome where it was that one."""
        self._conversations.remove(user, str(sent.get("id")))
        return self.open(user, t, id_)

    def judge(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> str:
        """Keep what the reader thinks of an answer, and return the conversation."""
        number, liked = str(sent.get("turn")), sent.get("liked")
        if number.isascii() and number.isdigit() and len(number) < 7:
            verdict = liked if isinstance(liked, bool) else None
            self._conversations.judge(user, id_, int(number), verdict, str(sent.get("reason") or ""))
        return self.open(user, t, id_).chat

    def found(self, user: User, t: Words, id_: str, words: object) -> str:
        """Return the list of conversations that hold `words`."""
        return self._rail(user, t, id_, str(words or ""))

    def conversation(self, user: User, id_: str) -> Conversation:
        """Return a conversation of the user as it is kept, an empty one where there is none."""
        return self._conversations.get(user, id_)

    def _reopened(self, user: User, t: Words, id_: str, scope: Mapping[str, str]) -> Said:
        talk = self._conversations.get(user, id_)
        return self._shown(user, t, talk if talk.id else Conversation(scope=scope))

    def _shown(self, user: User, t: Words, talk: Conversation, *, fresh: str = "no", moved: bool = True) -> Said:
        library = self._library(user)
        documents = library.documents()
        if talk.turns:
            last = talk.turns[-1]
            labels = follow(library.ledger(), last.question, last.answer) if last.answer else []
            body = chat.messages(t, talk.turns, [t(name) for name in labels], fresh=fresh)
        else:
            body = self.welcome(user, t)
        return Said(
            talk.id,
            body,
            self._rail(user, t, talk.id) if moved else None,
            rail.chips(t, talk.state, talk.scope, {row.doc: row.title for row in documents}),
            rail.ends(t, talk.scope, documents[:_DOCUMENTS], talk.id) if moved else None,
        )

    def _rail(self, user: User, t: Words, id_: str, words: str = "") -> str:
        return rail.rail(t, self._conversations.listed(user, words), id_, words, today())

    # --- what is shown beside, before and below ---

    def source(self, user: User, t: Words, id_: str, wanted: object) -> str:
        """Return the source panel for a key that the browser sent; it may be anything."""
        nonce = time.time_ns()
        found = place(self._conversations.get(user, id_).turns, str(wanted))
        if found is None:
            return source.gone(t, t("stale"), nonce)
        library, passage = self._library(user), found.passage
        try:
            document = library.document(found.doc)
            lines = library.lines(found.doc, passage["start"], passage["end"]) if passage and document.pages else ()
        except DubanError:
            return source.gone(t, t("document_gone"), nonce)
        if passage and passage["start"] >= len(document.text):
            return source.gone(t, t("stale"), nonce)
        at = leaf(document, passage["start"] if passage else 0, lines)
        return source.source(t, document, found, nonce, at, pictured=self._pictured)

    def welcome(self, user: User, t: Words) -> str:
        """Return what a reader sees who has not asked yet."""
        rows = self._library(user).documents()
        return frame.welcome(t, self.examples(user), len(rows), sum(row.tasks or 0 for row in rows))

    def examples(self, user: User) -> tuple[str, ...]:
        """Return the example questions that the library answers now; they are tried again when its documents change."""
        library = self._library(user)
        state = (user.name, *(row.doc for row in library.documents()))
        if state != self._examples[0]:
            self._examples = (state, tuple(answered(EXAMPLES, lambda q: next(iter(library.stream(q))).to_json())))
        return self._examples[1]

    # --- the ledger ---

    def filters(self, user: User, t: Words, sent: object) -> str:
        """Return the filters of the ledger, set as the browser sent them."""
        library = self._library(user)
        rows = {row.doc: row.title for row in library.documents() if row.tasks}
        names = [unit for unit, _ in library.ledger().units()]
        return ledger.form(t, Query.read(sent), list(rows.items())[:_DOCUMENTS], names)

    def listed(self, user: User, t: Words, sent: object) -> str:
        """Return what the filters that the browser sent let through."""
        query, tasks = Query.read(sent), self._library(user).ledger()
        where = query.where()
        count = tasks.count(where)
        last = max(1, -(-count // SIZE))
        query = Query(query.values, min(query.page, last), query.descending)
        page = tasks.page(where, SIZE, (query.page - 1) * SIZE, query.order, descending=query.descending)
        stated = tasks.stated(TaskWhere(doc=where.doc, as_of=where.as_of))
        found = {
            "count": count,
            "rows": [row.to_json() for row in page],
            "status": tasks.grouped(where, "status"),
            "overdue": tasks.grouped(where, "overdue"),
            "by_unit": tasks.crossed(where, "unit"),
            "by_month": tasks.crossed(where, "month"),
            "docs": [{"doc": doc, "title": title, "totals": totals} for doc, title, totals in stated],
            "empty": not count and not tasks.count(TaskWhere(kinds=KINDS)),
        }
        return ledger.results(t, query, found)

    # --- the documents ---

    def shelf(self, t: Words) -> str:
        """Return the place where files are dropped, "" where none can be brought in."""
        return shelf.shelf(t, accepted(), self._uploads.largest) if self._uploads else ""

    def jobs(self, user: User, t: Words) -> str:
        """Return the files that were brought in, each with its stage."""
        return shelf.uploads(t, self._uploads.listed(user) if self._uploads else [])

    def again(self, user: User, t: Words, number: object) -> str:
        """Try a failed file once more."""
        if self._uploads and _is_number(number):
            self._uploads.again(user, int(str(number)))
        return self.jobs(user, t)

    def dismiss(self, user: User, t: Words, number: object) -> str:
        """Take an ended upload off the list, or all ended ones."""
        if self._uploads and (number in ("", None) or _is_number(number)):
            self._uploads.dismiss(user, int(str(number)) if number else None)
        return self.jobs(user, t)

    def documents(self, user: User, t: Words, words: object = "") -> str:
        """Return the list of documents that hold `words`."""
        return shelf.documents(t, self._library(user).documents(), str(words or ""))

    def remove(self, user: User, t: Words, doc: object, words: object) -> str:
        """Take a document away and return the list; why not, where it cannot be."""
        trouble = ""
        try:
            self._library(user).document(str(doc))
            if self._remove:
                self._remove(user, str(doc))
        except DubanError as error:
            trouble = frame.trouble(str(error))
        return trouble + self.documents(user, t, words)


def _state(turn: Turn) -> Mapping[str, Any] | None:
    return turn.answer.get("state") if turn.answer else None


def _without(state: Mapping[str, Any] | None, name: str, value: str) -> Mapping[str, Any] | None:
    """Return the state without one of its chips; as it is where it has no such chip."""
    if state is None or name not in ("document", "matter", "bodies", "years", "fields"):
        return state
    return State.from_json(state).without(name, value).to_json()


def _scope(sent: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the parts of a scope that are known and set."""
    given = sent or {}
    return {name: str(given[name])[:200] for name in _SCOPE if given.get(name)}


def _is_number(sent: object) -> bool:
    return str(sent).isascii() and str(sent).isdigit() and len(str(sent)) < 12
