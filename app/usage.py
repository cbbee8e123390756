"""The usage of the command: what its parts share, the kinds of arguments, and how a wrong usage is told."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from app.settings import Settings
from app.terminal import complain


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the usage in one line, and takes options by their whole name only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """End with the message and exit status 2."""
        complain(f"{self.prog}: 用法错误：{message}；{self.prog} --help 查看用法")
        sys.exit(2)


def command(
    group: Any, name: str, does: Callable[[argparse.Namespace, Settings], int], words: str, *, json: bool = True
) -> argparse.ArgumentParser:
    """Add a command to a group of them; what it does returns the exit status. Every one takes --store."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--store", type=Path, metavar="DIR", help="库文件夹，默认 DUBAN_STORE，其次 ./store · the store"
    )
    if json:
        common.add_argument("--json", action="store_true", help="输出 JSON · print JSON and nothing else")
    made: argparse.ArgumentParser = group.add_parser(name, help=words, description=words, parents=[common])
    made.set_defaults(command=does)
    return made


def text(words: str) -> str:
    """Return the words with � for each surrogate: what was no UTF-8 on the command line can be stored then."""
    return re.sub("[\ud800-\udfff]", "\ufffd", words)


def day(words: str) -> date:
    """Return a date that is written as 2025-03-31."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{words!r} 不是日期；应如 2025-03-31") from None


def count(words: str) -> int:
    """Return a number from 1."""
    if not (words.isascii() and words.isdigit() and int(words) > 0):
        raise argparse.ArgumentTypeError(f"{words!r} 不是正整数")
    return int(words)


def number(words: str) -> int:
    """Return a number from 0."""
    if not (words.isascii() and words.isdigit()):
        raise argparse.ArgumentTypeError(f"{words!r} 不是非负整数")
    return int(words)


def port(words: str) -> int:
    """Return the number of a port; 0 is any that is free."""
    if not (words.isascii() and words.isdigit() and int(words) < 65536):
        raise argparse.ArgumentTypeError(f"{words!r} 不是端口号；应为 0 至 65535")
    return int(words)
