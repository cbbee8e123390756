"""Makes questions whose answer is known to stand in a document, or not to: a mismatch of question and document.

From the documents of the demo suite, never from its questions, and from invented ones (`eval.bench.fiction`). A field
is asked of an item that states it; then one that it does not state, or the same of another place, of another year, or
of a document that is not in the store. Wording is varied with words of everyday speech.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from eval.bench import fiction
from ingest.document import Document
from ingest.fold import fold
from ingest.ledger import ledger
from ingest.read import read
from ingest.task import Task
from retriever.passage import Source
from retriever.scope import Place, source_places
from retriever.value import PATTERNS, Kind

Sort = Literal["stated", "field", "place", "year", "document"]

_FORMS: dict[str, tuple[str, ...]] = {
    "who": ("{m}由谁牵头？", "{m}归谁管？", "{m}的责任单位是哪家？", "谁负责{m}？", "{m}是哪个部门的事？"),
    "partner": ("{m}的配合单位有哪些？", "{m}由谁配合？"),
    "when": ("{m}什么时候完成？", "{m}的时限是几号？", "{m}要几时弄完？", "{m}最迟到哪天？"),
    "status": ("{m}完成了吗？", "{m}搞到什么程度了？", "{m}进展怎么样？"),
    "number": ("{m}一共多少？", "{m}的数量是多少？", "{m}做了多少？"),
    "money": ("{m}总共花多少钱？", "{m}的经费是多少万元？", "{m}投了多少资金？"),
    "reason": ("{m}为什么没有按时完成？", "{m}拖下来的原因是什么？"),
    "name": ("{m}的负责人叫什么名字？", "{m}的联系人姓名是什么？"),
    "contact": ("{m}的联系电话是多少？", "{m}打哪个电话？"),
    "percent": ("{m}完成了百分之几？", "{m}的完成率是多少？"),
    "frequency": ("{m}多久检查一次？", "{m}多长时间报一回？"),
    "period": ("{m}要在多少天内办结？", "{m}给几个工作日？"),
}  # fmt: skip
_TYPED: tuple[Kind, ...] = ("number", "money", "reason", "name", "contact", "percent", "frequency", "period")
_PLAIN = frozenset(("money", "reason", "percent", "frequency"))  # where such a value stands it is that of the item
_LOOSE = ("那件事", "那块工作", "这个活儿", "相关的事", "工程", "弄的")
_YEARS = (2012, 2015, 2017, 2031)
_NO_WORD = re.compile(r"[^\u3400-\u9fff0-9a-z]+")
_VARIED = 0.45  # of the questions have two characters of their matter said otherwise
_ASKED = 0.5  # of the fields of an item are asked for
_CHANGED = 0.3  # of the questions with an answer are asked of another place or year too
_INVENTED = 60  # documents in the store; as many others are asked about that are not


@dataclass(frozen=True, slots=True)
class Case:
    """A question, what was mismatched, and the item `start:end` of a document that it was made from.

    `answerable`: the item states what is asked; `sort` is "stated" then.
    """

    question: str
    document: str
    start: int
    end: int
    field: str
    sort: Sort

    @property
    def answerable(self) -> bool:
        """Return whether the store has an answer."""
        return self.sort == "stated"


def of_folder(folder: Path, seed: int, *, absent: bool = False) -> list[Case]:
    """Return cases made from the items of the documents in a folder; `absent`: they will not be in the store."""
    draw = random.Random(seed)
    known = []
    for path in sorted(folder.iterdir()):
        document = read(path)[0]
        known.append((document, Source(document, document.title.value if document.title else path.stem, path.name)))
    places = {place for _, source in known for place in source_places(source) if place.level in ("市", "县")}
    found: list[Case] = []
    for document, source in known:
        foreign = sorted(
            (place for place in places if place.stem not in source.folded), key=lambda place: (place.stem, place.level)
        )
        for task in ledger(document).tasks:
            found += _of_task(draw, document, source, task, foreign, absent=absent)
    return found


def of_fiction(seed: int) -> tuple[list[fiction.Fiction], list[Case]]:
    """Return invented documents for a store, and cases made from their items and from those of others."""
    draw = random.Random(seed)
    made = list(itertools.islice(fiction.documents(seed), 2 * _INVENTED))
    inside, outside = made[:_INVENTED], made[_INVENTED:]
    places = [document.text[:3] for document in outside]
    found: list[Case] = []
    for document in inside:
        for asked in draw.sample(document.questions, 2):
            words = document.text[asked.start : asked.end]
            place = document.text[:3]
            matter = _NO_WORD.split(words.split(".", 1)[1])[0]
            lacking = draw.choice(_TYPED[1:])
            sorts: list[tuple[str, Sort]] = [("who", "stated"), ("when", "stated")]
            if not PATTERNS[lacking].search(words):
                sorts.append((lacking, "field"))
            for field, sort in sorts:
                form = draw.choice(_FORMS[field])
                said = form.format(m=_said(draw, f"{place}{matter}"))
                found.append(Case(said, document.name, asked.start, asked.end, field, sort))
            field = draw.choice(("who", "when"))
            form = draw.choice(_FORMS[field])
            other = f"{draw.choice(places)}{matter[3:]}"
            found.append(Case(form.format(m=other), document.name, asked.start, asked.end, field, "place"))
            year = f"{draw.choice(_YEARS)}年{place}{matter}"
            found.append(Case(form.format(m=year), document.name, asked.start, asked.end, "who", "year"))
    for document in outside:
        for asked in draw.sample(document.questions, 2):
            found.append(Case(_said(draw, asked.text), document.name, asked.start, asked.end, "who", "document"))
    return inside, found


def _of_task(
    draw: random.Random, document: Document, source: Source, task: Task, foreign: list[Place], *, absent: bool
) -> Iterator[Case]:
    pieces = [piece for piece in _NO_WORD.split(fold(task.title)) if len(piece) >= 4]
    if not pieces:
        return
    own = [place.stem for place in source_places(source) if place.stem in source.common]
    for field, stated in _stated(source.folded[task.start : task.end], task):
        if draw.random() > _ASKED:
            continue
        matter = _part(draw, draw.choice(pieces))
        form = draw.choice(_FORMS[field])
        before = draw.choice(own) if own and draw.random() < 0.5 else ""

        def case(words: str, sort: Sort, field: str = field, form: str = form) -> Case:
            return Case(form.format(m=words), source.source, task.start, task.end, field, sort)

        if absent:
            yield case(_said(draw, f"{before}{matter}"), "document")
            continue
        yield case(_said(draw, matter if before in matter else f"{before}{matter}"), "stated" if stated else "field")
        if stated and draw.random() < _CHANGED and foreign:
            place = draw.choice(foreign)
            yield case(f"{place.stem}{place.level}{matter}", "place")
        year = draw.choice(_YEARS)
        if stated and field != "when" and draw.random() < _CHANGED and str(year) not in source.folded:
            yield case(f"{year}年{before}{matter}", "year")


def _stated(words: str, task: Task) -> Iterator[tuple[str, bool]]:
    """Yield the fields that can be asked of a task with whether it states them; none of which that is not sure."""
    roles = {duty.role for duty in task.duties}
    if {"lead", "responsible"} & roles:
        yield "who", True
    elif not PATTERNS["body"].search(words):
        yield "who", False
    if "partner" in roles or "配合" not in words:
        yield "partner", "partner" in roles
    if task.deadlines or not PATTERNS["date"].search(words):
        yield "when", bool(task.deadlines)
    if task.status.kind not in ("unstated", "planned"):
        yield "status", True
    for kind in _TYPED:
        held = bool(PATTERNS[kind].search(words))
        if kind in _PLAIN or not held:
            yield kind, held


def _part(draw: random.Random, piece: str) -> str:
    """Return 4 to 14 characters of a title."""
    length = draw.randint(4, min(14, len(piece)))
    at = draw.randint(0, len(piece) - length) if draw.random() < 0.5 else 0
    return piece[at : at + length]


def _said(draw: random.Random, words: str) -> str:
    """Return the words, often with two characters of them said otherwise or left out."""
    if draw.random() > _VARIED or len(words) < 6:
        return words
    at = draw.randint(2, len(words) - 3)
    return words[:at] + draw.choice(("", *_LOOSE)) + words[at + 2 :]
