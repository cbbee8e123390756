"""The server: our own application with the page mounted in it."""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from app.conversations import Conversations
from app.deskfile import DeskFile
from app.log import mask_log
from app.uploads import Uploads
from app.web.desk import Desk, Library
from app.web.gate import Gate
from app.web.head import Head
from app.web.printed import Pages
from app.web.routes import add_files, add_frame, add_inbox, add_pages
from ingest.corpus import User
from ingest.corpus.lock import serving
from ingest.error import DubanError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.settings import Settings
    from retriever.embedder import Embedder

PAGE = "/app"
# Read by Gradio when it begins. After each event it would sum up the last 10,000 with pandas, for a report that nobody
# reads; that was most of the processor time of a page with many users.
_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**12),
    "GRADIO_ANALYTICS_MAX_EVENTS": "100",
}
# Seconds that a connection may rest. Where a reader's program keeps it as long as the server does, a question meets it
# just as it is closed, and is lost.
_REST = 75
_LEAVE = 2  # seconds; an open page holds a stream, for whose end the server would wait


def build(
    library: Callable[[User], Library],
    file: DeskFile,
    uploads: Uploads | None = None,
    remove: Callable[[User, str], None] | None = None,
    pages: Pages | None = None,
    writes: bool = False,
) -> FastAPI:
    """Return the application; the page is at `PAGE`, and `/` leads there.

    Args:
        library: gives what a user may read.
        file: where conversations are kept.
        uploads: where files go; None where nothing can be brought in.
        remove: takes a document away; None where nothing can be.
        pages: draws pages as they are printed; None where they are not shown.
        writes: whether a language model words answers.
    """
    for name, value in _GRADIO.items():
        os.environ.setdefault(name, value)
    from fastapi import FastAPI

    from app.web.page import mount

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Head)
    app.add_middleware(Gate)
    conversations = Conversations(file)
    add_frame(app, PAGE)
    add_files(app, library, conversations)
    if uploads:
        add_inbox(app, uploads)
    if pages:
        add_pages(app, library, pages)
    desk = Desk(library, conversations, uploads, remove, pictured=pages is not None, writes=writes)
    return mount(app, desk, PAGE)


def serve(settings: Settings, embedder: Embedder, host: str, port: int) -> None:
    """Serve the page on the store until interrupted; where there is no store yet, on a new one.

    Args:
        settings: the store, what a file may take, where the vectors lie, and what reranks.
        embedder: the one that made the store.
        host: an address of this machine; without accounts it must be a loopback address, which the command sees to.
        port: 0 takes any that is free.

    Raises:
        DubanError: the store or the reranker cannot be opened, the store cannot be made, or another program listens at
            the port.
    """
    import uvicorn

    from retriever import Retriever
    from retriever.intake import establish, withdraw

    store, chroma, model = settings.store, settings.chroma, settings.language_model()
    mask_log()
    if establish(store, embedder, chroma=chroma):
        sys.stderr.write(f"新建了空的文档库 {store}，可在网页的“文档”里上传文件\n")
    with (
        Retriever.open(store, embedder, reranker=settings.reranker, chroma=chroma, model=model) as retriever,
        closing(DeskFile(store)) as file,
        closing(Uploads(file, settings, embedder, retriever)) as uploads,
        closing(Pages(settings)) as pages,
        listen(host, port) as listener,
        serving(store),
    ):
        if retriever.notice:
            sys.stderr.write(f"duban: {retriever.notice}\n")
        retriever.index.warm()  # now, not when the first question comes
        uploads.start()
        if model:  # its packages take seconds to import: meanwhile the page opens
            threading.Thread(target=model.load, name="duban-model", daemon=True).start()

        def remove(user: User, doc: str) -> None:
            del user  # the handler has asked whether they may read it
            withdraw(store, doc, embedder, chroma=chroma)

        app = build(lambda user: retriever, file, uploads, remove, pages, writes=model is not None)
        config = uvicorn.Config(app, log_level="warning", timeout_keep_alive=_REST, timeout_graceful_shutdown=_LEAVE)
        server = uvicorn.Server(config)
        sys.stderr.write(f"督办已打开：http://{host}:{listener.getsockname()[1]}/ （按 Ctrl+C 停止）\n")
        # What is cut off because the reader wanted to stop is no error, and Ctrl+C is how to stop.
        logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
        # What stands now stays. Counted as garbage to be, it would let that of each request, whose parts refer to each
        # other, grow to a quarter of it before it is looked for; and looking through it stops everything for a while.
        gc.collect()
        gc.freeze()
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
