import pytest

from ingest.corpus import User
from ingest.error import DubanError
from retriever import Retriever
from retriever.search import search


def test_a_question_in_either_script_finds_the_same_chunks(demo):
    hans = demo.search("污水管网由哪个单位牵头改造", k=5)
    hant = demo.search("污水管網由哪個單位牽頭改造", k=5)

    assert [hit.no for hit in hans] == [hit.no for hit in hant]
    assert hans


def test_hits_are_best_first_and_say_what_their_score_came_from(demo):
    hits = demo.search("森林防火期", k=5)

    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].scores["keyword"] == 1.0
    assert set(hits[0].to_json()) >= {"doc", "title", "source", "path", "start", "end", "text", "score"}


def test_a_hit_is_a_span_of_its_document(demo):
    for hit in demo.search("责任单位 时限", k=20):
        assert demo.document(hit.doc).text[hit.start : hit.end] == hit.text


def test_a_filter_lets_only_its_documents_through(demo):
    doc = demo.search("森林防火期", k=1)[0].doc

    assert {hit.doc for hit in demo.search("工作", k=20, where={"doc": doc})} == {doc}
    assert demo.search("工作", where={"since": "2999-01-01"}) == []


def test_a_filter_with_another_key_is_refused_by_name(demo):
    with pytest.raises(DubanError, match="'year'"):
        demo.search("工作", where={"year": "2024"})


def test_who_may_not_read_finds_nothing(demo):
    assert search(demo.corpus, demo.index, "森林防火期", user=User("stranger")) == []


@pytest.mark.parametrize("query", ["", "   ", "？！", "😀😀", '" OR 1=1 -- *', "\x00", "长" * 100_000])
def test_any_query_has_an_answer(demo, query):
    assert isinstance(demo.search(query), list)


def test_the_store_serves_langchain(demo):
    documents = demo.as_langchain(k=3).invoke("森林防火期")

    assert len(documents) == 3
    first = documents[0].metadata
    assert demo.document(first["doc"]).text[first["start"] : first["end"]] == documents[0].page_content


def test_a_store_is_opened_by_path_and_closed_by_its_context(demo):
    with Retriever.open(str(demo.corpus.store)) as second:
        assert second.search("森林防火期", k=1)[0].no == demo.search("森林防火期", k=1)[0].no
