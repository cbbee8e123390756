"""The store as a LangChain retriever."""

from __future__ import annotations

from typing import Any

# This module is imported only when a LangChain retriever is asked for.
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict


class DubanRetriever(BaseRetriever):
    """Finds chunks in a store. `page_content` is a chunk's text; the metadata say where it stands and its scores."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Any
    k: int = 5

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        hits = [hit.to_json() for hit in self.retriever.search(query, k=self.k)]
        return [Document(page_content=hit.pop("text"), metadata=hit) for hit in hits]
