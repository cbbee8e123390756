import gzip
import itertools
import json
import random

import pytest

from eval.bench import ablation, budget, fiction, formats, table
from eval.bench.contest import Result, contend, quality
from eval.bench.data import FITTED, HELD, OTHER_WORDS, Data, invented, paragraphs, reworded, statutes
from eval.bench.synonym import Synonyms
from eval.case import SuiteError
from ingest.read import parse
from retriever import Retriever, keywords
from retriever.embedder import embedder
from retriever.index import Index
from retriever.intake import intake
from retriever.rank import WEIGHTS


def test_invented_documents_are_the_same_each_time_and_differ_by_seed():
    first, again, other = (list(itertools.islice(fiction.documents(seed), 5)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_an_invented_question_points_at_one_item_that_names_what_is_asked():
    for made in itertools.islice(fiction.documents(1), 30):
        for question in made.questions:
            item = made.text[question.start : question.end]
            assert "\n" not in item and made.text[question.end] == "\n"
            if question.named:
                assert item.split(".", 1)[1][:3] in question.text
            else:
                assert question.text[:3] == made.text[:3]


def test_no_two_invented_documents_are_of_one_place():
    titles = [made.text.split("年")[0][:-4] for made in itertools.islice(fiction.documents(1), 300)]

    assert len(set(titles)) == 300


def test_an_invented_corpus_has_the_chunks_that_were_asked_for_and_its_questions_hold(tmp_path):
    data = invented(150, tmp_path / "data")

    rows = [json.loads(line) for line in (data.folder / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = {path.name: path.read_text(encoding="utf-8") for path in (data.folder / "documents").iterdir()}
    assert 150 <= data.chunks == len(rows) < 190
    assert all(texts[row["doc"]][row["start"] : row["end"]] == row["text"] for row in rows)
    assert all(texts[row["doc"]][row["start"]].isdigit() for row in data.questions)
    assert set(data.kinds) == {"project named", "place and matter"}


def test_a_set_is_asked_in_both_scripts(tmp_path):
    file = tmp_path / "set.json"
    paragraph = {"context": "水務局負責。", "qas": [{"question": "誰負責？"}]}
    file.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8")

    data = paragraphs(file, tmp_path / "data")

    assert [(row["kind"], row["question"]) for row in data.questions] == [
        ("own script", "誰負責？"),
        ("other script", "谁负责？"),
    ]


CEDICT = """\
賠償 赔偿 [pei2 chang2] /to compensate/
補償 补偿 [bu3 chang2] /to compensate/
農民 农民 [nong2 min2] /peasant/farmer/
農夫 农夫 [nong2 fu1] /peasant/farmer/
河流 河流 [he2 liu2] /river/
小河 小河 [Xiao3 he2] /river/
"""


@pytest.fixture
def synonyms(tmp_path) -> Synonyms:
    file = tmp_path / "cedict.gz"
    file.write_bytes(gzip.compress(CEDICT.encode()))
    return Synonyms(file, ["農夫向工廠要求補償。"] * 3)


def test_words_of_one_meaning_stand_for_each_other_and_what_is_quoted_or_a_name_stays(synonyms):
    draw = random.Random(1)

    assert synonyms.reword("农民找谁赔偿？", 1.0, draw) == "农夫找谁补偿？"
    assert synonyms.reword("農民找誰賠償？", 1.0, draw) == "农夫找誰补偿？"
    assert synonyms.reword("《农民》里的河流？", 1.0, draw) is None
    assert synonyms.reword("", 1.0, draw) is None


def test_of_a_question_as_many_words_are_replaced_as_are_asked_for_and_the_same_each_time(synonyms):
    question = "农民找谁赔偿？"
    one, again = (synonyms.reword(question, 0.0, random.Random(3)) for _ in range(2))

    assert one == again
    assert sum(word in one for word in ("农夫", "补偿")) == 1
    assert len(synonyms.places(question)) == 2


def test_a_set_in_other_words_keeps_its_targets_and_leaves_out_what_has_no_other_words(tmp_path, synonyms):
    file = tmp_path / "set.json"
    asked = {"context": "农民要求赔偿。", "qas": [{"question": "农民要求什么？"}, {"question": "哪里？"}]}
    file.write_text(json.dumps({"data": [{"paragraphs": [asked]}]}), encoding="utf-8")

    made = reworded(paragraphs(file, tmp_path / "data"), synonyms)

    assert made.kinds == [kind for kind, _ in OTHER_WORDS]
    assert {(row["question"], row["doc"]) for row in made.questions} == {("农夫要求什么？", "000000.txt")}


def test_questions_of_laypeople_have_all_their_articles_and_every_other_one_is_held_out(tmp_path):
    file = tmp_path / "queries.json"
    rows = [
        {"问题": "欠薪找谁？", "相关法规": {"甲法第一条": "应当按时支付。\n", "甲法第二条": "由监察机构责令。"}},
        {"问题": "不付钱呢？", "相关法规": {"甲法第一条": "应当按时支付。"}},
    ]
    file.write_text(json.dumps(rows), encoding="utf-8")

    made = statutes(file, tmp_path / "data")

    assert made.chunks == len(list((made.folder / "documents").iterdir())) == 2
    assert [row["kind"] for row in made.questions] == [FITTED, HELD]
    assert [len(row["docs"]) for row in made.questions] == [2, 1]
    assert made.questions[1]["docs"][0] in made.questions[0]["docs"]


def test_a_file_that_is_not_of_laypeople_is_refused_by_name(tmp_path):
    file = tmp_path / "queries.json"
    file.write_text("{}x", encoding="utf-8")

    with pytest.raises(SuiteError, match=r"queries\.json"):
        statutes(file, tmp_path / "data")


@pytest.fixture
def two(tmp_path) -> Data:
    rows = [
        {"question": "甲", "doc": "a.txt", "start": 10, "end": 20, "whole": False, "kind": "k"},
        {"question": "乙", "doc": "b.txt", "start": 0, "end": 9, "whole": False, "kind": "k"},
    ]
    return Data("two", tmp_path, 3, tuple(rows))


def test_what_overlaps_is_right_and_what_only_touches_is_not(two):
    pytest.importorskip("ir_measures")
    touching, right = ("a.txt", 0, 10), ("a.txt", 5, 15)

    found = quality(two, [[touching, right], []])["k"]

    assert found["R@1"] == 0
    assert found["R@5"] == 0.5  # a question without an answer counts
    assert found["RR@10"] == pytest.approx(0.25)
    assert found["nDCG@10"] == pytest.approx(0.5 / 1.58496, abs=1e-4)


def test_a_place_that_is_found_twice_counts_once(two):
    pytest.importorskip("ir_measures")
    found = quality(two, [[("a.txt", 12, 18), ("a.txt", 5, 15)], [("c.txt", 0, 5), ("b.txt", 0, 5)]])["k"]

    assert found["nDCG@10"] == pytest.approx((1 + 1 / 1.58496) / 2, abs=1e-4)
    assert found["R@1"] == 0.5


def result(system: str, build_s: float) -> Result:
    quality = {"k": dict.fromkeys(("R@1", "R@5", "R@10", "RR@10", "nDCG@10"), 0.5)}
    return Result("invented-100", 100, system, quality, build_s, 60.0, 1.0, 5.0, 9.0, 6.0, 70.0, 2.0)


def test_the_newest_result_of_a_system_counts_and_the_rest_of_the_page_stays(tmp_path):
    page, kept = tmp_path / "bench.md", tmp_path / "results.jsonl"
    page.write_text("before\n<!-- results: written by make bench -->\nold\n<!-- end of results -->\nafter\n", "utf-8")
    for system, build_s in (("duban", 4.0), ("bigrams", 1.0), ("duban", 2.0)):
        table.keep(kept, result(system, build_s))

    table.write(page, kept)

    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| Duban | 50 | 5 |" in text
    assert "| bm25s, character bigrams | 100 (×2) |" in text


@pytest.mark.slow
def test_a_system_is_measured_in_processes_of_its_own(tmp_path):
    pytest.importorskip("ir_measures")
    found = contend(invented(60, tmp_path / "data"), "duban")

    assert found.quality["project named"]["R@10"] > 0.9
    assert min(found.build_s, found.first_s, found.p50_ms, found.p95_ms, found.mb, found.disk_mb) > 0


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_the_pages_whose_reading_is_measured_hold_the_words_that_they_should(kind):
    made = {"pdf": formats._pdf, "docx": formats._docx}[kind](1)

    assert "".join(parse(made, f".{kind}").text.split()) == "".join(formats._lines())


def test_the_memory_of_a_format_is_that_of_its_own_process():
    speed, memory = formats.measured("docx")

    assert speed > 0
    assert 20 < memory < 2_000


@pytest.mark.slow
def test_each_budget_is_measured_and_said_with_whether_it_was_kept(tmp_path):
    data = invented(60, tmp_path / "data")

    found = list(budget.budgets(data))
    table = budget.lines(data, found)

    assert len(found) == 9
    assert all(each.measured and min(each.pace) > 0 for each in found)
    assert table.count("\n| ") == len(found) + 2
    assert [each.held for each in found] == ["**no**" not in line for line in table.splitlines()[4:]]


def test_a_budget_without_a_bound_is_neither_kept_nor_broken(tmp_path):
    data = Data("invented", tmp_path, 60, ())
    kept, broken, told = (
        budget.Budget(name, bound, "3 s", held, (90.0, 91.4))
        for name, bound, held in (("one", "4 s", True), ("two", "2 s", False), ("three", "", True))
    )

    lines = budget.lines(data, [kept, broken, told]).splitlines()

    assert lines[4:] == [
        "| one | 4 s | 3 s | yes | 90, 91 |", "| two | 2 s | 3 s | **no** | 90, 91 |", "| three |  | 3 s |  | 90, 91 |",
    ]  # fmt: skip


def test_the_ranking_without_each_part_is_compared_with_the_whole(tmp_path, monkeypatch):
    """What BM25 knows of two plans that say the same is what stands above them: their titles."""
    monkeypatch.setattr(Index, "settle", Index.catch_up)
    for place in ("青溪市", "柳湾县", "石溪镇"):
        text = f"# {place}河道清淤方案\n\n## 一、任务\n\n由水务局牵头，10月底前完成全部清淤。\n"
        (tmp_path / f"{place}.md").write_text(text, encoding="utf-8")
    intake(tmp_path / "store", [tmp_path], embedder())
    columns = keywords.COLUMNS

    with Retriever.open(tmp_path / "store") as retriever:
        asked = [
            ablation.Asked(f"{place}河道清淤由谁牵头", lambda hit, place=place: place in hit.source)
            for place in ("石溪镇", "柳湾县")
        ]
        found = {change.name: change for change in ablation.ablate(retriever, asked)}

    assert {f"without {name}" for name in WEIGHTS} < {*found}
    assert found["all parts"].first == found["BM25 alone"].first == 1.0
    assert found["without the columns path and title"].first_difference.mean == 0.0  # the title counts twice
    assert keywords.COLUMNS == columns
