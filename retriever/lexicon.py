"""English words and their Chinese ones: a glossary of the domain, CC-CEDICT reversed, and how characters are read.

The files lie in `retriever/dictionary/`, whose README says where they are from. They are read when first asked for,
which takes a tenth of a second and 15 MB.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ingest.regex import regex

WORDS = Path(__file__).resolve().parent / "dictionary"
GLOSSARY, ENGLISH, PINYIN = "glossary.tsv", "cedict.tsv.gz", "pinyin.tsv"

LONGEST = 6  # words of a phrase that are looked up together
_NAME = 24  # letters of a name that are read; the ways to cut it grow with them
_SEGMENTATIONS = 6  # ways to cut a name into syllables that are tried

_IRREGULAR = {
    "began": "begin", "begun": "begin", "broke": "break", "brought": "bring", "built": "build", "bought": "buy",
    "chose": "choose", "chosen": "choose", "children": "child", "drew": "draw", "drawn": "draw", "fell": "fall",
    "fallen": "fall", "found": "find", "fed": "feed", "gave": "give", "given": "give", "grew": "grow", "grown": "grow",
    "held": "hold", "kept": "keep", "laid": "lay", "led": "lead", "left": "leave", "lost": "lose", "made": "make",
    "men": "man", "met": "meet", "paid": "pay", "people": "person", "people's": "people", "rose": "rise",
    "risen": "rise", "sent": "send", "sold": "sell", "sought": "seek", "spent": "spend", "taken": "take",
    "took": "take", "taught": "teach", "tore": "tear", "torn": "tear", "undertook": "undertake", "went": "go",
    "withdrew": "withdraw", "withdrawn": "withdraw", "women": "woman", "wrote": "write", "written": "write",
}  # fmt: skip
_ENDINGS = (
    (regex(r"ies$|ied$|ying$"), ("y",)),
    (regex(r"([bdgklmnprt])\1(?:ed|ing)$"), (r"\1", r"\1\1")),
    (regex(r"(?<=[a-z]{2})(?:ed|ing)$"), ("", "e")),
    (regex(r"(?<=[sxzh])es$"), ("", "e")),
    (regex(r"(?<=[a-z]{2}[^s])s$"), ("",)),
)
_BRITISH = ((regex(r"is(e|ed|es|ing|ation)$"), r"iz\1"), (regex(r"our$"), "or"), (regex(r"tre$"), "ter"))


class Lexicon:
    """What the files of a folder say; safe for any number of threads."""

    def __init__(self, glossary: str, english: bytes, pinyin: str) -> None:
        """Read the three tables; see `Lexicon.load`."""
        self._glossary = _glossary(glossary)
        self._english = english.splitlines()  # in order; bytes take half of what strings take
        self._characters = dict(line.split("\t") for line in pinyin.splitlines())

    @classmethod
    def load(cls, folder: Path = WORDS) -> Lexicon:
        """Read the files of `folder`.

        Raises:
            OSError: one of them is missing, so Duban is not installed as a whole.
        """
        return cls(
            (folder / GLOSSARY).read_text(encoding="utf-8"),
            gzip.decompress((folder / ENGLISH).read_bytes()),
            (folder / PINYIN).read_text(encoding="utf-8"),
        )

    def domain(self, words: Sequence[str]) -> tuple[str, ...] | None:
        """Return what the glossary has for a phrase in lower case, in any form of its words (plural, past).

        Likelier words come first. None where it does not have the phrase, nothing where that says nothing.
        """
        return next((found for key in _keys(words) if (found := self._glossary.get(key)) is not None), None)

    def general(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return what CC-CEDICT has for a phrase in lower case, in any form of its words; nothing where it has none."""
        return tuple(dict.fromkeys(word for key in _keys(words) for word in self._entry(key)))

    def spellings(self, name: str) -> list[list[str]]:
        """Return, for each way to read a name as pinyin, the characters that each of its syllables may be.

        Args:
            name: in any case, tones left out; ü is read as v, u or ü. An apostrophe ends a syllable.
        """
        parts = re.sub(r"[üÜ]", "v", name[:_NAME]).lower().split("'")
        cuts = [list(itertools.islice(self._cut(part), _SEGMENTATIONS)) for part in parts if part]
        ways = itertools.islice(itertools.product(*cuts), _SEGMENTATIONS)
        return [[self._of(syllable) for part in way for syllable in part] for way in ways]

    def _entry(self, key: str) -> list[str]:
        start = f"{key}\t".encode()
        at = bisect_left(self._english, start)
        if at < len(self._english) and self._english[at].startswith(start):
            return self._english[at][len(start) :].decode("utf-8").split(" ")
        return []

    def _cut(self, letters: str) -> Iterator[tuple[str, ...]]:
        """Return the ways to cut letters into syllables, those that begin with a longer one first."""
        if not letters:
            yield ()
        for end in range(min(6, len(letters)), 0, -1):
            if letters[:end] in self._characters and (end > 1 or letters[0] in "aeo"):
                for rest in self._cut(letters[end:]):
                    yield (letters[:end], *rest)

    def _of(self, syllable: str) -> str:
        umlaut = syllable.replace("u", "v") if syllable in ("lu", "nu", "lue", "nue") else syllable
        return self._characters[syllable] + (self._characters.get(umlaut, "") if umlaut != syllable else "")


@functools.cache
def lexicon() -> Lexicon:
    """Return the lexicon that comes with Duban, read once."""
    return Lexicon.load()


def normal(phrase: str) -> str:
    """Return a phrase as it is looked up: lower case, hyphens as blanks, without the genitive's ending."""
    return " ".join(re.sub(r"'s?\b", "", phrase.lower().replace("’", "'").replace("-", " ")).split())


def _glossary(text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the Chinese words by normal phrase; a phrase that stands in several lines has the words of all."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        english, chinese = line.split("\t")
        for phrase in english.split(";"):
            words = () if chinese == "-" else chinese.split()
            found[normal(phrase)] = tuple(dict.fromkeys((*found.get(normal(phrase), ()), *words)))
    return found


def _keys(words: Sequence[str]) -> Iterator[str]:
    """Return a phrase with each of its words as it stands, then in its basic forms."""
    return map(" ".join, itertools.islice(itertools.product(*(forms(word) for word in words)), 64))


@functools.lru_cache(maxsize=4096)
def forms(word: str) -> tuple[str, ...]:
    """Return a word in lower case and what its basic form may be: reported, report, reporte."""
    found = [word]
    if word in _IRREGULAR:
        found.append(_IRREGULAR[word])
    for ending, replaced in _BRITISH:
        if ending.search(word):
            found.append(ending.sub(replaced, word))
    for spelled in tuple(found):
        for ending, bases in _ENDINGS:
            if ending.search(spelled):
                found.extend(ending.sub(base, spelled) for base in bases)
                break
    return tuple(dict.fromkeys(found))
