"""Passages: the sentences of a document with what governs them (headings, issuer), as candidates for an answer."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.document import Document, Section, Span
from ingest.fold import fold
from ingest.regex import regex
from ingest.sentence import sentences, trim
from ingest.table import Row, Table, tables
from ingest.when import When, document_times, last_as_of
from retriever.instruction import blanked

# A sentence of this length or less is quoted whole; a longer one is cut at its clauses (a trial lost no right answer
# by this, and 5 to 15 points by cutting at 60).
LONGEST = 110
_SHORTEST = 60
# The average sentence of the documents at hand; turns a document's length into a number of sentences.
_SENTENCE = 45
_WHOLE = 30_000  # characters of a document all of whose sentences are weighed; that takes some milliseconds
_YEAR_BEFORE = 160  # characters before a sentence in which the year that it speaks of may stand
_TERMS = 200  # whose weights are kept: those of some questions
_OPENING = 1_500  # characters in which a document says what it is and on what basis
_MATTER = 700  # characters; a longer item holds more than one matter
# A single character says less than a bigram; a term that the document does not have is more often another wording than
# another matter. Both measured on mismatched pairs of questions and documents (area under the curve .96 to .97).
_CHAR = 0.6
_ABSENT = 0.5
_YEAR = regex(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_REPUBLIC = regex(r"(?<![\d第])(1[01]\d)年(?!来|以来|前|后|间)")
_SPELLED = regex("二[〇零○][〇零○一二三四五六七八九]{2}(?=年)")
_DIGIT = {char: str(at % 10) for at, char in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_ANNOUNCES = regex("(?:下列|以下|如下)[^。;]{0,30}:?$|:$")
_STATES = regex(r"[,;]|\d[^,;。]{0,12}\d")  # a title that is a sentence: 本季列管28案,其中解除9案
_LINE = regex(r"[^\n]*(?:\n|$)")
_BARS = regex(r"(?m)^[|│][^\n]*[|│](?=[ \t]*$)")  # a row of a table, whose cells may hold sentences
_ITEM = regex(
    r"\(?[一二三四五六七八九十\d]{1,3}[)、.．]|[①-⑳]|[-*·•]|[一二三四五六七八九十]是|第[一二三四五六七八九十]+[,、]"
)
_LONGEST_LIST = 700  # characters of a list that is quoted whole
# A year that another one is compared with or counted from: 自2016年起, 较2020年.
_SINCE = regex(r"(?:自|从)(?:19|20)\d{2}年(?:\d{1,2}月)?(?:底|初)?(?:起|以来|开始)|[较比](?:19|20)\d{2}年")
_RANGE = regex(r"(?<!\d)(20\d{2})年?[—\-~至到]+(20\d{2})")


@dataclass(slots=True)  # not frozen, as a hundred are made a question
class Passage:
    """A sentence of a document: its span, its folded words, and its section's position in the outline."""

    start: int
    end: int
    words: str
    section: int
    heading: bool
    whole: bool = False  # is quoted as it is, however long


class Source:
    """A document prepared for answering: folded once, with the rarity of terms inside it."""

    def __init__(self, document: Document, title: str, source: str) -> None:
        """Prepare `document`; `title` and `source` are what is shown for it."""
        self.document = document
        self.title = title
        self.source = source
        # What a reader sees and is meant to, and that folded; offsets are those of the text.
        self.seen, self.folded = blanked(document.text)
        self.size = max(8.0, len(document.text) / _SENTENCE)
        self._rarest = math.log((self.size + 1) / 0.5)  # the rarity of what stands nowhere
        self._starts = [section.start for section in document.sections]
        self.common = fold(f"{title} {document.issuer.value if document.issuer else ''}")
        self._weights: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._above: dict[int, str] = {}
        self._items: dict[int, Span | None] = {}
        self._leads: dict[int, Span | None] = {}
        self._whole: list[Passage] | None = None
        self.kept: dict[str, Any] = {}  # what other rooms of the answer derive from the document alone, by its name

    def section_at(self, offset: int) -> int:
        """Return the position of the innermost section that covers `offset`."""
        at = bisect_right(self._starts, offset) - 1
        while self.document.sections[at].end <= offset and self.document.sections[at].parent is not None:
            at = self.document.sections[at].parent or 0
        return at

    def weight(self, term: str) -> float:
        """Return the rarity of a term inside the document, 0 to 1; a term of the title counts little."""
        weight = self._weights.get(term)
        if weight is None:
            found = self.count(term)
            weight = math.log((self.size + 1) / (min(found, self.size) + 0.5)) / self._rarest
            weight = max(0.05, weight) * (0.35 if term in self.common else 1.0)
            if len(term) == 1 and not term.isascii():
                weight *= _CHAR
            if not found:
                weight *= _ABSENT
            if len(self._weights) >= _TERMS:
                self._weights.clear()
            self._weights[term] = weight
        return weight

    def count(self, term: str) -> int:
        """Return how often a folded term stands in the document."""
        found = self._counts.get(term)
        if found is None:
            if len(self._counts) >= _TERMS:
                self._counts.clear()
            found = self._counts[term] = self.folded.count(term)
        return found

    @property
    def footprint(self) -> int:
        """Return how many bytes this takes at most, with all that is derived from it (measured: 0.55 to 0.95 of it)."""
        return 16 * len(self.document.text) + 1_000 * len(self.document.sections) + 10_000

    def passages(self, start: int, end: int) -> list[Passage]:
        """Return the sentences that begin in `start:end`, in order, without their labels (一是, 1.).

        Headings and signatures are one passage each, and so are the rows of tables, however many lines they take.
        """
        found: list[Passage] = []
        rows = self._rows_in(start, end)
        cuts = {start, end}
        first = bisect_right(self._starts, start - 1)
        for section in self.document.sections[first : bisect_right(self._starts, end - 1)]:
            cuts.add(section.start)
            if section.start < section.body < end:
                cuts.add(section.body)
        cuts = {cut for cut in cuts if not any(row.start < cut < row.end for row in rows)} if rows else cuts
        for row in rows:
            cuts.update((row.start, row.end))
        if "|" in self.folded[start:end]:
            lines = [line.span() for line in _BARS.finditer(self.folded, start, end)]
            lines = [line for line in lines if not any(row.start < line[1] and line[0] < row.end for row in rows)]
            cuts = {cut for cut in cuts if not any(begin < cut < stop for begin, stop in lines)}
            cuts.update(edge for line in lines for edge in line)
        begins = {row.start for row in rows}
        edges = sorted(cuts)
        for begin, stop in itertools.pairwise(edges):
            if begin in begins or (self.folded.startswith(("|", "│"), begin) and _BARS.match(self.folded, begin, stop)):
                words = self.folded[begin:stop]
                found.append(Passage(begin, stop, words, self.section_at(begin), heading=False, whole=True))
                continue
            at = self.section_at(begin)
            section = self.document.sections[at]
            label = begin == section.start and stop == section.body and not section.title
            if section.kind == "chrome" or label:
                continue
            whole = section.kind in ("signature", "issuer") and begin == section.start
            spans = [trim(self.seen, begin, stop)] if whole else sentences(self.seen, begin, stop)
            heading = (
                begin < section.body
                and bool(section.title)
                and bool(self.document.text[section.body : section.end].strip())
                and not _STATES.search(self.folded, begin, stop)
            )
            found.extend(
                Passage(span.start, span.end, span.of(self.folded), at, heading)
                for span in spans
                if span.start < span.end
            )
        return found

    def _rows_in(self, start: int, end: int) -> list[Row]:
        """Return the rows of duty tables that begin in `start:end`, and the one in which it begins."""
        starts, rows = self._rows
        first = max(0, bisect_right(starts, start) - 1)
        near = (row for _, row in rows[first : bisect_right(starts, end - 1)])
        return [row for row in near if row.end > start]

    @functools.cached_property
    def opening(self) -> int:
        """Return where the opening ends: at the first section, and not too far down."""
        sections = self.document.sections[1:]
        return min(_OPENING, next((s.start for s in sections if s.kind != "chrome"), len(self.document.text)))

    def about(self, wanted: frozenset[str]) -> float:
        """Return the share of the wanted bigrams that stand in the document's title or issuer."""
        pairs = [term for term in wanted if len(term) > 1]
        return sum(term in self.common for term in pairs) / len(pairs) if pairs else 0.0

    @functools.cached_property
    def all_years(self) -> frozenset[str]:
        """Return the years that the document names anywhere, its own included."""
        date = self.document.date
        return years(f"{self.common} {self.folded} {date.value[:4] if date else ''}")

    @functools.cached_property
    def times(self) -> list[When]:
        """Return the times that the document states, in order."""
        return document_times(self.document)

    @functools.cached_property
    def last_word(self) -> dt.date | None:
        """Return the last day of which the document speaks as past: its own date, or the latest 截至."""
        said = last_as_of(self.document) if "截" in self.seen else None
        date = self.document.date
        return max((day for day in (said, dt.date.fromisoformat(date.value) if date else None) if day), default=None)

    def whole(self) -> list[Passage]:
        """Return all passages of a document that is not too long, else those of its opening and its signatures."""
        if self._whole is None:
            end = len(self.document.text)
            parts = [(0, end)] if end <= _WHOLE else [(0, self.opening)]
            if end > _WHOLE:
                parts += [(s.start, s.end) for s in self.document.sections if s.kind == "signature"]
            self._whole = [passage for start, stop in parts if start < stop for passage in self.passages(start, stop)]
        return self._whole

    @functools.cached_property
    def tables(self) -> list[Table]:
        """Return the duty tables of the document, in order."""
        return tables(self.folded)

    @functools.cached_property
    def _rows(self) -> tuple[list[int], list[tuple[Table, Row]]]:
        rows = [(table, row) for table in self.tables for row in table.rows]
        return [row.start for _, row in rows], rows

    def row(self, passage: Passage) -> tuple[Table, Row] | None:
        """Return the row of a duty table that a passage is, with its table; None where it is none."""
        starts, rows = self._rows
        at = bisect_right(starts, passage.start) - 1
        return rows[at] if at >= 0 and passage.start < rows[at][1].end else None

    def header(self, passage: Passage) -> str:
        """Return the folded names of the columns over a row of a duty table, "" over anything else."""
        if not self.tables:
            return ""
        table = next((table for table in self.tables if table.start <= passage.start < table.end), None)
        return self.folded[table.start : table.rows[0].start] if table else ""

    def above(self, section: int) -> str:
        """Return the folded headings over a section, its own included.

        Words that stand in no section of their own (the opening, a signature) speak of the whole document: over them
        stands its title.
        """
        words = self._above.get(section)
        if words is None:
            node = self.document.sections[section]
            whole = node.kind in ("root", "signature") or node.end <= self._preamble
            over = list(self.document.ancestors(section))
            names = [node.title for node in over if node.title]
            lead = self.lead(section)
            if lead is not None:
                names.append(lead.of(self.seen))  # 公安机关履行下列职责 governs each of the items under it
            if any(node.kind == "article" for node in over) and self.title not in names:
                names.append(self.title)  # an article of a rule leaves out what the rule is about
            words = self._above[section] = fold(self.title if whole else " ".join(names))
        return words

    def before(self, passage: Passage) -> str:
        """Return the folded sentence before a passage in its section, "" where it is the first one."""
        begin = max(self.document.sections[passage.section].start, passage.start - 2 * LONGEST)
        words = self.folded[begin : passage.start].rstrip().rstrip("。;!?")
        return words[max(words.rfind(mark) for mark in "。;!?\n") + 1 :]

    def lead(self, section: int) -> Span | None:
        """Return the sentence that announces the list in which an item of a rule stands, None where there is none.

        有下列情形之一的，处一百元以上五百元以下罚款：… says of each item what follows from it.
        """
        sections = self.document.sections
        node = sections[section]
        if node.kind != "item" or node.parent is None:
            return None
        parent = sections[node.parent]
        if parent.kind not in ("article", "item"):
            return None
        if node.parent not in self._leads:
            first = next(at for at in range(section + 1) if sections[at].parent == node.parent)
            begin = parent.start if parent.title else parent.body
            found = sentences(self.seen, begin, sections[first].start)
            lead = found[-1] if found else None
            announces = lead is not None and _ANNOUNCES.search(self.folded, lead.start, lead.end)
            self._leads[node.parent] = lead if announces else None
        return self._leads[node.parent]

    @functools.cached_property
    def _preamble(self) -> int:
        """Return where the first article of a rule begins, 0 where there is none; how it came about stands before."""
        sections = self.document.sections
        first = next((at for at, node in enumerate(sections) if node.kind == "article"), None)
        return 0 if first is None or any(s.kind == "attachment" for s in sections[:first]) else sections[first].start

    def matter(self, passage: Passage) -> Span:
        """Return the lowest labelled item that holds a passage, where it is short enough to be one matter.

        Else the sentences next to the passage.
        """
        if passage.section not in self._items:
            self._items[passage.section] = self._item(passage.section)
        item = self._items[passage.section]
        return item or Span(max(0, passage.start - 2 * _SENTENCE), passage.end + 2 * _SENTENCE)

    def _item(self, section: int) -> Span | None:
        for node in self.document.ancestors(section):
            if node.kind in ("item", "article", "issuer", "heading", "attachment") and node.end - node.start <= _MATTER:
                return Span(node.start, node.end)
            if node.kind != "measure":
                break
        return None

    def years(self, passage: Passage) -> frozenset[str]:
        """Return the years that a passage speaks of: its own, else the last one before it, else the document's.

        An article of a rule holds in every year from its own on: it speaks of none but those in its words.
        """
        section = self.document.sections[passage.section]
        found = years(_SINCE.sub("", passage.words))
        if found or any(node.kind == "article" for node in self.document.ancestors(passage.section)):
            return found
        begin = section.start if section.parent is not None else 0
        before = self.folded[max(begin, passage.start - _YEAR_BEFORE) : passage.start]
        last = max((at.start() for at in _YEAR.finditer(before)), default=-1)
        for words in (
            before[last:] if last >= 0 else "",
            self.above(passage.section),
            self.common,
            self.document.date.value[:4] if self.document.date else "",
        ):
            found = years(words)
            if found:
                return found
        return frozenset()

    def issuer(self, section: int) -> Section | None:
        """Return the section whose heading names the issuer of `section`'s words, where a document holds several."""
        return next((node for node in self.document.ancestors(section) if node.kind == "issuer"), None)

    def with_items(self, passage: Passage) -> Passage:
        """Return a sentence that announces a list (下列情形：) together with the items below it, else the sentence."""
        if not _ANNOUNCES.search(passage.words):
            return passage
        end = passage.end
        for line in _LINE.finditer(self.seen, passage.end):
            words = line.group().strip()
            if words and not _ITEM.match(fold(words[:12])):
                break
            if line.end() - passage.start > _LONGEST_LIST:
                break
            end = line.end() if words else end
        if end == passage.end:
            return passage
        span = trim(self.seen, passage.start, end)
        return Passage(span.start, span.end, span.of(self.folded), passage.section, False, whole=True)

    def with_label(self, passage: Passage) -> Passage:
        """Return a sentence of an article together with its number (第二十七条), where it is the first one."""
        section = self.document.sections[passage.section]
        near = section.kind == "article" and 0 < passage.start - section.start <= len(section.label) + 4
        if not near:
            return passage
        return Passage(
            section.start, passage.end, self.folded[section.start : passage.end], passage.section, False, whole=True
        )

    def cut(self, passage: Passage, wanted: frozenset[str], keep: list[Span]) -> Span:
        """Return the part of a long passage that is quoted: the clauses around the wanted terms and values.

        Args:
            passage: the sentence.
            wanted: terms of the question.
            keep: spans (in the document) that have to stay, the values that answer.
        """
        if passage.whole or passage.end - passage.start <= LONGEST:
            return Span(passage.start, passage.end)
        clauses = _clauses(passage)
        scores = [
            sum(self.weight(term) for term in wanted if term in clause.of(self.folded))
            + 2.0 * sum(1 for span in keep if clause.start <= span.start < clause.end)
            for clause in clauses
        ]
        best = max(scores)
        first = next(i for i, score in enumerate(scores) if score >= 0.5 * best)
        last = next(i for i in reversed(range(len(scores))) if scores[i] >= 0.5 * best)
        while clauses[last].end - clauses[first].start < _SHORTEST and (first > 0 or last < len(clauses) - 1):
            if first > 0:
                first -= 1
            else:
                last += 1
        return trim(self.seen, clauses[first].start, clauses[last].end)


def shares(wanted: frozenset[str], sources: Mapping[str, Source]) -> dict[str, float]:
    """Return for each document the share of the wanted bigrams and words that stand anywhere in it or its title.

    One that no document has says nothing of which is meant; one that few of them have says more than a common one.
    """
    pairs = [term for term in wanted if len(term) > 1]
    held = {
        doc: {term for term in pairs if source.count(term) or term in source.common} for doc, source in sources.items()
    }
    among = Counter(term for terms in held.values() for term in terms)
    weights = {term: math.log(1 + len(sources) / number) for term, number in among.items()}
    total = sum(sorted(weights.values())) or 1.0
    return {doc: sum(sorted(weights[term] for term in terms)) / total for doc, terms in held.items()}


def years(words: str) -> frozenset[str]:
    """Return the years named in folded words, in four digits; a range names each year in it.

    Years of the Republic (114年) and years in Han digits (二○二五年) are what they are in the common era.
    """
    found = set(_YEAR.findall(words))
    for first, last in _RANGE.findall(words):
        if int(last) - int(first) < 30:
            found.update(str(year) for year in range(int(first), int(last) + 1))
    if "年" in words:
        found.update(str(int(year) + 1911) for year in _REPUBLIC.findall(words))
        found.update("".join(_DIGIT[char] for char in year) for year in _SPELLED.findall(words))
    return frozenset(found)


def _clauses(passage: Passage) -> list[Span]:
    """Split a sentence at its commas and semicolons outside brackets and quotes; enumerations stay whole."""
    spans: list[Span] = []
    depth, begin = 0, 0
    for at, char in enumerate(passage.words):
        if char in "(《“「『〔【":
            depth += 1
        elif char in ")》”」』〕】":
            depth = max(0, depth - 1)
        elif char in ",;:" and not depth:
            spans.append(Span(passage.start + begin, passage.start + at + 1))
            begin = at + 1
    if begin < len(passage.words):
        spans.append(Span(passage.start + begin, passage.end))
    return spans or [Span(passage.start, passage.end)]
