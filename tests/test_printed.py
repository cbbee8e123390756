"""Pages as they are printed: who gets them, what is lit on them, and what a page that cannot be drawn ends in."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.console import hits
from app.deskfile import DeskFile
from app.settings import Settings
from app.web import build
from app.web.printed import BusyError, Pages, leaf
from ingest.document import Document
from ingest.error import StoreError
from ingest.read import parse
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake
from tests.papers import BOTTOM, TOP, Block, Paper, Word, ofd, papers, pdf, picture

WORDS = "由市水务局牵头，市财政局配合，2025年6月底前完成苇溪河清淤12.6公里。"
FILLER = "各责任单位每季度末报送进展情况，对进展滞后的事项予以通报。"
PAGES = papers([Block("苇溪河治理方案", "title"), *[Block(FILLER)] * 20, Block(WORDS), *[Block(FILLER)] * 8])
FILES = {"plan.pdf": lambda: pdf(PAGES), "plan.ofd": lambda: ofd(PAGES), "plan.txt": WORDS.encode}


class Shut(Retriever):
    """A Retriever whose reader may read nothing any more."""

    def document(self, doc: str) -> Document:
        raise StoreError(f"没有编号为 {doc} 的文档")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("printed")
    for name, make in FILES.items():
        (folder / name).write_bytes(make())
    intake(folder / "store", [folder / name for name in FILES], embedder())
    return folder / "store"


@contextmanager
def visited(store: Path, library: Any, **settings: int) -> Iterator[Any]:
    from starlette.testclient import TestClient

    with closing(DeskFile(store)) as file, closing(Pages(Settings(store=store, **settings))) as pages:
        app = build(lambda user: library, file, pages=pages)
        with TestClient(app, base_url="http://127.0.0.1:7860") as client:
            yield client


@pytest.fixture(scope="module")
def reader(store: Path) -> Iterator[Retriever]:
    with Retriever.open(store) as retriever:
        yield retriever


@pytest.fixture(scope="module")
def client(store: Path, reader: Retriever) -> Iterator[Any]:
    with visited(store, reader) as client:
        yield client


def held(reader: Retriever, name: str) -> Document:
    return reader.document(next(row.doc for row in reader.documents() if row.source.endswith(name)))


def cited(document: Document) -> tuple[int, int]:
    start = document.text.index(WORDS)
    return start, start + len(WORDS)


def test_the_cited_lines_are_lit_and_nothing_else(client: Any, reader: Retriever) -> None:
    from PIL import Image, ImageChops

    document = held(reader, "plan.pdf")
    start, end = cited(document)
    lines = reader.lines(document.id, start, end)
    number = lines[0].page

    plain = client.get(f"/page/{document.id}/{number}")
    lit = client.get(f"/page/{document.id}/{number}?start={start}&end={end}")

    assert number > 1
    assert plain.headers["content-type"] == "image/png"
    assert plain.headers["cache-control"] == "no-store"
    one, other = (Image.open(io.BytesIO(answer.content)).convert("RGB") for answer in (plain, lit))
    changed = ImageChops.difference(one, other).getbbox()
    boxes = [line.box for line in lines if line.page == number]
    scale = one.width / document.pages[0].width
    wanted = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    assert changed and all(abs(a / scale - b) < 5 for a, b in zip(changed, wanted, strict=True))


def test_a_page_of_an_ofd_has_its_words_at_their_places(client: Any, reader: Retriever) -> None:
    from lxml import etree

    document = held(reader, "plan.ofd")
    start, end = cited(document)
    (first, *_) = reader.lines(document.id, start, end)

    answer = client.get(f"/page/{document.id}/{first.page}?start={start}&end={end}")

    root = etree.fromstring(answer.content)
    shown = ["".join(node.itertext()) for node in root.iter("{*}text")]
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "".join(WORDS.split()) in "".join(shown).replace(" ", "")
    line = next(node for node in root.iter("{*}text") if "".join(node.itertext()).startswith("由市水务局"))
    assert first.box[1] < float(line.get("y")) < first.box[3]
    assert abs(float(line.get("x").split()[0]) - first.box[0]) < 1


def test_words_of_an_ofd_stay_words(tmp_path: Path) -> None:
    from lxml import etree

    from ingest.read.picture import page_image

    evil = '</text><script>alert(1)</script>&"<image href="http://example.invalid/x"/>'
    drawn = page_image(ofd([Paper([Word(80, 120, 16, evil)])]), "ofd", 1)

    root = etree.fromstring(drawn)
    assert {etree.QName(node).localname for node in root.iter()} <= {"svg", "rect", "g", "text", "path"}
    assert "".join("".join(node.itertext()) for node in root.iter("{*}text")).replace(" ", "") == evil.replace(" ", "")


def test_a_picture_inside_an_ofd_is_drawn_where_it_stands() -> None:
    import zipfile

    from ingest.read.picture import page_image

    image = io.BytesIO()
    picture(PAGES[0], 40).save(image, "PNG")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ofd(PAGES[:1]))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name).decode()
            if name == "Doc_0/Document.xml":
                body = body.replace("</ofd:CommonData>", "<ofd:DocumentRes>Res.xml</ofd:DocumentRes></ofd:CommonData>")
            if name.endswith("Content.xml"):
                body = body.replace(
                    "</ofd:Layer>", '<ofd:ImageObject ID="7" ResourceID="3" Boundary="10 20 50 60"/></ofd:Layer>'
                )
            new.writestr(name, body)
        new.writestr(
            "Doc_0/Res.xml",
            '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="3" Type="Image">'
            "<ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
        )
        new.writestr("Doc_0/Res/a.png", image.getvalue())

    drawn = page_image(out.getvalue(), "ofd", 1).decode()

    assert 'x="28.3" y="56.7" width="141.7" height="170.1"' in drawn
    assert "data:image/png;base64," in drawn


@pytest.mark.parametrize(
    "path",
    ["{pdf}/0", "{pdf}/99", "{pdf}/-1", "{pdf}/x", "{pdf}/1%0a", "{txt}/1", "nobody/1", "{pdf}/99999999999999999999"],
)
def test_a_page_that_there_is_not_is_not_found(client: Any, reader: Retriever, path: str) -> None:
    ids = {kind: held(reader, f"plan.{kind}").id for kind in ("pdf", "txt")}

    assert client.get(f"/page/{path.format(**ids)}").status_code == 404


@pytest.mark.parametrize("query", ["start=-1&end=5", f"start=0&end={10**30}", "start=a&end=b"])
def test_a_span_that_cannot_be_is_refused(client: Any, reader: Retriever, query: str) -> None:
    assert client.get(f"/page/{held(reader, 'plan.pdf').id}/1?{query}").status_code == 422


def test_who_may_not_read_a_document_gets_no_page_of_it(store: Path, reader: Retriever, client: Any) -> None:
    """Not even one that was drawn for somebody else a moment ago."""
    doc = held(reader, "plan.pdf").id
    assert client.get(f"/page/{doc}/1").status_code == 200

    with Shut.open(store) as shut, visited(store, shut) as other:
        assert other.get(f"/page/{doc}/1").status_code == 404


def test_a_file_that_ends_its_worker_is_told_and_the_next_page_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (tmp_path / "good.pdf").write_bytes(pdf(PAGES))
    good = parse(pdf(PAGES), ".pdf")

    with closing(Pages(Settings())) as pages:
        with pytest.raises(Exception, match="损坏"):
            pages.draw(good, tmp_path / "bad.pdf", 1, ())
        with pytest.raises(Exception, match="读不出来"):
            pages.draw(good, tmp_path / "gone.pdf", 1, ())
        assert pages.draw(good, tmp_path / "good.pdf", 1, ()).startswith(b"\x89PNG")


def test_a_page_that_fills_the_memory_is_told_and_the_server_answers_on(store: Path, reader: Retriever) -> None:
    """F29, with so little memory that any page is too much."""
    pages = [f"/page/{held(reader, f'plan.{kind}').id}/1" for kind in ("pdf", "ofd")]
    with visited(store, reader, worker_mb=8) as client:
        answers = [client.get(address) for address in pages]
        rest = client.get(f"/original/{held(reader, 'plan.txt').id}")

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("内存超过 8 MB" in answer.text and "\n" not in answer.text for answer in answers)
    assert rest.status_code == 200


def test_whoever_comes_when_many_wait_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(pdf(PAGES))
    document = parse(pdf(PAGES), ".pdf")
    said: list[str] = []

    with closing(Pages(Settings())) as pages:

        def draw(at: int) -> None:
            try:
                pages.draw(document, tmp_path / "plan.pdf", 1, [(0.0, 0.0, at + 1.0, 9.0)])
                said.append("drawn")
            except BusyError:
                said.append("busy")

        threads = [threading.Thread(target=draw, args=(at,)) for at in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert said.count("drawn") >= 4
    assert said.count("busy") >= 1


def test_a_page_is_drawn_once_and_little_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.printed._KEPT", 1_000)
    (tmp_path / "plan.pdf").write_bytes(pdf(PAGES))
    document = parse(pdf(PAGES), ".pdf")
    drawn: list[int] = []

    with closing(Pages(Settings())) as pages:

        def page_image(data: bytes, kind: str, number: int, boxes: Any, dpi: int) -> bytes:
            drawn.append(number)
            return bytes(400)

        monkeypatch.setattr(pages._pool, "page_image", page_image)
        for number in (1, 2, 1, 3, 1, 2):
            pages.draw(document, tmp_path / "plan.pdf", number, ())

    assert drawn == [1, 2, 3, 2]


def test_the_leaf_is_the_page_where_the_words_are_printed() -> None:
    document = parse(pdf(PAGES), ".pdf")
    start, end = cited(document)
    lines = [line for line in document.lines if line.start < end and line.end > start]

    found = leaf(document, start, lines)

    assert found is not None
    assert (found.number, found.last) == (lines[0].page, len(PAGES))
    assert TOP / 842 - 0.05 < found.y < BOTTOM / 842
    assert leaf(parse(WORDS.encode()), 0, []) is None


@pytest.mark.parametrize("unit", ["chunk", "sentence"])
def test_a_hit_says_on_which_page_it_stands(reader: Retriever, unit: Any) -> None:
    for hit in reader.search("苇溪河清淤由谁牵头", k=9, unit=unit):
        shown = hit.to_json()
        lines = reader.lines(hit.doc, hit.start, hit.end)
        assert shown["page"] == (lines[0].page if lines else None)
        assert shown["confidence"] is None
        assert ("第" in hits([shown]).splitlines()[0]) == bool(lines)
        passage = {**shown, "confidence": 0.934}
        assert ("扫描识别，置信度 93%" in hits([passage])) is True


def test_a_recognised_page_says_how_sure_it_is(reader: Retriever) -> None:
    from app.web.label import words
    from app.web.view.source import printed

    assert printed(words("zh-Hans"), 3, None) == "第 3 页"
    assert printed(words("zh-Hans"), 3, 0.934) == "第 3 页 · 扫描识别，置信度 93%"
    assert printed(words("en"), 3, 0.934) == "page 3 · scanned, confidence 93%"


def test_a_task_says_on_which_page_it_begins_wherever_it_is_listed(tmp_path: Path) -> None:
    from docx import Document as Brief
    from openpyxl import load_workbook

    from app.console import task
    from app.export import write

    blocks = [Block("一、重点任务"), *[Block("（一）强化巡查。由市水务局负责，按月报送情况。")] * 25]
    (tmp_path / "plan.pdf").write_bytes(pdf(papers([*blocks, Block("（二）清淤。由市水务局牵头，6月底前完成。")])))
    (tmp_path / "plan.txt").write_text("一、重点任务\n（一）建档。由市城管局牵头，6月底前完成。\n", encoding="utf-8")
    intake(tmp_path / "store", [tmp_path / "plan.pdf", tmp_path / "plan.txt"], embedder())
    with Retriever.open(tmp_path / "store") as store:
        rows = [row.to_json() for row in store.tasks()]
        wanted = [
            (lines[0].page if (lines := store.lines(row["doc"], row["start"], row["end"])) else None) for row in rows
        ]
    for suffix in (".xlsx", ".docx"):
        write(tmp_path / f"ledger{suffix}", iter(rows), [], "2025-01-01")

    assert {1, 2, None} <= set(wanted)
    assert [row["page"] for row in rows] == wanted
    assert all((f"第{page}页" in task(row)) == bool(page) for row, page in zip(rows, wanted, strict=True))
    sheet = load_workbook(tmp_path / "ledger.xlsx")["任务清单"]
    heads = [cell.value for cell in sheet[1]]
    assert [line[heads.index("页")].value for line in sheet.iter_rows(min_row=2)] == wanted
    cells = [row.cells[-1].text for row in Brief(str(tmp_path / "ledger.docx")).tables[0].rows][1:]
    assert [f"第 {page} 页" in cell for cell, page in zip(cells, wanted, strict=True)] == [
        bool(page) for page in wanted
    ]
