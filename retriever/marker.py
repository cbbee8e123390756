"""The marker of a generation: what was written down when it was checked, and whether its files are still those."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retriever.place import Place

DATABASE = "chroma.sqlite3"
# What has to be the same for vectors to be used again: the corpus whose chunks are numbered, and what made them.
MADE_BY = ("corpus", "format", "embedder", "dimension")


class GenerationError(Exception):
    """You meet this inside the room when a generation is missing, damaged or not to be built; exact search serves."""


@dataclass(frozen=True, slots=True)
class Marker:
    """What a generation holds: `count` chunks, all up to change `seq`; `made_by` names corpus, embedder and dimension.

    `recall` is the share of the ten nearest that it found when it was built.
    """

    seq: int
    count: int
    recall: float
    made_by: dict[str, str]


def write(place: Place, facts: Mapping[str, Any]) -> None:
    """Write the marker, and bring all that the generation consists of onto the disk."""
    files = {} if place.url else _signature(place.folder, facts["volatile"])
    publish(place.marker, json.dumps({**facts, "url": place.url, "files": files}))
    if not place.url:
        for path in (*place.folder.rglob("*"), place.folder):
            _sync(path)


def publish(path: Path, text: str) -> None:
    """Write a small file whole or not at all, even if the power fails."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def verified(place: Place, index: str | None, url: str, *, thorough: bool) -> Marker:
    """Return what was written when the generation was checked, after comparing its files with it.

    Args:
        place: of the generation.
        index: the name of the index it has to be made from; None for any.
        url: of the Chroma server on which it has to stand; "" for the store itself.
        thorough: whether every byte is compared, 1 GB a second. Otherwise only files whose size or time has changed.

    Raises:
        GenerationError: a file is missing, cut or changed, or the generation is of another index or elsewhere.
    """
    name = place.folder.name
    try:
        made: dict[str, Any] = json.loads(place.marker.read_text(encoding="utf-8"))
        if index not in (None, made["index"]):
            raise GenerationError(f"向量索引 {name} 属于另一个索引")
        if not made.get("url", "") == place.url == url:
            stands = f"Chroma 服务 {place.url} 上" if place.url else "库文件夹里"
            raise GenerationError(f"向量索引 {name} 在{stands}，而 DUBAN_CHROMA {f'设为 {url}' if url else '没有设'}")
        files: dict[str, list[int]] = made["files"]
        for file, (size, time, checksum) in files.items():
            path = place.folder / file
            found = path.stat()
            if file == DATABASE:  # opening it changes a page of its own and may make it grow
                same = found.st_size >= size and _checksum(path, size, made["volatile"]) == checksum
            else:
                same = found.st_size == size and (
                    (found.st_mtime_ns == time and not thorough) or _checksum(path, size) == checksum
                )
            if not same:
                raise GenerationError(f"向量索引 {name} 的文件 {file} 已损坏")
        return Marker(int(made["seq"]), int(made["count"]), float(made["recall"]), dict(made.get("made_by", {})))
    except FileNotFoundError as error:
        raise GenerationError(f"向量索引 {name} 缺少文件 {Path(error.filename).name}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GenerationError(f"向量索引 {name} 读不出（{error}）") from error


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _signature(folder: Path, volatile: Sequence[int]) -> dict[str, tuple[int, int, int]]:
    """Return size, time of change and checksum of each file."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            _checksum(path, path.stat().st_size, volatile if path.name == DATABASE else ()),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _checksum(path: Path, size: int, volatile: Sequence[int] = ()) -> int:
    """Return the CRC-32 of the first `size` bytes without the pages numbered in `volatile`, after the page's size."""
    page, *skipped = volatile or (1 << 20,)
    crc = 0
    with path.open("rb") as file:
        for number in range(1, -(-size // page) + 1):
            data = file.read(min(page, size - (number - 1) * page))
            if number not in skipped:
                crc = zlib.crc32(data, crc)
    return crc
