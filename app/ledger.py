"""What `duban ledger` lists: the tasks that a filter lets through, page by page, and the totals of their documents."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.wording import KIND
from ingest.corpus import Corpus
from ingest.corpus.tasks import TaskRow, Tasks, TaskWhere
from ingest.match import with_same
from ingest.task import KINDS
from retriever.tally import today

# Rows for which the same matter is looked up in other documents: at most 9 ms a row, measured where 150 documents
# have each matter.
_LINKED = 500
_PAGE = 200


class Listing:
    """The tasks of a store that the options of the command let through."""

    def __init__(self, tasks: Tasks, where: TaskWhere, limit: int | None = None, offset: int = 0) -> None:
        """List of `tasks` what `where` lets through."""
        self.tasks = tasks
        self.where = where
        self.limit = limit
        self.offset = offset
        self.count = self.tasks.count(where)

    @classmethod
    @contextmanager
    def open(cls, store: Path, args: argparse.Namespace) -> Iterator[Listing]:
        """Yield the listing of `store` for the options of `duban ledger`.

        Raises:
            StoreError: there is no store, or no document with the id that is asked for.
        """
        corpus = Corpus.open(store)
        try:
            if args.doc:
                corpus.document(args.doc)
            yield cls(corpus.tasks(), _where(args), args.limit, args.offset)
        finally:
            corpus.close()

    @property
    def empty(self) -> bool:
        """Return whether nothing is listed."""
        return self.count == 0

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the tasks as `duban ledger --json` prints them, linked to other documents if they are not too many."""
        linked = min(self.count, self.limit or self.count) <= _LINKED
        for row in self._rows(linked):
            yield row.to_json()

    def totals(self) -> dict[str, Any]:
        """Return what `duban ledger --totals` prints: what each document states, compared with its rows."""
        docs = [
            {
                "doc": doc, "title": title, "source": source, "tasks": kinds, "totals": totals,
                "status": self.tasks.grouped(replace(self.where, doc=doc), "status"),
            }
            for doc, title, source, totals, kinds in self.tasks.totals(self.where)
        ]  # fmt: skip
        return {
            "as_of": self.where.as_of, "count": self.count, "status": self.tasks.grouped(self.where, "status"),
            "overdue": self.tasks.grouped(self.where, "overdue"), "docs": docs,
        }  # fmt: skip

    def empty_documents(self) -> list[str]:
        """Return the titles of the documents that have no ledger at all."""
        return [title for _, title, _, _, kinds in self.tasks.totals(self.where) if not kinds]

    def hidden(self) -> dict[str, int]:
        """Return how many tasks of other kinds there are, by kind."""
        others = tuple(kind for kind in KINDS if kind not in self.where.kinds)
        return self.tasks.grouped(replace(self.where, kinds=others), "kind") if others else {}

    def export(self, path: Path) -> None:
        """Write the tasks to a file. Raises DubanError if that cannot be done."""
        from app.export import write

        write(path, self.rows(), self.totals()["docs"], self.where.as_of)

    def _rows(self, linked: bool) -> Iterator[TaskRow]:
        offset, left = self.offset, self.limit
        while left is None or left > 0:
            page = self.tasks.page(self.where, _PAGE if left is None else min(left, _PAGE), offset)
            yield from with_same(self.tasks, page) if linked else page
            if len(page) < _PAGE:
                return
            offset += len(page)
            left = None if left is None else left - len(page)


def _where(args: argparse.Namespace) -> TaskWhere:
    return TaskWhere(
        doc=args.doc,
        unit=args.unit,
        role=args.role,
        status=None if args.status == "open" else args.status,
        open=True if args.status == "open" else None,
        kinds=KINDS if args.all else ("task",),
        due_before=args.due_before and args.due_before.isoformat(),
        due_after=args.due_after and args.due_after.isoformat(),
        due_within=args.due_within,
        overdue=args.overdue,
        text=args.text,
        as_of=(args.as_of or today()).isoformat(),
    )


def summary(listing: Listing) -> str:
    """Return the last line of a list: how many, what is not shown, and why there is nothing where there is nothing."""
    hidden = "，".join(f"{KIND[kind]} {count} 项" for kind, count in listing.hidden().items())
    more = f"；另有{hidden}（--all 显示）" if hidden else ""
    if listing.count:
        return f"共 {listing.count} 项（截至 {listing.where.as_of}）{more}"
    empty = "、".join(f"《{title}》" for title in listing.empty_documents())
    why = f"{empty}没有编号的事项，台账为空" if empty else "没有符合条件的事项"
    return f"{why}{more}"
