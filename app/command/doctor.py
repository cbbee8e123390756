"""`duban doctor`: checks a store, rebuilds what is derived, brings a damaged corpus back."""

from __future__ import annotations

import argparse
from typing import Any

from app.settings import Settings
from app.terminal import complain, print_json
from app.usage import command


def add(commands: Any) -> None:
    """Add the command and what can be typed behind it."""
    doctor = command(commands, "doctor", _doctor, "检查库，必要时重建索引 · check the store, rebuild the index")
    mends = doctor.add_mutually_exclusive_group()
    mends.add_argument("--rebuild", action="store_true", help="重建索引 · rebuild what is derived")
    mends.add_argument(
        "--restore", action="store_true", help="从备份和原文件恢复文档库 · bring a damaged corpus back from its backup"
    )


def _doctor(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import checks, restored
    from retriever.doctor import examine, rebuild, restore
    from retriever.embedder import embedder
    from retriever.generate.probe import probe

    chosen = embedder(settings.embedder, settings.device)
    if args.rebuild:
        rebuild(settings.store, chosen, settings.chroma)
    back = restore(settings.store, chosen, settings.chroma).to_json() if args.restore else None
    found = examine(settings.store, chosen, settings.chroma)
    model = settings.language_model()
    found += [probe(model)] if model else []
    problems = [finding.line for finding in found if not finding.well]
    if args.json:
        listed = [finding.to_json() for finding in found]
        acts = {"rebuilt": args.rebuild, "restored": back}
        print_json({"store": str(settings.store), **acts, "problems": problems, "checks": listed})
    else:
        done = "已重建索引。\n" if args.rebuild else f"{restored(back)}\n" if back else ""
        print(done + checks([finding.to_json() for finding in found], str(settings.store)))
    for problem in problems:
        complain(f"duban: {problem}")
    return 1 if problems or (back and back["unknown"]) else 0
