"""The register finds the names that comparing each would find."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ingest.alias import SAME, likeness
from ingest.fold import fold
from ingest.register import Register

PLACES = ["", "汀澜市", "东湾区", "汀澜市东湾区", "省", "市", "区", "青芦镇"]
BODIES = [
    "水务局", "生态环境局", "环保局", "发展改革委员会", "发改委", "文化广电旅游体育局", "文广旅体局", "审计局", "审计局党组",
    "住房和城乡建设局", "住建局", "人民政府", "政府", "政府办公室", "第一中学", "第二中学", "林长办", "林长制办公室", "局", "",
    "农村人居环境整治提升工作领导小组办公室", "农村人居环境整治提升工作领导小组办公会", "农村人居环境整治工作领导小组办公室",
]  # fmt: skip
NAMES = st.builds(str.__add__, st.sampled_from(PLACES), st.sampled_from(BODIES)) | st.text(
    "市区水务环保局委第一和", max_size=30
)


def plain_ending(names: list[str], words: str) -> list[str]:
    return [name for name in names if words and fold(name).endswith(words)]


def plain_like(names: list[str], words: str) -> list[str]:
    return [name for name in names if likeness(words, fold(name)) >= SAME]


@given(st.lists(NAMES, max_size=20), NAMES)
@example([place + body for place in PLACES for body in BODIES], "市环保局")
@example([place + body for place in PLACES for body in BODIES], "文广旅体局")
@example([place + body for place in PLACES for body in BODIES], "汀澜市" + BODIES[-3])
@example(["甲" * 13 + "局"], "甲" * 12 + "局")
def test_it_finds_what_comparing_each_finds(names: list[str], words: str) -> None:
    register = Register(tuple(names))

    assert register.ending(fold(words)) == plain_ending(names, fold(words))
    assert register.like(fold(words)) == plain_like(names, fold(words))


def test_every_pair_of_names_is_as_it_is_alone() -> None:
    names = [place + body for place in PLACES for body in BODIES]
    register = Register(tuple(names))

    for words in names:
        assert register.like(fold(words)) == plain_like(names, fold(words)), words
    assert sum(len(register.like(fold(words))) for words in names) > len(names)  # more than themselves
