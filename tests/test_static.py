"""The model that ships: both libraries read it to the same vectors, both scripts give one, nothing heavy is loaded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from opencc import OpenCC

from ingest.fold import fold
from retriever.embedder import Embedder, EmbedderError, embedder
from retriever.static import FOLDER, StaticEmbedder

ROOT = Path(__file__).resolve().parent.parent
DEMO = sorted((ROOT / "eval" / "suites" / "demo" / "documents").iterdir())
TEXTS = [line for path in DEMO for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
SIMPLIFIED, TRADITIONAL = ([*map(OpenCC(way).convert, TEXTS)] for way in ("t2s", "s2t"))
ODD = ["", " ", "。", "😀", "\u200b督\ufeff办", "Ⅳ①㎡", "\r\n", "\x00", "a" * 3000, "督办" * 600, "\ud800孤", "ไทย"]


@pytest.fixture(scope="module")
def model() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.mark.slow
def test_vectors_are_those_of_sentence_transformers(model: StaticEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    # Of a text without any word, both make something else of nothing.
    texts = [text for text in (*SIMPLIFIED, *TRADITIONAL) if any(map(str.isalnum, text))]
    theirs = SentenceTransformer(str(FOLDER), device="cpu", local_files_only=True)

    half = theirs.encode(texts).astype(np.float32)  # torch adds float16 in float16: each sum loses some bits
    theirs.float()
    passages, queries = theirs.encode_document(texts), theirs.encode_query(texts)
    ours = model.embed(texts)

    assert len(texts) >= 300
    assert ours.shape == passages.shape
    assert np.array_equal(passages, queries)
    assert np.einsum("nd,nd->n", ours, passages).min() > 0.9999
    assert np.einsum("nd,nd->n", ours, half).min() > 0.999


def test_a_query_has_the_vector_of_the_same_passage(model: StaticEmbedder) -> None:
    rows = model.embed(TEXTS)

    for text, row in zip(TEXTS, rows, strict=True):
        assert np.allclose(model.embed_query(text), row, atol=1e-5)


def test_both_scripts_of_a_text_have_one_vector(model: StaticEmbedder) -> None:
    # OpenCC takes words into account (計畫 is 计划, 畫 alone 画), which a table of characters cannot.
    same = [pair for pair in zip(SIMPLIFIED, TRADITIONAL, strict=True) if fold(pair[0]) == fold(pair[1])]
    first, second = (model.embed(side) for side in zip(*same, strict=True))

    assert len(same) > 0.95 * len(TEXTS)
    assert np.einsum("nd,nd->n", first, second).min() > 0.9999


def test_every_text_has_a_unit_vector(model: StaticEmbedder) -> None:
    rows = model.embed(ODD)

    assert rows.shape == (len(ODD), model.dim)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert model.embed([]).shape == (0, model.dim)


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("谁管净化废水的厂子", "污水处理厂由市水务局负责。"),
        ("辞退补偿", "用人单位解除劳动合同应当支付经济赔偿。"),
        ("給孩子做飯的地方", "学校食堂由市教育局牵头改造。"),
    ],
)
def test_a_passage_on_the_topic_is_nearest_though_it_shares_no_pair_of_characters(
    model: StaticEmbedder, query: str, right: str
) -> None:
    others = ["森林防火期内林区一律禁止野外用火。", "公务用车派车单逐张核对。", "市民热线工单按时办结。"]

    scores = model.embed([right, *others]) @ model.embed_query(query)

    assert scores[0] > scores[1:].max()


def test_it_is_the_embedder_of_whoever_names_none(model: StaticEmbedder) -> None:
    found = embedder()

    assert isinstance(found, Embedder)
    assert (found.name, found.dim) == (model.name, 256) == (embedder("static").name, 256)
    assert found.name.startswith("duban-static-")


def test_embedding_needs_no_model_library() -> None:
    script = (
        "import sys; from retriever.embedder import embedder;"
        " model = embedder(); model.embed(['督办'] * 300); model.embed_query('督办'); print(*sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr
    assert {"torch", "sentence_transformers", "transformers", "scipy", "onnxruntime"} & set(
        done.stdout.split()
    ) == set()


def damaged(folder: Path, file: str, how: str) -> Path:
    """Return a copy of the model with one file missing, cut off, or of another kind."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "train", "__pycache__"))
    path = folder / file
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1000] if how == "cut" else b"version https://example.invalid/spec/v1\n")
    return folder


@pytest.mark.parametrize("how", ["missing", "cut", "other"])
@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_a_damaged_folder_says_what_should_be_in_it(tmp_path: Path, file: str, how: str) -> None:
    with pytest.raises(EmbedderError, match=r"缺文件或已损坏.*tokenizer\.json 和 model\.safetensors"):
        StaticEmbedder(damaged(tmp_path / "model", file, how)).embed_query("督办")


def test_the_name_follows_what_the_folder_holds(tmp_path: Path, model: StaticEmbedder) -> None:
    shutil.copytree(FOLDER, tmp_path / "model")
    moved = StaticEmbedder(tmp_path / "model").name
    words = tmp_path / "model" / "tokenizer.json"
    words.write_bytes(words.read_bytes() + b"\n")

    assert moved == model.name != StaticEmbedder(tmp_path / "model").name


def test_the_model_is_at_most_26_megabytes() -> None:
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".py")

    assert size <= 26_000_000
