import pytest

from ingest.read import parse


def read(text):
    return parse(text.encode())


NOTICE = """汀城市水务局
关于加强供水管网改造的通知
汀水发〔2024〕8号
各县（区）水务局：
现将有关事项通知如下。
一、抓紧改造
请照办。
汀城市水务局
2024年5月6日
"""


def test_a_notice_states_title_issuer_number_and_date_each_with_its_span():
    document = read(NOTICE)
    stated = {name: getattr(document, name) for name in ("title", "issuer", "number", "date")}

    assert {name: field.value for name, field in stated.items()} == {
        "title": "汀城市水务局关于加强供水管网改造的通知", "issuer": "汀城市水务局", "number": "汀水发〔2024〕8号", "date": "2024-05-06",
    }  # fmt: skip
    assert document.text[stated["date"].start : stated["date"].end] == "2024年5月6日"
    assert document.text[stated["title"].start : stated["title"].end].replace("\n", "") == stated["title"].value


@pytest.mark.parametrize(
    "written",
    [
        "汀水发〔2024〕8号",
        "汀水发[2024]8号",
        "汀水发（2024）8号",
        "汀水发〔20248号",
        "汀水发 〔2024〕 8 号",
        "文号：汀水发【2024】8号",
    ],
)
def test_a_damaged_number_is_mended_where_only_brackets_are_lost(written):
    assert read(NOTICE.replace("汀水发〔2024〕8号", written)).number.value == "汀水发〔2024〕8号"


def test_the_number_of_another_document_is_not_this_documents_number():
    text = "供水工作总结\n根据《供水管理办法》（汀政发〔2020〕3号），现将情况公开如下。\n一、做法\n很好。\n"

    assert read(text).number is None


def test_a_damaged_date_is_not_guessed_and_another_place_may_state_it():
    damaged = NOTICE.replace("2024年5月6日", "202456日")

    assert read(damaged).date is None
    assert read(damaged.replace("汀水发", "发布日期：2024-05-07\n汀水发")).date.value == "2024-05-07"


@pytest.mark.parametrize("written", ["二〇二四年五月六日", "2024 年 5 月 6 日", "２０２４年５月６日", "2024年05月06日"])
def test_dates_are_read_as_they_are_written(written):
    assert read(NOTICE.replace("2024年5月6日", written)).date.value == "2024-05-06"


def test_an_impossible_date_is_absent():
    assert read(NOTICE.replace("5月6日", "2月30日")).date is None


def test_what_is_not_stated_is_absent():
    document = read("今天开会研究了防汛工作，要求各单位抓好落实。\n")

    assert (document.title, document.issuer, document.number, document.date) == (None, None, None, None)


@pytest.mark.parametrize(
    ("text", "script"),
    [("环境保护", "hans"), ("環境保護", "hant"), ("2024 OK", "other"), ("重慶市環境保護督察計劃关于", "hant")],
)
def test_the_script_is_that_of_most_characters(text, script):
    assert read(text).script == script


def test_the_seeds_state_what_they_state(seeds):
    found = {path.stem: parse(path.read_bytes()) for path in seeds.glob("*.txt")}
    dates = {name: document.date and document.date.value for name, document in found.items()}

    assert dates == {
        "seed-000": "2025-03-06",
        "seed-001": None,
        "seed-002": "2021-08-20",
        "seed-003": "2025-11-20",
        "seed-004": None,
    }
    assert found["seed-001"].issuer is None
    assert len({s.issuer for s in found["seed-001"].sections if s.issuer}) == 4
    assert found["seed-000"].issuer.value == found["seed-000"].title.value[:6]
    assert [found[name].script for name in sorted(found)] == ["hans", "hans", "hant", "hant", "hans"]
