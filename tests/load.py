"""The page under load: `python -m tests.load`. Users ask through the page's own queue, the server is `duban serve`.

Printed are the times from a question to its answer as a browser gets it, on whatever the machine does besides: in the
closed loop a user asks again at once, else each of them asks at random, once in `--every` seconds on average.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults.documents import write
from tests.faults.invariant import broken

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "eval" / "suites" / "demo" / "documents"
QUESTIONS = (
    "滨岸缓冲带修复由谁牵头，什么时候完成？",
    "石汀污水处理厂二期扩建进展如何？",
    "岚浦市的森林防火期从哪天到哪天？",
    "青芦区巡察反馈的问题，销号了几个？",
    "专班多久召开一次调度会？",
    "哪些事项已经逾期？",
)
_PATIENCE = 60  # seconds until an answer is given up


@dataclass
class Heard:
    """What the users met: seconds from question to answer, in the order of the answers, and what went wrong."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    leaks: int = 0

    def share(self, part: float) -> float:
        """Return the time within which `part` of the answers came."""
        return sorted(self.times)[min(len(self.times) - 1, int(part * len(self.times)))] if self.times else float("nan")


@contextmanager
def serving(store: Path) -> Iterator[tuple[str, int]]:
    """Run `duban serve` on a store; give its address and the number of its process."""
    line = [sys.executable, "-m", "app.cli", "serve", "--store", str(store), "--port", "0"]
    with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stderr
            said = ""
            while not (found := re.search(r"http://[^/]+/", said)):
                said = process.stderr.readline()
                if not said:
                    raise RuntimeError("the server did not begin")
            with httpx.Client(base_url=found[0], timeout=_PATIENCE) as client:
                client.get("/app/", headers={"accept": "text/html"}).raise_for_status()
            yield found[0], process.pid
        finally:
            process.terminate()
            process.wait(30)


def ingest(store: Path, *paths: Path) -> None:
    """Bring files into a store by the command."""
    line = [sys.executable, "-m", "app.cli", "ingest", "--store", str(store), *map(str, paths)]
    subprocess.run(line, cwd=ROOT, check=True, capture_output=True)


class Reader:
    """A user at the page: one session, whose questions all carry a mark of its own."""

    def __init__(self, client: httpx.AsyncClient, submit: int, heard: Heard) -> None:
        """Ask through `client` by the function with the number `submit`; what comes of it goes to `heard`."""
        self._client, self._submit, self._heard = client, submit, heard
        self.mark = f"读者{secrets.token_hex(6)}"
        self._session, self._talk = secrets.token_hex(6), ""

    async def ask(self, question: str) -> str:
        """Ask, and return what is shown of the answer; "" where none came."""
        began = time.perf_counter()
        try:
            shown = await asyncio.wait_for(self._ask(f"{question}（{self.mark}）"), _PATIENCE)
        except Exception as error:
            self._heard.errors.append(repr(error))
            return ""
        self._heard.times.append(time.perf_counter() - began)
        if set(re.findall(r"读者[0-9a-f]{12}", shown)) - {self.mark}:
            self._heard.leaks += 1
        return shown

    async def _ask(self, question: str) -> str:
        asked = {
            "data": [question, {"id": self._talk, "scope": {}}],
            "fn_index": self._submit,
            "session_hash": self._session,
        }
        joined = await self._client.post("/app/gradio_api/queue/join", json=asked)
        joined.raise_for_status()
        wanted = joined.json()["event_id"]
        heard = {"session_hash": self._session}
        async with self._client.stream("GET", "/app/gradio_api/queue/data", params=heard) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                event = json.loads(line[5:])
                if event.get("event_id") not in (wanted, None):
                    continue
                if event["msg"] == "process_completed":
                    if not event["success"]:
                        raise RuntimeError(str(event["output"]))
                    said = event["output"]["data"][0]
                    self._talk = said["id"]
                    return str(said)
                if event["msg"] == "unexpected_error":
                    raise RuntimeError(event["message"])
        raise RuntimeError("the stream ended before the answer")


async def crowd(
    address: str,
    users: int,
    seconds: float,
    every: float,
    limit: int | None = None,
    ended: Callable[[], bool] = lambda: False,
) -> Heard:
    """Let `users` ask for `seconds` or until `ended`, each once in `every` seconds on average (0: at once again).

    At most `limit` questions are asked in all.
    """
    heard = Heard()
    bounds = httpx.Limits(max_connections=None, max_keepalive_connections=users * 2)
    async with httpx.AsyncClient(base_url=address, timeout=_PATIENCE, limits=bounds) as client:
        config = (await client.get("/app/config")).json()
        submit = next(
            part["id"] for part in config["dependencies"] if any(target[1] == "submit" for target in part["targets"])
        )
        until = time.perf_counter() + seconds
        left = limit if limit is not None else sys.maxsize

        async def one(number: int) -> None:
            nonlocal left
            chance = random.Random(number)
            # One conversation would grow without end; people begin a new one now and then.
            reader = Reader(client, submit, heard)
            await asyncio.sleep(chance.random() * every)
            for turn in range(sys.maxsize):
                if time.perf_counter() >= until or left <= 0 or ended():
                    return
                if turn % 10 == 9:
                    reader = Reader(client, submit, heard)
                left -= 1
                began = time.perf_counter()
                await reader.ask(chance.choice(QUESTIONS))
                if every:
                    pause = chance.uniform(0.5, 1.5) * every - (time.perf_counter() - began)
                    await asyncio.sleep(max(0.0, min(pause, until - time.perf_counter())))

        await asyncio.gather(*(one(number) for number in range(users)))
    return heard


async def burst(address: str, users: int) -> Heard:
    """Let `users` ask once, all at the same moment."""
    return await crowd(address, users, _PATIENCE, 0, limit=users)


def resident(process: int) -> float:
    """Return the resident memory of a process in MB."""
    words = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", words)
    assert found
    return int(found[1]) / 1024


def processor(process: int) -> float:
    """Return the processor seconds that a process has used."""
    parts = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--part", choices=list(_PARTS), default="page")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, help="of the part with pauses (page: 120, burst: 300)")
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--questions", type=int, default=2000, help="after how many the memory is read again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="duban-") as folder:
        store = Path(folder, "store")
        ingest(store, DEMO)
        with serving(store) as (address, process):
            asyncio.run(crowd(address, 8, 600, 0, limit=200))
            _PARTS[args.part](args, address, process, store)


def _page(args: argparse.Namespace, address: str, process: int, store: Path) -> None:
    """The page's budget: so many users with a pause, then without, and what the memory does."""
    early = resident(process)
    heard = _measured(process, args.users, args.every, crowd(address, args.users, args.seconds or 120, args.every))
    left = max(args.users, args.questions - 200 - len(heard.times))
    closed = _measured(process, args.users, 0, crowd(address, args.users, 3600, 0, limit=left))
    late, asked = resident(process), 200 + len(heard.times) + len(closed.times)
    print(f"resident: {early:.0f} MB after 200, {late:.0f} MB after {asked} ({late / early:.2f})")


def _burst(args: argparse.Namespace, address: str, process: int, store: Path) -> None:
    """F18: 200 at the same moment; then each once in 30 s for 5 minutes."""
    early, seconds = resident(process), args.seconds or 300
    _measured(process, 200, 0, burst(address, 200))
    print(f"200 users, each once in 30 s, for {seconds:.0f} s", flush=True)
    _measured(process, 200, 30, crowd(address, 200, seconds, 30))
    print(f"resident: {early:.0f} MB before, {resident(process):.0f} MB after")


def _beside(args: argparse.Namespace, address: str, process: int, store: Path) -> None:
    """F19: 20 users for a minute, and beside an ingest of 1,000 documents."""
    _measured(process, 20, 5, crowd(address, 20, 60, 5))
    with tempfile.TemporaryDirectory(prefix="duban-") as folder:
        write(Path(folder), range(1_000))
        line = [sys.executable, "-m", "app.cli", "ingest", "--store", str(store), folder]
        with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as writer:
            _measured(process, 20, 5, crowd(address, 20, 3600, 5, ended=lambda: writer.poll() is not None))
            print(f"the ingest ended with {writer.wait()}; damage: {broken(store) or 'none'}")


_PARTS = {"page": _page, "burst": _burst, "ingest": _beside}


def _measured(process: int, users: int, every: float, asking: Coroutine[Any, Any, Heard]) -> Heard:
    """Let users ask, print what they met, and return it."""
    server, client = processor(process), time.process_time()
    heard = asyncio.run(asking)
    server, client = processor(process) - server, time.process_time() - client
    count = max(len(heard.times), 1)
    print(
        f"{users} users, {f'one question in {every:g} s each' if every else 'closed loop'}: {len(heard.times)} answers,"
        f" p50 {heard.share(0.5):.3f} s, p95 {heard.share(0.95):.3f} s, longest {max(heard.times, default=0):.3f} s,"
        f" {len(heard.errors)} errors, {heard.leaks} leaks; an answer takes the server {1000 * server / count:.0f} ms of"
        f" processor, and these users {1000 * client / count:.0f} ms"
    )
    for error in heard.errors[:3]:
        print(f"  {error}")
    sys.stdout.flush()  # a part takes minutes: each line is to be seen when it is known, in a file too
    return heard


if __name__ == "__main__":
    main()
