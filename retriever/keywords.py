"""Keyword search: BM25 over the character n-grams of folded text, in SQLite FTS5.

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

# Weights of the columns in bm25(). The words above a chunk count, but less than its own.
WEIGHTS = "1.0, 0.6, 0.4"
# What the first look of a query may cost: the number of places where its n-grams stand, of which a thousand take 1 ms.
BUDGET = 4_000
LEAST = 2  # n-grams that are used however common they are
_POOL = 100  # chunks of the first look in whose texts the n-grams that it left out are counted
_K1, _B = 1.2, 0.75  # of BM25, as FTS5 has them
# Of a pasted page the first and the last n-grams are looked at: a question stands at either end.
_MOST = 512
_LOOKED = 20  # n-grams of a chunk that are looked up to see that it is there

_OTHER, _WORD, _HAN, _SPACE = 0, 1, 2, 3
_BLANK = 0x20

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
    known: MutableMapping[str, tuple[int, int]] | None = None,
    total: int | None = None,
) -> list[tuple[int, float]]:
    """Return the numbers and BM25 scores (above 0) of the `k` best chunks; ties by number.

    Chunks are found by the rarest n-grams of the query, joined by OR, as many as are worth their cost; in a small store
    that is all of them. What the others add to the scores is counted in the texts of the best ones.

    Args:
        db: a connection to the index.
        query: a folded text of any length and content.
        k: how many.
        docs: numbers of the documents to look in; all by default.
        known: the counts of terms looked up earlier, which are added to; valid as long as the index does not change.
        total: how many chunks there are; counted by default.
    """
    terms, others = choose(db, query, {} if known is None else known)
    if not terms or k <= 0:
        return []
    match = " OR ".join(f'"{term}"' for term in terms)
    most = max(k, _POOL) if others else k
    if docs is None:
        rows = db.execute(
            f"SELECT rowid, -rank FROM keyword WHERE keyword MATCH ? AND rank MATCH 'bm25({WEIGHTS})'"
            " ORDER BY rank LIMIT ?",
            (match, most),
        )
    else:
        rows = db.execute(  # CROSS JOIN: the match is the outer loop, or it would run once a chunk
            f"SELECT keyword.rowid, -bm25(keyword, {WEIGHTS}) AS score"
            " FROM keyword CROSS JOIN chunk ON chunk.no = keyword.rowid"
            " WHERE keyword MATCH ? AND chunk.doc_no IN (SELECT value FROM json_each(?)) ORDER BY score DESC LIMIT ?",
            (match, json.dumps(list(docs)), most),
        )
    found = {int(no): float(score) for no, score in rows}
    if others and found:
        if total is None:
            total = int(db.execute("SELECT count(*) FROM chunk").fetchone()[0])
        for no, score in _added(db, found, others, total).items():
            found[no] += score
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))[:k]


def _added(db: sqlite3.Connection, nos: Iterable[int], terms: Mapping[str, int], total: int) -> dict[int, float]:
    """Return what `terms`, each with the number of chunks that hold it, add to the BM25 of some chunks.

    BM25 is a sum over the terms. The length of a chunk is measured against the average of these, in characters.
    """
    rows = db.execute(
        "SELECT no, body, path, title FROM chunk WHERE no IN (SELECT value FROM json_each(?))", (json.dumps(list(nos)),)
    ).fetchall()
    average = sum(len(body) for _, body, _, _ in rows) / len(rows) or 1.0
    rarity = {term: max(1e-6, math.log((total - count + 0.5) / (count + 0.5))) for term, count in terms.items()}
    own, path_weight, title_weight = (float(weight) for weight in WEIGHTS.split(","))
    above: dict[tuple[str, str], dict[str, float]] = {}
    found = {}
    for no, body, path, title in rows:
        over = above.get((path, title))
        if over is None:
            over = above[path, title] = {
                term: path_weight * path.count(term) + title_weight * title.count(term) for term in terms
            }
        damped = _K1 * (1 - _B + _B * len(body) / average)
        score = 0.0
        for term, weight in rarity.items():
            often = own * body.count(term) + over[term]
            if often:
                score += weight * often * (_K1 + 1) / (often + damped)
        found[int(no)] = score
    return found


def choose(
    db: sqlite3.Connection, query: str, known: MutableMapping[str, tuple[int, int]]
) -> tuple[list[str], dict[str, int]]:
    """Return the n-grams of a folded query that are worth their cost, rarest first, and the others with their counts.

    Those that stand nowhere are left out. Single characters beside others come after all pairs and are worth it only
    where all of those are: each is at least as common as the pairs that it is in, and to count a common one takes as
    long as to search it.
    """
    pairs = dict.fromkeys(ngrams([query], single=False)[0].split())
    chosen: list[str] = []
    spent = 0
    for single in (False, True):
        terms = (
            [term for term in dict.fromkeys(ngrams([query])[0].split()) if term not in pairs] if single else [*pairs]
        )
        counts = sorted(_counts(db, terms, known).items(), key=lambda found: (found[1], found[0]))
        for at, (term, (_, places)) in enumerate(counts):
            if len(chosen) >= LEAST and spent + places > BUDGET:
                return chosen, {} if single else {other: chunks for other, (chunks, _) in counts[at:]}
            chosen.append(term)
            spent += places
        if spent >= BUDGET and len(chosen) >= LEAST:
            break
    return chosen, {}


def holds(db: sqlite3.Connection, row: Row) -> bool:
    """Return whether a chunk is found by the n-grams at its beginning, which says that the table is whole there."""
    terms = list(dict.fromkeys(ngrams([row[1]])[0].split()))[:_LOOKED]
    match = " AND ".join(f'body:"{term}"' for term in terms)
    found = db.execute("SELECT 1 FROM keyword WHERE keyword MATCH ? AND rowid = ?", (match, row[0])) if terms else None
    return found is None or found.fetchone() is not None


def counts(db: sqlite3.Connection, terms: Sequence[str], known: MutableMapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return in how many chunks each term stands, 0 for one that stands nowhere.

    Args:
        db: a connection to the index.
        terms: pairs of characters and words of folded text.
        known: the counts of terms looked up earlier, which are added to; valid as long as the index does not change.
    """
    found = _counts(db, terms, known)
    return {term: found.get(term, (0, 0))[0] for term in terms}


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


def _counts(
    db: sqlite3.Connection, terms: Sequence[str], known: MutableMapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return in how many chunks and at how many places each term stands, without those that stand nowhere."""
    if len(terms) > _MOST:
        terms = [*terms[: _MOST // 2], *terms[-_MOST // 2 :]]
    for term in terms:
        if term not in known:
            row = db.execute("SELECT doc, cnt FROM keyword_term WHERE term = ?", (term,)).fetchone()
            known[term] = row or (0, 0)
    return {term: known[term] for term in terms if known[term][0]}


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
                kinds[code] = _WORD if code < 0x2E80 else _HAN
    # Han, its extension A, Hangul, the supplementary ideographs
    for first, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x323B0)):
        kinds[first:end] = _HAN
    return kinds
