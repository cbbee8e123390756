import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.case import read_cases
from retriever.english import english, read
from retriever.lexicon import Lexicon, forms, lexicon, normal
from retriever.phrasing import pieces, rephrased
from retriever.quantity import ASKED, quantities

ROOT = Path(__file__).resolve().parent.parent
CASES = read_cases(ROOT / "eval" / "suites" / "demo" / "english.jsonl")
HAN = re.compile(r"[\u3400-\u9fff]")


def chinese(retriever, question, history=()):
    return read(question, history, retriever.index, lambda words, k: retriever.search(words, k))


def unmarked(text):
    return " ".join(text.translate({ord(mark): " " for mark in ASKED}).split())


# --- through the door ---


def test_an_english_question_is_answered_with_the_chinese_row(demo):
    question = "Which body leads the safety assessment of lifts over 15 years old in Mochi District, and by when?"

    answer = demo.answer(question)

    assert answer.question == question
    assert "区市场监管局" in answer.text and "2025年6月30日前" in answer.text
    (citation, *_) = answer.citations
    assert demo.document(citation.doc).text[citation.start : citation.end] == citation.quote
    assert "墨池" in answer.notice


def test_a_name_is_found_by_its_pinyin_in_either_script(demo):
    answers = [
        demo.answer("Which company carries out the expansion of the Shiting wastewater treatment plant?"),
        demo.answer("How many temporary checkpoints have been set up in Lanpu City?"),
    ]

    assert "汀澜水务集团" in answers[0].text
    assert "152個" in answers[1].text


@pytest.mark.parametrize(
    "question",
    [
        "How do I bake a chocolate cake?",
        "Where can I buy tickets for the football match?",
        "Who is the president of France?",
        "How many schools in Hailanjiang County took part in the canteen renovation?",
    ],
)
def test_a_question_whose_words_no_document_has_is_refused_with_those_words(demo, question):
    answer = demo.answer(question)

    assert answer.grade == "none" and not answer.citations
    named = re.search("相应的内容：(.*)。", answer.text)
    assert named and all(word in question for word in named[1].split("、"))


def test_an_english_follow_up_takes_its_matter_from_the_question_before(demo):
    before = "Who takes the lead in restoring the riparian buffer zone?"

    answer = demo.answer("And by when must it be finished?", history=[before])

    assert "2026年3月底前" in answer.text


def test_most_english_cases_of_the_suite_are_answered_with_a_fact_and_its_evidence(demo):
    found = 0
    for case in CASES:
        answer = demo.answer(case.question, as_of=case.as_of)
        for citation in answer.citations:
            assert demo.document(citation.doc).text[citation.start : citation.end] == citation.quote
        words = answer.text.replace(" ", "")
        found += case.answerable and all(any(form.replace(" ", "") in words for form in fact) for fact in case.facts)

    assert found >= 0.75 * sum(case.answerable for case in CASES)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            "who when the of how many Weixi River xian Xi'an 2025 May 31 PM2.5 <b> \ue000 \ue001 ' ? ü budget lead by 3 million".split()
        ),
        max_size=14,
    )
)
def test_any_english_words_have_an_answer_whose_citations_hold(words):
    retriever = test_any_english_words_have_an_answer_whose_citations_hold.retriever
    answer = retriever.answer(" ".join(words))

    for citation in answer.citations:
        assert retriever.document(citation.doc).text[citation.start : citation.end] == citation.quote


@pytest.fixture(autouse=True)
def opened(demo):
    test_any_english_words_have_an_answer_whose_citations_hold.retriever = demo


# --- what is English ---


@pytest.mark.parametrize("text", ["PM2.5是多少", "苇溪河 river 由谁牵头", "APP", "COD VOCs", "几时完成", "", "123"])
def test_chinese_with_latin_words_is_left_as_it_is(demo, text):
    assert not english(text)
    assert chinese(demo, text).question == text


def test_chinese_in_an_english_question_is_searched_with_it(demo):
    assert "一口一档" in chinese(demo, "Who takes the lead in the “一口一档” of the Weixi River?").question


# --- how it asks ---


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who is responsible for it?", "谁负责"),
        ("Which body leads the review?", "由谁牵头"),
        ("Which bureau takes the lead in it?", "由哪个局牵头"),
        ("By when must it be done?", "什么时候前"),
        ("What is the deadline for it?", "什么时候前完成"),
        ("How often is it checked?", "多久一次"),
        ("How many of them are closed?", "多少个"),
        ("Within how many working days is it answered?", "多少个工作日内"),
        ("What is the coverage rate of the network?", "是多少"),
        ("How much was the fine?", "多少元"),
        ("What was the penalty for it?", "多少元"),
        ("Has the work been completed?", "完成了吗"),
        ("Is the report overdue?", "逾期了没有"),
        ("On what basis was it drawn up?", "依据什么文件"),
        ("What is the document number of the notice?", "文号是多少"),
        ("What is the status of the works?", "进展怎么样"),
        ("List the tasks of the bureau", "哪些"),
        ("Why was it late?", "为什么"),
    ],
)
def test_words_that_ask_become_the_chinese_ones(question, asked):
    assert asked in "".join(rephrased(piece) for piece in pieces(question))


def test_two_questions_in_one_sentence_are_two_pieces():
    assert pieces("Who leads it, and by when must it be done?") == ["Who leads it", "by when must it be done"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("October 25, 2025", "2025年10月25日"), ("25 October 2025", "2025年10月25日"), ("the 3rd of May", "the 5月3日"),
        ("2025-10-25", "2025年10月25日"), ("June 2025", "2025年6月"), ("in 2024", "in 2024年"),
        ("by March", "by 3月"), ("2025-13-25", "2025-13-25"), ("it may be", "it may be"), ("RMB 3.2 billion", "32亿元"),
        ("860 thousand yuan", "86万元"), ("nine sections", "9 sections"), ("five-year", "five-year"),
        ("ninety percent", "90%"), ("2,024 pipes", "2,024 pipes"),
    ],
)  # fmt: skip
def test_dates_sums_and_counts_become_chinese(words, said):
    assert unmarked(quantities(words)) == said


# --- words ---


@pytest.mark.parametrize(
    ("word", "base"),
    [("outfalls", "outfall"), ("bodies", "body"), ("planned", "plan"), ("restoring", "restore"), ("led", "lead"),
     ("boxes", "box"), ("organisation", "organization"), ("applied", "apply")],
)  # fmt: skip
def test_a_word_is_looked_up_in_its_basic_form(word, base):
    assert base in forms(word)


def test_the_glossary_is_read_as_it_is_written():
    lines = [
        line
        for line in (ROOT / "retriever" / "dictionary" / "glossary.tsv").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    phrases = [(phrase, line.split("\t")[1]) for line in lines for phrase in line.split("\t")[0].split(";")]

    assert len(lines) > 500
    for phrase, words in phrases:
        assert re.fullmatch(r"[a-z0-9 ,'\-]+", phrase.strip()), phrase
        assert words == "-" or HAN.search(words) or words.isascii(), phrase
        assert lexicon().domain(normal(phrase).split()) is not None, phrase


def test_a_name_is_read_in_every_way_that_pinyin_allows():
    ways = Lexicon("", b"", "xi\t西\nan\t安\nxian\t县\nlv\t绿\nlu\t路\n")

    assert ways.spellings("Xian") == [["县"], ["西", "安"]]
    assert ways.spellings("Xi'an") == [["西", "安"]]
    assert ways.spellings("Lüan") == [["绿", "安"]] and ways.spellings("Luan") == [["路绿", "安"]]
    assert ways.spellings("Paris") == []


def test_the_lexicon_is_read_only_when_an_english_question_comes(demo):
    lexicon.cache_clear()

    demo.answer("苇溪河排污口“一口一档”由谁牵头？")
    assert lexicon.cache_info().currsize == 0
    demo.answer("Who leads the restoration of the buffer zone?")
    assert lexicon.cache_info().currsize == 1
