"""Embedders: what turns text into vectors. The port, and three that fit it.

Concrete ones are named in one place, `embedder(name)`; everything below passes objects.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ingest.error import DubanError
from ingest.fold import fold

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

Vectors = NDArray[np.float32]

DEFAULT = "hashed"
_SENTENCE_TRANSFORMERS = "sentence-transformers:"


class EmbedderError(DubanError):
    """You meet this when an embedder has an unknown name, cannot be loaded, or gives what are no vectors."""


@runtime_checkable
class Embedder(Protocol):
    """The port. `name` says what made a vector: two embedders of one name and dimension give the same ones."""

    @property
    def name(self) -> str:
        """Return the name that an index keeps."""

    @property
    def dim(self) -> int:
        """Return the length of a vector."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape `(n, dim)`, each of length 1."""

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, shape `(dim,)`, of length 1."""


def embedder(name: str = "") -> Embedder:
    """Return the embedder that a setting names.

    Args:
        name: "" or "hashed" for the one that comes with Duban; "sentence-transformers:" and the name or the folder of
            a model for any that sentence-transformers reads.

    Raises:
        EmbedderError: there is none of that name.
    """
    if name in ("", DEFAULT):
        return HashedNgrams()
    if name.startswith(_SENTENCE_TRANSFORMERS) and name != _SENTENCE_TRANSFORMERS:
        return SentenceTransformerEmbedder(name.removeprefix(_SENTENCE_TRANSFORMERS))
    raise EmbedderError(
        f"没有名为 {name!r} 的向量模型：请把 DUBAN_EMBEDDER 设为 {DEFAULT}（自带）"
        f"或 {_SENTENCE_TRANSFORMERS}模型名或文件夹"
    )


class HashedNgrams:
    """Character unigrams and bigrams of the folded text, hashed into 256 signed buckets; needs no training.

    The hashing trick with signs (Weinberger and others, 2009), sublinear term frequency, length 1. Simplified and
    Traditional text get one vector. A text without any character gets the first axis.
    """

    name = "hashed-ngrams-1"
    dim = 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape `(n, 256)`."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        for at in range(0, len(texts), _BATCH):
            out[at : at + _BATCH] = self._embed(texts[at : at + _BATCH])
        return out

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, which is made as that of any text."""
        vector: Vectors = self.embed([text])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Vectors:
        folded = ["".join(fold(text).split()) for text in texts]
        lengths = np.array([len(text) for text in folded], dtype=np.int64)
        code = np.frombuffer("".join(folded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
        row = np.repeat(np.arange(len(folded), dtype=np.uint64), lengths)
        joined = row[1:] == row[:-1]
        gram = np.concatenate((code, (code[1:][joined] << np.uint64(21)) | code[:-1][joined]))
        owner = np.concatenate((row, row[1:][joined]))
        # One sort finds the n-grams of all texts and how often each stands in its own (a code point has 21 bits).
        key, count = np.unique((owner << np.uint64(42)) | gram, return_counts=True)
        owner, gram = key >> np.uint64(42), key & np.uint64((1 << 42) - 1)
        mixed = gram * np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth): the high bits are well mixed
        bucket = (mixed >> np.uint64(56)).astype(np.int64)
        sign = 1.0 - 2.0 * ((mixed >> np.uint64(55)) & np.uint64(1)).astype(np.float64)
        sums = np.bincount(
            owner.astype(np.int64) * self.dim + bucket,
            weights=sign * (1.0 + np.log(count)),
            minlength=len(folded) * self.dim,
        )
        return unit(sums.reshape(len(folded), self.dim))


_BATCH = 1024  # texts; their numbers share 64 bits with the n-grams


class SentenceTransformerEmbedder:
    """Any model that sentence-transformers reads, with the prompts for queries and passages that it brings.

    A model in a folder is named by what it holds and not by where it lies, so that it may be moved.

    Raises:
        EmbedderError: the library is missing, or there is no such model here and it could not be fetched.
    """

    def __init__(self, model: str, *, device: str | None = None, batch: int = 32) -> None:
        """Load the model.

        Args:
            model: a folder, or a name on the Hugging Face hub.
            device: "cpu", "cuda" and so on; the library chooses by default.
            batch: texts that are computed at once.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbedderError("缺少 sentence-transformers：请运行 pip install sentence-transformers") from error
        try:
            self._model: Any = SentenceTransformer(model, device=device)
        except (
            Exception
        ) as error:  # the library has no error of its own for this: OSError, ValueError, those of the hub
            raise EmbedderError(
                f"向量模型 {model!r} 不在本机，也无法下载（{_first_line(error)}）：请把模型的文件夹放到本机"
                f"（其中有 modules.json 或 config.json），并设 DUBAN_EMBEDDER={_SENTENCE_TRANSFORMERS}文件夹"
            ) from error
        self._batch = batch
        folder = Path(model)
        label = f"{folder.resolve().name}-{_fingerprint(folder)}" if folder.is_dir() else model
        self.name = f"{_SENTENCE_TRANSFORMERS}{label}"
        size = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        self.dim = int(size() or 0)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, made with the model's prompt for passages."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return unit(self._model.encode_document(list(texts), batch_size=self._batch, show_progress_bar=False))

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, made with the model's prompt for queries."""
        vector: Vectors = unit(self._model.encode_query([text], show_progress_bar=False))[0]
        return vector


class LangChainEmbedder:
    """Any LangChain `Embeddings`.

    Args:
        embeddings: the object.
        name: what an index is to remember. By default the class and its model; give one where that does not say it.
    """

    def __init__(self, embeddings: Embeddings, name: str = "") -> None:
        self._embeddings = embeddings
        model = getattr(embeddings, "model", None) or getattr(embeddings, "model_name", None) or ""
        self.name = name or f"langchain:{type(embeddings).__name__}:{model}"

    @functools.cached_property
    def dim(self) -> int:
        """Return the length of a vector, found by embedding a word."""
        return len(self._embeddings.embed_query("维度"))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        rows = unit(np.array(self._embeddings.embed_documents(list(texts)), dtype=np.float64))
        if rows.shape != (len(texts), self.dim):
            raise EmbedderError(f"向量模型 {self.name} 给出的形状是 {rows.shape}，应为 {(len(texts), self.dim)}")
        return rows

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question."""
        vector: Vectors = unit(np.array([self._embeddings.embed_query(text)], dtype=np.float64))[0]
        return vector


def unit(rows: NDArray[Any]) -> Vectors:
    """Return the rows scaled to length 1 as float32; a row without a direction becomes the first axis.

    Raises:
        EmbedderError: a number is not finite.
    """
    rows = np.asarray(rows, dtype=np.float64)
    if not np.isfinite(rows).all():
        raise EmbedderError("向量模型给出的数不是有限数：请检查模型文件是否完整")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    nothing = lengths[:, 0] == 0
    rows = rows / np.where(lengths == 0, 1.0, lengths)
    if nothing.any():
        rows[nothing, 0] = 1.0
    return rows.astype(np.float32)


def _fingerprint(folder: Path) -> str:
    """Return a short hash of what is in a model's folder: names, sizes and the first megabyte of each file."""
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(1 << 20))
    return digest.hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
