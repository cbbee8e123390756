"""The same document in every format: the same tasks, the same words cited, and each of them on the page that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.document import Document
from ingest.ledger import ledger
from ingest.read import parse
from retriever import Retriever
from retriever.answer import Answer
from retriever.claim import Citation
from retriever.embedder import embedder
from retriever.intake import intake
from tests.office import numbered, page, xlsx
from tests.papers import FONT, Block, Paper, ofd, papers, pdf, scanned, tiff
from tests.test_paper import BLOCKS, HEADER, TABLE, TEXT, letters, printed
from tests.test_xlsx import rows

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"
SHARE = 0.97  # of the characters of a clean scan at 200 dpi that are recognised
_BETWEEN = re.compile(r"\W+")
_MARKS = {"○": "〇", "（": "(", "）": ")", "，": ",", "：": ":", "；": ";", "．": "."}


@dataclass(frozen=True)
class Sample:
    """A document: its text, the pages on which it is printed, and questions about it."""

    text: str
    pages: list[Paper]
    questions: tuple[str, ...]


def _demo(name: str, *questions: str) -> Sample:
    lines = [line.strip() for line in (DEMO / name).read_text(encoding="utf-8").splitlines() if line.strip()]
    blocks = [Block(lines[0], "title"), *map(Block, lines[1:])]
    return Sample("\n".join(lines) + "\n", papers(blocks, "汀澜市督查专报"), questions)


SAMPLES = {
    "plan with a table": Sample(
        TEXT,
        papers(BLOCKS, HEADER),
        (
            "苇溪河清淤由谁牵头？", "污水处理厂提标改造什么时候完成？", "农村黑臭水体动态清零由哪个单位牵头？",
            "国考断面水质优良比例要达到多少？", "这个通知是哪个单位印发的？", "2025年6月底前要完成哪些工作？",
        ),
    ),
    "inspection report": _demo(
        "qiyuan-inspection.txt", "北川水厂清水池渗漏由谁负责整改？", "入户水表计量不准什么时候整改完？", "三道梁水源工程进度怎么样？",
        "发现了多少个问题？",
    ),
    "reply in traditional characters": _demo(
        "landu-reply.txt", "空置率是多少？", "拖欠租金的檔戶有多少個？", "加裝空調系統進展如何？"
    ),
}  # fmt: skip
MADE = {
    "txt": lambda sample: sample.text.encode(),
    "docx": lambda sample: numbered(sample.text),
    "html": lambda sample: page(sample.text).encode(),
    "pdf": lambda sample: pdf(sample.pages),
    "ofd": lambda sample: ofd(sample.pages),
}
PAGED = ("pdf", "ofd")
OTHERS = tuple(MADE)[1:]


@dataclass(frozen=True)
class Shelf:
    """One sample in every format, in a store that holds the others too."""

    sample: Sample
    store: Retriever
    ids: dict[str, str]

    def document(self, kind: str) -> Document:
        return self.store.document(self.ids[kind])

    def answer(self, kind: str, question: str) -> Answer:
        return self.store.answer(question, where={"doc": self.ids[kind]})

    def citations(self, kind: str) -> list[Citation]:
        return [cited for question in self.sample.questions for cited in self.answer(kind, question).citations]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("formats")
    for name, sample in SAMPLES.items():
        for kind, make in MADE.items():
            (folder / f"{name}.{kind}").write_bytes(make(sample))
    report = intake(folder / "store", sorted(folder.glob("*.*")), embedder())
    assert not report.failed
    with Retriever.open(folder / "store") as opened:
        yield opened


@pytest.fixture(params=SAMPLES)
def shelf(request: pytest.FixtureRequest, store: Retriever) -> Shelf:
    ids = {Path(row.source).suffix[1:]: row.doc for row in store.documents() if Path(row.source).stem == request.param}
    return Shelf(SAMPLES[request.param], store, ids)


def body(document: Document) -> str:
    """Return the text without the running heads, which stand behind it."""
    return document.text[: document.pages[-1].end] if document.pages else document.text


def stripped(words: str) -> str:
    return "".join(words.split())


@pytest.mark.parametrize("kind", OTHERS)
def test_it_has_the_words_and_the_tasks_of_the_text(shelf: Shelf, kind: str) -> None:
    document, plain = shelf.document(kind), parse(shelf.sample.text.encode())

    assert body(document) == shelf.sample.text
    assert rows(document) == rows(plain)
    assert len(rows(plain)) >= 3
    for name in ("title", "issuer", "number", "date"):
        one, other = getattr(document, name), getattr(plain, name)
        assert (one and one.value) == (other and other.value)


@pytest.mark.parametrize("kind", OTHERS)
def test_the_same_words_are_cited(shelf: Shelf, kind: str) -> None:
    for question in shelf.sample.questions:
        plain, given = (shelf.answer(each, question) for each in ("txt", kind))

        assert [c.quote for c in given.citations] == [c.quote for c in plain.citations], question
        assert [c.path for c in given.citations] == [c.path for c in plain.citations], question
        assert (given.grade, [claim.text for claim in given.claims]) == (
            plain.grade,
            [claim.text for claim in plain.claims],
        )
    assert len(shelf.citations("txt")) >= 2


@pytest.mark.parametrize("kind", OTHERS)
def test_each_citation_lies_on_the_page_and_in_the_boxes_that_it_names(shelf: Shelf, kind: str) -> None:
    text = shelf.document(kind).text
    for citation in shelf.citations(kind):
        assert text[citation.start : citation.end] == citation.quote
        lines = shelf.store.lines(citation.doc, citation.start, citation.end)
        if kind not in PAGED:
            assert (citation.page, lines) == (None, [])
            continue
        assert citation.page == lines[0].page
        seen = letters("")
        for line in lines:
            seen += printed(shelf.sample.pages, line.page, line.box)
        assert not letters(citation.quote) - seen


@pytest.mark.parametrize("kind", PAGED)
def test_each_task_lies_on_its_pages_too(shelf: Shelf, kind: str) -> None:
    document = shelf.document(kind)
    for task in ledger(document).tasks:
        lines = shelf.store.lines(document.id, task.start, task.end)
        seen = letters("")
        for line in lines:
            seen += printed(shelf.sample.pages, line.page, line.box)
        assert lines
        assert not letters(document.text[task.start : task.end]) - seen


def test_its_table_is_the_same_as_a_workbook(tmp_path: Path) -> None:
    cells = [[int(cell) if cell.isdigit() else cell for cell in row] for row in TABLE]
    lines = ["| " + " | ".join(row) + " |" for row in (TABLE[0], ("---",) * len(TABLE[0]), *TABLE[1:])]
    files = {"txt": "\n".join(["任务清单", *lines]).encode(), "xlsx": xlsx({"任务清单": [["任务清单"], *cells]})}
    for kind, data in files.items():
        (tmp_path / f"table.{kind}").write_bytes(data)
    intake(tmp_path / "store", [tmp_path / f"table.{kind}" for kind in files], embedder())
    asked = ("污水处理厂提标改造由谁牵头？", "苇溪河清淤什么时候完成？", "哪些任务长期坚持？")
    said = {}
    with Retriever.open(tmp_path / "store") as store:
        for row in store.documents():
            answers = [store.answer(question, where={"doc": row.doc}) for question in asked]
            quotes = [[citation.quote for citation in answer.citations] for answer in answers]
            said[Path(row.source).suffix[1:]] = (quotes, rows(store.document(row.doc)))

    assert said["xlsx"] == said["txt"]
    assert len(said["txt"][1]) == 3
    assert all(said["txt"][0])


@pytest.mark.slow
@pytest.mark.skipif(not Path(FONT).is_file(), reason="the font of Debian's fonts-noto-cjk is not on this machine")
@pytest.mark.parametrize("make", [scanned, tiff], ids=["scanned pdf", "tiff"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_clean_scan_has_the_same_tasks_and_nearly_the_same_words(name: str, make, tmp_path: Path) -> None:
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    sample = SAMPLES[name]
    path = tmp_path / ("scan.tiff" if make is tiff else "scan.pdf")
    path.write_bytes(make(sample.pages))
    (tmp_path / "plain.txt").write_text(sample.text, encoding="utf-8")
    intake(tmp_path / "store", [path, tmp_path / "plain.txt"], embedder())

    def plainly(words: str) -> str:
        return "".join(_MARKS.get(char, char) for char in words)

    def alike(one: str, other: str) -> float:
        return Levenshtein.normalized_similarity(stripped(plainly(one)), stripped(plainly(other)))

    with Retriever.open(tmp_path / "store") as store:
        scan, plain = (
            next(row.doc for row in store.documents() if Path(row.source).stem == stem) for stem in ("scan", "plain")
        )
        document = store.document(scan)
        exact = Levenshtein.normalized_similarity(stripped(body(document)), stripped(sample.text))
        found, wanted = rows(document), rows(parse(sample.text.encode()))
        cited = [[store.answer(q, where={"doc": doc}).citations for doc in (scan, plain)] for q in sample.questions]
        lines = [store.lines(c.doc, c.start, c.end) for ours, _ in cited for c in ours]

    assert exact >= SHARE, exact
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert alike(one[1], other[1]) >= 0.9, (one, other)
        assert (plainly(one[0]), one[2]) == (plainly(other[0]), other[2])
        assert (len(one[3]), len(one[4])) == (len(other[3]), len(other[4]))
    for ours, theirs in cited:
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            # The mark after a per cent sign is often lost: then a sentence of the scan goes on into the next one.
            inside = fuzz.partial_ratio(*(_BETWEEN.sub("", plainly(words)) for words in (one.quote, other.quote))) / 100
            assert inside >= SHARE and len(one.quote) < 2.5 * len(other.quote), (one.quote, other.quote)
            assert one.confidence is not None and one.confidence > 0.9
            assert other.confidence is None
    for touched in lines:
        for line in touched:
            words = letters(document.text[line.start : line.end])
            missing = sum((words - printed(sample.pages, line.page, line.box)).values())
            assert missing <= 0.1 * sum(words.values()) + 1
