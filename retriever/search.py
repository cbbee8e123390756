"""Hybrid ranking: keyword and dense scores of chunks become hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ingest.corpus import LOCAL, Corpus, User, Where
from ingest.corpus.row import ChunkRow
from ingest.corpus.user import may_read
from ingest.fold import fold
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
    issued = rank.asks_of_issue(asked)
    keyword = dict(index.keyword(asked, max(_KEYWORD, 2 * k), docs))
    vector = index.vector(query)
    dense = {} if vector is None else dict(index.dense(vector, max(_DENSE, k), docs))
    best = max(keyword.values(), default=0.0) or 1.0
    floor = min(dense.values(), default=0.0)
    signs = {no: Signs(keyword.get(no, 0.0) / best, max(0.0, dense.get(no, floor))) for no in {*keyword, *dense}}
    order = sorted(signs, key=lambda no: (-signs[no].score, no))
    first = [(row, signs[row.no]) for row in _live(corpus, order, max(rank.POOL, k), user)]
    weights = index.rarity(term for term in terms(asked) if len(term) > 1 or term.isascii())
    seen = [(row, _look(row, weights, signs, issued)) for row, signs in first[: rank.POOL]]
    lack = rank.lacking(signs for _, signs in seen)
    if vector is not None and lack:
        seen = _bridge(seen, index.cosines(vector, [row.no for row, _ in seen]), lack)
    seen.sort(key=lambda item: (-item[1].score, item[0].no))
    ordered = [*seen, *first[rank.POOL :]]
    hits = [_hit(row, signs) for row, signs in (ordered if reranker else ordered[:k])]
    return (reranked(query, hits, reranker) if reranker else hits)[:k]


def _live(corpus: Corpus, order: Sequence[int], k: int, user: User) -> list[ChunkRow]:
    """Return the first `k` chunks, in this order, that are live and that `user` may read."""
    found: list[ChunkRow] = []
    for at in range(0, len(order), k):  # nearly always the first part is all that is read
        part = order[at : at + k]
        rows = corpus.chunk_rows(part, user)
        found += [rows[no] for no in part if no in rows]
        if len(found) >= k:
            break
    return found[:k]


def reranked(query: str, hits: list[Hit], reranker: Reranker) -> list[Hit]:
    """Return the hits in the order of a reranker, which reads a chunk under its headings; ties as they stood."""
    scores = reranker.rerank(query, ["\n".join((*hit.path, hit.text)) for hit in hits])
    found = [
        replace(hit, score=float(score), scores={**hit.scores, "reranker": float(score)})
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(found, key=lambda hit: -hit.score)


def _look(row: ChunkRow, weights: dict[str, float], signs: Signs, issued: bool) -> Signs:
    above = fold(f"{row.title} {row.issuer}")
    return rank.look(fold(row.text), fold(" ".join(row.path)), above, weights, signs, issued)


def _bridge(
    seen: Sequence[tuple[ChunkRow, Signs]], cosines: dict[int, float], lack: float
) -> list[tuple[ChunkRow, Signs]]:
    """Return the chunks with what their cosines say where keywords find little; each has one, also beyond `_DENSE`."""
    least = min(cosines.values(), default=0.0)
    return [(row, replace(signs, unsaid=lack * (cosines.get(row.no, least) - least))) for row, signs in seen]


def _hit(row: ChunkRow, signs: Signs) -> Hit:
    return Hit(
        row.no, row.doc, row.title, row.source, row.path, row.start, row.end, row.text, signs.score, signs.named()
    )
