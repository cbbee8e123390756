from hypothesis import given
from hypothesis import strategies as st

from ingest.read import parse
from retriever.passage import LONGEST, Source, years
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
