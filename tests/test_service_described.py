"""The service against the official descriptions of the interface: paths, statuses, media types."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ilms_sdmx.database import Database
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.pages import description
from ilms_sdmx.outputs.service.replies import Asked, Service
from tests.test_service import figures

OFFICIAL = {"v1": "sdmx-rest-1.5.0.yaml", "v2": "sdmx-rest-2.2.2.yaml"}
PARTS = {
    "context": "dataflow",
    "agencyID": "ILO",
    "resourceID": "DF_POP_MNAO_SEX_CDS_NB",
    "version": "1.0",
    "key": "PHL.A..SEX_F.",
    "componentID": "SEX",
    "structureType": "dataflow",
    "itemSchemeType": "codelist",
    "itemID": "SEX_F",
    "providerID": "PSA",
    "registrationID": "R1",
    "flow": "ILO,DF_POP_MNAO_SEX_CDS_NB,1.0",
    "provider": "PSA",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    place = tmp_path_factory.mktemp("described") / "db"
    Database(place).add(figures(), "office", at="2024-01-01")
    return Answerer(place, Service(provider=Provider("PHL", "PSA")))


def official(shared: Path, interface: str) -> dict[str, Any]:
    text = (shared / "data/rest" / OFFICIAL[interface]).read_text(encoding="utf-8")
    document: dict[str, Any] = YAML(typ="safe").load(text)
    return document


def listed(document: dict[str, Any], response: dict[str, Any]) -> set[str]:
    """Media types of a response, `$ref` resolved, without spaces."""
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return {name.replace(" ", "") for name in response.get("content", {})}


@pytest.mark.shared
@pytest.mark.parametrize("interface", ["v1", "v2"])
def test_every_path_has_a_status_and_a_type_that_are_described(
    answerer: Answerer, shared: Path, interface: str
) -> None:
    document = official(shared, interface)
    seen = set()
    for path, operations in document["paths"].items():
        responses = operations["get"]["responses"]
        asked = re.sub(r"\{(\w+)\}", lambda match: PARTS[match[1]], path)
        if "codelist" in asked:
            asked = asked.replace("DF_POP_MNAO_SEX_CDS_NB", "CL_SEX")
        answer = answerer.answer(Asked(f"/{interface}{asked}"))
        assert str(answer.status) in {str(status) for status in responses}, (path, answer)
        seen.add(answer.status)
        if answer.status == 200:
            kind = (
                answer.headers["Content-Type"].replace(" ", "").removesuffix(";charset=utf-8")
            )
            # The description names types of metadata where registrations are asked for.
            is_registration = path.startswith("/registration")
            types = listed(document, responses.get("200", {}))
            assert kind in types or (is_registration and "registry+xml" in kind), path
    assert {200} < seen <= {200, 204, 404}


@pytest.mark.shared
@pytest.mark.parametrize("interface", ["v1", "v2"])
def test_every_media_type_of_figures_that_is_described_is_given(
    answerer: Answerer, shared: Path, interface: str
) -> None:
    document = official(shared, interface)
    types = listed(document, {"$ref": "/200"})
    assert len(types) == (12 if interface == "v2" else 6)
    path = "/v2/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB"
    if interface == "v1":
        path = "/v1/data/DF_POP_MNAO_SEX_CDS_NB"
    for name in types:
        answer = answerer.answer(Asked(path, accept=name))
        given = answer.headers["Content-Type"].replace(" ", "").removesuffix(";charset=utf-8")
        assert (answer.status, given) == (200, name)


@pytest.mark.shared
def test_every_parameter_of_figures_that_is_described_is_known(
    answerer: Answerer, shared: Path
) -> None:
    values = {
        "c": ("c[SEX]", "SEX_F"),
        "updatedAfter": ("updatedAfter", "2020-01-01T00:00:00Z"),
        "firstNObservations": ("firstNObservations", "1"),
        "lastNObservations": ("lastNObservations", "1"),
        "dimensionAtObservation": ("dimensionAtObservation", "SEX"),
        "attributes": ("attributes", "none"),
        "measures": ("measures", "all"),
        "includeHistory": ("includeHistory", "true"),
        "offset": ("offset", "1"),
        "limit": ("limit", "5"),
        "sort": ("sort", "TIME_PERIOD:desc"),
        "asOf": ("asOf", "2024-06-01T00:00:00Z"),
        "reportingYearStartDay": ("reportingYearStartDay", "--01-01"),
    }
    document = official(shared, "v2")
    operation = document["paths"]["/data/{context}/{agencyID}/{resourceID}/{version}/{key}"]
    asked = set()
    for reference in operation["get"]["parameters"]:
        name = reference["$ref"].rpartition("/")[2]
        parameter = document["components"]["parameters"][name]
        if parameter["in"] == "query":
            asked.add(parameter["name"])
            key, value = values[parameter["name"]]
            path = "/v2/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB"
            assert answerer.answer(Asked(path, f"{key}={value}")).status == 200, name
    assert asked == set(values)


def test_our_description_names_what_the_service_has(answerer: Answerer) -> None:
    document = json.loads(description())
    parts = {
        **PARTS,
        "artefactType": "codelist",
        "resource": "codelist",
        "flowRef": "DF_POP_MNAO_SEX_CDS_NB",
        "providerRef": "all",
        "metadatasetID": "M",
    }
    for path, operations in document["paths"].items():
        asked = re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], path)
        if "codelist" in asked:
            asked = asked.replace("DF_POP_MNAO_SEX_CDS_NB", "CL_SEX")
        if "/provider/" in asked:
            asked = asked.replace("ILO", "PHL")
        status = answerer.answer(Asked(asked)).status
        assert status == (204 if "/metadata/" in path or "/id/" in path else 200), path
        responses = operations["get"]["responses"]
        for name in responses["200"]["content"]:
            assert name.startswith("application/vnd.sdmx.")
        assert {"204", "304", "400", "406", "413", "414", "422", "501"} <= set(responses)
