"""Lists that stand as the items under one heading: the heading is found by the words of the question."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.document import Section, Span
from ingest.fold import fold
from ingest.numeral import CHINESE, number
from ingest.regex import regex
from ingest.sentence import trim
from retriever.passage import Passage, Source
from retriever.question import Ask, terms

ASKED = regex(
    r"哪[些几]|哪[二两三四五六七八九十\d]+[个项件条点类种]|都是(?:啥|什么|哪)|有什么|是什么|有啥|叫啥|分别是|列出|清单"
)
# Words of such a question that name no heading.
_EMPTY = regex(
    r"具体|一共|总共|分别|列出|清单|全部|都|是|有|被|点名|任务|问题|事项|项目|工作|内容|方面|要求|哪些|哪几|什么|几[个项条件]|个|项|条|件|的|了|在|里|中|"
    r"吗|呢|啥|叫|亮|归到|写着|目前|现在"
)
_ENOUGH = 0.6  # of the question's words that are not the document's own stand in the heading
_HAS = regex(rf"(?P<count>[{CHINESE}\d]{{1,3}})[个项条件点类种]")
_FEWEST, _MOST = 2, 30  # items of a list
_LONGEST = 60  # characters of an item that are shown


@dataclass(frozen=True, slots=True)
class Roll:
    """The items under a heading of a document, each as a passage."""

    source: Source
    items: tuple[Passage, ...]


def roll(ask: Ask, sources: Iterable[Source]) -> Roll | None:
    """Return the list that an ask wants, None where no heading over items bears its words.

    Args:
        ask: asks for a list.
        sources: the documents that may hold it, the likeliest first.
    """
    if not ASKED.search(ask.text):
        return None
    counted = _HAS.search(ask.text)
    wanted_number = number(counted["count"]) if counted else None
    best: tuple[float, Roll] | None = None
    for source in sources:
        wanted = _left(_EMPTY.sub(" ", ask.text), source.common)
        if not wanted:
            continue
        sections = source.document.sections
        for at, section in enumerate(sections):
            if section.kind not in ("item", "heading") or not section.title:
                continue
            held = sum(term in fold(section.title) for term in wanted) / len(wanted)
            if held < _ENOUGH or (best is not None and held <= best[0]):
                continue
            items = [node for node in sections if node.parent == at and node.kind in ("item", "measure")]
            if not _FEWEST <= len(items) <= _MOST or (wanted_number and wanted_number != len(items)):
                continue
            best = (held, Roll(source, tuple(_passage(source, node) for node in items)))
    return best[1] if best else None


def _left(words: str, common: str) -> frozenset[str]:
    """Return the pairs of characters of a question that are not those of the document's title or issuer."""
    known = [False] * len(words)
    for at in range(len(words) - 1):
        if words[at : at + 2] in common:
            known[at] = known[at + 1] = True
    runs = "".join(" " if hidden else char for char, hidden in zip(words, known, strict=True)).split()
    return frozenset(term for run in runs for term in terms(run) if len(term) > 1)


def _passage(source: Source, node: Section) -> Passage:
    """Return the words of an item that name it: its title, else its first clause."""
    text = source.document.text
    end = node.body if node.title else node.end
    span = trim(text, node.start, end)
    if span.end - span.start > _LONGEST:
        stop = re.search(r"[。；;，,：:\n]", text[span.start + 4 : span.end])
        span = Span(span.start, span.start + 4 + stop.start()) if stop else Span(span.start, span.start + _LONGEST)
    section = source.document.sections.index(node)
    return Passage(span.start, span.end, span.of(source.folded), section, False, whole=True)
