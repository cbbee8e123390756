"""What fits a question and does not answer it is refused with the reason; what answers it is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

PLAN = """汀城市供水改造实施方案

汀城市人民政府办公室
2025年3月1日

一、重点任务

（一）东岸区管网改造。由东岸区水务局牵头，2025年9月底前完成改造12公里。

（二）西岸县水厂扩建。由西岸县政府负责，2025年年底前完成，日供水能力提高到3万吨，每户补助200元。

（三）泵站整治。全市4座泵站存在漏水，已整治3座，余下1座因征地未完成，尚未整治，涉及的4家企业已列入名单。

二、红灯事项

1．水表计量不准。由市市场监管局抽检。

2．水价标准不一。由市发展改革委核定。

三、分工表

| 序号 | 任务 | 牵头单位 | 配合单位 | 完成时限 |
|---|---|---|---|---|
| 1 | 水质在线监测 | 市水务局 | 市生态环境局 | 2025年6月30日前 |
| 2 | 应急水源建设 | 市水务局 |  | 2025年10月31日前 |
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("refusal")
    (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
    intake(folder / "store", [folder / "plan.txt"], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("南岸县水厂扩建由谁负责？", "其他地方"),
        ("应急水源建设的配合单位是哪家？", "空的"),
        ("西岸县水厂扩建总共花多少钱？", ""),
        ("泵站整治涉及的是哪4家企业？", "点名"),
        ("余下的1座泵站是哪天整治完的？", "尚未"),
        ("西岸县水厂扩建为什么提前完成？", ""),
        ("东岸区水务局局长叫什么名字？", ""),
        ("2019年东岸区管网改造了多少公里？", ""),
        ("已列入名单的4家企业叫什么？", "点名"),
        ("漏水的是哪几家企业？", "点名"),
        ("西岸县水厂扩建总投资是多少？", ""),
        ("东岸区到现在实际改造了多少公里管网？", ""),
        ("泵站整治得了多少分？", ""),
        ("水质在线监测的负责人叫什么名字？", ""),
    ],
)
def test_what_is_not_stated_is_refused_with_the_reason(retriever: Retriever, question: str, said: str) -> None:
    answer = retriever.answer(question)

    assert answer.abstained, answer.text
    assert said in answer.reason


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("东岸区管网改造由谁牵头？", "东岸区水务局"),
        ("西岸县水厂扩建由谁负责，什么时候完成？", "2025年年底前"),
        ("水质在线监测的配合单位是哪家？", "市生态环境局"),
        ("应急水源建设几时完成？", "2025年10月31日前"),
        ("全市有几座泵站漏水？", "4座"),
    ],
)
def test_what_is_stated_is_answered(retriever: Retriever, question: str, fact: str) -> None:
    answer = retriever.answer(question)

    assert not answer.abstained, answer.reason
    assert fact in answer.text


def test_a_list_under_a_heading_is_given_whole(retriever: Retriever) -> None:
    answer = retriever.answer("红灯事项有哪些？")

    assert "水表计量不准" in answer.text and "水价标准不一" in answer.text
    assert "泵站" not in answer.text


@pytest.mark.parametrize("question", ["火星基地由谁负责建设？", "今天天气怎么样", "你好", "谁是球队的主教练？"])
def test_what_no_document_speaks_of_is_refused_however_common_the_other_words_are(
    retriever: Retriever, question: str
) -> None:
    assert retriever.answer(question).abstained
