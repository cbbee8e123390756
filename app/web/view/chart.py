"""Two charts of the ledger, drawn as HTML so that words stay words: status by body, deadlines by month."""

from __future__ import annotations

from collections.abc import Sequence

from app.web.label import Words
from app.web.markup import attribute, line

STATES = ("overdue", "blocked", "in_progress", "long_term", "planned", "unstated", "closed")
_BODIES = 5
_MONTHS = 24

Crossed = Sequence[tuple[str, str, int]]


def bars(t: Words, by_unit: Crossed, chosen: str) -> str:
    """Return a bar for each of the busiest bodies, its tasks by status; a click on one filters by it."""
    bodies: dict[str, dict[str, int]] = {}
    for unit, state, count in by_unit:
        bodies.setdefault(unit, {})[state] = count
    busiest = sorted(bodies, key=lambda unit: (-sum(bodies[unit].values()), unit))[:_BODIES]
    if not busiest:
        return ""
    most = max(sum(bodies[unit].values()) for unit in busiest)
    rows = "".join(_bar(t, unit, bodies[unit], most, unit == chosen) for unit in busiest)
    more = len(bodies) - len(busiest)
    rest = f'<p class="small">{t("chart_more", count=more)}</p>' if more > 0 else ""
    present = [state for state in STATES if any(state in bodies[unit] for unit in busiest)]
    return (
        f'<figure class="chart"><figcaption>{t("chart_units")}</figcaption>{_legend(t, present)}<ul'
        f' class="bars">{rows}</ul>{rest}'
        "</figure>"
    )


def timeline(t: Words, by_month: Crossed, as_of: str) -> str:
    """Return a column for each month with deadlines, around the day that counts as today; a click filters by it."""
    months: dict[str, dict[str, int]] = {}
    for month, state, count in by_month:
        months.setdefault(month, {})[state] = count
    if not months:
        return ""
    shown = _window(sorted(months), as_of[:7])
    most = max(sum(months[month].values()) for month in shown)
    columns, before = "", ""
    for month in shown:
        year = f'<span class="year">{month[:4]}</span>' if month[:4] != before[:4] else ""
        now = " now" if before < as_of[:7] <= month else ""
        columns += _column(t, month, months[month], most, year, now)
        before = month
    after = " after" if before < as_of[:7] else ""
    present = [state for state in STATES if any(state in months[month] for month in shown)]
    left = len(months) - len(shown)
    rest = f'<p class="small">{t("chart_months_more", count=left)}</p>' if left else ""
    return (
        f'<figure class="chart"><figcaption>{t("chart_months")}<span'
        f' class="small">{t("chart_now", date=as_of)}</span></figcaption>'
        f'{_legend(t, present)}<ul class="columns{after}">{columns}</ul>{rest}</figure>'
    )


def _bar(t: Words, unit: str, states: dict[str, int], most: int, chosen: bool) -> str:
    total = sum(states.values())
    said = t("comma").join(f"{_name(t, state)} {states[state]}" for state in STATES if state in states)
    return (
        f'<li><button type="button" data-set="unit" data-value="{attribute(unit)}"'
        f' title="{attribute(f"{unit} {said}")}"'
        f' aria-pressed="{"true" if chosen else "false"}" aria-label="{attribute(f"{unit}: {said}")}">'
        f'<span class="unit">{line(unit)}</span><span class="track" style="--share:{total / most:.4f}">'
        f'{_parts(states)}</span><span class="n">{total}</span></button></li>'
    )


def _column(t: Words, month: str, states: dict[str, int], most: int, year: str, now: str) -> str:
    total = sum(states.values())
    said = t("comma").join(f"{_name(t, state)} {states[state]}" for state in STATES if state in states)
    return (
        f'<li class="{now.strip()}"><button type="button" data-month="{month}" title="{month} {attribute(said)}"'
        f' aria-label="{month}: {attribute(said)}"><span class="n">{total}</span>'
        f'<span class="track" style="--share:{total / most:.4f}">{_parts(states)}</span>'
        f'<span class="month">{int(month[5:7])}</span>{year}</button></li>'
    )


def _parts(states: dict[str, int]) -> str:
    return "".join(f'<i class="{state}" style="flex-grow:{states[state]}"></i>' for state in STATES if state in states)


def _legend(t: Words, states: Sequence[str]) -> str:
    items = "".join(f'<li><i class="{state}"></i>{_name(t, state)}</li>' for state in states)
    return f'<ul class="legend">{items}</ul>'


def _name(t: Words, state: str) -> str:
    return t("overdue_yes") if state == "overdue" else t(f"status_{state}")


def _window(months: list[str], now: str) -> list[str]:
    """Return at most `_MONTHS` of the months with deadlines: those nearest to `now`, a third of them before it."""
    if len(months) <= _MONTHS:
        return months
    at = next((i for i, month in enumerate(months) if month >= now), len(months))
    first = max(0, min(at - _MONTHS // 3, len(months) - _MONTHS))
    return months[first : first + _MONTHS]
