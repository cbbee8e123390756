"""PDF: characters with their places, drawn lines, bookmarks; pages without characters are recognised."""

from __future__ import annotations

import ctypes
import math
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from ingest.error import ReadError
from ingest.read.layout import compose
from ingest.read.reading import Hints, Limits, Reading
from ingest.read.sheet import Glyph, Rule, Sheet, prints

LOCK = threading.RLock()  # pdfium may be used by one thread at a time
_OBJECTS = 20_000  # of a page; drawings beyond are not looked through for the lines of tables
_SEGMENTS = 400  # of a path
_THIN = 2.5  # points; a filled rectangle of this width is a line
_BLANKS = (0x20, 0xA0, 0x3000, 0x09)
_HYPHEN = 0x2D
_HUGE = 500  # points; a character of this size is decoration
_SAMPLE = 16  # of so many characters one is asked whether its font says what it means
_PATH, _IMAGE, _FORM = 2, 3, 5  # FPDF_PAGEOBJ_*
_FEW = 25  # characters; a page with fewer that a picture covers is a scanned page with a stamp or a number
_COVERED = 0.5
_PICTURE = 0.03  # of a page without characters that a picture takes, to be looked into
_OUTLINES = 60  # paths of a page without characters: its words may have been turned into curves
_DPI = 200  # of a page that is recognised
# Titles that programs write by themselves.
_NO_TITLE = re.compile(
    r"(?i)microsoft|untitled|未命名|无标题|\.(?:docx?|wps|xlsx?|pptx?|pdf|tmp|dwg|indd)$|^\W*$|幻灯片"
)


def read(data: bytes, limits: Limits) -> Reading:
    """Return the words of a PDF in reading order, with page and box for each line.

    Raises:
        ReadError: the file needs a password, is damaged, or has no words.
    """
    with opened(data) as pdf:
        count = len(pdf)
        notes = []
        if count > limits.pages:
            notes.append(f"共 {count} 页，只读入前 {limits.pages} 页（页数上限）；其余请拆分后导入")
        sheets = []
        scanned: list[int] = []
        failed: list[int] = []
        last = min(count, limits.pages)
        for number in range(1, last + 1):
            limits.progress(number, last)
            sheet, pictured = _sheet(pdf, number, limits)
            if pictured:
                found = _recognised(pdf, number, sheet, limits)
                (scanned if found else failed).append(number)
                sheet = found or sheet
            sheets.append(sheet)
        marks = [mark for mark in _bookmarks(pdf) if mark[0] <= limits.pages]
        hints = _hints(pdf)
    if scanned:
        notes.append(f"第 {_ranges(scanned)} 页是扫描件或图片，文字由识别得到，可能有误")
    if failed:
        notes.append(f"第 {_ranges(failed)} 页是图片，没有识别出文字（空白、过大或超时）")
    if not any(sheet.prints for sheet in sheets):
        raise ReadError("没有读到文字：" + (notes[-1] if failed else "页面空白，或文字已转成图形；请检查文件是否完整"))
    return compose(sheets, "pdf", limits, marks, hints, tuple(notes))


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """Open a PDF, one at a time.

    Raises:
        ReadError: it needs a password, or is damaged.
    """
    import pypdfium2

    with LOCK:
        try:
            pdf = pypdfium2.PdfDocument(data)
            count = len(pdf)
        except pypdfium2.PdfiumError as error:
            said = str(error)
            if "assword" in said:
                raise ReadError("PDF 设有打开密码：请解除密码（另存为不加密的文件）后再导入") from error
            if "ecurity" in said:
                raise ReadError("PDF 用了不支持的加密方式：请用原程序另存为不加密的文件") from error
            raise ReadError("PDF 已损坏或不完整，无法打开：请用原程序重新导出") from error
        if not count:
            pdf.close()
            raise ReadError("PDF 里没有一页：请用原程序重新导出")
        with closing(pdf):
            yield pdf


def _sheet(pdf: Any, number: int, limits: Limits) -> tuple[Sheet, bool]:
    """Return a page, and whether it is a picture of one. A damaged page is empty."""
    import pypdfium2

    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:
        return Sheet(number, 595.0, 842.0), False
    with closing(page):
        place = _Placer(page)
        sheet = Sheet(number, place.width, place.height)
        sheet.rules, covered, paths = _drawn(page, place)
        with closing(page.get_textpage()) as words:
            glyphs, lost = _Reader(words, place).glyphs(limits.characters)
        sheet.prints = prints(glyphs, sheet.rules)
        known = sum(len(item.words.strip()) for item in sheet.prints)
    bare = not known and (covered > _PICTURE or paths > _OUTLINES)
    pictured = bare or (known < _FEW and covered > _COVERED) or lost > (max(10, known) if known else 0)
    return sheet, pictured


class _Placer:
    """Turns the coordinates of a page (from the bottom left, before rotation) into ours."""

    def __init__(self, page: Any) -> None:
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.turn = page.get_rotation() // 90 % 4
        wide, high = abs(self.right - self.left), abs(self.top - self.bottom)
        self.width, self.height = (high, wide) if self.turn % 2 else (wide, high)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom from the top left corner of the page as it is shown."""
        if not self.turn:
            return x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
        a, b = self._point(x0, y0), self._point(x1, y1)
        return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])

    def _point(self, x: float, y: float) -> tuple[float, float]:
        match self.turn:
            case 0:
                return x - self.left, self.top - y
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case _:
                return self.top - y, self.right - x


class _Reader:
    """Reads the characters of a page. A call of pdfium costs a microsecond: what changes rarely is asked rarely."""

    def __init__(self, words: Any, place: _Placer) -> None:
        import pypdfium2.raw as raw

        self._raw = raw
        self._words = words.raw
        self._count = words.count_chars()
        self._place = place
        self._rect = raw.FS_RECTF()
        self._edges = (0.0, 0.0)  # top and bottom of the last character
        self._end = 0.0
        self._size = 0.0

    def glyphs(self, most: int) -> tuple[list[Glyph], int]:
        """Return the characters in the order of the file, and how many have no meaning (a font without its table)."""
        found: list[Glyph] = []
        lost = 0
        blank = False
        for at, code in self._codes(most):
            if code in _BLANKS:
                real = self._raw.FPDFText_IsGenerated(self._words, at) != 1
                blank = blank or real or (bool(found) and found[-1].char.isascii())
            elif code in (0x0A, 0x0D):
                blank = False
            elif code < 0x20 or code == 0xFFFD or code > 0x10FFFF:
                lost += 1
            elif glyph := self._glyph(at, code, blank):
                if at % _SAMPLE == 0 and self._raw.FPDFText_HasUnicodeMapError(self._words, at) == 1:
                    lost += _SAMPLE
                found.append(glyph)
                blank = False
        return found, lost

    def _codes(self, most: int) -> Iterator[tuple[int, int]]:
        """Yield (index, code point); pdfium counts the halves of a surrogate pair."""
        read = self._raw.FPDFText_GetUnicode
        high = 0
        for at in range(min(self._count, most)):
            code = read(self._words, at)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if high and 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
            yield at, _HYPHEN if code in (0x02, 0xFFFE) else code  # what pdfium makes of a hyphen at a line's end

    def _glyph(self, at: int, code: int, blank: bool) -> Glyph | None:
        if 0xD800 <= code < 0xE000 or code == 0xFFFF:
            return None
        rect = self._rect
        if not self._raw.FPDFText_GetLooseCharBox(self._words, at, rect):
            return None
        x0, y0, x1, y1 = self._place.box(rect.left, rect.bottom, rect.right, rect.top)
        if x1 <= x0 or y1 <= y0:
            return None
        if (y0, y1) != self._edges or not -50 < x0 - self._end < 50:
            if self._slanted(at):
                return None
            size = self._raw.FPDFText_GetFontSize(self._words, at)
            self._size = min(size, y1 - y0) if size > 1.0 else (y1 - y0) * 0.8
            self._edges = (y0, y1)
        self._end = x1
        return Glyph(chr(code), x0, y0, x1, y1, self._size, blank) if self._size < _HUGE else None

    def _slanted(self, at: int) -> bool:
        """Return whether a character belongs to a watermark across the page."""
        tilt = self._raw.FPDFText_GetCharAngle(self._words, at) % (math.pi / 2)
        return bool(min(tilt, math.pi / 2 - tilt) > 0.15)


def _drawn(page: Any, place: _Placer) -> tuple[list[Rule], float, int]:
    """Return the straight lines of a page, the share that its largest picture covers, and how many paths it has."""
    import pypdfium2.raw as raw

    rules: list[Rule] = []
    covered, paths = 0.0, 0
    area = max(place.width * place.height, 1.0)
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for at in range(min(raw.FPDFPage_CountObjects(page), _OBJECTS)):
        item = raw.FPDFPage_GetObject(page, at)
        kind = raw.FPDFPageObj_GetType(item)
        if kind not in (_PATH, _IMAGE, _FORM):
            continue
        if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
            continue
        box = place.box(left.value, bottom.value, right.value, top.value)
        if kind == _IMAGE or kind == _FORM:
            x0, y0, x1, y1 = max(box[0], 0), max(box[1], 0), min(box[2], place.width), min(box[3], place.height)
            if kind == _IMAGE or _holds_picture(item):
                covered = max(covered, max(x1 - x0, 0) * max(y1 - y0, 0) / area)
            continue
        paths += 1
        thin = min(box[2] - box[0], box[3] - box[1])
        if thin <= _THIN + 1:
            if max(box[2] - box[0], box[3] - box[1]) > 4:
                rules.append(_middle(box))
        elif _stroked(item):
            rules += _sides(item, place)
    return rules, covered, paths


def _holds_picture(form: Any) -> bool:
    import pypdfium2.raw as raw

    count = min(raw.FPDFFormObj_CountObjects(form), 50)
    return any(raw.FPDFPageObj_GetType(raw.FPDFFormObj_GetObject(form, at)) == _IMAGE for at in range(count))


def _stroked(path: Any) -> bool:
    import pypdfium2.raw as raw

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(raw.FPDFPath_GetDrawMode(path, fill, stroke)) and bool(stroke.value)


def _sides(path: Any, place: _Placer) -> Iterator[Rule]:
    """Yield the horizontal and vertical lines that a path is made of."""
    import pypdfium2.raw as raw

    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    begin = last = (0.0, 0.0)
    for at in range(min(raw.FPDFPath_CountSegments(path), _SEGMENTS)):
        segment = raw.FPDFPath_GetPathSegment(path, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begin = point
        ends = [(last, point)] if kind == raw.FPDF_SEGMENT_LINETO else []
        if raw.FPDFPathSegment_GetClose(segment):
            ends.append((point, begin))
        for one, other in ends:
            (a, b), (c, d) = sorted((one[0], other[0])), sorted((one[1], other[1]))
            box = place.box(a, c, b, d)
            if min(box[2] - box[0], box[3] - box[1]) <= 1 and max(box[2] - box[0], box[3] - box[1]) > 4:
                yield _middle(box)
        last = point


def _middle(box: tuple[float, float, float, float]) -> Rule:
    """Return the line in the middle of a thin box."""
    x0, y0, x1, y1 = box
    if x1 - x0 >= y1 - y0:
        return Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    return Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)


def _recognised(pdf: Any, number: int, sheet: Sheet, limits: Limits) -> Sheet | None:
    from ingest.read.ocr import recognise

    scale = min(_DPI / 72, math.sqrt(limits.pixels / max(sheet.width * sheet.height, 1.0)))
    with closing(pdf[number - 1]) as page:
        picture = page.render(scale=scale, draw_annots=False).to_numpy()
    found = recognise(picture, number, sheet.width, sheet.height, limits)
    return found if found.prints else None


def _bookmarks(pdf: Any) -> Iterator[tuple[int, str, int]]:
    """Yield (page number, title, depth) of the bookmarks in order."""
    import pypdfium2

    try:
        for mark in pdf.get_toc(max_depth=6):
            target = mark.get_dest()
            page = target.get_index() if target else None
            if page is not None:
                yield page + 1, mark.get_title(), mark.level + 1
    except (pypdfium2.PdfiumError, ValueError):
        return  # bookmarks that go round in a circle, or nowhere


def _hints(pdf: Any) -> Hints:
    title = str(pdf.get_metadata_value("Title") or "").strip()
    return Hints(title=None if len(title) > 80 or _NO_TITLE.search(title) else title or None)


def _ranges(numbers: list[int]) -> str:
    """Return numbers as people write them: 1—3、7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(str(p[0]) if len(p) == 1 else f"{p[0]}—{p[-1]}" for p in parts)
