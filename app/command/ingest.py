"""`duban ingest`: brings files in, once or as long as folders are watched."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.settings import Settings
from app.terminal import complain, print_json
from app.usage import command
from ingest.error import DubanError

if TYPE_CHECKING:
    from retriever.intake import Report


def add(commands: Any) -> None:
    """Add the command and what can be typed behind it."""
    ingest = command(commands, "ingest", _ingest, "导入文件和文件夹 · bring files in")
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="文件或文件夹 · files or folders")
    ingest.add_argument(
        "--watch", action="store_true", help="持续看守文件夹，随增改删同步 · keep in step with folders until Ctrl+C"
    )


def _ingest(args: argparse.Namespace, settings: Settings) -> int:
    from ingest.priority import yielding

    with yielding():  # the page may be answering beside it
        return _watch(args, settings) if args.watch else _once(args, settings)


def _once(args: argparse.Namespace, settings: Settings) -> int:
    """Bring files in, and print what came of them."""
    from app.interrupt import interruptible
    from app.progress import progress
    from retriever.embedder import embedder
    from retriever.intake import intake

    with interruptible() as check, progress("导入") as show:

        def step(done: int, total: int, name: str, at: str = "") -> None:
            show(done, total, name, at)
            check()

        report = intake(
            settings.store,
            args.paths,
            embedder(settings.embedder, settings.device),
            step,
            settings.limits,
            settings.bounds,
            chroma=settings.chroma,
        )
    _show_report(report, args, settings)
    return 1 if report.failed or report.notice else 0


def _watch(args: argparse.Namespace, settings: Settings) -> int:
    """Keep the store in step with folders until Ctrl+C; what each look brings is printed like an ingest."""
    from app.interrupt import interruptible
    from app.progress import progress
    from retriever.embedder import embedder
    from retriever.watch import EVERY, Step, Watch, watch

    for path in args.paths:
        if not path.is_dir():
            raise DubanError(f"{path}: --watch 要一个文件夹")

    def tell(step: Step) -> None:
        if step.notice:
            complain(f"duban: {step.notice}")
        else:
            _show_report(step.report, args, settings, step.removed)
        sys.stdout.flush()

    complain(f"duban: 每 {EVERY:.0f} 秒看一次 {'、'.join(map(str, args.paths))}；按 Ctrl+C 停止")
    try:
        with interruptible() as check, progress("导入", again=False) as show:

            def step(done: int, total: int, name: str, at: str = "") -> None:
                show(done, total, name, at)
                check()

            options = (
                embedder(settings.embedder, settings.device),
                step,
                settings.limits,
                settings.bounds,
                settings.chroma,
            )
            watch([Watch(settings.store, path, *options) for path in args.paths], tell)
    except KeyboardInterrupt:
        complain("duban: 已停止；已写入的内容完好")
    return 0


def _show_report(report: Report, args: argparse.Namespace, settings: Settings, removed: int | None = None) -> None:
    """Print what came of files, and how many entries were removed where a folder is watched."""
    failed = [{"source": item.source, "why": item.why} for item in report.failed]
    for item in failed:
        complain(f"duban: {item['source']}: {item['why']}")
    notes = [{"source": item.source, "note": item.words} for item in report.notes]
    for note in notes:
        complain(f"duban: {note['source']}: 注意：{note['note']}")
    if report.notice:
        complain(f"duban: {report.notice}")
    counts = {name: len(getattr(report, name)) for name in ("added", "unchanged", "updated", "renamed")}
    gone = {} if removed is None else {"removed": removed}
    if args.json:
        shown = {"store": str(settings.store), **counts, **gone, "failed": failed, "notes": notes}
        print_json({**shown, "notice": report.notice})
    else:
        numbers = "新增 {added}，未变 {unchanged}，更新 {updated}".format(**counts)
        numbers += f"，改名 {counts['renamed']}" if counts["renamed"] else ""
        numbers += "" if removed is None else f"，移除 {removed}"
        print(f"{numbers}，失败 {len(failed)}（库：{settings.store}）")
