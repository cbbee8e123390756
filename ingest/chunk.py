"""Chunks: the spans that are indexed. Each lies inside one section, and together they tile the text."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.document import Chunk, Section
from ingest.regex import regex
from ingest.sentence import sentences

# Long enough to hold a matter with its measures, short enough that a citation of it is read: the aim of DESIGN.
LARGEST = 400
VERSION = "6"  # goes into the index: chunks of another version are other chunks

_CUT = regex(r"[；;，,、\s]")


def chunks(text: str, sections: tuple[Section, ...]) -> tuple[Chunk, ...]:
    """Return the chunks of `text`, in order, touching each other from 0 to `len(text)`.

    A section is one chunk where it fits in `LARGEST` characters; a larger one is its own words, then its parts, the
    small ones together. A sentence is cut only where it alone is longer than a chunk.
    """
    children: list[list[int]] = [[] for _ in sections]
    for at, section in enumerate(sections):
        if section.parent is not None:
            children[section.parent].append(at)
    return tuple(_pack(text, sections, children, 0))


def _pack(text: str, sections: tuple[Section, ...], children: list[list[int]], at: int) -> Iterator[Chunk]:
    section = sections[at]
    parts = children[at]
    if section.kind == "chrome":
        yield Chunk(at, section.start, section.end, indexed=False)
        return
    if section.end - section.start <= LARGEST and all(_small(sections, children, part) for part in parts):
        yield from _spans(text, at, section.start, section.end, section, bool(parts))
        return
    here = section.start
    group: list[int] = []

    def flush() -> Iterator[Chunk]:
        if group:
            owner = group[0] if len(group) == 1 else at
            yield from _spans(text, owner, sections[group[0]].start, sections[group[-1]].end, sections[owner], False)
            group.clear()

    for part in parts:
        node = sections[part]
        if here < node.start:
            yield from flush()
            yield from _spans(text, at, here, node.start, section, True)
        here = node.end
        if not _small(sections, children, part):
            yield from flush()
            yield from _pack(text, sections, children, part)
            continue
        if group and node.end - sections[group[0]].start > LARGEST:
            yield from flush()
        group.append(part)
    yield from flush()
    if here < section.end:
        yield from _spans(text, at, here, section.end, section, False)


def _small(sections: tuple[Section, ...], children: list[list[int]], at: int) -> bool:
    """Return whether a section may share a chunk with its neighbours: a measure, or a single line without a body."""
    node = sections[at]
    if children[at] or node.kind in ("chrome", "signature", "attachment", "issuer"):
        return False
    return node.kind == "measure" or (node.kind == "item" and node.end - node.start <= 80)


def _spans(text: str, at: int, start: int, end: int, section: Section, parted: bool) -> Iterator[Chunk]:
    """Yield chunks of `start:end` of about equal length, cut between sentences."""
    words = text[start:end]
    heading_only = parted and start == section.start and not text[section.body : end].strip()
    indexed = bool(words.strip()) and not (heading_only and section.kind != "root")
    if end - start <= LARGEST:
        if end > start:
            yield Chunk(at, start, end, indexed)
        return
    count = -(-(end - start) // LARGEST)
    aim = (end - start) / count
    starts = [span.start for span in sentences(text, start, end)][1:]
    begin = last = start
    for place in [*_places(text, [start, *starts], end), end]:
        if place - begin > LARGEST and last > begin:
            yield _chunk(text, at, begin, last)
            begin = last
        if place - begin >= aim or place == end:
            yield _chunk(text, at, begin, place)
            begin = place
        last = place


def _places(text: str, starts: list[int], end: int) -> list[int]:
    """Return the places where a chunk may end: each sentence's start, and places inside a sentence that is too long."""
    places: list[int] = []
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        while stop - start > LARGEST:
            found = [m.end() for m in _CUT.finditer(text, start + LARGEST // 2, start + LARGEST)]
            start = found[-1] if found else start + LARGEST
            places.append(start)
        if stop < end:
            places.append(stop)
    return places


def _chunk(text: str, at: int, start: int, end: int) -> Chunk:
    return Chunk(at, start, end, indexed=bool(text[start:end].strip()))
