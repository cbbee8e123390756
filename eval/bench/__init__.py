"""Measures what the budgets name and what each part of the ranking brings: `make bench`."""
