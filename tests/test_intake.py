"""Intake: files into a store and out again; what cannot be read is said, and nothing else suffers."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ingest.corpus import Corpus, schema
from ingest.corpus.lock import StoreLock
from ingest.error import StoreError
from retriever import Retriever, intake, vectors
from retriever.doctor import examine
from retriever.embedder import embedder
from retriever.index import Index
from retriever.intake import Report, source_name, withdraw
from retriever.vectors import GenerationError

ROOT = Path(__file__).resolve().parent.parent
EMBEDDER = embedder()
NOBODY = 65534


@pytest.fixture(autouse=True)
def no_generation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Chroma, which takes seconds to start, search is exact and finds the same."""
    if "generation" not in request.node.name:
        monkeypatch.setattr(Index, "settle", Index.catch_up)


def document(number: int) -> str:
    return f"青溪市第{number}号河道清淤方案\n\n一、任务。由市水务局牵头，{number}月底前完成{number}条河道清淤。\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with three documents, one of them in a folder of its own."""
    folder = tmp_path / "files"
    (folder / "下级").mkdir(parents=True)
    for number, name in enumerate(("甲.txt", "乙.md", "下级/丙.txt"), start=1):
        (folder / name).write_text(document(number), encoding="utf-8")
    return folder


def take(store: Path, *paths: Path) -> Report:
    return intake.intake(store, paths, EMBEDDER)


def sources(store: Path) -> list[str]:
    with closing(Corpus.open(store)) as corpus:
        return [row.source for row in corpus.documents()]


def found(store: Path, query: str) -> set[str]:
    with Retriever.open(store, EMBEDDER) as retriever:
        return {Path(hit.to_json()["source"]).name for hit in retriever.search(query, k=10)}


def sound(store: Path) -> bool:
    with closing(Corpus.open(store)) as corpus, Retriever.open(store, EMBEDDER) as retriever:
        return corpus.integrity() == [] and retriever.index.seq == corpus.seq


def test_files_and_folders_at_any_depth_are_brought_in_by_absolute_path(files: Path, tmp_path: Path) -> None:
    report = take(tmp_path / "store", files)

    assert len(report.added) == 3
    assert sources(tmp_path / "store") == sorted(str(path) for path in files.rglob("*") if path.is_file())
    assert found(tmp_path / "store", "3条河道清淤") >= {"丙.txt"}
    assert sound(tmp_path / "store")


def test_after_an_intake_the_documents_stand_in_a_generation(files: Path, tmp_path: Path, chroma: str) -> None:
    report = intake.intake(tmp_path / "store", [files], EMBEDDER, chroma=chroma)

    assert report.notice is None
    assert (tmp_path / "store" / "CURRENT").is_file()
    assert all(finding.well for finding in examine(tmp_path / "store", EMBEDDER, chroma))
    with Retriever.open(tmp_path / "store", EMBEDDER, chroma=chroma) as retriever:
        retriever.index.warm()
        assert retriever.answer("3条河道清淤由谁牵头？").notice is None


def test_a_generation_that_cannot_be_built_is_said_and_does_no_harm(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(store: Path, index: str, url: str) -> None:
        raise GenerationError("没有空间")

    monkeypatch.setattr(vectors, "build", fail)

    report = take(tmp_path / "store", files)

    assert report.notice
    assert "没有空间" in report.notice
    assert len(report.added) == 3
    assert sound(tmp_path / "store")


def test_the_same_files_again_change_nothing(files: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", files)

    again = take(tmp_path / "store", files, files / "甲.txt")

    assert (len(again.added), len(again.unchanged), len(again.updated)) == (0, 3, 0)


def test_a_changed_file_takes_the_place_of_what_it_was(files: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", files)
    (files / "甲.txt").write_text(document(1).replace("水务局", "林业局"), encoding="utf-8")

    report = take(tmp_path / "store", files)

    assert report.updated == (str(files / "甲.txt"),)
    assert len(sources(tmp_path / "store")) == 3
    assert sound(tmp_path / "store")


def test_a_file_that_has_gone_stays_in_the_store(files: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", files)
    (files / "甲.txt").unlink()

    take(tmp_path / "store", files)

    assert str(files / "甲.txt") in sources(tmp_path / "store")


def test_bad_files_are_one_reason_each_and_the_others_are_brought_in(files: Path, tmp_path: Path) -> None:
    (files / "空.txt").write_bytes(b"")
    (files / "二进制.txt").write_bytes(bytes(range(256)) * 64)
    (files / "ff.txt").write_bytes(b"\xff" * 4096)
    (files / "图.png").write_bytes(b"\x89PNG")
    (files / "断.txt").symlink_to(files / "无此文件")
    os.mkfifo(files / "管道.txt")

    report = take(tmp_path / "store", files, tmp_path / "缺.txt")

    names = {Path(item.source).name: item.why for item in report.failed}
    assert set(names) == {"空.txt", "二进制.txt", "ff.txt", "图.png", "断.txt", "管道.txt", "缺.txt"}
    assert all(why and "\n" not in why for why in names.values())
    assert len(report.added) == 3
    assert sound(tmp_path / "store")


def test_a_text_over_the_size_limit_is_refused_and_the_others_are_brought_in(files: Path, tmp_path: Path) -> None:
    with (files / "大.txt").open("wb") as file:
        file.truncate(50_000_000)

    report = take(tmp_path / "store", files)

    assert [Path(item.source).name for item in report.failed] == ["大.txt"]
    assert "50 MB" in report.failed[0].why
    assert len(report.added) == 3


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach, as pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
def test_what_the_user_may_not_read_is_said(open_folder: Path) -> None:
    # Root reads everything, so a child becomes nobody; before that it reads a file as root, so that all is imported.
    files, store = open_folder / "files", open_folder / "store"
    (files / "closed").mkdir(parents=True)
    for number, name in enumerate(("open.txt", "secret.txt", "closed/inside.txt"), start=1):
        (files / name).write_text(document(number), encoding="utf-8")
    store.mkdir()
    os.chown(store, NOBODY, NOBODY)
    (files / "secret.txt").chmod(0)
    (files / "closed").chmod(0)
    script = (
        "import os, sys; from pathlib import Path; from retriever.embedder import embedder;"
        " from retriever.intake import intake; model = embedder();"
        " intake(Path('first'), [Path('files/open.txt')], model);"
        " os.setgroups([]); os.setgid(65534); os.setuid(65534);"
        " report = intake(Path('store'), [Path('files')], model);"
        " print(len(report.added), *sorted(Path(item.source).name for item in report.failed))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(store)}

    child = subprocess.run(
        [sys.executable, "-c", script], cwd=open_folder, env=environment, capture_output=True, encoding="utf-8"
    )

    assert child.stdout.split() == ["1", "closed", "secret.txt"], child.stderr


def test_hidden_files_and_lock_files_of_office_programs_are_passed_over(files: Path, tmp_path: Path) -> None:
    for name in (".hidden.txt", "~$甲.txt", ".git/config.txt"):
        (files / name).parent.mkdir(exist_ok=True)
        (files / name).write_text(document(9), encoding="utf-8")

    report = take(tmp_path / "store", files)

    assert (len(report.added), report.failed) == (3, ())


def test_a_store_inside_the_folder_is_not_read_as_documents(files: Path) -> None:
    take(files / "store", files)

    again = take(files / "store", files)

    assert (len(again.unchanged), len(again.added), again.failed) == (3, 0, ())


def test_a_mistyped_path_makes_no_store(tmp_path: Path) -> None:
    report = take(tmp_path / "store", tmp_path / "no such")

    assert [item.source for item in report.failed] == [str(tmp_path / "no such")]
    assert not (tmp_path / "store").exists()


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    report = take(tmp_path / "store", tmp_path / "empty")

    assert [item.source for item in report.failed] == [str(tmp_path / "empty")]


def test_a_store_that_cannot_be_made_is_said(files: Path) -> None:
    with pytest.raises(StoreError, match="--store"):
        take(files / "甲.txt" / "store", files)


def test_a_name_that_is_no_utf8_becomes_a_source_that_can_be_stored(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xb7\xbd\xb0\xb8.txt")
    try:
        (tmp_path / name).write_text(document(1), encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")

    report = take(tmp_path / "store", tmp_path / name)

    assert report.added == (source_name(tmp_path / name),)
    assert report.added[0].endswith("\\xb7\\xbd\\xb0\\xb8.txt")


def test_batches_are_findable_one_by_one_and_progress_is_told_of_each_file(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_BATCH_DOCUMENTS", 1)
    told: list[tuple[int, int, int]] = []

    def progress(done: int, total: int, source: str, at: str = "") -> None:
        told.append((done, total, len(sources(tmp_path / "store"))))

    intake.intake(tmp_path / "store", [files], EMBEDDER, progress)

    assert told == [(1, 3, 1), (2, 3, 2), (3, 3, 3)]


def test_an_interrupt_keeps_what_was_brought_in_and_the_next_run_completes_it(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_BATCH_DOCUMENTS", 1)

    def interrupt(done: int, total: int, source: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        intake.intake(tmp_path / "store", [files], EMBEDDER, interrupt)
    assert sound(tmp_path / "store")

    report = take(tmp_path / "store", files)

    assert (len(report.added), len(report.unchanged)) == (1, 2)
    assert sound(tmp_path / "store")


def test_a_second_writer_is_told_who_holds_the_store(files: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", files)

    with StoreLock(tmp_path / "store"), pytest.raises(StoreError, match=str(os.getpid())):
        take(tmp_path / "store", files)


def test_a_withdrawn_document_is_found_no_more(files: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    take(store, files)
    with closing(Corpus.open(store)) as corpus:
        doc = next(row.doc for row in corpus.documents() if row.source.endswith("甲.txt"))

    assert withdraw(store, doc, EMBEDDER) == 1

    assert "甲.txt" not in found(store, "河道清淤")
    assert sound(store)


def test_withdrawing_what_is_not_there_is_an_error(files: Path, tmp_path: Path) -> None:
    take(tmp_path / "store", files)

    with pytest.raises(StoreError, match="docs list"):
        withdraw(tmp_path / "store", "no-such-id", EMBEDDER)
    with pytest.raises(StoreError):
        withdraw(tmp_path / "nowhere", "no-such-id", EMBEDDER)
    assert not (tmp_path / "nowhere").exists()


def test_where_the_index_has_no_room_the_corpus_takes_nothing(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else documents would lie in the store that nobody finds."""
    store = tmp_path / "store"
    take(store, files / "甲.txt")
    usage = shutil.disk_usage(store)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", full)
        with pytest.raises(StoreError, match="磁盘已满"):
            take(store, files)
        assert len(sources(store)) == 1
        with Retriever.open(store) as retriever:
            assert retriever.notice is None

    assert len(take(store, files).added) == 2
    assert not [path for path in store.iterdir() if path.name.startswith("tmp")]


@pytest.mark.parametrize("step", ["_run", "publish"])
def test_a_store_whose_making_was_killed_is_made_by_whoever_comes_next(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(schema, step, killed)
        intake.establish(tmp_path / "store", EMBEDDER)
    assert "corpus.db" not in os.listdir(tmp_path / "store")

    assert intake.establish(tmp_path / "store", EMBEDDER)
    assert not intake.establish(tmp_path / "store", EMBEDDER)
    with Retriever.open(tmp_path / "store") as retriever:
        assert retriever.documents() == []


def test_a_folder_of_other_things_is_made_no_store(files: Path) -> None:
    before = sorted(files.rglob("*"))

    with pytest.raises(StoreError, match="里面有别的文件"):
        intake.establish(files, EMBEDDER)

    assert sorted(files.rglob("*")) == before
