"""Does a sentence say only what its evidence says? `check` looks at its values, this at its other words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.fold import fold
from ingest.regex import regex

_LONGEST = 300  # characters of a sentence
# Of a sentence's characters may come from elsewhere: a share, and that many in a row. Faithful rewordings of the demo
# suite stay below both, a clause of advice or of general knowledge does not (tests/test_adversarial.py).
_STRANGE = 0.2
_IN_A_ROW = 4
_WORD = regex(r"[\u3400-\u9fff\U00020000-\U0003ffffa-z0-9]")
_HAN = regex(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
# What joins words, reports them or names a field, and says nothing about the matter.
_JOINS = regex(
    "工作|事项|任务|项目|单位|部门|时限|期限|时间|日期|按照|根据|依据|文件|方案|通知|报告|文中|原文|写明|载明|明确|要求|规定|指出|提出|显示|记载|"
    "其中|分别|以及|并且|同时|此外|另外|具体|包括|内容|情况|相关|有关|上述|该项|这项|是否|需要|应当|须于|对于|关于|"
    "[由是的了在于为和与及并且其该此这须应要需向对把被从到至等共有也还则即以之内前后起为]"
)
# Words that turn what is stated into something else; they are to stand in the evidence themselves.
_WEIGHTY = regex(
    "建议|请(?![示求])|务必|应注意|注意|仅供|一般|通常|往往|众所周知|可以考虑|最好|不妨|希望|预祝|我认为|可能|或许|大概|估计|显然|据悉|据了解|"
    "全部|全面|所有|唯一|首次|首个|提前|按期|如期|超额|大幅|显著|严重|圆满|顺利|因此|因为|由于|导致|从而|说明了|意味|最[大小高低多少好差先后早晚新]"
)
_QUOTED = regex(r"[“「『\"《]([^”」』\"》]{2,})[”」』\"》]")


def strays(text: str, quotes: Sequence[str], around: Sequence[str] = ()) -> list[str]:
    """Return what in a sentence does not come from its evidence, each as a reason in words; empty where all does.

    Args:
        text: the sentence.
        quotes: the words that it rests on.
        around: words that it may use beside them: of the question, of titles and headings. They prove nothing.
    """
    if len(text) > _LONGEST:
        return [f"一句话不超过 {_LONGEST} 字"]
    words = fold(text)
    held = [fold(quote) for quote in quotes]
    if not _HAN.search(words) or len(_HAN.findall(words)) < len(re.findall("[a-z]", words)):
        return ["不是中文"]
    found = []
    bare = [_bare(words_) for words_ in held]
    near = [*bare, *(_bare(fold(words_)) for words_ in around)]
    for said in _QUOTED.findall(words):
        if not any(_bare(said) in words_ for words_ in near):
            found.append(f"引号里的“{said[:20]}”不在所引证据里")
    for weighty in dict.fromkeys(_WEIGHTY.findall(words)):
        if not any(weighty in words_ for words_ in held):
            found.append(f"“{weighty}”不在所引证据里")
    strange = _strange(_bare(words), near)
    total = sum(len(run) for run in strange)
    longest = max(strange, key=len, default="")
    if len(longest) > _IN_A_ROW or total > _STRANGE * len(_bare(words)):
        found.append(f"“{longest[:20]}”等话不在所引证据里")
    return found


def share(text: str, quotes: Sequence[str]) -> float:
    """Return the share of a sentence's characters that stand in the quotes, in runs of two or more."""
    bare = _bare(fold(text))
    return 1 - sum(map(len, _strange(bare, [_bare(fold(quote)) for quote in quotes]))) / len(bare) if bare else 0.0


def _bare(words: str) -> str:
    return "".join(_WORD.findall(words))


def _strange(words: str, held: Sequence[str]) -> list[str]:
    """Return the runs of characters that stand in none of the texts, in runs of two or more, and join nothing."""
    known = [False] * len(words)
    at = 0
    while at < len(words):
        end = at + 1
        while end < len(words) and any(words[at : end + 1] in text for text in held):
            end += 1
        if end - at > 1:
            known[at:end] = [True] * (end - at)
            at = end
        else:
            at += 1
    for joins in _JOINS.finditer(words):
        known[joins.start() : joins.end()] = [True] * (joins.end() - joins.start())
    runs, run = [], ""
    for char, is_known in zip(words, known, strict=True):
        if not is_known:
            run += char
        elif run:
            runs.append(run)
            run = ""
    return [*runs, run] if run else runs
