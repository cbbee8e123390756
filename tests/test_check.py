from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from retriever.check import stands, supported
from retriever.claim import Citation, Claim

TEXT = "一、管网改造由市水务局牵头，2024年12月底前完成，改造病害管网45公里。\n"
QUOTE = TEXT[2:-1]
CITATION = Citation(1, "d", "题", "s", (), 2, 2 + len(QUOTE), QUOTE)


def test_a_quote_stands_at_its_span_or_not_at_all():
    assert stands(CITATION, TEXT)
    assert not stands(replace(CITATION, start=1), TEXT)
    assert not stands(replace(CITATION, end=len(TEXT) + 5), TEXT)
    assert not stands(replace(CITATION, start=5, end=5, quote=""), TEXT)


def test_a_claim_is_supported_by_the_numbers_and_dates_that_it_cites():
    assert supported(Claim("改造45公里，2024年12月底前完成", (1,)), [CITATION])
    assert not supported(Claim("改造46公里", (1,)), [CITATION])
    assert not supported(Claim("2024年11月底前完成", (1,)), [CITATION])


def test_a_claim_that_cites_nothing_is_unsupported():
    assert not supported(Claim("改造45公里", ()), [CITATION])
    assert not supported(Claim("改造45公里", (2,)), [CITATION])


@given(st.integers(0, 99))
def test_a_changed_number_never_passes(value):
    claim = Claim(QUOTE.replace("45", str(value)), (1,))

    assert supported(claim, [CITATION]) == (value == 45)


def test_digits_of_one_width_support_those_of_the_other():
    assert supported(Claim("改造４５公里", (1,)), [CITATION])
