"""What the faults share: how often and with which seed, and the command in a process that can be killed.

FAULTS_COUNT is how many points of a fault are tried (the short form of each test by default), FAULTS_SEED where they lie:

    FAULTS_COUNT=50 FAULTS_SEED=7 python -m pytest tests/faults
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def count(short: int) -> int:
    """Return how many points are to be tried."""
    return int(os.environ.get("FAULTS_COUNT", short))


@pytest.fixture
def chance() -> random.Random:
    return random.Random(int(os.environ.get("FAULTS_SEED", "1")))


def command(*arguments: str | Path) -> list[str]:
    """Return the command `duban` as this checkout has it."""
    return [sys.executable, "-m", "app.cli", *map(str, arguments)]


class Children:
    """Processes that are ended with the test."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def start(self, line: list[str]) -> subprocess.Popen[str]:
        """Start a process whose output is read from its pipes."""
        child = subprocess.Popen(
            line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, encoding="utf-8"
        )
        self._started.append(child)
        return child

    def run(self, line: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a process to its end."""
        child = self.start(line)
        out, err = child.communicate(timeout=300)
        return subprocess.CompletedProcess(line, child.returncode, out, err)

    def end(self) -> None:
        for child in self._started:
            child.kill()
            child.communicate()


@pytest.fixture
def children() -> Iterator[Children]:
    started = Children()
    yield started
    started.end()
