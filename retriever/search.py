"""Hybrid ranking: keyword and dense scores of chunks become hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ingest.corpus import LOCAL, Corpus, User, Where
from ingest.corpus.row import ChunkRow
from ingest.corpus.user import may_read
from ingest.fold import fold, fold_all
from retriever import rank
from retriever.index import Index
from retriever.question import terms
from retriever.rank import Signs
from retriever.reranker import Reranker

Unit = Literal["chunk", "sentence"]

# How many chunks each ranking brings before they are joined.
_KEYWORD = 50
_DENSE = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk or a sentence that was found; `no` is the number in the corpus of the chunk, or of that which holds it.

    `score` is what the order rests on, `scores` what it came from; larger is better. `page` is the page that it begins
    on, None where the document has none; `confidence` (0 to 1) how surely that page was recognised, None where it was
    not scanned.
    """

    no: int
    doc: str
    title: str
    source: str
    path: tuple[str, ...]
    start: int
    end: int
    text: str
    score: float
    scores: dict[str, float]
    page: int | None = None
    confidence: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the hit as `duban search --json` prints it."""
        scores = {name: round(value, 6) for name, value in self.scores.items()}
        shown = {**asdict(self), "path": list(self.path), "score": round(self.score, 6), "scores": scores}
        return {**shown, "confidence": None if self.confidence is None else round(self.confidence, 3)}


def search(
    corpus: Corpus,
    index: Index,
    query: str,
    k: int = 5,
    where: Where | None = None,
    user: User = LOCAL,
    reranker: Reranker | None = None,
) -> list[Hit]:
    """Return the `k` best chunks for `query`, best first; ties by document order. Empty for a query without words.

    Only chunks of live documents that `user` may read come back, whatever the index still holds. A reranker decides
    over the order of the first `rank.POOL` chunks, or of `k` where that is more.
    """
    if k <= 0 or not query.strip():
        return []
    hidden = not all(may_read(user, name) for name in corpus.collections())
    docs = corpus.doc_nos(where, user) if where or hidden else None
    asked = fold(query)
    keyword = dict(index.keyword(asked, max(_KEYWORD, 2 * k), docs))
    best = max(keyword.values(), default=0.0) or 1.0
    weights = index.rarity(term for term in terms(asked) if len(term) > 1 or term.isascii())
    eye = _Eye(corpus, user, weights, rank.asks_of_issue(asked))
    first = eye.first({no: (score / best, 0.0) for no, score in keyword.items()}, k)
    # Where a chunk has the words of the question, neighbours only do harm (docs/ranking.md). That vectors cannot be had
    # is said at once all the same.
    lacking = len(first) < k or rank.lacking(signs for _, signs in first) > 0
    vector = index.vector(query) if lacking or not index.embeds else None
    if lacking and vector is not None:
        near = dict(index.dense(vector, max(_DENSE, k), docs))
        floor = min(near.values(), default=0.0)
        both = {no: (keyword.get(no, 0.0) / best, max(0.0, near.get(no, floor))) for no in {*keyword, *near}}
        first = eye.first(both, k)
        _compare(first, index.cosines(vector, [row.no for row, _ in first[: rank.POOL]]))
    ordered = sorted(first[: rank.POOL], key=lambda item: (-item[1].score, item[0].no)) + first[rank.POOL :]
    hits = [_hit(row, signs) for row, signs in (ordered if reranker else ordered[:k])]
    return (reranked(query, hits, reranker) if reranker else hits)[:k]


class _Eye:
    """Looks at the best chunks for a question; at each one once, however often their order changes."""

    def __init__(self, corpus: Corpus, user: User, weights: dict[str, float], issued: bool) -> None:
        """Prepare; `weights` is the rarity of each term of the question, `issued` see `rank.look`."""
        self._corpus = corpus
        self._user = user
        self._weights = weights
        self._issued = issued
        self._rows: dict[int, ChunkRow | None] = {}  # None: not live, or not for the user
        self._seen: dict[int, Signs] = {}

    def first(self, scores: Mapping[int, tuple[float, float]], k: int) -> list[tuple[ChunkRow, Signs]]:
        """Return the first `k` chunks, `rank.POOL` at least, that are live and that the user may read.

        Args:
            scores: of each chunk the keyword score over that of the best one, and the cosine.
            k: how many. Those of the pool have the signs that their words give.
        """
        order = sorted(scores, key=lambda no: (-rank.of_scores(*scores[no]), no))
        rows = self._live(order, max(rank.POOL, k))
        pool = rows[: rank.POOL]
        self._look([row for row in pool if row.no not in self._seen], scores)
        beyond = [(row, Signs(*scores[row.no])) for row in rows[rank.POOL :]]
        return [(row, self._seen[row.no]) for row in pool] + beyond

    def _live(self, order: Sequence[int], k: int) -> list[ChunkRow]:
        """Return the first `k` chunks, in this order, that are live and that the user may read."""
        found: list[ChunkRow] = []
        for at in range(0, len(order), k):  # nearly always the first part is all that is read
            part = order[at : at + k]
            fresh = [no for no in part if no not in self._rows]
            rows = self._corpus.chunk_rows(fresh, self._user)
            self._rows.update((no, rows.get(no)) for no in fresh)
            found += [row for no in part if (row := self._rows[no]) is not None]
            if len(found) >= k:
                break
        return found[:k]

    def _look(self, rows: Sequence[ChunkRow], scores: Mapping[int, tuple[float, float]]) -> None:
        """Look at the words of chunks, all of them folded at once."""
        above = [f"{row.title} {row.issuer}" for row in rows]
        folded = fold_all([*(row.text for row in rows), *(" ".join(row.path) for row in rows), *above])
        size = len(rows)
        for row, words, path, title in zip(rows, folded, folded[size:], folded[2 * size :], strict=False):
            signs = Signs(*scores[row.no])
            self._seen[row.no] = rank.look(words, path, title, self._weights, signs, self._issued)


def reranked(query: str, hits: list[Hit], reranker: Reranker) -> list[Hit]:
    """Return the hits in the order of a reranker, which reads a chunk under its headings; ties as they stood."""
    scores = reranker.rerank(query, ["\n".join((*hit.path, hit.text)) for hit in hits])
    found = [
        replace(hit, score=float(score), scores={**hit.scores, "reranker": float(score)})
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(found, key=lambda hit: -hit.score)


def _compare(seen: Sequence[tuple[ChunkRow, Signs]], cosines: Mapping[int, float]) -> None:
    """Give the signs of chunks what their cosines say, which is the more the less the keywords find."""
    lack = rank.lacking(signs for _, signs in seen)
    least = min(cosines.values(), default=0.0)
    for row, signs in seen:
        cosine = cosines.get(row.no)
        if cosine is not None:
            signs.dense, signs.unsaid = max(0.0, cosine), lack * (cosine - least)


def _hit(row: ChunkRow, signs: Signs) -> Hit:
    return Hit(
        row.no, row.doc, row.title, row.source, row.path, row.start, row.end, row.text, signs.score, signs.named()
    )
