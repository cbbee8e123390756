"""`duban ask` and `duban search`: what people want to know, and the passages where it may stand."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from app.settings import Settings
from app.terminal import complain, print_json
from app.usage import command, count, day, text

if TYPE_CHECKING:
    from retriever import Retriever


def add(commands: Any) -> None:
    """Add the commands and what can be typed behind them."""
    ask = command(commands, "ask", _ask, "提问 · ask a question, or a file of them")
    asked = ask.add_mutually_exclusive_group(required=True)
    asked.add_argument("question", nargs="?", metavar="QUESTION", help="问题 · the question")
    asked.add_argument(
        "--batch", metavar="FILE.jsonl", help="每行一个问题，- 为标准输入 · one question a line, - is stdin"
    )
    ask.add_argument("--as-of", type=day, metavar="DATE", help="以哪一天为准，默认今天 · the day that counts as today")
    ask.add_argument(
        "--history", action="append", default=[], metavar="Q", help="先前的问题，先问的在前，可重复 · earlier questions"
    )

    search = command(commands, "search", _search, "检索原文段落 · find passages")
    search.add_argument("query", metavar="QUERY", help="要找的内容 · what to look for")
    search.add_argument("-k", type=count, default=5, metavar="N", help="条数，默认 5 · how many")
    search.add_argument(
        "--unit", choices=("chunk", "sentence"), default="chunk", help="段落（默认）或句子 · passages or sentences"
    )


def _ask(args: argparse.Namespace, settings: Settings) -> int:
    from app.batch import Question, read_batch
    from app.console import answer as shown

    if args.batch is None:
        asked = [Question(args.question, tuple(args.history), args.as_of)]
    else:
        asked = read_batch(args.batch)
    with _open(settings) as retriever:
        for number, item in enumerate(asked):
            question, history = text(item.question), [text(earlier) for earlier in item.history]
            answer = retriever.answer(question, as_of=item.as_of or args.as_of, history=history).to_json()
            answer["id"] = item.id
            if args.json:
                print_json(answer)
            else:
                print(("\n" if number else "") + (f"问：{question}\n" if args.batch else "") + shown(answer))
            sys.stdout.flush()
    return 0


def _search(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import hits

    with _open(settings) as retriever:
        found = [hit.to_json() for hit in retriever.search(text(args.query), k=args.k, unit=args.unit)]
        notice = retriever.notice
    print_json(found) if args.json else print(hits(found))
    if notice:
        complain(f"duban: {notice}")
    return 0


def _open(settings: Settings) -> Retriever:
    from retriever import Retriever
    from retriever.embedder import for_reading

    embedder = for_reading(settings.embedder, settings.device)
    model = settings.language_model()
    return Retriever.open(settings.store, embedder, reranker=settings.reranker, chroma=settings.chroma, model=model)
