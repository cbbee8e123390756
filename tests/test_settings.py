"""The settings: read once from DUBAN_*, unknown names refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings, SettingsError
from ingest.error import DubanError


def test_settings_have_defaults_and_look_at_no_other_variable() -> None:
    settings = Settings.read({"HOME": "/nowhere", "STORE": "other"})

    assert settings == Settings(store=Path("store"), embedder="")


def test_settings_come_from_the_environment() -> None:
    settings = Settings.read({"DUBAN_STORE": "/srv/库", "DUBAN_EMBEDDER": "some/model"})

    assert settings == Settings(store=Path("/srv/库"), embedder="some/model")


def test_an_empty_variable_is_as_if_it_were_not_set() -> None:
    settings = Settings.read({"DUBAN_STORE": "", "DUBAN_EMBEDDER": ""})

    assert settings == Settings()


def test_a_chroma_server_is_named_by_its_url() -> None:
    assert Settings.read({"DUBAN_CHROMA": "http://127.0.0.1:8000/"}).chroma == "http://127.0.0.1:8000"


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://a", "http://", "http://a:b", "http://a/x", "http://u:p@a"])
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(DubanError, match="Chroma"):
        Settings.read({"DUBAN_CHROMA": url})


def test_an_unknown_variable_is_refused_by_name_with_what_was_meant() -> None:
    with pytest.raises(SettingsError, match=r"DUBAN_STOER.*DUBAN_STORE"):
        Settings.read({"DUBAN_STOER": "x"})


def test_variables_of_the_tests_are_let_through() -> None:
    settings = Settings.read({"DUBAN_REQUIRE_BROWSER": "1", "DUBAN_CHROMIUM": "/usr/bin/chromium"})

    assert settings == Settings()


def test_numbers_are_settings_too_and_become_limits() -> None:
    settings = Settings.read({"DUBAN_FILE_MB": "5", "DUBAN_PAGES": "20", "DUBAN_WORKERS": "0"})

    assert (settings.limits.size, settings.limits.pages, settings.workers) == (5_000_000, 20, 0)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many"])
def test_a_value_that_is_no_number_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingsError, match="DUBAN_PAGES"):
        Settings.read({"DUBAN_PAGES": value})


def test_the_limit_of_uploads_is_a_number_and_what_is_none_is_refused_by_name() -> None:
    assert Settings.read({"DUBAN_UPLOAD_MB": "5"}).upload_mb == 5
    for wrong in ("0", "-1", "a lot", "1e3"):
        with pytest.raises(SettingsError, match="DUBAN_UPLOAD_MB"):
            Settings.read({"DUBAN_UPLOAD_MB": wrong})


def test_there_is_no_language_model_unless_one_is_named() -> None:
    assert Settings.read({}).language_model() is None


def test_a_language_model_is_set_from_the_environment_and_its_key_is_not_shown() -> None:
    settings = Settings.read({
        "DUBAN_MODEL": "openai:qwen3-32b", "DUBAN_MODEL_URL": "http://127.0.0.1:8000/v1", "DUBAN_MODEL_KEY": "hush",
        "DUBAN_MODEL_USES": "answer, judge", "DUBAN_MODEL_SECONDS": "9", "DUBAN_MODEL_LOG": "0",
    })  # fmt: skip

    model = settings.language_model()

    assert model is not None and model.options.uses == {"answer", "judge"}
    assert (model.options.key, model.options.seconds, model.options.log) == ("hush", 9.0, False)
    assert "hush" not in repr(settings) + repr(model.options)


@pytest.mark.parametrize(
    "wrong",
    [{"DUBAN_MODEL": "qwen"}, {"DUBAN_MODEL": "openai:m"}, {"DUBAN_MODEL": "ollama:m", "DUBAN_MODEL_USES": "poems"}],
)
def test_a_language_model_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(DubanError, match="语言模型"):
        Settings.read(wrong).language_model()
