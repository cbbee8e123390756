"""The page docs/bench.md: results are kept one a line, and tables are made of the newest of each system and data."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.bench.contest import Result

_NAMES = {
    "duban": "Duban",
    "bigrams": "bm25s, character bigrams",
    "bigrams-opencc": "bm25s, character bigrams, OpenCC",
    "langchain-bm25": "LangChain BM25Retriever, jieba",
    "langchain-tutorial": "LangChain tutorial: Chroma, MiniLM",
}
_QUALITY = ("R@1", "R@5", "R@10", "RR@10", "nDCG@10")
_BEGIN, _END = "<!-- results: written by make bench -->", "<!-- end of results -->"


def keep(path: Path, result: Result) -> None:
    """Append a result with where and when it was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    row = {**result.to_json(), "when": dt.date.today().isoformat(), "machine": _machine(), "load": os.getloadavg()[0]}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write(page: Path, kept: Path) -> None:
    """Put the newest results between the two marks of the page."""
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for line in kept.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        newest[row["data"], row["system"]] = row
    put(page, tables(list(newest.values())))


def put(page: Path, words: str) -> None:
    """Put words between the two marks of a page, in the place of those that stand there."""
    text = page.read_text(encoding="utf-8")
    head, tail = text.split(_BEGIN)[0], text.split(_END)[1]
    page.write_text(f"{head}{_BEGIN}\n\n{words}\n{_END}{tail}", encoding="utf-8")


def where() -> str:
    """Return the day and the machine, for below a table."""
    return f"{dt.date.today().isoformat()}, {_machine()}."


def tables(rows: Sequence[dict[str, Any]]) -> str:
    """Return two tables for each set of data, what was found and what it took, with ratios to Duban."""
    parts = []
    for data in sorted({row["data"] for row in rows}, key=lambda name: (name.startswith("invented"), len(name), name)):
        found = sorted((row for row in rows if row["data"] == data), key=lambda row: list(_NAMES).index(row["system"]))
        ours = next((row for row in found if row["system"] == "duban"), None)
        parts.append(f"### {data}, {found[0]['chunks']:,} passages\n")
        parts.append(_lines(["questions", "system", *_QUALITY], [line for row in found for line in _found(row)]))
        costs = ("ready/s", "p50 ms", "p95 ms", "first result s", "MB asking", "MB building", "MB disk")
        parts.append(_lines(["system", *costs], [_took(row, ours) for row in found]))
        loads = sorted(row["load"] for row in found)
        parts.append(
            f"{found[0]['when']}, {found[0]['machine']}; load of the machine {loads[0]:.1f} to {loads[-1]:.1f}.\n"
        )
    return "\n".join(parts)


def _found(row: dict[str, Any]) -> list[list[str]]:
    return [
        [kind, _NAMES[row["system"]], *(f"{measured[name]:.3f}" for name in _QUALITY)]
        for kind, measured in row["quality"].items()
    ]


def _took(row: dict[str, Any], ours: dict[str, Any] | None) -> list[str]:
    values = {
        "rate": row["chunks"] / row["build_s"], "p50": row["p50_ms"], "p95": row["p95_ms"], "first": row["first_s"],
        "mb": row["mb"], "build_mb": row["build_mb"], "disk": row["disk_mb"],
    }  # fmt: skip
    if ours is None or ours is row:
        return [_NAMES[row["system"]], *(_short(value) for value in values.values())]
    base = dict(zip(values, _numbers(ours), strict=True))
    return [
        _NAMES[row["system"]],
        *(f"{_short(value)} (×{value / base[name]:.2g})" for name, value in values.items()),
    ]


def _numbers(row: dict[str, Any]) -> list[float]:
    return [
        row["chunks"] / row["build_s"], row["p50_ms"], row["p95_ms"], row["first_s"], row["mb"], row["build_mb"],
        row["disk_mb"],
    ]  # fmt: skip


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)) + "\n"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
