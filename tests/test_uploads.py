"""Files brought in at the page: every stage seen, nothing lost, nothing half there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.deskfile import DeskFile
from app.settings import Settings
from app.uploads import Upload, Uploads, safe_name
from ingest.corpus import LOCAL, User
from ingest.corpus.lock import StoreLock
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import establish
from tests.faults.invariant import broken

PLAN = "青溪市河道治理方案\n\n" + "\n".join(
    f"（{n}）第{n}项任务。由市水务局牵头，2025年{n}月底前完成第{n}段河道清淤。" for n in range(1, 10)
)
OTHER = "青溪市校园食品安全通知\n\n一、总体要求\n各学校食堂每学期开展一次自查，结果报市教育局备案。"

Bring = Callable[..., list[Upload]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    establish(tmp_path / "store", embedder())
    return tmp_path / "store"


@pytest.fixture
def inbox(store: Path) -> Iterator[Uploads]:
    with Retriever.open(store) as retriever, closing(DeskFile(store)) as file:
        with closing(Uploads(file, Settings(store=store), embedder(), retriever)) as inbox:
            yield inbox


def put(inbox: Uploads, name: str, words: str, user: User = LOCAL) -> int:
    draft = inbox.draft()
    draft.write_text(words, encoding="utf-8")
    return inbox.add(user, name, draft, len(words))


def ended(inbox: Uploads) -> list[Upload]:
    until = time.monotonic() + 60
    while any(upload.live for upload, _ in inbox.listed(LOCAL)):
        assert time.monotonic() < until
        time.sleep(0.02)
    return [upload for upload, _ in inbox.listed(LOCAL)]


def titles(store: Path) -> dict[str, str]:
    with Retriever.open(store) as retriever:
        return {row.source: row.title for row in retriever.documents()}


def test_a_file_is_findable_when_it_is_done_and_leaves_nothing_behind(inbox: Uploads, store: Path) -> None:
    inbox.start()
    put(inbox, "方案.txt", PLAN)

    (upload,) = ended(inbox)

    assert (upload.stage, upload.why, upload.notes) == ("done", "", ())
    assert titles(store) == {"方案.txt": "青溪市河道治理方案"}
    assert list(inbox.folder.iterdir()) == []
    with Retriever.open(store) as retriever:
        assert retriever.search("河道清淤")[0].doc == upload.doc
    assert broken(store) == []


def test_a_broken_file_takes_no_other_with_it_and_can_be_tried_again(inbox: Uploads, store: Path) -> None:
    inbox.start()
    draft = inbox.draft()
    draft.write_bytes(b"\x00\x01\x02" * 999)
    inbox.add(LOCAL, "坏.txt", draft, 999)
    put(inbox, "方案.txt", PLAN)

    good, bad = ended(inbox)
    again = dict((upload.no, can) for upload, can in inbox.listed(LOCAL))[bad.no]
    inbox.again(LOCAL, bad.no)
    retried = ended(inbox)[1]

    assert (good.stage, bad.stage, again) == ("done", "failed", True)
    assert bad.why
    assert retried.why == bad.why
    assert list(titles(store)) == ["方案.txt"]


def test_the_same_file_is_recognised_whatever_its_name(inbox: Uploads, store: Path) -> None:
    inbox.start()
    put(inbox, "方案.txt", PLAN)
    put(inbox, "副本.txt", PLAN)

    again, _ = ended(inbox)

    assert [note["kind"] for note in again.notes] == ["same"]
    assert list(titles(store)) == ["方案.txt"]


def test_a_changed_file_of_the_same_name_is_a_new_version_and_says_what_changed(inbox: Uploads, store: Path) -> None:
    inbox.start()
    put(inbox, "方案.txt", PLAN)
    ended(inbox)
    put(inbox, "方案.txt", PLAN.replace("2025年3月底前", "2025年12月底前"))

    (note,) = ended(inbox)[0].notes

    assert note["kind"] == "version"
    assert (note["came"], note["went"]) == (1, 1)
    assert "2025年12月底前" in note["added"][0]
    with Retriever.open(store) as retriever:
        assert len(retriever.documents()) == 1
        assert "2025年3月底前" not in "".join(hit.text for hit in retriever.search("第3项任务", k=20))


def test_another_document_of_the_same_name_does_not_replace_the_first(inbox: Uploads, store: Path) -> None:
    inbox.start()
    put(inbox, "通知.txt", PLAN)
    put(inbox, "通知.txt", OTHER)

    other, _ = ended(inbox)

    assert [note["kind"] for note in other.notes] == ["renamed"]
    assert sorted(titles(store)) == ["通知 (2).txt", "通知.txt"]


def test_a_near_duplicate_is_pointed_out(inbox: Uploads) -> None:
    inbox.start()
    put(inbox, "方案.txt", PLAN)
    put(inbox, "方案修订.txt", PLAN.replace("第9段", "第十段"))

    near, _ = ended(inbox)

    assert [note["kind"] for note in near.notes] == ["near"]
    assert near.notes[0]["share"] > 0.8


def test_what_an_ended_server_left_is_taken_up_by_the_next(store: Path) -> None:
    with Retriever.open(store) as retriever, closing(DeskFile(store)) as file:
        left = Uploads(file, Settings(store=store), embedder(), retriever)  # never started: the server ended before
        put(left, "方案.txt", PLAN)
        with file.writing() as db:
            db.execute("UPDATE upload SET stage = 'ledger', worker = 999999999")

        with closing(Uploads(file, Settings(store=store), embedder(), retriever)) as inbox:
            inbox.start()
            (upload,) = ended(inbox)

    assert upload.stage == "done"
    assert broken(store) == []


def test_a_store_that_another_process_is_writing_is_waited_for(inbox: Uploads, store: Path) -> None:
    with StoreLock(store):
        inbox.start()
        put(inbox, "方案.txt", PLAN)
        until = time.monotonic() + 20
        while not (waiting := inbox.listed(LOCAL)[0][0]).why and time.monotonic() < until:
            time.sleep(0.02)

    assert (waiting.stage, "写入" in waiting.why) == ("queued", True)
    assert ended(inbox)[0].stage == "done"


def test_files_of_many_readers_at_once_are_all_taken(inbox: Uploads, store: Path) -> None:
    inbox.start()
    threads = [threading.Thread(target=put, args=(inbox, f"{n}.txt", f"{OTHER}{n * 'x'}")) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {upload.stage for upload in ended(inbox)} == {"done"}
    assert len(titles(store)) == 6
    assert broken(store) == []


def test_nobody_sees_or_clears_the_uploads_of_another(inbox: Uploads) -> None:
    no = inbox.refuse(LOCAL, "a.exe", 1, "不支持")

    inbox.dismiss(User("other"), no)
    inbox.dismiss(User("other"))

    assert inbox.listed(User("other")) == []
    assert len(inbox.listed(LOCAL)) == 1


@given(
    st.text() | st.sampled_from(["../../etc/passwd", "C:\\x\\..\\y.txt", "/etc/shadow", "..", "a/b.txt", "a\x00.txt"])
)
def test_a_name_that_a_browser_gives_is_never_a_path(name: str) -> None:
    safe = safe_name(name)

    assert "/" not in safe and "\\" not in safe and "\x00" not in safe
    assert safe not in (".", "..")
    assert len(safe) <= 120
    assert safe.isprintable()


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("长" * 400 + ".txt").endswith("长.txt")
    assert len(safe_name("长" * 400 + ".txt")) == 120
