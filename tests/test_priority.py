"""What runs beside what somebody waits for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ingest.priority import yield_to_others, yielding

pytestmark = pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system has no priorities of this kind")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


def test_a_process_comes_after_others_and_never_before_where_it_was(child: subprocess.Popen[bytes]) -> None:
    before = os.getpriority(os.PRIO_PROCESS, child.pid)
    yield_to_others(child.pid)
    after = os.getpriority(os.PRIO_PROCESS, child.pid)
    os.setpriority(os.PRIO_PROCESS, child.pid, 15)
    yield_to_others(child.pid)

    assert before < after or before >= 10
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 15


def test_a_process_that_has_ended_is_no_error(child: subprocess.Popen[bytes]) -> None:
    child.communicate(b"\n")
    yield_to_others(child.pid)


def test_what_is_started_meanwhile_comes_after_others_too() -> None:
    with yielding():
        told = subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"],
            capture_output=True,
            check=True,
        )

    assert int(told.stdout) >= 10
