"""A question in English becomes one in Chinese, in the words that the documents have for what it says.

What is asked (who, by when, how many) becomes the Chinese words that ask for it. Each word of the matter has several
words in Chinese, and a name has those of the documents that are read like it; which is meant the documents decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.regex import regex
from retriever.choice import Find, choose
from retriever.index import Index
from retriever.lexicon import lexicon
from retriever.phrasing import pieces, rephrased
from retriever.quantity import ASKED, quantities
from retriever.units import FUNCTION, LATIN, Unit, Units

# The least share of a question's words that one document has. On the suites .65 refused questions whose other words
# were only said differently, and .5 did not answer more of those that have no answer: the passage decides about them.
_SHARE = 0.5
_HAN = regex(r"[\u3400-\u9fff]")
_PRONOUN = regex(r"\b(?:it|its|they|their|them|that one|this one)\b", re.I)
# What is counted with which word: 多少项任务 finds 14项 beside 任务.
_COUNTED = (
    (regex("任务|制度|措施|指标|工作$"), "项"), (regex("企业|公司|单位|供应商|食堂"), "家"),
    (regex("会$|会议"), "次"), (regex("案件?$"), "件"), (regex("人员|干部|人$"), "名"),
    (regex("队$"), "支"), (regex("农房|危房|家庭|农户"), "户"), (regex("纪要"), "期"),
)  # fmt: skip
_COUNT = "多少 "


@dataclass(frozen=True, slots=True)
class Reading:
    """A question and those before it as they are searched for.

    `absent` are the English words for which the documents have nothing, where those are too many to answer, or names;
    `notice` says which words an English question was searched with.
    """

    question: str
    history: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    notice: str | None = None


def read(question: str, history: Sequence[str], index: Index, find: Find) -> Reading:
    """Return a question with its history in Chinese, each as it is where it is not English.

    Args:
        question: what the person typed.
        history: earlier questions of the conversation, oldest first.
        index: says which words the documents have.
        find: the search.
    """
    before: list[str] = []
    for earlier in history:
        before.append(_translated(earlier, "", index, find).question if english(earlier) else earlier)
    if not english(question):
        return Reading(question, tuple(before))
    return replace(_translated(question, before[-1] if before else "", index, find), history=tuple(before))


def english(text: str) -> bool:
    """Return whether a text is to be read as English: more words than Han characters, and three or an English one."""
    words = LATIN.findall(text)
    return len(words) > len(_HAN.findall(text)) and (len(words) > 2 or any(word.lower() in FUNCTION for word in words))


def _translated(text: str, context: str, index: Index, find: Find) -> Reading:
    units = Units(lexicon(), index, text)
    plain = text.translate({ord(mark): " " for mark in ASKED})
    parts = [units.of(rephrased(piece)) for piece in pieces(quantities(plain))]
    choice = choose([unit for part in parts for unit in part if unit.weight], context, find)
    said = ["".join(_said(part, choice.words)).strip() for part in parts]
    if context and said and _PRONOUN.search(text):
        said[0] = f"它{said[0]}"
    chinese = "，".join(piece for piece in said if piece) + "？"
    absent = units.absent if choice.share >= _SHARE else tuple(dict.fromkeys((*units.absent, *choice.missing)))
    return Reading(chinese, (), absent, f"英文问题按这些词查找：{chinese}")


def _said(units: Sequence[Unit], words: dict[str, str]) -> list[str]:
    """Return the Chinese words of a piece with blanks behind them; what is counted joins the word that asks for it."""
    said: list[str] = []
    for unit in units:
        word = words[unit.text] if unit.weight else unit.choices[0]
        if said and said[-1] == _COUNT and not word[0].isdigit():
            measure = next((measure for thing, measure in _COUNTED if thing.search(word)), "")
            said[-1] = f"{_COUNT.strip()}{measure}"
        said.append(f"{word} ")
    return said
