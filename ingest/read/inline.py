"""What stands inside a paragraph of Word: runs, fields, changes, boxes; read as when all changes are accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.read.element import child, local, number_of, value
from ingest.read.style import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element

# Elements that only enclose others. What is not named here or below holds no words: properties, bookmarks, deletions.
_ENCLOSES = frozenset({
    "hyperlink", "ins", "moveTo", "smartTag", "sdt", "sdtContent", "customXml", "fldSimple", "bdo", "dir", "ruby",
    "rubyBase", "oMath", "oMathPara", "num", "den", "e", "deg", "lim", "fName", "d", "m", "mr", "acc", "bar", "func",
    "nary", "limLow", "limUpp", "rad", "sSub", "sSup", "sSubSup", "box", "borderBox", "groupChr", "eqArr", "sPre",
    "sub", "sup",
})  # fmt: skip
_BOXES = frozenset({"drawing", "pict", "object", "txbxContent"})
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
# Boxes to tick in Wingdings and its sisters; what else those fonts draw says nothing.
_TICKS = {0x52: "☑", 0xFE: "☑", 0x53: "☒", 0xFD: "☒", 0xA3: "□", 0xA8: "□", 0x6F: "□", 0x71: "□", 0xFC: "√", 0xFB: "×"}
# ① above ⑩ is typed in Word as a character with a circle laid over it.
_CIRCLED = re.compile(r"eq\s*\\o\\ac\(\s*[○〇◯]\s*[,，;；]\s*(\d{1,2})\s*\)", re.I)


@dataclass(slots=True)
class Field:
    """A complex field (ISO/IEC 29500-1, 17.16.18): its instruction is not shown, its result is."""

    instruction: str = ""
    shown: bool = False

    @property
    def is_contents(self) -> bool:
        """Return whether the field is a table of contents."""
        return self.shown and self.instruction.split()[:1] == ["TOC"]


@dataclass(slots=True)
class Inline:
    """Reads paragraphs in order; a field may reach over several.

    `boxes` are the text boxes met since they were last taken, `notes` the references to foot- and endnotes, each as
    (kind, id) in order, `hidden` whether words were left out because they are not shown.
    """

    styles: Styles
    boxes: list[_Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    hidden: bool = False
    _fields: list[Field] = field(default_factory=list)

    def words(self, paragraph: _Element, properties: _Element | None) -> str:
        """Return the words of a paragraph with these properties; line breaks in it are line breaks."""
        words = "".join(self._within(paragraph, self.styles.hides(properties)))
        self._fields = [one for one in self._fields if one.shown]  # an instruction ends where it begins, or is damaged
        return words

    @property
    def in_contents(self) -> bool:
        """Return whether a table of contents is open."""
        return any(one.is_contents for one in self._fields)

    def _within(self, element: _Element, hidden: bool) -> Iterator[str]:
        for inner in element:
            name = local(inner)
            if name == "t":
                yield (inner.text or "") if self._shown else ""
            elif name == "r":
                yield from self._run(inner, hidden)
            elif name in _ENCLOSES:
                yield from self._within(inner, hidden)
            elif name == "f":  # a fraction
                yield "/".join("".join(self._within(part, hidden)) for part in inner if local(part) in ("num", "den"))
            elif name == "AlternateContent":
                for choice in chosen(inner):
                    yield from self._within(choice, hidden)
            else:
                yield self._sign(inner, name)

    def _run(self, run: _Element, hidden: bool) -> Iterator[str]:
        if not self.styles.run_hides(child(run, "rPr"), hidden):
            yield from self._within(run, hidden)
        elif any(local(inner) == "t" and (inner.text or "").strip() for inner in run):
            self.hidden = True

    def _sign(self, element: _Element, name: str) -> str:
        """Return what an element that encloses no text stands for, and remember what it opens."""
        if name in _SIGNS:
            return _SIGNS[name] if self._shown else ""
        if name in _BOXES:
            self.boxes.extend(_boxes(element))
        elif name in _NOTES:
            self.notes.append((_NOTES[name], value(element, "id")))
        elif name == "sym" and "ing" in value(element, "font"):
            return _TICKS.get(int(re.sub(r"[^0-9A-Fa-f]", "", value(element, "char"))[-4:] or "0", 16) & 0xFF, "")
        elif name == "instrText" and self._fields:
            self._fields[-1].instruction += element.text or ""
        elif name == "fldChar":
            return self._field(value(element, "fldCharType"))
        return ""

    def _field(self, act: str) -> str:
        if act == "begin":
            self._fields.append(Field())
        elif self._fields and act == "separate":
            self._fields[-1].shown = True
        elif self._fields and act == "end":
            circled = _CIRCLED.search(self._fields.pop().instruction)
            if circled and 1 <= number_of(circled[1], 0) <= 20 and self._shown:
                return chr(ord("①") + int(circled[1]) - 1)
        return ""

    @property
    def _shown(self) -> bool:
        return all(one.shown for one in self._fields)


def chosen(element: _Element) -> list[_Element]:
    """Return the one alternative of an AlternateContent that counts, in a list; none where it is empty."""
    return [inner for name in ("Choice", "Fallback") for inner in element if local(inner) == name][:1]


def _boxes(element: _Element) -> list[_Element]:
    """Return the contents of the text boxes in a drawing; a box in a box is met when the outer one is read."""
    if local(element) == "txbxContent":
        return [element]
    found: list[_Element] = []
    for inner in element:
        for part in chosen(inner) if local(inner) == "AlternateContent" else [inner]:
            found.extend(_boxes(part))
    return found
