"""The training of the shipped embedder: the whole of it, on a small made-up world."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retriever.model.train import __main__ as train
from retriever.model.train.source import Question, for_ranker, read_all
from retriever.static import FOLDER, StaticEmbedder

TOPICS = ["河道清淤", "校园食堂", "森林防火", "老旧小区", "污水管网", "危房改造", "燃气管道", "物业服务"]
WORDS = [
    "牵头单位应当按月报送进展",
    "逐项核查后予以销号",
    "所需经费列入年度预算",
    "每季度公布一次结果",
    "由区人民政府组织实施",
]


def article(topic: str, number: int) -> str:
    return "".join(f"{topic}第{number}项工作，{words}，{topic}的台账随之更新。" for words in WORDS)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder laid out as the README of the training says."""
    folder = tmp_path / "data"
    laws = folder / "Laws" / "行政法规"
    laws.mkdir(parents=True)
    for topic in TOPICS:
        body = "\n".join(f"第{number}条 {article(topic, number)}" for number in "一二三四五六七八九")
        (laws / f"{topic}条例(2020-01-01).md").write_text(
            f"# {topic}条例\n<!-- INFO END -->\n## 第一章 总则\n{body}\n", encoding="utf-8"
        )
        (laws / f"{topic}条例(2010-01-01).md").write_text(
            "# 旧\n<!-- INFO END -->\n第一条 已经废止的旧文字" * 9, encoding="utf-8"
        )
    (folder / "Laws" / "案例").mkdir()
    (folder / "Laws" / "案例" / "a.md").write_text("<!-- INFO END -->\n第一条 不是官方文件" * 9, encoding="utf-8")
    moj = folder / "mojLawSplitJSON" / "FalVMingLing"
    moj.mkdir(parents=True)
    for number, topic in enumerate(TOPICS):
        parts = [{"編章節": "第 一 章 總則"}, *({"條文內容": article(topic, part)} for part in range(9))]
        law = {"法規名稱": f"{topic}辦法", "法規內容": parts}
        (moj / f"{number}.json").write_text(json.dumps(law, ensure_ascii=False), encoding="utf-8-sig")
    for kind in ("ts", "kg", "cls_ctg"):
        (folder / "CSL" / "benchmark" / kind).mkdir(parents=True)
        rows = [f"{kind}\t{article(topic, 1)}\t{topic}研究_方法" for topic in TOPICS]
        (folder / "CSL" / "benchmark" / kind / "train.tsv").write_text("\n".join(rows), encoding="utf-8")
    for part in (
        "cmrc2018/squad-style-data/cmrc2018_trial.json",
        "DRCD/DRCD_test.json",
        "cmrc2018/squad-style-data/cmrc2018_dev.json",
    ):
        file = folder / part
        file.parent.mkdir(parents=True, exist_ok=True)
        paragraphs = [
            {"context": f"{part}：{article(topic, 7)}", "qas": [{"id": topic, "question": f"{topic}由谁组织实施？"}]}
            for topic in TOPICS
        ]
        file.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    return folder


def test_the_sources_are_read_without_what_is_for_measuring_or_for_the_ranker(data: Path) -> None:
    source = read_all(data)

    texts = [passage for group in source.statutes for passage in group.passages]
    assert (len(source.statutes), len(source.abstracts), len(source.titles)) == (16, 8, 8)
    assert not any("旧文字" in text or "不是官方文件" in text for text in texts)
    assert 0 < len(source.questions) < 16
    assert not any("dev" in question.paragraph or for_ranker(question) for question in source.questions)


def test_a_quarter_of_the_paragraphs_is_kept_for_the_ranker() -> None:
    kept = sum(for_ranker(Question("", "", f"段落{number}")) for number in range(1000))

    assert 200 < kept < 300


@pytest.mark.slow
def test_a_small_model_is_trained_that_both_readers_read(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "WORDS", 7_200)  # the common characters alone are 6,763
    monkeypatch.setattr(train, "BATCH", 16)
    monkeypatch.setattr(train, "ASKED", (4, 8))
    monkeypatch.setattr(train, "DIM", 16)

    train.build(read_all(data), tmp_path / "model", steps=20, seed=1)

    model = StaticEmbedder(tmp_path / "model")
    query, *rows = model.embed(["河道清淤由誰組織實施？", article("河道清淤", 3), article("物业服务", 3)])
    assert model.dim == 16
    assert query @ rows[0] > query @ rows[1]
    named = [path.name for path in (tmp_path / "model").iterdir()]
    assert sorted(named) == ["config_sentence_transformers.json", "model.safetensors", "modules.json", "tokenizer.json"]
    assert all(
        (tmp_path / "model" / name).read_bytes() == (FOLDER / name).read_bytes()
        for name in named
        if name in ("modules.json", "config_sentence_transformers.json")
    )
    assert np.isfinite(train.measure(tmp_path / "model", read_all(data).questions)).all()
