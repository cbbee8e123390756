"""What went wrong with a language model, told from the errors of any provider's client."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Literal

Kind = Literal[
    "timeout", "address", "certificate", "key", "name", "busy", "limit", "server", "protocol", "dropped", "resting",
    "client",
]  # fmt: skip

WORDS: dict[Kind, str] = {
    "timeout": "语言模型没有在时限内答完",
    "address": "连不上语言模型的服务",
    "certificate": "语言模型服务的证书不被信任",
    "key": "语言模型的服务不接受密钥",
    "name": "语言模型的服务上没有这个模型",
    "busy": "语言模型正忙，同时进行的请求已到上限",
    "limit": "语言模型的服务限制请求次数",
    "server": "语言模型的服务出错",
    "protocol": "语言模型的服务答得不合协议",
    "dropped": "语言模型的回复中途断了",
    "resting": "语言模型暂停使用",
    "client": "语言模型的客户端出错",
}
_AGAIN = frozenset({"limit", "server"})
_FATAL = frozenset({"address", "certificate", "key", "name"})  # will not mend itself within a minute


class Trouble(Exception):
    """You meet this when a call to a language model came to nothing; it never leaves the room `generate`."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.notice = ""  # what readers are to be told of it, once

    @property
    def again(self) -> bool:
        """Return whether the same call may go well a moment later."""
        return self.kind in _AGAIN

    @property
    def fatal(self) -> bool:
        """Return whether the next call will meet the same."""
        return self.kind in _FATAL

    @property
    def words(self) -> str:
        """Return what went wrong in one line."""
        return WORDS[self.kind] + (f"（{self.detail}）" if self.detail else "")


def trouble(error: BaseException) -> Trouble:
    """Return what an error of a client means. The clients share no classes, but statuses, names and causes."""
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, Trouble):
            return link
    if any(isinstance(link, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(link) for link in chain):
        return Trouble("certificate")
    for link in chain:
        status = getattr(link, "status_code", None) or getattr(getattr(link, "response", None), "status_code", None)
        if isinstance(status, int) and status >= 300:
            return _of_status(status, str(link))
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    known = next((kind for kind, of in _NAMES if names & of), None)
    return Trouble(known) if known else Trouble("client", type(error).__name__)


# Classes of httpx, its successor, the clients of OpenAI and Ollama, and Python; the first that is met in a chain.
_NAMES: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("timeout", frozenset({"TimeoutException", "TimeoutError", "APITimeoutError"})),
    ("dropped", frozenset({"RemoteProtocolError", "IncompleteRead", "ReadError"})),
    ("protocol", frozenset({"UnsupportedProtocol", "LocalProtocolError", "JSONDecodeError", "UnicodeDecodeError"})),
    ("address", frozenset({"ConnectError", "ConnectionError", "gaierror", "APIConnectionError", "InvalidURL"})),
    ("server", frozenset({"APIError", "ResponseError"})),
)


def _of_status(status: int, said: str) -> Trouble:
    if status in (401, 403):
        return Trouble("key", str(status))
    if status == 404:
        return Trouble("name" if "model" in said.lower() else "address", "404")
    if status == 408:
        return Trouble("timeout", "408")
    if status == 429:
        return Trouble("limit", "429")
    return Trouble("server" if status >= 500 else "protocol", str(status))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error not in seen:
        seen.append(error)
        yield error
        below = error.__cause__ or error.__context__
        if below is None:
            return
        error = below
