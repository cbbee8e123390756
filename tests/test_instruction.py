"""Words that speak to a program: nothing that the pattern knows is passed over by what spares it the search."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.fold import fold
from retriever.instruction import _ADDRESSED, addressed, blanked, visible

WORDS = st.from_regex(_ADDRESSED.pattern).map(lambda words: fold(visible(words))).filter(_ADDRESSED.search)
REST = st.text(alphabet="督办整改任务，。\n ai", max_size=20)


@given(REST, WORDS, REST)
def test_what_speaks_to_a_program_is_found_in_any_words(before: str, said: str, after: str) -> None:
    assert addressed(said)
    assert addressed(before + said + after) == bool(_ADDRESSED.search(before + said + after))


@given(REST, WORDS, REST)
def test_what_a_reader_is_not_to_read_is_blank_and_the_rest_stands_where_it_stood(
    before: str, said: str, after: str
) -> None:
    text = f"{before}。{said}。{after}"
    seen, folded = blanked(text)

    assert len(seen) == len(text)
    assert folded == fold(seen)
    assert all(mine in (its, " ") for mine, its in zip(seen, text, strict=True))
