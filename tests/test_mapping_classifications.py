"""National classifications lead to the revision on which they are built, and to no other without a table."""

import json
from pathlib import Path

import pytest

from ilms_sdmx import MappingError, StructureError, convert, write_conversion
from ilms_sdmx.labels.classifications import (
    classifications,
    classifications_by_name,
    correspondence_lines,
)
from ilms_sdmx.mapping.file.reading import parse_mapping

MAPPING = """
mapping: 2
conventions: {languages: [en]}
tables:
  - name: t
    begin: Industry
    rows: [{name: industry}]
    columns: [year]
codes:
  industries: {codelist: CL_ECO, CODES}
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_ECO_NB
    components:
      REF_AREA: IDN
      FREQ: A
      MEASURE: EMP_MNAO_NB
      SEX: SEX_T
      ECO: {from: industry, codes: industries}
      TIME_PERIOD: {period: year}
"""
TABLE = b"Industry,2019\nManufacturing,5\n"
LINES = "values: {Manufacturing: ECO_ISIC4_C}"


def mapping(codes: str) -> str:
    return MAPPING.replace("CODES", codes)


@pytest.mark.parametrize(
    "name", ["TSIC 2009", "KBLI 2020", "vsic 2018", "PSIC 2009", "MSIC 2008", "ISIC Rev.4"]
)
def test_codes_of_the_revision_under_a_classification_are_taken(
    name: str, tmp_path: Path
) -> None:
    done = convert(TABLE, parse_mapping(mapping(f"{LINES}, classification: {name}")))
    assert not done.report.findings
    write_conversion(done, tmp_path, prepared="2026-01-01T00:00:00Z")
    manifest = json.loads(next(tmp_path.glob("*.manifest.json")).read_bytes())
    assert manifest["classifications"]["industries"]["classification"] == name


@pytest.mark.parametrize("name", ["KBLI 2025", "VSIC 2025", "MSIC 2000", "PSIC 1994"])
@pytest.mark.parametrize("codes", [LINES, "prefix: ECO_ISIC4_, match: true"])
def test_another_revision_is_refused_without_a_table(name: str, codes: str) -> None:
    with pytest.raises(
        MappingError,
        match=r"line 1[01].*codes of ISIC[35], on which .* is built.*correspondence",
    ):
        parse_mapping(mapping(f"{codes}, classification: {name}"))


def test_a_table_of_correspondence_leads_there_by_lines_and_never_by_names() -> None:
    said = "classification: KBLI 2025, correspondence: KBLI 2025 to ISIC Rev.4 (BPS 2025)"
    assert convert(TABLE, parse_mapping(mapping(f"{LINES}, {said}"))).exit_code == 0
    with pytest.raises(MappingError, match="a line for each label"):
        parse_mapping(mapping(f"prefix: ECO_ISIC4_, match: true, {said}"))


@pytest.mark.parametrize("name", ["TSIC", "VSIC", "KBLI 1999", "Industries"])
def test_a_classification_without_its_version_is_refused(name: str) -> None:
    with pytest.raises(MappingError, match="a classification with its version"):
        parse_mapping(mapping(f"{LINES}, classification: {name}"))


def test_one_that_is_not_known_says_its_revision() -> None:
    assert parse_mapping(mapping(f"{LINES}, classification: LSIC 2012, revision: ISIC4"))
    with pytest.raises(MappingError, match="codes of ISIC3, on which"):
        parse_mapping(mapping(f"{LINES}, classification: LSIC 2012, revision: ISIC3"))


def test_codes_of_two_revisions_in_one_map_are_refused() -> None:
    lines = "values: {Manufacturing: ECO_ISIC4_C, Mining: ECO_ISIC3_C}"
    with pytest.raises(MappingError, match="codes of one revision"):
        parse_mapping(mapping(lines))


def test_a_map_to_a_revision_without_a_classification_is_said() -> None:
    done = convert(TABLE, parse_mapping(mapping(LINES)))
    (found,) = done.report.of_rule("classification-not-named")
    assert "'industries'" in found.message
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("area", "own"), [("IDN", "KBLI"), ("THA", "TSIC"), ("VNM", "VSIC"), ("PHL", "PSIC")]
)
def test_it_is_asked_with_the_versions_of_the_state_that_fit(area: str, own: str) -> None:
    text = mapping(LINES).replace("REF_AREA: IDN", f"REF_AREA: {area}")
    (found,) = convert(TABLE, parse_mapping(text)).report.of_rule("classification-not-named")
    candidates = [candidate.code for candidate in found.candidates]
    assert candidates[0].startswith(own)
    assert "ISIC Rev.4" in candidates
    for other in {"KBLI", "TSIC", "VSIC", "PSIC"} - {own}:
        assert not any(name.startswith(other) for name in candidates)
    for name in candidates:
        assert classifications_by_name()[name.casefold()].revision == "ISIC4"


def test_aggregates_belong_to_no_revision() -> None:
    done = convert(TABLE, parse_mapping(mapping("values: {Manufacturing: ECO_AGGREGATE_MAN}")))
    assert not done.report.findings


@pytest.mark.parametrize(
    ("code", "wrong"), [("OCU_ISCO08_9", "PSOC 1992"), ("OCU_ISCO88_9", "MASCO 2013")]
)
def test_occupations_too(code: str, wrong: str) -> None:
    text = mapping(f"values: {{Labourers: {code}}}, classification: {wrong}")
    with pytest.raises(MappingError, match="on which"):
        parse_mapping(text.replace("CL_ECO", "CL_OCU").replace("ECO", "OCU"))


def test_the_table_of_classifications_names_each_once_with_a_revision() -> None:
    by_name = classifications_by_name()
    assert len(by_name) == len(classifications()) > 50
    assert by_name["isco-08"].revision == "ISCO08"
    assert by_name["isced 2011"].revision == "ISCED11"
    assert by_name["kbli 2017"].revision == "ISIC4"
    assert by_name["msic 1972"].revision == "ISIC2"
    assert by_name["csic"].area == "KHM"


@pytest.mark.parametrize(
    ("source", "target", "count"),
    [
        ("SSIC 2020", "ISIC Rev.4", 22),
        ("TSIC 2009", "ISIC Rev.4", 21),
        ("KBLI 2009", "ISIC Rev.4", 21 + 88),
        ("PSIC 2019", "ISIC Rev.4", 21 + 88),
        ("MASCO 2020", "ISCO-08", 10),
        ("PSOC 2012", "ISCO-08", 10),
        ("TSCO 2001", "ISCO-88", 10),
    ],
)
def test_lines_lead_to_the_base_of_a_classification(
    source: str, target: str, count: int
) -> None:
    lines = correspondence_lines(source, target)
    assert len({line.source for line in lines}) == len(lines) == count
    assert all(line.target in ("", line.source) for line in lines)


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("ISIC Rev.3.1", "ISIC Rev.4", "several sections"),
        ("ISCO-88", "ISCO-08", "several major groups"),
        ("KBLI 2025", "ISIC Rev.4", "is proven"),
        ("SSIC 2005", "ISIC Rev.3.1", "is proven"),
        ("LSIC 2012", "ISIC Rev.4", "No classification 'LSIC 2012'"),
        ("CSCO 2012", "ISCO-08", "No classification 'CSCO 2012'"),
    ],
)
def test_what_is_not_proven_has_no_lines(source: str, target: str, why: str) -> None:
    with pytest.raises(StructureError, match=why):
        correspondence_lines(source, target)


def test_codes_of_a_classification_in_place_of_names_are_read_by_its_lines() -> None:
    said = "prefix: ECO_ISIC4_, match: true, classification: KBLI 2020"
    table = b"Industry,2019\nC,5\n01,6\nV,7\n"
    done = convert(table, parse_mapping(mapping(said)))
    (dataset,) = done.datasets
    assert list(dataset.observations["ECO"].astype("str")) == ["ECO_ISIC4_C", "ECO_ISIC4_A"]
    (unknown,) = done.report.of_rule("unknown-label")
    assert unknown.read == "V"
