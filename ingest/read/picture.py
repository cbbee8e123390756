"""The picture of a page with some boxes lit, for whoever looks a citation up."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from ingest.document import Box
from ingest.error import ReadError
from ingest.read.reading import Limits

_LIT = (255, 232, 120)  # what lies under it is multiplied with, so that black stays black
_MARGIN = 2.0  # points around a box


def page_image(
    data: bytes, kind: str, number: int, boxes: Sequence[Box] = (), dpi: int = 110, limits: Limits | None = None
) -> bytes:
    """Return a page as a PNG with the boxes lit. The file is not to be trusted: see `Pool.page_image`.

    Args:
        data: the file.
        kind: `Document.kind`: pdf or image.
        number: of the page, from 1.
        boxes: in points from the top left, as in `Line.box`.
        dpi: dots per inch; a page that would have more pixels than the limit is drawn smaller.
        limits: how much it may take.

    Raises:
        ReadError: there is no such page, or pages of this kind are not drawn.
    """
    most = (limits or Limits()).pixels
    if kind == "pdf":
        page, scale = _pdf(data, number, dpi / 72, most)
    elif kind == "image":
        page, scale = _picture(data, number, dpi / 72, most)
    else:
        raise ReadError("这种文件没有页面图像：请打开原文件查看")
    out = io.BytesIO()
    _lit(page, boxes, scale).save(out, "PNG")
    return out.getvalue()


def _pdf(data: bytes, number: int, scale: float, most: int) -> tuple[Any, float]:
    import pypdfium2

    from ingest.read.pdf import opened

    with opened(data) as pdf:
        if not 1 <= number <= len(pdf):
            raise ReadError(f"没有第 {number} 页")
        try:
            with closing(pdf[number - 1]) as page:
                width, height = page.get_size()
                scale = min(scale, math.sqrt(most / max(width * height, 1.0)))
                return page.render(scale=scale, draw_annots=False).to_pil().convert("RGB"), scale
        except pypdfium2.PdfiumError as error:
            raise ReadError(f"第 {number} 页已损坏，不能显示") from error


def _picture(data: bytes, number: int, scale: float, most: int) -> tuple[Any, float]:
    from ingest.read.image import pages

    for page, dpi in islice(pages(data, most), number - 1, number):
        factor = min(scale * 72 / dpi, 1.0)
        size = (max(1, round(page.width * factor)), max(1, round(page.height * factor)))
        return page.convert("RGB").resize(size), factor * dpi / 72
    raise ReadError(f"没有第 {number} 页")


def _lit(page: Any, boxes: Sequence[Box], scale: float) -> Any:
    from PIL import Image, ImageChops

    for box in boxes:
        x0, y0 = (max(0, math.floor((edge - _MARGIN) * scale)) for edge in box[:2])
        x1, y1 = (
            min(page.width, math.ceil((box[2] + _MARGIN) * scale)),
            min(page.height, math.ceil((box[3] + _MARGIN) * scale)),
        )
        if x1 > x0 and y1 > y0:
            part = page.crop((x0, y0, x1, y1))
            page.paste(ImageChops.multiply(part, Image.new("RGB", part.size, _LIT)), (x0, y0))
    return page
