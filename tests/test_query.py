"""What the browser sends of the ledger page, whatever it is; and the two charts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.label import words
from app.web.query import Query
from app.web.view.chart import bars, timeline

T = words("zh-Hans")
ANY = st.none() | st.text() | st.integers() | st.lists(st.text()) | st.booleans()


@given(
    st.dictionaries(
        st.sampled_from([*"abc", "status", "role", "as_of", "due_before", "order", "page", "text", "desc"]), ANY
    )
    | ANY
)
def test_whatever_the_browser_sends_is_a_query_that_can_be_asked(sent: object) -> None:
    query = Query.read(sent)

    assert query.page >= 1
    assert query.where().as_of == query.as_of


def test_what_is_set_filters_and_the_last_day_is_included() -> None:
    where = Query.read(
        {"status": "open", "unit": " 市水务局 ", "due_before": "2025-03-31", "as_of": "2025-01-01"}
    ).where()

    assert (where.open, where.status, where.unit) == (True, None, "市水务局")
    assert (where.due_before, where.as_of) == ("2025-04-01", "2025-01-01")


@pytest.mark.parametrize(
    "sent", [{"status": "x"}, {"as_of": "2025-13-01"}, {"order": "title; DROP TABLE task"}, {"role": ""}]
)
def test_what_is_no_value_is_as_if_it_were_not_there(sent: dict[str, str]) -> None:
    assert Query.read(sent).values == {}


def test_a_bar_has_a_part_for_each_status_and_can_be_chosen() -> None:
    shown = bars(T, [("市水务局", "closed", 3), ("市水务局", "overdue", 1), ('<b>"', "closed", 2)], "市水务局")

    assert re.findall(r'class="n">(\d+)', shown) == ["4", "2"]
    assert 'aria-label="市水务局&#58; 已逾期 1、已完成 3"' in shown
    assert shown.count('aria-pressed="true"') == 1
    assert "<b>" not in shown


def test_the_timeline_shows_the_months_around_the_day_and_marks_it() -> None:
    months = [(f"{year}-{month:02}", "planned", 1) for year in range(2020, 2026) for month in range(1, 13)]

    shown = timeline(T, months, "2023-06-15")

    assert len(re.findall(r"data-month", shown)) == 24
    assert re.search(r'class="now"><button type="button" data-month="2023-06"', shown)
    assert T("chart_months_more", count=48) in shown
