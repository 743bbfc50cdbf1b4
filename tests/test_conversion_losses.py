"""The report loses no figure: what is not written is named once, whatever the data sets."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import convert
from ilms_sdmx.conversion.converting import Conversion
from ilms_sdmx.mapping import parse_mapping
from ilms_sdmx.mapping.duplicates import MOST, SHOWN

MAPPING = """
mapping: 1
conventions: {decimal: ".", group: ","}
tables:
  - {name: men, begin: Men, rows: [{name: place}], columns: [year], set: {sex: Men}}
  - {name: women, begin: Women, rows: [{name: place}], columns: [year], set: {sex: Women}}
codes:
  places: {values: {North: N, South: S, East: E}}
datasets:
  - {dataflow: "MY_X:DF_M(1.0)", tables: [men], components: COMPONENTS}
  - {dataflow: "MY_X:DF_W(1.0)", tables: [women], components: COMPONENTS}
  - {dataflow: "MY_X:DF_M(1.0)", tables: [women], where: {year: '2021'}, components: COMPONENTS}
"""
COMPONENTS = """{REF_AREA: MYS, PLACE: {from: place, codes: places},
    TIME_PERIOD: {period: year}, UNIT_MEASURE: PS, UNIT_MULT: 0}"""
LABELS = st.sampled_from(["North", "South", "East", "Nowhere", "Elsewhere"])
YEARS = st.lists(st.sampled_from(["2019", "2020", "2021", "soon"]), min_size=1, max_size=3)
FIGURES = st.sampled_from(["10", "20", "30"])


def converted(text: str, mapping: str = MAPPING) -> Conversion:
    return convert(text.encode(), parse_mapping(mapping.replace("COMPONENTS", COMPONENTS)))


def named(done: Conversion) -> int:
    """Number of figures that findings say are not written."""
    total = 0
    for finding in done.report:
        found = re.search(r"([\d ]+) observations?\b[^;]*, not written", finding.affects)
        total += int(found[1].replace(" ", "")) if found else 0
    return total


@st.composite
def sheets(draw) -> str:
    lines = []
    for name in ("Men", "Women"):
        years = draw(YEARS)
        lines.append(",".join([name, *years]))
        for label in draw(st.lists(LABELS, min_size=1, max_size=5)):
            lines.append(",".join([label, *(draw(FIGURES) for _ in years)]))
    width = max(line.count(",") for line in lines)
    return "\n".join(line + "," * (width - line.count(",")) for line in lines)


@settings(max_examples=15, deadline=None)
@given(sheets())
def test_what_is_not_written_is_the_sum_of_the_findings(sheet: str) -> None:
    done = converted(sheet)
    assert named(done) == sum(done.not_written.values()) == len(done.refused)


def test_equal_findings_of_two_data_sets_are_one_with_the_figures_of_both() -> None:
    done = converted("Men,2019\nNowhere,1\nNorth,2\nWomen,2019\nNowhere,3\nNorth,4")
    (finding,) = [f for f in done.report if f.rule == "unknown-label"]
    assert finding.affects == "2 observations (B2, B5), not written"


def test_a_figure_with_two_faults_counts_once() -> None:
    done = converted("Men,2019,soon\nNowhere,1,2\nNorth,3,4\nWomen,2019,2020\nNorth,5,6")
    affects = sorted(f.affects for f in done.report if "observation" in f.affects)
    assert named(done) == 3
    assert any("1 more named by a finding above" in words for words in affects)


def test_conflicts_are_counted_beyond_those_that_are_shown() -> None:
    rows = SHOWN + 5
    lines = [f"North,{number}" for number in range(rows)]
    done = converted("\n".join(["Men,2019", *lines, "Women,2019", "North,1"]))
    (finding,) = [f for f in done.report if f.rule == "conflicting-observations"]
    assert finding.message.startswith(f"{rows} cells")
    assert named(done) == rows == len(done.refused)


def test_conflicts_of_very_many_keys_are_all_counted() -> None:
    keys = MOST + 7
    lines = [f"P{n},1\nP{n},2" for n in range(keys)]
    codes = ", ".join(f"P{n}: P{n}" for n in range(keys))
    mapping = MAPPING.replace("North: N,", f"North: N, {codes},")
    done = converted("\n".join(["Men,2019", *lines, "Women,2019", "North,1"]), mapping)
    findings = [f for f in done.report if f.rule == "conflicting-observations"]
    assert len(findings) == MOST + 1
    assert named(done) == 2 * keys == len(done.refused)
