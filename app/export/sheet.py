"""The three lists 三张清单 as columns and cells: problems, tasks, responsibilities."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from app.wording import KIND, OVERDUE, ROLE, STATUS, flag
from retriever.private import masked

Cell = str | int | dt.date | None
Row = dict[str, Any]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# What XML 1.0 does not allow, so that no workbook can hold it.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_000  # characters; a cell of a workbook holds 32,767


def clean(text: str) -> str:
    """Return the text without what no file of an office program can hold, and with private values masked."""
    return _CONTROL.sub("", masked(text))


def safe(text: str) -> str:
    """Return the text as a cell holds it: never a formula.

    A program that opens the table would run what begins with = + - @, a tab or a line break (OWASP, CSV injection); an
    apostrophe before it makes it text.
    """
    text = clean(text)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}…"
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: its head, its width in characters, and what stands in it."""

    head: str
    width: int
    of: Callable[[Row], Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list: its name, its columns, and the lines that a task adds to it (none, one, or one a duty)."""

    name: str
    columns: tuple[Column, ...]
    lines: Callable[[Row], Iterator[Row]]

    def cells(self, row: Row) -> Iterator[list[Cell]]:
        """Yield the cells of each line that the task adds, made safe."""
        for line in self.lines(row):
            yield [safe(cell) if isinstance(cell := column.of(line), str) else cell for column in self.columns]


def units(row: Row, *roles: str) -> str:
    """Return the bodies of a task in these roles, as the document writes them."""
    return "、".join(duty["name"] or duty["unit"] for duty in row["duties"] if duty["role"] in roles)


def deadlines(row: Row) -> str:
    """Return the deadlines of a task in the document's words."""
    return "；".join(dict.fromkeys(" ".join(when["text"].split()) for when in row["deadlines"]))


def day(value: str | None) -> dt.date | None:
    """Return an ISO date as a date."""
    return dt.date.fromisoformat(value) if value else None


def file_of(source: str) -> str:
    """Return the name of the file that a document was read from, without the folders of this machine above it.

    Of a file in an archive it is the archive's name and the way in it; an address stays as it is.
    """
    if "://" in source:
        return source
    parts = PurePath(source).parts
    first = next((at for at, part in enumerate(parts[:-1]) if part.lower().endswith(".zip")), len(parts) - 1)
    return "/".join(parts[first:])


def place(row: Row) -> str:
    """Return where in its document the task stands."""
    return " › ".join(row["path"])


def _task(row: Row) -> Iterator[Row]:
    yield row


def _problem(row: Row) -> Iterator[Row]:
    if row["problem"]:
        yield row


def _duty(row: Row) -> Iterator[Row]:
    for duty in row["duties"]:
        yield {**row, "duty": duty}


_DOCUMENT = Column("文件", 28, lambda row: row["doc_title"])
_NO = Column("序号", 7, lambda row: int(row["no"]) if row["no"] and len(row["no"]) < 9 else row["no"])
_STATE = (
    Column("状态", 10, lambda row: STATUS[row["status"]["kind"]]),
    Column("状态日期", 12, lambda row: day(row["status"]["as_of"])),
)
_DUE = (
    Column("期限原文", 24, deadlines),
    Column("最晚日期", 12, lambda row: day(row["due"])),
    Column("是否逾期", 10, lambda row: OVERDUE[row["overdue"]]),
)
_MEASURES = Column(
    "措施", 50, lambda row: "\n".join(f"[{STATUS[m['status']]}] {' '.join(m['text'].split())}" for m in row["measures"])
)
_SOURCE = (
    Column("路径", 34, place),
    Column("页", 6, lambda row: row.get("page")),
    Column("原文", 60, lambda row: row["quote"]),
    Column("起", 8, lambda row: row["start"]),
    Column("止", 8, lambda row: row["end"]),
    Column("来源", 30, lambda row: file_of(row["source"])),
    Column("编号", 18, lambda row: row["id"]),
)

TASKS = Sheet(
    "任务清单",
    (
        _DOCUMENT, _NO, Column("事项", 40, lambda row: row["title"]), Column("类别", 8, lambda row: KIND[row["kind"]]),
        Column("牵头单位", 20, lambda row: units(row, "lead")),
        Column("责任单位", 20, lambda row: units(row, "responsible")),
        Column("配合单位", 24, lambda row: units(row, "partner")),
        Column("督导单位", 18, lambda row: units(row, "supervisor")),
        Column("被督促对象", 18, lambda row: units(row, "target")), *_DUE,
        Column("周期", 20, lambda row: "；".join(w["every"] for w in row["deadlines"] if w.get("every"))),
        *_STATE, _MEASURES,
        Column("提示", 24, lambda row: "；".join(flag(name) for name in row["flags"])), *_SOURCE,
    ),
    _task,
)  # fmt: skip
PROBLEMS = Sheet(
    "问题清单",
    (
        _DOCUMENT, _NO, Column("问题", 40, lambda row: row["title"]), *_STATE, _MEASURES, *_DUE,
        Column("责任单位", 24, lambda row: units(row, "lead", "responsible")), *_SOURCE,
    ),
    _problem,
)  # fmt: skip
DUTIES = Sheet(
    "责任清单",
    (
        Column("单位", 26, lambda row: row["duty"]["name"] or row["duty"]["unit"]),
        Column("角色", 8, lambda row: ROLE[row["duty"]["role"]]),
        Column("文件写法", 20, lambda row: row["duty"]["unit"]),
        _DOCUMENT, _NO, Column("事项", 40, lambda row: row["title"]), *_DUE, *_STATE, *_SOURCE,
    ),
    _duty,
)  # fmt: skip
SHEETS = (PROBLEMS, TASKS, DUTIES)
