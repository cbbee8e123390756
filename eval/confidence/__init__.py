"""Fits how sure an answer is on cases that mismatch questions and documents: `python -m eval.confidence`."""
