"""F2: several processes ingest at once; they take turns, or one learns within two seconds who holds the lock."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Children, command, count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, state


@pytest.mark.slow
def test_processes_that_ingest_at_once_take_turns_or_say_who_is_in_the_way(tmp_path: Path, children: Children) -> None:
    store, asked = tmp_path / "store", questions(range(0, 30, 6))
    folders = [tmp_path / f"files{part}" for part in range(3)]
    for part, folder in enumerate(folders):
        write(folder, range(part * 10, part * 10 + 10))

    for _ in range(count(1)):
        started = [(children.start(command("ingest", folder, "--store", store)), folder) for folder in folders]
        pids = {child.pid for child, _ in started}
        refused = []
        for child, folder in started:
            _, said = child.communicate(timeout=300)
            if child.returncode:
                refused.append(folder)
                holder = re.search(r"正由进程 (\d+)（.*ingest.*）写入", said)
                assert child.returncode == 1, said
                assert holder, said
                assert int(holder[1]) in pids - {child.pid}
        assert len(refused) < len(started)
        assert broken(store, asked) == []
    for folder in refused:
        assert children.run(command("ingest", folder, "--store", store)).returncode == 0

    assert broken(store, asked) == []
    assert len(state(store)["documents"]) == 30


def test_who_comes_second_is_told_within_two_seconds(tmp_path: Path, children: Children) -> None:
    from ingest.corpus.lock import StoreLock

    (tmp_path / "store").mkdir()
    write(tmp_path / "files", range(1))
    with StoreLock(tmp_path / "store"):
        idle = time.monotonic()
        assert children.run(command("--help")).returncode == 0
        idle = time.monotonic() - idle
        began = time.monotonic()

        done = children.run(command("ingest", tmp_path / "files", "--store", tmp_path / "store"))

        # What a process takes to start and to load its libraries is not waiting; a busy machine may triple it.
        assert time.monotonic() - began < 2.0 + 3 * idle + 5.0
    assert done.returncode == 1
    assert "进程" in done.stderr


@pytest.mark.slow
def test_several_readers_stay_open_while_another_process_ingests(tmp_path: Path, children: Children) -> None:
    store, asked = tmp_path / "store", questions(range(0, 20, 4))
    write(tmp_path / "files", range(20))
    assert children.run(command("ingest", tmp_path / "files", "--store", store)).returncode == 0
    write(tmp_path / "more", range(20, 60))
    questions_file = tmp_path / "questions.jsonl"
    questions_file.write_text("\n".join(f'{{"question": "{question}"}}' for question in asked * 20), encoding="utf-8")
    readers = [children.start(command("ask", "--batch", questions_file, "--json", "--store", store)) for _ in range(2)]

    writer = children.run(command("ingest", tmp_path / "more", "--store", store))

    assert writer.returncode == 0, writer.stderr
    for reader in readers:
        out, err = reader.communicate(timeout=300)
        assert reader.returncode == 0, err
        assert len(out.splitlines()) == len(asked) * 20
    assert broken(store, asked) == []
