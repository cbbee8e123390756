"""The wheel: it holds the rooms with all their files, nothing else of the checkout, and asks for what they import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("ingest", "retriever", "prompts", "eval", "app")


def test_wheel_holds_every_file_of_the_rooms_and_no_other(tmp_path: Path) -> None:
    lying_there = {
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(build, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("duban-*.whl")

    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert names == lying_there


def brought(asked: list[str]) -> set[str]:
    """Return the names of the distributions that requirements bring, those that others bring along included."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    left = [(Requirement(line), "") for line in asked]
    while left:
        one, extra = left.pop()
        name = named(one.name)
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        found.add(name)
        for extra in {"", *one.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, extra))
            try:
                left += [(Requirement(line), extra) for line in requires(name) or ()]
            except PackageNotFoundError:
                break  # of another platform
    return found


def named(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(path: Path) -> Iterator[str]:
    """Yield the top names of what a file imports, inside functions too, that neither Python nor we bring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for top in {name.partition(".")[0] for name in names}:
            if top not in sys.stdlib_module_names and top not in ROOMS:
                yield top


def test_what_the_rooms_import_is_brought_by_what_the_wheel_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    there, home = brought(asked), packages_distributions()
    others = {ROOT / "retriever" / "cedict.py", *(ROOT / "eval" / "bench").iterdir()}  # tools, with extras of their own

    missing = [
        f"{path.relative_to(ROOT)}: {top}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path not in others
        for top in imported(path)
        if not there & {named(name) for name in home.get(top, ())}
    ]

    assert missing == []
