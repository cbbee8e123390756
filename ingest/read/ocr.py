"""Recognition of pictures of pages: offline, with the models that come inside the package rapidocr."""

from __future__ import annotations

import functools
import logging
import re
from typing import Any

from ingest.error import ReadError
from ingest.read.reading import Limits, beating
from ingest.read.sheet import Print, Rule, Sheet, clean

_SIDE = 2400  # pixels; a longer page is scaled down. A4 at 200 dpi has 2,339
# Lines are looked for in a smaller picture: the same 35 lines of a page at 200 dpi in 6 s of processor time, not 10,
# and in 630 MB, not 980.
_DETECTED = 1280
# Lines are recognised one by one: six at a time are padded to the longest of them, which took 28 s of processor time
# and 930 MB for a picture of 846 x 996 pixels with 40 long lines, not 20 s and 390 MB.
_AT_ONCE = 1
_SURE = 0.5  # a line below is left out: what is recognised so badly is a stain or a seal
_TURNED = 0.6  # share of lines taller than wide from which a page is taken to lie on its side
# The model often misses a thin ○ between two numerals: a year of three that begins with 二 has lost the one after it.
_NUMERALS = frozenset("〇○零一二三四五六七八九十百千")
_LOST_ZERO = re.compile(f"(?<![{''.join(sorted(_NUMERALS))}])二(?=[一二][一二三四五六七八九]年)")
_REST_OF_YEAR = re.compile("二[一二三四五六七八九]年[一二三四五六七八九十]{1,2}月")
_RULE = 40  # of its length a rule is at least one part of the picture's side


def recognise(picture: Any, number: int, width: float, height: float, limits: Limits) -> Sheet:
    """Return what stands on a picture of a page.

    Args:
        picture: `(rows, columns, 3)` or `(rows, columns)`, bytes.
        number: of the page.
        width: of the page in points, as the boxes are wanted.
        height: of the page in points.
        limits: how many cores may be used, and for how long a page is said to make progress.
    """
    import numpy as np

    engine = _engine(limits.threads)
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    picture = _smaller(np.ascontiguousarray(picture[:, :, :3]))
    sheet = Sheet(number, width, height, confidence=0.0)
    if min(picture.shape[:2]) < 8 or not np.ptp(picture):
        return sheet
    with beating(limits, limits.page_seconds):
        found = _lines(engine, picture)
        if found and sum(_tall(box) and len(words) > 2 for box, words, _ in found) > _TURNED * len(found):
            turned = np.ascontiguousarray(np.rot90(picture, -1))
            other = _lines(engine, turned)
            if _sure(other) > _sure(found):
                found, picture = other, turned
                sheet.width, sheet.height, sheet.turned = height, width, True
    across, down = sheet.width / picture.shape[1], sheet.height / picture.shape[0]
    texts = [clean(words).strip() for _, words, _ in found]
    around = zip(["", *texts], texts, [*texts[1:], ""], strict=False)
    for ((x0, y0, x1, y1), _, _), (before, words, following) in zip(found, around, strict=True):
        said = _whole_years(before, words, following)
        if said:
            box = (x0 * across, y0 * down, x1 * across, y1 * down)
            sheet.prints.append(Print(said, box, (box[3] - box[1]) * 0.8))
    rules = _rules(picture)
    sheet.rules = [Rule(r.x0 * across, r.y0 * down, r.x1 * across, r.y1 * down) for r in rules]
    sheet.confidence = _sure(found)
    return sheet


def _smaller(picture: Any) -> Any:
    """Return a picture with no side longer than what is looked at: what comes after takes memory by the pixel."""
    import cv2

    scale = _SIDE / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture


def _whole_years(before: str, words: str, following: str) -> str:
    """Return a line with the ○ that its years have lost; a year may go on in the next line, or on the next page."""
    if _REST_OF_YEAR.match(words) and before[-1:] not in _NUMERALS:
        return f"〇{words}"
    whole = words + following[:3]
    lost = [found.start() for found in _LOST_ZERO.finditer(whole) if found.start() < len(words)]
    for at in reversed(lost):
        words = f"{words[: at + 1]}〇{words[at + 1 :]}"
    return words


def _sure(found: list[tuple[tuple[float, float, float, float], str, float]]) -> float:
    """Return the confidence of the lines, each counting by its length."""
    letters = sum(len(words) for _, words, _ in found)
    return sum(len(words) * score for _, words, score in found) / letters if letters else 0.0


def _lines(engine: Any, picture: Any) -> list[tuple[tuple[float, float, float, float], str, float]]:
    """Return (box in pixels, words, confidence) of the lines of a picture."""
    result = engine(picture)
    if result.boxes is None or result.txts is None:
        return []
    found = []
    for corners, words, score in zip(result.boxes, result.txts, result.scores, strict=True):
        if score >= _SURE:
            x, y = corners[:, 0], corners[:, 1]
            found.append(((float(x.min()), float(y.min()), float(x.max()), float(y.max())), words, float(score)))
    return found


def _tall(box: tuple[float, float, float, float]) -> bool:
    return box[3] - box[1] > 1.5 * (box[2] - box[0])


def _rules(picture: Any) -> list[Rule]:
    """Return the drawn lines of a picture in pixels: long thin runs of dark, across and down."""
    import cv2
    import numpy as np

    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    ink = (gray < 160).astype(np.uint8)
    found: list[Rule] = []
    for upright in (False, True):
        long = max(picture.shape[0 if upright else 1] // _RULE, 20)
        shape = (1, long) if upright else (long, 1)
        kept = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        count, _, stats, _ = cv2.connectedComponentsWithStats(kept, connectivity=8)
        for x, y, w, h, _ in stats[1 : min(count, 5_000)].tolist():
            if min(w, h) > 12 or max(w, h) < long:
                continue
            found.append(Rule(x + w / 2, y, x + w / 2, y + h) if upright else Rule(x, y + h / 2, x + w, y + h / 2))
    return found


@functools.cache
def _engine(threads: int) -> Any:
    """Return the engine, made once a process; takes some 500 MB while it works.

    Raises:
        ReadError: the package is not installed.
    """
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    try:
        from rapidocr import RapidOCR
    except ImportError as error:
        raise ReadError("识别扫描件要用 rapidocr：请运行 pip install rapidocr") from error
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": _SIDE,
            "Global.use_cls": False,
            "Rec.rec_batch_num": _AT_ONCE,
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTED,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1,
        }
    )
