"""Lines that name their value (督导单位：市林业局): whether such a line is the field that an ask wants."""

from __future__ import annotations

import re

from ingest.column import Column
from ingest.regex import regex
from retriever.question import Ask
from retriever.value import Kind

_NAMED = regex(r"[^\u3400-\u9fff]{0,4}(?P<name>[\u3400-\u9fff][\u3400-\u9fff()/、]{1,13})\s*[::]")
_BRACKETS = regex("[()/、]")  # 主(协)办机关 names those who lead and those who help
_BODIES: tuple[tuple[re.Pattern[str], Column], ...] = (
    (regex("牵头|主办|主责|承办|主协办|主管|权责"), "lead"),
    (regex("配合|协办|协同|协助|参与"), "partner"),
    (regex("督导|督办|督促|监督"), "supervisor"),
    (regex("责任|负责|落实单位|实施单位|主体"), "responsible"),
)
_OTHERS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (regex("时限|期限|日期|时间|[期时]程"), "date"),
    (regex("原因"), "reason"),
    (regex("进展|进度|状态|状况|情况|情形"), "status"),
)
_WANTED: tuple[tuple[re.Pattern[str], frozenset[Column]], ...] = (
    (regex("牵头|主办|挑头|领头|主责"), frozenset({"lead", "responsible"})),
    (regex("配合|协办|协助|参与|协同"), frozenset({"partner"})),
    (regex("督办|督导|督促|监督"), frozenset({"supervisor"})),
)
_ANY: frozenset[Column] = frozenset({"lead", "responsible"})


def fits(ask: Ask, words: str) -> int:
    """Return 1 where folded words are the field that an ask wants, -1 where they are another body's, else 0.

    2 where the ask names the very role that the field does (主办的是谁 and 主办机关：…).
    """
    named = _NAMED.match(words)
    if named is None:
        return 0
    name = _BRACKETS.sub("", named["name"])
    held = {role for pattern, role in _BODIES if pattern.search(name)}
    if "body" in ask.kinds and held:
        wanted = next((roles for pattern, roles in _WANTED if pattern.search(ask.text)), None)
        return -1 if not held & (wanted or _ANY) else 2 if wanted else 1
    return int(any(kind in ask.kinds and pattern.search(name) for pattern, kind in _OTHERS))
