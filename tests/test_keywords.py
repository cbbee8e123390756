"""Keyword search: the n-grams, what they find, and what a query may cost."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fold import fold
from retriever import keywords
from retriever.keywords import Row

CHUNK = "CREATE TABLE chunk (no INTEGER PRIMARY KEY, doc_no INTEGER, body TEXT, path TEXT, title TEXT)"
# Characters of every kind that a text may hold, with the troublesome ones many times over.
TEXT = st.text(
    st.one_of(
        st.sampled_from("督办安溪治理水务局12月底前abcXYZé ,。、\n\t\u3000\x00\"'*()^:-+~\ud800\U0001f600\u200b한ガ"),
        st.characters(),
    ),
    max_size=60,
)
HOSTILE = [
    "", " ", '"', '""', "'; DROP TABLE keyword; --", "a AND", "NOT 督办", "OR OR OR", "NEAR(督办 治理, 2)", "body: 督办",
    "{body path}: 督", "-督办", "^督办", "督办*", "(((((", ")", "\\", "%_", "\x00", "\ud800", "😀" * 50, "督" * 100_000,
    "abc " * 50_000, "督办治理水务局" * 20_000, "a" * 100_000, "\u202e督办", "rank", "keyword MATCH '督办'",
]  # fmt: skip


def database(rows: Sequence[Row] = ()) -> sqlite3.Connection:
    """Return an index of nothing but keywords; a chunk's document has its number."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(CHUNK + ";" + keywords.SCHEMA)
    keywords.add(db, rows)
    stored = [(no, no, *(text.encode("utf-8", "replace").decode() for text in texts)) for no, *texts in rows]
    db.executemany("INSERT INTO chunk VALUES (?, ?, ?, ?, ?)", stored)
    return db


def bodies(*texts: str) -> list[Row]:
    return [(number, fold(text), "", "") for number, text in enumerate(texts, start=1)]


def plainly(text: str, *, single: bool) -> list[str]:
    """Return the n-grams of one text as a loop finds them, each in turn."""

    def kind(char: str) -> str:
        if char.isspace():
            return " "
        if "\u3400" <= char < "\u4dc0" or "\u4e00" <= char < "\ua000":
            return "漢"
        return "a" if char.isalnum() else "."

    found = []
    for at, char in enumerate(text):
        left, right = text[:at].rstrip(), text[at + 1 :].lstrip()
        before = left[-1:] if kind(left[-1:] or ".") == "漢" else ""
        after = right[:1] if kind(right[:1] or ".") == "漢" else ""
        if kind(char) == "漢":
            found += [char] if single or not (before or after) else []
            found += [char + after] if after else []
        elif kind(char) == "a" and not (at and kind(text[at - 1]) == "a"):
            word = char
            while at + len(word) < len(text) and kind(text[at + len(word)]) == "a":
                word += text[at + len(word)]
            found.append(word)
    return found


def test_a_text_becomes_words_and_single_and_paired_characters() -> None:
    assert keywords.ngrams(["12月底前，由A局牵头"]) == [
        "12 月 月底 底 底前 前 由 a 局 局牵 牵 牵头 头".replace("a", "A")
    ]
    assert keywords.ngrams(["12月底前，由A局牵头"], single=False) == ["12 月底 底前 由 A 局牵 牵头"]


def test_white_space_inside_a_run_of_han_is_no_end_of_it() -> None:
    assert keywords.ngrams(["通\u3000 知\n书"], single=False) == ["通知 知书"]


@given(st.lists(TEXT, max_size=4), st.booleans())
def test_ngrams_are_those_that_a_plain_loop_finds(texts: list[str], single: bool) -> None:
    texts = ["".join(char for char in text if char < "\u1100" or "\u3400" <= char < "\ua000") for text in texts]

    assert [line.split() for line in keywords.ngrams(texts, single=single)] == [
        plainly(text, single=single) for text in texts
    ]


@given(TEXT)
def test_a_text_has_the_ngrams_that_it_has_alone(text: str) -> None:
    assert keywords.ngrams(["督办", text, "12"])[1] == keywords.ngrams([text])[0]


@given(TEXT, TEXT)
def test_no_question_is_too_strange(body: str, query: str) -> None:
    db = database(bodies(body))

    found = keywords.search(db, fold(query), 5)

    assert all(no == 1 and score > 0 for no, score in found)


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_questions_are_text_like_any_other(query: str) -> None:
    db = database(bodies("督办小安溪治理", "水务局"))

    keywords.search(db, fold(query), 5)

    assert [no for no, _ in keywords.search(db, "水务局", 5)] == [2]


def test_a_stored_text_of_any_size_finds_itself() -> None:
    rows = bodies(*HOSTILE, "小安溪治理方案")

    db = database(rows)

    assert keywords.search(db, "小安溪治理方案", 1)[0][0] == len(rows)


def test_both_scripts_find_the_same_with_the_same_scores() -> None:
    db = database(bodies("区发展改革委牵头治理", "區發展改革委牽頭治理", "水务局"))

    simplified, traditional = (keywords.search(db, fold(query), 5) for query in ("谁牵头治理", "誰牽頭治理"))

    assert simplified == traditional
    assert [no for no, _ in simplified] == [1, 2]
    assert simplified[0][1] == simplified[1][1]


# No character twice in a row: of 水水水 the index has two pairs, a text shows one.
PROSE = st.text(st.sampled_from("督办安溪治理水务局2012，。 \n"), max_size=30).filter(
    lambda text: all(first != second for first, second in itertools.pairwise("".join(text.split())))
)


ABOVE = st.lists(st.sampled_from(("督办", "水务局", "安", "安溪治理 2012", "12")), max_size=3).map("，".join)


@given(st.lists(st.tuples(PROSE, ABOVE, ABOVE), min_size=1, max_size=8), PROSE)
def test_scores_are_those_of_bm25_as_fts5_has_it(texts: list[tuple[str, str, str]], query: str) -> None:
    db = database([(no, *each) for no, each in enumerate(texts, start=1)])
    terms = [*keywords.choose(db, query, {})[0]]
    match = " OR ".join(f'"{term}"' for term in terms) or '"nothing"'
    rows = db.execute("SELECT rowid, -bm25(keyword, 1.0, 0.6, 0.4) FROM keyword WHERE keyword MATCH ?", (match,))

    found = dict(keywords.search(db, query, 9))

    assert found == pytest.approx(dict(rows.fetchall()))


@given(st.lists(TEXT, max_size=6))
def test_the_size_is_what_was_put_in(texts: list[str]) -> None:
    db = database(bodies(*texts))

    tokens = sum(len(line.split()) for line in keywords.ngrams([fold(text) for text in texts]))
    assert keywords.size(db) == (len(texts), tokens)


def test_what_the_index_says_stands_there_counts_whatever_the_text_looks_like() -> None:
    rows = bodies("督\n办事项", "2012件", "12件", *["其他情况"] * 9)

    found = {query: [no for no, _ in keywords.search(database(rows), query, 5)] for query in ("督办", "12", "2012")}

    assert found == {"督办": [1], "12": [3], "2012": [2]}


def test_headings_count_but_less_than_the_words_under_them() -> None:
    rows = [
        (1, "另有安排事项", "小安溪治理", ""),
        (2, "小安溪治理安排", "总体要求", ""),
        (3, "其他情况说明", "总体要求", "小安溪治理"),
    ]
    rows += [(no, "无关文字内容", "无关标题", "无关题名") for no in range(4, 20)]

    found = keywords.search(database(rows), "小安溪治理", 5)

    assert [no for no, _ in found] == [2, 1, 3]


def test_a_filter_lets_through_only_its_documents() -> None:
    db = database(bodies("小安溪治理", "小安溪治理", "小安溪治理", "水务"))

    assert [no for no, _ in keywords.search(db, "小安溪", 5, frozenset({2, 4}))] == [2]
    assert keywords.search(db, "小安溪", 5, frozenset()) == []
    assert keywords.search(db, "小安溪", 5, frozenset({1, 2, 3, 4})) == keywords.search(db, "小安溪", 5)


def test_a_filter_finds_what_few_words_of_the_question_stand_in() -> None:
    rows = bodies(*["小安溪治理方案"] * 2_000, "另一件治理的事")
    db = database(rows)

    assert [no for no, _ in keywords.search(db, "小安溪治理方案", 1, frozenset({len(rows)}))] == [len(rows)]


@given(st.lists(TEXT, min_size=1, max_size=6), st.lists(TEXT, max_size=4), TEXT)
def test_what_was_deleted_leaves_no_trace(kept: list[str], gone: list[str], query: str) -> None:
    rows = bodies(*kept, *gone)
    db = database(rows)

    keywords.delete(db, rows[len(kept) :])

    assert keywords.search(db, fold(query), 9) == keywords.search(database(rows[: len(kept)]), fold(query), 9)
    assert db.execute("SELECT count(*) FROM keyword_term").fetchone() == (
        database(rows[: len(kept)]).execute("SELECT count(*) FROM keyword_term").fetchone()
    )


def test_merging_changes_no_answer() -> None:
    db = database(bodies("小安溪治理", "水务局牵头"))
    keywords.add(db, [(3, "小安溪清淤", "", "")])
    before = keywords.search(db, "小安溪牵头", 5)

    keywords.merge(db)

    assert keywords.search(db, "小安溪牵头", 5) == before


def test_a_small_store_is_asked_for_every_ngram() -> None:
    db = database(bodies("小安溪治理由水务局牵头，年底前完成"))

    chosen, others = keywords.choose(db, "小安溪治理年底完成了吗", {})

    assert set(chosen) == set("小安溪治理年底完成") | {"小安", "安溪", "溪治", "治理", "年底", "完成"}
    assert not others


def test_of_common_ngrams_the_rarest_are_asked_for_and_at_least_two(monkeypatch: pytest.MonkeyPatch) -> None:
    db = database(bodies(*["关于工作情况的报告"] * 50, "小安溪"))
    monkeypatch.setattr(keywords, "BUDGET", 3)

    chosen, others = keywords.choose(db, "关于小安溪工作情况的报告", {})

    assert chosen == {"安溪": 1, "小安": 1}
    assert others == dict.fromkeys(("关于", "工作", "作情", "情况", "况的", "的报", "报告"), 50)
    assert len(keywords.choose(db, "工作", {})[0]) == keywords.LEAST


def test_what_the_common_ngrams_say_orders_what_the_rarest_find(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = bodies(*["关于水质监测的安排"] * 30, *["关于污水管网的安排"] * 30, *["另一件不相干的事情"] * 60)
    rows += [(200, "小安溪水质监测情况", "", ""), (201, "小安溪污水管网情况", "", ""), (202, "小安溪", "", "污水管网")]
    db = database(rows)
    whole = keywords.search(db, "小安溪污水管网", 3)

    monkeypatch.setattr(keywords, "BUDGET", 3)

    bounded = keywords.search(db, "小安溪污水管网", 3)
    assert [no for no, _ in bounded] == [no for no, _ in whole] == [201, 202, 200]
    assert len(keywords.choose(db, "小安溪污水管网", {})[0]) < 4


def test_of_a_pasted_page_both_ends_are_looked_at() -> None:
    db = database(bodies("小安溪", "水务局"))
    page = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))

    found = keywords.search(db, f"小安溪，{page}，水务局", 5)

    assert {no for no, _ in found} == {1, 2}
