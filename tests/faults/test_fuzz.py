"""F14: questions and documents that nobody would write: none raises, each takes less than 2 s of processor time."""

import json
import random
import re
import time
from pathlib import Path

import pytest

from eval.case import read_cases
from ingest.corpus import Corpus, Entry
from ingest.error import DubanError
from ingest.read.file import parse
from ingest.read.reading import Limits
from tests.faults.conftest import count

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "eval" / "suites" / "demo"
LIMIT = 2.0  # seconds of processor time: the machine may have other work

# What patterns stumble over: long runs of what they repeat, brackets that nothing closes, marks of other languages.
PIECES = (
    "的", "市", "局", "、", "，", "（", "）", "(", "|", "\t", " ", "\n", "一", "十", "百", "0", "1", "2023", "年", "月", "日前", "底", "第",
    "《", "》", "〔", "#", "*", "-", "—", "至", "和", "与", "由", "牵头", "负责", "配合", "责任单位：", "完成", "未", "已", "不", "将", "每", "内",
    "百分之", "万元", ".", ",", "%", "a", "A1", "@", "http://", "<!--", "-->", "<b>", "&amp;", "\\", "'", '"', ";", "?", "？", "谁", "多少", "哪些",
    "什么时候", "\u200b", "\ufeff", "\u202e", "\x00", "\ud83d", "😀", "𠮷", "é", "ß", "İ", "ﬁ", "١", "㈠", "①", "Ⅳ", "½", "臺", "裏", "ā", "\r", "\x0b",
    "省市县区镇乡", "甲县、乙县、", "12个、", "1,2", "1.", "（一）", "一、", "1. ", "第一条 ", "一是", "附件", "市住房和城乡建设局", "领导小组办公室",
)  # fmt: skip


def noise(chance: random.Random, longest: int) -> str:
    """Return pieces in any order, some of them many times."""
    words: list[str] = []
    room = chance.randint(0, longest)
    while sum(map(len, words)) < room:
        piece = chance.choice(PIECES)
        words.append(piece * chance.choice((1, 1, 1, 2, 3, chance.randint(1, max(1, longest // len(piece))))))
    return "".join(words)[:longest]


def mutated(text: str, chance: random.Random, longest: int) -> str:
    """Return a text with pieces cut out, doubled, moved, or put in."""
    for _ in range(chance.randint(1, 6)):
        a, b = sorted(chance.randint(0, len(text)) for _ in range(2))
        b = min(b, a + 200)
        change = chance.choice(("cut", "double", "put", "swap", "noise"))
        if change == "cut":
            text = text[:a] + text[b:]
        elif change == "double":
            text = text[:b] + text[a:b] * chance.randint(1, 20) + text[b:]
        elif change == "put":
            text = text[:a] + chance.choice(PIECES) * chance.randint(1, 30) + text[a:]
        elif change == "swap":
            text = text[b:] + text[a:b] + text[:a]
        else:
            text = text[:a] + noise(chance, 60) + text[a:]
    return text[:longest]


def questions(chance: random.Random, number: int) -> list[tuple[str, list[str]]]:
    asked = [case.question for case in read_cases(DEMO / "cases.jsonl")]
    found = []
    for _ in range(number):
        words = (
            mutated(chance.choice(asked), chance, 3_000)
            if chance.random() < 0.6
            else noise(chance, chance.choice((20, 200, 3_000)))
        )
        history = [
            chance.choice((chance.choice(asked), noise(chance, 100))) for _ in range(chance.choice((0, 0, 0, 1, 2)))
        ]
        found.append((words, history))
    return found


def documents(chance: random.Random, number: int) -> list[tuple[str, bytes]]:
    """Return the suffix and the bytes of made-up files of up to 30,000 characters."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((DEMO / "documents").iterdir())]
    found = []
    for at in range(number):
        size = chance.choice((300, 3_000, 30_000))
        kind = chance.random()
        if kind < 0.5:
            text = mutated(chance.choice(texts), chance, size)
        elif kind < 0.8:
            text = noise(chance, size)
        else:  # one line, many times: long lists and tables
            text = noise(chance, 60) * (size // 60)
        title = f"第{at}号材料\n\n" if chance.random() < 0.7 else ""
        data = (title + text).encode(chance.choice(("utf-8", "utf-8", "gb18030", "utf-16")), "replace")
        found.append((chance.choice((".txt", ".md", ".html", ".csv")), data))
    return found


def short(words: str | bytes) -> str:
    return repr(words[:200])


def fuzz_questions(demo, chance, number):
    slow, wrong = [], []
    for words, history in questions(chance, number):
        began = time.process_time()
        answer = demo.answer(words, history=history)
        took = time.process_time() - began
        if took > LIMIT:
            slow.append(f"{took:.1f} s: {short(words)} {history!r:.300}")
        json.dumps(answer.to_json(), ensure_ascii=False)
        for citation in (*answer.citations, *answer.nearest):
            text = demo.document(citation.doc).text
            if text[citation.start : citation.end] != citation.quote:
                wrong.append(short(words))

    assert not slow, "\n".join(slow)
    assert not wrong


def fuzz_documents(folder, chance, number):
    slow, read = [], 0
    corpus = Corpus.open(folder, write=True)
    for at, (suffix, data) in enumerate(documents(chance, number)):
        began = time.process_time()
        try:
            document = parse(data, suffix, Limits())
        except DubanError as error:
            assert str(error)
        else:
            read += 1
            corpus.add([Entry(f"{at}{suffix}", document, data)])
            assert all(0 <= s.start <= s.body <= s.end <= len(document.text) for s in document.sections)
        took = time.process_time() - began
        if took > LIMIT:
            slow.append(f"{took:.1f} s: {suffix} {len(data)} bytes {short(data)}")
    held = len(list(corpus.live()))
    corpus.close()

    assert not slow, "\n".join(slow)
    assert read > number / 2 and held > 0


def test_no_question_is_too_much(demo, chance):
    fuzz_questions(demo, chance, min(count(30), 30))


def test_no_document_is_too_much(tmp_path, chance):
    fuzz_documents(tmp_path, chance, min(count(20), 20))


@pytest.mark.slow
def test_no_question_of_a_thousand_is_too_much(demo, chance):
    fuzz_questions(demo, chance, count(1_000))


@pytest.mark.slow
def test_no_document_of_a_thousand_is_too_much(tmp_path, chance):
    fuzz_documents(tmp_path, chance, count(1_000))


# --- no pattern of ours backtracks without end ---

RUNS = (
    "市",
    "的",
    "、",
    "1",
    "一",
    "（",
    "(",
    " ",
    "|",
    "a",
    "-",
    "年",
    "，",
    "局",
    "1,",
    "甲县、",
    "12个、",
    "未",
    "《",
    "和",
    "第一",
    "1.",
)


@pytest.mark.parametrize("run", RUNS)
def test_a_long_run_of_one_piece_is_checked_in_time(run):
    from retriever.check import faults
    from retriever.claim import Citation, Claim
    from retriever.private import masked

    quote = (run * 2_000)[:2_000] + "由市水务局牵头。"
    began = time.process_time()
    faults(Claim(quote[1:-2] + "5个", (1,)), [Citation(1, "d", "", "", (), 0, len(quote), quote)])
    masked(run * 20_000)
    took = time.process_time() - began

    assert took < LIMIT, f"{took:.1f} s"
    assert not re.search(r"\d{11}", masked("13912340001 " * 50))
