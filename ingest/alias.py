"""Aliases: whether two names, of one document or of several, mean one body (区生态环境局, 环保局, 甲区生态环境局)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from ingest.fold import fold
from ingest.regex import regex

# Two names at or above it are taken as one body. Measured on the pairs of tests/test_alias.py: two bodies score at most
# 94.8 (one more character in a name of 10), aliases 97 or more where their short form is known, 89 or less where not.
SAME = 96.0
# Below it a name is not even kept as a candidate.
WORTH_A_LOOK = 60.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may mean the same body; `score` is 0 to 100."""

    name: str
    score: float

    @property
    def same(self) -> bool:
        """Return whether the two are taken as one body."""
        return self.score >= SAME


def candidates(unit: str, known: Iterable[str], limit: int = 5) -> list[Candidate]:
    """Return the names of `known` that may mean the body `unit`, the likeliest first, ties by name; at most `limit`."""
    scored = [Candidate(name, likeness(unit, name)) for name in set(known)]
    kept = [candidate for candidate in scored if candidate.score >= WORTH_A_LOOK]
    return sorted(kept, key=lambda candidate: (-candidate.score, candidate.name))[:limit]


def likeness(one: str, other: str) -> float:
    """Return how alike two names are, 0 to 100; 0 where their places or levels contradict each other.

    The names are compared without their place, abbreviations spelled out, by RapidFuzz's ratio. A place that only one
    of them states costs a little, so that the name with more in common comes first.
    """
    a, b = _parts(fold(one)), _parts(fold(other))
    missing = 0
    for level in _LEVELS:
        mine, theirs = a.places.get(level), b.places.get(level)
        if mine and theirs and not (mine == theirs or mine.endswith(theirs) or theirs.endswith(mine)):
            return 0.0
        missing += (mine or "") != (theirs or "")
    if a.lowest and b.lowest and a.lowest != b.lowest:
        return 0.0
    if _ORDINAL.findall(a.core) != _ORDINAL.findall(b.core):
        return 0.0
    score = (100.0 if _initials(a.core, b.core) else fuzz.ratio(a.core, b.core)) - missing
    # 审计局 and 审计局党组, 领导小组 and its 办公室 are alike and never one.
    return max(0.0, score if a.core[-1:] == b.core[-1:] else min(score, WORTH_A_LOOK))


def _initials(one: str, other: str) -> bool:
    """Return whether one core is the other with one character for each word of two: 文广旅体局, 文化广电旅游体育局."""
    short, long = sorted((one, other), key=len)
    return bool(short) and initials(long) == short


def core(name: str) -> str:
    """Return what a folded name is compared by: without its place, short forms spelled out."""
    return _parts(name).core


def initials(words: str) -> str:
    """Return the short form of a core that `likeness` takes for it: every other character; "" where it has none."""
    return words[:-1:2] + words[-1] if len(words) % 2 and len(words) >= 5 else ""


_ORDINAL = regex("第[一二三四五六七八九十0-9]+")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A name taken apart: the places that it states by level, its lowest level (named or not), what is left."""

    places: dict[str, str]
    lowest: str
    core: str


_LEVELS = ("省", "市", "区", "镇")
_NAME = "[^省市区县镇乡州]"
_PLACE = regex(
    rf"(?:(?P<省>{_NAME}{{2,3}})?省)?(?:(?P<市>(?!城市){_NAME}{{1,5}})?[市州](?!场|政[管工设]))?(?:(?P<区>{_NAME}{{1,6}})?[区县旗](?!域))?"
    rf"(?:(?P<镇>(?!城){_NAME}{{2,4}})(?P<town>镇|(?<!城)乡(?!村|镇)|街道))?"
)
# Short forms of topics and bodies, as the names of local bodies have them. 环保 is what 生态环境 was called until 2018.
_SHORT = """
发改=发展改革 住建=住房城乡建设 人社=人力资源社会保障 卫健=卫生健康 国资=国有资产监督管理 市监=市场监督管理
市场监管=市场监督管理 城管=城市管理 文旅=文化旅游 经信=经济信息化 工信=工业信息化 规自=规划自然资源
规资=规划自然资源 自规=自然资源规划 环保=生态环境 环境保护=生态环境 生态环境保护=生态环境 医保=医疗保障
残联=残疾人联合会 工商联=工商业联合会 编办=机构编制委员会办公室 外办=外事办公室 民宗=民族宗教事务
网信=网络安全信息化
河长办=河长制办公室 林长办=林长制办公室 纪委监委=纪律检查委员会监察委员会 纪委=纪律检查委员会 监委=监察委员会
供销社=供销合作社 妇联=妇女联合会 高院=高级人民法院 中院=中级人民法院 金融局=地方金融监督管理局
退役军人局=退役军人事务局 深改=全面深化改革 机关事务局=机关事务管理局 交通局=交通运输局 交通委=交通运输委
大数据发展=大数据
"""
_SPELL = dict(pair.split("=") for pair in _SHORT.split())
_SHORT_FORM = regex("|".join(sorted((re.escape(short) for short in _SPELL), key=len, reverse=True)))
# Words that one form of a name has and another has not, without a difference in who is meant.
_NOISE = regex("^(?:中共|中国共产党)|[和与及]|有限责任公司$|股份有限公司$|(?<=集团)(?:有限)?公司$|^办事处$")
_TAIL = """
委员会=委 人民政府=政府 办公室=办 办公厅=办 人民法院=法院 中级法院=法院 人民检察院=检察院
管理局=局 管理委=委 事务局=局 合作社联合社=合作社 工作办=办 有限公司=公司
"""


@functools.lru_cache(maxsize=4096)
def _parts(name: str) -> _Parts:
    name = re.sub("^(?:中共|中国共产党)", "", "".join(name.split()))
    found = _PLACE.match(name)
    if found is None or (found.end() == len(name) and not found["town"]):
        return _Parts({}, "", _core(name))
    places = {level: found[level] for level in ("省", "市", "区") if found[level]}
    lowest = next((char for char in reversed(found.group()) if char in "省市州区县旗"), "")
    if found["town"]:
        places["镇"], lowest = found["镇"], found["town"]
    return _Parts(places, lowest, _core(name[found.end() :]))


def _core(words: str) -> str:
    """Return what a body is called without its place: short forms spelled out, then tails cut to one form."""
    words = _SHORT_FORM.sub(lambda short: _SPELL[short.group()], _NOISE.sub("", words))
    for long, short in (pair.split("=") for pair in _TAIL.split()):
        words = words.replace(long, short)
    return words
