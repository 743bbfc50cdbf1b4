"""Registrations and reference metadata of the service, and structures as of a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from ilms_sdmx.database import Database
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.replies import Answer, Asked, Service, joined
from tests.schemas import errors
from tests.test_service import figures

OFFICE = Provider("PHL", "PSA", "Philippine Statistics Authority")
ID = "REG_DF_POP_MNAO_SEX_CDS_NB"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("registrations") / "db"
    Database(place).add(figures(), "office", at="2024-01-01T10:00:00Z")
    return place


@pytest.fixture(scope="module")
def answerer(folder: Path) -> Answerer:
    return Answerer(folder, Service(provider=OFFICE))


def ask(answerer: Answerer, path: str, accept: str = "") -> Answer:
    path, _, query = path.partition("?")
    return answerer.answer(Asked(path, query, accept, origin="https://data.office.gov/sdmx"))


def registered(answer: Answer) -> list[str]:
    """Ids of the registrations of an answer."""
    root = etree.fromstring(joined(answer.body))
    return [str(each.get("id")) for each in root.iter("{*}Registration")]


@pytest.mark.parametrize("version", ["3.1.0", "3.0.0", "2.1"])
def test_a_registration_is_valid_in_every_version(answerer: Answerer, version: str) -> None:
    accept = f"application/vnd.sdmx.registry+xml;version={version}"
    answer = ask(answerer, f"/v2/registration/id/{ID}", accept)
    body = joined(answer.body)
    assert (answer.status, errors(body)) == (200, [])
    assert f"version={version}" in answer.headers["Content-Type"]
    root = etree.fromstring(body)
    (place,) = root.iter("{*}SimpleDataSource")
    address = "https://data.office.gov/sdmx/v2"
    assert place.text == f"{address}/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/1.0"
    assert [each.text for each in root.iter("{*}DataURL")] == [address]
    (told,) = root.iter("{*}Registration")
    assert str(told.get("lastUpdated")).startswith("2024-01-01T10:00:00")
    assert "PA_DF_POP_MNAO_SEX_CDS_NB" in body.decode()


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ("id/*", True),
        (f"id/{ID},REG_X", True),
        ("id/REG_X", False),
        ("provider/PHL/PSA", True),
        ("provider/*/*", True),
        ("provider/THA/PSA", False),
        ("provider/PHL/PSA?updatedAfter=2024-01-01T09:59:59Z", True),
        ("provider/PHL/PSA?updatedAfter=2024-01-01T10:00:00Z", False),
        ("provider/PHL/PSA?updatedBefore=2024-01-01T10:00:00Z", False),
        ("provider/PHL/PSA?updatedBefore=2024-01-02", True),
        ("dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/1.0", True),
        ("dataflow/*/DF_POP_MNAO_SEX_CDS_NB/~", True),
        ("dataflow/ILO/*/1.0", True),
        ("dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/2.0", False),
        ("datastructure/ILO/POP_MNAO_SEX_CDS_NB/*", True),
        ("datastructure/ILO/DF_POP_MNAO_SEX_CDS_NB/*", False),
        ("provisionagreement/PHL/PA_DF_POP_MNAO_SEX_CDS_NB/+", True),
        ("*/ILO/POP_MNAO_SEX_CDS_NB/*", True),
        ("*/THA/*/*", False),
    ],
)
def test_registrations_are_found_as_the_standard_asks(
    answerer: Answerer, path: str, is_there: bool
) -> None:
    answer = ask(answerer, f"/v2/registration/{path}")
    assert answer.status == (200 if is_there else 204)
    if is_there:
        assert registered(answer) == [ID]


def test_an_address_of_the_office_comes_before_that_of_the_request(folder: Path) -> None:
    service = Service(provider=OFFICE, address="https://statistics.example")
    answer = ask(Answerer(folder, service), "/v2/registration/id/*")
    assert b">https://statistics.example/v2</" in joined(answer.body)


def test_without_an_office_there_are_no_registrations(folder: Path) -> None:
    assert ask(Answerer(folder), "/v2/registration/id/*").status == 204


def test_registrations_have_a_version_as_figures_have(answerer: Answerer) -> None:
    answer = ask(answerer, "/v2/registration/id/*")
    asked = Asked("/v2/registration/id/*", if_none_match=answer.headers["ETag"])
    assert answerer.answer(asked).status == 200
    again = Asked(
        "/v2/registration/id/*",
        if_none_match=answer.headers["ETag"],
        origin="https://data.office.gov/sdmx",
    )
    assert answerer.answer(again).status == 304
    assert ask(answerer, "/v2/registration/id/*", "application/json").status == 406


@pytest.mark.parametrize(
    "path",
    [
        "/v2/structure/codelist/ILO/CL_SEX",
        "/v2/schema/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB",
    ],
)
def test_structures_are_known_since_the_edition_of_the_package(
    answerer: Answerer, path: str
) -> None:
    now = joined(ask(answerer, path).body)
    later = joined(ask(answerer, f"{path}?asOf=2030-01-01").body)
    assert now.count(b"SEX_F") == later.count(b"SEX_F") > 0
    assert ask(answerer, f"{path}?asOf=2026-01-01").status == 501
    assert ask(answerer, f"{path}?asOf=then").status == 400
