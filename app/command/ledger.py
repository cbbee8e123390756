"""`duban ledger`: lists the tasks that a filter lets through, exports them, compares the totals."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.settings import Settings
from app.terminal import complain, print_array, print_json
from app.usage import command, count, day, number
from app.wording import ROLE, STATUS


def add(commands: Any) -> None:
    """Add the command and what can be typed behind it."""
    ledger = command(commands, "ledger", _ledger, "台账：事项、责任、期限、进展 · the ledger of tasks")
    ledger.add_argument("--doc", metavar="ID", help="只看一份文档 · of one document")
    ledger.add_argument("--unit", metavar="U", help="只看一个单位（任何角色） · of one body, in any role")
    ledger.add_argument("--role", choices=tuple(ROLE), help="该单位的角色 · in this role")
    ledger.add_argument("--status", choices=tuple(STATUS), help="只看一种状态，open 为未完成 · of one status")
    ledger.add_argument("--due-before", type=day, metavar="D", help="期限早于这一天 · due before a day")
    ledger.add_argument("--due-after", type=day, metavar="D", help="期限不早于这一天 · due on a day or after")
    ledger.add_argument("--due-within", type=count, metavar="N", help="N 天内到期且未办结 · due within N days")
    ledger.add_argument("--overdue", choices=("yes", "no", "unknown"), help="是否逾期 · overdue or not, or not known")
    ledger.add_argument("--text", metavar="WORDS", help="原文含有这些词 · holding these words")
    ledger.add_argument("--as-of", type=day, metavar="D", help="以哪一天为准，默认今天 · the day that counts as today")
    ledger.add_argument("--all", action="store_true", help="含组织工作、下一步和职责 · all kinds, not only tasks")
    ledger.add_argument("--totals", action="store_true", help="文件自报总数与台账核对 · stated totals, compared")
    ledger.add_argument("--limit", type=count, metavar="N", help="最多 N 项 · at most N tasks")
    ledger.add_argument("--offset", type=number, default=0, metavar="N", help="跳过前 N 项 · pass over N tasks")
    ledger.add_argument("--out", type=Path, metavar="FILE", help="导出 .xlsx .csv .ics .docx · write a file")


def _ledger(args: argparse.Namespace, settings: Settings) -> int:
    from app.console import task, totals
    from app.ledger import Listing, summary

    with Listing.open(settings.store, args) as listing:
        if args.out:
            listing.export(args.out)
        if args.totals:
            shown = listing.totals()
            print_json(shown) if args.json else print(totals(shown))
            return 0
        if args.json:
            print_array(listing.rows())
        elif not args.out:
            for row in listing.rows():
                print(task(row))
        said = summary(listing)
    if args.json:
        complain(f"duban: {said}") if listing.empty else None
    else:
        print(said)
    return 0
