"""The ledger: filters, totals and how they compare, charts, and a page of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.web.label import Words
from app.web.markup import attribute, line, text
from app.web.query import SIZE, Query, facts
from app.web.view.chart import bars, timeline
from app.web.view.chat import named, status
from app.web.view.frame import icon
from app.web.view.source import place_of
from app.wording import flag
from ingest.task import ROLES, STATUSES

_TILES = ("closed", "in_progress", "long_term", "planned", "blocked", "unstated")
_COLUMNS = (
    ("title", "col_task"),
    ("", "col_who"),
    ("due", "col_due"),
    ("status", "col_status"),
    ("place", "col_place"),
)
_FORMATS = ("xlsx", "csv", "ics", "docx")
_UNITS = 300  # bodies that are suggested
_NOTES = 40


def form(t: Words, query: Query, documents: Sequence[tuple[str, str]], units: Sequence[str]) -> str:
    """Return the filters; the browser sends all of them at each change."""
    at = query.values.get

    def select(name: str, choices: Sequence[tuple[str, str]], none: str = "all") -> str:
        options = "".join(
            f'<option value="{attribute(value)}"{" selected" if at(name) == value else ""}>{text(shown)}</option>'
            for value, shown in choices
        )
        return (
            f'<label class="f-{name}">{t(f"f_{name}")}<select name="{name}"><option value="">{t(none)}'
            f"</option>{options}"
            "</select></label>"
        )

    def given(name: str, kind: str, more: str = "", value: str | None = None) -> str:
        return (
            f'<label class="f-{name}">{t(f"f_{name}")}<input type="{kind}" name="{name}"'
            f' value="{attribute(value or at(name) or "")}"{more}></label>'
        )

    bodies = "".join(f'<option value="{attribute(unit)}"></option>' for unit in units[:_UNITS])
    states = [("open", t("status_open")), *((name, t(f"status_{name}")) for name in STATUSES)]
    hint = f' placeholder="{t("f_text_hint")}"'
    return (
        '<form class="filters" data-filters><div class="first">'
        + given("text", "search", hint)
        + given("as_of", "date", value=query.as_of)
        + f'<button type="reset" class="secondary clear">{t("clear")}</button>'
        + f'<button type="button" class="secondary filter-toggle" data-unfold aria-expanded="false">{icon("funnel")}'
        f'{t("filters")}</button></div><div class="more">'
        + given("unit", "search", f' list="units" placeholder="{t("f_unit_hint")}"')
        + f'<datalist id="units">{bodies}</datalist>'
        + select("role", [(name, t(f"role_{name}")) for name in ROLES])
        + select("status", states)
        + select("overdue", [(name, t(f"overdue_{name}")) for name in ("yes", "unknown", "no")])
        + select("doc", documents)
        + given("due_after", "date")
        + given("due_before", "date")
        + select("kinds", [("all", t("f_kinds_all"))], "f_kinds_task")
        + "</div></form>"
    )


def results(t: Words, query: Query, found: Mapping[str, Any]) -> str:
    """Return what the filters let through.

    Args:
        t: the labels.
        query: what was asked.
        found: count, rows (one page, as `duban ledger --json` prints them), status, overdue and docs (as `duban ledger
            --totals` does), empty (there is no task at all), by_unit and by_month (from `Tasks.crossed`).
    """
    if found["empty"]:
        return (
            f'<div class="result"><div class="welcome empty"><h2>{t("ledger_empty")}</h2><p>{t("ledger_empty_how")}</p>'
            f'<p><button type="button" class="primary" data-room="shelf">{icon("raise")}{t("empty_go")}</button></p>'
            "</div></div>"
        )
    return (
        f'<div class="result" data-page="{query.page}" data-order="{query.order}"'
        f' data-desc="{1 if query.descending else ""}">'
        + _tiles(t, query, found)
        + _checks(t, found["docs"])
        + _charts(t, query, found)
        + _table(t, query, found)
        + "</div>"
    )


def _tiles(t: Words, query: Query, found: Mapping[str, Any]) -> str:
    def tile(name: str, value: str, count: int, shown: str, style: str) -> str:
        on = query.values.get(name, "") == value
        return (
            f'<button type="button" class="tile {style}" data-set="{name}" data-value="{value}"'
            f' aria-pressed="{"true" if on else "false"}"><b>{count}</b><span>{shown}</span></button>'
        )

    late, states = found["overdue"], found["status"]
    parts = [
        f'<p class="total" role="status"><b>{found["count"]}</b><span>{t("tasks_found")}</span></p>',
        tile("overdue", "yes", late.get("yes", 0), t("overdue_yes"), "overdue"),
        *(tile("status", name, states.get(name, 0), t(f"status_{name}"), name) for name in _TILES),
    ]
    exports = "".join(
        f'<a class="secondary" href="/export/ledger.{form}?{attribute(query.encoded())}" download>{form}</a>'
        for form in _FORMATS
    )
    unsure = f'<p class="small">{t("overdue_note", date=query.as_of, count=late.get("unknown", 0))}</p>'
    return (
        f'<div class="tiles">{"".join(parts)}</div><div class="under">{unsure}'
        f'<p class="exports" role="group" aria-label="{t("export")}"><span>{icon("load")}{t("export")}'
        f"</span>{exports}</p></div>"
    )


def _checks(t: Words, docs: Sequence[Mapping[str, Any]]) -> str:
    """Return how the totals that the documents state compare with the rows, what differs first."""
    results: dict[str, int] = {}
    notes: list[tuple[bool, str]] = []
    for doc in docs:
        for total in doc["totals"]:
            for check in total["checks"]:
                results[check["result"]] = results.get(check["result"], 0) + 1
                notes.append((check["result"] == "agreed", _note(t, doc, total, check)))
    if not notes:
        return ""
    counts = t("comma").join(
        t(f"check_{name}", count=results[name]) for name in ("differs", "not_listed", "agreed") if name in results
    )
    shown = "".join(words for _, words in sorted(notes, key=lambda note: note[0])[:_NOTES])
    style = " warn" if "differs" in results else ""
    return (
        f'<details class="checks{style}"><summary>{t("checks")}<span>{counts}</span></summary>'
        f"<ul>{shown}</ul></details>"
    )


def _note(t: Words, doc: Mapping[str, Any], total: Mapping[str, Any], check: Mapping[str, Any]) -> str:
    rule = t(f"rule_{check['rule']}")
    if check["rule"] == "status":
        rule = t(f"status_{check['of']}") + t("colon") + rule
    result = t(f"result_{check['result']}")
    source, words = place_of({**total, "doc": doc["doc"]}), line(" ".join(total["text"].split()))
    said = t("check_said", stated=check["stated"], found=check["found"] if check["found"] is not None else "—")
    return (
        f'<li class="{check["result"]}"><span class="result-word">{result}</span>'
        f'<button type="button" class="link" data-source="{source}">“{words}”'
        f'</button><span class="small">{text(rule)}{t("colon")}{said}{t("comma")}《{line(doc["title"])}》</span></li>'
    )


def _charts(t: Words, query: Query, found: Mapping[str, Any]) -> str:
    if not found["count"]:
        return ""
    return (
        f'<details class="charts-fold" open><summary>{t("charts")}</summary><div class="charts">'
        + bars(t, found["by_unit"], query.values.get("unit", ""))
        + timeline(t, found["by_month"], query.as_of)
        + "</div></details>"
    )


def _table(t: Words, query: Query, found: Mapping[str, Any]) -> str:
    if not found["rows"]:
        return f'<p class="nothing">{t("ledger_none")}</p>'
    heads = "".join(_head(t, query, order, name) for order, name in _COLUMNS)
    rows = "".join(_row(t, row) for row in found["rows"])
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{t("room_ledger")}"><table'
        f' class="tasks"><thead><tr>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>{_pager(t, query, found['count'])}"
    )


def _head(t: Words, query: Query, order: str, name: str) -> str:
    if not order:
        return f'<th scope="col" class="c-{name}">{t(name)}</th>'
    at = query.order == order
    sort = ("descending" if query.descending else "ascending") if at else "none"
    arrow = ("▼" if query.descending else "▲") if at else ""
    return (
        f'<th scope="col" class="c-{name}" aria-sort="{sort}"><button type="button" data-order="{order}">{t(name)}'
        f'<span aria-hidden="true">{arrow}</span></button></th>'
    )


def _row(t: Words, row: Mapping[str, Any]) -> str:
    due = "；".join(dict.fromkeys(" ".join(when["text"].split()) for when in row["deadlines"]))
    day = f'<span class="day">{row["due"]}</span>' if row["due"] else ""
    lead, others = facts(row, "lead", "responsible"), facts(row, "partner", "supervisor", "target")
    flags = "".join(f'<span class="flag">{text(flag(name))}</span>' for name in row["flags"])
    unsure = f'<span class="state unknown">{t("overdue_unknown")}</span>' if row["overdue"] == "unknown" else ""
    spoken = f'<span class="day">{t("as_of", date=row["status"]["as_of"])}</span>' if row["status"]["as_of"] else ""
    page = f'<span class="day">{t("page", page=row["page"])}</span>' if row.get("page") else ""
    return (
        f'<tr data-row><td class="c-col_task"><button type="button" class="link" data-source="{place_of(row)}">'
        f"{named(row)}</button>{flags}</td>"
        f'<td class="c-col_who" data-name="{t("col_who")}">{line(lead) or "—"}'
        + (f'<span class="day">{t("with")}{line(others)}</span>' if others else "")
        + f'</td><td class="c-col_due" data-name="{t("col_due")}">{line(due) or "—"}{day}</td>'
        f'<td class="c-col_status" data-name="{t("col_status")}">{status(t, row)}{unsure}{spoken}</td>'
        f'<td class="c-col_place" data-name="{t("col_place")}">{line(row["doc_title"])}{page}</td></tr>'
    )


def _pager(t: Words, query: Query, count: int) -> str:
    pages = -(-count // SIZE)
    if pages <= 1:
        return ""
    first = (query.page - 1) * SIZE + 1

    def to(page: int, name: str) -> str:
        off = "" if 1 <= page <= pages else " disabled"
        return f'<button type="button" class="secondary" data-page="{page}"{off}>{t(name)}</button>'

    return (
        f'<nav class="pager" aria-label="{t("pages")}">{to(query.page - 1, "page_before")}'
        f"<span>{t('page_at', first=first, last=min(first + SIZE - 1, count), count=count)}</span>"
        f"{to(query.page + 1, 'page_after')}</nav>"
    )
