"""Looks a store over, derives anew what is derived, and brings a damaged corpus back."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from ingest.corpus import Corpus, Entry, backup
from ingest.corpus.lock import StoreLock
from ingest.error import ReadError, StoreError
from ingest.read import parse
from retriever import vectors
from retriever.embedder import Embedder
from retriever.index import Index


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part of a store: `what` it is, and `do` what is to be done, "" where it is well."""

    part: Literal["store", "corpus", "index", "vectors", "backup", "model"]
    what: str
    do: str = ""

    @property
    def well(self) -> bool:
        """Return whether nothing is to be done."""
        return not self.do

    @property
    def line(self) -> str:
        """Return the finding in one line."""
        return f"{self.what}：{self.do}" if self.do else self.what

    def to_json(self) -> dict[str, Any]:
        """Return the finding as `duban doctor --json` prints it."""
        return {"part": self.part, "ok": self.well, "what": self.what, "do": self.do or None}


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done.

    `again` are the sources of documents that came after the backup and were read again from `originals/`, `gone` the
    ids of those that had been removed since, `unknown` the originals of which nobody knows where they came from.
    """

    backup: str | None
    again: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as `duban doctor --restore --json` prints it."""
        lists = {name: list(getattr(self, name)) for name in ("again", "gone", "unknown")}
        return {"backup": self.backup, **lists}


def examine(store: Path, embedder: Embedder, chroma: str = "") -> list[Finding]:
    """Return what was found of each part of the store, well or not. Changes nothing.

    Raises:
        StoreError: if there is no store.
    """
    found: list[Finding] = []
    with ExitStack() as held:
        try:
            corpus = held.enter_context(closing(Corpus.open(store)))
        except StoreError as error:
            if not (store / "corpus.db").exists() and not backup.backups(store):
                raise
            what, _, do = str(error).partition("：")
            return [Finding("corpus", what, do), *_backups(store, empty=False)]
        try:
            held.enter_context(StoreLock(store, wait=0))  # so that nobody writes meanwhile
            alone = True
        except StoreError as error:
            found.append(Finding("store", f"可以检索，现在不能导入（{str(error).partition('：')[0]}）"))
            alone = False
        found += _corpus(store, corpus)
        if not any(finding.part == "corpus" and "已损坏" in finding.what for finding in found):
            found += _index(store, embedder, chroma, corpus, alone=alone)
        found += _backups(store, empty=not corpus.seq)
    return found


def _corpus(store: Path, corpus: Corpus) -> list[Finding]:
    try:
        problems = corpus.integrity()
        if not problems:
            lost = corpus.lost_originals()
            if lost:
                what = f"{len(lost)} 份文档的原文件不见了或已被改动（originals/{lost[0]} 等），不影响检索"
                return [Finding("corpus", what, "请重新导入这些文件，即可补回")]
            rows = corpus.documents()
            chunks, tasks = sum(row.chunks for row in rows), sum(row.tasks or 0 for row in rows)
            return [Finding("corpus", f"{len(rows)} 份文档，{chunks} 段，{tasks} 项")]
    except StoreError as error:
        problems = [str(error).partition("：")[0]]
    return [Finding("corpus", f"文档库 {problem}", backup.way_back(store)) for problem in problems]


def _index(store: Path, embedder: Embedder, chroma: str, corpus: Corpus, *, alone: bool) -> list[Finding]:
    rebuild = f"请运行 duban doctor --rebuild --store {store}"
    try:
        with closing(Index.open(store, embedder, chroma=chroma)) as index:
            looked = index.inspect(corpus, alone=alone)
            reached = index.seq
    except StoreError as error:  # of the index alone: a finding
        what, _, do = str(error).partition("：")
        return [Finding("index", what, do or rebuild)]
    found = [Finding("index", problem, rebuild) for problem in looked.index]
    found = found or [Finding("index", f"跟上了文档库（第 {reached} 次变更）")]
    found += [Finding("vectors", problem, rebuild) for problem in looked.vectors]
    if looked.check and not looked.vectors:
        check = looked.check
        found.append(
            Finding(
                "vectors", f"{check.count} 段；抽查 {check.sampled} 段，召回率 {check.recall:.3f}（与逐一比对相比）"
            )
        )
    old = vectors.leftover(store)
    if old:
        found.append(Finding("vectors", f"另有 {len(old)} 代旧的还没有清除，不再有人读时由下一次导入清除"))
    return found


def _backups(store: Path, *, empty: bool) -> list[Finding]:
    copies = backup.backups(store)
    if not copies:
        return [] if empty else [Finding("backup", "还没有，下一次导入时建立")]
    found = []
    for copy in copies:
        problems = copy.problems()
        if problems:
            found.append(
                Finding("backup", f"备份 {copy.name} 已损坏（{problems[0]}）", f"请删除 {copy.path}，下一次导入时另建")
            )
    return found or [Finding("backup", f"{len(copies)} 份，最新 {copies[0].name}")]


def rebuild(store: Path, embedder: Embedder, chroma: str = "") -> None:
    """Delete the index and derive it again from the corpus, with this embedder; chunks of another version as well.

    Raises:
        StoreError: if there is no store, it is held by another writer, or the disk is full.
    """
    Corpus.open(store, stale=True).close()  # says that there is no store before a lock file makes one
    with StoreLock(store), closing(Corpus.open(store, write=True, stale=True)) as corpus:
        corpus.renew()
        Index.rebuild(store, embedder, corpus, chroma)


def restore(store: Path, embedder: Embedder, chroma: str = "") -> Restored:
    """Bring a damaged or lost corpus back: from the newest sound backup, and what came since from the originals.

    What the damaged file still tells of its entries is used; a document whose original is gone had been removed. The
    damaged file is kept as `corpus.db.damaged`.

    Raises:
        StoreError: there is nothing to restore from, the store is held by another writer, or there is no room.
    """
    originals = store / "originals"
    if not backup.backups(store) and not originals.is_dir():
        raise StoreError(f"{store} 没有可恢复的内容（没有 backups/ 也没有 originals/）：请检查 --store")
    if _whole(store):
        raise StoreError(f"文档库 {store / 'corpus.db'} 完好：无需恢复")
    with StoreLock(store):
        used = backup.put_back(store)
        with closing(Corpus.open(store, write=True, stale=True, anew=True)) as corpus:
            corpus.renew()
            kept = {path.name for path in originals.iterdir() if not path.suffix}
            came = backup.entries(store)
            still = {doc for _, _, doc in came} | kept
            gone = [row.doc for row in corpus.documents() if row.doc not in still]
            for doc in gone:
                corpus.remove(doc)
            here = {(row.collection, row.source): row.doc for row in corpus.documents()}
            again = []
            for collection, source, doc in came:
                if doc in kept and here.get((collection, source)) != doc:
                    entry = _read_again(originals / doc, source, collection)
                    if entry is not None:
                        corpus.add([entry])
                        again.append(source)
            unknown = sorted(name for name in kept if not corpus.has(name))
            with closing(Index.open(store, embedder, write=True, chroma=chroma)) as index:
                index.settle(corpus)
    return Restored(used.name if used else None, tuple(again), tuple(gone), tuple(unknown))


def _whole(store: Path) -> bool:
    try:
        with closing(Corpus.open(store, stale=True)) as corpus:
            return corpus.integrity() == []
    except StoreError:
        return False


def _read_again(path: Path, source: str, collection: str) -> Entry | None:
    """Return the entry that an original was, None where it is not what its name says or cannot be read any more."""
    try:
        data = path.read_bytes()
        document = parse(data, PurePath(source).suffix)
    except (OSError, ReadError):
        return None
    return Entry(source, document, data, collection) if document.id == path.name else None
