"""Counts, lists and what is late, over all rows of the ledger; and the questions that it answers."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest

from ingest.corpus import Corpus, Entry
from ingest.corpus.tasks import Tasks, TaskWhere, integrity
from ingest.error import DubanError
from ingest.read import parse, read
from ingest.task import KINDS
from retriever import Retriever
from retriever.answer import Answer
from retriever.embedder import embedder
from retriever.intake import intake, withdraw
from retriever.question import parse as understand
from retriever.tally import filtered, reply

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"
DAY = dt.date(2025, 1, 1)


@pytest.fixture(scope="module")
def corpus(demo: Retriever) -> Corpus:
    return demo.corpus


@pytest.fixture
def tasks(corpus: Corpus) -> Tasks:
    return corpus.tasks()


def doc(corpus: Corpus, name: str) -> str:
    return next(row.doc for row in corpus.documents() if name in row.source)


def made(folder: Path, *texts: str) -> Tasks:
    corpus = Corpus.open(folder, write=True)
    corpus.add([Entry(f"{at}.txt", parse(text.encode()), text.encode()) for at, text in enumerate(texts)])
    return corpus.tasks()


def report(body: str, date: str = "2023年10月25日") -> str:
    return f"东湾市整改情况通报\n{date}\n二、整改情况\n1.台账不全。{body}\n2.巡查不勤。已完成整改。\n"


# --- filters ---


def test_a_list_counts_all_rows_whatever_the_page(tasks: Tasks) -> None:
    where = TaskWhere(kinds=KINDS)

    pages = [row.id for offset in range(0, tasks.count(where), 7) for row in tasks.page(where, 7, offset)]

    assert len(pages) == len(set(pages)) == tasks.count(where) == len(list(tasks.each(where)))
    assert [row.id for row in tasks.each(where, limit=5, offset=3)] == pages[3:8]


def test_only_tasks_are_listed_unless_other_kinds_are_asked_for(corpus: Corpus, tasks: Tasks) -> None:
    one = doc(corpus, "qinglu")

    assert tasks.count(TaskWhere(doc=one)) == 16
    assert tasks.grouped(TaskWhere(doc=one, kinds=KINDS), "kind") == {"task": 16, "organisation": 3, "outlook": 3}


def test_a_body_is_found_by_part_of_its_name_in_any_role_or_one(tasks: Tasks) -> None:
    any_role = {row.title for row in tasks.each(TaskWhere(unit="水务局"))}
    lead = {row.title for row in tasks.each(TaskWhere(unit="市水务局", role="lead"))}
    in_full = {row.title for row in tasks.each(TaskWhere(unit="汀澜市水务局", role="lead"))}
    other_script = {row.title for row in tasks.each(TaskWhere(unit="市林業局", role="lead"))}

    assert lead == in_full == {"新建改造污水管网", "保障生态流量"}
    assert lead < any_role
    assert other_script == {row.title for row in tasks.each(TaskWhere(unit="市林业局", role="lead"))} != set()


def test_the_period_of_a_deadline_has_its_first_day_and_not_its_last(tmp_path: Path) -> None:
    tasks = made(tmp_path, report("正在整改，2023年12月31日前完成。"))

    assert tasks.count(TaskWhere(due_before="2023-12-31")) == 0
    assert tasks.count(TaskWhere(due_before="2024-01-01")) == 1
    assert tasks.count(TaskWhere(due_after="2023-12-31")) == 1
    assert tasks.count(TaskWhere(due_after="2024-01-01")) == 0


def test_due_within_counts_from_the_day_that_is_asked_for(tmp_path: Path) -> None:
    tasks = made(tmp_path, report("正在整改，2023年12月31日前完成。"))

    assert tasks.count(TaskWhere(due_within=31, as_of="2023-11-30")) == 1
    assert tasks.count(TaskWhere(due_within=30, as_of="2023-11-30")) == 0
    assert tasks.count(TaskWhere(due_within=30, as_of="2024-01-01")) == 0


def test_words_are_found_in_either_script(tasks: Tasks) -> None:
    assert [row.title for row in tasks.each(TaskWhere(text="樹障 213公里"))] == ["整治輸配電線路隱患"]
    assert [row.title for row in tasks.each(TaskWhere(text="树障"))] == ["整治輸配電線路隱患"]
    assert tasks.count(TaskWhere(text="没有这样的词")) == 0


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", '"', "\\"])
def test_signs_of_the_database_are_only_words(tasks: Tasks, text: str) -> None:
    assert tasks.count(TaskWhere(text=text, unit=text)) == 0


@pytest.mark.parametrize(
    "wrong", [{"status": "done"}, {"role": "chief"}, {"overdue": "maybe"}, {"kinds": ("all",)}, {"stauts": "closed"}]
)
def test_a_filter_that_does_not_exist_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(DubanError, match="不存在"):
        filtered(DAY, **wrong)


def test_groups_count_each_task_once_in_each_of_its_groups(corpus: Corpus, tasks: Tasks) -> None:
    where = TaskWhere(doc=doc(corpus, "tanxi"))

    assert tasks.grouped(where, "status") == {"in_progress": 6, "closed": 5, "long_term": 2, "planned": 1}
    assert tasks.grouped(where, "month")["2025-06"] == 2
    assert tasks.grouped(where, "role") == {"lead": 13, "partner": 12}
    assert sum(tasks.grouped(where, "overdue").values()) == 14


# --- overdue ---


@pytest.mark.parametrize(
    ("body", "as_of", "overdue"),
    [
        ("正在整改，2023年12月31日前完成。", "2023-12-31", "no"),  # still in time on the day itself
        (
            "正在整改，2023年12月31日前完成。",
            "2024-01-01",
            "unknown",
        ),  # the document's last word is older than the deadline
        ("正在整改，2023年12月31日前完成。", "2099-01-01", "unknown"),
        ("正在整改，2023年12月31日前完成。", "1999-01-01", "no"),
        ("正在整改，原定2023年9月30日前完成。", "2023-10-25", "yes"),  # it spoke after the deadline: not met
        ("2023年9月30日前安装率达到100%。该问题已销号。", "2099-01-01", "no"),
        ("正在整改。", "2099-01-01", "no"),  # nothing is due
        ("正在整改，每月报告一次。", "2023-10-01", "no"),
        ("正在整改，每月报告一次。", "2024-10-01", "unknown"),
        ("拟于2024年2月29日前完成。", "2024-02-29", "no"),
        ("拟于2024年2月29日前完成。", "2024-03-01", "unknown"),
    ],
)
def test_overdue_follows_the_day_asked_for_and_the_last_word_of_the_document(
    tmp_path: Path, body: str, as_of: str, overdue: str
) -> None:
    tasks = made(tmp_path, report(body))

    (row, _) = tasks.each(TaskWhere(as_of=as_of))

    assert row.overdue == overdue
    assert [found.id for found in tasks.each(TaskWhere(as_of=as_of, overdue=overdue)) if found.no == "1"] == [row.id]


def test_a_task_shows_when_it_is_due_and_when_the_document_last_spoke(tmp_path: Path) -> None:
    (row, _) = made(tmp_path, report("正在整改，2023年12月31日前完成。")).each(TaskWhere(as_of="2024-06-01"))

    shown = row.to_json()

    assert (shown["due"], shown["last_word"], shown["as_of"]) == ("2023-12-31", "2023-10-25", "2024-06-01")


# --- the door for developers ---


def test_a_retriever_lists_and_counts_tasks(demo_store: Path) -> None:
    with Retriever.open(demo_store) as retriever:
        rows = retriever.tasks(status="in_progress", due_before=dt.date(2026, 1, 1), as_of=DAY)
        counts = retriever.tally(status="in_progress", as_of=DAY)
        linked = retriever.tasks(text="石汀污水处理厂", same=True, as_of=DAY)

    assert rows
    assert {row.status for row in rows} == {"in_progress"}
    assert counts["in_progress"] >= len(rows)
    assert any(row.same for row in linked)


# --- the store ---


def test_a_document_and_its_tasks_come_and_go_together(tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path, write=True)
    texts = [report("正在整改。"), report("已完成整改。")]
    corpus.add([Entry("a.txt", parse(texts[0].encode()), texts[0].encode())])
    corpus.add([Entry("a.txt", parse(texts[0].encode()), texts[0].encode())])
    once = [row.id for row in corpus.tasks().each(TaskWhere())]
    corpus.add([Entry("a.txt", parse(texts[1].encode()), texts[1].encode())])
    changed = [(row.no, row.status) for row in corpus.tasks().each(TaskWhere())]
    corpus.remove(parse(texts[1].encode()).id)

    assert len(once) == 2
    assert changed == [("1", "closed"), ("2", "closed")]
    assert corpus.tasks().count(TaskWhere()) == 0
    assert corpus.integrity() == []


def test_a_ledger_that_lost_a_row_is_found(tmp_path: Path) -> None:
    made(tmp_path, report("正在整改。"))
    corpus = Corpus.open(tmp_path, write=True)
    corpus._db.connection.execute("DELETE FROM task WHERE number = '1'")

    assert any("1 项，应有 2 项" in problem for problem in corpus.integrity())
    assert integrity(corpus._db.connection) != []


def test_ledgers_of_another_reading_are_read_again(tmp_path: Path) -> None:
    made(tmp_path, report("正在整改。"))
    corpus = Corpus.open(tmp_path, write=True)
    corpus._db.connection.execute("DELETE FROM task")
    corpus._db.connection.execute("UPDATE meta SET value = 'older' WHERE key = 'ledger'")
    corpus.close()

    again = Corpus.open(tmp_path, write=True)

    assert again.tasks().count(TaskWhere()) == 2
    assert again.integrity() == []


def test_the_list_of_documents_counts_their_tasks(demo_store: Path) -> None:
    with Retriever.open(demo_store) as retriever:
        counts = {Path(row.source).stem: row.tasks for row in retriever.documents()}

    assert counts.items() >= {
        "lanpu-notice": 11, "qinglu-rectification": 16, "tanxi-ledger": 14, "tinglan-duty-report": 10, "tinglan-plan": 12,
    }.items()  # fmt: skip


def test_a_withdrawn_document_leaves_no_tasks(tmp_path: Path) -> None:
    intake(tmp_path / "s", [DEMO / "tinglan-plan.txt"], embedder())
    found, _ = read(DEMO / "tinglan-plan.txt")

    withdraw(tmp_path / "s", found.id, embedder())

    with Retriever.open(tmp_path / "s") as retriever:
        assert retriever.tasks(kinds=KINDS) == []


# --- questions ---


def ask(corpus: Corpus, question: str, as_of: dt.date = DAY) -> Answer | None:
    return reply(understand(question), corpus.tasks(), corpus.documents(), as_of, time.perf_counter())


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("青芦区住建局巡察整改一共多少个问题？", "16个问题"),
        ("青蘆區住建局巡察整改銷號了幾個問題？", "已销号10个"),
        ("青芦区住建局巡察还有几个问题没整改完？", "正在整改3个"),
        ("昙溪市校园食品安全台账有多少项任务？", "14项任务"),
        ("昙溪校园食品安全行动还有几项任务尚未启动？", "尚未启动1项"),
    ],
)
def test_how_many_is_answered_with_the_total_that_the_document_states(corpus: Corpus, question: str, says: str) -> None:
    answer = ask(corpus, question)

    assert answer is not None
    assert (answer.grade, says in answer.text) == ("answer", True)
    for citation in answer.citations:
        assert corpus.document(citation.doc).text[citation.start : citation.end] == citation.quote


def test_which_ones_are_listed_where_the_rows_bear_the_total_out(corpus: Corpus) -> None:
    answer = ask(corpus, "青芦区住建局还有哪几个问题正在整改？")

    assert answer is not None
    assert answer.grade == "answer"
    assert [task["title"] for task in answer.tasks] == ["竣工小区移交不及时", "资金归集有缺口", "公租房轮候时间长"]
    assert all(task["title"] in answer.text for task in answer.tasks)


def test_what_the_document_does_not_name_is_not_listed_as_its_verdict(tmp_path: Path) -> None:
    text = "东湾市整改情况通报\n2023年10月25日\n二、整改情况\n反馈的3个问题已销号1个，正在整改2个。\n1.台账不全。已补齐台账。\n2.巡查不勤。已配备人员。\n3.设备老化。正在更换。\n"
    tasks = made(tmp_path, text)
    documents = Corpus.open(tmp_path).documents()

    answer = reply(understand("东湾市整改情况通报里哪些问题正在整改？"), tasks, documents, DAY, time.perf_counter())

    assert answer is not None
    assert (answer.abstained, answer.missing) == (True, ("list",))
    assert "正在整改2个" in answer.nearest[0].quote
    assert [(task["no"], task["inferred"]) for task in answer.tasks] == [("3", True)]


def test_the_tasks_of_a_body_are_listed_with_their_number(corpus: Corpus) -> None:
    answer = ask(corpus, "市水务局牵头的任务有哪些？")

    assert answer is not None
    assert "共2项" in answer.text
    assert {task["title"] for task in answer.tasks} == {"新建改造污水管网", "保障生态流量"}


def test_what_is_late_is_said_with_the_day_and_with_what_cannot_be_known(corpus: Corpus) -> None:
    answer = ask(corpus, "汀澜市苇溪河三年行动方案里哪些任务逾期了？", dt.date(2026, 1, 1))

    assert answer is not None
    assert "2026-01-01" in answer.text
    assert "无法判断" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "苇溪河三年行动开始之前，排污口已经弄好多少个，还欠多少个？",
        "水务局的水政执法案子还有几件没结？",
        "市级河长巡河发现了多少个问题？",
        "苇溪河排污口“一口一档”由谁牵头？",
        "2022年汀澜市水务局立案多少件？",
        "鹤汀县列进重点林区的是哪几处？",
        "怀岭市森林防火有哪些任务？",
        "",
    ],
)
def test_other_questions_are_left_to_the_passages(corpus: Corpus, question: str) -> None:
    assert ask(corpus, question) is None


STACKED = "\n".join(
    (
        "澄州市便民服务重点任务滚动清单", "", "序号", "任务", "牵头单位", "完成时限", "进展情况", "",
        "1", "延长办事窗口时间", "市政务局", "2025年5月31日", "已完成。周末开放", "",
        "2", "对接省级平台", "市数据局", "2025年7月31日", "逾期。接口未通过", "",
        "3", "组建企业服务团", "市司法局", "长期", "上半年已入企36家", "",
        "4", "增设自助终端", "市财政局", "2025年12月31日", "正在推进。已增设8台", "",
    )
)  # fmt: skip


def test_the_state_that_each_row_states_is_the_documents_own(tmp_path: Path) -> None:
    (tmp_path / "清单.txt").write_text(STACKED, encoding="utf-8")
    intake(tmp_path / "store", [tmp_path / "清单.txt"], embedder())

    with Retriever.open(tmp_path / "store") as retriever:
        done = retriever.answer("澄州市清单上已完成的有哪些？", as_of=dt.date(2025, 8, 20))
        late = retriever.answer("澄州市清单上逾期的有几项？", as_of=dt.date(2025, 8, 20))
        kinds = [row.status for row in retriever.tasks()]

    assert kinds == ["closed", "in_progress", "long_term", "in_progress"]
    assert [row["title"] for row in done.tasks] == ["延长办事窗口时间"] and not done.abstained
    assert [row["title"] for row in late.tasks] == ["对接省级平台"] and not late.abstained
