"""Rerankers: what reads a question and a passage together and says how well they fit. The port, and one that fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ingest.error import DubanError

_HEADLESS = ("Model", "ForMaskedLM", "ForPreTraining")  # architectures that give no score for a pair


class RerankerError(DubanError):
    """You meet this when a reranker cannot be loaded, or is no model that gives one score for a pair of texts."""


@runtime_checkable
class Reranker(Protocol):
    """The port: one call scores the pool of a question."""

    def rerank(self, question: str, passages: Sequence[str]) -> NDArray[np.float64]:
        """Return one score a passage, shape `(n,)`, each 0 to 1, larger is better."""


def named(name: str = "") -> Reranker | None:
    """Return the reranker that a setting names, None for "".

    Args:
        name: the name or the folder of a cross-encoder that sentence-transformers reads.

    Raises:
        RerankerError: there is no such model.
    """
    return CrossEncoderReranker(name) if name else None


class CrossEncoderReranker:
    """Any cross-encoder with one output that sentence-transformers reads.

    Raises:
        RerankerError: the library is missing, there is no such model here and it could not be fetched, or it has more
            than one output.
    """

    def __init__(self, model: str, *, device: str | None = None, batch: int = 32) -> None:
        """Load the model.

        Args:
            model: a folder, or a name on the Hugging Face hub.
            device: "cpu", "cuda" and so on; the library chooses by default.
            batch: pairs that are computed at once.
        """
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise RerankerError("缺少 sentence-transformers：请运行 pip install sentence-transformers") from error
        try:
            self._model: Any = CrossEncoder(model, device=device)
        except Exception as error:  # the library has no error of its own: OSError, ValueError, those of the hub
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise RerankerError(
                f"重排模型 {model!r} 不在本机，也无法下载（{reason}）：请把交叉编码器（CrossEncoder）的文件夹放到本机"
                "（其中有 config.json 和权重文件），并设 DUBAN_RERANKER=文件夹；不设则不重排"
            ) from error
        outputs = self._model.num_labels
        if outputs != 1:
            raise RerankerError(f"模型 {model!r} 有 {outputs} 个输出，不是重排模型：请换一个只给一个分数的交叉编码器")
        kinds = self._model.config.architectures or []
        if any(kind.endswith(_HEADLESS) for kind in kinds):  # the library would give it a random one and go on
            raise RerankerError(
                f"模型 {model!r} 是 {kinds[0]}，不是重排模型：请换一个训练好的交叉编码器（CrossEncoder）"
            )
        self._batch = batch

    def rerank(self, question: str, passages: Sequence[str]) -> NDArray[np.float64]:
        """Return one score a passage: the logistic function of what the model gives, whatever its own setting is."""
        if not passages:
            return np.zeros(0)
        from torch.nn import Sigmoid

        scores = self._model.predict(
            [(question, passage) for passage in passages],
            batch_size=self._batch,
            show_progress_bar=False,
            activation_fn=Sigmoid(),
        )
        return np.asarray(scores, dtype=np.float64)
