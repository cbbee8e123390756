"""The source: a document as one continuous text with its outline, and the one span that is lit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.web.label import Words
from app.web.markup import attribute, text
from app.web.place import Place
from app.web.printed import Leaf
from app.web.view.frame import icon
from ingest.document import Document, Section, Span

_OUTLINE = 400  # lines of an outline; where there are more, the lower levels are left out
_OUTLINE_TITLE = 60  # characters
# The marks of Markdown that say how words look: of headings, and around what is strong.
_MARKS = re.compile(r"^#{1,6}[ \t]+|\*\*", re.MULTILINE)


def source(
    t: Words, document: Document, found: Place, nonce: int, at_page: Leaf | None = None, *, pictured: bool = False
) -> str:
    """Return a document as one continuous text, with the passage that is meant, if any, in the only `<mark>`.

    Args:
        t: the labels.
        document: the document.
        found: the passage.
        nonce: differs at each call: the browser scrolls to the mark when the HTML changes, and else would not the
            second time that the same source is opened.
        at_page: the page that the passage stands on, None where the document has none.
        pictured: whether that page can be seen as it is printed.
    """
    passage = found.passage
    facts = [stated.value for stated in (document.issuer, document.number, document.date) if stated]
    if passage and at_page:
        facts.append(printed(t, at_page.number, _confidence(document, at_page.number)))
    shown = "".join(f"<span>{text(fact)}</span>" for fact in facts)
    lit = Span(passage["start"], min(passage["end"], len(document.text))) if passage else None
    at = _section_at(document, lit.start) if lit else None
    names = document.path(at) if at is not None else ()
    path = "".join(f"<li>{text(name)}</li>" for name in names)
    named = document.title.value if document.title else (passage or {}).get("title")
    title = " ".join(named.split()) if named else t("untitled")
    lines = _outline(document)
    outline = _lines(t, document, lines, at, lit) if lines else ""
    toggle = (
        f'<button type="button" class="plain" data-outline aria-label="{t("outline")}" title="{t("outline")}">'
        f"{icon('outline')}</button>"
        if outline
        else ""
    )
    return (
        f'<section class="src{" near" if found.kind == "n" else ""}" data-n="{nonce}"'
        f' data-at="{attribute(found.keys[found.at])}" aria-label="{t("source")}">'
        f'<div class="bar">{_steps(t, found)}{toggle}<a class="plain"'
        f' href="/original/{attribute(document.id)}" download'
        f' aria-label="{t("original")}" title="{t("original")}">{icon("load")}</a>{_close(t)}</div>'
        f'<div class="head"><h2>{text(title)}</h2><p class="facts">{shown}</p><ol class="path">{path}</ol></div>'
        f"{_views(t) if at_page and pictured else ''}"
        f'<div class="leaf">{outline}<div class="text" tabindex="0" role="region" aria-label="{t("source")}">'
        f"{_lit(document, lit, set(lines))}</div>{_sheet(t, document, at_page, lit) if at_page and pictured else ''}"
        "</div></section>"
    )


def printed(t: Words, page: int, confidence: float | None) -> str:
    """Return on which page words stand, and how surely a scanned one was recognised."""
    said = t("page", page=page)
    return said if confidence is None else f"{said} · {t('recognised', share=f'{confidence:.0%}')}"


def _confidence(document: Document, number: int) -> float | None:
    return next((page.confidence for page in document.pages if page.number == number), None)


def _views(t: Words) -> str:
    """Return the switch between the words and the page as it is printed."""
    return (
        f'<div class="views" role="group" aria-label="{t("views")}">'
        f'<button type="button" data-view="text" aria-pressed="true">{t("view_text")}</button>'
        f'<button type="button" data-view="page" aria-pressed="false">{t("view_page")}</button></div>'
    )


def _sheet(t: Words, document: Document, at: Leaf, lit: Span | None) -> str:
    """Return the place of the page as it is printed; the browser fetches it when it is wanted (panel.js)."""
    span = f"{lit.start}-{lit.end}" if lit else ""
    turns = "".join(
        f'<button type="button" class="step" data-turn="{step}" aria-label="{t(name)}"'
        f' title="{t(name)}">{sign}</button>'
        for step, name, sign in ((-1, "sheet_before", "‹"), (1, "sheet_after", "›"))
    )
    number = f"<b>{at.number}</b>"
    note = f'<p class="small">{t("sheet_ofd")}</p>' if document.kind == "ofd" else ""
    return (
        f'<div class="sheet" data-doc="{attribute(document.id)}" data-page="{at.number}" data-last="{at.last}"'
        f' data-span="{span}" data-x="{at.x}" data-y="{at.y}"><div class="turns">{turns}'
        f'<span role="status">{t("sheet_at", page=number, last=at.last)}</span>'
        f'<button type="button" class="step" data-zoom aria-pressed="false">{t("sheet_zoom")}</button></div>'
        f'<div class="print" tabindex="0" role="region" aria-label="{t("view_page")}">'
        f'<p class="wait" role="status" data-wait="{t("sheet_wait")}" data-failed="{t("sheet_failed")}"></p>'
        f'<img alt="{t("sheet_alt")}" hidden></div>{note}</div>'
    )


def gone(t: Words, words: str, nonce: int) -> str:
    """Return what stands in the source panel when there is no source to show: why not."""
    return (
        f'<section class="src" data-n="{nonce}" aria-label="{t("source")}"><div class="bar"><span class="at">'
        f"{t('source_gone')}</span>{_close(t)}</div>"
        f'<div class="text" tabindex="0" role="region" aria-label="{t("source")}">{text(words)}</div></section>'
    )


def _close(t: Words) -> str:
    return (
        f'<button type="button" class="plain close" aria-label="{t("close")}"'
        f' title="{t("close")} (Esc)">{icon("close")}'
        "</button>"
    )


def _steps(t: Words, found: Place) -> str:
    if found.kind in ("d", "p"):
        return f'<span class="at">{t("whole") if found.kind == "d" else t("in_ledger")}</span>'
    where = t(f"at_{found.kind}", at=found.at + 1, count=len(found.keys))
    steps = "".join(
        f'<button type="button" class="step" data-source="{found.keys[to]}">{name}</button>'
        if 0 <= to < len(found.keys)
        else f'<button type="button" class="step" disabled>{name}</button>'
        for to, name in ((found.at - 1, t("previous")), (found.at + 1, t("next")))
    )
    return f'<span class="at" role="status">{where}</span>{steps if len(found.keys) > 1 else ""}'


def _section_at(document: Document, start: int) -> int:
    """Return the innermost section at an offset."""
    return max((at for at, s in enumerate(document.sections) if s.start <= start < s.end), default=0)


def _outline(document: Document) -> list[int]:
    """Return the sections that the outline names, in order; so many levels as fit."""
    listed = [at for at, s in enumerate(document.sections) if _style(s)[0] == "heading" and s.name.strip()]
    depths = {at: sum(1 for _ in document.ancestors(at)) for at in listed}
    for deepest in range(max(depths.values(), default=0), 0, -1):
        kept = [at for at in listed if depths[at] <= deepest]
        if len(kept) <= _OUTLINE:
            return kept if len(kept) > 1 else []
    return []


def _lines(t: Words, document: Document, lines: Sequence[int], at: int | None, lit: Span | None) -> str:
    here = {document.sections.index(s) for s in document.ancestors(at)} if at is not None else set()
    least = min(sum(1 for _ in document.ancestors(line)) for line in lines)
    current = max((line for line in lines if line in here), default=None)
    items = ""
    for line in lines:
        section = document.sections[line]
        depth = min(sum(1 for _ in document.ancestors(line)) - least, 4)
        to = "mark" if lit and lit.start <= section.start < lit.end else f"s{line}"
        name = " ".join(section.name.split())
        shown = text(name[:_OUTLINE_TITLE]) + ("…" if len(name) > _OUTLINE_TITLE else "")
        now = ' aria-current="true"' if line == current else ""
        items += f'<li class="d{depth}"><button type="button" data-to="{to}"{now}>{shown}</button></li>'
    return f'<nav class="outline" aria-label="{t("outline")}"><ol>{items}</ol></nav>'


def _lit(document: Document, lit: Span | None, lines: set[int]) -> str:
    whole = Span(0, len(document.text))
    if lit is None:
        return _styled(document, whole, lines)
    before, after = Span(0, lit.start), Span(lit.end, whole.end)
    marked = f'<mark id="lit">{_words(document, lit.start, lit.end)}</mark>'
    return f"{_styled(document, before, lines)}{marked}{_styled(document, after, lines)}"


def _styled(document: Document, part: Span, lines: set[int]) -> str:
    """Return the words of `part` with headings set off and site chrome dimmed; the text content is unchanged."""
    parts: list[str] = []
    done = part.start
    for number, section in enumerate(document.sections):
        style, span = _style(section)
        start, end = max(span.start, done), min(span.end, part.end)
        if style and start < end:
            name = f' id="s{number}"' if number in lines and start == span.start else ""
            parts.append(_words(document, done, start))
            parts.append(f'<span class="{style}"{name}>{_words(document, start, end)}</span>')
            done = end
    return "".join(parts) + _words(document, done, part.end)


def _words(document: Document, start: int, end: int) -> str:
    """Return the words between two offsets; marks of Markdown stay in the text, but are not seen."""
    if not _marked(document):
        return text(document.text[start:end])
    parts: list[str] = []
    for mark in _MARKS.finditer(document.text, start, end):
        parts.append(f'{text(document.text[start : mark.start()])}<span class="markup">{mark[0]}</span>')
        start = mark.end()
    return "".join(parts) + text(document.text[start:end])


def _marked(document: Document) -> bool:
    """Return whether a text is Markdown, by one of its headings."""
    return document.kind == "text" and any(
        document.text.startswith("#", section.start) for section in document.sections if _style(section)[0] == "heading"
    )


def _style(section: Section) -> tuple[str, Span]:
    if section.kind == "chrome":
        return "chrome", Span(section.start, section.end)
    plain = section.kind in ("root", "measure", "signature")
    return ("" if plain else "heading"), Span(section.start, section.body)


def place_of(passage: Mapping[str, Any]) -> str:
    """Return the key of the span of a passage or task in its document."""
    return f"p-{passage['doc']}-{passage['start']}-{passage['end']}"
