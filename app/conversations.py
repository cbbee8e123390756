"""The conversations of the page: kept in `desk.db`, each seen by its owner alone."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.deskfile import DeskFile
from ingest.corpus import User

_TITLE = 60  # characters of a title
_LISTED = 60  # conversations in a list; older ones are found by searching
_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it: an answer (the contract object of `duban ask --json`) or the words of an error.

    Both are absent while the answer is being looked for. `liked` is what the reader said of it, None while nothing.
    """

    question: str
    answer: Mapping[str, Any] | None = None
    error: str = ""
    liked: bool | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation: its turns in order, which documents it asks (`scope`), and what a follow-up refers to (`state`).

    `id` is "" until the first question is asked; nothing is kept before.
    """

    id: str = ""
    title: str = ""
    turns: tuple[Turn, ...] = ()
    scope: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list. `changed` is UTC, ISO 8601."""

    id: str
    title: str
    changed: str


class Conversations:
    """The conversations of all users; every call names the one who asks and finds only theirs."""

    def __init__(self, file: DeskFile) -> None:
        """Keep them in `file`."""
        self._file = file

    def listed(self, user: User, words: str = "") -> list[Listed]:
        """Return the user's conversations, the latest first; those that hold all of `words` in title or questions."""
        terms, values = ["owner = ?"], [user.name]
        for word in words.split()[:10]:
            terms.append(
                "(instr(title, ?) OR EXISTS (SELECT 1 FROM turn WHERE conversation = id AND"
                " (instr(question, ?) OR instr(coalesce(answer ->> '$.answer', ''), ?))))"
            )
            values += [word, word, word]
        rows = self._file.all(
            f"SELECT id, title, changed FROM conversation WHERE {' AND '.join(terms)}"
            f" ORDER BY changed DESC, id LIMIT {_LISTED}",
            values,
        )
        return [Listed(*row) for row in rows]

    def get(self, user: User, id_: str) -> Conversation:
        """Return a conversation, an empty one where the user has none with this id; any string may be asked."""
        talk = self.head(user, id_)
        if not talk.id:
            return talk
        rows = self._file.all(
            "SELECT question, answer, error, liked FROM turn WHERE conversation = ? ORDER BY at", (id_,)
        )
        turns = (
            Turn(question, json.loads(answer) if answer else None, error, None if liked is None else liked > 0)
            for question, answer, error, liked in rows
        )
        return replace(talk, turns=tuple(turns))

    def head(self, user: User, id_: str) -> Conversation:
        """Return a conversation as `get` does, without its turns."""
        row = self._file.row(
            "SELECT title, scope, state FROM conversation WHERE id = ? AND owner = ?", (id_, user.name)
        )
        if row is None:
            return Conversation()
        return Conversation(id_, row[0], (), json.loads(row[1]), json.loads(row[2]) if row[2] else None)

    def begin(self, user: User, question: str, scope: Mapping[str, str]) -> str:
        """Make a conversation that begins with `question`, and return its id."""
        id_ = secrets.token_urlsafe(12)
        with self._file.writing() as db:
            db.execute(
                "INSERT INTO conversation VALUES (?, ?, ?, ?, NULL, ?)",
                (id_, user.name, _title(question), json.dumps(dict(scope)), _now()),
            )
        return id_

    def add(self, user: User, id_: str, turn: Turn, state: Mapping[str, Any] | None) -> int:
        """Add a turn to a conversation, and what the next one refers to, and return its number (from 0).

        Nothing is added where the user has no such conversation.
        """
        answer = _whole(json.dumps(turn.answer, ensure_ascii=False)) if turn.answer is not None else None
        now = _now()
        with self._file.writing() as db:
            if not db.execute("SELECT 1 FROM conversation WHERE id = ? AND owner = ?", (id_, user.name)).fetchone():
                return 0
            at: int = db.execute(
                "INSERT INTO turn (conversation, at, question, answer, error, asked) SELECT ?,"
                " (SELECT coalesce(max(at) + 1, 0) FROM turn WHERE conversation = ?), ?, ?, ?, ? RETURNING at",
                (id_, id_, _whole(turn.question), answer, _whole(turn.error), now),
            ).fetchone()[0]
            db.execute("UPDATE conversation SET changed = ? WHERE id = ?", (now, id_))
            if turn.answer is not None:
                db.execute("UPDATE conversation SET state = ? WHERE id = ?", (_json(state), id_))
        return at

    def improve(self, user: User, id_: str, at: int, turn: Turn, state: Mapping[str, Any] | None) -> None:
        """Put a better answer in the place of the one at a turn (from 0); nothing where the user has no such turn."""
        with self._file.writing() as db:
            db.execute(
                "UPDATE turn SET answer = ? WHERE conversation = ? AND at = ? AND conversation IN"
                " (SELECT id FROM conversation WHERE owner = ?)",
                (_whole(json.dumps(turn.answer, ensure_ascii=False)), id_, at, user.name),
            )
        self.set_state(user, id_, state)

    def set_scope(self, user: User, id_: str, scope: Mapping[str, str]) -> None:
        """Set which documents a conversation asks."""
        self._set(user, id_, "scope", json.dumps(dict(scope)))

    def set_state(self, user: User, id_: str, state: Mapping[str, Any] | None) -> None:
        """Set what the next question of a conversation refers to."""
        self._set(user, id_, "state", _json(state))

    def rename(self, user: User, id_: str, title: str) -> None:
        """Give a conversation another title; a blank one changes nothing."""
        if title.strip():
            self._set(user, id_, "title", _title(title))

    def remove(self, user: User, id_: str) -> None:
        """Delete a conversation with its turns."""
        with self._file.writing() as db:
            db.execute("DELETE FROM conversation WHERE id = ? AND owner = ?", (id_, user.name))

    def judge(self, user: User, id_: str, at: int, liked: bool | None, reason: str = "") -> None:
        """Keep what the reader thinks of the answer at a turn (from 0), and why."""
        with self._file.writing() as db:
            db.execute(
                "UPDATE turn SET liked = ?, reason = ? WHERE conversation = ? AND at = ? AND conversation IN"
                " (SELECT id FROM conversation WHERE owner = ?)",
                (None if liked is None else 1 if liked else -1, reason[:_REASON], id_, at, user.name),
            )

    def _set(self, user: User, id_: str, column: str, value: str | None) -> None:
        with self._file.writing() as db:
            db.execute(f"UPDATE conversation SET {column} = ? WHERE id = ? AND owner = ?", (value, id_, user.name))


def _title(words: str) -> str:
    shown = " ".join(_whole(words).split())
    return shown if len(shown) <= _TITLE else f"{shown[: _TITLE - 1]}…"


def _whole(words: str) -> str:
    """Return the words with ? for each lone half of a character, which no file of text can hold."""
    return words.encode("utf-8", "replace").decode()


def _json(state: Mapping[str, Any] | None) -> str | None:
    return None if state is None else json.dumps(dict(state), ensure_ascii=False)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
