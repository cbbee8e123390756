"""Questions in other words: content words are replaced by others of CC-CEDICT that have the same English glosses.

The rule knows neither the passage that is asked about nor any embedder. Of 57 questions that were read by eye about
three in four are what somebody might ask; the others have a word of a neighbouring sense.
"""

from __future__ import annotations

import functools
import gzip
import random
import re
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path

from ingest.fold import fold
from retriever.cedict import entries

# Asides change a meaning, and the others say how a word is written or used and not what it means.
_USELESS = re.compile(
    r"[()]|oneself|one\'s|\.\.\.|variant of|^see |surname|^CL:|also written|used in|pr\. |slang|vulgar|Buddh|particle|"
    r"classifier|radical|dynasty|mythology|given name|place name|novel"
)
_LEADING = re.compile(r"^(?:to be |to |the |an? |be )")
_GLOSS = re.compile(r"[a-z]+(?: [a-z]+){0,3}")
_QUOTED = re.compile(r"《[^》]*》|[“「\"][^”」\"]*[”」\"]|[(（][^)）]*[)）]")
# A pair with one of these is a word by accident more often than not (中的, 人在), or its other word does not fit.
_FUNCTION = frozenset(
    "的了在是和与及或被由把于之也就都而所这那哪谁几多每各一二三四五六七八九十百千万零两第年月日不中大"
)
_KEPT = frozenset(
    "什么 甚么 哪里 何时 何地 为何 怎么 怎样 如何 为什么 是否 可以 没有 以及 由于 因为 所以 如果 但是 而且".split()
)
_LONGEST = 7  # characters of a word
_COMMON = 40  # words with one gloss, beyond which it is too loose to tell what they mean
_LEAST = 3  # times that the other word stands in the texts, and at least this share as often as the word itself
_SHARE = 0.05
_ALIKE, _ALIKE_FIRST = 0.25, 0.4  # glosses of both among those of either: with two in common; with the first of both

Sense = tuple[bool, str]
"""Whether a gloss is of a verb ("to ..."), and the gloss."""


class Synonyms:
    """Words and what can stand for them.

    Args:
        cedict: CC-CEDICT, gzip, see `retriever.cedict.packaged`.
        texts: in which the words are counted; those that hardly stand there are not used.
    """

    def __init__(self, cedict: Path, texts: Iterable[str]) -> None:
        self._senses: dict[str, dict[Sense, int]] = defaultdict(dict)
        self._names: set[str] = set()
        for word, read, glosses in entries(gzip.decompress(cedict.read_bytes()).decode("utf-8").splitlines()):
            if read[0][:1].isupper():
                self._names.add(word)
            senses = self._senses[word]  # a word without a usable gloss is a word all the same
            for at, gloss in enumerate(glosses):
                for sense in _senses(gloss):
                    senses.setdefault(sense, at)
        self._words: dict[Sense, list[str]] = defaultdict(list)
        for word, senses in self._senses.items():
            for sense in senses:
                self._words[sense].append(word)
        self._texts = "\n".join(map(fold, texts))

    def reword(self, question: str, share: float, draw: random.Random) -> str | None:
        """Return the question with this share of the words that can be replaced, at least one; None where none can.

        Names, what is quoted and what asks stay. The new words are in folded (Simplified) characters.
        """
        places = self.places(question)
        if not places:
            return None
        for start, end, other in sorted(draw.sample(places, max(1, round(share * len(places)))), reverse=True):
            question = question[:start] + other + question[end:]
        return question

    def places(self, question: str) -> list[tuple[int, int, str]]:
        """Return the spans of the words that can be replaced, in order, each with the word for it."""
        folded = fold(question)
        quoted = [found.span() for found in _QUOTED.finditer(folded)]
        found = []
        for start, end in _cut(folded, self._senses):
            if not any(first <= start < last for first, last in quoted) and (other := self.other(folded[start:end])):
                found.append((start, end, other))
        return found

    @functools.cache  # noqa: B019 - lives as long as a run of the bench
    def other(self, word: str) -> str | None:
        """Return the word most like a folded one: of its length, sharing the most glosses, then the most frequent."""
        if len(word) < 2 or word in _KEPT or word in self._names or _FUNCTION & set(word):
            return None
        own = self._senses.get(word, {})
        shared: dict[str, list[Sense]] = defaultdict(list)
        for sense in own:
            if len(self._words[sense]) <= _COMMON:
                for other in self._words[sense]:
                    shared[other].append(sense)
        ranked = []
        for other, senses in shared.items():
            if other == word or len(other) != len(word) or other in self._names:
                continue
            theirs = self._senses[other]
            alike = len(senses) / (len(own) + len(theirs) - len(senses))
            first = any(own[sense] == theirs[sense] == 0 for sense in senses)
            if (len(senses) > 1 and alike >= _ALIKE) or (first and alike >= _ALIKE_FIRST):
                often = self._count(other)
                if often >= max(_LEAST, _SHARE * self._count(word)):
                    ranked.append((alike, often, other))
        return max(ranked)[2] if ranked else None

    @functools.cache  # noqa: B019
    def _count(self, word: str) -> int:
        return self._texts.count(word)


def _senses(gloss: str) -> Iterable[Sense]:
    if not _USELESS.search(gloss):
        for part in re.split("[;,]", gloss.lower()):
            words = " ".join(part.split())
            if _GLOSS.fullmatch(bare := _LEADING.sub("", words)):
                yield words.startswith("to "), bare


def _cut(text: str, words: Container[str]) -> list[tuple[int, int]]:
    """Return the words on which the longest match from the left and that from the right agree."""
    left, right, at = set(), set(), 0
    while at < len(text):
        size = next(n for n in range(min(_LONGEST, len(text) - at), 0, -1) if n == 1 or text[at : at + n] in words)
        left.add((at, at + size))
        at += size
    while at > 0:
        size = next(n for n in range(min(_LONGEST, at), 0, -1) if n == 1 or text[at - n : at] in words)
        right.add((at - size, at))
        at -= size
    return sorted(left & right)
