"""F16: what tries to become more than words, in texts, titles, tables, file names and questions, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake
from tests.test_page import ask, lit, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.slow,
    # Gradio's queue sets an option of pandas that pandas has since given up (gradio.queueing.Queue._get_df).
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
]

RUN = "window.ran=1"
OUT = "https://example.invalid"
_ELEMENTS = ("img", "svg", "video", "audio", "body", "iframe", "input", "details", "object", "embed")
_EVENTS = ("onerror", "onload", "onfocus", "ontoggle", "onmouseover")
PAYLOADS = (
    *(f'<{name} src=x {event}="{RUN}" autofocus open>' for name in _ELEMENTS[:6] for event in _EVENTS[:4]),
    f"<script>{RUN}</script>", f"<SCRIPT SRC={OUT}/a.js></SCRIPT>", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<svg><script>{RUN}</script></svg>", f"<svg/onload={RUN}>", f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<style>@import '{OUT}/a.css'</style>", f'<link rel="stylesheet" href="{OUT}/a.css">', f'<base href="{OUT}/">',
    f'<meta http-equiv="refresh" content="0;url={OUT}">', f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<a href="javascript:{RUN}">点</a>', f'<a href="data:text/html,<script>{RUN}</script>">点</a>',
    f'<form action="{OUT}"><button autofocus>x</button></form>', f"[点](javascript:{RUN})", f"![图]({OUT}/q.png)",
    f"![图](x \"onerror={RUN}\")", f"[x]: {OUT} 'a'", f"<{OUT}/auto>", f"${{{RUN}}}", f"{{{{{RUN}}}}}", f"`${{{RUN}}}`",
    f"{{{{#each this}}}}{RUN}{{{{/each}}}}", f"<%= {RUN} %>", f"</div></section><img src=x onerror={RUN}>",
    f"<!--><img src=x onerror={RUN}>-->", f"</textarea><script>{RUN}</script>", f"\"><img src=x onerror={RUN}>",
    f"'><img src=x onerror={RUN}>", f"' onmouseover='{RUN}", f"<img src='{OUT}/p.png'>", f"<bdo dir=rtl>{RUN}</bdo>",
    f"$$\\href{{javascript:{RUN}}}{{x}}$$", f"&lt;img src=x onerror={RUN}&gt;", f"\u202e<img src=x onerror={RUN}>\u202c",
    f"<img src=x:x onerror=\\u0061lert;{RUN}>", f"<button popovertarget=p onclick={RUN}>x</button>",
)  # fmt: skip


def written(folder: Path) -> dict[str, str]:
    """Write documents that hold the payloads as titles, items, table rows and file names; return text by file name."""
    folder.mkdir()
    found = {}
    for at in range(0, len(PAYLOADS), 10):
        part = PAYLOADS[at : at + 10]
        items = "\n".join(
            f"（{n}）整治任务{at + n}{p}。由市水务局{p}牵头，2026年{n}月底前完成。" for n, p in enumerate(part, 1)
        )
        cells = "\n".join(f"| {n} | 登记事项{p} | 市{p}局 | 2026年5月 |" for n, p in enumerate(part, 1))
        table = f"| 序号 | 任务 | 责任单位 | 完成时限 |\n|---|---|---|---|\n{cells}\n"
        text = f"青溪市{part[0]}整治方案\n\n一、重点任务{part[1 % len(part)]}\n{items}\n\n二、任务分工\n{table}"
        name = f"{at}{part[-1].replace('/', '_')}.md"[:80].removesuffix(".md") + ".md"
        (folder / name).write_text(text, encoding="utf-8")
        found[name] = text
    return found


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dict[str, str], list[str]]]:
    folder = tmp_path_factory.mktemp("payloads")
    texts = written(folder / "files")
    report = intake(folder / "store", [folder / "files"], embedder())
    assert not report.failed
    with Retriever.open(folder / "store") as retriever, served(retriever, folder / "store") as address:
        page = browser.new_page()
        page.set_default_timeout(60_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else wrong.append(r.url))
        page.goto(address)
        page.wait_for_selector("#chat .welcome")
        yield page, texts, wrong
        page.close()


def harmless(page: Any, wrong: list[str]) -> None:
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert (
        page.evaluate(
            "document.querySelectorAll('#desk :is(img, script, iframe, form:not([data-scope], [data-filters]), object, base, math)').length"
        )
        == 0
    )
    assert page.url.startswith("http://127.0.0.1")
    assert wrong == []


def test_there_are_sixty_of_them() -> None:
    assert len(set(PAYLOADS)) >= 60


def test_documents_and_their_names_are_words(page: Any) -> None:
    page, texts, wrong = page
    page.click("[role=tab][data-room=shelf]")
    page.wait_for_selector(".docs li")

    listed = page.locator(".docs").inner_text()
    for name in texts:
        assert name in listed
    for at in range(len(texts)):
        page.click(f".docs .title >> nth={at}")
        page.wait_for_function(
            "key => document.querySelector('#panel .src')?.dataset.at === key",
            arg=page.get_attribute(f".docs .title >> nth={at}", "data-source"),
        )
        assert page.locator("#panel .text").text_content() in texts.values()
    harmless(page, wrong)


def test_the_ledger_of_them_is_words(page: Any) -> None:
    page, _, wrong = page
    page.click("[role=tab][data-room=ledger]")
    page.wait_for_selector(".tasks")

    shown = page.locator(".tasks").inner_text()
    page.fill("[name=text]", PAYLOADS[24])
    page.wait_for_timeout(1500)

    assert "整治任务" in shown
    assert "<script>" in page.locator("#ledger").inner_text()
    harmless(page, wrong)


def test_questions_answers_and_citations_of_them_are_words_and_exact(page: Any) -> None:
    page, texts, wrong = page
    page.click("[role=tab][data-room=ask]")

    for at in range(0, len(PAYLOADS), 9):
        ask(page, f"整治任务{at + 1}由谁牵头？{PAYLOADS[at]}")
        cite = page.locator(".turn >> nth=-1").locator(".cite, .passage").first
        cite.click()
        page.wait_for_selector(f"#panel .src[data-at='{cite.get_attribute('data-source')}']")
        quote = lit(page)
        assert any(quote in text for text in texts.values())
    asked = page.locator("#chat").inner_text()
    assert all(PAYLOADS[at] in asked for at in range(0, len(PAYLOADS), 9) if "\u202e" not in PAYLOADS[at])
    harmless(page, wrong)
