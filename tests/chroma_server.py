"""A Chroma server of the tests: on loopback, in a folder of its own, ended with them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from retriever.place import Place, close


class ChromaServer:
    """`chroma run` as a process that can be ended and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> ChromaServer:
        """Start it and wait until it answers."""
        line = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(self._folder)]
        self._process = subprocess.Popen(
            [*line, "--host", "127.0.0.1", "--port", str(self._port)],
            cwd=self._folder, env={**os.environ, "ANONYMIZED_TELEMETRY": "False"}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=1):
                    return self
            except OSError:
                assert self._process.poll() is None, "the Chroma server has ended"
                assert time.monotonic() < until, "the Chroma server does not answer"
                time.sleep(0.05)

    def end(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def collections(self) -> set[str]:
        """Return the names of the collections that it holds."""
        client = Place(self._folder, self.url).client()
        try:
            return {found.name for found in client.list_collections()}
        finally:
            close(client)

    def delete(self, collection: str) -> None:
        """Delete a collection, as somebody else might."""
        client = Place(self._folder, self.url).client()
        client.delete_collection(collection)
        close(client)
