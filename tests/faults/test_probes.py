"""F22: probes for files of the system, the store and the settings, by every address that the server has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.deskfile import DeskFile
from app.settings import Settings
from app.uploads import Uploads
from app.web import build
from retriever import Retriever
from retriever.embedder import embedder
from retriever.intake import intake

SECRET = "只在服务器上的内容"
_WANTED = (
    "/etc/passwd", "/proc/self/environ", "/root/.bashrc", "{store}/corpus.db", "{store}/desk.db", "{store}/index.db",
    "{store}/lock", "{store}/originals/{doc}", "{store}/uploads", "{store}/../secret.txt", "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//....//etc/passwd", "file:///etc/passwd",
    "/etc/passwd%00.txt", "//etc/passwd", "corpus.db", "desk.db",
)  # fmt: skip
_DOORS = (
    "/app/gradio_api/file={}", "/app/file={}", "/app/gradio_api/file/{}", "/original/{}", "/assets/{}", "/{}",
    "/export/{}", "/app/static/{}", "/app/assets/{}", "/app/custom_component/x/y/{}", "/app/gradio_api/proxy={}",
    "/export/conversation/{}.docx", "/app/theme.css/../{}",
)  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path, str]]:
    from starlette.testclient import TestClient

    folder = tmp_path_factory.mktemp("probes")
    (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
    (folder / "方案.txt").write_text("青溪市方案\n\n由市水务局牵头。", encoding="utf-8")
    store = folder / "store"
    intake(store, [folder / "方案.txt"], embedder())
    with Retriever.open(store) as retriever, closing(DeskFile(store)) as file:
        inbox = Uploads(file, Settings(store=store), embedder(), retriever)
        app = build(lambda user: retriever, file, inbox)
        with TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False) as client:
            yield client, store, retriever.documents()[0].doc


@pytest.mark.parametrize("way", _DOORS)
def test_no_address_leads_to_a_file_that_is_not_meant(door: tuple[Any, Path, str], way: str) -> None:
    client, store, doc = door

    for wanted in _WANTED:
        response = client.get(way.format(wanted.format(store=store, doc=doc)), follow_redirects=False)
        body = response.content
        assert response.status_code in (400, 403, 404, 405, 422) or b"<!doctype html" in body[:64].lower(), (
            wanted,
            body[:80],
        )
        for telling in (b"root:", b"SQLite format 3", SECRET.encode(), "由市水务局牵头".encode()):
            assert telling not in body, wanted


def test_the_original_of_a_document_is_its_bytes_and_only_ever_kept(door: tuple[Any, Path, str]) -> None:
    client, store, doc = door

    response = client.get(f"/original/{doc}")

    assert response.content == (store / "originals" / doc).read_bytes()
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../../x.txt", "..\\..\\x.txt", "/etc/x.txt", "C:\\x.txt", "%2e%2e%2fx.txt", "a\x00.txt"]
)
def test_an_upload_is_kept_under_a_name_of_our_own(door: tuple[Any, Path, str], name: str) -> None:
    client, store, _ = door
    before = {path for path in store.parent.rglob("*") if store / "uploads" not in path.parents}

    response = client.post("/upload", params={"name": name}, content=b"x" * 9)

    after = {path for path in store.parent.rglob("*") if store / "uploads" not in path.parents}
    assert response.status_code == 200
    assert {path for path in after - before if "desk.db" not in path.name and path.name != "uploads"} == set()
    assert all(re.fullmatch(r"[0-9a-f]{32}(\.[a-z]{2,8})?", path.name) for path in (store / "uploads").iterdir())


@pytest.mark.parametrize(
    ("name", "content", "headers", "status"),
    [
        ("a.exe", b"x", {}, 415),
        ("", b"x", {}, 415),
        ("a.txt", b"x", {"content-length": str(10**12)}, 413),
        ("a.txt", b"xxxx", {"content-length": "9"}, 400),
        ("a.txt", b"x", {"origin": "https://evil.example"}, 403),
    ],
    ids=["kind", "no name", "too large", "cut off", "from elsewhere"],
)
def test_an_upload_that_cannot_be_taken_is_refused_on_its_own(
    door: tuple[Any, Path, str], name: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    client, store, _ = door
    before = set((store / "uploads").iterdir()) if (store / "uploads").exists() else set()

    response = client.post("/upload", params={"name": name}, content=content, headers=headers)

    assert response.status_code == status
    assert set((store / "uploads").iterdir() if (store / "uploads").exists() else ()) == before


def test_a_function_called_by_its_number_gives_only_what_the_page_would(door: tuple[Any, Path, str]) -> None:
    client, _, _ = door
    config = client.get("/app/config").json()

    for part in config["dependencies"]:
        assert part["api_visibility"] == "private"
        for data in ([], [None] * 4, ["../../etc/passwd"] * 4, [{"id": "x"}] * 4):
            body = {"data": data, "fn_index": part["id"], "session_hash": "probe", "event_data": {"key": "d-../../x"}}
            response = client.post("/app/gradio_api/run/predict", json=body)
            assert "root:" not in response.text
            assert "Traceback" not in response.text
