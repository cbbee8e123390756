"""The command `duban`: reads what was asked for, calls the rooms, prints what they return."""

from __future__ import annotations

import argparse
import ipaddress
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from app.settings import Settings
from app.wording import ROLE, STATUS
from ingest.error import DubanError

if TYPE_CHECKING:
    from ingest.document import Document
    from retriever import Retriever
    from retriever.embedder import Embedder
    from retriever.intake import Report

# Whatever is heavy is imported in the function that needs it: `duban --help` and `duban ask` start fast.

EPILOG = """示例 examples:
  duban ingest 文件夹                        导入文件
  duban ask "哪些任务还没完成？"               提问
  duban ask --batch 问题.jsonl --json         批量提问，每行一个答案
  duban ledger --status in_progress          列出推进中的事项
  duban eval run demo                        运行自带评测集

退出码 exit status: 0 完成（含拒答）, 1 预期内的错误（有文件失败、没有库）, 2 用法错误
环境变量 environment: DUBAN_STORE 库文件夹, DUBAN_EMBEDDER 向量模型, DUBAN_RERANKER 重排模型,
  DUBAN_CHROMA Chroma 服务地址；读取文件的上限见 README 的 Limits"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 an expected error, 2 wrong usage, 130 interrupted."""
    _speak_utf8()
    parser = _parser()
    args = parser.parse_args(arguments)
    if getattr(args, "batch", None) and args.history:
        parser.error("--history 不能与 --batch 同用；先前的问题写在每行的 history 里")
    try:
        settings = Settings.read()
        code = int(args.command(args, replace(settings, store=args.store or settings.store)))
        sys.stdout.flush()
        return code
    except DubanError as error:
        _complain(f"duban: {error}")
        return 1
    except KeyboardInterrupt:
        _complain("duban: 已中断；已写入的内容完好，再次运行即可继续")
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has gone. What is left in the buffer must not fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _ingest(args: argparse.Namespace, settings: Settings) -> int:
    from app.interrupt import interruptible
    from app.progress import progress
    from retriever.intake import intake

    if args.watch:
        return _watch(args, settings)
    with interruptible() as check, progress("导入") as show:

        def step(done: int, total: int, name: str) -> None:
            show(done, total, name)
            check()

        report = intake(
            settings.store,
            args.paths,
            _embedder(settings),
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
    from retriever.watch import EVERY, Step, Watch, watch

    for path in args.paths:
        if not path.is_dir():
            raise DubanError(f"{path}: --watch 要一个文件夹")

    def tell(step: Step) -> None:
        if step.notice:
            _complain(f"duban: {step.notice}")
        else:
            _show_report(step.report, args, settings, step.removed)
        sys.stdout.flush()

    _complain(f"duban: 每 {EVERY:.0f} 秒看一次 {'、'.join(map(str, args.paths))}；按 Ctrl+C 停止")
    try:
        with interruptible() as check, progress("导入") as show:

            def step(done: int, total: int, name: str) -> None:
                show(done, total, name)
                check()

            embedder = _embedder(settings)
            options = (embedder, step, settings.limits, settings.bounds, settings.chroma)
            watch([Watch(settings.store, path, *options) for path in args.paths], tell)
    except KeyboardInterrupt:
        _complain("duban: 已停止；已写入的内容完好")
    return 0


def _show_report(report: Report, args: argparse.Namespace, settings: Settings, removed: int | None = None) -> None:
    """Print what came of files, and how many entries were removed where a folder is watched."""
    failed = [{"source": item.source, "why": item.why} for item in report.failed]
    for item in failed:
        _complain(f"duban: {item['source']}: {item['why']}")
    notes = [{"source": item.source, "note": item.words} for item in report.notes]
    for note in notes:
        _complain(f"duban: {note['source']}: 注意：{note['note']}")
    if report.notice:
        _complain(f"duban: {report.notice}")
    counts = {name: len(getattr(report, name)) for name in ("added", "unchanged", "updated", "renamed")}
    gone = {} if removed is None else {"removed": removed}
    if args.json:
        shown = {"store": str(settings.store), **counts, **gone, "failed": failed, "notes": notes}
        _print_json({**shown, "notice": report.notice})
    else:
        numbers = "新增 {added}，未变 {unchanged}，更新 {updated}".format(**counts)
        numbers += f"，改名 {counts['renamed']}" if counts["renamed"] else ""
        numbers += "" if removed is None else f"，移除 {removed}"
        print(f"{numbers}，失败 {len(failed)}（库：{settings.store}）")


def _ask(args: argparse.Namespace, settings: Settings) -> int:
    from app.batch import Question, read_batch
    from app.console import answer as shown

    if args.batch is None:
        asked = [Question(args.question, tuple(args.history), args.as_of)]
    else:
        asked = read_batch(args.batch)
    with _open(settings) as retriever:
        for number, item in enumerate(asked):
            question, history = _text(item.question), [_text(earlier) for earlier in item.history]
            answer = retriever.answer(question, as_of=item.as_of or args.as_of, history=history).to_json()
            answer["id"] = item.id
            if args.json:
                _print_json(answer)
            else:
                print(("\n" if number else "") + (f"问：{question}\n" if args.batch else "") + shown(answer))
            sys.stdout.flush()
    return 0


def _search(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import hits

    with _open(settings) as retriever:
        found = [hit.to_json() for hit in retriever.search(_text(args.query), k=args.k, unit=args.unit)]
        notice = retriever.notice
    _print_json(found) if args.json else print(hits(found))
    if notice:
        _complain(f"duban: {notice}")
    return 0


def _ledger(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import task, totals
    from app.ledger import Listing, summary

    with Listing.open(settings.store, args) as listing:
        if args.out:
            listing.export(args.out)
        if args.totals:
            shown = listing.totals()
            _print_json(shown) if args.json else print(totals(shown))
            return 0
        if args.json:
            _print_array(listing.rows())
        elif not args.out:
            for row in listing.rows():
                print(task(row))
        said = summary(listing)
    if args.json:
        _complain(f"duban: {said}") if listing.empty else None
    else:
        print(said)
    return 0


def _docs_list(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import documents
    from ingest.corpus import Corpus

    with closing(Corpus.open(settings.store)) as corpus:
        rows = [row.to_json() for row in corpus.documents()]
    _print_json(rows) if args.json else print(documents(rows))
    return 0


def _docs_show(args: argparse.Namespace, settings: Settings) -> int:
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
    _print_json(shown) if args.json else print(document(shown))
    return 0


def _superseded(document: Document, versions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of a document that is kept for the history of a source."""
    stated = {name: getattr(document, name) for name in ("issuer", "number", "date")}
    row = {name: field.value if field else None for name, field in stated.items()}
    mine = next((version for version in versions if version["doc"] == document.id), {})
    chunks = sum(piece.indexed for piece in document.chunks)
    return {"doc": document.id, "title": mine.get("title"), **row, "source": mine.get("source"), "chunks": chunks}


def _docs_remove(args: argparse.Namespace, settings: Settings) -> int:
    from retriever.intake import withdraw

    entries = withdraw(settings.store, args.doc, _embedder(settings), chroma=settings.chroma)
    removed = {"doc": args.doc, "entries": entries}
    _print_json(removed) if args.json else print(f"已移除 {args.doc}（{entries} 个来源）")
    return 0


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    if not _is_loopback(args.host):
        raise DubanError(f"--host {args.host}: 目前没有账户，只能在本机打开；请用 127.0.0.1、::1 或 localhost")
    from app.web import serve

    serve(settings, _for_reading(settings), args.host, args.port)
    return 0


def _eval_run(args: argparse.Namespace, settings: Settings) -> int:
    return _rank(args, settings) if args.suite.endswith(".json") else _run(args, settings)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import evaluation
    from app.progress import progress
    from eval.run import desk_for, run
    from eval.suite import find_suite

    suite = find_suite(args.suite, args.documents)
    desk = desk_for(suite, args.store, _embedder(settings), reranker=settings.reranker)
    with desk as (retriever, where), progress("评测") as show:
        if args.store and where != str(args.store):
            _complain(f"duban: 库 {args.store} 中没有评测集 {suite.name} 的全部文档；改用临时库")
        done = run(suite, retriever, where, show)
    if args.out:
        done.write(args.out)
    _print_json(done.to_json()) if args.json else print(evaluation(done.to_json()))
    return 0


def _rank(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import ranking
    from app.progress import progress
    from eval.ranking import rank

    with progress("检索") as show:
        done = rank(Path(args.suite), _embedder(settings), show, settings.reranker).to_json()
    _print_json(done) if args.json else print(ranking(done))
    return 0


def _doctor(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import checks, restored
    from retriever.doctor import examine, rebuild, restore

    embedder = _embedder(settings)
    if args.rebuild:
        rebuild(settings.store, embedder, settings.chroma)
    back = restore(settings.store, embedder, settings.chroma).to_json() if args.restore else None
    found = examine(settings.store, embedder, settings.chroma)
    problems = [finding.line for finding in found if not finding.well]
    if args.json:
        listed = [finding.to_json() for finding in found]
        acts = {"rebuilt": args.rebuild, "restored": back}
        _print_json({"store": str(settings.store), **acts, "problems": problems, "checks": listed})
    else:
        done = "已重建索引。\n" if args.rebuild else f"{restored(back)}\n" if back else ""
        print(done + checks([finding.to_json() for finding in found], str(settings.store)))
    for problem in problems:
        _complain(f"duban: {problem}")
    return 1 if problems or (back and back["unknown"]) else 0


def _embedder(settings: Settings) -> Embedder:
    from retriever.embedder import embedder

    return embedder(settings.embedder, settings.device)


def _for_reading(settings: Settings) -> Embedder:
    from retriever.embedder import for_reading

    return for_reading(settings.embedder, settings.device)


def _open(settings: Settings) -> Retriever:
    from retriever import Retriever

    return Retriever.open(settings.store, _for_reading(settings), reranker=settings.reranker, chroma=settings.chroma)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--store", type=Path, metavar="DIR", help="库文件夹，默认 DUBAN_STORE，其次 ./store · the store"
    )
    output = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    output.add_argument("--json", action="store_true", help="输出 JSON · print JSON and nothing else")

    parser = _Parser(
        prog="duban",
        description="督办：用文件原文回答谁负责、何时完成、进展如何 · Answers in the words of the document",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(store=None, json=False)
    commands = parser.add_subparsers(title="命令 commands", metavar="命令", required=True)

    def command(
        group: Any, name: str, does: Callable[[argparse.Namespace, Settings], int], words: str, *parents: Any
    ) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = group.add_parser(
            name, help=words, description=words, parents=[common, *parents]
        )
        made.set_defaults(command=does)
        return made

    ingest = command(commands, "ingest", _ingest, "导入文件和文件夹 · bring files in", output)
    ingest.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="文件或文件夹 · files or folders")
    ingest.add_argument(
        "--watch", action="store_true", help="持续看守文件夹，随增改删同步 · keep in step with folders until Ctrl+C"
    )

    ask = command(commands, "ask", _ask, "提问 · ask a question, or a file of them", output)
    asked = ask.add_mutually_exclusive_group(required=True)
    asked.add_argument("question", nargs="?", metavar="QUESTION", help="问题 · the question")
    asked.add_argument(
        "--batch", metavar="FILE.jsonl", help="每行一个问题，- 为标准输入 · one question a line, - is stdin"
    )
    ask.add_argument("--as-of", type=_day, metavar="DATE", help="以哪一天为准，默认今天 · the day that counts as today")
    ask.add_argument(
        "--history", action="append", default=[], metavar="Q", help="先前的问题，先问的在前，可重复 · earlier questions"
    )

    search = command(commands, "search", _search, "检索原文段落 · find passages", output)
    search.add_argument("query", metavar="QUERY", help="要找的内容 · what to look for")
    search.add_argument("-k", type=_count, default=5, metavar="N", help="条数，默认 5 · how many")
    search.add_argument(
        "--unit", choices=("chunk", "sentence"), default="chunk", help="段落（默认）或句子 · passages or sentences"
    )

    ledger = command(commands, "ledger", _ledger, "台账：事项、责任、期限、进展 · the ledger of tasks", output)
    ledger.add_argument("--doc", metavar="ID", help="只看一份文档 · of one document")
    ledger.add_argument("--unit", metavar="U", help="只看一个单位（任何角色） · of one body, in any role")
    ledger.add_argument("--role", choices=tuple(ROLE), help="该单位的角色 · in this role")
    ledger.add_argument("--status", choices=tuple(STATUS), help="只看一种状态，open 为未完成 · of one status")
    ledger.add_argument("--due-before", type=_day, metavar="D", help="期限早于这一天 · due before a day")
    ledger.add_argument("--due-after", type=_day, metavar="D", help="期限不早于这一天 · due on a day or after")
    ledger.add_argument("--due-within", type=_count, metavar="N", help="N 天内到期且未办结 · due within N days")
    ledger.add_argument("--overdue", choices=("yes", "no", "unknown"), help="是否逾期 · overdue or not, or not known")
    ledger.add_argument("--text", metavar="WORDS", help="原文含有这些词 · holding these words")
    ledger.add_argument("--as-of", type=_day, metavar="D", help="以哪一天为准，默认今天 · the day that counts as today")
    ledger.add_argument("--all", action="store_true", help="含组织工作、下一步和职责 · all kinds, not only tasks")
    ledger.add_argument("--totals", action="store_true", help="文件自报总数与台账核对 · stated totals, compared")
    ledger.add_argument("--limit", type=_count, metavar="N", help="最多 N 项 · at most N tasks")
    ledger.add_argument("--offset", type=_number, default=0, metavar="N", help="跳过前 N 项 · pass over N tasks")
    ledger.add_argument("--out", type=Path, metavar="FILE", help="导出 .xlsx .csv .ics .docx · write a file")

    docs = command(commands, "docs", _docs_list, "查看、移除文档 · list, show, remove documents", output)
    acts = docs.add_subparsers(metavar="[list | show ID | remove ID]")
    command(acts, "list", _docs_list, "列出文档（默认） · list the documents (default)", output)
    show = command(acts, "show", _docs_show, "查看一份文档的要素和结构 · show a document's outline", output)
    show.add_argument("doc", metavar="ID", help="文档编号 · id of the document")
    remove = command(acts, "remove", _docs_remove, "从库中移除一份文档 · take a document out", output)
    remove.add_argument("doc", metavar="ID", help="文档编号 · id of the document")

    serve = command(commands, "serve", _serve, "打开网页 · open the page")
    serve.add_argument("--host", default="127.0.0.1", metavar="H", help="地址，目前只能是本机 · loopback only for now")
    serve.add_argument("--port", type=_port, default=7860, metavar="P", help="端口，默认 7860 · the port")

    evaluate = commands.add_parser("eval", help="评测 · measure", description="评测 · measure")
    measures = evaluate.add_subparsers(metavar="run SUITE", required=True)
    run = command(measures, "run", _eval_run, "运行评测集 · run a suite", output)
    run.add_argument(
        "suite",
        metavar="SUITE",
        help="文件夹、JSONL 文件、自带评测集名，或 SQuAD 格式的 .json · a folder, a file, a shipped suite's name",
    )
    run.add_argument("--out", type=Path, metavar="RUN", help="逐题结果存为 JSONL · keep the results, one a line")
    run.add_argument("--documents", type=Path, metavar="DIR", help="评测文档所在文件夹 · the suite's documents")

    doctor = command(commands, "doctor", _doctor, "检查库，必要时重建索引 · check the store, rebuild the index", output)
    mends = doctor.add_mutually_exclusive_group()
    mends.add_argument("--rebuild", action="store_true", help="重建索引 · rebuild what is derived")
    mends.add_argument(
        "--restore", action="store_true", help="从备份和原文件恢复文档库 · bring a damaged corpus back from its backup"
    )
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the usage in one line, and takes options by their whole name only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        _complain(f"{self.prog}: 用法错误：{message}；{self.prog} --help 查看用法")
        sys.exit(2)


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{words!r} 不是日期；应如 2025-03-31") from None


def _count(words: str) -> int:
    if not (words.isascii() and words.isdigit() and int(words) > 0):
        raise argparse.ArgumentTypeError(f"{words!r} 不是正整数")
    return int(words)


def _number(words: str) -> int:
    if not (words.isascii() and words.isdigit()):
        raise argparse.ArgumentTypeError(f"{words!r} 不是非负整数")
    return int(words)


def _port(words: str) -> int:
    if not (words.isascii() and words.isdigit() and int(words) < 65536):
        raise argparse.ArgumentTypeError(f"{words!r} 不是端口号；应为 0 至 65535")
    return int(words)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _text(words: str) -> str:
    """Return the words with � for each surrogate: what was no UTF-8 on the command line can be stored then."""
    return re.sub("[\ud800-\udfff]", "\ufffd", words)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _print_array(values: Iterable[Any]) -> None:
    """Print one array, a value a line, while the values come: none of them waits for the others in memory."""
    first = True
    for value in values:
        print("[" if first else ",", json.dumps(value, ensure_ascii=False), sep="\n" if not first else "")
        first = False
    print("[]" if first else "]")


def _complain(line: str) -> None:
    print(" ".join(line.split()), file=sys.stderr)


def _speak_utf8() -> None:
    """Print UTF-8 whatever the locale; a lone surrogate is printed as its escape, which JSON reads as what it was."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
