"""The command behind `make bench`: runs the parts that are asked for and renews the tables in docs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from eval.bench import ablation, answers, budget, formats, reading, table
from eval.bench.contest import LANGCHAIN, OURS, ROOT, THEIRS, contend
from eval.bench.data import Data, invented, paragraphs
from eval.suite import Suite, find_suite
from ingest.error import DubanError
from retriever.embedder import embedder

_CONTESTS = ("search", "sets")
SIZES = (1_000, 10_000, 60_000)
SLOW = 500_000
_SETS = ("cmrc2018_dev.json", "drcd_dev.json")


def main() -> int:
    """Return the exit status: 0 done, 1 a system failed."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join((*_ALONE, *_CONTESTS))}; all by default")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="chunks of the invented corpora")
    parser.add_argument("--slow", action="store_true", help=f"also {SLOW} chunks, Duban alone: an hour or more")
    parser.add_argument("--systems", nargs="+", default=(*OURS, *THEIRS), choices=(*OURS, *THEIRS))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="where the sets lie")
    parser.add_argument("--questions", type=int, help="of each set in the ablation; all by default")
    parser.add_argument("--stard", type=Path, help="queries.json of github oneal2000/STARD, for the ablation")
    parser.add_argument("--kept", type=Path, default=ROOT / ".bench" / "results.jsonl", help="results, one a line")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "bench.md", help="the page that is renewed")
    args = parser.parse_args()
    if wrong := set(args.parts) - {*_ALONE, *_CONTESTS}:
        parser.error(f"there is no part {sorted(wrong)[0]!r}; there are {', '.join((*_ALONE, *_CONTESTS))}")
    if not args.out.is_file():
        parser.error(f"--out {args.out}: there is no such page to renew")
    parts = args.parts or (*_ALONE, *_CONTESTS)
    for name, measure in _ALONE.items():
        if name in parts:
            measure(args)
    failed = False
    for data, systems in _contests(args, parts):
        for system in systems:
            if system in THEIRS and not LANGCHAIN.is_file():
                sys.stdout.write(f"{data.name} {system}: left out; `make bench-langchain` makes its environment\n")
                continue
            try:
                result = contend(data, system)
            except DubanError as error:
                sys.stdout.write(f"{error}\n")
                failed = True
                continue
            table.keep(args.kept, result)
            sys.stdout.write(json.dumps(result.to_json(), ensure_ascii=False) + "\n")
            sys.stdout.flush()
            table.write(args.out, args.kept)
    return int(failed)


def _budgets(args: argparse.Namespace) -> None:
    """Measure the budgets on the largest invented corpus and renew docs/budgets.md."""
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        data = invented(max(args.sizes), Path(folder, "data"))
        words = _shown(budget.lines(data, list(budget.budgets(data))))
    table.put(args.out.with_name("budgets.md"), f"{words}\n{table.where()}")


def _ablation(args: argparse.Namespace) -> None:
    """Measure what each part of the ranking brings and renew docs/ranking.md."""
    model = embedder(os.environ.get("DUBAN_EMBEDDER", ""))
    found = []
    for name, changes, questions in ablation.measure(args.data, _suites(args), model, args.questions, args.stard):
        found.append(_shown(ablation.lines(name, changes, questions)))
    table.put(args.out.with_name("ranking.md"), f"Embedder {model.name}; {table.where()}\n\n" + "\n".join(found))


def _answers(args: argparse.Namespace) -> None:
    """Measure what each part of the answer brings and renew docs/answers.md."""
    model = embedder(os.environ.get("DUBAN_EMBEDDER", ""))
    found = [_shown(answers.lines(suite, list(answers.measure(suite, model)))) for suite in _suites(args)]
    words = "\n".join((answers.legend(), f"Embedder {model.name}; {table.where()}\n", *found))
    table.put(args.out.with_name("answers.md"), words)


# The parts that are no contest of systems.
_ALONE: dict[str, Callable[[argparse.Namespace], object]] = {
    "reading": lambda _: reading.main(),
    "formats": lambda _: formats.main(),
    "budgets": _budgets,
    "ablation": _ablation,
    "answers": _answers,
}


def _suites(args: argparse.Namespace) -> list[Suite]:
    """Return the demo suite and those that lie beside the data."""
    names = ("demo", *(str(path) for path in sorted((args.data / ".." / "eval").glob("*.jsonl"))))
    return [suite for suite in map(find_suite, names) if suite.documents is not None]


def _shown(lines: str) -> str:
    sys.stdout.write(lines + "\n")
    sys.stdout.flush()
    return lines


def _contests(args: argparse.Namespace, parts: Sequence[str]) -> Iterator[tuple[Data, tuple[str, ...]]]:
    """Yield the data of the contests that are asked for, each with who takes part; its folder is gone afterwards."""
    works: list[tuple[Callable[[Path], Data], Sequence[str]]] = []
    if "sets" in parts:
        sets = [args.data / name for name in _SETS]
        works += [(partial(paragraphs, path), args.systems) for path in sets if path.is_file()]
    if "search" in parts:
        works += [(partial(invented, size), args.systems) for size in args.sizes]
        works += [(partial(invented, SLOW), ("duban",))] if args.slow else []
    for make, systems in works:
        folder = Path(tempfile.mkdtemp(prefix="duban-bench-"))
        try:
            yield make(folder / "data"), tuple(systems)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
