"""The picture of a page with some boxes lit, for whoever looks a citation up."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from contextlib import closing
from itertools import groupby, islice
from typing import Any
from xml.sax.saxutils import escape

from ingest.document import Box
from ingest.error import ReadError
from ingest.read.ofd import Drawing, drawing
from ingest.read.reading import Limits
from ingest.read.sheet import Glyph

_LIT = (255, 232, 120)  # what lies under it is multiplied with, so that black stays black
_MARGIN = 2.0  # points around a box
_PACKED = 3  # of 9: a third of the time of the usual 6, a tenth more bytes
_FONTS = "SimSun, Songti SC, Noto Serif CJK SC, Source Han Serif SC, serif"
_WIDEST = 1_700  # pixels of a picture inside a page: a page of A4 at 200 dpi
PICTURED = frozenset({"pdf", "image", "ofd"})


def page_image(
    data: bytes, kind: str, number: int, boxes: Sequence[Box] = (), dpi: int = 110, limits: Limits | None = None
) -> bytes:
    """Return a page with the boxes lit, as a PNG; of an OFD as an SVG. The file is not to be trusted: see `Pool`.

    The SVG has the characters, straight lines and pictures of the page at their places, in a font of the browser; what
    else an OFD may draw (seals, curves, colours) it has not.

    Args:
        data: the file.
        kind: `Document.kind`, one of `PICTURED`.
        number: of the page, from 1.
        boxes: in points from the top left, as in `Line.box`.
        dpi: dots per inch of a PNG; a page that would have more pixels than the limit is drawn smaller.
        limits: how much it may take.

    Raises:
        ReadError: there is no such page, or pages of this kind are not drawn.
    """
    limits = limits or Limits()
    if kind == "ofd":
        return _svg(drawing(data, number, limits), boxes)
    most = limits.pixels
    if kind == "pdf":
        page, scale = _pdf(data, number, dpi / 72, most)
    elif kind == "image":
        page, scale = _picture(data, number, dpi / 72, most)
    else:
        raise ReadError("这种文件没有页面图像：请打开原文件查看")
    out = io.BytesIO()
    _lit(page, boxes, scale).save(out, "PNG", compress_level=_PACKED)
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


def _svg(page: Drawing, boxes: Sequence[Box]) -> bytes:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width:.1f}" height="{page.height:.1f}" '
        f'viewBox="0 0 {page.width:.1f} {page.height:.1f}"><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for (x0, y0, x1, y1), picture in page.pictures:
        shown = base64.b64encode(_embedded(picture)).decode()
        parts.append(f'<image x="{x0:.1f}" y="{y0:.1f}" width="{max(x1 - x0, 0):.1f}" height="{max(y1 - y0, 0):.1f}" '
                     f'preserveAspectRatio="none" href="data:image/png;base64,{shown}"/>')  # fmt: skip
    for x0, y0, x1, y1 in page.rules:
        parts.append(f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#000" stroke-width=".6"/>')
    parts.append(f'<g font-family="{_FONTS}">')
    for (base, size), run in groupby(page.glyphs, key=_line):
        glyphs = list(run)
        places = " ".join(f"{glyph.x0:.1f}" for glyph in glyphs)
        words = escape("".join(glyph.char for glyph in glyphs))
        parts.append(f'<text x="{places}" y="{base:.1f}" font-size="{size:.1f}">{words}</text>')
    parts.append("</g>")
    for x0, y0, x1, y1 in boxes:
        wide, high = max(x1 - x0 + 2 * _MARGIN, 0), max(y1 - y0 + 2 * _MARGIN, 0)
        parts.append(f'<rect x="{x0 - _MARGIN:.1f}" y="{y0 - _MARGIN:.1f}" width="{wide:.1f}" height="{high:.1f}" '
                     f'fill="rgb{_LIT}" style="mix-blend-mode:multiply"/>')  # fmt: skip
    return "".join([*parts, "</svg>"]).encode("utf-8", "replace")


def _line(glyph: Glyph) -> tuple[float, float]:
    """Return the baseline of a character (see `ofd`) and its size."""
    return round(glyph.y1 - 0.2 * glyph.size, 1), round(glyph.size, 1)


def _embedded(picture: Any) -> bytes:
    out = io.BytesIO()
    shown = picture if picture.mode in ("1", "L", "LA", "RGB", "RGBA", "P") else picture.convert("RGB")
    shown.thumbnail((_WIDEST, _WIDEST))
    shown.save(out, "PNG", compress_level=_PACKED)
    return out.getvalue()
