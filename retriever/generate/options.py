"""What is to be known of a language model before it can be asked: its name, where it is, what it may be used for."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

from ingest.error import DubanError

Use = Literal["followup", "answer", "judge"]
USES: tuple[Use, ...] = get_args(Use)
_OLLAMA = "http://127.0.0.1:11434"
_EXTRAS = ("openai", "ollama")  # of duban; another provider's package of LangChain is installed by whoever names it


class ModelError(DubanError):
    """You meet this when a language model is set so that it cannot be used: its name, address or package."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a language model is reached and how it is used.

    name: "provider:name" as `langchain.chat_models.init_chat_model` reads it. url: where its server is; that of Ollama
    may be left out. key: what the server asks for; it is never shown. uses: what it is asked to do: complete a
    follow-up, write the answer, judge answers in an evaluation. seconds: for one question, retries and corrections
    included. parallel: how many calls may be under way. tokens: of evidence that are sent, at one a Han character. log:
    whether what is sent and what comes back is logged.
    """

    name: str
    url: str = ""
    key: str = field(default="", repr=False)
    uses: frozenset[Use] = frozenset({"followup", "answer"})
    seconds: float = 30.0
    parallel: int = 4
    tokens: int = 3_000
    log: bool = False

    def __post_init__(self) -> None:
        """Look the values over.

        Raises:
            ModelError: naming the value that cannot be, and what would do.
        """
        if not self.provider or not self.model:
            raise ModelError(f"语言模型 {self.name!r}: 要写成 提供方:名称，例如 openai:qwen3-32b 或 ollama:qwen3:8b")
        parts = urlsplit(self.url)
        if self.url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ModelError(f"语言模型的地址 {self.url!r}: 要一个网址，例如 http://127.0.0.1:8000/v1")
        if not self.url and self.provider != "ollama":
            raise ModelError(f"语言模型 {self.name}: 没有地址；请设 DUBAN_MODEL_URL，例如 http://127.0.0.1:8000/v1")
        unknown = sorted(set(self.uses) - set(USES))
        if unknown:
            raise ModelError(f"语言模型的用途 {unknown[0]!r} 不存在：可用的有 {'、'.join(USES)}")

    @property
    def provider(self) -> str:
        """Return what stands before the first colon of the name."""
        return self.name.partition(":")[0].strip()

    @property
    def model(self) -> str:
        """Return the model's name at its server."""
        return self.name.partition(":")[2].strip()

    @property
    def address(self) -> str:
        """Return where the server is."""
        return self.url or _OLLAMA

    def installed(self) -> None:
        """Look whether the package of the provider is installed.

        Raises:
            ModelError: it is not; with the line that installs it.
        """
        package = f"langchain_{self.provider.replace('-', '_')}"
        if importlib.util.find_spec(package) is None:
            line = f"duban[{self.provider}]" if self.provider in _EXTRAS else package.replace("_", "-")
            raise ModelError(f"语言模型 {self.name}: 缺少程序包；请运行 pip install '{line}'")
