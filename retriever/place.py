"""Where a generation of vectors stands: in a folder of the store, or as a collection on a Chroma server.

The file `generations/<name>.lock` says which, so that it is known before anything is written and after any crash.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from ingest.error import DubanError

_WAIT = 2.0  # seconds in which a server has to say that it is there
_PATIENCE = 5.0  # seconds in which it has to answer a question, where its client would wait for ever


class PlaceError(DubanError):
    """You meet this when the setting for a Chroma server is no address of one."""


class Unreachable(Exception):
    """You meet this inside the room when a Chroma server does not answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one generation.

    folder: `generations/<name>` in the store; beside it lie `<name>.lock` and `<name>.json`, on a server, too.
    url: of the Chroma server that holds the collection; "" where it lies in the folder.
    collection: its name.
    own: whether this store made it. A copy of a store reads what the original has on a server, and does not delete it.
    """

    folder: Path
    url: str = ""
    collection: str = "chunks"
    own: bool = True

    @classmethod
    def new(cls, folder: Path, url: str) -> Self:
        """Return the place of a generation that is to be built, and write it down."""
        place = cls(folder, url, f"duban-{uuid.uuid4().hex}") if url else cls(folder)
        with place.lock.open("x", encoding="utf-8") as file:
            if url:
                inode = os.fstat(file.fileno()).st_ino
                file.write(json.dumps({"url": url, "collection": place.collection, "inode": inode}))
                file.flush()
                os.fsync(file.fileno())
        return place

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return the place of a generation that was begun; one whose lock file says nothing lies in its folder."""
        try:
            said = json.loads(cls(folder).lock.read_text(encoding="utf-8"))
            own = said["inode"] == cls(folder).lock.stat().st_ino
            return cls(folder, str(said["url"]), str(said["collection"]), own)
        except (OSError, ValueError, KeyError, TypeError):
            return cls(folder)

    @property
    def lock(self) -> Path:
        """Return the file that is shared by whoever serves from the generation."""
        return self.folder.with_suffix(".lock")

    @property
    def marker(self) -> Path:
        """Return the file that says what the generation holds, written when it was checked."""
        return self.folder.with_suffix(".json")

    def client(self, patience: float = _PATIENCE) -> Any:
        """Return a Chroma client; the folder is made where it does not exist.

        Args:
            patience: seconds in which a server has to answer each request.

        Raises:
            Unreachable: the server does not answer.
        """
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if not self.url:
            return chromadb.PersistentClient(str(self.folder.resolve()), settings=settings)
        _alive(self.url)
        parts = urlsplit(self.url)
        client = chromadb.HttpClient(
            str(parts.hostname), parts.port or 8000, ssl=parts.scheme == "https", settings=settings
        )
        client._server._session.timeout = patience  # type: ignore[attr-defined] # no setting reaches it
        return client

    def count(self) -> int:
        """Return how many chunks the collection on the server holds.

        Raises:
            Unreachable: the server does not answer, or has no such collection.
        """
        try:
            with _closing(self.client()) as client:
                return int(client.get_collection(self.collection, embedding_function=None).count())
        except Unreachable:
            raise
        except Exception as error:  # Chroma and its transport have no error in common
            raise Unreachable(f"Chroma 服务 {self.url} 没有向量索引 {self.collection}（{error}）") from error

    def delete(self, url: str) -> bool:
        """Delete what was written, and return whether nothing is left of it.

        Args:
            url: of the server that may be asked; what stands on another is left alone.
        """
        if self.url and self.own:
            if self.url != url:
                return False
            try:
                with _closing(self.client()) as client:
                    if self.collection in [found.name for found in client.list_collections()]:
                        client.delete_collection(self.collection)
            except Exception:  # whatever it is, the next time may do
                return False
        shutil.rmtree(self.folder, ignore_errors=True)
        for suffix in (".json", ".json.part", ".npy"):
            self.folder.with_suffix(suffix).unlink(missing_ok=True)
        return True


def address(url: str) -> str:
    """Return the URL of a Chroma server in the form in which it is kept; "" for none.

    Raises:
        PlaceError: it is no such URL.
    """
    if not url:
        return ""
    parts = urlsplit(url.strip().rstrip("/"))
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.path or parts.query:
        raise PlaceError(f"{url!r} 不是 Chroma 服务的地址：应如 http://127.0.0.1:8000")
    if parts.username or parts.password:
        raise PlaceError("Chroma 服务的地址里不能写用户名和密码：Chroma 自身没有登录，请只放在本机或内网")
    return parts.geturl()


def close(client: Any) -> None:
    """Close a Chroma client, and its connections to a server, which it leaves open."""
    sessions = [getattr(part._server, "_session", None) for part in (client, client._admin_client)]
    client.close()
    for session in filter(None, sessions):
        session.close()


@contextlib.contextmanager
def _closing(client: Any) -> Iterator[Any]:
    try:
        yield client
    finally:
        close(client)


def _alive(url: str) -> None:
    """Ask the server whether it is there; its client would wait for ever for one that hangs."""
    import urllib.error
    import urllib.request

    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a server of ours is behind no proxy
        with opener.open(f"{url}/api/v2/heartbeat", timeout=_WAIT) as said:
            json.load(said)["nanosecond heartbeat"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Unreachable(f"Chroma 服务 {url} 没有应答（{why}）") from error
