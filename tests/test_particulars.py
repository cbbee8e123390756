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


def stated(text):
    document = read(text)
    found = {name: getattr(document, name) for name in ("title", "issuer", "number", "date")}
    for field in filter(None, found.values()):
        assert 0 <= field.start < field.end <= len(text)
    return {name: field.value if field else None for name, field in found.items()}


def test_a_rule_is_called_as_it_calls_itself_not_as_the_order_that_makes_it_known():
    text = (
        "汀城市人民政府令\n第12号\n《汀城市渡口管理办法》已经2024年3月1日市政府常务会议通过，现予公布。\n市长 罗某\n2024年3月9日\n\n"
        "汀城市渡口管理办法\n第一章 总则\n第一条 为了加强渡口管理，制定本办法。\n"
    )

    assert stated(text) == {
        "title": "汀城市渡口管理办法", "issuer": "汀城市人民政府", "number": "汀城市人民政府令第12号", "date": "2024-03-09",
    }  # fmt: skip


def test_of_several_bodies_that_sign_the_first_is_the_issuer():
    text = NOTICE.replace("汀城市水务局\n2024年5月6日", "汀城市财政局\n汀城市水务局\n2024年5月6日")

    assert stated(text)["issuer"] == "汀城市财政局"


def test_a_number_may_stand_behind_a_date_or_before_who_signed():
    plan = "蘭陽縣政府\n沿海步道推動計畫\n中華民國113年2月6日府工土字第1130004521號函頒\n壹、緣起\n步道老舊。\n"

    assert stated(plan) == {
        "title": "蘭陽縣政府沿海步道推動計畫", "issuer": "蘭陽縣政府", "number": "府工土字第1130004521號", "date": "2024-02-06",
    }  # fmt: skip
    assert stated(NOTICE.replace("8号", "8号        签发人：罗某"))["number"] == "汀水发〔2024〕8号"


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


@pytest.mark.parametrize(
    ("text", "title", "issuer", "number", "date"),
    [
        (
            "会 议 纪 要\n\n汀水纪〔2025〕2号\n\n汀城市水务局办公室　　　　2025年9月22日\n\n关于推进管网改造的纪要\n\n会议认为，很好。\n",
            "关于推进管网改造的纪要", "汀城市水务局办公室", "汀水纪〔2025〕2号", "2025-09-22",
        ),
        (
            "汀城發佈 | 民生實事盤點（第一期）\n2025-11-24 20:15 發表於汀城\n\n各單位的進展如下。\n",
            "民生實事盤點（第一期）", None, None, "2025-11-24",
        ),
        (
            "# 霧嶺縣政府114年度淨零計畫\n\n中華民國114年2月10日霧嶺縣政府府環字第1140001234號函頒\n\n內容如下。\n",
            "霧嶺縣政府114年度淨零計畫", "霧嶺縣政府", "府環字第1140001234號", "2025-02-10",
        ),
        (
            "港城文物及古蹟管理署\n\n本署檔號：HMD/A/7\n\n關於跟進情況的覆函\n\n來函收悉。\n\n署長\n（代行）\n\n二○二五年十月十四日\n",
            "關於跟進情況的覆函", "港城文物及古蹟管理署", "HMD/A/7", "2025-10-14",
        ),
        (
            "汀城市餐厨垃圾条例\n\n（2024年8月29日汀城市人民代表大会常务委员会第九次会议通过　自2025年3月1日起施行）\n\n第一条　略。\n",
            "汀城市餐厨垃圾条例", "汀城市人民代表大会常务委员会", None, "2024-08-29",
        ),
        (
            "汀城市供水提质三年行动（2023—2025年）\n中期进展情况报告\n汀城市水务局\n2024年7月16日\n",
            "汀城市供水提质三年行动（2023—2025年）中期进展情况报告", "汀城市水务局", None, "2024-07-16",
        ),
        (
            "汀城市人民政府督查室\n关于供水督查的通报\n督查情况如下。\n汀城市人民政府督查室\n2025年6月6日\n",
            "汀城市人民政府督查室关于供水督查的通报", "汀城市人民政府督查室", None, "2025-06-06",
        ),
    ],
)  # fmt: skip
def test_offices_of_all_places_state_their_particulars_in_their_own_ways(text, title, issuer, number, date):
    document = read(text)
    stated = [getattr(document, name) for name in ("title", "issuer", "number", "date")]

    assert [field and field.value for field in stated] == [title, issuer, number, date]
    for field in (field for field in stated if field and field is not document.date and field is not document.number):
        assert "".join(document.text[field.start : field.end].split("\n")) == field.value


@pytest.mark.parametrize(
    "text",
    [
        "汀城市水务局工作总结\n2024年5月6日市政府召开会议，部署了工作。\n",
        "汀城市水务局工作总结\n2024年5月6日至8日，督查组到各县查看。\n",
        "汀城市水务局工作总结\n114年5月6日\n",
    ],
)
def test_a_date_in_a_sentence_is_not_that_of_the_document(text):
    assert read(text).date is None


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
