"""The command: makes the cases, fits the weights, renews what follows from them (JSON, data, docs/confidence.md)."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from eval.confidence import curve
from eval.confidence.fit import Fit, Row, fit, held_out
from eval.confidence.mismatch import Case, of_fiction, of_folder
from retriever import Retriever, confidence
from retriever.embedder import embedder
from retriever.intake import intake
from retriever.question import parse

_ROOT = Path(__file__).resolve().parents[2]
_DEMO = _ROOT / "eval" / "suites" / "demo" / "documents"
_SEED = 1


def main() -> int:
    """Return the exit status, 0."""
    parser = argparse.ArgumentParser(prog="python -m eval.confidence", description=__doc__)
    parser.add_argument(
        "--cases", type=int, default=1_000_000, help="of each store at most, drawn at random; all by default"
    )
    rows = list(_rows(parser.parse_args().cases))
    kept = Path(__file__).with_name("cases.jsonl")
    kept.write_text("".join(json.dumps(row.to_json(), ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    made = fit(rows)
    _write(made)
    page = _ROOT / "docs" / "confidence.md"
    curve.write(page, rows, held_out(rows), made)
    sys.stdout.write(curve.tables(rows, held_out(rows), made) + "\n")
    return 0


def _write(made: Fit) -> None:
    weights = {name: round(weight, 3) for name, weight in zip(confidence.NAMES, made.weights, strict=True)}
    fitted = {"bias": round(made.bias, 3), "weights": weights}
    path = Path(confidence.__file__).with_suffix(".json")
    path.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


def _rows(most: int) -> Iterator[Row]:
    """Yield what the search finds for every case: in the store of all demo documents, of half of them, of fiction."""
    with tempfile.TemporaryDirectory(prefix="duban-confidence-") as folder:
        root = Path(folder)
        documents = sorted(_DEMO.iterdir())
        yield from _asked(root / "demo", documents, _drawn(of_folder(_DEMO, _SEED), most))
        left_out = {path.name for path in documents[1::2]}
        absent = [case for case in of_folder(_DEMO, 9, absent=True) if case.document in left_out]
        yield from _asked(
            root / "half", [path for path in documents if path.name not in left_out], _drawn(absent, most)
        )
        made, invented = of_fiction(5)
        (root / "fiction").mkdir()
        paths = []
        for document in made:
            paths.append(root / "fiction" / document.name)
            paths[-1].write_text(document.text, encoding="utf-8")
        yield from _asked(root / "invented", paths, _drawn(invented, most))


def _drawn(cases: list[Case], most: int) -> list[Case]:
    return cases if len(cases) <= most else random.Random(_SEED).sample(cases, most)


def _asked(store: Path, documents: Sequence[Path], cases: Iterable[Case]) -> Iterator[Row]:
    intake(store, list(documents), embedder(""))
    with Retriever.open(store) as retriever:
        for case in cases:
            row = _row(retriever, case)
            if row is not None:
                yield row


def _row(retriever: Retriever, case: Case) -> Row | None:
    """Return what the best passage for a case shows; None where nothing is found."""
    evidence = retriever.evidence(case.question)
    if not evidence.ranked:
        return None
    best = evidence.ranked[0]
    right = (
        case.answerable
        and Path(best.source.source).name == case.document
        and best.passage.start < case.end
        and case.start < best.passage.end
    )
    refused = any(against is not None for against in evidence.unmet.values())
    ask = parse(case.question).asks[0]
    return Row(case, tuple(round(sign, 3) for sign in confidence.signs(ask, evidence.ranked)), right, refused)


if __name__ == "__main__":
    sys.exit(main())
