from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.error import ReadError
from ingest.read import parse
from ingest.read.html import read
from ingest.read.reading import Limits
from tests.office import page
from tests.test_xlsx import rows

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"
NAV = "<div class='nav'><ul>" + "".join(f"<li><a href='#'>{name}</a></li>" for name in ("首页", "要闻动态", "政务公开", "政务服务")) + "</ul></div>"  # fmt: skip
FOOT = "<div class='footer'><a href='#'>网站地图</a> 版权所有：汀澜市人民政府办公室 备案号：汀ICP备00000000号</div>"


def lines(body: str) -> list[str]:
    return read(f"<html><body>{body}</body></html>".encode(), Limits()).text.splitlines()


@pytest.mark.parametrize("name", ["tinglan-plan.txt", "lanpu-notice.txt", "tanxi-ledger.md"])
def test_a_page_gives_the_same_tasks_and_quotes_as_the_text(name):
    text = (DEMO / name).read_text(encoding="utf-8")

    document = parse(page(text, before=NAV, after=FOOT).encode(), ".html")

    assert rows(document) == rows(parse(text.encode(), Path(name).suffix))
    assert "要闻动态" not in document.text
    assert "备案号" not in document.text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5", "iso-8859-1", "nonsense"])
def test_a_wrong_charset_does_not_matter(encoding, declared):
    text = (DEMO / "tinglan-plan.txt").read_text(encoding="utf-8")
    markup = page(text, head=f'<meta charset="{declared}"><script>var a = "aaaaaaaaaaaaaaaaaaaaaa";</script>')

    assert parse(markup.encode(encoding), ".html").text == parse(page(text).encode(), ".html").text


def test_traditional_pages_in_big5():
    text = (DEMO / "lanpu-notice.txt").read_text(encoding="utf-8").replace("‰", "%")  # which Big5 has not

    assert parse(page(text, head='<meta charset="utf-8">').encode("big5hkscs"), ".html").text == parse(page(text).encode(), ".html").text  # fmt: skip


def test_what_the_page_says_of_the_document_is_a_hint_and_its_title_stands_above_it():
    text = "\n".join(f"第{at}段的内容是抓好落实，按时完成各项任务，不得拖延。" for at in range(8))
    head = '<title>关于抓好落实的通知_汀澜市人民政府</title><meta name="PubDate" content="2024-03-18 09:00"><meta name="ContentSource" content="市政府办公室">'
    above = f"{NAV}<h1>关于抓好落实的通知</h1><table><tr><td>发文字号：</td><td>汀政办发〔2024〕22号</td></tr></table>"

    reading = read(page(text, head=head, before=above, after=FOOT).encode(), Limits())

    assert reading.text.splitlines()[0] == "关于抓好落实的通知"
    assert (reading.hints.date, reading.hints.issuer, reading.hints.number) == (
        "2024-03-18",
        "市政府办公室",
        "汀政办发〔2024〕22号",
    )
    assert parse(page(text, head=head, before=above, after=FOOT).encode(), ".html").date.value == "2024-03-18"


def test_blocks_breaks_lists_and_words_that_a_browser_does_not_show():
    body = (
        "<div>第一行<br>第二\n  行<span>接着</span></div><p>a\n b</p><ol start='3'><li>甲<li value='7'>乙</ol>"
        "<ol style='list-style-type: cjk-ideographic'><li>丙</li></ol><ul><li>丁</li></ul><script>x()</script>"
        "<p style='display:none'>藏</p><p hidden>藏</p><!-- 注 --><pre>一\n二</pre>"
    )

    assert lines(body) == ["第一行", "第二行接着", "a b", "3. 甲", "7. 乙", "一、丙", "丁", "一", "二"]


def test_tables_with_spans_and_tables_that_only_place_things():
    table = (
        "<table><tr><th>任务</th><th colspan=2>单位</th></tr><tr><td rowspan=2>甲</td><td>市水务局</td><td>市教育局</td></tr>"
        "<tr><td>市商务局</td></tr></table>"
    )

    assert lines(table)[2:] == ["| 甲 | 市水务局 | 市教育局 |", "| 甲 | 市商务局 |  |"]
    assert lines(f"<table><tr><td>左边</td><td>{table}</td></tr></table>")[:2] == ["左边", "| 任务 | 单位 | 单位 |"]


def test_a_web_archive():
    words = "各单位要抓好落实，按时完成任务。"
    data = (
        "From: <Saved>\r\nSubject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n boundary=\"B\"\r\n\r\n--B\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"<html><body><p>{words}</p></body></html>\r\n--B--\r\n"
    )  # fmt: skip

    assert parse(data.encode(), ".mht").text == f"{words}\n"


@pytest.mark.parametrize(
    "data",
    [b"<html></html>", b"<html><body><script>a</script></body></html>", b"\x00" * 50],
    ids=["bare", "script", "NUL"],
)
def test_a_page_without_words_is_refused(data):
    with pytest.raises(ReadError):
        parse(data, ".html")


def test_elements_that_were_never_closed_hide_nothing_behind_them():
    assert lines("<font>" * 1500 + "<p>甲乙</p>" + "<p>丙丁</p>") == ["甲乙", "丙丁"]


def test_a_page_nested_without_end_is_read_or_refused():
    for tag in ("div", "span", "table><tr><td", "ul><li"):
        try:
            document = parse(f"<html><body>{f'<{tag}>' * 20_000}甲乙丙</body></html>".encode(), ".html")
        except ReadError:
            continue
        assert "甲乙丙" in document.text


@given(st.text(max_size=200))
def test_any_markup_is_read_or_refused(words):
    try:
        document = parse(f"<html><body>{words}<p>甲".encode("utf-8", "replace"), ".html")
    except ReadError:
        return
    assert document.text.strip()
