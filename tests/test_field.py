"""Fields: the line that names its value is the one asked for, another body's, or neither."""

from __future__ import annotations

import pytest

from retriever.field import fits
from retriever.question import parse


@pytest.mark.parametrize(
    ("question", "line", "fit"),
    [
        ("矿山修复哪家在督导", "督导单位:市林业局", 2),
        ("矿山修复哪家在督导", "责任单位:市自然资源局", -1),
        ("矿山修复谁牵头", "牵头单位:市林业局", 2),
        ("矿山修复谁主办", "- 主(协)办机关:市林业局、(市财政局)", 2),
        ("矿山修复谁协办", "- 主(协)办机关:市林业局、(市财政局)", 2),
        ("矿山修复谁协办", "- 主办机关:市林业局", -1),
        ("矿山修复归谁管", "配合单位:市财政局", -1),
        ("矿山修复归谁管", "责任单位:市林业局", 1),
        ("矿山修复几时完成", "整改时限:2025年底前", 1),
        ("矿山修复为什么拖延", "主要原因:资金不足", 1),
        ("矿山修复谁牵头", "整改时限:2025年底前", 0),
        ("矿山修复谁牵头", "由市林业局牵头修复矿山", 0),
    ],
)
def test_a_line_is_known_by_the_name_it_begins_with(question: str, line: str, fit: int) -> None:
    assert fits(parse(question).asks[0], line) == fit
