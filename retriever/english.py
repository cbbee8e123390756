"""English questions about Chinese documents: what their words are called there, and names by their pinyin."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable
from importlib.resources import files

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]+|\d[\d.,%]*")
_NAMES = 6  # pairs of characters that stand for one name
_LONGEST = 24  # letters of a name: six syllables
# Words that say nothing of the matter; others that the list of words does not have may be names.
_EMPTY = frozenset(
    "a about after all also an and any are as at be been before being between by can could did do does during each"
    " either else ever every few for from give had has have he her here his how i if in into is it its just least less"
    " like long made make many may me more most much must my no not of off often on once one only or other our out over"
    " per please same say says set she should show so some such take tell than that the their them then there these"
    " they this those through to under until up upon us was we were what when where whether which while who whom whose"
    " why will with within would yet you your much number held hold holds first last new two three".split()
)


def chinese(question: str, stands: Callable[[Iterable[str]], list[str]]) -> str:
    """Return what a folded English question is called in Chinese, for searching; a question with Han stays as it is.

    A word that neither the list of words has nor is empty is taken for a name in pinyin, and becomes those pairs of
    characters of that sound that stand in the documents.

    Args:
        question: folded.
        stands: returns those of some terms that stand in the documents, the most frequent first.
    """
    if _HAN.search(question) or not re.search("[a-z]{2}", question):
        return question
    found: list[str] = []
    words = _WORD.findall(question)
    while words:
        length = next((size for size in (4, 3, 2, 1) if _listed(" ".join(words[:size]))), 0)
        word = words[0]
        if length:
            found += _listed(" ".join(words[:length]))
        elif word not in _EMPTY:
            found += [word, *stands(_spelled(word))[:_NAMES]]
        words = words[max(1, length) :]
    return "，".join(dict.fromkeys(found)) or question


def _listed(words: str) -> list[str]:
    """Return the Chinese for some English words that begin as an entry of the list does; the longest entry counts."""
    entries = _entries()
    for end in range(len(words), 2, -1):
        if words[:end] in entries and " " not in words[end:] and len(words) - end <= _ENDING:
            return entries[words[:end]]
    return []


_ENDING = 7  # letters that may follow the beginning of a word: rectif-ication


@functools.cache
def _entries() -> dict[str, list[str]]:
    lines = (files("retriever") / "english.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {words: called.split() for words, called in rows}


def _spelled(word: str) -> list[str]:
    """Return all pairs of characters whose sounds stand beside each other in a word."""
    sounds = _sounds()
    pairs: list[str] = []
    for syllables in _cut(word[:_LONGEST]):
        for first, second in itertools.pairwise(syllables):
            pairs += [one + two for one in sounds[first] for two in sounds[second]]
    return list(dict.fromkeys(pairs))


def _cut(word: str) -> list[tuple[str, ...]]:
    """Return the ways in which a word is a row of syllables, of those ways the shortest; none where it is no pinyin."""
    sounds = _sounds()

    def ways(rest: str) -> list[tuple[str, ...]]:
        if not rest:
            return [()]
        heads = (rest[:size] for size in range(1, 7) if rest[:size] in sounds)
        return [(head, *tail) for head in heads for tail in ways(rest[len(head) :])]

    found = ways(word)
    least = min(map(len, found), default=0)
    return [way for way in found if len(way) == least]


@functools.cache
def _sounds() -> dict[str, list[str]]:
    """Return the characters of each syllable, without tones: those of GB 2312, of which names are made."""
    from pypinyin import Style, pinyin

    found: dict[str, list[str]] = {}
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            char = bytes((high, low)).decode("gb2312", "ignore")
            if char:
                for sound in pinyin(char, style=Style.NORMAL, heteronym=True)[0]:
                    found.setdefault(sound.replace("ü", "v"), []).append(char)
    return found
