"""The page's handlers and what they show, without a browser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.conversations import Conversations, Turn
from app.deskfile import DeskFile
from app.web.desk import Desk
from app.web.example import EXAMPLES, SHOWN, Example, answered
from app.web.label import words
from app.web.markup import attribute, line, text
from app.web.place import place
from app.web.view import chat, rail, shelf, source
from ingest.corpus import LOCAL, User
from ingest.corpus.row import DocumentRow
from ingest.document import Section
from tests.fake_retriever import HOSTILE, PLAN, FakeRetriever, hostile, plan

ROOT = Path(__file__).resolve().parent.parent
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


T = words("zh-Hans")
ME = LOCAL


@pytest.fixture
def file(tmp_path: Path) -> Iterator[DeskFile]:
    with closing(DeskFile(tmp_path)) as file:
        yield file


@pytest.fixture
def library() -> FakeRetriever:
    return FakeRetriever(plan(), hostile())


@pytest.fixture
def desk(file: DeskFile, library: FakeRetriever) -> Desk:
    return Desk(lambda user: library, Conversations(file))


def opened(document: Any, *span: int) -> str:
    """Return the source panel of a document, a span of it lit."""
    found = place([], "-".join(map(str, ("p", document.id, *span))) if span else f"d-{document.id}")
    assert found
    return source.source(T, document, found, 0)


def turns(desk: Desk, talk: str) -> Any:
    return desk.conversation(ME, talk).turns


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
    shown = chat.said(T, 3, Turn("谁牵头？", answer()))

    assert shown.index("由市水务局牵头") < shown.index('data-source="c-3-1"') < shown.index(T("sources"))
    assert "[1]" not in html.unescape(shown)
    assert "二、任务 › （一）清淤" in Shown(shown).text
    assert "截至 2026-11-21" in Shown(shown).text


def test_a_quote_is_not_repeated_where_the_answer_consists_of_it() -> None:
    other, same = answer(), answer(answer="原话[1]")

    assert Shown(chat.said(T, 0, Turn("谁？", other))).text.count("原话") == 1
    assert Shown(chat.said(T, 0, Turn("谁？", same))).text.count("原话") == 1


def test_a_number_in_brackets_that_cites_nothing_stays_text() -> None:
    shown = chat.said(T, 0, Turn("谁？", answer(answer="见附件[7]。[1]")))

    assert "见附件[7]。" in Shown(shown).text
    assert "c-0-7" not in shown


def test_what_is_missing_is_named() -> None:
    shown = Shown(chat.said(T, 0, Turn("何时？", answer(missing=["deadline", "list"]))))

    assert "没有写明：完成时限、具体名单" in shown.text


@pytest.mark.parametrize(("grade", "words"), [("closest", T("closest")), ("none", T("none"))])
def test_a_refusal_shows_the_nearest_passages_as_such(grade: str, words: str) -> None:
    near = answer()["citations"]
    shown = chat.said(T, 0, Turn("何时？", answer(answer="没有写明。", grade=grade, citations=[], nearest=near)))

    assert words in shown
    assert T("nearest") in shown
    assert f'<p class="small">{T("sources")}' not in shown
    assert 'data-source="n-0-1"' in shown


def test_a_notice_of_the_answer_is_shown() -> None:
    assert "索引落后" in chat.said(T, 0, Turn("谁？", answer(notice="索引落后")))


def test_a_long_question_is_shown_by_its_beginning() -> None:
    shown = chat.asked(T, "问" * 100_000)

    assert len(shown) < 1_000
    assert "100000" in shown


def test_only_the_latest_turns_of_a_long_conversation_are_shown_under_their_own_keys() -> None:
    shown = chat.messages(T, [Turn("谁？", answer())] * 120)

    assert shown.count("<article") == 30
    assert "c-119-1" in shown


@given(st.integers(0, len(HOSTILE)), st.integers(1, 300))
def test_the_source_is_the_whole_text_with_the_cited_span_in_the_only_mark(start: int, length: int) -> None:
    for document in (plan(), hostile()):
        first = min(start, len(document.text) - 1)
        shown = Shown(body(opened(document, first, first + length)))

        assert shown.text == document.text
        assert shown.marks == [document.text[first : first + length]]


def test_headings_are_set_off_and_site_chrome_is_dimmed() -> None:
    shown = opened(plan())

    assert '<span class="heading" id="s2">一、总体要求' in shown
    assert '<span class="chrome">扫一扫' in shown
    assert "<mark" not in shown


def test_the_outline_names_the_headings_and_leads_to_each() -> None:
    lit = PLAN.index("（一）完成清淤")
    shown = opened(plan(), lit, lit + 5)

    assert re.findall(r'data-to="(\w+)"', shown) == ["s2", "s3"]
    assert 'data-to="s3" aria-current="true"' in shown


def test_a_heading_that_is_lit_is_reached_by_the_mark() -> None:
    start = PLAN.index("二、重点任务")

    assert 'data-to="mark"' in opened(plan(), start, start + 30)


def test_the_particulars_of_the_document_stand_above_its_text() -> None:
    above = Shown(opened(plan()).split('<div class="text"')[0]).text

    assert "青溪市2025年河道治理工作方案" in above
    assert "青政办〔2025〕18号" in above


def test_marks_of_markdown_stay_in_the_text_and_are_not_seen() -> None:
    words = "# 方案\n\n**1. 清淤。**由市水务局牵头。\n"
    heading = Section(0, "heading", 1, "", "方案", 0, 4, len(words))
    root = Section(None, "root", 0, "", "", 0, 0, len(words))
    document = replace(plan(), text=words, sections=(root, heading), chunks=())

    shown = body(opened(document, words.index("1."), words.index("由")))

    assert Shown(shown).text == words
    assert re.findall(r'<span class="markup">(.*?)</span>', shown) == ["# ", "**", "**"]


@pytest.mark.parametrize(
    ("matter", "shown"),
    [
        ("滨岸缓冲带修复由谁牵头，什么时候完成？", "滨岸缓冲带修复"),
        ("滨岸缓冲带修复由谁牵头？ 那配合单位是谁？", "滨岸缓冲带修复"),
        ("哪些事项已经逾期？", "哪些事项已经逾期"),
        ("專班多久召開一次會議", "專班"),
    ],
)
def test_the_chip_of_a_matter_says_what_it_is_about(matter: str, shown: str) -> None:
    chips = rail.chips(T, {"matter": matter, "fields": ["contact"]}, {}, {})

    assert f'<span class="value">{shown}</span>' in chips
    assert attribute(matter) in chips
    assert chips.count("data-drop") == 1


def test_what_the_table_of_an_answer_lists_is_not_said_twice() -> None:
    task = {"duties": [], "deadlines": [{"text": "6月底前"}], "status": {"kind": "closed"}}
    rows = [{**task, "label": "3", "title": "配齐留样柜"}, {**task, "label": "（四）", "title": "清淤（一期）"}]
    words = "共2项：[1]\n3. 配齐留样柜[1]\n（四）清淤（一期）（6月底前）\n另有1项在下一步。"

    shown = Shown(chat.said(T, 0, Turn("哪些？", answer(answer=words, tasks=rows)))).text

    assert shown.count("配齐留样柜") == shown.count("清淤（一期）") == 1
    assert "3. 配齐留样柜" in shown
    assert "共2项" in shown and "另有1项在下一步" in shown


def test_many_sources_begin_folded_and_each_says_what_it_holds() -> None:
    cited = [{**answer()["citations"][0], "n": n, "quote": f"第{n}项"} for n in range(1, 8)]

    shown = chat.said(T, 0, Turn("哪些？", answer(citations=cited)))
    first, rest = shown.split('<div class="rest" hidden>')

    assert (first.count('class="passage"'), rest.count('class="passage"')) == (4, 3)
    assert "data-more" in rest
    assert all(f"第{n}项" in shown for n in range(1, 8))


def test_the_page_of_a_citation_is_shown_where_it_has_one() -> None:
    turn = Turn("谁？", {**answer(), "citations": [{**answer()["citations"][0], "page": 7}]})

    assert "第 7 页" in Shown(chat.said(T, 0, turn)).text


def test_a_citation_opens_with_the_way_to_its_neighbours(desk: Desk) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id
    cited = turns(desk, talk)[0].answer["citations"]

    first, second = desk.source(ME, T, talk, "c-0-1"), desk.source(ME, T, talk, "c-0-2")

    assert Shown(first).marks == [cited[0]["quote"]]
    assert "引用 1 / 3" in first
    assert 'data-source="c-0-2">下一条' in first
    assert "disabled>上一条" in first
    assert 'data-source="c-0-1">上一条' in second


def test_the_same_source_opened_twice_is_another_value(desk: Desk) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id

    assert desk.source(ME, T, talk, "c-0-1") != desk.source(ME, T, talk, "c-0-1")


def test_nearest_passages_open_marked_as_such(desk: Desk) -> None:
    talk = desk.ask(ME, T, "", "最接近清淤").id

    shown = desk.source(ME, T, talk, "n-0-1")

    assert Shown(shown).marks == [turns(desk, talk)[0].answer["nearest"][0]["quote"]]
    assert 'class="src near"' in shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.integers() | st.none() | st.lists(st.text()) | st.from_regex(r"[cndrp]-\w{1,30}(-\d{1,12}){0,3}"))
def test_a_key_of_the_browser_that_leads_nowhere_opens_nothing(desk: Desk, key: object) -> None:
    shown = desk.source(ME, T, "", key)

    assert T("source_gone") in shown
    assert "<mark" not in shown


def test_a_span_behind_the_end_of_a_document_opens_nothing(desk: Desk) -> None:
    assert T("source_gone") in desk.source(ME, T, "", f"p-{plan().id}-{len(PLAN)}-{len(PLAN) + 3}")


def test_a_source_that_may_no_longer_be_read_is_not_shown_again(desk: Desk, library: FakeRetriever) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id

    library.held.clear()

    assert T("document_gone") in desk.source(ME, T, talk, "c-0-1")
    assert T("document_gone") in desk.source(ME, T, talk, f"d-{plan().id}")


def test_a_follow_up_goes_on_from_the_state_of_the_last_answer(desk: Desk, library: FakeRetriever) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id
    desk.ask(ME, T, talk, "出错")

    desk.drop(ME, T, talk, {"kind": "state", "name": "bodies", "value": "市水务局"}, {})
    desk.ask(ME, T, talk, "什么时候完成？")

    state = library.states[-1]
    assert (state.doc, state.matter, state.bodies) == (plan().id, "河道清淤", ())


def test_a_follow_up_to_what_left_no_state_is_given_the_earlier_questions(desk: Desk, library: FakeRetriever) -> None:
    talk = desk.ask(ME, T, "", "无人知晓").id

    desk.ask(ME, T, talk, "什么时候完成？")

    assert library.asked[-1] == ("什么时候完成？", ("无人知晓",))


def test_a_conversation_is_asked_only_of_its_scope(desk: Desk, library: FakeRetriever) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？", {"doc": plan().id, "issuer": "", "odd": "x"}).id
    first = library.scopes[-1]
    desk.drop(ME, T, talk, {"kind": "scope", "name": "doc", "value": plan().id}, {})
    desk.ask(ME, T, talk, "什么时候完成？")

    assert first == {"doc": plan().id}
    assert library.scopes[-1] is None


def test_what_a_follow_up_refers_to_is_shown_and_can_be_dropped(desk: Desk) -> None:
    said = desk.ask(ME, T, "", "河道清淤由谁牵头？")

    dropped = desk.drop(ME, T, said.id, {"kind": "state", "name": "bodies", "value": "市水务局"}, {})

    assert 'data-value="市水务局"' in (said.chips or "")
    assert 'data-name="document"' in (said.chips or "")
    assert 'data-value="市水务局"' not in (dropped.chips or "")
    assert 'data-name="document"' in (dropped.chips or "")


def test_an_expected_error_is_shown_plainly(desk: Desk) -> None:
    assert "库文件损坏：运行 duban doctor" in Shown(desk.ask(ME, T, "", "出错").turn or "").text


def test_an_unexpected_error_is_logged_and_said_without_a_traceback(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    said = desk.ask(ME, T, "", "崩溃")

    assert T("failed_inside") in Shown(said.turn or "").text
    assert "RuntimeError: unexpected" in caplog.text


def test_an_answer_brings_only_what_is_new(desk: Desk) -> None:
    began = desk.ask(ME, T, "", "河道清淤由谁牵头？").message()

    said = desk.ask(ME, T, str(began["id"]), "什么时候完成？").message()

    assert set(began) == {"id", "turn", "follow", "first", "chips", "ends", "scope"}
    assert set(said) == set(began) - {"ends"}
    assert 'id="turn-1"' in said["turn"]
    assert "清淤由谁牵头" not in said["turn"]


def test_the_server_keeps_nothing_between_two_questions(desk: Desk, file: DeskFile, library: FakeRetriever) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id

    Desk(lambda user: library, Conversations(file)).ask(ME, T, talk, "什么时候完成？")

    assert [turn.question for turn in turns(desk, talk)] == ["河道清淤由谁牵头？", "什么时候完成？"]
    assert library.states[-1].matter == "河道清淤"


def test_a_question_in_a_conversation_that_was_deleted_begins_another(desk: Desk) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id
    desk.forget(ME, T, "", {"id": talk})

    said = desk.ask(ME, T, talk, "什么时候完成？")

    assert said.id not in ("", talk)
    assert (said.chat or "").count("<article") == 1


def test_another_user_finds_nothing_of_a_conversation(desk: Desk) -> None:
    said = desk.ask(ME, T, "", "河道清淤由谁牵头？")
    other = User("other")

    opened = desk.open(other, T, said.id)

    assert opened.id == ""
    assert "清淤由谁牵头" not in f"{opened.chat}{opened.rail}"
    assert T("source_gone") in desk.source(other, T, said.id, "c-0-1")


def test_a_verdict_is_kept_and_can_be_taken_back(desk: Desk) -> None:
    talk = desk.ask(ME, T, "", "河道清淤由谁牵头？").id

    desk.judge(ME, T, talk, {"turn": "0", "liked": False, "reason": "引文不对"})
    judged = turns(desk, talk)[0].liked
    desk.judge(ME, T, talk, {"turn": "0", "liked": None})

    assert judged is False
    assert turns(desk, talk)[0].liked is None


def test_examples_are_shown_only_where_the_store_answers_them_from_their_document() -> None:
    tried = (Example("无人知晓？", "河道"), Example("由谁清淤？", "另一文件"), *[Example("由谁清淤？", "河道治理")] * 9)

    found = answered(tried, lambda question: FakeRetriever(plan()).answer(question).to_json())

    assert found == ["由谁清淤？"] * SHOWN


def test_a_store_without_the_demo_shows_kinds_of_questions(desk: Desk) -> None:
    shown = desk.welcome(ME, T)

    assert len(EXAMPLES) >= SHOWN
    assert "data-ask" not in shown
    assert T("kind_1") in shown


def test_an_empty_store_says_what_to_do(desk: Desk, library: FakeRetriever) -> None:
    library.held.clear()

    assert 'data-room="shelf"' in desk.welcome(ME, T)
    assert T("empty") in desk.welcome(ME, T)
    assert T("ledger_empty") in desk.listed(ME, T, {})


def test_the_list_of_documents_says_what_is_known_of_each(desk: Desk) -> None:
    shown = desk.documents(ME, T)

    assert f'data-source="d-{plan().id}"' in shown
    assert "青政办〔2025〕18号" in Shown(shown).text
    assert T("undated") in Shown(shown).text
    assert Shown(shown).elements <= {"div", "p", "ul", "li", "button", "span", "bdi", "a", "svg", "use"}


def test_the_list_of_documents_is_filtered_by_all_words(desk: Desk) -> None:
    assert "找到 1 份，共 2 份" in desk.documents(ME, T, "河道 18号")
    assert T("documents_none") in desk.documents(ME, T, "河道 港口")


def test_a_long_list_of_documents_is_cut_and_says_so() -> None:
    rows = [DocumentRow(n, f"{n:024x}", "甲", None, None, None, "hans", f"{n}.txt", "default", 1) for n in range(500)]

    shown = shelf.documents(T, rows)

    assert shown.count("<li") == 200
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
        ("bad", ["bad-tint", "card"], 4.5),
        ("good", ["good-tint", "card"], 4.5),
        ("on-accent", ["accent"], 4.5),
        ("edge", ["page", "card"], 3.0),
    ],
)
def test_words_and_controls_stand_out_from_their_ground(
    theme: str, words: str, grounds: list[str], least: float
) -> None:
    style = (ROOT / "app" / "web" / "assets" / "page.css").read_text(encoding="utf-8")
    block = style[style.index(f"\n{theme} {{") :].partition("}")[0]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))

    for ground in grounds:
        low, high = sorted((luminance(colours[words]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= least, (words, ground)
