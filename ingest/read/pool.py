"""Reads files in worker processes, several at a time, each bounded in memory and in time without progress."""

from __future__ import annotations

import functools
import io
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.document import Box, document_id
from ingest.error import ReadError
from ingest.ledger import Ledger
from ingest.priority import yield_to_others
from ingest.read.file import Piece, load, pieces
from ingest.read.kind import SUFFIXES, kind
from ingest.read.reading import Limits
from ingest.read.worker import AT, DONE, FOUND, PROGRESS, Unpickler, put, take

_LOOK = 0.03  # seconds between two looks at a worker's memory: it fills some 100 MB meanwhile
_FAMILY = 40  # looks between two at what a worker has started itself (LibreOffice): that costs some milliseconds
_PAUSE = 0.2  # seconds after which a thread that waits looks whether the pool was closed
_BIRTH = 60.0  # seconds that a worker may take to start
_ASLEEP = 0.01  # of the processor; whatever works gets more, however many others do
_BUSY = 6
_FULL = 0.75  # of its memory; a worker that still holds so much after a file is replaced
_AHEAD = 4  # files for each worker that may be read before their turn,
_ROOM = 2_000_000  # and small ones more up to so many bytes: the workers go on while a batch is stored
_LEAST = 20_000  # bytes that a file counts there
_TELL = 1.0  # seconds between two words of how far the file is whose turn it is
_HELD = 8  # documents of one archive that wait for their turn
_SMALL = 256_000  # bytes; a text of this size is read in some 50 ms
_FEW = 1_500_000  # bytes of small texts; for fewer it takes longer to start a process than to read them
_STOPPED = "已停止：文件可能有害或过于复杂，请拆分，或用原程序另存后再导入"
_WORDS = ("text", "markdown")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a worker may take, in MB of resident memory and in seconds without progress, and how many there are.

    No workers (0) stands for as many as there are cores but `spare`, and memory for. `yields` says that they come after
    others.
    """

    memory: int = 1_000
    seconds: int = 30
    workers: int = 0
    yields: bool = False
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a file: a document with its ledger, or why there is none.

    `member` is the path inside an archive, "" for the file itself. A document that is `known` is not read again.
    """

    member: str
    data: bytes
    piece: Piece | None
    tasks: Ledger | None
    known: str = ""
    why: str = ""


Tell = Callable[[Path, int, int], None]
"""Called with a file that is being read, the page that its reader is at and how many there are; 0 where not known."""


@dataclass(slots=True)
class _Job:
    path: Path
    inside: bool  # read in this process
    size: int  # bytes, `_LEAST` at least
    found: queue.Queue[Found | None] = field(default_factory=lambda: queue.Queue(_HELD))
    lane: _Lane | None = None  # that reads it

    def hand(self, found: Found | None, closing: threading.Event) -> None:
        """Hand on what was found, unless nobody wants it any more."""
        while not closing.is_set():
            with suppress(queue.Full):
                self.found.put(found, timeout=_PAUSE)
                return

    def wait(self, tell: Tell | None) -> Found | None:
        """Return what comes next, and tell meanwhile how far the file is."""
        while True:
            with suppress(queue.Empty):
                return self.found.get(timeout=_TELL if tell else None)
            if tell:
                tell(self.path, *(self.lane.at if self.lane else (0, 0)))


class Pool:
    """Reads files, and draws pages of them. Use it in a `with` statement: its processes end with it."""

    def __init__(self, limits: Limits | None = None, bounds: Bounds | None = None) -> None:
        """Start nothing yet."""
        self.limits = limits or Limits()
        self.bounds = bounds or Bounds()
        self._lanes: list[_Lane] = []
        self._closing = threading.Event()
        self._guard = threading.Lock()  # one page is drawn at a time

    def __enter__(self) -> Pool:
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes, whatever they are doing."""
        self._closing.set()
        for lane in self._lanes:
            lane.end()

    def read(
        self, paths: Sequence[Path], known: Callable[[str], bool] = lambda _: False, tell: Tell | None = None
    ) -> Iterator[tuple[Path, Found | None]]:
        """Yield (path, what was found) for each document of each file, in the order of the paths, then (path, None).

        Args:
            paths: the files.
            known: says of a document's id whether it need not be read; is called from several threads.
            tell: is called every second while a file is waited for.
        """
        jobs = [
            _Job(path, inside, max(_LEAST, _size(path))) for path, inside in zip(paths, _inside(paths), strict=True)
        ]
        outside = [job for job in jobs if not job.inside]
        count = min(workers(self.bounds), len(outside))
        limits = self.limits if count < 2 else replace(self.limits, threads=1)
        turns: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        ahead = _ahead(outside, turns, count)
        next(ahead, None)
        for _ in range(count):
            lane = self._lane(limits)
            threading.Thread(target=_run, args=(lane, turns, known), daemon=True).start()
        for job in jobs:
            if job.inside:
                yield from ((job.path, found) for found in self._here(job.path, known))
            else:
                while (found := job.wait(tell)) is not None:
                    yield job.path, found
                next(ahead, None)
            yield job.path, None

    def _lane(self, limits: Limits) -> _Lane:
        lane = _Lane(limits, self.bounds, self._closing)
        self._lanes.append(lane)
        return lane

    def _here(self, path: Path, known: Callable[[str], bool]) -> Iterator[Found]:
        """Read a small text in this process; what turns out to be something else goes to a worker."""
        try:
            data = load(path, self.limits)
            name = document_id(data)
            if known(name):
                yield Found("", data, None, None, known=name)
            elif kind(data, path.suffix).name in _WORDS:
                for piece in pieces(data, path.suffix, self.limits):
                    yield Found("", data, piece, None)
            else:
                lane = self._lane(self.limits)
                yield from _asked(lane, data, path.suffix)
                lane.end()
        except ReadError as error:
            yield Found("", b"", None, None, why=str(error))

    def page_image(self, data: bytes, kind_: str, number: int, boxes: Sequence[Box] = (), dpi: int = 110) -> bytes:
        """Return a page of a file with the boxes lit, drawn in a worker: a PNG, of an OFD an SVG.

        Args:
            data: the file.
            kind_: `Document.kind`.
            number: of the page, from 1.
            boxes: in points, as in `Line.box`.
            dpi: dots per inch; a larger page is drawn smaller.

        Raises:
            ReadError: there is no such page, or it cannot be drawn.
        """
        with self._guard:
            lane = self._lanes[0] if self._lanes else self._lane(self.limits)
            drawn = list(lane.do("page", data, kind_, number, tuple(boxes), dpi))
        for item in drawn:
            if isinstance(item, str):
                raise ReadError(item)
        return bytes(drawn[0])


def workers(bounds: Bounds) -> int:
    """Return how many workers there may be: as many as there are cores to be had, and as memory that is free holds."""
    import psutil

    free = psutil.virtual_memory().available
    with suppress(OSError, ValueError):  # a container may have less
        most = int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii"))
        free = min(free, most - int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii")))
    room = int(free * 0.8) // (bounds.memory * 1_000_000)
    return max(1, min(bounds.workers or len(os.sched_getaffinity(0)) - bounds.spare, room))


def _inside(paths: Sequence[Path]) -> list[bool]:
    """Return which files are read in this process: small texts, where they are few."""
    small = [SUFFIXES.get(path.suffix.lower()) in _WORDS and _size(path) <= _SMALL for path in paths]
    few = sum(_size(path) for path, is_small in zip(paths, small, strict=True) if is_small) <= _FEW
    return [is_small and few for is_small in small]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _ahead(jobs: Sequence[_Job], turns: queue.SimpleQueue[_Job | None], lanes: int) -> Iterator[None]:
    """Give jobs out in their order, as many before their turn as there is room for; go on when the first is done."""
    done = held = 0
    for at, job in enumerate(jobs):
        while at - done >= _AHEAD * lanes and held + job.size > _ROOM:
            yield
            held -= jobs[done].size
            done += 1
        turns.put(job)
        held += job.size
    for _ in range(lanes):
        turns.put(None)


def _run(lane: _Lane, turns: queue.SimpleQueue[_Job | None], known: Callable[[str], bool]) -> None:
    """Take one file after the other to the worker of `lane`, until there is none or the pool closes."""
    while not lane.closing.is_set():
        try:
            job = turns.get(timeout=_PAUSE)
        except queue.Empty:
            continue
        if job is None:
            break
        job.lane, lane.at = lane, (0, 0)
        try:
            data = load(job.path, lane.limits)
            name = document_id(data)
            given = [Found("", data, None, None, known=name)] if known(name) else _asked(lane, data, job.path.suffix)
            for found in given:
                job.hand(found, lane.closing)
        except ReadError as error:
            job.hand(Found("", b"", None, None, why=str(error)), lane.closing)
        except Exception as error:
            # Whoever waits for this file has to hear of it, whatever it was.
            why = f"读取时出错（{type(error).__name__}: {error}）：请重试，并把文件反馈给我们"
            job.hand(Found("", b"", None, None, why=why), lane.closing)
        job.hand(None, lane.closing)
    lane.end()


def _asked(lane: _Lane, data: bytes, suffix: str) -> Iterator[Found]:
    for item in lane.do("read", data, suffix):
        if isinstance(item, str):
            yield Found("", b"", None, None, why=item)
            return
        piece, tasks = item
        if not piece.path:
            piece = replace(piece, data=data)
        yield Found(piece.path, piece.data, piece if piece.document else None, tasks, why=piece.why)


class _Lane:
    """A worker process, replaced when it has ended, and the bounds that it is held to."""

    def __init__(self, limits: Limits, bounds: Bounds, closing: threading.Event) -> None:
        self.limits = limits
        self._bounds = bounds
        self.closing = closing
        self._child: subprocess.Popen[bytes] | None = None
        self._ready = False  # the first frame says that it has started
        self.at = (0, 0)  # the page that the reader is at, and how many there are

    def end(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe:
                        pipe.close()
            child.wait()

    def do(self, name: str, *arguments: Any) -> Iterator[Any]:
        """Yield what the worker finds; a string, last, says why there is no more."""
        import pickle

        child = self._child or self._start()
        assert child.stdin is not None and child.stdout is not None
        bound = self._bounds.seconds if self._ready else _BIRTH
        source = os.fdopen(os.dup(child.stdout.fileno()), "rb", buffering=0)
        try:
            put(child.stdin, b"t", pickle.dumps((name, self.limits, *arguments), protocol=5))  # type: ignore[arg-type]
            while True:
                why = self._wait(child, bound)
                frame = None if why else take(source.read)
                if frame is None:
                    why = why or self._ended(child)
                    self.end()  # before anybody hears of it, and asks for the next file
                    yield why
                    return
                letter, payload = frame
                if letter == FOUND:
                    yield Unpickler(io.BytesIO(payload)).load()
                elif letter == DONE:
                    self._renew(child)
                    if payload:
                        yield payload.decode("utf-8", "replace")
                    return
                elif letter == PROGRESS:
                    self.at = AT.unpack(payload) if payload else self.at
                else:
                    raise ValueError(letter)
                self._ready, bound = True, self._bounds.seconds
        except BrokenPipeError:
            why = self._ended(child)
            self.end()
            yield why
            return
        except Exception:
            self.end()
            raise
        finally:
            source.close()

    def _renew(self, child: subprocess.Popen[bytes]) -> None:
        """End a worker that has read its file and still holds much memory."""
        if self._memory(child) > _FULL * self._bounds.memory * 1e6:
            self.end()

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH", "")])])
        try:
            child = subprocess.Popen(
                [sys.executable, "-P", "-c", "from ingest.read.worker import main; main()"],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise ReadError(f"读取文件的子进程不能启动（{error.strerror}）：请检查内存和进程数") from error
        if self._bounds.yields:
            yield_to_others(child.pid)
        self._child, self._ready = child, False
        return child

    def _wait(self, child: subprocess.Popen[bytes], seconds: float) -> str:
        """Wait for the next frame; return why the worker was stopped, "" where one has come or it has ended."""
        assert child.stdout is not None
        began, spent = time.monotonic(), self._spent(child)
        looks = 0
        while not select.select([child.stdout], [], [], _LOOK)[0]:
            looks += 1
            if self.closing.is_set():
                return "已中断"
            if self._memory(child, looks % _FAMILY == 0) > self._bounds.memory * 1e6:
                return f"读取占用的内存超过 {self._bounds.memory} MB，{_STOPPED}"
            passed = time.monotonic() - began
            if passed > seconds and _hangs(passed, self._spent(child) - spent, seconds):
                return f"读取 {seconds:.0f} 秒没有进展，{_STOPPED}"
        return ""

    def _spent(self, child: subprocess.Popen[bytes]) -> float:
        """Return the seconds of processor time that a worker has taken."""
        import psutil

        with suppress(psutil.Error):
            times = _process(child.pid).cpu_times()
            return float(times.user + times.system)
        return 0.0

    def _memory(self, child: subprocess.Popen[bytes], family: bool = True) -> int:
        """Return the resident memory of a worker, and of what it has started, in bytes; 0 where it has ended."""
        import psutil

        try:
            process = _process(child.pid)
            others = process.children(recursive=True) if family else []
            return sum(p.memory_info().rss for p in (process, *others))
        except psutil.Error:
            return 0

    def _ended(self, child: subprocess.Popen[bytes]) -> str:
        code = child.wait()
        said = f"信号 {-code}" if code < 0 else f"状态 {code}"
        return f"读取进程意外结束（{said}），这个文件没有读完：文件可能有害，请用原程序另存后再导入"


def _hangs(passed: float, spent: float, seconds: float) -> bool:
    """Return whether a worker that has been silent for more than `seconds` hangs; `spent` is of processor time.

    On a busy machine one that works gets little of the processor: it has longer than one that sleeps.
    """
    asleep = spent < _ASLEEP * passed
    return spent > 0.5 * seconds or passed > (2 if asleep else _BUSY) * seconds


@functools.lru_cache(64)
def _process(pid: int) -> Any:
    import psutil

    return psutil.Process(pid)
