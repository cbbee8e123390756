"""Keyword search: BM25 over the character n-grams of folded text, in SQLite FTS5.

The FTS5 table says which chunks hold an n-gram; how often, and so the score, is counted in the texts of the best ones.
Its own bm25() gives the same scores and takes ten times as long for each chunk, of which there are thousands.

A Han character (or kana, Hangul) is a token, and so are two in a row; a run of Latin letters and digits is one token.
On CMRC2018-dev character bigrams find the paragraph first in 0.96 of the questions, words by jieba in 0.91.

The FTS5 table is contentless: it keeps no text. SQLite 3.40 cannot delete from such a table by row number alone
(`contentless_delete` came with 3.43), so the table `chunk` of the index keeps the folded text of each column, and a
deletion makes the same tokens from it again.
"""

from __future__ import annotations

import functools
import json
import math
import re
import sqlite3
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCHEMA = """
CREATE VIRTUAL TABLE keyword USING fts5(body, path, title, content='', tokenize='ascii');
CREATE VIRTUAL TABLE keyword_term USING fts5vocab(keyword, row);
INSERT INTO keyword(keyword, rank) VALUES ('hashsize', 16777216);
INSERT INTO keyword(keyword, rank) VALUES ('automerge', 8);
"""
# 'ascii' splits at blanks and takes every other character that we emit as part of a token. A batch is kept in memory
# until it is committed (hashsize) and segments are merged less eagerly: together a third of the time of an ingest.

# Weights of the columns. The words above a chunk count, but less than its own.
COLUMNS = 1.0, 0.6, 0.4
# How many chunks may choose, those that hold several n-grams counted for each; a thousand take 0.2 ms. With more, more
# single characters join in, which are too common to choose by (docs/ranking.md).
BUDGET = 2_000
LEAST = 2  # n-grams that are used however common they are
_POOL = 60  # chunks of the first look in whose texts the n-grams are counted
_K1, _B = 1.2, 0.75  # of BM25, as FTS5 has them
# Of a pasted page the first and the last n-grams are looked at: a question stands at either end.
_MOST = 512
_LOOKED = 20  # n-grams of a chunk that are looked up to see that it is there

_OTHER, _WORD, _HAN, _SPACE = 0, 1, 2, 3
_BLANK = 0x20
_FIRST_HAN = "\u2e80"  # letters and digits before it make words
_LETTER = rf"[^\W_{_FIRST_HAN}-\U0010ffff]"
_CHARACTER = r"[^\W_\0-\u2e7f]"

Numbers = NDArray[np.int64]
Row = tuple[int, str, str, str]
"""A chunk's number and the folded text of its three columns: body, path, title."""


def ngrams(texts: Sequence[str], *, single: bool = True) -> list[str]:
    """Return the n-grams of each folded text, joined by blanks, in the order of the text.

    Punctuation ends a run. White space ends a word but not a run of Han, as it stands inside headings (通　知) and
    where a line was broken. What cannot be stored (lone surrogates) is none of the tokens.

    Args:
        texts: folded texts; any string is safe.
        single: with single Han characters; without, one stands only where it has no neighbour.
    """
    joined = "\0".join([*texts, ""])  # one call for a batch: numpy makes 4,000 chunks while a loop makes 400
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kinds()[codes]
    kept = np.flatnonzero(kinds != _SPACE)
    code, kind = codes[kept], kinds[kept]
    han = kind == _HAN
    before = np.concatenate(([False], han[:-1]))
    after = np.concatenate((han[1:], [False]))
    pair = han & after
    alone = han if single else han & ~before & ~after
    word = kind == _WORD
    ends = word & (np.concatenate((kinds[1:], [_OTHER]))[kept] != _WORD)

    # Each character's tokens with the blanks behind them: "督 督办 " for 督 in 督办, "2" for the first digit of 2024.
    size = 2 * alone + 3 * pair + word + ends
    end = np.cumsum(size)
    start = end - size
    tokens = np.full(int(end[-1]) if len(end) else 0, _BLANK, dtype=np.uint32)
    tokens[start[alone]] = code[alone]
    at = start[pair] + 2 * alone[pair]
    tokens[at] = code[pair]
    tokens[at + 1] = code[np.flatnonzero(pair) + 1]
    tokens[start[word]] = code[word]

    line = tokens.tobytes().decode("utf-32-le")
    last = np.cumsum([len(text) + 1 for text in texts], dtype=np.int64) - 1  # where the zero behind each text stands
    cuts = end[np.searchsorted(kept, last)].tolist() if texts else []
    return [line[first:stop].rstrip() for first, stop in zip([0, *cuts], cuts, strict=False)]


def add(db: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Put chunks in. Their numbers are not in the table yet."""
    db.executemany("INSERT INTO keyword(rowid, body, path, title) VALUES (?, ?, ?, ?)", _tokens(rows))


def delete(db: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Take chunks out. The rows are exactly those that were put in, or the statistics go wrong."""
    db.executemany(
        "INSERT INTO keyword(keyword, rowid, body, path, title) VALUES ('delete', ?, ?, ?, ?)", _tokens(rows)
    )


def clear(db: sqlite3.Connection) -> None:
    """Take every chunk out."""
    db.execute("INSERT INTO keyword(keyword) VALUES ('delete-all')")


def merge(db: sqlite3.Connection) -> None:
    """Join the segments that ingests have left into one, which halves the time of a query."""
    db.execute("INSERT INTO keyword(keyword) VALUES ('optimize')")


def search(
    db: sqlite3.Connection,
    query: str,
    k: int,
    docs: frozenset[int] | None = None,
    known: MutableMapping[str, int] | None = None,
) -> list[tuple[int, float]]:
    """Return the numbers and BM25 scores (above 0) of the `k` best chunks; ties by number.

    The chunks that hold the most of the rarest n-grams of the query are found first, by as many n-grams as are worth
    their cost; in a small store that is all of them. How often each n-gram stands there is counted in their texts.

    Args:
        db: a connection to the index.
        query: a folded text of any length and content.
        k: how many.
        docs: numbers of the documents to look in; all by default.
        known: the counts of terms looked up earlier, which are added to; valid as long as the index does not change.
    """
    chosen, others = choose(db, query, {} if known is None else known)
    if not chosen or k <= 0:
        return []
    total, tokens = size(db)
    rarity = {term: _rarity(count, total) for term, count in (chosen | others).items()}
    holders = {term: _holders(db, term) for term in chosen}
    most = max(k, _POOL)
    nos = _holding_most(db, holders, rarity, most, docs)
    if (
        docs is not None and others and len(nos) < most
    ):  # what is rare in the store may stand in none of these documents
        holders |= {term: _holders(db, term) for term in others}
        nos = _holding_most(db, holders, rarity, most, docs)
    scores = _scores(db, nos, rarity, max(1, tokens) / max(1, total))
    return sorted(scores.items(), key=lambda each: (-each[1], each[0]))[:k]


def size(db: sqlite3.Connection) -> tuple[int, int]:
    """Return how many chunks there are and how many tokens they have together, from the record that FTS5 keeps."""
    record = db.execute("SELECT block FROM keyword_data WHERE id = 1").fetchone()
    total, *columns = _varints(record[0]) if record and record[0] else (0,)
    return total, sum(columns)


def _varints(record: bytes) -> list[int]:
    """Return the whole numbers in a record of SQLite: seven bits a byte, the last byte of each below 128."""
    found, value = [], 0
    for byte in record:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(value)
            value = 0
    return found


def _rarity(count: int, total: int) -> float:
    """Return the inverse document frequency of a term as BM25 has it; what half of the chunks hold says nothing."""
    return max(1e-6, math.log(max(1.0, (total - count + 0.5) / (count + 0.5))))


def _holders(db: sqlite3.Connection, term: str) -> Numbers:
    """Return the numbers of the chunks in which a term stands, in order."""
    # One text of all numbers: a row each takes three times as long, and bm25() of each ten times.
    found = db.execute("SELECT group_concat(rowid) FROM keyword WHERE keyword MATCH ?", (f'"{term}"',)).fetchone()[0]
    return np.fromstring(found or "", sep=",", dtype=np.int64)


def _holding_most(
    db: sqlite3.Connection,
    holders: Mapping[str, Numbers],
    rarity: Mapping[str, float],
    k: int,
    docs: frozenset[int] | None,
) -> list[int]:
    """Return the numbers of the `k` chunks that hold the most terms, each weighted by its rarity; ties by number."""
    every = np.concatenate([*holders.values()])
    if not len(every):
        return []
    weights = np.repeat([rarity[term] for term in holders], [len(nos) for nos in holders.values()])
    order = np.argsort(every, kind="stable")
    every = every[order]
    first = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1])))
    nos, sums = every[first], np.add.reduceat(weights[order], first)
    if docs is None and len(nos) > k:
        edge = np.partition(sums, len(sums) - k)[len(sums) - k]
        among = np.flatnonzero(sums >= edge)
        nos, sums = nos[among], sums[among]
    ranked: list[int] = nos[np.lexsort((nos, -sums))].tolist()
    if docs is None:
        return ranked[:k]
    listed = json.dumps(list(docs))
    found: list[int] = []
    at, size = 0, 4 * k
    while at < len(ranked) and len(found) < k:  # nearly always the first part is enough, or all there is
        part = ranked[at : at + size]
        rows = db.execute(
            "SELECT no FROM chunk WHERE no IN (SELECT value FROM json_each(?))"
            " AND doc_no IN (SELECT value FROM json_each(?))",
            (json.dumps(part), listed),
        )
        allowed = {no for (no,) in rows}
        found += [no for no in part if no in allowed]
        at, size = at + size, 4 * size
    return found[:k]


def _scores(
    db: sqlite3.Connection, nos: Sequence[int], rarity: Mapping[str, float], average: float
) -> dict[int, float]:
    """Return the BM25 of some chunks that hold something, from their texts.

    Args:
        db: a connection to the index.
        nos: the numbers of the chunks.
        rarity: of each term.
        average: how many tokens a chunk has.
    """
    rows = db.execute(
        "SELECT no, body, path, title, sz FROM chunk JOIN keyword_docsize ON id = no"
        " WHERE no IN (SELECT value FROM json_each(?))",
        (json.dumps(nos),),
    ).fetchall()
    if not rows:
        return {}
    numbers, bodies, paths, titles, sizes = zip(*rows, strict=True)
    own, path_weight, title_weight = COLUMNS
    often = own * _often(bodies, rarity)
    often += path_weight * _often(paths, rarity, single=False) + title_weight * _often(titles, rarity, single=False)
    length = np.array([sum(_varints(size)) for size in sizes]) / average
    scores = np.array([*rarity.values()]) @ (often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length)))
    return {no: score for no, score in zip(numbers, scores.tolist(), strict=True) if score > 0}


def _often(texts: Sequence[str], terms: Iterable[str], *, single: bool = True) -> NDArray[np.float64]:
    """Return how often each of the n-grams `terms` stands in each text, shape `(terms, texts)`.

    Args:
        texts: folded texts; equal ones are looked at once.
        terms: n-grams.
        single: as in `ngrams`.
    """
    each = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    solid = ["".join(text.split()) for text in each]  # a blank inside a run of Han parts no pair
    counts = []
    for term in terms:
        if term < _FIRST_HAN:
            counts.append(_alone(term, _LETTER, each))
        elif len(term) == 1 and not single:
            counts.append(_alone(term, _CHARACTER, solid))
        else:
            counts.append([text.count(term) for text in solid])
    return np.array(counts, dtype=np.float64)[:, [each[text] for text in texts]]


def _alone(term: str, letter: str, texts: Iterable[str]) -> list[int]:
    """Return how often a term stands in each text with no `letter` beside it: 12 is not in 2012."""
    alone = re.compile(f"(?<!{letter}){re.escape(term)}(?!{letter})")
    return [len(alone.findall(text)) if term in text else 0 for text in texts]


def choose(
    db: sqlite3.Connection, query: str, known: MutableMapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the n-grams of a folded query that are worth their cost, rarest first, and the others.

    Each with the number of chunks that hold it; those that stand nowhere are left out. Single characters beside others
    come after all pairs and are worth it only where all of those are: each is at least as common as the pairs that it
    is in, and to count a common one takes as long as to search it.
    """
    pairs = dict.fromkeys(ngrams([query], single=False)[0].split())
    chosen: dict[str, int] = {}
    spent = 0
    for single in (False, True):
        terms = (
            [term for term in dict.fromkeys(ngrams([query])[0].split()) if term not in pairs] if single else [*pairs]
        )
        found = sorted(_counts(db, terms, known).items(), key=lambda each: (each[1], each[0]))
        for at, (term, chunks) in enumerate(found):
            if len(chosen) >= LEAST and spent + chunks > BUDGET:
                return chosen, {} if single else dict(found[at:])
            chosen[term] = chunks
            spent += chunks
        if spent >= BUDGET and len(chosen) >= LEAST:
            break
    return chosen, {}


def holds(db: sqlite3.Connection, row: Row) -> bool:
    """Return whether a chunk is found by the n-grams at its beginning, which says that the table is whole there."""
    terms = list(dict.fromkeys(ngrams([row[1]])[0].split()))[:_LOOKED]
    match = " AND ".join(f'body:"{term}"' for term in terms)
    found = db.execute("SELECT 1 FROM keyword WHERE keyword MATCH ? AND rowid = ?", (match, row[0])) if terms else None
    return found is None or found.fetchone() is not None


def counts(db: sqlite3.Connection, terms: Sequence[str], known: MutableMapping[str, int]) -> dict[str, int]:
    """Return in how many chunks each term stands, 0 for one that stands nowhere.

    Args:
        db: a connection to the index.
        terms: pairs of characters and words of folded text.
        known: the counts of terms looked up earlier, which are added to; valid as long as the index does not change.
    """
    found = _counts(db, terms, known)
    return {term: found.get(term, 0) for term in terms}


def pairs(db: sqlite3.Connection, first: str, second: str) -> dict[str, int]:
    """Return the pairs of one of the characters `first` and one of `second`, and in how many chunks each stands."""
    wanted = set(second)
    return {
        term: chunks
        for char in sorted(set(first))
        for term, chunks in db.execute(
            "SELECT term, doc FROM keyword_term WHERE term > ? AND term < ?", (char, char + "\U0010ffff")
        )
        if term[1:] in wanted
    }


def _counts(db: sqlite3.Connection, terms: Sequence[str], known: MutableMapping[str, int]) -> dict[str, int]:
    """Return in how many chunks each term stands, without those that stand nowhere."""
    if len(terms) > _MOST:
        terms = [*terms[: _MOST // 2], *terms[-_MOST // 2 :]]
    for term in terms:
        if term not in known:
            row = db.execute("SELECT doc FROM keyword_term WHERE term = ?", (term,)).fetchone()
            known[term] = row[0] if row else 0
    return {term: known[term] for term in terms if known[term]}


def _tokens(rows: Sequence[Row]) -> Iterable[tuple[Any, ...]]:
    if not rows:
        return ()
    numbers, bodies, paths, titles = zip(*rows, strict=True)
    above = list(dict.fromkeys((*paths, *titles)))  # many chunks stand under the same words
    pairs = dict(zip(above, ngrams(above, single=False), strict=True))
    return zip(
        numbers, ngrams(bodies), (pairs[path] for path in paths), (pairs[title] for title in titles), strict=True
    )


@functools.cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each code point. Scripts that are written without blanks are cut like Han."""
    kinds = np.zeros(0x110000, dtype=np.uint8)
    for first, end in ((0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x10000)):
        for code in range(first, end):
            char = chr(code)
            if char.isspace():
                kinds[code] = _SPACE
            elif char.isalnum():
                kinds[code] = _WORD if code < ord(_FIRST_HAN) else _HAN
    # Han, its extension A, Hangul, the supplementary ideographs
    for first, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x323B0)):
        kinds[first:end] = _HAN
    return kinds
