"""Conversations kept in desk.db: each its owner's, through restarts, whatever is typed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from app.conversations import Conversations, Turn
from app.deskfile import DeskFile
from app.export.conversation import write_conversation
from ingest.corpus import LOCAL, User
from ingest.error import StoreError

OTHER = User("other")
ANSWER = {
    "answer": "由市水务局牵头。[1]", "grade": "answer", "nearest": [], "tasks": [], "as_of": "2026-11-22",
    "citations": [{"n": 1, "doc": "d", "title": "方案", "path": ["二、任务"], "start": 0, "end": 3, "quote": "由市水务局牵头。", "page": 4}],
}  # fmt: skip


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Conversations]:
    with closing(DeskFile(tmp_path)) as file:
        yield Conversations(file)


def begun(held: Conversations, question: str = "谁牵头？", user: User = LOCAL) -> str:
    talk = held.begin(user, question, {"doc": "d"})
    held.add(user, talk, Turn(question, ANSWER), {"matter": "清淤"})
    return talk


def test_a_conversation_is_as_it_was_after_a_restart(tmp_path: Path) -> None:
    with closing(DeskFile(tmp_path)) as file:
        talk = begun(Conversations(file))
        Conversations(file).add(LOCAL, talk, Turn("出错", error="库文件损坏"), None)

    with closing(DeskFile(tmp_path)) as file:
        found = Conversations(file).get(LOCAL, talk)

    assert [turn.question for turn in found.turns] == ["谁牵头？", "出错"]
    assert found.turns[0].answer == ANSWER
    assert (found.scope, found.state) == ({"doc": "d"}, {"matter": "清淤"})


def test_nobody_reads_changes_or_deletes_the_conversation_of_another(held: Conversations) -> None:
    talk = begun(held)

    held.rename(OTHER, talk, "改了")
    held.add(OTHER, talk, Turn("偷看"), None)
    held.set_scope(OTHER, talk, {})
    held.set_state(OTHER, talk, None)
    held.judge(OTHER, talk, 0, False)
    held.remove(OTHER, talk)

    found = held.get(LOCAL, talk)
    assert held.get(OTHER, talk).id == ""
    assert held.listed(OTHER) == []
    assert (found.title, len(found.turns), found.scope, found.turns[0].liked) == ("谁牵头？", 1, {"doc": "d"}, None)
    assert found.state == {"matter": "清淤"}


def test_the_list_has_the_latest_first_and_is_searched_in_titles_questions_and_answers(held: Conversations) -> None:
    first, second = begun(held, "清淤由谁牵头？"), begun(held, "台账何时报送？")
    held.add(LOCAL, first, Turn("那配合单位呢？", ANSWER), None)

    assert [item.id for item in held.listed(LOCAL)] == [first, second]
    assert [item.id for item in held.listed(LOCAL, "台账")] == [second]
    assert [item.id for item in held.listed(LOCAL, "配合 清淤")] == [first]
    assert len(held.listed(LOCAL, "水务局")) == 2
    assert held.listed(LOCAL, "%") == held.listed(LOCAL, "' OR 1=1") == []


def test_a_title_is_short_and_never_blank(held: Conversations) -> None:
    talk = begun(held, "问" * 500 + "\ud800")

    held.rename(LOCAL, talk, "   ")

    assert len(held.get(LOCAL, talk).title) == 60


def test_deleting_takes_the_turns_too(held: Conversations, tmp_path: Path) -> None:
    talk = begun(held)

    held.remove(LOCAL, talk)

    with closing(sqlite3.connect(tmp_path / "desk.db")) as db:
        assert db.execute("SELECT count(*) FROM turn").fetchone() == (0,)


def test_turns_that_come_at_once_are_all_kept(held: Conversations) -> None:
    talk = begun(held)

    def add(number: int) -> None:
        held.add(LOCAL, talk, Turn(f"问{number}", ANSWER), None)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {turn.question for turn in held.get(LOCAL, talk).turns} == {"谁牵头？", *(f"问{n}" for n in range(12))}


@pytest.mark.parametrize(
    "data", [b"no database at all, but long enough to be read as one" * 40, b""], ids=["noise", "empty"]
)
def test_a_file_that_is_no_database_is_refused_by_name_or_made_anew(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "desk.db").write_bytes(data)

    if data:
        with pytest.raises(StoreError, match=r"desk\.db"):
            DeskFile(tmp_path)
    else:
        DeskFile(tmp_path).close()


def test_a_file_of_a_later_version_is_refused_by_name(tmp_path: Path) -> None:
    DeskFile(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "desk.db")) as db, db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'format'")

    with pytest.raises(StoreError, match="99"):
        DeskFile(tmp_path)


def test_a_conversation_becomes_a_text_document_with_its_sources(held: Conversations) -> None:
    from docx import Document

    talk = begun(held, "谁牵头？")
    held.add(LOCAL, talk, Turn("控制\x00字符", {**ANSWER, "tasks": [
        {"label": "1.", "title": "清淤", "duties": [{"unit": "市水务局", "role": "lead"}], "deadlines": [{"text": "年底前"}]}
    ]}), None)  # fmt: skip

    paper = Document(BytesIO(write_conversation(held.get(LOCAL, talk))))

    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "问：谁牵头？" in words
    assert "由市水务局牵头。[1]" in words
    assert "[1] “由市水务局牵头。”——方案 › 二、任务，第 4 页" in words
    assert [cell.text for cell in paper.tables[0].rows[1].cells] == ["1.清淤", "市水务局", "年底前"]
