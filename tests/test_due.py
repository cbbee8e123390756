import datetime as dt

import pytest

from ingest.document import Span
from ingest.read import parse
from retriever.aim import Aims
from retriever.due import ASKED, due, stands
from retriever.passage import Source
from retriever.question import parse as understand
from retriever.score import Scorer

TEXT = "供水改造进展\n一、管网改造\n由市水务局牵头，2025年6月底前完成，目前正在施工。\n汀城市水务局\n{date}\n"


def asked(day, date="2025年3月1日", words=None):
    text = TEXT.format(date=date) if words is None else words
    source = Source(parse(text.encode()), "供水改造进展", "a.txt")
    passage = next(p for p in source.whole() if "完成" in p.words)
    candidate = Scorer(Aims.of(understand("管网改造逾期了没有？")), source, tops=[True], shares=[1.0]).score(
        passage, 1.0
    )[0]
    found = due([candidate], dt.date.fromisoformat(day))
    return source, passage, found[0] if found else None


@pytest.mark.parametrize(
    ("day", "date", "verdict", "said"),
    [
        ("2025-06-20", "2025年3月1日", "open", "还有10天"),
        ("2025-06-30", "2025年3月1日", "today", "当天到期"),
        ("2025-07-01", "2025年3月1日", "unknown", "无法判断"),
        ("2025-09-01", "2025年8月1日", "overdue", "已逾期"),
    ],
)
def test_late_is_what_the_documents_last_word_lets_be_known(day, date, verdict, said):
    _, _, found = asked(day, date)

    assert found.verdict == verdict
    assert said in found.words and day in found.words and "2025-06-30" in found.words


def test_what_is_done_is_not_late():
    _, _, found = asked("2026-01-01", words="供水改造\n一、管网改造\n管网改造已于2025年6月底前全部完成。\n")

    assert found.verdict == "done"


def test_a_passage_without_a_dated_limit_has_no_verdict():
    assert asked("2026-01-01", words="供水改造\n一、管网改造\n管网改造要尽快完成。\n")[2] is None


def test_a_verdict_stands_only_on_the_deadline_that_is_cited():
    source, passage, found = asked("2025-07-01")

    assert stands(found, source, Span(passage.start, passage.end))
    assert not stands(found, source, Span(passage.start, passage.start + 5))


@pytest.mark.parametrize(
    "question", ["超没超期", "逾期了没有", "期限过了没有", "限期到了没有", "今天过期没有", "算不算拖期"]
)
def test_whether_it_is_late_is_asked_in_many_words(question):
    assert ASKED.search(question)


def test_the_answer_gives_the_verdict_and_its_day(demo):
    answer = demo.answer("滨岸缓冲带修复逾期了吗？", as_of=dt.date(2026, 3, 1))

    assert "2026-03-01" in answer.text and "未到期" in answer.text
    assert answer.claims[-1].cites == (1,)
