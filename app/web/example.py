"""Questions to begin with, shown only where the store answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and a part of the title of the document that answers it."""

    question: str
    title: str


SHOWN = 3

# For the demo documents (eval/suites/demo); in the order of preference.
EXAMPLES = (
    Example("滨岸缓冲带修复由谁牵头，什么时候完成？", "水环境治理"),
    Example("石汀污水处理厂二期扩建进展如何？", "水环境治理职责履行情况"),
    Example("岚浦市的森林防火期从哪天到哪天？", "森林防火"),
    Example("青芦区巡察反馈的问题，销号了几个？", "巡察反馈意见整改"),
    Example("专班多久召开一次调度会？", "水环境治理"),
)


def answered(examples: Sequence[Example], answer: Callable[[str], Mapping[str, Any]]) -> list[str]:
    """Return the first `SHOWN` questions of `examples` whose answer cites a document of the example's title."""
    found: list[str] = []
    for example in examples:
        if len(found) == SHOWN:
            break
        given = answer(example.question)
        if given["grade"] == "answer" and any(example.title in (c["title"] or "") for c in given["citations"]):
            found.append(example.question)
    return found
