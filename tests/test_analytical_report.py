"""The analytical report: every number in it is found in the database by its link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from lxml import etree, html

import ilms_sdmx
from ilms_sdmx import StructureError, analytical_page, analytical_report
from ilms_sdmx.analysis.comparison.snapshots import ilostat, undesa
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from ilms_sdmx.outputs.reports.analytical.content import (
    AnalyticalReport,
    ComparabilityBox,
    LinkedTable,
    Paragraph,
    Reference,
    text_of,
)
from ilms_sdmx.structures import facts

STATES = sorted(row["code"] for row in facts.rows("asean.csv"))
YEAR = 2025
#: What may have digits without a link: years, days of a month, ages, the name of an office.
PLAIN = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2} (?=[A-Z][a-z]+ (?:19|20))|\b15 and more\b|\bBNP2TKI\b"
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """All shipped tables, figures of ILOSTAT, and UN DESA's stock of 2024."""
    filled = Database(tmp_path_factory.mktemp("report") / "db")
    for name in ilms_sdmx.examples():
        filled.add(ilms_sdmx.convert(*ilms_sdmx.example(name)), name, at="2026-01-01")
    filled.add(ilostat(), "ILOSTAT", at="2026-01-02")
    filled.add(undesa("2024"), "UN DESA 2024", at="2026-01-03")
    return filled


@pytest.fixture(scope="module")
def frame(database: Database) -> pd.DataFrame:
    return database.frame()


@pytest.fixture(scope="module")
def reports(database: Database) -> dict[str, AnalyticalReport]:
    areas = [*STATES, "ASEAN"]
    return {area: analytical_report(database, area, year=YEAR) for area in areas}


def lines(report: AnalyticalReport) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Chapter and pieces of every sentence and cell, but the list of what sources cover."""
    for chapter in report.chapters:
        for block in chapter.blocks:
            if isinstance(block, Paragraph | ComparabilityBox):
                for line in block.lines:
                    yield chapter.id, line
            if isinstance(block, LinkedTable):
                for row in block.rows:
                    for cell in row:
                        yield chapter.id, cell


def printed(value: float) -> str:
    """Persons as the report prints them, written here a second time."""
    if value >= 1e6:
        return f"{value / 1e6:.2f} million"
    return f"{round(value):,}"


@pytest.mark.parametrize("area", [*STATES, "ASEAN"])
def test_every_number_is_in_the_database_by_its_link(
    area: str, reports: dict[str, AnalyticalReport], frame: pd.DataFrame
) -> None:
    report = reports[area]
    by_id = {entry["id"]: entry for entry in report.origins}
    values = {}
    for id, entry in by_id.items():
        is_asked = frame["DATAFLOW"] == f"ILO:{entry['dataflow']}(1.0)"
        is_asked &= frame["TIME_PERIOD"].astype(str) == entry["period"]
        is_asked &= frame["figure_name"].astype(str) == entry["name"]
        rows = frame[is_asked]
        structure = ilms_sdmx.dataflow(entry["dataflow"]).structure
        names = [d.id for d in structure.dimensions.components if d.id != "TIME_PERIOD"]
        keys = rows[names].astype(str).agg(".".join, axis=1)
        found = rows[keys == entry["key"]]
        assert found["OBS_VALUE"].tolist() == [entry["value"]], entry
        assert found["UNIT_MULT"].iloc[0] == entry["power"]
        assert entry["source"] in {str(found["figure_source"].iloc[0]), "source not named"}
        if entry["cell"]:
            assert str(found["origin_cell"].iloc[0]) in entry["cell"]
        values[id] = float(entry["value"]) * 10 ** int(entry["power"])
    derived = {entry["id"]: entry for entry in report.derived}
    seen = 0
    for _, line in lines(report):
        for part in line:
            if not isinstance(part, Reference):
                continue
            seen += 1
            if part.id in values:
                assert part.text == printed(values[part.id])
            else:
                assert part.text == derived[part.id]["number"]
    for entry in report.derived:
        check_worked_out(entry, values)
    assert seen or not report.origins


def check_worked_out(entry: dict[str, str], values: dict[str, float]) -> None:
    """Work a number out again from the figures that its entry names."""
    if "F" not in entry["how"] or ":" in entry["how"]:
        return
    names = re.sub(r"\bF\d+\b", lambda match: f"({values[match[0]]!r})", entry["how"])
    again = eval(names)
    number = entry["number"]
    if number.endswith("%"):
        share = 100 * abs(again)
        if number.startswith("<"):
            assert 0 < share < 0.05
            return
        digits = 0 if share >= 10 or "+" in entry["how"] else 1
        assert number == f"{share:.{digits}f} %"
    elif "/" in entry["how"]:
        assert number == f"{again:.{0 if again >= 10 else 1}f}"
    else:
        assert number == printed(again)


@pytest.mark.parametrize("area", [*STATES, "ASEAN"])
def test_no_number_is_without_a_link(area: str, reports: dict[str, AnalyticalReport]) -> None:
    for chapter, line in lines(reports[area]):
        if chapter == "sources":
            continue
        for part in line:
            if isinstance(part, str):
                assert not re.search(r"\d", PLAIN.sub("", part)), part


def text(report: AnalyticalReport, chapter: str = "") -> str:
    found = [text_of(line) for id, line in lines(report) if chapter in ("", id)]
    return " ".join(found)


def test_what_is_not_known_is_said(reports: dict[str, AnalyticalReport]) -> None:
    assert "Not known" in text(reports["LAO"], "summary")
    assert "Not known: the earnings of foreign employees" in text(reports["THA"], "earnings")
    for area in STATES:
        assert "nan" not in text(reports[area]).split()
    empty = [cell for _, cell in lines(reports["ASEAN"]) if text_of(cell) == "0"]
    assert not empty


def test_the_report_of_thailand_says_what_its_figures_say(
    reports: dict[str, AnalyticalReport],
) -> None:
    said = text(reports["THA"])
    assert "3.35 million foreign citizens were employed in Thailand in 2024 (ILOSTAT)" in said
    assert "Myanmar (2.27 million, 68 %)" in said
    assert "between 2020 and 2021 (from 1.12 million to 2.35 million)" in said
    assert "From 2021 to 2024 it rose by 43 %" in said
    # Of the same people another source has another count.
    assert "counts 118,080 in January 2024" in said
    mirror = text(reports["KHM"], "mirror")
    assert "1.22 million (Minister of Labour, February 2022)" in mirror
    assert "498,660 (ILOSTAT, 2024)" in mirror


def test_shares_are_of_migrants_and_not_of_all(reports: dict[str, AnalyticalReport]) -> None:
    said = text(reports["MYS"], "foreign")
    assert "2.18 million foreign citizens" in said
    assert "manufacturing (543,500, 25 %)" in said


def test_states_are_not_added_up_but_one_source_is(
    reports: dict[str, AnalyticalReport],
) -> None:
    report = reports["ASEAN"]
    assert "not added up" in text(report, "summary")
    sums = [entry for entry in report.derived if " + " in entry["how"]]
    sources = {entry["id"]: entry["source"] for entry in report.origins}
    assert sums
    for entry in sums:
        ids = re.findall(r"F\d+", entry["how"])
        assert {sources[id] for id in ids} == {"UN DESA IMS"}


def test_the_page_leads_every_number_to_its_figure(
    reports: dict[str, AnalyticalReport],
) -> None:
    page = analytical_page(reports["THA"])
    assert page == analytical_page(reports["THA"])
    document = html.fromstring(page)
    ids = {element.get("id") for element in document.iter() if element.get("id")}
    numbers = document.xpath("//a[contains(@class, 'number')]")
    assert len(numbers) > 80
    assert {number.get("href").removeprefix("#") for number in numbers} <= ids
    assert "<script src" not in page
    assert document.xpath("//figure//svg[@aria-label]")
    assert "size: A4" in page


def test_the_document_leads_every_number_to_its_figure(
    reports: dict[str, AnalyticalReport], tmp_path: Path
) -> None:
    docx = pytest.importorskip("docx")
    path = tmp_path / "report.docx"
    ilms_sdmx.write_analytical_document(reports["KHM"], path)
    document = docx.Document(path)
    assert round(document.sections[0].page_width.mm) == 210
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert "In brief" in headings
    with ZipFile(path) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    anchors = [each.get(f"{space}anchor") for each in body.iter(f"{space}hyperlink")]
    bookmarks = {each.get(f"{space}name") for each in body.iter(f"{space}bookmarkStart")}
    assert len(anchors) > 30
    assert set(anchors) <= bookmarks
    again = tmp_path / "again.docx"
    ilms_sdmx.write_analytical_document(reports["KHM"], again)
    assert again.read_bytes() == path.read_bytes()


def test_the_command_writes_page_and_document(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    folder = str(database.folder)
    arguments = ["analytical-report", "--area", "laos", "--db", folder, "--year", "2025"]
    assert run([*arguments, "-o", str(page)]) == 0
    assert "Lao People's Democratic Republic" in capsys.readouterr().err
    assert "Not known" in page.read_text(encoding="utf-8")
    assert run([*arguments, "--region", "ASEAN", "-o", str(page)]) == 3
    missing = ["analytical-report", "--area", "THA", "--db", str(tmp_path / "no")]
    assert run([*missing, "-o", str(page)]) == 4


def test_a_state_outside_the_region_is_refused(database: Database) -> None:
    with pytest.raises(StructureError, match="expected ASEAN or a state"):
        analytical_report(database, "FRA", year=YEAR)
