"""Names of areas in `convert` mean what was there in the period of their figures."""

from __future__ import annotations

import time

import pytest

from ilms_sdmx import convert
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.mappings import by_country

DESTINATIONS = by_country("languages: [en]")


def converted(mapping: str, *rows: str) -> tuple[dict[tuple[str, str], str], list[str]]:
    """Figure of each code and period, and the fix of each label without a code."""
    table = "\n".join(("Country,1990,2005,2015", *rows))
    done = convert(table.encode(), parse_mapping(mapping))
    (dataset,) = done.datasets
    figures = {}
    for row in dataset.observations.to_dict("records"):
        code = str(row["CDS"]).removeprefix("CDS_DES_")
        figures[code, str(row["TIME_PERIOD"])] = f"{float(row['OBS_VALUE']):g}"
    return figures, [finding.fix for finding in done.report.of_rule("unknown-label")]


@pytest.mark.parametrize(
    "name", ["Burma", "Myanmar", "Sudan", "Timor-Leste", "Thailand", "Germany"]
)
def test_a_name_that_is_continued_has_its_code_in_every_period(name: str) -> None:
    figures, unknown = converted(DESTINATIONS, f"{name},1,2,3")
    (code,) = {code for code, _ in figures}
    assert figures == {(code, "1990"): "1", (code, "2005"): "2", (code, "2015"): "3"}
    assert not unknown


def test_an_area_of_today_is_refused_for_the_time_before_it() -> None:
    figures, (fix,) = converted(DESTINATIONS, "South Sudan,1,2,3")
    assert figures == {("SSD", "2015"): "3"}
    assert fix.endswith("South Sudan,CDS_DES_SDN,,2010")


@pytest.mark.parametrize(
    ("name", "code", "periods"),
    [
        ("Yugoslavia", "YU1", ["1990"]),
        ("Czechoslovakia", "CS1", ["1990"]),
        ("USSR", "URS", ["1990"]),
        ("Serbia and Montenegro", "SCG", ["2005"]),
        ("Netherlands Antilles", "ANT", ["1990", "2005"]),
        ("Slovakia", "SVK", ["2005", "2015"]),
        ("Montenegro", "MNE", ["2015"]),
        ("South Sudan", "SSD", ["2015"]),
        ("Croatia", "HRV", ["1990", "2005", "2015"]),
    ],
)
def test_a_name_has_its_code_in_its_time_only(name: str, code: str, periods: list[str]) -> None:
    figures, unknown = converted(DESTINATIONS, "Thailand,4,5,6", f"{name},1,2,3")
    assert [period for each, period in figures if each == code] == periods
    assert len(figures) == 3 + len(periods)
    assert bool(unknown) == (len(periods) < 3)


def test_one_finding_for_all_periods_of_a_label_in_the_wrong_time() -> None:
    table = "Country,2001,2002,2003,2004\nSouth Sudan,1,2,3,4\n"
    done = convert(table.encode(), parse_mapping(DESTINATIONS))
    (finding,) = done.report.of_rule("unknown-label")
    assert finding.cause == "'South Sudan' is CDS_DES_SSD, which is there since 2011-07-09"
    assert finding.affects.startswith("4 observations")
    assert [candidate.code for candidate in finding.candidates] == ["CDS_DES_SDN"]


def test_a_line_of_the_map_is_what_a_person_has_decided() -> None:
    mapping = DESTINATIONS.replace(
        "match: true}", "match: true, values: {South Sudan: CDS_DES_SDN}}"
    )
    figures, unknown = converted(mapping, "South Sudan,1,2,3")
    assert figures == {("SDN", "1990"): "1", ("SDN", "2005"): "2", ("SDN", "2015"): "3"}
    assert not unknown


def test_labels_and_periods_do_not_multiply() -> None:
    years = range(1971, 2021)
    header = ",".join(map(str, years))
    rows = [f"Country {number}," + ",".join("1" for _ in years) for number in range(400)]
    rows += ["South Sudan," + ",".join("1" for _ in years)]
    mapping = parse_mapping(DESTINATIONS)
    table = "\n".join((f"Country,{header}", *rows)).encode()
    match_label.cache_clear()
    convert(table, mapping)
    # One match a label, and one a period of the label of an area that was not always there.
    assert match_label.cache_info().misses < 401 + len(years) + 100


def test_many_labels_are_matched_in_a_second_with_their_periods() -> None:
    labels = ["Thailand", "Czechoslovakia", "South Sudan", "Burma", "Nowhere"] * 20_000
    for label in set(labels):
        match_label(label, "CDS_DES_", when="1995")
    started = time.process_time()
    for label in labels:
        match_label(label, "CDS_DES_", when="1995")
    assert time.process_time() - started < 1
