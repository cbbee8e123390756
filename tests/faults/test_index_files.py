"""F5: files of the index cut, overwritten, deleted: found, searched exactly meanwhile, built again without embedding."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.corpus import Corpus
from retriever.doctor import examine, rebuild
from retriever.embedder import embedder
from retriever.intake import intake
from tests.faults.conftest import Children, count
from tests.faults.documents import questions, write
from tests.faults.invariant import broken, state

QUESTIONS = questions(range(0, 12, 4))
FILES = ("index.db", "CURRENT", "chroma.sqlite3", "data_level0.bin")
DAMAGES = ("cut", "noise", "deleted")

# What a page does: it stays open, and a crash of what it has loaded would end it. Times are put back, as when a disk rots.
PAGE = """
import json, os, random, sys
from pathlib import Path
from retriever import Retriever

def damage(store, file, how):
    (path,) = store.rglob(file)
    found = path.stat()
    if how == "deleted":
        path.unlink()
        return
    if how == "cut":
        os.truncate(path, found.st_size // 3)
    else:
        with path.open("r+b") as held:
            held.write(random.Random(0).randbytes(found.st_size))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

def answers(retriever):
    found = [retriever.answer(question).to_json() for question in json.loads(sys.argv[2])]
    return [[each["answer"], [(part["doc"], part["start"], part["end"]) for part in each["citations"]]] for each in found]

for line in json.loads(sys.argv[1]):
    store = Path(line[0])
    with Retriever.open(store) as page:
        page.index.warm()
        before = answers(page)
        assert page.index.notice is None
        damage(store, *line[1:])
        assert answers(page) == before, line
    with Retriever.open(store) as page:  # who opens it next finds it out before Chroma does
        page.index.warm()
        assert answers(page) == before, line
        assert page.index.notice or line[1] in ("CURRENT", "index.db"), line
"""


class Counting:
    """The default embedder; it counts the texts that it embeds."""

    def __init__(self) -> None:
        self._model = embedder()
        self.name, self.dim, self.texts = self._model.name, self._model.dim, 0

    def embed(self, texts: Sequence[str]) -> Any:
        self.texts += len(texts)
        return self._model.embed(texts)

    def embed_query(self, text: str) -> Any:
        return self._model.embed_query(text)


@pytest.mark.slow
def test_index_files_that_are_damaged_are_found_and_made_again_without_embedding(
    tmp_path: Path, chance: random.Random, children: Children
) -> None:
    files = write(tmp_path / "files", range(12))
    intake(tmp_path / "whole", files, embedder())
    wanted = state(tmp_path / "whole", QUESTIONS)
    variants = [(file, how) for file in FILES for how in DAMAGES]
    chosen = chance.sample(variants, min(count(1), len(variants)))
    stores = {variant: tmp_path / "-".join(variant) for variant in chosen}
    for store in stores.values():
        shutil.copytree(tmp_path / "whole", store)

    lines = json.dumps([[str(store), *variant] for variant, store in stores.items()])
    done = children.run([sys.executable, "-c", PAGE, lines, json.dumps(QUESTIONS)])
    assert done.returncode == 0, done.stderr

    for (file, how), store in stores.items():
        found = examine(store, embedder())
        # A damaged index file is made again by who reads it; then the vectors belong to another one.
        assert not all(finding.well for finding in found), (file, how)
        assert all("doctor" in finding.do for finding in found if not finding.well)
        counting = Counting()
        rebuild(store, counting)
        with closing(Corpus.open(store)) as corpus:
            chunks = sum(row.chunks for row in corpus.documents())
        assert counting.texts <= 8 < chunks, (file, how)
        assert broken(store, QUESTIONS) == []
        assert state(store, QUESTIONS) == wanted
