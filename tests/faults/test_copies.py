"""F7: a copy of the store, taken while somebody writes, opens and is whole."""

from __future__ import annotations

import random
import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import Children, command, count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, state

QUESTIONS = questions(range(0, 40, 10))


@pytest.mark.slow
def test_a_copy_taken_at_any_moment_opens_and_is_whole(
    tmp_path: Path, chance: random.Random, children: Children
) -> None:
    store, files = tmp_path / "store", tmp_path / "files"
    write(files, range(20))
    assert children.run(command("ingest", files, "--store", store)).returncode == 0
    write(files, range(20, 50))
    began = time.monotonic()
    whole = shutil.copytree(store, tmp_path / "timed")
    assert children.run(command("ingest", files, "--store", whole)).returncode == 0
    took, wanted = time.monotonic() - began, state(whole, QUESTIONS)

    copies = []
    writer = children.start(command("ingest", files, "--store", store))
    moments = sorted(chance.uniform(0.2, took) for _ in range(count(1)))
    began = time.monotonic()
    for number, moment in enumerate(moments):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        copies.append(tmp_path / f"copy{number}")
        with suppress(shutil.Error):  # files that went while they were being copied
            shutil.copytree(store, copies[-1])
    assert writer.wait(timeout=300) == 0

    for copy in copies:
        assert broken(copy, QUESTIONS) == []
        assert children.run(command("ingest", files, "--store", copy)).returncode == 0
        assert broken(copy, QUESTIONS) == []
        assert state(copy, QUESTIONS) == wanted
