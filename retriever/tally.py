"""Counts and lists over all rows of the ledger: how many, which ones, whose, what is late.

An answer gives the total first. What the document itself states as a total is quoted. A status that is only read from
the wording of the items is not the document's verdict: where it differs from the total that is stated, the answer says
that the items are not named, and the rows are candidates, apart (DESIGN, rule 3).
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from ingest.corpus.row import DocumentRow
from ingest.corpus.tasks import TaskRow, Tasks, TaskWhere
from ingest.document import Span
from ingest.error import DubanError
from ingest.fold import fold
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from ingest.register import register
from retriever import check
from retriever.answer import Answer
from retriever.claim import Citation, Claim, Rule
from retriever.derivation import Count
from retriever.question import Question

_SHOWN = 20  # rows that are written out in an answer; the others stand in its `tasks`
_LONGEST = 200  # rows in `tasks`

_NOUN = regex(
    r"问题|任务|事项|清单(?=[上里中])|(?<=[项个])整改|(?<=哪些)工作|(?<=什么)工作|几项工作|多少项工作|职责|台账|案子|列管|工作项目|分工|"
    r"(?:哪|几|多少|[二两三四五六七八九十\d])[些几一二两三四五六七八九十\d]*[项件案条](?![^,?。]{0,2}(?:规定|款|建议|意见|制度|线索))"
)
_OTHERS = regex(
    r"[几多少\d一二两三四五六七八九十][个项件条](?:规定|款|建议|意见|制度|线索)"
)  # no matters of the ledger
_COUNT = regex(r"多少|几(?:个|项|条|件)|总数|一共|总共|how many")
_LIST = regex(
    r"哪些|哪几|哪一?[一二两三四五六七八九十\d]*[项件条案个](?!单位|部门|局|处)|列出|还有(?:吗|别的|其他|什么|没有)|其他的?(?:呢|还有)|清单(?!里|中|上|,)|有什么|是什么|分别|都有|负责什么|牵头什么"
)
# What is asked of the state, folded; the first that fits.
_STATES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("overdue", regex(r"逾期|超期|过期|拖期|到期(?:还)?[没未]|超时")),
    ("blocked", regex(r"无法完成|完成不了|受阻|卡住")),
    ("long_term", regex(r"(?:需要?)?长期(?:坚持|整改|推进)?")),
    ("planned", regex(r"列入(?:明年)?计划|计划(?:中|当中)|(?:还|尚)未(?:启动|开始)|还没(?:启动|开始|动)")),
    ("in_progress", regex(
        r"正在(?:整?改|推进|进行|办理|办)?|推进中|仍在推进|持续(?:推进|整改)|达到?序时进度|在[改推办]",
    )),
    ("open", regex(
        r"(?:还|尚|都)?(?:没有?|未)(?:全部)?(?:整改)?(?:完成|整改|改完|办完|做完|销号|完|到位|落实|结)(?:的|了)?|还(?:剩|有|差|欠)|剩下|剩余|余下")),
    ("closed", regex(
        r"已经?(?:整改)?(?:完成|销号|办结|整改|结案|落实|改完)?|(?:完成|销号|办结|整改完|改完|做完)了?(?:的)?")),
)  # fmt: skip
_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("lead", regex(r"当?牵头单?位?|主办机?关?|挑头|领头|主责|承办")),
    ("partner", regex(r"配合|协办|协助|参与")),
    ("supervisor", regex(r"督办|督导|督促|监督")),
    ("responsible", regex(r"责任|负责|承担")),
)
_ROLE_WORDS = {"lead": "牵头", "partner": "配合", "supervisor": "督导", "responsible": "负责", None: "涉及"}
_STATE_WORDS = {
    "closed": "已完成", "open": "未完成", "in_progress": "推进中", "long_term": "长期坚持", "planned": "计划中",
    "blocked": "受阻",
}  # fmt: skip
# Words of such a question that say nothing about the matter.
_EMPTY = regex(
    r"请问|麻烦|帮我|查一下|告诉我|具体|那些?|这些?|截至|截止|到?今[天日]为止|到?今[天日]|目前|现在|眼下|如今|为止|到底|究竟|一下|其中|里面?|中的|当中|那次|这次|本次|该|各|所有|全部|整个|都|共|"
    r"提出?了?|反馈了?|指出了?|发现了?|需要?|要|应该?|由|被|把|给|对|和|与|及|是|有|的|了|吗|呢|吧|啊|在|到|第|次|份|个|项|条|件|还|又|"
    r"文件|文档|报告|方案|通知|通报|材料|单位|部门|情况|进展|整改|落实|完成|工作|多少|几|什么|怎么样|怎样|如何|哪些?|谁|列出|清单|"
    r"点名|通报|继续|时限|写|\d{1,2}月\d{0,2}[日号]?|\d+"
)
_RUN = regex(r"[\u3400-\u9fffa-z]{2,}")
_FEW = regex(rf"哪(?P<count>[{CHINESE}\d]{{1,3}})[个项条件案]")
_YEAR = regex(r"(?:19|20)\d{2}年?|\d{2}年")
_BY_MONTH = regex(
    r"(?P<this>这个?月|本月|当月)(?:[底末内]|之内|以?内)*[^,?]{0,4}(?:到期|要?[完办改做]|截止)|(?P<year>今年|年底)[^,?]{0,4}(?:到期|截止)|月底前?[^,?]{0,3}(?:到期|[完办改做])"
)
# 24年内要完的, 2025年6月底前到期的: up to the end of a year or a month that the question names.
_UNTIL = regex(
    r"(?<!\d)(?P<year>(?:20)?\d{2})年(?:(?P<month>1[0-2]|0?[1-9])月)?(?:份|度)?(?:底|末|内|之内|以内)?(?:之前|以前|前)?[^,?]{0,4}?"
    r"(?<!已)(?:要|须|应|得|该)?(?:到期|[完做改办](?!成了|成的|成情)|完成的(?!情))"
)
_WITHIN = regex(
    r"(?:未来|今后|接下来)?(\d{1,3}|[一二三四五六七八九十]{1,3})天(?:之?内)?(?:要|会|将)?到期|(?:近期|最近|即将|快要)到期"
)
_BODY_ENDS = frozenset("局委办处科组府司街道院心署厅部站所社会团队关校")
_ABBREVIATED = 4  # characters; fewer stand in any long title in this order
_SOON = 30  # days: what "soon" means where the question names none


_STATED = regex(r"[|\t]|(?:状态|狀態|進度|进展(?:情况)?|進展(?:情況)?|完成情况|辦理情形)\s*[：:]")
_MARKED = regex(r"(?:^|[\n|:])\s*已?(?:逾期|超期|超时)")  # of a row or a field, folded
_CELL = 60  # characters; a longer line is a paragraph


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks of the ledger: of which documents, whose, in which state, to be counted or listed."""

    where: TaskWhere
    documents: tuple[DocumentRow, ...]
    unit: str | None
    role: str | None
    state: str | None
    counts: bool
    lists: bool
    expected: int | None = None


def _stacked(quote: str) -> bool:
    """Return whether a quote is a row of a table with one cell a line."""
    lines = quote.splitlines()
    return len(lines) > 3 and all(len(line) <= _CELL for line in lines)


def filtered(as_of: dt.date | None = None, **filters: Any) -> TaskWhere:
    """Return the filter over tasks that these keywords are, as of a day (today in Asia/Shanghai by default).

    Raises:
        DubanError: a keyword or a value that does not exist.
    """
    known = {field.name for field in fields(TaskWhere)} - {"as_of"}
    for name in filters:
        if name not in known:
            raise DubanError(f"筛选条件 {name!r} 不存在：可用的有 {', '.join(sorted(known))}")
    given: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, dt.date) else value for name, value in filters.items()
    }
    return TaskWhere(**{**given, "as_of": (as_of or today()).isoformat()})


def today() -> dt.date:
    """Return the day it is in Asia/Shanghai, wherever this machine stands."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()


def concerns(question: Question) -> bool:
    """Return whether a question may be one of counts, lists or lateness, by its words alone."""
    words = fold(question.topic)
    late = _WITHIN.search(words) or _UNTIL.search(words) or _BY_MONTH.search(words) or _STATES[0][1].search(words)
    if late:
        return True
    return bool(_NOUN.search(words) and not _OTHERS.search(words) and (_COUNT.search(words) or _LIST.search(words)))


def reply(
    question: Question, tasks: Tasks, documents: Sequence[DocumentRow], as_of: dt.date, began: float
) -> Answer | None:
    """Return the answer of the ledger, None where the question is not one that it can answer.

    Args:
        question: what is asked.
        tasks: the ledgers that the user may read.
        documents: the documents that the user may read.
        as_of: the day that counts as today.
        began: `time.perf_counter()` when the question came in.
    """
    asked = _asked(question, tasks, documents, as_of)
    if asked is None:
        return None
    answer = _Composer(question, tasks, asked, as_of).answer()
    if answer is not None and answer.grade == "answer" and not answer.claims:
        return None  # nothing of it is supported
    if answer is None or (not answer.abstained and asked.expected not in (None, len(answer.tasks))):
        return None  # the question knows how many there are: these rows are not those
    return replace(answer, elapsed_ms=(time.perf_counter() - began) * 1000)


def _asked(question: Question, tasks: Tasks, documents: Sequence[DocumentRow], as_of: dt.date) -> Asked | None:
    """Return what the question asks of the ledger, None where it asks something else or names what is not there."""
    words = fold(question.topic)
    counts, lists = bool(_COUNT.search(words)), bool(_LIST.search(words))
    days = _days(words, as_of)
    until = _until(words) if days is None else None
    state = (
        "due"
        if days is not None or until is not None
        else next((name for name, pattern in _STATES if pattern.search(words)), None)
    )
    by_day = state in ("overdue", "due")
    if not by_day and not (_NOUN.search(words) and (counts or lists)):
        return None
    if by_day and not (counts or lists):
        return None
    runs, role = _matter(words)
    own, own_role = _matter(fold(question.text))
    follows = question.intent == "followup"
    role = own_role or role
    unit, units = "", tuple[str, ...]()
    if role is not None or _named(runs, documents, question.years) is None:
        unit, units = _units(own, tasks) if follows else _units(runs, tasks)
        if follows and not units:
            unit, units = _units(runs, tasks)
    runs = [run for run in (rest for run in runs for rest in run.replace(unit, " ").split())] if unit else runs
    named = _named(runs, documents, question.years)
    if named is None and not units:
        if runs or (len({row.doc for row in documents}) > 1 and not by_day):
            return None
        named = list(documents)
    held = frozenset(row.no for row in named) if named is not None else None
    explained = "".join(_label(row) for row in named or ())
    if named is not None and len(named) == 1:
        explained += "".join(fold(total["text"]) for total in _totals(tasks, TaskWhere(docs=held)))
    said = [run for run in own if run != unit] if follows else runs
    left = [run for run in said if not _explained(run, explained)]
    text = None
    if left:  # a place inside the document, or words that say of what kind the matters are
        text = _text(left, named, counts)
        if text is None or not tasks.count(TaskWhere(docs=held, text=text)):
            return None
    where = TaskWhere(
        docs=held, units=units or None, role=role if units else None, text=text,
        status=state if state in _STATE_WORDS and state != "open" else None, open=True if state == "open" else None,
        overdue="yes" if state == "overdue" else None, due_within=days, due_before=until,
        as_of=as_of.isoformat(),
    )  # fmt: skip
    return Asked(
        where, tuple(named or ()), unit or None, role if units else None, state, counts, lists, _expected(words)
    )


def _expected(words: str) -> int | None:
    """Return how many rows the question says there are (哪两项), None where it does not say."""
    found = _FEW.search(words)
    return number(found["count"]) if found else None


def _text(left: Sequence[str], named: Sequence[DocumentRow] | None, counts: bool) -> str | None:
    """Return the words that all matters to be counted hold, None where a question has more to say than that."""
    if len(left) > 1 or named is None or not counts:
        return None
    return left[0].rstrip("省市县区镇乡") if len(left[0]) > 2 else left[0]


def _explained(run: str, label: str) -> bool:
    """Return whether words that are left of a question are those of a document's label, or say nothing."""
    if _within(run, label):
        return True
    run = _TERM.sub("", run) or run  # 热线上半年 is not explained by the 上半年 of a title
    return len(run) > 1 and _pairs(run, label) >= 0.5 * (len(run) - 1)


_TERM = regex("[上下]半年|全年|年度|第?[一二三四1-4]季度?")
_PLACE = regex(r"([\u3400-\u9fff]{2})[市县区州](?![场级政民])")


def _pairs(run: str, label: str) -> int:
    """Return how many of the pairs of characters in a run stand in a label; none where it names another place."""
    if any(place not in label for place in _PLACE.findall(run)):
        return 0
    return sum(run[at : at + 2] in label for at in range(len(run) - 1))


def _days(words: str, as_of: dt.date) -> int | None:
    """Return within how many days from `as_of` on a deadline has to fall, None where that is not asked."""
    within = _WITHIN.search(words)
    if within:
        return (number(within[1]) if within[1] else None) or _SOON
    month = _BY_MONTH.search(words)
    if month is None:
        return None
    following = (
        dt.date(as_of.year + 1, 1, 1)
        if month["year"] or as_of.month == 12
        else as_of.replace(month=as_of.month + 1, day=1)
    )
    return (following - as_of).days - 1


def _until(words: str) -> str | None:
    """Return the first day after the year or month up to which deadlines are asked for, None where none is named."""
    found = _UNTIL.search(words)
    if found is None:
        return None
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    month = int(found["month"] or 12)
    return (dt.date(year + 1, 1, 1) if month == 12 else dt.date(year, month + 1, 1)).isoformat()


def _units(runs: Sequence[str], tasks: Tasks) -> tuple[str, tuple[str, ...]]:
    """Return the words of a body in what is left of a question, and the names of the ledger that mean it.

    The words are the longest that are a body's name, its end (市水务局 of 汀澜市水务局), or its short form (环保局).
    """
    bodies = register(tuple(name for name, _ in tasks.units()))
    found: dict[str, list[str]] = {}
    for run in runs:
        for end in range(len(run), 2, -1):
            if run[end - 1] not in _BODY_ENDS:
                continue
            for start in range(end - 3, -1, -1):
                words = run[start:end]
                same = bodies.ending(words) or [
                    name for name in bodies.like(words) if len(set(fold(name)) & set(words)) > 1
                ]
                if same:
                    found.setdefault(words, same)
    if not found:
        return "", ()
    words = max(found, key=lambda words: (len(words), words))
    return words, tuple(found[words])


def _matter(words: str) -> tuple[list[str], str | None]:
    """Return the words that say which document or body is meant, and the role that is asked for."""
    rest = words
    for pattern in (_UNTIL, _YEAR, _WITHIN, _BY_MONTH, _COUNT, _LIST, _NOUN, *(pattern for _, pattern in _STATES)):
        rest = pattern.sub(" ", rest)
    role = next((name for name, pattern in _ROLES if pattern.search(rest)), None)
    for _, pattern in _ROLES:
        rest = pattern.sub(" ", rest)
    return _RUN.findall(_EMPTY.sub(" ", rest)), role


def _totals(tasks: Tasks, where: TaskWhere) -> list[dict[str, Any]]:
    """Return the totals that documents state of their own matters."""
    return [total for _, _, _, found, _ in tasks.totals(where) for total in found if total["of_tasks"]]


def _named(runs: Sequence[str], documents: Sequence[DocumentRow], years: Sequence[str]) -> list[DocumentRow] | None:
    """Return the document that the words name by title, issuer and number, None where they name none or several."""
    held = {row.doc: row for row in documents}
    scores: dict[str, float] = {}
    for doc, row in held.items():
        label = _label(row)
        if years and not any(year in label or year in (row.date or "") for year in years):
            continue
        scores[doc] = sum(len(run) if _within(run, label) else _pairs(run, label) for run in runs)
    if not scores or not runs:
        return None
    best = max(scores.values())
    winners = [doc for doc, score in scores.items() if score == best]
    return [held[winners[0]]] if best >= 2 and len(winners) == 1 else None


@functools.lru_cache(maxsize=10_000)
def _label(row: DocumentRow) -> str:
    return fold(f"{row.title} {row.issuer or ''} {row.number or ''} ")


def _within(run: str, label: str) -> bool:
    """Return whether the words stand in the label, whole or abbreviated: 青芦住建局 for 青芦区住房和城乡建设局."""
    if run in label or len(run) < _ABBREVIATED:
        return run in label
    at = -1
    for char in run:
        at = label.find(char, at + 1)
        if at < 0:
            return False
    return True


class _Composer:
    """An answer while it is made: claims and the citations that they rest on."""

    def __init__(self, question: Question, tasks: Tasks, asked: Asked, as_of: dt.date) -> None:
        self.question = question
        self.tasks = tasks
        self.asked = asked
        self.as_of = as_of
        self.citations: list[Citation] = []
        self.claims: list[Claim] = []

    def answer(self) -> Answer | None:
        asked = self.asked
        count = self.tasks.count(asked.where)
        rows = self.tasks.page(asked.where, _LONGEST)
        if asked.state == "overdue":
            return self._overdue(rows, count)
        if asked.unit is not None or asked.state == "due" or asked.where.text is not None:
            return self._listed(rows, count)
        if len(asked.documents) != 1:
            return None
        return self._of_document(rows, count)

    def _of_document(self, rows: list[TaskRow], count: int) -> Answer | None:
        """Answer for one document: its own total where it states one, then the rows where it names them."""
        document = self.asked.documents[0]
        totals = _totals(self.tasks, self.asked.where)
        if not totals and not rows:
            return None
        stated = max(totals, key=lambda total: (len(total["parts"]), total["value"]), default=None)
        if stated is not None:
            self._claim(" ".join(stated["text"].split()), [self._cited(document, stated)])
        if self.asked.state is None:
            agreed = stated is None or stated["result"] == "agreed"
        else:
            agreed = stated is not None and count == self._stated(stated)
        named = agreed and (stated is not None or bool(rows))
        if self.asked.state is not None and stated is not None and self._stated(stated) is None:
            self.claims.clear()  # the total says nothing of this state
            stated = None
        named = named or (stated is None and self._in_table(rows))
        if not self.asked.lists and stated is not None:
            return self._answer(rows if agreed else [], "answer", ())
        if named:
            if stated is None:
                words = _STATE_WORDS.get(self.asked.state or "", "")
                self._counted(f"《{document.title}》{words}", rows, count)
            if self.asked.lists:
                self._rows(rows)
            return self._answer(rows, "answer", ())
        missing = ("list",) if stated is not None else ("count",)
        words = _STATE_WORDS.get(self.asked.state or "", "")
        reason = (
            f"文件写明：{' '.join(stated['text'].split())}但没有逐项点名；下面{count}项是按文字推断的候选。"
            if stated is not None
            else f"文件没有写明{words}的数量；按文字推断有{count}项，列在下面。"
        )
        near = tuple(self.citations)
        answer = self._answer(rows, "closest", missing, inferred=True)
        return replace(answer, claims=(), citations=(), nearest=near or answer.nearest, reason=reason)

    def _in_table(self, rows: Sequence[TaskRow]) -> bool:
        """Return whether the rows are rows of a table or items with such a field: they state the state of each."""
        return bool(rows) and all(_STATED.search(row.quote) or _stacked(row.quote) for row in rows)

    def _stated(self, total: dict[str, Any]) -> int | None:
        """Return how many the document says are in the state that is asked for, None where it does not say."""
        parts = total["parts"]
        if self.asked.state == "open":
            found = [part["value"] for part in parts if part["status"] not in ("closed", "")]
            return sum(found) if found else None
        # 仍在推进且需长期整改的共5个: a part may be in two states at once.
        pattern = dict(_STATES)[self.asked.state or "open"]
        found = [part["value"] for part in parts if part["status"] == self.asked.state]
        found += [part["value"] for part in parts if part["status"] != "closed" and pattern.search(part["label"])]
        return found[0] if found else None

    def _listed(self, rows: list[TaskRow], count: int) -> Answer | None:
        asked = self.asked
        if not rows:
            return None
        who = f"{asked.unit}{_ROLE_WORDS[asked.role]}的" if asked.unit else ""
        state = _STATE_WORDS.get(asked.state or "", "")
        if asked.where.due_before is not None:
            state = f"时限不晚于 {dt.date.fromisoformat(asked.where.due_before) - dt.timedelta(1)} 的"
        elif asked.state == "due":
            state = f"自 {self.as_of} 起 {asked.where.due_within} 天内到期的"
        self._counted(f"{state}{who}事项", rows, count, "项：")
        self._rows(rows)
        return self._answer(rows, "answer", ())

    def _overdue(self, rows: list[TaskRow], count: int) -> Answer | None:
        unknown = self.tasks.count(replace(self.asked.where, overdue="unknown"))
        if not rows and not unknown:
            return None
        tail = f"另有{unknown}项的期限已过，而文件最后的记载早于期限，无法判断是否逾期。" if unknown else ""
        if not rows:
            maybe = self.tasks.page(replace(self.asked.where, overdue="unknown"), _LONGEST)
            said = [row for row in maybe if _MARKED.search(fold(row.quote))]
            if said:
                self._counted("文件写明逾期的事项", said, len(said))
                self._rows(said)
                return self._answer(said, "answer", ())
            reason = f"截至 {self.as_of}，文件没有写明逾期的事项。{tail}"
            return replace(self._answer(maybe, "closest", ("status",)), reason=reason)
        self._counted(f"截至 {self.as_of}，已逾期的事项", rows, count, f"项。{tail}")
        self._rows(rows)
        return self._answer(rows, "answer", ())

    def _rows(self, rows: Sequence[TaskRow]) -> None:
        for row in rows[:_SHOWN]:
            label = f"{row.label}. " if row.label.isdigit() else row.label
            words = " ".join(f"{label}{row.title}".split())
            cites = [self._row(row)]
            if self.asked.state in ("due", "overdue") and row.fields["deadlines"]:
                deadline = row.fields["deadlines"][-1]
                words += f"（{deadline['text']}）"
                place = Span(deadline["start"], deadline["end"])
                if not (row.start <= place.start and place.end <= row.start + len(_heading(row))):
                    cites.append(self._cite(row.doc, row.doc_title, row.source, row.path, place, deadline["text"]))
            self._claim(words, cites)

    def _counted(self, before: str, rows: Sequence[TaskRow], count: int, after: str = "项。") -> None:
        """Claim how many rows there are; those that are shown are cited."""
        rule = Count(before, tuple(row.id for row in rows), count - len(rows), after)
        cites = [self._row(row) for row in rows[:_SHOWN]]
        self._claim(rule.words(()) or "", cites, rule)

    def _claim(self, text: str, cites: Sequence[int], rule: Rule | None = None) -> None:
        """Add a claim, where what it cites supports it."""
        claim = Claim(text, tuple(dict.fromkeys(cites)), rule)
        if check.supported(claim, self.citations):
            self.claims.append(claim)

    def _row(self, row: TaskRow) -> int:
        """Return the number of the citation of a row's heading, or of the whole row where it is a line of a table."""
        quote = _heading(row)
        return self._cite(row.doc, row.doc_title, row.source, row.path, Span(row.start, row.start + len(quote)), quote)

    def _cited(self, document: DocumentRow, total: dict[str, Any]) -> int:
        span = Span(total["start"], total["end"])
        return self._cite(document.doc, document.title, document.source, tuple(total["path"]), span, total["text"])

    def _cite(self, doc: str, title: str, source: str, path: tuple[str, ...], span: Span, quote: str) -> int:
        for known in self.citations:
            if (known.doc, known.start, known.end) == (doc, span.start, span.end):
                return known.n
        page, confidence = self.tasks.printed(doc, span.start)
        self.citations.append(
            Citation(len(self.citations) + 1, doc, title, source, path, span.start, span.end, quote, page, confidence)
        )
        return len(self.citations)

    def _answer(
        self, rows: Sequence[TaskRow], grade: Any, missing: tuple[str, ...], *, inferred: bool = False
    ) -> Answer:
        shown = tuple({**row.to_json(), **({"inferred": True} if inferred else {})} for row in rows)
        rested = {n for claim in self.claims for n in claim.cites}
        self.citations = [citation for citation in self.citations if citation.n in rested]
        return Answer(
            self.question.text, "list" if self.asked.lists else "count", tuple(self.claims), tuple(self.citations),
            grade, missing, (), self.as_of, tasks=shown,
        )  # fmt: skip


def _heading(row: TaskRow) -> str:
    """Return the words of a task from its label to the end of its title; the whole line of a row of a table."""
    at = row.quote.find(row.title)
    head = row.quote[: at + len(row.title)] if at >= 0 else row.quote
    return row.quote if re.search(r"[|\t]", head) else head
