from hypothesis import given
from hypothesis import strategies as st

from ingest.chunk import LARGEST, chunks
from ingest.outline import outline
from ingest.read import parse

PIECES = st.sampled_from(
    [
        "一、甲\n",
        "（一）乙。",
        "1.丙\n",
        "一是" + "丁" * 150 + "。",
        "戊" * 90 + "。",
        "己" * 900,
        "，",
        "\n",
        "二是庚；",
        "第三条 辛。",
        "备案序号：1\n",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join))
def test_chunks_tile_the_text_inside_their_sections(text):
    sections = outline(text)
    found = chunks(text, sections)

    assert "".join(text[c.start : c.end] for c in found) == text
    assert all(
        (c.start < c.end and c.end - c.start <= LARGEST) or c.end - c.start <= LARGEST or not c.indexed for c in found
    )
    for chunk in found:
        section = sections[chunk.section]
        assert section.start <= chunk.start and chunk.end <= section.end


@given(
    st.lists(
        st.sampled_from(["子" * 30 + "。", "丑" * 120 + "。", "寅" * 250 + "。", "卯" * 399 + "。"]),
        min_size=1,
        max_size=20,
    ).map("".join)
)
def test_a_sentence_is_not_cut_where_it_fits_in_a_chunk(text):
    assert all(text[chunk.end - 1] == "。" for chunk in chunks(text, outline(text)))


def test_an_item_with_its_measures_is_one_chunk():
    text = (
        "二、整改情况\n(1)学习不够\n整改情况:一是补课。二是考试。\n(2)管理不严\n整改情况:一是建章。二是立制。\n"
        + "补充说明。" * 80
    )
    found = [text[c.start : c.end] for c in parse(text.encode()).chunks if c.indexed]

    assert found[0].startswith("(1)学习不够") and found[0].rstrip().endswith("二是考试。")


def test_headings_whose_words_stand_in_paths_and_site_chrome_are_not_indexed():
    text = (
        "首页 登录 注册\n一、总体要求\n（一）目标\n"
        + "到明年见效。" * 80
        + "\n（二）原则\n"
        + "统筹推进。" * 80
        + "\n备案序号：某ICP备1号\n"
    )
    document = parse(text.encode())
    hidden = [text[c.start : c.end].strip() for c in document.chunks if not c.indexed]

    assert [words for words in hidden if words] == ["首页 登录 注册", "一、总体要求", "备案序号：某ICP备1号"]
    assert ("一、总体要求", "（一）目标") in [document.path(c.section) for c in document.chunks]


def test_chunks_of_the_seeds_are_of_the_size_that_is_aimed_at(seeds):
    sizes = [c.end - c.start for path in seeds.glob("*.txt") for c in parse(path.read_bytes()).chunks if c.indexed]

    assert max(sizes) <= LARGEST
    assert sorted(sizes)[len(sizes) // 2] >= 120
