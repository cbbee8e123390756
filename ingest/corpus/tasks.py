"""The ledgers of all documents in SQLite: the tables, what is written with a document, and what is asked of them.

Written in the transaction of the document, so that a document is never there without its tasks. Asked with SQL: a list
is read page by page, a count counts in the database, and neither holds the corpus in memory.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ingest.corpus.database import Database
from ingest.corpus.row import shown_title
from ingest.document import Document
from ingest.error import DubanError
from ingest.fold import fold
from ingest.ledger import Ledger
from ingest.task import KINDS, ROLES, STATUSES, Task
from ingest.twin import words

SCHEMA = """
CREATE TABLE ledger (                                  -- one row a document: what its ledger must hold
    doc_no INTEGER PRIMARY KEY REFERENCES document(no) ON DELETE CASCADE, tasks INTEGER NOT NULL,
    totals TEXT NOT NULL                               -- JSON: as `duban ledger --totals` prints them
);
CREATE TABLE task (
    no INTEGER PRIMARY KEY, doc_no INTEGER NOT NULL REFERENCES document(no) ON DELETE CASCADE, id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, label TEXT NOT NULL, number TEXT, title TEXT NOT NULL, path TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, quote TEXT NOT NULL,
    folded TEXT NOT NULL,                              -- of the quote and of the rows that repeat it, to be searched
    status TEXT NOT NULL, first_due TEXT, last_due TEXT, recurs INTEGER NOT NULL, last_word TEXT,
    fields TEXT NOT NULL                               -- JSON: duties, measures, deadlines, status, figures, flags
);
CREATE INDEX task_doc ON task(doc_no, start);
CREATE INDEX task_due ON task(last_due);
CREATE TABLE duty (
    task INTEGER NOT NULL REFERENCES task(no) ON DELETE CASCADE, role TEXT NOT NULL,
    unit TEXT NOT NULL, name TEXT NOT NULL,            -- as written and in full, folded
    shown TEXT NOT NULL                                -- in full, as it is shown
);
CREATE INDEX duty_task ON duty(task);
CREATE INDEX duty_name ON duty(name, role);
CREATE TABLE deadline (
    task INTEGER NOT NULL REFERENCES task(no) ON DELETE CASCADE, kind TEXT NOT NULL, start_date TEXT, end_date TEXT,
    every TEXT, met INTEGER NOT NULL                   -- met: it stands in a measure that is closed
);
CREATE INDEX deadline_task ON deadline(task);
CREATE INDEX deadline_end ON deadline(end_date);
CREATE TABLE task_word (                               -- pairs of characters of the titles: finds the same matter
    word TEXT NOT NULL, task INTEGER NOT NULL REFERENCES task(no) ON DELETE CASCADE, PRIMARY KEY (word, task)
) WITHOUT ROWID;
CREATE INDEX task_word_task ON task_word(task);
"""

Overdue = Literal["yes", "no", "unknown"]
Group = Literal["status", "doc", "kind", "unit", "role", "overdue", "month"]
Order = Literal["place", "title", "due", "status", "overdue"]

# Overdue is relative to :as_of alone (DESIGN, rule 6). What the document last said decides how much can be known: a
# deadline that passed before it spoke and was not met is missed; one that passed after its last word is unknown.
_OVERDUE = """CASE
 WHEN task.status = 'closed' AND (task.last_word IS NULL OR task.last_word <= :as_of OR task.first_due IS NULL
                                  OR task.first_due >= :as_of) THEN 'no'
 WHEN task.first_due IS NULL AND task.recurs AND coalesce(task.last_word, '') < :as_of THEN 'unknown'
 WHEN task.first_due IS NULL THEN 'no'
 WHEN :as_of <= task.first_due THEN 'no'
 WHEN :as_of > task.last_due AND task.last_word > task.last_due
      AND task.status IN ('in_progress', 'planned', 'blocked') THEN 'yes'
 ELSE 'unknown' END"""

# What a list is sorted by; equals keep the order of their places, and what has no day comes last either way.
_ORDERS: dict[Order, str] = {
    "place": "held.source {0}, task.doc_no {0}, task.start {0}",
    "title": "task.title {0}",
    "due": "task.last_due IS NULL, task.last_due {0}",
    "status": "CASE task.status WHEN 'blocked' THEN 0 WHEN 'in_progress' THEN 1 WHEN 'long_term' THEN 2"
    " WHEN 'planned' THEN 3 WHEN 'unstated' THEN 4 ELSE 5 END {0}",
    "overdue": f"CASE {_OVERDUE} WHEN 'yes' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END {{0}}",
}
_COLUMNS = (
    "task.no, task.id, document.id, document.title, source, document.date, document.issuer,"
    ' task.kind, task.label, task.number, task.title, task.path, task.start, task."end", task.quote,'
    f" task.first_due, task.last_due, task.last_word, task.fields, {_OVERDUE},"
    " (SELECT number FROM page WHERE page.doc_no = task.doc_no AND page.start <= task.start"
    ' AND page."end" > task.start ORDER BY page.start DESC LIMIT 1)'
)
_PAGE = 500  # rows of a list that are in memory at a time


@dataclass(frozen=True, slots=True)
class TaskWhere:
    """A filter over tasks; what is None does not filter.

    `at` is a place in the text of a document that the item spans. `unit` is a body in any role, or in `role`; part of
    its name will do. `due_before` and `due_after` bound the day of some deadline (`due_after` included, `due_before`
    not); `due_within` asks for deadlines that are not met and fall on one of so many days from `as_of` on. `text` are
    words that all stand in the item, in either script. Dates are ISO 8601.
    """

    doc: str | None = None
    docs: frozenset[int] | None = None
    ids: tuple[str, ...] | None = None
    at: int | None = None
    unit: str | None = None
    units: tuple[str, ...] | None = None
    role: str | None = None
    status: str | None = None
    open: bool | None = None
    kinds: tuple[str, ...] = ("task",)
    due_before: str | None = None
    due_after: str | None = None
    due_within: int | None = None
    overdue: str | None = None
    text: str | None = None
    as_of: str = field(default="9999-12-31")

    def __post_init__(self) -> None:
        """Refuse what would silently match nothing.

        Raises:
            DubanError: a status, role, kind or answer that does not exist.
        """
        for name, value, known in (
            ("status", self.status, STATUSES),
            ("role", self.role, ROLES),
            ("overdue", self.overdue, ("yes", "no", "unknown")),
            *(("kind", kind, KINDS) for kind in self.kinds),
        ):
            if value is not None and value not in known:
                raise DubanError(f"筛选条件 {name}={value!r} 不存在：可用的有 {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task with its document: what `duban ledger` lists. `overdue` is as of the day that was asked for.

    `page` is the page that it begins on, None where the document has none.
    """

    key: int
    id: str
    doc: str
    doc_title: str
    source: str
    date: str | None
    issuer: str | None
    kind: str
    label: str
    no: str | None
    title: str
    path: tuple[str, ...]
    start: int
    end: int
    quote: str
    first_due: str | None
    last_due: str | None
    last_word: str | None
    fields: dict[str, Any]
    overdue: Overdue
    as_of: str
    page: int | None = None
    same: tuple[dict[str, Any], ...] | None = None
    contradictions: tuple[dict[str, Any], ...] = ()

    @property
    def status(self) -> str:
        """Return the kind of the status."""
        return str(self.fields["status"]["kind"])

    def to_json(self) -> dict[str, Any]:
        """Return the task as `duban ledger --json` prints it."""
        shown = {
            "id": self.id, "doc": self.doc, "doc_title": self.doc_title, "source": self.source, "kind": self.kind,
            "no": self.no, "label": self.label, "path": list(self.path), "title": self.title, **self.fields,
            "due": self.last_due, "last_word": self.last_word, "overdue": self.overdue, "as_of": self.as_of,
            "start": self.start, "end": self.end, "quote": self.quote,
            "page": self.page,
        }  # fmt: skip
        if self.same is not None:
            shown |= {"same": list(self.same), "contradictions": list(self.contradictions)}
        return shown


def write(db: sqlite3.Connection, doc_no: int, document: Document, ledger: Ledger) -> None:
    """Store the ledger of a document that is being stored, in the same transaction."""
    totals = [total.to_json(document.text) for total in ledger.totals]
    db.execute("INSERT INTO ledger VALUES (?, ?, ?)", (doc_no, len(ledger.tasks), _json(totals)))
    rows, duties, deadlines, title_words = [], [], [], []
    following = 1 + int(db.execute("SELECT coalesce(max(no), 0) FROM task").fetchone()[0])
    for no, task in enumerate(ledger.tasks, following):
        quote = document.text[task.start : task.end]
        due = task.due or (None, None)
        searched = "\n".join((quote, *(document.text[also.start : also.end] for also in task.also)))
        rows.append(
            (
                no, doc_no, task.id, task.kind, task.label, task.no, task.title, _json(task.path), task.start, task.end,
                quote, fold(searched), task.status.kind, *due, task.recurs, task.last_word,
                _json(fields_of(task, document.text)),
            )
        )  # fmt: skip
        duties += [(no, duty.role, fold(duty.unit), fold(duty.name), duty.name) for duty in task.duties]
        deadlines += [
            (no, when.kind, when.start_date, when.end_date, when.every, task.is_met(when)) for when in task.deadlines
        ]
        titles = frozenset().union(*(words(title) for title in (task.title, *(also.title for also in task.also))))
        title_words += [(word, no) for word in sorted(titles)]
    db.executemany(
        'INSERT INTO task (no, doc_no, id, kind, label, number, title, path, start, "end", quote, folded, status,'
        " first_due, last_due, recurs, last_word, fields)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    db.executemany("INSERT INTO duty VALUES (?, ?, ?, ?, ?)", duties)
    db.executemany("INSERT INTO deadline VALUES (?, ?, ?, ?, ?, ?)", deadlines)
    db.executemany("INSERT INTO task_word VALUES (?, ?)", title_words)


_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: `json.dumps` makes one a call


def rewrite(db: sqlite3.Connection, doc_no: int, document: Document, ledger: Ledger) -> None:
    """Store the ledger of a document in place of the one that it has."""
    db.execute("DELETE FROM ledger WHERE doc_no = ?", (doc_no,))
    db.execute("DELETE FROM task WHERE doc_no = ?", (doc_no,))
    write(db, doc_no, document, ledger)


def fields_of(task: Task, text: str) -> dict[str, Any]:
    """Return the fields of a task as `duban ledger --json` prints them, `text` being the document's."""
    state = task.status
    return {
        "duties": [
            {"unit": d.unit, "role": d.role, "start": d.start, "end": d.end, "name": d.name} for d in task.duties
        ],
        "measures": [
            {"text": text[m.start : m.end], "status": m.status, "start": m.start, "end": m.end} for m in task.measures
        ],
        "deadlines": [when.to_json() for when in task.deadlines],
        "status": {"kind": state.kind, "as_of": state.as_of, "start": state.start, "end": state.end},
        "figures": [
            {"value": f.value, "unit": f.unit, "of": f.of, "start": f.start, "end": f.end} for f in task.figures
        ],
        "flags": list(task.flags),
        "problem": task.problem,
        "also": [{"title": also.title, "start": also.start, "end": also.end} for also in task.also],
    }


class Tasks:
    """The ledgers of a corpus, for reading. Made by `Corpus.tasks`; what a user may not read is never seen here."""

    def __init__(self, db: Database, collections: tuple[str, ...]) -> None:
        """Read the documents of these collections."""
        self._db = db
        self._collections = collections
        marks = ", ".join(f":c{at}" for at in range(len(collections)))
        self._readable = f"collection IN ({marks})"
        self._names = {f"c{at}": name for at, name in enumerate(collections)}

    def each(self, where: TaskWhere, limit: int | None = None, offset: int = 0) -> Iterator[TaskRow]:
        """Yield the tasks that `where` lets through, by source and place; at most `_PAGE` are in memory."""
        while limit is None or limit > 0:
            size = _PAGE if limit is None else min(limit, _PAGE)
            page = self.page(where, size, offset)
            yield from page
            if len(page) < size:
                return
            offset += size
            limit = None if limit is None else limit - size

    def page(
        self, where: TaskWhere, limit: int, offset: int = 0, order: Order = "place", *, descending: bool = False
    ) -> list[TaskRow]:
        """Return `limit` of the tasks that `where` lets through, from the one at `offset` on, in an order."""
        clause, values = self._clause(where)
        by = _ORDERS[order].format("DESC" if descending else "ASC")
        # The rows of the page are chosen by their place alone, so that only they are read whole.
        rows = self._all(
            f"SELECT {_COLUMNS} FROM (SELECT task.no AS chosen, held.source, row_number() OVER"
            f" (ORDER BY {by}, held.source, task.doc_no, task.start, task.no) AS position FROM task"
            " JOIN document ON document.no = task.doc_no"
            f" JOIN (SELECT doc_no, min(source) AS source FROM entry WHERE {self._readable} GROUP BY doc_no) AS held"
            f" ON held.doc_no = task.doc_no WHERE {clause} ORDER BY position LIMIT :limit OFFSET :offset)"
            " JOIN task ON task.no = chosen JOIN document ON document.no = task.doc_no ORDER BY position",
            {**values, "limit": limit, "offset": offset},
        )
        return [_row(row, where.as_of) for row in rows]

    def count(self, where: TaskWhere) -> int:
        """Return how many tasks `where` lets through."""
        clause, values = self._clause(where)
        sql = f"SELECT count(*) FROM task JOIN document ON document.no = task.doc_no WHERE {clause}"
        return int(self._all(sql, values)[0][0])

    def grouped(self, where: TaskWhere, by: Group) -> dict[str, int]:
        """Return how many tasks there are of each status, document, kind, body, role, answer or month of a deadline.

        A task with several bodies counts with each; the groups are in the order of their size.
        """
        clause, values = self._clause(where)
        key, joined = {
            "status": ("task.status", ""),
            "doc": ("document.id", ""),
            "kind": ("task.kind", ""),
            "overdue": (_OVERDUE, ""),
            "unit": ("duty.shown", "JOIN duty ON duty.task = task.no"),
            "role": ("duty.role", "JOIN duty ON duty.task = task.no"),
            "month": (
                "substr(deadline.end_date, 1, 7)",
                "JOIN deadline ON deadline.task = task.no AND end_date IS NOT NULL",
            ),
        }[by]
        rows = self._all(
            f"SELECT {key} AS grouped, count(DISTINCT task.no) AS found FROM task"
            f" JOIN document ON document.no = task.doc_no {joined}"
            f" WHERE {clause} GROUP BY grouped ORDER BY found DESC, grouped",
            values,
        )
        return dict(rows)

    def crossed(self, where: TaskWhere, by: Literal["unit", "month"]) -> list[tuple[str, str, int]]:
        """Return how many tasks there are of each body or month of a deadline and each status, in no order.

        A task with several bodies or deadlines counts with each; one that is overdue has the status "overdue" here.
        """
        clause, values = self._clause(where)
        key, joined = {
            "unit": ("duty.shown", "JOIN duty ON duty.task = task.no AND duty.role IN ('lead', 'responsible')"),
            "month": (
                "substr(deadline.end_date, 1, 7)",
                "JOIN deadline ON deadline.task = task.no AND end_date IS NOT NULL",
            ),
        }[by]
        return self._all(
            f"SELECT {key} AS grouped, CASE {_OVERDUE} WHEN 'yes' THEN 'overdue' ELSE task.status END AS state,"
            f" count(DISTINCT task.no) FROM task JOIN document ON document.no = task.doc_no {joined}"
            f" WHERE {clause} GROUP BY grouped, state",
            values,
        )

    def totals(self, where: TaskWhere) -> Iterator[tuple[str, str, str, list[dict[str, Any]], dict[str, int]]]:
        """Yield for each document its id, title, source, the totals that it states, and its tasks by kind."""
        clause, values = self._documents(where)
        rows = self._all(
            "SELECT document.no, document.id, document.title, (SELECT min(source) FROM entry"
            f" WHERE entry.doc_no = document.no AND {self._readable}) AS source, ledger.totals"
            " FROM document JOIN ledger ON ledger.doc_no = document.no"
            f" WHERE {clause} ORDER BY source",
            values,
        )
        for no, doc, title, source, totals in rows:
            kinds = self._all("SELECT kind, count(*) FROM task WHERE doc_no = :no GROUP BY kind", {"no": no})
            yield doc, shown_title(title, source), source, json.loads(totals), dict(kinds)

    def stated(self, where: TaskWhere) -> list[tuple[str, str, list[dict[str, Any]]]]:
        """Return the id, title and stated totals of each document that states any, by source."""
        clause, values = self._documents(where)
        rows = self._all(
            "SELECT document.id, document.title, (SELECT min(source) FROM entry"
            f" WHERE entry.doc_no = document.no AND {self._readable}) AS source, ledger.totals"
            " FROM ledger JOIN document ON ledger.doc_no = document.no"
            f" WHERE ledger.totals <> '[]' AND {clause} ORDER BY source",
            values,
        )
        return [(doc, shown_title(title, source), json.loads(totals)) for doc, title, source, totals in rows]

    def units(self) -> list[tuple[str, int]]:
        """Return the names of all bodies with the number of their tasks, the busiest first."""
        return list(self._db.kept(("units", self._collections), self._units))

    def _units(self) -> list[tuple[str, int]]:
        return self._all(
            "SELECT min(duty.shown), count(DISTINCT duty.task) AS found FROM duty JOIN task ON task.no = duty.task"
            f" WHERE task.doc_no IN (SELECT doc_no FROM entry WHERE {self._readable})"
            " GROUP BY duty.name ORDER BY found DESC, duty.name",
            self._names,
        )

    def alike(self, key: int, cap: int = 400, limit: int = 24) -> list[int]:
        """Return the keys of tasks in other documents whose titles share most with that of the task, best first.

        Pairs of characters that more than `cap` titles have say nothing and are passed over, which bounds the cost.
        """
        rows = self._all(
            "WITH rare AS (SELECT word FROM task_word AS own WHERE own.task = :key AND (SELECT count(*) FROM (SELECT 1"
            " FROM task_word AS other WHERE other.word = own.word LIMIT :cap + 1)) <= :cap)"
            " SELECT task.no FROM task_word JOIN task ON task.no = task_word.task WHERE word IN (SELECT word FROM rare)"
            " AND task.doc_no <> (SELECT doc_no FROM task WHERE no = :key)"
            f" AND task.doc_no IN (SELECT doc_no FROM entry WHERE {self._readable})"
            " GROUP BY task.no HAVING count(*) >= 2 ORDER BY count(*) DESC, task.no LIMIT :limit",
            {**self._names, "key": key, "cap": cap, "limit": limit},
        )
        return [row[0] for row in rows]

    def printed(self, doc: str, offset: int) -> tuple[int, float | None] | tuple[None, None]:
        """Return the page of a document on which `offset` stands and how surely it was recognised, None without any."""
        rows = self._all(
            "SELECT page.number, confidence FROM page JOIN document ON document.no = page.doc_no"
            " WHERE document.id = :doc AND EXISTS"
            f" (SELECT 1 FROM entry WHERE entry.doc_no = document.no AND {self._readable})"
            ' AND start <= :offset AND page."end" > :offset LIMIT 1',
            {**self._names, "doc": doc, "offset": offset},
        )
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    def by_key(self, keys: Sequence[int], as_of: str) -> list[TaskRow]:
        """Return the tasks with these keys, in their order; those that may not be read are left out."""
        rows = self._all(
            f"SELECT {_COLUMNS} FROM (SELECT no AS chosen, (SELECT min(source) FROM entry INDEXED BY entry_doc"
            # min() would tempt SQLite to walk every entry in the order of their sources, for each task
            f" WHERE entry.doc_no = task.doc_no AND {self._readable}) AS source FROM task"
            " WHERE no IN (SELECT value FROM json_each(:keys))) JOIN task ON task.no = chosen"
            " JOIN document ON document.no = task.doc_no WHERE source IS NOT NULL",
            {**self._names, "as_of": as_of, "keys": json.dumps(list(keys))},
        )
        found = {row[0]: _row(row, as_of) for row in rows}
        return [found[key] for key in keys if key in found]

    # --- inside ---

    def _documents(self, where: TaskWhere) -> tuple[str, dict[str, Any]]:
        terms = [f"document.no IN (SELECT doc_no FROM entry WHERE {self._readable})"]
        values: dict[str, Any] = {**self._names, "as_of": where.as_of}
        if where.doc is not None:
            terms.append("document.id = :doc")
            values["doc"] = where.doc
        if where.docs is not None:
            terms.append("document.no IN (SELECT value FROM json_each(:docs))")
            values["docs"] = json.dumps(sorted(where.docs))
        return " AND ".join(terms), values

    def _clause(self, where: TaskWhere) -> tuple[str, dict[str, Any]]:
        clause, values = self._documents(where)
        terms = [clause, "task.kind IN (SELECT value FROM json_each(:kinds))"]
        terms += ['task.start <= :at AND task."end" > :at'] * (where.at is not None)
        values |= {"kinds": json.dumps(where.kinds), "at": where.at}

        def need(term: str, **given: Any) -> None:
            terms.append(term)
            values.update(given)

        if where.ids is not None:
            need("task.id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(where.ids))
        if where.status is not None:
            need("task.status = :status", status=where.status)
        if where.open is not None:
            need("task.status <> 'closed'" if where.open else "task.status = 'closed'")
        if where.overdue is not None:
            need(f"{_OVERDUE} = :overdue", overdue=where.overdue)
        if where.unit is not None or where.units is not None or where.role is not None:
            need(f"EXISTS (SELECT 1 FROM duty WHERE duty.task = task.no{_duty(where, values)})")
        if where.due_before is not None or where.due_after is not None:
            need(
                "EXISTS (SELECT 1 FROM deadline WHERE deadline.task = task.no"
                " AND end_date < :before AND end_date >= :after)",
                before=where.due_before or "~", after=where.due_after or "",
            )  # fmt: skip
        if where.due_within is not None:
            until = _later(where.as_of, where.due_within)
            need(
                "task.status <> 'closed' AND EXISTS (SELECT 1 FROM deadline WHERE deadline.task = task.no AND NOT met"
                " AND end_date BETWEEN :as_of AND :until)", until=until,
            )  # fmt: skip
        for at, word in enumerate(fold(where.text or "").split()):
            need(f"instr(task.folded, :word{at})", **{f"word{at}": word})
        return " AND ".join(terms), values

    def _all(self, sql: str, values: dict[str, Any]) -> list[Any]:
        return self._db.all(sql, values)


def _duty(where: TaskWhere, values: dict[str, Any]) -> str:
    terms = ""
    if where.unit is not None:
        # 水务局 finds 市水务局; 汀澜市水务局 finds what the document itself only calls 市水务局.
        terms += (
            " AND (instr(duty.name, :unit) OR instr(duty.unit, :unit)"
            " OR (length(duty.name) > 2 AND substr(:unit, -length(duty.name)) = duty.name))"
        )
        values["unit"] = "".join(fold(where.unit).split())
    if where.units is not None:
        terms += " AND duty.name IN (SELECT value FROM json_each(:units))"
        values["units"] = json.dumps([fold(unit) for unit in where.units])
    if where.role is not None:
        terms += " AND duty.role = :role"
        values["role"] = where.role
    return terms


def integrity(db: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the ledgers, in words; nothing where all is well."""
    rows = db.execute(
        "SELECT document.id, ledger.tasks, (SELECT count(*) FROM task WHERE task.doc_no = document.no) FROM document"
        " LEFT JOIN ledger ON ledger.doc_no = document.no"
    )
    problems = [f"文档 {doc} 的台账有 {found} 项，应有 {held} 项" for doc, held, found in rows if held != found]
    for no, doc, text in db.execute("SELECT no, id, text FROM document"):
        spans = db.execute('SELECT start, "end", quote FROM task WHERE doc_no = ?', (no,))
        if any(text[start:end] != quote for start, end, quote in spans):
            problems.append(f"文档 {doc} 有事项与原文不符")
    for table in ("duty", "deadline", "task_word"):
        lost = db.execute(f"SELECT count(*) FROM {table} WHERE task NOT IN (SELECT no FROM task)").fetchone()[0]
        if lost:
            problems.append(f"表 {table} 有 {lost} 行不属于任何事项")
    return problems


def _row(row: Any, as_of: str) -> TaskRow:
    return TaskRow(
        key=row[0], id=row[1], doc=row[2], doc_title=shown_title(row[3], row[4]), source=row[4], date=row[5],
        issuer=row[6], kind=row[7], label=row[8], no=row[9], title=row[10], path=tuple(json.loads(row[11])),
        start=row[12], end=row[13], quote=row[14], first_due=row[15], last_due=row[16], last_word=row[17],
        fields=json.loads(row[18]), overdue=row[19], as_of=as_of,
        page=row[20],
    )  # fmt: skip


def _later(day: str, days: int) -> str:
    try:
        return (dt.date.fromisoformat(day) + dt.timedelta(days=days)).isoformat()
    except (OverflowError, ValueError):
        return "9999-12-31"
