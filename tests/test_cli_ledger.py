"""The command `duban ledger`: what it prints, its filters, its files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "documents"
TASK = {
    "id", "doc", "kind", "no", "label", "path", "title", "duties", "measures", "deadlines", "status", "overdue", "figures", "flags",
    "quote",
}  # fmt: skip
Duban = Callable[..., tuple[int, str, str]]


@pytest.fixture
def duban(capsys: pytest.CaptureFixture[str], demo_store: Path) -> Duban:
    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in ("ledger", *arguments, "--store", demo_store)])
        except SystemExit as left:
            code = int(left.code or 0)
        return code, *capsys.readouterr()

    return run


def test_json_is_one_array_of_tasks_of_the_contract(duban: Duban) -> None:
    code, out, error = duban("--json", "--as-of", "2025-01-01")

    rows = json.loads(out)
    assert (code, error) == (0, "")
    counted = Counter(Path(row["source"]).stem for row in rows)
    assert counted.items() >= {
        "lanpu-notice": 11, "qinglu-rectification": 16, "tanxi-ledger": 14, "tinglan-duty-report": 10, "tinglan-plan": 12,
    }.items()  # fmt: skip
    for row in rows:
        assert row.keys() >= TASK
        assert row["title"] in row["quote"]
        assert (row["kind"], row["as_of"]) == ("task", "2025-01-01")
        assert row["overdue"] in ("yes", "no", "unknown")
        assert {"kind", "as_of", "start", "end"} <= row["status"].keys()
        assert all({"unit", "role", "start", "end"} <= duty.keys() for duty in row["duties"])
        assert all(
            {"text", "kind", "start_date", "end_date", "every", "anchor", "start", "end"} <= when.keys()
            for when in row["deadlines"]
        )


def test_the_filters_of_the_contract(duban: Duban) -> None:
    def rows(*arguments: object) -> list[dict[str, object]]:
        code, out, _ = duban("--json", *arguments)
        assert code == 0
        found: list[dict[str, object]] = json.loads(out)
        return found

    everything = rows("--all")
    doc = next(row["doc"] for row in everything if row["doc_title"] == "昙溪市校园食品安全提升行动2025年上半年任务台账")

    assert {row["doc"] for row in rows("--doc", doc)} == {doc}
    assert len(rows("--doc", doc, "--status", "closed")) == 5
    assert len(rows("--doc", doc, "--status", "open")) == 9
    assert {row["title"] for row in rows("--doc", doc, "--unit", "市商务局")} == {"偏远教学点冷链配送"}
    assert len(rows("--doc", doc, "--due-before", "2025-05-01")) == 2
    assert {row["kind"] for row in everything} == {"task", "organisation", "outlook", "responsibility"}
    assert len(rows("--limit", 3, "--offset", 2)) == 3


def test_a_filter_that_lets_nothing_through_gives_an_empty_array(duban: Duban) -> None:
    code, out, _ = duban("--json", "--unit", "没有这个局")

    assert (code, json.loads(out)) == (0, [])


def test_words_show_who_by_when_how_far_and_where(duban: Duban) -> None:
    code, out, _ = duban("--unit", "怀岭燃气公司")

    assert code == 0
    assert "老化管道更新慢" in out
    assert "计划中" in out
    assert "责任：怀岭燃气公司" in out
    assert "共 1 项" in out


def test_totals_is_one_object_with_what_was_compared(duban: Duban) -> None:
    code, out, _ = duban("--totals", "--json")
    shown = json.loads(out)
    _, words, _ = duban("--totals")

    assert (code, out.count("\n")) == (0, 1)
    docs = {item["title"][:6]: item for item in shown["docs"]}
    assert docs["中共怀岭市青"]["tasks"] == {"task": 16, "organisation": 3, "outlook": 3}
    main_total = next(total for total in docs["中共怀岭市青"]["totals"] if total["value"] == 16)
    assert (main_total["result"], [part["value"] for part in main_total["parts"]]) == ("agreed", [10, 3, 2, 1])
    assert "16 = 10 + 3 + 2 + 1" in words


def test_a_document_without_numbering_is_said_to_have_an_empty_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prose.txt").write_text("今天天气很好，适合出门。\n没有编号，也没有事项。\n", encoding="utf-8")
    main(["ingest", str(tmp_path / "prose.txt"), "--store", str(tmp_path / "s")])
    capsys.readouterr()

    assert main(["ledger", "--store", str(tmp_path / "s")]) == 0
    assert "prose.txt》没有编号的事项，台账为空" in capsys.readouterr().out
    assert main(["ledger", "--json", "--store", str(tmp_path / "s")]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == []
    assert "台账为空" in shown.err


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".ics", ".docx"])
def test_the_list_goes_to_a_file(duban: Duban, tmp_path: Path, suffix: str) -> None:
    code, out, _ = duban("--out", tmp_path / f"台账{suffix}")

    assert code == 0
    assert (tmp_path / f"台账{suffix}").stat().st_size > 0
    assert f"共 {len(json.loads(duban('--json')[1]))} 项" in out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--doc", "nothing"), 1),
        (("--out", "ledger.pdf"), 1),
        (("--status", "done"), 2),
        (("--due-before", "2025-02-30"), 2),
        (("--as-of", "tomorrow"), 2),
        (("--due-within", "-1"), 2),
    ],
)
def test_what_cannot_be_is_said_in_one_line(duban: Duban, arguments: tuple[str, ...], status: int) -> None:
    code, out, error = duban(*arguments)

    assert (code, out, error.count("\n")) == (status, "", 1)
