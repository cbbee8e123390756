"""The server: who is let in, what it sends as files, how it begins and ends."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.deskfile import DeskFile
from app.settings import Settings
from app.web import build, serve
from app.web.server import listen
from ingest.error import DubanError
from retriever.embedder import embedder
from retriever.intake import intake
from tests.fake_retriever import FakeRetriever, plan

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from starlette.testclient import TestClient

    folder = tmp_path_factory.mktemp("store")
    held = FakeRetriever(plan())
    with closing(DeskFile(folder)) as file, TestClient(build(lambda user: held, file), base_url=ADDRESS) as client:
        yield client


def test_the_page_loads_nothing_from_elsewhere_and_cannot_be_framed(client: Any) -> None:
    response = client.get("/")

    assert response.url == f"{ADDRESS}/app/"
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_page_offers_no_sharing_no_interface_and_keeps_no_history(client: Any) -> None:
    config = client.get("/app/config").json()

    assert config["footer_links"] == []
    assert not config["run_history"]
    assert not config["analytics_enabled"]
    assert client.get("/app/gradio_api/info").json()["named_endpoints"] == {}
    assert client.get("/openapi.json").status_code == client.get("/docs").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:7860", "", "localhost:7860@evil.example"])
def test_a_name_that_is_not_this_machines_is_refused(client: Any, host: str) -> None:
    response = client.get("/app/", headers={"host": host})

    assert response.status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9", "null"])
def test_a_request_from_another_site_is_refused(client: Any, origin: str) -> None:
    response = client.post("/app/gradio_api/run/predict", json={"data": []}, headers={"origin": origin})

    assert response.status_code == 403


def test_a_port_in_use_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(DubanError, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_a_folder_with_other_things_in_it_does_not_become_a_store(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")

    with pytest.raises(DubanError, match="--store"):
        serve(Settings(store=tmp_path), embedder(), "127.0.0.1", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_ctrl_c_ends_the_server_quietly_while_a_page_is_open(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("河道清淤由市水务局牵头。\n", encoding="utf-8")
    intake(tmp_path / "store", [tmp_path / "a.txt"], embedder())
    script = (
        "import sys, pathlib; from app.settings import Settings; from app.web import serve;"
        " from retriever.embedder import embedder;"
        " serve(Settings(store=pathlib.Path(sys.argv[1])), embedder(), '127.0.0.1', 0)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "store")]

    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr
        said = process.stderr.readline()
        port = int(re.findall(r":(\d+)/", said)[0])
        stream = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        stream.request("GET", "/app/gradio_api/heartbeat/reader")
        opened = stream.getresponse().status
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        code = process.wait(20)
        stream.close()

    assert opened == 200
    assert (code, rest) == (0, "")


def test_each_tab_has_a_state_of_its_own_that_is_like_any_other(client: Any) -> None:
    from gradio.state_holder import SessionState

    holder = next(route.app for route in client.app.routes if route.path == "/app").state_holder
    first, other = holder["first"], holder["other"]
    known = SessionState(holder.blocks).config_values
    part = next(key for key, config in known.items() if "props" in config)

    first._update_value_in_config(part, "of the first reader")

    assert holder["first"] is first
    assert other.config_values == holder["third"].config_values == known
    assert first.config_values[part]["props"]["value"] == "of the first reader"
    assert other.blocks_config.blocks == first.blocks_config.blocks
    assert other.blocks_config.fns.keys() == holder.blocks.fns.keys()
