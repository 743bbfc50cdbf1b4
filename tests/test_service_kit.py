"""What the conformance kit of the standard asks a service, asked of ours.

The kit reads SDMX-ML 2.1 of REST 1.0 to 1.4 in full, and structures of 2.0. What it asks is told
here again from its lists of parameters; nothing of it is run. A type of artefact that the service
has none of answers 404, which the kit counts as not covered, not as wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from lxml import etree

from ilms_sdmx import read
from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.outputs.exchange.registration import Provider
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.catalogue import LACKING
from ilms_sdmx.outputs.service.replies import Answer, Asked, Service, joined
from tests.schemas import errors
from tests.test_service import COMPONENTS, FLOW

#: Types of the kit, each with one artefact of ours; those without are types that we lack.
NAMED = {
    "datastructure": "ILO/POP_MNAO_SEX_CDS_NB/1.0",
    "categoryscheme": "ILMS_SDMX/ILMS/1.0",
    "conceptscheme": "ILO/CS_CLASSIF_TYPE/1.0",
    "codelist": "ILO/CL_SEX/1.0",
    "hierarchicalcodelist": "ILMS_SDMX/HCL_SEX/1.0",
    "agencyscheme": "SDMX/AGENCIES/1.0",
    "dataproviderscheme": "PHL/DATA_PROVIDERS/1.0",
    "organisationscheme": "SDMX/AGENCIES/1.0",
    "dataflow": "ILO/DF_POP_MNAO_SEX_CDS_NB/1.0",
    "provisionagreement": "PHL/PA_DF_POP_MNAO_SEX_CDS_NB/1.0",
    "categorisation": "",
    "contentconstraint": "",
    "allowedconstraint": "",
}
NOT_THERE = (
    *("metadatastructure", "dataconsumerscheme", "organisationunitscheme", "metadataflow"),
    *("reportingtaxonomy", "structureset", "process", "attachmentconstraint"),
    "actualconstraint",
)
WAYS = ("none", "parents", "parentsandsiblings", "children", "descendants", "all")
DETAILS = (
    *("full", "allstubs", "referencestubs", "referencepartial", "allcompletestubs"),
    "referencecompletestubs",
)
XML = "application/vnd.sdmx.structure+xml;version=2.1"
JSON_1 = "application/vnd.sdmx.structure+json;version=1.0.0"
ELEMENTS = {
    "datastructure": "DataStructure",
    "categoryscheme": "CategoryScheme",
    "conceptscheme": "ConceptScheme",
    "codelist": "Codelist",
    "hierarchicalcodelist": "HierarchicalCodelist",
    "agencyscheme": "AgencyScheme",
    "dataproviderscheme": "DataProviderScheme",
    "dataflow": "Dataflow",
    "provisionagreement": "ProvisionAgreement",
    "categorisation": "Categorisation",
    "contentconstraint": "ContentConstraint",
}
ALL_TYPES = (*NAMED, *NOT_THERE)
DATA = "/v1/data/ILO,DF_POP_MNAO_SEX_CDS_NB,1.0"
AVAILABLE = "/v1/availableconstraint/ILO,DF_POP_MNAO_SEX_CDS_NB,1.0"
SPECIFIC = "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
YEARS = tuple(str(year) for year in range(2005, 2025))


def figures() -> Dataset:
    """Figures on both sides of the periods that the kit asks for."""
    rows = []
    for area, sex, year in itertools.product(("PHL", "THA"), ("SEX_F", "SEX_M"), YEARS):
        if (area, sex) != ("THA", "SEX_M"):
            rows.append((area, "A", "POP_MNAO_NB", sex, "CDS_DES_TOTAL", year, "1.5", "B", "3"))
    frame = pd.DataFrame(rows, columns=COMPONENTS.columns, dtype="string")
    return Dataset(frame, COMPONENTS, FLOW)


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    place = tmp_path_factory.mktemp("kit") / "db"
    Database(place).add(figures(), "office", at="2024-01-01")
    return Answerer(place, Service(provider=Provider("PHL", "PSA", "Office")))


def ask(answerer: Answerer, path: str, accept: str = "", **headers: str) -> Answer:
    path, _, query = path.partition("?")
    answer = answerer.answer(Asked(path, query, accept, **headers))
    return replace(answer, body=joined(answer.body))


def artefacts(answer: Answer) -> dict[str, list[etree._Element]]:
    """Maintained artefacts of a structure message, by the name of their element."""
    root = etree.fromstring(joined(answer.body))
    found: dict[str, list[etree._Element]] = {}
    for group in root.find("{*}Structures"):
        for artefact in group:
            found.setdefault(etree.QName(artefact).localname, []).append(artefact)
    return found


def name_of(answerer: Answerer, resource: str) -> str:
    """Agency, id and version of one artefact of a type."""
    if NAMED[resource]:
        return NAMED[resource]
    answer = ask(answerer, f"/v1/{resource}/all/all/all?detail=allstubs", XML)
    (first, *_) = next(iter(artefacts(answer).values()))
    return f"{first.get('agencyID')}/{first.get('id')}/{first.get('version')}"


def queries(name: str) -> Iterator[str]:
    """Paths and parameters that the kit adds to a type of artefact."""
    agency, id, version = name.split("/")
    yield from (name, f"all/{id}/{version}", f"{agency}/all/{version}", f"{agency}/{id}/all")
    yield from (f"{agency}/{id}", f"{agency}/all")
    for way in (*WAYS, *ALL_TYPES):
        if way != "allowedconstraint" and way != "actualconstraint":
            yield f"{name}?references={way}"
    for detail in DETAILS:
        yield f"{name}?references=all&detail={detail}"


def check_resource(answerer: Answerer, resource: str, every: int) -> int:
    """Check every so many queries of a type, and give how many there are."""
    name = name_of(answerer, resource)
    agency, id, _ = name.split("/")
    asked = list(queries(name))
    for query in asked[::every]:
        answer = ask(answerer, f"/v1/{resource}/{query}", XML)
        assert (answer.status, query) == (200, query)
        body = joined(answer.body)
        assert errors(body) == [], query
        assert b"<URN>" not in body
        found = artefacts(answer)
        named = [
            (each.get("agencyID"), each.get("id")) for each in itertools.chain(*found.values())
        ]
        assert (agency, id) in named, query
        if "references=none" in query or "?" not in query:
            own = {
                ELEMENTS.get(resource),
                "ContentConstraint",
                "AgencyScheme",
                "DataProviderScheme",
            }
            assert set(found) <= own
        if "detail=allstubs" in query:
            assert not list(etree.fromstring(body).iter("{*}Code"))
    return len(asked)


@pytest.mark.parametrize("resource", ["codelist", "dataflow"])
def test_a_type_answers_as_the_kit_asks(answerer: Answerer, resource: str) -> None:
    assert check_resource(answerer, resource, every=9) == 38


#: Types of SDMX 3 that have other names, or none.
_OF_VERSION_2 = {
    "hierarchicalcodelist": ("hierarchy", "ILMS_SDMX/H_SEX/1.0"),
    "contentconstraint": ("dataconstraint", ""),
    "allowedconstraint": ("", ""),
    "organisationscheme": ("", ""),
}
XML_3 = "application/vnd.sdmx.structure+xml;version=3.0.0"


@pytest.mark.slow
@pytest.mark.parametrize("resource", NAMED)
def test_every_type_of_version_2_answers_all_that_the_kit_asks(
    answerer: Answerer, resource: str
) -> None:
    known = (resource, "")
    kind, name = _OF_VERSION_2.get(resource, known)
    if not kind:
        return
    for query in queries(name or name_of(answerer, resource)):
        path, _, parameters = query.partition("?")
        parts = ["*" if part == "all" else part for part in path.split("/")]
        asked = f"/v2/structure/{kind}/{'/'.join(parts)}"
        answer = ask(answerer, f"{asked}?{parameters}", XML_3)
        assert (answer.status, errors(answer.body), asked) == (200, [], asked)


@pytest.mark.slow
@pytest.mark.parametrize("resource", NAMED)
def test_every_type_answers_all_that_the_kit_asks(answerer: Answerer, resource: str) -> None:
    assert check_resource(answerer, resource, every=1) == 38


def test_every_type_has_a_list_of_stubs_or_is_told_as_lacking(answerer: Answerer) -> None:
    for resource in ALL_TYPES:
        answer = ask(answerer, f"/v1/{resource}/all/all/all?detail=allstubs", XML)
        assert answer.status == (404 if resource in NOT_THERE else 200), resource
    assert set(NOT_THERE) <= LACKING
    answer = ask(answerer, "/v1/structure/all/all/all?detail=allstubs", XML)
    assert set(artefacts(answer)) == set(ELEMENTS.values())


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/v1/codelist/ILO+SDMX/CL_SEX/1.0", 1),
        ("/v1/codelist/ILO/CL_SEX+CL_CDS/1.0", 2),
        ("/v1/codelist/ILO/CL_SEX/1.0+1.1", 1),
        ("/v2/structure/codelist/ILO,SDMX/CL_SEX/1.0", 1),
        ("/v2/structure/codelist/ILO/CL_SEX,CL_CDS/1.0", 2),
        ("/v2/structure/codelist/ILO/CL_SEX/1.0,1.1", 1),
        ("/v2/structure/codelist/*/CL_SEX/*", 1),
        ("/v2/structure/codelist/ILO/CL_SEX/~", 1),
        ("/v2/structure/codelist/ILO/CL_SEX", 1),
    ],
)
def test_several_values_name_several_artefacts(
    answerer: Answerer, path: str, count: int
) -> None:
    assert len(artefacts(ask(answerer, path, XML))["Codelist"]) == count


@pytest.mark.parametrize(
    ("resource", "name", "items"),
    [
        ("codelist", "ILO/CL_SEX/1.0", "SEX_F+SEX_M"),
        ("conceptscheme", "ILO/CS_CLASSIF_TYPE/1.0", "SEX"),
        ("categoryscheme", "ILMS_SDMX/ILMS/1.0", "MST"),
        ("agencyscheme", "SDMX/AGENCIES/1.0", "ILO"),
        ("dataproviderscheme", "PHL/DATA_PROVIDERS/1.0", "PSA"),
    ],
)
def test_items_of_every_scheme(
    answerer: Answerer, resource: str, name: str, items: str
) -> None:
    for end in ("", "?references=parentsandsiblings"):
        answer = ask(answerer, f"/v1/{resource}/{name}/{items}{end}", XML)
        assert answer.status == 200
        id = name.split("/")[1]
        schemes = artefacts(answer)[ELEMENTS[resource]]
        (scheme,) = (each for each in schemes if each.get("id") == id)
        ids = {each.get("id") for each in scheme.iter() if each.get("id")}
        assert set(items.split("+")) <= ids


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", XML),
        (XML, XML),
        (f"{XML}, {JSON_1};q=0.9", XML),
        (f"{XML};q=0.9, {JSON_1}", XML),
        (JSON_1, ""),
        ("invalid representation query", ""),
    ],
)
def test_structures_come_in_the_form_that_is_asked_for(
    answerer: Answerer, accept: str, kind: str
) -> None:
    answer = ask(answerer, "/v1/codelist/ILO/CL_SEX/1.0", accept)
    assert answer.status == (200 if kind else 406)
    if kind:
        assert answer.headers["Content-Type"].replace(" ", "") == kind


def series_of(answer: Answer) -> list[dict[str, str]]:
    root = etree.fromstring(joined(answer.body))
    return [dict(each.attrib) for each in root.iter("Series")]


@pytest.mark.parametrize(
    "path",
    [
        DATA,
        "/v1/data/ILO,DF_POP_MNAO_SEX_CDS_NB",
        "/v1/data/DF_POP_MNAO_SEX_CDS_NB",
        f"{DATA}/all/PHL,PSA",
        f"{DATA}/all/PSA",
        f"{DATA}/all/PSA+OTHER",
    ],
)
def test_series_are_found_by_every_identification(answerer: Answerer, path: str) -> None:
    answer = ask(answerer, f"{path}?detail=serieskeysonly", SPECIFIC)
    assert (answer.status, len(series_of(answer))) == (200, 3)
    assert b"<Obs" not in joined(answer.body)


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("PHL.A.POP_MNAO_NB.SEX_F.CDS_DES_TOTAL", 1),
        (".A.POP_MNAO_NB.SEX_F.CDS_DES_TOTAL", 2),
        ("PHL+THA.A.POP_MNAO_NB.SEX_F.CDS_DES_TOTAL", 2),
    ],
)
def test_series_are_found_by_every_form_of_a_key(
    answerer: Answerer, key: str, count: int
) -> None:
    answer = ask(answerer, f"{DATA}/{key}?detail=serieskeysonly", SPECIFIC)
    assert len(series_of(answer)) == count


@pytest.mark.parametrize(
    ("query", "observations"),
    [
        ("startPeriod=2010-01-01", 45),
        ("endPeriod=2010", 18),
        ("startPeriod=2010&endPeriod=2011", 6),
        ("startPeriod=2010&endPeriod=2014&lastNObservations=2", 6),
        ("firstNObservations=1", 3),
        ("lastNObservations=3", 9),
        ("detail=full", 60),
        ("detail=dataonly", 60),
        ("detail=serieskeysonly", 0),
        ("detail=nodata", 0),
        ("dimensionAtObservation=TIME_PERIOD", 60),
        ("dimensionAtObservation=SEX", 60),
        ("dimensionAtObservation=AllDimensions", 60),
        ("includeHistory=true", 60),
        ("updatedAfter=2023-01-01", 60),
    ],
)
def test_every_parameter_describes_the_result(
    answerer: Answerer, query: str, observations: int
) -> None:
    answer = ask(answerer, f"{DATA}/all?{query}", SPECIFIC)
    assert answer.status == 200
    body = joined(answer.body)
    told = etree.fromstring(body)
    assert len(list(told.iter("Obs"))) == observations
    has_attributes = b"OBS_STATUS=" in body or b"UNIT_MULT=" in body
    assert has_attributes == (
        query not in ("detail=dataonly", "detail=serieskeysonly", "detail=nodata")
    )
    dimension = query.removeprefix("dimensionAtObservation=")
    if dimension != query:
        assert f'dimensionAtObservation="{dimension}"' in body.decode()


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.sdmx.genericdata+xml;version=2.1",
        SPECIFIC,
        "application/vnd.sdmx.generictimeseriesdata+xml;version=2.1",
        "application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1",
        "application/vnd.sdmx.data+json;version=1.0.0",
        "application/vnd.sdmx.data+csv;version=1.0.0",
    ],
)
def test_figures_come_in_every_form(answerer: Answerer, accept: str) -> None:
    answer = ask(answerer, DATA, accept, accept_language="en")
    assert answer.headers["Content-Type"].replace(" ", "").startswith(accept)
    (dataset,) = read(joined(answer.body)).datasets
    assert len(dataset) == 60


def test_nothing_is_sent_again_since_a_time_as_the_kit_writes_it(answerer: Answerer) -> None:
    now = "Tue Dec 01 2026 03:40:00 GMT+0000 (Coordinated Universal Time)"
    assert ask(answerer, DATA, if_modified_since=now).status == 304


def values_of(answer: Answer) -> dict[str, set[str]]:
    root = etree.fromstring(joined(answer.body))
    values = {}
    for each in root.iter("{*}KeyValue"):
        values[str(each.get("id"))] = {str(value.text) for value in each.iter("{*}Value")}
    return values


def test_availability_is_exact_or_widened_by_each_dimension(answerer: Answerer) -> None:
    one = f"{AVAILABLE}/PHL.A.POP_MNAO_NB.SEX_M.CDS_DES_TOTAL"
    assert values_of(ask(answerer, f"{one}?mode=exact"))["REF_AREA"] == {"PHL"}
    # No men in THA: the area cannot be widened, the sex can.
    wide = values_of(ask(answerer, f"{one}?mode=available"))
    assert (wide["REF_AREA"], wide["SEX"]) == ({"PHL"}, {"SEX_F", "SEX_M"})
    two = f"{AVAILABLE}/PHL+THA.A.POP_MNAO_NB.SEX_F.CDS_DES_TOTAL"
    assert values_of(ask(answerer, f"{two}?mode=exact"))["SEX"] == {"SEX_F"}
    assert values_of(ask(answerer, f"{two}?mode=available"))["SEX"] == {"SEX_F", "SEX_M"}
    alone = values_of(ask(answerer, f"{AVAILABLE}/all/all/SEX"))
    assert alone == {"SEX": {"SEX_F", "SEX_M"}}


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("startPeriod=2010-01", "2010", "2024"),
        ("endPeriod=2020-01", "2005", "2019"),
        ("startPeriod=2010-01&endPeriod=2020-01", "2010", "2019"),
    ],
)
def test_availability_in_time(answerer: Answerer, query: str, first: str, last: str) -> None:
    years = values_of(ask(answerer, f"{AVAILABLE}/all?{query}"))["TIME_PERIOD"]
    assert (min(years), max(years)) == (first, last)


def test_availability_has_its_numbers_as_annotations_and_no_other(answerer: Answerer) -> None:
    root = etree.fromstring(joined(ask(answerer, f"{AVAILABLE}/all").body))
    (constraint,) = root.iter("{*}ContentConstraint")
    told = {}
    for each in constraint.iter("{*}Annotation"):
        assert each.findtext("{*}AnnotationType") == "sdmx_metrics"
        told[each.get("id")] = each.findtext("{*}AnnotationTitle")
    assert told == {"series_count": "3", "obs_count": "60"}


REFERENCES = (
    "none",
    "all",
    "datastructure",
    "codelist",
    "conceptscheme",
    "dataproviderscheme",
    "dataflow",
)


@pytest.mark.parametrize("reference", REFERENCES)
def test_availability_with_what_it_refers_to(answerer: Answerer, reference: str) -> None:
    answer = ask(answerer, f"{AVAILABLE}/all?references={reference}")
    assert (answer.status, errors(joined(answer.body))) == (200, [])
    found = artefacts(answer)
    element = ELEMENTS.get(reference)
    if element and reference != "dataproviderscheme":
        assert element in found
    assert (set(found) == {"ContentConstraint"}) == (
        reference in ("none", "dataproviderscheme")
    )


@pytest.mark.parametrize("context", ["datastructure", "dataflow", "provisionagreement"])
@pytest.mark.parametrize(
    "end",
    [
        "{version}",
        "",
        "{version}?dimensionAtObservation=TIME_PERIOD",
        "{version}?dimensionAtObservation=SEX",
        "{version}?dimensionAtObservation=AllDimensions",
        "{version}?explicitMeasure=false",
        "{version}?explicitMeasure=true",
    ],
)
def test_schemas_of_every_context(answerer: Answerer, context: str, end: str) -> None:
    agency, id, version = NAMED[context].split("/")
    path = f"/v1/schema/{context}/{agency}/{id}/{end.format(version=version)}"
    answer = ask(answerer, path)
    assert answer.status == 200
    assert etree.QName(etree.fromstring(joined(answer.body))).localname == "schema"
