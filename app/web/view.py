"""What is shown, made from values: functions from answers and documents to HTML, without a browser or a store."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from app.web import label
from app.web.conversation import Place, Turn, key
from app.web.markup import attribute, line, text
from ingest.corpus import DocumentRow
from ingest.document import Document, Section, Span

_MARKER = re.compile(r"\[([0-9]{1,6})\]")
_QUESTION_SHOWN = 500
_TURNS_SHOWN = 50  # Gradio sends the whole conversation at each change; 150 turns are felt, 50 are not
_ROWS_SHOWN = 200


def header() -> str:
    """Return the head of the page: the name and what it is for."""
    return (
        f'<header class="top"><span class="seal" aria-hidden="true">督</span><h1>{label.NAME}</h1>'
        f'<p class="tagline">{label.TAGLINE}</p></header>'
    )


def welcome(examples: Sequence[str], documents: int) -> str:
    """Return what stands in place of a conversation that has not begun."""
    if not documents:
        return (
            f'<div class="welcome"><h2>{label.EMPTY}</h2><p>{label.EMPTY_HOW}</p>'
            f'<p><code class="command">{text(label.EMPTY_COMMAND)}</code></p><p>{label.EMPTY_THEN}</p></div>'
        )
    if examples:
        asks = "".join(
            f'<a class="example" href="#ask-{at}">{line(question)}</a>' for at, question in enumerate(examples)
        )
    else:
        asks = "".join(f'<span class="kind">{kind}</span>' for kind in label.WELCOME_KINDS)
    return (
        f'<div class="welcome"><h2>{label.WELCOME}</h2><p>{label.WELCOME_HOW}</p>'
        f'<p class="small">{label.WELCOME_EXAMPLES}</p><div class="examples">{asks}</div>'
        f'<p class="small">{label.HELD.format(count=documents)}</p></div>'
    )


def messages(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """Return a conversation as the messages of a chat, oldest first; only the latest turns where there are many."""
    shown: list[dict[str, str]] = []
    for number, turn in list(enumerate(turns))[-_TURNS_SHOWN:]:
        shown.append({"role": "user", "content": asked(turn.question)})
        shown.append({"role": "assistant", "content": said(number, turn)})
    return shown


def asked(question: str) -> str:
    """Return a question as it was typed; of a very long one, the beginning."""
    cut = label.QUESTION_CUT.format(count=len(question)) if len(question) > _QUESTION_SHOWN else ""
    return f'<div class="asked">{line(question[:_QUESTION_SHOWN].strip())}{cut}</div>'


def said(number: int, turn: Turn) -> str:
    """Return what came of the turn with this number: the answer first, what it leaves open, its sources."""
    if turn.error:
        return f'<div class="said"><p class="grade">{label.FAILED}</p><p>{line(turn.error)}</p></div>'
    if turn.answer is None:
        return f'<div class="said"><p class="waiting">{label.SEARCHING}</p></div>'
    answer, parts = turn.answer, ['<div class="said">']
    fields = "、".join(line(label.FIELDS.get(field, field)) for field in answer["missing"])
    missing = f'<p class="missing">{label.MISSING}{fields}</p>' if fields else ""
    refused = answer["grade"] != "answer"
    if refused:
        grade = label.CLOSEST if answer["grade"] == "closest" else label.NONE
        parts.append(f'<div class="refused"><p class="grade">{grade}</p>{missing}</div>')
    parts += [f"<p>{_cited(number, turn, words)}</p>" for words in answer["answer"].splitlines() if words.strip()]
    if missing and not refused:
        parts.append(missing)
    parts.append(_passages(number, turn, cited=True))
    parts.append(_passages(number, turn, cited=False))
    foot = [label.AS_OF.format(date=answer["as_of"])] if answer.get("as_of") else []
    foot += [answer["notice"]] if answer.get("notice") else []
    if foot:
        parts.append(f'<p class="foot">{line(" · ".join(foot))}</p>')
    return "".join(parts) + "</div>"


def source(document: Document, passage: Mapping[str, Any] | None, place: Place | None, nonce: int) -> str:
    """Return a document as one continuous text, with the span of `passage`, if any, in the only `<mark>`.

    `nonce` differs at each call: the browser scrolls to the mark when the HTML changes, and else would not the second
    time that the same source is opened.
    """
    cited = place is None or place.cited
    facts = [stated.value for stated in (document.issuer, document.number, document.date) if stated]
    shown = "".join(f"<span>{text(fact)}</span>" for fact in facts)
    path = " › ".join(text(name) for name in (passage or {}).get("path", ()))
    at = place.keys[place.at] if place else ""
    named = document.title.value if document.title else (passage or {}).get("title")
    title = " ".join(named.split()) if named else label.UNTITLED
    return (
        f'<section class="src{"" if cited else " near"}" data-n="{nonce}" data-at="{at}" aria-label="{label.SOURCE}">'
        f'<div class="bar">{_steps(place)}<button type="button" class="close" title="Esc">{label.CLOSE}</button></div>'
        f'<div class="head"><h2>{text(title)}</h2><p class="facts">{shown}</p>'
        f'<p class="path">{path}</p></div><div class="text" tabindex="0" role="region" aria-label="{label.SOURCE}">'
        f"{_lit(document, passage)}</div></section>"
    )


def trouble(words: str, nonce: int) -> str:
    """Return what stands in the source panel when there is no source to show: why not."""
    return (
        f'<section class="src" data-n="{nonce}" aria-label="{label.SOURCE}"><div class="bar"><span class="at">'
        f'{label.SOURCE_GONE}</span><button type="button" class="close" title="Esc">{label.CLOSE}</button></div>'
        f'<div class="text" tabindex="0" role="region" aria-label="{label.SOURCE}">{text(words)}</div></section>'
    )


def documents(rows: Sequence[DocumentRow], words: str = "") -> str:
    """Return the list of documents, those that hold every one of `words` (parted by blanks) in what the list shows."""
    wanted = words.casefold().split()
    if not rows:
        return welcome((), 0)
    found = [row for row in rows if all(word in _words(row) for word in wanted)]
    count = (label.DOCUMENTS_FOUND if wanted else label.DOCUMENTS).format(found=len(found), count=len(rows))
    more = f"<p>{label.DOCUMENTS_MORE.format(shown=_ROWS_SHOWN)}</p>" if len(found) > _ROWS_SHOWN else ""
    if not found:
        return f'<div class="docs"><p class="count">{count}</p><p>{label.DOCUMENTS_NONE}</p></div>'
    items = "".join(_item(row) for row in found[:_ROWS_SHOWN])
    return f'<div class="docs"><p class="count" role="status">{count}</p><ul>{items}</ul>{more}</div>'


def _item(row: DocumentRow) -> str:
    chunks = label.CHUNKS.format(count=row.chunks)
    facts = [fact for fact in (row.issuer, row.number or label.UNNUMBERED, row.date or label.UNDATED, chunks) if fact]
    shown = "".join(f"<span>{text(fact)}</span>" for fact in (*facts, PurePath(row.source).name))
    return (
        f'<li><button type="button" data-source="d-{attribute(row.doc)}">{text(row.title)}</button>'
        f'<p class="facts">{shown}</p></li>'
    )


def _words(row: DocumentRow) -> str:
    return " ".join(filter(None, (row.title, row.issuer, row.number, row.date, PurePath(row.source).name))).casefold()


def _cited(number: int, turn: Turn, words: str) -> str:
    known = {passage["n"]: passage for passage in turn.citations}
    parts: list[str] = []
    done = 0
    for marker in _MARKER.finditer(words):
        passage = known.get(int(marker[1]))
        if passage is not None:
            parts += [line(words[done : marker.start()].rstrip()), _chip(number, passage, 0, cited=True)]
            done = marker.end()
    return "".join(parts) + line(words[done:])


def _chip(number: int, passage: Mapping[str, Any], at: int, *, cited: bool) -> str:
    hint = label.OPEN_SOURCE.format(title=passage["title"] or label.UNTITLED)
    return (
        f'<a class="cite" href="#cite-{key(number, passage, at, cited=cited)}" title="{attribute(hint)}">'
        f"{passage['n'] if cited else at + 1}</a>"
    )


def _passages(number: int, turn: Turn, *, cited: bool) -> str:
    passages = turn.citations if cited else turn.nearest
    if not passages:
        return ""
    said = turn.answer["answer"] if turn.answer else ""
    cards = "".join(_card(number, passage, at, said, cited=cited) for at, passage in enumerate(passages))
    style, heading = ("passages", label.SOURCES) if cited else ("passages near", label.NEAREST)
    return f'<div class="{style}"><p class="small">{heading}</p>{cards}</div>'


def _card(number: int, passage: Mapping[str, Any], at: int, said: str, *, cited: bool) -> str:
    """Return a passage as a link to its source; its words only where they are not those of the answer itself."""
    words = passage["quote"].strip()
    quote = f'<span class="quote">{line(words)}</span>' if words not in said else ""
    where = " › ".join(line(name) for name in (passage["title"] or label.UNTITLED, *passage["path"]))
    return (
        f'<a class="passage" href="#cite-{key(number, passage, at, cited=cited)}">'
        f'<span class="n">{passage["n"] if cited else at + 1}</span><span class="words">{quote}'
        f'<span class="where">{where}</span></span><span class="go">{label.TO_SOURCE}</span></a>'
    )


def _steps(place: Place | None) -> str:
    if place is None:
        return f'<span class="at">{label.WHOLE}</span>'
    where = (label.CITATION_AT if place.cited else label.NEAREST_AT).format(at=place.at + 1, count=len(place.keys))
    steps = "".join(
        f'<button type="button" data-source="{place.keys[to]}">{name}</button>'
        if 0 <= to < len(place.keys)
        else f'<button type="button" disabled>{name}</button>'
        for to, name in ((place.at - 1, label.PREVIOUS), (place.at + 1, label.NEXT))
    )
    return f'<span class="at">{where}</span>{steps if len(place.keys) > 1 else ""}'


def _lit(document: Document, passage: Mapping[str, Any] | None) -> str:
    whole = Span(0, len(document.text))
    if passage is None:
        return _styled(document, whole)
    span = Span(passage["start"], passage["end"])
    before, after = Span(0, span.start), Span(span.end, whole.end)
    return f"{_styled(document, before)}<mark>{text(span.of(document.text))}</mark>{_styled(document, after)}"


def _styled(document: Document, part: Span) -> str:
    """Return the words of `part` with headings set off and site chrome dimmed; the text content is unchanged."""
    parts: list[str] = []
    done = part.start
    for section in document.sections:
        style, span = _style(section)
        start, end = max(span.start, done), min(span.end, part.end)
        if style and start < end:
            parts.append(text(document.text[done:start]))
            parts.append(f'<span class="{style}">{text(document.text[start:end])}</span>')
            done = end
    return "".join(parts) + text(document.text[done : part.end])


def _style(section: Section) -> tuple[str, Span]:
    if section.kind == "chrome":
        return "chrome", Span(section.start, section.end)
    plain = section.kind in ("root", "measure", "signature")
    return ("" if plain else "heading"), Span(section.start, section.body)
