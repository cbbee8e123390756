"""The page with a language model: the answer in the documents' words at once, the written one in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from app.conversations import Conversations
from app.deskfile import DeskFile
from app.web.desk import Desk
from app.web.label import words
from ingest.corpus import LOCAL
from tests.fake_retriever import FakeRetriever, Given, plan

T = words("zh-Hans")
PART = {
    "name": "openai:m", "prompt": "answer-00000000", "outcome": "written", "reason": None, "dropped": 0, "calls": 1,
    "tokens": {"sent": 812, "received": 96}, "seconds": 1.84,
}  # fmt: skip
ASKED = "河道清淤由谁牵头？"


class Writing(FakeRetriever):
    """Gives its answer, then a worded one, then fails or ends."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__(plan())
        self.fails = fails

    def stream(self, question: str, **given: Any) -> Iterator[Given]:
        first = self.answer(question, **given)
        yield first
        yield Given({**first.json, "answer": "写好的第一句 [1]"})
        if self.fails:
            raise RuntimeError("the model's client broke")
        yield Given({**first.json, "answer": "写好的第一句 [1]\n写好的第二句 [1]", "model": PART})


@pytest.fixture
def file(tmp_path: Path) -> Iterator[DeskFile]:
    with closing(DeskFile(tmp_path)) as opened:
        yield opened


def desk(file: DeskFile, library: FakeRetriever) -> Desk:
    return Desk(lambda user: library, Conversations(file), writes=True)


def test_the_answer_is_shown_at_once_and_the_written_one_takes_its_place(file: DeskFile) -> None:
    made = desk(file, Writing())

    first, better, *_, last = made.asked(LOCAL, T, "", ASKED)

    assert "写好" not in first.turn and first.first is not None
    assert "写好的第一句" in better.turn and better.first is None
    assert "写好的第二句" in last.turn
    assert [T("model_writing") in said.turn for said in (first, better, last)] == [True, True, False]
    assert T("model_writing") not in made.open(LOCAL, T, last.id).chat
    assert "由 openai:m 改写，逐句核对过 · 词元 812 + 96 · 1.8 秒" in unescape(last.turn)
    assert made.open(LOCAL, T, last.id).chat.count("写好的第二句") == 1


def test_the_whole_of_it_can_be_had_at_once(file: DeskFile) -> None:
    made = desk(file, Writing())
    whole = made.ask(LOCAL, T, "", ASKED)

    assert "写好的第二句" in whole.turn and whole.first is not None


def test_what_has_come_is_kept_where_nobody_waits_for_the_rest(file: DeskFile) -> None:
    made = desk(file, Writing())
    came = made.asked(LOCAL, T, "", ASKED)
    first, _ = next(came), next(came)
    came.close()

    assert "写好的第一句" in made.open(LOCAL, T, first.id).chat
    assert len(made.conversation(LOCAL, first.id).turns) == 1


def test_what_goes_wrong_after_the_first_answer_takes_nothing_away(file: DeskFile) -> None:
    *_, last = desk(file, Writing(fails=True)).asked(LOCAL, T, "", ASKED)

    assert "写好的第一句" in last.turn and 'role="alert"' not in last.turn
    assert T("model_writing") not in last.turn


def test_without_a_model_an_answer_is_shown_once(file: DeskFile) -> None:
    made = Desk(lambda user: FakeRetriever(plan()), Conversations(file))

    (only,) = made.asked(LOCAL, T, "", ASKED)

    assert T("model_writing") not in only.turn


def test_an_answer_is_improved_by_its_owner_alone(file: DeskFile) -> None:
    from ingest.corpus import User

    made = desk(file, Writing())
    *_, last = made.asked(LOCAL, T, "", ASKED)
    kept = made.conversation(LOCAL, last.id)
    Conversations(file).improve(User("other"), last.id, 0, kept.turns[0], None)

    assert made.conversation(LOCAL, last.id) == kept
