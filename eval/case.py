"""Gold cases: questions with the facts and the evidence that an answer is measured against, one JSON object a line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.error import DubanError

INTENTS = ("responsibility", "deadline", "status", "count", "list", "measure", "basis", "compare", "followup")
SCRIPTS = ("hans", "hant", "en")

_NEEDED = ("id", "docs", "question", "intent", "answerable", "script")
_KEYS = (*_NEEDED, "history", "facts", "evidence", "as_of", "note", "derived")
_SHOWN = 60  # characters of a wrong value that an error repeats


class SuiteError(DubanError):
    """You meet this when a suite cannot be used: a case is malformed, or its documents are not at hand."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact substring `quote` of the document whose file is named `doc` (without suffix)."""

    doc: str
    quote: str


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what a right answer holds.

    `facts` has one tuple a fact, of its acceptable forms; a right answer holds at least one form of each. `history` is
    the earlier questions of the conversation, oldest first. `line` is where the case stands in its file.
    """

    id: str
    docs: tuple[str, ...]
    question: str
    intent: str
    answerable: bool
    script: str
    history: tuple[str, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    as_of: date | None = None
    note: str = ""
    derived: bool = False
    line: int = 0


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a JSONL file in the file's order; blank lines are passed over.

    Raises:
        SuiteError: naming file, line, key and value, if a line is not a case, an id occurs twice or there is no case.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path}: 无法读取评测题（{error}）；请检查路径，文件须为 UTF-8 编码的 JSONL") from error
    cases: dict[str, Case] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        case = _Line(path, number).case(line)
        if case.id in cases:
            first = cases[case.id].line
            raise SuiteError(f"{path} 第 {number} 行: id {case.id!r} 与第 {first} 行重复；每题的 id 须唯一")
        cases[case.id] = case
    if not cases:
        raise SuiteError(f"{path}: 没有评测题；每行应为一个 JSON 对象")
    return list(cases.values())


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a case is read from, so that each complaint can say it."""

    path: Path
    number: int

    def case(self, line: str) -> Case:
        record = self._record(line)
        case = Case(
            id=self._words(record, "id"),
            docs=self._list(record, "docs"),
            question=self._words(record, "question"),
            intent=self._one_of(record, "intent", INTENTS),
            answerable=self._truth(record, "answerable"),
            script=self._one_of(record, "script", SCRIPTS),
            history=self._list(record, "history"),
            facts=self._facts(record),
            evidence=self._evidence(record),
            as_of=self._date(record, "as_of"),
            note=self._words(record, "note", needed=False),
            derived=self._truth(record, "derived", needed=False),
            line=self.number,
        )
        self._agree(case)
        return case

    def wrong(self, key: str, value: object, wanted: str) -> SuiteError:
        shown = repr(value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        return SuiteError(f"{self.path} 第 {self.number} 行: {key} 的值 {shown} 不对；应为{wanted}")

    def _record(self, line: str) -> dict[str, Any]:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SuiteError(f"{self.path} 第 {self.number} 行: 不是 JSON（{error}）") from error
        if not isinstance(record, dict):
            raise SuiteError(f"{self.path} 第 {self.number} 行: 应为一个 JSON 对象，不是 {type(record).__name__}")
        for key in _NEEDED:
            if key not in record:
                raise SuiteError(f"{self.path} 第 {self.number} 行: 缺少 {key}")
        # Other keys are allowed, as suites carry remarks; but a slip (histroy) must not change a measurement.
        for key in record.keys() - set(_KEYS):
            if close := difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.8):
                raise SuiteError(f"{self.path} 第 {self.number} 行: 没有 {key!r} 这个键；是不是 {close[0]}？")
        return record

    def _words(self, record: Mapping[str, Any], key: str, *, needed: bool = True) -> str:
        value = record.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.wrong(key, value, "非空文字" if needed else "文字")
        return value

    def _truth(self, record: Mapping[str, Any], key: str, *, needed: bool = True) -> bool:
        value = record.get(key)
        if value is None and not needed:
            return False
        if not isinstance(value, bool):
            raise self.wrong(key, value, " true 或 false")
        return value

    def _one_of(self, record: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
        value = record[key]
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(key, value, f"其中之一: {', '.join(choices)}")
        return value

    def _list(self, record: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = record.get(key)
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.wrong(key, value, "文字的列表")
        return tuple(value)

    def _facts(self, record: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
        value = record.get("facts")
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.wrong("facts", value, "列表，每个事实一个列表，内为其可接受的写法")
        for number, forms in enumerate(value):
            if not isinstance(forms, list) or not forms:
                raise self.wrong(f"facts[{number}]", forms, "非空列表，内为可接受的写法")
            for form in forms:
                # A form of punctuation alone would be compared as nothing at all.
                if not isinstance(form, str) or not any(char.isalnum() for char in form):
                    raise self.wrong(f"facts[{number}]", form, "含有字或数字的文字")
        return tuple(tuple(forms) for forms in value)

    def _evidence(self, record: Mapping[str, Any]) -> tuple[Evidence, ...]:
        value = record.get("evidence")
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.wrong("evidence", value, '列表，每项为 {"doc": …, "quote": …}')
        found = []
        for number, item in enumerate(value):
            doc, quote = (item.get("doc"), item.get("quote")) if isinstance(item, dict) else (None, None)
            if not (isinstance(doc, str) and isinstance(quote, str) and doc and quote.strip()):
                raise self.wrong(f"evidence[{number}]", item, ' {"doc": …, "quote": …}，两者都是非空文字')
            found.append(Evidence(doc, quote))
        return tuple(found)

    def _date(self, record: Mapping[str, Any], key: str) -> date | None:
        value = record.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self.wrong(key, value, "日期，如 2025-03-31，或 null") from error

    def _agree(self, case: Case) -> None:
        if not case.docs:
            raise self.wrong("docs", [], "文字的列表，至少一项")
        if case.answerable and not case.facts:
            raise self.wrong("facts", [], "非空列表，因为 answerable 为 true")
        if case.answerable and not case.evidence:
            raise self.wrong("evidence", [], "非空列表，因为 answerable 为 true")
        if not case.answerable and case.facts:
            raise self.wrong("facts", [list(forms) for forms in case.facts], "空列表，因为 answerable 为 false")
        if case.intent == "followup" and not case.history:
            raise self.wrong("history", [], "非空列表，因为 intent 为 followup")
