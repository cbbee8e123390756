import sys
from pathlib import Path

import numpy as np
import pytest

from retriever import Retriever
from retriever.reranker import CrossEncoderReranker, RerankerError, named


class Longest:
    """A reranker whose order is easy to foretell: the longer a passage, the better."""

    def rerank(self, question, passages):
        self.question = question
        return np.array([1 - 1 / len(passage) for passage in passages])


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A folder with a cross-encoder of two small layers, whose weights are random."""
    return _saved(tmp_path_factory.mktemp("tiny"), outputs=1)


def _saved(folder: Path, outputs: int, head: bool = True) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    torch.manual_seed(7)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(chr, range(0x4E00, 0x4E00 + 20_000))]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=512).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        num_labels=outputs, initializer_range=1.0,
    )  # fmt: skip
    (BertForSequenceClassification(config) if head else BertModel(config)).save_pretrained(folder)
    return folder


def test_no_name_is_no_reranker():
    assert named("") is None


def test_a_reranker_decides_over_the_order_and_its_score_is_the_hits_score(demo):
    longest = Longest()
    with Retriever.open(demo.corpus.store, reranker=longest) as retriever:
        hits = retriever.search("污水管网改造", k=40)

    assert longest.question == "污水管网改造"
    sizes = [len("\n".join((*hit.path, hit.text))) for hit in hits]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes != [len("\n".join((*hit.path, hit.text))) for hit in demo.search("污水管网改造", k=40)]
    assert all(hit.score == hit.scores["reranker"] for hit in hits)


def test_only_the_pool_is_looked_at_again(demo):
    pool = {hit.no for hit in demo.search("工作", k=30)}
    with Retriever.open(demo.corpus.store, reranker=Longest()) as retriever:
        assert {hit.no for hit in retriever.search("工作", k=5)} <= pool


def test_a_cross_encoder_in_a_folder_is_read_and_reranks_without_a_network(demo, tiny):
    with Retriever.open(demo.corpus.store, reranker=str(tiny)) as retriever:
        hits = retriever.search("污水管网由哪个单位牵头改造", k=30)
        answer = retriever.answer("污水管网由哪个单位牵头改造？")

    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert {hit.no for hit in hits} == {hit.no for hit in demo.search("污水管网由哪个单位牵头改造", k=30)}
    assert answer.grade in ("answer", "closest", "none")


def test_a_cross_encoder_gives_a_pair_one_score_whatever_else_is_scored(tiny):
    model = CrossEncoderReranker(str(tiny))

    together = model.rerank("谁牵头", ["市水务局牵头。", "森林防火期", "市水务局牵头。"])

    assert together[0] == pytest.approx(together[2])
    assert together[0] != pytest.approx(together[1])
    assert model.rerank("谁牵头", ["森林防火期"])[0] == pytest.approx(together[1], abs=1e-5)
    assert model.rerank("谁牵头", []).shape == (0,)


def test_a_model_that_is_not_there_says_what_to_put_where(tmp_path):
    with pytest.raises(RerankerError, match=r"不在本机.*DUBAN_RERANKER=文件夹"):
        CrossEncoderReranker(str(tmp_path / "缺"))


def test_a_model_with_several_outputs_is_no_reranker(tmp_path):
    with pytest.raises(RerankerError, match="有 3 个输出"):
        CrossEncoderReranker(str(_saved(tmp_path, outputs=3)))


def test_a_model_without_a_trained_head_is_no_reranker(tmp_path):
    with pytest.raises(RerankerError, match="不是重排模型"):
        CrossEncoderReranker(str(_saved(tmp_path, outputs=1, head=False)))


def test_a_missing_library_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(RerankerError, match="pip install sentence-transformers"):
        CrossEncoderReranker("model")
