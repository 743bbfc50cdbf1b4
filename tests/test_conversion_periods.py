"""FREQ and TIME_PERIOD of converted data: read from the periods, refused where they contradict each other."""

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import (
    Components,
    Conversion,
    Dataset,
    MappingError,
    ValidationError,
    convert,
    example,
    examples,
    validate,
    write,
)
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.tables.workbooks import read_workbook

MAPPING = """\
mapping: 2
source: {area: THA}
conventions: {decimal: ".", group: ",", fiscal: FISCAL}
tables:
  - name: t
    begin: Country
    rows: [{name: country}]
    columns: [period]
codes:
  countries: {codelist: CL_CDS, prefix: CDS_DES_, match: true}
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)
    components:
      REF_AREA: THA
      FREQ
      MEASURE: EMP_MNAO_NB
      SEX: SEX_T
      CDS: {from: country, codes: countries}
      TIME_PERIOD: {period: period, TIME}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 0
      NOTES
"""


def converted(
    labels: str, *, freq: str = "", time: str = "", notes: str = "", fiscal: str = "false"
) -> Conversion:
    """Conversion of two countries under the labels of periods, separated by semicolons."""
    lines = MAPPING.replace("FISCAL", fiscal).replace(
        "      FREQ\n", f"      {freq}\n" * bool(freq)
    )
    lines = lines.replace(", TIME}", f", {time}}}" if time else "}")
    lines = lines.replace("      NOTES\n", f"      {notes}\n" * bool(notes))
    header = labels.split(";")
    rows = [
        ["Country", *header],
        ["Japan", *(str(4213 + 17 * n) for n in range(len(header)))],
        ["Malaysia", *(str(7812 + 23 * n) for n in range(len(header)))],
    ]
    text = "\n".join(";".join(row) for row in rows)
    book = read_workbook(text.encode(), name="table.csv")
    return convert(book, parse_mapping(lines, "mapping.yaml", Path()))


def times(done: Conversion) -> list[tuple[str, str]]:
    """FREQ and TIME_PERIOD of the observations."""
    if not len(done.frame()):
        return []
    frame = done.frame()[["FREQ", "TIME_PERIOD"]].astype("str").drop_duplicates()
    return list(frame.itertuples(index=False, name=None))


def errors(done: Conversion) -> list[str]:
    return [finding.rule for finding in done.report if finding.severity.name == "ERROR"]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("2018;2019", [("A", "2018"), ("A", "2019")]),
        ("Q1 2018;Q2 2018", [("Q", "2018-Q1"), ("Q", "2018-Q2")]),
        ("January 2018;Semester I 2018", [("M", "2018-01"), ("S", "2018-S1")]),
        ("2018;Jan - May 2019", [("A", "2018"), ("O", "2019-01-01/P5M")]),
        ("2018;March 2018;Q1 2018", [("A", "2018"), ("M", "2018-03"), ("Q", "2018-Q1")]),
        ("as at 31 December 2018", [("A", "2018-12-31")]),
        ("31/12/2017;30/12/2018", [("A", "2017-12-31"), ("A", "2018-12-30")]),
        ("30/6/2018;31/12/2018", [("S", "2018-06-30"), ("S", "2018-12-31")]),
        ("June 2017;June 2018", [("A", "2017-06"), ("A", "2018-06")]),
        ("June 2018;July 2018", [("M", "2018-06"), ("M", "2018-07")]),
        ("FY2561;FY2562", [("A", "2017-10-01/P1Y"), ("A", "2018-10-01/P1Y")]),
    ],
)
def test_the_periods_say_the_frequency_that_a_mapping_leaves_out(
    labels: str, expected: list[tuple[str, str]]
) -> None:
    done = converted(labels)
    assert errors(done) == []
    assert times(done) == expected


CONTRADICTIONS = [
    ("2018;Jan - May 2019", "A"),
    ("2018;Jan - June 2019", "A"),
    ("Semester I 2019", "A"),
    ("2019-Q1", "A"),
    ("2018", "Q"),
    ("Q3 2018", "M"),
]


@pytest.mark.parametrize(("labels", "code"), CONTRADICTIONS)
def test_a_frequency_that_cannot_hold_a_period_is_refused(
    labels: str, code: str, tmp_path: Path
) -> None:
    done = converted(labels, freq=f"FREQ: {code}")
    (finding,) = [finding for finding in done.report if finding.rule == "time-format"]
    assert finding.severity.name == "ERROR"
    assert f"a period of frequency {code}" in finding.message
    assert finding.place.cell
    assert finding.read not in [period for _, period in times(done)]


@pytest.mark.parametrize(
    ("labels", "period", "frequency"),
    [
        ("31 December 2018", "2018-12-31", "A"),
        ("2019 Q3", "2019-Q3", "Q"),
        ("2020", "2020", "A"),
    ],
)
def test_a_frequency_that_the_dataflow_does_not_carry_is_read_from_the_periods(
    labels: str, period: str, frequency: str
) -> None:
    done = converted(labels, freq="FREQ: D")
    (finding,) = [each for each in done.report if each.rule == "frequency-replaced"]
    assert finding.severity.name == "WARNING"
    assert finding.read == "D"
    assert times(done) == [(frequency, period)]


def test_a_frequency_that_the_periods_do_not_say_is_refused() -> None:
    done = converted("Jan - May 2019", freq="FREQ: D")
    assert "outside-constraint" in errors(done)
    assert times(done) == []


@pytest.mark.parametrize("period", ["2019-12-31", "2019-06", "2018-10-01/P1Y", "2019-A1"])
def test_an_annual_series_holds_days_months_and_fiscal_years(period: str) -> None:
    done = converted("x", freq="FREQ: A", time=f"periods: {{x: {period}}}")
    assert errors(done) == []
    assert times(done) == [("A", period)]


@pytest.mark.parametrize(
    ("labels", "fiscal", "year", "note"),
    [
        ("as at 31 December 2018", "false", "2018", "2018-12-31"),
        ("30 June 2561", "false", "2018", "2018-06-30"),
        ("2562", "true", "2019", "2018-10-01/P1Y"),
        ("end of June 2018", "false", "2018", "2018-06"),
        ("2018", "false", "2018", ""),
    ],
)
def test_a_period_is_reported_as_its_year_where_the_mapping_says_so(
    labels: str, fiscal: str, year: str, note: str
) -> None:
    done = converted(labels, time="report_as: year", fiscal=fiscal)
    assert errors(done) == []
    assert times(done) == [("A", year)]
    notes = set(done.frame()["NOTE_SOURCE"].fillna("").astype("str"))
    assert notes == {f"Data reference period: {note}" if note else ""}
    if note:
        kept = done.provenance.loc[done.provenance["OBS_VALUE"] != "", "period_read"]
        assert set(kept) == {note}
    else:
        assert "period_read" not in done.provenance


def test_the_note_on_the_period_follows_other_notes() -> None:
    done = converted("31/12/2018", time="report_as: year", notes="NOTE_SOURCE: estimates")
    assert set(done.frame()["NOTE_SOURCE"]) == {"estimates; Data reference period: 2018-12-31"}
    said = "NOTE_SOURCE: {notes: {S3: end of the year}}"
    done = converted("31/12/2018", time="report_as: year", notes=said)
    assert set(done.frame()["NOTE_SOURCE"]) == {"Data reference period: end of the year"}


def test_a_part_of_a_year_is_never_reported_as_a_year() -> None:
    done = converted("Jan - May 2019;2018", time="report_as: year")
    (finding,) = [finding for finding in done.report if finding.rule == "unknown-period"]
    assert "2019-01-01/P5M is no year" in finding.message
    assert times(done) == [("A", "2018")]


def test_a_mapping_reports_as_a_year_or_as_the_period() -> None:
    assert times(converted("31/12/2018", time="report_as: period")) == [("A", "2018-12-31")]
    with pytest.raises(MappingError, match="period, year"):
        converted("2018", time="report_as: month")


@pytest.mark.parametrize("name", examples())
def test_what_shipped_examples_write_passes_the_constraints(name: str) -> None:
    assert_within_constraints(convert(*example(name)))


LABELS = """
as of 31 December 2018/2018;2019/FY2561;FY2562/Jan - May 2019;2018/Q1 2018;Q2 2018/June 2018
January 2018;Semester I 2018/as at 30.6.2018;31.12.2018/24 July to 7 August 2017/1981-2022
9 tháng đầu năm 2019/2018-W05/1.1.2018;2.1.2018;3.1.2018
"""


@pytest.mark.parametrize("labels", re.split(r"[/\n]", LABELS.strip()))
@pytest.mark.parametrize("report_as", ["", "report_as: year"])
def test_what_is_converted_passes_the_constraints(labels: str, report_as: str) -> None:
    done = converted(labels, time=report_as)
    if len(done.frame()):
        assert_within_constraints(done)


def assert_within_constraints(done: Conversion) -> None:
    """Validate the data sets of ILO's dataflows as they are written."""
    for dataset in done.datasets:
        if dataset.dataflow.startswith("ILO:"):
            rules = {finding.rule for finding in validate(dataset)}
            assert not rules & {"time-format", "outside-constraint", "unknown-code"}


@pytest.mark.parametrize("format", ["sdmx-csv-1.0", "sdmx-ml-2.1", "sdmx-json-1.0"])
def test_write_refuses_what_no_series_of_the_frequency_can_hold(format: str) -> None:
    columns = ["REF_AREA", "FREQ", "TIME_PERIOD", "OBS_VALUE"]
    rows = [("KHM", "A", "2020", "41.2"), ("KHM", "A", "2021-01-01/P5M", "17.1")]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    data = Dataset(frame, Components(tuple(columns[:3])), "XX:DF(1.0)")
    with pytest.raises(ValidationError, match="2021-01-01/P5M") as caught:
        write(data, io.BytesIO(), format)
    assert [finding.rule for finding in caught.value.report] == ["time-format"]
    fits = Dataset(
        frame.assign(TIME_PERIOD=["2020", "2021-06-30"]), data.components, "XX:DF(1.0)"
    )
    write(fits, io.BytesIO(), format)
