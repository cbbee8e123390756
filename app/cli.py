"""The command `duban`: reads what was asked for, runs it, and turns its end into an exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from app.command import ask, docs, doctor, evaluation, ingest, ledger, serve
from app.settings import Settings
from app.terminal import complain, speak_utf8
from app.usage import Parser
from ingest.error import DubanError

# Whatever is heavy is imported in the function that needs it: `duban --help` and `duban ask` start fast.

EPILOG = """示例 examples:
  duban ingest 文件夹                        导入文件
  duban ask "哪些任务还没完成？"               提问
  duban ask --batch 问题.jsonl --json         批量提问，每行一个答案
  duban ledger --status in_progress          列出推进中的事项
  duban eval run demo                        运行自带评测集

退出码 exit status: 0 完成（含拒答）, 1 预期内的错误（有文件失败、没有库）, 2 用法错误
环境变量 environment: DUBAN_STORE 库文件夹, DUBAN_EMBEDDER 向量模型, DUBAN_RERANKER 重排模型,
  DUBAN_CHROMA Chroma 服务地址, DUBAN_MODEL 语言模型（另见 README）；读取文件的上限见 README 的 Limits"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 an expected error, 2 wrong usage, 130 interrupted."""
    speak_utf8()
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
        complain(f"duban: {error}")
        return 1
    except KeyboardInterrupt:
        complain("duban: 已中断；已写入的内容完好，再次运行即可继续")
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has gone. What is left in the buffer must not fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="duban",
        description="督办：用文件原文回答谁负责、何时完成、进展如何 · Answers in the words of the document",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(store=None, json=False)
    commands = parser.add_subparsers(title="命令 commands", metavar="命令", required=True)
    for each in (ingest, ask, ledger, docs, serve, evaluation, doctor):
        each.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
