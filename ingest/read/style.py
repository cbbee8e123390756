"""Styles and lists of a Word file: which paragraph is a heading, is numbered by which list, or is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.read.element import child, flag, local, number, number_of, value
from ingest.read.numbering import Level, Numbered, Numbering
from ingest.read.package import Package

if TYPE_CHECKING:
    from lxml.etree import _Element


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based: str
    depth: int | None
    number: str | None
    level: int | None
    hides: bool | None


class Styles:
    """What paragraphs have from their style, or from those it is based on."""

    def __init__(self, styles: dict[str, _Style], default: str) -> None:
        self._styles = styles
        self._default = default
        self.levels: dict[tuple[str, str], int] = {}  # (list, style) -> the level that this list gives the style

    @classmethod
    def of(cls, package: Package, part: str | None) -> Styles:
        """Read the styles from their part; without one there are none."""
        styles: dict[str, _Style] = {}
        default = ""
        for element in package.tree(part) if part else ():
            if local(element) != "style":
                continue
            ident = value(element, "styleId")
            paragraph, run = child(element, "pPr"), child(element, "rPr")
            listed, level = _list_of(paragraph)
            styles[ident] = _Style(
                name=value(child(element, "name"), "val").lower(),
                based=value(child(element, "basedOn"), "val"),
                depth=_outline(paragraph),
                number=listed,
                level=level,
                hides=flag(child(run, "vanish")),
            )
            if value(element, "type") == "paragraph" and value(element, "default") in ("1", "true", "on"):
                default = ident
        return cls(styles, default)

    def chain(self, ident: str) -> list[tuple[str, _Style]]:
        """Return the style with its id and those that it is based on, the nearest first; a circle is walked once."""
        found: dict[str, _Style] = {}
        while ident in self._styles and ident not in found:
            found[ident] = self._styles[ident]
            ident = self._styles[ident].based
        return list(found.items())

    def name(self, properties: _Element | None) -> str:
        """Return the built-in name of a paragraph's style in lower case, as "heading 1" or "toc 2"."""
        return next((style.name for _, style in self._chain(properties)), "")

    def depth(self, properties: _Element | None) -> int:
        """Return the depth of a paragraph as a heading, 1 the highest; 0 for what is none."""
        own = _outline(properties)
        if own is None:
            for _, style in self._chain(properties):
                named = re.fullmatch(r"(?:heading|标题|標題)\s*([1-9])", style.name)
                if style.name in ("title", "标题") and style.depth is None:
                    return 1
                own = style.depth if style.depth is not None else int(named[1]) - 1 if named else None
                if own is not None:
                    break
        return own + 1 if own is not None and 0 <= own < 9 else 0

    def numbered(self, properties: _Element | None) -> tuple[str, int] | None:
        """Return the list and level that number a paragraph, None for one without a number (17.9.18, 17.9.23)."""
        listed, level = _list_of(properties)
        if listed is None:
            for ident, style in self._chain(properties):
                if style.number is not None:
                    listed = style.number
                    if level is None:
                        level = self.levels.get((listed, ident), style.level)
                    break
        if listed is None or listed == "0":
            return None
        return listed, level if level is not None and 0 <= level < 9 else 0

    def hides(self, properties: _Element | None) -> bool:
        """Return whether the style of a paragraph hides its words."""
        return next((style.hides for _, style in self._chain(properties) if style.hides is not None), False)

    def run_hides(self, properties: _Element | None, otherwise: bool) -> bool:
        """Return whether a run is hidden: by itself, by its style, or as its paragraph is."""
        own = flag(child(properties, "vanish"))
        if own is not None:
            return own
        ident = value(child(properties, "rStyle"), "val")
        return next((style.hides for _, style in self.chain(ident) if style.hides is not None), otherwise)

    def _chain(self, properties: _Element | None) -> list[tuple[str, _Style]]:
        return self.chain(value(child(properties, "pStyle"), "val") or self._default)


def lists(package: Package, part: str | None, styles: Styles) -> Numbering:
    """Return the lists of a document, and tell `styles` which level each gives a style."""
    families: dict[str, dict[int, Level]] = {}
    linked: dict[str, str] = {}
    found: dict[str, Numbered] = {}
    for element in package.tree(part) if part else ():
        if local(element) == "abstractNum":
            ident = value(element, "abstractNumId")
            families[ident] = dict(_level(inner) for inner in element if local(inner) == "lvl")
            link = value(child(element, "numStyleLink"), "val")
            if link and not families[ident]:
                linked[ident] = link
        elif local(element) == "num":
            ident = value(element, "numId")
            family = value(child(element, "abstractNumId"), "val")
            if family in linked:  # it points to a style, and that to the list that has the levels
                style = next((style for _, style in styles.chain(linked[family])), None)
                family = found[style.number].family if style and style.number in found else family
            found[ident] = _overridden(element, family, families.get(family, {}))
            styles.levels.update({(ident, level.style): at for at, level in found[ident].levels.items() if level.style})
    return Numbering(found)


def _overridden(element: _Element, family: str, given: Mapping[int, Level]) -> Numbered:
    """Return a list (w:num) with what it overrides of its family."""
    levels, starts = dict(given), {}
    for override in element:
        if local(override) == "lvlOverride":
            at = number_of(value(override, "ilvl"), 0)
            start, own = child(override, "startOverride"), child(override, "lvl")
            if own is not None:
                levels[at] = _level(own)[1]
            if start is not None:
                starts[at] = number(start, 1)
    return Numbered(family, levels, starts)


def _level(element: _Element) -> tuple[int, Level]:
    form = child(element, "numFmt")
    if form is None:  # newer formats stand in an AlternateContent, whose fallback is an older one
        form = next((inner for inner in element.iter() if local(inner) == "numFmt"), None)
    restart = child(element, "lvlRestart")
    return number_of(value(element, "ilvl"), 0), Level(
        start=number(child(element, "start"), 0),
        format=value(form, "val") or "decimal",
        text=value(child(element, "lvlText"), "val"),
        suffix=value(child(element, "suff"), "val") or "tab",
        restart=None if restart is None else number(restart, 0),
        legal=bool(flag(child(element, "isLgl"))),
        style=value(child(element, "pStyle"), "val"),
    )


def _list_of(properties: _Element | None) -> tuple[str | None, int | None]:
    numbered = child(properties, "numPr")
    listed, level = child(numbered, "numId"), child(numbered, "ilvl")
    return (None if listed is None else value(listed, "val")), (None if level is None else number(level, 0))


def _outline(properties: _Element | None) -> int | None:
    found = child(properties, "outlineLvl")
    return None if found is None else number(found, 9)
