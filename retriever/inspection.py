"""What is wrong with an index: its file, what it has of the corpus, its keywords, its vectors, and those in Chroma."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import numpy as np

from ingest.corpus import Corpus
from ingest.error import StoreError
from ingest.fold import fold
from retriever import keywords, vectors
from retriever.index_file import IndexFile
from retriever.marker import GenerationError
from retriever.vectors import Check

_SAMPLE = 200  # chunks that are looked up among the keywords
_RECALL = 0.95  # of the ten nearest; less is worth a line of `duban doctor`
_BATCH = 2_000  # vectors that are looked at together


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is wrong with an index and with the vectors in Chroma, in words, and what a look into those has found."""

    index: list[str] = field(default_factory=list)
    vectors: list[str] = field(default_factory=list)
    check: Check | None = None


def inspect(file: IndexFile, corpus: Corpus, dim: int, chroma: str, *, alone: bool = False) -> Inspection:
    """Return what is wrong with an index and with the vectors in Chroma. Changes nothing.

    The generation is looked into in a child process. Its being behind is no fault: the rest is searched exactly.

    Args:
        file: the file of the index.
        corpus: that the index is of.
        dim: the length of a vector.
        chroma: the URL of the Chroma server that holds the generations; "" where they lie in the store.
        alone: whether the caller holds the `StoreLock`, so that the keywords can be compared among themselves, too.
    """
    problems = file.problems(thorough=True, alone=alone)
    if problems:
        return Inspection(problems)
    try:
        with file.reading() as db:
            name, some = _fact(db, "index"), db.execute("SELECT 1 FROM chunk").fetchone()
            problems = _compare(db, corpus, dim)
        if problems or not some:
            return Inspection(problems)
        check = vectors.examine(file.path.parent, name, chroma)
    except GenerationError as error:
        return Inspection([], [f"{error}（检索改为逐一比对）"])
    except StoreError as error:
        return Inspection([str(error).partition("：")[0]])
    if not check.sound:
        problems.append(f"向量索引缺少 {check.missing} 个段落；抽查 {check.sampled} 个，{check.lost} 个找不到自己")
    if check.recall < _RECALL:
        problems.append(f"向量索引的召回率只有 {check.recall:.3f}")
    return Inspection([], problems, check)


def _compare(db: sqlite3.Connection, corpus: Corpus, dim: int) -> list[str]:
    """Return where the index differs from the corpus, and its keywords and vectors from its chunks."""
    if _fact(db, "corpus") != corpus.identity:
        return ["索引属于另一个文档库"]
    problems = []
    seq = int(_fact(db, "seq"))
    if seq != corpus.seq:
        problems.append(f"索引停在第 {seq} 次变更，文档库已到第 {corpus.seq} 次")
    have, bodies = {}, {}
    for no, doc_no, body in db.execute("SELECT no, doc_no, body FROM chunk"):
        have[no], bodies[no] = doc_no, hash(body)
    due = {}
    changed = 0
    for doc_no in corpus.live():
        for row in corpus.chunks(doc_no):
            due[row.no] = row.doc_no
            changed += row.no in bodies and bodies[row.no] != hash(fold(row.text))
    problems += _differences(due, have)
    if changed:
        problems.append(f"{changed} 个段落的文字与文档库不符")
    blank = db.execute(
        "SELECT count(*) FROM chunk LEFT JOIN vector ON vector.no = chunk.vector WHERE length(value) IS NOT ?",
        (4 * dim,),
    ).fetchone()[0]
    if blank:
        problems.append(f"{blank} 个段落没有向量，或向量长度不对")
    elif noise := bent(db):
        problems.append(f"{noise} 个向量已损坏")
    step = max(1, len(have) // _SAMPLE)
    rows = db.execute("SELECT no, body, path, title FROM chunk WHERE no % ? = 0", (step,)).fetchall()
    lost = sum(not keywords.holds(db, row) for row in rows)
    if lost:
        problems.append(f"抽查 {len(rows)} 个段落，关键词表里缺 {lost} 个")
    return problems


def _differences(due: dict[int, int], have: dict[int, int]) -> list[str]:
    missing, surplus = len(due.keys() - have.keys()), len(have.keys() - due.keys())
    moved = sum(have[no] != doc_no for no, doc_no in due.items() if no in have)
    return [
        f"{count} 个段落{words}"
        for count, words in (
            (missing, "不在索引里"),
            (surplus, "在索引里而文档库没有"),
            (moved, "在索引里属于别的文档"),
        )
        if count
    ]


def bent(db: sqlite3.Connection) -> int:
    """Return how many vectors are not of length 1, as all are that an embedder gives; noise is not."""
    found = 0
    rows = db.execute("SELECT value FROM vector")
    while part := rows.fetchmany(_BATCH):
        lengths = np.linalg.norm(
            np.frombuffer(b"".join(blob for (blob,) in part), np.float32).reshape(len(part), -1), axis=1
        )
        found += int((~(np.abs(lengths - 1.0) < vectors.TOLERANCE)).sum())  # a number that is none is not near 1 either
    return found


def _fact(db: sqlite3.Connection, key: str) -> str:
    return str(db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])
