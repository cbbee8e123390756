"""A batch of questions for `duban ask --batch`: one JSON object a line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.error import DubanError


class BatchError(DubanError):
    """You meet this when a line of a batch is no question; nothing of the batch is answered then."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `id` is what the asker calls it, any JSON value, and stands on the answer."""

    question: str
    history: tuple[str, ...] = ()
    as_of: date | None = None
    id: Any = None


def read_batch(file: str) -> list[Question]:
    """Return the questions of a JSONL file ("-": standard input), in order; blank lines are passed over.

    Read are the keys `question`, `id`, `history` and `as_of`; every other key is ignored, so a suite's cases will do.

    Raises:
        BatchError: naming file, line, key and value, if a line is no question.
    """
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        lines = data.decode("utf-8-sig").split("\n")
    except OSError as error:
        raise BatchError(f"{file}: 无法读取（{error.strerror}）；请检查 --batch 的路径") from error
    except UnicodeDecodeError as error:
        raise BatchError(f"{file}: 不是 UTF-8（第 {error.start} 字节）；请另存为 UTF-8 编码的 JSONL") from error
    return [_question(line, f"{file} 第 {number} 行") for number, line in enumerate(lines, start=1) if line.strip()]


def _question(line: str, where: str) -> Question:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BatchError(f"{where}: 不是 JSON（{error}）；每行应为一个 JSON 对象") from error
    if not isinstance(record, dict):
        raise BatchError(f"{where}: 应为一个 JSON 对象，不是 {type(record).__name__}")
    if not isinstance(record.get("question"), str):
        raise BatchError(f"{where}: question 的值 {record.get('question')!r} 不对；应为文字")
    history = record.get("history")
    history = [] if history is None else history
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        raise BatchError(f"{where}: history 的值 {history!r} 不对；应为文字的列表，先问的在前")
    as_of = record.get("as_of")
    try:
        day = None if as_of is None else date.fromisoformat(as_of)
    except (TypeError, ValueError) as error:
        raise BatchError(f"{where}: as_of 的值 {as_of!r} 不对；应为日期，如 2025-03-31") from error
    return Question(record["question"], tuple(history), day, record.get("id"))
