"""The page's handlers and what they show, without a browser."""

from __future__ import annotations

import html
import http.client
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web import build, label, serve, view
from app.web.conversation import Turn, place
from app.web.desk import Desk
from app.web.example import EXAMPLES, SHOWN, Example, answered
from app.web.markup import attribute, line, text
from app.web.server import listen
from ingest.corpus import DocumentRow
from ingest.error import DubanError
from retriever.embedder import embedder
from retriever.intake import intake
from tests.fake_retriever import HOSTILE, FakeRetriever, hostile, plan

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "http://127.0.0.1:7860"
# As a document may hold it: no controls (which HTML cannot show), no lone halves of a character.
SPECIAL = "\n\t*_`$<>&\"'[]!#|~\\{}\u202e\u2066"
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(SPECIAL))


class Shown(HTMLParser):
    """What a reader sees of some HTML: its text, the text of each `<mark>`, and the names of its elements."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.text, self.marks, self.elements, self._lit = "", [], set[str](), False
        self.feed(shown)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.text += "\n" if tag == "br" else ""
        self._lit = self._lit or tag == "mark"
        self.marks += [""] if tag == "mark" else []

    def handle_endtag(self, tag: str) -> None:
        self._lit = self._lit and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._lit:
            self.marks[-1] += data


def body(panel: str) -> str:
    """Return the part of a source panel that holds the text of the document."""
    return panel[panel.index('<div class="text"') :]


def answer(**changed: Any) -> dict[str, Any]:
    path = ["二、任务", "（一）清淤"]
    passage = {
        "n": 1,
        "doc": "d1",
        "title": "方案",
        "source": "a.txt",
        "path": path,
        "start": 0,
        "end": 2,
        "quote": "原话",
    }
    given = {"answer": "由市水务局牵头。[1]", "grade": "answer", "citations": [passage], "nearest": [], "missing": [],
             "as_of": "2026-11-21", "notice": None}  # fmt: skip
    return {**given, **changed}


@pytest.fixture
def desk() -> Desk:
    return Desk(FakeRetriever(plan(), hostile()))


@given(WORDS)
def test_words_are_shown_as_they_are_and_make_no_element(words: str) -> None:
    assert Shown(text(words)).text == words
    assert Shown(text(words)).elements <= {"bdi"}
    assert Shown(line(words)).elements <= {"bdi", "br"}
    assert not re.search(r"[*_`$\[\]|~\\<>\n]", re.sub(r"</?bdi>|<br>", "", line(words)))


@given(WORDS)
def test_an_attribute_cannot_be_left_by_its_words(words: str) -> None:
    assert not re.search(r"[\"'<>\n\u202a-\u202e\u2066-\u2069]", attribute(words))


def test_a_control_that_html_forbids_is_shown_as_replaced() -> None:
    assert Shown(text("甲\x00乙")).text == "甲\ufffd乙"


def test_the_answer_comes_first_with_a_chip_for_each_marker_then_its_sources() -> None:
    shown = view.said(3, Turn("谁牵头？", answer()))

    assert shown.index("由市水务局牵头") < shown.index('href="#cite-c-3-1"') < shown.index(label.SOURCES)
    assert "[1]" not in html.unescape(shown)
    assert "方案 › 二、任务 › （一）清淤" in Shown(shown).text
    assert "截至 2026-11-21" in Shown(shown).text


def test_a_quote_is_not_repeated_where_the_answer_consists_of_it() -> None:
    other, same = answer(), answer(answer="原话[1]")

    assert Shown(view.said(0, Turn("谁？", other))).text.count("原话") == 1
    assert Shown(view.said(0, Turn("谁？", same))).text.count("原话") == 1


def test_a_number_in_brackets_that_cites_nothing_stays_text() -> None:
    shown = view.said(0, Turn("谁？", answer(answer="见附件[7]。[1]")))

    assert "见附件[7]。" in Shown(shown).text
    assert "#cite-c-0-7" not in shown


def test_what_is_missing_is_named() -> None:
    shown = Shown(view.said(0, Turn("何时？", answer(missing=["deadline", "list"]))))

    assert "没有写明：完成时限、具体名单" in shown.text


@pytest.mark.parametrize(("grade", "words"), [("closest", label.CLOSEST), ("none", label.NONE)])
def test_a_refusal_shows_the_nearest_passages_as_such(grade: str, words: str) -> None:
    near = answer()["citations"]
    shown = view.said(0, Turn("何时？", answer(answer="没有写明。", grade=grade, citations=[], nearest=near)))

    assert words in shown
    assert label.NEAREST in shown
    assert label.SOURCES not in shown
    assert 'href="#cite-n-0-1"' in shown


def test_a_notice_of_the_answer_is_shown() -> None:
    assert "索引落后" in view.said(0, Turn("谁？", answer(notice="索引落后")))


def test_a_long_question_is_shown_by_its_beginning() -> None:
    shown = view.asked("问" * 100_000)

    assert len(shown) < 1_000
    assert "100000" in shown


def test_only_the_latest_turns_of_a_long_conversation_are_shown_under_their_own_keys() -> None:
    shown = view.messages([Turn("谁？", answer())] * 120)

    assert len(shown) == 100
    assert "#cite-c-119-1" in shown[-1]["content"]


@given(st.integers(0, len(HOSTILE)), st.integers(0, 300))
def test_the_source_is_the_whole_text_with_the_cited_span_in_the_only_mark(start: int, length: int) -> None:
    for document in (plan(), hostile()):
        first = min(start, len(document.text))
        passage = {"start": first, "end": min(first + length, len(document.text)), "path": [], "title": "", "n": 1}
        shown = Shown(body(view.source(document, passage, None, 0)))

        assert shown.text == document.text
        assert shown.marks == [document.text[passage["start"] : passage["end"]]]


def test_headings_are_set_off_and_site_chrome_is_dimmed() -> None:
    shown = view.source(plan(), None, None, 0)

    assert '<span class="heading">一、总体要求' in shown
    assert '<span class="chrome">扫一扫' in shown
    assert "<mark>" not in shown


def test_the_particulars_of_the_document_stand_above_its_text() -> None:
    above = Shown(view.source(plan(), None, None, 0).split('<div class="text"')[0]).text

    assert "青溪市2025年河道治理工作方案" in above
    assert "青政办〔2025〕18号" in above


def test_a_citation_opens_with_the_way_to_its_neighbours(desk: Desk) -> None:
    turns = [desk.ask("河道清淤由谁牵头？", [])]

    first, second = desk.source("c-0-1", turns), desk.source("c-0-2", turns)

    assert Shown(first).marks == [turns[0].citations[0]["quote"]]
    assert "引用 1 / 3" in first
    assert 'data-source="c-0-2">下一条' in first
    assert "disabled>上一条" in first
    assert 'data-source="c-0-1">上一条' in second


def test_the_same_source_opened_twice_is_another_value(desk: Desk) -> None:
    turns = [desk.ask("河道清淤由谁牵头？", [])]

    assert desk.source("c-0-1", turns) != desk.source("c-0-1", turns)


def test_nearest_passages_open_marked_as_such(desk: Desk) -> None:
    turns = [desk.ask("最接近清淤", [])]

    shown = desk.source("n-0-1", turns)

    assert Shown(shown).marks == [turns[0].nearest[0]["quote"]]
    assert 'class="src near"' in shown


@given(st.text() | st.integers() | st.none() | st.lists(st.text()) | st.from_regex(r"[cnd]-\d{1,8}(-\d{1,8})?"))
def test_a_key_of_the_browser_that_leads_nowhere_opens_nothing(key: object) -> None:
    turns = [Turn("谁？"), Turn("谁？", error="错")]

    shown = Desk(FakeRetriever(plan())).source(key, turns)

    assert place(turns, str(key)) is None
    assert label.SOURCE_GONE in shown
    assert "<mark>" not in shown


def test_a_source_that_may_no_longer_be_read_is_not_shown_again() -> None:
    library = FakeRetriever(plan())
    desk = Desk(library)
    turns = [desk.ask("河道清淤由谁牵头？", [])]

    library.held.clear()

    assert "没有这份文档" in desk.source("c-0-1", turns)
    assert "没有这份文档" in desk.source(f"d-{plan().id}", turns)


def test_a_follow_up_is_given_the_earlier_questions_that_were_answered() -> None:
    library = FakeRetriever(plan())
    desk = Desk(library)
    turns = [desk.ask("河道清淤由谁牵头？", [])]
    turns.append(desk.ask("出错", turns))

    desk.ask("什么时候完成？", turns)

    assert library.asked[-1] == ("什么时候完成？", ("河道清淤由谁牵头？",))


def test_an_expected_error_is_shown_plainly(desk: Desk) -> None:
    turn = desk.ask("出错", [])

    assert "库文件损坏：运行 duban doctor" in Shown(view.said(0, turn)).text


def test_an_unexpected_error_is_logged_and_said_without_a_traceback(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    turn = desk.ask("崩溃", [])

    assert turn.error == label.FAILED_INSIDE
    assert "RuntimeError: unexpected" in caplog.text


def test_examples_are_shown_only_where_the_store_answers_them_from_their_document() -> None:
    tried = (Example("无人知晓？", "河道"), Example("由谁清淤？", "另一文件"), *[Example("由谁清淤？", "河道治理")] * 9)

    found = answered(tried, lambda question: FakeRetriever(plan()).answer(question).to_json())

    assert found == ["由谁清淤？"] * SHOWN


def test_a_store_without_the_demo_shows_kinds_of_questions(desk: Desk) -> None:
    shown = desk.welcome()

    assert len(EXAMPLES) >= SHOWN
    assert "#ask-" not in shown
    assert label.WELCOME_KINDS[0] in shown


@pytest.mark.parametrize("number", [0, "0", -1, "x", None, "1e3", "٠"])
def test_an_example_that_the_browser_names_is_one_of_ours_or_none(desk: Desk, number: object) -> None:
    assert desk.example(number) == ""


def test_an_empty_store_says_what_to_do() -> None:
    desk = Desk(FakeRetriever())

    assert "duban ingest" in Shown(desk.welcome()).text
    assert "duban ingest" in Shown(desk.documents()).text


def test_the_list_of_documents_says_what_is_known_of_each(desk: Desk) -> None:
    shown = desk.documents()

    assert f'data-source="d-{plan().id}"' in shown
    assert "青政办〔2025〕18号" in Shown(shown).text
    assert label.UNDATED in Shown(shown).text
    assert Shown(shown).elements <= {"div", "p", "ul", "li", "button", "span", "bdi"}


def test_the_list_of_documents_is_filtered_by_all_words(desk: Desk) -> None:
    assert "找到 1 份，共 2 份" in desk.documents("河道 18号")
    assert label.DOCUMENTS_NONE in desk.documents("河道 港口")


def test_a_long_list_of_documents_is_cut_and_says_so() -> None:
    rows = [DocumentRow(n, f"{n:024x}", "甲", None, None, None, "hans", f"{n}.txt", "default", 1) for n in range(500)]

    shown = view.documents(rows)

    assert shown.count("<li>") == 200
    assert "只列出前 200 份" in shown


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root", ".dark"])
@pytest.mark.parametrize(
    ("words", "grounds", "least"),
    [
        ("ink", ["page", "card", "tint", "lit", "near"], 4.5),
        ("soft", ["page", "card", "tint"], 4.5),
        ("accent", ["page", "card", "tint"], 4.5),
        ("warn", ["warn-tint"], 4.5),
        ("on-accent", ["accent"], 4.5),
        ("edge", ["page", "card"], 3.0),
    ],
)
def test_words_and_controls_stand_out_from_their_ground(
    theme: str, words: str, grounds: list[str], least: float
) -> None:
    style = (Path(view.__file__).parent / "assets" / "page.css").read_text(encoding="utf-8")
    block = style[style.index(f"\n{theme} {{") :].partition("}")[0]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))

    for ground in grounds:
        low, high = sorted((luminance(colours[words]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= least, (words, ground)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from starlette.testclient import TestClient

    with TestClient(build(FakeRetriever(plan())), base_url=ADDRESS) as client:
        yield client


def test_the_page_loads_nothing_from_elsewhere_and_cannot_be_framed(client: Any) -> None:
    response = client.get("/")

    assert response.url == f"{ADDRESS}/app/"
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_page_offers_no_sharing_no_interface_and_keeps_no_history(client: Any) -> None:
    config = client.get("/app/config").json()
    chat = next(part["props"] for part in config["components"] if part["type"] == "chatbot")

    assert config["footer_links"] == []
    assert not config["run_history"]
    assert not config["analytics_enabled"]
    assert (chat["buttons"], chat["allow_tags"], chat["latex_delimiters"]) == ([], False, [])
    assert client.get("/app/gradio_api/info").json()["named_endpoints"] == {}
    assert client.get("/openapi.json").status_code == client.get("/docs").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "", "localhost:7860@evil.example"])
def test_a_name_that_is_not_this_machines_is_refused(client: Any, host: str) -> None:
    response = client.get("/app/", headers={"host": host})

    assert response.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9", "null"])
def test_a_request_from_another_site_is_refused(client: Any, origin: str) -> None:
    response = client.post("/app/gradio_api/run/predict", json={"data": []}, headers={"origin": origin})

    assert response.status_code == 403


def test_a_port_in_use_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(DubanError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_a_store_that_is_not_there_is_an_expected_error(tmp_path: Path) -> None:
    with pytest.raises(DubanError, match="duban ingest"):
        serve(tmp_path / "none", "127.0.0.1", 0)


def test_ctrl_c_ends_the_server_quietly_while_a_page_is_open(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("河道清淤由市水务局牵头。\n", encoding="utf-8")
    intake(tmp_path / "store", [tmp_path / "a.txt"], embedder())
    script = "import sys, pathlib; from app.web import serve; serve(pathlib.Path(sys.argv[1]), '127.0.0.1', 0)"
    command = [sys.executable, "-c", script, str(tmp_path / "store")]

    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr
        said = process.stderr.readline()
        port = int(re.findall(r":(\d+)/", said)[0])
        stream = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        stream.request("GET", "/app/gradio_api/heartbeat/reader")
        opened = stream.getresponse().status
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        code = process.wait(20)
        stream.close()

    assert opened == 200
    assert (code, rest) == (0, "")
