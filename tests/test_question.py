import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fold import fold
from retriever.question import parse, terms


@pytest.mark.parametrize(
    ("text", "intent", "kinds"),
    [
        ("管网改造由谁牵头？", "responsibility", {"body", "person"}),
        ("這件事歸誰管", "responsibility", {"body", "person"}),
        ("几时完工？", "deadline", {"date"}),
        ("啥时候报送", "deadline", {"date"}),
        ("多久调度一次", "deadline", {"frequency"}),
        ("多少个工作日内答复", "deadline", {"period"}),
        ("整改率多少", "count", {"percent"}),
        ("花了多少钱", "count", {"money"}),
        ("还有几个小区没移交", "count", {"number"}),
        ("依据的是哪个文件", "basis", {"basis"}),
        ("推进到哪一步了", "status", {"status"}),
        ("包括哪些内容", "list", {"list"}),
        ("When is the work due?", "deadline", {"date"}),
    ],
)
def test_a_question_says_what_kind_of_value_answers_it(text, intent, kinds):
    question = parse(text)

    assert question.intent == intent
    assert set(question.asks[0].kinds) == kinds


def test_two_questions_in_one_sentence_are_two_asks():
    question = parse("排口整治由谁牵头，什么时候完成？")

    assert [ask.intent for ask in question.asks] == ["responsibility", "deadline"]


def test_a_piece_that_asks_nothing_joins_the_one_behind_it():
    assert [ask.text for ask in parse("水务局那个平台，几月上线").asks] == ["水务局那个平台 几月上线"]


def test_what_stands_in_quotes_is_not_split_and_asks_nothing():
    question = parse("“谁家、何时”这个栏目是什么")

    assert len(question.asks) == 1
    assert question.asks[0].kinds == ()


def test_a_follow_up_takes_its_matter_from_the_question_before():
    question = parse("那时限呢？", ("排口整治由谁牵头？",))

    assert question.intent == "followup"
    assert "排口" in question.terms
    assert question.asks[0].kinds == ("date",)


def test_a_follow_up_that_asks_nothing_new_asks_the_same_of_another():
    question = parse("组长呢？", ("副组长多久调度一次？",))

    assert question.asks[0].kinds == ("frequency",)
    assert question.asks[0].text == "组长呢?"


def test_a_question_that_stands_alone_takes_nothing_from_the_history():
    question = parse("石汀污水处理厂二期工程总投资是多少元？", ("排口整治由谁牵头？",))

    assert "排口" not in question.terms


def test_years_are_read_in_two_digits_and_numbers_however_they_are_spelled():
    question = parse("24年那两个案子、31个问题办得怎么样")

    assert question.years == ("2024",)
    assert {2, 31} <= question.numbers


def test_both_scripts_give_the_same_terms():
    assert terms(fold("污水處理廠何時完工")) == terms(fold("污水处理厂何时完工"))


@given(st.text(max_size=200), st.lists(st.text(max_size=30), max_size=3))
def test_any_text_is_a_question(text, history):
    question = parse(text, tuple(history))

    assert question.asks
    assert all(term for term in question.terms)


def test_whether_something_was_done_by_a_day_asks_for_no_date():
    assert parse("病害管网年底前做完了没？").asks[0].kinds == ("status",)
    assert "date" in parse("病害管网几月底前做完？").asks[0].kinds


def test_a_question_that_goes_on_in_its_first_part_is_a_follow_up():
    asked = parse("到2025年9月底呢？目标降到多少？", ("街市档位2024年底空置率是多少？",))

    assert asked.intent == "followup"
    assert "空置" in asked.terms


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("采砂证可以转让吗？", ("permission",)),
        ("摊位要不要先登记？", ("permission",)),
        ("谁可以申请屋顶补助？", ("permission",)),
        ("外地人能不能领补贴？", ("permission",)),
        ("泵站能按时完工吗？", ("status",)),
        ("主要任务完成了吗？", ("status",)),
        ("谁负责审批？", ("body", "person")),
        ("这个办法还能用吗？", ("status",)),
        ("该通知失效了没？", ("status",)),
        ("主办机关是哪个？", ("body",)),
        ("屋顶光伏补助办法的主管是谁？", ("body", "person")),
    ],
)
def test_what_a_rule_permits_is_asked_apart_from_how_far_something_is(words, kinds):
    assert parse(words).asks[0].kinds == kinds


def test_a_title_that_ends_in_a_word_for_measures_asks_for_none():
    assert "list" not in parse("摊贩管理办法是哪年的？").asks[0].kinds
    assert "list" in parse("漏水有什么办法解决？").asks[0].kinds


def test_a_single_one_is_no_number_that_an_answer_repeats():
    assert parse("一户能养几条狗").numbers == frozenset()
    assert parse("两户能养几条狗").numbers == {2}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("汀东区和汀西区完成整改的各有几个？", ("汀东区完成整改的有几个", "汀西区完成整改的有几个")),
        ("市水务局和市住建局各牵头几项？", ("市水务局牵头几项", "市住建局牵头几项")),
        ("老旧小区改造2024跟2025各多少？", ("老旧小区改造2024多少", "老旧小区改造2025多少")),
        ("甲河与乙湖两地水质怎么样？", ("甲河水质怎么样", "乙湖水质怎么样")),
        ("小学和初中的补助标准分别是多少？", ("小学的补助标准是多少", "初中的补助标准是多少")),
        ("今年，城东厂和城西厂扩建各花了多少钱？", ("今年城东厂扩建花了多少钱", "今年城西厂扩建花了多少钱")),
    ],
)
def test_what_is_asked_of_each_of_two_is_asked_of_either(text, parts):
    assert tuple(ask.text.rstrip("?") for ask in parse(text).asks) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2024年清淤了多少公里，2019年呢？", ("2024年清淤了多少公里", "2019年清淤了多少公里")),
        ("汀东区几时完成，汀西区呢？", ("汀东区几时完成", "汀西区几时完成")),
        ("市林业局牵头什么任务，市城投集团呢？", ("市林业局牵头什么任务", "市城投集团牵头什么任务")),
        ("管网改造由谁负责，它呢？", ("管网改造由谁负责 它呢",)),
    ],
)
def test_the_same_is_asked_of_another_one(text, parts):
    assert tuple(ask.text.rstrip("?") for ask in parse(text).asks) == parts
