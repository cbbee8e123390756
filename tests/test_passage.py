from hypothesis import given
from hypothesis import strategies as st

from ingest.read import parse
from retriever.passage import LONGEST, Source, shares, years
from retriever.question import terms

TEXT = (
    "汀城市管网改造方案（2024—2026年）\n一、主要任务\n（一）改造管网。由市水务局牵头。一是摸清底数。二是分批改造。\n"
    "（二）整治排口\n某某公司负责。\n汀城市水务局\n2024年5月6日\n备案序号：汀ICP备1号\n"
)


def source(text=TEXT):
    return Source(parse(text.encode()), "汀城市管网改造方案", "a.txt")


def passages(text=TEXT):
    return source(text).passages(0, len(text))


def test_passages_are_sentences_cut_where_sections_begin_without_site_chrome():
    found = [TEXT[p.start : p.end] for p in passages() if not p.heading]

    assert found == [
        "汀城市管网改造方案（2024—2026年）", "由市水务局牵头。", "摸清底数。", "分批改造。", "某某公司负责。", "汀城市水务局\n2024年5月6日",
    ]  # fmt: skip


def test_headings_are_no_sentences_unless_nothing_stands_under_them():
    assert [p.words for p in passages("一、目标\n节水。\n二、按期完成改造\n") if not p.heading] == [
        "节水。",
        "二、按期完成改造",
    ]


def test_the_title_stands_over_the_opening_and_the_signature():
    ready = source()
    signature = passages()[-1]

    assert "管网改造方案" in ready.above(signature.section)


def test_a_term_of_the_title_counts_less_than_a_term_of_one_sentence():
    ready = source()

    assert ready.weight("管网") < ready.weight("摸清")


def test_a_passage_speaks_of_its_own_year_or_of_that_above_it():
    ready = source()

    assert ready.years(passages()[-1]) == {"2024"}
    assert years("2021—2025年") == {"2021", "2022", "2023", "2024", "2025"}
    assert years("渝环〔2023120号") == frozenset()


@given(
    st.lists(
        st.sampled_from(
            ["改造管网", "，", "；", "2024年底前", "《甲，乙》", "（丙，丁）", "由市水务局牵头", "戊" * 40]
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_long_sentence_is_cut_inside_itself(parts):
    text = "".join(parts) + "。"
    ready = source(text)
    for passage in ready.passages(0, len(text)):
        span = ready.cut(passage, terms("管网改造由谁牵头"), [])
        assert passage.start <= span.start < span.end <= passage.end
        if passage.end - passage.start <= LONGEST:
            assert (span.start, span.end) == (passage.start, passage.end)


RULE = (
    "# 汀城市犬类管理条例\n第一条 公安机关履行下列职责：\n（一）捕捉大型犬；\n（二）查处伤人事件。\n"
    "第二条 有下列行为之一的，处五十元以上二百元以下罚款：\n（一）未登记的；\n（二）未拴绳的。\n第三条 2020年前登记的，自2021年起换证。\n"
    "第四条 每户限养一只。\n"
)


def ready(text):
    return Source(parse(text.encode()), "汀城市犬类管理条例", "a.md")


def test_an_item_of_a_rule_stands_under_the_sentence_that_announces_it():
    rule = ready(RULE)
    item = next(p for p in rule.whole() if "未拴绳" in p.words)
    alone = next(p for p in rule.whole() if "每户限养" in p.words)

    assert rule.lead(item.section).of(RULE) == "有下列行为之一的，处五十元以上二百元以下罚款："
    assert "罚款" in rule.above(item.section) and "犬类管理条例" in rule.above(alone.section)
    assert rule.lead(alone.section) is None


def test_an_item_of_a_plan_is_announced_by_no_sentence():
    plan = source()
    item = next(p for p in plan.whole() if "改造管网" in p.words or "摸清" in p.words)

    assert plan.lead(item.section) is None


def test_an_article_speaks_of_no_year_but_its_own_and_a_year_counted_from_is_none():
    rule = ready("汀城市犬类管理条例\n2021年3月5日通过\n第一条 每户限养一只。\n第二条 2023年底前完成换证。\n")
    plan = source("2024年上半年情况\n一、事故\n共3起，自2016年起连续上升。\n")

    assert [rule.years(p) for p in rule.whole() if "限养" in p.words] == [frozenset()]
    assert [rule.years(p) for p in rule.whole() if "换证" in p.words] == [{"2023"}]
    assert all("2016" not in plan.years(p) for p in plan.whole() if "连续上升" in p.words)


def test_a_row_of_any_table_is_one_passage_whatever_stands_in_its_cells():
    text = "名册\n| 甲 | 乙 |\n|---|---|\n| 河道保洁。每日一次。 | 五分 |\n说明：每月公布。\n"

    assert "| 河道保洁。每日一次。 | 五分 |" in [text[p.start : p.end] for p in source(text).passages(0, len(text))]


def test_a_word_that_few_documents_have_says_which_is_meant_and_one_that_none_has_says_nothing():
    river, roofs = source("采砂许可由市水务局发放。"), source("屋顶补助由市住建局发放。")

    found = shares(terms("采砂证多久发放"), {"a": river, "b": roofs})

    assert found["a"] == 1.0 and 0 < found["b"] < 0.5
    assert shares(terms("燃气价格"), {"a": river, "b": roofs}) == {"a": 0.0, "b": 0.0}
