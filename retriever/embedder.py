"""Embedders: what turns text into vectors. The port, and those that fit it.

Concrete ones are named in one place, `embedder(named)`; everything below passes objects.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ingest.error import DubanError
from ingest.fold import fold

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

Vectors = NDArray[np.float32]

_STATIC = "static"
_HASHED = "hashed"
_SENTENCE_TRANSFORMERS = "sentence-transformers:"
_ONNX = "onnx:"
_LANGCHAIN = "langchain:"
Backend = Literal["torch", "onnx"]
_BACKENDS: dict[str, Backend] = {_SENTENCE_TRANSFORMERS: "torch", _ONNX: "onnx"}


class EmbedderError(DubanError):
    """You meet this when an embedder has an unknown name, cannot be loaded, or gives what are no vectors."""


@runtime_checkable
class Embedder(Protocol):
    """The port. `name` says what made a vector: two embedders of one name and dimension give the same ones.

    One that can always embed once it has embedded something, as its model lies in memory, may say so by an attribute
    `steady` that is true; questions that need no vector are then spared it. A service is asked each time.
    """

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


def embedder(named: str | Embedder | Embeddings = "", device: str = "") -> Embedder:
    """Return the embedder that a setting names.

    Args:
        named: "" or "static" for the model that comes with Duban; "hashed" for one that needs no model;
            "sentence-transformers:" and the name or the folder of a model for any that sentence-transformers reads,
            "onnx:" and the same to compute it with ONNX Runtime; "langchain:MODULE:NAME" for the LangChain `Embeddings`
            of that name in a Python module, or what a function of that name makes; or the object itself.
        device: where sentence-transformers computes, "cpu", "cuda:1" and so on; "" leaves that to the library.

    Raises:
        EmbedderError: there is none of that name, or it cannot be loaded.
    """
    if not isinstance(named, str):
        return named if isinstance(named, Embedder) else LangChainEmbedder(named)
    if named in ("", _STATIC):
        from retriever.static import StaticEmbedder

        return StaticEmbedder()
    if named == _HASHED:
        return HashedNgrams()
    for kind, backend in _BACKENDS.items():
        if named.startswith(kind) and named != kind:
            return SentenceTransformerEmbedder(named.removeprefix(kind), device=device or None, backend=backend)
    if named.startswith(_LANGCHAIN):
        return LangChainEmbedder(_imported(named))
    raise EmbedderError(
        f"没有名为 {named!r} 的向量模型：请把 DUBAN_EMBEDDER 设为 {_STATIC}（自带，默认）、"
        f"{_SENTENCE_TRANSFORMERS}模型名或文件夹、{_ONNX}模型名或文件夹，或 {_LANGCHAIN}模块:名称"
    )


def for_reading(named: str | Embedder | Embeddings = "", device: str = "") -> Embedder:
    """Return what `embedder` returns or, where that fails, an `Absent`: a reader still has keywords."""
    try:
        found = embedder(named, device)
        _ = found.dim, found.name  # a service is asked for its dimension
    except EmbedderError as error:
        return Absent(error)
    return found


class Absent:
    """Stands for an embedder that cannot be had, so that an index can be opened for its keywords; embeds nothing."""

    name = ""
    dim = 0

    def __init__(self, why: EmbedderError) -> None:
        self.why = why

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Raise the error that says why."""
        raise self.why

    def embed_query(self, text: str) -> Vectors:
        """Raise the error that says why."""
        raise self.why


class HashedNgrams:
    """Character unigrams and bigrams of the folded text, hashed into 256 signed buckets; needs no training.

    The hashing trick with signs (Weinberger and others, 2009), sublinear term frequency, length 1. Simplified and
    Traditional text get one vector. A text without any character gets the first axis.
    """

    name = "hashed-ngrams-1"
    dim = 256
    steady = True

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

    A model in a folder is named by what it holds and not by where it lies, so that it may be moved. One that was
    fetched before is read from the cache without asking the network.

    Raises:
        EmbedderError: the library or the backend is missing, there is no such model here and it could not be fetched,
            or there is no such device.
    """

    steady = True

    def __init__(self, model: str, *, device: str | None = None, batch: int = 32, backend: Backend = "torch") -> None:
        """Load the model.

        Args:
            model: a folder, or a name on the Hugging Face hub.
            device: "cpu", "cuda" and so on; the library chooses by default.
            batch: texts that are computed at once.
            backend: "torch", or "onnx" where optimum-onnx is installed.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbedderError("缺少 sentence-transformers：请运行 pip install sentence-transformers") from error
        load = functools.partial(SentenceTransformer, model, device=device, backend=backend)
        try:
            self._model: Any = self._loaded(load, model)
        except ImportError as error:
            raise EmbedderError(
                f"向量模型 {model!r} 所需的程序库没有安装（{first_line(error)}）："
                f"请运行 pip install optimum-onnx，或改用 {_SENTENCE_TRANSFORMERS}"
            ) from error
        except (AssertionError, RuntimeError) as error:  # what torch raises for a device; a damaged model is told apart
            raise EmbedderError(
                f"向量模型 {model!r} 不能在设备 {device or '（自动选择）'} 上运行（{first_line(error)}）："
                "请检查 DUBAN_DEVICE（cpu、cuda、cuda:1……）和模型文件是否完整"
            ) from error
        except Exception as error:  # the library has none of its own: OSError, ValueError, those of the hub
            raise EmbedderError(
                f"向量模型 {model!r} 不在本机，也无法下载（{first_line(error)}）：请在能联网的机器上下载，"
                f"把整个文件夹（其中有 modules.json 或 config.json）拷到本机，并设 DUBAN_EMBEDDER="
                f"{_SENTENCE_TRANSFORMERS}文件夹路径"
            ) from error
        self._batch = batch
        folder = Path(model)
        label = f"{folder.resolve().name}-{fingerprint(folder)}" if folder.is_dir() else f"{model}{self._revision()}"
        self.name = f"{_SENTENCE_TRANSFORMERS if backend == 'torch' else _ONNX}{label}"
        size = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        self.dim = int(size() or 0)

    @staticmethod
    def _loaded(load: Any, model: str) -> Any:
        try:
            return load(local_files_only=True)
        except OSError:
            if Path(model).is_dir():
                raise
        from huggingface_hub import HfApi

        HfApi().model_info(model, timeout=10)  # without a network this says so at once, and loading after a minute
        return load()

    def _revision(self) -> str:
        """Return which version of a model from the hub this is, as far as it says so."""
        configs = (getattr(getattr(part, "auto_model", None), "config", None) for part in self._model)
        found = [getattr(config, "_commit_hash", None) for config in configs]
        return next((f"@{commit[:8]}" for commit in found if commit), "")

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
        if not (hasattr(embeddings, "embed_documents") and hasattr(embeddings, "embed_query")):
            raise EmbedderError(f"{embeddings!r} 不是 LangChain 的 Embeddings：缺少 embed_documents 或 embed_query")
        self._embeddings = embeddings
        model = getattr(embeddings, "model", None) or getattr(embeddings, "model_name", None) or ""
        self.name = name or f"{_LANGCHAIN}{type(embeddings).__name__}:{model}"

    @functools.cached_property
    def dim(self) -> int:
        """Return the length of a vector, found by embedding a word."""
        return int(self._asked(self._embeddings.embed_query, "维度").shape[-1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        rows = self._asked(self._embeddings.embed_documents, list(texts))
        if rows.shape != (len(texts), self.dim):
            raise EmbedderError(f"向量模型 {self.name} 给出的形状是 {rows.shape}，应为 {(len(texts), self.dim)}")
        return unit(rows)

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question."""
        vector: Vectors = unit(self._asked(self._embeddings.embed_query, text)[None])[0]
        return vector

    def _asked(self, method: Any, given: Any) -> NDArray[np.float64]:
        """Return what a method of the object gives; whatever a service raises is an EmbedderError."""
        try:
            return np.array(method(given), dtype=np.float64)
        except Exception as error:
            raise EmbedderError(f"向量模型 {self.name} 没有回应（{first_line(error)}）：请检查该服务和网络") from error


def _imported(named: str) -> Any:
    """Return the object of a setting `langchain:MODULE:NAME`, or what it makes if it is a function or a class."""
    module, _, attribute = named.removeprefix(_LANGCHAIN).partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
        return found() if callable(found) else found
    except Exception as error:  # whatever the module of somebody else raises
        raise EmbedderError(
            f"DUBAN_EMBEDDER={named} 读不出来（{first_line(error)}）：应为 {_LANGCHAIN}模块:名称，"
            "模块须在 PYTHONPATH 上，名称是一个 LangChain Embeddings 对象，或返回它的函数"
        ) from error


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


def fingerprint(folder: Path, *names: str) -> str:
    """Return a short hash of a model's folder: names, sizes and the first megabyte of each file, or of those named."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    digest = hashlib.blake2b(digest_size=4)
    for path in sorted([folder / name for name in names] or found):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(file.read(1 << 20))
    return digest.hexdigest()


def first_line(error: Exception) -> str:
    """Return what an error says, cut to a line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
