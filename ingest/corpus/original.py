"""The originals: the files as they were taken in, each under the hash of its bytes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ingest.corpus.database import UNHARMED
from ingest.document import document_id
from ingest.error import StoreError

_WRITERS = 8  # that are brought onto the disk at once


class Originals:
    """The folder `originals` of a store."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.folder = store / "originals"

    def make(self) -> None:
        """Make the folder, and that of the store, where they are not there.

        Raises:
            StoreError: the place cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"库 {self.store} 不能写入（{error.strerror}）：请检查磁盘空间和权限") from error

    def any(self) -> bool:
        """Return whether there is one."""
        return self.folder.is_dir() and any(self.folder.iterdir())

    def read(self, doc: str) -> bytes:
        """Return the bytes of the document `doc`. Raises OSError where they are not there."""
        return (self.folder / doc).read_bytes()

    def holds(self, doc: str) -> bool:
        """Return whether the bytes of `doc` are there and are still what was taken in."""
        try:
            return document_id(self.read(doc)) == doc
        except OSError:
            return False

    def keep(self, files: Mapping[str, bytes]) -> None:
        """Write files under their ids, each whole or not at all.

        Raises:
            StoreError: there is no room, or the folder cannot be written.
        """
        from concurrent.futures import ThreadPoolExecutor  # who only reads does not wait for it

        # At once, as a disk brings many small files as fast onto itself as one.
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(self._keep, files, files.values()))

    def unlink(self, docs: Iterable[str]) -> None:
        """Delete the files of documents that are gone."""
        for doc in docs:
            with suppress(FileNotFoundError):
                (self.folder / doc).unlink()

    def _keep(self, doc: str, data: bytes) -> None:
        target = self.folder / doc
        if self.holds(doc):
            return
        draft = target.with_suffix(f".{os.getpid()}.part")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        except OSError as error:
            draft.unlink(missing_ok=True)
            why = "磁盘已满" if error.errno == errno.ENOSPC else error.strerror
            raise StoreError(f"库 {self.store} 写不下去（{why}）：{UNHARMED}") from error
