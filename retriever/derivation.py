"""Rules by which a claim is derived: each recomputes its words from operands that stand in what the claim cites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from retriever.claim import Citation
from retriever.statement import Token, facts, plain, tokens


@dataclass(frozen=True, slots=True)
class Operand:
    """A piece of a cited quote that holds one number or one date: `quote[start:end]` of citation `n`."""

    n: int
    start: int
    end: int

    def read(self, cited: Sequence[Citation]) -> Token | None:
        """Return its fact, None where it stands in none of the citations, is cut out of a longer one, or is several."""
        quote = next((citation.quote for citation in cited if citation.n == self.n), "")
        if not 0 <= self.start < self.end <= len(quote):
            return None
        words = plain(quote[self.start : self.end])
        found = facts(tokens(words))
        if len(found) != 1 or found[0].words != words or found[0] not in tokens(plain(quote)):
            return None
        return found[0]


def _amounts(operands: Sequence[Operand], cited: Sequence[Citation]) -> tuple[list[Decimal], str] | None:
    """Return the exact amounts of operands, and the unit that they share; None where they are not of one kind."""
    read = [operand.read(cited) for operand in operands]
    values: list[Decimal] = []
    for token in read:
        if token is None or token.kind != "number" or not isinstance(token.key, tuple) or token.key[0]:
            return None
        values.append(token.key[1])
    units = {token.unit for token in read if token is not None}
    return (values, units.pop()) if len(values) > 1 and len(units) == 1 and len(set(operands)) == len(values) else None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of amounts of one unit: 517名 and 88名 are 605名."""

    operands: tuple[Operand, ...]
    name: str = "合计"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the sum with its unit, None where an operand does not stand."""
        read = _amounts(self.operands, cited)
        return f"{sum(read[0], Decimal(0)):f}{read[1]}" if read else None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much one amount differs from another, in percentage points where both are shares: 96.1% and 93.7%."""

    first: Operand
    second: Operand
    name: str = "相差"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the difference without its sign, None where an operand does not stand."""
        read = _amounts((self.first, self.second), cited)
        if read is None:
            return None
        return f"{abs(read[0][0] - read[0][1]):f}{'个百分点' if read[1] == '%' else read[1]}"


@dataclass(frozen=True, slots=True)
class Rate:
    """The share that one amount has in another of the same unit, in percent with `digits` behind the point."""

    part: Operand
    whole: Operand
    digits: int = 1
    name: str = "占比"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the share, None where an operand does not stand or the whole is nothing."""
        read = _amounts((self.part, self.whole), cited)
        if read is None or not read[0][1]:
            return None
        share = read[0][0] * 100 / read[0][1]
        return f"{share.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP):f}%"


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are: those that are named and, behind them, those that the ledger only counts.

    `before` and `after` are the words around the number: which rows are meant.
    """

    before: str
    rows: tuple[str, ...]
    beyond: int = 0
    after: str = "项。"
    name: str = "计数"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the sentence, None where a row is counted twice."""
        if len(set(self.rows)) < len(self.rows) or self.beyond < 0:
            return None
        return f"{self.before}共{len(self.rows) + self.beyond}{self.after}"


@dataclass(frozen=True, slots=True)
class Dated:
    """The day that words without a year mean, by the year of their anchor, which is cited as well."""

    stated: Operand
    anchor: Operand
    name: str = "推定日期"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the day in ISO 8601, None where the words name no day or the anchor no year."""
        stated, anchor = self.stated.read(cited), self.anchor.read(cited)
        if stated is None or anchor is None or stated.kind != "date" or anchor.kind != "date":
            return None
        if not isinstance(stated.key, tuple) or not isinstance(anchor.key, tuple):
            return None
        year, month, of_month = stated.key
        year = year or anchor.key[0]
        if not isinstance(year, int) or not isinstance(month, int) or not isinstance(of_month, int):
            return None
        try:
            return dt.date(year, month, of_month).isoformat()
        except ValueError:
            return None
