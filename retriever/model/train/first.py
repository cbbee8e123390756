"""The first vectors: what words stand near each other, by PPMI and SVD with SIF weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.model.train.pairs import Encoded
from retriever.words import Ids

Matrix = NDArray[np.float32]


def ppmi(ids: Ids, ends: NDArray[np.int64], size: int, window: int = 5) -> Any:
    """Return the positive pointwise mutual information of words at most `window` apart, sparse, `(size, size)`.

    `ends` says where each text ends in `ids`. Context counts are taken to the power 0.75 (Levy, Goldberg and Dagan,
    Improving distributional similarity, 2015).
    """
    from scipy import sparse  # type: ignore[import-untyped]  # brought by sentence-transformers

    text = np.repeat(np.arange(len(ends)), np.diff(np.concatenate(([0], ends))))
    total = sparse.csr_matrix((size, size), dtype=np.float32)
    step = 4_000_000
    for first in range(0, len(ids), step):
        here, where = ids[first : first + step + window], text[first : first + step + window]
        parts = []
        for gap in range(1, window + 1):
            left, right = here[:-gap][:step], here[gap:][:step]
            same = where[:-gap][:step] == where[gap:][:step]
            parts.append((left[same], right[same]))
        left, right = (np.concatenate(side) for side in zip(*parts, strict=True))
        counts = sparse.coo_matrix((np.ones(len(left), dtype=np.float32), (left, right)), shape=(size, size)).tocsr()
        total = total + counts
    total = (total + total.T).tocsr()
    total.data[total.data < 2] = 0
    total.eliminate_zeros()
    rows = np.asarray(total.sum(axis=1)).ravel().astype(np.float64)
    context = np.maximum(rows, 1e-9) ** 0.75
    context /= context.sum()
    each = np.repeat(np.arange(size), np.diff(total.indptr))
    value = np.log(total.data / (rows[each] * context[total.indices]))
    total.data = np.maximum(value, 0).astype(np.float32)
    total.eliminate_zeros()
    return total


def svd(matrix: Any, dim: int, rng: np.random.Generator) -> Matrix:
    """Return `U sqrt(S)` of a symmetric sparse matrix by random projection (Halko, Martinsson and Tropp, 2011)."""
    basis = rng.standard_normal((matrix.shape[0], dim + 32), dtype=np.float32)
    for _ in range(4):
        basis = np.linalg.qr(matrix @ basis)[0]
    small = basis.T @ (matrix @ basis)
    left, values, _ = np.linalg.svd(small)
    vectors: Matrix = (basis @ left[:, :dim]) * np.sqrt(values[:dim])
    return vectors


def first_vectors(streams: list[tuple[Encoded, int]], size: int, dim: int, rng: np.random.Generator) -> Matrix:
    """Return a vector a word, `(size, dim)`, its length the SIF weight (Arora, Liang and Ma, 2017).

    Each text counts as often as is said. A word that stands nowhere gets a random direction.
    """
    ids, ends, total = [], [], 0
    for stream, times in streams:
        for _ in range(times):
            ids.append(stream.ids)
            ends.append(stream.cuts[stream.spans[1:]] + total)
            total += len(stream.ids)
    return _first_vectors(np.concatenate(ids), np.concatenate(ends), size, dim, rng)


def _first_vectors(ids: Ids, ends: NDArray[np.int64], size: int, dim: int, rng: np.random.Generator) -> Matrix:
    counts = np.bincount(ids, minlength=size).astype(np.float64)
    vectors = svd(ppmi(ids, ends, size), dim, rng)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors / np.maximum(lengths, 1e-6)
    weight = 1e-3 / (1e-3 + counts / counts.sum())
    weight[counts == 0] = 0.5
    random = rng.standard_normal(vectors.shape).astype(np.float32) / np.sqrt(dim)
    vectors = np.where(lengths > 1e-6, vectors, random) * weight[:, None]
    weighted: Matrix = vectors.astype(np.float32)
    return weighted
