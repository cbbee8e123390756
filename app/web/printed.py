"""Pages as they are printed: drawn in a worker process that a hostile file ends alone, and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.settings import Settings
from ingest.document import Box, Document, Line
from ingest.error import DubanError, ReadError
from ingest.read.picture import PICTURED
from ingest.read.pool import Pool

_DPI = 130  # a page of A4 in 1,075 x 1,520 dots: sharp where it fills the panel, and legible enlarged on a telephone
_KEPT = 40_000_000  # bytes of pictures; a page of text has some 300,000
_WAITING = 4  # one page is drawn at a time; who comes when so many wait is told so, and holds no thread


class BusyError(DubanError):
    """You meet this when more pages are asked for than can be drawn at the moment."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The page that a passage begins on: its number, that of the last page, and where on it, in shares of its size."""

    number: int
    last: int
    x: float = 0.0
    y: float = 0.0


def leaf(document: Document, offset: int, lines: Sequence[Line]) -> Leaf | None:
    """Return the page on which the words at `offset` are printed, the first without any; None of what has no pages.

    `lines` are those that the passage touches, in order.
    """
    if not document.pages or document.kind not in PICTURED:
        return None
    last = document.pages[-1].number
    if lines:
        number = lines[0].page
        page = next((page for page in document.pages if page.number == number), document.pages[0])
        boxes = [line.box for line in lines if line.page == number]
        x, y = min(box[0] for box in boxes) / page.width, min(box[1] for box in boxes) / page.height
        return Leaf(number, last, round(min(max(x, 0.0), 1.0), 4), round(min(max(y, 0.0), 1.0), 4))
    at = document.page_at(offset)
    return Leaf(at.number if at else document.pages[0].number, last)


class Pages:
    """Draws pages of originals. Use it with `closing`: its process ends with it."""

    def __init__(self, settings: Settings) -> None:
        """Start nothing yet: the process begins with the first page."""
        self._pool = Pool(settings.limits, replace(settings.bounds, workers=1))
        self._kept: OrderedDict[tuple[str, int, tuple[Box, ...]], bytes] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()
        self._turns = threading.BoundedSemaphore(_WAITING)

    def close(self) -> None:
        """End the process."""
        self._pool.__exit__()

    def draw(self, document: Document, original: Path, number: int, boxes: Sequence[Box]) -> bytes:
        """Return page `number` (from 1) of a document with the boxes lit: a PNG, of an OFD an SVG.

        Raises:
            ReadError: it cannot be drawn; the message says why.
            BusyError: too many are waiting.
        """
        key = (document.id, number, tuple(boxes))
        with self._guard:
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
                return found
        if not self._turns.acquire(blocking=False):
            raise BusyError("同时打开的页面太多，请稍后再试")
        try:
            drawn = self._pool.page_image(original.read_bytes(), document.kind, number, boxes, _DPI)
        except OSError as error:
            raise ReadError(f"原文件读不出来（{error.strerror}）：请检查磁盘") from error
        finally:
            self._turns.release()
        with self._guard:
            self._size += len(drawn) - len(self._kept.pop(key, b""))
            self._kept[key] = drawn
            while self._size > _KEPT:
                self._size -= len(self._kept.popitem(last=False)[1])
        return drawn
