"""Embedders: the port, the one that comes with Duban, and the adapters."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.embedder import (
    Absent,
    Embedder,
    EmbedderError,
    HashedNgrams,
    LangChainEmbedder,
    SentenceTransformerEmbedder,
    embedder,
    for_reading,
    unit,
)

ROOT = Path(__file__).resolve().parent.parent
TEXT = st.text(st.one_of(st.sampled_from("督办安溪治理12ab ，\n\x00\ud800\U0001f600"), st.characters()), max_size=50)


class FakeModel:
    """Stands for a model of sentence-transformers: two axes, told apart by the prompt."""

    made: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, name: str, **options: Any) -> None:
        self.made.append({"name": name, **options})
        if name == "缺":
            raise OSError(f"{name} is not a local folder\nand more")
        if name == "hub/model" and options.get("local_files_only"):
            raise OSError("not in the cache")
        if options.get("device") == "cuda:9":
            raise AssertionError("Torch not compiled with CUDA enabled")
        if options["backend"] == "onnx" and name == "bare":
            raise ModuleNotFoundError("No module named 'optimum'")

    def __iter__(self) -> Iterator[Any]:
        config = types.SimpleNamespace(_commit_hash="0123456789abcdef")
        yield types.SimpleNamespace(auto_model=types.SimpleNamespace(config=config))
        yield object()

    def get_embedding_dimension(self) -> int:
        return 2

    def encode_document(self, texts: Sequence[str], **options: Any) -> Any:
        return np.array([[len(text), 0.0] for text in texts])

    def encode_query(self, texts: Sequence[str], **options: Any) -> Any:
        return np.array([[0.0, len(text)] for text in texts])


@pytest.fixture
def fake_library(monkeypatch: pytest.MonkeyPatch) -> None:
    library = types.ModuleType("sentence_transformers")
    library.SentenceTransformer = FakeModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    monkeypatch.setattr(FakeModel, "made", [])


@given(st.lists(TEXT, max_size=5))
def test_every_text_has_a_unit_vector_that_depends_on_nothing_else(texts: list[str]) -> None:
    model = HashedNgrams()

    rows = model.embed(texts)

    assert rows.shape == (len(texts), model.dim)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    for text, row in zip(texts, rows, strict=True):
        assert np.array_equal(row, model.embed_query(text))


def test_vectors_are_the_same_on_every_machine() -> None:
    vector = HashedNgrams().embed_query("小安溪治理")

    assert np.flatnonzero(vector).tolist() == [52, 99, 109, 160, 197, 216, 231, 249, 250]
    assert isinstance(HashedNgrams(), Embedder)


def test_both_scripts_have_one_vector() -> None:
    simplified, traditional = HashedNgrams().embed(["区发展改革委负责", "區發展改革委負責"])

    assert np.array_equal(simplified, traditional)


def test_what_shares_words_is_nearer() -> None:
    near, far, query = HashedNgrams().embed(["小安溪由水务局牵头治理", "全市教师招聘考试公告", "谁牵头治理小安溪"])

    assert near @ query > 0.3 > far @ query


def test_more_texts_than_a_batch_keep_their_order() -> None:
    texts = [f"第{number}号" for number in range(2_500)]

    rows = HashedNgrams().embed(texts)

    assert np.array_equal(rows[2_400], HashedNgrams().embed_query(texts[2_400]))


def test_a_name_chooses_the_embedder(fake_library: None) -> None:
    assert isinstance(embedder("hashed"), HashedNgrams)
    assert embedder("sentence-transformers:model", "cuda").name == "sentence-transformers:model@01234567"
    assert embedder("onnx:model").name == "onnx:model@01234567"
    assert [made["backend"] for made in FakeModel.made] == ["torch", "onnx"]
    assert [made["device"] for made in FakeModel.made] == ["cuda", None]
    for wrong in ("bge", "sentence-transformers:"):
        with pytest.raises(EmbedderError, match=wrong):
            embedder(wrong)


def test_a_model_is_asked_with_the_prompts_for_queries_and_passages(fake_library: None) -> None:
    model = SentenceTransformerEmbedder("model")

    assert model.dim == 2
    assert model.embed(["甲乙", "丙"]).tolist() == [[1, 0], [1, 0]]
    assert model.embed_query("甲").tolist() == [0, 1]
    assert model.embed([]).shape == (0, 2)


def test_a_model_in_a_folder_is_named_by_what_it_holds(fake_library: None, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name / "model").mkdir(parents=True)
        (tmp_path / name / "model" / "modules.json").write_text("[1]" if name == "c" else "[]", encoding="utf-8")

    names = [SentenceTransformerEmbedder(str(tmp_path / name / "model")).name for name in ("a", "b", "c")]

    assert names[0] == names[1] != names[2]
    assert all(name.startswith("sentence-transformers:model-") for name in names)


def test_a_model_that_is_not_there_says_what_to_put_where(fake_library: None) -> None:
    with pytest.raises(EmbedderError, match=r"缺.*不在本机，也无法下载.*文件夹.*DUBAN_EMBEDDER=") as caught:
        SentenceTransformerEmbedder("缺")

    assert "\n" not in str(caught.value)


def test_the_network_is_asked_only_for_a_model_that_is_not_here(
    fake_library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda _, name, **__: asked.append(name))

    SentenceTransformerEmbedder("here/model")
    SentenceTransformerEmbedder("hub/model")

    assert asked == ["hub/model"]
    assert [made.get("local_files_only") for made in FakeModel.made] == [True, True, None]


@pytest.mark.parametrize(
    ("name", "device", "said"),
    [("onnx:bare", "", "pip install optimum-onnx"), ("onnx:model", "cuda:9", "DUBAN_DEVICE")],
)
def test_a_missing_backend_or_device_is_said(fake_library: None, name: str, device: str, said: str) -> None:
    with pytest.raises(EmbedderError, match=said):
        embedder(name, device)


def test_a_missing_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(EmbedderError, match="pip install sentence-transformers"):
        SentenceTransformerEmbedder("model")


@pytest.mark.slow
def test_a_real_model_in_a_folder_is_read_and_its_prompts_used(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    letters = {char: number for number, char in enumerate("?问文甲乙")}
    tokenizer = Tokenizer(WordLevel(letters, unk_token="?"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    weights = np.eye(len(letters), 8, dtype=np.float32)
    model = SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=weights)],
        prompts={"query": "问", "document": "文"},
        device="cpu",
    )
    model.save(str(tmp_path / "model"))

    loaded = embedder(f"sentence-transformers:{tmp_path / 'model'}")

    assert loaded.dim == 8
    assert np.flatnonzero(loaded.embed_query("甲")).tolist() == [letters["问"], letters["甲"]]
    assert np.flatnonzero(loaded.embed(["甲"])[0]).tolist() == [letters["文"], letters["甲"]]


def test_any_langchain_embeddings_fit_the_port() -> None:
    from langchain_core.embeddings import DeterministicFakeEmbedding

    model = LangChainEmbedder(DeterministicFakeEmbedding(size=7), "fake")

    assert isinstance(model, Embedder)
    assert (model.name, model.dim) == ("fake", 7)
    assert model.embed([]).shape == (0, 7)
    assert np.allclose(np.linalg.norm(model.embed(["甲", "乙"]), axis=1), 1.0)
    assert np.array_equal(model.embed(["甲"])[0], model.embed_query("甲"))
    assert LangChainEmbedder(DeterministicFakeEmbedding(size=7)).name == "langchain:DeterministicFakeEmbedding:"


def test_langchain_embeddings_are_found_by_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ours_for_test.py").write_text(
        "from langchain_core.embeddings import DeterministicFakeEmbedding\n"
        "ready = DeterministicFakeEmbedding(size=3)\n"
        "def made(): return DeterministicFakeEmbedding(size=5)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)

    assert [embedder(f"langchain:ours_for_test:{name}").dim for name in ("ready", "made")] == [3, 5]
    for wrong in ("langchain:none_such:made", "langchain:ours_for_test:none", "langchain:", "langchain:json:dumps"):
        with pytest.raises(EmbedderError, match=r"langchain:模块:名称"):
            embedder(wrong)


def test_an_object_is_taken_as_it_is_and_any_langchain_embeddings_wrapped() -> None:
    from langchain_core.embeddings import DeterministicFakeEmbedding

    hashed = HashedNgrams()

    assert embedder(hashed) is hashed
    assert embedder(DeterministicFakeEmbedding(size=4)).dim == 4
    with pytest.raises(EmbedderError, match="embed_documents"):
        embedder(object())  # type: ignore[arg-type]


def test_a_service_that_fails_is_an_error_of_the_embedder() -> None:
    class Down:
        model = "m"

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise TimeoutError("no answer")

        embed_query = embed_documents

    with pytest.raises(EmbedderError, match=r"langchain:Down:m 没有回应（no answer）"):
        embedder(Down()).embed_query("督办")  # type: ignore[arg-type]
    assert isinstance(for_reading(Down()), Absent)  # type: ignore[arg-type]


def test_numbers_that_are_none_are_refused_and_a_row_without_direction_gets_one() -> None:
    assert unit(np.zeros((1, 3))).tolist() == [[1, 0, 0]]
    with pytest.raises(EmbedderError):
        unit(np.array([[np.nan, 1.0]]))


def test_the_default_needs_neither_torch_nor_sentence_transformers() -> None:
    script = (
        "import sys\nfrom retriever.embedder import embedder\nembedder().embed(['督办'])\n"
        "print(*({'torch', 'sentence_transformers', 'langchain_core', 'chromadb'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)

    assert done.stdout.strip() == ""
