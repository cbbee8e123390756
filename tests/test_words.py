"""Words: cut as the library tokenizers cuts them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from retriever.words import Words

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "retriever" / "model" / "tokenizer.json"
DEMO = sorted((ROOT / "eval" / "suites" / "demo" / "documents").iterdir())
TEXTS = [line for path in DEMO for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
ODD = [
    "", " ", "。", "😀", "\u200b督\ufeff办", "Ⅳ①㎡½℃…％", "２０２３年１２月", "二〇二三年", "\r\n", "\x00", "é E\u0301",
    "a" * 3000, "督办" * 600, "not Chinese at all",
]  # fmt: skip
# Without marks that join the letter before them: that library drops what follows a capital in such a cluster.
RANGES = [(0x20, 0x24F), (0x2010, 0x2BFF), (0x3001, 0x3029), (0x4E00, 0x9FFF), (0xFF01, 0xFF60)]
LETTER = st.one_of(
    *(st.characters(min_codepoint=a, max_codepoint=b, exclude_categories=["Mn", "Me"]) for a, b in RANGES)
)
MIXED = st.text(st.one_of(st.sampled_from("督辦環境治理完成整改十2３aB%。 \n"), LETTER), max_size=80)


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(FILE)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(FILE))


def cut(words: Words, texts: list[str]) -> list[list[int]]:
    ids, counts = words.cut(texts)
    return [part.tolist() for part in np.split(ids, np.cumsum(counts))[: len(texts)]]


def expected(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    unknown = tokenizer.token_to_id("[UNK]")
    lines = tokenizer.encode_batch(texts, add_special_tokens=False)
    return [[number for number in line.ids if number != unknown] for line in lines]


def test_words_are_those_of_the_library_tokenizers(words: Words, tokenizer: Tokenizer) -> None:
    texts = [*TEXTS, *(path.read_text(encoding="utf-8") for path in DEMO), *ODD]

    assert cut(words, texts) == expected(tokenizer, texts)


@given(st.lists(MIXED, max_size=4))
def test_words_of_any_text_are_those_of_the_library(words: Words, tokenizer: Tokenizer, texts: list[str]) -> None:
    assert cut(words, texts) == expected(tokenizer, texts)


def test_words_of_a_text_do_not_depend_on_the_others(words: Words) -> None:
    texts = [*ODD, "\ud800孤", *TEXTS[:50]]

    assert cut(words, texts) == [cut(words, [text])[0] for text in texts]


@pytest.mark.parametrize(
    ("model", "normalizer", "said"),
    [
        ({"type": "WordPiece", "vocab": {}}, None, "Unigram"),
        ({"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0]]}, None, "Precompiled"),
        ({"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0], ["督办环境保护工作", -1.0]]}, "", "8 characters"),
        ({"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0], ["督办", -1.0]]}, "", "no word"),
    ],
)
def test_a_tokenizer_of_another_kind_is_refused(
    tmp_path: Path, model: object, normalizer: str | None, said: str
) -> None:
    given = json.loads(FILE.read_text(encoding="utf-8"))["normalizer"] if normalizer is not None else None
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model, "normalizer": given}), encoding="utf-8")

    with pytest.raises(ValueError, match=said):
        Words(tmp_path / "tokenizer.json")
