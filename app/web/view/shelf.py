"""The documents: where files are dropped, how far each has got, and what is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from app.uploads import STAGES, Upload
from app.web.label import Words
from app.web.markup import attribute, line, text
from app.web.view.frame import icon
from ingest.corpus.row import DocumentRow

_ROWS_SHOWN = 200
_CHANGES_SHOWN = 8


def shelf(t: Words, suffixes: Sequence[str], limit: int) -> str:
    """Return what stays: the place to drop files on, and the search."""
    kinds = " ".join(suffix.lstrip(".") for suffix in suffixes)
    return (
        f'<div class="shelf"><label class="drop" title="{attribute(kinds)}"><input type="file" multiple data-files'
        f' accept="{attribute(",".join(suffixes))}">'
        f"{icon('raise')}<span><b>{t('drop')}</b><span"
        f' class="small">{t("drop_kinds", kinds=kinds, size=limit // 1_000_000)}'
        f'</span></span></label><div class="sending" aria-live="polite" data-sending="{t("sending")}"'
        f' data-broken="{t("upload_broken")}"></div></div>'
    )


def find(t: Words) -> str:
    """Return the search over the documents."""
    names = {"remove-title": "doc_remove_title", "remove-how": "doc_remove_how", "remove": "remove", "cancel": "cancel"}
    said = "".join(f' data-{name}="{attribute(t(label))}"' for name, label in names.items())
    return (
        f'<div class="find"{said}><input type="search" data-words aria-label="{t("filter")}"'
        f' placeholder="{t("filter_hint")}"></div>'
    )


def uploads(t: Words, listed: Sequence[tuple[Upload, bool]]) -> str:
    """Return the files that were brought in, each with its stage; `data-live` says whether any is still on its way."""
    live = any(upload.live for upload, _ in listed)
    if not listed:
        return '<div class="jobs" data-live=""></div>'
    items = "".join(_upload(t, upload, again) for upload, again in listed)
    ended = any(not upload.live for upload, _ in listed)
    held = not live and any(upload.stage == "done" for upload, _ in listed)
    go = f'<button type="button" class="primary" data-room="ask">{t("go_ask")}</button>' if held else ""
    clear = f'<button type="button" class="link" data-dismiss="">{t("upload_clear")}</button>' if ended else ""
    return (
        f'<div class="jobs" data-live="{"1" if live else ""}"><div class="bar"><h2>{t("uploads")}</h2>{clear}{go}</div>'
        f"<ul>{items}</ul></div>"
    )


def _upload(t: Words, upload: Upload, again: bool) -> str:
    stage = upload.stage
    parts = [f'<li class="job {stage}"><div class="name">{line(upload.name)}</div>']
    if stage == "failed":
        why = t("failed_inside") if upload.why == "inside" else upload.why
        retry = f'<button type="button" class="link" data-again="{upload.no}">{t("again")}</button>' if again else ""
        parts.append(f'<p class="why"><b>{t("stage_failed")}</b>{t("colon")}{line(why)}</p>{retry}')
    elif stage == "done":
        doc = (
            f'<button type="button" class="link" data-source="d-{attribute(upload.doc)}">{t("open")}</button>'
            if upload.doc and not any(note["kind"] == "same" for note in upload.notes)
            else ""
        )
        parts.append(f'<p class="ok">{t("stage_done")}</p>{doc}')
    else:
        at = STAGES.index(stage)
        steps = "".join(
            f'<span class="{"past" if n < at else "now" if n == at else ""}">{t(f"stage_{name}")}</span>'
            for n, name in enumerate(STAGES[:-1])
        )
        parts.append(
            f'<div class="steps" role="progressbar" aria-valuemin="0" aria-valuemax="{len(STAGES) - 1}"'
            f' aria-valuenow="{at}"'
            f' aria-valuetext="{t(f"stage_{stage}")}" aria-label="{attribute(upload.name)}">{steps}</div>'
        )
        parts.append(f'<p class="small">{line(upload.why)}</p>' if upload.why else "")
    if not upload.live:
        parts.append(
            f'<button type="button" class="plain" data-dismiss="{upload.no}" aria-label="{t("dismiss")}"'
            f' title="{t("dismiss")}">'
            f"{icon('close')}</button>"
        )
    parts += [_note(t, note) for note in upload.notes]
    return "".join(parts) + "</li>"


def _note(t: Words, note: Mapping[str, Any]) -> str:
    if note["kind"] == "said":  # by a reader, in the words that it has for it
        return f'<div class="note said"><p>{line(note["words"])}</p></div>'
    title = f"《{' '.join(str(note['title']).split())}》"
    fields = {name: note[name] for name in ("came", "went", "name") if name in note}
    shared = f"{note['share']:.0%}" if "share" in note else ""
    words = text(t(f"note_{note['kind']}", title=title, share=shared, **fields))
    changes = "".join(
        f'<li class="{style}"><span class="sign">{t(f"change_{style}")}</span>{line(part)}</li>'
        for style in ("removed", "added")
        for part in note.get(style, ())[:_CHANGES_SHOWN]
    )
    shown = f'<details><summary>{t("changes")}</summary><ul class="changes">{changes}</ul></details>' if changes else ""
    other = t("open_before" if note["kind"] == "version" else "open_other")
    link = f'<button type="button" class="link" data-source="d-{attribute(note["doc"])}">{other}</button>'
    return f'<div class="note {note["kind"]}"><p>{words}{link}</p>{shown}</div>'


def documents(t: Words, rows: Sequence[DocumentRow], words: str = "") -> str:
    """Return the list of documents, those that hold every one of `words` (parted by blanks) in what the list shows."""
    wanted = words.casefold().split()
    if not rows:
        return f'<div class="docs none"><p class="count">{t("documents_empty")}</p></div>'
    found = [row for row in rows if all(word in _words(row) for word in wanted)]
    count = t("documents_found", found=len(found), count=len(rows)) if wanted else t("documents", count=len(rows))
    more = f"<p>{t('documents_more', shown=_ROWS_SHOWN)}</p>" if len(found) > _ROWS_SHOWN else ""
    if not found:
        return f'<div class="docs"><p class="count" role="status">{count}</p><p>{t("documents_none")}</p></div>'
    items = "".join(_item(t, row) for row in found[:_ROWS_SHOWN])
    return f'<div class="docs"><p class="count" role="status">{count}</p><ul>{items}</ul>{more}</div>'


def _item(t: Words, row: DocumentRow) -> str:
    facts = [row.issuer, row.number or t("unnumbered"), row.date or t("undated"), PurePath(row.source).name]
    shown = "".join(f"<span>{text(fact)}</span>" for fact in facts if fact)
    tasks = (
        f'<button type="button" class="link"'
        f' data-tasks="{attribute(row.doc)}">{t("doc_tasks", count=row.tasks)}</button>'
        if row.tasks
        else ""
    )
    title = attribute(row.title)
    return (
        f'<li data-doc="{attribute(row.doc)}"><button type="button" class="title" data-source="d-{attribute(row.doc)}">'
        f'{text(" ".join(row.title.split()))}</button><p class="facts">{shown}{tasks}</p><div class="acts">'
        f'<button type="button" class="plain" data-within="{attribute(row.doc)}"'
        f' title="{t("ask_within")}">{t("ask_within")}</button>'
        f'<a class="plain" href="/original/{attribute(row.doc)}" download title="{t("original")}"'
        f' aria-label="{t("original")} {title}">{icon("load")}</a>'
        f'<button type="button" class="plain" data-remove title="{t("doc_remove")}"'
        f' aria-label="{t("doc_remove")} {title}">'
        f"{icon('bin')}</button></div></li>"
    )


def _words(row: DocumentRow) -> str:
    return " ".join(filter(None, (row.title, row.issuer, row.number, row.date, PurePath(row.source).name))).casefold()
