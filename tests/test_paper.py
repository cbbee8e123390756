"""The same document as text, PDF, OFD and pictures: same words, same tasks, and each span where its box says."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.bench.formats import assembled
from ingest.document import Document
from ingest.ledger import ledger
from ingest.read import parse
from ingest.read.sheet import spaced
from tests.papers import HEIGHT, SIZE, WIDTH, Block, Paper, Word, breadth, ofd, papers, pdf, scanned, tiff

TITLE = "汀溪市人民政府办公室关于印发2025年河湖治理工作要点的通知"
HEADER = "汀溪市人民政府办公室文件"
TABLE = (
    ("序号", "工作任务", "牵头单位", "配合单位", "完成时限"),
    ("1", "苇溪河清淤12.6公里，整治入河排污口37个", "市水务局", "市财政局、兰浦区人民政府", "2025年6月底前"),
    ("2", "石汀、柳坪2座污水处理厂提标改造", "市住房城乡建设局", "市发展改革委", "2025年10月底前"),
    ("3", "农村黑臭水体动态清零", "市生态环境局", "各县（区）人民政府", "长期坚持"),
)
PARAGRAPHS = (
    "各县（区）人民政府，市政府各部门：",
    "为深入推进全市河湖治理，现将2025年重点工作安排如下，请结合实际认真抓好落实。各责任单位要在每季度末向市水务局报送进展情况，对进展滞后的事项由市政府督查室予以通报。",
    "一、总体要求",
    "坚持系统治理、源头治理，到2025年12月底前，全市建成区排水管网改造任务全面完成，国考断面水质优良比例达到92.5%以上，农村生活污水治理率达到45%。",
    "二、重点任务",
    "（一）实施苇溪河清淤工程。由市水务局牵头，市财政局、兰浦区人民政府配合，2025年6月底前完成清淤12.6公里，同步整治入河排污口37个。",
    "（二）推进污水处理厂提标改造。由市住房城乡建设局牵头，2025年10月底前完成石汀、柳坪2座污水处理厂提标改造，新增日处理能力3万吨，出水水质稳定达到一级A标准。",
    "（三）开展农村黑臭水体整治。由市生态环境局牵头，各县（区）人民政府负责落实，长期坚持，动态清零。",
    "三、任务清单",
)
SIGNED = ("汀溪市人民政府办公室", "2025年2月18日")
BLOCKS = (
    Block(TITLE, "title"),
    *(Block(words) for words in PARAGRAPHS),
    Block(kind="table", rows=TABLE, widths=(0.08, 0.36, 0.2, 0.2, 0.16)),
    *(Block(words, "right") for words in SIGNED),
)
PAGES = papers(BLOCKS, HEADER)
ROWS = ["| " + " | ".join(row) + " |" for row in (TABLE[0], ("---",) * 5, *TABLE[1:])]
TEXT = "\n".join((TITLE, *PARAGRAPHS, *ROWS, *SIGNED)) + "\n"


def made(kind: str) -> Document:
    bookmarks = [("一、总体要求", 1), ("二、重点任务", 1)]
    data = {
        "pdf": lambda: pdf(PAGES, bookmarks),
        "ofd": lambda: ofd(PAGES),
        "scan": lambda: scanned(PAGES),
        "tiff": lambda: tiff(PAGES),
    }[kind]()
    return parse(data, {"scan": ".pdf"}.get(kind, f".{kind}"))


def body(document: Document) -> str:
    return document.text[: document.pages[-1].end]


def printed(pages: list[Paper], page: int, box: tuple[float, float, float, float]) -> Counter[str]:
    """Return the characters that the page really has in a box, from what it was made of."""
    found: Counter[str] = Counter()
    for word in pages[page - 1].words:
        x = word.x
        for char in word.words:
            middle = x + breadth(char, word.size) / 2
            if box[0] - 1 <= middle <= box[2] + 1 and box[1] <= word.y - word.size * 0.35 <= box[3]:
                found[char] += 1
            x += breadth(char, word.size)
    found.pop(" ", None)
    return found


def letters(words: str) -> Counter[str]:
    return Counter(char for char in words if not char.isspace() and char not in "|-—")


@pytest.fixture(scope="module")
def as_pdf() -> Document:
    return made("pdf")


@pytest.fixture(scope="module")
def as_ofd() -> Document:
    return made("ofd")


@pytest.mark.parametrize("kind", ["pdf", "ofd"])
def test_a_page_has_the_words_of_the_text_with_the_running_heads_apart(kind: str) -> None:
    document = made(kind)

    assert body(document) == TEXT
    assert document.text[len(TEXT) :] == f"{HEADER}\n— 1 —\n"
    assert [chunk.indexed for chunk in document.chunks if chunk.start >= len(TEXT)] == [False]
    assert document.title is not None and document.title.value == TITLE


@pytest.mark.parametrize("kind", ["pdf", "ofd"])
def test_a_page_has_the_tasks_of_the_text(kind: str) -> None:
    plain, document = parse(TEXT.encode()), made(kind)

    def said(of: Document) -> list[object]:
        return [
            (task.kind, task.title, of.text[task.start : task.end], [(d.name, d.role) for d in task.duties],
             [when.to_json() for when in task.deadlines], task.status.kind)
            for task in ledger(of).tasks
        ]  # fmt: skip

    assert said(document) == said(plain)
    assert len(said(plain)) >= 3


@pytest.mark.parametrize("kind", ["pdf", "ofd"])
def test_every_line_stands_on_its_page_in_its_box(kind: str, as_pdf: Document, as_ofd: Document) -> None:
    document = {"pdf": as_pdf, "ofd": as_ofd}[kind]

    for line in document.lines:
        words = document.text[line.start : line.end]
        if letters(words) and not words.startswith("—"):
            assert printed(PAGES, line.page, line.box) == letters(words), words
            found = document.page_at(line.start)
            assert found is None or found.number <= line.page  # a row may begin on the page before


@given(place=st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 80)))
@settings(max_examples=60)
def test_a_span_lies_in_the_boxes_of_the_lines_that_it_touches(
    as_pdf: Document, as_ofd: Document, place: tuple[int, int]
) -> None:
    start, end = place[0], min(place[0] + place[1], len(TEXT))

    for document in (as_pdf, as_ofd):
        touched = [line for line in document.lines if line.start < end and line.end > start]
        seen: Counter[str] = Counter()
        for line in touched:
            seen += printed(PAGES, line.page, line.box)
        assert not letters(document.text[start:end]) - seen
        first = document.page_at(start)
        assert first is not None and (not touched or touched[0].page in (first.number, first.number + 1))


def test_a_bookmark_marks_its_heading(as_pdf: Document) -> None:
    names = [section.name for section in as_pdf.sections if section.kind in ("item", "heading")]

    assert names[:2] == ["一、总体要求", "二、重点任务"]


CHARS = st.sampled_from("水务局牵头推进河湖治理工程完成清淤，整治排污口农村污水、加强监督检查落实责任")
WORDS = st.text(CHARS, min_size=12, max_size=160).filter(lambda words: words[0] not in "，、")


@given(paragraphs=st.lists(WORDS.map(lambda words: words.rstrip("，、") + "。"), min_size=1, max_size=30))
@example(paragraphs=["水" * 25 + "。", "局" * 25 + "。"])
@settings(max_examples=25)
def test_broken_lines_become_paragraphs_again_over_pages_too(paragraphs: list[str]) -> None:
    blocks = [Block(words) for words in paragraphs]
    pages = papers(blocks, HEADER if len(papers(blocks)) > 1 else "")

    for document in (parse(pdf(pages), ".pdf"), parse(ofd(pages), ".ofd")):
        assert body(document) == "".join(f"{words}\n" for words in paragraphs)
        assert [page.number for page in document.pages] == list(range(1, len(pages) + 1))


def two_columns() -> list[Paper]:
    page = Paper([Word(150, 100, 20, "汀溪市水务工作简报第三期")])
    for side, x in (("左", 60.0), ("右", 310.0)):
        for row in range(12):
            page.words.append(
                Word(x, 150 + row * 22, 12, f"{side}栏第{chr(0x4E00 + row)}行的文字写满了这一行的位置"[:19])
            )
    return [page]


def test_two_columns_are_read_one_after_the_other() -> None:
    text = parse(pdf(two_columns()), ".pdf").text

    assert text.startswith("汀溪市水务工作简报第三期\n")
    assert text.rindex("左栏") < text.index("右栏")


def test_a_table_goes_on_over_the_page_as_one_table() -> None:
    rows = [
        TABLE[0],
        *((str(n), f"第{n}项整治任务按期完成", "市水务局", "市财政局", "2025年6月底前") for n in range(1, 61)),
    ]
    pages = papers([Block(kind="table", rows=tuple(rows), widths=(0.08, 0.36, 0.2, 0.2, 0.16))])
    document = parse(pdf(pages), ".pdf")

    assert len(pages) > 1
    assert sum(line.startswith("| ---") for line in document.text.splitlines()) == 1
    assert len(ledger(document).tasks) == 60
    assert document.page_at(document.text.index("第60项")).number == len(pages)


def test_latin_words_are_joined_with_blanks_and_hyphens() -> None:
    lines = ("The river basin office re-", "ports to the bureau every", "month and keeps a record.")
    page = Paper([Word(70, 100 + n * 18, 12, words) for n, words in enumerate(lines)])

    assert "office reports to the bureau every month" in parse(pdf([page]), ".pdf").text


def test_a_page_of_ten_metres_and_one_that_is_turned_are_read() -> None:
    data = pdf([Paper([Word(100, 200, SIZE, "请各单位按期报送整改情况。")])])
    huge = data.replace(b"/MediaBox[0 0 595 842]", b"/MediaBox[0 0 28346 28346]")
    turned = data.replace(b"/MediaBox[0 0 595 842]", b"/Rotate 90 /MediaBox[0 0 595 842]")

    assert parse(huge, ".pdf").pages[0].width == 28346
    page = parse(turned, ".pdf").pages[0]
    assert (page.width, page.height) == (HEIGHT, WIDTH)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["scan", "tiff"])
def test_a_clean_scan_is_recognised_with_its_boxes_and_its_confidence(kind: str) -> None:
    rapidfuzz = pytest.importorskip("rapidfuzz")
    document = made(kind)
    found = "".join(body(document).split())
    wanted = "".join(TEXT.split())

    assert rapidfuzz.distance.Levenshtein.normalized_similarity(found, wanted) >= 0.97
    assert all(page.confidence is not None and page.confidence > 0.9 for page in document.pages)
    assert any("识别" in note for note in document.notes)
    assert len(ledger(document).tasks) == len(ledger(parse(TEXT.encode())).tasks)
    for line in document.lines:
        words = letters(document.text[line.start : line.end])
        if sum(words.values()) > 3:
            missing = sum((words - printed(PAGES, line.page, line.box)).values())
            assert missing <= 0.1 * sum(words.values()) + 1


def ruled(page: Paper, xs: list[float], y: float, height: float, cells: list[list[str]]) -> float:
    """Print a row of a table whose cells hold lines; return where the next one begins."""
    page.rules += [(xs[0], y, xs[-1], y), (xs[0], y + height, xs[-1], y + height)]
    page.rules += [(x, y, x, y + height) for x in xs]
    for x, lines in zip(xs, cells, strict=False):
        page.words += [Word(x + 4, y + 4 + (at + 0.85) * 15.75, 10.5, words) for at, words in enumerate(lines)]
    return y + height


@pytest.mark.parametrize("kind", ["pdf", "ofd"])
def test_a_header_that_is_printed_again_is_left_out_and_a_broken_row_is_put_together(kind: str) -> None:
    xs = [79.0, 115.0, 300.0, 380.0, 450.0, 521.0]
    head = [["序号"], ["工作任务"], ["牵头单位"], ["配合单位"], ["完成时限"]]
    first, second = Paper(), Paper()
    y = ruled(first, xs, 600, 26, head)
    y = ruled(first, xs, y, 26, [["1"], ["完成苇溪河清淤12.6公里"], ["市水务局"], ["市财政局"], ["6月底前"]])
    ruled(first, xs, y, 26, [["2"], ["开展农村黑臭水体整治，纳入清单的"], ["市生态环境"], ["各县（区）"], ["长期坚持"]])
    y = ruled(second, xs, 90, 26, head)
    y = ruled(second, xs, y, 26, [[], ["18处全部完成治理"], ["局"], ["人民政府"], []])
    ruled(second, xs, y, 26, [["3"], ["新建雨水管网32.5公里"], ["市城管局"], ["市财政局"], ["12月底前"]])
    document = parse({"pdf": pdf, "ofd": ofd}[kind]([first, second]), f".{kind}")

    assert document.text.splitlines() == [
        "| 序号 | 工作任务 | 牵头单位 | 配合单位 | 完成时限 |",
        "| --- | --- | --- | --- | --- |",
        "| 1 | 完成苇溪河清淤12.6公里 | 市水务局 | 市财政局 | 6月底前 |",
        "| 2 | 开展农村黑臭水体整治，纳入清单的18处全部完成治理 | 市生态环境局 | 各县（区）人民政府 | 长期坚持 |",
        "| 3 | 新建雨水管网32.5公里 | 市城管局 | 市财政局 | 12月底前 |",
    ]
    start = document.text.index("| 2 |")
    end = document.text.index("\n", start)
    places = [(line.page, line.box[1]) for line in document.lines if line.start < end and line.end > start]
    assert [page for page, _ in places] == [1, 2]
    assert document.page_at(start) == document.pages[0]
    assert sum((letters("18处全部完成治理") & printed([first, second], 2, line.box)).total() for line in document.lines if line.page == 2)  # fmt: skip


def test_a_cell_that_is_merged_over_the_page_is_no_broken_row() -> None:
    xs = [79.0, 200.0, 400.0, 521.0]
    first, second = Paper(), Paper()
    y = ruled(first, xs, 600, 26, [["片区"], ["工作任务"], ["牵头单位"]])
    ruled(first, xs, y, 26, [["苇溪片区"], ["完成清淤"], ["市水务局"]])
    y = ruled(second, xs, 90, 26, [[], ["建成泵站"], ["市城管局"]])
    ruled(second, xs, y, 26, [["柳坪片区"], ["改造管网"], ["市住建局"]])

    rows = parse(pdf([first, second]), ".pdf").text.splitlines()

    assert rows[2:] == [
        "| 苇溪片区 | 完成清淤 | 市水务局 |",
        "|  | 建成泵站 | 市城管局 |",
        "| 柳坪片区 | 改造管网 | 市住建局 |",
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [("共投入138万元,", "23户已完工。", False), ("联系电话：0000-", "5550188", False), ("同比增长6.2", "%。", False),
     ("达到一级", "A标准", False), ("the office re", "ports daily", True), ("in May,", "23 houses", True),
     ("采用Open", "Source方案", True), ("共计1.", "74亿元", False)],
)  # fmt: skip
def test_a_blank_parts_words_of_an_alphabet_only(before: str, after: str, said: bool) -> None:
    assert spaced(before, after) is said


@pytest.mark.slow
@pytest.mark.parametrize("meaning", ["0001", "FFFD"])
def test_a_page_whose_font_does_not_say_what_its_characters_mean_is_recognised(meaning: str) -> None:
    cmap = (
        b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 26 beginbfchar %s endbfchar endcmap"
        % b"".join(b"<%02X> <%s>" % (code, meaning.encode()) for code in range(0x41, 0x5B))
    )
    content = b"BT /F1 40 Tf 90 600 Td (RIVER) Tj ET"
    data = assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap),
        ]
    )

    document = parse(data, ".pdf")

    assert "RIVER" in document.text and "识别" in document.notes[0]
