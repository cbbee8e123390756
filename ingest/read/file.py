"""One file: chosen reader, canonical text, then particulars, outline and chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ingest.chunk import chunks
from ingest.document import Document, Stated, document_id
from ingest.error import ReadError
from ingest.outline import outline
from ingest.particulars import particulars
from ingest.read import csv, docx, html, image, legacy, ofd, pdf, xlsx
from ingest.read import text as plain
from ingest.read.kind import kind
from ingest.read.reading import Limits, Reading, beating, patience
from ingest.read.zip import members

# Which reader reads which kind. A format is a module with one function, a line here and its suffixes in `kind`.
READERS: dict[str, Callable[[bytes, Limits], Reading]] = {
    "text": plain.read,
    "markdown": plain.read,
    "pdf": pdf.read,
    "ofd": ofd.read,
    "image": image.read,
    "docx": docx.read,
    "xlsx": xlsx.read,
    "csv": csv.read,
    "html": html.read,
    "doc": legacy.read_words,
    "xls": legacy.read_cells,
}


READ = "PDF、OFD、Word、Excel、WPS、ODF、RTF、CSV、网页、文本、Markdown、图片，以及它们的 ZIP 压缩包"


@dataclass(frozen=True, slots=True)
class Piece:
    """A document that a file holds.

    `path` is where it lies in an archive, "" where the file itself is the document; `data` are its own bytes.
    `document` is None where it could not be read, and `why` says why.
    """

    path: str
    data: bytes
    document: Document | None
    why: str = ""


def load(path: Path, limits: Limits) -> bytes:
    """Return the bytes of the file at `path`.

    Raises:
        ReadError: the file is missing, unreadable, or too large. The message does not repeat the path.
    """
    try:
        size = path.stat().st_size
        if size > limits.size:
            raise ReadError(f"文件有 {size / 1e6:.0f} MB，超过 {limits.size / 1e6:.0f} MB 的上限：请拆分后再导入")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError("文件不存在：请检查路径") from error
    except PermissionError as error:
        raise ReadError("没有读取权限：请修改文件权限，或换有权限的用户运行") from error
    except IsADirectoryError as error:
        raise ReadError("这是文件夹，不是文件") from error
    except OSError as error:
        raise ReadError(f"读取失败（{error.strerror}）：请检查磁盘或网络位置") from error


def read(path: Path, limits: Limits = Limits()) -> tuple[Document, bytes]:  # noqa: B008 - it is frozen
    """Read the file at `path`.

    Returns:
        The document, and the bytes that it was read from.

    Raises:
        ReadError: the file is missing, unreadable, too large, of a kind that is not read, or no text. The message says
            what to do, and does not repeat the path.
    """
    data = load(path, limits)
    return parse(data, path.suffix, limits), data


def pieces(data: bytes, suffix: str, limits: Limits = Limits()) -> Iterator[Piece]:  # noqa: B008 - it is frozen
    """Yield the documents that a file holds: itself, or each member of an archive as soon as it is read.

    Raises:
        ReadError: the file itself cannot be read; what was yielded before stands.
    """
    if kind(data, suffix).name != "zip":
        yield Piece("", data, parse(data, suffix, limits))
        return
    empty = True
    for member in members(data, limits):
        empty = False
        try:
            if member.why:
                raise ReadError(member.why)
            yield Piece(member.path, member.data, parse(member.data, PurePosixPath(member.path).suffix, limits))
        except ReadError as error:
            yield Piece(member.path, b"", None, str(error))
    if empty:
        raise ReadError("压缩包里没有文件：请检查是否完整")


def parse(data: bytes, suffix: str = ".txt", limits: Limits = Limits()) -> Document:  # noqa: B008 - it is frozen
    """Return the document that `data` are, read by the reader for their kind.

    Args:
        data: the bytes of a file.
        suffix: of its name, with the dot; says what the file is where the bytes do not.
        limits: how much it may take.

    Raises:
        ReadError: the bytes cannot be read as that kind.
    """
    if not data:
        raise ReadError("文件是空的（0 字节）：请重新获取，或检查是否下载完整")
    found = kind(data, suffix)
    if found.name not in READERS:
        raise ReadError(f"暂不支持 {suffix or '没有扩展名的'} 文件：目前读取 {READ}，请另存为其中一种")
    reading = READERS[found.name](data, limits)
    if len(reading.text) > limits.characters:
        raise ReadError(
            f"文字有 {len(reading.text) / 1e4:.0f} 万字，超过 {limits.characters / 1e4:.0f} 万字的上限：请拆分后再导入"
        )
    with beating(limits, patience(reading.text)):
        return _document(data, replace(reading, notes=(*filter(None, (found.note,)), *reading.notes)))


def _document(data: bytes, reading: Reading) -> Document:
    sections = outline(reading.text, {mark.start: mark.level for mark in reading.marks}, reading.hidden)
    found = particulars(reading.text, sections)
    hints = reading.hints
    return Document(
        id=document_id(data),
        text=reading.text,
        script=found.script,
        title=found.title or _hinted(reading, hints.title),
        issuer=found.issuer or _hinted(reading, hints.issuer),
        number=found.number or _hinted(reading, hints.number),
        date=found.date or _hinted(reading, hints.date),
        sections=sections,
        chunks=chunks(reading.text, sections),
        kind=reading.kind,
        pages=reading.pages,
        lines=reading.lines,
        notes=reading.notes,
    )


def _hinted(reading: Reading, value: str | None) -> Stated | None:
    """Return what the metadata say, with its place where the text has the same words, else with an empty span."""
    if not value or not value.strip():
        return None
    at = max(reading.text.find(value), 0)
    return Stated(value, at, at + len(value) if reading.text.startswith(value, at) else at)
