"""The README: its commands and its Python do what it says, run in a folder that has only the demo suite."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[list[str]]:
    """Return the arguments of each line of the shell blocks that begins with `program`."""
    lines = (shlex.split(line, comments=True) for block in blocks("sh") for line in block.splitlines())
    return [words[1:] for words in lines if words and words[0] == program]


def run(*arguments: str, cwd: Path) -> str:
    """Run Python on this checkout from another folder; return its standard output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def duban(*arguments: str, cwd: Path) -> str:
    return run("-c", "import sys; from app.cli import main; sys.exit(main())", *arguments, cwd=cwd)


INGEST, *OTHERS = commands("duban")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo suite and, made by the README's first command, its store."""
    made = tmp_path_factory.mktemp("readme")
    (made / "eval").symlink_to(ROOT / "eval")
    duban(*INGEST, cwd=made)
    return made


@pytest.mark.parametrize("target", [words[0] for words in commands("make")])
def test_make_knows_the_targets(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", OTHERS, ids=" ".join)
def test_commands_run(arguments: list[str], folder: Path) -> None:
    printed = duban(*arguments, cwd=folder)

    assert printed.strip()


def test_the_answer_that_is_shown_has_the_keys_of_a_real_one(folder: Path) -> None:
    (shown,) = (json.loads(block) for block in blocks("json"))
    (question,) = (words for words in OTHERS if words[0] == "ask" and "--json" in words)

    answer = json.loads(duban(*question, cwd=folder))

    assert set(shown) <= set(answer)
    assert set(shown["citations"][0]) <= set(answer["citations"][0])


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block: str, folder: Path) -> None:
    run("-c", block, cwd=folder)
