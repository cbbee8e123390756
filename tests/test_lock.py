"""The lock of a store: one writer, named to those who wait, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ingest.corpus.lock import StoreLock, served, serving
from ingest.error import StoreError

ROOT = Path(__file__).resolve().parent.parent
HOLD = """
import sys, time
from pathlib import Path
from ingest.corpus.lock import StoreLock
with StoreLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(store: Path) -> subprocess.Popen[str]:
    """Return a process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store)], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_learns_within_its_wait_who_holds_the_lock(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        began = time.monotonic()

        with pytest.raises(StoreError, match=rf"{tmp_path}.*进程 {holder.pid}（.*-c.*）") as caught:
            StoreLock(tmp_path, wait=0.3).__enter__()

        assert 0.3 <= time.monotonic() - began < 20  # not for as long as the other lives
        assert "再试" in str(caught.value)
        holder.kill()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()

        with StoreLock(tmp_path, wait=0):
            assert str(os.getpid()) in (tmp_path / "lock").read_text(encoding="utf-8")


def test_a_waiting_writer_comes_in_when_the_other_leaves(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with StoreLock(tmp_path, wait=10):
            order.append("second")

    with StoreLock(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_the_lock_is_let_go_when_the_block_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), StoreLock(tmp_path):
        raise ZeroDivisionError

    with StoreLock(tmp_path, wait=0):
        pass
    assert (tmp_path / "lock").read_bytes() == b""


def test_a_child_does_not_inherit_the_lock(tmp_path: Path) -> None:
    with StoreLock(tmp_path):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)

    with StoreLock(tmp_path):  # not at once: the system wakes us before it has closed the child's files
        child.kill()
    child.wait()


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="缺"):
        StoreLock(tmp_path / "缺").__enter__()


def test_garbage_in_the_lock_file_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(b"\xff\xfe{")

    with StoreLock(tmp_path), pytest.raises(StoreError):
        (tmp_path / "lock").write_bytes(b"\xff\xfe{")
        StoreLock(tmp_path, wait=0).__enter__()


SERVE = """
import sys, time
from pathlib import Path
from ingest.corpus.lock import serving
with serving(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_whoever_reads_files_knows_whether_a_page_serves_the_store(tmp_path: Path) -> None:
    assert not served(tmp_path)
    with serving(tmp_path), serving(tmp_path):
        assert served(tmp_path)
    assert not served(tmp_path)
    with subprocess.Popen([sys.executable, "-c", SERVE, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as page:
        assert page.stdout is not None and page.stdout.readline() == b"held\n"
        assert served(tmp_path)
        page.kill()  # however it ends, nothing is left behind
    assert not served(tmp_path)
    with serving(tmp_path / "absent"):
        assert not served(tmp_path / "absent")
