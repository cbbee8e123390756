"""A corpus in memory: what an index asks of one, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from ingest.corpus.row import Change, ChunkRow


class FakeCorpus:
    """Documents are lists of chunk texts; `add` and `remove` write changes as the real corpus does."""

    def __init__(self, identity: str = "fake") -> None:
        self.identity = identity
        self.log: list[Change] = []
        self.documents: dict[int, list[ChunkRow]] = {}
        self.entries: set[int] = set()
        self._chunk = 0

    @property
    def seq(self) -> int:
        return len(self.log)

    def add(self, texts: Sequence[str], title: str = "", path: Sequence[str] = ()) -> int:
        """Take in a new document and return its number."""
        doc_no = len(self.documents) + 1
        rows = []
        for text in texts:
            self._chunk += 1
            rows.append(
                ChunkRow(self._chunk, doc_no, f"d{doc_no}", title, f"{doc_no}.txt", tuple(path), 0, len(text), text, "")
            )
        self.documents[doc_no] = rows
        self.again(doc_no)
        return doc_no

    def again(self, doc_no: int) -> None:
        """Let a document that was taken out be current again."""
        self.entries.add(doc_no)
        self._write("add", doc_no)

    def remove(self, doc_no: int) -> None:
        self.entries.remove(doc_no)
        self._write("remove", doc_no)

    def changes(self, after: int, limit: int = 500) -> list[Change]:
        return self.log[after : after + limit]

    def chunks(self, doc_no: int) -> list[ChunkRow]:
        return self.documents[doc_no] if doc_no in self.entries else []

    def chunk_rows(self, nos: Iterable[int]) -> dict[int, ChunkRow]:
        wanted = set(nos)
        return {row.no: row for row in self.rows() if row.no in wanted}

    def live(self) -> frozenset[int]:
        return frozenset(self.entries)

    def rows(self) -> list[ChunkRow]:
        """Return the chunks of all live documents."""
        return [row for doc_no in sorted(self.entries) for row in self.documents[doc_no]]

    def _write(self, kind: Literal["add", "remove"], doc_no: int) -> None:
        self.log.append(Change(len(self.log) + 1, kind, doc_no))
