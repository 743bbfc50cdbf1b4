"""Every cell of eleven published tables, against a hand-made answer for each."""

import csv
from collections import defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from ilms_sdmx import Conversion, convert, example, structures
from ilms_sdmx.findings import Severity
from ilms_sdmx.labels import match_label

SPECIMENS = Path(__file__).parent / "specimens" / "national"
TABLES = sorted(p.stem for p in SPECIMENS.glob("*.csv") if not p.stem.endswith(".labels"))
#: Findings that the sources deserve: rule and cell. All others would be false.
KNOWN = {
    "idn-placement": {("stated-otherwise", "D9")},
    "khm-abroad": {("total-differs", "B6")},
    "mmr-outflow": {("corrected-figure", "B8"), ("stated-otherwise", "B6")},
    "mys-local-foreign": {
        ("total-differs", "B10"),
        ("percent-differs", "C5"),
        ("percent-differs", "E5"),
        ("percent-differs", "E6"),
        ("percent-differs", "C8"),
        ("corrected-figure", "B12"),
        ("corrected-figure", "B13"),
        ("corrected-figure", "C13"),
        ("stated-otherwise", "B5"),
    },
    "sgp-work-passes": {("stated-otherwise", "B6")},
}


@cache
def conversion(name: str) -> Conversion:
    return convert(*example(name))


def answers(name: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    found = defaultdict(list)
    with (SPECIMENS / f"{name}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["sheet"], row["cell"]].append(row)
    return found


def rows(name: str) -> dict[tuple[str, str], list[dict[str, str]]]:
    found = defaultdict(list)
    for row in conversion(name).provenance.to_dict("records"):
        found[row["sheet"], row["cell"]].append(row)
    return found


@pytest.mark.parametrize("name", TABLES)
def test_every_figure_has_the_bucket_value_period_sex_and_status_of_the_answer(
    name: str,
) -> None:
    made = rows(name)
    for place, wanted in answers(name).items():
        assert len(made[place]) == len(wanted), place
        for got, want in zip(made[place], wanted, strict=True):
            assert got["bucket"] == want["bucket"], place
            if want["bucket"] != "ignore":
                compare(got, want, place)


def compare(got: dict[str, str], want: dict[str, str], place: tuple[str, str]) -> None:
    assert bool(got["value"]) == bool(want["value"]), place
    if want["value"]:
        printed = Decimal(want["value_persons"] or want["value"])
        exact = Decimal(got["value"]).scaleb(multiplier(want))
        assert exact == printed, place
    if got["OBS_VALUE"]:
        assert Decimal(got["OBS_VALUE"]).scaleb(int(got["UNIT_MULT"])) == Decimal(
            want["value_persons"] or want["value"]
        )
    period = want["TIME_PERIOD"].replace("2019 over 2018", "2019")
    assert got["TIME_PERIOD"] == period, place
    assert got["SEX"].removeprefix("SEX_") == want["SEX"].removeprefix("_"), place
    assert status(got) == want["OBS_STATUS"], place
    assert area(got["REF_AREA"]) == want["REF_AREA"], place


def multiplier(want: dict[str, str]) -> int:
    return {"PS_THOUSAND": 3, "MILLION": 6}.get(want["unit"], 0)


def status(got: dict[str, str]) -> str:
    """Status in the letters of SDMX: those of an ILO dataflow are translated."""
    if not got["OBS_STATUS"]:
        return "A"
    if not got["dataflow"].startswith("ILO:"):
        return got["OBS_STATUS"]
    return dict(structures.code_map("OBS_STATUS")[["source", "target"]].to_numpy())[
        got["OBS_STATUS"]
    ]


@cache
def areas() -> dict[str, str]:
    crosswalk = structures.crosswalk()
    return dict(zip(crosswalk["code"], crosswalk["iso2"], strict=True))


def area(code: str) -> str:
    return areas()[code]


@pytest.mark.parametrize("name", TABLES)
def test_partners_are_the_countries_of_the_printed_labels(name: str) -> None:
    """Codes that people wrote into the mappings, against what the label matcher is certain of."""
    made = rows(name)
    for place, wanted in answers(name).items():
        for got, want in zip(made[place], wanted, strict=True):
            label = want["DESTINATION"] or want["ORIGIN"]
            codes = [got[c] for c in ("CDS", "CRS", "CCT") if got.get(c)]
            certain = match_label(label.removesuffix(" workers"), "").code if label else ""
            if codes and certain and got["dataflow"].startswith("ILO:"):
                assert codes[0].rpartition("_")[2] == certain, place


@pytest.mark.parametrize("name", TABLES)
def test_every_other_cell_is_a_label_or_a_note_and_nothing_is_unexplained(name: str) -> None:
    made = rows(name)
    with (SPECIMENS / f"{name}.labels.csv").open(encoding="utf-8") as file:
        others = {(r["sheet"], r["cell"]) for r in csv.DictReader(file)}
    assert set(made) == set(answers(name)) | others
    for place in others:
        assert {r["bucket"] for r in made[place]} <= {"label", "note", "ignore"}, place
    assert conversion(name).counts["finding"] == 0


@pytest.mark.parametrize("name", TABLES)
def test_what_is_wrong_in_a_source_is_found_and_nothing_else(name: str) -> None:
    found = {
        (f.rule, f.place.cell)
        for f in conversion(name).report
        if f.severity is not Severity.NOTE
    }
    assert found == KNOWN.get(name, set())


@pytest.mark.parametrize("name", TABLES)
def test_counts_add_up_to_the_cells_of_the_workbook(name: str) -> None:
    done = conversion(name)
    cells = sum(1 for sheet in done.workbook for cell in sheet if cell.text.strip())
    assert sum(done.counts.values()) == cells
    assert done.summary().startswith(f"{cells} cells: ")
    assert done.summary().endswith(" 0 unexplained")


def test_an_observation_of_two_cells_is_written_once_and_said() -> None:
    notes = conversion("idn-placement").report.of_rule("repeated-observation")
    assert notes.findings[0].place.cell == "C5"
    assert "'Penempatan' C16" in notes.findings[0].message
