"""A conversation as a text document: each question with its answer and the sources that it rests on."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from app.conversations import Conversation, Turn
from app.export.sheet import clean

_ROWS = 200


def write_conversation(talk: Conversation) -> bytes:
    """Return the conversation as the bytes of a .docx file."""
    from docx import Document

    paper = Document()
    paper.add_heading(clean(talk.title or "对话"), level=0)
    for turn in talk.turns:
        _turn(paper, turn)
    kept = BytesIO()
    paper.save(kept)
    return kept.getvalue()


def _turn(paper: Any, turn: Turn) -> None:
    paper.add_heading(clean(f"问：{turn.question[:500]}"), level=2)
    if turn.answer is None:
        paper.add_paragraph(clean(turn.error or "没有答成"))
        return
    answer = turn.answer
    for words in answer["answer"].splitlines():
        if words.strip():
            paper.add_paragraph(clean(words))
    rows = answer.get("tasks") or ()
    if rows:
        table = paper.add_table(rows=1, cols=3, style="Table Grid")
        _fill(table.rows[0].cells, ("事项", "责任", "期限"))
        for row in rows[:_ROWS]:
            who = "、".join(dict.fromkeys(duty["unit"] for duty in row["duties"]))
            due = "；".join(dict.fromkeys(when["text"] for when in row["deadlines"]))
            _fill(table.add_row().cells, (f"{row['label']}{row['title']}", who, due))
    for name, passages in (("出处", answer["citations"]), ("最接近的原文（不是答案）", answer.get("nearest") or ())):
        if passages:
            paper.add_paragraph(name, style="Intense Quote")
        for at, passage in enumerate(passages, 1):
            where = " › ".join((passage["title"] or "（无标题）", *passage["path"]))
            page = f"，第 {passage['page']} 页" if passage.get("page") else ""
            sure = passage.get("confidence")
            page += f"（扫描识别，置信度 {sure:.0%}）" if sure is not None else ""
            quote = " ".join(passage["quote"].split())
            paper.add_paragraph(clean(f"[{passage.get('n') or at}] “{quote}”——{where}{page}"))
    if answer.get("as_of"):
        paper.add_paragraph(clean(f"截至 {answer['as_of']}"))


def _fill(cells: Any, words: tuple[str, ...]) -> None:
    for cell, text in zip(cells, words, strict=True):
        cell.text = clean(text)
