"""Finds the passages that matter and answers from them, with citations exact to the character."""

from retriever.answer import Answer
from retriever.retriever import Retriever
from retriever.search import Hit

__all__ = ["Answer", "Hit", "Retriever"]
