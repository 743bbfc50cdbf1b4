"""Shapes of published tables beyond those of the examples, each in a few lines."""

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from ilms_sdmx import MappingError, convert
from ilms_sdmx.conversion.filling.national import structure_message
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.tables.workbooks import read_workbook

HEAD = """\
mapping: 2
source: {area: IDN}
conventions: {decimal: ",", group: ".", languages: [id, en]}
"""
PLACEMENT = """\
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)
    components:
      REF_AREA: IDN
      FREQ: A
      MEASURE: EMP_MNAO_NB
      SEX: SEX_T
      CDS: {from: country, codes: dest}
      TIME_PERIOD: {period: year}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 0
      SOURCE: BP2MI
"""
DESTINATIONS = "codes:\n  dest: {codelist: CL_CDS, prefix: CDS_DES_, match: true}\n"


def converted(rows: list[str], mapping: str, head: str = HEAD) -> Conversion:
    book = read_workbook("\n".join(rows).encode(), name="table.csv")
    return convert(book, parse_mapping(head + mapping, "mapping.yaml", Path()))


def values(done: Conversion, *columns: str) -> dict[tuple[str, ...], str]:
    frame = done.frame()
    keys = frame[list(columns)].astype("str").itertuples(index=False, name=None)
    return dict(zip(keys, frame["OBS_VALUE"].astype("str"), strict=True))


def rules(done: Conversion) -> list[str]:
    return sorted(f.rule for f in done.report)


STACKED = """\
tables:
  - name: t
    begin: Negara
    rows: [{name: country, header: Negara}]
    columns: [what]
headings:
  - {name: year, text: 'TAHUN (\\d{4})'}
notes: [/^PENEMPATAN/, /^Sumber/]
"""


def test_tables_below_each_other_have_the_headings_of_their_own_titles() -> None:
    rows = [
        "PENEMPATAN TAHUN 2022;",
        "Negara;Jumlah",
        "Taiwan;1.200",
        "Jepang;300",
        "PENEMPATAN TAHUN 2023;",
        "Negara;Jumlah",
        "Taiwan;2.200",
        "Jepang;500",
    ]
    done = converted(rows, STACKED + DESTINATIONS + PLACEMENT)
    assert done.exit_code == 0
    assert values(done, "CDS", "TIME_PERIOD") == {
        ("CDS_DES_TWN", "2022"): "1200",
        ("CDS_DES_JPN", "2022"): "300",
        ("CDS_DES_TWN", "2023"): "2200",
        ("CDS_DES_JPN", "2023"): "500",
    }


def test_tables_beside_each_other_have_the_headings_of_their_own_titles() -> None:
    rows = [
        "PENEMPATAN TAHUN 2022;;PENEMPATAN TAHUN 2023;",
        "Negara;Jumlah;Negara;Jumlah",
        "Taiwan;1.200;Taiwan;2.200",
    ]
    done = converted(rows, STACKED + DESTINATIONS + PLACEMENT)
    assert values(done, "TIME_PERIOD") == {("2022",): "1200", ("2023",): "2200"}


def test_tables_below_each_other_share_a_title_that_stands_once() -> None:
    rows = [
        "PENEMPATAN TAHUN 2022;",
        "Negara;Pria",
        "Taiwan;1.200",
        "Negara;Wanita",
        "Jepang;30",
    ]
    done = converted(rows, STACKED + DESTINATIONS + PLACEMENT)
    assert values(done, "CDS", "TIME_PERIOD") == {
        ("CDS_DES_TWN", "2022"): "1200",
        ("CDS_DES_JPN", "2022"): "30",
    }


REGIONS = """\
tables:
  - name: t
    begin: Negara
    rows: [{name: country, header: Negara}]
    columns: [year]
    rules:
      - where: {country: [JUMLAH, ASIA, EROPA]}
        bucket: total
      - where: {year: Total}
        bucket: total
    checks:
      - total: {country: JUMLAH}
      - total: {year: Total}
"""
REGION_CODES = DESTINATIONS.replace("true", "true, values: {ASIA: ~, EROPA: ~}")


@pytest.mark.parametrize(
    ("last", "found"), [("100", []), ("101", ["total-differs", "total-differs"])]
)
def test_subtotals_of_regions_are_no_parts_of_a_total_of_totals(
    last: str, found: list[str]
) -> None:
    rows = [
        "Negara;2022;2023;Total",
        "ASIA;30;40;70",
        "Taiwan;20;25;45",
        "Jepang;10;15;25",
        "EROPA;10;20;30",
        "Italia;10;20;30",
        f"JUMLAH;40;60;{last}",
    ]
    years = PLACEMENT.replace("  - d", "  - where: {year: '/2/'}\n    d")
    done = converted(rows, REGIONS + REGION_CODES + years)
    assert rules(done) == found
    assert len(values(done, "CDS", "TIME_PERIOD")) == 8


OWN = """\
tables:
  - name: t
    begin: Wilayah
    rows: [{name: state, header: Wilayah}]
    columns: [sex]
    set: {year: "2022"}
datasets:
  - dataflow: ID_X:DF_STATE(1.0)
    components:
      REF_AREA: IDN
      FREQ: A
      STATE: {from: state}
      SEX: {from: sex}
      TIME_PERIOD: {period: year}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""


def test_labels_taken_as_they_stand_are_text_in_an_own_structure() -> None:
    done = converted(["Wilayah;SEX_M", "D.I. Aceh;5", "D.K.I. Jakarta;7"], OWN)
    assert values(done, "STATE", "SEX") == {
        ("D.I. Aceh", "SEX_M"): "5",
        ("D.K.I. Jakarta", "SEX_M"): "7",
    }
    message = structure_message(
        done.structures["ID_X:DF_STATE(1.0)"], "2026-01-01T00:00:00"
    ).decode()
    assert 'TextFormat textType="String"' in message
    assert "CL_STATE" not in message


def test_labels_taken_as_they_stand_must_be_codes_where_there_is_a_codelist() -> None:
    done = converted(["Wilayah;Laki-laki", "D.I. Aceh;5"], OWN)
    (finding,) = done.report
    assert (finding.rule, finding.component, finding.read) == (
        "unknown-label",
        "SEX",
        "Laki-laki",
    )
    assert finding.expected == "a code of CL_SEX"
    assert finding.candidates[0].code == "SEX_M"
    assert not len(done.frame())


MIXED = """\
tables:
  - name: t
    begin: Negara
    rows: [{name: country, header: Negara}]
    columns: [what]
    set: {year: "2022"}
    rules:
      - {where: {what: Ribu orang}, multiplier: 3}
      - {where: {what: Persen}, bucket: percent}
codes:
  dest: {values: {Taiwan: TWN}}
  powers: {values: {Ribu orang: "3", Persen: "0"}}
  what: {values: {Ribu orang: NB, Persen: SH}}
datasets:
  - dataflow: ID_X:DF_MIXED(1.0)
    take: [observation, percent]
    components:
      REF_AREA: IDN
      FREQ: A
      WHAT: {from: what, codes: what}
      DEST: {from: country, codes: dest}
      TIME_PERIOD: {period: year}
      UNIT_MULT: {from: what, codes: powers}
"""


def test_each_figure_is_written_in_its_own_multiplier() -> None:
    done = converted(["Negara;Ribu orang;Persen", "Taiwan;1.234,5;61,2"], MIXED)
    assert values(done, "WHAT", "UNIT_MULT") == {("NB", "3"): "1234.5", ("SH", "0"): "61.2"}


def test_a_pattern_that_matches_part_of_a_label_is_told_of() -> None:
    mapping = (
        STACKED
        + "codes:\n  dest: {values: {/Tai/: CDS_DES_TWN, 'Jep*': CDS_DES_JPN}}\n"
        + PLACEMENT
    )
    done = converted(
        ["PENEMPATAN TAHUN 2022;", "Negara;x", "Taiwan, R.O.C.: x;1", "Jepang;2"], mapping
    )
    first, second = done.report
    assert first.cause == "/Tai/ must match the whole label; is /.*Tai.*/ meant?"
    assert first.fix == 'add to codes: dest:  "Taiwan, R.O.C.: x": <code>'
    assert second.cause == "* is a plain sign in a code map; is /jep.*/ meant?"


PORTUGUESE = """\
mapping: 2
source: {area: TLS}
conventions: {decimal: ",", group: " ", languages: [pt]%s}
tables:
  - name: t
    begin: País
    rows: [{name: country, header: País}]
    columns: [year]
"""


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        ("País;2022\nAustrália;1\u00a0234\nIndonésia;7\n".encode("cp1252"), ""),
        (
            "País;2022\nAustrália;1 234\nIndonésia;7\n".encode("mac_roman"),
            "encoding: mac_roman",
        ),
        ("País|2022\nAustrália|1 234\nIndonésia|7\n".encode(), 'delimiter: "|"'),
    ],
)
def test_a_text_file_is_read_in_the_encoding_that_it_has_or_that_is_declared(
    data: bytes, declared: str
) -> None:
    mapping = PORTUGUESE % (f", {declared}" if declared else "") + DESTINATIONS + PLACEMENT
    done = convert(
        data,
        parse_mapping(
            mapping.replace("REF_AREA: IDN", "REF_AREA: TLS"), "mapping.yaml", Path()
        ),
    )
    assert values(done, "CDS") == {("CDS_DES_AUS",): "1234", ("CDS_DES_IDN",): "7"}


SHARES = """\
tables:
  - name: t
    begin: No
    rows: [{name: number, header: No}, {name: country, header: Negara}]
    columns: [what]
    set: {year: "2022"}
    rules:
      - where: {what: Persen}
        bucket: percent
        share: {of: {what: Jumlah}, in: {what: Jumlah, country: Total}}
      - {where: {country: Total}, bucket: total}
"""


@pytest.mark.parametrize(("printed", "found"), [("25,0", []), ("52,0", ["percent-differs"])])
def test_row_numbers_keep_no_percent_from_its_total(printed: str, found: list[str]) -> None:
    rows = [
        "No;Negara;Jumlah;Persen",
        f"1;Taiwan;25;{printed}",
        "2;Jepang;75;75,0",
        ";Total;100;100,0",
    ]
    done = converted(rows, SHARES + DESTINATIONS + PLACEMENT)
    assert rules(done) == found
    assert ("3 percents (all agree)" in done.summary()) == (not found)


def workbook(
    cells: dict[str, object], formats: dict[str, str] | None = None, hidden: str = ""
) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    for place, value in cells.items():
        sheet[place] = value
        sheet[place].number_format = (formats or {}).get(place, "General")
    if hidden:
        sheet.row_dimensions[int(hidden)].hidden = True
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


MONTHS = """\
mapping: 2
source: {area: THA}
conventions: {decimal: "."%s}
tables:
  - name: t
    begin: Country
    rows: [{name: country, header: Country}]
    columns: [year]
"""


@pytest.mark.parametrize(("year", "period"), [(2566, "2023-01"), (2023, "2023-01")])
def test_a_date_in_a_header_is_its_month_although_two_digits_of_the_year_are_shown(
    year: int, period: str
) -> None:
    cells = {"A1": "Country", "B1": datetime(year, 1, 1), "A2": "Japan", "B2": 12}  # noqa: DTZ001
    mapping = (
        MONTHS % ""
        + DESTINATIONS
        + PLACEMENT.replace("IDN", "THA").replace("FREQ: A", "FREQ: M")
    )
    done = convert(
        workbook(cells, {"B1": "mmm yy"}), parse_mapping(mapping, "mapping.yaml", Path())
    )
    assert done.exit_code == 0
    assert values(done, "TIME_PERIOD") == {(period,): "12"}


@pytest.mark.parametrize(
    ("declared", "found", "count"),
    [("", ["hidden-cells"], 2), (", hidden: read", [], 2), (", hidden: ignore", [], 1)],
)
def test_whether_hidden_rows_count_is_asked_until_the_mapping_says_it(
    declared: str, found: list[str], count: int
) -> None:
    cells = {"A1": "Country", "B1": 2022, "A2": "Japan", "B2": 12, "A3": "Italy", "B3": 7}
    mapping = MONTHS % declared + DESTINATIONS + PLACEMENT
    done = convert(workbook(cells, hidden="3"), parse_mapping(mapping, "mapping.yaml", Path()))
    assert rules(done) == found
    assert len(values(done, "CDS")) == count


def test_figures_that_would_be_lost_as_labels_are_found() -> None:
    rows = ["PENEMPATAN TAHUN 2022;", "Negara;x", "Taiwan;1.234", "Jepang;2.345"]
    mapping = (
        STACKED.replace("columns: [what]", "header: 2\n    columns: [what, ~]")
        + DESTINATIONS
        + PLACEMENT
    )
    (finding,) = converted(rows, mapping).report
    assert (finding.rule, finding.read) == ("figures-as-labels", "1.234")
    rows = ["Negara;Country;2020", "1.234;Taiwan;5.678", "2.345;Jepang;6.789"]
    mapping = REGIONS.replace(
        "[{name: country, header: Negara}]", "[{name: number}, {name: country}]"
    )
    done = converted(rows, mapping + DESTINATIONS + PLACEMENT)
    assert [f.read for f in done.report if f.rule == "figures-as-labels"] == ["1.234"]


@pytest.mark.parametrize("header", ["2019", "256612", "ปี 2566", "12", "(3)", "4520"])
def test_years_codes_and_numbers_of_columns_are_no_lost_figures(header: str) -> None:
    rows = ["PENEMPATAN TAHUN 2022;;", f"Negara;{header};x", "Taiwan;1.234;7"]
    done = converted(rows, STACKED + DESTINATIONS + PLACEMENT)
    assert "figures-as-labels" not in rules(done)


def test_a_figure_over_two_years_is_given_to_neither() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (
        ["Country", 2022, 2023],
        ["Japan", 5, None],
        ["Italy", 1, 2],
        ["France", 3, None],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    sheet.merge_cells("A4:A5")
    stream = io.BytesIO()
    made.save(stream)
    mapping = MONTHS % "" + DESTINATIONS + PLACEMENT
    done = convert(stream.getvalue(), parse_mapping(mapping, "mapping.yaml", Path()))
    assert [(f.rule, f.place.cell) for f in done.report] == [("merged-figure", "B2")]
    assert values(done, "CDS", "TIME_PERIOD") == {
        ("CDS_DES_ITA", "2022"): "1",
        ("CDS_DES_ITA", "2023"): "2",
        ("CDS_DES_FRA", "2022"): "3",
    }


def test_a_blank_label_asks_whether_it_repeats_the_one_above() -> None:
    rows = ["PENEMPATAN TAHUN 2022;;", "Negara;Wilayah;x", "Taiwan;A;1", ";B;2"]
    mapping = STACKED.replace(
        "header: Negara}", "header: Negara}, {name: area, header: Wilayah}"
    )
    (finding,) = converted(rows, mapping + DESTINATIONS + PLACEMENT).report
    assert finding.fix.startswith("say `fill: true`")


def test_a_check_whose_label_has_changed_is_told_of() -> None:
    done = converted(
        ["Negara;2022", "Taiwan;30", "GRAND TOTAL;30"], REGIONS + DESTINATIONS + PLACEMENT
    )
    checks = done.report.of_rule("check-without-figures").findings
    assert len(checks) == 2
    assert "country is JUMLAH" in checks[0].message
    assert {f.expected for f in done.report.of_rule("label-not-found")} >= {"JUMLAH"}
    assert done.exit_code == 1


def test_a_figure_outside_every_table_of_a_text_file_is_an_error() -> None:
    rows = ["PENEMPATAN TAHUN 2022;;", "Negara;x", "Taiwan;1.234", "Sumber: x;5.678"]
    mapping = (
        STACKED.replace("columns: [what]", "columns: [what]\n    end: /^Sumber/")
        + DESTINATIONS
        + PLACEMENT
    )
    (finding,) = converted(rows, mapping).report
    assert (finding.rule, finding.severity.value, finding.read) == (
        "unexplained-cell",
        "error",
        "5.678",
    )


def test_a_line_that_tells_spreadsheets_the_delimiter_is_no_cell() -> None:
    rows = ["sep=;", "PENEMPATAN TAHUN 2022;", "Negara;x", "Taiwan, ROC;1.234"]
    done = converted(rows, STACKED + DESTINATIONS + PLACEMENT)
    assert (done.exit_code, values(done, "CDS")) == (0, {("CDS_DES_TWN",): "1234"})


def test_the_cells_around_a_table_inside_a_table_are_not_lost() -> None:
    page = (
        "<html><table><tr><td>PENEMPATAN TAHUN 2022</td></tr><tr><td><table><tr><th>Negara<th>x</tr>"
        "<tr><td>Taiwan<td>1.234</tr></table></td></tr></table></html>"
    )
    done = converted([page], STACKED + DESTINATIONS + PLACEMENT)
    assert (done.exit_code, values(done, "TIME_PERIOD")) == (0, {("2022",): "1234"})


def test_a_month_without_its_year_asks_for_the_heading_that_says_it() -> None:
    done = converted(["Negara;Jan", "Taiwan;1"], REGIONS + DESTINATIONS + PLACEMENT)
    assert "period: [month, year]" in next(
        f.fix for f in done.report if f.rule == "unknown-period"
    )


SECTIONS = {
    "below": [
        "ASIA;30;40;70",
        "Taiwan;20;25;45",
        "Jepang;10;15;25",
        "EROPA;10;20;30",
        "Italia;10;%s;30",
    ],
    "above": [
        "Taiwan;20;25;45",
        "Jepang;10;15;25",
        "ASIA;30;40;70",
        "Italia;10;%s;30",
        "EROPA;10;20;30",
    ],
}


@pytest.mark.parametrize("where", ["below", "above"])
@pytest.mark.parametrize(("italy", "found"), [("20", 0), ("21", 1)])
def test_a_subtotal_is_the_sum_of_the_rows_that_stand_by_it(
    where: str, italy: str, found: int
) -> None:
    rows = ["Negara;2022;2023;Total", *SECTIONS[where], "JUMLAH;40;60;100"]
    check = f"      - total: {{country: [ASIA, EROPA]}}\n        rows: {where}\n"
    years = PLACEMENT.replace("  - d", "  - where: {year: '/2/'}\n    d")
    text = "\n".join(rows) % italy
    done = converted(text.split("\n"), REGIONS + check + REGION_CODES + years)
    expected = [f.expected for f in done.report if f"line {check_line(done)}" in f.expected]
    assert len(expected) == found
    assert ("12 totals (all agree)" in done.summary()) == (not found)


def check_line(done: Conversion) -> int:
    return done.mapping.tables[0].checks[-1].line


@pytest.mark.parametrize(
    "unit", ["('000)", "Ribu orang", "Đơn vị: Nghìn người", "หน่วย : พันคน", "(in thousands)"]
)
@pytest.mark.parametrize(
    ("declared", "found"),
    [("", True), ("    multiplier: 3\n", False), ("    multiplier: 0\n", False)],
)
def test_a_sheet_that_says_thousands_asks_for_the_multiplier(
    unit: str, declared: str, found: bool
) -> None:
    rows = ["PENEMPATAN TAHUN 2022;", f";{unit}", "Negara;x", "Taiwan;1.234"]
    mapping = STACKED.replace("    columns: [what]\n", "    columns: [what]\n" + declared)
    done = converted(rows, mapping + DESTINATIONS + PLACEMENT)
    assert ("multiplier-unsaid" in rules(done)) == found


def test_thousands_that_belong_to_a_number_in_a_note_ask_for_nothing() -> None:
    rows = [
        "PENEMPATAN TAHUN 2022;",
        "PENEMPATAN 7 ribu orang, Rp 20'000;",
        "Negara;x",
        "Taiwan;1.234",
    ]
    assert rules(converted(rows, STACKED + DESTINATIONS + PLACEMENT)) == []


def test_words_among_the_figures_that_the_mapping_calls_notes_are_notes() -> None:
    rows = [
        "PENEMPATAN TAHUN 2022;;",
        "Negara;x;y",
        "Taiwan;1.234;lihat catatan",
        "Jepang;5.12;",
    ]
    mapping = STACKED.replace("[/^PENEMPATAN/, /^Sumber/]", "[/^PENEMPATAN/, /^lihat/, '*']")
    done = converted(rows, mapping + DESTINATIONS + PLACEMENT)
    frame = done.provenance
    assert frame.loc[frame["cell"] == "C3", "bucket"].tolist() == ["note"]
    assert rules(done) == ["malformed-number"]


def test_a_percent_of_a_year_is_no_year() -> None:
    done = converted(["Negara;2022 (%)", "Taiwan;61"], REGIONS + DESTINATIONS + PLACEMENT)
    assert "unknown-period" in rules(done)
    assert not len(done.frame())


@pytest.mark.parametrize("period", ["Q1 2022", "2022-13", "2565 Q1", "2022/2023"])
def test_a_period_that_a_person_decides_is_one_of_sdmx(period: str) -> None:
    mapping = PLACEMENT.replace("{period: year}", f"{{period: year, periods: {{x: {period}}}}}")
    with pytest.raises(MappingError, match="expected a period as SDMX writes it"):
        parse_mapping(HEAD + REGIONS + DESTINATIONS + mapping, "mapping.yaml", Path())
