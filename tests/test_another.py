"""What is stated of another kind, house, year or place is no answer; what is stated of the one that is meant is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

WATER = """琴山市农村供水上半年情况通报

琴山市水利局
2025年7月10日

一、水质检测

上半年完成枯水期检测112处，水质达标率为92.4%；丰水期检测将于9月底前完成。农村自来水普及率达到94.1%。

二、群众诉求

12345热线反映由每月平均88宗下降到61宗。泉湾镇反映的水压问题已答复。

三季度为小学更换净水设备36台。采取夜间停水办法更换老旧管网40处，已完成27处。

三、工程进度

| 序号 | 工程 | 牵头单位 | 完成时限 | 进展情况 |
| --- | --- | --- | --- | --- |
| 1 | 泉湾水厂迁建 | 泉湾镇政府 | 2025年11月30日 | 厂房封顶，设备招标流标，进度落后 |
| 2 | 岭下加压站 | 市水务集团 | 2025年8月15日 | 已通水，试运行15天 |

四、联系方式

市水利局供水科联系人：韩启明，电话：0791-5550123。抄送市公安局、市财政局。
"""

HOSPITAL = """桂林滩县中心医院改善服务责任清单

桂林滩县中心医院
2025年2月18日

一、夜间门诊每周开放4晚，由门诊部牵头，2025年4月底前实施。

二、住院患者满意度达到95%以上，由护理部牵头。

三、新建停车位120个，由后勤科牵头。
"""


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("another")
    files = {"water.txt": WATER, "hospital.txt": HOSPITAL}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    intake(folder / "store", [folder / name for name in files], embedder("hashed"))
    with Retriever.open(folder / "store", "hashed") as opened:
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "琴山市丰水期水质达标率是多少？",
        "琴山市城镇自来水普及率达到多少？",
        "琴山市12345热线反映总共多少宗？",
        "琴山市12345热线上半年一共多少件？",
        "琴山市40处老旧管网全部换完，用了什么办法？",
        "琴山市公安局的联系人是谁，电话多少？",
        "琴山市2023年农村自来水普及率是多少？",
        "第二人民医院夜间门诊每周开放几晚？",
        "云栖医院夜间门诊每周开放几晚？",
        "中心医院改建停车位多少个？",
    ],
)
def test_what_is_stated_of_another_is_refused(retriever: Retriever, question: str) -> None:
    answer = retriever.answer(question)

    assert answer.grade != "answer", answer.text
    assert not answer.claims


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("琴山市枯水期水质达标率是多少？", "92.4%"),
        ("琴山市农村自来水普及率达到多少？", "94.1%"),
        ("琴山市12345热线反映平均每月多少宗？", "61宗"),
        ("琴山市老旧管网换了几处？", "27处"),
        ("岭下加压站试运行几天了？", "15天"),
        ("琴山市水利局供水科的联系人是谁，电话多少？", "韩启明"),
        ("琴山市2025年农村自来水普及率是多少？", "94.1%"),
        ("桂林滩县中心医院夜间门诊每周开放几晚？", "4晚"),
        ("中心医院新建停车位多少个？", "120个"),
        ("第三季度小学更换净水设备多少台？", "36台"),
        ("乡镇小学更换净水设备多少台？", "36台"),
        ("新建小学更换净水设备多少台？", "36台"),
        ("去医院看夜间门诊，每周开放几晚？", "4晚"),
    ],
)
def test_what_is_stated_of_the_one_that_is_meant_is_answered(retriever: Retriever, question: str, fact: str) -> None:
    answer = retriever.answer(question)

    assert answer.grade == "answer", answer.notice
    assert fact in answer.text
