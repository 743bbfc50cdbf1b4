"""Fixtures and profiles of the whole suite."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.services.receivers import Registry, StatSuite

SHARED = Path(__file__).parents[2] / "shared"

settings.register_profile(
    "gate",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("gate")


@pytest.fixture
def shared() -> Path:
    """Folder of reference material beside the checkout; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("reference material is not beside this checkout")
    return SHARED


@pytest.fixture
def stat() -> Iterator[StatSuite]:
    """Receiver that answers as .Stat Suite does."""
    service = StatSuite()
    yield service
    service.close()


@pytest.fixture
def registry() -> Iterator[Registry]:
    """Receiver that answers as an SDMX registry does."""
    service = Registry()
    yield service
    service.close()


CHROMIUM = (
    shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--virtual-time-budget=15000",
]


@dataclass(frozen=True)
class Visit:
    """What happened when a page was opened."""

    dom: str
    console: list[str]
    requests: list[str]

    def result(self) -> object:
        """What the script of the visit left behind."""
        found = re.search(
            r'<script type="application/json" id="visit">(.*?)</script>', self.dom, re.S
        )
        assert found, "the script of the visit did not finish"
        return json.loads(found.group(1))


@dataclass(frozen=True)
class Browser:
    """Headless Chromium with a profile of its own in `folder`."""

    folder: Path

    def visit(self, page: str, script: str = "") -> Visit:
        """Open a page; `script` is the body of an async function whose answer `Visit.result` gives."""
        log = self.folder / "net.json"
        before, end, after = page.rpartition("</body>")
        driven = before + (_driver(script) if script else "") + end + after
        run = self._run(driven, "--dump-dom", f"--log-net-log={log}")
        return Visit(run.stdout, re.findall(r"CONSOLE.*", run.stderr), _requests(log))

    def printed(self, page: str) -> bytes:
        """PDF of a page as the print dialogue gives it."""
        target = self.folder / "page.pdf"
        self._run(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")
        return target.read_bytes()

    def _run(self, page: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = self.folder / "page.html"
        path.write_text(page, "utf-8")
        profile = f"--user-data-dir={self.folder / 'profile'}"
        command = [str(CHROMIUM), *FLAGS, profile, *arguments, path.as_uri()]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=120, check=True
        )


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """Headless Chromium; the test skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    return Browser(tmp_path)


def _driver(script: str) -> str:
    return (
        "<script>addEventListener('load', async () => {"
        "const answer = await (async () => {" + script + "})();"
        "const node = document.createElement('script'); node.type = 'application/json'; node.id = 'visit';"
        "node.textContent = JSON.stringify(answer); document.body.append(node);});</script>"
    )


def _requests(log: Path) -> list[str]:
    """Addresses outside the file that the page asked for; Chromium's own errands have no origin."""
    pattern = r'"initiator":"(?!not an origin)[^"]*".*?"url":"((?:https?|wss?|ftp):[^"]*)"'
    urls = re.findall(pattern, log.read_text("utf-8"))
    return sorted(set(urls))
