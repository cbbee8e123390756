"""Measures the readers of pages (`make bench PART=formats`): pages a second and peak memory of PDF, OCR and Word.

Each format is read in a process of its own, so that its peak memory is its own; speeds are of processor time.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_PAGE = "（一）推进管网改造。由市水务局牵头，市财政局配合，2025年6月底前完成改造12.6公里，按月报送进展情况。"
_LINES = 24  # of 27 characters: a full page in the layout of GB/T 9704
_PAGES = {"pdf": 60, "docx": 60, "ocr": 2}


def main() -> int:
    """Print the table."""
    for name, speed, memory in rows():
        sys.stdout.write(f"{name:<70} {speed:8.3f}   {memory:6.0f} MB at most\n")
    return 0


def rows() -> list[tuple[str, float, float]]:
    """Return (what, pages per second of processor time, peak resident memory in MB) for each format."""
    found = []
    root = Path(__file__).resolve().parents[2]
    for kind in _PAGES:
        command = [sys.executable, "-m", "eval.bench.formats", kind]
        done = subprocess.run(command, cwd=root, env=os.environ, capture_output=True, encoding="utf-8", check=True)
        speed, memory = json.loads(done.stdout)
        found.append((f"{kind}: read, outline, chunk ({_PAGES[kind]} pages, pages/s)", speed, memory))
    return found


def measured(kind: str) -> tuple[float, float]:
    """Return the pages that are read in a second of processor time, and the peak memory in MB."""
    from ingest.read import parse

    data = {"pdf": _pdf, "docx": _docx, "ocr": _scan}[kind](_PAGES[kind])
    suffix = ".pdf" if kind == "ocr" else f".{kind}"
    began = time.process_time()
    parse(data, suffix)
    spent = time.process_time() - began
    return _PAGES[kind] / spent, _peak()


def _peak() -> float:
    """Return the most resident memory that this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():  # where there is one: getrusage has the memory of the process that started this one, too
        return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _lines(page: int = 0) -> list[str]:
    """Return the lines of a page; the next one has others, so that none of them passes for a running head."""
    words = _PAGE * (_LINES + 1)
    start = 7 * page % len(_PAGE)
    return [words[at : at + 27] for at in range(start, start + 27 * _LINES, 27)]


def _pdf(count: int) -> bytes:
    """Return a PDF with a font that any program knows, each page `_LINES` lines of 27 characters."""
    kids = b" ".join(b"%d 0 R" % (2 * at + 5) for at in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1 95 500]"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
    ]
    for page in range(count):
        shown = "\n".join(
            f"1 0 0 1 79 {740 - 26 * at} Tm <{line.encode('utf-16-be').hex()}> Tj"
            for at, line in enumerate(_lines(page))
        )
        content = f"BT /F1 16 Tf {shown} ET".encode()
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (2 * page + 6),
            b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        ]
    return assembled(objects)


def assembled(objects: Sequence[bytes], info: int = 0) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
              % (len(objects) + 1, b"/Info %d 0 R" % info if info else b"", start))  # fmt: skip
    return out.getvalue()


def _scan(count: int) -> bytes:
    """Return a PDF whose pages are pictures at 200 dpi of the pages of the other one."""
    import pypdfium2

    with pypdfium2.PdfDocument(_pdf(count)) as pdf:
        images = [pdf[at].render(scale=200 / 72).to_pil().convert("L") for at in range(count)]
    out = io.BytesIO()
    images[0].save(out, "PDF", resolution=200, save_all=True, append_images=images[1:])
    return out.getvalue()


def _docx(count: int) -> bytes:
    import docx

    document = docx.Document()
    for _ in range(count):
        for at in range(0, _LINES, 3):
            document.add_paragraph("".join(_lines()[at : at + 3]))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


if __name__ == "__main__":  # the process of one format
    sys.stdout.write(json.dumps(measured(sys.argv[1])) + "\n")
