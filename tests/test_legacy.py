import os
import stat
import subprocess
import sys
import time

import pytest

from ingest.error import ReadError
from ingest.read import legacy, parse
from tests.office import docx, paragraph

RTF = b"{\\rtf1\\ansi\\ansicpg936 \\'b8\\'f7\\'b5\\'a5\\'ce\\'bb\\'d7\\'a5\\'ba\\'c3\\'c2\\'e4\\'ca\\'b5\\par}"


def office(tmp_path, monkeypatch, script: str) -> None:
    """Put a program in the place of LibreOffice; it finds the folder for its output in `out`, its input in `file`."""
    program = tmp_path / "soffice"
    program.write_text(
        f"#!{sys.executable}\nimport sys, time, pathlib, subprocess\n"
        "out, file = pathlib.Path(sys.argv[-2]), pathlib.Path(sys.argv[-1])\nout.mkdir()\n" + script,
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(legacy, "program", lambda: str(program))


def test_without_libreoffice_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(legacy, "program", lambda: None)

    with pytest.raises(ReadError, match="apt install libreoffice"):
        parse(RTF, ".rtf")


def test_what_it_makes_is_read_and_nothing_is_left_behind(tmp_path, monkeypatch):
    made = tmp_path / "made.docx"
    made.write_bytes(docx(paragraph("各单位抓好落实")))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    office(tmp_path, monkeypatch, f"(out / 'file.docx').write_bytes(pathlib.Path({str(made)!r}).read_bytes())")

    document = parse(RTF, ".rtf")

    assert (document.kind, document.text) == ("doc", "各单位抓好落实\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.docx", "soffice"]


def test_a_file_that_it_cannot_open_is_refused(tmp_path, monkeypatch):
    office(tmp_path, monkeypatch, "sys.exit(1)")

    with pytest.raises(ReadError, match="打不开"):
        parse(RTF, ".rtf")


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    pid = tmp_path / "pid"
    office(
        tmp_path, monkeypatch,
        f"child = subprocess.Popen(['sleep', '60'])\npathlib.Path({str(pid)!r}).write_text(str(child.pid))\ntime.sleep(60)",
    )  # fmt: skip
    monkeypatch.setattr(legacy, "_SECONDS", 2.0)

    with pytest.raises(ReadError, match="没有完成"):
        parse(RTF, ".rtf")
    assert not _runs(int(pid.read_text()))


def _runs(pid: int) -> bool:
    for _ in range(50):
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout
        if not state.strip() or state.startswith("Z"):
            return False
        time.sleep(0.1)
    return True


@pytest.mark.slow
@pytest.mark.skipif(legacy.program() is None, reason="LibreOffice is not installed")
def test_a_real_conversion():
    assert parse(RTF, ".rtf").text == "各单位抓好落实\n"
    assert os.path.exists(legacy.program() or "")
