"""Questions of several parts and of particular events: each part is answered by what speaks of it, or refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

PLAN = """霜溪市河道治理三年方案

霜溪市人民政府办公室
2024年3月1日

一、清淤工程

（一）由市水务局牵头，三年清淤河道60公里。其中，2024年清淤18公里、2025年清淤22公里。

（二）东岸泵站由市城投集团建设，2024年6月开工，2025年10月底前通水试运行。

二、任务分工

| 序号 | 任务 | 牵头单位 | 配合单位 | 完成时限 |
|---|---|---|---|---|
| 1 | 东岸泵站建设 | 市城投集团 | 市水务局 | 2025年12月底前 |
| 2 | 芦苇补植 | 市林业局 |  | 2025年5月底前 |

附件1
重点河段清单

1．柳湾段（青桥县），长3.2公里；
2．石埠段（青桥县），长1.1公里；
3．沙嘴段（南塘区），长2.4公里。
"""

REPORT = """霜溪市水务局2024年河道治理进展报告

霜溪市水务局
2025年1月12日

一、总体情况

方案确定的8项任务中，按期推进的5项，基本持平的1项，明显落后的2项。审计提出建议二十一条，已落实十三条。

二、工程进展

（一）受征地影响，东岸泵站工程于2024年9月20日开工，比原计划推迟。

（二）2024年清淤17.4公里。2025年计划清淤25公里。

（三）青桥县在督查中未发现侵占河道问题，其做法由市水务局推广。

（四）畜禽养殖。农业农村部门负责查处向河道排放粪污的行为；生态环境部门负责监测水质。

整改时限：2025年8月15日前
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("parts")
    (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
    (folder / "report.txt").write_text(REPORT, encoding="utf-8")
    intake(folder / "store", [folder / "plan.txt", folder / "report.txt"], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("东岸泵站实际是哪天开工的？", ["9月20日"]),
        ("东岸泵站什么时候完成？", ["2025年1"]),
        ("方案里定的东岸泵站几月动工，实际又是哪天开的工？", ["2024年6月", "9月20日"]),
        ("霜溪市重点河段里，青桥县的是哪几段？", ["柳湾", "石埠"]),
        ("审计建议一共几条，落实了几条？", ["二十一条", "十三条"]),
        ("往河道里排粪污归哪个部门查？", ["农业农村部门"]),
        ("2025年要清淤多少公里？", ["公里"]),
        ("东岸泵站建设的牵头单位是哪家？", ["市城投集团"]),
    ],
)
def test_each_part_is_answered_by_what_speaks_of_it(retriever: Retriever, question: str, facts: list[str]) -> None:
    answer = retriever.answer(question)

    assert not answer.abstained, answer.reason
    for fact in facts:
        assert fact in answer.text


def test_a_list_that_a_place_chooses_leaves_out_the_others(retriever: Retriever) -> None:
    assert "沙嘴" not in retriever.answer("霜溪市重点河段里，青桥县的是哪几段？").text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("2025年实际清淤了多少公里？", "计划"),
        ("明显落后的2项任务是哪两项？", "点名"),
        ("芦苇补植的配合单位是哪家？", "空的"),
        ("青桥县被查出几个侵占河道问题，限几号改完？", "没有侵占河道问题"),
        ("东岸泵站什么时候验收？", ""),
        ("东岸泵站哪天召开推进会？", ""),
    ],
)
def test_what_is_said_of_something_else_is_no_answer(retriever: Retriever, question: str, said: str) -> None:
    answer = retriever.answer(question)

    assert answer.abstained, answer.text
    assert said in answer.reason


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("市林业局和市城投集团各牵头什么任务？", ["芦苇补植", "东岸泵站"]),
        ("市林业局牵头什么任务，市城投集团呢？", ["芦苇补植", "东岸泵站"]),
        ("柳湾段长多少公里，石埠段呢？", ["3.2公里", "1.1公里"]),
    ],
)
def test_what_is_asked_of_several_is_answered_for_each(retriever: Retriever, question: str, facts: list[str]) -> None:
    answer = retriever.answer(question)

    assert len(answer.claims) == 2, answer.text
    for claim, fact in zip(answer.claims, facts, strict=True):
        assert fact in claim.text


@pytest.mark.parametrize(
    ("question", "stated", "missing"),
    [
        ("2024年清淤了多少公里，2019年呢？", "清淤1", "没有查到“2019年清淤了多少公里”：文件写的是其他年份。"),
        ("东岸泵站什么时候开工，中标单位是哪家？", "2024年", "没有查到“中标单位是哪家”。"),
    ],
)
def test_the_part_that_is_not_stated_is_named(retriever: Retriever, question: str, stated: str, missing: str) -> None:
    answer = retriever.answer(question)

    assert not answer.abstained
    assert stated in answer.text
    assert answer.notice == missing
    assert answer.missing
