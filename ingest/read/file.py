"""One file: chosen reader, canonical text, then particulars, outline and chunks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.chunk import chunks
from ingest.document import Document, document_id
from ingest.error import ReadError
from ingest.outline import outline
from ingest.particulars import particulars
from ingest.read import text as plain

# Which reader reads which suffix. A format is a module with one function from bytes to canonical text, and a line here.
READERS: dict[str, Callable[[bytes], str]] = {
    ".txt": plain.decode,
    ".text": plain.decode,
    ".md": plain.decode,
    ".markdown": plain.decode,
}
LARGEST = 32 * 1024 * 1024  # bytes; a text of this size takes about 1 GB while it is outlined


def read(path: Path) -> tuple[Document, bytes]:
    """Read the file at `path`.

    Returns:
        The document, and the bytes that it was read from.

    Raises:
        ReadError: the file is missing, unreadable, too large, of a kind that is not read, or no text. The message says
            what to do, and does not repeat the path.
    """
    if path.suffix.lower() not in READERS:
        raise ReadError(
            f"暂不支持 {path.suffix or '没有扩展名的'} 文件：目前读取 {' '.join(sorted(READERS))}，请另存为文本"
        )
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise ReadError(f"文件有 {size / 1e6:.0f} MB，超过 {LARGEST / 1e6:.0f} MB 的上限：请拆分后再导入")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError("文件不存在：请检查路径") from error
    except PermissionError as error:
        raise ReadError("没有读取权限：请修改文件权限，或换有权限的用户运行") from error
    except IsADirectoryError as error:
        raise ReadError("这是文件夹，不是文件") from error
    except OSError as error:
        raise ReadError(f"读取失败（{error.strerror}）：请检查磁盘或网络位置") from error
    return parse(data, path.suffix), data


def parse(data: bytes, suffix: str = ".txt") -> Document:
    """Return the document that `data` are, read by the reader for `suffix`.

    Raises:
        ReadError: the bytes cannot be read as that kind.
    """
    text = READERS[suffix.lower()](data)
    sections = outline(text)
    found = particulars(text, sections)
    return Document(
        id=document_id(data),
        text=text,
        script=found.script,
        title=found.title,
        issuer=found.issuer,
        number=found.number,
        date=found.date,
        sections=sections,
        chunks=chunks(text, sections),
    )
