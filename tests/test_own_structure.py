"""Any structure of the user's own: its codelists are matched by their own names, never by ILO's labels."""

import csv
import io
from pathlib import Path

import pytest
import sdmx
from sdmx.message import StructureMessage
from sdmx.model import common, v21

from ilms_sdmx import Conversion, convert, validate, write_conversion
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.file.reading import parse_mapping

MAPPING = """mapping: 2
tables:
  - name: t
    begin: Country
    rows: [{name: country, header: Country}]
    columns: [gender]
    beside: [{name: flag, right: 1}]
codes:
  genders: {codelist: CL_GENDER, match: true}
datasets:
  - dataflow: TH_NSO:DSD_STOCK(1.0)
    structure: dsd.xml
    components:
      COUNTERPART: {from: country}
      GENDER: {from: gender, codes: genders}
      TIME_PERIOD: 2020
      FLAG: {from: flag}
"""
TABLE = "Country;Male;;หญิง;;Other;\nJapan;1;P;2;;3;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    agency = common.Agency(id="TH_NSO")
    genders: v21.Codelist = v21.Codelist(id="CL_GENDER", maintainer=agency, version="1.0")
    genders.append(v21.Code(id="M", name={"en": "Male", "th": "ชาย"}))
    genders.append(v21.Code(id="F", name={"en": "Female", "th": "หญิง"}))
    flags: v21.Codelist = v21.Codelist(id="CL_FLAG", maintainer=agency, version="1.0")
    flags.append(v21.Code(id="P", name={"en": "Provisional"}))
    scheme = common.ConceptScheme(id="CS", maintainer=agency, version="1.0")
    names = ("COUNTERPART", "GENDER", "TIME_PERIOD", "OBS_VALUE", "FLAG")
    scheme.extend(common.Concept(id=name) for name in names)
    dsd = v21.DataStructureDefinition(id="DSD_STOCK", maintainer=agency, version="1.0")
    dsd.dimensions.append(
        v21.Dimension(id="COUNTERPART", concept_identity=scheme["COUNTERPART"], order=1)
    )
    gender = v21.Dimension(id="GENDER", concept_identity=scheme["GENDER"], order=2)
    gender.local_representation = common.Representation(enumerated=genders)
    dsd.dimensions.append(gender)
    time = v21.TimeDimension(id="TIME_PERIOD", concept_identity=scheme["TIME_PERIOD"], order=3)
    dsd.dimensions.append(time)
    dsd.measures.append(
        v21.PrimaryMeasure(id="OBS_VALUE", concept_identity=scheme["OBS_VALUE"])
    )
    flag = common.DataAttribute(id="FLAG", concept_identity=scheme["FLAG"])
    flag.local_representation = common.Representation(enumerated=flags)
    flag.related_to = v21.PrimaryMeasureRelationship()
    dsd.attributes.append(flag)
    message = StructureMessage()
    for artefact in (genders, flags, scheme, dsd):
        message.add(artefact)
    (tmp_path / "dsd.xml").write_bytes(sdmx.to_xml(message))
    return tmp_path


def converted(folder: Path, mapping: str = MAPPING, table: str = TABLE) -> Conversion:
    (folder / "t.csv").write_text(table, encoding="utf-8")
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    return convert(folder / "t.csv", folder / "m.yaml")


def test_labels_match_the_names_of_its_own_codes_in_any_language_and_nothing_else(
    folder: Path,
) -> None:
    done = converted(folder)
    frame = done.datasets[0].observations.astype("object")
    assert dict(zip(frame["GENDER"], frame["OBS_VALUE"], strict=True)) == {"M": "1", "F": "2"}
    (unknown,) = done.report
    assert (unknown.read, unknown.component, unknown.candidates) == ("Other", "GENDER", ())


def test_a_blank_flag_is_no_flag(folder: Path) -> None:
    frame = converted(folder).datasets[0].observations
    assert frame["FLAG"].notna().tolist() == [True, False]


def test_near_names_are_offered_from_its_own_codes(folder: Path) -> None:
    done = converted(folder, table=TABLE.replace("Other", "Femal"))
    assert [c.code for f in done.report for c in f.candidates][:1] == ["F"]


def test_a_codelist_that_the_structure_does_not_have_is_refused(folder: Path) -> None:
    with pytest.raises(
        MappingError, match=r"codes: genders: expected a codelist of dsd.xml.*found 'CL_SEX'"
    ):
        converted(folder, MAPPING.replace("CL_GENDER", "CL_SEX"))


def test_a_label_without_a_code_map_is_listed_with_what_mends_it(folder: Path) -> None:
    done = converted(folder, table=TABLE.replace(";P;", ";Z;"))
    write_conversion(done, folder / "out", prepared="2026-01-01T00:00:00Z", partial=True)
    text = (folder / "out" / "t.unmapped.csv").read_text(encoding="utf-8-sig")
    rows = {r["source"]: r for r in csv.DictReader(text.splitlines())}
    assert (rows["Z"]["code"], rows["Z"]["map"]) == ("", "")
    assert "give FLAG a code map" in rows["Z"]["fix"]
    assert (rows["Other"]["code"], rows["Other"]["map"]) == ("?", "genders")


OWN_FLOW = """mapping: 2
tables:
  - name: t
    begin: Country
    rows: [{name: country}]
    columns: [period]
datasets:
  - dataflow: TH_NSO:DF_ISSUED(1.0)
    components:
      REF_AREA: THA
      COUNTRY: {from: country}
      TIME_PERIOD: {period: period}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""
MIXED = b"Country,2019,2020-Q1,2020-03\nJapan,11,2,1\nChina,13,4,3\n"


def test_a_dataflow_of_the_office_without_freq_in_its_mapping_has_none(tmp_path: Path) -> None:
    done = convert(MIXED, parse_mapping(OWN_FLOW))
    (dataset,) = done.datasets
    assert dataset.components.dimensions == ("REF_AREA", "COUNTRY", "TIME_PERIOD")
    periods = dataset.observations["TIME_PERIOD"].astype("str")
    assert set(periods) == {"2019", "2020-Q1", "2020-03"}
    write_conversion(done, tmp_path, prepared="2026-01-01T00:00:00Z")
    (structure,) = tmp_path.glob("*.structure.xml")
    assert "FREQ" not in structure.read_text(encoding="utf-8")
    assert not validate(dataset, structure=structure).errors


def test_a_structure_of_the_user_with_freq_gets_it_from_the_periods(folder: Path) -> None:
    message = sdmx.read_sdmx(io.BytesIO((folder / "dsd.xml").read_bytes()))
    (dsd,) = message.structure.values()
    scheme = next(iter(message.concept_scheme.values()))
    frequency = common.Concept(id="FREQ")
    scheme.append(frequency)
    dsd.dimensions.append(v21.Dimension(id="FREQ", concept_identity=frequency, order=4))
    (folder / "dsd.xml").write_bytes(sdmx.to_xml(message))
    text = MAPPING.replace("TIME_PERIOD: 2020", "TIME_PERIOD: 2020-Q1")
    (dataset,) = converted(folder, text).datasets
    assert set(dataset.observations["FREQ"].astype("str")) == {"Q"}
