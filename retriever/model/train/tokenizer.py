"""The tokenizer: words and characters by the Unigram model, both scripts made one inside `tokenizer.json`."""

from __future__ import annotations

import base64
import itertools
import json
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.fold import fold_char


def character_table() -> dict[str, str]:
    """Return what becomes of each character that does not stay: NFKC, lower case, Simplified.

    The Simplified form is that of `ingest.fold`. Punctuation becomes a blank but for %, which is a word; marks and
    characters without width vanish; 〇 is written 零, as tokenizers take it for a digit.
    """
    table = {}
    for code in itertools.chain(
        range(1, 0xD800), range(0xF900, 0xFFFE), range(0x1F100, 0x1F200), range(0x20000, 0x2FA20)
    ):
        char = chr(code)
        if unicodedata.category(char) == "Cn":
            continue
        folded = "".join(map(fold_char, unicodedata.normalize("NFKC", char).lower())).replace("〇", "零")
        form = "".join(_letter(part) for part in folded)
        form = " ".join(form.split()) or form[:1]
        if form != char:
            table[char] = form
    return table


def _letter(char: str) -> str:
    if char == "%" or char.isalnum():
        return char
    return "" if unicodedata.category(char) in ("Mn", "Cf") else " "


def charsmap(table: dict[str, str]) -> bytes:
    """Return a table of replacements in the form that the normalizer `Precompiled` reads (that of sentencepiece).

    A trie of the UTF-8 bytes as a double array (Yata's darts-clone), its size before it and the replacements, each
    ended by a zero, after it.
    """
    blob, places = bytearray(), {}
    trie: dict[int, Any] = {}
    for char, form in sorted(table.items()):
        if form not in places:
            places[form] = len(blob)
            blob += form.encode() + b"\0"
        node = trie
        for byte in char.encode():
            node = node.setdefault(byte, {})
        node[0] = places[form]
    units = _double_array(trie)
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + bytes(blob)


def _double_array(trie: dict[int, Any]) -> list[int]:
    """Return the units of a trie whose nodes map a byte to a node, and 0 to a value."""
    units: dict[int, int] = {0: 0}
    bases = {0}  # each is used once, as a unit says by which byte it is reached and not from where
    top = 0
    queue = [(0, trie)]
    for place, node in queue:
        lowest = min(node)
        free = (unit for unit in itertools.count(max(top - 1024, 1)) if unit not in units)  # holes further back stay
        base = next(
            base
            for base in (unit ^ lowest for unit in free)
            if base not in bases and all(base ^ byte not in units for byte in node)
        )
        bases.add(base)
        units[place] |= (place ^ base) << 10
        for byte, child in node.items():
            if byte == 0:
                units[place] |= 1 << 8
                units[base] = (1 << 31) | child
            else:
                units[base ^ byte] = byte
                queue.append((base ^ byte, child))
            top = max(top, base ^ byte)
    return [units.get(place, 0) for place in range((top | 0xFF) + 1)]


def make_tokenizer(texts: Iterable[str], table: dict[str, str], size: int) -> str:
    """Return the content of `tokenizer.json`: a Unigram model of `size` words and characters, trained on `texts`."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    counts: dict[str, int] = {}
    letters = str.maketrans(table)
    shown = [text.translate(letters) for text in texts]
    for text in shown:
        for char in text:
            counts[char] = counts.get(char, 0) + 1
    alphabet = {char for char, count in counts.items() if count >= 2 and char != " "}
    alphabet |= {char for char in _common_han() if char not in table}
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=False)]
    )
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=["[UNK]"], unk_token="[UNK]", initial_alphabet=sorted(alphabet),
        max_piece_length=4, show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(shown, trainer)
    state = json.loads(tokenizer.to_str())
    # Multiples of 1/16: sums of scores are exact, so that `retriever.words` cuts alike to the last tie.
    state["model"]["vocab"] = [[word, round(score * 16) / 16] for word, score in state["model"]["vocab"]]
    state["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap(table)).decode()}
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def _common_han() -> Iterator[str]:
    """Yield the characters of GB2312, so that none that is in use is unknown."""
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            char = bytes((high, low)).decode("gb2312", "ignore")
            if char:
                yield char


def tokenizer_words(tokenizer: Path) -> list[str]:
    """Return the words of a tokenizer in the order of their numbers."""
    return [word for word, _ in json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]]
