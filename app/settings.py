"""The settings: one frozen object, read once from the environment at the door of the command."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.error import DubanError

_PREFIX = "DUBAN_"
_OF_THE_TESTS = {"DUBAN_REQUIRE_BROWSER", "DUBAN_CHROMIUM"}  # read by tests/conftest.py, of no effect here


class SettingsError(DubanError):
    """You meet this when an environment variable DUBAN_* has a name that nothing reads, or a value that cannot be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside. A field is set by the variable `DUBAN_` and its name in capitals.

    store: the folder of the store. embedder: what makes the vectors, a name or folder that `retriever.embedder` knows;
    "" is the one that comes with Duban. upload_mb: the largest file that the page takes, in MB (millions of bytes).
    """

    store: Path = Path("store")
    embedder: str = ""
    upload_mb: int = 30

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of an environment; an empty variable is as if it were not set.

        Raises:
            SettingsError: naming the variable, if one that begins with DUBAN_ is none of ours or has no such value.
        """
        known = {f"{_PREFIX}{field.upper()}" for field in cls.__dataclass_fields__}
        for key in sorted(environment):
            if key.startswith(_PREFIX) and key not in known | _OF_THE_TESTS:
                names = "、".join(sorted(known))
                raise SettingsError(f"环境变量 {key}: 没有这项设置{_meant(key, known)}；可用的有 {names}")
        defaults = cls()
        return cls(
            store=Path(environment.get("DUBAN_STORE") or defaults.store),
            embedder=environment.get("DUBAN_EMBEDDER") or defaults.embedder,
            upload_mb=_count("DUBAN_UPLOAD_MB", environment, defaults.upload_mb),
        )


def _count(key: str, environment: Mapping[str, str], default: int) -> int:
    value = environment.get(key) or str(default)
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 100_000):
        raise SettingsError(f"环境变量 {key}: 值 {value!r} 不对；应为 1 至 99999 的整数")
    return int(value)


def _meant(key: str, known: set[str]) -> str:
    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f"，是不是 {close[0]}？" if close else ""
