import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from ingest.corpus import Corpus, Entry, Where, schema
from ingest.document import Line, Page
from ingest.error import StoreError
from ingest.ledger import ledger
from ingest.read import parse

TEXT = "汀城市水务局\n关于管网改造的通知\n一、抓紧改造\n由市水务局牵头，12月底前完成。\n汀城市水务局\n2024年5月6日\n"


def entry(source, text, collection="default"):
    data = text.encode()
    return Entry(source, parse(data), data, collection)


@pytest.fixture
def corpus(tmp_path):
    corpus = Corpus.open(tmp_path / "store", write=True)
    yield corpus
    assert corpus.integrity() == []
    corpus.close()


def kinds(corpus):
    return [change.kind for change in corpus.changes(0)]


def test_a_document_comes_back_as_it_went_in(corpus):
    one = entry("a.txt", TEXT)

    assert corpus.add([one]) == ["added"]
    assert corpus.document(one.document.id) == one.document


def test_the_same_file_twice_changes_nothing(corpus):
    corpus.add([entry("a.txt", TEXT)])
    seq = corpus.seq

    assert corpus.add([entry("a.txt", TEXT)]) == ["unchanged"]
    assert corpus.seq == seq


def test_a_ledger_that_was_read_already_is_not_read_again(corpus, monkeypatch):
    one = entry("a.txt", TEXT)
    held = replace(one, ledger=ledger(one.document))
    monkeypatch.setattr("ingest.corpus.corpus.ledger", None)

    assert corpus.add([held]) == ["added"]
    assert corpus.integrity() == []


def test_a_changed_file_replaces_its_document_and_the_old_one_is_kept_for_the_history(corpus):
    old, new = entry("a.txt", TEXT), entry("a.txt", TEXT.replace("12月底", "10月底"))
    corpus.add([old])
    corpus.add([new])

    assert [row.doc for row in corpus.documents()] == [new.document.id]
    assert kinds(corpus) == ["add", "add", "remove"]
    assert corpus.document(old.document.id).text == old.document.text
    assert {row.doc for row in corpus.chunk_rows(range(1, 9)).values()} == {new.document.id}


def test_a_document_in_two_places_lives_until_both_are_gone(corpus):
    corpus.add([entry("a.txt", TEXT), entry("b.txt", TEXT)])
    corpus.add([entry("a.txt", TEXT + "补充。\n")])

    assert kinds(corpus) == ["add", "add"]
    corpus.add([entry("b.txt", TEXT + "补充。\n")])
    assert kinds(corpus) == ["add", "add", "remove"]


def test_a_removed_document_is_gone_with_its_original(corpus):
    one = entry("a.txt", TEXT)
    corpus.add([one])

    assert corpus.remove(one.document.id) == 1
    assert corpus.documents() == []
    assert corpus.chunk_rows([1, 2, 3]) == {}
    assert not (corpus.store / "originals" / one.document.id).exists()
    with pytest.raises(StoreError, match="docs list"):
        corpus.document(one.document.id)


def test_numbers_are_never_used_again(corpus):
    one = entry("a.txt", TEXT)
    corpus.add([one])
    before = {row.no for row in corpus.chunks(1)}
    corpus.remove(one.document.id)
    corpus.add([one])

    assert corpus.chunks(1) == []
    assert not before & {row.no for row in corpus.chunks(2)}


def test_a_batch_is_taken_in_whole_or_not_at_all(corpus, monkeypatch):
    broken = entry("b.txt", TEXT + "二")
    object.__setattr__(broken.document, "script", None)  # what the table refuses

    with pytest.raises(sqlite3.IntegrityError):
        corpus.add([entry("a.txt", TEXT), broken])
    assert corpus.documents() == [] and corpus.seq == 0


def test_documents_are_filtered_in_sql(corpus):
    corpus.add(
        [
            entry("a.txt", TEXT),
            entry("b.txt", TEXT.replace("2024年", "2025年")),
            entry("c.txt", "没有落款的材料。", "内部"),
        ]
    )

    assert corpus.doc_nos(None) == {1, 2, 3}
    assert corpus.doc_nos(Where(issuer="汀城市水务局")) == {1, 2}
    assert corpus.doc_nos(Where(since="2025-01-01")) == {2}
    assert corpus.doc_nos(Where(until="2024-12-31")) == {1}
    assert corpus.doc_nos(Where(collection="内部")) == {3}


def test_a_document_without_a_title_is_shown_by_its_files_name(corpus):
    corpus.add([entry("dir/c.txt", "没有标题的材料。")])

    assert corpus.documents()[0].title == "c.txt"


def test_a_folder_that_is_no_store_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match="duban ingest"):
        Corpus.open(tmp_path)


def made_by(store, key, value):
    with sqlite3.connect(store / "corpus.db") as db:
        db.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
    db.close()


def test_a_store_of_another_format_is_refused_by_name(corpus):
    made_by(corpus.store, "format", "99")

    with pytest.raises(StoreError, match="99"):
        Corpus.open(corpus.store)


def test_a_store_of_the_format_before_is_brought_up_by_the_next_writer(corpus):
    one = entry("a.txt", TEXT)
    corpus.add([one])
    with sqlite3.connect(corpus.store / "corpus.db") as db:
        for table in ("page", "line"):
            db.execute(f"DROP TABLE {table}")
        for column in ("kind", "notes"):
            db.execute(f"ALTER TABLE document DROP COLUMN {column}")
    db.close()
    made_by(corpus.store, "format", "2")

    with pytest.raises(StoreError, match="duban ingest"):
        Corpus.open(corpus.store)
    with closing(Corpus.open(corpus.store, write=True)) as renewed:
        assert renewed.document(one.document.id) == one.document
        assert renewed.add([one]) == ["unchanged"]


def test_pages_and_lines_come_back_as_they_went_in(corpus):
    one = entry("a.pdf.txt", TEXT)
    pages = (Page(1, 0, 10, 595.0, 842.0), Page(2, 10, len(TEXT), 595.0, 842.0, 0.9))
    lines = (Line(0, 6, 1, (72.0, 80.0, 200.0, 96.0)), Line(10, 20, 2, (72.0, 80.0, 200.0, 96.0)))
    document = replace(one.document, kind="pdf", pages=pages, lines=lines, notes=("第 3 页没有读入",))
    corpus.add([replace(one, document=document)])

    back = corpus.document(document.id)
    assert replace(back, lines=lines) == document
    assert back.page_at(9) == pages[0] and back.page_at(10) == pages[1] and back.page_at(len(TEXT)) is None
    assert corpus.lines(document.id, 5, 12) == list(lines)
    assert corpus.lines(document.id, 6, 10) == []


def test_a_store_of_another_chunker_is_refused_with_the_command_that_renews_it(corpus):
    one = entry("a.txt", TEXT)
    corpus.add([one])
    corpus._db.connection.execute("DELETE FROM chunk WHERE no > 1")
    corpus._db.connection.execute('UPDATE chunk SET "end" = 3')
    made_by(corpus.store, "chunker", "0")

    with pytest.raises(StoreError, match=r"0.*duban doctor --rebuild"):
        Corpus.open(corpus.store)
    corpus.renew()
    assert corpus.document(one.document.id) == one.document
    Corpus.open(corpus.store).close()


def test_a_damaged_corpus_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "corpus.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(StoreError, match="备份"):
        Corpus.open(tmp_path)


def test_a_reader_sees_what_a_writer_commits(corpus):
    corpus.add([entry("a.txt", TEXT)])
    reader = Corpus.open(corpus.store)
    corpus.add([entry("b.txt", TEXT + "二")])

    assert len(reader.documents()) == 2
    reader.close()


def test_what_a_reader_keeps_in_memory_follows_each_commit(corpus):
    with closing(Corpus.open(corpus.store)) as reader:
        assert [row.source for row in reader.documents()] == []
        corpus.add([entry("a.txt", TEXT)])
        assert [row.source for row in reader.documents()] == ["a.txt"] == [row.source for row in corpus.documents()]
        assert reader.tasks().units() == corpus.tasks().units() != []
        reader.documents().clear()
        assert [row.source for row in reader.documents()] == ["a.txt"]
        corpus.drop(["a.txt"])
        assert reader.documents() == [] == corpus.documents()
        assert reader.tasks().units() == [] == corpus.tasks().units()


def test_a_corpus_that_is_killed_while_it_is_made_is_not_there(tmp_path, monkeypatch):
    """A file without tables would be taken for a damaged corpus."""

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(schema, "_run", killed)
        with pytest.raises(KeyboardInterrupt):
            Corpus.open(tmp_path, write=True)

    assert not (tmp_path / "corpus.db").exists()
    with closing(Corpus.open(tmp_path, write=True)) as corpus:
        assert corpus.integrity() == []
    assert not (tmp_path / "corpus.db.part").exists()


def test_a_corpus_without_tables_as_earlier_versions_left_it_is_filled(tmp_path):
    with closing(sqlite3.connect(tmp_path / "corpus.db")) as db:
        db.execute("PRAGMA journal_mode = WAL")

    with closing(Corpus.open(tmp_path, write=True)) as corpus:
        assert corpus.add([entry("a.txt", TEXT)]) == ["added"]
