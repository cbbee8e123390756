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
    """You meet this when an environment variable DUBAN_* has a name that nothing reads."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside. A field is set by the variable `DUBAN_` and its name in capitals.

    store: the folder of the store. embedder: what makes the vectors, a name or folder that `retriever.embedder` knows;
    "" is the one that comes with Duban. device: where a model of sentence-transformers computes, "cpu", "cuda:1" and so
    on; "" leaves that to the library. reranker: the name or the folder of a cross-encoder; "" is none. chroma: the URL
    of the Chroma server that holds the vectors; "" where they lie in the store.
    """

    store: Path = Path("store")
    embedder: str = ""
    device: str = ""
    reranker: str = ""
    chroma: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of an environment; an empty variable is as if it were not set.

        Raises:
            SettingsError: naming the variable, if one that begins with DUBAN_ is none of ours.
            PlaceError: DUBAN_CHROMA is no URL of a server.
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
            device=environment.get("DUBAN_DEVICE") or defaults.device,
            reranker=environment.get("DUBAN_RERANKER") or defaults.reranker,
            chroma=_address(environment.get("DUBAN_CHROMA") or defaults.chroma),
        )


def _address(url: str) -> str:
    if not url:
        return ""
    from retriever.place import address  # loads numpy, for which `duban --help` does not wait

    return address(url)


def _meant(key: str, known: set[str]) -> str:
    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f"，是不是 {close[0]}？" if close else ""
