"""Generations: built aside, checked, switched to whole; a damaged one never reaches Chroma."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever import vectors
from retriever.embedder import HashedNgrams
from retriever.index import Index
from retriever.marker import DATABASE, GenerationError
from retriever.vectors import nearest
from tests.fake_corpus import FakeCorpus

ROOT = Path(__file__).resolve().parent.parent


def name_of(store: Path) -> str:
    """Return the name that the index of a store gave itself."""
    with closing(sqlite3.connect(store / "index.db")) as db:
        return str(db.execute("SELECT value FROM meta WHERE key = 'index'").fetchone()[0])


def filled(store: Path, texts: int = 300) -> FakeCorpus:
    """Make a store with an index, but no generation."""
    corpus = FakeCorpus()
    for number in range(texts // 10):
        corpus.add([f"第{number * 10 + part}项：{chr(0x4E00 + 37 * number + part)}溪治理" for part in range(10)])
    with closing(Index.open(store, HashedNgrams(), write=True)) as index:
        index.catch_up(corpus)  # type: ignore[arg-type]
    return corpus


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FakeCorpus]:
    """A store with a generation, to be copied and not to be changed."""
    store = tmp_path_factory.mktemp("built")
    corpus = filled(store)
    vectors.build(store, name_of(store))
    return store, corpus


@pytest.fixture
def store(built: tuple[Path, FakeCorpus], tmp_path: Path) -> Path:
    """A store with a generation of its own."""
    return Path(shutil.copytree(built[0], tmp_path / "store"))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, chroma: str) -> tuple[Path, FakeCorpus, str]:
    """A store with a generation in its folder, then one with a generation on a server; each test leaves one serving."""
    store = tmp_path_factory.mktemp("both")
    corpus = filled(store)
    vectors.build(store, name_of(store), chroma)
    return store, corpus, chroma


@given(st.integers(1, 40), st.integers(0, 45), st.integers(0, 99))
def test_the_nearest_are_those_of_a_full_sort(n: int, k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(-1, 2, size=(n, 3)).astype(np.float32)  # few values, so that there are ties
    nos = random.permutation(n).astype(np.int64)
    query = np.array([1, 2, 3], dtype=np.float32)

    found = nearest(nos, rows, query, k)

    order = sorted(zip(nos.tolist(), (rows @ query).tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))[:k]
    assert list(zip(found.nos.tolist(), found.scores.tolist(), strict=True)) == order


def test_a_generation_holds_every_chunk_and_names_what_it_holds(both: tuple[Path, FakeCorpus, str]) -> None:
    store, _, url = both

    check = vectors.examine(store, name_of(store), url)

    assert (check.count, check.missing, check.lost, check.recall) == (300, 0, 0, 1.0)
    assert check.sound
    assert (store / "CURRENT").read_text(encoding="utf-8") == "30\n"
    made = vectors.describe(store, name_of(store), url)
    assert (made.seq, made.count) == (30, 300)


def test_all_vectors_stand_in_the_index_and_none_in_its_log(store: Path) -> None:
    # What is left in Chroma's log is moved at every opening, which would change the folder.
    with closing(sqlite3.connect(store / "generations" / "30" / DATABASE)) as db:
        assert db.execute("SELECT count(*) FROM embeddings_queue").fetchone()[0] <= 1
        assert db.execute("SELECT count(*) FROM embeddings").fetchone()[0] == 300


def test_opening_a_generation_again_and_again_does_not_make_it_suspect(store: Path) -> None:
    vector = HashedNgrams().embed_query("溪治理")
    for _ in range(3):
        generation = vectors.open_current(store, name_of(store))
        assert generation is not None
        assert len(generation.query(vector, 5).nos) == 5
        generation.close()
    # As many openings as fill several pages; each adds a row, as may be seen from what the three above did.
    with closing(sqlite3.connect(store / "generations" / "30" / DATABASE)) as db:
        rows = db.execute("SELECT count(*) FROM acquire_write").fetchone()[0]
        db.executemany("INSERT INTO acquire_write (lock_status) VALUES (?)", [(1,)] * 3_000)
        db.commit()
    assert rows >= 3

    vectors.describe(store, name_of(store))


def test_chroma_answers_as_exact_search_does(both: tuple[Path, FakeCorpus, str]) -> None:
    store, corpus, url = both
    rows = corpus.rows()
    model = HashedNgrams()
    exact = model.embed([row.text for row in rows])
    generation = vectors.open_current(store, name_of(store), url)
    assert generation is not None

    for query in ("第17项溪治理", "治理", "第2项"):
        vector = model.embed_query(query)
        found = generation.query(vector, 10)
        assert np.allclose(found.scores, np.sort(exact @ vector)[::-1][:10], atol=1e-5)
        inside = generation.query(vector, 30, [2, 3])
        assert {no for no in inside.nos.tolist()} == {row.no for row in rows if row.doc_no in (2, 3)}
    generation.close()


def test_one_generation_follows_another_and_the_old_one_goes_when_nobody_reads_it(
    both: tuple[Path, FakeCorpus, str],
) -> None:
    store, _, url = both
    before = vectors.open_current(store, name_of(store), url)
    assert before is not None

    vectors.build(store, name_of(store), url)

    after = vectors.open_current(store, name_of(store), url)
    assert after is not None
    assert vectors.leftover(store) == [before.name]
    for generation in (before, after):
        assert len(generation.query(HashedNgrams().embed_query("溪"), 5).nos) == 5
        generation.close()
    vectors.sweep(store, url)
    assert vectors.leftover(store) == []
    assert {path.name.split(".")[0] for path in (store / "generations").iterdir()} == {after.name}


def test_the_vectors_can_be_taken_out_of_a_generation(both: tuple[Path, FakeCorpus, str]) -> None:
    store, corpus, url = both
    made_by = vectors.describe(store, name_of(store), url).made_by

    parts = list(vectors.kept(store, made_by, url))

    nos = np.concatenate([nos for nos, _ in parts])
    held = np.concatenate([rows for _, rows in parts])
    texts = {row.no: row.text for row in corpus.rows()}
    assert sorted(nos.tolist()) == sorted(texts)
    assert np.allclose(held, HashedNgrams().embed([texts[no] for no in nos.tolist()]), atol=1e-5)
    assert list(vectors.kept(store, {**made_by, "embedder": "another"}, url)) == []
    assert not list((store / "generations").glob("*.npy"))


DAMAGE = {
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "noise": lambda path: path.write_bytes(os.urandom(path.stat().st_size)),
    "one byte": lambda path: path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1])),
    "deleted": lambda path: path.unlink(),
}
FILES = [DATABASE, "data_level0.bin", "link_lists.bin", "index_metadata.pickle", "header.bin", "length.bin"]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_found_out_before_chroma_opens_it(store: Path, file: str, damage: str) -> None:
    (path,) = (store / "generations").rglob(file)
    DAMAGE[damage](path)

    with pytest.raises(GenerationError, match=file):
        vectors.open_current(store, name_of(store))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_marker_is_found_out(store: Path, damage: str) -> None:
    DAMAGE[damage](store / "generations" / "30.json")

    with pytest.raises(GenerationError, match="30"):
        vectors.open_current(store, name_of(store))


def test_noise_in_the_middle_of_the_database_is_found_out(store: Path) -> None:
    with (store / "generations" / "30" / DATABASE).open("r+b") as file:
        file.seek(20 * 4096)
        file.write(os.urandom(4096))

    with pytest.raises(GenerationError, match=DATABASE):
        vectors.describe(store, name_of(store))


@pytest.mark.parametrize("words", [b"", b"\xff\xff", b"../../etc\n", b"31\n", b"30-2\n"], ids=range(5))
def test_a_damaged_name_leads_nowhere(store: Path, words: bytes) -> None:
    (store / "CURRENT").write_bytes(words)

    try:
        assert vectors.open_current(store, name_of(store)) is None
    except GenerationError:
        pass


def test_a_generation_of_another_index_is_not_used(store: Path) -> None:
    with pytest.raises(GenerationError, match="另一个索引"):
        vectors.open_current(store, "another")


def test_a_copy_whose_files_have_other_times_is_believed(store: Path) -> None:
    for path in store.rglob("*"):
        os.utime(path, (1, 1))

    generation = vectors.open_current(store, name_of(store))

    assert generation is not None
    generation.close()


def test_a_generation_in_use_stays_until_it_is_let_go(store: Path) -> None:
    generation = vectors.open_current(store, name_of(store))
    assert generation is not None
    (store / "CURRENT").unlink()

    vectors.sweep(store)
    assert len(generation.query(HashedNgrams().embed_query("溪"), 5).nos) == 5
    generation.close()
    vectors.sweep(store)

    assert list((store / "generations").iterdir()) == []


def test_what_is_not_ours_is_not_swept_away(store: Path) -> None:
    for name in (".DS_Store", "notes.txt", "31.5.txt.txt"):
        (store / "generations" / name).touch()

    vectors.sweep(store)

    assert (store / "generations" / ".DS_Store").exists()
    assert (store / "generations" / "notes.txt").exists()
    made = vectors.describe(store, name_of(store))
    assert (made.seq, made.count) == (30, 300)


def test_the_next_generation_takes_over_from_one_that_is_damaged_and_open(store: Path) -> None:
    before = vectors.open_current(store, name_of(store))
    assert before is not None

    vectors.build(store, name_of(store))

    after = vectors.open_current(store, name_of(store))
    assert after is not None
    assert (before.name, after.name) == ("30", "30-2")
    for generation in (before, after):
        assert len(generation.query(HashedNgrams().embed_query("溪"), 5).nos) == 5
        generation.close()
    vectors.sweep(store)
    assert sorted(path.name for path in (store / "generations").iterdir()) == ["30-2", "30-2.json", "30-2.lock"]


@pytest.mark.parametrize("child", ["/bin/false", "ended by a signal"])
def test_where_a_child_fails_the_generation_before_goes_on_serving(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, child: str
) -> None:
    if child != "/bin/false":
        child = str(tmp_path / "child")
        Path(child).write_text("#!/bin/sh\nkill -SEGV $$\n", encoding="utf-8")
        os.chmod(child, 0o755)
    monkeypatch.setattr(vectors.sys, "executable", child)

    with pytest.raises(GenerationError, match="子进程失败"):
        vectors.build(store, name_of(store))
    with pytest.raises(GenerationError, match="子进程失败"):
        vectors.examine(store, name_of(store))

    assert vectors.current(store) == "30"
    made = vectors.describe(store, name_of(store))
    assert (made.seq, made.count) == (30, 300)
    assert {path.name.split(".")[0] for path in (store / "generations").iterdir()} == {"30"}


def test_a_crash_of_chroma_is_a_finding_and_not_an_end(store: Path) -> None:
    # Noise that the checksums do not know of: what a look in a child process is for.
    (path,) = (store / "generations").rglob("data_level0.bin")
    path.write_bytes(os.urandom(path.stat().st_size))
    marker = store / "generations" / "30.json"
    made = json.loads(marker.read_text(encoding="utf-8"))
    found = path.stat()
    name = path.relative_to(store / "generations" / "30").as_posix()
    made["files"][name] = [found.st_size, found.st_mtime_ns, 0]
    marker.write_text(json.dumps(made), encoding="utf-8")

    try:
        assert not vectors.examine(store, name_of(store)).sound
    except GenerationError:
        pass


BUILD = """
import sys
from pathlib import Path
from retriever import vectors
print("building", flush=True)
vectors.build(Path(sys.argv[1]), sys.argv[2])
"""


def test_no_orphan_goes_on_building_when_its_parent_is_killed(tmp_path: Path) -> None:
    filled(tmp_path, 3_000)
    parent = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(tmp_path), name_of(tmp_path)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while not list(tmp_path.glob("generations/*/chroma.sqlite3")) and time.monotonic() < until:
        time.sleep(0.01)

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    time.sleep(0.5)  # time to see the pipe closed
    vectors.sweep(tmp_path)  # takes the exclusive lock, so it deletes only what no child holds

    assert list((tmp_path / "generations").iterdir()) == []
    assert vectors.current(tmp_path) is None
