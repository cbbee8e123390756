"""A brief: the totals that the documents state and how they compare, a table of the tasks, the sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from app.export.sheet import Row, clean, deadlines, file_of, units
from app.wording import OVERDUE, RESULT, RULE, STATUS

_LONGEST = 300  # rows of the table: a brief is read; what is left out is said, and stands in the workbook
_HEADS = ("序号", "事项", "责任", "期限", "状态", "逾期", "出处")


def write_docx(path: Path, rows: Iterable[Row], totals: Sequence[dict[str, Any]], as_of: str) -> None:
    """Write the brief; `totals` are the documents of `duban ledger --totals`."""
    from docx import Document

    shown: list[Row] = []
    states: Counter[str] = Counter()
    sources: dict[str, str] = {}
    for row in rows:
        states[row["status"]["kind"]] += 1
        sources.setdefault(row["source"], row["doc_title"])
        if len(shown) < _LONGEST:
            shown.append(row)
    brief = Document()
    brief.add_heading("督办台账简报", level=0)
    count = sum(states.values())
    brief.add_paragraph(clean(f"截至 {as_of}，共 {count} 项。按文字推断的状态：" + _states(states) + "。"))
    _totals(brief, totals)
    brief.add_heading("事项", level=1)
    table = brief.add_table(rows=1, cols=len(_HEADS), style="Table Grid")
    _fill(table.rows[0].cells, _HEADS)
    order = {source: at for at, source in enumerate(sources, start=1)}
    for row in shown:
        _fill(table.add_row().cells, _line(row, order[row["source"]]))
    if count > len(shown):
        brief.add_paragraph(f"另有 {count - len(shown)} 项未列出，见导出的 .xlsx 或 .csv。")
    brief.add_heading("来源", level=1)
    for source, title in sources.items():
        brief.add_paragraph(clean(f"[{order[source]}] 《{title}》 {file_of(source)}"))
    with path.open("wb") as file:
        brief.save(file)


def _totals(brief: Any, totals: Sequence[dict[str, Any]]) -> None:
    stated = [
        (item, total)
        for item in totals
        for total in item["totals"]
        if total["of_tasks"] or total["result"] == "differs"
    ]
    if not stated:
        return
    brief.add_heading("文件自报总数", level=1)
    for item, total in stated:
        checks = "；".join(
            f"{RULE[check['rule']]}{check['found']}，{RESULT[check['result']]}"
            + (f"（{STATUS[check['of']]}，文件写{check['stated']}）" if check["of"] else "")
            for check in total["checks"]
        )
        words = " ".join(total["text"].split())
        brief.add_paragraph(clean(f"《{item['title']}》“{words}” 核对：{checks or RESULT[total['result']]}。"))


def _line(row: Row, source: int) -> tuple[str, ...]:
    return (
        row["no"] or "", row["title"], units(row, "lead", "responsible") or "未写明", deadlines(row) or "未写明",
        STATUS[row["status"]["kind"]], OVERDUE[row["overdue"]],
        f"[{source}] " + (f"第 {row['page']} 页" if row.get("page") else f"{row['start']}–{row['end']}"),
    )  # fmt: skip


def _fill(cells: Sequence[Any], words: Sequence[str]) -> None:
    for cell, text in zip(cells, words, strict=True):
        cell.text = clean(text)


def _states(states: Counter[str]) -> str:
    return "，".join(f"{STATUS[kind]} {states[kind]}" for kind in STATUS if states[kind]) or "无"
