import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.corpus import Corpus
from ingest.corpus.lock import StoreLock
from ingest.read.pool import Bounds
from retriever.embedder import embedder
from retriever.watch import Step, Watch
from tests.office import packed

TEXT = "各单位要抓好落实，{}按时完成任务。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "文件"
    made.mkdir()
    for name in "甲乙":
        (made / f"{name}.txt").write_text(TEXT.format(name), encoding="utf-8")
    return made


@pytest.fixture
def watched(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr("retriever.intake._settled", lambda *_: None)  # no generation: vectors are not what is tested
    return Watch(tmp_path / "store", folder, embedder("hashed"), bounds=Bounds(workers=1))


def sources(watched: Watch) -> set[str]:
    with closing(Corpus.open(watched.store)) as corpus:
        return {str(Path(row.source).relative_to(watched.folder)) for row in corpus.documents()}


def after(watched: Watch, act: Callable[[], object]) -> Step | None:
    """Return what is found once a change has stood still for one look."""
    act()
    first = watched.look()
    return watched.look() or first


def test_what_is_added_changed_renamed_and_removed_is_so_in_the_store(watched, folder):
    assert len(watched.look().report.added) == 2
    assert watched.look() is None

    step = after(watched, lambda: (folder / "丙.txt").write_text(TEXT.format("丙"), encoding="utf-8"))
    assert [Path(source).name for source in step.report.added] == ["丙.txt"]

    step = after(watched, lambda: (folder / "甲.txt").write_text(TEXT.format("改后的甲"), encoding="utf-8"))
    assert len(step.report.updated) == 1

    step = after(watched, lambda: (folder / "乙.txt").rename(folder / "丁.txt"))
    assert (len(step.report.renamed), step.removed) == (1, 0)  # never out of the store, and not read again
    assert sources(watched) == {"甲.txt", "丙.txt", "丁.txt"}

    assert after(watched, (folder / "丙.txt").unlink).removed == 1
    assert sources(watched) == {"甲.txt", "丁.txt"}
    assert watched.look() is None


def test_a_file_that_is_still_being_written_waits(watched, folder):
    watched.look()
    for at in range(3):
        (folder / "丙.txt").write_text(TEXT.format("丙" * (at + 1)), encoding="utf-8")
        assert watched.look() is None

    assert len(watched.look().report.added) == 1


def test_what_went_while_nobody_watched_is_removed_at_the_first_look(watched, folder):
    watched.look()
    (folder / "甲.txt").unlink()

    again = Watch(watched.store, folder, watched.embedder)

    assert again.look().removed == 1
    assert sources(watched) == {"乙.txt"}


def test_members_of_an_archive_come_and_go_with_it(watched, folder):
    parts = {f"{name}.txt": TEXT.format(name * 2) for name in "丙丁"}
    (folder / "包.zip").write_bytes(packed(parts))
    watched.look()
    assert sources(watched) == {"甲.txt", "乙.txt", "包.zip/丙.txt", "包.zip/丁.txt"}

    del parts["丁.txt"]
    after(watched, lambda: (folder / "包.zip").write_bytes(packed(parts)))
    assert sources(watched) == {"甲.txt", "乙.txt", "包.zip/丙.txt"}

    after(watched, (folder / "包.zip").unlink)
    assert sources(watched) == {"甲.txt", "乙.txt"}


def test_a_folder_that_vanishes_or_is_suddenly_empty_takes_nothing_with_it(watched, folder, tmp_path):
    watched.look()
    held = tmp_path / "别处"
    folder.rename(held)
    assert "不见了" in watched.look().notice
    assert watched.look() is None

    folder.mkdir()
    assert watched.look() is None
    assert "全部不见了" in watched.look().notice
    assert "全部不见了" in Watch(watched.store, folder, watched.embedder).look().notice
    assert len(sources(watched)) == 2

    folder.rmdir()
    held.rename(folder)
    assert watched.look() is None
    assert len(sources(watched)) == 2


def test_a_bad_file_is_said_once_and_read_again_when_it_has_changed(watched, folder):
    bad = folder / "坏.docx"
    bad.write_bytes(b"PK\x03\x04")
    assert len(watched.look().report.failed) == 1
    assert watched.look() is None

    bad.write_bytes(TEXT.format("好").encode())
    os.utime(bad, ns=(1, 1))
    watched.look()
    assert len(watched.look().report.added) == 1


def test_a_store_that_another_process_writes_is_a_notice_and_tried_again(watched):
    watched.store.mkdir()
    with StoreLock(watched.store, wait=0):
        assert watched.look().notice
        assert watched.look() is None

    assert len(watched.look().report.added) == 2
