"""Claims that `check` is shown on: correct ones, mutants and swaps, made from the sentences of documents by a seed.

Values are found with patterns of their own, not with those that the check reads with.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cn2an import an2cn
from opencc import OpenCC

from ingest.document import Document
from ingest.unit import duties
from retriever.check import faults
from retriever.claim import Citation, Claim


@dataclass(frozen=True)
class Sample:
    """A claim with the one quote that it cites, and how it was made."""

    made: str
    words: str
    quote: str

    def faults(self) -> tuple[str, ...]:
        citation = Citation(1, "d", "题目", "s", (), 0, len(self.quote), self.quote)
        return faults(Claim(self.words, (1,)), [citation])

    def __str__(self) -> str:
        return f"[{self.made}] {self.words!r} <- {self.quote!r} {self.faults()}"


def quotes(documents: Sequence[Document]) -> list[str]:
    """Return the sentences and rows of documents that hold a value, without what is very short or very long."""
    found = {
        sentence.strip()
        for document in documents
        for line in document.text.split("\n")
        for sentence in ([line] if "|" in line else re.split(r"(?<=[。；])", line))
    }
    return sorted(words for words in found if 12 <= len(words) <= 260 and re.search(r"\d|[局委办]|未|已", words))


def samples(
    makers: Sequence[Callable[[str, random.Random], str | None]],
    texts: Sequence[str],
    count: int,
    chance: random.Random,
) -> list[Sample]:
    """Return `count` different samples, each maker as often as the others as far as the texts allow it."""
    found: dict[tuple[str, str], Sample] = {}
    for turn in range(count * 60):
        if len(found) == count:
            break
        maker, quote = makers[turn % len(makers)], chance.choice(texts)
        words = maker(quote, chance)
        if words and maker not in CORRECT and chance.random() < 0.3:
            words = other_script(words, chance) or words
        if words:
            found.setdefault((words, quote), Sample(maker.__name__, words, quote))
    return list(found.values())


# --- correct claims ---


def whole(quote: str, chance: random.Random) -> str:
    return quote


def clause(quote: str, chance: random.Random) -> str | None:
    """One clause, or several that stand together."""
    parts = re.split(r"(?<=[，；。])", quote)
    if "|" in quote or len(parts) < 3:
        return None
    start = chance.randrange(len(parts) - 1)
    words = "".join(parts[start : start + chance.randint(1, 2)]).strip("，；。 ")
    return words if len(words) > 5 and not re.search(r"^[^《]*》|《[^》]*$|^[^（]*）|（[^）]*$", words) else None


def without_middle(quote: str, chance: random.Random) -> str | None:
    """The first and the last clause of three."""
    parts = re.split(r"(?<=[，；。])", quote)
    return parts[0] + parts[2] if len(parts) >= 3 and "|" not in quote and len(parts[2]) > 3 else None


def row(quote: str, chance: random.Random) -> str | None:
    """A row of a table as it is read aloud: its longest cell, then the others behind names of columns."""
    cells = [cell.strip() for cell in quote.strip().strip("|").split("|")]
    if len(cells) < 3 or set(quote) <= set("|-: "):
        return None
    matter = max(cells, key=len)
    names = ("牵头单位", "配合单位", "完成时限", "进展情况", "备注", "数量", "项目名称", "说明")
    said = [f"{name}：{cell}" for name, cell in zip(names, (c for c in cells if c != matter), strict=False) if cell]
    return f"{matter}（{'；'.join(said)}）"


_COUNTED = re.compile(r"(?<![\d.,〔第—-])(\d{1,4})(?=[个项件条家户处座台名])(?!个月)")


def spelled(quote: str, chance: random.Random) -> str | None:
    """Counts in Chinese numerals in place of digits."""
    words = _COUNTED.sub(lambda found: an2cn(found[1]), quote)
    return words if words != quote else None


_VALUES = {"两": 2, **{an2cn(str(value)): value for value in range(2, 100)}}
_SPELLED = re.compile(
    rf"(?<![一二三四五六七八九十百第几点两])({'|'.join(sorted(_VALUES, key=len, reverse=True))})(?=[个项件条家户处座台名])"
)


def in_digits(quote: str, chance: random.Random) -> str | None:
    """Counts in digits in place of Chinese numerals."""
    words = _SPELLED.sub(lambda found: str(_VALUES[found[1]]), quote)
    return words if words != quote else None


def percent(quote: str, chance: random.Random) -> str | None:
    words = re.sub(r"(?<![\d.])(\d{1,2})%", lambda found: f"百分之{an2cn(found[1])}", quote)
    return words if words != quote else None


def in_yuan(quote: str, chance: random.Random) -> str | None:
    """A sum on another scale."""
    words = re.sub(r"(?<![\d.,])(\d{1,4})万元", lambda found: f"{int(found[1]) * 10_000:,}元", quote)
    words = re.sub(r"(?<![\d.,])(\d{1,3}\.\d{1,2})亿元", lambda found: f"{round(float(found[1]) * 10_000)}万元", words)
    return words if words != quote else None


def iso(quote: str, chance: random.Random) -> str | None:
    """Full dates, and ends of months, in ISO 8601."""
    words = re.sub(r"(?<!\d)(20\d\d)年(\d{1,2})月(\d{1,2})日", lambda f: f"{f[1]}-{int(f[2]):02}-{int(f[3]):02}", quote)
    last = (0, 31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    words = re.sub(r"(?<!\d)(20\d\d)年(1[0-2]|[13-9])月底", lambda f: f"{f[1]}-{int(f[2]):02}-{last[int(f[2])]}", words)
    return words if words != quote else None


@functools.cache
def _script(name: str) -> OpenCC:
    return OpenCC(name)


def other_script(quote: str, chance: random.Random) -> str | None:
    words = _script(chance.choice(("s2t", "s2hk"))).convert(quote)
    words = words if words != quote else _script("t2s").convert(quote)
    return words if words != quote and len(words) == len(quote) else None


def wide(quote: str, chance: random.Random) -> str | None:
    words = re.sub(r"\d", lambda found: chr(ord(found[0]) + 0xFEE0), quote)
    return words if words != quote else None


def fields(quote: str, chance: random.Random) -> str | None:
    """What the ledger says of a sentence: who leads or is responsible."""
    found = [duty for duty in duties(quote) if duty.role in ("lead", "responsible", "partner")]
    if not found:
        return None
    duty = chance.choice(found)
    return {"lead": "牵头单位：", "responsible": "责任单位：", "partner": "配合单位："}[duty.role] + duty.unit


CORRECT = (
    whole, clause, without_middle, row, spelled, in_digits, percent, in_yuan, iso, other_script, wide, fields,
)  # fmt: skip

# --- mutants: the value is not in the span ---


def _base(quote: str, chance: random.Random) -> str:
    return chance.choice((whole, clause))(quote, chance) or quote


def digit(quote: str, chance: random.Random) -> str | None:
    base = _base(quote, chance)
    places = [found for found in re.finditer(r"(?<![\d.,])\d+(?![\d.,]|年|月|日)", base)]
    if not places:
        return None
    found = chance.choice(places)
    at = chance.randrange(*found.span())
    other = chance.choice([d for d in "0123456789" if d != base[at] and not (d == "0" and at == found.start())])
    value = base[found.start() : at] + other + base[at + 1 : found.end()]
    # 07 and 7 are one number
    if re.search(rf"(?<!\d)0*{value.lstrip('0') or 0}(?!\d)", quote):
        return None
    return base[: found.start()] + value + base[found.end() :]


def numeral(quote: str, chance: random.Random) -> str | None:
    base = _base(quote, chance)
    places = list(re.finditer("(?<![一二三四五六七八九十百])[二三四五六七八九](?=[个项件条家户处座台名年])", base))
    if not places:
        return None
    found = chance.choice(places)
    other = chance.choice(
        [
            char
            for char in "二三四五六七八九"
            if char not in quote and str("一二三四五六七八九".index(char) + 1) not in quote
        ]
        or [""]
    )
    return base[: found.start()] + other + base[found.end() :] if other else None


def date(quote: str, chance: random.Random) -> str | None:
    base = _base(quote, chance)
    places = list(re.finditer(r"(?<![\d—-])(\d{1,4})(?=[年月日])", base))
    if not places:
        return None
    found = chance.choice(places)
    value = int(found[1])
    other = chance.choice([value + 1, value - 1, value + 2] if value > 12 else [*range(1, 13)])
    if other <= 0 or (value <= 31 and other > 31) or re.search(rf"(?<!\d)0?{other}(?!\d)", quote):
        return None
    return base[: found.start()] + str(other) + base[found.end() :]


_OFFICES = (
    "市粮食和物资储备局 县畜牧兽医局 区地震局 市文物局 县供销合作社 市国防动员办公室 区烟草专卖局 市气象局".split()
)


def body(quote: str, chance: random.Random) -> str | None:
    base = _base(quote, chance)
    found = re.search(r"(?:[市县区][\u4e00-\u9fff]{2,8}?[局委])(?=[、，。；牵负配按会 |])", base)
    other = chance.choice(_OFFICES)
    return base[: found.start()] + other + base[found.end() :] if found and other[1:] not in quote else None


_NOT = re.compile("尚未|未能|未(?=[按完整启开落通达建销办])|没有(?=[完整])|无法|不得|不予|不能")


def negated(quote: str, chance: random.Random) -> str | None:
    """A negation before what is said to be done or to be there."""
    base = _base(quote, chance)
    places = list(
        re.finditer(
            "已(?=[完整建销办启通落开移])|(?<![未不没无法能已的])(?:完成|通过|落实|整改到位|建成|办结|启用)(?![的率时])",
            base,
        )
    )
    if not places or _NOT.search(quote):
        return None
    found = chance.choice(places)
    word = chance.choice(("未", "尚未", "没有", "无法", "不能"))
    rest = base[found.end() :] if found[0] == "已" else base[found.start() :]
    return base[: found.start()] + word + rest


def affirmed(quote: str, chance: random.Random) -> str | None:
    """A negation left out, or turned into its contrary."""
    base = _base(quote, chance)
    places = list(_NOT.finditer(base))
    if not places:
        return None
    found = chance.choice(places)
    word = chance.choice(("", "", "已")) if found[0] in ("尚未", "未", "没有") else ""
    return base[: found.start()] + word + base[found.end() :]


_STATUS = ("已完成", "正在推进", "尚未启动", "已销号", "正在办理", "长期坚持", "无法完成", "已停工", "拟于近期启动")


def status(quote: str, chance: random.Random) -> str | None:
    base = _base(quote, chance)
    places = list(
        re.finditer(
            "已(?:全部)?(?:完成|销号|办结|建成|启用)|正在(?:推进|办理|实施|整改)|(?:尚)?未(?:完成|启动|开工)", base
        )
    )
    if not places:
        return None
    found = chance.choice(places)
    other = chance.choice([word for word in _STATUS if not re.search(f"{word[:2]}|{word[-2:]}", quote)] or [""])
    return base[: found.start()] + other + base[found.end() :] if other else None


MUTANTS = (digit, numeral, date, body, negated, affirmed, status)

# --- swaps: two values of the span, each in the place of the other ---


def _exchanged(base: str, one: re.Match[str], other: re.Match[str], chance: random.Random) -> str:
    """Return the quote with two values exchanged; half of the time only the clauses from the one to the other."""
    first, second = sorted((one, other), key=lambda found: found.start())
    stops = [0, *(stop.end() for stop in re.finditer("[，。；|]", base)), len(base)]
    start, end = 0, len(base)
    if chance.random() < 0.5:
        start = max(stop for stop in stops if stop <= first.start())
        end = min(stop for stop in stops if stop >= second.end())
    return (
        base[start : first.start()]
        + second[0]
        + base[first.end() : second.start()]
        + first[0]
        + base[second.end() : end]
    )


def _pair(places: Sequence[re.Match[str]], chance: random.Random) -> tuple[re.Match[str], re.Match[str]] | None:
    pairs = [(a, b) for at, a in enumerate(places) for b in places[at + 1 :] if a[0].lstrip("0") != b[0].lstrip("0")]
    return chance.choice(pairs) if pairs else None


def numbers(quote: str, chance: random.Random) -> str | None:
    """Two numbers; their units stay."""
    pair = _pair(list(re.finditer(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.]|[年月日])", quote)), chance)
    return _exchanged(quote, *pair, chance) if pair else None


def amounts(quote: str, chance: random.Random) -> str | None:
    """Two numbers with their units."""
    pair = _pair(
        list(re.finditer(r"(?<![\d.])\d+(?:\.\d+)?(?:万元|亿元|公里|[%个项件条家户处座台名吨])", quote)), chance
    )
    return _exchanged(quote, *pair, chance) if pair else None


def dates(quote: str, chance: random.Random) -> str | None:
    pair = _pair(
        list(re.finditer(r"(?<!\d)(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底)?|(?<!\d)\d{4}年(?!\d)", quote)), chance
    )
    return _exchanged(quote, *pair, chance) if pair else None


def offices(quote: str, chance: random.Random) -> str | None:
    """Two bodies that are not in one list: in a list each may stand for the other."""
    places = list(
        re.finditer(r"(?<=[由，。；、：| ])[市县区省][\u4e00-\u9fff]{2,8}?[局委](?=[牵负配、，。；|会按 ])", quote)
    )
    apart = [
        (a, b)
        for at, a in enumerate(places)
        for b in places[at + 1 :]
        if a[0] != b[0] and re.search("[，。；|]|牵头|负责|配合", quote[a.end() : b.start()])
    ]
    return _exchanged(quote, *chance.choice(apart), chance) if apart else None


def states(quote: str, chance: random.Random) -> str | None:
    pair = _pair(
        list(re.finditer("已(?:完成|销号|办结|建成)|正在(?:推进|办理|整改)|尚未(?:完成|启动)|未(?:完成|启动)", quote)),
        chance,
    )
    return _exchanged(quote, *pair, chance) if pair else None


SWAPS = (numbers, amounts, dates, offices, states)


def failing(found: Sequence[Sample], *, passes: bool) -> Iterator[Sample]:
    """Yield the samples on which the check says that they pass (or fail)."""
    return (sample for sample in found if (not sample.faults()) == passes)
