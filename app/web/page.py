"""The page itself: which parts stand where, and which handler each calls."""

# No `from __future__ import annotations` here: Gradio is imported inside the functions, and it finds out that a handler
# wants the event or the request by the annotation's value.

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import wraps
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from app.web.desk import Desk, Said
from app.web.label import Words
from app.web.reader import language, who
from app.web.sessions import lighten
from app.web.view import frame, rail, shelf
from ingest.corpus import User

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks

NAME = "督办"
_FONT = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
# Handlers are quick and share nothing, so none waits for another reader's (Gradio lets one run at a time otherwise).
_QUICK: dict[str, Any] = {
    "show_progress": "hidden",
    "concurrency_limit": None,
    "api_visibility": "private",
    "trigger_mode": "multiple",  # by default a second press is lost while the end of the first is still on its way
}
# The latest that was asked decides; one that is no longer wanted is not waited for.
_LATEST: dict[str, Any] = {**_QUICK, "trigger_mode": "always_last"}
# What was asked is shown at once, by the browser itself, which also says where.
_PENDING = "question => [question, duban.pending(question)]"
# Threads that answer. They stay, with their connections to the store and what those keep in memory; those that Gradio
# and FastAPI lend come and go. Answers are work for the processor, at which one thread of Python has its turn.
_ANSWERING = 4
_LENT = 8  # threads for everything else
# Gradio keeps, of each tab that was ever open, a copy of its parts with the last value of each (43 KB, and a whole
# document where one was opened). Nothing of ours is in it: what falls out is made anew when the tab asks again.
_SESSIONS = 64


def mount(app: "FastAPI", desk: Desk, path: str) -> "FastAPI":
    """Return `app` with the page over `desk` at `path`."""
    import anyio
    import gradio as gr

    with gr.Blocks(title=NAME, analytics_enabled=False, fill_width=True) as blocks:
        parts = _lay_out()
        _ask(parts, desk)
        _talk(parts, desk, blocks)
        _keep(parts, desk)
        _look_up(parts, desk)
    blocks.state_session_capacity = _SESSIONS
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
    )
    blocks.limiter = anyio.CapacityLimiter(_LENT)
    lighten(blocks)
    return mounted


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the page that handlers read or change; Gradio gives them their events when it is imported.

    What is shown of a conversation goes to `talk` alone, as one message whose parts the browser puts where they stand.
    An output costs the server milliseconds and a copy for each reader, changed or not.
    """

    talk: Any
    top: Any
    rail_head: Any
    rail: Any
    chat: Any
    chips: Any
    box: Any
    filters: Any
    ledger: Any
    drop: Any
    jobs: Any
    find: Any
    documents: Any
    panel: Any


def _lay_out() -> _Parts:
    import gradio as gr

    def part(name: str, *, acts: bool = False, fed: bool = False, first: str = "") -> Any:
        """A part with a script of its own (`acts`), or that takes its words from the messages of `talk` (`fed`)."""
        script = (f"duban.feed('{name}', props);\n" if fed else "") + (_asset(f"{name}.js") if acts else "")
        return gr.HTML(first, elem_id=name, apply_default_css=False, padding=False, js_on_load=script or None)

    top = part("top", acts=True)
    talk = gr.HTML(None, elem_id="talk", html_template="", padding=False, js_on_load=_asset("talk.js"))
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="rail", min_width=0):
            rail_head = part("rail-head")
            listed = part("convs", acts=True, fed=True)
        with gr.Column(elem_id="rooms", min_width=0):
            with gr.Column(elem_id="ask", elem_classes="room"):
                chat = part("chat", acts=True, fed=True, first=frame.UNSAID)
                with gr.Column(elem_id="composer"):
                    with gr.Row(elem_id="above"):
                        chips = part("chips", acts=True, fed=True)
                        part("ends", fed=True)
                    box = gr.Textbox(
                        elem_id="box", show_label=False, container=False, max_lines=6, autofocus=True, submit_btn=True
                    )
            with gr.Column(elem_id="ledger", elem_classes="room"):
                filters = part("filters")
                results = part("results", acts=True)
            with gr.Column(elem_id="shelf", elem_classes="room"):
                drop, jobs, find = part("drop"), part("jobs"), part("find")
                documents = part("documents", acts=True)
        with gr.Column(elem_id="side", min_width=0):
            panel = part("panel", acts=True)
    return _Parts(
        talk,
        top,
        rail_head,
        listed,
        chat,
        chips,
        box,
        filters,
        results,
        drop,
        jobs,
        find,
        documents,
        panel,
    )


def _ask(parts: _Parts, desk: Desk) -> None:
    """Connect the asking."""
    import gradio as gr

    def ask(question: str, at: Any, request: gr.Request) -> Any:
        at = at if isinstance(at, dict) else {}
        if not question.strip():
            return gr.skip()
        return _said(desk.ask(*_reader(request), _id(at), question, _scope(at)), at.get("token"))

    def ask_this(event: gr.EventData, request: gr.Request) -> Any:
        return ask(str(_sent(event).get("question") or ""), _sent(event), request)

    def written(question: str, at: Any, request: gr.Request) -> Iterator[Any]:
        at = at if isinstance(at, dict) else {}
        if not question.strip():
            yield gr.skip()
            return
        with closing(desk.asked(*_reader(request), _id(at), question, _scope(at))) as came:
            for said in came:
                yield _said(said, at.get("token"))

    def written_this(event: gr.EventData, request: gr.Request) -> Iterator[Any]:
        yield from written(str(_sent(event).get("question") or ""), _sent(event), request)

    threads = ThreadPoolExecutor(_ANSWERING, "answer")

    def apart(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        async def run(*given: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(threads, handler, *given)

        return run

    # A generator costs the server three times what a call does: only where a model words answers step by step.
    submit, click = (written, written_this) if desk.writes else (apart(ask), apart(ask_this))
    parts.box.submit(submit, [parts.box, parts.talk], parts.talk, js=_PENDING, **_QUICK)
    parts.chat.ask_this(click, None, parts.talk, **_QUICK)


def _talk(parts: _Parts, desk: Desk, blocks: "Blocks") -> None:
    """Connect what else a reader does in conversations."""
    import gradio as gr

    def verdict(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.judge(*_reader(request), _id(_sent(event)), _sent(event)))

    def cite(event: gr.EventData, request: gr.Request) -> str:
        return desk.source(*_reader(request), _id(_sent(event)), _sent(event).get("key"))

    def begin(request: gr.Request) -> tuple[Any, ...]:
        user, t = _reader(request)
        room, id_ = request.query_params.get("room"), request.query_params.get("c")
        head = frame.header(t, room if room in frame.ROOMS else "ask")
        box = gr.update(placeholder=t("question_hint"), submit_btn=t("send"), label=t("question"))
        return _said(desk.open(user, t, id_), _welcome(id_)), head, rail.rail_head(t), box

    def greet(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.greet(*_reader(request), _scope(_sent(event))), frame.WELCOME)

    parts.chat.verdict(verdict, None, parts.talk, **_QUICK)
    parts.chat.greet(greet, None, parts.talk, **_LATEST)
    parts.panel.cite(cite, None, parts.panel, **_LATEST)
    blocks.load(begin, None, [parts.talk, parts.top, parts.rail_head, parts.box], **_QUICK)


def _keep(parts: _Parts, desk: Desk) -> None:
    """Connect what a reader does with the conversations that are kept, and with what each refers to."""
    import gradio as gr

    def pick(event: gr.EventData, request: gr.Request) -> tuple[Any, str]:
        id_ = _sent(event).get("id")
        return _said(desk.open(*_reader(request), id_), _welcome(id_)), ""

    def rename(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.rename(*_reader(request), _open(event), _sent(event)), _welcome(_open(event)))

    def erase(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.forget(*_reader(request), _open(event), _sent(event)), _welcome(_open(event)))

    def seek(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.found(*_reader(request), _open(event), _sent(event).get("words")))

    def drop(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.drop(*_reader(request), _id(_sent(event)), _sent(event), _scope(_sent(event))))

    def narrow(event: gr.EventData, request: gr.Request) -> Any:
        return _said(desk.narrow(*_reader(request), _id(_sent(event)), _scope(_sent(event))))

    parts.rail.pick(pick, None, [parts.talk, parts.panel], **_LATEST)
    parts.rail.retitle(rename, None, parts.talk, **_QUICK)
    parts.rail.erase(erase, None, parts.talk, **_QUICK)
    parts.rail.seek(seek, None, parts.talk, **_LATEST)
    parts.chips.drop_chip(drop, None, parts.talk, **_QUICK)
    parts.chips.narrow(narrow, None, parts.talk, **_QUICK)


def _said(said: Said, token: object = None) -> dict[str, Any]:
    """Return a message for `talk`; no two are the same, as the browser takes in only what is new to it."""
    return {**said.message(), "token": token if isinstance(token, str) else None, "no": time.time_ns()}


def _welcome(id_: object) -> str | None:
    """Return the token of what stands where no conversation is open, None where `id_` is."""
    return None if id_ else frame.WELCOME


def _look_up(parts: _Parts, desk: Desk) -> None:
    """Connect what a reader does with the ledger and the documents."""
    import gradio as gr

    def survey(event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        user, t = _reader(request)
        return desk.filters(user, t, _sent(event)), desk.listed(user, t, _sent(event))

    def listed(event: gr.EventData, request: gr.Request) -> str:
        return desk.listed(*_reader(request), _sent(event))

    def shelve(request: gr.Request) -> tuple[str, ...]:
        user, t = _reader(request)
        return desk.shelf(t), desk.jobs(user, t), shelf.find(t), desk.documents(user, t)

    def tick(request: gr.Request) -> str:
        return desk.jobs(*_reader(request))

    def again(event: gr.EventData, request: gr.Request) -> str:
        return desk.again(*_reader(request), _sent(event).get("no"))

    def dismiss(event: gr.EventData, request: gr.Request) -> str:
        return desk.dismiss(*_reader(request), _sent(event).get("no"))

    def find(event: gr.EventData, request: gr.Request) -> str:
        return desk.documents(*_reader(request), _sent(event).get("words"))

    def withdraw(event: gr.EventData, request: gr.Request) -> str:
        return desk.remove(*_reader(request), _sent(event).get("doc"), _sent(event).get("words"))

    parts.ledger.survey(survey, None, [parts.filters, parts.ledger], **_LATEST)
    parts.ledger.listing(listed, None, parts.ledger, **_LATEST)
    parts.documents.shelve(shelve, None, [parts.drop, parts.jobs, parts.find, parts.documents], **_LATEST)
    parts.documents.tick(tick, None, parts.jobs, queue=False, **_LATEST)
    parts.documents.again(again, None, parts.jobs, **_QUICK)
    parts.documents.dismiss(dismiss, None, parts.jobs, **_QUICK)
    parts.documents.lookup(find, None, parts.documents, **_LATEST)
    parts.documents.withdraw(withdraw, None, parts.documents, **_QUICK)


def _reader(request: Any) -> tuple[User, Words]:
    """Return who asks, and the labels in their language."""
    return who(request), language(request)


def _sent(event: Any) -> Mapping[str, Any]:
    """Return what the browser sent with an event; its values may be anything."""
    return event._data if isinstance(event._data, dict) else {}


def _id(sent: Mapping[str, Any]) -> str:
    """Return the conversation that the browser has open, "" for none."""
    return str(sent.get("id") or "")


def _open(event: Any) -> str:
    """Return the same where `id` is another conversation, that of the list at which something is done."""
    return str(_sent(event).get("open") or "")


def _scope(sent: Mapping[str, Any]) -> dict[str, str]:
    """Return which documents the browser says are asked."""
    scope = sent.get("scope")
    return scope if isinstance(scope, dict) else {}


def _asset(name: str) -> str:
    return (files("app.web") / "assets" / name).read_text(encoding="utf-8")
