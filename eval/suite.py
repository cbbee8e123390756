"""A suite: gold cases, gold ledgers where there are some, and the folder of the documents that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eval.case import Case, SuiteError, read_cases
from eval.ledger import Gold, read_ledger

_SHIPPED = Path(__file__).resolve().parent / "suites"
_CASES = "cases.jsonl"
_LEDGER = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases in order, the folder that holds their documents (None if there is none at hand), and the gold ledgers."""

    name: str
    cases: tuple[Case, ...]
    documents: Path | None
    ledger: tuple[Gold, ...] = ()

    @property
    def docs(self) -> tuple[str, ...]:
        """Return the names of the suite's documents, each once: of the cases in order, then of the ledgers."""
        named = (doc for case in self.cases for doc in (*case.docs, *(item.doc for item in case.evidence)))
        return tuple(dict.fromkeys((*named, *(gold.doc for gold in self.ledger))))


def shipped() -> list[str]:
    """Return the names of the suites that come with Duban."""
    return sorted(folder.parent.name for folder in _SHIPPED.glob(f"*/{_CASES}"))


def find_suite(name: str, documents: Path | None = None) -> Suite:
    """Return a suite by its folder (`cases.jsonl` and `documents/` in it), by its JSONL file, or by its shipped name.

    The documents of a JSONL file are looked for in `documents/` beside it, then in `../seeds`; the gold ledgers of a
    folder are in its `ledger.jsonl`.

    Args:
        name: a path, or one of `shipped()`; a path that exists comes first.
        documents: the folder of the documents, if it is another one.

    Raises:
        SuiteError: if there is no such suite or folder, or a case is malformed.
    """
    path = Path(name)
    if not path.exists() and name in shipped():
        path = _SHIPPED / name
    if path.is_dir():
        path = path / _CASES
    if not path.is_file():
        known = "、".join(shipped()) or "无"
        raise SuiteError(f"{path}: 没有这个评测集；请给出含 {_CASES} 的文件夹、JSONL 文件或自带评测集的名称（{known}）")
    if documents and not documents.is_dir():
        raise SuiteError(f"{documents}: 没有这个文件夹；--documents 应为评测文档所在的文件夹")
    beside = (path.parent / "documents", path.parent / ".." / "seeds")
    found = documents or next((folder for folder in beside if folder.is_dir()), None)
    beside_cases = path.with_name(_LEDGER)
    golds = read_ledger(beside_cases) if path.name == _CASES and beside_cases.is_file() else []
    name = path.parent.name if path.name == _CASES else path.stem
    return Suite(name, tuple(read_cases(path)), found, tuple(golds))
