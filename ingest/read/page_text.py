"""The words of a part of a web page as a browser lays them out: blocks as lines, lists numbered, tables as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.read.draft import Draft
from ingest.read.grid import Grid
from ingest.read.numbering import ordinal
from ingest.read.reading import Limits

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_UNSHOWN = frozenset({
    "script", "style", "noscript", "template", "head", "iframe", "svg", "select", "option", "datalist", "textarea",
    "button", "input", "object", "embed", "audio", "video", "canvas", "map", "rt", "rp", "nav",
})  # fmt: skip
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins", "kbd",
    "label", "mark", "q", "rb", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr", "o:p",
})  # fmt: skip
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
_BREAK = "\v"  # a line break that is one, while those of the source are blanks
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff“”‘’—…]"
_WRAPPED = re.compile(rf"(?<={_WIDE})[ \t\r\f]*\n[ \t\r\n\f]*(?={_WIDE})")  # where a line of the source ends
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_LIST = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_CHINESE_LIST = re.compile(r"list-style(?:-type)?\s*:[^;]*(?:cjk-ideographic|-chinese-|-informal)", re.I)
_MOST = 1000  # columns or rows that a cell may span: the largest that browsers take for columns


class PageText:
    """Writes elements to a draft. What is not shown (scripts, forms, hidden elements, navigation) is left out."""

    def __init__(self, draft: Draft, limits: Limits) -> None:
        """Write to `draft`, and tell `limits` how it goes on."""
        self._draft = draft
        self._limits = limits

    def write(self, part: HtmlElement) -> None:
        """Append all that is shown in `part`."""
        words: list[str] = []
        level = 0
        for at, (element, opens, whole) in enumerate(_walk(part)):
            if at % 5000 == 0:
                self._limits.progress()
            tag = element.tag
            if tag == "br":
                words.append(_BREAK if opens else "")
            elif tag not in _INLINE:
                self._draft.line(_laid_out(words), level)
                words.clear()
                level = int(tag[1]) if opens and re.fullmatch("h[1-6]", tag) else 0
                if opens and tag == "li":
                    words.append(_number(element))
                if whole:
                    self._table(element)
            words.append(_source(element.text, element) if opens and not whole else "")
            if not opens and element is not part:
                words.append(_source(element.tail, element.getparent()))
        self._draft.line(_laid_out(words), level)

    def _table(self, table: HtmlElement) -> None:
        grid = Grid()
        rows = [row for row in table.iter("tr") if _table_of(row) is table and is_shown(row)]
        for at, row in enumerate(rows):
            column = 0
            for cell in row:
                if cell.tag in ("td", "th") and is_shown(cell):
                    column = grid.free(at, column)
                    width, height = _span(cell, "colspan"), _span(cell, "rowspan", len(rows) - at)
                    grid.put(at, column, cell_words(cell), height, width)
                    column += width
        for caption in table.findall("caption"):
            self._draft.line(plain(caption))
        grid.write(self._draft)


def _walk(part: HtmlElement) -> Iterator[tuple[HtmlElement, bool, bool]]:
    """Yield (element, whether it opens, whether it is a whole table) when an element that is shown opens and closes.

    A table of data is yielded without what is in it. What is left out still closes: words stand behind it.
    """
    from lxml import etree

    walker = etree.iterwalk(part, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            shown = element is part or is_shown(element)
            data = shown and element.tag == "table" and element is not part and not _is_layout(element)
            if not shown or data:
                walker.skip_subtree()
            if shown:
                yield element, True, data
        else:
            yield element, False, False


def is_shown(element: HtmlElement) -> bool:
    """Return whether an element is shown, as far as it says so itself."""
    if not isinstance(element.tag, str) or element.tag in _UNSHOWN or element.get("hidden") is not None:
        return False
    return not _HIDING.search(element.get("style") or "") and element.get("aria-hidden") != "true"


def plain(element: HtmlElement, *, links: bool = True) -> str:
    """Return the words shown in an element without any layout, those of links only if `links`."""
    from lxml import etree

    words: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walker:
        if event == "start":
            if (inner is not element and not is_shown(inner)) or (inner.tag == "a" and not links):
                walker.skip_subtree()
            else:
                words.append(inner.text or "")
                words.append(" " if inner.tag not in _INLINE else "")
        elif inner is not element:
            words.append(" " if inner.tag not in _INLINE else "")
            words.append(inner.tail or "")
    return "".join(words)


def cell_words(cell: HtmlElement) -> str:
    """Return the words of a cell, its blocks in lines."""
    words: list[str] = []
    for element, opens, _ in _walk(cell):
        if element.tag not in _INLINE:
            words.append(_BREAK)
        if opens and element.tag == "li":
            words.append(_number(element))
        words.append(_source(element.text, element) if opens else "")
        if not opens and element is not cell:
            words.append(_source(element.tail, element.getparent()))
    return _laid_out(words)


def _is_layout(table: HtmlElement) -> bool:
    """Return whether a table only places things on the page: it holds another one, or headings, or one cell."""
    if (
        table.get("role") == "presentation"
        or next(table.iterdescendants("table", "h1", "h2", "h3", "form"), None) is not None
    ):
        return True
    return all(len(row.findall("td")) + len(row.findall("th")) <= 1 for row in table.iter("tr"))


def _table_of(row: HtmlElement) -> HtmlElement | None:
    return next(row.iterancestors("table"), None)


def _span(cell: HtmlElement, name: str, most: int = _MOST) -> int:
    words = (cell.get(name) or "1").strip()
    return max(1, min(int(words) if re.fullmatch(r"\d{1,6}", words) else 1, most, _MOST))


def _number(item: HtmlElement) -> str:
    """Return the number that a browser puts before an item of a numbered list, "" in other lists."""
    above = item.getparent()
    if above is None or above.tag != "ol" or "none" in (above.get("style") or "").lower():
        return ""
    before = sum(1 for other in item.itersiblings("li", preceding=True))
    first = above.get("start") or "1"
    number = (int(first) if re.fullmatch(r"-?\d{1,6}", first) else 1) + before
    if re.fullmatch(r"-?\d{1,6}", item.get("value") or ""):
        number = int(item.get("value"))
    if _CHINESE_LIST.search(above.get("style") or ""):
        return f"{ordinal(number, 'chineseCountingThousand')}、"
    return f"{ordinal(number, _LIST.get(above.get('type') or '1', 'decimal'))}. "


def _source(words: str | None, element: HtmlElement | None) -> str:
    """Return words of the source; in a `pre` its line breaks are line breaks."""
    if not words:
        return ""
    inside = element is not None and (element.tag == "pre" or next(element.iterancestors("pre"), None) is not None)
    return words.replace("\n", _BREAK) if inside else words.replace(_BREAK, " ")


def _laid_out(words: list[str]) -> str:
    return _BLANKS.sub(" ", _WRAPPED.sub("", "".join(words)))
