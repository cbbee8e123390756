"""A language model as a judge of answers: a second opinion beside the measures, never in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eval.case import Case
from prompts import render, version
from retriever.generate import Model
from retriever.generate.sheet import plain
from retriever.generate.trouble import Trouble

_VERDICT = re.compile(r"^\W*(对|错)\W*(.*)$")
UNSTATED = "文档未载明"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of an answer: `right`, None where it said neither or was not reached, and why in its words.

    `sent` and `received` are tokens, None where the server does not count them; `seconds` is how long it took.
    """

    right: bool | None
    why: str
    sent: int | None
    received: int | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as it is kept with a result."""
        tokens = {"sent": self.sent, "received": self.received}
        return {"right": self.right, "why": self.why, "tokens": tokens, "seconds": round(self.seconds, 2)}


class Judge:
    """Asks a model whether an answer says all the facts of a case and nothing against them."""

    def __init__(self, model: Model) -> None:
        """Take the model."""
        self._model = model
        self.name = model.options.name
        self.prompt = version("judge")

    def verdict(self, case: Case, answer: Mapping[str, Any]) -> Verdict:
        """Return what the model thinks of the answer (the object of `duban ask --json`) to a case."""
        facts = "\n".join("- " + plain(" / ".join(forms)) for forms in case.facts) if case.answerable else UNSTATED
        words = render("judge", question=plain(case.question), facts=facts, answer=plain(answer["answer"]))
        exchange = self._model.exchange()
        right, why = None, ""
        try:
            said = exchange.whole(words).rpartition("</think>")[2].strip()
            found = _VERDICT.match(said.splitlines()[0]) if said else None
            if found:
                right, why = found[1] == "对", found[2][:100]
            else:
                why = "没有给出对或错"
        except Trouble as trouble:
            why = trouble.words
        return Verdict(right, why, exchange.sent, exchange.received, exchange.seconds)
