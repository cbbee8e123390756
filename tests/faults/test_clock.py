"""F27: whether a task is overdue follows the as-of date alone, whatever clock and time zone say."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
from pathlib import Path

import pytest

from app.cli import main
from tests.faults.conftest import ROOT, command

DOCUMENT = """东湾市整改情况通报
2024年3月10日
二、整改情况
1.台账不全。正在整改，2024年2月29日前未完成。
2.巡查不勤。正在整改，2024年12月31日前完成。
3.设备老化。2024年2月底前更换完毕。该问题已销号。
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clock")
    (folder / "report.txt").write_text(DOCUMENT, encoding="utf-8")
    assert main(["ingest", str(folder / "report.txt"), "--store", str(folder / "s")]) == 0
    return folder / "s"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_answer_is_the_same_in_every_time_zone(store: Path, zone: str) -> None:
    line = command("ledger", "--store", store, "--json", "--as-of", "2024-03-10")
    environment = {**os.environ, "TZ": zone}

    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True)

    assert [row["overdue"] for row in json.loads(done.stdout)] == ["yes", "no", "no"]


@pytest.mark.parametrize(
    ("as_of", "answers"),
    [
        ("1900-01-01", ["no", "no", "no"]),
        ("2024-02-29", ["no", "no", "no"]),
        ("2024-03-01", ["yes", "no", "unknown"]),  # done by 10 March; whether on 1 March nobody says
        ("2024-12-31", ["yes", "no", "no"]),
        ("2025-01-01", ["yes", "unknown", "no"]),  # the document has not spoken since
        ("9999-12-31", ["yes", "unknown", "no"]),
    ],
)
def test_the_answer_follows_the_day_that_is_asked_for(
    store: Path, capsys: pytest.CaptureFixture[str], as_of: str, answers: list[str]
) -> None:
    capsys.readouterr()
    main(["ledger", "--store", str(store), "--json", "--as-of", as_of])

    assert [row["overdue"] for row in json.loads(capsys.readouterr().out)] == answers


def test_today_is_that_of_shanghai(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from retriever import tally

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            # One hour before midnight in London on leap day: in Shanghai it is March.
            return dt.datetime(2024, 2, 29, 23, tzinfo=dt.UTC).astimezone(tz)

    monkeypatch.setattr(tally.dt, "datetime", Clock)

    assert tally.today() == dt.date(2024, 3, 1)
