"""What a follow-up takes over, and what the reader takes out of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever import Retriever
from retriever.dialogue import State, nth
from retriever.embedder import embedder
from retriever.intake import intake
from tests.test_refusal import PLAN

WORDS = st.text(min_size=1, max_size=8)
STATES = st.builds(
    State,
    doc=st.none() | st.just("a1"),
    title=st.just(""),
    bodies=st.lists(WORDS, unique=True, max_size=3).map(tuple),
    years=st.lists(st.sampled_from(["2023", "2024"]), unique=True).map(tuple),
    matter=WORDS,
    fields=st.lists(WORDS, unique=True, max_size=3).map(tuple),
    rows=st.lists(WORDS, max_size=3).map(tuple),
)


@given(STATES)
def test_a_state_comes_back_as_it_was_printed(state: State) -> None:
    assert State.from_json(state.to_json()) == state


@given(STATES)
def test_a_chip_that_is_removed_is_gone_and_the_others_stay(state: State) -> None:
    for body in state.bodies:
        left = state.without("bodies", body)
        assert body not in left.bodies
        assert (left.matter, left.doc, left.fields) == (state.matter, state.doc, state.fields)
    assert state.without("document").doc is None
    assert state.without("matter").matter == ""
    with pytest.raises(ValueError, match="no chip"):
        state.without("mood")


def test_a_row_of_the_last_list_is_meant_by_its_number() -> None:
    rows = ["甲", "乙", "丙"]

    assert nth("第二个呢？", rows) == "乙"
    assert nth("最后一项呢", rows) == "丙"
    assert nth("第九项", rows) is None
    assert nth("第二条规定", rows) is None


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("dialogue")
    (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
    intake(folder / "store", [folder / "plan.txt"], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


def test_a_follow_up_goes_on_from_the_state_or_the_history_alike(retriever: Retriever) -> None:
    first = retriever.answer("水质在线监测由谁牵头？")

    by_state = retriever.answer("那时限呢？", state=first.state)
    by_history = retriever.answer("那时限呢？", history=["水质在线监测由谁牵头？"])

    assert "2025年6月30日前" in by_state.text
    assert by_state.text == by_history.text


def test_a_question_of_its_own_takes_nothing_over(retriever: Retriever) -> None:
    answer = retriever.answer("西岸县水厂扩建由谁负责？", history=["水质在线监测由谁牵头？"])

    assert "西岸县政府" in answer.text and "监测" not in answer.text


def test_a_word_that_asks_for_a_body_is_none(demo: Retriever) -> None:
    first = demo.answer("滨岸缓冲带修复由市林业和园林局牵头吗？")
    then = demo.answer("那配合单位是谁？", state=first.state)

    assert first.state.bodies == then.state.bodies == ("市林业和园林局",)
