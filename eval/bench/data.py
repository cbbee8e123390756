"""The data of a contest: a folder of documents, the chunks that Duban makes of them, questions and their targets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.bench import fiction
from eval.bench.synonym import Synonyms
from eval.case import SuiteError
from eval.ranking import read_squad
from ingest.document import Document
from ingest.read import parse

SEED = 20_261_122
QUESTIONS = 500  # of an invented corpus
# Groups of questions in other words, with the share of the words that are replaced; the least share is one word.
OTHER_WORDS = (("one word replaced", 0.0), ("half of the words replaced", 0.5), ("all words replaced", 1.0))
FITTED, HELD = "those that weights were fitted on", "held out"
_TRADITIONAL = 5  # every fifth invented document and question is in Traditional characters


@dataclass(frozen=True, slots=True)
class Data:
    """Where it lies, how many chunks and questions it has; `kinds` names the groups of questions."""

    name: str
    folder: Path
    chunks: int
    questions: tuple[dict[str, Any], ...]

    @property
    def kinds(self) -> list[str]:
        """Return the groups in which questions are measured, each once."""
        return list(dict.fromkeys(str(row["kind"]) for row in self.questions))


def invented(size: int, folder: Path) -> Data:
    """Write at least `size` chunks of invented documents and questions about some of them, picked by the seed."""
    convert = _converters()[1]
    (folder / "documents").mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    for number, made in enumerate(fiction.documents(SEED)):
        if len(rows) >= size:
            break
        text = convert(made.text) if number % _TRADITIONAL == 0 else made.text
        text = text if len(text) == len(made.text) else made.text  # the spans of the questions hold
        rows += _chunks(folder, made.name, text)
        questions += [
            {
                "question": each.text,
                "doc": made.name,
                "start": each.start,
                "end": each.end,
                "whole": False,
                "kind": kind,
            }
            for each in made.questions
            for kind in ("project named" if each.named else "place and matter",)
        ]
    draw = random.Random(SEED)
    picked = draw.sample(questions, min(QUESTIONS, len(questions)))
    for row in picked:
        if draw.randrange(_TRADITIONAL) == 0:
            row["question"] = convert(row["question"])
    return _kept(f"invented-{size}", folder, rows, picked)


def paragraphs(path: Path, folder: Path) -> Data:
    """Write a set in SQuAD form: each paragraph a document, each question in its own script and in the other one.

    Raises:
        SuiteError: the file is not in SQuAD form.
    """
    reading = read_squad(path)
    simplify, complicate = _converters()
    other = simplify if complicate(reading.paragraphs[0]) == reading.paragraphs[0] else complicate
    (folder / "documents").mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    for number, text in enumerate(reading.paragraphs):
        (folder / "documents" / f"{number:06}.txt").write_bytes(text.encode())
        rows.append({"doc": f"{number:06}.txt", "start": 0, "end": len(text), "text": text})
    questions = [
        {"question": words, "doc": f"{number:06}.txt", "start": 0, "end": 1 << 30, "whole": True, "kind": kind}
        for kind, turn in (("own script", str), ("other script", other))
        for words, number in ((turn(question), number) for question, number in reading.questions)
    ]
    return _kept(path.stem, folder, rows, questions)


def reworded(made: Data, words: Synonyms) -> Data:
    """Return a set with its questions in other words: those in their own script that have words to replace.

    Of each, one word, half of them and all of them is replaced, in groups of the same questions.
    """
    own = [row for row in made.questions if row["kind"] == made.kinds[0]]
    questions = []
    for kind, share in OTHER_WORDS:
        draw = random.Random(SEED)
        for row in own:
            if other := words.reword(row["question"], share, draw):
                questions.append({**row, "question": other, "kind": kind})
    return replace(made, questions=tuple(questions))


def statutes(path: Path, folder: Path) -> Data:
    """Write the articles of STARD, each a document, and its questions.

    The file is `data/queries.json` of github oneal2000/STARD (MIT). Laypeople asked them; any of the articles that
    lawyers have named is right. The questions are in two groups by turns, as the weights of `retriever.rank` have seen
    every other one.

    Raises:
        SuiteError: the file is of another form.
    """
    (folder / "documents").mkdir(parents=True)
    names: dict[str, str] = {}
    questions = []
    try:
        for number, item in enumerate(json.loads(path.read_bytes())):
            right = []
            for text in map(str.strip, item["相关法规"].values()):
                right.append(names.setdefault(text, f"article-{len(names):05}.txt"))
            kind = FITTED if number % 2 == 0 else HELD
            questions.append({"question": str(item["问题"]), "docs": right, "kind": kind})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SuiteError(f"{path}: 不是 STARD 的 queries.json（{error!r}）；应为一列 问题、相关法规") from error
    for text, name in names.items():
        (folder / "documents" / name).write_bytes(text.encode())
    return Data("statutes", folder, len(names), tuple(questions))


def _chunks(folder: Path, name: str, text: str) -> Iterator[dict[str, Any]]:
    data = text.encode()
    (folder / "documents" / name).write_bytes(data)
    document: Document = parse(data)
    for chunk in document.chunks:
        if chunk.indexed:
            yield {"doc": name, "start": chunk.start, "end": chunk.end, "text": text[chunk.start : chunk.end]}


def _kept(name: str, folder: Path, rows: list[dict[str, Any]], questions: list[dict[str, Any]]) -> Data:
    _write(folder / "passages.jsonl", rows)
    _write(folder / "questions.jsonl", questions)
    return Data(name, folder, len(rows), tuple(questions))


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _converters() -> tuple[Any, Any]:
    import opencc

    return opencc.OpenCC("t2s").convert, opencc.OpenCC("s2t").convert
