"""The embedding model that Duban ships, in the form that sentence-transformers reads."""
