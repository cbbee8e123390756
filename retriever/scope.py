"""Whose matter a passage speaks of: the places that a question names, and whether a passage is about them.

A document of a city speaks of its counties in turn. A sentence that leaves its county out belongs to the one that its
item, its heading or the document names; a sentence about another county does not answer.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.body import bodies
from ingest.regex import regex
from retriever.passage import Passage, Source

# Places of one level exclude each other; a town or village says no more than its name.
_LEVELS = {
    "省": "省",
    "市": "市",
    "州": "市",
    "区": "县",
    "县": "县",
    "旗": "县",
    "镇": "镇",
    "乡": "镇",
    "街道": "镇",
    "村": "村",
    "社区": "村",
}
_SUFFIX = regex(
    r"省(?![级委直政府内外])|市(?=[^场级委直民政容区县内外里属、]|$)|州(?=[^际]|$)|区(?![域间别内划县级])|县(?![级域委区])|旗(?![下帜])|镇(?![级街])|"
    r"乡(?![镇村下])|街道(?!路)|村(?![民镇级庄])|社区"
)
_HAN = regex(r"[\u3400-\u9fff]+")
# What a name begins behind.
_BEFORE = regex(r"(?:[^\u3400-\u9fff]|[和与及在由对从向至到是因于县区市省州镇乡]|会同|配合|其中)$")
_VERB = regex(
    "根据|关于|配合|移送|报送|督促|协助|会同|提请|年度|先行|依据|按照|上报|反馈|指导|联系|抄送|移交|介绍|商请|报请|组织|负责|要求|"
    "按|经|将|以|向|请|报|送|把|被|让"
)
# What stands before the suffix of a place without being its name.
_COMMON = regex(
    r"[各全本该我这那哪两几每同跨邻某一二三四五六七八九十个级属的在到和与及由为是]$|"
    r"(?:城市|乡镇|农村|城区|中心|开发|新|老|城|小|地|辖|社|市|功能|示范|保护|保税|综保|自贸|经开|经济|产业|旅游|度假|风景|工业|高新|居民|试验|试点|集|禁养|责任|所在|企业|政府|居住|作业|自治|落实|你|有关|相关|直辖|重点|行政|贫困|落后|驻|美丽)$"
)
# 山区 and 农村 are no places, 佛山市 is one.
_COMMON_BEFORE = {"区": "园校厂库郊山景街片灌林矿牧", "村": "农乡山"}
_TIMES = "年月日号"  # 2025年农村…


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a question names: its name without the last word (荻湾), its level (县), "" where not said."""

    stem: str
    level: str


def places(words: str, sources: Sequence[Source]) -> tuple[Place, ...]:
    """Return the places that folded `words` name, in order.

    A name is one with its last word (荻湾县), or, without it, the name of a place in one of the documents.
    """
    found: dict[str, tuple[int, Place]] = {}
    pairs = {words[at : at + 2] for at in range(len(words) - 1)}
    pairs = {pair for pair in pairs if _is_name(pair, "")}
    for source in sources:
        if not any(_before_suffix(source.folded, pair) for pair in pairs):
            continue  # none of its places can be meant; to find them all takes longer
        for place in source_places(source):
            at = words.find(place.stem)
            if at >= 0 and place.stem not in found:
                found[place.stem] = (at, place)
    for suffix in _SUFFIX.finditer(words):
        if any(stem in words[max(0, suffix.start() - 4) : suffix.end()] for stem in found):
            continue
        stem = _stem(words, suffix.start())
        if stem and _begins(words, suffix.start() - len(stem)):
            found[stem] = (suffix.start() - len(stem), Place(stem, _LEVELS[suffix.group()]))
    kept = [pair for stem, pair in found.items() if not any(stem != other and stem in other for other in found)]
    return tuple(place for _, place in sorted(kept, key=lambda pair: pair[0]))


def named(words: str) -> tuple[str, ...]:
    """Return the bodies and places that folded words name with their last words (荻湾县, 市水务局), in order."""
    found = [span.of(words) for span in bodies(words)]
    for suffix in _SUFFIX.finditer(words):
        stem = _stem(words, suffix.start())
        if stem and not any(stem in name for name in found):
            found.append(stem + suffix.group())
    return tuple(dict.fromkeys(found))


def source_places(source: Source) -> frozenset[Place]:
    """Return the places that a document names at least twice, or in its title."""
    known = source.kept.get("places")
    if known is None:
        counts: dict[Place, int] = {}
        for suffix in _SUFFIX.finditer(source.folded):
            stem = _stem(source.folded, suffix.start())
            if stem and _begins(source.folded, suffix.start() - len(stem)):
                place = Place(stem, _LEVELS[suffix.group()])
                counts[place] = counts.get(place, 0) + 1
        known = frozenset(place for place, number in counts.items() if number > 1 or place.stem in source.common)
        source.kept["places"] = known
    return known


def fit(place: Place, passage: Passage, source: Source) -> float:
    """Return how surely a passage speaks of a place.

    1 its words or those over it name it, .8 the item around it or the title does, .5 the words before it do, .2 the
    document does somewhere, 0 it does not; -1 where the passage or its item names another place of that level instead.
    """
    if place.stem in passage.words or place.stem in source.above(passage.section):
        return 1.0
    row = source.row(passage)
    matter = _around(passage, source)
    others = _others(place, passage.words, source)
    if place.stem in matter:
        return -0.5 if others else 0.8
    if others:
        return -1.0
    if place.stem in source.common:
        return 0.8
    if _others(place, matter, source):
        return -1.0
    if row is None and place.stem in source.folded[max(0, passage.start - 200) : passage.start]:
        return 0.5
    if place.stem not in source.folded:
        return 0.0
    city = {other.stem for other in source_places(source) if other.level == "市" and other.stem in source.common}
    if place.level in ("市", "省"):  # the place of the whole document, if it is about no other
        return 0.8 if not city else 0.2
    return -1.0 if city and place.level == "县" else 0.2  # the document speaks of the whole city here


def _around(passage: Passage, source: Source) -> str:
    """Return the folded words of the item around a passage; of a table its own row alone, and what stands before."""
    item, row = source.matter(passage), source.row(passage)
    if row is None:
        return item.of(source.folded)
    table, line = row
    return source.folded[item.start : max(item.start, table.start)] + source.folded[line.start : line.end]


def is_elsewhere(place: Place, source: Source, *, known: bool = False) -> bool:
    """Return whether a document does not know a place: a county or town not at all, a city beside that of its title.

    Neither a city that another document at hand is about (`known`).
    """
    if place.stem in source.folded or place.stem in source.common:
        return False
    if known or not place.level:
        return known
    if place.level in ("县", "镇", "村"):
        return True
    return any(other.level == place.level and other.stem in source.common for other in source_places(source))


def _others(place: Place, words: str, source: Source) -> bool:
    """Return whether the words name another place of the same level.

    A city inside the city that the document is about is of the level of its counties.
    """
    if not place.level:
        return False
    known = source_places(source)
    cities = {other.stem for other in known if other.level == "市" and other.stem in source.common}

    def level(one: Place) -> str:
        return "县" if one.level == "市" and cities and one.stem not in cities else one.level

    return any(level(other) == level(place) and other.stem != place.stem and other.stem in words for other in known)


def _before_suffix(folded: str, pair: str) -> bool:
    """Return whether the two characters stand before the last word of a place somewhere."""
    at = folded.find(pair)
    while at >= 0:
        if _SUFFIX.match(folded, at + 2):
            return True
        at = folded.find(pair, at + 1)
    return False


def _begins(words: str, at: int) -> bool:
    """Return whether a name can begin at `at`: at the start, or behind what names follow."""
    return _is_before(words[max(0, at - 2) : at] or " ")


@functools.lru_cache(maxsize=16_384)  # two characters; a document has the same ones again and again
def _is_before(words: str) -> bool:
    return bool(_BEFORE.search(words))


def _stem(words: str, end: int) -> str:
    """Return the name before a suffix: two characters, or three where the document says it so elsewhere."""
    run = words[max(0, end - 2) : end]
    return run if _is_name(run, words[end : end + 1]) else ""


@functools.lru_cache(maxsize=16_384)
def _is_name(run: str, suffix: str) -> bool:
    """Return whether two characters can be the name before the suffix of a place, "" if no suffix is there."""
    return (
        len(run) == 2
        and bool(_HAN.fullmatch(run))
        and run[1] not in _COMMON_BEFORE.get(suffix, "")
        and run[0] not in _TIMES
        and not (_VERB.match(run) or _COMMON.search(run) or _COMMON.search(run[0]))
    )
