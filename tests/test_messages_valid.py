"""Everything that is written is valid by its schema, or refused; what a format cannot hold is told."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.findings import Report
from ilms_sdmx.messages import read, write
from ilms_sdmx.messages.dispatch import WRITERS
from tests import schemas
from tests.generated import cells
from tests.test_messages_forms import M, dimension, json_message, series_message

BEFORE_3_1 = [name for name in WRITERS if not name.endswith(("-3.1", "json-2.1", "csv-2.1"))]
OF_2_1 = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-csv-1.0", "sdmx-json-1.0"]
FLOW = "NSO:DF_STOCK(1.0)"


def dataset(
    columns: Mapping[str, list[str | None]], components: Components, **more: Any
) -> Dataset:
    frame = pd.DataFrame(columns, columns=components.columns, dtype="string")
    return Dataset(frame, components, more.pop("dataflow", FLOW), **more)


def written(data: Dataset, format: str, **options: Any) -> tuple[bytes, Report]:
    buffer = io.BytesIO()
    report = write(data, buffer, format, **options)
    return buffer.getvalue(), report


def message_of(report: Report, rule: str) -> str:
    (finding,) = report.of_rule(rule)
    return finding.message


STOCK = Components(("PLACE", "TIME_PERIOD"))
ROWS: dict[str, list[str | None]] = {
    "PLACE": ["n", "s"],
    "TIME_PERIOD": ["2020", "2021"],
    "OBS_VALUE": ["1.0", "2"],
}


# --- signs of 3.1 ---


@pytest.mark.parametrize("format", BEFORE_3_1)
@pytest.mark.parametrize("sign", ["~", "#N/A"])
@pytest.mark.parametrize("kind", ["string", "category"])
def test_signs_of_3_1_are_told_where_a_format_has_none(
    format: str, sign: str, kind: str
) -> None:
    data = dataset(ROWS | {"OBS_VALUE": [sign, "2"]}, STOCK)
    data = replace(data, observations=data.observations.astype(kind))
    text, report = written(data, format)
    (told,) = report.of_rule("sign-left-out")
    assert "OBS_VALUE" in told.message
    found = cells(read(text, STOCK).datasets[0])["OBS_VALUE"]
    assert found == [None if format.startswith("sdmx-ml") else sign, "2"]


@pytest.mark.parametrize("format", ["sdmx-ml-3.1", "sdmx-json-2.1", "sdmx-csv-2.1"])
def test_signs_of_3_1_are_carried_by_3_1(format: str) -> None:
    text, report = written(dataset(ROWS | {"OBS_VALUE": ["~", "#N/A"]}, STOCK), format)
    assert not report.of_rule("sign-left-out")
    assert cells(read(text, STOCK).datasets[0])["OBS_VALUE"] == ["~", "#N/A"]


# --- one measure ---


@pytest.mark.parametrize("format", OF_2_1)
def test_the_one_measure_of_2_1_is_called_obs_value_and_that_is_told(format: str) -> None:
    components = Components(("PLACE", "TIME_PERIOD"), ("HOURS",))
    columns = {**ROWS, "HOURS": ROWS["OBS_VALUE"]}
    text, report = written(dataset(columns, components), format)
    assert "HOURS is written under that name" in message_of(report, "measure-renamed")
    (found,) = read(text)
    assert found.components.measures == ("OBS_VALUE",)
    assert "HOURS" not in found.components.columns
    assert cells(found)["OBS_VALUE"] == ["1.0", "2"]
    both = Components(
        ("PLACE", "TIME_PERIOD"), ("HOURS",), {"OBS_VALUE": ("PLACE", "TIME_PERIOD")}
    )
    with pytest.raises(MessageError, match="one measure"):
        written(dataset(columns, both), format)


@pytest.mark.parametrize("format", ["sdmx-csv-2.0", "sdmx-csv-2.1", "sdmx-ml-3.0"])
def test_measures_of_any_name_are_found_without_a_structure(format: str) -> None:
    components = Components(
        ("PLACE", "TIME_PERIOD"), ("HOURS", "PERSONS"), {"OBS_STATUS": ("OBS_VALUE",)}
    )
    columns = {**ROWS, "HOURS": ["3.5", None], "PERSONS": ["4", "5"], "OBS_STATUS": ["A", "E"]}
    text, _ = written(dataset(columns, components), format, layout="flat")
    (found,) = read(text)
    assert found.components.measures == ("HOURS", "PERSONS")
    assert list(found.components.attributes) == ["OBS_STATUS"]


# --- what a data set refers to, and what is said of it ---


@pytest.mark.parametrize("format", WRITERS)
def test_a_dataflow_beside_an_agreement_is_carried_or_told(format: str) -> None:
    data = dataset(ROWS, STOCK, provision="NSO:PA(1.0)")
    text, report = written(data, format)
    (found,) = read(text)
    kept = {found.dataflow, found.provision} - {""}
    told = report.of_rule("reference-left-out")
    assert len(kept) + len(told) == 2
    for finding in told:
        assert any(identifier in finding.message for identifier in kept)


ABOUT = {
    "setID": "SET_7",
    "reportingBegin": "2020",
    "reportingEnd": "2020-12",
    "validFrom": "2021-01-31T00:00:00Z",
    "validTo": "2022-01-31T00:00:00Z",
    "publicationYear": "2021",
    "publicationPeriod": "2021-Q1",
}


@pytest.mark.parametrize("format", WRITERS)
def test_what_a_message_says_of_its_data_sets_is_carried_or_told(format: str) -> None:
    text, report = written(dataset(ROWS, STOCK, about=ABOUT), format)
    (found,) = read(text, STOCK)
    lost = ABOUT.keys() - found.about.keys()
    assert found.about.items() <= ABOUT.items()
    told = " ".join(finding.message for finding in report.of_rule("about-left-out"))
    assert {name for name in ABOUT if name in told} == lost
    assert bool(lost) == (not format.startswith("sdmx-ml"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("validFrom", "2021"), ("setID", "a b"), ("publicationYear", "soon"), ("owner", "me")],
)
def test_what_has_not_the_form_of_the_schema_is_told(name: str, value: str) -> None:
    text, report = written(dataset(ROWS, STOCK, about={name: value}), "sdmx-ml-2.1")
    assert name in message_of(report, "about-left-out")
    assert read(text, STOCK).datasets[0].about == {}


def test_a_moment_without_a_zone_is_universal_time_in_json() -> None:
    data = dataset(ROWS, STOCK, about={"validFrom": "2021-01-31T08:30:00"})
    text, _ = written(data, "sdmx-json-2.0")
    assert read(text).datasets[0].about == {"validFrom": "2021-01-31T08:30:00Z"}


def test_json_says_of_its_data_sets_what_is_read() -> None:
    structure = {"dimensions": {"observation": [dimension("PLACE", 0, "n")]}}
    told = {"reportingEnd": "2020-12", "observations": {"0": [1]}}
    assert read(json_message(structure, told)).datasets[0].about == {"reportingEnd": "2020-12"}


# --- keys, ids, wildcards ---


@pytest.mark.parametrize("format", ["sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"])
@pytest.mark.parametrize("name", ["Work place", "2ND", "DÉPART", "CONTACT.NAME"])
@pytest.mark.parametrize("role", ["dimension", "attribute"])
def test_an_id_that_json_does_not_allow_is_refused(format: str, name: str, role: str) -> None:
    if role == "dimension":
        components = Components(("PLACE", name, "TIME_PERIOD"))
    else:
        components = Components(("PLACE", "TIME_PERIOD"), attributes={name: ("OBS_VALUE",)})
    with pytest.raises(MessageError, match="cannot be the id of a component in SDMX-JSON"):
        written(dataset({**ROWS, name: ["x", "y"]}, components), format)


@pytest.mark.parametrize("layout", ["series", "flat"])
@pytest.mark.parametrize("missing", [("PLACE",), ("TIME_PERIOD",), ("PLACE", "TIME_PERIOD")])
@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
def test_wildcards_are_refused_where_the_schema_asks_for_every_dimension(
    format: str, missing: tuple[str, ...], layout: str
) -> None:
    gaps: dict[str, list[str | None]] = {name: [None, "2021"] for name in missing}
    data = dataset({**ROWS, **gaps}, STOCK, action="Delete")
    with pytest.raises(MessageError, match=rf"without {', '.join(missing)} \(wildcards\)"):
        written(data, format, layout=layout)


@pytest.mark.parametrize("format", ["sdmx-json-2.0", "sdmx-json-2.1"])
def test_no_key_of_json_is_nothing_but_separators(format: str) -> None:
    components = Components(("PLACE", "SEX", "TIME_PERIOD"), attributes={"TITLE": ()})
    alone = pd.DataFrame({"TITLE": ["of all"]}, dtype="string")
    data = dataset({}, components, attached={(): alone})
    text, _ = written(data, format)
    assert b'"::"' not in text
    assert b'"attributes":[0]' in text
    gaps = pd.DataFrame({"PLACE": [None], "TITLE": ["of none"]}, dtype="string")
    data = dataset(
        {**ROWS, "SEX": ["F", "M"], "TITLE": [None, None]},
        components,
        attached={("PLACE",): gaps},
    )
    with pytest.raises(MessageError, match="a key without PLACE"):
        written(data, format)


def test_keys_without_observations_that_json_has_no_place_for_are_told() -> None:
    keys = pd.DataFrame({"PLACE": ["w", "e"]}, dtype="string")
    text, report = written(dataset(ROWS, STOCK, attached={("PLACE",): keys}), "sdmx-json-2.0")
    assert "2 are left out" in message_of(report, "keys-left-out")
    assert len(read(text).datasets[0]) == 2


@pytest.mark.parametrize("name", ["DÉPART", "A.B"])
def test_generic_messages_have_plain_ids(name: str) -> None:
    components = Components(("PLACE", "TIME_PERIOD"), attributes={name: ("OBS_VALUE",)})
    with pytest.raises(MessageError, match=name):
        written(dataset({**ROWS, name: ["x", "y"]}, components), "sdmx-ml-2.1-generic")


# --- dates for periods ---


@pytest.mark.parametrize("period", ["2020-13", "2020-Q5", "2021-D366", "2020-02-30", "soon"])
def test_what_is_no_period_is_told_where_dates_are_asked_for(period: str) -> None:
    data = dataset(ROWS | {"TIME_PERIOD": ["2020-Q2", period]}, STOCK)
    text, report = written(data, "sdmx-csv-2.0", time_format="normalized")
    assert period in message_of(report, "period-not-normalized")
    assert cells(read(text, STOCK).datasets[0])["TIME_PERIOD"] == ["2020-04-01", period]
    _, report = written(data, "sdmx-csv-2.0")
    assert not report.of_rule("period-not-normalized")


# --- several languages by the structure ---


def structure_of_3_0(text_format: str, occurs: str = "") -> bytes:
    space = f"{M}v3_0/"
    return (
        f'<m:Structure xmlns:m="{space}message" xmlns:s="{space}structure" xmlns:c="{space}common">'
        '<m:Structures><s:DataStructures><s:DataStructure id="STOCK" agencyID="NSO" version="1.0">'
        '<s:DataStructureComponents><s:DimensionList id="D"><s:Dimension id="PLACE"/>'
        '<s:TimeDimension id="TIME_PERIOD"/></s:DimensionList><s:AttributeList id="A">'
        f'<s:Attribute id="NOTE"><s:LocalRepresentation{occurs}><s:TextFormat textType="String"'
        f"{text_format}/></s:LocalRepresentation><s:AttributeRelationship><s:Observation/>"
        "</s:AttributeRelationship></s:Attribute></s:AttributeList>"
        '<s:MeasureList id="M"><s:Measure id="OBS_VALUE"/></s:MeasureList>'
        "</s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures>"
        "</m:Structure>"
    ).encode()


NOTED = dataset(
    {**ROWS, "NOTE": ["stock", None]},
    Components(STOCK.dimensions, attributes={"NOTE": ("OBS_VALUE",)}),
    dataflow="",
    structure="NSO:STOCK(1.0)",
)


@pytest.mark.parametrize("format", ["sdmx-ml-3.0", "sdmx-ml-3.1"])
@pytest.mark.parametrize(
    ("text_format", "occurs", "element"),
    [
        (
            ' isMultiLingual="true"',
            "",
            b'<Value><common:Text xml:lang="en">stock</common:Text>',
        ),
        ("", ' maxOccurs="unbounded"', b"<Value>stock</Value>"),
        (' isMultiLingual="false"', ' maxOccurs="1"', b' NOTE="stock"'),
        # The schema of 3.0 says true by default, that of 3.1 false, and the samples of 3.0 are
        # written as if it were false.
        ("", "", b' NOTE="stock"'),
    ],
)
def test_what_is_several_by_the_structure_is_an_element(
    format: str, text_format: str, occurs: str, element: bytes
) -> None:
    given = structure_of_3_0(text_format, occurs)
    text, report = written(NOTED, format, structure=given)
    assert element in text
    assert bool(report.of_rule("language-assumed")) == ("true" in text_format)
    plain, _ = written(NOTED, "sdmx-ml-2.1", structure=given)
    assert b' NOTE="stock"' in plain


def test_what_a_message_says_of_its_data_set_and_its_annotations_is_carried_or_told() -> None:
    annotations = (
        f'<c:Annotations xmlns:c="{M}v2_1/common"><c:Annotation><c:AnnotationText>t'
        "</c:AnnotationText></c:Annotation></c:Annotations>"
    )
    series = f'<Series PLACE="n">{annotations}<Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>'
    said = {
        "setID": "S7",
        "validFromDate": "2025-01-01T00:00:00",
        "reportingBeginDate": "2019",
        "publicationYear": "2024",
    }
    attributes = "".join(f' s:{name}="{value}"' for name, value in said.items())
    text = series_message(annotations + series).decode()
    message = read(
        text.replace(' s:structureRef="A"', f' s:structureRef="A"{attributes}').encode()
    )
    (finding,) = message.report.of_rule("not-read")
    assert "2 elements Annotations" in finding.message
    (found,) = message.datasets
    named = replace(found, dataflow="A:B(1.0)")
    for format in ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-csv-1.0"):
        target = io.BytesIO()
        told = write(named, target, format).of_rule("about-left-out")
        kept = read(target.getvalue(), partial=True).datasets[0].about
        lost = "".join(each.message for each in told)
        assert set(found.about) == {"setID", "validFrom", "reportingBegin", "publicationYear"}
        assert all(name in kept or name in lost for name in found.about)


@pytest.mark.parametrize("format", ["sdmx-ml-3.0", "sdmx-ml-3.1"])
@pytest.mark.parametrize("layout", ["series", "flat"])
def test_text_with_markup_is_an_element_that_the_schema_allows(
    format: str, layout: str
) -> None:
    components = Components(
        ("AREA", "TIME_PERIOD"),
        attributes={"REMARK": ("AREA",), "NOTE": ("OBS_VALUE",)},
        structured=frozenset({"REMARK", "NOTE"}),
    )
    frame = pd.DataFrame(
        {
            "AREA": ["N", "S"],
            "TIME_PERIOD": ["2023", "2023"],
            "OBS_VALUE": ["1", "2"],
            "REMARK": ["a < b & c", None],
            "NOTE": [None, "<p>as text</p>"],
        }
    )
    target = io.BytesIO()
    told = write(Dataset(frame, components, "NSO:DF(1.0)"), target, format, layout=layout)
    assert schemas.errors(target.getvalue(), components, layout) == []
    assert "REMARK" in told.of_rule("language-assumed").findings[0].message
    again = read(target.getvalue(), structure=components).datasets[0].observations
    assert json.loads(again["REMARK"][0]) == {"en": "a < b & c"}
    assert json.loads(again["NOTE"][1]) == {"en": "<p>as text</p>"}


def test_texts_with_markup_are_read_by_language_and_the_markup_is_told() -> None:
    components = Components(
        ("AREA", "TIME_PERIOD"),
        attributes={"REMARK": ("AREA",)},
        structured=frozenset({"REMARK"}),
    )
    frame = pd.DataFrame(
        {"AREA": ["N"], "TIME_PERIOD": ["2023"], "OBS_VALUE": ["1"], "REMARK": ["one and two"]}
    )
    target = io.BytesIO()
    write(Dataset(frame, components, "NSO:DF(1.0)"), target, "sdmx-ml-3.0")
    marked = b'<b xmlns="http://www.w3.org/1999/xhtml">one</b> and two'
    message = read(target.getvalue().replace(b"one and two", marked), structure=components)
    (text,) = message.datasets[0].observations["REMARK"]
    assert json.loads(text) == {"en": "one and two"}
    assert "1 element b" in message.report.of_rule("not-read").findings[0].message
