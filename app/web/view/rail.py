"""The list of conversations, and what stands above the question: what it refers to, and which documents it asks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from app.conversations import Listed
from app.web.label import Words
from app.web.markup import attribute, line, text
from app.web.view.frame import icon
from ingest.corpus.row import DocumentRow

_HERE = ZoneInfo("Asia/Shanghai")
_TITLE = 28  # characters of a chip
# Where a question begins to ask; before it stands what it is about.
_ASKS = re.compile(
    "[，,。；;？?]|[是由归该]?(?:谁|哪|什么|甚麼|什麼|何时|何時|何人|多少|多久|几|幾|怎|如何|是否|有没有|有沒有)|进展|進展|[是由]$"
)


def rail(t: Words, listed: Sequence[Listed], words: str, today: dt.date) -> str:
    """Return the list of conversations by age; the browser marks the open one. `words` is what was searched for."""
    groups: dict[str, list[Listed]] = {}
    for item in listed:
        days = (today - dt.datetime.fromisoformat(item.changed).astimezone(_HERE).date()).days
        name = "today" if days <= 0 else "week" if days < 7 else "earlier"
        groups.setdefault(name, []).append(item)
    shown = "".join(
        f"<h3>{t(f'rail_{name}')}</h3><ul>{''.join(_item(t, item) for item in items)}</ul>"
        for name, items in groups.items()
    )
    none = "" if listed else f'<p class="small">{t("rail_none") if words else t("rail_empty")}</p>'
    return f'<div class="convs">{shown}{none}</div>'


def first(t: Words, item: Listed) -> str:
    """Return a conversation as it stands in a list by itself: one of today."""
    return f"<h3>{t('rail_today')}</h3><ul>{_item(t, item)}</ul>"


def rail_head(t: Words) -> str:
    """Return what stands over the list: a new conversation, and the search."""
    names = ("rename_title", "remove_title", "remove_how", "remove", "ok", "cancel")
    said = "".join(f' data-{name.replace("_", "-")}="{attribute(t(name))}"' for name in names)
    return (
        f'<div class="rail-head"{said}><button type="button" class="primary" data-new>{icon("plus")}{t("new")}</button>'
        f'<input type="search" data-find aria-label="{t("rail_find")}" placeholder="{t("rail_find")}"></div>'
    )


def _item(t: Words, item: Listed) -> str:
    return (
        f'<li data-id="{attribute(item.id)}"><button type="button"'
        f' class="pick" data-pick>{line(item.title)}</button>'
        f'<button type="button" class="plain" data-rename aria-label="{t("rename")}"'
        f' title="{t("rename")}">{icon("pen")}'
        f'</button><button type="button" class="plain" data-remove aria-label="{t("remove")}" title="{t("remove")}">'
        f"{icon('bin')}</button></li>"
    )


def chips(t: Words, state: Mapping[str, Any] | None, scope: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Return what the next question refers to and which documents it asks, each with the way to drop it.

    `titles` are those of the documents, by id.
    """
    shown = "".join(
        _chip(t, "state", name, value, t(f"chip_{name}"), words) for name, value, words in _facets(state or {})
    )
    kept = "".join(
        _chip(t, "scope", name, value, t(f"scope_{name}"), titles.get(value, value) if name == "doc" else value)
        for name, value in scope.items()
        if value
    )
    return (
        f'<div class="chips">{_labels(t)}'
        + (f'<span class="group"><span class="lead">{t("chips_state")}</span>{shown}</span>' if shown else "")
        + (f'<span class="group scope"><span class="lead">{t("chips_scope")}</span>{kept}</span>' if kept else "")
        + "</div>"
    )


def _labels(t: Words) -> str:
    """Return the words of the dialogs that the conversation opens."""
    names = (
        "copied",
        "searching",
        "lost",
        "judge_title",
        "judge_1",
        "judge_2",
        "judge_3",
        "judge_4",
        "judge_more",
        "submit",
        "cancel",
    )
    said = "".join(f' data-{name.replace("_", "-")}="{attribute(t(name))}"' for name in names)
    return f'<span class="labels" hidden{said}></span>'


def _facets(state: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the parts of a dialogue state that a reader may drop: name, value, words."""
    document, found = state.get("document"), []
    if document:
        found.append(("document", str(document["doc"]), f"《{' '.join(str(document['title']).split())}》"))
    found += [("bodies", str(body), str(body)) for body in state.get("bodies") or ()]
    if state.get("matter"):
        found.append(("matter", str(state["matter"]), _topic(str(state["matter"]))))
    found += [("years", str(year), str(year)) for year in state.get("years") or ()]
    return found


def _topic(matter: str) -> str:
    """Return what a question is about, without what it asks of it; all of it where it begins by asking."""
    words = matter.strip()
    asks = _ASKS.search(words)
    return (words[: asks.start()].rstrip("的") if asks else "") or words.rstrip("？?")


def _chip(t: Words, kind: str, name: str, value: str, what: str, words: str) -> str:
    short = words if len(words) <= _TITLE else f"{words[:_TITLE]}…"
    return (
        f'<span class="chip {name}" title="{attribute(value if name == "matter" else words)}">'
        f'<span class="what">{what}</span>'
        f'<span class="value">{line(short)}</span>'
        f'<button type="button" data-drop="{kind}" data-name="{name}" data-value="{attribute(value)}"'
        f' aria-label="{attribute(t("chip_drop", words=words))}">{icon("close")}</button></span>'
    )


def ends(t: Words, scope: Mapping[str, str], documents: Sequence[DocumentRow], conversation: str) -> str:
    """Return what can be done with a conversation as a whole: narrow it to some documents, save it."""
    save = (
        f'<a class="plain save" href="/export/conversation/{attribute(conversation)}.docx" download'
        f' aria-label="{t("save_docx")}" title="{t("save_docx")}">{icon("load")}'
        f"<span>{t('save_docx')}</span></a>"
        if conversation
        else ""
    )
    issuers = list(dict.fromkeys(row.issuer for row in documents if row.issuer))
    unique = list({row.doc: row for row in documents}.values())
    docs = "".join(_option(row.doc, row.title, scope.get("doc", "")) for row in unique)
    bodies = "".join(_option(name, name, scope.get("issuer", "")) for name in issuers)
    return (
        f'<div class="ends"><details class="scope-menu">'
        f'<summary class="plain" aria-label="{t("scope")}">{icon("funnel")}'
        f"<span>{t('scope')}</span></summary>"
        f'<form class="card" data-scope><p class="small">{t("scope_how")}</p>'
        f'<label>{t("scope_doc")}<select name="doc"><option value="">{t("all")}</option>{docs}</select></label>'
        f'<label>{t("scope_issuer")}<select name="issuer"><option value="">{t("all")}</option>{bodies}</select></label>'
        f'<div class="pair"><label>{t("scope_since")}<input type="date" name="since"'
        f' value="{attribute(scope.get("since", ""))}">'
        f'</label><label>{t("scope_until")}<input type="date" name="until" value="{attribute(scope.get("until", ""))}">'
        f"</label></div></form></details>{save}</div>"
    )


def _option(value: str, shown: str, at: str) -> str:
    words = text(" ".join(shown.split())[:60])
    return f'<option value="{attribute(value)}"{" selected" if value == at else ""}>{words}</option>'
