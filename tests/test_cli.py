"""The command: what it prints, its exit status, and that it starts fast."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from ingest.corpus import Corpus
from retriever.index import Index

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "eval" / "suites" / "demo" / "documents"
DUBAN = [sys.executable, "-m", "app.cli"]
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("DUBAN_")}

DOCS_LIST = {"doc", "title", "issuer", "number", "date", "script", "source", "collection", "chunks", "tasks"}
ANSWER = {
    "id", "question", "intent", "answer", "grade", "abstained", "missing", "citations", "nearest", "tasks", "as_of",
    "elapsed_ms",
}  # fmt: skip
CITATION = {"n", "doc", "title", "source", "path", "start", "end", "quote", "page"}
HIT = {"doc", "title", "source", "path", "start", "end", "text", "score"}

Duban = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(demo_store: Path) -> Path:
    """The store of the demo documents, which is only read here."""
    return demo_store


@pytest.fixture
def copy(demo_store: Path, tmp_path: Path) -> Path:
    """A store of the demo documents that a test may change."""
    return shutil.copytree(demo_store, tmp_path / "s")


@pytest.fixture
def duban(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Duban:
    """The command, run in this process: gives exit status, standard output and standard error.

    Without Chroma, which takes seconds to start, but in the tests of `doctor`.
    """
    if "doctor" not in request.node.name:
        monkeypatch.setattr(Index, "settle", Index.catch_up)
    for key in [key for key in os.environ if key.startswith("DUBAN_")]:
        monkeypatch.delenv(key)

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    return run


def child(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*DUBAN, *map(str, arguments)]
    whole = {"cwd": ROOT, "env": ENVIRONMENT, "capture_output": True, "encoding": "utf-8", "timeout": 60, **options}
    return subprocess.run(command, **whole)


def loaded_after(*arguments: object) -> set[str]:
    """Return the names of the packages that a fresh process has loaded when the command is done."""
    script = (
        "import sys\nfrom app.cli import main\ntry: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "sys.stderr.write('loaded ' + ' '.join(sys.modules))"
    )
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=60)
    return {name.partition(".")[0] for name in done.stderr.rpartition("loaded ")[2].split()}


# --- starting ---


def test_help_says_what_there_is_and_loads_nothing_heavy(duban: Duban) -> None:
    code, out, _ = duban("--help")

    assert code == 0
    assert all(name in out for name in ("ingest", "ask", "search", "docs", "serve", "eval", "doctor", "DUBAN_STORE"))
    assert loaded_after("--help") & {"chromadb", "gradio", "torch", "numpy", "opencc", "langchain_core"} == set()


def test_help_is_the_same_from_another_folder(tmp_path: Path) -> None:
    done = child("--help", cwd=tmp_path, env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)})

    assert done.returncode == 0
    assert done.stdout.startswith("usage: duban")


def test_ask_and_search_load_no_torch_and_no_page(store: Path) -> None:
    heavy = {"torch", "sentence_transformers", "gradio", "langchain"}

    assert loaded_after("ask", "有多少个问题？", "--store", store) & heavy == set()
    assert loaded_after("search", "牵头", "--store", store) & heavy == set()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frobnicate",),
        ("ask",),
        ("ask", "问", "--batch", "file"),
        ("ask", "--batch", "file", "--history", "问"),
        ("ask", "问", "--as-of", "2025-02-30"),
        ("ask", "问", "--sto", "x"),
        ("search", "词", "-k", "0"),
        ("search", "词", "-k", "²"),
        ("serve", "--port", "65536"),
        ("docs", "show"),
        ("eval",),
        ("ingest",),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(duban: Duban, arguments: tuple[str, ...]) -> None:
    code, out, error = duban(*arguments)

    assert (code, out) == (2, "")
    assert error.startswith("duban")
    assert error.count("\n") == 1


# --- ingest ---


def test_ingest_json_is_one_object_with_the_counts(duban: Duban, tmp_path: Path) -> None:
    code, out, _ = duban("ingest", DEMO, "--store", tmp_path / "s", "--json")
    first = json.loads(out)
    code_again, out, _ = duban("ingest", DEMO, "--store", tmp_path / "s", "--json")
    again = json.loads(out)

    files = len(list(DEMO.iterdir()))
    assert (code, code_again) == (0, 0)
    assert (first["added"], first["unchanged"], first["updated"], first["failed"]) == (files, 0, 0, [])
    assert (again["added"], again["unchanged"]) == (0, files)


def test_a_file_that_fails_is_one_line_and_status_1_and_the_others_are_there(duban: Duban, tmp_path: Path) -> None:
    files = tmp_path / "files"
    shutil.copytree(DEMO, files)
    (files / "empty.txt").write_bytes(b"")
    (files / "binary.txt").write_bytes(b"\x00\x01\x02\x03" * 999)

    code, out, error = duban("ingest", files, tmp_path / "missing.txt", "--store", tmp_path / "s", "--json")

    lines = [line for line in error.splitlines() if line.startswith("duban: ")]
    assert code == 1
    assert [Path(item["source"]).name for item in json.loads(out)["failed"]] == [
        "missing.txt",
        "binary.txt",
        "empty.txt",
    ]
    assert len(lines) == 3
    assert all(name in error for name in ("empty.txt", "binary.txt", "missing.txt"))
    assert len(json.loads(duban("docs", "list", "--store", tmp_path / "s", "--json")[1])) == len(list(DEMO.iterdir()))


def test_ingest_says_what_it_did_in_words_and_how_far_it_got(duban: Duban, tmp_path: Path) -> None:
    code, out, error = duban("ingest", DEMO, "--store", tmp_path / "s")

    assert code == 0
    assert out.startswith(f"新增 {len(list(DEMO.iterdir()))}，未变 0，更新 0，失败 0")
    assert f"{len(list(DEMO.iterdir()))}/{len(list(DEMO.iterdir()))}" in error


def test_the_store_is_that_of_the_option_then_of_the_environment(
    duban: Duban, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    duban("ingest", DEMO / "tinglan-plan.txt")
    monkeypatch.setenv("DUBAN_STORE", str(tmp_path / "b"))
    duban("ingest", DEMO / "tinglan-plan.txt")
    duban("ingest", DEMO / "tinglan-plan.txt", "--store", tmp_path / "c")

    assert sorted(path.parent.name for path in tmp_path.glob("*/corpus.db")) == ["b", "c", "store"]


# --- ask ---


def test_ask_json_is_one_object_of_the_contract_and_nothing_else(duban: Duban, store: Path) -> None:
    code, out, error = duban("ask", "由谁牵头？", "--store", store, "--as-of", "2025-03-31", "--json")

    answer = json.loads(out)
    assert (code, error, out.count("\n")) == (0, "", 1)
    assert answer.keys() >= ANSWER
    assert answer["as_of"] == "2025-03-31"
    assert all(item.keys() >= CITATION for item in answer["citations"] + answer["nearest"])


def test_ask_in_words_shows_the_answer_and_what_it_cites(duban: Duban, store: Path) -> None:
    given = json.loads(duban("ask", "由谁牵头？", "--store", store, "--json")[1])

    code, out, _ = duban("ask", "由谁牵头？", "--store", store)

    assert code == 0
    assert given["answer"] in out
    assert all(f"[{item['start']}, {item['end']})" in out for item in given["citations"] + given["nearest"])


@pytest.mark.parametrize(
    "question",
    ["", "   ", "？！。", "😀😀", "牵头" * 50_000, "a\x00b", "\udcff\ud800"],
    ids=["empty", "blank", "punctuation", "emoji", "long", "nul", "surrogates"],
)
def test_any_question_gets_an_answer_object(duban: Duban, store: Path, question: str) -> None:
    code, out, _ = duban("ask", question, "--store", store, "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer.keys() >= ANSWER
    assert answer["answer"]


def test_a_batch_is_one_answer_a_line_in_order_with_the_ids_and_dates_of_its_lines(
    duban: Duban, store: Path, tmp_path: Path
) -> None:
    lines = [
        {"id": "x", "question": "由谁牵头？", "facts": [["ignored"]], "as_of": "2025-01-02"},
        {"id": 7, "question": "多久报一次？", "history": ["由谁牵头？"]},
        {"question": ""},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    (tmp_path / "batch.jsonl").write_text(f"{text}\n\n", encoding="utf-8-sig")

    code, out, _ = duban(
        "ask", "--batch", tmp_path / "batch.jsonl", "--as-of", "2025-03-31", "--store", store, "--json"
    )

    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer["id"] for answer in answers] == ["x", 7, None]
    assert [answer["question"] for answer in answers] == [line["question"] for line in lines]
    assert [answer["as_of"] for answer in answers] == ["2025-01-02", "2025-03-31", "2025-03-31"]


def test_a_batch_may_come_from_standard_input(store: Path) -> None:
    done = child("ask", "--batch", "-", "--store", store, "--json", input='{"question": "由谁牵头？"}\n')

    assert done.returncode == 0
    assert json.loads(done.stdout)["question"] == "由谁牵头？"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "不是 JSON"),
        ("[]", "list"),
        ('{"id": 1}', "question 的值 None"),
        ('{"question": 3}', "question 的值 3"),
        ('{"question": "问", "history": "谁"}', "history 的值 '谁'"),
        ('{"question": "问", "as_of": "明天"}', "as_of 的值 '明天'"),
    ],
)
def test_a_line_that_is_no_question_is_named_and_nothing_is_answered(
    duban: Duban, store: Path, tmp_path: Path, line: str, says: str
) -> None:
    (tmp_path / "batch.jsonl").write_text('{"question": "由谁牵头？"}\n' + line, encoding="utf-8")

    code, out, error = duban("ask", "--batch", tmp_path / "batch.jsonl", "--store", store, "--json")

    assert (code, out) == (1, "")
    assert "batch.jsonl 第 2 行" in error
    assert says in error


def test_a_batch_that_is_not_there_is_one_line(duban: Duban, store: Path) -> None:
    code, out, error = duban("ask", "--batch", "no such file", "--store", store)

    assert (code, out, error.count("\n")) == (1, "", 1)
    assert "no such file" in error


# --- search, docs ---


def test_search_json_is_an_array_of_hits_best_first(duban: Duban, store: Path) -> None:
    code, out, _ = duban("search", "牵头单位", "-k", "3", "--store", store, "--json")

    found = json.loads(out)
    assert code == 0
    assert 0 < len(found) <= 3
    assert all(hit.keys() >= HIT for hit in found)
    assert [hit["score"] for hit in found] == sorted((hit["score"] for hit in found), reverse=True)


def test_search_in_words_shows_the_passages(duban: Duban, store: Path) -> None:
    found = json.loads(duban("search", "牵头单位", "-k", "2", "--store", store, "--json")[1])

    _, out, _ = duban("search", "牵头单位", "-k", "2", "--store", store)

    assert all(hit["source"] in out for hit in found)
    assert duban("search", "？", "--store", store)[0] == 0


def test_docs_list_show_and_remove(duban: Duban, copy: Path) -> None:
    rows = json.loads(duban("docs", "list", "--store", copy, "--json")[1])
    doc = rows[0]["doc"]

    shown = json.loads(duban("docs", "show", doc, "--store", copy, "--json")[1])
    in_words = duban("docs", "show", doc, "--store", copy)[1]
    removed = duban("docs", "remove", doc, "--store", copy, "--json")
    left = json.loads(duban("docs", "--json", "--store", copy)[1])

    assert all(row.keys() >= DOCS_LIST for row in rows)
    assert shown["text"] == Path(rows[0]["source"]).read_bytes().decode("utf-8")
    assert rows[0]["title"] in in_words
    assert (removed[0], json.loads(removed[1])) == (0, {"doc": doc, "entries": 1})
    assert [row["doc"] for row in left] == [row["doc"] for row in rows[1:]]


def test_docs_in_words_lists_id_and_source(duban: Duban, store: Path) -> None:
    rows = json.loads(duban("docs", "list", "--store", store, "--json")[1])

    _, out, _ = duban("docs", "--store", store)

    assert all(row["doc"] in out and row["source"] in out for row in rows)


@pytest.mark.parametrize("act", ["show", "remove"])
def test_a_document_that_is_not_there_is_one_line(duban: Duban, store: Path, act: str) -> None:
    code, out, error = duban("docs", act, "nothing", "--store", store, "--json")

    assert (code, out, error.count("\n")) == (1, "", 1)
    assert "nothing" in error


# --- no store, other settings ---


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "问"),
        ("search", "词"),
        ("docs",),
        ("docs", "show", "x"),
        ("docs", "remove", "x"),
        ("doctor",),
    ],
)
def test_without_a_store_it_says_so_and_makes_none(duban: Duban, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, out, error = duban(*arguments, "--store", tmp_path / "none")

    assert (code, out, error.count("\n")) == (1, "", 1)
    assert str(tmp_path / "none") in error
    assert not (tmp_path / "none").exists()


def test_an_unknown_setting_is_refused_by_name(duban: Duban, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_STROE", "x")

    code, out, error = duban("docs")

    assert (code, out) == (1, "")
    assert "DUBAN_STROE" in error


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.invalid", ""])
def test_serve_refuses_any_host_but_this_machine(duban: Duban, store: Path, host: str) -> None:
    code, _, error = duban("serve", "--host", host, "--store", store)

    assert (code, error.count("\n")) == (1, 1)
    assert "--host" in error


# --- doctor ---


def test_doctor_names_damage_and_rebuilds_what_is_derived(duban: Duban, copy: Path) -> None:
    before = json.loads(duban("search", "牵头单位", "--store", copy, "--json")[1])
    (copy / "index.db").write_bytes(b"noise" * 1000)

    code, out, error = duban("doctor", "--store", copy, "--json")
    code_rebuilt, out_rebuilt, _ = duban("doctor", "--rebuild", "--store", copy, "--json")

    assert code == 1
    assert json.loads(out)["problems"]
    assert "doctor --rebuild" in error
    assert (code_rebuilt, json.loads(out_rebuilt)["problems"]) == (0, [])
    assert json.loads(duban("search", "牵头单位", "--store", copy, "--json")[1]) == before


def test_doctor_says_of_each_part_how_it_is_and_brings_a_lost_corpus_back(duban: Duban, copy: Path) -> None:
    before = json.loads(duban("docs", "list", "--store", copy, "--json")[1])

    code, out, error = duban("doctor", "--store", copy)
    assert (code, error) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["文档库", "索引", "向量", "备份", "库"]
    refused = duban("doctor", "--restore", "--store", copy)
    assert (refused[0], "无需恢复" in refused[2]) == (1, True)

    (copy / "corpus.db").write_bytes(b"noise" * 1000)
    code, out, error = duban("ask", "由谁牵头？", "--store", copy)
    assert (code, out, error.count("\n")) == (1, "", 1)
    assert "doctor --restore" in error
    code, out, _ = duban("doctor", "--restore", "--store", copy, "--json")
    assert (code, json.loads(out)["problems"]) == (0, [])
    assert "000001.db" in json.loads(out)["restored"]["backup"]
    assert json.loads(duban("docs", "list", "--store", copy, "--json")[1]) == before


# --- eval ---


def test_eval_run_prints_the_figures_and_the_failures(duban: Duban, tmp_path: Path) -> None:
    code, out, _ = duban("eval", "run", "demo", "--out", tmp_path / "run.jsonl")

    assert code == 0
    assert all(
        name in out for name in ("fact recall", "right", "citation precision", "exactness", "p95", "未达要求的题")
    )
    kept = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(kept) >= 30


def test_eval_run_json_is_one_object(duban: Duban, store: Path) -> None:
    code, out, _ = duban("eval", "run", "demo", "--store", store, "--json")

    done = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert done["store"] == str(store)
    assert done["figures"]["exactness"] == 1.0


def test_eval_run_says_that_there_is_no_such_suite(duban: Duban) -> None:
    code, out, error = duban("eval", "run", "no such suite")

    assert (code, out, error.count("\n")) == (1, "", 1)
    assert "demo" in error


# --- signals and pipes ---


def test_a_reader_that_goes_away_is_no_error(store: Path) -> None:
    command = [*DUBAN, "search", "的", "-k", "50", "--store", str(store), "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        error = process.stderr.read()

    assert error == ""
    assert process.returncode == 1


def test_an_interrupt_is_one_line_and_the_store_goes_on(tmp_path: Path, duban: Duban) -> None:
    files = tmp_path / "files"
    files.mkdir()
    text = next(iter(sorted(DEMO.iterdir()))).read_text(encoding="utf-8")
    for number in range(3000):
        (files / f"{number:04}.txt").write_text(f"第{number}号\n{text}", encoding="utf-8")
    command = [*DUBAN, "ingest", str(files), "--store", str(tmp_path / "s")]
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE, encoding="utf-8")
    while not (tmp_path / "s" / "corpus.db").exists():
        time.sleep(0.05)
        assert process.poll() is None

    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Traceback" not in error
    assert "已中断" in error.splitlines()[-1]
    shutil.rmtree(files)
    assert duban("ingest", DEMO, "--store", tmp_path / "s")[0] == 0
    with closing(Corpus.open(tmp_path / "s")) as corpus:
        assert corpus.integrity() == []
