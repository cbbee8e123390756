"""A file becomes records that a person can read: document, sections, chunks. No model, no network, no index."""

from ingest.document import Document

__all__ = ["Document"]
