import re

from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from ingest.fold import fold, fold_all, simplified, traditional

TRADITIONAL = OpenCC("s2t").convert  # made once: it reads its dictionaries, 0.1 s


@given(st.text())
def test_folding_never_changes_the_length(text):
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.text(max_size=60)))
def test_texts_fold_together_as_each_alone(texts):
    assert fold_all(texts) == [fold(text) for text in texts]


def test_both_scripts_and_both_places_fold_to_one_form():
    assert fold("衞生") == fold("衛生") == fold("卫生")
    assert fold("著重") == fold("着重")
    assert fold("瞭解") == fold("了解")
    assert fold("臺灣台湾") == fold("台湾台湾")


def test_width_and_case_are_folded_where_one_character_becomes_one():
    assert fold("ＰＭ２．５（１）　Ａ") == "pm2.5(1) a"
    assert fold("㈠") == "㈠"  # would become three characters


@given(st.text(alphabet="环境保护督察领导小组办公室关于印发今冬明春工作计划的通知责任单位时限", max_size=60))
def test_a_text_and_its_traditional_form_fold_alike(text):
    hant = TRADITIONAL(text)
    assert len(hant) != len(text) or fold(hant) == fold(text)


def test_characters_of_one_script_are_not_those_of_the_other():
    assert "環" in traditional()
    assert "环" in simplified()
    assert not traditional() & simplified()
    assert not re.search("[的一是在]", "".join(traditional() | simplified()))


def test_common_words_keep_their_simplified_form():
    text = "什么时候由谁牵头，怎么完成，几个工作日内办结，依据哪一条"

    assert fold(text) == text.replace("，", ",")
