"""`duban serve`: opens the page, on this machine alone."""

from __future__ import annotations

import argparse
import ipaddress
from typing import Any

from app.settings import Settings
from app.usage import command, port
from ingest.error import DubanError


def add(commands: Any) -> None:
    """Add the command and what can be typed behind it."""
    serve = command(commands, "serve", _serve, "打开网页 · open the page", json=False)
    serve.add_argument("--host", default="127.0.0.1", metavar="H", help="地址，目前只能是本机 · loopback only for now")
    serve.add_argument("--port", type=port, default=7860, metavar="P", help="端口，默认 7860 · the port")


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    if not _is_loopback(args.host):
        raise DubanError(f"--host {args.host}: 目前没有账户，只能在本机打开；请用 127.0.0.1、::1 或 localhost")
    from app.web import serve
    from retriever.embedder import for_reading

    serve(settings, for_reading(settings.embedder, settings.device), args.host, args.port)
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
