"""Gold ledgers: the tasks of documents with their fields, and how much of them was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.case import SuiteError
from ingest.fold import fold


@dataclass(frozen=True, slots=True)
class Gold:
    """A task as a reader of the document `doc` wrote it down.

    Each of `duties` is (acceptable names, role), each of `deadlines` (words, last day or None). `maybe` are those that
    one may see or not: found, they are no fault; not found, neither. The same holds for the whole task if it is
    `optional` (a sentence that one reader takes for a task and another not). `status` are the acceptable kinds; empty,
    it is not measured.
    """

    doc: str
    kind: str
    no: str | None
    title: str
    duties: tuple[tuple[tuple[str, ...], str], ...]
    deadlines: tuple[tuple[str, str | None], ...]
    status: tuple[str, ...]
    maybe_duties: tuple[tuple[tuple[str, ...], str], ...] = ()
    maybe_deadlines: tuple[tuple[str, str | None], ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How many of what was found are right, and how many of what is there were found."""

    right: int
    found: int
    there: int

    @property
    def precision(self) -> float | None:
        """Return right / found, None where nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Return right / there, None where nothing is there."""
        return self.right / self.there if self.there else None

    def __add__(self, other: Share) -> Share:
        """Return the counts of both together (micro-average)."""
        return Share(self.right + other.right, self.found + other.found, self.there + other.there)

    def to_json(self) -> dict[str, Any]:
        """Return the counts and both shares."""
        return {
            "right": self.right, "found": self.found, "there": self.there, "precision": self.precision,
            "recall": self.recall,
        }  # fmt: skip


Shares = dict[str, Share]
FIELDS = ("task", "duty", "deadline", "status")


@dataclass(frozen=True, slots=True)
class LedgerRun:
    """The shares of each field over all gold ledgers, and each difference in words."""

    shares: Shares
    differences: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what `duban eval run --json` has of it."""
        return {
            **{name: share.to_json() for name, share in self.shares.items()},
            "differences": list(self.differences),
        }


def read_ledger(path: Path) -> list[Gold]:
    """Return the gold tasks of a JSONL file, one JSON object a line, in order.

    Raises:
        SuiteError: naming file and line, if a line is no gold task.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path}: 无法读取台账金标（{error}）；文件须为 UTF-8 编码的 JSONL") from error
    golds = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                golds.append(_gold(json.loads(line)))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise SuiteError(f"{path} 第 {number} 行: 不是台账金标（{error!r}）") from error
    return golds


def measure(golds: Sequence[Gold], found_of: Callable[[str], Sequence[Mapping[str, Any]]]) -> LedgerRun:
    """Compare the gold ledgers with what was found.

    A task is found where kind and number agree and one title holds the other. The fields of a task that is not found
    are missed, those of a found task that is not there are wrong.

    Args:
        golds: the gold tasks.
        found_of: returns the tasks of a document, as `duban ledger --all --json` prints them.
    """
    shares: Shares = {name: Share(0, 0, 0) for name in FIELDS}
    differences: list[str] = []
    for doc in dict.fromkeys(gold.doc for gold in golds):
        left = list(found_of(doc))
        for gold in (gold for gold in golds if gold.doc == doc):
            task = next((task for task in left if _is(gold, task)), None)
            if task is not None:
                left.remove(task)
            if not gold.optional:
                _add(shares, differences, gold, task)
        for task in left:
            shares["task"] += Share(0, 1, 0)
            shares["duty"] += Share(0, len(task["duties"]), 0)
            shares["deadline"] += Share(0, len(task["deadlines"]), 0)
            differences.append(f"{doc} 多出事项 {task['label']}{task['title']}")
    return LedgerRun(shares, tuple(differences))


def _add(shares: Shares, differences: list[str], gold: Gold, task: Mapping[str, Any] | None) -> None:
    where = f"{gold.doc} {gold.no} {gold.title}"
    if task is None:
        differences.append(f"{where}: 没有找到")
    found: Mapping[str, Any] = task or {"duties": [], "deadlines": [], "status": {"kind": "unstated"}}
    shares["task"] += Share(int(task is not None), int(task is not None), 1)
    fields: tuple[
        tuple[str, Sequence[Any], Sequence[Any], Sequence[Any], Callable[..., bool], Callable[..., str]], ...
    ] = (
        ("duty", found["duties"], gold.duties, gold.maybe_duties, _same_duty, _duty_words),
        (
            "deadline",
            found["deadlines"],
            gold.deadlines,
            gold.maybe_deadlines,
            _same_deadline,
            lambda item: item["text"],
        ),
    )
    for name, stated, wanted, maybe, same, shown in fields:
        hit = [item for item in wanted if any(same(item, given) for given in stated)]
        wrong = [given for given in stated if not any(same(item, given) for item in (*wanted, *maybe))]
        shares[name] += Share(len(hit), len(hit) + len(wrong), len(wanted))
        differences += [f"{where}: 缺 {name} {item}" for item in wanted if item not in hit]
        differences += [f"{where}: 多 {name} {shown(given)}" for given in wrong]
    state = found["status"]["kind"]
    if gold.status:
        right = state in gold.status and state != "unstated"
        needed = "unstated" not in gold.status or right
        shares["status"] += Share(int(right), int(state != "unstated"), int(needed))
        if not right and (needed or state != "unstated"):
            differences.append(f"{where}: status {state}，应为 {'/'.join(gold.status)}")


def _is(gold: Gold, task: Mapping[str, Any]) -> bool:
    mine, theirs = _bare(gold.title), _bare(task["title"])
    return gold.kind == task["kind"] and gold.no == task["no"] and bool(theirs) and (mine in theirs or theirs in mine)


def _same_duty(gold: tuple[tuple[str, ...], str], given: Mapping[str, Any]) -> bool:
    names, role = gold
    said = {_bare(given["unit"]), _bare(given.get("name") or "")}
    return role == given["role"] and any(_bare(name) in said for name in names)


def _duty_words(given: Mapping[str, Any]) -> str:
    return f"{given['unit']}（{given['role']}）"


def _same_deadline(gold: tuple[str, str | None], given: Mapping[str, Any]) -> bool:
    words, day = gold
    mine, theirs = _bare(words), _bare(given["text"])
    return (mine in theirs or theirs in mine) and (day is None or day == given.get("end_date"))


def _bare(words: str) -> str:
    return "".join(fold(words).split())


def _gold(record: Mapping[str, Any]) -> Gold:
    maybe = record.get("maybe") or {}
    return Gold(
        str(record["doc"]), str(record["kind"]), record["no"], str(record["title"]), _duties(record["duties"]),
        _deadlines(record["deadlines"]), tuple(record["status"]), _duties(maybe.get("duties", ())),
        _deadlines(maybe.get("deadlines", ())), record.get("optional", False) is True,
    )  # fmt: skip


def _duties(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple((tuple(item["unit"]), str(item["role"])) for item in items)


def _deadlines(items: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str | None], ...]:
    return tuple((str(item["text"]), item.get("end_date")) for item in items)
