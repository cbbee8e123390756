"""OFD (GB/T 33190-2016), the format of Chinese offices: characters with their places, from the XML in the archive."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.document import Box
from ingest.error import ReadError
from ingest.read.image import pages as pictures
from ingest.read.layout import compose
from ingest.read.reading import Hints, Limits, Reading
from ingest.read.sheet import Glyph, Rule, Sheet, prints

_POINT = 72 / 25.4  # points in a millimetre, the unit of OFD
_A4 = (0.0, 0.0, 210.0, 297.0)
_PART = 50_000_000  # bytes of one XML part; a page has some 10 kB
_RATIO = 200  # of the size to the size in the archive; XML of pages reaches 30
_DEEPEST = 12  # groups inside groups, templates inside templates
_COVERED = 0.5
_FEW = 25
_PICTURES = 50  # that a page is drawn with
_NO_TITLE = re.compile(r"(?i)untitled|未命名|无标题|\.(?:docx?|wps|ofd|pdf)$|^\W*$")
Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read(data: bytes, limits: Limits) -> Reading:
    """Return the words of an OFD in reading order, with page and box for each line.

    Raises:
        ReadError: the file is damaged, encrypted, larger than the limits, or has no words.
    """
    with _Package(data, limits) as package:
        root = package.xml("OFD.xml")
        if root is None:
            raise ReadError("OFD 缺少 OFD.xml，不完整或不是 OFD：请用原程序重新导出")
        if any(_name(node) == "Encryptions" for node in root.iter()) or "Encryptions.xml" in package.names:
            raise ReadError("OFD 已加密：请用原程序解密后再导入")
        sheets: list[Sheet] = []
        notes: list[str] = []
        bookmarks: list[tuple[int, str, int]] = []
        for body in _all(root, "DocBody"):
            document = _Document(package, _text(body, "DocRoot"))
            bookmarks += document.bookmarks(len(sheets))
            for place in document.pages:
                if len(sheets) >= limits.pages:
                    notes.append(f"只读入前 {limits.pages} 页（页数上限）；其余请拆分后导入")
                    break
                limits.progress(len(sheets) + 1, min(len(document.pages), limits.pages))
                sheets.append(document.sheet(place, len(sheets) + 1))
        hints = _hints(root)
    scanned = [str(sheet.number) for sheet in sheets if sheet.confidence is not None]
    if scanned:
        notes.append(f"第 {'、'.join(scanned[:20])} 页是图片，文字由识别得到，可能有误")
    if not any(sheet.prints for sheet in sheets):
        raise ReadError("OFD 里没有读到文字：页面空白，或文字已转成图形；请检查文件是否完整")
    return compose(sheets, "ofd", limits, bookmarks, hints, tuple(notes))


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn on a page, in points from its top left corner: characters, lines, and pictures in their boxes."""

    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rules: tuple[Rule, ...]
    pictures: tuple[tuple[Box, Any], ...]


def drawing(data: bytes, number: int, limits: Limits) -> Drawing:
    """Return page `number` (from 1) of an OFD; its pictures are images of Pillow, those that cannot be read left out.

    Raises:
        ReadError: there is no such page, or as for `read`.
    """
    with _Package(data, limits) as package:
        root = package.xml("OFD.xml")
        before = 0
        for body in _all(root, "DocBody") if root is not None else ():
            document = _Document(package, _text(body, "DocRoot"))
            if before < number <= before + len(document.pages):
                return document.drawing(document.pages[number - before - 1])
            before += len(document.pages)
    raise ReadError(f"没有第 {number} 页")


class _Package:
    """The archive: parts by their path, within the limits; nothing is written anywhere."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.limits = limits
        self._spent = 0
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise ReadError("OFD 已损坏或不完整，无法打开：请用原程序重新导出") from error
        entries = self._archive.infolist()
        if len(entries) > 20 * limits.members:
            raise ReadError(f"OFD 里有 {len(entries)} 个部件，超过上限：请拆分后再导入")
        self.names = {name.replace("\\", "/").lstrip("/"): name for name in (entry.filename for entry in entries)}
        self._folded = {path.lower(): name for path, name in self.names.items()}  # some programs mix the case

    def __enter__(self) -> _Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def bytes(self, path: str) -> bytes | None:
        """Return the part at `path`, None where there is none.

        Raises:
            ReadError: it is encrypted, damaged, or larger than the limits.
        """
        path = posixpath.normpath(path.replace("\\", "/")).lstrip("/")
        name = self.names.get(path) or self._folded.get(path.lower())
        if name is None:
            return None
        entry = self._archive.getinfo(name)
        self._spent += entry.file_size
        over = entry.file_size > _PART and entry.file_size > _RATIO * max(entry.compress_size, 1)
        if over or self._spent > self.limits.unpacked:
            raise ReadError(f"OFD 的部件 {path} 解压后过大（疑似压缩炸弹）：请用原程序重新导出")
        if entry.flag_bits & 1:
            raise ReadError("OFD 设有密码：请用原程序解密后再导入")
        try:
            with self._archive.open(entry) as file:
                return file.read(entry.file_size + 1)[: entry.file_size]
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
            raise ReadError(f"OFD 的部件 {path} 已损坏：请用原程序重新导出") from error
        except Exception as error:  # zlib.error, lzma.LZMAError: whatever the method of compression raises
            raise ReadError(f"OFD 的部件 {path} 已损坏：请用原程序重新导出") from error

    def xml(self, path: str) -> Any:
        """Return the root of the part at `path`, None where there is none or it is damaged.

        Raises:
            ReadError: the part defines entities, which no OFD needs.
        """
        data = self.bytes(path)
        if data is None:
            return None
        return _parsed(data, path)


def _parsed(data: bytes, path: str) -> Any:
    from lxml import etree

    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise ReadError(f"OFD 的部件 {path} 带有实体定义，可能有害：请用原程序重新导出")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page lies, and its id."""

    id: str
    path: str


class _Document:
    """One document of an OFD."""

    def __init__(self, package: _Package, root: str) -> None:
        self._package = package
        self._path = root.lstrip("/")
        self._folder = posixpath.dirname(self._path)
        document = package.xml(self._path)
        self._root = document
        self._pictures: dict[str, str] = {}
        self._templates: dict[str, str] = {}
        self.pages: list[_Place] = []
        self._area = _A4
        if document is None:
            return
        self._area = _area(document) or _A4
        for node in document.iter():
            name = _name(node)
            location = node.get("BaseLoc") or ""
            if name == "Page" and location:
                self.pages.append(_Place(node.get("ID") or "", self._in(location)))
            elif name == "TemplatePage" and location:
                self._templates[node.get("ID") or ""] = self._in(location)
            elif name in ("DocumentRes", "PublicRes") and node.text:
                self._resources(self._in(node.text.strip()))

    def _in(self, path: str) -> str:
        return path.lstrip("/") if path.startswith("/") else posixpath.join(self._folder, path)

    def _resources(self, path: str) -> None:
        """Note where the pictures lie."""
        root = self._package.xml(path)
        if root is None:
            return
        base = posixpath.join(posixpath.dirname(path), root.get("BaseLoc") or "")
        for node in _all(root, "MultiMedia"):
            if node.get("Type") == "Image":
                self._pictures[node.get("ID") or ""] = posixpath.join(base, _text(node, "MediaFile"))

    def bookmarks(self, before: int) -> list[tuple[int, str, int]]:
        """Return (page number, title, depth) of the outline; `before` pages stand before this document."""
        numbers = {place.id: before + at for at, place in enumerate(self.pages, start=1)}
        found: list[tuple[int, str, int]] = []
        if self._root is None:
            return found
        for node in _all(self._root, "OutlineElem"):
            target = next((part.get("PageID") for part in node.iter() if part.get("PageID")), None)
            depth = 1 + sum(_name(above) == "OutlineElem" for above in node.iterancestors())
            if node.get("Title") and target in numbers:
                found.append((numbers[target], node.get("Title"), depth))
        return found

    def sheet(self, place: _Place, number: int) -> Sheet:
        """Return a page; one that is missing or damaged is empty."""
        root = self._package.xml(place.path)
        area = (_area(root) if root is not None else None) or self._area
        sheet = Sheet(number, area[2] * _POINT, area[3] * _POINT)
        if root is None:
            return sheet
        canvas = self._canvas(root, area)
        sheet.rules = canvas.rules
        sheet.prints = prints(canvas.glyphs, canvas.rules)
        largest = max(canvas.pictures, key=lambda picture: _extent(picture[0]), default=None)
        if (
            largest
            and sum(len(item.words) for item in sheet.prints) < _FEW
            and _extent(largest[0]) > _COVERED * sheet.width * sheet.height
        ):
            return self._recognised(largest[1], sheet) or sheet
        return sheet

    def drawing(self, place: _Place) -> Drawing:
        """Return what is drawn on a page; one that is missing or damaged is blank."""
        root = self._package.xml(place.path)
        area = (_area(root) if root is not None else None) or self._area
        canvas = self._canvas(root, area) if root is not None else _Canvas(area)
        left = self._package.limits.pixels
        shown: list[tuple[Box, Any]] = []
        for box, name in canvas.pictures[:_PICTURES]:
            picture = self._picture(name, left)
            if picture is not None:
                left -= picture.width * picture.height
                shown.append((box, picture))
        size = (area[2] * _POINT, area[3] * _POINT)
        return Drawing(*size, tuple(canvas.glyphs), tuple(canvas.rules), tuple(shown))

    def _canvas(self, root: Any, area: tuple[float, float, float, float]) -> _Canvas:
        """Return a page with the templates that lie under it."""
        canvas = _Canvas(area)
        for node in _all(root, "Template"):
            template = self._templates.get(node.get("TemplateID") or "")
            drawn = self._package.xml(template) if template else None
            if drawn is not None:
                canvas.draw(drawn)
        canvas.draw(root)
        return canvas

    def _picture(self, name: str, pixels: int) -> Any:
        """Return a picture of at most so many pixels, None where there is none that can be read."""
        path = self._pictures.get(name)
        data = self._package.bytes(path) if path else None
        try:
            return next(pictures(data, pixels))[0] if data else None
        except (ReadError, StopIteration):
            return None

    def _recognised(self, picture: str, sheet: Sheet) -> Sheet | None:
        import numpy as np

        from ingest.read.ocr import recognise

        limits = self._package.limits
        page = self._picture(picture, limits.pixels)
        if page is None:
            return None
        found = recognise(np.asarray(page.convert("RGB")), sheet.number, sheet.width, sheet.height, limits)
        return found if found.prints else None


class _Canvas:
    """What is drawn on a page: characters and lines, in points from the top left."""

    def __init__(self, area: tuple[float, float, float, float]) -> None:
        self._area = area
        self.glyphs: list[Glyph] = []
        self.rules: list[Rule] = []
        self.pictures: list[tuple[Box, str]] = []  # box, id among the resources

    def draw(self, node: Any, depth: int = 0) -> None:
        """Draw a page, a template, a layer or a group."""
        if depth > _DEEPEST:
            return
        for child in node:
            match _name(child):
                case "TextObject":
                    self._words(child)
                case "PathObject":
                    self._path(child)
                case "ImageObject":
                    self._image(child)
                case "Content" | "Layer" | "PageBlock":
                    self.draw(child, depth + 1)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return (x - self._area[0]) * _POINT, (y - self._area[1]) * _POINT

    def _words(self, node: Any) -> None:
        boundary = _numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
        matrix = _matrix(node)
        size = _number(node.get("Size"), 3.0)
        stretch = _number(node.get("HScale"), 1.0)
        turned = abs(matrix[1]) > 0.2 * abs(matrix[0]) or _number(node.get("CharDirection"), 0.0) % 360 not in (0.0,)
        if turned and not abs(matrix[0]) < 0.05 * abs(matrix[1]):
            return  # a watermark across the page
        x = y = 0.0
        for code in _all(node, "TextCode"):
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            words = "".join(code.itertext())
            across, down = _steps(code.get("DeltaX"), len(words)), _steps(code.get("DeltaY"), len(words))
            self._run(words, (x, y), (across, down), boundary, matrix, size, stretch)

    def _run(
        self,
        words: str,
        start: tuple[float, float],
        steps: tuple[list[float], list[float]],
        boundary: tuple[float, ...],
        matrix: Matrix,
        size: float,
        stretch: float,
    ) -> None:
        x, y = start
        blank = False
        for at, char in enumerate(words):
            left, base = _apply(matrix, x, y)
            wide = size * stretch * (1.0 if ord(char) > 0x2000 else 0.5)
            step = steps[0][at] if at < len(steps[0]) else 0.0
            right, _ = _apply(matrix, x + (min(wide, step) if step > 0 else wide), y)
            tall = size * (abs(matrix[3]) or abs(matrix[1]))
            if char.isspace() or not char.isprintable():
                blank = blank or char.isspace()
            else:
                x0, y0 = self._point(boundary[0] + min(left, right), boundary[1] + base - 0.88 * tall)
                x1, y1 = self._point(boundary[0] + max(left, right), boundary[1] + base + 0.2 * tall)
                if x1 > x0 and y1 > y0:
                    self.glyphs.append(Glyph(char, x0, y0, x1, y1, tall * _POINT, blank))
                blank = False
            x += step if at < len(steps[0]) else (wide if at >= len(steps[1]) else 0.0)
            y += steps[1][at] if at < len(steps[1]) else 0.0

    def _path(self, node: Any) -> None:
        if node.get("Visible") == "false":
            return
        boundary = _numbers(node.get("Boundary"), 4) or (0.0, 0.0, 0.0, 0.0)
        if min(boundary[2], boundary[3]) < 0.8 and max(boundary[2], boundary[3]) > 1.5 and not node.get("CTM"):
            x0, y0 = self._point(boundary[0], boundary[1])
            x1, y1 = self._point(boundary[0] + boundary[2], boundary[1] + boundary[3])
            across = boundary[2] >= boundary[3]
            self.rules.append(
                Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2) if across else Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
            )
            return
        if node.get("Stroke") == "false":
            return
        matrix = _matrix(node)
        for one, other in _segments(_text(node, "AbbreviatedData")):
            (xa, ya), (xb, yb) = _apply(matrix, *one), _apply(matrix, *other)
            x0, y0 = self._point(boundary[0] + min(xa, xb), boundary[1] + min(ya, yb))
            x1, y1 = self._point(boundary[0] + max(xa, xb), boundary[1] + max(ya, yb))
            if min(x1 - x0, y1 - y0) < 1 and max(x1 - x0, y1 - y0) > 4:
                self.rules.append(Rule(x0, y0, x1, y1))

    def _image(self, node: Any) -> None:
        boundary = _numbers(node.get("Boundary"), 4)
        if boundary:
            x0, y0 = self._point(boundary[0], boundary[1])
            x1, y1 = self._point(boundary[0] + boundary[2], boundary[1] + boundary[3])
            self.pictures.append(((x0, y0, x1, y1), node.get("ResourceID") or ""))


def _extent(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _segments(data: str) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight lines of a path (GB/T 33190-2016, 9.1: S and M begin, L draws, C closes)."""
    parts = data.split()[:4_000]
    begin = last = (0.0, 0.0)
    at = 0
    while at < len(parts):
        letter = parts[at]
        at += 1
        count = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7}.get(letter, 0)
        values = _numbers(" ".join(parts[at : at + count]), count) if count else ()
        at += count
        if values is None:
            return
        if letter in ("S", "M"):
            begin = last = (values[0], values[1])
        elif letter == "C":
            yield last, begin
            last = begin
        elif count:
            if letter == "L":
                yield last, (values[0], values[1])
            last = (values[-2], values[-1])


def _steps(value: str | None, most: int) -> list[float]:
    """Return the steps from character to character; `g 3 4.2` stands for three steps of 4.2."""
    found: list[float] = []
    parts = (value or "").split()
    at = 0
    while at < len(parts) and len(found) < most:
        if parts[at] == "g" and at + 2 < len(parts):
            found += [_number(parts[at + 2], 0.0)] * min(int(_number(parts[at + 1], 0.0)), most)
            at += 3
        else:
            found.append(_number(parts[at], 0.0))
            at += 1
    return found[:most]


def _matrix(node: Any) -> Matrix:
    values = _numbers(node.get("CTM"), 6)
    return (values[0], values[1], values[2], values[3], values[4], values[5]) if values else _SAME


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _area(node: Any) -> tuple[float, float, float, float] | None:
    """Return the physical box of a page in millimetres."""
    for name in ("PhysicalBox", "ApplicationBox"):
        values = _numbers(_text(node, name), 4)
        if values and 1 < values[2] < 20_000 and 1 < values[3] < 20_000:
            return values[0], values[1], values[2], values[3]
    return None


def _numbers(value: str | None, count: int) -> tuple[float, ...] | None:
    parts = (value or "").split()
    if len(parts) < count or not count:
        return None
    values = tuple(_number(part, float("nan")) for part in parts[:count])
    return None if any(v != v for v in values) else values


def _number(value: str | None, otherwise: float) -> float:
    try:
        found = float(value) if value else otherwise
    except ValueError:
        return otherwise
    return found if abs(found) < 1e7 or found != found else otherwise


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2] if isinstance(node.tag, str) else ""


def _all(node: Any, name: str) -> Iterator[Any]:
    return (child for child in node.iter() if _name(child) == name)


def _text(node: Any, name: str) -> str:
    found = next(_all(node, name), None)
    return "".join(found.itertext()).strip() if found is not None else ""


def _hints(root: Any) -> Hints:
    title = _text(root, "Title")
    return Hints(title=None if not title or len(title) > 80 or _NO_TITLE.search(title) else title)
