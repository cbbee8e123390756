"""F18 and F19: many users at once, and an ingest beside them. FAULTS_COUNT is the seconds of the long forms."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import command, count
from tests.faults.documents import write
from tests.faults.invariant import broken
from tests.load import DEMO, burst, crowd, ingest, resident, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("crowd") / "store"
    ingest(store, DEMO)
    return store


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[tuple[str, int]]:
    with serving(store) as served:
        yield served


def test_a_burst_of_two_hundred_is_answered_and_nobody_sees_another(server: tuple[str, int]) -> None:
    heard = asyncio.run(burst(server[0], 200))

    assert heard.errors == []
    assert len(heard.times) == 200
    assert heard.leaks == 0


def test_two_hundred_with_time_to_think_are_served_and_memory_stays(server: tuple[str, int]) -> None:
    seconds = count(20)
    asyncio.run(crowd(server[0], 20, 600, 0, limit=200))
    before = resident(server[1])

    heard = asyncio.run(crowd(server[0], 200, seconds, 30))

    assert heard.errors == []
    assert heard.leaks == 0
    assert resident(server[1]) <= before * 1.25


def test_an_ingest_beside_them_leaves_nothing_half_indexed(
    server: tuple[str, int], store: Path, tmp_path: Path
) -> None:
    write(tmp_path / "many", range(count(60)))

    line = command("ingest", tmp_path / "many", "--store", store)
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as writer:
        heard = asyncio.run(crowd(server[0], 20, 20, 1))
        assert writer.wait(300) == 0

    assert heard.errors == []
    assert heard.leaks == 0
    assert broken(store) == []
