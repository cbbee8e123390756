import itertools
import json

import pytest

from eval.bench import fiction, formats, table
from eval.bench.contest import Result, contend, quality
from eval.bench.data import Data, invented, paragraphs
from ingest.read import parse


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
