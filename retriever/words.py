"""Words: cuts many texts at once into the words of a Unigram `tokenizer.json`, as the library tokenizers does.

Five times as fast as that library on one core, as it makes no strings and no offsets, and so that an ingest does not
wait for it. It reads what `retriever/model/tokenizer.py` writes: a normalizer `Precompiled`, words of at most seven
characters, each of which is a word too, and scores that are multiples of 1/16, so that sums are exact and ties fall
alike in both. Anything else it refuses.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]

LONGEST = 7  # characters of a word: its length shares a number with its score, in three bits
_BITS = 20  # of the table that says whether a piece of text can be a word at all
_WORD, _MORE = 1, 2  # it is a word; it begins one
_NONE = -(1 << 29)
_LOCKSTEP = 512  # characters: longer runs are rare and are cut one by one
_FEW = 8  # runs: those of a question, for which arrays cost more than they save
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, well mixed (Knuth): piece -> number, by Horner's rule modulo 2^64


class Words:
    """The words of a tokenizer.

    Args:
        tokenizer: the file `tokenizer.json`.

    Raises:
        ValueError: the file is of another kind.
    """

    def __init__(self, tokenizer: Path) -> None:
        state = json.loads(tokenizer.read_text(encoding="utf-8"))
        if state["model"]["type"] != "Unigram" or (state["normalizer"] or {}).get("type") != "Precompiled":
            raise ValueError(f"{tokenizer}: not a Unigram tokenizer with a normalizer Precompiled")
        words, scores = zip(*state["model"]["vocab"], strict=True)
        self.size = len(words)
        sizes = np.fromiter(map(len, words), dtype=np.int64, count=self.size)
        first = np.cumsum(sizes) - sizes
        codes = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32)
        score = np.rint(16 * np.array(scores)).astype(np.int32)
        sizes[state["model"]["unk_id"]] = 0
        self.longest = int(sizes.max())
        if self.longest > LONGEST:
            raise ValueError(f"{tokenizer}: a word has {self.longest} characters, at most {LONGEST} can be read")

        # Characters that are words get numbers from 1; 0 is a blank or what no word holds.
        single = np.flatnonzero(sizes == 1)
        self._char = np.zeros(0x110000, dtype=np.int32)
        self._char[codes[first[single]]] = np.arange(1, len(single) + 1)
        self._single = np.concatenate(([0], single)).astype(np.int32)
        self._single_value = np.concatenate(([0], _value(score[single], 1))).astype(np.int32)
        replaced = _replacements(base64.b64decode(state["normalizer"]["precompiled_charsmap"]))
        one = {code: ord(form) for code, form in replaced.items() if len(form) == 1}
        self._char[list(one)] = self._char[list(one.values())]
        self._several = {code: form for code, form in replaced.items() if len(form) != 1}
        self._is_several = np.zeros(0x110000, dtype=np.bool_)
        self._is_several[list(self._several)] = True

        self._flags = np.zeros(1 << _BITS, dtype=np.uint8)
        self._keys = {}
        for length in range(2, self.longest + 1):
            numbers = np.flatnonzero(sizes == length)
            chars = self._char[codes[first[numbers][:, None] + np.arange(length)]]
            if not chars.all():
                raise ValueError(f"{tokenizer}: a word holds a character that is no word")
            key = chars[:, 0].astype(np.uint64)
            for place in range(1, length):
                if place > 1:
                    self._flags[_slot(key)] |= _MORE
                key = key * _BASE + chars[:, place].astype(np.uint64)
            self._flags[_slot(key)] |= _WORD
            order = np.argsort(key)
            value = _value(score[numbers], length)
            self._keys[length] = (key[order], numbers[order].astype(np.int32), value[order].astype(np.int32))

    def cut(self, texts: Sequence[str]) -> tuple[Ids, NDArray[np.int64]]:
        """Return the numbers of the words of all texts, one after the other, and how many each text has, shape `(n,)`.

        What is in no word (punctuation, rare scripts) is left out.
        """
        joined = "\n".join([*texts, ""])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        if self._is_several[codes].any():
            texts = [text.translate(self._several) for text in texts]
            joined = "\n".join([*texts, ""])
            codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        chars = self._char[codes]
        values, numbers = self._matches(chars)
        numbers_at = self._best(chars, values, numbers)
        begins = numbers_at >= 0
        ends = np.cumsum([len(text) + 1 for text in texts], dtype=np.int64)
        upto = np.concatenate(([0], np.cumsum(begins)[ends - 1] if len(texts) else []))
        return numbers_at[begins], np.diff(upto).astype(np.int64)

    def _matches(self, chars: Ids) -> tuple[Ids, Ids]:
        """Return value and number of the word that ends before each place, `(longest + 1, characters + 1)` each."""
        size = len(chars)
        values = np.full((self.longest + 1, size + 1), _NONE, dtype=np.int32)
        numbers = np.zeros((self.longest + 1, size + 1), dtype=np.int32)
        starts = np.flatnonzero(chars)
        values[1, starts + 1] = self._single_value[chars[starts]]
        numbers[1, starts + 1] = self._single[chars[starts]]
        padded = np.concatenate((chars, np.zeros(self.longest, dtype=np.int32)))
        key = chars[starts].astype(np.uint64)
        for length in range(2, self.longest + 1):
            following = padded[starts + (length - 1)]
            key = key * _BASE + following.astype(np.uint64)
            flags = self._flags[_slot(key)] * (following > 0)
            words = np.flatnonzero(flags & _WORD)
            keys, number, value = self._keys[length]
            if len(words) and len(keys):
                at = np.searchsorted(keys, key[words])
                at[at == len(keys)] = 0
                right = keys[at] == key[words]
                ends = starts[words[right]] + length
                values[length, ends] = value[at[right]]
                numbers[length, ends] = number[at[right]]
            more = np.flatnonzero(flags & _MORE) if length > 2 else np.flatnonzero(following > 0)
            starts, key = starts[more], key[more]
        return values, numbers

    def _best(self, chars: Ids, values: Ids, numbers: Ids) -> Ids:
        """Return the number of the word that begins at each place on the best path (Viterbi), or -1."""
        inside = np.concatenate(([False], chars > 0, [False]))
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        first, last = edges[::2], edges[1::2]
        order = np.argsort(first - last, kind="stable")  # the longest run first
        first, last = first[order], last[order]
        lengths = last - first
        chosen = np.zeros(len(chars) + 1, dtype=np.uint8)
        lone = len(first) if len(first) <= _FEW else int(np.searchsorted(-lengths, -_LOCKSTEP, side="left"))
        for run in range(lone):
            _walk(values, chosen, int(first[run]), int(last[run]))

        first, last, lengths = first[lone:], last[lone:], lengths[lone:]
        # All runs step by step: scores so far, times 8, of the last places, of which `before[-l]` is l back.
        longest = int(lengths[0]) if len(lengths) else 0
        before = [np.full(len(first), _NONE, dtype=np.int32) for _ in range(self.longest - 1)]
        before.append(np.zeros(len(first), dtype=np.int32))
        live = np.searchsorted(-lengths, -np.arange(1, longest + 1), side="right")
        for step in range(1, longest + 1):
            count = int(live[step - 1])
            ends = first[:count] + step
            best = before[-1][:count] + values[1][ends]
            for length in range(2, min(step, self.longest) + 1):
                np.maximum(best, before[-length][:count] + values[length][ends], out=best)
            chosen[ends] = best & 7
            before.append(best & ~7)
            del before[0]

        at = np.full(len(chars), -1, dtype=np.int32)
        first, place = edges[::2], edges[1::2]
        while len(place):
            size = chosen[place]
            start = place - size
            at[start] = numbers[size, place]
            going = start > first
            first, place = first[going], start[going]
        return at


def _value(score: Ids, length: int) -> Ids:
    """Return score and length in one number: the larger score wins, of equal scores the longer word."""
    return 8 * score + length


def _walk(values: Ids, chosen: NDArray[np.uint8], first: int, last: int) -> None:
    """Cut one run, in plain Python."""
    columns = values[:, first : last + 1].tolist()
    scores = [0]
    for end in range(1, last - first + 1):
        best = max(scores[end - n] + columns[n][end] for n in range(1, min(end, len(columns) - 1) + 1))
        scores.append(best & ~7)
        chosen[first + end] = best & 7


def _slot(key: NDArray[np.uint64]) -> NDArray[np.int64]:
    mixed = (key ^ (key >> np.uint64(32))) * _BASE
    return (mixed >> np.uint64(64 - _BITS)).astype(np.int64)


def _replacements(charsmap: bytes) -> dict[int, str]:
    """Return what becomes of each code point, from the table of a `Precompiled` normalizer.

    That is the size of a double array (darts-clone) of UTF-8 bytes, the array, and the forms, each ended by a zero.
    """
    size = int.from_bytes(charsmap[:4], "little")
    units = np.frombuffer(charsmap, dtype="<u4", count=size // 4, offset=4).astype(np.int64)
    forms, start = {}, 0
    for form in charsmap[4 + size :].split(b"\0"):
        forms[start] = form.decode()
        start += len(form) + 1
    every = np.arange(1, 256)
    place, base, code = np.zeros(1, dtype=np.int64), _base(units[:1]), np.zeros(1, dtype=np.int64)
    table: dict[int, str] = {}
    while len(place):
        whole = units[place] & 0x100 > 0
        found = units[base[whole]] & 0x7FFFFFFF
        table.update(zip(code[whole].tolist(), map(forms.__getitem__, found.tolist()), strict=True))
        children = base[:, None] ^ every
        parent, byte = np.nonzero(units[np.minimum(children, len(units) - 1)] & 0x800000FF == every)
        place, byte = children[parent, byte], every[byte]
        base = place ^ _base(units[place])
        # A byte that leads says how many bits of it count; one that follows adds six.
        leads = np.select([byte < 0x80, byte < 0xE0, byte < 0xF0], [byte, byte & 0x1F, byte & 0x0F], byte & 7)
        code = np.where(byte & 0xC0 == 0x80, code[parent] << 6 | byte & 0x3F, leads)
    return table


def _base(units: NDArray[np.int64]) -> NDArray[np.int64]:
    return (units >> 10) << ((units & 0x200) >> 6)
