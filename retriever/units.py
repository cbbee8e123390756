"""The words and phrases of an English question, each with the Chinese words that the documents have for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.fold import fold
from ingest.regex import regex
from retriever.index import Index
from retriever.lexicon import LONGEST, Lexicon, normal
from retriever.quantity import ASKED

_CHOICES = 6  # words of a meaning that are looked for
_NAMES = 12  # names of a question that are looked for
NAME, NUMBER = 1.6, 0.3  # what names and numbers count beside words

_TOKEN = regex(
    rf"{ASKED[0]}([^{ASKED[1]}]*){ASKED[1]}|[A-Za-z]+\d[A-Za-z\d.]*|[^\W\d_]+(?:['’][^\W\d_]+)*"
    r"|\d+(?:[.,]\d+)*(?:[%‰]|[A-Za-z]\b)?"
)
_PINYIN = regex(r"[A-Za-zÜüé]{2,}(?:['’][A-Za-zÜü]+)*")
LATIN = regex(r"[a-zA-Z]{2,}")
FUNCTION = frozenset(
    "a an the of in on at to for by with from and or is are was were be been being has have had do does did will would "
    "can could may might it its they their them this that these those there here as than then so such into onto his "
    "her our we i you your my me us he she him please tell show s under within through against between among during "
    "after before since until over above below up out off down than via about if while which who whom whose what when "
    "where how why because also both either neither per including include according due".split()
)
"""Words that say nothing of a matter, and that only English has."""

# The last word of a geographical name.
_ENDINGS = {
    "river": ("河", "江", "溪", "水"), "lake": ("湖",), "reservoir": ("水库",), "mountain": ("山",), "hill": ("山",),
    "county": ("县",), "district": ("区",), "city": ("市",), "province": ("省",), "town": ("镇",), "port": ("港",),
    "township": ("乡",), "village": ("村",), "street": ("街道", "街", "路"), "subdistrict": ("街道",), "road": ("路",),
    "bay": ("湾",), "island": ("岛",), "bridge": ("桥",), "new": ("新",), "park": ("公园",), "prefecture": ("州",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or phrase of the question with its Chinese words, likelier ones first.

    `known` says whether the documents have them; `weight` is 0 for words that ask.
    """

    text: str
    choices: tuple[str, ...]
    weight: float = 1.0
    known: bool = True


class Units:
    """Cuts a question into units by what lexicon and documents have; `absent` are the names that no document has."""

    def __init__(self, words: Lexicon, index: Index, text: str) -> None:
        self._lexicon = words
        starts = [word[0] for word in LATIN.findall(text)]
        self._titled = 2 * sum(map(str.isupper, starts)) > len(starts) > 3  # capitals say nothing then
        self._index = index
        self._has: dict[str, bool] = {}
        self._absent: list[str] = []
        self._names = 0

    @property
    def absent(self) -> tuple[str, ...]:
        """Return the names that no document has, in order."""
        return tuple(dict.fromkeys(self._absent))

    def of(self, piece: str) -> list[Unit]:
        """Return the units of a piece in order: the longest phrase that the documents have a word for comes first."""
        tokens = [(found[0], found[1]) for found in _TOKEN.finditer(piece)]
        found: list[Unit] = []
        at = 0
        while at < len(tokens):
            word, asks = tokens[at]
            if asks is not None:
                found.append(Unit(word, (asks,), 0.0))
                at += 1
                continue
            run = []
            for other, asks in tokens[at : at + LONGEST]:
                if asks is not None:
                    break
                run.append(other)
            unit, taken = self._unit(run, at == 0)
            if unit is not None:
                found.append(unit)
            at += taken
        return found

    def _unit(self, run: Sequence[str], first: bool) -> tuple[Unit | None, int]:
        """Return the unit at the beginning of a run of words, None for a word that says nothing, and its length."""
        keys = [normal(word) for word in run]
        if run[0].isupper() and len(run[0]) > 1 and not self._titled and self._index.counts([keys[0]])[keys[0]]:
            return Unit(run[0], (keys[0],), NAME), 1  # as it is: LED, COD
        found = self._phrase(run, keys)
        if found is not None:
            return found
        if keys[0][0].isdigit():
            return _number(keys[0]), 1
        if any(map(str.isdigit, keys[0])):
            return Unit(run[0], (keys[0],), NAME), 1  # as it is: PM2.5
        return self._other(run, keys[0], first)

    def _phrase(self, run: Sequence[str], keys: Sequence[str]) -> tuple[Unit | None, int] | None:
        """Return the longest phrase that the documents have a word for, else the longest one of the glossary, or None.

        One of the glossary is kept whole where they have a word for its beginning and none for its rest.
        """
        unknown: tuple[Unit, int] | None = None
        for length in range(len(run), 0, -1):
            if length == 1 and (keys[0] in FUNCTION or not keys[0]):
                return None, 1
            meaning = self._lexicon.domain(keys[:length])
            if meaning == ():
                return None, length
            general = () if length == 1 or keys[length - 1] in FUNCTION else self._lexicon.general(keys[:length])
            known = self._known(meaning or ()) or self._known(general)
            if known and (not meaning or not unknown or self._resolved(run[length : unknown[1]])):
                return Unit(" ".join(run[:length]), known), length
            if known:
                return unknown
            if meaning and unknown is None:
                unknown = Unit(" ".join(run[:length]), meaning, known=False), length
        return unknown

    def _resolved(self, run: Sequence[str]) -> bool:
        """Return whether the documents have words for all of the words of a run."""
        at = 0
        while at < len(run):
            unit, taken = self._unit(run[at:], False)
            if unit is not None and not unit.known:
                return False
            at += taken
        return True

    def _other(self, run: Sequence[str], key: str, first: bool) -> tuple[Unit, int]:
        """Return the unit of a word that the glossary does not have: a name, or what CC-CEDICT says, or as it is."""
        general = self._lexicon.general([key])
        capital = run[0][0].isupper() and not self._titled
        placed = capital and len(run) > 1 and run[1].lower() in _ENDINGS
        if placed or not general or (capital and not first):
            name = self._name(run, general)
            if name is not None:
                return name
        if self._index.counts([key])[key] and (not general or run[0][1:2].isupper()):
            return Unit(run[0], (key,), NAME), 1  # as it is: COD, PM, VOCs
        if len(key) > 1 and (placed or (capital and not general)):
            self._absent.append(run[0])
        elif general:
            known = self._known(general)
            return Unit(run[0], known or general, known=bool(known)), 1
        return Unit(run[0], (key,), known=False), 1

    def _name(self, run: Sequence[str], places: Sequence[str]) -> tuple[Unit, int] | None:
        """Return the words of the documents that are read like the first word, with its ending (River) if they have it.

        Of several the documents have those that are known as `places` are meant.
        """
        self._names += 1
        if self._names > _NAMES or not _PINYIN.fullmatch(run[0]):
            return None
        ways = self._lexicon.spellings(run[0].replace("’", "'"))
        endings = _ENDINGS.get(run[1].lower(), ()) if len(run) > 1 else ()
        ended = self._spelled([[*way, *ending] for way in ways for ending in endings])
        alone = self._spelled([way for way in ways if len(way) > 1])
        known = tuple(word for word in alone if word in places)
        if known:
            ended, alone = tuple(word for word in ended if word.startswith(known)), known
        words = (*ended, *alone)
        return (Unit(" ".join(run[: 1 + bool(ended)]), words, NAME), 1 + bool(ended)) if words else None

    def _spelled(self, ways: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Return the words whose characters are, in turn, among those given, the most frequent ones first."""
        found: dict[str, int] = {}
        for way in ways:
            if len(way) < 2:
                continue
            words = self._index.pairs(way[0], way[1])
            for following in way[2:]:
                longer: dict[str, int] = {}
                lasts = "".join({word[-1] for word in words})
                for pair, count in self._index.pairs(lasts, following).items() if lasts else ():
                    for word, before in words.items():
                        if word[-1] == pair[0]:
                            longer[word + pair[1]] = min(before, count)
                words = longer
            found.update(words)
        return tuple(sorted(found, key=lambda word: (-found[word], word))[:_CHOICES])

    def _known(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the words that the documents seem to have: those all of whose pairs of characters stand in them."""
        fresh = {pair for word in words if word not in self._has for pair in _pairs(word)}
        counts = self._index.counts(fresh)
        for word in words:
            if word not in self._has:
                self._has[word] = all(counts.get(pair) for pair in _pairs(word))
        return tuple(word for word in words if self._has[word])[:_CHOICES]


def _pairs(word: str) -> list[str]:
    folded = fold(word)
    return [folded[at : at + 2] for at in range(len(folded) - 1)] or [folded]


def _number(digits: str) -> Unit:
    small = "〇一二三四五六七八九十"
    spelled = (small[int(digits)],) if digits.isdecimal() and 0 < int(digits) <= 10 else ()
    return Unit(digits, (digits.replace(",", ""), *spelled), NUMBER)
