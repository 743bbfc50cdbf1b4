"""Downloads are cached, paced, patient, whole, and silent about tokens; all over real HTTP."""

import hashlib
import logging
import os
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from ilms_sdmx import Client, Patience
from ilms_sdmx.downloads.secret import Secret, find_token, public
from ilms_sdmx.downloads.service import Fault, Service, TooLargeError
from ilms_sdmx.downloads.transport import allow_legacy_tls, session, translated
from ilms_sdmx.errors import FetchError, NotFoundError, ResponseError, UnavailableError
from tests.services.server import LocalService, Reply, Request, gzipped, ranged

TOKEN = "ey.J0-very-secret_token"


class Time:
    """Clock that only waiting moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, tzinfo=UTC)
        self.waits: list[float] = []

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(tmp_path: Path, time: Time) -> Client:
    return Client(
        tmp_path / "cache", clock=time, sleep=time.sleep, patience=Patience(attempts=3)
    )


def service(server: LocalService, **how: object) -> Service:
    return Service("Test", server.url, licence="CC BY 4.0", **how)  # type: ignore[arg-type]


def test_a_download_says_what_it_is(server: LocalService, client: Client) -> None:
    server.on(
        "/a.csv",
        Reply(
            "x\n1\n", headers={"Content-Type": "text/csv", "Last-Modified": "Mon, 02 Nov 2026"}
        ),
    )
    got = client.get(service(server), "a.csv", {"key": "THA+MYS,LAO"})
    assert (got.source, got.licence, got.edition) == ("Test", "CC BY 4.0", "Mon, 02 Nov 2026")
    assert got.url == f"{server.url}/a.csv?key=THA+MYS,LAO"
    assert got.retrieved == "2026-11-21T00:00:00+00:00"
    assert got.sha256 == hashlib.sha256(b"x\n1\n").hexdigest()
    assert (got.content, got.state) == (b"x\n1\n", "fetched")
    assert server.log[0].headers["user-agent"].startswith("ilms-sdmx/")
    assert server.log[0].headers["accept-language"] == "en"


def test_a_fresh_copy_is_not_asked_for_again(
    server: LocalService, client: Client, time: Time
) -> None:
    server.on("/a", Reply("1"))
    client.get(service(server), "a")
    assert client.get(service(server), "a").state == "cached"
    assert len(server.log) == 1
    time.at += timedelta(days=2)
    assert client.get(service(server), "a").state == "unchanged"
    assert len(server.log) == 2


def test_a_stale_copy_is_revalidated(server: LocalService, client: Client, time: Time) -> None:
    server.on("/a", ranged(b"body"))
    first = client.get(service(server), "a")
    time.at += timedelta(days=2)
    again = client.get(service(server), "a")
    assert (again.state, again.content, again.retrieved) == (
        "unchanged",
        b"body",
        first.retrieved,
    )
    assert again.checked > first.checked
    assert client.get(service(server), "a").state == "cached"


def test_damaged_bytes_are_fetched_again(server: LocalService, client: Client) -> None:
    server.on("/a", Reply("good"))
    client.get(service(server), "a").path.write_bytes(b"bad!")
    assert client.get(service(server), "a").content == b"good"


def test_offline_answers_from_the_cache_or_says_so(
    server: LocalService, client: Client, time: Time
) -> None:
    server.on("/a", Reply("1"))
    client.get(service(server), "a")
    time.at += timedelta(days=400)
    away = Client(client.cache.folder, offline=True, clock=time)
    assert away.get(service(server), "a").content == b"1"
    with pytest.raises(UnavailableError, match="offline, and not in the cache"):
        away.get(service(server), "b")
    assert len(server.log) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_failures_are_tried_again(
    server: LocalService, client: Client, time: Time, status: int
) -> None:
    server.on("/a", Reply("1"))
    server.next("/a", Reply("busy", status), Reply("busy", status))
    assert client.get(service(server), "a").content == b"1"
    assert time.waits == [1, 2]


def test_retry_after_is_honoured_in_seconds_and_as_a_date(
    server: LocalService, client: Client, time: Time
) -> None:
    server.on("/a", Reply("1"))
    date = "Sat, 21 Nov 2026 00:01:10 GMT"
    server.next(
        "/a", Reply("", 429, {"Retry-After": "40"}), Reply("", 503, {"Retry-After": date})
    )
    client.get(service(server), "a")
    assert time.waits == [40, 30]


def test_a_service_that_asks_for_an_hour_is_left_alone(
    server: LocalService, client: Client, time: Time
) -> None:
    server.on("/a", Reply("", 503, {"Retry-After": "3600"}))
    with pytest.raises(UnavailableError, match="asks to wait 3600 s"):
        client.get(service(server), "a")
    assert time.waits == []


def test_a_burst_of_403_passes_where_there_is_a_shield(
    server: LocalService, client: Client, time: Time
) -> None:
    server.on("/a", Reply("1"))
    server.next("/a", Reply("Access is denied", 403))
    assert client.get(service(server, burst_403=True), "a").content == b"1"
    assert time.waits == [30]
    server.next("/b", Reply("Access is denied", 403))
    with pytest.raises(NotFoundError, match="refuses"):
        client.get(service(server), "b")


def test_when_all_attempts_fail_the_kept_copy_is_named(
    server: LocalService, client: Client, time: Time
) -> None:
    server.on("/a", Reply("1"))
    client.get(service(server), "a")
    time.at += timedelta(days=2)
    server.next("/a", *[Reply("", 500)] * 3)
    with pytest.raises(UnavailableError, match="3 attempts; a copy of 2026-11-21 is kept"):
        client.get(service(server), "a")


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply("nothing here", 404), NotFoundError, "HTTP 404: nothing here"),
        (Reply("", 401, {"WWW-Authenticate": "Bearer"}), NotFoundError, "token"),
        (Reply("slots", 422), NotFoundError, "slot"),
        (Reply("too many", 413), TooLargeError, "fewer areas"),
        (Reply("no", 501), ResponseError, "not implement"),
        (Reply("no", 406), ResponseError, "report it"),
        (Reply("<!DOCTYPE html><p>moved"), ResponseError, "found a web page"),
        (Reply("\ufeff  <HTML>moved"), ResponseError, "found a web page"),
        (Reply("<html>Just a moment...</html>"), UnavailableError, "shield"),
        (Reply(b""), UnavailableError, "empty"),
        (Reply(b"PK\x03\x04 half a workbook"), UnavailableError, "incomplete"),
        (Reply("oops", headers={"Content-Encoding": "br"}), ResponseError, "found br"),
        (Reply("", 302, {"Location": "/a"}), ResponseError, "circles"),
    ],
)
def test_an_answer_that_is_no_data_is_an_error_that_says_what_to_do(
    server: LocalService, client: Client, reply: Reply, error: type[FetchError], message: str
) -> None:
    server.on("/a", reply)
    with pytest.raises(error, match=message) as caught:
        client.get(service(server), "a")
    assert caught.value.url == f"{server.url}/a"
    assert not list(client.cache.folder.rglob("*.data"))


@pytest.mark.parametrize(
    "broken",
    [
        Reply(b"0123456789", cut=4),
        gzipped(b"0123456789" * 100, cut=-9),
        Reply(b"PK\x03\x04 half"),
        Reply(b""),
    ],
    ids=["cut", "gzip", "zip", "empty"],
)
def test_half_an_answer_is_no_answer(
    server: LocalService, client: Client, broken: Reply
) -> None:
    server.on("/a", Reply("0123456789"))
    server.next("/a", broken)
    assert client.get(service(server), "a").content == b"0123456789"


def test_a_large_file_is_resumed_where_it_broke_off(
    server: LocalService, client: Client
) -> None:
    body = bytes(range(256)) * 400
    server.on("/a", ranged(body))
    server.next(
        "/a", Reply(body, headers={"ETag": '"v1"', "Accept-Ranges": "bytes"}, cut=70000)
    )
    assert client.get(service(server), "a").content == body
    assert server.log[1].headers["range"].startswith("bytes=")


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    server: LocalService, client: Client
) -> None:
    server.on("/a", ranged(b"new" * 50000, '"v2"'))
    server.next("/a", Reply(b"old" * 50000, headers={"ETag": '"v1"'}, cut=70000))
    assert client.get(service(server), "a").content == b"new" * 50000


def test_gzip_is_undone(server: LocalService, client: Client) -> None:
    server.on("/a", gzipped(b"plain" * 99))
    assert client.get(service(server), "a").content == b"plain" * 99


def test_a_redirect_is_followed_and_slow_answers_time_out(
    server: LocalService, client: Client
) -> None:
    server.on("/a", Reply("", 302, {"Location": "/legacy/a"}))
    server.on("/legacy/a", Reply("1"))
    assert client.get(service(server), "a").content == b"1"
    server.on("/slow", Reply("1", delay=0.5))
    with pytest.raises(UnavailableError, match="in time"):
        client.get(service(server, timeout=(1.0, 0.05)), "slow")


def test_an_error_dressed_as_an_answer_is_an_error(
    server: LocalService, client: Client
) -> None:
    faults = (Fault("Server Error", UnavailableError, "down", frozenset({200})),)
    server.on("/a", Reply("1"))
    server.next("/a", Reply("Server Error in '/'"))
    assert client.get(service(server, faults=faults), "a").content == b"1"
    assert len(server.log) == 2


def test_at_most_two_at_once_in_the_order_asked(server: LocalService, client: Client) -> None:
    server.on("/.*", lambda r: Reply(r.path, delay=0.05))
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda n: client.get(service(server), f"p{n}"), range(6)))
    assert [d.text() for d in got] == [f"/p{n}" for n in range(6)]
    assert server.busiest <= 2


def test_requests_to_one_host_are_paced(client: Client, time: Time, tmp_path: Path) -> None:
    remote = Service("Test", "http://example.invalid", pace=3.0)
    for _ in range(3):
        client._pace(remote, "http://example.invalid/a")
    assert time.waits == [3, 3]


def test_no_server_is_unavailable(client: Client) -> None:
    with pytest.raises(
        UnavailableError, match=r"no connection to the service: check the network.*3 attempts"
    ):
        client.get(Service("Test", "http://127.0.0.1:9"), "a")


def test_the_cache_is_cleared_of_what_is_old_and_of_nothing_else(
    server: LocalService, client: Client
) -> None:
    server.on("/.*", lambda r: Reply(r.path))
    old, young = (client.get(service(server), name) for name in ("old", "young"))
    folder = old.path.parent
    mine = folder / "notes.json"
    mine.write_text("{}", encoding="utf-8")
    ago = datetime.now(UTC) - timedelta(days=40)
    for path in (*folder.glob("old*"), young.path, mine):
        os.utime(path, (ago.timestamp(), ago.timestamp()))
    count, size = client.cache.clear(ago + timedelta(days=10))
    assert count == 2
    assert size > len("/old")
    assert not old.path.exists()
    assert young.content == b"/young"
    assert client.get(service(server), "young").state == "cached"
    assert mine.exists()
    assert client.cache.clear(datetime.now(UTC) + timedelta(days=1))[0] == 2
    assert not young.path.exists()
    assert mine.exists()


def test_missing_certificates_are_not_blamed_on_the_cache(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(UnavailableError, match="REQUESTS_CA_BUNDLE names no file"):
        client.get(Service("Test", "https://127.0.0.1:9"), "a")


def test_every_exception_of_requests_becomes_ours() -> None:
    kinds = [
        e
        for e in vars(requests.exceptions).values()
        if isinstance(e, type) and issubclass(e, OSError)
    ]
    assert len(kinds) > 15
    for kind in kinds:
        made = (
            kind("x", "", 0)
            if issubclass(kind, ValueError) and kind.__name__ == "JSONDecodeError"
            else kind("x")
        )
        if isinstance(made, requests.exceptions.RequestException):
            with pytest.raises(FetchError), translated("http://h/"):
                raise made


def test_a_token_is_sent_and_shown_nowhere(
    server: LocalService, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = find_token(
        "ILMS_TEST_TOKEN", "http://h", {"ILMS_TEST_TOKEN": f" Bearer {TOKEN}\n"}
    )
    server.on(
        "/data",
        lambda r: Reply(
            "ok" if r.headers.get("authorization") == f"Bearer {TOKEN}" else "", 200
        ),
    )
    server.on("/echo", lambda r: Reply(f"you sent {r.headers['authorization']}", 400))
    server.on("/parrot", lambda r: Reply(f"you sent {r.headers['authorization']}"))
    assert client.get(service(server), "data", secret=secret).content == b"ok"
    shown = [repr(secret), str(secret), repr(client), repr(vars(client))]
    for path in ("echo", "parrot"):
        with pytest.raises(ResponseError) as caught:
            client.get(service(server), path, secret=secret)
        shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    shown += [caplog.text]
    assert not any(TOKEN in text for text in shown)
    files = [p for p in client.cache.folder.rglob("*") if p.is_file()]
    assert files
    assert not any(TOKEN.encode() in p.read_bytes() for p in files)


def test_a_token_does_not_follow_to_another_host(server: LocalService, client: Client) -> None:
    with LocalService() as other:
        other.on("/a", Reply("1"))
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        server.on("/a", Reply("", 302, {"Location": f"{elsewhere}/a"}))
        client.get(service(server), "a", secret=Secret(TOKEN))
        assert "authorization" not in other.log[0].headers


@pytest.mark.parametrize("token", ["", "Bearer ", "two words", "line\nbreak", "ümlaut"])
def test_what_cannot_be_a_token_is_refused_unseen(token: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        Secret(token, "http://h")
    assert token.strip() == "" or token not in str(caught.value) or token.strip() == "Bearer"


def test_a_missing_token_says_where_to_put_it() -> None:
    with pytest.raises(NotFoundError, match="set ILMS_NO_TOKEN"):
        find_token("ILMS_NO_TOKEN", "http://h", {})


def test_addresses_are_shown_without_secrets() -> None:
    assert (
        public("https://me:pw@h/a?x=1&token=abc&api_key=z")
        == "https://h/a?x=1&token=***&api_key=***"
    )


def test_two_clients_at_once_fetch_an_address_once(
    server: LocalService, client: Client, time: Time
) -> None:
    seen: list[Request] = []

    def slow(request: Request) -> Reply:
        seen.append(request)
        return Reply("1", delay=0.2)

    server.on("/a", slow)
    other = Client(client.cache.folder, clock=time, sleep=time.sleep)
    threads = [
        threading.Thread(target=c.get, args=(service(server), "a")) for c in (client, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1


def test_the_old_form_of_tls_is_for_one_host_alone() -> None:
    made = session()
    allow_legacy_tls(made, "https://population.un.org/dataportalapi/api/v1")
    ours = made.get_adapter("https://population.un.org/dataportalapi/api/v1/data")
    assert ours is not made.get_adapter("https://sdmx.ilo.org/rest")
    context = ours.poolmanager.connection_pool_kw["ssl_context"]
    assert context.options & 0x4
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert (
        "ssl_context"
        not in made.get_adapter("https://sdmx.ilo.org/rest").poolmanager.connection_pool_kw
    )
