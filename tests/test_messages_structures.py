"""A structure is taken in every form wherever a message is read, and picked by the message's reference."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import (
    Components,
    Dataset,
    Header,
    IlmsError,
    MessageError,
    StructureError,
    structures,
)
from ilms_sdmx.cli import run
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.messages import (
    Message,
    from_sdmx1,
    read,
    read_batches,
    summarise,
    to_arrow,
    to_sdmx1,
    write,
)
from ilms_sdmx.messages.bridges.arrow import described, frames_of_arrow
from ilms_sdmx.sources.sdmx_rest import fetch_sdmx
from ilms_sdmx.structures.reading import ServiceStructures, read_structures
from ilms_sdmx.validation import validate
from tests.generated import cells
from tests.services.server import LocalService, Reply

BASE = "http://www.sdmx.org/resources/sdmxml/schemas/"


def component(tag: str, id: str, inside: str = "") -> str:
    return f'<s:{tag} id="{id}">{inside}</s:{tag}>'


def attached(id: str, relation: str) -> str:
    relationship = f"<s:AttributeRelationship>{relation}</s:AttributeRelationship>"
    return component("Attribute", id, relationship)


def definition(id: str, dimensions: str, group: str = "") -> str:
    """Structure of some dimensions, with a unit on the series and a remark on each observation."""
    names = dimensions.split()
    listed = "".join(component("Dimension", name) for name in names)
    listed += component("TimeDimension", "TIME_PERIOD")
    references = "".join(f'<s:Dimension><Ref id="{name}"/></s:Dimension>' for name in names)
    attributes = attached("UNIT_MEASURE", references)
    attributes += attached(
        "REMARK", '<s:PrimaryMeasure><Ref id="OBS_VALUE"/></s:PrimaryMeasure>'
    )
    groups = ""
    if group:
        member = '<s:GroupDimension><s:DimensionReference><Ref id="{}"/></s:DimensionReference></s:GroupDimension>'
        inside = "".join(member.format(name) for name in group.split())
        groups = f'<s:Group id="Part">{inside}</s:Group>'
        attributes += attached("TITLE", '<s:Group><Ref id="Part"/></s:Group>')
    return (
        f'<s:DataStructure id="{id}" agencyID="NSO" version="2.3"><c:Name>{id}</c:Name>'
        f"<s:DataStructureComponents><s:DimensionList>{listed}</s:DimensionList>{groups}"
        f"<s:AttributeList>{attributes}</s:AttributeList>"
        f"<s:MeasureList>{component('PrimaryMeasure', 'OBS_VALUE')}</s:MeasureList>"
        "</s:DataStructureComponents></s:DataStructure>"
    )


def flow(id: str, structure: str) -> str:
    reference = f'<Ref agencyID="NSO" id="{structure}" version="2.3"/>'
    return (
        f'<s:Dataflow id="{id}" agencyID="NSO" version="1.0"><c:Name>{id}</c:Name>'
        f"<s:Structure>{reference}</s:Structure></s:Dataflow>"
    )


def message(flows: str, definitions: str, root: str = "Structure") -> bytes:
    header = (
        "<m:Header><m:ID>S</m:ID><m:Test>false</m:Test>"
        '<m:Prepared>2026-02-03T00:00:00</m:Prepared><m:Sender id="NSO"/></m:Header>'
    )
    space = f"{BASE}v2_1/"
    return (
        f'<m:{root} xmlns:m="{space}message" xmlns:s="{space}structure" xmlns:c="{space}common">'
        f"{header}<m:Structures><s:Dataflows>{flows}</s:Dataflows>"
        f"<s:DataStructures>{definitions}</s:DataStructures></m:Structures></m:{root}>"
    ).encode()


PERMITS = definition("PERMITS", "AREA KIND", "KIND")
WAGES = definition("WAGES", "AREA SECTOR CURRENCY")
ONE = message(flow("DF_PERMITS", "PERMITS"), PERMITS)
BOTH = message(flow("DF_PERMITS", "PERMITS") + flow("DF_WAGES", "WAGES"), PERMITS + WAGES)
OLD = f"""<Structure xmlns="{BASE}v2_0/message" xmlns:s="{BASE}v2_0/structure"><KeyFamilies>
<s:KeyFamily id="PERMITS" agencyID="NSO" version="2.3"><s:Components>
<s:Dimension conceptRef="AREA"/><s:Dimension conceptRef="KIND" codelist="CL_KIND"/>
<s:TimeDimension conceptRef="TIME_PERIOD"/>
<s:Group id="Part"><s:DimensionRef>KIND</s:DimensionRef></s:Group>
<s:PrimaryMeasure conceptRef="OBS_VALUE"><s:TextFormat textType="Double"/></s:PrimaryMeasure>
<s:Attribute conceptRef="UNIT_MEASURE" attachmentLevel="Series" assignmentStatus="Mandatory"/>
<s:Attribute conceptRef="REMARK" attachmentLevel="Observation" assignmentStatus="Conditional"/>
<s:Attribute conceptRef="TITLE" attachmentLevel="Group" assignmentStatus="Conditional">
<s:AttachmentGroup>Part</s:AttachmentGroup></s:Attribute>
</s:Components></s:KeyFamily></KeyFamilies></Structure>""".encode()

SERIES = ("AREA", "KIND")
COMPONENTS = Components(
    (*SERIES, "TIME_PERIOD"),
    ("OBS_VALUE",),
    {"UNIT_MEASURE": SERIES, "REMARK": ("OBS_VALUE",), "TITLE": ("KIND",)},
    groups={"Part": ("KIND",)},
)
ROWS = {
    "AREA": ["N", "N", "S"],
    "KIND": ["work", "study", "work"],
    "TIME_PERIOD": ["2023", "2023-Q2", "2023"],
    "OBS_VALUE": ["10.0", "7", None],
    "UNIT_MEASURE": ["PS", "PS", "PS"],
    "REMARK": [None, "revised: up", None],
    "TITLE": ["Work permits", None, "Work permits"],
}
DATASET = Dataset(pd.DataFrame(ROWS, dtype="string"), COMPONENTS, "NSO:DF_PERMITS(1.0)")


def written(dataset: Dataset = DATASET, format: str = "sdmx-ml-2.1") -> bytes:
    buffer = io.BytesIO()
    write(dataset, buffer, format)
    return buffer.getvalue()


def sdmx1_message() -> object:
    import sdmx

    return sdmx.read_sdmx(io.BytesIO(ONE))


def forms(folder: Path) -> dict[str, object]:
    """One structure in every form in which it can be given."""
    path = folder / "dsd.xml"
    path.write_bytes(ONE)
    held = sdmx1_message()
    registry = ONE.replace(b"m:Structure ", b"m:RegistryInterface ")
    registry = registry.replace(b"</m:Structure>", b"</m:RegistryInterface>")
    return {
        "path": path,
        "path as text": str(path),
        "bytes": ONE,
        "gzip": gzip.compress(ONE),
        "of SDMX 2.0": OLD,
        "registry": registry,
        "message": read_structures(ONE),
        "definition": read_structures(ONE).definition("NSO:DF_PERMITS(1.0)"),
        "sdmx1 message": held,
        "sdmx1 dataflow": held.dataflow["DF_PERMITS"],  # type: ignore[attr-defined]
        "sdmx1 definition": held.structure["PERMITS"],  # type: ignore[attr-defined]
        "several structures": BOTH,
    }


@pytest.mark.parametrize(
    "format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-csv-2.0", "sdmx-json-2.0"]
)
def test_a_message_reads_alike_with_its_structure_in_every_form(
    format: str, tmp_path: Path
) -> None:
    data = written(format=format)
    for name, form in forms(tmp_path).items():
        found = read(data, structure=form).datasets[0]  # type: ignore[arg-type]
        assert found.components == COMPONENTS, name
        # A generic message and series have an order of their own.
        assert cells(found) == cells(DATASET), name


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_our_own_structure_reads_alike_by_id_file_bytes_and_object(
    version: str, tmp_path: Path
) -> None:
    import sdmx

    dataflow = "DF_EMP_MFRC_SEX_CCT_NB"
    path = tmp_path / "dsd.xml"
    structures.export(path, f"sdmx-ml-{version}", dataflow=dataflow)
    identity = f"ILO:{dataflow}(1.0)"
    roles = read_structures(path.read_bytes()).definition(identity).components
    row = dict.fromkeys(roles.dimensions, "X")
    row |= {"TIME_PERIOD": "2020", "OBS_VALUE": "1.10", "OBS_STATUS": "A", "UNIT_MULT": "3"}
    frame = pd.DataFrame([row, row | {"TIME_PERIOD": "2021"}], dtype="string")
    data = written(Dataset(frame.reindex(columns=roles.columns), roles, identity))
    held = sdmx.read_sdmx(io.BytesIO(path.read_bytes()))
    forms = [dataflow, identity, path, str(path), path.read_bytes(), held]
    forms += [held.dataflow[dataflow], held.dataflow[dataflow].structure]
    first = read(data, structure=forms[0]).datasets[0]
    assert list(first.observations["OBS_VALUE"]) == ["1.10", "1.10"]
    for form in forms[1:]:
        found = read(data, structure=form).datasets[0]
        pd.testing.assert_frame_equal(found.observations, first.observations)
        assert found.components.dimensions == first.components.dimensions


def test_every_verb_that_reads_takes_a_structure(tmp_path: Path) -> None:
    data = tmp_path / "permits.csv"
    data.write_bytes(written(format="sdmx-csv-1.0"))
    with read_batches(data, ONE, size=2) as batches:
        assert {batch.components.attributes["TITLE"] for batch in batches} == {("KIND",)}
    assert summarise(data, ONE)[0].components == COMPONENTS
    assert to_arrow(data, ONE).column("TITLE").to_pylist() == ROWS["TITLE"]
    assert not validate(data, structure=ONE).errors
    target = tmp_path / "permits.json"
    write(data, target, "sdmx-json-2.0", structure=ONE)
    assert read(target).datasets[0].components.attributes["TITLE"] == ("KIND",)


@pytest.mark.parametrize("command", ["cat", "inspect", "validate"])
def test_every_command_takes_a_structure_file(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, structure = tmp_path / "permits.csv", tmp_path / "dsd.xml"
    data.write_bytes(written(format="sdmx-csv-1.0"))
    structure.write_bytes(BOTH)
    assert run([command, str(data), "-s", str(structure)]) == 0
    assert "inferred" not in capsys.readouterr().out


def test_transform_takes_a_structure_file(tmp_path: Path) -> None:
    data, structure, target = (tmp_path / n for n in ("permits.csv", "dsd.json", "permits.xml"))
    data.write_bytes(written(format="sdmx-csv-1.0"))
    structure.write_bytes(ONE)
    assert run(["transform", str(data), str(target), "-s", str(structure)]) == 0
    assert b'<Group xsi:type="ns1:Part"' in target.read_bytes()


def test_data_sets_of_one_csv_file_have_each_their_structure() -> None:
    text = (
        "STRUCTURE;STRUCTURE_ID;ACTION;AREA;KIND;SECTOR;CURRENCY;TIME_PERIOD;OBS_VALUE;EXTRA\n"
        "dataflow;NSO:DF_WAGES(1.0);R;N;;mining;XAF;2022;310;e\n"
        "dataflow;NSO:DF_PERMITS(1.0);R;S;work;;;2023;9;\n"
    )
    wages, permits = read(text.encode(), structure=BOTH).datasets
    assert wages.components.dimensions == ("AREA", "SECTOR", "CURRENCY", "TIME_PERIOD")
    assert permits.components.dimensions == ("AREA", "KIND", "TIME_PERIOD")
    assert "SECTOR" not in permits.observations.columns
    assert wages.observations["EXTRA"].tolist() == ["e"]


def test_what_fits_nothing_names_the_message_and_the_file() -> None:
    other = Dataset(DATASET.observations, COMPONENTS, "NSO:DF_VISAS(1.0)")
    with pytest.raises(StructureError, match=r"NSO:DF_VISAS\(1.0\), found only .*DF_PERMITS"):
        read(written(other), structure=BOTH)
    nameless = (
        written().replace(b'structureID="S1"', b"").replace(b"StructureUsage", b"Nothing")
    )
    with pytest.raises(StructureError, match=r"found no reference; .* holds NSO:PERMITS"):
        read(nameless, structure=BOTH)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("DF_POP_MNAO_SEX_CDS_N", "nearest are"), ("here/none.xml", "there is no such file")],
)
def test_a_name_that_is_no_structure(given: str, expected: str) -> None:
    with pytest.raises(StructureError, match=expected):
        read(written(), structure=given)


@pytest.fixture
def served() -> LocalService:
    service = LocalService()
    service.on("/rest/dataflow/NSO/DF_PERMITS/(1.0|latest)", Reply(ONE))
    service.on("/files/dsd.xml", Reply(ONE))
    service.on("/rest/data/NSO,DF_PERMITS,1.0/all", Reply(written(format="sdmx-csv-1.0")))
    service.on("/rest/data/NSO,DF_OTHER,1.0/all", Reply(written(format="sdmx-csv-1.0")))
    return service


def test_an_address_and_a_service_give_structures(served: LocalService, tmp_path: Path) -> None:
    client = Client(tmp_path)
    with served:
        asked = ServiceStructures(f"{served.url}/rest", client=client)
        assert read(written(), structure=asked).datasets[0].components == COMPONENTS
        at_address = read(written(), structure=f"{served.url}/files/dsd.xml")
        assert at_address.datasets[0].components == COMPONENTS


def test_fetch_asks_for_the_structure_before_it_reads(
    served: LocalService, tmp_path: Path
) -> None:
    with served:
        base = f"{served.url}/rest"
        got = fetch_sdmx(Client(tmp_path), base, "NSO:DF_PERMITS(1.0)")
        assert got.dataset.components == COMPONENTS
        assert "structure-not-served" not in {finding.rule for finding in got.report}
        told = fetch_sdmx(Client(tmp_path), base, "NSO:DF_OTHER(1.0)")
        assert "structure-not-served" in {finding.rule for finding in told.report}
        own = fetch_sdmx(Client(tmp_path), base, "NSO:DF_OTHER(1.0)", structure=ONE)
        assert own.dataset.components == COMPONENTS


# --- sdmx1 ---


def test_sdmx1_takes_an_id_and_gives_a_message() -> None:
    import sdmx

    ours = Dataset(
        pd.DataFrame(
            {
                "REF_AREA": ["KHM"],
                "FREQ": ["A"],
                "MEASURE": ["POP_MNAO_NB"],
                "SEX": ["SEX_T"],
                "CDS": ["CDS_DES_TOTAL"],
                "TIME_PERIOD": ["2021"],
                "OBS_VALUE": ["3.50"],
            },
            dtype="string",
        ),
        Components(("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")),
        "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)",
    )
    made = to_sdmx1(ours, "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)")
    assert from_sdmx1(made).observations["OBS_VALUE"].tolist() == ["3.50"]
    definition = structures.dataflow("DF_POP_MNAO_SEX_CDS_NB").structure
    held = sdmx.read_sdmx(io.BytesIO(written(ours)), structure=definition)
    held.header.id = "IREF7"
    again = from_sdmx1(held)
    assert isinstance(again, Message)
    assert again.header.id == "IREF7"
    assert again.header.prepared
    assert again.datasets[0].observations["OBS_VALUE"].tolist() == ["3.50"]


@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
def test_what_sdmx1_read_without_a_structure_is_taken(format: str) -> None:
    import sdmx

    (found,) = from_sdmx1(sdmx.read_sdmx(io.BytesIO(written(format=format)))).datasets
    for name in ("AREA", "KIND", "TIME_PERIOD", "OBS_VALUE", "REMARK"):
        assert cells(found)[name] == cells(DATASET)[name], name


def test_every_measure_and_what_has_no_observation_goes_to_sdmx1_and_back() -> None:
    import sdmx.model.v30 as model

    structure = model.DataStructureDefinition(id="JOBS")
    for name in ("AREA", "SECTOR", "TIME_PERIOD"):
        structure.dimensions.getdefault(id=name)
    for name in ("PERSONS", "HOURS"):
        structure.measures.append(model.Measure(id=name))
    for name in ("NOTE", "TITLE"):
        structure.attributes.append(
            model.DataAttribute(id=name, related_to=model.ObservationRelationship())
        )
    components = Components(
        ("AREA", "SECTOR", "TIME_PERIOD"),
        ("PERSONS", "HOURS"),
        {"NOTE": ("OBS_VALUE",), "TITLE": ("OBS_VALUE",)},
    )
    rows = {
        "AREA": ["N", "N", "S"],
        "SECTOR": ["A", "B", "A"],
        "TIME_PERIOD": ["2020"] * 3,
        "PERSONS": ["1.0", None, "3"],
        "HOURS": ["40", "41", None],
        "NOTE": ["n", None, "m"],
        "TITLE": [None] * 3,
    }
    series = pd.DataFrame({"AREA": ["W"], "SECTOR": ["C"], "TITLE": ["empty"]}, dtype="string")
    group = pd.DataFrame({"SECTOR": ["D"], "TITLE": ["of a sector"]}, dtype="string")
    dataset = Dataset(
        pd.DataFrame(rows, dtype="string"),
        components,
        attached={("AREA", "SECTOR"): series, ("SECTOR",): group},
    )
    again = from_sdmx1(to_sdmx1(dataset, structure))
    assert cells(again) == cells(dataset)
    assert again.attached[("AREA", "SECTOR")].to_dict("records") == series.to_dict("records")
    assert again.attached[("SECTOR",)].to_dict("records") == group.to_dict("records")


@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-csv-2.0", "sdmx-json-2.0"])
def test_arrow_and_its_batches_are_written_as_the_data_set_that_they_were(format: str) -> None:
    """Attributes of groups stay in groups: on a series the structure's own schema refuses them."""
    pa = pytest.importorskip("pyarrow")
    header = Header(id="T", prepared="2026-01-01T00:00:00")
    table = to_arrow(DATASET)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(2))
    for form in (DATASET, table, table.to_batches(2), reader):
        buffer = io.BytesIO()
        write(form, buffer, format, header=header, layout="flat")
        if form is DATASET:
            expected = buffer.getvalue()
        assert buffer.getvalue() == expected


def test_marks_of_components_go_through_arrow() -> None:
    attributes = {"NOTE": ("OBS_VALUE",), "HTML": ("AREA",)}
    marks = {name: frozenset({"NOTE"}) for name in ("multilingual", "multivalued")}
    components = Components(
        ("AREA",), ("OBS_VALUE",), attributes, structured=frozenset({"HTML"}), **marks
    )
    cells_of_row = {"AREA": ["N"], "OBS_VALUE": ["1"], "NOTE": ["n"], "HTML": ["h"]}
    frame = pd.DataFrame(cells_of_row, dtype="string")
    dataset = Dataset(frame, components, "NSO:DF_A(1.0)")
    ((read_frame, metadata),) = frames_of_arrow(to_arrow(dataset))
    again = described(read_frame, metadata)
    assert again is not None
    assert again.components == components


def test_every_structure_sample_is_taken_or_refused_with_a_reason(shared: Path) -> None:
    data = (shared / "data/messages/ECB_EXR/ng-ts-ss.xml").read_bytes()
    reasons = (
        "expected the element Structure, found",
        "the message has no 'data'",
        "found only",
        "to have an id of its own, found A twice",
    )
    taken, refused = [], {}
    for path in sorted(shared.glob("data/messages/**/*.*")):
        if path.suffix not in (".xml", ".json"):
            continue
        try:
            read(data, structure=path)
            taken.append(path.name)
        except IlmsError as error:
            refused[path.name] = str(error)
    for name, told in refused.items():
        assert any(reason in told for reason in reasons), (name, told)
    assert {"ng-structure.xml", "demography.xml", "ECB_EXR_CA_DSD.xml"} <= set(taken)
    assert taken.count("constructed-sample.json") == 2
    assert len(taken) >= 15


def test_data_sets_and_sources_of_a_constraint_of_json_are_not_structures() -> None:
    key = {"id": "AREA", "values": ["N", "W"], "cascadeValues": ["W"]}
    flow_of_json = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=NSO:F(1.0)"
    attachment = {
        "dataProvider": "urn:a",
        "dataSets": [{"dataProvider": "urn:a", "id": "D"}],
        "queryableDataSources": [{"dataURL": "http://example.org"}],
        "dataflows": [flow_of_json],
    }
    dimensions = {
        "dimensions": [{"id": "AREA", "position": 1}],
        "measureDimensions": [{"id": "KIND", "position": 2}],
    }
    structure = {"id": "S", "agencyID": "NSO", "version": "1.0"}
    structure["dataStructureComponents"] = {"dimensionList": dimensions}  # type: ignore[assignment]
    constraint = {"id": "C", "type": "Allowed", "constraintAttachment": attachment}
    constraint["cubeRegions"] = [{"isIncluded": True, "keyValues": [key]}]
    urn = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=NSO:S(1.0)"
    flows = [{"id": "F", "agencyID": "NSO", "version": "1.0", "structure": urn}]
    content = {"dataStructures": [structure], "dataflows": flows}
    content["contentConstraints"] = [constraint]
    found = read_structures(json.dumps({"data": content}).encode()).definition("NSO:F(1.0)")
    assert found.dimensions == ("AREA", "KIND")
    (of_flow,) = found.constraints
    (region,) = of_flow.regions
    assert region.selections["AREA"].values == (("N", ""), ("W", "true"))


def test_two_components_of_one_id_are_refused_in_every_form() -> None:
    twice = message(flow("DF_PERMITS", "PERMITS"), definition("PERMITS", "AREA AREA"))
    with pytest.raises(MessageError, match=r"PERMITS.* AREA twice \(as dimension and"):
        read_structures(twice)
    parts = {"dimensionList": {"dimensions": [{"id": "AREA"}, {"id": "AREA"}]}}
    structure = {"id": "S", "agencyID": "NSO", "dataStructureComponents": parts}
    content = json.dumps({"data": {"dataStructures": [structure]}}).encode()
    with pytest.raises(MessageError, match="AREA twice"):
        read_structures(content, "dsd.json")


def test_an_attribute_of_the_dimensions_of_a_group_is_on_the_series_unless_it_names_it() -> (
    None
):
    import sdmx

    on_dimensions = '<s:Dimension><Ref id="AREA"/></s:Dimension>'
    whole = definition("PERMITS", "AREA KIND", "AREA")
    extra = attached("TITLE", on_dimensions)
    start, end = whole.index("<s:AttributeList"), whole.index("</s:AttributeList>")
    unnamed = f"{whole[:start]}<s:AttributeList>{extra}{whole[end:]}"
    for form, groups in ((whole, {"Part": ("AREA",)}), (unnamed, {})):
        data = message(flow("DF_PERMITS", "PERMITS"), form)
        ours = read_structures(data).definition("NSO:DF_PERMITS(1.0)").components
        held = sdmx.read_sdmx(io.BytesIO(data)).structure["PERMITS"]  # type: ignore[attr-defined]
        assert ours.groups == groups
        assert Components.of(held) == ours


@pytest.mark.parametrize(
    ("observation", "told"),
    [
        ('TIME_PERIOD="2000" OBS_VALUE="1"', "TIME_PERIOD are taken as the dimensions."),
        ('OBS_VALUE="1"', "nothing in the message is taken as a dimension."),
        ('OBS_VALUE="1" NOTE="n"', "nothing in the message is taken as a dimension."),
        (
            'TIME_PERIOD="2000" OBS_VALUE="1" NOTE="n"',
            "the dimensions are TIME_PERIOD; the attributes are NOTE.",
        ),
    ],
)
def test_the_note_of_inferred_roles_is_a_whole_sentence(observation: str, told: str) -> None:
    space = f"{BASE}v2_1/"
    reference = '<c:Structure><Ref agencyID="NSO" id="PERMITS"/></c:Structure>'
    data = (
        f'<m:StructureSpecificData xmlns:m="{space}message" xmlns:c="{space}common"'
        f' xmlns:s="{space}data/structurespecific"><m:Header><m:ID>T</m:ID>'
        f'<m:Structure structureID="S" dimensionAtObservation="AllDimensions">{reference}'
        f'</m:Structure></m:Header><m:DataSet s:structureRef="S"><Obs {observation}/>'
        "</m:DataSet></m:StructureSpecificData>"
    )
    (note,) = read(data.encode()).report.of_rule("inferred-components").findings
    assert f"No structure was given: {told}" in str(note)


def test_attributes_go_to_sdmx1_where_they_are_attached_and_come_back() -> None:
    held = sdmx1_message()
    structure = held.structure["PERMITS"]  # type: ignore[attr-defined]
    rows = {**ROWS, "TITLE": ["Work permits", None, "Work permits"]}
    series = pd.DataFrame(
        {"AREA": ["W"], "KIND": ["visit"], "UNIT_MEASURE": ["PS"]}, dtype="string"
    )
    keys = pd.DataFrame({"AREA": ["E"], "KIND": ["visit"]}, dtype="string")
    dataset = Dataset(
        pd.DataFrame(rows, dtype="string"),
        COMPONENTS,
        "NSO:DF_PERMITS(1.0)",
        "NSO:PERMITS(2.3)",
        attached={("AREA", "KIND"): pd.concat([series, keys], ignore_index=True)},
        about={"validFrom": "2025-01-31T00:00:00"},
    )
    made = to_sdmx1(dataset, held.dataflow["DF_PERMITS"])  # type: ignore[attr-defined]
    assert made.described_by.id == "DF_PERMITS"
    assert made.valid_from == "2025-01-31T00:00:00"
    assert len(made.series) == 5
    groups = {group.values["KIND"].value: group for group in made.group}
    assert groups["work"].id == "Part"
    assert groups["work"].described_by is structure.group_dimensions["Part"]
    assert groups["work"].attrib["TITLE"].value == "Work permits"
    (first, *_) = made.obs
    assert set(first.attached_attribute) == set()
    assert set(first.series_key.attrib) == {"UNIT_MEASURE"}
    assert first.attrib["TITLE"].value == "Work permits"
    again = from_sdmx1(made)
    assert cells(again) == cells(dataset)
    assert again.components == COMPONENTS
    assert (again.dataflow, again.structure) == (dataset.dataflow, dataset.structure)
    assert again.about == dataset.about
    attached = again.attached[("AREA", "KIND")].to_dict("records")
    assert attached[0] == {"AREA": "W", "KIND": "visit", "UNIT_MEASURE": "PS"}
    assert (attached[1]["AREA"], len(attached)) == ("E", 2)


def test_an_attribute_that_differs_inside_its_series_is_on_observations() -> None:
    rows = {**ROWS, "UNIT_MEASURE": ["PS", "HOURS", "PS"], "KIND": ["work"] * 3}
    rows |= {"AREA": ["N"] * 3, "TIME_PERIOD": ["2021", "2022", "2023"]}
    dataset = Dataset(pd.DataFrame(rows, dtype="string"), COMPONENTS)
    made = to_sdmx1(dataset, sdmx1_message())
    units = [observation.attached_attribute["UNIT_MEASURE"].value for observation in made.obs]
    assert units == rows["UNIT_MEASURE"]
    assert cells(from_sdmx1(made)) == cells(dataset)


def test_annotations_of_sdmx1_are_told() -> None:
    import sdmx
    from sdmx.model.v21 import Annotation

    held = sdmx.read_sdmx(io.BytesIO(written()), structure=sdmx1_message().structure["PERMITS"])  # type: ignore[attr-defined]
    assert not from_sdmx1(held).report.of_rule("annotations-left-out")
    held.data[0].annotations.append(Annotation(id="q"))
    assert from_sdmx1(held).report.of_rule("annotations-left-out")


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("<s:DataStructureComponents/>", r"NSO:PERMITS\(2.3\), found only its name"),
        ("", r"DF_PERMITS\(1.0\), found the dataflow without it"),
    ],
)
def test_a_structure_of_which_only_the_name_is_there_is_refused(
    inside: str, found: str
) -> None:
    stub = (
        f'<s:DataStructure id="PERMITS" agencyID="NSO" version="2.3">{inside}</s:DataStructure>'
    )
    if not inside:
        stub = stub.replace('version="2.3"', 'version="2.3" isExternalReference="true"')
    data = message(flow("DF_PERMITS", "PERMITS"), stub)
    with pytest.raises(StructureError, match=found):
        read(written(), structure=data)


@pytest.mark.parametrize("inside", ["KIND", "AREA KIND"])
def test_groups_and_attachments_are_the_same_in_a_file_and_in_what_sdmx1_read(
    inside: str,
) -> None:
    import sdmx

    travelling = (
        '<s:Dimension><Ref id="KIND"/></s:Dimension>'
        '<s:AttachmentGroup><Ref id="Part"/></s:AttachmentGroup>'
    )
    whole = definition("PERMITS", "AREA KIND SEX", inside)
    extra = attached("CITATION", travelling)
    whole = whole.replace("</s:AttributeList>", f"{extra}</s:AttributeList>")
    data = message(flow("DF_PERMITS", "PERMITS"), whole)
    ours = read_structures(data).definition("NSO:DF_PERMITS(1.0)").components
    theirs = Components.of(
        sdmx.read_sdmx(io.BytesIO(data)).structure["PERMITS"]  # type: ignore[arg-type]
    )
    assert ours.attributes["CITATION"] == tuple(inside.split())
    assert ours.attributes["TITLE"] == tuple(inside.split())
    assert theirs == ours
