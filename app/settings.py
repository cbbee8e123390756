"""The settings: one frozen object, read once from the environment at the door of the command."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.error import DubanError

if TYPE_CHECKING:
    from ingest.read.pool import Bounds
    from ingest.read.reading import Limits
    from retriever.generate import Model

_PREFIX = "DUBAN_"
_OF_THE_TESTS = {"DUBAN_REQUIRE_BROWSER", "DUBAN_CHROMIUM"}  # read by tests/conftest.py, of no effect here


class SettingsError(DubanError):
    """You meet this when an environment variable DUBAN_* has a name that nothing reads, or a value that cannot be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside. A field is set by the variable `DUBAN_` and its name in capitals.

    store: the folder of the store. embedder: what makes the vectors, a name or folder that `retriever.embedder` knows;
    "" is the one that comes with Duban. device: where a model of sentence-transformers computes, "cpu", "cuda:1" and so
    on; "" leaves that to the library. reranker: the name or the folder of a cross-encoder; "" is none. chroma: the URL
    of the Chroma server that holds the vectors; "" where they lie in the store. upload_mb: the largest file that the
    page takes, in MB (millions of bytes).

    What reading a file may take: file_mb: its size in MB. pages: pages of a document, the rest is left out with a note.
    megapixels: of a picture. page_seconds: for the recognition of one page. worker_mb: resident memory of a process
    that reads, in MB. idle_seconds: how long it may go on without progress. workers: how many read at once, 0 for as
    many as there are cores, and memory for.

    model: the language model, "provider:name"; "" is none. model_url, model_key: where its server is, and the key that
    it asks for. model_uses: what it is used for, of followup, answer and judge, with commas; "" for the first two.
    model_seconds, model_parallel, model_tokens: see `retriever.generate.Options`. model_log: 1 to log what is sent and
    what comes back.
    """

    store: Path = Path("store")
    embedder: str = ""
    device: str = ""
    reranker: str = ""
    chroma: str = ""
    model: str = ""
    model_url: str = ""
    model_key: str = field(default="", repr=False)
    model_uses: str = ""
    upload_mb: int = 30
    file_mb: int = 100
    pages: int = 3_000
    megapixels: int = 40
    page_seconds: int = 90
    worker_mb: int = 1_000
    idle_seconds: int = 30
    workers: int = 0
    model_seconds: int = 30
    model_parallel: int = 4
    model_tokens: int = 3_000
    model_log: int = 0

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of an environment; an empty variable is as if it were not set.

        Raises:
            SettingsError: naming the variable, if one that begins with DUBAN_ is none of ours, or its value no number.
            PlaceError: DUBAN_CHROMA is no URL of a server.
        """
        known = {f"{_PREFIX}{name.upper()}" for name in cls.__dataclass_fields__}
        for key in sorted(environment):
            if key.startswith(_PREFIX) and key not in known | _OF_THE_TESTS:
                names = "、".join(sorted(known))
                raise SettingsError(f"环境变量 {key}: 没有这项设置{_meant(key, known)}；可用的有 {names}")
        defaults = cls()
        numbers: dict[str, Any] = {
            name: _number(environment, name) for name in _NUMBERS if environment.get(f"{_PREFIX}{name.upper()}")
        }
        return cls(
            store=Path(environment.get("DUBAN_STORE") or defaults.store),
            embedder=environment.get("DUBAN_EMBEDDER") or defaults.embedder,
            device=environment.get("DUBAN_DEVICE") or defaults.device,
            reranker=environment.get("DUBAN_RERANKER") or defaults.reranker,
            chroma=_address(environment.get("DUBAN_CHROMA") or defaults.chroma),
            model=environment.get("DUBAN_MODEL") or defaults.model,
            model_url=environment.get("DUBAN_MODEL_URL") or defaults.model_url,
            model_key=environment.get("DUBAN_MODEL_KEY") or defaults.model_key,
            model_uses=environment.get("DUBAN_MODEL_USES") or defaults.model_uses,
            **numbers,
        )

    def language_model(self) -> Model | None:
        """Return the language model that is set, None where none is.

        Raises:
            ModelError: it cannot be used as it is set, with what is wrong.
        """
        if not self.model:
            return None
        from retriever.generate import Model, Options

        given: dict[str, Any] = {}
        if self.model_uses:
            given["uses"] = frozenset(use.strip() for use in self.model_uses.split(",") if use.strip())
        return Model.named(
            Options(
                self.model, self.model_url, self.model_key, seconds=float(self.model_seconds),
                parallel=self.model_parallel, tokens=self.model_tokens, log=bool(self.model_log), **given,
            )
        )  # fmt: skip

    @property
    def limits(self) -> Limits:
        """Return what reading one file may take."""
        from ingest.read.reading import Limits

        return Limits(
            size=self.file_mb * 1_000_000,
            pages=self.pages,
            pixels=self.megapixels * 1_000_000,
            page_seconds=self.page_seconds,
        )

    @property
    def bounds(self) -> Bounds:
        """Return what a process that reads files may take."""
        from ingest.read.pool import Bounds

        return Bounds(self.worker_mb, self.idle_seconds, self.workers)


_NUMBERS = tuple(name for name, of in Settings.__dataclass_fields__.items() if of.type == "int")
_MAY_BE_ZERO = ("workers", "model_log")


def _number(environment: Mapping[str, str], name: str) -> int:
    key = f"{_PREFIX}{name.upper()}"
    value = environment[key].strip()
    if not value.isascii() or not value.isdigit() or (int(value) == 0 and name not in _MAY_BE_ZERO):
        raise SettingsError(f"环境变量 {key}={value!r}: 要一个正整数")
    return int(value)


def _address(url: str) -> str:
    if not url:
        return ""
    from retriever.place import address  # loads numpy, for which `duban --help` does not wait

    return address(url)


def _meant(key: str, known: set[str]) -> str:
    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f"，是不是 {close[0]}？" if close else ""
