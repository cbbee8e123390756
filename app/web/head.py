"""What has to stand in the head of the page before Gradio begins: its language, style and script."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from app.web.reader import language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LANGUAGE = re.compile(rb'(<html[^>]*?\blang=)"[^"]*"')
_BODY = re.compile(rb"<body[^>]*>")
ASSETS = {"page.css": "text/css", "page.js": "text/javascript", "favicon.svg": "image/svg+xml"}


@cache
def asset(name: str) -> bytes:
    """Return a file of `assets/` that browsers load by its name; one of `ASSETS`."""
    return (files("app.web") / "assets" / name).read_bytes()


@cache
def _stamp(name: str) -> str:
    return hashlib.sha256(asset(name)).hexdigest()[:12]


class Head:
    """ASGI middleware that puts our style, script and first words into each HTML page; Gradio's come too late.

    A page is small and comes in one piece; nothing else is held back.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; into a page that comes back, put the head."""
        accepted = dict(scope.get("headers") or ()).get(b"accept", b"")
        if scope["type"] != "http" or scope["method"] != "GET" or b"text/html" not in accepted:
            await self._app(scope, receive, send)
            return
        from starlette.requests import Request

        t = language(Request(scope))
        links = (
            f'<link rel="stylesheet" href="/assets/page.css?{_stamp("page.css")}">'
            f'<script src="/assets/page.js?{_stamp("page.js")}"></script>'
        )
        # as it is: compressed, nothing can be put in
        plain = dict(scope, headers=[pair for pair in scope["headers"] if pair[0] != b"accept-encoding"])
        start: Message = {}
        body = b""

        async def held(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                kind = dict(message.get("headers") or ()).get(b"content-type", b"")
                if kind.startswith(b"text/html"):
                    return
                start = {}
            if not start:
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = body.replace(b"<head>", b"<head>" + links.encode(), 1)
            # Gradio shows nothing until all of it has come and the server has answered; the style takes this away then
            opening = f'<div id="opening" role="status"><span class="seal">督</span><p>{t("opening")}</p></div>'
            page = _BODY.sub(lambda match: match[0] + opening.encode(), page, count=1)
            page = _LANGUAGE.sub(rf'\1"{t.language}"'.encode(), page, count=1)
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            await send({**start, "headers": [*headers, (b"content-length", str(len(page)).encode())]})
            await send({"type": "http.response.body", "body": page})

        await self._app(plain, receive, held)
