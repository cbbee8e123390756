"""`duban eval`: runs a suite of questions, or ranks the paragraphs of a reading comprehension set."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.settings import Settings
from app.terminal import complain, print_json
from app.usage import command


def add(commands: Any) -> None:
    """Add the command and what can be typed behind it."""
    evaluate = commands.add_parser("eval", help="评测 · measure", description="评测 · measure")
    measures = evaluate.add_subparsers(metavar="run SUITE", required=True)
    run = command(measures, "run", _measure, "运行评测集 · run a suite")
    run.add_argument(
        "suite",
        metavar="SUITE",
        help="文件夹、JSONL 文件、自带评测集名，或 SQuAD 格式的 .json · a folder, a file, a shipped suite's name",
    )
    run.add_argument("--out", type=Path, metavar="RUN", help="逐题结果存为 JSONL · keep the results, one a line")
    run.add_argument("--documents", type=Path, metavar="DIR", help="评测文档所在文件夹 · the suite's documents")


def _measure(args: argparse.Namespace, settings: Settings) -> int:
    return _rank(args, settings) if args.suite.endswith(".json") else _run(args, settings)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import evaluation
    from app.progress import progress
    from eval.judge import Judge
    from eval.run import desk_for, run
    from eval.suite import find_suite
    from retriever.embedder import embedder

    suite = find_suite(args.suite, args.documents)
    model = settings.language_model()
    judge = Judge(model) if model and "judge" in model.options.uses else None
    chosen = embedder(settings.embedder, settings.device)
    desk = desk_for(suite, args.store, chosen, reranker=settings.reranker, model=model)
    with desk as (retriever, where), progress("评测") as show:
        if args.store and where != str(args.store):
            complain(f"duban: 库 {args.store} 中没有评测集 {suite.name} 的全部文档；改用临时库")
        done = run(suite, retriever, where, show, judge)
    if args.out:
        done.write(args.out)
    print_json(done.to_json()) if args.json else print(evaluation(done.to_json()))
    return 0


def _rank(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import ranking
    from app.progress import progress
    from eval.ranking import rank
    from retriever.embedder import embedder

    with progress("检索") as show:
        done = rank(Path(args.suite), embedder(settings.embedder, settings.device), show, settings.reranker).to_json()
    print_json(done) if args.json else print(ranking(done))
    return 0
