"""Replies of a model, read while they come."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.generate.reply import Draft, drafts

TWO = [Draft("由市水务局牵头。", (1,)), Draft("2025年底前完成。", (1, 3))]
JSON = json.dumps({"claims": [{"text": d.text, "evidence": list(d.cites)} for d in TWO]}, ensure_ascii=False)


@pytest.mark.parametrize(
    "reply",
    [
        JSON,
        json.dumps(json.loads(JSON), indent=2),
        f"```json\n{JSON}\n```",
        f"<think>先看证据 [1]\n再写</think>\n\n{JSON}",
        json.dumps(json.loads(JSON)["claims"]),
        JSON.replace("[1, 3]", '["1", "3"]'),
        "由市水务局牵头。[1]\n2025年底前完成。[1][3]",
        "- 由市水务局牵头。[1]\n- 2025年底前完成。【1，3】\n",
        "由市水务局牵头。[1]2025年底前完成。[1、3]。",
        "<think></think>由市水务局牵头。 [1]\r\n2025年底前完成。 [1] [3]",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_reply_is_read_in_either_form_in_pieces_of_any_size(reply: str, size: int) -> None:
    pieces = [reply[at : at + size] for at in range(0, len(reply), size)]

    assert list(drafts(pieces)) == TWO


def test_a_sentence_is_there_as_soon_as_it_has_come() -> None:
    came = drafts(iter([JSON[: JSON.index("}") + 1], *[""] * 3]))

    assert next(came) == TWO[0]


@pytest.mark.parametrize("cut", range(0, len(JSON), 5))
def test_of_a_reply_that_is_cut_off_only_what_is_whole_is_read(cut: int) -> None:
    assert all(draft in TWO for draft in drafts([JSON[:cut]]))


@given(st.lists(st.text(max_size=40), max_size=5))
def test_nothing_that_can_come_is_an_error(pieces: list[str]) -> None:
    assert all(draft.text for draft in drafts(pieces))
    assert all(draft.text for draft in drafts(['{"claims": [', *pieces]))


@pytest.mark.parametrize(
    "reply", ["", " \n", "[[[[", '{"claims": 3}', '{"claims": [1, null, {"text": 3}, {}]}', "[" * 100_000]
)
def test_what_is_no_reply_yields_nothing_that_rests_on_anything(reply: str) -> None:
    assert not any(draft.cites for draft in drafts([reply]))
