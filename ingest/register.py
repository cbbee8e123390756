"""The register: many names of bodies, of which those that mean one body are found without comparing each."""

from __future__ import annotations

import functools
from collections import defaultdict

from ingest.alias import SAME, core, initials, likeness
from ingest.fold import fold

# RapidFuzz's ratio is 100 * (1 - d / (m + n)) for two texts of m and n characters and d insertions and deletions. Two
# cores that differ, by one character at least, are at or above SAME only where m + n is 100 / (100 - SAME) or more.
_LONG = int(100 / (100 - SAME)) // 2


class Register:
    """Names of bodies, in an order that the answers keep. What finds them is made when it is first asked for."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._folded = [fold(name) for name in names]

    @functools.cached_property
    def _ends(self) -> dict[str, list[int]]:
        ends: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self._folded):
            for start in range(len(name)):
                ends[name[start:]].append(at)
        return ends

    @functools.cached_property
    def _cores(self) -> dict[str, list[int]]:
        cores: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self._folded):
            cores[core(name)].append(at)
        return cores

    @functools.cached_property
    def _initials(self) -> dict[str, list[int]]:
        short: dict[str, list[int]] = defaultdict(list)
        for main, found in self._cores.items():
            short[initials(main)] += found
        return short

    @functools.cached_property
    def _long(self) -> list[int]:
        return [at for main, found in self._cores.items() if len(main) >= _LONG for at in found]

    def ending(self, words: str) -> list[str]:
        """Return the names that are the folded `words` or end with them."""
        return [self._names[at] for at in self._ends.get(words, ())]

    def like(self, words: str) -> list[str]:
        """Return the names that mean the same body as the folded `words`: their likeness is `SAME` or above."""
        main = core(words)
        near = {*self._cores.get(main, ()), *self._initials.get(main, ()), *self._cores.get(initials(main), ())}
        if len(main) >= _LONG:
            near.update(self._long)
        return [self._names[at] for at in sorted(near) if likeness(words, self._folded[at]) >= SAME]


@functools.lru_cache(maxsize=4)
def register(names: tuple[str, ...]) -> Register:
    """Return the register of names, which is made once for as long as they stay the same."""
    return Register(names)
