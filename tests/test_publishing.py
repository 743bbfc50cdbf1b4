"""Publishing: valid registry messages, fixed addresses, and never a half-published state."""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from ilms_sdmx import ExchangeError, OutputError, prepare_package, publish_package, read
from ilms_sdmx.outputs.exchange import Provider
from ilms_sdmx.outputs.exchange.registration import structures_message
from ilms_sdmx.structures.output import to_bytes
from tests.schemas import errors
from tests.test_changes_applied import dataset, texts
from tests.test_submission import WOMEN, WOMEN_LATER

OFFICE = Provider("PH_CFO", "CFO", "Commission on Filipinos Overseas")


def package(folder: Path, name: str, figures: object = WOMEN, time: str = "2026-01-31") -> Path:
    prepare_package(
        dataset(figures),  # type: ignore[arg-type]
        folder / name,
        to="fmr",
        sender="PH_CFO",
        prepared=time,
    )
    return folder / name


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server that knows nothing of us, over the folder `web`."""
    (tmp_path / "web").mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def get(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        content: bytes = answer.read()
        return content


def test_what_is_registered_is_there_and_is_valid(tmp_path: Path, server: str) -> None:
    publish_package(package(tmp_path, "one"), tmp_path / "web", address=server, provider=OFFICE)
    registration = get(f"{server}/current/registration.xml")
    provision = get(f"{server}/current/structures/provision.xml")
    assert errors(registration) == []
    assert errors(provision) == []
    [address] = etree.fromstring(registration).iter("{*}SimpleDataSource")
    [data] = read(get(address.text)).datasets
    assert texts(data) == texts(dataset(WOMEN))
    page = get(f"{server}/current/").decode()
    assert "registration.xml" in page
    assert "Commission on Filipinos Overseas" in page


def test_a_registration_names_the_service_too(tmp_path: Path, server: str) -> None:
    one = package(tmp_path, "one")
    said = {"address": server, "provider": OFFICE}
    publish_package(one, tmp_path / "web", service="https://cfo.example/sdmx/v1", **said)  # type: ignore[arg-type]
    registration = get(f"{server}/current/registration.xml")
    assert errors(registration) == []
    [place] = etree.fromstring(registration).iter("{*}QueryableDataSource")
    assert place.get("isRESTDatasource") == "true"
    assert [each.text for each in place] == ["https://cfo.example/sdmx/v1"]
    with pytest.raises(ExchangeError, match="expected an address"):
        publish_package(one, tmp_path / "web", service="our service", **said)  # type: ignore[arg-type]


def test_a_request_for_structures_is_valid() -> None:
    message = structures_message(to_bytes(dataflow="POP_MNAO_SEX_CDS_NB"))
    assert errors(message) == []
    assert message.count(b"<str:Dataflow ") == 1


def test_files_that_did_not_change_keep_their_time(tmp_path: Path) -> None:
    web = tmp_path / "web"
    first = package(tmp_path, "one")
    said = {"address": "https://example.org/sdmx", "provider": OFFICE}
    assert publish_package(first, web, **said).is_new
    structures = next((web / "current" / "structures").glob("DF_*.xml"))
    before = structures.stat().st_mtime_ns
    assert not publish_package(first, web, **said).is_new
    second = package(tmp_path, "two", WOMEN_LATER, "2026-02-28")
    assert publish_package(second, web, **said).is_new
    assert structures.stat().st_mtime_ns == before
    [data] = (web / "current" / "data").iterdir()
    assert texts(read(data).datasets[0]) == texts(dataset(WOMEN_LATER))


def test_a_harvester_never_meets_half_of_a_release(tmp_path: Path, server: str) -> None:
    web = tmp_path / "web"
    packages = [
        package(tmp_path, "one"),
        package(tmp_path, "two", WOMEN_LATER, "2026-02-28"),
    ]
    states = [texts(dataset(WOMEN)), texts(dataset(WOMEN_LATER))]
    said = {"address": server, "provider": OFFICE}
    publish_package(packages[0], web, **said)
    stop = threading.Event()
    failures: list[Exception] = []

    def publish() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                publish_package(packages[number % 2], web, **said)
            except Exception as error:
                failures.append(error)
                return

    publisher = threading.Thread(target=publish)
    publisher.start()
    met = set()
    try:
        for _ in range(40):
            registration = etree.fromstring(get(f"{server}/current/registration.xml"))
            [address] = registration.iter("{*}SimpleDataSource")
            [data] = read(get(address.text)).datasets
            assert texts(data) in states
            met.add(states.index(texts(data)))
            content = get(f"{server}/current/manifest.json")
            release = hashlib.sha256(content).hexdigest()[:16]
            for path, told in json.loads(content)["files"].items():
                file = web / "releases" / release / path
                if not file.parent.exists():
                    break
                assert hashlib.sha256(file.read_bytes()).hexdigest() == told
    finally:
        stop.set()
        publisher.join()
    assert failures == []
    assert met == {0, 1}


def test_what_cannot_be_published_says_why(tmp_path: Path) -> None:
    one = package(tmp_path, "one")
    with pytest.raises(ExchangeError, match="address"):
        publish_package(one, tmp_path / "web", address="our site", provider=OFFICE)
    (tmp_path / "web" / "current").mkdir(parents=True)
    said = {"address": "https://example.org", "provider": OFFICE}
    with pytest.raises(OutputError, match="in the way"):
        publish_package(one, tmp_path / "web", **said)
    [data] = (one / "data").iterdir()
    data.write_bytes(b"damaged")
    with pytest.raises(ExchangeError, match="not as it was prepared"):
        publish_package(one, tmp_path / "web", **said)
