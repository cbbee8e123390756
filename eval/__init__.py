"""Measures the same object that users get."""

from eval.metrics import Figures, figures
from eval.run import Run, run
from eval.suite import find_suite

__all__ = ["Figures", "Run", "figures", "find_suite", "run"]
