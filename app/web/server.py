"""The server: our own application with the page mounted in it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from app.web.desk import Desk, Library
from app.web.gate import Gate
from ingest.error import DubanError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from retriever.embedder import Embedder

PAGE = "/app"
_LEAVE = 2  # seconds; an open page holds a stream, for whose end the server would wait


def build(library: Library) -> FastAPI:
    """Return the application that answers from `library`; the page is at `PAGE`, and `/` leads there."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by Gradio when it is imported
    from fastapi import FastAPI
    from fastapi.responses import RedirectResponse, Response

    from app.web.page import mount

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Gate)

    @app.get("/", include_in_schema=False)
    def home() -> RedirectResponse:
        return RedirectResponse(f"{PAGE}/")

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response((files("app.web") / "assets" / "favicon.svg").read_bytes(), media_type="image/svg+xml")

    return mount(app, Desk(library), PAGE)


def serve(
    store: Path, host: str, port: int, embedder: str | Embedder = "", *, reranker: str = "", chroma: str = ""
) -> None:
    """Serve the page on the store until interrupted.

    Args:
        store: the folder of the store.
        host: an address of this machine; without accounts it must be a loopback address, which the command sees to.
        port: 0 takes any that is free.
        embedder: the one that made the store; the shipped one by default.
        reranker: the name or folder of a cross-encoder; none by default.
        chroma: the URL of the Chroma server that holds the vectors; "" where they lie in the store.

    Raises:
        DubanError: the store or the reranker cannot be opened, or another program listens at the port.
    """
    import uvicorn

    from retriever import Retriever

    with (
        Retriever.open(store, embedder, reranker=reranker, chroma=chroma) as retriever,
        listen(host, port) as listener,
    ):
        if retriever.notice:
            sys.stderr.write(f"duban: {retriever.notice}\n")
        retriever.index.warm()  # now, not when the first question comes
        config = uvicorn.Config(build(retriever), log_level="warning", timeout_graceful_shutdown=_LEAVE)
        server = uvicorn.Server(config)
        sys.stderr.write(f"督办已打开：http://{host}:{listener.getsockname()[1]}/ （按 Ctrl+C 停止）\n")
        # What is cut off because the reader wanted to stop is no error, and Ctrl+C is how to stop.
        logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at `host` and `port` (0: any that is free). Raises DubanError where it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        why = f"不能在 {host}:{port} 打开页面（{error.strerror}）"
        raise DubanError(f"{why}：换一个端口，例如 --port {port + 1}") from error
