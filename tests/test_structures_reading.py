"""Structure messages in every format of SDMX are read to one and the same definition."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ilms_sdmx import MessageError, StructureError, structures
from ilms_sdmx.structures.reading import (
    Constraint,
    CubeRegion,
    Definition,
    Field,
    Selection,
    StructureMessage,
    json_message,
    of_dsd,
    read_structure_file,
    read_structures,
)

NAMESPACES = {
    "2.1": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/",
    "3.0": "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/",
    "3.1": "http://www.sdmx.org/resources/sdmxml/schemas/v3_1/",
}
URN = "urn:sdmx:org.sdmx.infomodel."
LIST = f"{URN}codelist.Codelist=LAO_NSO:CL_PROV(2.0)"
CONCEPT = f"{URN}conceptscheme.Concept=LAO_NSO:CS(1.0).PROV"
FLOW = "LAO_NSO:DF_PERMITS(1.0)"
STRUCTURE = "LAO_NSO:PERMITS(1.0)"


def xml(version: str) -> bytes:
    """Permits by province and month, one note a province, and a constraint to one province."""
    old = version == "2.1"

    def ref(id: str, urn: str, version: str = "1.0") -> str:
        return f'<Ref agencyID="LAO_NSO" id="{id}" version="{version}"/>' if old else urn

    def item(id: str) -> str:
        return f'<Ref id="{id}"/>' if old else id

    concept = CONCEPT
    if old:
        concept = (
            '<Ref agencyID="LAO_NSO" maintainableParentID="CS" id="PROV"'
            ' maintainableParentVersion="1.0"/>'
        )
    measure = "PrimaryMeasure" if old else "Measure"
    usage = 'assignmentStatus="Mandatory"' if old else 'usage="mandatory"'
    constraint = "ContentConstraint" if old else "DataConstraint"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Structure xmlns="{NAMESPACES[version]}message"><!-- made by hand --><Structures>
    <Codelist agencyID="LAO_NSO" id="CL_PROV" version="2.0">
      <Code id="LA"/><Code id="VT"><Parent>{item("LA")}</Parent></Code></Codelist>
    <ConceptScheme agencyID="LAO_NSO" id="CS" version="1.0"><Concept id="PROV">
      <CoreRepresentation><Enumeration>{ref("CL_PROV", LIST, "2.0")}</Enumeration>
      </CoreRepresentation></Concept></ConceptScheme>
    <DataStructure agencyID="LAO_NSO" id="PERMITS" version="1.0"><DataStructureComponents>
      <DimensionList>
        <TimeDimension id="TIME_PERIOD" position="1"/>
        <Dimension id="PROV" position="2">
          <ConceptIdentity>{concept}</ConceptIdentity></Dimension>
      </DimensionList>
      <Group id="ByProvince"><GroupDimension><DimensionReference>{item("PROV")}
        </DimensionReference></GroupDimension></Group>
      <AttributeList>
        <Attribute id="NOTE" {usage}><LocalRepresentation>
          <TextFormat textType="String" maxLength="40"/></LocalRepresentation>
          <AttributeRelationship><Group>{item("ByProvince")}</Group></AttributeRelationship>
        </Attribute>
        <Attribute id="SOURCE"><AttributeRelationship><None/></AttributeRelationship></Attribute>
        <Attribute id="STATUS"><AttributeRelationship><{measure}/></AttributeRelationship>
        </Attribute>
      </AttributeList>
      <MeasureList><{measure} id="OBS_VALUE"><LocalRepresentation>
        <TextFormat textType="Double" minValue="0"/></LocalRepresentation></{measure}>
      </MeasureList></DataStructureComponents></DataStructure>
    <Dataflow agencyID="LAO_NSO" id="DF_PERMITS" version="1.0">
      <Structure>{ref("PERMITS", f"{URN}datastructure.DataStructure={STRUCTURE}")}</Structure>
    </Dataflow>
    <{constraint} id="CC" agencyID="LAO_NSO" version="1.0"><ConstraintAttachment>
      <!-- for the one table there is -->
      <Dataflow>{ref("DF_PERMITS", f"{URN}datastructure.Dataflow={FLOW}")}</Dataflow>
      </ConstraintAttachment><CubeRegion><KeyValue id="PROV">
      <Value cascadeValues="true">LA</Value></KeyValue><KeyValue id="TIME_PERIOD">
      <TimeRange><StartPeriod>2015</StartPeriod></TimeRange></KeyValue></CubeRegion>
    </{constraint}></Structures></Structure>""".encode().lstrip()


def as_json() -> bytes:
    """The same structure as `xml` makes, in SDMX-JSON 2.0."""
    maintained = {"agencyID": "LAO_NSO", "version": "1.0"}
    attributes = [
        {
            "id": "NOTE",
            "usage": "mandatory",
            "attributeRelationship": {"group": "ByProvince"},
            "localRepresentation": {"format": {"dataType": "String", "maxLength": 40}},
        },
        {"id": "SOURCE", "attributeRelationship": {"dataflow": {}}},
        {"id": "STATUS", "attributeRelationship": {"observation": {}}},
    ]
    measure = {"format": {"dataType": "Double", "minValue": 0}}
    components = {
        "dimensionList": {
            "dimensions": [{"id": "PROV", "position": 0, "conceptIdentity": CONCEPT}],
            "timeDimension": {"id": "TIME_PERIOD"},
        },
        "groups": [{"id": "ByProvince", "groupDimensions": ["PROV"]}],
        "measureList": {"measures": [{"id": "OBS_VALUE", "localRepresentation": measure}]},
        "attributeList": {"attributes": attributes},
    }
    province = {"id": "PROV", "values": [{"value": "LA", "cascadeValues": True}]}
    time = {"id": "TIME_PERIOD", "timeRange": {"startPeriod": {"period": "2015"}}}
    constraint = {
        "id": "CC",
        **maintained,
        "role": "Allowed",
        "constraintAttachment": {"dataflows": [f"{URN}datastructure.Dataflow={FLOW}"]},
        "cubeRegions": [{"include": True, "keyValues": [province, time]}],
    }
    concept = {"id": "PROV", "coreRepresentation": {"enumeration": LIST}}
    content = {
        "codelists": [
            {
                "agencyID": "LAO_NSO",
                "id": "CL_PROV",
                "version": "2.0",
                "codes": [{"id": "LA"}, {"id": "VT", "parent": "LA"}],
            }
        ],
        "conceptSchemes": [{"id": "CS", **maintained, "concepts": [concept]}],
        "dataStructures": [
            {"id": "PERMITS", **maintained, "dataStructureComponents": components}
        ],
        "dataflows": [
            {
                "id": "DF_PERMITS",
                **maintained,
                "structure": f"{URN}datastructure.DataStructure={STRUCTURE}",
            }
        ],
        "dataConstraints": [constraint],
    }
    return json.dumps({"data": content}).encode()


MESSAGES = {version: xml(version) for version in NAMESPACES} | {"JSON": as_json()}
EXPECTED = Definition(
    STRUCTURE,
    {
        "PROV": Field("PROV", "dimension", "CL_PROV", {"LA": "", "VT": "LA"}),
        "TIME_PERIOD": Field("TIME_PERIOD", "time"),
        "NOTE": Field(
            "NOTE",
            "attribute",
            text_type="String",
            facets={"maxLength": "40"},
            mandatory=True,
            attachment=("PROV",),
            group="ByProvince",
        ),
        "SOURCE": Field("SOURCE", "attribute"),
        "STATUS": Field("STATUS", "attribute", attachment=("OBS_VALUE",)),
        "OBS_VALUE": Field(
            "OBS_VALUE", "measure", text_type="Double", facets={"minValue": "0"}
        ),
    },
    (
        Constraint(
            "CC",
            (
                CubeRegion(
                    {
                        "PROV": Selection((("LA", "true"),)),
                        "TIME_PERIOD": Selection(start="2015"),
                    }
                ),
            ),
        ),
    ),
    {"ByProvince": ("PROV",)},
)


@pytest.mark.parametrize("data", MESSAGES.values(), ids=MESSAGES)
def test_every_format_gives_the_same_definition(data: bytes) -> None:
    assert read_structures(data).definition(FLOW) == EXPECTED


@pytest.mark.parametrize("data", MESSAGES.values(), ids=MESSAGES)
def test_version_and_agency_may_differ_where_one_id_is_alike(data: bytes) -> None:
    message = read_structures(data)
    assert message.definition("ILO:DF_PERMITS(2.0)").id == STRUCTURE
    assert message.definition(structure="PERMITS").id == STRUCTURE


def test_columns_follow_the_structure() -> None:
    components = EXPECTED.components
    assert components.dimensions == ("PROV", "TIME_PERIOD")
    assert components.measures == ("OBS_VALUE",)
    assert components.attributes == {"NOTE": ("PROV",), "SOURCE": (), "STATUS": ("OBS_VALUE",)}


def test_unknown_structure_is_named_with_those_there_are() -> None:
    message = StructureMessage({"A:X(1.0)": EXPECTED, "A:Y(1.0)": EXPECTED}, {}, ())
    with pytest.raises(StructureError, match=r"structure of A:Z.* A:X\(1.0\), A:Y"):
        message.definition("A:Z(1.0)")


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0"])
def test_what_we_export_is_read_as_sdmx1_holds_it(form: str) -> None:
    flow = "EMP_TEMP_SEX_AGE_CCT_NB"
    message = read_structures(structures.to_bytes(form, flow))
    definition = message.definition(f"ILO:DF_{flow}(1.0)")
    expected = of_dsd(structures.dataflow(flow).structure)
    assert definition.dimensions == expected.dimensions
    assert definition.components == expected.components
    for name, field in definition.fields.items():
        assert (field.role, field.codelist) == (
            expected.fields[name].role,
            expected.fields[name].codelist,
        )


WRONG = {
    "text": b"REF_AREA,OBS_VALUE",
    "other XML": b"<html><body/></html>",
    "cut XML": xml("2.1")[:400],
    "cut JSON": as_json()[:400],
    "JSON of data": b'{"data": {"dataSets": [], "dataflows": [{}]}}',
    "deep JSON": b'{"data": ' + b"[" * 100_000,
    "list": b'{"data": []}',
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_other_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(MessageError, match=r"^permits: expected"):
        read_structures(data, "permits")


def test_files_are_unpacked_and_broken_ones_refused(tmp_path: Path) -> None:
    packed = gzip.compress(xml("3.0"))
    whole, cut, spoilt = (tmp_path / name for name in ("whole.gz", "cut.gz", "spoilt.gz"))
    whole.write_bytes(packed)
    cut.write_bytes(packed[:-40])
    spoilt.write_bytes(packed[:20] + b"\xff" * 20 + packed[40:])
    assert read_structure_file(whole).definition(FLOW) == EXPECTED
    for path in (cut, spoilt, tmp_path / "none.xml", tmp_path):
        with pytest.raises(MessageError, match="cannot be read"):
            read_structure_file(path)


def test_position_that_is_no_number_does_not_stop_the_reading() -> None:
    odd = xml("2.1").replace(b'position="2"', b'position="last"')
    assert read_structures(odd).definition(FLOW).dimensions == ("PROV", "TIME_PERIOD")


JSON_STRUCTURE = {
    "data": {
        "codelists": [
            {"id": "CL_KIND", "agencyID": "NSO", "codes": [{"id": "a"}, {"id": "b"}]}
        ],
        "dataflows": [{"id": "DF", "agencyID": "NSO", "structure": "urn:x=NSO:DSD(1.0)"}],
        "dataStructures": [
            {
                "id": "DSD",
                "agencyID": "NSO",
                "dataStructureComponents": {
                    "dimensionList": {"dimensions": [{"id": "KIND"}, {"id": "PLACE"}]},
                    "measureList": {"measures": [{"id": "OBS_VALUE"}]},
                },
            }
        ],
    }
}


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("codelists", 0, "codes", 1), {}, "codelists[0].codes[1] has no 'id'"),
        (("codelists", 0), "CL", "codelists[0] is not an object"),
        (("dataflows", 0), {"structure": 3}, "dataflows[0]"),
        (("dataflows",), {"a": 1}, "dataflows is not a list"),
        (("dataStructures", 0), {}, "dataStructures[0] has no 'id'"),
        (
            ("dataStructures", 0, "dataStructureComponents", "dimensionList", "dimensions", 1),
            {"position": 1},
            "dataStructures[0], component number 2 (dimension) has no 'id'",
        ),
        (
            ("dataStructures", 0, "dataStructureComponents", "measureList"),
            {"measures": [{"id": "OBS_VALUE", "localRepresentation": [3]}]},
            "dataStructures[0], component OBS_VALUE (measure) is not of the form",
        ),
    ],
)
def test_a_broken_json_structure_is_refused_at_its_place(
    path: tuple[str | int, ...], value: Any, place: str
) -> None:
    tree: Any = json.loads(json.dumps(JSON_STRUCTURE))
    json_message.read(json.dumps(tree).encode(), "whole.json")
    node = tree["data"]
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    with pytest.raises(MessageError) as caught:
        json_message.read(json.dumps(tree).encode(), "broken.json")
    message = str(caught.value)
    assert message.startswith("broken.json: expected an SDMX-JSON structure message")
    assert place in message
    assert "Error" not in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"data": ', "no JSON at line 1"),
        (b'{"meta": {}}', "has no 'data'"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_structure_is_said(text: bytes, reason: str) -> None:
    with pytest.raises(MessageError, match=reason):
        json_message.read(text, "broken.json")
