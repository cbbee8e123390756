"""The static embedding model that Duban ships: one vector a word, a text is their mean."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.embedder import EmbedderError, Vectors, fingerprint, first_line, unit
from retriever.words import Words

FOLDER = Path(__file__).resolve().parent / "model"
_ROWS = "embedding.weight"
_AT_ONCE = 256  # texts whose words are looked up together, so that what is needed stays in the processor's cache


class StaticEmbedder:
    """The mean of one vector a word, of length 1. The model that Duban ships, unless another folder is given.

    Reads a folder that sentence-transformers reads as well (`StaticEmbedding`, then `Normalize`), to the same vectors
    within the precision of float16, and needs neither torch nor that library. The vectors are read when the first text
    comes. A text without any known word gets the first axis.

    Raises:
        EmbedderError: the folder lacks a file, or holds a model of another kind or a damaged one; here or later.
    """

    steady = True

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or FOLDER
        with self._read() as file:
            self.dim = int(file.get_slice(_ROWS).get_shape()[1])
            self.name = f"duban-static-{fingerprint(self._folder, 'model.safetensors', 'tokenizer.json')}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, shape `(n, dim)`."""
        sums = np.zeros((len(texts), self.dim), dtype=np.float32)
        for at in range(0, len(texts), _AT_ONCE):
            ids, counts = self._words.cut(texts[at : at + _AT_ONCE])
            first, one = 0, np.ones(int(counts.max()), dtype=np.float32)
            for row, last in enumerate(np.cumsum(counts).tolist(), at):
                np.dot(one[: last - first], self._wide.take(ids[first:last], axis=0), out=sums[row])
                first = last
        return unit(sums)

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, which is made as that of any text."""
        ids, _ = self._words.cut([text])
        vector: Vectors = unit(self._rows[ids].sum(axis=0, dtype=np.float32)[None])[0]
        return vector

    @functools.cached_property
    def _words(self) -> Words:
        with self._explained():
            return Words(self._folder / "tokenizer.json")

    @functools.cached_property
    def _rows(self) -> NDArray[Any]:
        """The vectors as they are in the file, `(words, dim)`."""
        size = self._words.size
        with self._read() as file:
            rows: NDArray[Any] = file.get_tensor(_ROWS)
            if rows.shape != (size, self.dim):
                raise ValueError(f"{size} words, but vectors of shape {rows.shape}")
            return rows

    @functools.cached_property
    def _wide(self) -> Vectors:
        """The vectors as float32: made where many texts come, as to widen each again costs more than its sum."""
        return self._rows.astype(np.float32)

    @contextmanager
    def _read(self) -> Iterator[Any]:
        """Open the file of the vectors."""
        from safetensors import safe_open

        with self._explained(), safe_open(self._folder / "model.safetensors", "numpy") as file:
            yield file

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say of what goes wrong inside where it did and what to do."""
        from safetensors import SafetensorError

        try:
            yield
        except (OSError, LookupError, TypeError, ValueError, SafetensorError) as error:
            raise EmbedderError(
                f"向量模型文件夹 {self._folder} 缺文件或已损坏（{first_line(error)}）：应有同一次训练得到的"
                " tokenizer.json 和 model.safetensors；自带的模型请重新安装 Duban"
            ) from error
