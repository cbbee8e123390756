"""The ledger 台账: what is to be put right or done, by whom, by when, how far; every field with its span.

A *task* is the lowest labelled item with a title of its own that says what is to be, or was, put right or done; the
ordinals in it (一是, 第一) are its *measures*. Where no such item encloses the ordinals, they are tasks themselves. The
rows of a duty table are tasks, too; a row that repeats an item of the running text becomes part of that task.
"""

from __future__ import annotations

import hashlib
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingest.body import is_body
from ingest.column import Column
from ingest.document import Document, Section, Span
from ingest.figure import figures
from ingest.fold import fold
from ingest.heading import (
    Standing,
    is_background,
    is_enumerated,
    says_what,
    standing,
    state_of_all,
    states_problem,
)
from ingest.moment import counts_by_republic, years
from ingest.regex import regex
from ingest.sentence import trim
from ingest.status import LEAST_ADVANCED, UNSTATED, VERDICT, Status, status
from ingest.table import Row, Table, tables
from ingest.task import Kind, Measure, Task, ordinal
from ingest.total import Total, totals
from ingest.twin import united
from ingest.unit import Duty, duties, listed, names
from ingest.when import When, document_times

VERSION = "6"  # of what is read from a text; a corpus that was filled by another is read again


@dataclass(frozen=True, slots=True)
class Ledger:
    """The tasks of a document in its order, and the totals that it states, compared with them and with each other."""

    tasks: tuple[Task, ...]
    totals: tuple[Total, ...]


def ledger(document: Document) -> Ledger:
    """Read the ledger of a document; a text without numbering and without a duty table has none."""
    return _Reading(document).ledger()


_NAMED = regex(r"\d{1,2}[.、]")  # 附件：1．... names the attachments, it is none of them
# What stands behind the last item of a document, and is none of it.
_CLOSING = regex(
    r"\n\s*(?:(?:本|此)(?:方案|通知|办法|意见|规定|计划|条例|细则|制度|措施|预案)[^\n]{0,12}自[^\n]{0,20}(?:施行|实施|执行|生效)|"
    r"欢迎[^\n]{0,30}监督|特此(?:通知|公告|通报|报告)|联系(?:人|电话|方式)\s*:|抄送\s*:|\(此件|附件?\s*[:\d]|注\s*:)"
)
# A field of an item on a line of its own, the paragraph below, and a short line that may be a heading without a label.
_FIELD = regex(r"\n[ \t]*(?:责任|配合|牵头|整改|完成|督办|办结|主办|协办)(?:单位|部门|时限|期限|时间|领导|人) ?:[^\n]*")
_PARAGRAPH = regex(r"\n\s*(?![^\n:]{1,12}:)[^\n]{20,}")
_ALONE = regex(r"(?<=\n)[ \t]*(?P<words>[\u3400-\u9fff]{4,14})[ \t]*(?=\n)")
_BOOK = regex(r"《[^《》]{0,120}》")
_STOP = regex(r"[。;!?\n]")
_CLAUSE = regex(r"[。;!?\n,，:：]")
_LABELLED_TASK = 45  # characters of a title that is cut from a sentence: what fits a line of a list
_ASSIGNED = regex("(?:牵头|责任|主办|实施|建设)单位")  # what has one is a matter, even if it is called as a body is
_SUMMED_UP = regex(r"\d+[个项](?:具体|反馈|重点|整改|工作|年度)*(?:问题|任务|事项)")
_PLANNED = regex(r"拟|将于|将在|计划|预计|力争|定于|争取|确保|务必|限于|须于|应于|之前|结转")
_ROLES: tuple[Literal["lead", "responsible", "partner", "supervisor"], ...] = (
    "lead",
    "responsible",
    "partner",
    "supervisor",
)
# What a time says of itself that a reader of the ledger has to know.
_FAULTS = frozenset({
    "damaged", "impossible", "reversed", "year_unknown", "month_unknown", "unresolved", "ambiguous", "calendar",
    "unread", "before_document", "superseded",
})  # fmt: skip
_LASTING = regex("长期(?:坚持|推进)?|持续(?:推进)?|常态化?|全年")
_FINISHED = regex("完成|销号|办结|结案|到位|完毕")
_PAST = regex(r"已|了")
_MOVED = regex(r"(?:调整|延期|延长|展延|推迟|顺延|延后|变更|[改延])(?:至|为|到)?$")
_MOVED_FROM = 200  # characters before a deadline that replaces another, in which that one stands
_FORBIDS = regex(r",?(?:不得|不予|禁止|不再)")  # 一年内不得承接 is a consequence
_TO_LESS = regex(r"(?:缩短|压缩|压减|提高|增加)(?:至|为|到)$")
_LESS = regex(r"(?:[一\d]次)?(?:缩短|压缩|压减|提高|增加)(?:至|为|到)")
_OF_THEN = regex(
    r"(?:建成|竣工|交付|预收|形成|取得|成立|出生|登记|投用|发生|开工|立项)|[^,。;:\n]{1,8}的"
)  # 1990年以前建成的
_LONG_AGO = 3  # years before the document's last word; an earlier day says of what time things are
_NOTES = regex(r"(?:填[表报]|编制|备注|有关|几点)?(?:说明|备注|注)\s*:?")
_AT_ONCE = ("立即", "马上")  # how, not when: 发现漏点立即处置
_DONE = regex(r"已(?:经)?(?:于|在)?$|已全部$")
_RATE = regex(r"(?:平均|年均|月均|日均|同比|环比)$")


class _Reading:
    """A document while its ledger is read: folded once, its times in order, its tables found."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.folded = fold(document.text)
        self.republic = counts_by_republic(self.folded, traditional=document.script == "hant")
        self.sections = document.sections
        self.tables = tables(self.folded)
        self._table_starts = [table.start for table in self.tables]
        self.names = names(document)
        self.books = [found.span() for found in _BOOK.finditer(self.folded)]
        times = [when for when in document_times(document) if not self._in_book(when.start)]
        self.times = [when for when in times if when.kind != "as_of"]
        self._starts = [when.start for when in self.times]
        self.as_of = [when for when in times if when.kind == "as_of" and (when.end_date or when.start_date)]
        self._as_of_starts = [when.start for when in self.as_of]
        self.spoken = self._spoken()
        self.date = document.date.value if document.date else None
        self.last_word = (
            max(map(_day, self._summed_up()), default=None) or self.date or max(map(_day, self.as_of), default=None)
        )
        self.children: list[list[int]] = [[] for _ in self.sections]
        for at, section in enumerate(self.sections):
            if section.parent is not None and not self._in_table(section.start):
                self.children[section.parent].append(at)
        self._seen: dict[tuple[str, ...], int] = {}

    def ledger(self) -> Ledger:
        items = sorted(self._items(0, "task"), key=lambda task: task.start)
        rows = [row for table in self.tables for row in self._row_tasks(table)]
        tasks = tuple(sorted(united(items, rows, self.folded, self._year_of), key=lambda task: task.start))
        stated = totals(self.document, self.folded, tasks)
        if any("问题" in total.of for total in stated if total.of_tasks and total.result == "agreed"):
            tasks = tuple(replace(task, problem=task.kind == "task") for task in tasks)
        return Ledger(tasks, stated)

    # --- which items are tasks ---

    def _items(self, at: int, kind: Kind) -> Iterator[Task]:
        """Yield the tasks at and below the section `at`."""
        node = self.sections[at]
        if node.kind in ("chrome", "signature", "article"):
            return
        place = self._standing(at)
        if place == "aside":
            return
        if place in ("organisation", "outlook"):
            kind = "organisation" if place == "organisation" else "outlook"
        if self._is_background(at):
            return
        says = node.kind == "item" and says_what(fold(node.title))
        if says and not self._holds_items(at):
            yield from self._leaf(at, kind)
            return
        if self._lists_itself(at):
            yield self._task(at, kind, self._opening(node))
            return
        parts = self._without_notes(self.children[at])
        items = [part for part in parts if self.sections[part].kind == "item"]
        titled = any(self.sections[part].title for part in items) or self._assigns(items)
        for part in parts:
            child = self.sections[part]
            if child.kind == "measure" or (
                child.kind == "item" and not child.title and not self._holds_items(part) and (titled or not says)
            ):
                yield self._task(part, kind, self._opening(child))
            else:
                yield from self._items(part, kind)

    def _without_notes(self, parts: Sequence[int]) -> list[int]:
        """Return the parts without the numbered notes below a line that says 说明."""
        kept: list[int] = []
        notes = False
        for part in parts:
            node = self.sections[part]
            if ordinal(node.label) == 1:
                end = self.folded.rfind("\n", 0, node.start)
                above = self.folded[max(0, end - 40) : max(0, end)].rstrip().rpartition("\n")[2].strip()
                notes = bool(_NOTES.fullmatch(above))
            if not notes:
                kept.append(part)
        return kept

    def _is_background(self, at: int) -> bool:
        """Return whether a section at the top tells how things stand; what stands below a 依据 is none of the work."""
        node = self.sections[at]
        if node.parent is None or not node.title or self.sections[node.parent].kind == "item":
            return False
        title = fold(node.title)
        above = self.sections[node.parent]
        if above.kind == "heading" and above.label and is_background(fold(above.title)):
            return not self._holds_items(at)
        return is_background(title) and not self._holds_items(at)

    def _leaf(self, at: int, kind: Kind) -> Iterator[Task]:
        node = self.sections[at]
        if kind == "task" and self._names_body(at):
            # A body as the title: its ordinals are what it does; without them the item is its standing responsibility.
            parts = [part for part in self.children[at] if self.sections[part].kind == "measure"]
            if parts:
                yield from (self._task(part, kind, self._opening(self.sections[part])) for part in parts)
                return
            kind = "responsibility"
        yield self._task(at, kind, self._title(node))

    def _names_body(self, at: int) -> bool:
        """Return whether the item is named after a body, as most of its neighbours are: 建设服务中心 is a matter."""
        node = self.sections[at]
        if not is_body(fold(node.title)) or _ASSIGNED.search(self.folded, node.body, node.end):
            return False
        near = [fold(self.sections[part].title) for part in self.children[node.parent or 0]]
        titles = [title for title in near if title]
        return sum(map(is_body, titles)) * 2 > len(titles)

    def _standing(self, at: int) -> Standing:
        """Return what a section is to the ledger. Only the top of the outline says that: under it stand the matters."""
        node = self.sections[at]
        above = node.parent is not None and self.sections[node.parent].kind == "item"
        called = self.document.title
        if called and node.start <= called.start < node.body:  # the title of the whole
            return "matter"
        if node.kind not in ("item", "heading", "attachment") or above:
            return "matter"
        title = fold(node.title)
        if node.kind == "attachment":
            if _NAMED.match(title):
                return "aside"
            title = title or self._first_line(at)
        return standing(title, self._year(), listed=node.kind != "item") if title else "matter"

    def _first_line(self, at: int) -> str:
        """Return the folded first line below a heading: the title of an attachment that has none on its own line."""
        node = self.sections[at]
        end = min((self.sections[part].start for part in self.children[at]), default=node.end)
        return self.folded[node.body : end].strip().partition("\n")[0][:60]

    def _year(self) -> int | None:
        """Return the year that a document is about: that of its title, else that of its date."""
        stated = self._years(self.document.title.value) if self.document.title else []
        return stated[0] if stated else int(self.date[:4]) if self.date else None

    def _years(self, words: str) -> list[int]:
        return years(fold(words), republic=self.republic)

    def _year_of(self, task: Task) -> int | None:
        """Return the year whose matter a task is: the last that its headings name, else that of the document."""
        stated = self._years("\n".join(task.path))
        return stated[-1] if stated else self._year()

    def _holds_items(self, at: int) -> bool:
        """Return whether items with titles of their own, or the rows of a table, stand under the section `at`."""
        node = self.sections[at]
        first = bisect_left(self._table_starts, node.start)
        if first < len(self.tables) and self._table_starts[first] < node.end:
            return True
        parts = [part for part in self.children[at] if self.sections[part].kind == "item"]
        if node.title and self._is_enumeration(parts):
            return False
        return self._assigns(parts) or any(self.sections[part].title or self._holds_items(part) for part in parts)

    def _assigns(self, parts: Sequence[int]) -> bool:
        """Return whether most of some items say whose they are: each is a matter, with a title of its own or without.

        One alone may say it of all of them.
        """
        said = [_ASSIGNED.search(self.folded, self.sections[part].body, self.sections[part].end) for part in parts]
        return len(parts) > 1 and sum(map(bool, said)) * 2 > len(parts)

    def _is_enumeration(self, parts: Sequence[int]) -> bool:
        """Return whether the items are one sentence: short lines, all but the last of which end with a semicolon."""
        ends = [trim(self.folded, self.sections[part].start, self.sections[part].end) for part in parts]
        if ends and (field := _FIELD.search(self.folded, ends[-1].start, ends[-1].end)):  # of the item that holds them
            ends[-1] = trim(self.folded, ends[-1].start, field.start())
        return len(ends) > 1 and all(is_enumerated(span.of(self.folded), last=span == ends[-1]) for span in ends)

    def _opening(self, node: Section) -> Span:
        """Return the first sentence of a section without a title, or its first clauses: what stands for its title."""
        begin = trim(self.folded, max(node.body, node.start + len(node.label)), node.end)
        stop = _STOP.search(self.folded, begin.start, begin.end)
        end = stop.start() if stop else begin.end
        if end - begin.start > _LABELLED_TASK:
            clause = _CLAUSE.search(self.folded, begin.start + 4, end)
            end = min(clause.start() if clause else end, begin.start + _LABELLED_TASK)
        return trim(self.folded, begin.start, end)

    def _title(self, node: Section) -> Span:
        start = self.text.find(node.title, node.start)
        return trim(self.folded, start, start + len(node.title.rstrip("；;，,、")))

    # --- the fields of a task ---

    def _task(self, at: int, kind: Kind, title: Span) -> Task:
        node = self.sections[at]
        closing = _CLOSING.search(self.folded, max(node.body, title.end), node.end)
        span = trim(self.text, node.start, min(closing.start() if closing else node.end, self._own_end(at)))
        own = [part for part in self.children[at] if self.sections[part].kind in ("measure", "item")]
        verdicts = [Span(*found.span()) for found in VERDICT.finditer(self.folded, span.start, span.end)]
        judged = [self._judged(part, verdicts) for part in own]
        measures = tuple(Measure(place.start, place.end, state.kind) for place, state in judged)
        as_of = self._as_of(at, span)
        last_word = as_of or self.last_word
        held = tuple(self._deadlines(span, last_word))
        state = self._status(at, kind, span, title, judged, verdicts)
        if state.kind == "closed" and last_word and self._is_to_come(state, held, last_word):
            state = UNSTATED
        state = Status(state.kind, state.start, state.end, max(filter(None, (as_of, state.as_of)), default=last_word))
        deadlines, flags = self._checked(held, state)
        lead = self._governing(at, kind, title)
        path, words = self._path(at), title.of(self.text)
        return Task(
            id=self._id(path, node.label, words), kind=kind, label=node.label, path=path, title=words, start=span.start,
            end=span.end, duties=_distinct((*lead, *duties(self.text, span.start, span.end, self.names))),
            measures=measures, deadlines=deadlines, status=state,
            figures=tuple(figures(self.text, span.start, span.end)),
            flags=flags, last_word=last_word, problem=kind == "task" and states_problem(title.of(self.folded)),
        )  # fmt: skip

    def _own_end(self, at: int) -> int:
        """Return where an item ends that is the last of its list: before an unlabelled heading, behind its labels.

        下一步工作 alone on a line opens what is of the whole document; and where the fields of an item stand on lines
        of their own (整改时限：...), a paragraph below them is none of it.
        """
        node = self.sections[at]
        if any(self.sections[part].kind != "measure" for part in self.children[at]):
            return node.end
        fields = list(_FIELD.finditer(self.folded, node.body, node.end))
        if fields and (after := _PARAGRAPH.match(self.folded, fields[-1].end(), node.end)):
            return min(after.start(), node.end)
        for line in _ALONE.finditer(self.folded, node.body, node.end):
            if standing(line["words"], self._year(), listed=False) in ("outlook", "organisation"):
                return line.start()
        return node.end

    def _path(self, at: int) -> tuple[str, ...]:
        parent = self.sections[at].parent
        return self.document.path(parent) if parent is not None else ()

    def _judged(self, at: int, verdicts: Sequence[Span]) -> tuple[Span, Status]:
        """Return the span of a measure, up to a sentence about the whole matter, and its status."""
        node = self.sections[at]
        end = min((span.start for span in verdicts if node.start < span.start < node.end), default=node.end)
        span = trim(self.text, node.start, end)
        return span, status(self.text, span.start, span.end)

    def _status(
        self,
        at: int,
        kind: Kind,
        span: Span,
        title: Span,
        judged: Sequence[tuple[Span, Status]],
        verdicts: Sequence[Span],
    ) -> Status:
        """Return the status: what a sentence about the whole matter says, else the least advanced of the measures'."""
        if kind == "outlook":
            heading = next(node for node in self._lineage(at) if self.sections[node].parent in (0, None))
            words = trim(self.text, self.sections[heading].start, self.sections[heading].body)
            return Status("planned", words.start, words.end)
        for verdict in reversed(verdicts):
            found = status(self.text, verdict.start, verdict.end)
            if found.kind != "unstated":
                return found
        over = self._listed_as(at)
        if over is not None:
            return over
        for wanted in LEAST_ADVANCED:
            for _, found in judged:
                if found.kind == wanted:
                    return found
        begin = title.end if title.end < span.end else span.start
        return status(self.text, begin, judged[0][0].start if judged else span.end)

    def _listed_as(self, at: int) -> Status | None:
        """Return the state that a heading says of all that is listed under it (未开工的项目), None where none does."""
        for node in itertools.islice(self.document.ancestors(at), 0 if self._lists_itself(at) else 1, None):
            kind = state_of_all(fold(node.title)) if node.title else None
            if kind is not None:
                words = trim(self.text, node.start, node.body)
                return Status(kind, words.start, words.end)
        return None

    def _lists_itself(self, at: int) -> bool:
        """Return whether a section is such a heading with one matter under it, in words that have no label."""
        node = self.sections[at]
        if node.kind != "item" or self.children[at] or state_of_all(fold(node.title)) is None:
            return False
        return not self._holds_items(at) and bool(self.text[node.body : node.end].strip())

    def _is_to_come(self, state: Status, deadlines: Sequence[When], last_word: str) -> bool:
        """Return whether words like 全部补齐, which a plan has too, stand in a matter whose deadline is to come."""
        words = self.folded[state.start or 0 : state.end or 0]
        return not _PAST.search(words) and any(when.end_date and when.end_date > last_word for when in deadlines)

    def _governing(self, at: int, kind: Kind, title: Span) -> tuple[Duty, ...]:
        """Return the body whose words these are, where a heading names it: it is responsible."""
        if kind == "responsibility":
            return (self._duty(title.of(self.text), title.start),)
        for node in itertools.islice(self.document.ancestors(at), 1, None):
            if not node.issuer:
                return ()
            start = self.text.find(node.issuer, node.start, max(node.body, node.start + len(node.name) + 8))
            if start >= 0 and (node.kind == "issuer" or node.title == node.issuer):
                return (self._duty(node.issuer, start),)
        return ()

    def _duty(self, unit: str, start: int) -> Duty:
        return Duty(unit, "responsible", start, start + len(unit), self.names.resolve(unit))

    def _deadlines(self, span: Span, last_word: str | None) -> Iterator[When]:
        first = bisect_left(self._starts, span.start)
        for when in self.times[first : bisect_left(self._starts, span.end)]:
            if self._is_deadline(when, last_word):
                yield when

    def _is_deadline(self, when: When, last_word: str | None) -> bool:
        """Return whether a time is one by which, or in which, something is still to be done: not a day of the past."""
        before = self.folded[max(0, when.start - 12) : when.start]
        if when.kind == "none" and fold(when.text) in _AT_ONCE:
            return False
        if when.kind == "by" and (self._is_past_edge(when, last_word) or self._is_of_then(when, last_word)):
            return False
        if when.kind in ("within", "every") and self._is_shortened(when):
            return False
        if when.kind == "within" and _FORBIDS.match(self.folded, when.end):
            return False
        if when.kind in ("by", "within", "every", "none"):
            return not (_DONE.search(before) or _RATE.search(before))
        day = when.end_date or when.start_date
        if when.kind not in ("on", "during", "from") or day is None or _DONE.search(before):
            return False
        year = (when.start_date or "")[5:] == "01-01" and day[5:] == "12-31"
        if last_word is not None and not year:
            return day > last_word
        # A whole year is a deadline only where something is planned for it: 预计2025年全面上线.
        floor = max(0, when.start - 40)
        begin = max((m.end() for m in _CLAUSE.finditer(self.folded, floor, when.start)), default=floor)
        stop = _CLAUSE.search(self.folded, when.end)
        end = when.start if year else stop.start() if stop else when.end
        return bool(_PLANNED.search(self.folded, begin, end)) and (last_word is None or day > last_word)

    def _is_past_edge(self, when: When, last_word: str | None) -> bool:
        """Return whether the end of a period is a day of the past that is told of: 2024年底的空置率."""
        if not (when.end_date and last_word and when.end_date < last_word and fold(when.text)[-1] in "底末"):
            return False
        floor = max(0, when.start - 24)
        begin = max((m.end() for m in _STOP.finditer(self.folded, floor, when.start)), default=floor)
        return not (
            _PLANNED.search(self.folded, begin, when.start) or self.folded[when.start - 1 : when.start] in "于在到"
        )

    def _is_of_then(self, when: When, last_word: str | None) -> bool:
        """Return whether a limit of long ago only says which things are meant: 1990年以前建成的房屋."""
        year = when.end_date[:4] if when.end_date else fold(when.text)[:4]
        old = bool(last_word) and year.isdecimal() and int(year) <= int((last_word or "")[:4]) - _LONG_AGO
        return old and bool(_OF_THEN.match(self.folded, when.end))

    def _is_shortened(self, when: When) -> bool:
        """Return whether a length of time is a result, not a limit: 由7个工作日压缩到3个工作日."""
        before = self.folded[max(0, when.start - 8) : when.start]
        return bool(_TO_LESS.search(before) or (before[-1:] == "由" and _LESS.match(self.folded, when.end)))

    def _moved(self, deadlines: Sequence[When]) -> Iterator[When]:
        """Yield the deadlines; one that a later one replaces loses its dates (由6月底前调整为年底前)."""
        for at, when in enumerate(deadlines):
            later = (other for other in deadlines[at + 1 : at + 2] if other.start - when.end < _MOVED_FROM)
            if when.end_date and any(
                other.end_date
                and other.end_date > when.end_date
                and _MOVED.search(self.folded, max(0, other.start - 8), other.start)
                for other in later
            ):
                said = tuple(flag for flag in when.flags if flag != "before_document")
                when = replace(when, start_date=None, end_date=None, flags=(*said, "superseded"))
            yield when

    def _checked(self, deadlines: Sequence[When], state: Status) -> tuple[tuple[When, ...], tuple[str, ...]]:
        """Return the deadlines, and what is to be said of them.

        A deadline before the document's own date in a matter that is not begun is a slip of the pen: its words are
        kept, no date is taken from them.
        """
        checked: list[When] = []
        flags: list[str] = []
        for when in self._moved(deadlines):
            if self.date and when.kind == "by" and when.end_date and when.end_date < self.date:
                slip = state.kind in ("unstated", "planned")
                said = tuple(flag for flag in when.flags if flag != "before_document")
                when = replace(when, flags=(*said, "before_document")) if slip else replace(when, flags=said)
                when = replace(when, start_date=None, end_date=None) if slip else when
            checked.append(when)
            flags.extend(f"deadline_{flag}" for flag in when.flags if flag in _FAULTS)
        return tuple(checked), tuple(dict.fromkeys(flags))

    def _spoken(self) -> dict[int, str]:
        """Return the latest day of which the own words of a section speak (截至...), by the section's position."""
        starts = [section.start for section in self.sections]
        found: dict[int, str] = {}
        for when in self.as_of:
            at: int | None = bisect_right(starts, when.start) - 1
            while at is not None and self.sections[at].end <= when.start:
                at = self.sections[at].parent
            if at is not None:
                found[at] = max(found.get(at, ""), _day(when))
        return found

    def _summed_up(self) -> Iterator[When]:
        """Yield the days as of which the document sums up its own matters (截至6月30日，14项任务已完成5项)."""
        for when in self.as_of:
            stop = _STOP.search(self.folded, when.end)
            if _SUMMED_UP.search(self.folded, when.end, stop.start() if stop else len(self.folded)):
                yield when

    def _as_of(self, at: int, span: Span) -> str | None:
        first, last = bisect_left(self._as_of_starts, span.start), bisect_left(self._as_of_starts, span.end)
        own = [_day(when) for when in self.as_of[first:last]]
        above: int | None = self.sections[at].parent
        while above is not None:
            if above in self.spoken:
                own.append(self.spoken[above])
            above = self.sections[above].parent
        return max(own, default=None)

    # --- duty tables ---

    def _row_tasks(self, table: Table) -> list[Task]:
        section = self._section_at(table.start)
        kind: Kind = "task"
        for at in reversed(list(self._lineage(section))):
            place = self._standing(at)
            if place in ("organisation", "outlook"):
                kind = "organisation" if place == "organisation" else "outlook"
        path = self.document.path(section)
        as_of = self._as_of(section, Span(table.start, table.start))
        return [self._row_task(row, table.columns, kind, path, as_of) for row in table.rows]

    def _row_task(
        self, row: Row, columns: Sequence[Column | None], kind: Kind, path: tuple[str, ...], as_of: str | None
    ) -> Task:
        cells = row.cells
        title = next(iter(cells.get("task", cells.get("measure", ()))), None)
        label = next(iter(cells.get("no", ())), None)
        last_word = as_of or self.last_word
        state = UNSTATED
        for cell in (*cells.get("status", ()), *(cells.get("deadline", ()) if "status" not in columns else ())):
            found = status(self.text, cell.start, cell.end)
            state = found if state.kind == "unstated" else state
        lasting = any(_LASTING.fullmatch(cell.of(self.folded).strip()) for cell in cells.get("deadline", ()))
        if lasting and state.kind == "closed" and not _FINISHED.search(self.folded, state.start or 0, state.end or 0):
            state = replace(state, kind="long_term")  # 长期 | 三季度已入企36家
        state = Status(state.kind, state.start, state.end, state.as_of or last_word)
        held = [when for cell in cells.get("deadline", ()) for when in self._cell_times(cell)]
        for column in ("measure", "status"):
            for cell in cells.get(column, ()):
                held.extend(self._deadlines(cell, last_word))
        deadlines, flags = self._checked(held, state)
        gaps = [
            f"{column}_unstated"
            for column in ("task", "lead", "responsible", "partner", "supervisor", "deadline", "status")
            if column in columns and column not in cells
        ]
        number, words = label.of(self.text) if label else "", title.of(self.text) if title else ""
        return Task(
            id=self._id(path, number, words), kind=kind, label=number, path=path, title=words, start=row.start,
            end=row.end,
            duties=_distinct(self._row_duties(row)),
            measures=tuple(
                Measure(cell.start, cell.end, status(self.text, cell.start, cell.end).kind)
                for cell in cells.get("measure", ())
                if cell != title
            ),
            deadlines=deadlines, status=state, figures=tuple(figures(self.text, row.start, row.end)),
            flags=(*gaps, *flags), last_word=last_word, problem=states_problem(fold(words)),
        )  # fmt: skip

    def _row_duties(self, row: Row) -> Iterator[Duty]:
        """Yield the bodies of a row in the role of their column; a cell without a known one is kept whole."""
        for role in _ROLES:
            for cell in row.cells.get(role, ()):
                found = listed(self.text, cell.start, cell.end, role, self.names)
                unit = cell.of(self.text)
                yield from found or [Duty(unit, role, cell.start, cell.end, unit)]

    def _cell_times(self, cell: Span) -> list[When]:
        """Return the times of a deadline's cell; words that are none are kept, without a date."""
        first, last = bisect_left(self._starts, cell.start), bisect_left(self._starts, cell.end)
        found = self.times[first:last]
        if found:
            return found
        return [When("none", cell.start, cell.end, cell.of(self.text), None, None, None, None, ("unread",))]

    # --- places ---

    def _lineage(self, at: int) -> Iterator[int]:
        here: int | None = at
        while here is not None:
            yield here
            here = self.sections[here].parent

    def _section_at(self, offset: int) -> int:
        at = 0
        while True:
            inner = [
                part for part in self.children[at] if self.sections[part].start <= offset < self.sections[part].end
            ]
            if not inner:
                return at
            at = inner[0]

    def _in_table(self, offset: int) -> bool:
        at = bisect_right(self._table_starts, offset) - 1
        return at >= 0 and offset < self.tables[at].end

    def _in_book(self, offset: int) -> bool:
        at = bisect_right(self.books, (offset, len(self.folded))) - 1
        return at >= 0 and offset < self.books[at][1]

    def _id(self, path: tuple[str, ...], label: str, title: str) -> str:
        """Return the id of a task: a hash of the document's id and its place in the outline."""
        key = (*path, label, title)
        nth = self._seen[key] = self._seen.get(key, 0) + 1
        words = "\n".join((self.document.id, *key, str(nth)))
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _day(when: When) -> str:
    return when.end_date or when.start_date or ""


def _distinct(found: Iterable[Duty]) -> tuple[Duty, ...]:
    """Return the duties, each body once in each role."""
    return tuple({(duty.name, duty.role): duty for duty in reversed(list(found))}.values())[::-1]
