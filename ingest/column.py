"""Columns: what the columns of a table of duties hold, by what they are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from ingest.regex import regex

Column = Literal[
    "no", "task", "measure", "lead", "responsible", "partner", "supervisor", "person", "deadline", "status"
]

# What a column is called, in folded text; the first that fits names it.
_COLUMNS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    ("no", regex(r"序号|项次|编号|号|no\.?|#")),
    ("person", regex(r".{0,6}(?:责任人|负责人|牵头人|领导|联系人)")),
    ("deadline", regex(r".{0,6}(?:时限|期限|截止.{0,4}|完成日期|时间(?:节点|要求|安排)?|[期时]程)")),
    ("status", regex(
        r".{0,6}(?:进展|进度|状态|(?:完成|整改|落实|办理|推进|销号)(?:情况|情形))(?:情况)?|是否.{1,6}"
    )),
    ("lead", regex(r"(?:牵头|主办|主责|承办)(?:责任)?(?:单位|部门|主体|科室|处室|机关|局处)?")),
    ("partner", regex(r"(?:配合|协办|参与|协助|协同|参加)(?:责任)?(?:单位|部门|科室|处室|机关|局处)?")),
    ("supervisor", regex(r"(?:督导|督办|督查|督促|监督|指导)(?:责任)?(?:单位|部门|科室|处室|机关|局处)?")),
    ("responsible", regex(
        r"(?:责任|权责|落实|实施|负责|主体|考核|承担)(?:考核|落实|实施|整改|办理)?(?:单位|部门|主体|科室|处室|机关)(?:及责任人)?|责任方"
    )),
    ("measure", regex(r".{0,6}(?:措施|具体内容|具体要求|工作要求|整改要求|工作内容|工作标准)")),
    ("task", regex(r".{0,6}(?:任务|事项|项目|工作|问题|举措|内容|要点|目标)(?:名称|内容|描述|摘要|清单)?")),
)  # fmt: skip
_SAYS: frozenset[Column] = frozenset({"lead", "responsible", "partner", "supervisor", "deadline", "status"})


def header(names: Sequence[str]) -> tuple[Column | None, ...] | None:
    """Return what the columns hold that are called so (folded), None where these are no columns of duties."""
    columns = [column(name) for name in names]
    if "task" not in columns and "measure" in columns:
        columns[columns.index("measure")] = "task"
    if "task" not in columns or not _SAYS & set(columns):
        return None
    first = columns.index("task")
    return tuple("measure" if held == "task" and at > first else held for at, held in enumerate(columns))


def column(name: str) -> Column | None:
    """Return what a column of this name (folded) holds, None where it is none of duties."""
    bare = re.sub(r"[\s*]|\([^()]*\)", "", name)
    return next((held for held, pattern in _COLUMNS if pattern.fullmatch(bare)), None)
