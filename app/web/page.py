"""The page itself: which parts stand where, and which handler each calls."""

# No `from __future__ import annotations` here: Gradio is imported inside the functions, and it finds out that a handler
# wants the event by the annotation's value.

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from app.web import label, view
from app.web.conversation import Turn
from app.web.desk import Desk

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks

_FONT = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
# Handlers are quick and share nothing, so none waits for another reader's (Gradio lets one run at a time otherwise).
_QUICK: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
_THREADS = 100  # for handlers at work at once; anyio gives 40


def mount(app: "FastAPI", desk: Desk, path: str) -> "FastAPI":
    """Return `app` with the page over `desk` at `path`."""
    import anyio
    import gradio as gr

    with gr.Blocks(title=label.NAME, analytics_enabled=False, fill_width=True) as blocks:
        _connect(_lay_out(), desk, blocks)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        blocks,
        path,
        run_history=False,
        footer_links=[],
        allowed_paths=[],
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=_FONT, font_mono=["ui-monospace", "monospace"]),
        css=_asset("page.css"),
        head=f"<script>{_asset('page.js')}</script>",
    )
    blocks.limiter = anyio.CapacityLimiter(_THREADS)
    return mounted


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the page that handlers read or change; Gradio gives them their events when it is imported."""

    turns: Any
    chat: Any
    box: Any
    new: Any
    shelf: Any
    words: Any
    documents: Any
    panel: Any


def _lay_out() -> _Parts:
    import gradio as gr

    turns = gr.State([])
    gr.HTML(view.header(), apply_default_css=False, elem_id="top")
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="main"), gr.Tabs():
            with gr.Tab(label.TAB_ASK, elem_id="ask"):
                chat = gr.Chatbot(
                    elem_id="chat",
                    elem_classes="chat",
                    label=label.CONVERSATION,
                    show_label=False,
                    container=False,
                    height="100%",
                    autoscroll=False,
                    buttons=[],
                    allow_tags=False,
                    latex_delimiters=[],
                    allow_file_downloads=False,
                )
                with gr.Row(elem_id="composer"):
                    new = gr.Button(label.NEW, elem_id="new", visible=False, scale=0, min_width=0)
                    box = gr.Textbox(
                        elem_id="box",
                        label=label.QUESTION,
                        show_label=False,
                        container=False,
                        placeholder=label.QUESTION_HINT,
                        max_lines=6,
                        autofocus=True,
                        submit_btn=label.SEND,
                    )
            with gr.Tab(label.TAB_DOCUMENTS, elem_id="shelf") as shelf:
                words = gr.Textbox(
                    "",
                    elem_id="words",
                    label=label.FILTER,
                    show_label=False,
                    container=False,
                    placeholder=label.FILTER_HINT,
                    max_lines=1,
                )
                documents = gr.HTML("", apply_default_css=False, elem_id="documents")
        with gr.Column(elem_id="side", min_width=0):
            panel = gr.HTML("", js_on_load=_asset("panel.js"), apply_default_css=False, elem_id="panel")
    return _Parts(turns, chat, box, new, shelf, words, documents, panel)


def _connect(parts: _Parts, desk: Desk, blocks: "Blocks") -> None:
    import gradio as gr

    def ask(question: str, known: list[Turn]) -> Iterator[tuple[Any, ...]]:
        if not question.strip():
            yield (gr.skip(),) * 4
            return
        yield view.messages([*known, Turn(question)]), gr.skip(), "", gr.skip()
        known = [*known, desk.ask(question, known)]
        yield view.messages(known), known, gr.skip(), gr.update(visible=True)

    def ask_example(known: list[Turn], event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from ask(desk.example(_sent(event, "number")), known)

    def open_source(known: list[Turn], event: gr.EventData) -> str:
        return desk.source(_sent(event, "key"), known)

    def begin() -> tuple[Any, ...]:
        return gr.update(value=[], placeholder=desk.welcome()), [], "", gr.update(visible=False), ""

    conversation = [parts.chat, parts.turns, parts.box, parts.new]
    asked = (
        parts.box.submit(ask, [parts.box, parts.turns], conversation, **_QUICK),
        parts.panel.example(ask_example, parts.turns, conversation, **_QUICK),
    )
    for answered in asked:
        answered.then(None, js=_asset("latest.js"))
    parts.panel.cite(open_source, parts.turns, parts.panel, trigger_mode="always_last", **_QUICK)
    parts.new.click(begin, None, [*conversation, parts.panel], **_QUICK)
    blocks.load(begin, None, [*conversation, parts.panel], **_QUICK)
    listed: list[Callable[..., Any]] = [parts.words.change, parts.shelf.select, blocks.load]
    for event in listed:
        event(desk.documents, parts.words, parts.documents, trigger_mode="always_last", **_QUICK)


def _sent(event: Any, name: str) -> object:
    """Return what the browser sent under `name`; it may be anything."""
    return event._data.get(name) if isinstance(event._data, dict) else None


def _asset(name: str) -> str:
    return (files("app.web") / "assets" / name).read_text(encoding="utf-8")
