"""F25: private telephones, mails, homes and identity numbers are in no answer, log, report or export."""

import dataclasses
import io
import json
import logging
import zipfile

import pytest

from app.conversations import Conversation, Turn
from app.export.conversation import write_conversation
from app.export.csv import write_csv
from app.log import mask_log
from eval.case import Case
from eval.run import failure, judge
from retriever.embedder import embedder
from retriever.intake import intake
from retriever.private import masked
from retriever.retriever import Retriever

# Made up; none of these numbers is anybody's.
SECRETS = (
    "13912340001",
    "510199199001011234",
    "xu_somebody@qq.com",
    "柳湾小区9栋2单元301室",
    "8123456",
    "138 0000 1111",
)
OFFICE = ("0000-5550199", "13800002222", "liuwan@liuwan.gov.cn")
DOCUMENT = """柳湾镇危房改造整改情况通报

一、总体情况
柳湾镇危房改造由镇村镇建设办公室牵头，2024年10月底前完成37户改造。举报电话：13800002222，监督电话：0000-5550199。
电子邮箱：liuwan@liuwan.gov.cn，来信请注明联系方式。

二、个案办理
（一）村民许某反映房屋漏雨问题。许某（身份证号510199199001011234）家住柳湾小区9栋2单元301室，电话8123456，反映房屋漏雨，镇村镇建设办公室已于2024年6月完成维修。
（二）补助资金发放。经办人：许某，手机13912340001，邮箱xu_somebody@qq.com。补助资金42万元已发放到位。
（三）信访回访。王女士 138 0000 1111。

三、分工
| 序号 | 整改事项 | 责任单位 | 完成时限 | 进展情况 |
|---|---|---|---|---|
| 1 | 许某住房维修（许某手机13912340001） | 村镇建设办公室 | 2024年6月底前 | 已完成 |
| 2 | 补助资金发放 | 镇财政所 | 2024年9月底前 | 已完成 |
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("private")
    (folder / "a.md").write_text(DOCUMENT, encoding="utf-8")
    intake(folder / "store", [folder / "a.md"], embedder())
    with Retriever.open(folder / "store") as retriever:
        yield retriever


QUESTIONS = (
    "许某的电话是多少？", "许某的手机号是多少？", "许某的身份证号码是多少？", "许某家住哪里？", "許某的住址在哪？", "王女士的联系方式是什么？",
    "经办人许某的邮箱是什么？", "补助资金发放的经办人是谁？", "许某反映的问题办得怎么样了？", "柳湾镇的整改事项有哪些？", "柳湾镇有几项整改任务？",
    "What is Xu's phone number?", "补助资金发放了多少？", "8123456是谁的电话", "柳湾镇补助资金由谁负责发放？", "哪些事项已完成？",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_answer_tells_a_private_value(desk, question):
    answer = desk.answer(question)
    given = answer.to_json()
    said = json.dumps({**given, "question": "", "state": {**given["state"], "matter": ""}}, ensure_ascii=False)

    assert not [secret for secret in SECRETS if secret in said]
    for citation in (*answer.citations, *answer.nearest):
        assert desk.document(citation.doc).text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("question", QUESTIONS[:7])
def test_a_question_for_a_private_value_is_refused_with_the_reason(desk, question):
    answer = desk.answer(question)

    assert answer.abstained and not answer.citations
    assert "contact" in answer.missing


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("柳湾镇的监督电话是多少？", "0000-5550199"),
        ("柳湾镇的举报电话是多少？", "13800002222"),
        ("柳湾镇的电子邮箱是什么？", OFFICE[2]),
    ],
)
def test_what_an_office_publishes_is_answered(desk, question, value):
    assert value in desk.answer(question).text


def test_the_rest_of_a_sentence_with_a_private_value_is_answered(desk):
    assert "42万元" in desk.answer("柳湾镇补助资金发放了多少？").text


def test_the_stored_text_is_unchanged(desk):
    assert desk.document(desk.documents()[0].doc).text == DOCUMENT


def test_masking_keeps_the_length_and_what_offices_publish():
    shown = masked(DOCUMENT)

    assert len(shown) == len(DOCUMENT)
    assert not [secret for secret in SECRETS if secret in shown]
    assert all(value in shown for value in OFFICE)


@pytest.mark.parametrize(
    "words",
    [
        "投资13800000000元",
        "总投资13912345678.50元",
        "文号2024110112345678",
        "2023年12月31日至2024年12月31日",
        "GB 3095-2012",
    ],
)
def test_sums_dates_and_codes_are_not_masked(words):
    assert masked(words) == words


def test_nothing_private_is_logged(caplog):
    before = logging.getLogRecordFactory()
    try:
        mask_log()
        log = logging.getLogger("app.test")
        log.warning("问题：%s", "许某，手机13912340001")
        try:
            raise ValueError("许某 510199199001011234")
        except ValueError:
            log.exception("没有答成")
    finally:
        logging.setLogRecordFactory(before)

    assert "没有答成" in caplog.text and "ValueError" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]


def test_reports_and_exports_are_masked(desk, tmp_path):
    question = "许某，手机13912340001，他的问题办得怎么样了？"
    answer = {**desk.answer(question).to_json(), "answer": "许某，手机13912340001[1]"}
    case = Case("c", ("a",), question, "status", True, "hans", (), (("13912340001",),), ())
    result = judge(case, answer, (), lambda doc: None, 1.0)
    kept = json.dumps([result.to_json(), failure(result)], ensure_ascii=False)
    talk = write_conversation(Conversation("1", question, (Turn(question, answer),)))
    rows = [row.to_json() for row in desk.tasks()]
    write_csv(tmp_path / "a.csv", rows)

    shown = zipfile.ZipFile(io.BytesIO(talk)).read("word/document.xml").decode()
    table = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert "许某" in kept and "许某" in shown and "许某" in table
    for text in (kept, shown, table):
        assert not [secret for secret in SECRETS if secret in text]


def test_a_model_that_repeats_a_private_value_is_not_heard(desk):
    from retriever.claim import Citation, Claim
    from retriever.discretion import discreet

    document = desk.document(desk.documents()[0].doc)
    at = document.text.index("经办人")
    quote = document.text[at : document.text.index("\n", at)]
    citation = Citation(1, document.id, "", "", (), at, at + len(quote), quote)
    answer = dataclasses.replace(
        desk.answer("柳湾镇危房改造由谁牵头？"), claims=(Claim("经办人手机13912340001", (1,)), Claim("补助资金42万元已发放到位", (1,))),
        citations=(citation,), grade="answer",
    )  # fmt: skip

    said = discreet(answer, lambda doc: document.text)

    assert [claim.text for claim in said.claims] == ["补助资金42万元已发放到位"]
    assert "13912340001" not in said.citations[0].quote
