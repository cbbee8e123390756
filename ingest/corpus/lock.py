"""The locks of a store: the one that whoever writes holds, and the one that pages which serve it share."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.error import StoreError

_EVERY = 0.05  # seconds between two attempts


class StoreLock:
    """Holds the lock of a store while its block runs: `with StoreLock(store, wait=2.0): ...`.

    It is an advisory lock (`flock`) on the file `lock` of the store. The system lets go of it when the process ends,
    however it ends, so a lock is never left behind; what stands in the file only names the holder to others. Two
    threads of one process exclude each other, too.

    Args:
        store: the folder, which exists.
        wait: seconds in which another holder may finish.

    Raises:
        StoreError: on entering, if another holds the lock for longer, or the folder cannot be written.
    """

    def __init__(self, store: Path, *, wait: float = 2.0) -> None:
        self._path = store / "lock"
        self._wait = wait
        self._file = -1

    def __enter__(self) -> Self:
        """Take the lock."""
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise StoreError(
                f"库 {self._path.parent} 不能写入（{error.strerror}）："
                "请检查文件夹是否存在、是否只读，或用 --store 另指一处"
            ) from error
        until = time.monotonic() + self._wait
        while not self._taken():
            if time.monotonic() >= until:
                holder = self._holder()
                os.close(self._file)
                raise StoreError(f"库 {self._path.parent} 正由{holder}写入：请等它结束后再试")
            time.sleep(_EVERY)
        name = json.dumps({"pid": os.getpid(), "command": shlex.join(sys.argv)}, ensure_ascii=False)
        self._write(name.encode("utf-8", "replace"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the lock."""
        self._write(b"")
        os.close(self._file)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _write(self, name: bytes) -> None:
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, name, 0)
        except OSError:
            pass  # a full disk: the lock holds all the same, only its holder has no name

    def _holder(self) -> str:
        try:
            holder = json.loads(os.pread(self._file, 4096, 0).decode("utf-8", "replace"))
            return f"进程 {int(holder['pid'])}（{holder['command']}）"
        except (ValueError, KeyError, TypeError):
            return "另一个进程"


_SERVED = "served"


@contextmanager
def serving(store: Path) -> Iterator[None]:
    """Let others know, while the block runs, that people ask this store; where it cannot be written they do not."""
    file = -1
    with suppress(OSError):
        file = os.open(store / _SERVED, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(file, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if file >= 0:
            os.close(file)


def served(store: Path) -> bool:
    """Return whether a page serves the store now."""
    try:
        file = os.open(store / _SERVED, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(file)
    return False
