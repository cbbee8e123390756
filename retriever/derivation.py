"""Rules by which a claim is derived: each recomputes its words from operands that stand in what the claim cites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ingest.fold import fold
from ingest.regex import regex
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


_SHOWN = regex(r"(\d[\d,]*(?:\.\d+)?)(.*)")
# 比上年增加, 较2023年减少: what is said of a change, before its amount.
_CHANGED = regex(
    "[比较](?P<than>[^,。;比较]{1,12}?)(?:相比)?,?[又还均各共净]?"
    "(?:(?P<rose>增加|增长|新增|上升|提高|提升|扩大|[多高升涨])|减少|下降|降低|回落|压减|缩短|缩小|[少低降跌])[了出]?$"
)
_LAST = regex("[上去]一?年(?:度|底|末)?")


def _amounts(operands: Sequence[Operand], cited: Sequence[Citation]) -> tuple[list[Decimal], Token] | None:
    """Return the exact amounts of operands, and the first of them; None where they are not of one kind and unit."""
    read: list[Token] = []
    values: list[Decimal] = []
    for operand in operands:
        token = operand.read(cited)
        if token is None or token.kind != "number" or not isinstance(token.key, tuple) or token.key[0]:
            return None
        read.append(token)
        values.append(token.key[1])
    units = {_unit(token) for token in read}
    alone = len(values) < 2 or len(units) > 1 or len(set(operands)) < len(values)
    return None if alone else (values, read[0])


def _unit(token: Token) -> str:
    """Return the unit in which a number is normalised: 米 of 22公里; a share may be one of percentage points."""
    unit = str(token.key[2]) if isinstance(token.key, tuple) else token.unit
    return "%" if unit == "个百分点" else unit


def _written(value: Decimal, like: Token) -> str:
    """Return an amount as the number `like` is written: 550000000元 is 5.5亿元 beside 6.2亿元."""
    shown = _SHOWN.fullmatch(like.words)
    number = Decimal(shown[1].replace(",", "")) if shown else Decimal(0)
    if shown is None or not number or not isinstance(like.key, tuple):
        return f"{value.normalize():f}{_unit(like)}"
    return f"{(value * number / like.key[1]).normalize():f}{shown[2]}"


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of amounts of one unit: 517名 and 88名 are 605名."""

    operands: tuple[Operand, ...]
    name: str = "合计"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the sum with its unit, None where an operand does not stand."""
        read = _amounts(self.operands, cited)
        return _written(sum(read[0], Decimal(0)), read[1]) if read else None


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
        apart = abs(read[0][0] - read[0][1])
        return f"{apart.normalize():f}个百分点" if _unit(read[1]) == "%" else _written(apart, read[1])


@dataclass(frozen=True, slots=True)
class Earlier:
    """The value before a change that is stated behind it: 517起，比上年减少88起 were 605起.

    `anchor` is the year from which the last one (上年) is gone back, None where the earlier time is said (比2023年).
    """

    value: Operand
    change: Operand
    anchor: Operand | None = None
    name: str = "变化前"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the earlier value with its time, None where an operand does not stand or no change is stated."""
        read = _amounts((self.value, self.change), cited)
        quote = next((citation.quote for citation in cited if citation.n == self.change.n), "")
        said = _CHANGED.search(fold(quote[: self.change.start]))
        if read is None or said is None or self.value.n != self.change.n or self.value.end > said.start():
            return None
        when = quote[said.start("than") : said.end("than")]
        if _LAST.fullmatch(fold(when)) and self.anchor is not None:
            anchor = self.anchor.read(cited)
            if anchor is None or anchor.kind != "date" or not isinstance(anchor.key, tuple):
                return None
            when = f"{anchor.key[0] - 1}年" if isinstance(anchor.key[0], int) else when
        earlier = _written(read[0][0] - read[0][1] if said["rose"] else read[0][0] + read[0][1], read[1])
        stated = quote[self.value.start : self.value.end], quote[said.start() : self.change.end]
        return f"{when}：{earlier}（由“{stated[0]}”“{stated[1]}”推算）。"


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
        share = (read[0][0] * 100 / read[0][1]).quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP)
        return f"{share.normalize():f}%"


@dataclass(frozen=True, slots=True)
class Within:
    """Of several amounts or days those that are beyond a limit, each with the words of its row.

    `sign` is one of < ≤ > ≥. `limit` is an amount in the unit of the operands, or a day in ISO 8601.
    """

    operands: tuple[Operand, ...]
    sign: str
    limit: Decimal | dt.date
    before: str = ""
    after: str = "项："
    name: str = "比较"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return how many there are, None where one of them is not beyond the limit."""
        if len(set(self.operands)) < len(self.operands):
            return None
        for operand in self.operands:
            token = operand.read(cited)
            held = None if token is None else day(token) if isinstance(self.limit, dt.date) else amount(token)
            if held is None or not beyond(held, self.sign, self.limit):
                return None
        return f"{self.before}共{len(self.operands)}{self.after}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A row as its name with the words of one of its fields, both where they stand in the quote of citation `n`.

    `matter` and `value` are pairs of a start and an end.
    """

    n: int
    matter: tuple[int, int]
    value: tuple[int, int]
    name: str = "行"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return the name with the words behind it, None where they are cut out of longer ones."""
        quote = next((citation.quote for citation in cited if citation.n == self.n), "")
        if any(not 0 <= start < end <= len(quote) for start, end in (self.matter, self.value)):
            return None
        if any(_inside(quote, start) or _inside(quote, end) for start, end in (self.matter, self.value)):
            return None
        return f"{quote[slice(*self.matter)]}（{quote[slice(*self.value)]}）"


def _inside(quote: str, at: int) -> bool:
    """Return whether a place parts a number or a word from what stands on."""
    return 0 < at < len(quote) and quote[at - 1].isalnum() and quote[at].isalnum()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two documents that state another value of one kind; the first one is the later document's."""

    later: Operand
    earlier: Operand
    name: str = "不一致"

    def words(self, cited: Sequence[Citation]) -> str | None:
        """Return that they differ, None where an operand does not stand, or both are the same or of one document."""
        read = self.later.read(cited), self.earlier.read(cited)
        docs = {citation.doc for citation in cited if citation.n in (self.later.n, self.earlier.n)}
        if read[0] is None or read[1] is None or len(docs) < 2:
            return None
        if read[0].kind != read[1].kind or read[0].key == read[1].key:
            return None
        return f"两份文件的记载不同：较新的是{read[0].words}，较早的是{read[1].words}。"


def amount(token: Token) -> Decimal | None:
    """Return the amount that a token is, in the smallest unit of its kind; None where it is none, or no exact one."""
    if token.kind != "number" or not isinstance(token.key, tuple) or token.key[0]:
        return None
    value: Decimal = token.key[1]
    return value


def day(token: Token) -> dt.date | None:
    """Return the day that a token names, the last one of a month or a year that it names; None without a year."""
    if token.kind != "date" or not isinstance(token.key, tuple):
        return None
    year, month, of_month = token.key
    if not isinstance(year, int) or not (month is None or isinstance(month, int)):
        return None
    if not isinstance(of_month, int):
        following = dt.date(year + (month or 12) // 12, (month or 12) % 12 + 1, 1)
        return following - dt.timedelta(1) if of_month in (None, "底", "末") else None
    try:
        return dt.date(year, month or 12, of_month)
    except ValueError:
        return None


def beyond(held: Decimal | dt.date, sign: str, limit: Decimal | dt.date) -> bool:
    """Return whether an amount or a day is on the side of a limit that a sign (< ≤ > ≥) says."""
    if isinstance(held, dt.date) != isinstance(limit, dt.date):
        return False
    order = (held > limit) - (held < limit)  # type: ignore[operator]
    return order in {"<": (-1,), "≤": (-1, 0), ">": (1,), "≥": (0, 1)}[sign]


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
