"""Whom a data set counts is said by ILO's notes, which every message carries."""

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import (
    Components,
    Dataset,
    Harmonised,
    MappingError,
    Origin,
    Record,
    compare,
    convert,
    read,
    write,
)
from ilms_sdmx.cli import run
from ilms_sdmx.mapping.concepts import read_statements, with_concept
from ilms_sdmx.records import records_frame

FLOW = "ILO:DF_POP_MFRB_SEX_CBR_NB(1.0)"
DIMENSIONS = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CBR", "TIME_PERIOD")
CENSUS = {"scope": "all", "ages": "all", "criterion": "birth", "refugees": "included"}


def foreign_born(value: str, mult: str) -> Dataset:
    columns = [
        "REF_AREA",
        "FREQ",
        "MEASURE",
        "SEX",
        "CBR",
        "TIME_PERIOD",
        "OBS_VALUE",
        "UNIT_MULT",
    ]
    row = ["LAO", "A", "POP_MFRB_NB", "SEX_T", "CBR_BRT_VNM", "2015", value, mult]
    frame = pd.DataFrame([row], columns=columns)
    return Dataset(frame, Components(DIMENSIONS, attributes={"UNIT_MULT": ()}), FLOW)


def united(value: str) -> Harmonised:
    data = foreign_born(value, "0")
    record = Record("UN DESA IMS", "2024", "birth", "all", "all", "included", unit="persons")
    return Harmonised(
        data, records_frame(data.observations.index, record), Origin("UN DESA IMS")
    )


def test_census_of_all_ages_is_refused_until_it_is_said() -> None:
    refused = compare(foreign_born("12.3", "3"), united("12100"))
    assert refused.pairs["verdict"].tolist() == ["not-comparable"]
    (finding,) = refused.report.of_rule("comparison-not-stated").findings
    assert "S5: all" in finding.fix
    assert finding.severity.value == "note"
    said = compare(with_concept(foreign_born("12.3", "3"), CENSUS), united("12100"))
    assert said.pairs["difference"].tolist() == [200]
    assert said.pairs["verdict"].tolist() == ["comparable"]
    assert not said.report.of_rule("comparison-not-stated").findings


@pytest.mark.parametrize("suffix", ["csv", "json", "xml"])
def test_statements_travel_with_the_message(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"census.{suffix}"
    write(with_concept(foreign_born("12.3", "3"), CENSUS), path)
    assert compare(read(path), united("12100")).pairs["difference"].tolist() == [200]


def test_command_line_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    write(foreign_born("12.3", "3"), ours)
    write(with_concept(foreign_born("12100", "0"), CENSUS), theirs)
    assert run(["compare", str(ours), "--with", str(theirs)]) == 0
    assert "no difference is taken" in capsys.readouterr().out
    options = [f"--counts={name}={text}" for name, text in CENSUS.items()]
    assert run(["compare", str(ours), "--with", str(theirs), *options]) == 0
    assert "no difference is taken" not in capsys.readouterr().out


def test_refugees_ages_and_date_are_read_back_as_they_were_said() -> None:
    statements = {
        "scope": "working-age",
        "ages": "15-64",
        "criterion": "citizenship",
        "refugees": "excluded",
        "reference_date": "2015-03-01",
    }
    frame = with_concept(foreign_born("1", "3"), statements).observations
    notes = " | ".join(frame[["NOTE_INDICATOR", "NOTE_SOURCE"]].iloc[0])
    assert read_statements(notes).fields == statements
    assert read_statements(notes).notes == ""


@pytest.mark.parametrize(
    "note",
    [
        "Population coverage: all villages but two",
        "Definition of migrants: birth, as far as known",
        "Data reference period: fiscal year",
        "Age coverage - minimum age: fifteen",
        "Remarks: all",
    ],
)
def test_a_note_in_words_stays_a_note(note: str) -> None:
    assert dict(read_statements(note).fields) == {}
    assert read_statements(note).notes == note


def test_ages_between_two_notes() -> None:
    lowest, highest = "Age coverage - minimum age: 10", "Age coverage - maximum age: 74"
    assert read_statements(lowest).fields["ages"] == "10+"
    assert read_statements(f"{lowest}; {highest}").fields["ages"] == "10-74"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("population", "all"),
        ("scope", "everyone"),
        ("ages", "adults"),
        ("criterion", "nationality"),
        ("reference_date", "last summer"),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_can(name: str, text: str) -> None:
    with pytest.raises(MappingError, match="expected"):
        with_concept(foreign_born("1", "3"), {name: text})


def test_a_path_and_an_unknown_name_work_in_python_as_on_the_command_line(
    tmp_path: Path,
) -> None:
    path = tmp_path / "theirs.csv"
    write(with_concept(foreign_born("12100", "0"), CENSUS), path)
    ours = with_concept(foreign_born("12.3", "3"), CENSUS)
    assert compare(ours, path).pairs["difference"].tolist() == [200]
    assert compare(ours, str(path)).pairs["difference"].tolist() == [200]
    with pytest.raises(MappingError, match="undesa-stock:EDITION"):
        compare(ours, "census-bureau:2015")


SHEET = "Country,2015\nJapan,5200\nMalaysia,1800\nTotal,7000\n"
MAPPED = """
mapping: 1
conventions: {}
tables:
  - name: t
    begin: Country
    rows: [{name: country}]
    columns: [year]
codes:
  countries:
    codelist: CL_CRS
    prefix: CRS_RES_
    match: true
    values: {Total: CRS_RES_TOTAL}
datasets:
  - dataflow: ILO:DF_POP_MNAS_SEX_CRS_NB
    take: [observation, total, of_which]
    CONCEPT
    components:
      REF_AREA: LAO
      FREQ: A
      MEASURE: POP_MNAS_NB
      SEX: SEX_T
      CRS: {from: country, codes: countries}
      TIME_PERIOD: {period: year}
      UNIT_MULT: "0"
      NOTE_SOURCE: {notes: {S4: whole territory}}
"""


def converted(concept: str, folder: Path) -> Dataset:
    """National table of people abroad, with what its mapping says of whom it counts."""
    sheet, mapping = folder / "abroad.csv", folder / "abroad.yaml"
    sheet.write_text(SHEET, encoding="utf-8")
    mapping.write_text(MAPPED.replace("CONCEPT", concept), encoding="utf-8")
    (dataset,) = convert(sheet, mapping).datasets
    return dataset


def test_the_mapping_says_whom_the_table_counts(tmp_path: Path) -> None:
    said = (
        "concept: {scope: all, ages: 15+, criterion: citizenship, reference_date: 2015-08-31}"
    )
    dataset = converted(said, tmp_path)
    notes = set(dataset.observations["NOTE_SOURCE"])
    assert notes == {
        "Geographical coverage: whole territory; Data reference period: 2015-08-31; "
        "Population coverage: all; Age coverage - minimum age: 15"
    }
    path = tmp_path / "sent.xml"
    write(dataset, path)
    (side,) = compare(read(path), dataset).ours
    record = side.records.iloc[0]
    assert record[["scope", "ages", "criterion"]].tolist() == ["all", "15+", "citizenship"]
    assert set(compare(read(path), dataset).pairs["difference"]) == {0}


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        ("concept: {population: all}", "scope, criterion"),
        ("concept: {scope: everybody}", "scope as one of all"),
        ("concept: {ages: adults}", "ages as all"),
    ],
)
def test_a_concept_that_nobody_reads_is_refused_with_its_line(
    concept: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(MappingError, match=said) as raised:
        converted(concept, tmp_path)
    assert "abroad.yaml" in str(raised.value)
