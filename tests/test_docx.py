from pathlib import Path

import pytest

from ingest.error import ReadError
from ingest.read import parse
from ingest.read.docx import read
from ingest.read.numbering import ordinal
from ingest.read.reading import Limits
from tests.office import OFFICIAL, cell, docx, listed, lists, numbered, packed, paragraph, run, table

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"


def words(body: str, **parts) -> list[str]:
    return read(docx(body, **parts), Limits()).text.splitlines()


def test_numbers_are_rendered_level_by_level_and_begin_anew_below_the_next_higher_one():
    body = "".join(
        paragraph(title, number=1, level=level)
        for title, level in [("总则", 0), ("目标", 1), ("原则", 1), ("分工", 0), ("牵头", 1), ("立项", 2), ("附则", 0), ("施行", 1), ("解释", 2)]
    )  # fmt: skip

    assert words(body, numbering=OFFICIAL) == [
        "一、总则", "（一）目标", "（二）原则", "二、分工", "（一）牵头", "1．立项", "三、附则", "（一）施行", "2．解释",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["tinglan-plan.txt", "qinglu-rectification.txt", "tinglan-duty-report.txt"])
def test_a_document_whose_numbers_are_automatic_reads_as_the_one_where_they_are_typed(name):
    text = (DEMO / name).read_text(encoding="utf-8")

    assert read(numbered(text), Limits()).text.splitlines() == [
        line.strip() for line in text.splitlines() if line.strip()
    ]


def test_lists_of_one_family_count_on_and_one_that_overrides_its_start_begins_anew():
    numbering = (
        lists(("decimal", "%1."), suffix="space")
        + listed(1)
        + listed(2)
        + listed(3, override='<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>')
    )
    body = "".join(
        paragraph(at, number=number) for at, number in [("甲", 1), ("乙", 2), ("丙", 3), ("丁", 3), ("戊", 1)]
    )

    assert words(body, numbering=numbering) == ["1. 甲", "2. 乙", "5. 丙", "6. 丁", "7. 戊"]


def test_a_level_that_is_passed_over_counts_as_begun():
    numbering = lists(("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3"), suffix="space") + listed(1)
    body = "".join(paragraph("甲", number=1, level=level) for level in (0, 2, 1))

    assert words(body, numbering=numbering) == ["1 甲", "1.1.1 甲", "1.2 甲"]


def test_a_style_numbers_its_paragraphs_at_the_level_that_the_list_gives_it():
    styles = (
        '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="款"/><w:basedOn w:val="A"/></w:style>'
    )
    numbering = lists(("chineseCounting", "第%1条"), suffix="space").replace(
        "<w:suff", '<w:pStyle w:val="A"/><w:suff'
    ) + listed(1)
    none = '<w:p><w:pPr><w:pStyle w:val="A"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>' + run("不编号") + "</w:p>"
    body = paragraph("甲", style="A") + paragraph("乙", style="B") + none + paragraph("丙", style="A")

    assert words(body, styles=styles, numbering=numbering) == ["第一条 甲", "第二条 乙", "不编号", "第三条 丙"]


@pytest.mark.parametrize(
    ("form", "number", "said"),
    [
        ("chineseCounting", 10, "十"), ("chineseCounting", 21, "二十一"), ("chineseCounting", 105, "一○五"),
        ("chineseCountingThousand", 110, "一百一十"), ("chineseCountingThousand", 1005, "一千零五"),
        ("chineseCountingThousand", 10_000, "一万"), ("chineseCountingThousand", 12_030, "一万二千零三十"),
        ("taiwaneseCountingThousand", 20_000, "二萬"), ("ideographDigital", 10, "一〇"), ("ideographTraditional", 3, "丙"),
        ("chineseLegalSimplified", 10, "壹拾"), ("ideographLegalTraditional", 12, "壹拾貳"),
        ("decimalEnclosedCircle", 20, "⑳"), ("decimalEnclosedCircleChinese", 21, "㉑"), ("decimalEnclosedCircle", 51, "51"),
        ("lowerLetter", 28, "bb"), ("upperRoman", 2024, "MMXXIV"), ("lowerRoman", 4000, "4000"), ("decimalZero", 7, "07"),
        ("decimalFullWidth", 12, "１２"), ("ordinal", 12, "12th"), ("bullet", 3, ""), ("unknownFormat", 4, "4"),
    ],
)  # fmt: skip
def test_a_number_is_written_in_the_format_of_its_level(form, number, said):
    assert ordinal(number, form) == said


def test_changes_read_as_accepted_and_a_deleted_paragraph_end_joins_two():
    body = (
        paragraph(inside=run("由甲局") + "<w:del>" + run("乙局").replace("w:t>", "w:delText>").replace("<w:t ", "<w:delText ") + "</w:del>"
                  + "<w:ins>" + run("丙局") + "</w:ins>" + run("牵头"))
        + "<w:moveFrom>" + run("移走") + "</w:moveFrom>"
        + "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run("前半句，") + "</w:p>" + paragraph("后半句。")
        + table([cell("序号"), cell("任务")], [cell("1"), cell("甲")]).replace("<w:tr>", "<w:tr><w:trPr><w:del/></w:trPr>", 1)
    )  # fmt: skip

    assert words(body)[:2] == ["由甲局丙局牵头", "前半句，后半句。"]
    assert not any("序号" in line or "移走" in line for line in words(body))


def test_a_merged_cell_stands_in_each_of_its_places_and_a_full_row_is_a_heading_above_its_part():
    body = table(
        [cell("序号", merge="restart"), cell("任务", merge="restart"), cell("责任单位", span=2), cell("完成时限", merge="restart")],
        [cell("", merge="continue"), cell("", merge="continue"), cell("牵头单位"), cell("配合单位"), cell("", merge="continue")],
        [cell("一、设施", span=5)],
        [cell("1"), cell("甲", merge="restart"), cell("市水务局", span=2), cell("6月底前")],
        [cell("2"), cell("", merge="continue"), cell("市财政局"), cell("市|审计局"), cell("7月底前")],
    )  # fmt: skip

    assert words(body) == [
        "| 序号 | 任务 | 牵头单位（责任单位） | 配合单位（责任单位） | 完成时限 |",
        "| --- | --- | --- | --- | --- |",
        "一、设施",
        "| 序号 | 任务 | 牵头单位（责任单位） | 配合单位（责任单位） | 完成时限 |",
        "| --- | --- | --- | --- | --- |",
        "| 1 | 甲 | 市水务局 | 市水务局 | 6月底前 |",
        "| 2 | 甲 | 市财政局 | 市¦审计局 | 7月底前 |",
    ]


def test_footnotes_stand_at_the_end_and_headers_are_hidden():
    notes = f'<w:footnote w:id="0">{paragraph("分隔")}</w:footnote><w:footnote w:id="2">{paragraph("按2023年口径。")}</w:footnote>'
    body = paragraph(inside=run("共137个") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("。"))

    reading = read(docx(body, notes=notes, headers=[paragraph("内部资料"), paragraph("第 1 页 共 3 页")]), Limits())

    assert reading.text.splitlines() == ["共137个。", "脚注", "脚注1：按2023年口径。", "内部资料"]
    assert [span.of(reading.text) for span in reading.hidden] == ["内部资料\n"]


def test_fields_boxes_breaks_links_and_hidden_words():
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run("3月1日")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    circled = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> eq \\o\\ac(○,11)</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    box = (
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent>" + paragraph("框里的字")
        + "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>"
        + paragraph("框里的字") + "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )  # fmt: skip
    body = (
        paragraph(inside=field + run("起施行") + box)
        + paragraph(inside=circled + run("巡查"))
        + paragraph(
            inside=run("上行")
            + "<w:r><w:br/></w:r><w:hyperlink>"
            + run("下行")
            + "</w:hyperlink>"
            + run("密语", "<w:vanish/>")
        )
    )

    reading = read(docx(body), Limits())

    assert reading.text.splitlines() == ["3月1日起施行", "框里的字", "⑪巡查", "上行", "下行"]
    assert any("隐藏" in note for note in reading.notes)


def test_declared_headings_are_marked_and_the_table_of_contents_is_not_in_the_way():
    styles = (
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="toc 1"/></w:style>'
    )
    body = paragraph("总体安排\t3", style="T") + paragraph("总体安排", style="1") + paragraph("抓好落实。")

    document = parse(docx(body, styles=styles), ".docx")

    assert [(section.kind, section.title) for section in document.sections if section.title] == [
        ("heading", "总体安排")
    ]
    assert document.text.splitlines() == ["总体安排", "抓好落实。", "总体安排\t3"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (docx(paragraph("甲"))[:-200], "损坏或不完整"),
        (docx(""), "没有文字"),
        (docx("<w:p><w:r><w:t>甲"), "损坏"),
        (docx(paragraph("甲"), prolog='<!DOCTYPE w [<!ENTITY a "b">]>'), "DTD"),
        (docx(paragraph("甲"), prolog='<!DOCTYPE w SYSTEM "file:///etc/passwd">'), "DTD"),
        (packed({"[Content_Types].xml": "", "word/a.xml": ""}), "缺少 word/document.xml"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage\0".encode("utf-16-le"), "密码"),
    ],
    ids=["cut", "empty", "broken XML", "entity", "external DTD", "no document", "password"],
)
def test_a_bad_file_is_refused_with_one_reason(data, said):
    with pytest.raises(ReadError, match=said) as caught:
        parse(data, ".docx")
    assert "\n" not in str(caught.value)


def test_styles_and_lists_that_point_in_a_circle_are_walked_once():
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{a}"><w:name w:val="{a}"/><w:basedOn w:val="{b}"/></w:style>'
        for a, b in (("A", "B"), ("B", "A"))
    )
    numbering = '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="A"/></w:abstractNum>' + listed(1)

    assert words(paragraph("甲", style="A", number=1), styles=styles, numbering=numbering) == ["甲"]


def test_a_file_that_declares_more_than_the_limit_is_not_opened():
    with pytest.raises(ReadError, match="上限"):
        read(docx(paragraph("字" * 1000)), Limits(unpacked=2000))


def test_a_paragraph_nested_too_deeply_is_refused_and_no_stack_overflows():
    with pytest.raises(ReadError, match=r"损坏|过"):
        read(docx("<w:p>" + "<w:ins>" * 3000 + run("甲") + "</w:ins>" * 3000 + "</w:p>"), Limits())
    deep = "<w:p>" + "<w:ins>" * 200 + run("甲") + "</w:ins>" * 200 + "</w:p>"
    assert words(deep) == ["甲"]
