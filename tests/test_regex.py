"""Patterns that are compiled late: each is sound, and does what one compiled at once does."""

import gc
import importlib
import pkgutil
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingest
import retriever
from ingest.regex import _Late, regex


def test_every_pattern_can_be_compiled() -> None:
    for package in (ingest, retriever):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".train" not in module.name:  # needs what only training has
                importlib.import_module(module.name)
    late = [found for found in gc.get_objects() if type(found) is _Late]

    assert len(late) > 300
    for pattern in late:
        re.compile(pattern.pattern, pattern.flags)


def test_a_wrong_pattern_is_found_by_its_first_use() -> None:
    wrong = regex("(")

    with pytest.raises(re.error):
        wrong.search("")


@given(st.text(alphabet="ab12\n", max_size=20))
def test_a_late_pattern_does_what_one_compiled_at_once_does(text: str) -> None:
    late, soon = regex(r"(?m)^a(\d?)", re.IGNORECASE), re.compile(r"(?m)^a(\d?)", re.IGNORECASE)

    assert [found.groups() for found in late.finditer(text)] == [found.groups() for found in soon.finditer(text)]
    assert late.sub("-", text) == soon.sub("-", text)
    assert late.findall(text) == soon.findall(text)
    assert late.groups == soon.groups
    assert late.pattern == soon.pattern
