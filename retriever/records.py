"""Records of a document: the rows of its tables and the items under its headings, each with its named fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.document import Section, Span
from ingest.regex import regex
from ingest.sentence import trim
from ingest.table import Table
from retriever.passage import Passage, Source

_BAR = regex(r"[|│\t]")
_GAP = regex(r"[ \t]+")
_SPACED = regex(r"[ \t]*[^\s。;]{1,24}(?:[ \t]+[^\s。;]{1,24}){2,11}[ \t]*")
_FIGURE = regex(r"-?\d|[-—–/无]$")
_RULE = regex(r"[\s|│:+=—\-─┼├┤]*")
_CODE = regex(r"[a-z]{0,3}[\d.\-—(),、]*|[一二三四五六七八九十]{0,3}", re.IGNORECASE)
# 责任单位：… on a line of its own, or behind another field: 主办机关：…　协办机关：…
_FIELD = regex(
    r"(?m)(?:^|(?<=[ \t;。(]))(?P<key>[\u3400-\u9fff]{2,10})[ \t]*:[ \t]*"
    r"(?P<value>\S.*?)(?=[ \t。;]*$|[ \t;。]+[\u3400-\u9fff]{2,10}[ \t]*:)"
)
_BLANK = regex(r"[\s—\-–/\\无]*")
_MATTER = regex(r".{0,6}(?:任务|事项|项目|工作|问题|举措|内容|要点|案由|案名|名称)(?:名称|内容|描述|摘要)?")
_MOST = 200  # records of a group
_LONGEST = 900  # characters of an item that are read as its fields
_NAME = 60  # characters of an item's first clause that name it


@dataclass(frozen=True, slots=True)
class Record:
    """A row or an item: its span, the span of the words that name it, its fields (folded name, span of the value).

    `header` is the line that names the columns of a row, `blank` are the names of its empty cells.
    """

    start: int
    end: int
    name: Span
    fields: tuple[tuple[str, Span], ...]
    section: int
    header: Span | None = None
    blank: tuple[str, ...] = ()
    leaf: bool = True  # holds no other record, and is short enough to be of one matter

    @property
    def span(self) -> Span:
        """Return the span of the whole record."""
        return Span(self.start, self.end)

    def passage(self, source: Source) -> Passage:
        """Return the record as a passage: a row whole, of an item the words that name it."""
        span = self.span if self.row else self.name
        return Passage(span.start, span.end, span.of(source.folded), self.section, False, whole=True)

    @property
    def row(self) -> bool:
        """Return whether this is a row of a table; its name is one of its cells."""
        return self.header is not None


@dataclass(frozen=True, slots=True)
class Group:
    """Records that stand side by side under one header or heading; `over` are the folded words over them."""

    over: str
    records: tuple[Record, ...]


def groups(source: Source) -> tuple[Group, ...]:
    """Return the groups of records of a document, in order; tables first."""
    known = source.kept.get("records")
    if known is None:
        known = source.kept["records"] = tuple(_joined((*_tables(source), *_items(source))))
    return known


def row_at(source: Source, offset: int) -> Record | None:
    """Return the row of a table that begins at `offset`, None where none does."""
    rows = source.kept.get("rows")
    if rows is None:
        rows = {record.start: record for _, group in _tables(source) for record in group.records if record.row}
        source.kept["rows"] = rows
    return rows.get(offset)


def _joined(found: Iterable[tuple[tuple[str, ...], Group]]) -> Iterator[Group]:
    """Yield the groups, those with the same fields as one: a list is often cut into parts by headings or pages."""
    same: dict[tuple[str, ...], list[Group]] = {}
    for at, (names, group) in enumerate(found):
        same.setdefault(names or (str(at),), []).append(group)
    for held in same.values():
        over = " ".join(dict.fromkeys(group.over for group in held))
        yield Group(over, tuple(record for group in held for record in group.records))


def _tables(source: Source) -> Iterator[tuple[tuple[str, ...], Group]]:
    """Yield the duty tables, then others: lines with bars or tabs, or with columns of numbers between blanks.

    What the first line of these names are the fields of the others.
    """
    for table in source.tables:
        yield from _duties(source, table)
    folded = source.folded
    duties = iter(source.tables)
    duty = next(duties, None)
    run: list[Span] = []
    parted: re.Pattern[str] | None = None
    at = 0
    for line in [*folded.split("\n"), ""]:
        while duty is not None and duty.end <= at:
            duty = next(duties, None)
        inside = duty is not None and duty.start <= at
        way = None if inside else _way(line)
        if way is not parted and (way is not None or line.strip() or inside):
            yield from _table(source, run, parted)
            run, parted = [], way
        if way is not None and not _RULE.fullmatch(line):
            run.append(Span(at, at + len(line)))
        at += len(line) + 1
    yield from _table(source, run, parted)


def _way(line: str) -> re.Pattern[str] | None:
    """Return what parts the cells of a line, None where it has none."""
    if "|" in line or "│" in line or "\t" in line:
        return _BAR
    return _GAP if " " in line and _SPACED.fullmatch(line) else None


def _duties(source: Source, table: Table) -> Iterator[tuple[tuple[str, ...], Group]]:
    """Yield the rows of a duty table; a row without a matter is none."""
    named = table.columns.index("task")
    records = []
    for row in table.rows[:_MOST]:
        name = row.values[named]
        if name is not None:
            pairs = tuple(zip(table.names, row.values, strict=False))
            fields = tuple((called, cell) for called, cell in pairs if cell is not None)
            blank = tuple(called for called, cell in pairs if cell is None and called)
            section = source.section_at(row.start)
            records.append(Record(row.start, row.end, name, fields, section, table.head, blank))
    if records:
        over = source.above(records[0].section)
        yield table.names, Group(f"{over} {' '.join(table.names)}", tuple(records))


def _table(
    source: Source, lines: list[Span], parted: re.Pattern[str] | None
) -> Iterator[tuple[tuple[str, ...], Group]]:
    if not 1 < len(lines) <= _MOST or parted is None:
        return
    head, *rest = [_cells(source.folded, line, parted) for line in lines]
    if parted is _GAP and not _measured(source.folded, head, rest):
        return
    names = [cell.of(source.folded) for cell in head]
    if any(len(name) > 20 for name in names):
        return
    named = next((at for at, name in enumerate(names) if _MATTER.fullmatch(name)), None)
    records = []
    for line, cells in zip(lines[1:], rest, strict=True):
        if len(cells) != len(head):
            continue
        at = named if named is not None else _first(source.folded, cells)
        if at is None or cells[at].start == cells[at].end:
            continue
        span = trim(source.document.text, line.start, line.end)
        fields = tuple((names[n], cell) for n, cell in enumerate(cells) if not _BLANK.fullmatch(cell.of(source.folded)))
        blank = tuple(names[n] for n, cell in enumerate(cells) if _BLANK.fullmatch(cell.of(source.folded)))
        section = source.section_at(span.start)
        records.append(Record(span.start, span.end, cells[at], fields, section, lines[0], blank))
    if records:
        yield tuple(names), Group(f"{source.above(records[0].section)} {' '.join(names)}", tuple(records))


def _measured(folded: str, head: Sequence[Span], rows: Sequence[Sequence[Span]]) -> bool:
    """Return whether words with blanks between them are a table: each row has a number where the first one has."""
    if (
        len(rows) < 2
        or any(len(row) != len(head) for row in rows)
        or any(_FIGURE.match(cell.of(folded)) for cell in head)
    ):
        return False
    return any(all(_FIGURE.match(row[at].of(folded)) for row in rows) for at in range(1, len(head)))


def _first(folded: str, cells: list[Span]) -> int | None:
    """Return which cell of a row names it: the first that is no number."""
    return next((at for at, cell in enumerate(cells) if not _CODE.fullmatch(cell.of(folded))), None)


def _cells(folded: str, line: Span, parted: re.Pattern[str]) -> list[Span]:
    words = line.of(folded)
    left = line.start + len(words) - len(words.lstrip())
    right = line.end - (len(words) - len(words.rstrip()))
    left += folded[left : left + 1] in "|│" and left < right
    right -= folded[right - 1 : right] in "|│" and left < right
    edges = [left, *(place for bar in parted.finditer(folded, left, right) for place in bar.span()), right]
    return [trim(folded, begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def _items(source: Source) -> Iterator[tuple[tuple[str, ...], Group]]:
    """Yield the items under each heading; their fields are the lines of the form 责任单位：… in them."""
    sections = source.document.sections
    children: dict[int, list[int]] = {}
    for at, section in enumerate(sections):
        if section.parent is not None and section.label:
            children.setdefault(section.parent, []).append(at)
    for parent, held in children.items():
        if len(held) <= _MOST:
            records = tuple(record for at in held if (record := _item(source, at, sections[at])) is not None)
            if records:
                yield _names(records), Group(f"{source.above(parent)} {_caption(source, parent, held[0])}", records)


def _caption(source: Source, parent: int, first: int) -> str:
    """Return the line between a heading and the first item under it, as 附件2 has one for its title; "" for more."""
    sections = source.document.sections
    words = source.folded[sections[parent].body : sections[first].start].strip()
    return words if len(words) <= _NAME and "\n" not in words else ""


def _names(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the names of the fields that all of the records have, in order."""
    first, *others = ([name for name, _ in record.fields] for record in records)
    return tuple(name for name in first if all(name in other for other in others))


def _item(source: Source, at: int, section: Section) -> Record | None:
    text = source.document.text
    end = min(section.end, section.start + _LONGEST)
    name = trim(text, section.start, section.body if section.title else end)
    if name.end - name.start > _NAME or not section.title:
        stop = re.search(r"[。；;，,：:\n]", text[name.start + 4 : name.end])
        name = (
            Span(name.start, name.start + 4 + stop.start())
            if stop
            else Span(name.start, min(name.end, name.start + _NAME))
        )
    if name.start >= name.end:
        return None
    sections = source.document.sections
    parts = at + 1 < len(sections) and sections[at + 1].parent == at and sections[at + 1].kind != "measure"
    leaf = not parts and section.end - section.start <= _LONGEST
    fields = tuple(
        (found["key"], Span(found.start("value"), found.end("value")))
        for found in _FIELD.finditer(source.folded, section.start, end)
        if not parts
    )
    return Record(section.start, section.end, name, fields, at, leaf=leaf)
