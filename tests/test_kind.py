from pathlib import Path
from typing import Any

import pytest

from ingest.error import ReadError
from ingest.read import parse
from ingest.read.kind import SUFFIXES, kind
from tests.office import docx, packed, page, paragraph, xlsx

WORD, BOOK = docx(paragraph("甲")), xlsx({"Sheet1": [["甲"]]})
PAGE = page("各单位要抓好落实。").encode()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def stream(name: str) -> bytes:
    return OLE + (name + "\0").encode("utf-16-le")


@pytest.mark.parametrize(
    ("data", "suffix", "name"),
    [
        (WORD, ".docx", "docx"), (BOOK, ".xlsx", "xlsx"), (PAGE, ".htm", "html"), (b"%PDF-1.7\n", ".pdf", "pdf"),
        (packed({"a.txt": "甲"}), ".zip", "zip"), (packed({"OFD.xml": "<a/>"}), ".ofd", "ofd"), ("甲,乙".encode(), ".csv", "csv"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), ".odt", "doc"), (b"{\\rtf1", ".rtf", "doc"),
        (stream("WordDocument"), ".doc", "doc"), (stream("WordDocument"), ".wps", "doc"), (stream("Workbook"), ".et", "xls"),
        ("# 甲".encode(), ".md", "markdown"), ("甲".encode("gb18030"), ".txt", "text"), (b"", ".txt", "text"),
    ],
    ids=range(15),
)  # fmt: skip
def test_content_and_suffix_agree(data, suffix, name):
    assert (kind(data, suffix).name, kind(data, suffix).note) == (name, "")


@pytest.mark.parametrize(
    ("data", "suffix", "name"),
    [
        (WORD, ".doc", "docx"), (WORD, ".zip", "docx"), (WORD, "", "docx"), (BOOK, ".csv", "xlsx"), (PAGE, ".doc", "html"),
        (PAGE, ".xls", "html"), (PAGE.decode().encode("utf-16"), ".txt", "html"), (b"%PDF-1.4\n", ".docx", "pdf"),
        (stream("WordDocument"), ".docx", "doc"), ("甲\t乙\n丙\t丁\n".encode("gb18030"), ".xls", "csv"), ("各单位：\n".encode(), ".doc", "text"),
    ],
    ids=range(11),
)  # fmt: skip
def test_content_goes_before_the_suffix_and_a_disagreement_is_said(data, suffix, name):
    found = kind(data, suffix)

    assert found.name == name
    assert "内容却是" in found.note


def test_the_note_reaches_the_document():
    assert parse(WORD, ".doc").notes == ("扩展名是 .doc，内容却是Word（docx）：已按内容读取",)


@pytest.mark.parametrize(
    ("data", "suffix", "said"),
    [
        (stream("EncryptedPackage"), ".docx", "密码"), (stream("EncryptedPackage"), ".xlsx", "密码"), (stream("PowerPoint Document"), ".ppt", "演示文稿"),
        (packed({"[Content_Types].xml": "", "ppt/a.xml": ""}), ".pptx", "演示文稿"), (packed({"xl/workbook.bin": "", "[Content_Types].xml": ""}), ".xlsb", "xlsb"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 9, ".txt", "7-Zip"), (b"\x1f\x8b\x08" + bytes(range(256)) * 9, ".csv", "GZIP"),
    ],
    ids=range(7),
)  # fmt: skip
def test_what_is_known_and_not_read_is_refused_by_its_name(data, suffix, said):
    with pytest.raises(ReadError, match=said):
        kind(data, suffix)


def test_every_suffix_has_a_reader():
    from ingest.read.file import READERS

    assert set(SUFFIXES.values()) - set(READERS) == {"zip"}


def test_the_format_that_the_contributor_guide_adds_is_read(monkeypatch):
    from ingest.read import file
    from ingest.read import kind as kinds

    guide = (Path(__file__).resolve().parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    module: dict[str, Any] = {"__name__": "ingest.read.mail"}
    exec(guide.split("```python\n")[1].split("```")[0], module)
    monkeypatch.setitem(file.READERS, "mail", module["read"])
    monkeypatch.setitem(kinds.SUFFIXES, ".eml", "mail")
    mail = "Subject: 关于抓好落实的通知\nContent-Type: text/plain; charset=utf-8\n\n一、由市水务局牵头。\n"

    document = parse(mail.encode(), ".eml")

    assert document.text == "关于抓好落实的通知\n一、由市水务局牵头。\n"
    assert document.title.value == "关于抓好落实的通知"
