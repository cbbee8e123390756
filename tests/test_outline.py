import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.outline import outline


def names(text, kind=None):
    return [s.name for s in outline(text)[1:] if kind is None or s.kind == kind]


def parents(text):
    sections = outline(text)
    return {s.name: sections[s.parent].name for s in sections[1:]}


PLAN = """一、总体要求
坚持标本兼治。
二、主要任务
（一）治理河道。由市水务局牵头。
1．清淤疏浚
(1)清理淤泥
①先清上游。②再清下游。
2．岸线修复
（二）整治排口。
三、保障措施
"""


def test_numbering_nests_as_the_standard_for_official_documents_says():
    assert parents(PLAN) == {
        "一、总体要求": "", "二、主要任务": "", "（一）治理河道": "二、主要任务", "1．清淤疏浚": "（一）治理河道",
        "(1)清理淤泥": "1．清淤疏浚", "①先清上游": "(1)清理淤泥", "②": "(1)清理淤泥", "2．岸线修复": "（一）治理河道",
        "（二）整治排口": "二、主要任务", "三、保障措施": "",
    }  # fmt: skip


def test_outline_keeps_item_numbers_where_they_run_on_over_headings():
    text = "（一）甲方面\n1．甲事项\n做了。\n（二）乙方面\n2．乙事项\n做了。\n"

    assert names(text) == ["（一）甲方面", "1．甲事项", "（二）乙方面", "2．乙事项"]


def test_a_case_alone_in_its_line_is_named_by_the_field_below_it():
    text = (
        "问题一\n督察反馈问题：老渡口泵站漏油。现场有油污。\n整改时限：2024年6月底前\n\n"
        "問題二\n整改時限：長期堅持\n\n任务3\n主要内容：补种行道树\n责任单位：县园林处\n"
    )

    assert names(text, "item") == ["问题一老渡口泵站漏油", "問題二", "任务3补种行道树"]


def test_an_item_that_begins_with_the_word_problem_is_called_by_what_it_is():
    text = (
        "1. **问题**：台账缺页\n   **责任单位**：市供销社\n2.存在问题：一是人手不足。二是经费短缺。\n"
        "序号：3\n问题描述：井盖破损\n整改时限：5月底前\n"
    )

    assert names(text, "item") == ["1.台账缺页", "2.存在问题", "序号：3井盖破损"]


def test_numbering_that_restarts_belongs_to_the_item_above_it():
    text = "（一）甲方面\n1．甲事项\n做了。\n（二）乙方面\n1．乙事项\n做了。\n"
    sections = outline(text)

    assert [sections[s.parent].name for s in sections if s.kind == "item" and s.level == 10] == [
        "（一）甲方面",
        "（二）乙方面",
    ]


def test_measures_inside_a_line_are_sections_when_they_count_up_from_one():
    text = "(1)学习不够\n整改情况：一是补课。二是考试。三是通报。\n(2)这一是非问题\n做了。\n"

    assert names(text, "measure") == ["一是", "二是", "三是"]


def test_a_single_inline_label_is_no_list():
    assert names("会上，一是非曲直要分清。\n其中（1）已经完成。\n") == []


def test_articles_of_a_law_stand_under_chapters_and_references_to_them_do_not_count():
    text = "第一章 总则\n第一条 为了保护环境，制定本法。\n第二条【适用】依照第一条的规定执行。\n第二章 附则\n第三条 自公布之日起施行。\n"

    assert parents(text) == {
        "第一章总则": "",
        "第一条": "第一章总则",
        "第二条适用": "第一章总则",
        "第二章附则": "",
        "第三条": "第二章附则",
    }


def test_traditional_labels_are_read_like_simplified_ones():
    text = "第一節 總則\n第一條 為了保護環境，制定本辦法。\n附件：1\n"

    assert [(s.kind, s.label) for s in outline(text)[1:]] == [
        ("heading", "第一節"),
        ("article", "第一條"),
        ("attachment", "附件："),
    ]


def test_each_passage_knows_whose_it_is_where_a_document_holds_several_issuers():
    text = (
        "今日公布两家单位的整改情况。\n"
        "市水务局:让河水更清\n共建美丽家园\n一是" + "加强河道治理，" * 10 + "取得成效。\n"
        "市林业局:让青山更绿\n一是" + "加强山林管护，" * 10 + "取得成效。\n"
    )
    sections = outline(text)

    assert [s.issuer for s in sections if s.kind == "measure"] == ["市水务局", "市林业局"]
    assert [s.title for s in sections if s.kind == "issuer"] == [
        "市水务局:让河水更清 共建美丽家园",
        "市林业局:让青山更绿",
    ]


def test_a_list_of_duties_by_body_is_not_a_document_of_several_issuers():
    text = "职责分工如下。\n市水务局：负责河道治理。\n市林业局：负责山林管护。\n市财政局：负责资金保障。\n"

    assert not names(text, "issuer")


def test_site_chrome_is_kept_apart_at_both_ends():
    text = (
        "首页 政务公开 互动交流\n您当前的位置：首页>通知公告\n关于做好防汛工作的通知\n一、抓好防汛\n请照办。\n"
        "主办单位：某市人民政府\n备案序号：某ICP备00000001号\n扫一扫在手机打开当前页\n"
    )
    bars = [text[s.start : s.end] for s in outline(text) if s.kind == "chrome"]

    assert [bar.split("\n")[0] for bar in bars] == ["首页 政务公开 互动交流", "主办单位：某市人民政府"]
    assert "关于做好防汛工作的通知" not in "".join(bars)


def test_a_signature_ends_the_item_before_it_and_what_follows_is_no_part_of_it():
    text = "一、抓紧落实\n请照办。\n某市水务局\n2024年5月6日\n某市节水工作方案\n一、目标\n节水。\n"

    assert [(s.kind, text[s.start : s.end].strip().split("\n")[0]) for s in outline(text)[1:]] == [
        ("item", "一、抓紧落实"), ("signature", "某市水务局"), ("heading", "某市节水工作方案"), ("item", "一、目标"),
    ]  # fmt: skip


def test_markdown_headings_rank_by_their_depth():
    assert parents("# 方案\n## 目标\n节水。\n## 任务\n### 管网\n修。\n") == {
        "方案": "", "目标": "方案", "任务": "方案", "管网": "任务",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["2023.5 以来", "1.5万吨", "12345热线", "7.1上党课", "（2021—2025年）", "十五届三中全会"]
)
def test_numbers_that_are_no_labels_open_no_section(text):
    assert names(f"{text}的情况如下。\n") == []


LINES = st.lists(
    st.sampled_from(
        ["一、甲", "二、乙。丙", "（一）丁", "1.戊：己", "(2)庚", "①辛", "一是壬。二是癸。", "第三条 子", "附件1", "市水务局", "2024年1月2日",
         "正文一句。又一句；再一句", "", "  ", "主办单位：某局", "首页 登录", "# 题"]
    ),
    max_size=25,
)  # fmt: skip


@given(LINES.map("\n".join))
def test_sections_nest_and_follow_the_text(text):
    sections = outline(text)

    assert (sections[0].start, sections[0].end) == (0, len(text))
    for at, section in enumerate(sections[1:], 1):
        assert section.parent is not None and section.parent < at
        parent = sections[section.parent]
        assert parent.start <= section.start <= section.body <= section.end <= parent.end
        assert section.start >= sections[at - 1].start


def test_a_number_in_a_line_of_its_own_heads_an_item_where_fields_stand_under_its_title() -> None:
    text = "".join(
        f"{n}\n{title}\n牵头：{body}\n进展：正在推进。\n"
        for n, title, body in ((1, "湖岸线整治", "市水务局"), (2, "矿区复绿", "市林业局"), (3, "管网改造", "市住建局"))
    )

    items = [section for section in outline(text) if section.kind == "item"]

    assert [(item.label, item.title) for item in items] == [("1", "湖岸线整治"), ("2", "矿区复绿"), ("3", "管网改造")]


def test_numbers_in_lines_of_their_own_are_no_items_where_no_field_stands_under_them() -> None:
    text = "".join(f"{n}\n{words}\n市水务局\n" for n, words in ((1, "湖岸线整治"), (2, "矿区复绿"), (3, "管网改造")))

    assert not [section for section in outline(text) if section.kind == "item"]


RULE = "第 1 條\n本辦法依某法訂定。\n第 2 條\n補助對象如下：\n一、里民。\n二、機關如下：\n（一）學校。\n（二）公所。\n第 3 條\n補助以一次為限。\n"


def test_numbers_under_an_article_are_its_items_and_brackets_are_theirs():
    found = parents(RULE)

    assert found["第 2 條"] == found["第 3 條"] == ""
    assert found["一、里民"] == "第 2 條" and found["二、機關如下"] == "第 2 條"
    assert found["（二）公所"] == "二、機關如下"


def test_numbers_that_hold_an_article_go_on_above_it():
    text = "一、将第六条修改为：\n第六条 应当在十五日内登记。\n二、将第九条修改为：\n第九条 不得转让。\n三、本决定自公布之日起施行。\n"

    tops = [s.label for s in outline(text)[1:] if s.parent == 0]

    assert tops == ["一、", "二、", "三、"]


def test_numbers_behind_the_articles_of_an_attachment_or_a_chapter_are_no_items_of_an_article():
    text = "第一条 依法制定。\n附件1\n一、申请表\n二、承诺书\n"

    assert parents(text)["一、申请表"].startswith("附件1")
