"""What the tests share: the browser, the real documents, and the rule that CI does not pass without its browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from retriever import Retriever
from tests.chroma_server import ChromaServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Speed is measured in the benchmark, never in a test.
settings.register_profile("duban", deadline=None)
settings.register_profile("quick", settings.get_profile("duban"), max_examples=25)
settings.load_profile("duban")

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"

# With DUBAN_REQUIRE_BROWSER=1 (CI) a browser test that did not run is a failure; without it, it is a skip.
REQUIRED = os.environ.get("DUBAN_REQUIRE_BROWSER") == "1"
NO_BROWSER = "there is no Chromium: install the packages chromium and fonts-noto-cjk, or name one in DUBAN_CHROMIUM"
ARGUMENTS = [
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Return the path of a Chromium on this machine: DUBAN_CHROMIUM, else one on the PATH."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return os.environ.get("DUBAN_CHROMIUM") or next((path for path in found if path), None)


class BrowserTests:
    """Counts the browser tests that passed, wherever they ran: with several processes, in the one that gathers them."""

    def __init__(self) -> None:
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "browser" in report.keywords and report.when == "call" and report.passed:
            self.passed += 1

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == 0 and not self.passed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"browser tests passed: {self.passed}", red=not self.passed)


def pytest_configure(config: pytest.Config) -> None:
    if REQUIRED and not hasattr(config, "workerinput"):  # which a process that runs a share of the tests has
        config.pluginmanager.register(BrowserTests())


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="module")  # Playwright holds the thread's event loop: other modules may want one of their own
def browser() -> Iterator[Browser]:
    """A headless Chromium; each test opens its own page or context in it and closes it."""
    path = chromium()
    if path is None:
        (pytest.fail if REQUIRED else pytest.skip)(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    """A Chroma server for all tests; whoever ends it starts it again."""
    server = ChromaServer(tmp_path_factory.mktemp("chroma"))
    yield server.start()
    server.end()


@pytest.fixture(scope="session", params=["folder", "server"])
def chroma(request: pytest.FixtureRequest) -> str:
    """Where generations stand: "" for folders of the store, then the URL of a server."""
    return str(request.getfixturevalue("chroma_server").url) if request.param == "server" else ""


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the five real documents, which lies beside the checkout and is no part of it."""
    if not SEEDS.is_dir():
        pytest.skip("the real documents (../shared/seeds) are not on this machine")
    return SEEDS


def stored(folder: Path, documents: Path) -> Path:
    from retriever.embedder import embedder
    from retriever.intake import intake

    report = intake(folder, [documents], embedder())
    assert not report.failed
    return folder


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the demo documents, shared by all tests: who writes to it, or keeps a desk in it, copies it first."""
    return stored(tmp_path_factory.mktemp("demo") / "store", ROOT / "eval" / "suites" / "demo" / "documents")


@pytest.fixture(scope="session")
def demo(demo_store: Path) -> Iterator[Retriever]:
    """The store of the demo documents, opened for reading."""
    with Retriever.open(demo_store) as retriever:
        yield retriever


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[Retriever]:
    """A store of the five real documents, opened for reading."""
    with Retriever.open(stored(tmp_path_factory.mktemp("real") / "store", seeds)) as retriever:
        yield retriever
