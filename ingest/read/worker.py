"""The process that reads files for another one, so that a hostile file ends it alone.

It speaks over its standard input and output: a frame is a letter, the length of what follows in 8 bytes, and a pickle
or nothing. Whoever started it bounds its memory and the time between two frames (`ingest.read.pool`).
"""

from __future__ import annotations

import functools
import importlib
import io
import operator
import os
import pickle
import queue
import struct
import threading
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, BinaryIO

HEAD = struct.Struct(">cQ")
AT = struct.Struct(">II")  # the page that a reader is at, and how many there are: what a sign of progress may say
_VALUES = {("decimal", "Decimal"), ("datetime", "date")}  # of figures and times in a ledger
_TURN = threading.Lock()  # a thread may tell of progress while another one hands on what was found
PROGRESS, FOUND, DONE = b"p", b"f", b"d"


def main() -> None:
    """Do the tasks that come in, one after the other, until the input ends."""
    out = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as nothing:  # what a library prints must not get between the frames
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    for name in ("ingest.ledger", "ingest.read.file"):  # takes a second: before anybody waits for a file
        importlib.import_module(name)
    put(out, PROGRESS, b"")
    tasks: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    while True:
        _do(tasks.get(), out)


def _listen(tasks: queue.SimpleQueue[tuple[Any, ...]]) -> None:
    """Take tasks in; end the process with the one that started it, whatever is being read."""
    with open(0, "rb", closefd=False) as source:
        while frame := take(source.read):
            tasks.put(pickle.loads(frame[1]))  # from the process that started this one
    os._exit(0)


def _do(task: tuple[Any, ...], out: BinaryIO) -> None:
    from ingest.error import ReadError

    name, limits, *rest = task

    def progress(page: int = 0, pages: int = 0) -> None:
        with _TURN:
            put(out, PROGRESS, AT.pack(page, pages) if pages else b"")

    why = ""
    try:
        _TASKS[name](out, replace(limits, progress=progress), *rest)
    except ReadError as error:
        why = str(error)
    except MemoryError:
        why = "内存不足，没有读完：请拆分，或用原程序另存后再导入"
    except RecursionError:
        why = "内容层层嵌套，没有读完：文件可能有害，请用原程序另存后再导入"
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:  # a fault of ours or of a library must not take the other files with it
        why = f"读取时出错（{type(error).__name__}: {str(error)[:200]}）：请用原程序另存后再导入，并把文件反馈给我们"
    put(out, DONE, why.encode("utf-8", "replace"))


def _read(out: BinaryIO, limits: Any, data: bytes, suffix: str) -> None:
    from ingest.ledger import ledger
    from ingest.read.file import pieces
    from ingest.read.reading import beating, patience

    for piece in pieces(data, suffix, limits):
        tasks = None
        if piece.document:
            with beating(limits, patience(piece.document.text)):
                tasks = ledger(piece.document)
        if not piece.path:
            piece = replace(piece, data=b"")  # the other side has the bytes of the file
        _hand(out, (piece, tasks))


def _page(out: BinaryIO, limits: Any, data: bytes, kind: str, number: int, boxes: Any, dpi: int) -> None:
    from ingest.read.picture import page_image

    _hand(out, page_image(data, kind, number, boxes, dpi, limits))


def _hand(out: BinaryIO, value: Any) -> None:
    payload = io.BytesIO()
    _Pickler(payload, protocol=5).dump(value)
    with _TURN:
        put(out, FOUND, payload.getvalue())


_TASKS: dict[str, Callable[..., None]] = {"read": _read, "page": _page}


def put(out: BinaryIO, letter: bytes, payload: bytes) -> None:
    """Write a frame."""
    out.write(HEAD.pack(letter, len(payload)))
    out.write(payload)
    out.flush()


def take(read: Callable[[int], bytes]) -> tuple[bytes, bytes] | None:
    """Read a frame, None at the end."""
    head = _exactly(read, HEAD.size)
    if head is None:
        return None
    letter, length = HEAD.unpack(head)
    payload = _exactly(read, length)
    return None if payload is None else (letter, payload)


def _exactly(read: Callable[[int], bytes], count: int) -> bytes | None:
    parts = io.BytesIO()
    while (left := count - parts.tell()) > 0:
        part = read(min(left, 1 << 20))
        if not part:
            return None
        parts.write(part)
    return parts.getvalue()


class _Pickler(pickle.Pickler):
    """Writes a dataclass as the call that makes it: half the time, on both sides, of what `dataclasses` does itself."""

    def reducer_override(self, value: Any) -> Any:
        """Return how a value is made; everything but a dataclass as always."""
        made = type(value)
        return (made, _values(made)(value)) if is_dataclass(made) else NotImplemented


@functools.cache
def _values(made: type) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the fields of a dataclass, in the order of its arguments."""
    names = [field.name for field in fields(made)]
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


class Unpickler(pickle.Unpickler):
    """Takes values of ours and nothing else: a reader that a file has taken over cannot make the other side call it."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a dataclass of this room, or a plain value; anything else is refused."""
        if module.startswith("ingest."):
            found = getattr(importlib.import_module(module), name, None)
            if isinstance(found, type) and is_dataclass(found):
                return found
        if (module, name) in _VALUES:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")
