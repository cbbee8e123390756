"""Older and other office formats (.doc .wps .rtf .odt .xls .et .ods), turned into .docx or .xlsx by LibreOffice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from ingest.error import ReadError
from ingest.read import docx, xlsx
from ingest.read.reading import Limits, Reading

_SECONDS = 120.0  # a conversion that takes longer hangs; the first one of a new profile takes some ten
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/opt/libreoffice/program/soffice",
    "C:\\Program Files\\LibreOffice\\program\\soffice.exe",
)
_GET = "Debian、Ubuntu：sudo apt install libreoffice；其他系统：https://www.libreoffice.org"
# No macros, and no links that are followed: the file is not trusted. The form is that of registrymodifications.xcu.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
</oor:items>
"""  # noqa: E501 - a file of LibreOffice's own form


def read_words(data: bytes, limits: Limits) -> Reading:
    """Return a document of words (.doc .wps .rtf .odt).

    Raises:
        ReadError: LibreOffice is not installed, cannot read the file or takes too long, or for the reasons of `docx`.
    """
    return replace(docx.read(_converted(data, "docx", limits), limits), kind="doc")


def read_cells(data: bytes, limits: Limits) -> Reading:
    """Return a workbook (.xls .et .ods).

    Raises:
        ReadError: as for `read_words`.
    """
    return replace(xlsx.read(_converted(data, "xlsx", limits), limits), kind="xls")


def program() -> str | None:
    """Return the path of LibreOffice on this machine, None where it is not installed."""
    found = (shutil.which(name) for name in ("soffice", "libreoffice"))
    return next((path for path in (*found, *_PLACES) if path and os.access(path, os.X_OK)), None)


def _converted(data: bytes, suffix: str, limits: Limits) -> bytes:
    soffice = program()
    if soffice is None:
        raise ReadError(
            f"读取旧版 Word、Excel、WPS、RTF、ODF 文件需要 LibreOffice：请安装（{_GET}），或另存为 .{suffix}"
        )
    with tempfile.TemporaryDirectory(prefix="duban-") as folder:
        source = Path(folder, f"file{_suffix(data, suffix)}")
        source.write_bytes(data)
        user = Path(folder, "profile", "user")  # a profile of its own: a desktop that is open locks the usual one
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        out = Path(folder, "out")
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        options = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo")
        _run([soffice, profile, *options, "--convert-to", suffix, "--outdir", str(out), str(source)], folder, limits)
        made = out / f"file.{suffix}"
        if not made.is_file():
            raise ReadError(f"LibreOffice 打不开这个文件（可能已损坏或有密码）：请用原程序打开后另存为 .{suffix}")
        if made.stat().st_size > limits.size:
            raise ReadError(f"转换后超过 {limits.size / 1e6:.0f} MB 的上限：请拆分后再导入")
        return made.read_bytes()


def _run(command: list[str], folder: str, limits: Limits) -> None:
    """Run a command in a session of its own, so that whatever it starts ends with it."""
    environment = {**os.environ, "HOME": folder, "TMPDIR": folder}
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=sys.platform != "win32",
    )  # fmt: skip
    end = time.monotonic() + _SECONDS
    try:
        while process.poll() is None:
            if time.monotonic() > end:
                raise ReadError(f"LibreOffice 转换超过 {_SECONDS:.0f} 秒没有完成：请用原程序另存为 .docx 或 .xlsx")
            limits.progress()
            time.sleep(0.1)
    finally:
        if sys.platform != "win32":
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended, and left nothing behind
        elif process.poll() is None:
            process.kill()
        process.wait()


def _suffix(data: bytes, target: str) -> str:
    """Return a suffix under which LibreOffice takes the file for what it is; .wps and .et are as .doc and .xls."""
    if data.startswith(b"{\\rtf"):
        return ".rtf"
    if data.startswith(b"PK"):
        return ".odt" if target == "docx" else ".ods"
    if b"M\0a\0t\0O\0S\0T" in data:  # Microsoft Works, which shares its suffix with WPS
        return ".wps"
    return ".doc" if target == "docx" else ".xls"
