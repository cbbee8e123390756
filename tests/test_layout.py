"""The rooms: imports run one way, each room is the one of this checkout, and its door names few things."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# A room may import those before it; `prompts` imports nothing of ours.
ROOMS = {
    "prompts": set(),
    "ingest": set(),
    "retriever": {"ingest", "prompts"},
    "eval": {"ingest", "prompts", "retriever"},
    "app": {"ingest", "prompts", "retriever", "eval"},
}
# Whoever asks or searches waits for none of these. Two modules are made of one, and imported only when asked for.
LATE = {ROOT / "app" / "web" / "page.py", ROOT / "retriever" / "langchain.py"}
HEAVY = {
    "chromadb", "gradio", "langchain", "langchain_core", "langchain_ollama", "langchain_openai", "langsmith",
    "onnxruntime", "openai", "sentence_transformers", "torch",
}  # fmt: skip
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield every import statement of a file, those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def rooms_imported(path: Path) -> set[str]:
    """Return the rooms that a file names in its imports."""
    found = set()
    for node in imports(path):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        found.update(name.partition(".")[0] for name in names)
    return found & set(ROOMS)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]

    assert rooms_imported(path) <= ROOMS[room] | {room}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_are_absolute_and_name_what_they_take(path: Path) -> None:
    relative = [node.lineno for node in imports(path) if isinstance(node, ast.ImportFrom) and node.level]
    whole = [
        node.lineno
        for node in imports(path)
        if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] in ROOMS for alias in node.names)
    ]

    assert not relative
    assert not whole


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_module_begins_with_a_line_that_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""

    assert docstring.split("\n")[0].endswith((".", "?"))


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_the_one_of_this_checkout(room: str) -> None:
    found = importlib.import_module(room).__file__

    assert found is not None
    assert Path(found).resolve().is_relative_to(ROOT / room)


@pytest.mark.parametrize("room", ROOMS)
def test_a_door_names_at_most_five_things_and_has_them(room: str) -> None:
    door = importlib.import_module(room)
    named = getattr(door, "__all__", [])

    assert len(named) <= 5
    assert [thing for thing in named if not hasattr(door, thing)] == []


def test_importing_the_rooms_loads_nothing_heavy() -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in FILES if path not in LATE]
    script = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    run = [sys.executable, "-c", script, *modules]

    done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr
    assert HEAVY & set(done.stdout.split()) == set()


def test_who_only_asks_loads_no_reader_of_files() -> None:
    script = "import sys\nfrom retriever import Retriever\nprint(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert [name for name in done.stdout.split() if name.startswith("ingest.read")] == []
