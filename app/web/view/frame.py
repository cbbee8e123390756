"""The frame of the page: its head with the three rooms, the menu of language and light, and what greets a reader."""

from __future__ import annotations

from collections.abc import Sequence

from app.web.label import LANGUAGES, Words
from app.web.markup import attribute, line, text

ROOMS = ("ask", "ledger", "shelf")
_THEMES = ("auto", "light", "dark")


def icon(name: str) -> str:
    """Return a drawing, which says nothing to a screen reader: a word stands beside it or names its button."""
    return f'<svg class="icon" aria-hidden="true"><use href="#icon-{name}"/></svg>'


def drawings() -> str:
    """Return what `icon` refers to, once for the whole page."""
    kept = "".join(f'<symbol id="icon-{name}" viewBox="0 0 24 24">{path}</symbol>' for name, path in _ICONS.items())
    return f'<svg hidden aria-hidden="true">{kept}</svg>'


_ICONS = {
    "list": '<path d="M4 6h16M4 12h16M4 18h10"/>',
    "menu": '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2'
    'M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "pen": '<path d="M4 20l4.5-1L20 7.5 16.5 4 5 15.5z"/>',
    "bin": '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"/>',
    "up": '<path d="M7 11v9H4v-9zM7 11l4-8c1.7 0 2.5 1 2.5 2.5L13 9h6l-1.5 9.5c-.2 1-.9 1.5-1.8 1.5H7"/>',
    "down": '<path d="M7 13V4H4v9zM7 13l4 8c1.7 0 2.5-1 2.5-2.5L13 15h6l-1.5-9.5C17.3 4.5 16.6 4 15.7 4H7"/>',
    "copy": '<path d="M9 9h11v11H9zM5 15H4V4h11v1"/>',
    "load": '<path d="M12 4v11M7 10l5 5 5-5M5 20h14"/>',
    "raise": '<path d="M12 16V5M7 10l5-5 5 5M5 20h14"/>',
    "funnel": '<path d="M4 5h16l-6 8v6l-4-2v-4z"/>',
    "outline": '<path d="M4 6h16M8 12h12M12 18h8"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
}


def header(t: Words, room: str) -> str:
    """Return the head of the page: the name, the rooms, and the menu."""
    rooms = "".join(
        f'<button type="button" role="tab" id="tab-{name}" aria-controls="{name}" data-room="{name}"'
        f' aria-selected="{"true" if name == room else "false"}" tabindex="{0 if name == room else -1}">'
        f"{t(f'room_{name}')}</button>"
        for name in ROOMS
    )
    languages = _choices(t("language"), "lang", tuple(LANGUAGES.items()), t.language)
    themes = _choices(t("theme"), "theme", tuple((name, t(f"theme_{name}")) for name in _THEMES), "")
    return (
        f'{drawings()}<header class="top">'
        f'<button type="button" class="plain rail-toggle" data-rail aria-label="{t("rail")}"'
        f' title="{t("rail")}" aria-expanded="true" aria-controls="rail">{icon("list")}</button>'
        f'<span class="seal" aria-hidden="true">督</span><h1>{t("name")}</h1><p class="tagline">{t("tagline")}</p>'
        f'<div class="rooms" role="tablist" aria-label="{t("name")}">{rooms}</div>'
        f'<details class="menu"><summary class="plain" aria-label="{t("menu")}" title="{t("menu")}">{icon("menu")}'
        f'</summary><div class="card">{languages}{themes}</div></details></header>'
    )


def _choices(name: str, key: str, choices: Sequence[tuple[str, str]], at: str) -> str:
    buttons = "".join(
        f'<button type="button" data-{key}="{value}"'
        f' aria-pressed="{"true" if value == at else "false"}">{shown}</button>'
        for value, shown in choices
    )
    return f'<p class="small">{name}</p><div class="choices" role="group" aria-label="{name}">{buttons}</div>'


# What stands in place of a conversation is known by this, as a question is by its token: what is sent to renew it, and
# comes when something was asked meanwhile, finds it gone and wipes nothing away.
WELCOME = "welcome"
UNSAID = f'<div data-token="{WELCOME}"></div>'
"""The same before the server has said anything."""


def welcome(t: Words, examples: Sequence[str], documents: int, tasks: int) -> str:
    """Return what stands in place of a conversation that has not begun."""
    if not documents:
        return (
            f'<div class="welcome empty" data-token="{WELCOME}"><h2>{t("empty")}</h2><p>{t("empty_how")}</p>'
            f'<p><button type="button" class="primary" data-room="shelf">{icon("raise")}{t("empty_go")}</button></p>'
            f'<p class="small">{t("empty_kinds")}</p></div>'
        )
    if examples:
        asks = "".join(
            f'<li><button type="button" class="example" data-ask="{attribute(question)}"><span>{line(question)}</span>'
            "</button></li>"
            for question in examples
        )
        shown = f'<ul class="examples">{asks}</ul>'
    else:
        shown = '<ul class="kinds">' + "".join(f"<li>{t(f'kind_{at}')}</li>" for at in (1, 2, 3, 4)) + "</ul>"
    return (
        f'<div class="welcome" data-token="{WELCOME}"><h2>{t("welcome")}</h2><p>{t("welcome_how")}</p>'
        f'<p class="small">{t("welcome_examples")}</p>{shown}'
        f'<p class="held"><button type="button" class="link" data-room="shelf">{t("held", count=documents)}</button>'
        f'<button type="button" class="link" data-room="ledger">{t("held_tasks", count=tasks)}</button></p></div>'
    )


def trouble(words: str) -> str:
    """Return a message that something was not done, and why."""
    return f'<p class="trouble" role="alert">{text(words)}</p>'
