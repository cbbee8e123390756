"""The page: ask in the browser, read the answer, open its source."""

from app.web.server import build, serve

__all__ = ["build", "serve"]
