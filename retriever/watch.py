"""Keeps a store in step with a folder: what is added, changed, renamed or removed there, is so in the store.

The folder is looked at every few seconds. That works on network drives too, where systems do not tell of changes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ingest.corpus import Corpus
from ingest.error import StoreError
from ingest.read.pool import Bounds
from ingest.read.reading import Limits
from retriever.embedder import Embedder
from retriever.intake import Progress, Report, files_below, forget, intake, source_name

EVERY = 2.0  # seconds between two looks; a file is read when it has not changed between two of them

Stamp = tuple[int, int, int]
"""Size, time of the last change in nanoseconds, and inode of a file."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one look at the folder brought: what was read, how many entries were removed, and what is wrong."""

    report: Report = field(default_factory=Report)
    removed: int = 0
    notice: str = ""


@dataclass(slots=True)
class Watch:
    """A folder that is watched. `look` is called again and again; it returns None where nothing has changed."""

    store: Path
    folder: Path
    embedder: Embedder
    progress: Progress | None = None
    limits: Limits | None = None
    bounds: Bounds | None = None
    chroma: str = ""
    _read: dict[Path, Stamp] = field(default_factory=dict)
    _seen: dict[Path, Stamp] = field(default_factory=dict)
    _missed: frozenset[Path] = frozenset()  # at the last look
    _begun: bool = False
    _said: str = ""

    def look(self) -> Step | None:
        """Bring the store in step with the folder as it is now.

        Returns:
            None where nothing has changed. A store that another process writes is a notice, and tried again next time.
        """
        try:
            return self._step()
        except StoreError as error:
            return self._say(str(error))

    def _step(self) -> Step | None:
        if not self.folder.is_dir():
            return self._say(f"{self.folder}: 文件夹不见了（磁盘或网络位置没有连上？），库里的文档都留着，等它回来")
        now = dict(_stamps(self.folder))
        settled = {path for path, stamp in now.items() if not self._begun or self._seen.get(path) == stamp}
        changed = [path for path in now if path in settled and self._read.get(path) != now[path]]
        missed = frozenset(path for path in self._read if path not in now)
        gone = missed & self._missed  # one that was renamed has turned up under its other name by the second look
        self._seen, self._missed = now, missed
        if self._begun and not changed and not gone:
            return None
        if not now and self._sources():
            return self._say(
                f"{self.folder}: 里面的文件全部不见了（磁盘或网络位置没有连上？），库里的文档都留着；"
                "确实要清空，请用 duban docs remove 逐份移除"
            )
        report = (
            intake(self.store, changed, self.embedder, self.progress, self.limits, self.bounds, chroma=self.chroma)
            if changed
            else Report()
        )
        self._read.update((path, now[path]) for path in changed)
        removed = self._remove({*now, *missed} - gone, report, changed)
        for path in gone:
            del self._read[path]
        self._begun, self._said = True, ""
        return Step(report, removed, report.notice or "")

    def _remove(self, files: set[Path], report: Report, changed: list[Path]) -> int:
        """Take out the entries below the folder whose file has gone, or whose archive holds them no longer."""
        kept = {*report.added, *report.unchanged, *report.updated, *(item.source for item in report.failed)}
        here = {source_name(path) for path in files}
        fresh = {source_name(path) for path in changed}
        lost = []
        for source in self._sources() - here - kept:
            archive = next((file for file in _above(source) if file in here), None)
            if archive is None or archive in fresh:
                lost.append(source)
        return forget(self.store, sorted(lost), self.embedder, chroma=self.chroma) if lost else 0

    def _sources(self) -> set[str]:
        """Return the sources of the store that lie below the folder."""
        if not (self.store / "corpus.db").is_file():
            return set()
        below = source_name(self.folder.absolute()) + os.sep
        with closing(Corpus.open(self.store)) as corpus:
            return {row.source for row in corpus.documents() if row.source.startswith(below)}

    def _say(self, notice: str) -> Step | None:
        """Return a notice, once until it changes."""
        if notice == self._said:
            return None
        self._said = notice
        return Step(notice=notice)


def watch(watched: Sequence[Watch], tell: Callable[[Step], None], every: float = EVERY) -> None:
    """Look at the folders until the process is interrupted, and tell what each look brought."""
    while True:
        for one in watched:
            step = one.look()
            if step is not None:
                tell(step)
        time.sleep(every)


def _stamps(folder: Path) -> Iterator[tuple[Path, Stamp]]:
    for path in files_below(folder, []):
        try:
            stat = path.stat()
        except OSError:
            continue  # it went while we looked
        yield path, (stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _above(source: str) -> Iterator[str]:
    """Yield the paths that enclose a source, the longest first: one of them may be an archive."""
    while source := source.rpartition("/")[0]:
        yield source
