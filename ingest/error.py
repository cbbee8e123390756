"""The errors that people are expected to meet."""

from __future__ import annotations


class DubanError(Exception):
    """You meet this when Duban knows what went wrong and can say what to do next; the command shows it in one line."""


class ReadError(DubanError):
    """You meet this when one file cannot be read; the other files are read all the same."""


class StoreError(DubanError):
    """You meet this when a store is missing, damaged, held by another process, or of another version or embedder."""
