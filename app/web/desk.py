"""What the page does: handlers that turn what a reader does into what is shown, tested without a browser."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from app.conversations import Conversation, Conversations, Listed, Turn
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
    """What is to be shown of a conversation; what is None stays as it is.

    `chat` is the whole of it, `turn` one new turn and `follow` what can be asked next; `rail` is the list of
    conversations, `first` the one that now stands first in it; `verdict` is what is thought of the turn with a number.
    """

    id: str
    chat: str | None = None
    turn: str | None = None
    follow: str | None = None
    rail: str | None = None
    first: str | None = None
    chips: str | None = None
    ends: str | None = None
    scope: Mapping[str, str] | None = None
    verdict: tuple[int, bool | None] | None = None

    def message(self) -> dict[str, Any]:
        """Return what is not None, by its name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


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
        writes: bool = False,
    ) -> None:
        """Take what the handlers work on.

        Args:
            library: gives what a user may read.
            conversations: where they are kept.
            uploads: where files go; None where nothing can be brought in.
            remove: takes a document away; None where nothing can be.
            pictured: whether pages can be seen as they are printed.
            writes: whether a language model words answers, which then come step by step.
        """
        self._pictured = pictured
        self.writes = writes
        self._library = library
        self._conversations = conversations
        self._uploads = uploads
        self._remove = remove
        self._examples: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    # --- conversations ---

    def open(self, user: User, t: Words, id_: object) -> Said:
        """Return a conversation of the user, or the welcome where there is none with this id."""
        return self._shown(user, t, self._conversations.get(user, str(id_ or "")))

    def greet(self, user: User, t: Words, scope: Mapping[str, str]) -> Said:
        """Return the welcome anew, as documents came or went; `scope`, which may be set there already, stays."""
        documents = self._library(user).documents()[:_DOCUMENTS]
        return Said("", chat=self.welcome(user, t), ends=rail.ends(t, scope, documents, ""))

    def ask(self, user: User, t: Words, id_: str, question: str, scope: Mapping[str, str] | None = None) -> Said:
        """Answer a question as `asked` does, and return what is new at the end."""
        first, *better = self.asked(user, t, id_, question, scope)
        return replace(first, **{k: v for one in better for k, v in one.message().items()})

    def asked(
        self, user: User, t: Words, id_: str, question: str, scope: Mapping[str, str] | None = None
    ) -> Generator[Said]:
        """Answer a question in a conversation, which is begun where there is none; yield what is new in it.

        First what the documents say, then each better wording of a language model. What went wrong stands in the turn.
        `scope` is which documents are asked where the conversation is new. What has come is kept where nobody waits for
        the rest.
        """
        question = question.encode("utf-8", "replace").decode()[:_LONGEST]
        talk = self._conversations.head(user, id_)
        began = not talk.id
        if began:
            scope = _scope(scope)
            talk = Conversation(self._conversations.begin(user, question, scope), question, (), scope)
        turns = self._answers(user, talk, question)
        turn = next(turns)
        at = self._conversations.add(user, talk.id, turn, _state(turn))
        library = self._library(user)
        new = self._turn(library, t, talk, at, turn)
        yield replace(
            new,
            # where the conversation was deleted meanwhile, what stands there is not of the new one
            chat=chat.messages(t, [turn], self._follow(library, t, turn)) if began and id_ else None,
            first=rail.first(t, Listed(talk.id, talk.title, "")),
            ends=rail.ends(t, talk.scope, library.documents()[:_DOCUMENTS], talk.id) if began else None,
            scope=talk.scope,
        )
        improved = None
        try:
            for improved in turns:
                yield self._turn(library, t, talk, at, improved)
            if self._writing(improved or turn):  # the model ended without a word: nobody is to wait for it
                yield self._turn(library, t, talk, at, improved or turn, ended=True)
        finally:
            if improved is not None and improved.answer is not None:
                self._conversations.improve(user, talk.id, at, improved, _state(improved))

    def _writing(self, turn: Turn) -> bool:
        """Return whether a language model is still at this answer: it says what it did in the last one."""
        return self.writes and turn.answer is not None and not turn.answer.get("model")

    def _turn(
        self, library: Library, t: Words, talk: Conversation, at: int, turn: Turn, *, ended: bool = False
    ) -> Said:
        """Return a turn with what can be asked after it and what the conversation now refers to."""
        return Said(
            talk.id,
            turn=chat.turn(t, at, turn, writing=self._writing(turn) and not ended),
            follow=chat.follows(t, self._follow(library, t, turn)),
            chips=self._chips(library, t, talk.state if turn.answer is None else _state(turn), talk.scope),
        )

    def _answers(self, user: User, talk: Conversation, question: str) -> Iterator[Turn]:
        """Yield the turn with the answer at once, then with each better one; what goes wrong then is only logged."""
        # What the reader sees and may have changed decides; the earlier questions only where nothing is kept of them.
        state = State.from_json(talk.state) if talk.state is not None else None
        history: Sequence[str] = ()
        if state is None:
            turns = self._conversations.get(user, talk.id).turns
            history = [turn.question for turn in turns if turn.answer is not None][-_HISTORY:]
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

    def drop(self, user: User, t: Words, id_: str, sent: Mapping[str, Any], scope: Mapping[str, str]) -> Said:
        """Drop a part of what the conversation refers to, or of which documents it asks; return what is left."""
        name, value = str(sent.get("name")), str(sent.get("value"))
        talk = self._conversations.get(user, id_)
        now = dict(talk.scope if talk.id else scope)
        if sent.get("kind") == "state":
            self._conversations.set_state(user, id_, _without(talk.state, name, value))
        elif name in now:
            del now[name]
            self._conversations.set_scope(user, id_, now)
        return self._limits(user, t, id_, now)

    def narrow(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> Said:
        """Set which documents the conversation asks; return that."""
        scope = _scope(sent)
        self._conversations.set_scope(user, id_, scope)
        return self._limits(user, t, id_, scope)

    def rename(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> Said:
        """Give a conversation of the list another title; return the one that is open."""
        self._conversations.rename(user, str(sent.get("id")), str(sent.get("title") or ""))
        return self.open(user, t, id_)

    def forget(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> Said:
        """Delete a conversation of the list; return the one that is open, or the welcome where it was that one."""
        self._conversations.remove(user, str(sent.get("id")))
        return self.open(user, t, id_)

    def judge(self, user: User, t: Words, id_: str, sent: Mapping[str, Any]) -> Said:
        """Keep what the reader thinks of an answer, and return it."""
        del t
        number, liked = str(sent.get("turn")), sent.get("liked")
        if not (number.isascii() and number.isdigit() and len(number) < 7):
            return Said(id_)
        verdict = liked if isinstance(liked, bool) else None
        self._conversations.judge(user, id_, int(number), verdict, str(sent.get("reason") or ""))
        return Said(id_, verdict=(int(number), verdict))

    def found(self, user: User, t: Words, id_: str, words: object) -> Said:
        """Return the list of conversations that hold `words`."""
        return Said(id_, rail=self._rail(user, t, str(words or "")))

    def conversation(self, user: User, id_: str) -> Conversation:
        """Return a conversation of the user as it is kept, an empty one where there is none."""
        return self._conversations.get(user, id_)

    def _limits(self, user: User, t: Words, id_: str, scope: Mapping[str, str]) -> Said:
        """Return what the next question refers to and which documents it is asked of."""
        library = self._library(user)
        return Said(
            id_,
            chips=self._chips(library, t, self._conversations.head(user, id_).state, scope),
            ends=rail.ends(t, scope, library.documents()[:_DOCUMENTS], id_),
            scope=scope,
        )

    def _shown(self, user: User, t: Words, talk: Conversation) -> Said:
        library = self._library(user)
        return Said(
            talk.id,
            chat=chat.messages(t, talk.turns, self._follow(library, t, talk.turns[-1]))
            if talk.turns
            else self.welcome(user, t),
            rail=self._rail(user, t),
            chips=self._chips(library, t, talk.state, talk.scope),
            ends=rail.ends(t, talk.scope, library.documents()[:_DOCUMENTS], talk.id),
            scope=talk.scope,
        )

    def _follow(self, library: Library, t: Words, turn: Turn) -> list[str]:
        """Return what can be asked after a turn."""
        return [t(name) for name in follow(library.ledger(), turn.question, turn.answer)] if turn.answer else []

    def _chips(self, library: Library, t: Words, state: Mapping[str, Any] | None, scope: Mapping[str, str]) -> str:
        titles = {row.doc: row.title for row in library.documents()} if scope.get("doc") else {}
        return rail.chips(t, state, scope, titles)

    def _rail(self, user: User, t: Words, words: str = "") -> str:
        return rail.rail(t, self._conversations.listed(user, words), words, today())

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
    if state is None or name not in ("document", "matter", "bodies", "years"):
        return state
    return State.from_json(state).without(name, value).to_json()


def _scope(sent: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the parts of a scope that are known and set."""
    given = sent or {}
    return {name: str(given[name])[:200] for name in _SCOPE if given.get(name)}


def _is_number(sent: object) -> bool:
    return str(sent).isascii() and str(sent).isdigit() and len(str(sent)) < 12
