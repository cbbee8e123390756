"""What the model learns from: pairs of a query and a text, as lists of word numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.words import Ids, Words

Pair = tuple[tuple[int, int], Ids, Ids]
"""Which text it is (kind, number), the query, the text."""


_SENTENCE = re.compile(r"[^。；;！？!?\n]+[。；;！？!?\n]*")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Many passages as word numbers.

    `ids[cuts[s]:cuts[s + 1]]` is sentence s; `spans[p]:spans[p + 1]` are the sentences of passage p.
    """

    ids: Ids
    cuts: NDArray[np.int64]
    spans: NDArray[np.int64]

    def sentences(self, passage: int) -> list[Ids]:
        """Return the sentences of a passage."""
        first, last = self.spans[passage], self.spans[passage + 1]
        return [self.ids[self.cuts[s] : self.cuts[s + 1]] for s in range(first, last)]


def encode(words: Words, passages: Sequence[str]) -> Encoded:
    """Return passages as word numbers, cut into sentences."""
    spans: list[int] = [0]
    ids, counts = [], []
    for at in range(0, len(passages), 1000):
        sentences: list[str] = []
        for passage in passages[at : at + 1000]:
            found = _SENTENCE.findall(passage) or [passage]
            sentences += found
            spans.append(spans[-1] + len(found))
        numbers, count = words.cut(sentences)
        ids.append(numbers)
        counts.append(count)
    return Encoded(np.concatenate(ids), np.concatenate(([0], np.cumsum(np.concatenate(counts)))), np.array(spans))


def lines(words: Words, texts: Sequence[str]) -> list[Ids]:
    """Return each text as word numbers."""
    ids, counts = words.cut(texts)
    return np.split(ids, np.cumsum(counts)[:-1])


# Words that clerks ask with. A crop of a text with such words beside it teaches that they say nothing of the topic.
ASKING = """
什么是 是什么 有哪些 哪些 哪个 哪个部门 谁 由谁 谁负责 谁牵头 哪个单位负责 由哪个单位牵头 什么时候 何时 几时 多久
多少 几个 多少个 多少人 多少钱 几天 几年 哪一年 哪年 哪天 为什么 怎么 怎样 如何 怎么办 吗 呢 请问 是否 能不能
可以吗 有没有 完成了吗 完成了没有 进展如何 到什么程度 整改了吗 落实了没有 依据是什么 根据什么 在哪里 哪里
什么地方 属于什么 要求是什么 有什么规定 怎么规定 怎么处理 包括哪些 包括什么 多长时间 之前要做什么 现在怎么样了
""".split()


@dataclass(frozen=True, slots=True)
class Pairs:
    """What batches of (query, text) are made of.

    `statutes` are passages, those of one statute beside each other; `group_of` is the statute of each and `titles` its
    title with that of its chapter. `abstracts` have queries of their own (`abstract_queries`: title, keywords).
    `questions` are those that people asked, each with the number of its paragraph. `asking` are words that ask. `rng`
    decides everything.
    """

    statutes: Encoded
    group_of: Ids
    titles: list[Ids]
    abstracts: Encoded
    abstract_queries: list[list[Ids]]
    paragraphs: Encoded
    questions: list[tuple[Ids, int]]
    asking: list[Ids]
    rng: np.random.Generator

    def batch(self, size: int, asked: int) -> tuple[list[Ids], list[Ids]]:
        """Return `size` queries and their texts; `asked` of the queries are questions that people asked."""
        found = itertools.chain(self._asked(asked), self._abstracts(size // 10), self._statutes())
        pairs: dict[tuple[int, int], tuple[Ids, Ids]] = {}  # by text: no text stands in a batch twice
        for place, query, text in found:
            if len(query) and len(text):
                pairs.setdefault(place, (query, text))
            if len(pairs) == size:
                break
        queries, texts = zip(*pairs.values(), strict=True)
        return list(queries), list(texts)

    def _asked(self, count: int) -> Iterator[Pair]:
        for number in self.rng.integers(max(len(self.questions), 1), size=count if self.questions else 0):
            query, paragraph = self.questions[number]
            yield (0, paragraph), self.drop(query, 0.1), self.whole(self.paragraphs, paragraph)
        for number in self.rng.integers(len(self.paragraphs.spans) - 1, size=count // 2):
            yield (0, int(number)), *self.crop(self.paragraphs, int(number))

    def _abstracts(self, count: int) -> Iterator[Pair]:
        for number in self.rng.integers(len(self.abstracts.spans) - 1, size=count):
            if self.rng.random() < 0.6:
                choice = self.abstract_queries[number]
                query = choice[self.rng.integers(len(choice))]
                yield (1, int(number)), self.drop(query, 0.1), self.whole(self.abstracts, int(number))
            else:
                yield (1, int(number)), *self.crop(self.abstracts, int(number))

    def _statutes(self) -> Iterator[Pair]:
        named: set[int] = set()
        while True:
            number = int(self.rng.integers(len(self.group_of)))
            group = int(self.group_of[number])
            if self.rng.random() < 0.15 and group not in named:
                named.add(group)
                yield (2, number), self.drop(self.titles[number], 0.1), self.whole(self.statutes, number)
                continue
            # A run of neighbours: the hardest of the other texts in a batch come from the same statute.
            for near in range(number, min(number + 3, len(self.group_of))):
                if self.group_of[near] == group:
                    yield (2, near), *self.crop(self.statutes, near)

    def crop(self, source: Encoded, passage: int) -> tuple[Ids, Ids]:
        """Return a piece of a passage as a query, and the passage, of two times without the sentence it is from."""
        sentences = source.sentences(passage)
        lengths = np.array([len(sentence) for sentence in sentences])
        chosen = int(self.rng.choice(len(sentences), p=lengths / max(lengths.sum(), 1))) if lengths.sum() else 0
        sentence = sentences[chosen]
        width = int(self.rng.integers(3, 13))
        start = int(self.rng.integers(max(len(sentence) - width, 0) + 1))
        query = self.drop(sentence[start : start + width], 0.2)
        if self.rng.random() < 0.5:
            words = self.asking[self.rng.integers(len(self.asking))]
            query = np.concatenate((query, words) if self.rng.random() < 0.8 else (words, query))
        rest = sentences[:chosen] + sentences[chosen + 1 :]
        if self.rng.random() < 0.5 or sum(map(len, rest)) < 20:
            rest = sentences
        return query, self.limit(np.concatenate(rest))

    def whole(self, source: Encoded, passage: int) -> Ids:
        """Return a passage."""
        return self.limit(source.ids[source.cuts[source.spans[passage]] : source.cuts[source.spans[passage + 1]]])

    def limit(self, text: Ids, most: int = 200) -> Ids:
        """Return at most 200 words, from anywhere."""
        start = int(self.rng.integers(max(len(text) - most, 0) + 1))
        return text[start : start + most]

    def drop(self, text: Ids, share: float) -> Ids:
        """Return a text without some of its words."""
        kept = text[self.rng.random(len(text)) >= share]
        return kept if len(kept) else text
