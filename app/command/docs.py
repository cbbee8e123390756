"""`duban docs`: lists, shows and removes documents."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from app.settings import Settings
from app.terminal import print_json
from app.usage import command

if TYPE_CHECKING:
    from ingest.document import Document


def add(commands: Any) -> None:
    """Add the commands and what can be typed behind them."""
    docs = command(commands, "docs", _list, "查看、移除文档 · list, show, remove documents")
    acts = docs.add_subparsers(metavar="[list | show ID | remove ID]")
    command(acts, "list", _list, "列出文档（默认） · list the documents (default)")
    show = command(acts, "show", _show, "查看一份文档的要素和结构 · show a document's outline")
    show.add_argument("doc", metavar="ID", help="文档编号 · id of the document")
    remove = command(acts, "remove", _remove, "从库中移除一份文档 · take a document out")
    remove.add_argument("doc", metavar="ID", help="文档编号 · id of the document")


def _list(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import documents
    from ingest.corpus import Corpus

    with closing(Corpus.open(settings.store)) as corpus:
        rows = [row.to_json() for row in corpus.documents()]
    print_json(rows) if args.json else print(documents(rows))
    return 0


def _show(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import document
    from ingest.corpus import Corpus

    with closing(Corpus.open(settings.store)) as corpus:
        found = corpus.document(args.doc)
        versions = [version.to_json() for version in corpus.versions(found.id)]
        row = next((row.to_json() for row in corpus.documents() if row.doc == found.id), _superseded(found, versions))
    sections = [
        {
            "kind": section.kind,
            "depth": sum(1 for _ in found.ancestors(number)) - 1,
            "label": section.label,
            "title": section.title,
            "start": section.start,
            "end": section.end,
        }
        for number, section in enumerate(found.sections)
    ]
    shown = {**row, "versions": versions, "text": found.text, "sections": sections}
    print_json(shown) if args.json else print(document(shown))
    return 0


def _superseded(document: Document, versions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of a document that is kept for the history of a source."""
    stated = {name: getattr(document, name) for name in ("issuer", "number", "date")}
    row = {name: field.value if field else None for name, field in stated.items()}
    mine = next((version for version in versions if version["doc"] == document.id), {})
    chunks = sum(piece.indexed for piece in document.chunks)
    return {"doc": document.id, "title": mine.get("title"), **row, "source": mine.get("source"), "chunks": chunks}


def _remove(args: argparse.Namespace, settings: Settings) -> int:
    from retriever.embedder import embedder
    from retriever.intake import withdraw

    entries = withdraw(settings.store, args.doc, embedder(settings.embedder, settings.device), chroma=settings.chroma)
    removed = {"doc": args.doc, "entries": entries}
    print_json(removed) if args.json else print(f"已移除 {args.doc}（{entries} 个来源）")
    return 0
