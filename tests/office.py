"""The same words as a .docx, an .xlsx and a web page: made here part by part, so that nothing of others lies in the repository."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MORE = (
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of the parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), words, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def docx(
    body: str, *, styles: str = "", numbering: str = "", notes: str = "", headers: Sequence[str] = (), prolog: str = ""
) -> bytes:
    """Return a .docx; the arguments are the XML inside of each part (the body, the styles, the lists, the footnotes)."""
    targets = [("styles", "styles.xml"), ("numbering", "numbering.xml"), ("footnotes", "footnotes.xml")]
    targets += [("header", f"header{at}.xml") for at in range(len(headers))]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relations([("officeDocument", "word/document.xml")]),
        "word/_rels/document.xml.rels": _relations(targets),
        "word/document.xml": f"{prolog}<w:document {W} {_MORE}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {W}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {W}>{numbering}</w:numbering>",
        "word/footnotes.xml": f"<w:footnotes {W}>{notes}</w:footnotes>",
        **{f"word/header{at}.xml": f"<w:hdr {W}>{words}</w:hdr>" for at, words in enumerate(headers)},
    }
    return packed(parts)


def paragraph(words: str = "", *, number: int | None = None, level: int = 0, style: str = "", inside: str = "") -> str:
    """Return a paragraph of words, or of the XML `inside`; with the list `number` it is numbered automatically."""
    listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>' if number is not None else ""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{listed}</w:pPr>{inside or run(words)}</w:p>"


def run(words: str, properties: str = "") -> str:
    """Return a run of words."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def cell(words: str, *, span: int = 1, merge: str = "") -> str:
    """Return a cell; `merge` is "restart" for the first of a vertical run, "continue" for the others."""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{paragraph(words)}</w:tc>'


def table(*rows: Sequence[str]) -> str:
    """Return a table of cells."""
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows) + "</w:tbl>"


def lists(
    *levels: tuple[str, str], family: int = 0, suffix: str = "nothing", restart: Mapping[int, int] | None = None
) -> str:
    """Return the XML of one family of numbers: for each level (format, text), as ("chineseCountingThousand", "%1、")."""
    made = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        + (f'<w:lvlRestart w:val="{restart[at]}"/>' if restart and at in restart else "")
        + f'<w:suff w:val="{suffix}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    return f'<w:abstractNum w:abstractNumId="{family}">{made}</w:abstractNum>'


def listed(number: int, family: int = 0, override: str = "") -> str:
    """Return the XML of a list of a family."""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{family}"/>{override}</w:num>'


_LABELS = (re.compile(r"[一二三四五六七八九十]+、"), re.compile(r"（[一二三四五六七八九十]+）"), re.compile(r"\d+．"))
OFFICIAL = lists(
    ("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3．"), restart={2: 0}
) + listed(1)


def numbered(text: str) -> bytes:
    """Return a plain text as a .docx whose labels 一、（一）1． are not typed, but numbered automatically."""
    body = []
    rows: list[list[str]] = []
    for line in [*filter(None, map(str.strip, text.splitlines())), ""]:
        if "\t" in line or line.startswith("|"):
            if not set(line) <= set("|-: "):
                rows.append([cell(words.strip()) for words in re.split(r"\t|(?<!^)\|(?!$)", line.strip("|"))])
            continue
        if rows:
            body.append(table(*rows))
            rows = []
        level = next((at for at, pattern in enumerate(_LABELS) if pattern.match(line)), None)
        bare = line if level is None else _LABELS[level].sub("", line, count=1)
        body.append(paragraph(bare, number=None if level is None else 1, level=level or 0))
    return docx("".join(body), numbering=OFFICIAL)


def page(text: str, *, head: str = "", before: str = "", after: str = "") -> str:
    """Return a plain text as a web page, its tables as tables, inside the bars of a site."""
    parts = []
    rows: list[str] = []
    for line in [*filter(None, map(str.strip, text.splitlines())), ""]:
        if line.startswith("|"):
            if not set(line) <= set("|-: "):
                rows.append("".join(f"<td>{escape(words.strip())}</td>" for words in line.strip("|").split("|")))
            continue
        if rows:
            parts.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
            rows = []
        parts.append(f"<p>　　{escape(line)}</p>")
    return f"<!DOCTYPE html><html><head>{head}</head><body>{before}<div class='content'>{''.join(parts)}</div>{after}</body></html>"


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    merged: Mapping[str, Sequence[str]] | None = None,
    hidden: Sequence[str] = (),
    formats: Mapping[int, str] | None = None,
) -> bytes:
    """Return a workbook: name -> rows of words, numbers, None, or (number, id of a number format)."""
    forms = sorted({value[1] for rows in sheets.values() for row in rows for value in row if isinstance(value, tuple)})
    names = list(sheets)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/_rels/workbook.xml.rels": _relations(
            [*(("worksheet", f"worksheets/sheet{at}.xml") for at in range(len(names))), ("styles", "styles.xml")]
        ),
        "xl/workbook.xml": f'<workbook {S} {_MORE.split(" ")[0]}><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"'
            + (' state="hidden"' if name in hidden else "") + "/>"
            for at, name in enumerate(names, start=1)
        )
        + "</sheets></workbook>",
        "xl/styles.xml": f"<styleSheet {S}><numFmts>"
        + "".join(f'<numFmt numFmtId="{at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>' for at, code in (formats or {}).items())
        + '</numFmts><cellXfs><xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{form}"/>' for form in forms)
        + "</cellXfs></styleSheet>",
    }  # fmt: skip
    for at, (name, rows) in enumerate(sheets.items()):
        ranges = "".join(f'<mergeCell ref="{ref}"/>' for ref in (merged or {}).get(name, ()))
        cells = "".join(
            f'<row r="{row}">{"".join(_cell(value, row, column, forms) for column, value in enumerate(values))}</row>'
            for row, values in enumerate(rows, start=1)
        )
        parts[f"xl/worksheets/sheet{at}.xml"] = (
            f"<worksheet {S}><sheetData>{cells}</sheetData><mergeCells>{ranges}</mergeCells></worksheet>"
        )
    return packed(parts)


def _cell(value: object, row: int, column: int, forms: Sequence[int]) -> str:
    place = f'r="{chr(65 + column)}{row}"'
    if value is None:
        return f"<c {place}/>"
    if isinstance(value, tuple):
        return f'<c {place} s="{forms.index(value[1]) + 1}"><v>{value[0]}</v></c>'
    if isinstance(value, int | float):
        return f"<c {place}><v>{value}</v></c>"
    return f'<c {place} t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
