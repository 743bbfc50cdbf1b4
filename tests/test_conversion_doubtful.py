"""Figures that may be meant otherwise: exact estimates, blanks among figures; and all cells named."""

import pytest

from ilms_sdmx import Conversion, convert
from ilms_sdmx.mapping.file.reading import parse_mapping

MAPPING = """mapping: 2
conventions: {decimal: ".", group: ","}
tables:
  - name: t
    begin: Country
    rows: [{name: country, header: Country}]
    columns: [year]
codes:
  countries: {values: {Oman: OMN, Fiji: FJI, Nepal: NPL}}
datasets:
  - dataflow: X_OFFICE:DF_T(1.0)
    components:
      REF_AREA: PHL
      COUNTRY: {from: country, codes: countries}
      TIME_PERIOD: {period: year}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""


def converted(*rows: str, mapping: str = MAPPING) -> Conversion:
    return convert("\n".join(rows).encode(), parse_mapping(mapping))


@pytest.mark.parametrize(
    ("text", "is_doubtful"),
    [
        ('"about 13,768"', True),
        ('"khoảng 2,041"', True),
        ('"more than 415,956"', True),
        ('"about 14,000"', False),
        ('"more than 415,950"', False),
        ("about 318", False),
        ('"13,768"', False),
    ],
)
def test_an_estimate_to_the_last_person_is_a_warning(text: str, is_doubtful: bool) -> None:
    done = converted("Country,2019", f"Oman,{text}", "Fiji,7")
    found = done.report.of_rule("estimate-not-rounded").findings
    assert [finding.place.cell for finding in found] == ["B2"] * is_doubtful
    assert len(done.datasets[0]) == 2


def test_a_blank_with_figures_on_all_sides_is_named() -> None:
    rows = ["Country;2018;2019;2020", "Oman;1;2;3", "Fiji;4;;6", "Nepal;7;8;9"]
    done = converted(*rows)
    (finding,) = done.report.of_rule("blank-among-figures")
    assert (finding.place.cell, finding.fields["cells"], done.exit_code) == ("C3", "C3", 0)
    missing = MAPPING.replace('group: ","}', 'group: ",", markers: {"": O}}')
    assert not converted(*rows, mapping=missing).report.counts


@pytest.mark.parametrize(
    "rows",
    [
        ["Country;2018;2019;2020", "Oman;1;2;", "Fiji;4;5;6", "Nepal;7;8;9"],
        ["Country;2018;2019;2020", "Oman;1;2;3", ";;;", "Nepal;7;8;9"],
    ],
)
def test_a_blank_at_the_edge_and_a_blank_row_are_not_told(rows: list[str]) -> None:
    assert not converted(*rows).report.of_rule("blank-among-figures")


def test_a_finding_has_all_cells_and_shows_the_first() -> None:
    rows = [f"Atlantis,{number}" for number in range(30)]
    done = converted("Country,2019", *rows)
    (finding,) = done.report.errors
    assert str(finding.fields["cells"]).split(", ") == [f"B{row}" for row in range(2, 32)]
    assert "B13, ...)" in finding.affects


def test_conflicting_cells_are_all_in_the_finding() -> None:
    rows = [f"Oman,{number}" for number in range(30)]
    (finding,) = converted("Country,2019", *rows).report.of_rule("conflicting-observations")
    cells = str(finding.fields["cells"])
    assert all(f"B{row}" in cells for row in range(2, 32))
    assert finding.message.endswith("...")
    assert "B20" not in finding.message
