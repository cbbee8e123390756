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


def test_a_row_with_one_cell_a_line_supports_what_is_read_of_its_cells():
    quote = "3\n压减审批时间，降到1个工作日以内\n市数据局\n2025年6月30日\n已完成。平均0.8个工作日"
    row = Citation(1, "d", "清单", "清单.txt", (), 0, len(quote), quote)
    said = (
        "压减审批时间，降到1个工作日以内（牵头单位：市数据局；完成时限：2025年6月30日；进展：已完成。平均0.8个工作日）"
    )

    assert supported(Claim(said, (1,)), [row])
    assert not supported(Claim(said.replace("0.8", "0.9"), (1,)), [row])
    assert not supported(Claim(said.replace("市数据局", "市财政局"), (1,)), [row])


def test_a_sentence_that_is_broken_over_lines_supports_itself_in_one_line():
    quote = "罚款合计\n1,038万元，已完成\n33项。"
    cited = Citation(1, "d", "公告", "公告.txt", (), 0, len(quote), quote)

    assert supported(Claim("罚款合计1,038万元，已完成33项。", (1,)), [cited])
