"""No answer is believed before it is understood: every source against services that answer badly."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Client, Harmonised, Patience, fetch
from ilms_sdmx.downloads.service import Service
from ilms_sdmx.errors import FetchError, ResponseError, UnavailableError
from ilms_sdmx.sources import SOURCES
from tests.services import undesa
from tests.services.ilostat import FLOW, Ilostat
from tests.services.others import Others
from tests.services.server import LocalService, Reply, Request, Route


@dataclass(frozen=True)
class Case:
    """How a source is asked, where its data are, and in which form they come."""

    what: str
    path: str
    data: str
    form: str
    options: dict[str, object]

    def fetch(self, source: str, client: Client, server: LocalService) -> Harmonised:
        base = f"{server.url}/{self.path}"
        return fetch(source, self.what, client=client, base_url=base, **self.options)


SDMX = "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)"
CASES = {
    "ilostat": Case(FLOW, "rest", "/rest/data/.*", "csv", {"area": ["IDN", "PHL"]}),
    "ilostat-bulk": Case(FLOW, "", "/data/indicator", "csv", {"area": ["IDN"]}),
    "undesa-stock": Case("bilateral", "files", "/files/(.*)", "xlsx", {"edition": "2020"}),
    "undesa-portal": Case("65", "api/v1", "/api/v1/data/.*", "json", {"area": ["CHE"]}),
    "undesa-wpp": Case("NetMigrations", "wpp", "/wpp/.*", "gz", {"area": ["CHE", "THA"]}),
    "worldbank": Case("SM.POP.TOTL", "wb", "/wb/country/.*", "json", {"area": ["THA"]}),
    "oecd": Case("B15", "oecd", "/oecd/data/.*", "csv", {"area": ["USA"]}),
    "eurostat": Case("migr_pop3ctb", "eurostat", "/eurostat/data/.*", "json", {}),
    "unsdg": Case("SL_EMP_FTLINJUR", "sdg", "/sdg/Series/Data", "json", {}),
    "sdmx": Case(SDMX, "oecd", "/oecd/data/.*", "csv", {"key": "USA......."}),
}

Spoil = Callable[[bytes], "Reply"]


def _chunked(body: bytes | str) -> Reply:
    return Reply(body, chunked=True)


def _half(body: bytes) -> Reply:
    return _chunked(body[: len(body) // 2 - 9])


def _zeros(body: bytes) -> Reply:
    middle = len(body) // 2
    return _chunked(body[:middle] + b"\0" * 40 + body[middle:])


def _plain(text: str) -> Spoil:
    return lambda _: Reply(text, headers={"Content-Type": "text/plain"})


XHTML = '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"></html>'
#: Kinds of answers with status 200 that are no data of any source.
KINDS: dict[str, Spoil] = {
    "maintenance": _plain("The portal is being updated. Come back at 18:00."),
    "oracle": _plain("ORA-12541: TNS:no listener"),
    "page after a comment": _plain("<!-- proxy 7 -->\n<html><body>Login</body></html>"),
    "xhtml": _plain(XHTML),
    "null": _plain("null"),
    "number": _plain("503"),
    "text in JSON": _plain('"busy"'),
    "error object": _plain('{"error": {"code": 17, "message": "no cursor"}}'),
    "object of lists": _plain('{"data": {"a": 1}, "value": 3}'),
    "empty list": _plain("[[], {}]"),
    "half": _half,
    "binary": lambda _: Reply(bytes(range(128, 256)) * 8),
    "zeros": _zeros,
    "length": lambda body: Reply(body, length="abc"),
    "longer": lambda body: Reply(body, length=str(len(body) + 9), cut=len(body)),
    "redirect": lambda _: Reply("", 302, {"Location": "http://[::bad"}),
    "elsewhere": lambda _: Reply("", 307, {"Location": "http://169.254.169.254/latest"}),
}
#: Kinds that only a table of text can have.
TEXT_KINDS: dict[str, Spoil] = {
    "server error": lambda body: Reply(body.rstrip(b"\n") + b"\nServer Error\n"),
    "ragged": lambda body: Reply(body.rstrip(b"\n") + b",7,7\n"),
    "short line": lambda body: Reply(body.rstrip(b"\n") + b"\nTHA,A,1\n"),
    "no values": lambda body: Reply(_without_values(body)),
}


def _without_values(body: bytes) -> bytes:
    lines = body.removeprefix(b"\xef\xbb\xbf").decode().splitlines()
    names = [name.strip('"').upper() for name in lines[0].split(",")]
    place = names.index("OBS_VALUE")
    kept = []
    for line in lines:
        cells = line.split(",")
        kept.append(",".join(cells[:place] + cells[place + 1 :]))
    return "\n".join(kept).encode()


def _tried() -> list[object]:
    """Every source with every kind; one source a kind, and two kinds a source, in the gate."""
    sources = list(CASES)
    tried: list[object] = []
    for number, kind in enumerate(KINDS | TEXT_KINDS):
        for place, source in enumerate(sources):
            if kind in TEXT_KINDS and CASES[source].form != "csv":
                continue
            is_sample = kind in ("maintenance", "half") or (number + place) % 10 == 0
            marks = [] if is_sample or kind in TEXT_KINDS else [pytest.mark.slow]
            tried.append(pytest.param(source, kind, marks=marks))
    return tried


class Misbehaving:
    """The local services, whose data can be spoiled for as long as one wishes."""

    def __init__(self, server: LocalService) -> None:
        self.server = server
        Ilostat(server)
        undesa.Undesa(server)
        Others(server)

    def spoil(self, case: Case, spoil: Spoil) -> None:
        """Answer queries of data with a spoiled answer from now on."""
        good = next(route for pattern, route in self.server.routes if pattern == case.data)
        self.server.routes.insert(0, (case.data, _spoiled(good, spoil)))

    def heal(self) -> None:
        """Answer as before."""
        del self.server.routes[0]


def _spoiled(good: Route, spoil: Spoil) -> Route:
    def route(request: Request) -> Reply:
        reply = good(request)
        return spoil(reply.bytes) if reply.status == 200 else reply

    return route


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Misbehaving]:
    monkeypatch.setenv("ILMS_SDMX_UNDESA_TOKEN", undesa.TOKEN)
    with LocalService() as server:
        yield Misbehaving(server)


def _client(folder: Path, **how: object) -> Client:
    return Client(folder, sleep=lambda _: None, patience=Patience(attempts=2), **how)  # type: ignore[arg-type]


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.data")}


def test_every_source_is_tried() -> None:
    assert set(CASES) == set(SOURCES)


@pytest.mark.parametrize(("source", "kind"), _tried())
def test_a_bad_answer_is_kept_nowhere_and_the_good_copy_stays(
    services: Misbehaving, tmp_path: Path, source: str, kind: str
) -> None:
    case = CASES[source]
    spoil = (KINDS | TEXT_KINDS)[kind]
    services.spoil(case, spoil)
    with pytest.raises(FetchError) as caught:
        case.fetch(source, _client(tmp_path / "new"), services.server)
    assert caught.value.exit_code == 4
    services.heal()
    good = case.fetch(source, _client(tmp_path / "new"), services.server)
    assert len(good)
    kept = _files(tmp_path / "new")
    services.spoil(case, spoil)
    with pytest.raises(FetchError):
        case.fetch(source, _client(tmp_path / "new", refresh=True), services.server)
    assert _files(tmp_path / "new").items() >= kept.items()
    away = case.fetch(source, _client(tmp_path / "new", offline=True), services.server)
    pd.testing.assert_frame_equal(away.dataset.observations, good.dataset.observations)
    if kind not in ("longer", "length"):
        assert not list((tmp_path / "new").rglob("*.part"))


@pytest.mark.parametrize("source", CASES)
def test_a_bad_answer_is_asked_for_again(
    services: Misbehaving, tmp_path: Path, source: str
) -> None:
    case = CASES[source]
    services.server.next(case.data, Reply("We are moving house."))
    assert len(case.fetch(source, _client(tmp_path), services.server))


def test_the_error_names_the_copy_that_is_kept(services: Misbehaving, tmp_path: Path) -> None:
    case = CASES["eurostat"]
    case.fetch("eurostat", _client(tmp_path), services.server)
    services.spoil(case, KINDS["half"])
    with pytest.raises(
        ResponseError, match=r"2 attempts; a copy of 20\d\d-.*use it with offline"
    ):
        case.fetch("eurostat", _client(tmp_path, refresh=True), services.server)


@pytest.mark.parametrize("source", [s for s, case in CASES.items() if case.form == "json"])
def test_a_byte_order_mark_is_read(services: Misbehaving, tmp_path: Path, source: str) -> None:
    case = CASES[source]
    services.spoil(case, lambda body: Reply(b"\xef\xbb\xbf" + body))
    assert len(case.fetch(source, _client(tmp_path), services.server))


@pytest.mark.parametrize(
    ("source", "names"),
    [("worldbank", ("total", "per_page")), ("unsdg", ("totalElements", "size"))],
)
def test_fewer_rows_than_the_service_counts_are_refused(
    services: Misbehaving, tmp_path: Path, source: str, names: tuple[str, str]
) -> None:
    def count(body: bytes) -> Reply:
        page = json.loads(body.rstrip(b"\0"))
        about = page[0] if isinstance(page, list) else page
        about |= {names[0]: 33, names[1]: 20}
        return Reply(json.dumps(page))

    services.spoil(CASES[source], count)
    with pytest.raises(ResponseError, match="the service counts 20"):
        CASES[source].fetch(source, _client(tmp_path), services.server)


def test_a_copy_that_cannot_be_read_any_more_is_fetched_anew(
    services: Misbehaving, tmp_path: Path
) -> None:
    server = services.server
    server.on("/plain", Reply('{"a": 1}'))
    service = Service("Test", server.url)
    client = _client(tmp_path)
    client.get(service, "plain")
    readings: list[bytes] = []

    def strict(download: object) -> int:
        readings.append(b"read")
        if len(readings) < 3:
            raise KeyError("of an older release")
        return 5

    assert client.read(strict, service, "plain")[1] == 5
    assert len(server.log) == 2


def test_a_stale_copy_that_cannot_be_read_is_not_confirmed(
    services: Misbehaving, tmp_path: Path
) -> None:
    server = services.server
    answers = [Reply("old", headers={"ETag": '"1"'}), Reply("new", headers={"ETag": '"2"'})]

    def route(request: Request) -> Reply:
        if "if-none-match" in request.headers:
            return Reply(status=304)
        return answers.pop(0)

    server.on("/etag", route)
    service = Service("Test", server.url)
    client = _client(tmp_path, refresh=True)
    client.get(service, "etag")

    def new_only(download: object) -> bytes:
        content: bytes = download.content  # type: ignore[attr-defined]
        if content != b"new":
            raise ValueError(content)
        return content

    assert client.read(new_only, service, "etag")[1] == b"new"


def test_offline_a_copy_that_cannot_be_read_is_an_error(
    services: Misbehaving, tmp_path: Path
) -> None:
    services.server.on("/plain", Reply("1"))
    service = Service("Test", services.server.url)
    _client(tmp_path).get(service, "plain")
    with pytest.raises(ResponseError, match="cannot be read"):
        _client(tmp_path, offline=True).read(lambda _: 1 // 0, service, "plain")


def test_a_no_of_the_service_is_not_asked_again(services: Misbehaving, tmp_path: Path) -> None:
    case = CASES["worldbank"]
    empty = json.dumps([{"page": 0, "pages": 0, "total": 0}, None])
    services.spoil(case, lambda _: Reply(empty))
    with pytest.raises(FetchError, match="no data"):
        case.fetch("worldbank", _client(tmp_path), services.server)
    assert len([r for r in services.server.log if "/country/" in r.path]) == 1
    assert not _files(tmp_path)


def test_numbers_of_retry_after_in_other_scripts_are_no_seconds(
    services: Misbehaving, tmp_path: Path
) -> None:
    case = CASES["unsdg"]
    services.spoil(case, lambda _: Reply("", 503, {"Retry-After": "²"}))
    with pytest.raises(UnavailableError, match="2 attempts"):
        case.fetch("unsdg", _client(tmp_path), services.server)


def test_a_table_packed_twice_over_is_read_to_its_end(
    services: Misbehaving, tmp_path: Path
) -> None:
    case = CASES["undesa-wpp"]

    def in_two(body: bytes) -> Reply:
        plain = gzip.decompress(body)
        middle = len(plain) // 2
        return Reply(gzip.compress(plain[:middle]) + gzip.compress(plain[middle:]))

    services.spoil(case, in_two)
    assert len(case.fetch("undesa-wpp", _client(tmp_path), services.server))
