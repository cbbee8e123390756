import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.corpus import User
from ingest.error import DubanError
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake
from retriever.rank import ENOUGH, WEIGHTS, Signs, asks_of_issue, lacking, look
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


@pytest.mark.parametrize(("query", "asked"), [("森林防火期", 0), ("烧荒的事儿啥时候松口", 1)])
def test_neighbours_are_asked_for_only_where_the_chunks_lack_the_words(demo, monkeypatch, query, asked):
    dense, calls = demo.index.dense, []
    monkeypatch.setattr(demo.index, "dense", lambda *given: calls.append(given) or dense(*given))

    hits = demo.search(query, k=5)

    assert (len(calls), len(hits)) == (asked, 5)
    assert any(hit.scores["dense"] for hit in hits) == bool(asked)


@pytest.mark.parametrize(("steady", "asked"), [(True, 0), (False, 1)])
def test_a_question_that_needs_no_vector_waits_for_none_but_of_a_service(demo, monkeypatch, steady, asked):
    made, calls = demo.index.embedder.embed_query, []
    monkeypatch.setattr(type(demo.index.embedder), "steady", steady)
    monkeypatch.setattr(demo.index.embedder, "embed_query", lambda text: calls.append(text) or made(text))
    demo.search("烧荒的事儿啥时候松口")
    calls.clear()

    demo.search("森林防火期")

    assert len(calls) == asked


def test_where_few_chunks_have_the_words_their_neighbours_fill_the_rest(demo):
    assert len(demo.index.keyword("苇溪河", 99)) < len(demo.search("苇溪河", k=40)) == 40


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


def test_sentences_are_spans_of_their_documents_and_the_one_that_answers_comes_first(demo):
    hits = demo.search("苇溪河排污口“一口一档”由谁牵头？", k=8, unit="sentence")

    assert len(hits) == 8
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert demo.document(hit.doc).text[hit.start : hit.end] == hit.text
    assert "牵头" in hits[0].text and "一口一档" in "".join((*hits[0].path, hits[0].text))
    assert len({(hit.doc, hit.start) for hit in hits}) == len(hits)


def test_a_sentence_says_in_which_chunk_it_stands(demo):
    for hit in demo.search("森林防火期到哪天结束？", k=20, unit="sentence"):
        chunk = demo.corpus.chunk_rows([hit.no])[hit.no]

        assert (chunk.doc, chunk.start <= hit.start < chunk.end) == (hit.doc, True)


def test_the_best_sentence_is_the_one_that_the_answer_quotes(demo):
    question = "森林防火期到哪天结束？"
    best = demo.search(question, k=1, unit="sentence")[0]
    cited = demo.answer(question).citations[0]

    assert (best.doc, best.start) == (cited.doc, cited.start)


def test_sentences_keep_to_the_filter(demo):
    doc = demo.search("森林防火期", k=1)[0].doc

    assert {hit.doc for hit in demo.search("工作", k=20, where={"doc": doc}, unit="sentence")} == {doc}


@pytest.mark.parametrize("query", ["", "   ", "？！", "😀😀", '" OR 1=1 -- *', "\x00", "长" * 100_000])
def test_any_query_has_sentences_or_none(demo, query):
    assert isinstance(demo.search(query, unit="sentence"), list)
    assert demo.search(query, k=0, unit="sentence") == []


def test_another_unit_is_refused_by_name(demo):
    with pytest.raises(DubanError, match=r"'page'.*chunk、sentence"):
        demo.search("工作", unit="page")


def test_what_stands_above_a_chunk_counts_where_its_own_words_do_not_say_it():
    weights = {"青芦": 2.0, "管网": 1.0}
    plain = look("管网已建成。", "", "", weights, Signs(1.0, 0.0))
    under = look("管网已建成。", "青芦区的整改", "", weights, Signs(1.0, 0.0))
    titled = look("管网已建成。", "", "青芦区整改报告", weights, Signs(1.0, 0.0))

    assert (under.above, titled.title) == (2 / 3, 2 / 3)
    assert plain.score < under.score < titled.score


def test_a_question_whose_words_stand_in_one_sentence_is_nearer_than_one_whose_words_are_scattered():
    weights = {"管网": 1.0, "改造": 1.0}
    together = look("管网改造由市水务局牵头。其他不变。", "", "", weights, Signs(1.0, 0.0))
    beside = look("管网由市水务局负责。改造另行安排。", "", "", weights, Signs(1.0, 0.0))
    apart = look("管网由市水务局负责。其他不变。改造另行安排。", "", "", weights, Signs(1.0, 0.0))

    assert together.score > beside.score > apart.score


def test_a_signature_answers_who_issued_a_document_and_nothing_else():
    weights = {"青芦": 1.0, "整改": 1.0}
    words, title = "青芦区人民政府办公室\n2024年8月20日\n", "青芦区整改方案"
    asked, other, body = (
        look(text, "", title, weights, Signs(1.0, 0.0), issued)
        for text, issued in ((words, True), (words, False), ("2024年8月20日前完成。" * 3, True))
    )

    assert asks_of_issue("那个方案是谁印发的,哪天?")
    assert not asks_of_issue("管网由谁牵头?")
    assert (asked.signed, other.signed, body.signed) == (1.0, 0.0, 0.0)
    assert asked.score > other.score


SHARES = st.lists(st.floats(0.0, 1.0), max_size=5)


@given(SHARES, st.floats(0.0, 1.0))
def test_the_more_of_a_question_one_chunk_says_the_less_the_cosine_counts(shares, other):
    looked = [Signs(1.0, 0.5, pair=share) for share in shares]
    lack = lacking(looked)

    assert 0.0 <= lack <= ENOUGH
    assert lacking([*looked, Signs(0.5, 0.5, pair=other)]) <= lack or not looked
    assert (lack == 0.0) == (not shares or max(shares) >= ENOUGH)
    assert lacking([Signs(1.0, 0.5, pair=share, above=other) for share in shares]) <= lack


OTHER_WORDS = {
    "clinic.txt": "患者在医疗机构就诊时发生的医药费用，由医疗保险基金按比例支付。",
    "lunch.txt": "学校应当为学生提供午餐，家长自愿选择，不给优惠的应当说明理由。",
    "meeting.txt": "村民会议每年至少召开一次，由村民委员会负责召集。",
    "prices.txt": "老板应当在店堂显著位置公示价格，不得另外收取费用。",
    "driving.txt": "汽车驾驶人酒后驾驶的，由公安机关交通管理部门暂扣驾驶证。",
}


@pytest.fixture(scope="module")
def other_words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    for name, text in OTHER_WORDS.items():
        (folder / name).write_text(text, encoding="utf-8")
    intake(folder / "store", [folder], embedder(""))
    with Retriever.open(folder / "store", embedder("")) as retriever:
        yield retriever


def test_a_question_in_other_words_finds_its_passage_by_the_cosine(other_words, monkeypatch):
    question = "生病花的钱谁报销"
    found = other_words.search(question, k=5)
    monkeypatch.setitem(WEIGHTS, "unsaid", 0.0)
    without = other_words.search(question, k=5)

    assert found[0].source.endswith("clinic.txt")
    assert not without[0].source.endswith("clinic.txt")
    assert max(hit.scores["pair"] + hit.scores["above"] for hit in found) < ENOUGH


def test_a_question_in_the_words_of_its_passage_is_ordered_as_keywords_say(other_words):
    hits = other_words.search("患者就诊的医药费用由什么基金支付", k=5)

    assert hits[0].source.endswith("clinic.txt")
    assert {hit.scores["unsaid"] for hit in hits} == {0.0}


def test_prepared_documents_are_kept_up_to_so_many_bytes(demo, monkeypatch):
    questions = ["污水管网改造由谁牵头？", "养老服务什么时候完成？", "农村公路建设多少公里？", "校舍加固进展如何？"]
    with Retriever.open(demo.corpus.store) as roomy, Retriever.open(demo.corpus.store) as tight:
        expected = [roomy.answer(question).text for question in questions]
        kept = [source.footprint for source in roomy._sources.values()]
        monkeypatch.setattr("retriever.retriever._SOURCES", sum(kept) // 3)

        answers = [tight.answer(question).text for question in questions]

        assert answers == expected
        assert 0 < sum(source.footprint for source in tight._sources.values()) == tight._held <= sum(kept) // 3


def test_a_document_that_is_looked_into_is_not_held_for_good(demo):
    with Retriever.open(demo.corpus.store) as retriever:
        retriever.answer("污水管网改造由谁牵头？")
        seen = [weakref.ref(source) for source in retriever._sources.values()]

        retriever._sources.clear()
        gc.collect()

        assert seen
        assert not any(source() for source in seen)
