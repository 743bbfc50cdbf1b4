"""Checks of sums and percents: what is compared with what, whatever the order of the rules."""

from itertools import permutations

import pytest

from ilms_sdmx import convert
from ilms_sdmx.mapping import parse_mapping

MAPPING = """
mapping: 1
conventions: {decimal: ".", group: ","}
tables:
  - name: t
    begin: Province
    rows: [{name: province, header: Province}]
    columns: [year]
TABLE
notes: ['*']
codes: {p: {values: {All: T, North: N, South: S, West: W}}}
datasets:
  - dataflow: MY_X:DF_P(1.0)
    components:
      REF_AREA: MYS
      PROVINCE: {from: province, codes: p}
      SEX: SEX_T
      TIME_PERIOD: {period: year, periods: {'of which women': 2020, '%': 2021}}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""
CELLS = """    cells:
      - text: '^([\\d,]+) \\(([\\d.]+)%\\)$'
        parts: [PARTS]
"""


def converted(tmp_path, rows: list[list[str]], table: str):
    path = tmp_path / "t.csv"
    lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return convert(path, parse_mapping(MAPPING.replace("TABLE", table)))


def rules_of(done, *rules: str) -> list[tuple[str, str]]:
    wanted = rules or ("total-differs", "percent-differs", "label-not-found")
    return [(f.rule, f.place.cell) for f in done.report if f.rule in wanted]


COUNTS_WITH_PERCENTS = [
    ["Province", "2019"],
    ["All", "2,000"],
    ["North", "1,500 (75.0%)"],
    ["South", "500 (25.0%)"],
]


@pytest.mark.parametrize("basis", ["of: left, in: {province: All}", "in: {province: All}"])
def test_a_share_tests_percents_and_never_counts(tmp_path, basis: str) -> None:
    rules = f"""    rules:
      - {{where: {{province: All}}, bucket: total}}
      - {{where: {{province: [North, South]}}, share: {{{basis}}}}}
    checks: [{{total: {{province: All}}}}]
"""
    table = CELLS.replace("PARTS", "{}, {bucket: percent}") + rules
    done = converted(tmp_path, COUNTS_WITH_PERCENTS, table)
    assert rules_of(done) == []
    assert done.checked["percent"] == {"compared": 2, "agree": 2, "not compared": 0}
    wrong = [*COUNTS_WITH_PERCENTS[:3], ["South", "500 (35.0%)"]]
    assert rules_of(converted(tmp_path, wrong, table)) == [("percent-differs", "B4")]


def test_rules_and_checks_know_the_headings_of_the_parts_of_a_cell(tmp_path) -> None:
    rules = """    rules:
      - {where: {province: All}, bucket: total}
      - {where: {kind: part}, share: {of: {kind: workers}, in: {province: All}}}
    checks: [{total: {province: All}}]
"""
    parts = "{kind: workers}, {kind: part, bucket: percent}"
    table = CELLS.replace("PARTS", parts) + rules
    done = converted(tmp_path, COUNTS_WITH_PERCENTS, table)
    assert rules_of(done) == []
    assert done.checked["percent"]["agree"] == 2
    assert done.checked["total"]["agree"] == 1
    wrong = [["Province", "2019"], ["All", "2,001"], *COUNTS_WITH_PERCENTS[2:]]
    assert ("total-differs", "B2") in rules_of(converted(tmp_path, wrong, table))


def test_a_percent_in_the_cell_of_a_total_is_no_second_total(tmp_path) -> None:
    rows = [["Province", "2019"], ["All", "2,000 (100.0%)"], *COUNTS_WITH_PERCENTS[2:]]
    rules = """    rules: [{where: {province: All}, bucket: total}]
    checks: [{total: {province: All}, parts: {province: [North, South]}}]
"""
    table = CELLS.replace("PARTS", "{}, {bucket: percent}") + rules
    done = converted(tmp_path, rows, table)
    assert not done.report.errors
    assert rules_of(done) == []
    (dataset,) = done.datasets
    assert sorted(dataset.observations["OBS_VALUE"]) == ["1500", "2000", "500"]


OF_WHICH = [
    ["Province", "2019", "of which women"],
    ["North", "110", "45"],
    ["South", "60", "25"],
    ["All", "170", "30"],
]
THREE = (
    "{where: {province: All}, bucket: total}",
    "{where: {year: '2019'}, note: both sexes}",
    "{where: {year: of which women}, bucket: of_which}",
)


@pytest.mark.parametrize("rules", list(permutations(THREE)))
def test_the_order_of_rules_switches_no_check_off(tmp_path, rules: tuple[str, ...]) -> None:
    listed = "\n".join(f"      - {rule}" for rule in rules)
    table = f"    rules:\n{listed}\n    checks: [{{total: {{province: All}}}}]\n"
    done = converted(tmp_path, OF_WHICH, table)
    assert rules_of(done) == [("total-differs", "C4")]


@pytest.mark.parametrize(
    ("total", "north", "agrees"),
    [
        ("more than 169", "110", True),
        ("more than 180", "110", False),
        ("less than 180", "110", True),
        ("less than 165", "110", False),
        ("170", "more than 100", True),
        ("150", "more than 111", False),
        ("170", "less than 150", True),
        ("900", "less than 150", False),
    ],
)
def test_a_bound_is_a_bound(tmp_path, total: str, north: str, agrees: bool) -> None:
    rows = [["Province", "2019"], ["North", north], ["South", "60"], ["All", total]]
    table = """    rules: [{where: {province: All}, bucket: total}]
    checks: [{total: {province: All}}]
"""
    done = converted(tmp_path, rows, table)
    assert (rules_of(done) == []) == agrees


def test_a_total_over_a_blank_part_is_no_alarm_unless_the_others_are_too_much(tmp_path) -> None:
    table = """    rules: [{where: {province: All}, bucket: total}]
    checks: [{total: {province: All}}]
"""
    rows = [
        ["Province", "2018", "2019", "2020"],
        ["North", "10", "12", "30"],
        ["South", "20", "", ""],
        ["West", "5", "6", "7"],
        ["All", "35", "40", "20"],
    ]
    done = converted(tmp_path, rows, table)
    assert rules_of(done) == [("total-differs", "D5")]
    complete = [*rows[:2], ["South", "20", "21", "22"], *rows[3:]]
    assert rules_of(converted(tmp_path, complete, table)) == [
        ("total-differs", "C5"),
        ("total-differs", "D5"),
    ]


def test_percents_are_added_to_percents_only(tmp_path) -> None:
    rows = [
        ["Province", "2019", "%"],
        ["North", "150", "75"],
        ["South", "50", "20"],
        ["All", "200", "100"],
    ]
    table = """    rules:
      - {where: {province: All}, bucket: total}
      - {where: {year: '%'}, bucket: percent}
    checks: [{total: {province: All}, parts: {province: [North, South]}}]
"""
    assert rules_of(converted(tmp_path, rows, table)) == [("total-differs", "C4")]


OF_UNITS = """
mapping: 2
conventions: {decimal: ".", group: ","}
tables:
  - name: t
    begin: Country
    rows: [{name: country, header: Country}]
    columns: [measure]
    rules: [{where: {measure: RULE}, BUCKET}]
    checks: [{total: {measure: Total}}, {total: {country: All}}]
codes:
  countries: {values: {Fiji: FJI, Oman: OMN, All: ALL}}
datasets:
  - dataflow: XX_OFFICE:DF_CREWS(1.0)
    where: {measure: Crews}
    components: &components
      REF_AREA: PHL
      FREQ: A
      COUNTRY: {from: country, codes: countries}
      SEX: SEX_T
      TIME_PERIOD: "2021"
      UNIT_MEASURE: PS
      UNIT_MULT: 0
  - dataflow: XX_OFFICE:DF_MONEY(1.0)
    where: {measure: [Bank, Cash, Total]}
    components: {REF_AREA: PHL, FREQ: A, COUNTRY: {from: country, codes: countries},
      SEX: SEX_T, TIME_PERIOD: "2021", UNIT_MEASURE: UNIT, UNIT_MULT: 3}
"""
MONEY = (
    "Country,Crews,Bank,Cash,Total\nFiji,7,100,20,120\nOman,9,300,30,330\nAll,16,400,50,450\n"
)


@pytest.mark.parametrize("unit", ["US", "?"])
def test_figures_of_two_units_are_not_added(unit: str) -> None:
    text = OF_UNITS.replace("UNIT_MEASURE: UNIT", f"UNIT_MEASURE: {unit}")
    text = text.replace("RULE", "Total").replace("BUCKET", "bucket: total")
    done = convert(MONEY.encode(), parse_mapping(text))
    assert "total-differs" not in done.report.counts
    wrong = MONEY.replace("330", "331")
    differs = convert(wrong.encode(), parse_mapping(text)).report.of_rule("total-differs")
    assert {finding.place.cell for finding in differs} == {"E3", "E4"}


def test_figures_that_wait_for_an_answer_are_compared_with_nothing() -> None:
    text = OF_UNITS.replace("UNIT_MEASURE: UNIT", "UNIT_MEASURE: US")
    text = text.replace("RULE", "Crews").replace("BUCKET", 'bucket: "?"')
    text = text.replace("measure: [Bank, Cash, Total]", "measure: Bank")
    ages = "Country,Crews,Bank\nFiji,31.5,100\nOman,28.2,300\nAll,29.9,400\n"
    done = convert(ages.encode(), parse_mapping(text))
    assert done.exit_code == 3
    assert "total-differs" not in done.report.counts


def test_a_check_of_rows_whose_heading_is_not_found_names_the_heading() -> None:
    """A next edition with another word over its countries: the check has nothing to compare."""
    mapping = """
mapping: 2
title: Workers
source: {title: Workers, area: THA}
header: {sender: TH_OFFICE, receiver: ILO}
tables:
  - name: workers
    begin: Area
    rows:
      - {name: country, header: Country}
      - {name: area, header: Area}
      - {name: sex, header: Sex}
    columns: [period]
    rules: [{where: {country: Total}, bucket: total}]
    checks: [{total: {country: Total}}, {total: {sex: Both}}]
codes:
  countries: {values: {Nepal: NPL, Total: TOTAL}, names: {NPL: Nepal, TOTAL: Total}}
datasets:
  - dataflow: TH_OFFICE:DF_WORKERS(1.0)
    title: Workers
    tables: [workers]
    components:
      REF_AREA: THA
      FREQ: A
      COUNTRY: {from: country, codes: countries}
      TIME_PERIOD: {period: period}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""
    rows = "Workers\nLand,Area,Sex,2018\nNepal,A,Men,4\nNepal,A,Women,4\nTotal,B,Both,8\n"
    done = convert(rows.encode(), parse_mapping(mapping))
    assert (done.exit_code, done.datasets) == (2, ())
    assert "heading-not-found" in {finding.rule for finding in done.report.errors}
