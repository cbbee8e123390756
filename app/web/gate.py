"""The gate before every request: who may call this server, and what a page of it may load."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:@/\s]+)(:[0-9]+)?")  # name or bracketed address, and port (RFC 9110, 7.2)
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

# Gradio needs 'unsafe-inline' and its HTML component 'unsafe-eval'; nothing may come from another host.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; form-action 'self'; object-src 'none'; base-uri 'self'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Gate:
    """ASGI middleware; it does not buffer, so that events stream.

    A request must name one of `hosts`: a foreign name that was made to point here (DNS rebinding) is refused. What
    changes something must come from a page of this server. An address with a NUL in it leads nowhere.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = LOOPBACK) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the headers of the policy on its response, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
            await send(message)

        refusal = self._refusal(scope)
        if not refusal:
            await self._app(scope, receive, guarded)
            return
        from starlette.responses import PlainTextResponse

        await PlainTextResponse(refusal, 403)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> str:
        if "\x00" in scope.get("path", ""):
            return "不接受这个地址"
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        named = _HOST.fullmatch(host)
        if named is None or named[1] not in self._hosts:
            return f"不接受这个主机名：{host}"
        origin = headers.get(b"origin", b"").decode("latin-1")
        if scope.get("method") not in ("GET", "HEAD") and origin and origin != f"{scope['scheme']}://{host}":
            return f"不接受来自其他网站的请求：{origin}"
        return ""
