"""What a file is: by its content first, then by its suffix."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from dataclasses import dataclass

from ingest.error import ReadError
from ingest.read.package import BROKEN

# The kind that a suffix stands for. What is not here is read only where its content says what it is.
SUFFIXES: dict[str, str] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".pdf": "pdf",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".tif": "image",
    ".tiff": "image",
    ".ofd": "ofd",
    ".docx": "docx",
    ".docm": "docx",
    ".dotx": "docx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".csv": "csv",
    ".tsv": "csv",
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".xhtml": "html",
    ".mht": "html",
    ".mhtml": "html",
    ".zip": "zip",
    ".doc": "doc",
    ".wps": "doc",
    ".rtf": "doc",
    ".odt": "doc",
    ".xls": "xls",
    ".et": "xls",
    ".ods": "xls",
}
_NAMES = {
    "text": "文本", "markdown": "Markdown", "pdf": "PDF", "image": "图片", "ofd": "OFD", "docx": "Word（docx）",
    "xlsx": "Excel（xlsx）", "csv": "CSV 表格", "html": "网页", "zip": "ZIP 压缩包", 
    "doc": "旧版 Word 或 RTF、ODT 文字", "xls": "旧版 Excel 或 ODS 表格",
}  # fmt: skip
_WORDS = frozenset({"text", "markdown", "csv"})  # nothing in the content tells these from each other
_OFFICE = frozenset({"doc", "docx", "xls", "xlsx"})  # old systems write text and web pages under these names
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {"[content_types].xml", "word/document.xml", "xl/workbook.xml"}  # an Office container has one of these
_BEGIN = 4096  # bytes in which a file says what it is
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_SURE = 0.3  # of puremagic: a mark of three bytes
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html|<head|<body|<meta\s|<title)", re.I | re.S
)
_MHTML = re.compile(r"(?:[\w-]+:.*\r?\n(?:[ \t].*\r?\n)*)*?content-type:\s*multipart/related", re.I)


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of a file, "" for one that is not read, and what is to be said of it (suffix and content disagree)."""

    name: str
    note: str = ""


def kind(data: bytes, suffix: str) -> Kind:
    """Return the kind of a file with these bytes and this suffix (with its dot, in any case).

    Raises:
        ReadError: the content is of a kind that is known and not read, or is locked with a password.
    """
    suffix = suffix.lower()
    expected = SUFFIXES.get(suffix, "")
    found = _content(data, expected)
    if not found and expected in _WORDS | {"html"}:
        if foreign := _foreign(data):
            raise ReadError(
                f"扩展名是 {suffix}，内容却是 {foreign}：目前不读取这种文件，请另存为 PDF、Word 或文本后导入"
            )
        return Kind(expected)
    if not found:
        return _text(expected, suffix) if expected in _OFFICE and _decoded(data) else Kind(expected)
    if found == expected:
        return Kind(found)
    said = f"扩展名是 {suffix}" if suffix else "文件没有扩展名"
    return Kind(found, f"{said}，内容却是{_NAMES[found]}：已按内容读取")


def _text(expected: str, suffix: str) -> Kind:
    """Return the kind of plain words under the suffix of an Office file."""
    name = "csv" if expected in ("xls", "xlsx") else "text"
    return Kind(name, f"扩展名是 {suffix}，内容却是{_NAMES[name]}：已按内容读取")


def _content(data: bytes, expected: str) -> str:
    """Return the kind that the bytes themselves show, "" where they show none; `expected` decides between several."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK")):
        return _zipped(data)
    if data.startswith(_OLE):
        return _compound(data, expected)
    if data.lstrip(b"\xef\xbb\xbf\x00\t\r\n ").startswith(b"%PDF-") or b"%PDF-1." in data[:1024]:
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "doc"
    if data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")):
        return "image"
    begin = _decoded(data)
    return "html" if _HTML.match(begin) or _MHTML.match(begin) else ""


def _decoded(data: bytes) -> str:
    """Return the beginning of a text, near enough to see markup in it; "" for what is no text."""
    begin = data[:_BEGIN]
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if begin.startswith(bom):
            return begin[2:].decode(encoding, "replace")
    if _CONTROL.search(begin):
        return ""
    return begin.removeprefix(codecs.BOM_UTF8).decode("latin-1").strip()


def _zipped(data: bytes) -> str:
    """Return what lies in a zip container; a damaged one is "", so that its suffix decides who says so."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {info.filename.lower().replace("\\", "/") for info in archive.infolist()}
            declared = archive.getinfo("mimetype") if "mimetype" in names else None
            mimetype = archive.read(declared) if declared and declared.file_size < 200 else b""
    except (*BROKEN, KeyError):
        return ""
    if "ofd.xml" in names:
        return "ofd"
    if b"opendocument.text" in mimetype:
        return "doc"
    if b"opendocument.spreadsheet" in mimetype:
        return "xls"
    return _office(names) if names & _PARTS else "zip"


def _office(names: set[str]) -> str:
    """Return what an Office container is by the folder of its parts."""
    if "xl/workbook.bin" in names:
        raise ReadError("这是 Excel 二进制工作簿（xlsb）：请另存为 .xlsx 后导入")
    folders = {name.partition("/")[0] for name in names}
    if "ppt" in folders:
        raise ReadError("这是演示文稿（pptx）：目前不读取，请另存为 PDF 后导入")
    return "docx" if "word" in folders else "xlsx"


def _compound(data: bytes, expected: str) -> str:
    """Return what lies in a compound file (OLE), by the names of its streams, which are UTF-16."""
    if _has(data, "EncryptedPackage"):
        raise ReadError("文件有打开密码：请用原程序去掉密码（文件 → 信息 → 保护文档）后再导入")
    found = ["doc"] if _has(data, "WordDocument") else []
    found += ["xls"] if _has(data, "Workbook") or _has(data, "Book") else []
    if found:  # a document may hold one of the other kind
        return expected if expected in found else found[0]
    if _has(data, "PowerPoint Document"):
        raise ReadError("这是演示文稿（ppt）：目前不读取，请另存为 PDF 后导入")
    return ""  # Works and other old programs: the suffix decides


def _has(data: bytes, name: str) -> bool:
    """Return whether an entry of a compound file has this name, in any case; entries begin at multiples of 128."""
    words = re.compile(re.escape((name + "\0").encode("utf-16-le")), re.I)
    return any(found.start() % 128 == 0 for found in words.finditer(data))


def _foreign(data: bytes) -> str:
    """Return the name of a kind that puremagic sees in a file that passes for text, "" where it sees none."""
    begin = data[: 1 << 16]
    if not _CONTROL.search(begin):  # a text: no mark that is looked for below can be in it
        return ""
    import puremagic

    try:
        found = puremagic.magic_string(begin)
    except (puremagic.PureError, ValueError):
        return ""
    # Marks that are words themselves (BEGIN:, GIF89a) may begin a text; the text reader refuses what is none.
    sure = [match for match in found if match.confidence >= _SURE and _CONTROL.search(match.byte_match.strip(b"\0"))]
    best = max(sure, key=lambda match: match.confidence, default=None)
    return (best.name.strip() or best.extension) if best else ""
