"""What the page says: the same in every language."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from app.console import answer
from app.web.label import LANGUAGES, chosen, words
from ingest.fold import fold
from retriever.answer import FIELD_NAMES

WEB = Path(__file__).resolve().parent.parent / "app" / "web"
FIRST = next(iter(LANGUAGES))
# Names that are put together from a word of the data: t(f"status_{kind}").
MADE = re.compile(r"""\bt\(\s*f["'](\w+?)_\{""")
NAMED = re.compile(r"""\bt\(\s*["'](\w+)["']""")


def labels(language: str) -> dict[str, str]:
    return words(language)._labels


def fields(label: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(label) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    ours, first = labels(language), labels(FIRST)

    assert list(ours) == list(first)
    assert {key: fields(label) for key, label in ours.items()} == {key: fields(label) for key, label in first.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_that_an_answer_may_miss_has_a_name(language: str) -> None:
    assert {f"field_{name}" for name in FIELD_NAMES} <= labels(language).keys()


def test_the_terminal_names_what_is_missing_in_words() -> None:
    given = {"answer": "没有查到。", "citations": [], "missing": list(FIELD_NAMES)}

    assert not re.search("[a-z]", answer(given))


def test_the_page_names_no_label_that_there_is_not_and_there_is_none_that_it_does_not_name() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WEB.rglob("*.py")))
    made = set(MADE.findall(code)) | {"follow", "chip"}

    named = set(NAMED.findall(code))
    assert named <= set(labels(FIRST))
    unused = [
        key
        for key in labels(FIRST)
        if not re.search(rf"[\"']{key}[\"']", code) and not any(key.startswith(f"{stem}_") for stem in made)
    ]
    assert unused == []


def test_traditional_says_what_simplified_does_in_its_own_characters() -> None:
    assert words("zh-Hant")("searching") == "正在查找"
    simplified = [key for key, label in labels("zh-Hant").items() if re.search("[这从发务单边进时过问题项办]", label)]
    assert simplified == []
    assert fold(words("zh-Hant")("none")) == fold(words("zh-Hans")("none"))


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("", "zh-Hant-TW,en", "zh-Hant"),
        ("", "zh-HK", "zh-Hant"),
        ("", "zh", "zh-Hans"),
        ("", "en-GB,zh-CN", "en"),
        ("", "fr-FR,en;q=0.5", "en"),
        ("", "fr", "zh-Hans"),
        ("", "", "zh-Hans"),
        ("en", "zh-CN", "en"),
        ("../x", "zh-TW", "zh-Hant"),
    ],
)
def test_the_choice_of_the_reader_then_the_browser_decide_the_language(
    cookie: str, accepted: str, language: str
) -> None:
    assert chosen(cookie, accepted) == language
