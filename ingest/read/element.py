"""Elements of office XML by their local names, so that strict and transitional files read alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


def local(element: _Element) -> str:
    """Return the name of an element without its namespace, "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: _Element | None, name: str) -> _Element | None:
    """Return the first child with a local name."""
    return None if element is None else next((child for child in element if local(child) == name), None)


def children(element: _Element, name: str) -> list[_Element]:
    """Return the children of the first child with a local name."""
    found = child(element, name)
    return [] if found is None else list(found)


def value(element: _Element | None, name: str) -> str:
    """Return an attribute by its local name, "" where it or the element is missing."""
    if element is None:
        return ""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


def flag(element: _Element | None) -> bool | None:
    """Return whether an on-off property is on; None where it is not given."""
    return None if element is None else value(element, "val") not in ("0", "false", "off")


def number(element: _Element | None, otherwise: int) -> int:
    """Return the whole number in the attribute `val`, or `otherwise`."""
    return number_of(value(element, "val"), otherwise)


def number_of(words: str, otherwise: int) -> int:
    """Return a whole number of at most nine digits, or `otherwise`."""
    return int(words) if re.fullmatch(r"-?\d{1,9}", words) else otherwise
