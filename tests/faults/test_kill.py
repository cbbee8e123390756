"""F1: an ingest that is killed at any point loses nothing, and the next one completes it."""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Children, command, count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, state

DOCUMENTS = range(24)
QUESTIONS = questions(range(0, 24, 6))

# Runs an ingest and kills it just before the n-th step of building a generation and letting it serve.
AIMED = """
import os, signal, sys
from pathlib import Path
from retriever import marker, vectors
from retriever.embedder import embedder
from retriever.intake import intake

left = int(sys.argv[3])

def stepped(does, counts=lambda *arguments: True):
    def step(*arguments):
        global left
        if counts(*arguments):
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
        return does(*arguments)
    return step

for module, names in ((vectors, ("_fresh", "_children", "_remove", "sweep")), (marker, ("publish", "_signature", "_sync"))):
    for name in names:
        setattr(module, name, stepped(getattr(module, name)))
Path.replace = stepped(Path.replace, lambda file, target: target.name == "CURRENT" or "generations" in target.parts)
intake(Path(sys.argv[1]), [Path(sys.argv[2])], embedder())
print("left", left)
"""
STEPS = 18  # there may be one more


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float, dict[str, Any]]:
    """The files, the store that they make, how long that takes, and what users see of it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write(folder / "files", DOCUMENTS)
    store = folder / "store"
    started = Children()
    began = time.monotonic()
    done = started.run(command("ingest", folder / "files", "--store", store))
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert broken(store, QUESTIONS) == []
    return folder / "files", store, took, state(store, QUESTIONS)


def completes(store: Path, files: Path, wanted: dict[str, Any], children: Children) -> None:
    """Assert that the store is sound as it was left, and that the next ingest makes it what it would have become."""
    if (store / "corpus.db").exists():
        assert broken(store, QUESTIONS) == []
    done = children.run(command("ingest", files, "--store", store, "--json"))
    assert done.returncode == 0, done.stderr
    assert broken(store, QUESTIONS) == []
    assert state(store, QUESTIONS) == wanted
    assert list((store / "generations").glob("*.lock")) == [
        store / "generations" / f"{(store / 'CURRENT').read_text(encoding='utf-8').strip()}.lock"
    ]
    shutil.rmtree(store)


@pytest.mark.slow
def test_an_ingest_killed_at_any_moment_is_completed_by_the_next(
    undisturbed: tuple[Path, Path, float, dict[str, Any]], tmp_path: Path, chance: random.Random, children: Children
) -> None:
    files, _, took, wanted = undisturbed
    for number in range(count(1)):
        store = tmp_path / f"store{number}"
        child = children.start(command("ingest", files, "--store", store))
        time.sleep(chance.uniform(0.1, took))
        child.kill()
        child.wait()

        completes(store, files, wanted, children)


@pytest.mark.slow
def test_a_change_killed_at_any_moment_is_completed_by_the_next(
    undisturbed: tuple[Path, Path, float, dict[str, Any]], tmp_path: Path, chance: random.Random, children: Children
) -> None:
    files, before, took, _ = undisturbed
    changed = Path(shutil.copytree(files, tmp_path / "files"))
    write(changed, range(24, 48))
    for path in sorted(changed.glob("*.txt"))[::3]:
        path.write_text(path.read_text(encoding="utf-8").replace("月底前", "月15日前"), encoding="utf-8")
    done = children.run(command("ingest", changed, "--store", shutil.copytree(before, tmp_path / "wanted")))
    assert done.returncode == 0, done.stderr
    wanted = state(tmp_path / "wanted", QUESTIONS)
    for number in range(count(1)):
        store = Path(shutil.copytree(before, tmp_path / f"store{number}"))
        child = children.start(command("ingest", changed, "--store", store))
        time.sleep(chance.uniform(0.1, took))
        child.kill()
        child.wait()

        completes(store, changed, wanted, children)


@pytest.mark.slow
def test_an_ingest_killed_at_the_switch_of_generations_is_completed_by_the_next(
    undisturbed: tuple[Path, Path, float, dict[str, Any]], tmp_path: Path, chance: random.Random, children: Children
) -> None:
    files, _, _, wanted = undisturbed
    for step in chance.sample(range(STEPS), min(count(1), STEPS)):
        store = tmp_path / f"store{step}"
        done = children.run([sys.executable, "-c", AIMED, str(store), str(files), str(step)])
        assert done.returncode == -9, done.stderr

        completes(store, files, wanted, children)
