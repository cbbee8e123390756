import itertools

from hypothesis import given
from hypothesis import strategies as st

from ingest.sentence import sentences

TEXTS = st.text(alphabet="甲乙丙。！？；，”）\n\r 1.a", max_size=80)


def test_a_sentence_ends_behind_the_closing_quote():
    text = "他说：“尽快完成。”各部门照办。\n完"

    assert [span.of(text) for span in sentences(text, 0, len(text))] == ["他说：“尽快完成。”", "各部门照办。", "完"]


@given(TEXTS)
def test_sentences_are_in_order_and_lose_nothing_but_blanks(text):
    spans = sentences(text, 0, len(text))

    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert "".join("".join(span.of(text) for span in spans).split()) == "".join(text.split())


BROKEN = (
    "督察反馈的32项任务，已完成\n21项，达到序时进度\n，滞后3项。\n牵头：市水务局\n全年检查企业、\n作坊140家，\n罚款合计\n38万元。\n"
    "加强组织领导\n各单位要压实责任，按月报送。\n"
)


def test_where_lines_break_inside_sentences_a_sentence_goes_on() -> None:
    found = [BROKEN[span.start : span.end] for span in sentences(BROKEN, 0, len(BROKEN))]

    assert found == [
        "督察反馈的32项任务，已完成\n21项，达到序时进度\n，滞后3项。",
        "牵头：市水务局",
        "全年检查企业、\n作坊140家，\n罚款合计\n38万元。",
        "加强组织领导",
        "各单位要压实责任，按月报送。",
    ]


def test_where_lines_are_paragraphs_each_ends_a_sentence() -> None:
    text = "二是压实责任，落实到人\n各单位要按月报送，市政府督查室通报。\n"

    assert len(sentences(text, 0, len(text))) == 2


RAGGED = """1. 署方於二月提出十五項建議。本署全數接納
意見。截至十月底已完全落實九項，部分落實四項，尚未
展開兩項。小組建議在東灣、西灣、石里三個
街市加裝水泵，申請將於一月提交。署方已於五月發出內部通告，規定全部
街市每季巡查一次，樓齡較高的則每月一次。目標於三月底前，
把逾期個案減至二百宗以下，並每季匯報一次進度和巡查結果的統計。
"""


def test_a_text_that_is_wrapped_at_words_goes_on_in_short_lines_too() -> None:
    found = [RAGGED[span.start : span.end] for span in sentences(RAGGED, 0, len(RAGGED))]

    assert "小組建議在東灣、西灣、石里三個\n街市加裝水泵，申請將於一月提交。" in found
