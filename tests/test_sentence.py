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
