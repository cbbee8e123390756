"""The terminal: answers go to standard output, as words or as JSON; complaints go to standard error, a line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any


def speak_utf8() -> None:
    """Print UTF-8 whatever the locale; a lone surrogate is printed as its escape, which JSON reads as what it was."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    print(json.dumps(value, ensure_ascii=False))


def print_array(values: Iterable[Any]) -> None:
    """Print one array, a value a line, while the values come: none of them waits for the others in memory."""
    first = True
    for value in values:
        print("[" if first else ",", json.dumps(value, ensure_ascii=False), sep="\n" if not first else "")
        first = False
    print("[]" if first else "]")


def complain(line: str) -> None:
    """Print a line to standard error, whatever the names in it hold."""
    from app.console import plain

    print(plain(" ".join(line.encode("utf-8", "backslashreplace").decode().split())), file=sys.stderr)
