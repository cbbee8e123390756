"""F10 to F13 and F15 for Word, Excel, CSV, web pages and archives: each file is read, or refused with one reason."""

from __future__ import annotations

import io
import os
import random
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.error import ReadError
from ingest.read import parse
from ingest.read.file import pieces
from ingest.read.reading import Limits
from tests.faults.conftest import count
from tests.office import W, cell, docx, listed, numbered, packed, page, paragraph, run, table, xlsx

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "eval" / "suites" / "demo" / "documents"
SEED = int(os.environ.get("FAULTS_SEED", "1"))
MUTANTS = count(200)
PLAN = (DEMO / "tinglan-plan.txt").read_text(encoding="utf-8")


def entities(depth: int) -> str:
    """Return a DTD whose last entity stands for 10 to the power of `depth` words."""
    rows = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, depth))
    return f'<!DOCTYPE w [<!ENTITY a0 "haha">{rows}]>'


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "entity bomb in a docx": (".docx", lambda: docx("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", prolog=entities(10))),
    "external entity": (".docx", lambda: docx(paragraph("甲"), prolog='<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
    "80 MB of one element": (".docx", lambda: docx(paragraph("字" * 27_000_000))),
    "4 million cells": (".docx", lambda: docx("<w:tbl><w:tr>" + "<w:tc/>" * 4_000_000 + "</w:tr></w:tbl>")),
    "300 MB of zeros as a part": (".docx", lambda: packed({"[Content_Types].xml": "", "word/document.xml": bytes(300_000_000)})),
    "500 MB in all": (".docx", lambda: packed({"word/document.xml": "<a/>", "word/media/a.png": bytes(500_000_000)})),
    "a cell that spans 10^9 columns": (".docx", lambda: docx(table([cell("甲", span=10**9), cell("乙")] * 3))),
    "a number of 10^9 in letters": (
        ".docx",
        lambda: docx(
            paragraph("甲", number=1),
            numbering='<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="999999999"/><w:numFmt w:val="lowerLetter"/>'
            f'<w:lvlText w:val="{"%1" * 1000}"/></w:lvl></w:abstractNum>' + listed(1),
        ),
    ),
    "fields that never end": (".docx", lambda: docx(paragraph(inside='<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 20_000 + run("甲")))),
    "merged cells over the whole sheet": (".xlsx", lambda: xlsx({"S": [["甲", "乙"]] * 3000}, merged={"S": ["A1:XFD1048576"] * 3000})),
    "entity bomb in a sheet": (".xlsx", lambda: _with(xlsx({"S": [["甲"]]}), "xl/worksheets/sheet0.xml", entities(10) + "<a>&a9;</a>")),
    "a shared string 100,000 times": (".xlsx", lambda: _repeated()),
    "100 MB of one line": (".csv", lambda: b"a," * 50_000_000),
    "100 MB of one line of words": (".txt", lambda: "字".encode() * 33_000_000),
    "100 MB of one line of Markdown": (".md", lambda: b"| a " * 25_000_000),
    "30 MB of one line of words": (".txt", lambda: "水".encode() * 10_000_000),
    "30 MB of one line": (".csv", lambda: b"a," * 15_000_000),
    "30 MB of one paragraph": (".html", lambda: ("<p>" + "字" * 10_000_000).encode()),
    "a table of a million cells": (".html", lambda: b"<table>" + b"<tr><td rowspan=65000 colspan=1000>a" * 2000),
    "entities of a page": (".html", lambda: entities(10).encode() + b"<html><body><p>&a9;</p></body></html>"),
    "200,000 open elements": (".html", lambda: b"<html><body>" + b"<div>" * 200_000 + "甲".encode()),
    "comments without end": (".html", lambda: b"<html><body>" + b"<!--" * 300_000 + "甲".encode()),
    "charset without end": (".html", lambda: b"<html><meta charset=" + b"a" * 4_000_000 + b"\xff\xfe"),
    "NULs": (".html", lambda: b"<html><body>" + bytes(100_000) + "甲".encode()),
    "lone surrogates": (".html", lambda: b"<html><body><p>&#xD800;&#xDFFF;\xed\xa0\x80" + "甲".encode()),
    "a zip bomb": (".zip", lambda: packed({"a.txt": bytes(700_000_000)})),
    "a zip bomb in zips": (".zip", lambda: packed({f"{at}.zip": packed({"a.txt": bytes(90_000_000)}) for at in range(9)})),
}  # fmt: skip


def _with(data: bytes, part: str, words: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return packed({**{name: archive.read(name) for name in archive.namelist()}, part: words})


def _repeated() -> bytes:
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c><c r="B{at}"><v>1</v></c></row>' for at in range(1, 100_000)
    )
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    data = _with(
        xlsx({"S": [["甲"]]}),
        "xl/worksheets/sheet0.xml",
        f"<worksheet {namespace}><sheetData>{rows}</sheetData></worksheet>",
    )
    data = _with(data, "xl/sharedStrings.xml", f"<sst {namespace}><si><t>{'字' * 30_000}</t></si></sst>")
    relation = '<Relationship Id="rId99" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rels = archive.read("xl/_rels/workbook.xml.rels").decode()
    return _with(data, "xl/_rels/workbook.xml.rels", rels.replace("</Relationships>", relation))


def _outcome(data: bytes, suffix: str) -> list[str]:
    """Return for each document of a file "read", or why it was not."""
    try:
        return ["read" if piece.document else piece.why for piece in pieces(data, suffix, Limits())]
    except ReadError as error:
        return [str(error)]


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_one_line_within_the_memory_and_time_of_a_worker(name: str, tmp_path: Path) -> None:
    """F11, F12: in a process of its own, under 1 GB resident, 20 s of its time at most without a sign of progress."""
    suffix, made = HOSTILE[name]
    (tmp_path / f"file{suffix}").write_bytes(made())
    script = (
        "import re, sys, time\nfrom pathlib import Path\nfrom tests.faults.test_office_files import _outcome\n"
        "path = Path(sys.argv[1])\nfound = _outcome(path.read_bytes(), path.suffix)\n"
        "peak = re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())\n"  # getrusage has the parent's, too
        "print(*found, sep='\\n')\nprint(int(peak[1]) // 1024, time.process_time())"
    )

    run = [sys.executable, "-c", script, str(tmp_path / f"file{suffix}")]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    *found, last = done.stdout.splitlines()
    memory, seconds = last.split()
    assert found
    assert all(found)
    assert "root:" not in done.stdout
    assert int(memory) < 1000, f"{memory} MB"
    assert float(seconds) < 60, f"{seconds} s"
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"file{suffix}"]


def mutants(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged copies of a file: flipped bits, cuts, swapped and repeated pieces, zeros; none, for a wrong suffix."""
    chance = random.Random(seed)
    for at in range(count):
        made = bytearray(data)
        kind = at % 6
        place, length = chance.randrange(len(made)), chance.randrange(1, 200)
        if kind == 0:
            for _ in range(chance.randrange(1, 20)):
                made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del made[place:]
        elif kind == 2:
            made[place : place + length] = bytes(length)
        elif kind == 3:
            del made[place : place + length]
        elif kind == 4:
            made[place:place] = made[chance.randrange(len(made)) :][:length]
        else:
            made[:length] = made[place : place + length]
        yield bytes(made)


def inner(data: bytes, count: int, seed: int, parts: tuple[str, ...]) -> Iterator[bytes]:
    """Yield copies in which a part inside the container is damaged: the zip is sound, so its reader gets further."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(seed)
    for at in range(count):
        part = parts[at % len(parts)]
        yield packed({**held, part: next(mutants(held[part], 1, chance.randrange(1 << 30)))})


def soundly(data: bytes, suffix: str) -> bool:
    """Return whether a file was read; one that was has words and chunks that tile them, one that was not has one reason."""
    try:
        document = parse(data, suffix)
    except ReadError as error:
        assert str(error).strip()
        assert "\n" not in str(error)
        return False
    assert document.text.strip()
    document.text.encode("utf-8")
    assert "\x00" not in document.text
    assert document.chunks[0].start == 0
    assert document.chunks[-1].end == len(document.text)
    return True


@pytest.mark.slow
def test_mutated_files_are_read_or_refused() -> None:
    """F10: 200 Word files, half as many workbooks, a quarter as many pages and tables; FAULTS_COUNT and FAULTS_SEED say others."""
    word, book = numbered(PLAN), xlsx({"甲": [["任务", "单位"], ["乙", "丙"]]}, merged={"甲": ["A1:A2"]})
    sources = [
        *((data, ".docx") for data in mutants(word, MUTANTS // 2, SEED)),
        *((data, ".docx") for data in inner(word, MUTANTS // 2, SEED, ("word/document.xml", "word/numbering.xml", "_rels/.rels"))),
        *((data, ".xlsx") for data in mutants(book, MUTANTS // 4, SEED)),
        *((data, ".xlsx") for data in inner(book, MUTANTS // 4, SEED, ("xl/workbook.xml", "xl/worksheets/sheet0.xml", "xl/styles.xml"))),
        *((data, ".html") for data in mutants(page(PLAN).encode(), MUTANTS // 4, SEED)),
        *((data, ".csv") for data in mutants(PLAN.encode("gb18030"), MUTANTS // 4, SEED)),
        *((word, suffix) for suffix in (".xlsx", ".csv", ".html", ".txt", ".zip", ".md", "")),
        *((book, suffix) for suffix in (".docx", ".csv", ".html", ".txt", ".zip", ".md", "")),
    ]  # fmt: skip

    slowest, read = 0.0, 0
    for data, suffix in sources:
        start = time.process_time()
        read += soundly(data, suffix)
        slowest = max(slowest, time.process_time() - start)

    assert 0 < read < len(sources)
    assert slowest < 20, f"{slowest:.1f} s"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("suffix", [".html", ".csv"])
def test_encodings(encoding: str, suffix: str) -> None:
    """F15: the words are the same in every encoding, whatever the page says of it."""
    text = "\n".join(line for line in PLAN.splitlines() if "|" not in line)
    made = page(text, head='<meta charset="big5">') if suffix == ".html" else text
    right = parse((page(text) if suffix == ".html" else made).encode(), suffix).text

    assert parse(made.encode(encoding), suffix).text == right


def test_strict_namespaces_read_as_transitional_ones() -> None:
    word = docx(paragraph("甲", number=1), numbering='<w:abstractNum w:abstractNumId="0"/>' + listed(1))
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    strict = {
        name: words.replace(W[9:-1], "http://purl.oclc.org/ooxml/wordprocessingml/main")
        for name, words in parts.items()
    }

    assert parse(packed(strict), ".docx").text == parse(word, ".docx").text
