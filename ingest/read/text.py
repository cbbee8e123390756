"""Plain text and Markdown, in the encodings that Chinese offices use."""

from __future__ import annotations

import codecs
import re

from ingest.error import ReadError
from ingest.read.reading import Limits, Reading

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What charset-normalizer may answer, and the widest encoding of the same family to decode with.
_FAMILIES = {
    "gb18030": "gb18030", "gb2312": "gb18030", "gbk": "gb18030", "hz": "hz",
    "big5": "big5hkscs", "big5hkscs": "big5hkscs", "cp950": "cp950",
    "utf_16_le": "utf-16-le", "utf_16_be": "utf-16-be", "utf_16": "utf-16", "utf_8": "utf-8", "ascii": "ascii",
}  # fmt: skip
LARGEST = 32_000_000  # bytes; a text of this size takes about 1 GB while it is outlined
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_LOST = "\ufffd"  # stands in published texts where a character was lost; in number, the text itself was
# Ideographs, kana, Latin and punctuation that documents are written with.
_USUAL = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2049\u2460-\u24ff\x20-\x7e\s]")


def read(data: bytes, limits: Limits) -> Reading:
    """Return the decoded file.

    Raises:
        ReadError: no encoding fits, the bytes are no text, or there are too many.
    """
    if len(data) > LARGEST:
        raise ReadError(f"文本有 {len(data) / 1e6:.0f} MB，超过 {LARGEST / 1e6:.0f} MB 的上限：请拆分后再导入")
    return Reading(decode(data), "text")


def decode(data: bytes) -> str:
    """Return the text that `data` encode, unchanged but for a byte-order mark.

    Every byte is decoded or the file is refused: nothing is replaced or dropped.

    Raises:
        ReadError: no encoding fits, or the bytes are no text.
    """
    if not data.strip(b"\x00\xff\r\n\t \xef\xbb\xbf"):
        raise ReadError("文件没有文字内容（空文件，或只有 0x00/0xFF 字节）：请检查文件是否完整")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(_strict(data[len(bom) :], encoding))
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    return _checked(_detected(data))


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"文件标明为 {encoding} 编码，但第 {error.start} 字节起无法解码：请用原程序另存为 UTF-8"
        ) from error


def _detected(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    guesses = [_FAMILIES[best.encoding]] if best is not None and best.encoding in _FAMILIES else []
    texts = []
    for encoding in dict.fromkeys([*guesses, *_wide(data), "gb18030", "big5hkscs"]):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, UnicodeError):
            continue
        texts.append((_plausible(text), text))
    if not texts:
        raise ReadError("无法识别文字编码（不是 UTF-8、GB18030、Big5 或 UTF-16）：请用原程序另存为 UTF-8 文本")
    # The detector's guess comes first and wins unless another decoding is clearly more like a document.
    share, text = max(texts, key=lambda pair: round(pair[0], 2))
    if share < 0.9:
        raise ReadError("内容不像文字（可能是二进制文件，或编码已损坏）：请确认文件类型，或另存为 UTF-8 文本")
    return text


def _wide(data: bytes) -> list[str]:
    """Return UTF-16 where one of two bytes is zero far more often than in text of one byte a letter."""
    if len(data) % 2:
        return []
    even, odd = data[::2].count(0), data[1::2].count(0)
    return ["utf-16-le", "utf-16-be"] if odd >= even else ["utf-16-be", "utf-16-le"]


def _plausible(text: str) -> float:
    """Return the share of characters that documents are written with, less five times that of control characters."""
    if not text:
        return 0.0
    return len(_USUAL.findall(text)) / len(text) - 5 * len(_CONTROL.findall(text)) / len(text)


def _checked(text: str) -> str:
    """Refuse what decodes without being text: control or lost characters in number, or nothing but blanks."""
    if len(_CONTROL.findall(text)) > max(2, len(text) // 1000):
        raise ReadError("内容不是文字（含大量控制字符，可能是二进制文件）：请确认文件类型")
    if text.count(_LOST) > len(text) // 10:
        raise ReadError("文字大多已损坏（一成以上的字符丢失）：请从原程序重新导出")
    if not text.strip():
        raise ReadError("文件没有文字内容：请检查文件是否完整")
    return text
