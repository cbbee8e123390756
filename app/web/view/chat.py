"""A conversation as it is shown: questions, answers with their sources, what can be asked next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.conversations import Turn
from app.web.label import Words
from app.web.markup import attribute, line, text
from app.web.place import key
from app.web.view.frame import icon
from app.web.view.source import printed

_MARKER = re.compile(r"\[([0-9]{1,6})\]")
_QUESTION_SHOWN = 500
_TURNS_SHOWN = 30
_ROWS_FIRST, _ROWS_SHOWN = 8, 50
_SOURCES_FIRST = 4
_FOLLOWED = 3
_LEVELS = 2  # of the headings above a passage


def messages(t: Words, turns: Sequence[Turn], asks: Sequence[str] = ()) -> str:
    """Return a conversation, oldest turn first; only the latest turns where there are many.

    Args:
        t: the labels.
        turns: what was asked and answered.
        asks: what can be asked next.
    """
    log = "".join(turn(t, at, turns[at]) for at in range(max(0, len(turns) - _TURNS_SHOWN), len(turns)))
    return f'<div class="log">{log}{follows(t, asks)}</div>'


def turn(t: Words, number: int, one: Turn, *, writing: bool = False) -> str:
    """Return the turn with this number; `writing` says that a language model is still wording its answer."""
    return (
        f'<article class="turn" id="turn-{number}"><h2 class="asked">{asked(t, one.question)}</h2>'
        f"{said(t, number, one, writing=writing)}</article>"
    )


def follows(t: Words, asks: Sequence[str]) -> str:
    """Return what can be asked next, "" where there is nothing."""
    more = "".join(
        f'<button type="button" class="follow" data-ask="{attribute(words)}">{line(words)}</button>'
        for words in asks[:_FOLLOWED]
    )
    return f'<div class="follows" role="group" aria-label="{t("follow")}">{more}</div>' if more else ""


def asked(t: Words, question: str) -> str:
    """Return a question as it was typed; of a very long one, the beginning."""
    cut = t("question_cut", count=len(question)) if len(question) > _QUESTION_SHOWN else ""
    return f"{line(question[:_QUESTION_SHOWN].strip())}{cut}"


def said(t: Words, number: int, turn: Turn, *, writing: bool = False) -> str:
    """Return what came of the turn with this number: the answer first, what it leaves open, its rows, its sources."""
    if turn.error:
        why = t("failed_inside") if turn.error == "inside" else turn.error
        return f'<div class="said" role="alert"><p class="grade">{t("failed")}</p><p>{line(why)}</p></div>'
    if turn.answer is None:
        return f'<div class="said"><p class="waiting">{_dots()}{t("searching")}</p></div>'
    answer, parts = turn.answer, ['<div class="said">']
    names = [t(f"field_{name}") if f"field_{name}" in t else text(name) for name in answer["missing"]]
    missing = f'<p class="missing"><b>{t("missing")}</b>{t("comma").join(names)}</p>' if names else ""
    refused = answer["grade"] != "answer"
    if refused:
        grade = t("closest") if answer["grade"] == "closest" else t("none")
        parts.append(f'<div class="refused"><p class="grade">{grade}</p>{missing}</div>')
    words = _unlisted(answer["answer"], answer.get("tasks") or ())
    parts += [f'<p class="words">{_cited(t, number, turn, piece)}</p>' for piece in words]
    parts += [missing] if missing and not refused else []
    parts.append(_rows(t, number, answer.get("tasks") or ()))
    parts += [_passages(t, number, turn, "\n".join(words), cited=cited) for cited in (True, False)]
    parts.append(f'<p class="writing small">{_dots()}{t("model_writing")}</p>' if writing else "")
    parts.append(_foot(t, number, turn))
    return "".join(parts) + "</div>"


def _unlisted(words: str, tasks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines of an answer without those that the table of its rows says again: a title, and its deadline."""
    lines = [piece for piece in words.splitlines() if piece.strip()]
    known = {_bare(f"{task['label']}{task['title']}"): _due(task) for task in tasks[:_ROWS_SHOWN]}

    def again(piece: str) -> bool:
        words = _MARKER.sub("", piece).strip()
        title, _, due = words.removesuffix("）").rpartition("（") if words.endswith("）") else (words, "", "")
        return _bare(words) in known or (_bare(title) in known and due in known[_bare(title)])

    return lines[:1] + [piece for piece in lines[1:] if not again(piece)]


def _bare(words: str) -> str:
    return "".join(filter(str.isalnum, words))


def _dots() -> str:
    return '<span class="dots" aria-hidden="true"></span>'


def _cited(t: Words, number: int, turn: Turn, words: str) -> str:
    known = {passage["n"]: passage for passage in (turn.answer or {}).get("citations") or ()}
    parts: list[str] = []
    done = 0
    for marker in _MARKER.finditer(words):
        passage = known.get(int(marker[1]))
        if passage is not None:
            hint = attribute(t("open_source", title=passage["title"] or t("untitled")))
            parts += [
                line(words[done : marker.start()].rstrip()),
                f'<button type="button" class="cite" data-source="{key(number, passage, 0, cited=True)}" title="{hint}"'
                f' aria-label="{t("citation_n", n=passage["n"])}">{passage["n"]}</button>',
            ]
            done = marker.end()
    return "".join(parts) + line(words[done:])


def _rows(t: Words, number: int, tasks: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of a list or count as a small table, each with the way to its source."""
    if not tasks:
        return ""
    columns = [(name, cell) for name, cell in _COLUMNS if any(cell(task) for task in tasks[:_ROWS_SHOWN])]
    rows = [_row(t, number, at, task, columns) for at, task in enumerate(tasks[:_ROWS_SHOWN])]
    first, rest = "".join(rows[:_ROWS_FIRST]), "".join(rows[_ROWS_FIRST:])
    names = ("col_task", *(name for name, _ in columns), "col_status")
    heads = "".join(f'<th scope="col">{t(name)}</th>' for name in names)
    more = t("rows_more", count=min(len(tasks), _ROWS_SHOWN) - _ROWS_FIRST)
    return (
        f'<div class="rows"><p class="small">{t("rows", count=len(tasks))}</p><div class="scroll"'
        f' tabindex="0" role="region"'
        f' aria-label="{t("rows", count=len(tasks))}"><table><thead><tr>{heads}</tr></thead><tbody>{first}</tbody>'
        + (f'<tbody class="rest" hidden>{rest}</tbody>' if rest else "")
        + "</table></div>"
        + (f'<button type="button" class="link" data-more>{more}</button>' if rest else "")
        + (f'<p class="small">{t("rows_cut", shown=_ROWS_SHOWN)}</p>' if len(tasks) > _ROWS_SHOWN else "")
        + "</div>"
    )


def _who(task: Mapping[str, Any]) -> str:
    return "、".join(dict.fromkeys(d["unit"] for d in task["duties"] if d["role"] in ("lead", "responsible")))


def _due(task: Mapping[str, Any]) -> str:
    return "；".join(dict.fromkeys(" ".join(d["text"].split()) for d in task["deadlines"]))


# A column of the table of rows is left out where no row has anything in it.
_COLUMNS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (("col_who", _who), ("col_due", _due))


def _row(t: Words, number: int, at: int, task: Mapping[str, Any], columns: Sequence[Any]) -> str:
    cells = "".join(f'<td data-name="{t(name)}">{line(cell(task)) or "—"}</td>' for name, cell in columns)
    return (
        f'<tr><td><button type="button" class="link" data-source="r-{number}-{at + 1}">{named(task)}</button></td>'
        f'{cells}<td data-name="{t("col_status")}">{status(t, task)}</td></tr>'
    )


def named(task: Mapping[str, Any]) -> str:
    """Return the label and the title of a task; a label that is a bare number, as in a table, stands apart."""
    label = str(task["label"])
    apart = "" if not label or not label[-1].isalnum() else ". " if label[-1].isascii() else "、"
    return line(f"{label}{apart}{task['title']}")


def status(t: Words, task: Mapping[str, Any]) -> str:
    """Return where a task stands, and whether it is late."""
    kind = task["status"]["kind"]
    late = f'<span class="state overdue">{t("overdue_yes")}</span>' if task.get("overdue") == "yes" else ""
    return f'<span class="state {kind}">{t(f"status_{kind}")}</span>{late}'


def _passages(t: Words, number: int, turn: Turn, said: str, *, cited: bool) -> str:
    """Return the passages that an answer cites, or those that are nearest; `said` is what is shown of its words."""
    answer = turn.answer or {}
    passages = answer.get("citations" if cited else "nearest") or ()
    if not passages:
        return ""
    cards = [_card(t, number, p, at, said, cited=cited) for at, p in enumerate(passages)]
    style, heading = ("passages", t("sources")) if cited else ("passages near", t("nearest"))
    # one more is shown rather than a button that shows it
    first = len(cards) if len(cards) <= _SOURCES_FIRST + 1 else _SOURCES_FIRST
    rest = (
        f'<div class="rest" hidden>{"".join(cards[first:])}</div><button type="button" class="link" data-more>'
        f"{t('rows_more', count=len(cards) - first)}</button>"
        if len(cards) > first
        else ""
    )
    return f'<div class="{style}"><p class="small">{heading}</p>{"".join(cards[:first])}{rest}</div>'


def _card(t: Words, number: int, passage: Mapping[str, Any], at: int, said: str, *, cited: bool) -> str:
    """Return a passage as a button to its source; its words only where they are not those of the answer itself."""
    words = passage["quote"].strip()
    quote = f'<span class="quote">{line(words)}</span>' if " ".join(words.split()) not in said else ""
    where = f'<span class="doc">{line(passage["title"] or t("untitled"))}</span>'
    # of a long way through the document its end says most
    way = " › ".join(line(name) for name in passage["path"][-_LEVELS:])
    page = printed(t, passage["page"], passage.get("confidence")) if passage.get("page") else ""
    way = f'<span class="way">{" · ".join(filter(None, (way, page)))}</span>' if way or page else ""
    n = passage["n"] if cited else at + 1
    return (
        f'<button type="button" class="passage" data-source="{key(number, passage, at, cited=cited)}">'
        f'<span class="n">{n}</span><span class="cell">{quote}<span class="where">{where}{way}</span></span>'
        f'<span class="go">{t("to_source")}</span></button>'
    )


def _model(t: Words, part: Mapping[str, Any]) -> list[str]:
    """Return what a language model had to do with an answer and took for it; nothing where it was not asked."""
    if not part["calls"]:
        return []
    facts = [t("model_wrote" if part["outcome"] == "written" else "model_kept", name=part["name"])]
    if part["tokens"]["sent"] is not None:
        facts.append(t("model_tokens", sent=part["tokens"]["sent"], received=part["tokens"]["received"]))
    return [*facts, t("model_seconds", seconds=f"{part['seconds']:.1f}")]


def _foot(t: Words, number: int, turn: Turn) -> str:
    answer = turn.answer or {}
    facts = [t("as_of", date=answer["as_of"])] if answer.get("as_of") else []
    facts += [answer["notice"]] if answer.get("notice") else []
    facts += _model(t, answer["model"]) if answer.get("model") else []
    liked = (
        f'<button type="button" class="plain" data-{act} data-turn="{number}" aria-label="{t(name)}" title="{t(name)}"'
        f' aria-pressed="{"true" if turn.liked is value else "false"}">{icon(act)}</button>'
        for act, name, value in (("up", "like", True), ("down", "dislike", False))
    )
    return (
        f'<div class="foot"><p>{line(" · ".join(facts))}</p><div class="acts"><button type="button"'
        f' class="plain" data-copy'
        f' aria-label="{t("copy")}" title="{t("copy")}">{icon("copy")}</button>{"".join(liked)}</div></div>'
    )
