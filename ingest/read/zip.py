"""ZIP archives: their members as files, within limits. Nothing is written to disk; no name in them is ever a path."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.error import ReadError
from ingest.read.kind import kind
from ingest.read.package import BROKEN
from ingest.read.reading import Limits

_DEPTH = 3  # archives in archives
_UNICODE_NAME = 0x7075  # the extra field of Info-ZIP that holds a name in UTF-8
_UTF8, _LOCKED = 0x800, 0x1  # flag bits (APPNOTE 4.4.4)
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive; `path` is where it lies in it. `why` says why it cannot be read; then `data` are empty."""

    path: str
    data: bytes
    why: str = ""


@dataclass(slots=True)
class _Left:
    """What may still be unpacked of an archive and of those in it."""

    size: int
    members: int


def members(data: bytes, limits: Limits) -> Iterator[Member]:
    """Yield the files of an archive, those of archives in it under the path of the inner one, folder marks left out.

    Raises:
        ReadError: the archive is damaged, or declares more than the limits allow; nothing was unpacked then.
    """
    yield from _members(data, limits, _Left(limits.unpacked, limits.members), 1)


def _members(data: bytes, limits: Limits, left: _Left, depth: int) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*BROKEN, KeyError) as error:
        raise ReadError("压缩包损坏或不完整：请重新获取，或解压后导入文件夹") from error
    with archive:
        found = [info for info in archive.infolist() if not info.is_dir()]
        size = sum(info.file_size for info in found)
        if size > left.size or len(found) > left.members:
            raise ReadError(
                f"压缩包解开后有 {len(found)} 个文件、{size / 1e6:.0f} MB，超过 {limits.members} 个、"
                f"{limits.unpacked / 1e6:.0f} MB 的上限（含内层压缩包）：没有解开，请分批解压后导入"
            )
        left.size -= size
        left.members -= len(found)
        for info in found:
            path = name(info)
            last = path.rpartition("/")[2]
            if path.startswith(_JUNK) or last in _JUNK or last.startswith((".", "~$")):
                continue
            limits.progress()
            yield from _member(archive, info, path, limits, left, depth)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, limits: Limits, left: _Left, depth: int
) -> Iterator[Member]:
    why = _refused(info, path, limits)
    if why:
        yield Member(path, b"", why)
        return
    try:
        data = archive.read(info)
    except BROKEN as error:
        said = "压缩方式不支持" if isinstance(error, NotImplementedError) else "压缩数据损坏"
        yield Member(path, b"", f"{said}（{' '.join(str(error).split())[:60]}）：请解压后单独导入")
        return
    suffix = path[path.rfind(".") :] if "." in path.rpartition("/")[2] else ""
    try:
        nested = kind(data, suffix).name == "zip"
    except ReadError:
        nested = False  # whoever reads the member says what is wrong with it
    if not nested:
        yield Member(path, data)
    elif depth >= _DEPTH:
        yield Member(path, b"", f"压缩包套了 {_DEPTH} 层以上：请解压后导入")
    else:
        try:
            for inner in _members(data, limits, left, depth + 1):
                yield Member(f"{path}/{inner.path}", inner.data, inner.why)
        except ReadError as error:
            yield Member(path, b"", str(error))


def _refused(info: zipfile.ZipInfo, path: str, limits: Limits) -> str:
    """Return why a member is not unpacked, "" for one that is."""
    if info.flag_bits & _LOCKED:
        return "压缩包里的这个文件有密码：请解压后导入"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "这是符号链接，不是文件：没有读取"
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        return "文件名指向压缩包之外：出于安全没有读取"
    if info.file_size > limits.size:
        return f"文件有 {info.file_size / 1e6:.0f} MB，超过 {limits.size / 1e6:.0f} MB 的上限：请拆分后再导入"
    return ""


def name(info: zipfile.ZipInfo) -> str:
    """Return the path of a member with forward slashes, and without characters that cannot be stored or mislead.

    A name without the mark of UTF-8 is in the code page of whoever packed it: UTF-8 where it is that, else GB18030,
    else Big5.
    """
    words = info.filename
    if not info.flag_bits & _UTF8:
        try:
            raw = words.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
        words = _extra(info, raw) or next(filter(None, (_decoded(raw, code) for code in _CODES)), words)
    words = words.replace("\\", "/")
    return "".join(sign if sign.isprintable() and sign not in _MISLEADING else f"<{ord(sign):04x}>" for sign in words)


_CODES = ("utf-8", "gb18030", "big5hkscs")
_MISLEADING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _extra(info: zipfile.ZipInfo, raw: bytes) -> str:
    """Return the name in the Unicode Path field, where its checksum is that of the name it stands for."""
    extra = info.extra
    while len(extra) >= 4:
        tag, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if tag == _UNICODE_NAME and len(field) > 5 and int.from_bytes(field[1:5], "little") == zlib.crc32(raw):
            return _decoded(field[5:], "utf-8")
    return ""
