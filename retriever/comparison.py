"""A claim beside the texts that it cites: which of its facts they do not state, or state of something else."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from retriever.statement import Token, same

_REACH = 14  # tokens beside a fact that are looked at
_SCOPE = 6  # tokens behind a mark (未, 拟) that it may mark
_FAR = 0.25  # what a word in the clauses before counts beside one in the same clause
_SHARE = 0.5  # of the words of a claim that are not stock ones: so many stand in what it cites
_FEW = 6  # such words; fewer are no statement
_SOFT = frozenset("()（）“”\"'《》:：〔〕[]")  # stops that do not end a clause
_ENDS = frozenset("。；;！？!?")
# Words that a reader adds: names of fields, and what joins them.
_STOCK = frozenset(
    "该此其的了是为由在于和与及或等有共项个任务事工作单位部门牵头责任配合负责时限期完成进展情况状态目前截至措施要求问题数量按照依据并且"
)

Place = tuple[int, int]  # of a text, of a token in it


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands around a place: pairs of tokens in its clause to the left and the right, and before the clause."""

    left: frozenset[Hashable]
    right: frozenset[Hashable]
    before: frozenset[Hashable]

    def likeness(self, other: _Beside) -> float:
        """Return how much two places have in common."""
        near = len(self.left & other.left) + len(self.right & other.right)
        return near + _FAR * len(self.before & other.before)


class Comparison:
    """A claim and the texts that it cites, as tokens. `allowed` are the facts that a rule derived."""

    def __init__(self, claim: Sequence[Token], texts: Sequence[Sequence[Token]], allowed: Sequence[Token] = ()) -> None:
        self.claim = claim
        self.texts = texts
        self.allowed = allowed
        self._known: dict[tuple[int, int, bool], _Beside] = {}

    def faults(self) -> tuple[str, ...]:
        """Return the reasons why the claim is not stated, none where it is."""
        if any(_follows(self.claim, text) for text in self.texts):
            return ()
        found: list[str] = []
        met: dict[str, tuple[Token, Place, bool]] = {}
        rows = any(token.words == "|" for text in self.texts for token in text)
        for at, token in enumerate(self.claim):
            if rows and token.words in ("（", "("):
                met, rows = {}, False  # a row read aloud begins with its matter, wherever that stands in it
            if not token.fact or any(same(token, derived) for derived in self.allowed):
                continue
            if token.kind == "mark":
                found.extend(self._unmarked(at, token))
                continue
            fault, place, sure = self._unstated(at, token)
            if fault:
                found.append(fault)
            elif place is not None:
                earlier = met.get(token.kind)
                if earlier and earlier[0].key != token.key and earlier[1] > place and not (sure and earlier[2]):
                    found.append(f"“{token.words}”与“{earlier[0].words}”的顺序与原文不符")
                met[token.kind] = (token, place, sure)
        found.extend(self._dropped())
        if not self.allowed and self._share() < _SHARE:
            found.append("多数文字不见于所引原文")
        return tuple(dict.fromkeys(found))

    def _unstated(self, at: int, token: Token) -> tuple[str, Place | None, bool]:
        """Return why a fact is not stated, else where it is and whether the words beside it say so."""
        places = [place for place in self._places() if self._at(place).kind == token.kind]
        stated = [place for place in places if same(token, self._at(place))]
        if not stated:
            if token.kind == "body" and any(token.words in "".join(t.words for t in text) for text in self.texts):
                return "", None, False
            return f"“{token.words}”不见于所引原文", None, False
        mine = self._beside(-1, at)
        like = {place: mine.likeness(self._beside(*place)) for place in places if self._alike(place, token)}
        best = max(stated, key=lambda place: (like.get(place, 0.0), -place[0], -place[1]))
        others = [like[place] for place in like if place not in stated]
        own, other = like.get(best, 0.0), max(others, default=0.0)
        if other > own:
            return f"“{token.words}”在原文中说的不是这一项", None, False
        return "", best, own > other

    def _alike(self, place: Place, token: Token) -> bool:
        held = self._at(place)
        return held.kind == token.kind or same(token, held)

    def _unmarked(self, at: int, mark: Token) -> Iterator[str]:
        """Yield a fault where a negation or another mark is not said of what it stands before."""
        head = _keys(self.claim[at + 1 : at + 3])
        if not head:
            return
        mine = self._beside(-1, at, bare=True)
        own, other = -1.0, -1.0
        for place in self._places():
            text = self.texts[place[0]]
            if text[place[1]].kind == "mark" and text[place[1]].key == mark.key:
                behind = _keys(text[place[1] + 1 : place[1] + 1 + _SCOPE])
                if head[0] in behind:
                    own = max(own, mine.likeness(self._beside(*place, bare=True)))
            elif _key(text[place[1]]) == head[0] and mark.key not in _marks(text, place[1]):
                before = self._beside(place[0], place[1] - 1, bare=True) if place[1] else self._open(place)
                other = max(other, mine.likeness(before))
        if own < 0 or other > own:
            words = "".join(token.words for token in self.claim[at : at + 4])
            yield f"“{words}”与所引原文不符"

    def _open(self, place: Place) -> _Beside:
        """Return what stands beside the opening of a text."""
        return _beside(self.texts[place[0]], -1, bare=True)

    def _dropped(self) -> Iterator[str]:
        """Yield a fault for each negation or plan of a text that the claim leaves out before what it is said of."""
        for index, text in enumerate(self.texts):
            for at, mark in enumerate(text):
                if mark.kind != "mark" or mark.key == "done":
                    continue
                for head in _heads(text, at):
                    bare = [
                        place for place in _occurrences(self.claim, head) if mark.key not in _marks(self.claim, place)
                    ]
                    if not bare:
                        continue
                    free = [
                        (number, place)
                        for number, other in enumerate(self.texts)
                        for place in _occurrences(other, head)
                        if mark.key not in _marks(other, place)
                    ]
                    marked = self._beside(index, at + 1, bare=True)
                    for place in bare:
                        mine = self._beside(-1, place, bare=True)
                        own = max((mine.likeness(self._beside(*other, bare=True)) for other in free), default=-1.0)
                        if own < 0 or mine.likeness(marked) > own or len(bare) > len(free):
                            yield f"漏了原文中的“{mark.words}{text[at + 1].words}”"
                            break

    def _share(self) -> float:
        """Return the share of the claim's characters that stand beside the same neighbour in a text."""
        held = {pair for text in self.texts for pair in _pairs(_keys(text))}
        keys = _keys(self.claim)
        pairs = list(_pairs(keys))
        counted = [
            at
            for at, token in enumerate(token for token in self.claim if token.kind != "stop")
            if token.kind == "char" and token.words not in _STOCK
        ]
        if len(counted) < _FEW:
            return 1.0
        met = sum((at > 0 and pairs[at - 1] in held) or (at < len(pairs) and pairs[at] in held) for at in counted)
        return met / len(counted)

    def _places(self) -> Iterator[Place]:
        return ((index, at) for index, text in enumerate(self.texts) for at in range(len(text)))

    def _at(self, place: Place) -> Token:
        return self.texts[place[0]][place[1]]

    def _beside(self, index: int, at: int, *, bare: bool = False) -> _Beside:
        """Return what stands beside a token; of the claim where `index` is -1. `bare`: marks do not count."""
        known = self._known.get((index, at, bare))
        if known is None:
            known = _beside(self.claim if index < 0 else self.texts[index], at, bare=bare)
            self._known[index, at, bare] = known
        return known


def _beside(text: Sequence[Token], at: int, *, bare: bool) -> _Beside:
    kind = text[at].kind if 0 <= at < len(text) and text[at].fact and not bare else None
    left: list[Hashable] = ["□"]
    before: list[Hashable] = []
    near = True
    for token in reversed(text[max(0, at - 2 * _REACH) : max(at, 0)]):
        if token.kind == "stop" and token.words not in _SOFT:
            near = False
            if token.words in _ENDS:
                break
        elif kind is not None and token.kind == kind:
            break
        elif token.kind != "stop" and not (bare and token.kind == "mark"):
            (left if near and len(left) <= _REACH else before).append(_key(token))
    right: list[Hashable] = ["□"]
    for token in text[at + 1 : at + 1 + _REACH]:
        if (token.kind == "stop" and token.words not in _SOFT) or (kind is not None and token.kind == kind):
            break
        if token.kind != "stop" and not (bare and token.kind == "mark"):
            right.append(_key(token))
    return _Beside(frozenset(_pairs(left)), frozenset(_pairs(right)), frozenset(_pairs(before)))


def _follows(claim: Sequence[Token], text: Sequence[Token]) -> bool:
    """Return whether a claim says what a text says, in its order, with nothing left out that would change it.

    All facts of the claim are met in order. Where the claim joins what the text parts, the text has no fact between;
    where the claim has a stop there, none that its next fact could be taken for.
    """
    said = [token for token in claim if token.kind != "stop"]
    held = [token for token in text if token.kind != "stop"]
    blocks = [
        block
        for block in LCSseq.opcodes([_key(token) for token in said], [_key(token) for token in held])
        if block.tag == "equal"
    ]
    met = sum(token.fact for block in blocks for token in said[block.src_start : block.src_end])
    if not blocks or met < sum(token.fact for token in said):
        return False
    if sum(block.src_end - block.src_start for block in blocks) < _SHARE * len(said):
        return False
    claim_stops, text_stops = _stops(claim), _stops(text)
    last = 0
    for block in blocks:
        facts = [token for token in held[last : block.dest_start] if token.fact]
        parted = block.src_start in claim_stops and block.dest_start in text_stops
        ahead = next((token for token in said[block.src_start :] if token.fact), None)
        if facts and (not parted or (ahead is not None and any(token.kind == ahead.kind for token in facts))):
            return False
        last = block.dest_end
    return True


def _stops(text: Sequence[Token]) -> frozenset[int]:
    """Return before which tokens, stops not counted, a clause begins; the first one is none of them in a text."""
    found, at = {0}, 0
    for token in text:
        if token.kind != "stop":
            at += 1
        elif token.words not in _SOFT:
            found.add(at)
    return frozenset(found)


def _heads(text: Sequence[Token], at: int) -> Iterator[tuple[Hashable, ...]]:
    """Yield what a mark is said of: the two tokens behind it, and the first word of status that it reaches."""
    behind: list[Token] = []
    for token in text[at + 1 : at + 1 + _SCOPE]:
        if token.kind == "stop":
            break
        behind.append(token)
    if len(behind) > 1 or (behind and behind[0].fact):
        yield tuple(map(_key, behind[:2]))
    first = next((token for token in behind if token.kind == "status"), None)
    if first is not None:
        yield (_key(first),)


def _occurrences(text: Sequence[Token], head: tuple[Hashable, ...]) -> list[int]:
    keys = [_key(token) for token in text]
    return [at for at in range(len(keys)) if keys[at] == head[0] and tuple(keys[at : at + len(head)]) == head]


def _marks(text: Sequence[Token], at: int) -> frozenset[Hashable]:
    """Return the marks that reach a token: those before it in its clause, near enough."""
    found: set[Hashable] = set()
    for token in reversed(text[max(0, at - _SCOPE) : at]):
        if token.kind == "stop" and token.words not in _SOFT:
            break
        if token.kind == "mark":
            found.add(token.key)
    return frozenset(found)


def _key(token: Token) -> Hashable:
    return token.key if token.kind in ("char", "stop") else (token.kind, token.key)


def _keys(text: Sequence[Token]) -> list[Hashable]:
    return [_key(token) for token in text if token.kind != "stop"]


def _pairs(keys: Sequence[Hashable]) -> Iterator[tuple[Hashable, Hashable]]:
    return itertools.pairwise(keys)
