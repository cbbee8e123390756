"""Spoken wording: what people say, and what documents call it."""

from __future__ import annotations

import pytest

from ingest.fold import fold
from retriever.question import parse
from retriever.wording import formal, reworded, written


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("點解未完成", "为什么未完成"),
        ("邊個部門負責？", "哪个部门负责?"),
        ("幾多間已經搬咗？", "多少间已经搬了?"),
        ("限期到咗未？", "限期到了没有?"),
        ("有冇逾期", "有没有逾期"),
        ("未来三年投入多少", "未来三年投入多少"),
    ],
)
def test_cantonese_is_read_as_written_chinese(said: str, read: str) -> None:
    assert written(fold(said)) == read


def test_words_of_documents_are_looked_for_beside_the_spoken_ones_and_only_those_that_are_not_there() -> None:
    assert "废止" in formal("老办法作废了没") and "废止" not in formal("老办法废止了没")
    assert {"废止", "施行"} <= set(parse("老办法失效了吗").formal.split())
    assert formal("污水管网由谁牵头") == ""
    assert "未登记" in formal("没登记的怎么罚") and "未登" not in formal("登记没登记").split()


def test_a_question_is_worded_anew_in_each_way_that_documents_have() -> None:
    assert "进度滞后的是哪几项" in reworded("进度拖后腿的是哪几项")
    assert list(reworded("进度滞后的是哪几项")) == []
