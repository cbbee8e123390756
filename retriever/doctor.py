"""Looks a store over, and derives anew what is derived."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ingest.corpus import Corpus
from ingest.error import StoreError
from ingest.lock import StoreLock
from retriever.embedder import Embedder
from retriever.index import Index


def examine(store: Path, embedder: Embedder) -> list[str]:
    """Return what is wrong with the store, in words, the corpus first; nothing where all is well. Changes nothing.

    Raises:
        StoreError: if there is no store, or another version made its corpus.
    """
    with closing(Corpus.open(store)) as corpus:
        problems = corpus.integrity()
        try:
            with closing(Index.open(store, embedder)) as index:
                problems += index.verify(corpus)
        except StoreError as error:  # of the index alone: a finding
            problems.append(str(error))
    return problems


def rebuild(store: Path, embedder: Embedder) -> None:
    """Delete the index and derive it again from the corpus, with this embedder; chunks of another version as well.

    Raises:
        StoreError: if there is no store, it is held by another writer, or the disk is full.
    """
    Corpus.open(store, stale=True).close()  # says that there is no store before a lock file makes one
    with StoreLock(store), closing(Corpus.open(store, write=True, stale=True)) as corpus:
        corpus.renew()
        Index.rebuild(store, embedder, corpus)
