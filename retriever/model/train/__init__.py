"""How the embedding model that Duban ships is trained: `python -m retriever.model.train DATA`."""
