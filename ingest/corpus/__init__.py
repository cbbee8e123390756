"""The truth: what was taken in, in SQLite, with its originals. Every index is derived from it."""

from ingest.corpus.corpus import Corpus
from ingest.corpus.entry import Entry
from ingest.corpus.row import Where
from ingest.corpus.user import LOCAL, User

__all__ = ["LOCAL", "Corpus", "Entry", "User", "Where"]
