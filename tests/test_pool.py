"""Files read in worker processes: bounded, in order, and none takes another with it."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eval.bench import formats
from ingest.document import document_id
from ingest.error import ReadError
from ingest.ledger import ledger
from ingest.read import parse
from ingest.read.pool import Bounds, Found, Pool, _ahead, _Job, workers
from ingest.read.worker import HEAD, Unpickler, _Pickler
from retriever.embedder import embedder
from retriever.intake import intake
from tests.papers import Block, ofd, papers, pdf

WORDS = "一、整改任务。由市水务局牵头，2025年6月底前完成管网改造{}公里，已投资1.25亿元，完成率92.5%。"


def paper(number: int) -> bytes:
    return pdf(papers([Block(WORDS.format(number))]))


def read(paths: list[Path], bounds: Bounds | None = None, **options: object) -> list[tuple[str, Found]]:
    with Pool(None, bounds) as pool:
        return [(path.name, found) for path, found in pool.read(paths, **options) if found is not None]  # type: ignore[arg-type]


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the reader of Markdown in a worker do what its text says: hang, fill the memory, die, or read."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys, time\n"
        "import importlib.abc\n"
        "class Hook(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'ingest.ledger':  # which a worker imports first\n"
        "            sys.meta_path.remove(self)\n"
        "            import ingest.read.file as file\n"
        "            plain = file.READERS['markdown']\n"
        "            def read(data, limits):\n"
        "                if b'HANG' in data: time.sleep(600)\n"
        "                if b'SPIN' in data:\n"
        "                    while True: pass\n"
        "                if b'FILL' in data:\n"
        "                    held = []\n"
        "                    while True: held.append(bytearray(b'x' * 8_000_000)); time.sleep(0.01)\n"
        "                if b'DIE' in data: os.kill(os.getpid(), 11)\n"
        "                if b'RAISE' in data: raise KeyError('broken')\n"
        "                if b'PRINT' in data: print('to nobody', flush=True); os.write(1, b'to nobody')\n"
        "                return plain(data, limits)\n"
        "            file.READERS['markdown'] = read\n"
        "sys.meta_path.insert(0, Hook())\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr("ingest.read.pool._FEW", -1)  # nothing is read in this process


def test_results_come_in_the_order_of_the_files_with_their_ledgers(tmp_path: Path) -> None:
    paths = []
    for number in range(6):
        path = tmp_path / f"{number}.{'ofd' if number % 2 else 'pdf'}"
        path.write_bytes(ofd(papers([Block(WORDS.format(number))])) if number % 2 else paper(number))
        paths.append(path)

    found = read(paths, Bounds(workers=2))

    assert [name for name, _ in found] == [path.name for path in paths]
    for path, (_, item) in zip(paths, found, strict=True):
        assert item.piece is not None and item.piece.document == parse(path.read_bytes(), path.suffix)
        assert item.tasks == ledger(item.piece.document)
        assert item.data == path.read_bytes()


def test_how_far_a_long_file_is_read_is_told_while_it_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.read.pool._TELL", 0.02)
    path = tmp_path / "book.pdf"
    path.write_bytes(formats._pdf(60))
    told: list[tuple[Path, int, int]] = []

    read([path], tell=lambda *at: told.append(at))

    assert {at[0] for at in told} == {path}
    pages = [page for _, page, count in told if count]
    assert pages and pages == sorted(pages) and {count for *_, count in told} <= {0, 60}


def test_a_few_small_texts_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    (tmp_path / "a.txt").write_text(WORDS, encoding="utf-8")

    ((_, found),) = read([tmp_path / "a.txt"])

    assert found.piece is not None and found.piece.document is not None


def test_a_pdf_that_is_called_text_is_read_in_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_bytes(paper(1))
    monkeypatch.setattr("ingest.read.pool.pieces", None)  # what this process would read with

    ((_, found),) = read([tmp_path / "a.txt"])

    assert found.piece is not None and found.piece.document is not None
    assert found.piece.document.kind == "pdf" and found.piece.document.notes


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(paper(1))

    ((_, found),) = read([tmp_path / "a.pdf"], known=lambda doc: doc == document_id(paper(1)))

    assert found.known == document_id(paper(1)) and found.piece is None


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("HANG", "没有进展"),
        ("SPIN", "没有进展"),
        ("FILL", "内存超过 300 MB"),
        ("DIE", "意外结束"),
        ("RAISE", "KeyError"),
    ],
)
def test_a_reader_that_fails_ends_in_one_line_and_the_next_file_is_read(tmp_path: Path, word: str, said: str) -> None:
    names = ("a.md", "b.md", "c.md")
    for name, words in zip(names, (WORDS, WORDS + word, WORDS + "PRINT"), strict=True):
        (tmp_path / name).write_text(words, encoding="utf-8")

    found = dict(read([tmp_path / name for name in names], Bounds(memory=300, seconds=5, workers=1)))

    assert said in found["b.md"].why and "\n" not in found["b.md"].why
    assert found["a.md"].piece is not None and found["c.md"].piece is not None


def test_the_workers_end_with_whoever_stops_in_the_middle(tmp_path: Path) -> None:
    import psutil

    for number in range(8):
        (tmp_path / f"{number}.pdf").write_bytes(paper(number))
    before = set(psutil.Process().children())  # of other tests
    with Pool(None, Bounds(workers=2)) as pool:
        next(iter(pool.read(sorted(tmp_path.iterdir()))))
        children = set(psutil.Process().children()) - before
    gone, alive = psutil.wait_procs(children, timeout=20)

    assert gone and not alive


def test_a_worker_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from ingest.read.worker import main; main()"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1])
    assert child.stdin is not None and child.stdout is not None
    child.stdin.close()

    assert child.wait(60) == 0
    child.stdout.close()


def test_the_answer_of_a_worker_can_call_nothing() -> None:
    import io

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError, match="system"):
        Unpickler(io.BytesIO(pickle.dumps(Evil()))).load()
    document = parse(WORDS.encode())
    out = io.BytesIO()
    _Pickler(out).dump((document, ledger(document)))
    for payload in (out.getvalue(), pickle.dumps((document, ledger(document)))):
        assert Unpickler(io.BytesIO(payload)).load() == (document, ledger(document))
    assert HEAD.size == 9


def test_there_are_as_many_workers_as_cores_and_as_memory_holds() -> None:
    assert workers(Bounds(workers=1)) == 1
    assert workers(Bounds(memory=10_000_000)) == 1
    assert 1 <= workers(Bounds()) <= (os.cpu_count() or 1)
    assert workers(Bounds(spare=10_000)) == 1
    assert workers(Bounds(workers=2, spare=10_000)) == min(2, workers(Bounds(workers=2)))


def test_the_store_is_the_same_however_many_read(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for number in range(4):
        (files / f"{number}.pdf").write_bytes(paper(number))
    (files / "broken.pdf").write_bytes(paper(9)[:200])
    reports = [
        intake(tmp_path / f"store{count}", [files], embedder("hashed"), bounds=Bounds(workers=count))
        for count in (1, 2)
    ]

    assert reports[0] == reports[1]
    assert len(reports[0].added) == 4 and "损坏" in reports[0].failed[0].why
    again = intake(tmp_path / "store1", [files], embedder("hashed"))
    assert len(again.unchanged) == 4 and not again.added


def test_a_page_is_drawn_with_the_boxes_lit(tmp_path: Path) -> None:
    import io

    from PIL import Image

    data = paper(1)
    line = parse(data, ".pdf").lines[0]
    with Pool() as pool:
        began = time.monotonic()
        image = Image.open(io.BytesIO(pool.page_image(data, "pdf", 1, [line.box], dpi=72))).convert("RGB")
        with pytest.raises(ReadError, match="没有第 2 页"):
            pool.page_image(data, "pdf", 2)
        with pytest.raises(ReadError, match="没有页面图像"):
            pool.page_image(data, "docx", 1)
        assert time.monotonic() - began < 120
    x, y = round(line.box[2]) + 1, round((line.box[1] + line.box[3]) / 2)

    assert image.getpixel((x, y))[2] < 150 and image.getpixel((20, 20)) == (255, 255, 255)


def test_while_the_first_file_waits_small_ones_are_read_ahead_and_large_ones_a_few_for_each_worker() -> None:
    def given(size: int, lanes: int = 2) -> tuple[int, int]:
        """Return how many of 1,000 files are given out at first, and once the first is done."""
        turns: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        ahead = _ahead([_Job(Path(str(number)), False, size) for number in range(1_000)], turns, lanes)
        next(ahead)
        before = turns.qsize()
        next(ahead)
        return before, turns.qsize() - before

    assert given(20_000) == (100, 1)
    assert given(1_000_000) == (8, 1)


def test_each_job_is_given_out_once_and_each_worker_hears_of_the_end() -> None:
    jobs = [_Job(Path(str(number)), False, 20_000 * (1 + number % 40)) for number in range(300)]
    turns: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()

    assert len(list(_ahead(jobs, turns, 3))) < len(jobs)

    given = [turns.get() for _ in range(turns.qsize())]
    assert given == [*jobs, None, None, None]
