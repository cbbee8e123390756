"""How far a long command has got."""

from __future__ import annotations

import time

import pytest

from app import progress as module
from app.progress import progress


def test_work_that_tells_nothing_is_said_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "_SILENT", 0.5)
    with progress("导入") as show:
        show(0, 2, "大文件.pdf", "第 120/3000 页")
        time.sleep(1.6)
    lines = capsys.readouterr().err.splitlines()

    assert lines and all(line.startswith("导入 0/2 大文件.pdf 第 120/3000 页（仍在进行，已 ") for line in lines)


def test_a_line_is_written_now_and_then_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress("导入") as show:
        show(1, 3, "甲.txt")
        monkeypatch.setattr(module, "_EVERY", 0.0)
        show(1, 3, "乙\u202e.pdf", "第 2/9 页")
        show(3, 3, "丙\n.txt")

    assert capsys.readouterr().err.splitlines() == ["导入 1/3 乙.pdf 第 2/9 页", "导入 3/3 丙 .txt"]
