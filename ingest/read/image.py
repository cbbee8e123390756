"""Pictures of pages (PNG, JPEG, TIFF of several pages): recognised."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

from ingest.error import ReadError
from ingest.read.layout import compose
from ingest.read.reading import Limits, Reading
from ingest.read.sheet import Sheet

_FORMATS = ("PNG", "JPEG", "TIFF")
_DPI = 200  # of a picture that does not say; no page is wider than A3 then
_DPIS = (50.0, 1_200.0)  # what a picture says outside is taken for a mistake


def read(data: bytes, limits: Limits) -> Reading:
    """Return the words of a picture, each of its pages one page.

    Raises:
        ReadError: it is damaged, larger than the limit, or has no words.
    """
    import numpy as np

    from ingest.read.ocr import recognise

    sheets: list[Sheet] = []
    notes = ["图片文字由识别得到，可能有误"]
    for number, (page, dpi) in enumerate(pages(data, limits.pixels), start=1):
        if number > limits.pages:
            notes.append(f"只读入前 {limits.pages} 页（页数上限）；其余请拆分后导入")
            break
        picture = np.asarray(page.convert("RGB"))
        height, width = picture.shape[0] * 72 / dpi, picture.shape[1] * 72 / dpi
        sheets.append(recognise(picture, number, width, height, limits))
        limits.progress()
    if not any(sheet.prints for sheet in sheets):
        raise ReadError("图片里没有识别出文字：如果确有文字，请以 200 dpi 以上重新扫描")
    return compose(sheets, "image", limits, notes=tuple(notes))


def pages(data: bytes, pixels: int) -> Iterator[tuple[Any, float]]:
    """Yield the pages of a picture and their dots per inch; one that says none is taken to be at most A3 wide.

    Raises:
        ReadError: it is damaged, or a page has more pixels than the limit.
    """
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own, larger limit; damaged EXIF
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                for page in ImageSequence.Iterator(picture):
                    if page.width * page.height > pixels:
                        size = f"{page.width} x {page.height} 像素"
                        raise ReadError(f"图片有 {size}，超过 {pixels / 1e6:.0f} 百万像素的上限：请缩小或裁切后再导入")
                    upright = ImageOps.exif_transpose(page)
                    yield upright, _dpi(upright)
    except Image.DecompressionBombError as error:
        raise ReadError(f"图片远超过 {pixels / 1e6:.0f} 百万像素的上限：请缩小或裁切后再导入") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise ReadError("图片已损坏或不完整，无法打开：请重新扫描或另存为 PNG") from error


def _dpi(page: Any) -> float:
    try:
        dpi = float(page.info.get("dpi", (0, 0))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    return dpi if _DPIS[0] <= dpi <= _DPIS[1] else max(_DPI, page.width / 11.7)
