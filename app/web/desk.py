"""What the page does: handlers that turn what a reader does into what is shown, tested without a browser."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, Protocol

from app.web import label, view
from app.web.conversation import Turn, place
from app.web.example import EXAMPLES, answered
from ingest.corpus import DocumentRow
from ingest.document import Document
from ingest.error import DubanError

_HISTORY = 20  # earlier questions that an answer is given; a follow-up refers to the last few

_log = logging.getLogger(__name__)


class Given(Protocol):
    """An answer that can be shown."""

    def to_json(self) -> dict[str, Any]:
        """Return the contract object of `duban ask --json`."""


class Library(Protocol):
    """What the page needs of a Retriever, which checks at each call what its user may read."""

    def answer(self, question: str, *, history: Sequence[str] = ()) -> Given:
        """Return the answer to `question`, which may lean on the questions of `history`, oldest first."""

    def documents(self) -> Sequence[DocumentRow]:
        """Return the documents that can be asked about."""

    def document(self, doc: str) -> Document:
        """Return one of them by id; raises StoreError if there is none."""


class Desk:
    """The handlers of the page over one library; it keeps nothing of a conversation, so all readers share it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._examples: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def ask(self, question: str, turns: Sequence[Turn]) -> Turn:
        """Return the turn that follows `turns` when `question` is asked; what went wrong stands in the turn."""
        history = [turn.question for turn in turns if turn.answer is not None][-_HISTORY:]
        try:
            return Turn(question, self._library.answer(question, history=history).to_json())
        except DubanError as error:
            return Turn(question, error=str(error))
        except Exception:
            _log.exception("the question was not answered")
            return Turn(question, error=label.FAILED_INSIDE)

    def source(self, wanted: object, turns: Sequence[Turn]) -> str:
        """Return the source panel for a key that the browser sent; it may be anything.

        A key names a passage of `turns` or, as `d-<id>`, a whole document.
        """
        nonce = time.time_ns()
        asked = str(wanted)
        found = place(turns, asked)
        if found is None and not asked.startswith("d-"):
            return view.trouble(label.STALE, nonce)
        passage = found.passages[found.at] if found else None
        try:
            document = self._library.document(passage["doc"] if passage else asked[2:])
        except DubanError as error:
            return view.trouble(str(error), nonce)
        return view.source(document, passage, found, nonce)

    def documents(self, words: str = "") -> str:
        """Return the list of documents that hold `words`."""
        return view.documents(self._library.documents(), words)

    def welcome(self) -> str:
        """Return what a reader sees who has not asked yet."""
        return view.welcome(self.examples(), len(self._library.documents()))

    def examples(self) -> tuple[str, ...]:
        """Return the example questions that the library answers now; they are tried again when its documents change."""
        state = tuple(row.doc for row in self._library.documents())
        if state != self._examples[0]:
            self._examples = (state, tuple(answered(EXAMPLES, lambda q: self._library.answer(q).to_json())))
        return self._examples[1]

    def example(self, number: object) -> str:
        """Return the example question with the number that the browser sent (from 0), "" if there is none."""
        examples = self.examples()
        return examples[int(str(number))] if str(number) in map(str, range(len(examples))) else ""
