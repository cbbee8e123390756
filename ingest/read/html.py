"""Web pages: trafilatura finds where the document stands in the page; all that stands there is read by ourselves.

So nothing of the document is left out that trafilatura would (short lines, cells), and spans point into our own text.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from ingest.error import ReadError
from ingest.read.draft import Draft
from ingest.read.page_text import PageText, is_shown, plain
from ingest.read.reading import Hints, Limits, Reading
from ingest.read.text import LARGEST, decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LARGE = 4_000_000  # characters; above that trafilatura takes minutes, and the page is read whole
_SHARE = 0.9  # of what was found has to lie in one element
_LEAVES = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "pre", "blockquote", "dl", "ul", "ol", "tr", "span"}
)
_ENCODINGS = ("gb18030", "big5hkscs", "cp950", "utf-16-le", "utf-16-be")
_WESTERN = frozenset({"iso-8859-1", "iso-8859-15", "latin1", "windows-1252"})
_ASCII = bytes(range(128))
_TAGS = re.compile(rb"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>|&\w+;|&#\w+;", re.I | re.S)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_DAY = r"((?:19|20)\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})"
# What the page says of the document outside of it, in the tables and lines above the text.
_STATED = {
    "number": re.compile(
        r"(?:发文字号|文\s*号|發文字號)\s*[:：]?\s*(\S{1,14}?\s*[〔\[【(（]\s*\d{4}\s*[〕\]】)）]\s*第?\d{1,5}\s*号)"
    ),
    "issuer": re.compile(r"(?:发文机关|发布机构|发文单位|发布单位|信息来源|文章来源|来源)\s*[:：]\s*([^\s:：|]{2,30})"),
    "date": re.compile(rf"(?:(?:成文|发文|发布|公开)?日期|(?:发布)?时间)\s*[:：]\s*({_DAY})"),
}
# Names of meta elements: those of the guide for government sites (国办发〔2017〕47号, 附件2), and what others use.
_METAS = {
    "title": ("articletitle", "og:title"),
    "issuer": ("contentsource", "source"),
    "date": ("pubdate", "publishdate", "article:published_time", "og:pubdate", "date"),
}


def read(data: bytes, limits: Limits) -> Reading:
    """Return the document that stands in a page, or in a web archive (.mht).

    Raises:
        ReadError: no encoding fits, the file is over a limit, or it holds no words.
    """
    from lxml import etree, html

    if len(data) > LARGEST:
        raise ReadError(f"网页有 {len(data) / 1e6:.0f} MB，超过 {LARGEST / 1e6:.0f} MB 的上限：请另存为 PDF 再导入")
    markup = _markup(_archived(data))
    # Elements that were never closed nest deeper than the usual limit of 256; with `huge_tree` it is 2048.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ReadError("网页里没有内容：请检查文件是否完整，或在浏览器里另存一次") from error
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise ReadError("网页的结构嵌套过深，读不完整：请在浏览器里打开，另存为 PDF 再导入")
    limits.progress()
    body = root.find("body") if root.find("body") is not None else root
    part = _document(body, markup) if len(markup) <= _LARGE else body
    limits.progress()
    draft = Draft(limits)
    metas = {_name(meta): (meta.get("content") or "").strip() for meta in reversed(root.findall(".//meta"))}
    around = " ".join(plain(body).split()) if part is not body else ""
    hints = _hints(metas, around)
    _title(draft, root, part, hints.title, around)
    PageText(draft, limits).write(part)
    return draft.reading("html", hints=hints)


def _archived(data: bytes) -> bytes:
    """Return the page of a web archive (RFC 2557), or the data where they are none."""
    if not re.match(rb"\s*(?:[\w-]+:|\xef\xbb\xbf)", data) or b"multipart/related" not in data[:4096].lower():
        return data
    import email

    for part in email.message_from_bytes(data.lstrip()).walk():
        if part.get_content_type() == "text/html":
            held = part.get_payload(decode=True)
            return held if isinstance(held, bytes) else b""
    raise ReadError("网页归档里没有网页：请在浏览器里另存为 .html 再导入")


def _markup(data: bytes) -> str:
    """Return the page as characters. The encoding that it declares is one guess among others: it is often wrong."""
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):  # fmt: skip
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    try:
        if b"\x00" not in data:
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    words = data if b"\x00" in data else _TAGS.sub(b" ", data)  # markup is ASCII, and would hide a wrong guess
    found = _CHARSET.search(data[:4096])
    declared = found[1].decode("ascii", "replace").lower() if found else ""
    if declared in _WESTERN and len(words.translate(None, _ASCII)) * 10 < len(words):
        return data.decode("cp1252", "replace")  # a Chinese page with this mistake has far more such bytes
    text = decode(words)
    for encoding in (*((declared,) if declared else ()), *_ENCODINGS):
        try:
            if words.decode(encoding) == text:
                return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise ReadError("无法识别网页的文字编码：请在浏览器里另存一次再导入")


def _document(body: HtmlElement, markup: str) -> HtmlElement:
    """Return the smallest element that holds what trafilatura takes for the main text, and prose beside it."""
    import trafilatura

    found = trafilatura.bare_extraction(markup, include_comments=False, favor_recall=True, as_dict=False)
    text = _squeezed(getattr(found, "text", None) or "")
    if not text:
        return body
    weights: dict[HtmlElement, int] = {}
    total = 0
    for leaf in body.iter(*_LEAVES):
        if any(local.tag in _LEAVES for local in leaf.iterdescendants()):
            continue
        words = _squeezed(plain(leaf))
        if len(words) >= 2 and words in text:
            total += len(words)
            above: HtmlElement | None = leaf
            while above is not None and above is not body.getparent():
                weights[above] = weights.get(above, 0) + len(words)
                above = above.getparent()
    if not total:
        return body
    part = body
    while True:
        inner = next((child for child in part if weights.get(child, 0) >= _SHARE * total), None)
        if inner is None or inner.tag in _LEAVES or inner.tag == "table":
            break
        part = inner
    while part is not body and _has_prose_beside(part):
        part = part.getparent()
    return part


def _has_prose_beside(part: HtmlElement) -> bool:
    """Return whether sentences stand beside an element that are no navigation: two or more, outside of links."""
    words = []
    for beside in (*part.itersiblings(preceding=True), *part.itersiblings()):
        if isinstance(beside.tag, str) and beside.tag not in ("nav", "header", "footer", "aside") and is_shown(beside):
            words.append(plain(beside, links=False))
    return sum(map("".join(words).count, "。；")) >= 2


def _title(draft: Draft, root: HtmlElement, part: HtmlElement, stated: str | None, around: str) -> None:
    """Append the title of the page as its heading where it stands on the page, but above the document."""
    headings = [" ".join(plain(heading).split()) for heading in root.iter("h1")]
    named = " ".join((root.findtext(".//title") or "").split())
    for title in (stated, *headings, named, *re.split(r"\s*[-_|—–]+\s*", named)[:1]):
        if title and len(title) >= 4:
            inside = _squeezed(title) in _squeezed(plain(part))
            if not inside and title in around:
                draft.line(title, level=1)
            if inside or title in around:
                return


def _hints(metas: dict[str, str], around: str) -> Hints:
    """Return what the page says of the document: in its meta elements, then in the lines around it."""
    found: dict[str, str | None] = {
        field: next((metas[name] for name in names if metas.get(name)), None) for field, names in _METAS.items()
    }
    for field, pattern in _STATED.items():
        stated = pattern.search(around)
        if stated and not found.get(field):
            found[field] = stated[1]
    date = re.search(_DAY, found.get("date") or "")
    return Hints(
        title=found.get("title"),
        issuer=found.get("issuer"),
        number=found.get("number"),
        date=f"{date[1]}-{int(date[2]):02}-{int(date[3]):02}" if date and _is_day(date) else None,
    )


def _is_day(date: re.Match[str]) -> bool:
    return 1 <= int(date[2]) <= 12 and 1 <= int(date[3]) <= 31


def _name(meta: HtmlElement) -> str:
    return (meta.get("name") or meta.get("property") or "").strip().lower()


def _squeezed(words: str) -> str:
    return re.sub(r"[\s|]+", "", words)
