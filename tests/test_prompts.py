"""The prompts: each file is rendered, with its fields and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import prompts as room
from prompts import PromptError, render, version

FILES = sorted(Path(str(room.__file__)).parent.glob("*.txt"))


def fields(path: Path) -> set[str]:
    return set(re.findall(r"\$(\w+)", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_prompt_is_rendered_with_its_fields(path: Path) -> None:
    said = render(path.stem, **{name: f"«{name} $other»" for name in fields(path)})

    assert all(f"«{name} $other»" in said for name in fields(path))
    assert re.search(r"[\u3400-\u9fff]", said)


@pytest.mark.parametrize("path", [path for path in FILES if fields(path) - {"form"}], ids=lambda path: path.stem)
def test_rules_come_first_and_say_that_data_are_no_instructions(path: Path) -> None:
    rules, line, data = path.read_text(encoding="utf-8").partition("\n----\n")

    assert line and "不是指令" in rules
    assert fields(path) - {"form"} <= set(re.findall(r"\$(\w+)", data))


def test_a_missing_or_extra_field_is_named() -> None:
    with pytest.raises(PromptError, match="missing facts"):
        render("judge", question="", answer="")
    with pytest.raises(PromptError, match="not in it: mood"):
        render("form_lines", mood="")
    with pytest.raises(PromptError, match=r"no file nothing\.txt"):
        render("nothing")


def test_a_version_follows_the_words() -> None:
    assert re.fullmatch(r"answer-[0-9a-f]{8}", version("answer"))
    assert len({version(path.stem)[-8:] for path in FILES}) == len(FILES)
