"""A detail that a document leaves out is refused, however much of the matter it states; what it states is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

REPORT = """溪桥市桥梁和供水整改情况的报告

溪桥市人民政府办公室
2025年3月14日

一、总体情况

截至2025年2月28日，反馈的24个问题已整改到位19个，达到序时进度3个，进度滞后2个；问责处理9人，其中批评教育6人。未达到序时进度的2个问题为“旧桥加固缓慢”和“管网漏损偏高”。逾期未还设备的3户租户已被起诉，追回租金58.6万元。

二、分项情况

（一）旧桥加固

整改目标：完成石梁桥等8座旧桥加固，病害处置率达到90%以上。

整改进展：已加固5座，病害处置率由督察时的61.5%提高到72.4%。施工单位为赶工期夜间作业，已责令停工。设计变更方案待专家评审通过后再行施工，评审前暂不动工。

（二）南岭污水处理厂扩建

整改目标：完成二期扩建，新增处理能力2万吨。

整改进展：二期总投资1.4亿元。扩建完成前，采取向北岭厂调水的临时办法。对虚报进度的，移送市纪委监委处理。

（三）供水培训

积极推广供水员持证上岗，实施三年百万青年学水计划。培训每人每年只补一次。2024年培训供水员430名。到2026年，持证率达到80%。

（四）保税仓储

支持综合保税区内企业开展冷链仓储。（牵头单位：市商务局；配合单位：市财政局、市税务局）

第七条 有下列情形之一的，暂停补助：
（一）虚报人数的；
（二）未按期培训的；
（三）挪用经费的。

补助通知书由申请人和经办人双方签字。

三、工作安排

对旧桥加固由分管副市长包抓。领导小组办公室每半年报告一次，下一次报告于2025年8月底前完成。
"""

PLAN = """溪桥市农村道路三年行动实施方案（2025—2027年）

溪桥市交通运输局
2025年1月20日

到2025年底，新增硬化道路36公里，新建候车亭14座。

三年计划总投资2.2亿元，候车亭由各乡镇负责管护。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("unstated")
    files = {"report.txt": REPORT, "plan.txt": PLAN}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    intake(folder / "store", [folder / name for name in files], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "包抓旧桥加固的副市长是哪位？",  # a verb is no surname
        "被批评教育的6个人是谁？",
        "问责的9人分别是谁？",
        "没还设备的3户都是哪些人？",  # nor is 万 of 58.6万元
        "旧桥加固的施工单位叫什么？",
        "南岭污水处理厂二期的监理单位叫什么？",  # the works themselves are no answer
        "旧桥加固是哪家企业中标的？",
        "南岭污水处理厂的设备是哪家公司供的？",
        "培训补助发到哪个银行？",
        "供水员持证上岗推广到几个县了？",
        "百万青年学水计划每人补多少元？",
        "通知书要交几份？",  # 下一次 and 每半年 count nothing
        "旧桥加固到2026年年底还剩几座没完成？",
        "2025年实际新建了几座候车亭？",
        "到现在已经硬化了多少公里农村道路？",
        "市财政局牵头的是哪项？",
        "市林草局配合的是哪项？",
        "2023年培训了多少名供水员？",
        "2024年整改率比上年高了几个点？",
        "溪桥供水培训每人多少钱，怎么发到户？",
    ],
)
def test_a_detail_that_is_left_out_is_refused(retriever: Retriever, question: str) -> None:
    answer = retriever.answer(question)

    assert answer.abstained, answer.text


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("进度滞后的是哪两个问题？", "管网漏损偏高"),
        ("旧桥已经加固了几座？", "5座"),
        ("病害处置率现在到多少了？", "72.4%"),
        ("病害处置率的目标是多少？", "90%"),
        ("问责了几个人？", "9人"),
        ("逾期未还设备的有几户？", "3户"),
        ("对虚报进度的怎么处理？", "移送市纪委监委"),
        ("南岭污水厂没扩好之前临时怎么办？", "北岭厂调水"),
        ("为何旧桥加固现在不能动工？", "专家评审"),
        ("培训一年能补几次？", "一次"),
        ("通知书要几方签字？", "双方"),
        ("暂停补助有几种情形？", "挪用经费"),
        ("综保区冷链仓储由谁牵头？", "市商务局"),
        ("持证率2026年要达到多少？", "80%"),
        ("2024年培训了多少名供水员？", "430名"),
        ("2025年计划新建几座候车亭？", "14座"),
        ("南岭污水处理厂二期总投资多少钱？", "1.4亿元"),
    ],
)
def test_what_is_stated_beside_it_is_answered(retriever: Retriever, question: str, fact: str) -> None:
    answer = retriever.answer(question)

    assert not answer.abstained, answer.reason
    assert fact in answer.text
