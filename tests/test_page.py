"""Journeys through the page in a browser: the real Retriever on the demo documents, a fake on hostile ones."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from docx import Document
from openpyxl import load_workbook

from app.deskfile import DeskFile
from app.settings import Settings
from app.uploads import Uploads
from app.web import build
from app.web.label import words
from app.web.printed import Pages
from app.web.server import listen
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import establish, intake, withdraw
from tests import papers
from tests.fake_retriever import HOSTILE, FakeRetriever, hostile, plan

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "eval" / "suites" / "demo" / "documents"
SHOTS = ROOT / "build"  # not in the repository
WIDE, NARROW = (1280, 800), (360, 740)
QUESTION = "滨岸缓冲带修复由谁牵头，什么时候完成？"

Visit = Callable[..., "Page"]

# Gradio's queue sets an option of pandas that pandas has since given up (gradio.queueing.Queue._get_df).
pytestmark = pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated")


T = words("zh-Hans")


@contextmanager
def served(library: Any, folder: Path, uploads: bool = False) -> Iterator[str]:
    """Serve the page on `library` from a thread of this process, and give its address."""
    listener = listen("127.0.0.1", 0)
    file = DeskFile(folder)
    inbox = Uploads(file, Settings(store=folder), embedder(), library) if uploads else None
    remove = (lambda user, doc: withdraw(folder, doc, embedder())) if uploads else None
    if inbox:
        inbox.start()
    with closing(Pages(Settings(store=folder))) as pages:
        app = build(lambda user: library, file, inbox, remove, pages)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        server.force_exit = True  # a page keeps a stream open until it is closed
        thread.join(20)
    listener.close()
    if inbox:
        inbox.close()
    file.close()


@pytest.fixture(scope="module")
def demo(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = shutil.copytree(demo_store, tmp_path_factory.mktemp("page") / "store")  # the desk is kept in it
    with Retriever.open(store) as retriever, served(retriever, store) as address:
        yield address


@pytest.fixture(scope="module")
def library() -> FakeRetriever:
    return FakeRetriever(plan(), hostile())


@pytest.fixture(scope="module")
def fake(library: FakeRetriever, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(library, tmp_path_factory.mktemp("fake")) as address:
        yield address


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="zh-CN")  # one for all: it keeps what the page is made of
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext) -> Iterator[Visit]:
    """Open the page at an address; afterwards no script may have failed and nothing been asked of another host."""
    pages: list[Page] = []
    wrong: list[str] = []

    def go(address: str, size: tuple[int, int] = WIDE, *, dark: bool = False) -> Page:
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else wrong.append(r.url))
        page.goto(address)
        page.wait_for_selector("#chat .welcome, #chat .log")
        return page

    yield go
    for page in pages:
        page.close()
    assert wrong == []


def ask(page: Page, question: str) -> None:
    asked = page.locator(".asked").count()
    page.fill("#box textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "n => document.querySelectorAll('.asked').length === n + 1 && !document.querySelector('.waiting')", arg=asked
    )


def lit(page: Page) -> str:
    """Return the words of the only lit span, once it stands inside the visible part of the source."""
    page.wait_for_function(
        """() => { const marks = document.querySelectorAll('#panel mark');
          if (marks.length !== 1) return false;
          const mark = marks[0].getBoundingClientRect(), box = marks[0].parentElement.getBoundingClientRect();
          return mark.top >= box.top && mark.top < box.bottom; }"""
    )
    return page.locator("#panel mark").text_content() or ""


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_question_is_answered_and_its_citation_opens_the_source(demo: str, visit: Visit) -> None:
    page = visit(demo)
    shot(page, "start")

    ask(page, QUESTION)
    said = page.locator(".said").inner_text()
    page.click("#chat .cite >> nth=0")
    words = lit(page)
    shot(page, "source")

    assert "市林业和园林局" in said
    assert "2026年3月底前" in words
    assert words in (DEMO / "tinglan-plan.txt").read_text(encoding="utf-8")
    assert page.locator("#panel .text").text_content() == (DEMO / "tinglan-plan.txt").read_text(encoding="utf-8")


def test_an_example_is_asked_by_a_click(demo: str, visit: Visit) -> None:
    page = visit(demo)
    question = page.locator(".example >> nth=0").inner_text()

    page.click(".example >> nth=0")
    page.wait_for_selector(".said .cite")

    assert page.locator(".example").count() == 0
    assert page.locator(".asked").inner_text() == question


def test_escape_closes_the_source_and_gives_the_place_back(fake: str, visit: Visit) -> None:
    page = visit(fake)
    ask(page, "河道清淤由谁牵头？")

    page.focus("#chat .cite >> nth=1")
    page.keyboard.press("Enter")
    first = lit(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel .src", state="detached")
    focused = page.evaluate("document.activeElement.dataset.source")
    page.keyboard.press("Enter")

    assert focused == "c-0-2"
    assert lit(page) == first


def test_the_neighbouring_citation_is_one_click_away(fake: str, visit: Visit) -> None:
    page = visit(fake)
    ask(page, "河道清淤由谁牵头？")

    page.click("#chat .cite >> nth=0")
    first = lit(page)
    page.get_by_role("button", name=T("next")).click()
    page.wait_for_selector("#panel .src[data-at='c-0-2']")
    second = lit(page)
    page.get_by_role("button", name=T("previous")).click()
    page.wait_for_selector("#panel .src[data-at='c-0-1']")

    assert second != first
    assert lit(page) == first
    assert page.locator(".said .open").count() == 2  # the chip and the card of the citation that is open


def test_the_nearest_passages_of_a_refusal_open_as_such(fake: str, visit: Visit) -> None:
    page = visit(fake)
    ask(page, "最接近清淤")
    shot(page, "refusal")

    page.click(".said .passage >> nth=0")

    assert lit(page)
    assert T("nearest") in page.locator(".said").inner_text()
    assert page.locator("#panel .src.near").count() == 1


def test_a_follow_up_has_the_conversation_and_a_new_one_has_not(
    fake: str, visit: Visit, library: FakeRetriever
) -> None:
    page = visit(fake)
    ask(page, "河道清淤由谁牵头？")
    ask(page, "台账什么时候报？")
    followed = library.states[-1]
    page.click("[data-new]")
    page.wait_for_selector("#chat .welcome")
    ask(page, "台账什么时候报？")

    assert followed.matter == "河道清淤"
    assert library.states[-1] is None


def test_an_answer_comes_to_the_conversation_that_it_was_asked_in(
    fake: str, visit: Visit, library: FakeRetriever
) -> None:
    page = visit(fake)
    ask(page, "台账什么时候报？")
    library.free.clear()
    page.fill("#box textarea", "等一等，河道清淤由谁牵头？")
    page.keyboard.press("Enter")
    page.wait_for_selector(".waiting")
    emptied = page.input_value("#box textarea")

    page.click("[data-new]")
    page.wait_for_selector("#chat .welcome")
    before = page.locator(".convs li").count()
    ask(page, "各区几号前报送进展？")
    library.free.set()
    page.wait_for_function("document.querySelector('.convs li .pick').textContent.startsWith('台账')")
    here = page.locator("#chat").inner_text()
    page.click(".convs li .pick >> nth=0")
    page.wait_for_function("document.querySelectorAll('.asked').length === 2")

    assert emptied == ""
    assert "清淤由谁" not in here
    assert page.locator(".convs li").count() == before + 1
    assert "清淤由谁" in page.locator(".asked >> nth=1").inner_text()
    assert page.locator("#turn-1 .cite").count() > 0


def test_two_readers_do_not_share_a_conversation(fake: str, visit: Visit, library: FakeRetriever) -> None:
    first, second = visit(fake), visit(fake)
    ask(first, "河道清淤由谁牵头？")

    ask(second, "台账什么时候报？")

    assert library.states[-1] is None
    assert "清淤由谁" not in second.locator("#chat").inner_text()


def test_a_document_of_the_list_opens_whole(demo: str, visit: Visit) -> None:
    page = visit(demo)

    page.get_by_role("tab", name=T("room_shelf")).click()
    page.wait_for_selector(".docs li")
    page.fill("[data-words]", "嵐浦")
    page.wait_for_function("document.querySelectorAll('.docs li').length === 1")
    page.click(".docs .title")
    page.wait_for_selector("#panel .src")
    shot(page, "documents")

    assert page.locator("#panel mark").count() == 0
    text = (DEMO / "lanpu-notice.txt").read_text(encoding="utf-8")
    assert page.locator("#panel .text").text_content() == text


def test_hostile_words_stay_words(fake: str, visit: Visit) -> None:
    page = visit(fake)
    title = page.title()
    words = "![x](https://example.invalid/q.png) ${document.title='ran'} $$x$$"

    ask(page, f"第一条<script>document.title='ran'</script>{words}")
    page.click("#chat .cite >> nth=0")
    opened = lit(page)
    page.get_by_role("tab", name=T("room_shelf")).click()
    page.click(".docs .title >> nth=1")
    page.wait_for_selector("#panel .src[data-at^=d-]")

    assert page.title() == title
    assert words in (page.locator(".asked").text_content() or "")
    assert opened in HOSTILE
    assert page.locator("#panel .text").text_content() == HOSTILE
    assert page.locator("#chat img, #panel img, #documents img, #chat script, #chat .katex").count() == 0
    assert overflow(page) <= 0


def test_nothing_is_sent_that_is_blank_or_still_being_composed(fake: str, visit: Visit, library: FakeRetriever) -> None:
    page = visit(fake)
    asked = len(library.asked)

    page.fill("#box textarea", "   ")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)  # Gradio reads the box when it sends, a moment after the key
    page.fill("#box textarea", "qingyu")
    for kind in ("keydown", "keypress"):  # as an input method ends a word
        event = {"key": "Enter", "keyCode": 229, "isComposing": True, "bubbles": True}
        page.dispatch_event("#box textarea", kind, event)
    page.wait_for_timeout(300)

    assert library.asked[asked:] == []
    assert page.locator(".welcome").is_visible()


DREDGE = "（二）实施苇溪河清淤工程。由市水务局牵头，市财政局配合，2025年6月底前完成清淤12.6公里。"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store of one document of two pages as PDF, and a text."""
    folder = tmp_path_factory.mktemp("printed")
    blocks = [papers.Block("汀溪市2025年河湖治理工作要点", "title"), papers.Block("一、重点任务")]
    blocks += [papers.Block("（一）强化日常巡查。各责任单位按月报送进展情况，对进展滞后的事项予以通报。")] * 12
    blocks += [papers.Block(DREDGE)]
    (folder / "plan.pdf").write_bytes(papers.pdf(papers.papers(blocks)))
    (folder / "note.txt").write_text("竹溪公园扩建由市园林局牵头。\n", encoding="utf-8")
    intake(folder / "store", [folder / "plan.pdf", folder / "note.txt"], embedder())
    with Retriever.open(folder / "store") as retriever, served(retriever, folder / "store") as address:
        yield address


def lit_dots(page: Page) -> list[int]:
    """Return the share (in percent) of lit dots in ten stripes of the page that is shown, from top to bottom."""
    found: list[int] = page.evaluate(
        """async () => { const image = document.querySelector('.print img'); await image.decode();
          const canvas = Object.assign(document.createElement('canvas'), { width: 100, height: 100 });
          const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0, 100, 100);
          const dots = pen.getImageData(0, 0, 100, 100).data, stripes = Array(10).fill(0);
          for (let at = 0; at < 10000; at++) if (dots[4 * at] - dots[4 * at + 2] > 60) stripes[Math.floor(at / 1000)] += 0.1;
          return stripes.map(Math.round); }"""
    )
    return found


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_shown_as_it_is_printed_with_the_cited_lines_lit(
    printed: str, visit: Visit, size: tuple[int, int], dark: bool
) -> None:
    page = visit(printed, size, dark=dark)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/page/" in request.url else None)
    ask(page, "苇溪河清淤工程由谁牵头？")
    page.click("#chat .cite >> nth=0")
    words = lit(page)
    before = list(asked)

    page.focus("[data-view=page]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sheet[data-shown='2']")
    shot(page, f"{'narrow' if size == NARROW else 'wide'}-{'dark' if dark else 'light'}-page")
    cited = lit_dots(page)
    view = page.locator(".print").bounding_box()
    overflowing = overflow(page)
    page.focus("[data-turn='-1']")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sheet[data-shown='1']")
    turned = lit_dots(page)
    page.click("[data-zoom]")
    wider = page.evaluate("document.querySelector('.print').scrollWidth > document.querySelector('.print').clientWidth")
    page.click("[data-view=text]")

    assert words in DREDGE
    assert before == []  # nothing is drawn that nobody looks at
    assert len(asked) == 2
    assert 0 < sum(cited) < 100
    assert turned == [0] * 10
    assert "第 2 页" in page.locator("#panel .facts").inner_text()
    assert view and view["height"] > 200 and view["y"] + view["height"] <= size[1]
    assert overflowing <= 0
    assert wider
    assert lit(page) == words


def test_what_has_no_pages_has_no_picture(printed: str, visit: Visit) -> None:
    page = visit(printed)
    ask(page, "竹溪公园扩建由谁牵头？")
    page.click("#chat .cite >> nth=0")

    assert lit(page)
    assert page.locator("#panel [data-view], #panel .sheet").count() == 0


def test_a_page_that_cannot_be_drawn_says_why(printed: str, visit: Visit) -> None:
    page = visit(printed)
    page.route("**/page/**", lambda route: route.fulfill(status=422, content_type="text/plain", body="第 2 页已损坏"))
    ask(page, "苇溪河清淤工程由谁牵头？")
    page.click("#chat .cite >> nth=0")
    page.click("[data-view=page]")
    page.wait_for_function("document.querySelector('.print .wait').textContent.includes('已损坏')")

    assert not page.locator(".print img").is_visible()
    page.click("[data-view=text]")


def test_an_empty_store_says_what_to_do(visit: Visit, tmp_path: Path) -> None:
    with served(FakeRetriever(), tmp_path) as address:
        page = visit(address)
        shot(page, "empty")
        page.click(".welcome .primary")

        assert page.locator("#shelf").is_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_overflows_and_the_source_can_be_read(
    demo: str, visit: Visit, size: tuple[int, int], dark: bool
) -> None:
    page = visit(demo, size, dark=dark)
    name = f"{'narrow' if size == NARROW else 'wide'}-{'dark' if dark else 'light'}"
    shot(page, f"{name}-start")
    ask(page, QUESTION)
    shot(page, f"{name}-answer")

    page.click("#chat .cite >> nth=0")
    lit(page)
    shot(page, f"{name}-source")

    assert overflow(page) <= 0
    box = page.locator("#panel .text").bounding_box()
    assert box
    assert box["height"] > 200
    assert box["width"] > 300
    assert box["y"] + box["height"] <= size[1]
    assert page.evaluate("document.body.classList.contains('dark')") is dark


# --- journeys of the desk ---


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[str]:
    """A page on a new and empty store, into which files can be brought."""
    establish(tmp_path / "store", embedder())
    with (
        Retriever.open(tmp_path / "store") as retriever,
        served(retriever, tmp_path / "store", uploads=True) as address,
    ):
        yield address


def room(page: Page, name: str) -> None:
    page.click(f"[role=tab][data-room={name}]")
    page.wait_for_selector(f"#{name} :is(.welcome, .log, .result, .docs)")


def rows(page: Page) -> int:
    return int(page.locator(".total b").inner_text())


def test_a_first_day_at_the_desk(desk: str, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "坏.txt").write_bytes(b"\x00\x01\x02" * 999)
    page = visit(desk)
    page.click(".welcome .primary")
    page.wait_for_selector(".drop")

    page.set_input_files(
        "[data-files]", [DEMO / "tinglan-plan.txt", tmp_path / "坏.txt", DEMO / "qinglu-rectification.txt"]
    )
    page.wait_for_function("document.querySelectorAll('.job.done, .job.failed').length === 3", timeout=90_000)
    page.wait_for_function("document.querySelectorAll('.docs li').length === 2")
    shot(page, "uploads")
    failed = page.locator(".job.failed").inner_text()

    page.click(".jobs .primary")
    page.wait_for_selector(".welcome .example")
    shot(page, "greeted")
    ask(page, QUESTION)
    page.click(".said .cite >> nth=0")
    quote = lit(page)
    page.keyboard.press("Escape")
    chips = page.locator(".chip").count()
    page.click(".chip button >> nth=0")
    page.wait_for_function("n => document.querySelectorAll('.chip').length < n", arg=chips)
    ask(page, "那配合单位是谁？")
    shot(page, "follow")

    assert "坏.txt" in failed
    assert quote in (DEMO / "tinglan-plan.txt").read_text(encoding="utf-8")
    assert page.locator(".convs li").count() == 1


def test_a_file_may_be_dropped_on_any_part_of_the_page(desk: str, visit: Visit) -> None:
    page = visit(desk)
    empty = page.locator("#composer").is_visible()
    dropped = page.evaluate_handle(
        """() => { const held = new DataTransfer();
          held.items.add(new File(['竹溪公园扩建由市园林局牵头。'], '公园.txt')); return held; }"""
    )

    page.dispatch_event("#chat", "dragover", {"dataTransfer": dropped})
    page.dispatch_event("#chat", "drop", {"dataTransfer": dropped})
    page.wait_for_selector(".job.done", timeout=90_000)
    shelf = page.locator("#shelf").is_visible()
    page.click(".jobs .primary")
    page.wait_for_selector("#composer textarea")
    ask(page, "竹溪公园扩建由谁牵头？")

    assert not empty
    assert shelf
    assert "市园林局" in page.locator(".said").inner_text()


def test_a_list_says_each_row_once_and_fits_a_phone(demo: str, visit: Visit) -> None:
    page = visit(demo, NARROW)
    ask(page, "墨池区电梯清单里，市场监管局牵头的一共哪几项？")
    shot(page, "narrow-list")
    cut = page.evaluate("(at => at.scrollWidth > at.clientWidth)(document.querySelector('.rows .scroll'))")

    assert page.locator(".said .words").all_inner_texts() == ["市场监管局牵头的事项共5项：12345"]
    assert page.locator(".rows tbody tr").count() == 5
    assert not cut


def test_the_stages_are_asked_for_until_all_have_ended(desk: str, visit: Visit) -> None:
    page = visit(desk)
    page.click(".welcome .primary")
    page.wait_for_selector(".drop")
    page.wait_for_selector(".jobs", state="attached")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "run/predict" in request.url else None)

    # as if a file were being read for long: each answer is as the last, so nothing that is shown changes
    page.evaluate("document.querySelector('.jobs').dataset.live = '1'")
    page.wait_for_timeout(4_000)

    assert len(asked) >= 2


def test_a_conversation_is_found_renamed_continued_and_deleted(fake: str, visit: Visit) -> None:
    page = visit(fake)
    page.click("[data-new]")
    page.wait_for_selector("#chat .welcome")
    before = page.locator(".convs li").count()
    ask(page, "台账什么时候报？")
    page.wait_for_function("n => document.querySelectorAll('.convs li').length === n + 1", arg=before)

    item = page.locator(".convs li").first
    item.hover()
    item.locator("[data-rename]").click()
    page.fill("dialog input", "<b>报送</b>")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.convs .pick').textContent === '<b>报送</b>'")
    page.reload()
    page.wait_for_selector("#chat .turn")
    page.fill("[data-find]", "<b>报送")
    page.wait_for_function("document.querySelectorAll('.convs li').length === 1")
    page.fill("[data-find]", "")
    page.wait_for_function("n => document.querySelectorAll('.convs li').length === n + 1", arg=before)
    item = page.locator(".convs li").first
    item.hover()
    item.locator("[data-remove]").click()
    page.click("dialog .danger")
    page.wait_for_function("n => document.querySelectorAll('.convs li').length === n", arg=before)

    assert page.locator("#chat .welcome").is_visible()
    assert "c=" not in page.url


def test_a_search_that_is_answered_late_does_not_bring_back_what_was_left(fake: str, visit: Visit) -> None:
    page = visit(fake)
    ask(page, "台账什么时候报？")
    left = page.evaluate("duban.talk.id")
    page.click("[data-new]")
    page.wait_for_selector("#chat .welcome")

    page.evaluate("id => duban.said({ id, rail: '<div class=\"convs\"></div>' })", left)
    page.evaluate("id => duban.said({ id, chips: '<div class=\"chips\">of the one that was left</div>' })", left)

    assert page.evaluate("duban.talk.id") == ""
    assert "c=" not in page.url
    assert "was left" not in page.locator("#composer").inner_text()


# The next request for a message waits, as on a machine that has much else to do.
HOLD = """(() => { const fetched = window.fetch; let held = false;
  window.fetch = async (url, options) => {
    if (held || !String(url.url ?? url).includes('queue/join')) return fetched(url, options);
    held = true;
    await new Promise(next => setTimeout(next, 1500));
    const answer = await fetched(url, options);
    setTimeout(() => { window.came = true; }, 500);
    return answer; }; })()"""


@pytest.mark.parametrize("late", ["the first message", "the welcome anew", "a new conversation"])
def test_what_comes_late_does_not_wipe_away_what_was_asked_meanwhile(fake: str, visit: Visit, late: str) -> None:
    page = visit(fake)
    if late == "the first message":
        page.add_init_script(HOLD)
        page.reload()
        page.wait_for_selector("#chat [data-token=welcome]:empty", state="attached")
    elif late == "the welcome anew":
        page.evaluate(HOLD)
        page.evaluate("dispatchEvent(new Event('duban:changed'))")
    else:
        ask(page, "台账什么时候报？")
        page.evaluate(HOLD)
        page.click("[data-new]")

    left = page.evaluate("duban.talk.id")
    ask(page, "河道清淤由谁牵头？")
    page.wait_for_function("window.came")

    assert left == ""
    assert page.locator(".asked").all_inner_texts() == ["河道清淤由谁牵头？"]
    assert page.locator(".said .words").count()
    assert "河道清淤" in page.locator(".convs [aria-current]").inner_text()


def test_the_welcome_anew_keeps_which_documents_are_asked(fake: str, visit: Visit) -> None:
    page = visit(fake)
    doc = page.locator("form[data-scope] [name=doc] option >> nth=1").get_attribute("value")
    page.evaluate("doc => dispatchEvent(new CustomEvent('duban:within', { detail: doc }))", doc)
    page.wait_for_selector(".chip")

    page.evaluate("document.querySelector('.welcome').className += ' old'; dispatchEvent(new Event('duban:changed'))")
    page.wait_for_selector("#chat .welcome:not(.old)")

    assert page.evaluate("duban.talk.scope.doc") == doc
    assert page.locator(".chip").count() == 1


def test_an_answer_is_judged_copied_and_saved(fake: str, visit: Visit, context: BrowserContext, tmp_path: Path) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit(fake)
    ask(page, "河道清淤由谁牵头？")

    page.click("[data-copy]")
    page.wait_for_selector("#toast.on")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.click("[data-down]")
    page.click("dialog label.radio >> nth=1")
    page.click("dialog .primary")
    page.wait_for_selector("[data-down][aria-pressed=true]")
    with page.expect_download() as saved:
        page.click("a.save")
    path = tmp_path / "saved.docx"
    saved.value.save_as(path)

    assert "[1]" in copied
    assert "青溪市2025年河道治理工作方案" in copied
    assert saved.value.suggested_filename == "河道清淤由谁牵头？.docx"
    assert any("河道清淤由谁牵头？" in paragraph.text for paragraph in Document(str(path)).paragraphs)


def test_the_ledger_is_filtered_on_the_server_and_exported_as_it_is_shown(
    demo: str, visit: Visit, tmp_path: Path
) -> None:
    page = visit(demo)
    room(page, "ledger")
    every = rows(page)
    shot(page, "ledger")

    page.select_option("[name=status]", "in_progress")
    page.wait_for_function("n => Number(document.querySelector('.total b').textContent) < n", arg=every)
    some = rows(page)
    page.fill("[name=as_of]", "2025-06-01")
    page.wait_for_function("document.querySelector('.exports a').href.includes('2025-06-01')")
    with page.expect_download() as saved:
        page.click(".exports a >> nth=0")
    path = tmp_path / "ledger.xlsx"
    saved.value.save_as(path)
    shown = page.locator(".tasks tbody .link").all_inner_texts()
    page.click(".tasks tbody tr >> nth=0")
    task = page.locator(".tasks tbody tr >> nth=0").locator(".link").inner_text()

    assert 0 < some < every
    heads, *listed = load_workbook(path)["任务清单"].iter_rows(values_only=True)
    titles = [str(row[heads.index("事项")]) for row in listed]
    assert len(titles) == some
    assert {row[heads.index("状态")] for row in listed} == {words("zh-Hans")("status_in_progress")}
    assert all(title.endswith(told) for title, told in zip(shown, titles, strict=True))
    assert task[-4:] in lit(page).replace("\n", "")


def test_the_language_is_the_readers_and_can_be_switched(demo: str, browser: Browser) -> None:
    for locale, name, language in (
        ("en-US", "Ledger", "en"),
        ("zh-TW", "台賬", "zh-Hant"),
        ("zh-CN", "台账", "zh-Hans"),
    ):
        context = browser.new_context(locale=locale)
        page = context.new_page()
        page.goto(demo)
        page.wait_for_selector("#chat .welcome")
        assert page.locator("#tab-ledger").inner_text() == name
        assert page.evaluate("document.documentElement.lang") == language
        shot(page, f"start-{language}")
        context.close()
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(demo)
    page.wait_for_selector("#chat .welcome")
    page.click("summary")
    page.click("[data-lang=en]")
    page.wait_for_function("document.querySelector('#tab-ledger')?.textContent === 'Ledger'")
    assert page.get_attribute("#box textarea", "placeholder") == words("en")("question_hint")
    context.close()


def test_dark_is_chosen_and_kept(demo: str, visit: Visit) -> None:
    page = visit(demo)

    page.click("summary")
    page.click("[data-theme=dark]")
    page.reload()
    page.wait_for_selector("#chat .welcome")

    assert page.evaluate("document.body.classList.contains('dark')")
    page.evaluate("localStorage.clear()")


def test_everything_is_reached_by_the_keyboard(demo: str, visit: Visit) -> None:
    page = visit(demo)
    page.focus("#tab-ask")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".tasks")
    focused = page.evaluate("document.activeElement.id")
    page.focus(".tasks .link >> nth=0")
    page.keyboard.press("Enter")
    opened = lit(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel .src", state="detached")

    assert focused == "tab-ledger"
    assert opened
    assert page.evaluate("document.activeElement.closest('.tasks') !== null")
    without = page.evaluate(
        """[...document.querySelectorAll('#top, #desk')].flatMap(part => [...part.querySelectorAll('button, a[href], input, select')])
          .filter(at => at.offsetParent && at.tabIndex < 0 && at.getAttribute('role') !== 'tab').map(at => at.outerHTML)"""
    )
    assert without == []


# What is Gradio's: rule and selector. Nothing of ours is to be on this list.
VENDOR: set[tuple[str, str]] = set()


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_serious(demo: str, visit: Visit, size: tuple[int, int], dark: bool) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(demo, size, dark=dark)

    def check(place: str) -> None:
        page.wait_for_timeout(300)
        violations = axe.run(page).response["violations"]
        serious = {
            (rule["id"], node["target"][0])
            for rule in violations
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        }
        assert serious - VENDOR == set(), place

    check("start")
    ask(page, "青芦区巡察反馈的问题，销号了几个？")
    check("answer")
    page.click(".said .cite >> nth=0")
    lit(page)
    check("source")
    page.keyboard.press("Escape")
    room(page, "ledger")
    check("ledger")
    room(page, "shelf")
    check("shelf")
