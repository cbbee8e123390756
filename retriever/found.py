"""What was found for a question: the answer in the words of the documents, and what it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retriever.answer import Answer
from retriever.evidence import gather
from retriever.passage import Source
from retriever.question import Question
from retriever.score import Candidate
from retriever.search import Hit


@dataclass(frozen=True, slots=True)
class Found:
    """An answer in the words of the documents, what was understood, and the chunks that it was looked for in.

    `asked` is None for what is no question; `hits` are empty for an answer of the ledger.
    """

    answer: Answer
    asked: Question | None = None
    hits: Sequence[Hit] = ()
    source_of: Callable[[Hit], Source] | None = None

    @property
    def ranked(self) -> Sequence[Candidate]:
        """Return the sentences that might answer, best first."""
        if not self.hits or self.asked is None or self.source_of is None:
            return ()
        return gather(self.asked, self.hits, self.source_of).ranked
