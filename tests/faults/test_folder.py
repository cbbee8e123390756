"""F10, F11, F13, F15: a folder of hostile files is ingested: one line for each that is refused, and the others are read."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.error import ReadError
from ingest.read import parse
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake
from tests.faults.conftest import Children, command, count
from tests.faults.invariant import broken
from tests.faults.test_office_files import PLAN, inner, mutants
from tests.office import numbered, page
from tests.papers import Block, ofd, papers, pdf

DEMO = Path(__file__).resolve().parent.parent.parent / "eval" / "suites" / "demo" / "documents"
WORDS = "一、整改任务。由市水务局牵头，2025年6月底前完成{}公里管网改造。"
ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5hkscs")
SHARE = 0.995


def hostile(folder: Path, outside: Path) -> Iterator[tuple[Path, str]]:
    """Make files that try names, links and bytes; yield each with what the line of its refusal says, "" if it is read."""

    def file(name: str | bytes, data: bytes, said: str = "") -> tuple[Path, str]:
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + (name if isinstance(name, bytes) else name.encode())))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path, said

    good = iter(WORDS.format(number).encode() for number in range(100))
    yield file("长" * 83 + ".txt", next(good))  # 253 bytes; one more character is too long for the file system
    yield file("报告\u202etxt.exe.txt", next(good))
    yield file("a\u202eb/x.txt", next(good))
    yield file("换\n行.txt", next(good))
    yield file(b"\xd5\xe3\xbd\xad.txt", next(good))  # a name in GBK, which is no UTF-8
    yield file("坏\n了\u202e\x1b[31m.txt", b"\x01\x02" * 500, "内容不像文字")
    yield file("zero.docx", b"", "0 字节")
    yield file("zero.txt", b"", "")[0], "空"
    yield file("mixed.txt", next(good).decode().encode("gb18030") * 20 + next(good) * 20, "内容不像文字")
    yield file("nul.txt", bytes(1_000), "没有文字")
    yield file("surrogates.txt", b"\xed\xa0\x80" * 100, "内容不像文字")
    yield file("suffix.txt", pdf(papers([Block(WORDS.format(101))])))
    yield file("suffix.pdf", WORDS.format(102).encode(), "损坏")
    large = file("large.pdf", b"%PDF-1.7\n")[0]
    os.truncate(large, 300_000_000)  # takes no room on the disk
    yield large, "上限"
    for name, target in (("self.txt", folder / "self.txt"), ("gone.txt", outside / "gone.txt")):
        (folder / name).symlink_to(target)
        yield folder / name, "链接" if name == "link" else ""
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    yield folder / "pipe.txt", "不是普通文件"


def test_hostile_names_links_and_bytes_end_in_one_line_each(tmp_path: Path, children: Children) -> None:
    """F13: and nothing is written outside of the store, nor anything read that hangs."""
    folder = tmp_path / "in"
    folder.mkdir()
    wanted = dict(hostile(folder, tmp_path / "outside"))
    before = {path.name for path in tmp_path.iterdir()}

    done = children.run(command("ingest", folder, "--store", tmp_path / "store"))

    said = [line for line in done.stderr.splitlines() if line.startswith("duban: ") and "注意" not in line]
    links = [path for path in wanted if path.is_symlink()]
    refused = {path: why for path, why in wanted.items() if why or path in links}
    assert done.returncode == 1, done.stderr
    assert len(said) == len(refused), done.stderr
    assert all(any(why in line for line in said) for why in refused.values())
    assert not any(char in done.stderr for char in "\x1b\u202e")
    with Retriever.open(tmp_path / "store") as store:
        assert len(store.documents()) == len(wanted) - len(refused)
    assert {path.name for path in tmp_path.iterdir()} == before | {"store"}
    assert broken(tmp_path / "store") == []


def test_a_file_of_300_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    """F11: under a second; it is measured in processor time, because other processes may run on the machine."""
    (tmp_path / "large.docx").touch()
    os.truncate(tmp_path / "large.docx", 300_000_000)
    began = time.process_time()

    with pytest.raises(ReadError, match="300 MB，超过 100 MB 的上限"):
        from ingest.read.file import read

        read(tmp_path / "large.docx")

    assert time.process_time() - began < 1


@pytest.mark.slow
def test_a_batch_of_mutated_files_goes_on_to_its_end(tmp_path: Path, chance: random.Random) -> None:
    """F10: 200 PDF, Word and OFD files (FAULTS_COUNT, FAULTS_SEED) among good ones; each is read, or refused with a reason."""
    folder = tmp_path / "in"
    folder.mkdir()
    pages = papers([Block(WORDS.format(number)) for number in range(8)])
    word = numbered(PLAN)
    made: dict[str, Iterator[bytes]] = {
        "pdf": mutants(pdf(pages), 10_000, chance.randrange(1 << 30)),
        "docx": mutants(word, 10_000, chance.randrange(1 << 30)),
        "inner.docx": inner(word, 10_000, chance.randrange(1 << 30), ("word/document.xml", "word/numbering.xml")),
        "ofd": mutants(ofd(pages), 10_000, chance.randrange(1 << 30)),
    }
    for number in range(count(200)):
        kind = list(made)[number % len(made)]
        (folder / f"{number:04}.{kind}").write_bytes(next(made[kind]))
    for name, data in (("good.pdf", pdf(pages)), ("good.ofd", ofd(pages)), ("zz-good.docx", word)):
        (folder / name).write_bytes(data)

    report = intake(tmp_path / "store", [folder], embedder())

    failed = {Path(item.source).name: item.why for item in report.failed}
    assert not any(name.endswith(("good.pdf", "good.ofd", "good.docx")) for name in failed)
    assert all(why.strip() and "\n" not in why for why in failed.values())
    assert not any("反馈给我们" in why for why in failed.values()), failed  # an error that no reader foresaw
    assert broken(tmp_path / "store") == []


def excerpts(chance: random.Random) -> Iterator[str]:
    """Yield pieces of the demo documents, from a line to several pages."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(DEMO.iterdir())]
    while True:
        text = chance.choice(texts)
        start = chance.randrange(len(text) - 60)
        piece = text[start : start + int(60 * 2 ** (chance.random() * 6))].strip()
        if len(piece) > 40:
            yield piece


WRITTEN: dict[str, Callable[[str, str], bytes]] = {
    ".txt": lambda words, encoding: words.encode(encoding),
    ".csv": lambda words, encoding: words.encode(encoding),
    ".html": lambda words, encoding: page(words, head='<meta charset="iso-8859-1">').encode(encoding),
}


@pytest.mark.parametrize("suffix", WRITTEN)
def test_every_encoding_is_read_and_never_as_something_else(suffix: str, chance: random.Random) -> None:
    """F15: 99.5% have the same words in each encoding, a wrong `<meta>` or none; the others are refused, not garbled."""
    same, refused, wrong = 0, 0, []
    pieces = excerpts(chance)
    for _ in range(count(40)):
        words = next(pieces)
        right = parse(WRITTEN[suffix](words, "utf-8"), suffix).text
        for encoding in ENCODINGS:
            try:
                data = WRITTEN[suffix](words, encoding)
            except UnicodeEncodeError:
                continue  # Big5 has not these characters
            try:
                text = parse(data, suffix).text
            except ReadError:
                refused += 1
                continue
            same += text == right
            if text != right:
                wrong.append((encoding, words[:30], text[:30]))

    assert wrong == []
    assert same >= SHARE * (same + refused), (same, refused)
