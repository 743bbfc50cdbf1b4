"""Next editions under the mapping of the first: they fit wholly, or stop with what has changed."""

import pytest

from ilms_sdmx import Conversion, convert
from ilms_sdmx.mapping.file.reading import parse_mapping

MAPPING = """mapping: 2
conventions: {decimal: ".", group: ","}
tables:
  - name: t
    begin: Country
    read:
      texts: ["Nurses abroad, {period: year}", "(persons)"]
      labels: {measure: [Number]}
    rows: [{name: country, header: Country}]
    columns: [measure]
codes:
  countries:
    values:
      Oman: CDS_DES_OMN
      Cyprus: CDS_DES_CYP
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)
    components:
      REF_AREA: PHL
      MEASURE: EMP_MNAO_NB
      SEX: SEX_T
      CDS: {from: country, codes: countries}
      TIME_PERIOD: {period: period}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""
TEXT_HEADING = MAPPING.replace(
    """    read:
      texts: ["Nurses abroad, {period: year}", "(persons)"]
      labels: {measure: [Number]}
""",
    "",
).replace("tables:", "headings: [{name: period, text: '(\\d{4})'}]\nnotes: ['(*)']\ntables:", 1)


def edition(
    title: str, unit: str = "(persons)", label: str = "Number", mapping: str = MAPPING
) -> Conversion:
    text = f'"{title}"\n{unit}\nCountry,{label}\nOman,12\nCyprus,5\n'
    return convert(text.encode(), parse_mapping(mapping))


def test_another_year_fits() -> None:
    done = edition("Nurses  abroad, 2021")
    assert done.exit_code == 0
    assert set(done.datasets[0].observations["TIME_PERIOD"]) == {"2021"}


@pytest.mark.parametrize(
    ("title", "unit", "label"),
    [
        ("Nurses abroad, 2021 Q1", "(persons)", "Number"),
        ("Nurses abroad, 2021 (January to May)", "(persons)", "Number"),
        ("Nurses abroad, 2021/22", "(persons)", "Number"),
        ("Nurses abroad since 2021", "(persons)", "Number"),
        ("Midwives abroad, 2021", "(persons)", "Number"),
        ("Nurses abroad, 2021", "(thousand persons)", "Number"),
        ("Nurses abroad, 2021", "(persons)", "Number (thousands)"),
    ],
)
def test_what_is_no_other_year_stops_with_the_line_to_change(
    title: str, unit: str, label: str
) -> None:
    done = edition(title, unit, label)
    (finding,) = done.report.errors
    assert finding.rule == "edition-changed"
    assert finding.read in {title, unit, label}
    assert "line 7" in finding.fix
    assert done.exit_code == 2


@pytest.mark.parametrize(
    "title", ["Nurses, 2021 Q1", "Nurses, 2021/22", "Nurses, 2021p", "Nurses since 2021"]
)
def test_a_year_is_not_cut_out_of_words_that_say_more(title: str) -> None:
    done = edition(title, mapping=TEXT_HEADING)
    assert [finding.rule for finding in done.report.errors] == ["title-says-more"]


def test_a_literal_period_that_the_title_contradicts_stops() -> None:
    literal = TEXT_HEADING.replace("{period: period}", '"2020"').replace(
        "text: '(", "text: 'x("
    )
    done = edition("Nurses abroad, 2021", mapping=literal)
    assert [finding.rule for finding in done.report.errors] == ["period-contradicted"]


@pytest.mark.parametrize("old", ["SEX: SEX_T", "Oman: CDS_DES_OMN"])
def test_an_open_question_stops_or_its_figures_wait(old: str) -> None:
    key = old.partition(":")[0]
    mapping = parse_mapping(MAPPING.replace(old, f"{key}: ?  # decide: which one?"))
    text = b'"Nurses abroad, 2021"\n(persons)\nCountry,Number\nOman,12\nCyprus,5\n'
    done = convert(text, mapping)
    assert (done.exit_code, done.datasets) == (3, ())
    (finding,) = done.report.errors
    assert (finding.rule, finding.fields["asked"]) == ("undecided", "which one?")
    waiting = 2 if key == "SEX" else 1
    skipped = convert(text, mapping, undecided="skip")
    assert sum(len(data) for data in skipped.datasets) == 2 - waiting
    (told,) = skipped.report.of_rule("undecided")
    assert told.affects.startswith(f"{waiting} figure")
