"""Structural rules against any structure: ours, sdmx1's, and structure messages of SDMX-ML 2.1 and 3.0."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, MessageError, StructureError, structures, validate
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures.reading import Field, read_structure_file
from ilms_sdmx.validation.rules.facets import misfit

V21 = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
V30 = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/"
AREAS = {"W": "", "ASIA": "W", "KHM": "ASIA", "LAO": "ASIA", "EUR": "W", "FRA": "EUR"}


def codes(v: str) -> str:
    """Codelist CL_AREA with its tree, as 2.1 and 3.0 write parents."""
    parent = '<Parent><Ref id="{}"/></Parent>' if v == V21 else "<Parent>{}</Parent>"
    return "".join(
        f'<Code id="{c}">{parent.format(p) if p else ""}</Code>' for c, p in AREAS.items()
    )


def structure(v: str = V21, constraint: str = "") -> bytes:
    """Structure message of a table by area and frequency with a mandatory status, and one constraint."""
    lists = "urn:sdmx:org.sdmx.infomodel.codelist.Codelist=XYZ:CL_AREA(1.0)"
    enumeration = '<Ref id="CL_AREA" agencyID="XYZ" version="1.0"/>' if v == V21 else lists
    status, observation = (
        ('assignmentStatus="Mandatory"', "PrimaryMeasure")
        if v == V21
        else ('usage="mandatory"', "Observation")
    )
    measure = "PrimaryMeasure" if v == V21 else "Measure"
    flow = (
        '<Structure><Ref id="DSD" agencyID="XYZ" version="1.0"/></Structure>'
        if v == V21
        else "<Structure>urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=XYZ:DSD(1.0)</Structure>"
    )
    return f"""<Structure xmlns="{v}structure"><Structures>
      <Codelists><Codelist id="CL_AREA" agencyID="XYZ" version="1.0">{codes(v)}</Codelist></Codelists>
      <DataStructures><DataStructure id="DSD" agencyID="XYZ" version="1.0"><DataStructureComponents>
        <DimensionList>
          <TimeDimension id="TIME_PERIOD"/>
          <Dimension id="FREQ" position="1"/>
          <Dimension id="AREA" position="2"><LocalRepresentation><Enumeration>{enumeration}</Enumeration>
          </LocalRepresentation></Dimension>
        </DimensionList>
        <AttributeList><Attribute id="OBS_STATUS" {status}>
          <LocalRepresentation><TextFormat textType="String" maxLength="1"/></LocalRepresentation>
          <AttributeRelationship><{observation}/></AttributeRelationship></Attribute></AttributeList>
        <MeasureList><{measure} id="OBS_VALUE"/></MeasureList>
      </DataStructureComponents></DataStructure></DataStructures>
      <Dataflows><Dataflow id="DF" agencyID="XYZ" version="1.0">{flow}</Dataflow></Dataflows>
      <Constraints>{constraint}</Constraints></Structures></Structure>""".encode()


def constrained(body: str, subject: str = "Dataflow", kind: str = "Allowed") -> str:
    name = "DF" if subject == "Dataflow" else "DSD"
    return (
        f'<ContentConstraint id="CC" agencyID="XYZ" version="1.0" type="{kind}"><ConstraintAttachment>'
        f'<{subject}><Ref id="{name}" agencyID="XYZ" version="1.0"/></{subject}></ConstraintAttachment>'
        f"{body}</ContentConstraint>"
    )


KEY = ("FREQ", "AREA", "TIME_PERIOD")


def data(*rows: Mapping[str, str], **columns: str) -> Dataset:
    """Data set of XYZ:DF; rows say only what differs from one good observation."""
    good = {
        "FREQ": "A",
        "AREA": "KHM",
        "TIME_PERIOD": "2023",
        "OBS_VALUE": "1",
        "OBS_STATUS": "A",
    } | columns
    frame = pd.DataFrame([good | dict(row) for row in rows or ({},)]).astype("str")
    further = dict.fromkeys(["OBS_STATUS", *columns], ("OBS_VALUE",))
    attributes = {name: on for name, on in further.items() if name not in KEY}
    parts = Components(KEY, attributes=attributes)
    return Dataset(frame, parts, "XYZ:DF(1.0)")


def areas(*names: str) -> Dataset:
    return data(*({"AREA": name} for name in names))


@pytest.mark.parametrize("v", [V21, V30])
def test_good_data_has_no_finding(v: str) -> None:
    assert not len(validate(data(), structure=structure(v)))


@pytest.mark.parametrize("v", [V21, V30])
def test_all_faults_are_found_at_once(v: str) -> None:
    bad = data(
        {"AREA": "XXX"},
        {"TIME_PERIOD": "2023Q1"},
        {"OBS_STATUS": ""},
        {"OBS_VALUE": "1,5"},
        FOO="x",
    )
    frame = bad.observations.assign(FREQ=["A", "A", "Q", "A"])
    report = validate(Dataset(frame, bad.components, bad.dataflow), structure=structure(v))
    assert report.counts == {
        "unknown-component": 1,
        "unknown-code": 1,
        "time-format": 2,
        "not-numeric": 1,
        "missing-attribute": 1,
    }
    assert report.exit_code == 2


def test_unknown_code_names_rows_and_nearest_codes() -> None:
    (found,) = validate(areas("KHM", "FRX", "FRX"), structure=structure()).of_rule(
        "unknown-code"
    )
    assert found.read == "FRX"
    assert [c.code for c in found.candidates] == ["FRA"]
    assert found.affects.startswith("2 observations: A.FRX.2023")


def test_cells_of_a_workbook_are_named() -> None:
    plain = areas("KHM", "XXX")
    cells = pd.DataFrame(
        {"file": "a.xlsx", "sheet": "T 1", "cell": ["B4", "B5"], "text": ["1", "1"]}
    )
    named = Dataset(plain.observations, plain.components, plain.dataflow, provenance=cells)
    (found,) = validate(named, structure=structure()).of_rule("unknown-code")
    assert (found.place.file, found.place.sheet, found.place.cell) == ("a.xlsx", "T 1", "B5")


CONSTRAINTS = {
    "an included region": (
        '<CubeRegion include="true"><KeyValue id="AREA"><Value>KHM</Value></KeyValue></CubeRegion>',
        {"LAO", "FRA"},
    ),
    "an excluded region": (
        '<CubeRegion include="false"><KeyValue id="AREA"><Value>KHM</Value></KeyValue></CubeRegion>',
        {"KHM"},
    ),
    "both": (
        '<CubeRegion include="true"><KeyValue id="AREA"><Value>KHM</Value>'
        "<Value>LAO</Value></KeyValue></CubeRegion>"
        ""
        '<CubeRegion include="false"><KeyValue id="AREA"><Value>LAO</Value></KeyValue></CubeRegion>',
        {"LAO", "FRA"},
    ),
    "values left out": (
        '<CubeRegion><KeyValue id="AREA" include="false"><Value>KHM</Value></KeyValue></CubeRegion>',
        {"KHM"},
    ),
    "a wildcard": (
        '<CubeRegion><KeyValue id="AREA"><Value>%A%</Value></KeyValue></CubeRegion>',
        {"KHM"},
    ),
    "cascading values": (
        '<CubeRegion><KeyValue id="AREA"><Value cascadeValues="true">ASIA</Value></KeyValue></CubeRegion>',
        {"FRA"},
    ),
    "cascading through levels": (
        '<CubeRegion><KeyValue id="AREA">'
        '<Value cascadeValues="excluderoot">W</Value></KeyValue></CubeRegion>',
        set(),
    ),
    "two dimensions": (
        '<CubeRegion><KeyValue id="AREA"><Value>KHM</Value></KeyValue>'
        '<KeyValue id="FREQ"><Value>Q</Value></KeyValue>'
        "</CubeRegion>",
        {"KHM", "LAO", "FRA"},
    ),
    "a key set": (
        '<DataKeySet isIncluded="true"><Key><KeyValue id="FREQ"><Value>A</Value></KeyValue>'
        '<KeyValue id="AREA"><Value>LAO</Value></KeyValue></Key>'
        '<Key><KeyValue id="AREA"><Value>F%</Value></KeyValue></Key></DataKeySet>',
        {"KHM"},
    ),
    "a key set that excludes": (
        '<DataKeySet isIncluded="false">'
        '<Key><KeyValue id="AREA"><Value>FRA</Value></KeyValue></Key></DataKeySet>',
        {"FRA"},
    ),
    "a time range": (
        '<CubeRegion><KeyValue id="TIME_PERIOD"><TimeRange>'
        "<StartPeriod>2024</StartPeriod></TimeRange></KeyValue>"
        "</CubeRegion>",
        {"KHM", "LAO", "FRA"},
    ),
    "a time range that holds it": (
        '<CubeRegion><KeyValue id="TIME_PERIOD"><TimeRange><StartPeriod>2023-01-01</StartPeriod>'
        "<EndPeriod>2023-Q4</EndPeriod></TimeRange></KeyValue></CubeRegion>",
        set(),
    ),
}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_cut_keys(name: str) -> None:
    body, outside = CONSTRAINTS[name]
    report = validate(
        areas("KHM", "LAO", "FRA"), structure=structure(constraint=constrained(body))
    )
    assert set(report.counts) <= {"outside-constraint"}
    named = [f.affects or ".".join(f.place.key.values()) for f in report]
    assert {area for area in AREAS for text in named if f".{area}." in text} == outside


def test_constraints_of_structure_and_dataflow_both_restrict() -> None:
    both = constrained(CONSTRAINTS["cascading values"][0], "DataStructure") + constrained(
        CONSTRAINTS["an excluded region"][0]
    ).replace('"CC"', '"CD"')
    report = validate(areas("KHM", "LAO", "FRA"), structure=structure(constraint=both))
    assert {f.place.key["AREA"] for f in report} == {"KHM", "FRA"}


def test_actual_constraint_says_what_there_is_and_not_what_may_be() -> None:
    body = constrained(CONSTRAINTS["an included region"][0], kind="Actual")
    assert not len(validate(areas("FRA"), structure=structure(constraint=body)))


def test_structure_of_sdmx1_is_taken_as_it_is() -> None:
    dsd = structures.dataflow("DF_POP_MNAS_SEX_CRS_NB").structure
    frame = pd.DataFrame(
        {
            "REF_AREA": ["KHM"],
            "FREQ": "A",
            "MEASURE": "POP_MNAS_NB",
            "SEX": "T",
            "OBS_VALUE": "1",
        }
    )
    frame.insert(4, "CRS", "CRS_RES_TOTAL")
    frame.insert(5, "TIME_PERIOD", "2023")
    report = validate(Dataset(frame.astype("str"), Components(tuple(frame)[:6])), structure=dsd)
    assert report.counts == {"unknown-code": 1}


def test_wrong_structure_is_refused_by_name() -> None:
    with pytest.raises(StructureError, match="XYZ:DF"):
        validate(data(), structure=f'<Structure xmlns="{V21}message"/>'.encode())
    with pytest.raises(MessageError, match="structure message"):
        validate(data(), structure=b"no xml")
    with pytest.raises(MessageError, match="expected an SDMX-JSON structure message"):
        validate(data(), structure=b'{"data": {"dataStructures": [{}]}}')
    with pytest.raises(TypeError, match="found a frame"):
        validate(data().observations)
    with pytest.raises(StructureError, match="NO_SUCH"):
        validate(data(), structure="NO_SUCH")


PERIODS = {
    "2024": "GregorianYear", "2024-01": "GregorianYearMonth", "2024-02-29": "GregorianDay",
    "2024-01-31T12:00:00": "DateTime", "2024-A1": "ReportingYear", "2024-S2": "ReportingSemester",
    "2024-T3": "ReportingTrimester", "2024-Q4": "ReportingQuarter", "2024-M12": "ReportingMonth",
    "2020-W53": "ReportingWeek", "2024-D366": "ReportingDay", "2024-01-01/P1M": "TimeRange",
    "2024Z": "GregorianYear", "2024+07:00": "GregorianYear", "-0001": "GregorianYear",
    "99999": "GregorianYear", "2024-W53": "",
    "2024Q1": "", "2024-Q5": "", "2024-13": "", "2023-02-29": "", "2024-M1": "", "2024-W54": "",
    "2567/68": "",
    "": "", "2024-1": "", "2024-01-01T12:00": "", "2024-12/P1M": "", "24": "",
}  # fmt: skip


@pytest.mark.parametrize("text", PERIODS)
def test_periods_are_told_by_their_form(text: str) -> None:
    period = parse_period(text)
    assert (period.kind if period else "") == PERIODS[text]
    if period:  # no period, however odd, is a crash
        assert (period.ordinal, period.start) != (period.end, period.end)


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("abc", Field("A", "attribute", facets={"maxLength": "2"}), "at most 2 characters"),
        ("a", Field("A", "attribute", facets={"minLength": "2"}), "at least 2 characters"),
        ("7", Field("A", "attribute", facets={"minValue": "8"}), "a number not under 8"),
        ("9.5", Field("A", "attribute", facets={"maxValue": "9"}), "a number not over 9"),
        ("1.234", Field("A", "attribute", facets={"decimals": "2"}), "at most 2 decimals"),
        ("a1", Field("A", "attribute", facets={"pattern": "[a-z]+"}), "a text of the pattern [a-z]+"),
        ("1.5", Field("A", "attribute", text_type="Integer"), "a value of type Integer"),
        ("maybe", Field("A", "attribute", text_type="Boolean"), "a value of type Boolean"),
        ("2024Q1", Field("A", "attribute", text_type="ObservationalTimePeriod"),
         "a value of type ObservationalTimePeriod"),
        ("1.50", Field("A", "attribute", text_type="Decimal", facets={"decimals": "2"}), ""),
        ("anything at all", Field("A", "attribute", text_type="String"), ""),
    ],
)  # fmt: skip
def test_facets(text: str, field: Field, expected: str) -> None:
    assert misfit(text, field) == expected


def test_absent_and_categorical_columns_are_accepted_alike() -> None:
    good = data({}, {"AREA": "LAO"})
    frame = good.observations.astype("category")
    frame["OBS_STATUS"] = pd.Categorical(["A", None])
    report = validate(Dataset(frame, good.components, good.dataflow), structure=structure())
    assert report.counts == {"missing-attribute": 1}


def test_each_of_several_values_is_checked_for_itself() -> None:
    several = data({"OBS_STATUS": '["A","B"]'}, {"OBS_STATUS": '["A","BB"]', "AREA": "LAO"})
    parts = Components(
        several.components.dimensions,
        attributes={"OBS_STATUS": ("OBS_VALUE",)},
        composite=frozenset({"OBS_STATUS"}),
    )
    (found,) = validate(
        Dataset(several.observations, parts, several.dataflow), structure=structure()
    )
    assert (found.rule, found.place.key["AREA"], found.expected) == (
        "facet",
        "LAO",
        "at most 1 characters",
    )


def test_file_without_a_dimension_is_reported_and_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "DATAFLOW,AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nXYZ:DF(1.0),XXX,2023,1,A\n"
    )
    report = validate(path, structure=structure())
    assert report.counts == {"missing-component": 1, "unknown-code": 1}


@pytest.mark.parametrize("form", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0"])
def test_our_own_structure_message_says_what_we_know(form: str, tmp_path: Path) -> None:
    """The structure exported and read back, its codelists cut to the dataflow, refuses the same codes."""
    flow = "DF_POP_MNAS_SEX_CRS_NB"
    structures.export(tmp_path / "structure", form, flow)
    rows = [
        ("KHM", "A", "POP_MNAS_NB", "SEX_T", "CRS_RES_TOTAL", "2010", "1"),
        ("KHM", "A", "POP_MNAS_NB", "T", "CRS_RES_THA", "2010", "1"),
        ("KHM", "A", "POP_MNAS_NB", "_Z", "CRS_RES_LAO", "2010Q1", "1"),
    ]
    columns = ["REF_AREA", "FREQ", "MEASURE", "SEX", "CRS", "TIME_PERIOD", "OBS_VALUE"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    flat = Dataset(frame, Components(tuple(columns[:6])), f"ILO:{flow}(1.0)")
    built_in = validate(flat)
    assert set(built_in.counts) == {"unknown-code", "time-format", "outside-constraint"}
    read_back = validate(flat, structure=tmp_path / "structure")
    assert {(f.component, f.read) for f in read_back} == {
        (f.component, f.read) for f in built_in
    }


@pytest.mark.shared
@pytest.mark.parametrize("form", ["sdmx-json-1.0", "sdmx-json-2.1.0"])
def test_structures_in_json_are_read(shared: Path, form: str) -> None:
    folder = shared / "data/messages" / form / "structure-message/samples"
    message = read_structure_file(folder / "constructed-sample.json")
    definition = message.definition("ECB:EXR(1.0)")
    assert definition.time == "TIME_PERIOD"
    assert definition.fields["TIME_FORMAT"].mandatory
    assert definition.fields["TIME_FORMAT"].facets["maxLength"] == "3"
    (constraint,) = definition.constraints
    assert ("SP00", "") in constraint.regions[0].selections["EXR_TYPE"].values


@pytest.mark.shared
@pytest.mark.parametrize("grouping", ["ng", "rg", "sg"])
def test_official_samples_of_ecb_validate(shared: Path, grouping: str) -> None:
    folder = shared / "data/messages/ECB_EXR"
    for path in sorted(folder.glob(f"{grouping}-*.xml")):
        if "structure" in path.name:
            continue
        report = validate(path, structure=folder / f"{grouping}-structure-full.xml")
        # They say that they were prepared in January 2010, and report August and later.
        expected = {"period-ahead": 3}
        if path.name in ("rg-xs.xml", "sg-xs.xml"):
            # Two files report August 2010 twice, with different rates.
            expected = {"duplicate-conflict": 4, "period-ahead": 2}
        assert report.counts == expected, path.name
        assert report.coverage["observations"].tolist() == [12]


@pytest.mark.shared
def test_constraint_of_the_ecb_dataflow_is_obeyed(shared: Path) -> None:
    folder = shared / "data/messages/ECB_EXR/1"
    message = (folder / "M.USD.EUR.SP00.A.xml").read_bytes()
    assert not len(validate(message, structure=folder / "structure-full.xml"))
    odd = message.replace(b'"SP00"', b'"EN00"')
    report = validate(odd, structure=folder / "structure-full.xml")
    assert set(report.counts) <= {"outside-constraint", "unknown-code"}


@pytest.mark.shared
def test_data_of_oecd_validate_against_their_structure(shared: Path) -> None:
    folder = shared / "data/undesa/oecd"
    message = json.loads((folder / "CHL_B15.json").read_text(encoding="utf-8"))["data"]
    parts = message["structures"][0]["dimensions"]["observation"]
    rows = [
        [p["values"][int(i)]["id"] for p, i in zip(parts, key.split(":"), strict=True)]
        + [str(value[0] or "")]
        for key, value in message["dataSets"][0]["observations"].items()
    ]
    columns = [p["id"] for p in parts]
    frame = pd.DataFrame(rows, columns=[*columns, "OBS_VALUE"], dtype="str")
    flow = Dataset(frame, Components(tuple(columns)), "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)")
    structure_file = folder / "DSD_MIG_dataflow_metadata.xml.gz"
    assert not {"unknown-code", "outside-constraint", "time-format"} & set(
        validate(flow, structure=structure_file).counts
    )
    odd = Dataset(frame.assign(BIRTH_PLACE="N", SEX="X"), flow.components, flow.dataflow)
    report = validate(odd, structure=structure_file)
    assert {(f.rule, f.component) for f in report} >= {("unknown-code", "SEX")}


@pytest.mark.parametrize(
    ("action", "counts"), [("Merge", {}), ("Replace", {"duplicate-conflict": 1})]
)
def test_merged_data_sets_complete_each_other(action: str, counts: dict[str, int]) -> None:
    """Figures in one data set, their status in another: no conflict where absent means unchanged."""
    columns = ["REF_AREA", "FREQ", "MEASURE", "SEX", "CRS", "TIME_PERIOD"]
    key = ("THA", "A", "POP_MNAS_NB", "SEX_T", "CRS_RES_TOTAL", "2020")
    parts = Components(tuple(columns), attributes={"OBS_STATUS": ("OBS_VALUE",)})
    data = [
        Dataset(
            pd.DataFrame(
                [(*key, *rest)], columns=[*columns, "OBS_VALUE", "OBS_STATUS"], dtype="str"
            ),
            parts,
            "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)",
            action=action,
        )
        for rest in (("9.1", pd.NA), (pd.NA, "A"))
    ]
    assert validate(data).counts == counts
