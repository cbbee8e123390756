"""F4: a disk that is full at any moment costs nothing: it is said, the old state serves, and the rest follows later."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Children, command, count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, state

OLD, NEW = range(8), range(8, 40)
ASKED_OLD, ASKED = questions(range(0, 8, 4)), questions(range(0, 40, 13))
ROOM = 64 << 20


class Disk:
    """A small file system of its own in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mount(f"size={ROOM}")

    def leave(self, size: int) -> None:
        """Let the file system have `size` bytes of room beside what stands there."""
        self._mount(f"remount,size={self.used + size}")

    @property
    def used(self) -> int:
        found = os.statvfs(self.folder)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def end(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False, capture_output=True)

    def _mount(self, options: str) -> None:
        line = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        done = subprocess.run(line, check=False, capture_output=True, encoding="utf-8")
        if done.returncode:
            pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.getuid() or not shutil.which("mount"):
        pytest.skip("only root may mount a small file system")
    (tmp_path / "disk").mkdir()
    made = Disk(tmp_path / "disk")
    yield made
    made.end()


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_moment_costs_nothing(
    disk: Disk, tmp_path: Path, chance: random.Random, children: Children
) -> None:
    files, before = tmp_path / "files", tmp_path / "before"
    write(files, OLD)
    assert children.run(command("ingest", files, "--store", before)).returncode == 0
    write(files, NEW)
    store = Path(shutil.copytree(before, disk.folder / "store"))
    held = disk.used
    assert children.run(command("ingest", files, "--store", store)).returncode == 0
    needed, wanted = disk.used - held, state(store, ASKED)
    shutil.rmtree(store)

    refused = 0
    points = count(1)
    for number in range(points):
        shutil.copytree(before, store)
        # Evenly over what an ingest needs, so that each stage is met.
        disk.leave(int((number + chance.uniform(0.0, 0.8)) / points * needed))
        done = children.run(command("ingest", files, "--store", store))
        said = done.stderr.splitlines()[-1:]
        refused += done.returncode
        assert done.returncode in (0, 1), done.stderr
        assert "Traceback" not in done.stderr
        assert not done.returncode or any(word in said[0] for word in ("磁盘", "No space")), done.stderr
        seen: dict[str, Any] = state(store, ASKED_OLD)
        assert {name for _, _, name, _ in seen["documents"]} >= {f"{number:04}.txt" for number in OLD}
        assert all(seen["cited"])
        assert [problem for problem in broken(store, ASKED_OLD) if "向量索引" not in problem] == []

        disk.leave(ROOM)
        again = children.run(command("ingest", files, "--store", store))
        assert again.returncode == 0, again.stderr
        assert broken(store, ASKED) == []
        assert state(store, ASKED) == wanted
        shutil.rmtree(store)
    assert refused
