"""F10 to F12, F15 of FAULTS for PDF, pictures and OFD: each file is read or refused with a reason, and the batch goes on."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.bench import formats
from ingest.error import ReadError
from ingest.read import parse
from ingest.read.pool import Bounds, Found, Pool
from ingest.read.reading import Limits
from tests.faults.conftest import count
from tests.papers import Block, assembled, ofd, papers, pdf, picture

WORDS = "一、整改任务。由市水务局牵头，2025年6月底前完成管网改造12公里。"
PAGES = papers([Block(WORDS)] * 12, "汀溪市水务局文件")
BOUNDS = Bounds(memory=1_000, seconds=20, workers=1)


def stream(body: bytes, extra: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(body), extra, body)


def one_page(content: bytes, page: bytes = b"/MediaBox[0 0 595 842]", *more: bytes) -> bytes:
    return assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R%s/Contents 4 0 R/Resources<<>>>>" % page,
            content,
            *more,
        ]
    )


def bomb() -> bytes:
    """A stream of 400 kB that unpacks to 400 MB of blanks."""
    return one_page(stream(zlib.compress(b" " * 400_000_000, 9), b"/Filter/FlateDecode"))


def circular() -> bytes:
    return assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"])  # fmt: skip


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (at + 4) for at in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>"
    return assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), stream(b" "), *[page] * count])  # fmt: skip


def repacked(change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Return an OFD whose parts went through `change`, with more parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ofd(PAGES))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in more.items():
            new.writestr(name, data)
    return out.getvalue()


def entities(name: str, data: bytes) -> bytes:
    if not name.endswith("Content.xml"):
        return data
    levels = b"".join(b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 10))
    head, rest = data.split(b"?>", 1)
    return head + b'?><!DOCTYPE x [<!ENTITY a0 "lol">' + levels + b"]>" + rest.replace(b"12", b"&a9;")


def outside(name: str, data: bytes) -> bytes:
    if not name.endswith("Content.xml"):
        return data
    head, rest = data.split(b"?>", 1)
    return head + b'?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + rest.replace(b"12", b"&f;")


def png(width: int, height: int) -> bytes:
    """A PNG that declares a size; its pixels are white."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\xff" * 1000))
        + chunk(b"IEND", b"")
    )


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.pdf": (lambda: b"", "0 字节"),
    "cut.pdf": (lambda: pdf(PAGES)[:300], "损坏"),
    "noise.pdf": (lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(5_000), "损坏"),
    "bomb.pdf": (bomb, ""),
    "circle.pdf": (circular, ""),
    "wide.pdf": (lambda: one_page(stream(b" "), b"/MediaBox[0 0 99999999 99999999]"), "没有读到文字"),
    "nothing.pdf": (lambda: one_page(stream(b" ")), "没有读到文字"),
    "forms.pdf": (
        lambda: one_page(stream(b"/X Do"), b"/MediaBox[0 0 595 842]",
                         stream(b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>")),
        "没有读到文字",
    ),
    "huge.png": (lambda: png(60_000, 60_000), "上限"),
    "cut.png": (lambda: png(600, 600)[:60], "损坏"),
    "noise.jpg": (lambda: b"\xff\xd8\xff\xe0" + random.Random(2).randbytes(3_000), "损坏"),
    "cut.tiff": (lambda: b"II*\x00\x08\x00\x00\x00" + bytes(40), "损坏"),
    "cut.ofd": (lambda: ofd(PAGES)[:700], ""),
    "entities.ofd": (lambda: repacked(entities), "实体"),
    "outside.ofd": (lambda: repacked(outside), "实体"),
    "bomb.ofd": (lambda: repacked(lambda name, data: data + b" " * 300_000_000 if name.endswith("0/Content.xml") else data), "过大"),
    "nested.ofd": (
        lambda: repacked(lambda name, data: data.replace(b"<ofd:TextObject", b"<ofd:PageBlock>" * 5_000 + b"<ofd:TextObject", 1)),
        "",
    ),
}  # fmt: skip


@pytest.mark.slow
def test_hostile_files_end_in_one_line_each_and_the_good_one_is_read(tmp_path: Path) -> None:
    files = []
    for name, (make, _) in HOSTILE.items():
        (tmp_path / name).write_bytes(make())
        files.append(tmp_path / name)
    (tmp_path / "good.pdf").write_bytes(pdf(PAGES))
    before = sorted(tmp_path.iterdir())
    found: dict[str, list[Found]] = {}
    with Pool(None, BOUNDS) as pool:
        for path, item in pool.read([*files, tmp_path / "good.pdf"]):
            if item is not None:
                found.setdefault(path.name, []).append(item)

    for name, (_, said) in HOSTILE.items():
        (item,) = found[name]
        assert (item.piece is None) == bool(item.why), name
        assert said in item.why and "\n" not in item.why, (name, item.why)
        if item.piece is not None and item.piece.document is not None:
            assert "root:" not in item.piece.document.text
    assert found["good.pdf"][0].piece is not None
    assert sorted(tmp_path.iterdir()) == before


def test_pages_over_the_limit_are_left_out_and_said() -> None:
    document = parse(pdf(PAGES), ".pdf", Limits(pages=1))

    assert len(document.pages) == 1 and len(PAGES) > 1
    assert f"共 {len(PAGES)} 页，只读入前 1 页" in document.notes[0]


@pytest.mark.slow
def test_a_book_is_read_up_to_the_limit_within_the_bounds_of_a_worker(tmp_path: Path) -> None:
    """F11: 5,000 pages, 24 printed lines a page; the worker is ended above 1 GB or after 20 s without progress."""
    (tmp_path / "book.pdf").write_bytes(formats._pdf(5_000))
    with Pool(None, BOUNDS) as pool:
        (found,) = [item for _, item in pool.read([tmp_path / "book.pdf"]) if item is not None]

    assert found.piece is not None and found.piece.document is not None, found.why
    document = found.piece.document
    assert len(document.pages) == Limits().pages
    assert f"共 5000 页，只读入前 {Limits().pages} 页" in document.notes[0]


def test_ten_thousand_pages_are_read_up_to_the_limit() -> None:
    with pytest.raises(ReadError, match="没有读到文字"):
        parse(many_pages(10_000), ".pdf", Limits(pages=500))


def test_a_password_is_asked_for_by_name() -> None:
    locked = pdf(PAGES).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"00" * 32, b"11" * 32),
    )

    with pytest.raises(ReadError, match="密码"):
        parse(locked, ".pdf")


def _padded(archive: bytes) -> bytes:
    """Return an archive with a member that nobody reads: a fault in it must not cost the document."""
    held = io.BytesIO(archive)
    with zipfile.ZipFile(held, "a") as packed:
        packed.writestr("Doc_0/Attachs/seal.bin", bytes(len(archive)))
    return held.getvalue()


@pytest.mark.parametrize("kind", ["pdf", "ofd"])
def test_mutated_files_are_read_or_refused(kind: str, chance: random.Random) -> None:
    """F10: FAULTS_COUNT and FAULTS_SEED say how many and which."""
    rng = chance
    whole = pdf(PAGES) if kind == "pdf" else _padded(ofd(PAGES))
    outcomes = {"read": 0, "refused": 0}
    for _ in range(max(count(60), 20)):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 30 if kind == "pdf" else 2)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        try:
            document = parse(bytes(data), f".{kind}", Limits(pixels=100_000))
        except ReadError as error:
            outcomes["refused"] += 1
            assert "\n" not in str(error)
        else:
            outcomes["read"] += 1
            assert document.text.strip() and "\x00" not in document.text
            document.text.encode()  # no lone surrogates

    assert all(outcomes.values()), outcomes


def test_a_picture_over_the_limit_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ReadError, match="上限"):
        parse(png(60_000, 60_000), ".png")
    out = io.BytesIO()
    picture(PAGES[0], 40).save(out, "PNG")
    with pytest.raises(ReadError, match="上限"):
        parse(out.getvalue(), ".png", Limits(pixels=1_000))
