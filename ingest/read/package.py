"""A zip container that is one document (docx, xlsx, ofd): opened only after its declared sizes are within limits."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.error import ReadError
from ingest.read.element import local
from ingest.read.reading import Limits

if TYPE_CHECKING:
    from lxml.etree import _Element

_PARTS = 20_000  # members; a document with a picture on each of its thousands of pages has fewer
_TREE = 48_000_000  # bytes of XML that are held as a tree at once, which takes ten times as much
_NODES = 1_500_000  # elements of one block; a table of 100,000 cells has a million
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What zipfile raises for a damaged, locked or unknown member."""


class Package:
    """The parts of a container by name. Nothing is unpacked beyond what the directory declares."""

    def __init__(self, data: bytes, limits: Limits, name: str) -> None:
        """Open a container, `name` being what it is called in messages.

        Raises:
            ReadError: it is damaged, locked, or declares more than the limits allow.
        """
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (*BROKEN, KeyError) as error:
            raise ReadError(f"{name}文件损坏或不完整（不是有效的压缩结构）：请重新获取，或用原程序另存一份") from error
        members = self._zip.infolist()
        total = sum(info.file_size for info in members)
        if len(members) > _PARTS or total > limits.unpacked:
            raise ReadError(
                f"{name}文件解开后有 {len(members)} 个部件、{total / 1e6:.0f} MB，"
                f"超过 {_PARTS} 个、{limits.unpacked / 1e6:.0f} MB 的上限：没有打开"
            )
        self._members = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in members}

    def has(self, part: str) -> bool:
        """Return whether there is a part with this name, in any case."""
        return part.lstrip("/").lower() in self._members

    def read(self, part: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            ReadError: it is missing, damaged, locked or larger than what is held at once.
        """
        info = self._info(part)
        if info.file_size > _TREE:
            raise ReadError(f"{self._name}文件的 {part} 有 {info.file_size / 1e6:.0f} MB，超过上限：请拆分后再导入")
        try:
            return self._zip.read(info)
        except BROKEN as error:
            raise self._damaged(part, error) from error

    def tree(self, part: str) -> _Element:
        """Return a part as XML; entities are not expanded and nothing outside it is read.

        Raises:
            ReadError: as for `read`, or it is no XML, or declares a DTD, which these formats do not have.
        """
        from lxml import etree

        data = self.read(part)
        if not data.strip():
            raise self._damaged(part, None)
        try:
            root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        except (etree.XMLSyntaxError, ValueError) as error:
            raise self._damaged(part, error) from error
        self._plain(root, part)
        return root

    def blocks(self, part: str, names: frozenset[str]) -> Iterator[_Element]:
        """Yield each element with a local name in `names` that lies in no other such one; the next call forgets it.

        So the memory that a part takes is that of its largest block.

        Raises:
            ReadError: as for `tree`, or a block alone is larger than what is held at once.
        """
        from lxml import etree

        try:
            with self._zip.open(self._info(part)) as file:
                events = etree.iterparse(file, events=("start", "end"), resolve_entities=False, no_network=True)
                block: _Element | None = None
                count = 0
                for event, element in events:
                    if event == "start":
                        if not count:
                            self._plain(element, part)
                        count += 1
                        if count > _NODES:
                            raise ReadError(f"{self._name}文件的 {part} 里有过大的表格或段落：请拆分后再导入")
                        if block is None and local(element) in names:
                            block = element
                    elif block is not None and element is block:
                        yield element
                        block = None
                        count = 1
                        element.clear()
                        above = element.getparent()
                        while above is not None and element.getprevious() is not None:
                            del above[0]
        except (etree.XMLSyntaxError, *BROKEN) as error:
            raise self._damaged(part, error) from error

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to inside the container: id -> (last word of the type, name of the part)."""
        folder, name = posixpath.split(part.lstrip("/"))
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(rels):
            return {}
        found = {}
        for relation in self.tree(rels):
            target = unquote(relation.get("Target") or "")
            if relation.get("TargetMode") == "External" or not target:
                continue
            path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[relation.get("Id") or ""] = ((relation.get("Type") or "").rpartition("/")[2], path)
        return found

    def _info(self, part: str) -> zipfile.ZipInfo:
        try:
            return self._members[part.lstrip("/").lower()]
        except KeyError:
            raise ReadError(f"{self._name}文件不完整，缺少 {part}：请用原程序另存一份") from None

    def _plain(self, root: _Element, part: str) -> None:
        if root.getroottree().docinfo.doctype:
            raise ReadError(f"{self._name}文件的 {part} 声明了 DTD 或实体，正常文件没有：出于安全没有打开")

    def _damaged(self, part: str, error: Exception | None) -> ReadError:
        if "password" in str(error) or "encrypted" in str(error):
            return ReadError(f"{self._name}文件有密码：请去掉密码后再导入")
        why = " ".join(str(error).split())[:80] if error else "空白"
        return ReadError(f"{self._name}文件的 {part} 损坏（{why}）：请重新获取，或用原程序另存一份")
