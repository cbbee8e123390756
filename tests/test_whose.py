"""Whose matter a sentence speaks of decides: another county's is no answer, and each part has a sentence of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

BRIEFING = """云岚市供水审计整改情况通报

云岚市审计局
2025年4月10日

一、总体情况

云岚市审计局会同苇河县审计局、望沙市审计局开展检查。望沙市财政局、苇河县财政局已报送台账。苇河县审计局一线审计人员仅9人，力量薄弱。

二、重点任务

（一）应急送水。供水中断后，抢修人员应当在四小时内到场；偏远村庄不得超过八小时。送水车可播报普通话、方言和手语字幕，由供水公司保障。第二批送水车于2025年8月底前到位。

（二）考核。供水完成情况占部门考核总分的15%。

（三）老旧泵房。2018年至2022年改造的53座泵房中，已结算37座，尚有16座未结算。责任领导为局党组成员、总工程师杜某，责任科室为建设管理科。

（四）水价。临塘区先行试点。

（五）人才。对全职引进的博士给予安家补贴30万元。

三、任务分工

| 序号 | 任务 | 牵头单位 | 配合单位 | 完成时限 |
|---|---|---|---|---|
| 1 | 新建水厂14座 | 市水利局 | 市财政局 | 2026年10月底前 |
| 2 | 水价试点 | 市发展改革委 | 临塘区人民政府 | 2025年3月底前 |

| 资金来源 | 2024年 | 2025年 | 合计 |
|---|---|---|---|
| 市级专项资金 | 6000 | 6100 | 12100 |
| 专项债券及社会资本 | 25000 | 42000 | 67000 |

四、分项进展

问题一
反馈问题：取水口围网破损。
整改状态：已完成，2025年3月销号。

问题二
反馈问题：老旧水表未更换。
整改状态：滞后于序时进度。

五、依据

经2025年1月8日市政府专题会议研究。
"""

PAPER = """立法會工務委員會文件

碼頭資產管理的進展

背景

本局負責碼頭的管理。

進展

整個項目的核准撥款為980萬元，由本局的數碼發展組統籌。

徵詢意見

請委員備悉。

海港局
碼頭管理處
二零二四年四月
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("whose")
    for name, text in (("briefing.txt", BRIEFING), ("paper.txt", PAPER)):
        (folder / name).write_text(text, encoding="utf-8")
    intake(folder / "store", [folder / "briefing.txt", folder / "paper.txt"], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "望沙市审计局一线审计人员有几个？",  # a city inside the city, beside a county
        "临塘区要新建几座水厂？",  # the row of the table is the whole city's
        "供水占部门考核总分15%，依据的是哪个办法？",
        "一共拆除了多少座泵房？",  # they were rebuilt
        "给硕士的安家补贴是多少？",
    ],
)
def test_what_is_stated_of_another_place_or_not_at_all_is_refused(retriever: Retriever, question: str) -> None:
    assert retriever.answer(question).abstained


@pytest.mark.parametrize(
    ("question", "facts"),
    [
        ("苇河县审计局一线审计人员有几个？", ["9人"]),
        ("全市要新建几座水厂？", ["14座"]),
        ("资金表里2025年专项债加社会资本要多少？", ["专项债券", "42000"]),
        ("没赶上进度的问题是哪一项？", ["水表", "滞后"]),
        ("一共改造了多少座泵房？", ["53座"]),
        ("给博士的安家补贴是多少？", ["30万元"]),
        ("供水断了，抢修的人几个钟头要到？偏远村子呢？", ["四小时", "八小时"]),
        ("送水车能播报哪几种话？第二批哪个月到位？", ["方言", "2025年8月底"]),
        ("还没结算的那十几座泵房，哪位领导负责？", ["杜某"]),
        ("碼頭資產管理項目由哪個組統籌？", ["數碼發展組"]),
    ],
)
def test_what_is_stated_is_answered_in_whatever_words_it_is_asked(
    retriever: Retriever, question: str, facts: list[str]
) -> None:
    answer = retriever.answer(question)

    assert not answer.abstained, answer.reason
    assert [fact for fact in facts if fact not in answer.text] == []
