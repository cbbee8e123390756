"""The index follows the corpus, whatever happened in between, and refuses to pretend."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.error import StoreError
from retriever import index as module
from retriever import keywords, vectors
from retriever.embedder import HashedNgrams
from retriever.index import Index
from retriever.marker import GenerationError, Marker
from tests.fake_corpus import FakeCorpus

ROOT = Path(__file__).resolve().parent.parent
WORDS = ["小安溪治理", "区水务局牵头", "年底前完成", "全市教师招聘", "督察整改", "污水管网", "2023年", "長江保護"]


class Counting(HashedNgrams):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> Any:
        self.texts += len(texts)
        return super().embed(texts)


class Other(HashedNgrams):
    name = "other"


class Shorter(HashedNgrams):
    dim = 128


@contextmanager
def opened(store: Path, embedder: Any = None, *, write: bool = False) -> Iterator[Index]:
    with closing(Index.open(store, embedder or HashedNgrams(), write=write)) as index:
        yield index


def caught_up(store: Path, corpus: Any, embedder: Any = None) -> int:
    with opened(store, embedder, write=True) as index:
        return index.catch_up(corpus)


def small(words: int = 8) -> FakeCorpus:
    corpus = FakeCorpus()
    for number in range(words):
        corpus.add([f"{WORDS[number % len(WORDS)]}第{number}项", f"{WORDS[(number + 3) % len(WORDS)]}的说明{number}"])
    return corpus


def answers(index: Index, query: str) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    return index.keyword(query, 20), index.dense(index.embed_query(query), 20)


def test_each_chunk_finds_itself_by_words_and_by_vector(tmp_path: Path) -> None:
    corpus = small()

    assert caught_up(tmp_path, corpus) == corpus.seq

    with opened(tmp_path) as index:
        assert index.seq == corpus.seq
        assert index.follows(corpus)
        assert index.verify(corpus) == ["还没有向量索引（检索改为逐一比对）"]
        for row in corpus.rows():
            assert index.keyword(row.text, 1)[0][0] == row.no
            assert index.dense(index.embed_query(row.text), 1)[0][0] == row.no


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "again", "catch up"]), st.integers(0, 9)), max_size=14))
def test_however_it_got_there_the_index_is_as_if_made_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    (folder / "once").mkdir()
    corpus = FakeCorpus()
    with opened(folder, write=True) as index:
        for step, number in steps:
            if step == "add":
                corpus.add(
                    [WORDS[number % 8], f"{WORDS[(number + 1) % 8]}{WORDS[number % 8]}"], path=[WORDS[number % 3]]
                )
            elif step == "remove" and number in corpus.entries:
                corpus.remove(number)
            elif step == "again" and number in corpus.documents.keys() - corpus.entries:
                corpus.again(number)
            elif step == "catch up":
                index.catch_up(corpus)
                answers(index, WORDS[0])  # what is kept in memory has to follow, too
        index.catch_up(corpus)
        once = FakeCorpus()
        once.documents, once.entries = corpus.documents, corpus.entries
        for doc_no in sorted(corpus.entries):
            once._write("add", doc_no)
        caught_up(folder / "once", once)

        with opened(folder / "once") as plain:
            assert [problem for problem in index.verify(corpus) if "向量索引" not in problem] == []
            for word in WORDS:
                (words, vectors_), (words_once, vectors_once) = answers(index, word), answers(plain, word)
                assert words == words_once
                assert [no for no, _ in vectors_] == [no for no, _ in vectors_once]
                assert np.allclose([score for _, score in vectors_], [score for _, score in vectors_once], atol=1e-6)


def test_catching_up_twice_does_nothing(tmp_path: Path) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)

    assert caught_up(tmp_path, corpus) == 0


def test_an_index_that_was_interrupted_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Counting):
        def embed(self, texts: Sequence[str]) -> Any:
            if self.texts >= 6:
                raise KeyboardInterrupt
            return super().embed(texts)

    corpus = small()
    monkeypatch.setattr(module, "_BATCH", 4)
    with pytest.raises(KeyboardInterrupt):
        caught_up(tmp_path, corpus, Failing())
    with opened(tmp_path) as index:
        assert index.seq == 4

    assert caught_up(tmp_path, corpus) == corpus.seq - 4
    with opened(tmp_path) as index:
        assert {no for no, _ in index.dense(index.embed_query("项"), 99)} == {row.no for row in corpus.rows()}


def test_words_that_were_embedded_once_are_not_embedded_again(tmp_path: Path) -> None:
    corpus, embedder = FakeCorpus(), Counting()
    old = corpus.add(["一", "二", "三"])
    caught_up(tmp_path, corpus, embedder)
    corpus.add(["一", "二", "四"])
    corpus.remove(old)

    caught_up(tmp_path, corpus, embedder)

    assert embedder.texts == 4


def test_a_reader_sees_at_once_what_another_has_written(tmp_path: Path) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    with opened(tmp_path) as reader:
        before = answers(reader, "新增的事项")
        doc_no = corpus.add(["新增的事项"])
        corpus.remove(1)
        caught_up(tmp_path, corpus)

        new = corpus.documents[doc_no][0].no
        words, nearest = answers(reader, "新增的事项")
        assert words[0][0] == nearest[0][0] == new
        assert new not in {no for ranking in before for no, _ in ranking}
        assert not {row.no for row in corpus.documents[1]} & {no for no, _ in (*words, *nearest)}


def test_a_filter_holds_for_words_and_vectors(tmp_path: Path) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    with opened(tmp_path) as index:
        docs = frozenset({2, 5})

        words, nearest = index.keyword("项", 99, docs), index.dense(index.embed_query("项"), 99, docs)

        assert {no for no, _ in nearest} == {row.no for row in corpus.rows() if row.doc_no in docs}
        assert {no for no, _ in words} <= {no for no, _ in nearest}
        assert index.dense(index.embed_query("项"), 99, frozenset()) == []


def test_strange_questions_are_answered(tmp_path: Path) -> None:
    caught_up(tmp_path, small())

    with opened(tmp_path) as index:
        for query in ("", "，。？", "😀" * 100, "\ud800", "\x00", '"', "督" * 100_000):
            answers(index, query)


@pytest.mark.parametrize(("embedder", "words"), [(Other(), ["hashed-ngrams-1", "other"]), (Shorter(), ["256", "128"])])
def test_vectors_of_another_embedder_are_refused_by_name_and_the_keywords_serve(
    tmp_path: Path, embedder: Any, words: list[str]
) -> None:
    caught_up(tmp_path, small())

    with pytest.raises(StoreError) as caught:
        Index.open(tmp_path, embedder, write=True)
    with opened(tmp_path, embedder) as index:
        found, vector, notice = index.keyword("项", 5), index.vector("项"), index.notice or ""

    assert (len(found), vector) == (5, None)
    for said in (str(caught.value), notice):
        assert all(word in said for word in [*words, f"duban doctor --rebuild --store {tmp_path}"])


def test_an_index_of_another_format_is_refused_until_it_is_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_children: list[str]
) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    monkeypatch.setattr(module, "FORMAT", "99")

    with pytest.raises(StoreError, match="索引格式 1，现在用的是 99"):
        Index.open(tmp_path, HashedNgrams())

    Index.rebuild(tmp_path, HashedNgrams(), corpus)  # type: ignore[arg-type]
    with opened(tmp_path) as index:
        assert index.follows(corpus)


def test_a_store_without_an_index_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="duban doctor --rebuild"):
        Index.open(tmp_path, HashedNgrams())


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all" * 100, b"SQLite format 3\0" + bytes(4000)], ids=["empty", "noise", "zeros"]
)
def test_a_damaged_file_is_made_anew_by_who_writes_next(tmp_path: Path, damage: bytes) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    (tmp_path / "index.db").write_bytes(damage)
    with pytest.raises(StoreError):
        Index.open(tmp_path, HashedNgrams())

    caught_up(tmp_path, corpus)

    with opened(tmp_path) as index:
        assert index.follows(corpus)


def test_a_torn_copy_is_found_out_and_a_whole_one_believed(tmp_path: Path) -> None:
    corpus = small(400)
    (tmp_path / "store").mkdir()
    caught_up(tmp_path / "store", corpus)
    for name in ("whole", "torn"):
        (tmp_path / name).mkdir()
        shutil.copy2(tmp_path / "store" / "index.db", tmp_path / name / "index.db")
    with (tmp_path / "torn" / "index.db").open("r+b") as file:  # pages of another moment in the middle
        file.seek(20 * 4096)
        file.write(bytes(30 * 4096))

    with pytest.raises(StoreError, match="已损坏"):
        Index.open(tmp_path / "torn", HashedNgrams())
    embedder = Counting()
    caught_up(tmp_path / "whole", corpus, embedder)
    assert embedder.texts == 0
    caught_up(tmp_path / "torn", corpus, embedder)
    assert embedder.texts > 0
    for name in ("whole", "torn"):
        with opened(tmp_path / name) as index:
            assert index.verify(corpus) == ["还没有向量索引（检索改为逐一比对）"]


@pytest.mark.parametrize("change", ["older", "another"])
def test_an_index_of_another_history_starts_over_without_embedding_again(tmp_path: Path, change: str) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    brought_back = small(4) if change == "older" else small()
    brought_back.identity = "fake" if change == "older" else "another"
    with opened(tmp_path) as index:
        assert not index.follows(brought_back)
    embedder = Counting()

    caught_up(tmp_path, brought_back, embedder)

    assert embedder.texts == 0
    with opened(tmp_path) as index:
        assert index.follows(brought_back)
        assert {no for no, _ in index.dense(index.embed_query("项"), 99)} == {row.no for row in brought_back.rows()}


@pytest.mark.parametrize("again", ["deleted", "rebuilt"])
def test_a_lost_index_takes_its_vectors_from_the_generation(tmp_path: Path, chroma: str, again: str) -> None:
    corpus = small()
    with closing(Index.open(tmp_path, HashedNgrams(), write=True, chroma=chroma)) as index:
        index.settle(corpus)  # type: ignore[arg-type]
        before = answers(index, WORDS[0])
    corpus.add(["后来的一项"])

    counting = Counting()
    if again == "rebuilt":
        Index.rebuild(tmp_path, counting, corpus, chroma)  # type: ignore[arg-type]
    else:
        (tmp_path / "index.db").unlink()
        with closing(Index.open(tmp_path, counting, write=True, chroma=chroma)) as index:
            index.settle(corpus)  # type: ignore[arg-type]

    assert counting.texts == 4 + 1  # a few to compare, and the one that was in no generation
    with closing(Index.open(tmp_path, HashedNgrams(), chroma=chroma)) as index:
        assert index.verify(corpus) == []  # type: ignore[arg-type]
        assert answers(index, WORDS[0])[1][:5] == before[1][:5]


def test_vectors_are_embedded_again_where_the_embedder_has_changed_under_its_name(tmp_path: Path) -> None:
    class Changed(Counting):
        def embed(self, texts: Sequence[str]) -> Any:
            return super().embed(texts)[:, ::-1]

    corpus = small()
    with opened(tmp_path, write=True) as index:
        index.settle(corpus)  # type: ignore[arg-type]

    changed = Changed()
    Index.rebuild(tmp_path, changed, corpus)  # type: ignore[arg-type]

    # A few to compare with those of the index, and again with those of the generation.
    assert changed.texts == 4 + 4 + len({row.text for row in corpus.rows()})


def test_vectors_of_another_length_are_never_mixed_in(tmp_path: Path) -> None:
    class Lying(HashedNgrams):
        def embed(self, texts: Sequence[str]) -> Any:
            return super().embed(texts)[:, :100]

    with pytest.raises(StoreError, match="形状"):
        caught_up(tmp_path, small(), Lying())

    with opened(tmp_path) as index:
        assert index.seq == 0


def test_a_read_only_store_is_searched() -> None:
    corpus = small()
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from retriever.embedder import HashedNgrams\nfrom retriever.index import Index\n"
        "HashedNgrams().embed_query('督')\n"  # all that is read later is loaded: nobody may read the libraries
        "if not os.getuid(): os.setuid(65534)\n"
        "index = Index.open(Path(sys.argv[1]), HashedNgrams())\n"
        "print(index.keyword('小安溪', 1)[0][0], index.dense(index.embed_query('小安溪治理第0项'), 1)[0][0])"
    )
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folder is closed to other users
        store = Path(folder, "store")
        store.mkdir()
        caught_up(store, corpus)
        for path in (*store.rglob("*"), store, store.parent):
            path.chmod(0o555 if path.is_dir() else 0o444)
        run = [sys.executable, "-c", script, str(store)]

        done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

        for path in (store, store.parent):
            path.chmod(0o755)
    assert done.stdout == "1 1\n", done.stderr


@pytest.fixture
def no_children(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Instead of building a generation, note that one would have been built."""
    built: list[str] = []
    monkeypatch.setattr(vectors, "build", lambda store, index, url: built.append(index))
    return built


def test_a_generation_is_built_where_there_is_none_or_much_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_children: list[str]
) -> None:
    corpus = small()
    monkeypatch.setattr(module, "_TAIL", 3)

    def built(seq: int | None, count: int = 0) -> bool:
        def describe(store: Path, index: str, url: str) -> Marker:
            if seq is None:
                raise GenerationError
            return Marker(seq, count, 1.0, {})

        monkeypatch.setattr(vectors, "describe", describe)
        no_children.clear()
        with opened(tmp_path, write=True) as index:
            index.settle(corpus)  # type: ignore[arg-type]
        return bool(no_children)

    assert built(None)
    assert not built(corpus.seq, 16)
    corpus.add(["一", "二", "三"])
    assert not built(8, 16)
    corpus.remove(1)
    assert built(8, 16)


def test_an_empty_store_needs_no_generation(tmp_path: Path, no_children: list[str]) -> None:
    with opened(tmp_path, write=True) as index:
        index.settle(FakeCorpus())  # type: ignore[arg-type]

    assert no_children == []


def test_vectors_that_nothing_uses_go_when_a_generation_is_built(tmp_path: Path, no_children: list[str]) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    corpus.remove(1)

    with opened(tmp_path, write=True) as index:
        index.settle(corpus)  # type: ignore[arg-type]

    with closing(sqlite3.connect(tmp_path / "index.db")) as db:
        assert db.execute("SELECT count(*) FROM vector").fetchone()[0] == len(corpus.rows())


def test_a_generation_that_cannot_be_built_is_said_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(store: Path, index: str, url: str) -> None:
        raise GenerationError("磁盘满了")

    corpus = small()
    monkeypatch.setattr(vectors, "build", fail)

    with opened(tmp_path, write=True) as index, pytest.raises(StoreError, match=r"磁盘满了.*检索照常"):
        index.settle(corpus)  # type: ignore[arg-type]

    with opened(tmp_path) as index:
        assert index.follows(corpus)


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("DELETE FROM chunk WHERE no = 3", "关键词表有 16 个"),
        ("UPDATE chunk SET no = 99 WHERE no = 3", "1 个段落不在索引里"),
        ("UPDATE chunk SET doc_no = 99 WHERE no = 3", "属于别的文档"),
        ("DELETE FROM vector WHERE no = 3", "没有向量"),
        ("UPDATE meta SET value = '1' WHERE key = 'seq'", "停在第 1 次"),
        ("UPDATE meta SET value = 'x' WHERE key = 'corpus'", "另一个文档库"),
        ("INSERT INTO keyword(keyword) VALUES ('delete-all')", "关键词表有 0 个"),
        ("UPDATE keyword_data SET block = zeroblob(length(block)) WHERE id > 10", "关键词表里缺 16 个"),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, statement: str, word: str) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    with closing(sqlite3.connect(tmp_path / "index.db", isolation_level=None)) as db:
        db.execute(statement)

    with opened(tmp_path) as index:
        assert any(word in problem for problem in index.verify(corpus)), index.verify(corpus)


def test_a_chunk_whose_words_are_not_found_is_noticed(tmp_path: Path) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    with closing(sqlite3.connect(tmp_path / "index.db", isolation_level=None)) as db:
        size = db.execute("SELECT * FROM keyword_docsize WHERE id = 3").fetchone()
        keywords.delete(db, db.execute("SELECT no, body, path, title FROM chunk WHERE no = 3").fetchall())
        db.execute("INSERT INTO keyword_docsize VALUES (?, ?)", size)

    with opened(tmp_path) as index:
        assert index.verify(corpus) == ["抽查 16 个段落，关键词表里缺 1 个"]


def test_an_index_deleted_under_an_open_reader_is_found_again(tmp_path: Path, no_children: list[str]) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    with opened(tmp_path) as reader:
        before = answers(reader, "小安溪")

        Index.rebuild(tmp_path, HashedNgrams(), corpus)  # type: ignore[arg-type]
        doc_no = corpus.add(["小安溪"])
        caught_up(tmp_path, corpus)

        after = answers(reader, "小安溪")
        assert after[0][0][0] == after[1][0][0] == corpus.documents[doc_no][0].no
        assert after != before


def test_many_threads_ask_while_another_process_writes(tmp_path: Path) -> None:
    corpus = small()
    caught_up(tmp_path, corpus)
    failures: list[BaseException] = []
    done = threading.Event()

    def ask(index: Index) -> None:
        try:
            while not done.is_set():
                words, nearest = answers(index, "小安溪治理第0项")
                assert words[0][0] == nearest[0][0] == 1
        except BaseException as error:
            failures.append(error)

    with opened(tmp_path) as reader:
        threads = [threading.Thread(target=ask, args=(reader,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for number in range(20):
            corpus.add([f"{WORDS[1]}第{number + 100}项"])
            caught_up(tmp_path, corpus)
        done.set()
        for thread in threads:
            thread.join()

    assert failures == []
