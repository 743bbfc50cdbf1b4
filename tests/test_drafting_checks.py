"""A draft compares the totals that can be compared, and leaves no cell of a shipped example unexplained."""

from pathlib import Path

import pytest

from ilms_sdmx import Conversion, convert, draft_mapping, example
from tests.national.judging import accepted
from tests.test_drafting import EXAMPLES

#: Example to its totals, and how many of them have parts on the sheet that the untouched draft compares.
COMPARED = {
    "brn-local-foreign": (4, 1),
    "idn-placement": (18, 11),
    "khm-abroad": (2, 2),
    "mmr-outflow": (3, 2),
    "phl-emigrants": (54, 54),
    "phl-sof": (12, 2),
    "sgp-work-passes": (3, 1),
    "tha-abroad": (4, 4),
    "tha-work-permits": (14, 14),
}


def drafted(name: str, tmp_path: Path) -> Conversion:
    mapping = tmp_path / "draft.yaml"
    text = draft_mapping(example(name)[0], area=EXAMPLES[name][0])
    mapping.write_text(accepted(text), encoding="utf-8")
    return convert(example(name)[0], mapping)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_cell_of_a_drafted_example_is_unexplained(name: str, tmp_path: Path) -> None:
    done = drafted(name, tmp_path)
    assert done.unexplained == 0
    assert "unexplained-cell" not in done.report.counts


@pytest.mark.parametrize("name", COMPARED)
def test_totals_that_add_up_are_compared(name: str, tmp_path: Path) -> None:
    done = drafted(name, tmp_path)
    totals, compared = COMPARED[name]
    found = done.checked["total"]
    assert (found["compared"] + found["not compared"], found["agree"]) == (
        totals,
        found["compared"],
    )
    assert found["compared"] >= compared
    assert "total-differs" not in done.report.counts


def test_a_total_that_is_more_than_its_parts_is_named_until_a_person_says_that_some_lack(
    tmp_path: Path,
) -> None:
    """`at_most` would hide a wrong figure, too: a draft says it, but does not propose it."""
    done = drafted("vnm-outflow", tmp_path)
    assert done.report.counts["total-differs"] == 1
    text = draft_mapping(example("vnm-outflow")[0], area="VNM")
    assert "relation: at_most` where not all are printed" in text
    assert "relation: at_most\n" not in text


def test_a_total_merged_over_two_header_rows_is_the_sum_of_what_the_second_names(
    tmp_path: Path,
) -> None:
    done = drafted("tha-work-permits", tmp_path)
    assert done.checked["total"]["agree"] == 14


def test_a_title_directly_above_figures_without_a_header_begins_their_table() -> None:
    rows = ["Foreign workers by industry", "Industry,2020", "Farms,5", "Mines,7", ""]
    rows += ["", "Number of foreign workers", "2019,65579", "2023,75402"]
    text = draft_mapping("\n".join(rows).encode(), area="BRN")
    assert "begin: Number of foreign workers\n    title: true\n    header: 0" in text
    assert "wrap:" not in text


def test_rows_indented_below_others_are_compared_with_them() -> None:
    rows = [
        "Foreign work pass holders 2013",
        "Work Permit holders;974400",
        "  domestic workers;214500",
    ]
    rows += ["  other workers;759900", "    in construction;318900", "    elsewhere;441000"]
    text = draft_mapping("\n".join(rows).encode(), area="SGP")
    assert "total: {category: Work Permit holders}" in text
    assert "parts: {category: [domestic workers, other workers]}" in text
    assert "parts: {category: [in construction, elsewhere]}" in text


def test_totals_of_a_long_table_are_compared_period_by_period(tmp_path: Path) -> None:
    rows = ["year,pass_type,number_of_foreign_workforce"]
    for year, (ep, permits, maids, other) in {
        2019: (10, 70, 40, 5),
        2020: (12, 60, 45, 4),
    }.items():
        rows += [
            f"Dec {year},Employment Pass,{ep}",
            f"Dec {year},Work Permit (Total),{permits}",
        ]
        rows += [
            f"Dec {year},- Work Permit (Domestic),{maids}",
            f"Dec {year},Other Work Passes2,{other}",
        ]
        rows += [f"Dec {year},Total Foreign Workforce,{ep + permits + other}"]
    source, mapping = "\n".join(rows).encode(), tmp_path / "m.yaml"
    text = draft_mapping(source, area="SGP")
    mapping.write_text(text, encoding="utf-8")
    done = convert(source, mapping)
    assert "# 2 of 2 sums agree" in text
    assert (done.checked["total"]["compared"], done.checked["total"]["agree"]) == (2, 2)
    assert done.provenance.query("bucket == 'of_which'")["value"].tolist() == ["40", "45"]
    (asked,) = [line for line in text.splitlines() if "Other Work Passes2:" in line]
    assert "# decide: is the 2 behind the word a footnote mark?" in asked


def test_shares_beside_indented_rows_are_not_added_up(tmp_path: Path) -> None:
    rows = [
        "Overseas workers by country;;",
        "Country;2019;2019 (%)",
        "Total;1000;100.0",
        "Europe;12;1.2",
    ]
    rows += ["  Italy;6;2.6", "  Germany;6;2.6", "Japan;988;98.8"]
    mapping = tmp_path / "m.yaml"
    text = draft_mapping("\n".join(rows).encode(), area="PHL")
    mapping.write_text(accepted(text), encoding="utf-8")
    assert "total-differs" not in convert("\n".join(rows).encode(), mapping).report.counts
