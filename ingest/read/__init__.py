"""Readers: a file becomes a document."""

from ingest.read.file import parse, read

__all__ = ["parse", "read"]
