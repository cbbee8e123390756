"""The optional language model: it proposes, `check` disposes."""

from retriever.generate.model import Model
from retriever.generate.options import Options
from retriever.generate.writer import Writer

__all__ = ["Model", "Options", "Writer"]
