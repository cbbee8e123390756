"""What is fetched and sent as files: style, originals, exports, uploads. Each asks who wants it, as the page does."""

# No `from __future__ import annotations` here: FastAPI is imported inside the function, and finds out by the
# annotation's value that a route wants the request.

import re
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from app.conversations import Conversations
from app.export import FORMATS, write
from app.export.conversation import write_conversation
from app.ledger import Listing
from app.uploads import Uploads, accepted, safe_name
from app.web.desk import Library
from app.web.head import ASSETS, asset
from app.web.printed import BusyError, Pages
from app.web.query import Query
from app.web.reader import language, who
from ingest.corpus import User
from ingest.error import DubanError
from ingest.read.picture import PICTURED

if TYPE_CHECKING:
    from fastapi import FastAPI

_FARTHEST = 10**9  # characters
_NUMBER = re.compile("[1-9][0-9]{0,5}", re.ASCII)
_FRESH = {"cache-control": "no-store"}  # a right that was taken away holds from the next request
_STILL = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"  # an SVG that is opened by itself
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
}


def add_frame(app: "FastAPI", page: str) -> None:
    """Add what the page at `page` is made of, and the way to it."""
    from fastapi import HTTPException
    from fastapi.responses import RedirectResponse, Response
    from starlette.requests import Request

    @app.get("/assets/{name}", include_in_schema=False)
    def style(name: str) -> Response:
        if name not in ASSETS:
            raise HTTPException(404)
        # its address changes with its content
        return Response(asset(name), media_type=ASSETS[name], headers={"cache-control": "max-age=31536000, immutable"})

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> Response:
        return Response(asset("favicon.svg"), media_type=ASSETS["favicon.svg"])

    @app.get("/", include_in_schema=False)
    def home(request: Request) -> Response:
        asked = request.url.query
        return RedirectResponse(f"{page}/" + (f"?{asked}" if asked else ""))


def add_files(app: "FastAPI", library: Callable[[User], Library], conversations: Conversations) -> None:
    """Add the routes by which originals and exports are fetched."""
    from fastapi import HTTPException
    from fastapi.responses import FileResponse, Response
    from starlette.background import BackgroundTask
    from starlette.requests import Request

    @app.get("/original/{doc}", include_in_schema=False)
    def original(doc: str, request: Request) -> Response:
        held = library(who(request))
        try:
            held.document(doc)
            path = held.original(doc)
        except DubanError as error:
            raise HTTPException(404) from error
        sources = [PurePath(row.source).name for row in held.documents() if row.doc == doc]
        return FileResponse(
            path, headers=_attached(sources[0] if sources else f"{doc}.txt", "application/octet-stream")
        )

    @app.get("/export/ledger{suffix}", include_in_schema=False)
    def ledger(suffix: str, request: Request) -> Response:
        if suffix not in FORMATS:
            raise HTTPException(404)
        query = Query.read(dict(request.query_params))
        folder = tempfile.TemporaryDirectory(prefix="duban-")
        path = Path(folder.name, f"ledger{suffix}")
        listing = Listing(library(who(request)).ledger(), query.where())
        try:
            write(path, listing.rows(), listing.totals()["docs"], query.as_of)
        except BaseException:
            folder.cleanup()
            raise
        name = f"{language(request)('room_ledger')}-{query.as_of}{suffix}"
        return FileResponse(path, headers=_attached(name, _TYPES[suffix]), background=BackgroundTask(folder.cleanup))

    @app.get("/export/conversation/{id_}.docx", include_in_schema=False)
    def conversation(id_: str, request: Request) -> Response:
        talk = conversations.get(who(request), id_)
        if not talk.id:
            raise HTTPException(404)
        data = write_conversation(talk)
        return Response(data, headers=_attached(f"{talk.title[:40]}.docx", _TYPES[".docx"]))


def add_pages(app: "FastAPI", library: Callable[[User], Library], pages: Pages) -> None:
    """Add the route by which pictures of printed pages are fetched, with the lines of a span lit."""
    from fastapi import HTTPException, Query
    from fastapi.responses import PlainTextResponse, Response
    from starlette.requests import Request

    start_, end_ = (Query(0, ge=0, le=_FARTHEST) for _ in range(2))  # FastAPI gives each its name

    @app.get("/page/{doc}/{number}", include_in_schema=False)
    def page(doc: str, number: str, request: Request, start: int = start_, end: int = end_) -> Response:
        held = library(who(request))
        at = int(number) if _NUMBER.fullmatch(number) else 0
        try:
            document = held.document(doc)
            if document.kind not in PICTURED or not any(page.number == at for page in document.pages):
                raise HTTPException(404)
            boxes = [line.box for line in held.lines(doc, start, end) if line.page == at] if start < end else []
            original = held.original(doc)
        except DubanError as error:
            raise HTTPException(404) from error
        try:
            drawn = pages.draw(document, original, at, boxes)
        except BusyError as error:
            return PlainTextResponse(str(error), 503, {**_FRESH, "retry-after": "2"})
        except DubanError as error:
            return PlainTextResponse(str(error), 422, _FRESH)
        kind = "image/svg+xml" if drawn.startswith(b"<svg") else "image/png"
        return Response(drawn, media_type=kind, headers={**_FRESH, "content-security-policy": _STILL})


def add_inbox(app: "FastAPI", uploads: Uploads) -> None:
    """Add the route by which files are brought in, one a request: its bytes, and its name in the address."""
    from fastapi.responses import JSONResponse, Response
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect, Request

    @app.post("/upload", include_in_schema=False)
    async def upload(request: Request) -> Response:
        t, user, name = language(request), who(request), safe_name(request.query_params.get("name", ""))

        def refused(why: str, size: int, status: int) -> Response:
            uploads.refuse(user, name or "?", size, why)
            return JSONResponse({"why": why}, status)

        suffix = PurePath(name).suffix.lower()
        size = _length(request)
        if suffix not in accepted():
            return await run_in_threadpool(refused, t("upload_kind", suffix=suffix or name), size or 0, 415)
        if size is None or size > uploads.largest:
            why = t("upload_large", size=(size or 0) // 1_000_000, limit=uploads.largest // 1_000_000)
            return await run_in_threadpool(refused, why, size or 0, 413)
        draft = uploads.draft()
        try:
            came = await _received(request.stream(), draft, size)
            if came != size:
                return await run_in_threadpool(refused, t("upload_cut"), came, 400)
            await run_in_threadpool(uploads.add, user, name, draft, size)
        except ClientDisconnect:
            return await run_in_threadpool(refused, t("upload_cut"), 0, 400)
        except OSError as error:
            return await run_in_threadpool(refused, t("upload_disk", why=error.strerror or str(error)), size, 507)
        finally:
            draft.unlink(missing_ok=True)
        return JSONResponse({"name": name})


async def _received(stream: AsyncIterator[bytes], draft: Path, limit: int) -> int:
    """Write what comes to `draft`, at most `limit` bytes and one piece more, and return how many came."""
    came = 0
    with draft.open("wb") as file:
        async for piece in stream:
            came += len(piece)
            if came > limit:
                break
            file.write(piece)
    return came


def _length(request: Any) -> int | None:
    words = request.headers.get("content-length", "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 16 else None


def _attached(name: str, kind: str) -> dict[str, str]:
    """Return the headers of a file to be kept, never shown: what a document holds must not run here (RFC 6266)."""
    plain: Any = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "content-type": kind,
        "cache-control": "no-store",
    }
