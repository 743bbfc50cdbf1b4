"""What is too long, too slow or too deep ends within its bound, in little memory, with an error of ours."""

from __future__ import annotations

import gzip
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ilms_sdmx import Client, Patience, fetch
from ilms_sdmx.cli import run
from ilms_sdmx.downloads.service import Bounds, Service
from ilms_sdmx.errors import MappingError, ResponseError, TableError
from ilms_sdmx.mapping.file.nodes import parse
from ilms_sdmx.sources import SOURCES
from ilms_sdmx.tables.workbooks import read_workbook
from tests.services import undesa
from tests.services.server import LocalService, Reply, Request

MOST = 300_000_000
FETCH = """
import resource, sys
from pathlib import Path
from ilms_sdmx import Client, Patience, fetch
client = Client(Path(sys.argv[1]), sleep=lambda _: None, patience=Patience(attempts=1))
try:
    fetch(sys.argv[2], sys.argv[3], client=client, base_url=sys.argv[4], area=["THA"])
except Exception as error:
    print(type(error).__name__, error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


def fetched(folder: Path, source: str, what: str, base: str) -> tuple[str, int]:
    """Error of a fetch in a process of its own, and the most memory that it took."""
    program = [sys.executable, "-c", FETCH, str(folder), source, what, base]
    environment = os.environ | {"ILMS_SDMX_UNDESA_TOKEN": undesa.TOKEN}
    done = subprocess.run(
        program, capture_output=True, encoding="utf-8", timeout=200, check=True, env=environment
    )
    error, _, memory = done.stdout.strip().rpartition("\n")
    return error, int(memory)


def _bomb(_: Request) -> Reply:
    million = gzip.compress(b"[" * 1_000_000)
    # Gzip members one after another are one stream.
    return Reply(million * 1_500, headers={"Content-Encoding": "gzip"})


def _page(request: Request) -> Reply:
    """Page of the World Bank that says there are a million pages."""
    number = int(request.query.get("page", "1"))
    about = {"page": number, "pages": 1_000_000, "per_page": 1, "total": 1_000_000}
    row = {"indicator": {"id": "SM.POP.TOTL"}, "countryiso3code": "THA", "date": "2020"}
    return Reply(json.dumps([about, [row | {"value": 1}]]))


def _one_more(request: Request) -> Reply:
    """Page of 60 kB that says at every page that there is one more."""
    number = int(request.query.get("page", "1"))
    about = {"page": number, "pages": number + 1}
    row = {"indicator": {"id": "SM.POP.TOTL"}, "countryiso3code": "THA", "value": 1}
    rows = [row | {"date": str(1000 + year), "unit": "x" * 40} for year in range(400)]
    return Reply(json.dumps([about, rows]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("route", "message"),
    [
        (_bomb, "500,000,000 bytes are packed"),
        (lambda _: Reply(b"[" * 65_536, endless=True), "200,000,000 bytes came"),
        (_page, "pages, more than 1,000"),
        (_one_more, "pages that came have more than 30,000,000 bytes"),
    ],
    ids=["bomb", "endless", "pages", "one more"],
)
def test_what_never_ends_is_ended_in_little_memory(
    server: LocalService, tmp_path: Path, route: Callable[[Request], Reply], message: str
) -> None:
    server.on("/.*", route)
    error, memory = fetched(tmp_path, "worldbank", "SM.POP.TOTL", server.url)
    assert message in error
    assert memory < MOST
    assert not list(tmp_path.rglob("*.part"))


class OneMorePage:
    """Services whose every page says that there is one more."""

    def __init__(self, server: LocalService) -> None:
        self.server = server
        server.on("/wb/country/.*", _one_more)
        server.on("/sdg/.*", self._sdg)
        server.on("/portal/.*", self._portal)

    def _sdg(self, request: Request) -> Reply:
        row = {"geoAreaCode": "764", "timePeriodStart": 2019.0, "value": "3"}
        pages = int(request.query["page"]) + 1
        return Reply(json.dumps({"data": [row], "totalPages": pages}))

    def _portal(self, request: Request) -> Reply:
        number = int(request.query["pageNumber"]) + 1
        following = f"{self.server.url}{request.path}?pageNumber={number}"
        row = {"locationId": 764, "timeLabel": "2020", "value": 1}
        return Reply(json.dumps({"data": [row], "nextPage": following}))


@pytest.mark.parametrize(
    ("source", "what", "base"),
    [
        ("worldbank", "SM.POP.TOTL", "wb"),
        ("unsdg", "SL_EMP_FTLINJUR", "sdg"),
        ("undesa-portal", "65", "portal"),
    ],
)
def test_one_more_page_without_end_is_ended(
    server: LocalService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    what: str,
    base: str,
) -> None:
    monkeypatch.setenv("ILMS_SDMX_UNDESA_TOKEN", undesa.TOKEN)
    module = importlib.import_module(SOURCES[source].load().__module__)
    bounds = replace(module.SERVICE.bounds, pages=20)
    monkeypatch.setattr(module, "SERVICE", replace(module.SERVICE, bounds=bounds))
    OneMorePage(server)
    client = Client(tmp_path, sleep=lambda _: None, patience=Patience(attempts=1))
    with pytest.raises(ResponseError, match=r"21 pages, more than 20: ask for fewer areas"):
        fetch(source, what, client=client, base_url=f"{server.url}/{base}", area=["THA"])


@pytest.mark.parametrize(
    "reply", [Reply(drip=0.05), Reply(b"x" * 3000, pause=0.05)], ids=["headers", "body"]
)
def test_bytes_one_by_one_end_when_the_time_is_over(
    server: LocalService, tmp_path: Path, reply: Reply
) -> None:
    server.on("/a", reply)
    client = Client(tmp_path, patience=Patience(attempts=1))
    started = time.monotonic()
    service = Service("Test", server.url, bounds=replace(Bounds(), seconds=1.0))
    with pytest.raises(ResponseError, match="it took more than 1 seconds"):
        client.get(service, "a")
    assert time.monotonic() - started < 15


def test_a_deadline_ends_no_later_request(server: LocalService, tmp_path: Path) -> None:
    server.on("/a", Reply("1"))
    service = Service("Test", server.url, bounds=replace(Bounds(), seconds=0.5))
    client = Client(tmp_path, refresh=True)
    assert client.get(service, "a").content == b"1"
    time.sleep(0.7)
    assert client.get(service, "a").content == b"1"


DEEP = {
    "lists": "title: x\nnotes: " + "[" * 5_000,
    "closed": "title: x\nnotes: " + "[" * 5_000 + "]" * 5_000,
    "keys": "title: x\nnotes: " + "{a: " * 5_000,
    "dashes": "title: x\nnotes:\n  " + "- " * 5_000 + "x",
}


@pytest.mark.parametrize("name", DEEP)
def test_a_mapping_nested_without_end_is_an_error_with_its_line(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text(DEEP[name], "utf-8")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", "utf-8")
    line = 3 if name == "dashes" else 2
    started = time.monotonic()
    with pytest.raises(MappingError, match=f"line {line}: expected at most 100"):
        parse(DEEP[name], "deep.yaml")
    assert time.monotonic() - started < 5
    assert run(["convert", str(tmp_path / "t.csv"), str(path), "-o", str(tmp_path)]) == 3
    assert run(["sync", str(path)]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_brackets_in_texts_are_no_nesting() -> None:
    root = parse("# " + "[" * 300 + "\na: '" + "{[" * 300 + "'\n", "m.yaml")
    assert root.fields(("a",))["a"].text() == "{[" * 300


def test_tables_in_tables_without_end_are_an_error_of_ours() -> None:
    deep = b"<table><tr><td>" * 3_000 + b"1" + b"</td></tr></table>" * 3_000
    started = time.monotonic()
    with pytest.raises(TableError, match="more than 250 deep"):
        read_workbook(b"<html><body>" + deep, name="deep.html")
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("depth", [100, 3_000])
def test_a_good_table_before_what_is_too_deep_is_not_read_in_part(depth: int) -> None:
    good = "<table><tr><td>Laos</td><td>7</td></tr></table>"
    deep = "<div>" * depth * 3 + "x" + "</div>" * depth * 3
    with pytest.raises(TableError, match="line 2: elements lie in each other"):
        read_workbook(f"<html><body>\n{good}{deep}{good}".encode(), name="half.html")
