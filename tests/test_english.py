import pytest

from ingest.fold import fold
from retriever.english import chinese


def nothing(terms):
    return []


def stand(*words):
    """Return what a store says in which these words stand, the most frequent first."""
    return lambda terms: [word for word in words if word in set(terms)]


@pytest.mark.parametrize("question", ["谁牵头？", "GDP是多少", "31", "", "？", "pm2.5 年均浓度"])
def test_a_question_with_han_or_without_words_stays_as_it_is(question):
    assert chinese(fold(question), nothing) == fold(question)


def test_words_become_what_the_documents_call_them():
    assert chinese("which bureau leads the river outfall inspection", nothing).split("，") == [
        "局", "牵头", "领导", "河", "排污口", "巡察", "巡视", "督察", "检查",
    ]  # fmt: skip


def test_the_longest_entry_counts():
    assert chinese("party group", nothing) == "党组"
    assert chinese("leading groups", nothing) == "领导小组"


def test_numbers_stay():
    assert "31" in chinese("how many of the 31 problems", nothing).split("，")


def test_a_name_becomes_the_characters_of_its_sound_that_stand_in_the_documents():
    found = chinese("chongqing wulong", stand("重庆", "武隆", "五龙", "管网"))

    assert found.split("，") == ["chongqing", "重庆", "wulong", "武隆", "五龙"]


def test_a_name_is_cut_into_as_few_syllables_as_can_be():
    assert "古阿" not in chinese("guangzhou", stand("广州", "古阿"))


def test_a_word_that_is_no_pinyin_stays():
    assert chinese("blockchain", stand("武隆")) == "blockchain"
    assert chinese("x" * 5_000, nothing) == "x" * 5_000


def test_an_english_question_is_answered_in_the_words_of_the_document(demo):
    answer = demo.answer("Which body leads the Weixi river outfall inspection?")

    cited = "".join(citation.quote for citation in (*answer.citations, *answer.nearest))
    assert "市生态环境局" in cited and "排污口" in cited


def test_an_english_question_finds_what_the_chinese_one_finds(demo):
    english = demo.search("which bureau leads the Weixi river outfall work?", k=5)
    han = demo.search("苇溪河排污口由哪个局牵头", k=5)

    assert han[0].no in [hit.no for hit in english]
