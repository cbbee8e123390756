"""The same words as a PDF, an OFD and pictures of pages: made here, so that nothing of others lies in the repository."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from eval.bench.formats import assembled

WIDTH, HEIGHT = 595.0, 842.0  # A4 in points
LEFT, RIGHT, TOP, BOTTOM = 79.0, 521.0, 105.0, 740.0
SIZE, LEADING = 16.0, 28.0  # GB/T 9704-2012, 5.2.2: size 3 (16 pt), 28 characters a line
SMALL = 10.5  # of a table
FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
_CLOSERS = "，。、；：！？”）》】"


@dataclass(frozen=True)
class Word:
    """Words on one line; `x`, `y` are the left end of their baseline, from the top left corner."""

    x: float
    y: float
    size: float
    words: str


@dataclass
class Paper:
    """A page: words, and drawn lines (x0, y0, x1, y1)."""

    words: list[Word] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """A title, a paragraph, or a table of rows; `bookmark` is its depth among the bookmarks of a PDF."""

    words: str = ""
    kind: str = "paragraph"
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[float, ...] = ()
    bookmark: int = 0


def breadth(words: str, size: float) -> float:
    """Return how wide words are: an ideograph takes its size, any other character half of it."""
    return sum(size if ord(char) > 0x2000 else size / 2 for char in words)


def broken(words: str, room: float, size: float, indent: float = 0.0) -> list[str]:
    """Return the printed lines of a paragraph; no line begins with a stop, and none breaks a number."""
    lines, line, left = [], "", room - indent
    for at, char in enumerate(words):
        inside = char.isascii() and char.isalnum() and line[-1:].isascii() and line[-1:].isalnum()
        if breadth(line + char, size) > left and char not in _CLOSERS and line:
            keep = ""
            while inside and line and line[-1].isascii() and line[-1].isalnum():
                keep, line = line[-1] + keep, line[:-1]
            lines.append(line)
            line, left = keep, room
        line += char
        del at
    return [*lines, line] if line else lines


def papers(blocks: Sequence[Block], header: str = "", numbers: bool = True) -> list[Paper]:
    """Return the pages on which the blocks are printed, with a running header and page numbers."""
    pages = [Paper()]
    y = TOP

    def room(height: float) -> None:
        nonlocal y
        if y + height > BOTTOM + LEADING:
            pages.append(Paper())
            y = TOP

    for block in blocks:
        if block.kind == "table":
            y = _table(pages, block, y, room) + LEADING
            continue
        size = 22.0 if block.kind == "title" else SIZE
        indent = 0.0 if block.kind in ("title", "right") else 2 * SIZE
        for number, line in enumerate(broken(block.words, RIGHT - LEFT, size, indent)):
            room(LEADING)
            width = breadth(line, size)
            starts = {"title": (WIDTH - width) / 2, "right": RIGHT - width - 2 * SIZE}
            x = starts.get(block.kind, LEFT + (indent if number == 0 else 0.0))
            y += LEADING
            pages[-1].words.append(Word(x, y, size, line))
    _run(pages, header, numbers)
    return pages


def _run(pages: Sequence[Paper], header: str, numbers: bool) -> None:
    """Print the running header and the numbers on the pages."""
    for number, page in enumerate(pages, start=1):
        if header:
            page.words.insert(0, Word((WIDTH - breadth(header, 9)) / 2, 50.0, 9.0, header))
        if numbers:
            said = f"— {number} —"
            page.words.append(Word((WIDTH - breadth(said, 14)) / 2, 790.0, 14.0, said))


def _table(pages: list[Paper], block: Block, y: float, room) -> float:
    xs = [LEFT]
    for width in block.widths:
        xs.append(xs[-1] + width * (RIGHT - LEFT))
    top = y + LEADING / 2
    for row in block.rows:
        cells = [broken(cell, xs[n + 1] - xs[n] - 8, SMALL) for n, cell in enumerate(row)]
        height = max(len(lines) for lines in cells) * SMALL * 1.5 + 8
        before = len(pages)
        if top + height > BOTTOM + LEADING:
            room(BOTTOM)
            top = TOP if len(pages) > before else top
        page = pages[-1]
        for n, lines in enumerate(cells):
            for at, line in enumerate(lines):
                page.words.append(Word(xs[n] + 4, top + 4 + (at + 0.85) * SMALL * 1.5, SMALL, line))
        page.rules += [(xs[0], top, xs[-1], top), (xs[0], top + height, xs[-1], top + height)]
        page.rules += [(x, top, x, top + height) for x in xs]
        top += height
    return top


def pdf(pages: Sequence[Paper], bookmarks: Sequence[tuple[str, int]] = (), title: str = "") -> bytes:
    """Return a PDF 1.7 of the pages; its font is named, not embedded, and any program knows its characters.

    `bookmarks` are (title, page from 1).
    """
    objects: list[bytes] = [b"", b""]  # the catalogue and the tree of pages come last

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    descriptor = add(
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>"
    )
    below = add(
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)"
        b"/Supplement 4>>/DW 1000/W[1 95 500 814 939 500]/FontDescriptor %d 0 R>>" % descriptor
    )
    font = add(
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[%d 0 R]>>" % below
    )
    kids = []
    for page in pages:
        parts = [
            f"BT /F1 {w.size} Tf 1 0 0 1 {w.x:.2f} {HEIGHT - w.y:.2f} Tm <{w.words.encode('utf-16-be').hex()}> Tj ET"
            for w in page.words
        ]
        parts += [f"{x0} {HEIGHT - y0} m {x1} {HEIGHT - y1} l S" for x0, y0, x1, y1 in page.rules]
        stream = "\n".join(parts).encode()
        content = add(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        kids.append(
            add(
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 %d 0 R>>>>/Contents %d 0 R>>"
                % (font, content)
            )
        )
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids))
    outlines = b""
    if bookmarks:
        root = len(objects) + 1
        add(b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (root + 1, root + len(bookmarks), len(bookmarks)))
        for at, (said, number) in enumerate(bookmarks):
            links = b"/Next %d 0 R" % (root + at + 2) if at + 1 < len(bookmarks) else b""
            links += b"/Prev %d 0 R" % (root + at) if at else b""
            add(b"<</Title<feff%s>/Parent %d 0 R%s/Dest[%d 0 R/XYZ 0 800 0]>>"
                % (said.encode("utf-16-be").hex().encode(), root, links, kids[number - 1]))  # fmt: skip
        outlines = b"/Outlines %d 0 R" % root
    objects[0] = b"<</Type/Catalog/Pages 2 0 R%s>>" % outlines
    info = add(b"<</Title<feff%s>>>" % title.encode("utf-16-be").hex().encode())
    return assembled(objects, info)


def picture(page: Paper, dpi: int = 200):
    """Return a page as a picture, as a clean scanner would see it."""
    from PIL import Image, ImageDraw, ImageFont

    scale = dpi / 72
    image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
    draw = ImageDraw.Draw(image)
    for word in page.words:
        font = ImageFont.truetype(FONT, round(word.size * scale), index=2)  # Simplified Chinese
        x = word.x
        for char in word.words:
            draw.text((x * scale, word.y * scale), char, font=font, fill=0, anchor="ls")
            x += breadth(char, word.size)
    for x0, y0, x1, y1 in page.rules:
        draw.line((x0 * scale, y0 * scale, x1 * scale, y1 * scale), fill=0, width=3)
    return image


def scanned(pages: Sequence[Paper], dpi: int = 200) -> bytes:
    """Return a PDF whose pages are pictures."""
    images = [picture(page, dpi).convert("L") for page in pages]
    out = io.BytesIO()
    images[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=images[1:])
    return out.getvalue()


def tiff(pages: Sequence[Paper], dpi: int = 200) -> bytes:
    """Return the pages as one TIFF."""
    images = [picture(page, dpi).convert("1") for page in pages]
    out = io.BytesIO()
    images[0].save(out, "TIFF", dpi=(dpi, dpi), compression="group4", save_all=True, append_images=images[1:])
    return out.getvalue()


_MM = 25.4 / 72
_OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd(pages: Sequence[Paper], title: str = "") -> bytes:
    """Return an OFD (GB/T 33190-2016) of the pages."""
    parts = {
        "OFD.xml": f'<ofd:OFD {_OFD} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID>'
        f"<ofd:Title>{escape(title)}</ofd:Title></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_OFD}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 {WIDTH * _MM:.3f} {HEIGHT * _MM:.3f}</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
        "<ofd:Pages>"
        + "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
    }
    for number, page in enumerate(pages):
        items = []
        for at, word in enumerate(page.words):
            size = word.size * _MM
            x, y = word.x * _MM, word.y * _MM - size * 0.88
            steps = " ".join(f"{breadth(char, size):.3f}" for char in word.words[:-1])
            items.append(
                f'<ofd:TextObject ID="{number * 1000 + at + 1}" Font="1" Size="{size:.3f}" Boundary="{x:.3f} {y:.3f} '
                f'{breadth(word.words, size):.3f} {size * 1.2:.3f}"><ofd:TextCode X="0" Y="{size * 0.88:.3f}" '
                f'DeltaX="{steps}">{escape(word.words)}</ofd:TextCode></ofd:TextObject>'
            )
        for x0, y0, x1, y1 in page.rules:
            wide, high = (x1 - x0) * _MM, (y1 - y0) * _MM
            items.append(
                f'<ofd:PathObject ID="9" Boundary="{x0 * _MM:.3f} {y0 * _MM:.3f} {wide + 0.1:.3f} {high + 0.1:.3f}" '
                f'LineWidth="0.1"><ofd:AbbreviatedData>M 0 0 L {wide:.3f} {high:.3f}</ofd:AbbreviatedData>'
                "</ofd:PathObject>"
            )
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'<ofd:Page {_OFD}><ofd:Content><ofd:Layer ID="1">{"".join(items)}</ofd:Layer></ofd:Content></ofd:Page>'
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + body)
    return out.getvalue()
