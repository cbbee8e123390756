"""What can be asked next: questions whose answers the ledger holds for the matter that was just spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.corpus.tasks import Tasks, TaskWhere

# The field of a task, the words by which a question asks for it, and the label of the question that does.
_ASKS = (
    ("lead", ("牵头", "牽頭", "主办", "谁负责", "誰負責", "责任", "責任")),
    ("due", ("什么时候", "何时", "期限", "时限", "哪天", "多久", "之前", "什麼時候", "何時", "時限", "几月", "哪年")),
    ("partner", ("配合", "协办", "協辦")),
    ("status", ("进展", "進展", "完成了吗", "办到", "情况", "情況", "怎么样", "如何")),
)


def follow(tasks: Tasks, question: str, answer: Mapping[str, Any]) -> list[str]:
    """Return the labels of the questions that make sense after an answer, at most one a field.

    Args:
        tasks: the ledgers that the user may read.
        question: what was asked.
        answer: the contract object of `duban ask --json`.
    """
    if answer["grade"] != "answer":
        return []
    if answer.get("tasks"):
        return _of_rows(question, answer["tasks"])
    cited = answer["citations"][0] if answer["citations"] else None
    if cited is None:
        return []
    rows = tasks.page(TaskWhere(doc=cited["doc"], at=cited["start"], as_of=answer["as_of"]), 8)
    row = min((row.to_json() for row in rows), key=lambda r: r["end"] - r["start"], default=None)
    if row is None:
        return []
    roles = {duty["role"] for duty in row["duties"]}
    held = {
        "lead": bool(roles & {"lead", "responsible"}),
        "due": bool(row["deadlines"]),
        "partner": "partner" in roles,
        "status": row["status"]["kind"] not in ("unstated", "planned") and bool(row["measures"]),
    }
    return [f"follow_{name}" for name, words in _ASKS if held[name] and not any(word in question for word in words)]


def _of_rows(question: str, rows: Any) -> list[str]:
    asked = []
    if any(row["status"]["kind"] == "closed" for row in rows) and any(
        row["status"]["kind"] != "closed" for row in rows
    ):
        asked.append("follow_open")
    return asked if not any(word in question for word in ("没完成", "未完成", "没有完成", "还有")) else []
