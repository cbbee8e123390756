"""Who is at the page, and in which language: read from each request anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.web.label import Words, chosen, words
from ingest.corpus import LOCAL, User


def who(request: Any) -> User:
    """Return the user of a request: until there are accounts, the one person at this machine."""
    del request
    return LOCAL


def language(request: Any) -> Words:
    """Return the labels for a request: the language that was chosen on the page, else the browser's."""
    cookies: Mapping[str, str] = request.cookies
    return words(chosen(cookies.get("lang", ""), request.headers.get("accept-language", "")))
