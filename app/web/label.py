"""What the page says, in the language of its reader: `labels/` holds one file a language, all with the same keys."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

# By the code of the page's `lang` (BCP 47); the first is the one that others fall back to.
LANGUAGES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
_TRADITIONAL = ("hant", "tw", "hk", "mo")


class Words:
    """The labels of one language: `words("held", count=3)`."""

    def __init__(self, language: str) -> None:
        """Read them. Raises KeyError where there is no such language."""
        self.language = language
        if language not in LANGUAGES:
            raise KeyError(language)
        file = files("app.web") / "labels" / f"{language}.json"
        self._labels: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))

    def __call__(self, key: str, **fields: object) -> str:
        """Return the label `key` with its `{fields}` filled in. Raises KeyError where there is none."""
        return self._labels[key].format(**fields) if fields else self._labels[key]

    def __contains__(self, key: str) -> bool:
        """Return whether there is a label `key`."""
        return key in self._labels


@cache
def words(language: str) -> Words:
    """Return the labels of a language of `LANGUAGES`."""
    return Words(language)


def chosen(cookie: str, accepted: str) -> str:
    """Return the language for a reader.

    Args:
        cookie: what the reader chose on the page, "" where nothing.
        accepted: the browser's Accept-Language; the first that we have decides.
    """
    if cookie in LANGUAGES:
        return cookie
    for part in accepted.lower().split(","):
        tag = part.partition(";")[0].strip()
        if tag.startswith("en"):
            return "en"
        if tag.startswith("zh"):
            return "zh-Hant" if any(word in _TRADITIONAL for word in tag.split("-")[1:]) else "zh-Hans"
    return next(iter(LANGUAGES))
