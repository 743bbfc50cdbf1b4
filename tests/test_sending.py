"""Sending over real HTTP: what is taken, what is refused and why, and nothing twice."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import requests

from ilms_sdmx import (
    ExchangeError,
    FetchError,
    NotFoundError,
    ResponseError,
    UnavailableError,
    apply_revision,
    prepare_package,
    read,
)
from ilms_sdmx.cli import main, run
from ilms_sdmx.downloads.devices import token_by_device
from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.downloads.uploading import Login, UncertainError, send, token_of
from ilms_sdmx.outputs.exchange import Provider, Target, send_package
from ilms_sdmx.outputs.exchange.receipts import read_receipts
from ilms_sdmx.outputs.exchange.registration import Source, registration_message
from ilms_sdmx.outputs.exchange.sending import Waiting
from tests.services.receivers import TOKEN, WORD, Registry, StatSuite
from tests.test_changes_applied import dataset, texts
from tests.test_submission import WOMEN, WOMEN_LATER

QUICK = Waiting(pause=0.0, patience=0.0)
PATIENT = Waiting(pause=0.01, patience=0.05)


def package(
    folder: Path, to: str, name: str = "one", figures: object = WOMEN, **said: object
) -> Path:
    """Package of figures that were read from cells of a sheet."""
    data = dataset(figures)  # type: ignore[arg-type]
    cells = [f"B{number}" for number in range(4, 4 + len(data))]
    provenance = pd.DataFrame({"file": "t.xlsx", "sheet": "T1", "cell": cells}, dtype="str")
    data = replace(data, provenance=provenance)
    prepare_package(
        data,
        folder / name,
        to=to,
        sender="PH_CFO",
        prepared="2026-01-31",
        **said,  # type: ignore[arg-type]
    )
    return folder / name


def of_stat(service: StatSuite) -> Target:
    rest = f"{service.url}/rest"
    return Target("stat", f"{service.url}/3", rest, "design", secret=Secret(TOKEN))


def test_a_package_arrives_once_and_its_revision_leads_to_the_new_state(
    tmp_path: Path, stat: StatSuite
) -> None:
    one = package(tmp_path, "stat")
    stat.slow = 2
    assert not send_package(one, of_stat(stat), waiting=PATIENT).findings
    assert [what for what, _ in stat.taken] == ["structures", "import"]
    assert set(stat.parts) == {"text/csv"}
    send_package(one, of_stat(stat), waiting=QUICK)
    assert len(stat.taken) == 2
    two = package(tmp_path, "stat", "two", WOMEN_LATER, previous=one)
    send_package(two, of_stat(stat), waiting=QUICK)
    sent = [each for what, content in stat.taken if what == "import" for each in read(content)]
    [held] = apply_revision([], sent)
    assert texts(held) == texts(dataset(WOMEN_LATER))


def test_what_a_row_is_refused_for_is_told_with_our_key_and_cell(
    tmp_path: Path, stat: StatSuite
) -> None:
    stat.fail = "rows"
    [finding] = send_package(package(tmp_path, "stat"), of_stat(stat), waiting=QUICK)
    assert (finding.rule, str(finding.severity)) == ("receiver-refused", "error")
    assert (finding.place.sheet, finding.place.cell) == ("T1", "B5")
    assert finding.place.key["CDS"].startswith("CDS_DES_")
    assert "OBS_VALUE is no number" in finding.message


def test_a_coordinate_leads_to_our_cell_too(tmp_path: Path, stat: StatSuite) -> None:
    stat.fail = "warning"
    [finding] = send_package(package(tmp_path, "stat"), of_stat(stat), waiting=QUICK)
    assert (str(finding.severity), finding.place.cell) == ("warning", "B4")


@pytest.mark.parametrize(
    ("fail", "error", "says"),
    [
        ("token", NotFoundError, "may have expired"),
        ("large", ResponseError, "larger than the receiver takes"),
        ("redirect", ResponseError, "redirects"),
        ("no-number", ResponseError, "no number of the request"),
        ("never", FetchError, "not sent twice but asked for"),
        ("cut", UncertainError, "look at the receiver"),
    ],
)
def test_what_goes_wrong_says_what_to_do(
    fail: str, error: type[Exception], says: str, tmp_path: Path, stat: StatSuite
) -> None:
    stat.fail = fail
    one = package(tmp_path, "stat")
    target = replace(of_stat(stat), structures="")
    with pytest.raises(error, match=says):
        send_package(one, target, waiting=QUICK)


@pytest.mark.parametrize("fail", ["unknown-dimension", "structures"])
def test_a_refusal_is_a_finding_also_inside_a_200(
    fail: str, tmp_path: Path, stat: StatSuite
) -> None:
    stat.fail = fail
    report = send_package(package(tmp_path, "stat"), of_stat(stat), waiting=QUICK)
    assert [finding.rule for finding in report] == ["receiver-refused"]
    if fail == "structures":
        assert stat.sent("/3/import") == 0
    stat.fail = ""
    again = send_package(tmp_path / "one", of_stat(stat), waiting=QUICK)
    assert not again.findings


def test_nothing_is_sent_twice_by_a_retry(tmp_path: Path, stat: StatSuite) -> None:
    one = package(tmp_path, "stat")
    target = replace(of_stat(stat), structures="")
    stat.fail = "cut"
    with pytest.raises(UncertainError):
        send_package(one, target, waiting=QUICK)
    stat.fail = ""
    with pytest.raises(ExchangeError, match="--again"):
        send_package(one, target, waiting=QUICK)
    assert stat.sent("/3/import") == 1
    send_package(one, target, again=True, waiting=QUICK)
    assert stat.sent("/3/import") == 2
    stat.fail = "never"
    two = package(tmp_path, "stat", "two", WOMEN_LATER)
    with pytest.raises(FetchError, match="not done"):
        send_package(two, target, waiting=QUICK)
    stat.fail = ""
    send_package(two, target, waiting=QUICK)
    assert stat.sent("/3/import") == 3


def test_a_check_stores_nothing_and_can_be_asked_again(tmp_path: Path, stat: StatSuite) -> None:
    one = package(tmp_path, "stat")
    for _ in range(2):
        send_package(one, of_stat(stat), only_check=True, waiting=QUICK)
    assert [what for what, _ in stat.taken] == ["validate", "validate"]


def test_tokens_are_asked_of_the_issuer_and_are_in_no_text(
    tmp_path: Path, stat: StatSuite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    issuer = f"{stat.url}/token"
    secret = token_of(issuer, "office", "OFFICE", {"OFFICE": WORD})
    stat.fail = "echo"
    one = package(tmp_path, "stat")
    report = send_package(
        one, replace(of_stat(stat), structures="", secret=secret), waiting=QUICK
    )
    told = str(report) + "".join(str(each) for each in report) + repr(secret) + caplog.text
    assert "***" in told
    assert TOKEN not in told
    assert WORD not in told
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes()
    with pytest.raises(NotFoundError, match="refuses the client"):
        token_of(issuer, "office", "OFFICE", {"OFFICE": "other"})


def test_a_person_allows_a_program_in_the_browser(stat: StatSuite) -> None:
    told: list[str] = []
    waited: list[float] = []
    secret = token_by_device(
        f"{stat.url}/device", f"{stat.url}/token", "office", told.append, wait=waited.append
    )
    assert secret.reveal() == TOKEN
    assert told == [f"Open {stat.url}/page and enter the code AB-CD."]
    assert waited == [1, 1, 6]
    assert TOKEN not in repr(secret)


@pytest.mark.parametrize(
    ("fail", "client", "said"),
    [
        ("access_denied", "office", "did not allow"),
        ("expired_token", "office", "in time"),
        ("never", "office", "in time"),
        ("", "somebody", "does not know the client"),
    ],
)
def test_what_nobody_allows_is_said(stat: StatSuite, fail: str, client: str, said: str) -> None:
    stat.fail = fail
    waited: list[float] = []
    with pytest.raises(NotFoundError, match=said):
        token_by_device(
            f"{stat.url}/device", f"{stat.url}/token", client, str, wait=waited.append
        )
    assert sum(waited) <= 40


def test_a_device_needs_its_issuer_and_its_client(tmp_path: Path, stat: StatSuite) -> None:
    one = str(package(tmp_path, "stat"))
    to = ["--to", f"stat:{stat.url}/3", "--dataspace", "design", "--yes"]
    device = ["--device", f"{stat.url}/device"]
    assert run(["submit", "send", one, *to, *device]) == 3
    assert run(["submit", "send", one, *to, *device, "--issuer", f"{stat.url}/token"]) == 3
    assert stat.taken == []


def test_nothing_goes_over_an_open_line_or_to_nobody(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="https"):
        send("http://example.org/3/import", body=b"x")
    with pytest.raises(UnavailableError, match="cannot be reached"):
        send("http://127.0.0.1:9/", body=b"x")
    with pytest.raises(ExchangeError, match="stat:URL"):
        send_package(package(tmp_path, "stat"), Target("mail", "x"))


def test_no_password_is_in_the_name_of_a_receiver_or_in_an_echo() -> None:
    target = Target("fmr", f"https://office:{WORD}@example.org/fmr?access_token={TOKEN}")
    assert target.name.startswith("fmr:https://example.org/fmr")
    assert WORD not in target.name
    assert TOKEN not in target.name
    login = Login("office", WORD)
    request = requests.Request("GET", "https://example.org/", auth=login).prepare()
    echoed = f"refused: {request.headers['Authorization']} of {WORD}"
    assert login.hide(echoed) == "refused: Basic *** of ***"


def test_a_registry_takes_structures_checks_data_and_knows_where_they_are(
    tmp_path: Path, registry: Registry
) -> None:
    one = package(tmp_path, "fmr")
    registration = tmp_path / "registration.xml"
    source = Source("ILO", "DF_POP_MNAO_SEX_CDS_NB", "1.0", "https://example.org/d.xml")
    office = Provider("PH_CFO", "CFO")
    registration.write_bytes(registration_message(office, [source], "2026-01-31"))
    target = Target(
        "fmr", registry.url, registration=registration, secret=Login("office", WORD)
    )
    registry.slow = 1
    assert not send_package(one, target, waiting=PATIENT).findings
    assert [what for what, _ in registry.taken] == ["secure", "load", "secure"]
    assert b"SubmitStructureRequest" in registry.taken[0][1]
    assert b"SubmitRegistrationsRequest" in registry.taken[2][1]


@pytest.mark.parametrize(
    ("fail", "says"),
    [("report", "Invalid code"), ("dsd", "missingdsd"), ("unreadable", "structure unknown")],
)
def test_what_a_registry_finds_is_told(
    fail: str, says: str, tmp_path: Path, registry: Registry
) -> None:
    registry.fail = fail
    one = package(tmp_path, "fmr")
    report = send_package(one, Target("fmr", registry.url), only_check=True, waiting=QUICK)
    [finding] = report
    assert says in finding.message
    if fail == "report":
        assert finding.place.key["CDS"] == "CDS_DES_THA"
        assert finding.place.cell


def test_the_command_shows_what_goes_where_and_asks(
    tmp_path: Path,
    stat: StatSuite,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = package(tmp_path, "stat")
    monkeypatch.setenv("ILMS_SDMX_RECEIVER", TOKEN)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    arguments = ["submit", "send", str(one), "--to", f"stat:{stat.url}/3", "--dataspace", "d"]
    with pytest.raises(SystemExit):
        main(arguments)
    assert stat.requests == []
    shown = capsys.readouterr().out
    assert "import" in shown
    assert stat.url in shown
    with pytest.raises(SystemExit) as stop:
        main([*arguments, "--yes", "--time", "2026-02-01"])
    assert stop.value.code in (0, None)
    assert stat.sent("/3/import") == 1
    [receipt] = read_receipts(one)
    assert receipt.state == "sent"
