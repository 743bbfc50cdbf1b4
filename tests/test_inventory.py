"""The inventory of sources: what is counted, what is unknown, and what is written of it."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from lxml import etree

import ilms_sdmx
from ilms_sdmx import (
    Components,
    Dataset,
    StructureError,
    coverage,
    inventory_page,
    source_entries,
    source_inventory,
    write_inventory_workbook,
    write_source_metadata,
)
from ilms_sdmx.analysis.comparison.snapshots import undesa
from ilms_sdmx.analysis.inventory.catalogue import ABOUT, UNKNOWN
from ilms_sdmx.analysis.inventory.coverage import rules
from ilms_sdmx.analysis.inventory.tabulations import filled
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from ilms_sdmx.structures import facts
from tests.schemas import errors

ILOSTAT = Path(ilms_sdmx.__file__).parent / "examples" / "comparators" / "ilostat-ilms.csv"
#: Table and codes of the form of each dataflow that is shipped, written here a second time.
FORM = {
    "EMP_MFRC_SEX_CCT_NB": ("MST_8", None),
    "POP_MNAS_SEX_CRS_NB": ("MNA_1", None),
    "EMP_MFLC_SEX_ECO_NB": ("MFL_3", "ECO"),
    "EMP_MNAO_SEX_EDU_NB": ("MNA_5", "EDU"),
}
SECTORS = ["ECO_SECTOR_" + code for code in ("TOTAL", "AGR", "IND", "SER")]
BRANCHES = "ECO_AGGREGATE_"
BRANCHES_OF_FORM = [BRANCHES + c for c in ("TOTAL", "AGR", "MAN", "CON", "MEL", "MKT", "PUB")]
EDUCATION = ["EDU_AGGREGATE_" + code for code in ("TOTAL", "LTB", "BAS", "INT", "ADV")]


def counted(area: str) -> dict[tuple[str, int], tuple[int, int]]:
    """Cells with a figure of those asked, by table and year, counted from the file alone."""
    cells: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    with ILOSTAT.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["ref_area"] == area:
                of_year = cells[row["dataflow"], row["period"]]
                of_year[row["sex"]][row["code"]] = float(row["value"])
    found = {}
    for (dataflow, year), by_sex in cells.items():
        table, kind = FORM[dataflow]
        if kind is None:
            numbers = (
                sum(countries(by_sex.get(s, {})) for s in ("SEX_T", "SEX_F", "SEX_M")),
                21,
            )
        elif kind == "EDU":
            numbers = listed(by_sex, EDUCATION)
        else:
            both = (listed(by_sex, SECTORS), listed(by_sex, BRANCHES_OF_FORM))
            numbers = max(both, key=lambda pair: pair[0] / pair[1])
        found[table, int(year)] = numbers
    return found


def listed(by_sex: dict[str, dict[str, float]], codes: list[str]) -> tuple[int, int]:
    count = 0
    for sex in ("SEX_T", "SEX_F", "SEX_M"):
        for code in codes:
            if code in by_sex.get(sex, {}):
                count += 1
    return count, 3 * len(codes)


def countries(of_sex: dict[str, float]) -> int:
    """Cells of one sex of a table by country: total, five countries, and the others."""
    count, named = 0, []
    for code, value in of_sex.items():
        if code.endswith(("_TOTAL", "_X")):
            count += 1
        else:
            named.append(value)
    totals = [value for code, value in of_sex.items() if code.endswith("_TOTAL")]
    has_others = any(code.endswith("_X") for code in of_sex)
    if named and totals and not has_others and abs(sum(named) - totals[0]) <= 0.005 * totals[0]:
        return count + 6
    return count + min(len(named), 5)


@pytest.mark.parametrize("area", ["THA", "PHL", "IDN", "SGP"])
def test_coverage_equals_another_count_of_the_same_file(area: str) -> None:
    expected = counted(area)
    found = coverage(areas=area, year=2025, years=40)
    matrix = found.matrix[found.matrix["figures"] > 0]
    numbers = {}
    for row in matrix.to_dict("records"):
        numbers[row["table"], row["year"]] = (row["cells"], row["asked"])
    assert numbers == expected
    for (table, year), (cells, asked) in expected.items():
        is_asked = (found.matrix["table"] == table) & (found.matrix["year"] == year)
        state = found.matrix.loc[is_asked, "state"].item()
        assert state == ("present" if cells == asked else "partial")
    summary = found.summary.set_index("table")
    for table in {table for table, _ in expected}:
        years = [year for of_table, year in expected if of_table == table]
        assert summary.loc[table, "newest"] == max(years)
        assert summary.loc[table, "first"] == min(years)
        assert summary.loc[table, "timeliness"] == 2025 - max(years)
        cells, asked = expected[table, max(years)]
        assert summary.loc[table, "completeness"] == pytest.approx(cells / asked)


def test_coverage_of_a_database_equals_a_count_of_its_files(tmp_path: Path) -> None:
    """Philippines and Viet Nam: national tables converted, counted from the data sets."""
    database = Database(tmp_path)
    expected = {}
    for name, table, area in (
        ("phl-emigrants", "MNA_3", "PHL"),
        ("vnm-outflow", "MNA_4", "VNM"),
    ):
        conversion = ilms_sdmx.convert(*ilms_sdmx.example(name))
        database.add(conversion, name, at="2026-01-01")
        years: dict[int, int] = defaultdict(int)
        for dataset in conversion.datasets:
            if not dataset.dataflow.startswith("ILO:"):
                continue
            frame = dataset.observations
            for period, value in zip(frame["TIME_PERIOD"], frame["OBS_VALUE"], strict=True):
                if not pd.isna(value) and value != "":
                    years[int(period[:4])] += 1
        expected[area, table] = dict(years)
    found = coverage(database, areas=["PHL", "VNM"], year=2025, years=60)
    for (area, table), years in expected.items():
        is_asked = (found.matrix["ref_area"] == area) & (found.matrix["table"] == table)
        rows = found.matrix[is_asked & (found.matrix["figures"] > 0)]
        assert dict(zip(rows["year"], rows["figures"], strict=True)) == years


def test_unknown_is_never_zero() -> None:
    found = coverage(areas=["LAO", "MMR"], year=2025)
    without = found.summary[found.summary["newest"].isna()]
    numbers = ["completeness", "timeliness", "over_time", "with_neighbours", "figures"]
    assert without[numbers].isna().all(axis=None)
    myanmar = found.summary[found.summary["figures"].notna()].iloc[0]
    assert myanmar["years"] == 1
    assert pd.isna(myanmar["over_time"])
    page = inventory_page(found)
    assert "unknown" in page
    inventory = source_inventory("LAO")
    unknown = inventory[inventory["statement"] == UNKNOWN]
    assert len(unknown)
    assert (unknown["evidence"] == "").all()
    assert not inventory["statement"].isin(["", "0", "nan"]).any()


def test_every_statement_names_its_evidence() -> None:
    inventory = source_inventory(all_sources=True, years=coverage(year=2025).years_by_source)
    known = {row["id"] for row in facts.rows("evidence.csv")}
    said = inventory[inventory["statement"] != UNKNOWN]
    assert set(said["evidence"]) <= known
    assert set(said["verified"]) == {"Y", "N"}
    for row in facts.rows("source_statements.csv"):
        assert row["about"] in ABOUT or row["about"] == "label"
        # What we infer, or read in many figures, says where or why.
        assert row["place"] or row["evidence"] in {"inferred", "examples", "reference-2019"}
    tables = {row["table"] for row in facts.rows("dataflows.csv")}
    definitions = {row["code"] for row in facts.rows("migrant_definitions.csv")}
    for entry in source_entries(all_sources=True):
        assert set(entry.tables) <= tables
        assert set(entry.texts("migrants")) <= definitions


def test_a_state_outside_the_list_is_refused() -> None:
    with pytest.raises(StructureError, match="expected a state of"):
        source_entries("FRA")
    with pytest.raises(StructureError, match="expected a state of"):
        coverage(areas="FRA", year=2025)


def stock(year: str, value: str, source: str, **more: str) -> Dataset:
    row = {
        "REF_AREA": "LAO",
        "FREQ": "A",
        "MEASURE": "POP_MNAS_NB",
        "SEX": "SEX_T",
        "CRS": "CRS_RES_TOTAL",
        "TIME_PERIOD": year,
        "OBS_VALUE": value,
        "UNIT_MULT": "3",
        "SOURCE": source,
        "OBS_STATUS": "",
    }
    frame = pd.DataFrame([row | more], dtype="string")
    attributes = {"UNIT_MULT": ("MEASURE",), "SOURCE": (), "OBS_STATUS": ()}
    return Dataset(frame, Components(tuple(row)[:6], attributes=attributes), FLOW)


FLOW = "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"


@pytest.mark.parametrize(
    ("second", "over_time", "why"),
    [
        (("2021", "11", "FX:664", ""), 1.0, ""),
        (("2021", "25", "FX:664", ""), 0.0, "2021: 2.5 times more than in 2020"),
        (("2021", "11", "AA:1338", ""), 0.0, "2021: another source than in 2020"),
        (("2021", "11", "FX:664", "B"), 0.0, "2021: a break is marked"),
    ],
)
def test_comparability_over_time_counts_breaks(
    second: tuple[str, str, str, str], over_time: float, why: str, tmp_path: Path
) -> None:
    database = Database(tmp_path)
    database.add(stock("2020", "10", "FX:664"), "one", at="2026-01-01")
    year, value, source, status = second
    database.add(stock(year, value, source, OBS_STATUS=status), "two", at="2026-01-02")
    summary = coverage(database, areas="LAO", year=2025).summary.set_index("table")
    assert summary.loc["MNA_1", "over_time"] == over_time
    assert summary.loc["MNA_1", "breaks"] == why


def test_what_others_say_about_a_state_is_none_of_its_figures(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(undesa("2024"), "UN DESA", at="2026-01-01")
    database.add(stock("2020", "10", "XA:2008"), "modelled", at="2026-01-02")
    database.add(stock("2021", "10", "FX:664", OBS_STATUS="M"), "model", at="2026-01-02")
    assert coverage(database, areas="LAO", year=2025).summary["newest"].isna().all()


def test_months_of_a_flow_make_no_year(tmp_path: Path) -> None:
    conversion = ilms_sdmx.convert(*ilms_sdmx.example("tha-abroad"))
    database = Database(tmp_path)
    database.add(conversion, "tha", at="2026-01-01")
    matrix = coverage(database, areas="THA", year=2024).matrix.set_index(["table", "year"])
    assert matrix.loc[("MNA_4", 2023), "state"] == "partial"
    assert matrix.loc[("MNA_4", 2023), "asked"] == 0
    assert matrix.loc[("MNA_4", 2024), "state"] == "outdated"
    assert matrix.loc[("MNA_4", 2022), "state"] == "never"


def test_countries_that_add_up_need_no_others() -> None:
    figures = {("SEX_T", "CDS_DES_TOTAL"): 10.0, ("SEX_T", "CDS_DES_KOR"): 10.0}
    assert filled("EMP_MNAO_SEX_CDS_NB", figures).cells == 7
    figures["SEX_T", "CDS_DES_KOR"] = 9.0
    assert filled("EMP_MNAO_SEX_CDS_NB", figures).cells == 2


def test_gaps_come_by_their_score() -> None:
    gaps = coverage(year=2025).gaps
    parts = gaps["has_source"] + gaps["others_have_it"] + gaps["age"]
    assert (gaps["score"] - parts).abs().max() < 1e-9
    assert gaps["score"].is_monotonic_decreasing
    assert gaps["rank"].tolist() == list(range(1, len(gaps) + 1))
    named = gaps[gaps["could_fill"] != ""]
    assert (named["has_source"] == 1).all()
    assert not (gaps["newest"] >= 2024).any()


def test_every_number_has_a_rule() -> None:
    assert {"completeness", "timeliness", "over_time", "with_neighbours", "gap"} <= set(rules())
    page = inventory_page(coverage(areas="THA", year=2025))
    for rule in rules().values():
        assert rule.split(".")[0] in page.replace("&#39;", "'")


def test_the_page_asks_nothing_of_the_network_and_is_the_same_again() -> None:
    found = coverage(areas=["THA", "PHL"], year=2025)
    page = inventory_page(found)
    assert page == inventory_page(coverage(areas=["THA", "PHL"], year=2025))
    assert "<script src" not in page
    assert "<polyline" in page
    assert "Philippines" in page


@pytest.mark.filterwarnings("ignore:Sparkline Group")
def test_the_workbook_has_colours_numbers_and_small_lines(tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsx"
    found = coverage(areas="PHL", year=2025)
    write_inventory_workbook(found, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Map", "Totals", "Numbers", "Gaps", "Sources", "Rules"]
    rows = list(book["Map"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 21
    colours = {cell.fill.fgColor.rgb for row in book["Map"].iter_rows() for cell in row}
    assert {"FFA8DDB5", "FFFDE2B3"} <= colours
    with ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<x14:sparkline>") == int(found.summary["newest"].notna().sum())
    again = tmp_path / "again.xlsx"
    write_inventory_workbook(found, again)
    assert again.read_bytes() == path.read_bytes()


def test_reference_metadata_is_valid_and_attached(tmp_path: Path) -> None:
    found = coverage(areas=["PHL", "VNM"], year=2025)
    paths = write_source_metadata(found, tmp_path, prepared="2026-01-01T00:00:00Z")
    for path in paths:
        assert errors(path.read_bytes()) == []
    structure = paths[0].read_text(encoding="utf-8")
    message = etree.parse(paths[1])
    sets = message.findall(".//{*}MetadataSet")
    assert sets
    for each in sets:
        targets = [target.text or "" for target in each.findall("{*}Target")]
        assert any(".Dataflow=ILO:DF_" in target for target in targets)
        for target in targets:
            if "ProvisionAgreement" in target:
                assert target in structure
    attributes = {each.get("id") for each in message.iter("{*}Attribute")}
    concepts = {row["id"] for row in facts.rows("metadata_concepts.csv")}
    assert {"STAT_POP", "COMPAR_TIME", "COMPLETENESS", "TIMELINESS"} <= attributes <= concepts
    offices = [each for each in sets if each.get("id") == "SOURCE_FX_6673"]
    text = " ".join(offices[0].itertext())
    assert "PA_VNM_DOLAB_EMP_MNAO_SEX_CDS_NB" in text
    assert "inferred" in text


def test_the_commands_list_show_and_cover(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["inventory", "list", "--area", "vietnam"]) == 0
    assert "FX:6673" in capsys.readouterr().out
    assert run(["inventory", "show", "FX:6673"]) == 0
    shown = capsys.readouterr().out
    assert "Frequency: unknown" in shown
    assert "(not verified)" in shown
    assert run(["inventory", "show", "FX:1"]) == 3
    assert "inventory list" in capsys.readouterr().err
    page, book = tmp_path / "i.html", tmp_path / "i.xlsx"
    arguments = ["inventory", "coverage", "--area", "THA", "--year", "2025"]
    outputs = ["--report", str(page), "--xlsx", str(book), "--metadata", str(tmp_path / "m")]
    assert run([*arguments, *outputs, "--time", "2026-01-01T00:00:00Z"]) == 0
    said = capsys.readouterr().out
    assert "Thailand, 3 of 21 tables" in said
    assert "Gaps, the most worth filling first" in said
    assert page.exists()
    assert book.exists()
    assert (tmp_path / "m" / "metadata.xml").exists()
    assert run([*arguments, "--csv", "-"]) == 0
    assert capsys.readouterr().out.startswith("ref_area,table,year,state")
    assert run([*arguments, "--db", str(tmp_path / "no")]) == 4
