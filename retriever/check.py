"""Is each claim supported by what it cites? What is not does not reach the reader."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.fold import fold
from retriever.claim import Citation, Claim
from retriever.value import NUMERAL, PATTERNS

# A number is checked with the character behind it, its unit: 45公里 is not supported by 45个.
_CHECKED = (PATTERNS["date"], re.compile(rf"{NUMERAL}\s*[\u3400-\u9fff%‰]?"))


def stands(citation: Citation, text: str) -> bool:
    """Return whether the quote stands in the document's `text` at its span."""
    return 0 <= citation.start < citation.end <= len(text) and text[citation.start : citation.end] == citation.quote


def supported(claim: Claim, citations: Sequence[Citation]) -> bool:
    """Return whether every number and date of the claim stands in one of the quotes that it cites.

    A claim that cites nothing is unsupported.
    """
    quotes = [fold(citation.quote) for citation in citations if citation.n in claim.cites]
    if not quotes:
        return False
    held = {pattern: {found.group() for quote in quotes for found in pattern.finditer(quote)} for pattern in _CHECKED}
    words = fold(claim.text)
    return all(found.group() in held[pattern] for pattern in _CHECKED for found in pattern.finditer(words))
