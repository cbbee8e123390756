"""A calendar (RFC 5545): one entry a deadline that has a day or a rule, the source in its description."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.export.sheet import Row, clean, file_of, place, units
from app.wording import STATUS


def write_ics(path: Path, rows: Iterable[Row], as_of: str) -> None:
    """Write the calendar. A deadline without a day or a rule (长期坚持, 15日内 of an event) has no entry.

    A recurring one begins on the first day that its rule names from the day on which the document last spoke.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Duban//ledger//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "督办台账")
    stamp = dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(), dt.UTC)
    for row in rows:
        for number, when in enumerate(row["deadlines"]):
            event = _event(row, when, number, stamp)
            if event is not None:
                calendar.add_component(event)
    path.write_bytes(calendar.to_ical())


def _event(row: Row, when: dict[str, Any], number: int, stamp: dt.datetime) -> Any:
    from icalendar import Event
    from icalendar.prop import vRecur

    rule, day = when.get("every"), when.get("end_date")
    since = dt.date.fromisoformat(when.get("start_date") or row["last_word"] or stamp.date().isoformat())
    first = _first(rule, since) if rule else dt.date.fromisoformat(day) if day else None
    if first is None:
        return None
    event = Event()
    event.add("uid", f"{row['id']}-{number}@duban")
    event.add("dtstamp", stamp)
    event.add("dtstart", first)
    event.add("dtend", first + dt.timedelta(days=1))
    if rule:
        event.add("rrule", vRecur.from_ical(rule))
    who = units(row, "lead", "responsible")
    event.add("summary", clean(f"{when['text']}：{row['title']}" + (f"（{who}）" if who else "")))
    source = (
        f"状态：{STATUS[row['status']['kind']]}\n文件：{row['doc_title']}\n位置：{place(row)}\n"
        f"原文 [{row['start']}, {row['end']})：{row['quote']}\n来源：{file_of(row['source'])}"
    )
    event.add("description", clean(source))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _first(rule: str, day: dt.date) -> dt.date | None:
    """Return the first day from `day` on that the rule names, None where it names none or is no rule."""
    from dateutil.rrule import rrulestr

    start = dt.datetime.combine(day, dt.time())
    try:
        found = rrulestr(rule, dtstart=start).after(start, inc=True)
    except ValueError:
        return None
    return found.date() if found else None
