"""Figures: a step gives new ones, says why a figure has left the bucket of its rule, and keeps the rest."""

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.conversion.extraction import extract
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.regions import find_missing_tables, locate
from ilms_sdmx.mapping import read_mapping
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Pattern
from ilms_sdmx.tables import read_workbook

TABLE = """Province,Vrouwen,Mannen
Utara,"1,200","1,150"
Selatan,n/a,980
,15,20
Jumlah,"2,180","2,130"
"""
MAPPING = """mapping: 2
conventions: {group: ","}
tables:
  - name: stock
    begin: Province
    rows: [{name: province, header: Province}]
    columns: [sex]
    rules:
      - {where: {province: Jumlah}, bucket: total}
datasets:
  - dataflow: OFFICE:DF_STOCK(1.0)
    components:
      PROVINCE: {from: province}
      SEX: {from: sex, codes: sexes}
      TIME_PERIOD: {value: "2024"}
codes:
  sexes: {values: {Vrouwen: SEX_F, Mannen: SEX_M}}
"""


@pytest.fixture
def figures(tmp_path: Path) -> Figures:
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    mapping = read_mapping(tmp_path / "mapping.yaml")
    workbook = read_workbook(tmp_path / "table.csv")
    regions = locate(grids(workbook), mapping.tables)
    return extract(regions, mapping, workbook.name).figures


def test_columns_are_attributes(figures: Figures) -> None:
    assert list(figures.text) == list(figures.frame["text"])
    assert list(figures.heading("province").unique()) == ["Utara", "Selatan", "", "Jumlah"]
    assert figures.labels("no such heading") == [""]


def test_a_figure_that_leaves_its_bucket_says_why(figures: Figures) -> None:
    moved = figures.only(figures.in_bucket(Bucket.FINDING))
    reasons = dict(zip(moved.text, moved.why, strict=True))
    assert reasons == {
        "n/a": "no number",
        "15": "no label next to or above it",
        "20": "no label next to or above it",
    }
    assert set(moved.role) == {"observation"}, "the bucket of the rule is kept as the role"


def test_a_step_leaves_the_figures_that_it_takes_as_they_are(figures: Figures) -> None:
    before = figures.frame.copy(deep=True)
    rows = figures.having({"province": (Pattern("Utara"),)})
    ignored = figures.with_bucket(rows, Bucket.IGNORE, why="not asked for")
    ignored.with_values("note", rows, "as of June").with_columns({"extra": "x"})
    assert list(ignored.bucket[rows]) == ["ignore", "ignore"]
    pd.testing.assert_frame_equal(figures.frame, before)


def test_no_rows_move_no_figures(figures: Figures) -> None:
    nowhere = figures.having({"province": (Pattern("Timur"),)})
    assert figures.with_bucket(nowhere, Bucket.IGNORE, why="never") is figures


def test_amounts_are_in_units_of_one(figures: Figures) -> None:
    thousands = figures.with_columns({"multiplier": 3})
    first = thousands.only(thousands.text == "1,200")
    assert list(first.amount) == [1_200_000.0]
    missing = thousands.only(thousands.text == "n/a")
    assert missing.amount.isna().all()


def test_places_are_those_of_the_cells(figures: Figures) -> None:
    assert str(figures.place()).endswith("B2")
    cells = [place.cell for place in figures.places()]
    assert cells == ["B2", "C2", "B3", "C3", "B4", "C4", "B5", "C5"]


def test_figures_of_no_table_are_none(figures: Figures) -> None:
    nothing = Figures.joined([])
    assert len(nothing) == 0
    assert len(nothing.of_table("stock")) == 0
    assert len(Figures.joined([figures, figures])) == 2 * len(figures)


def test_a_table_that_is_not_there_is_found_missing(tmp_path: Path) -> None:
    text = MAPPING.replace("begin: Province", "begin: Provinsi")
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    mapping = read_mapping(tmp_path / "mapping.yaml")
    sheets = grids(read_workbook(tmp_path / "table.csv"))
    regions = locate(sheets, mapping.tables)
    (missing,) = find_missing_tables(regions, sheets, mapping.tables)
    assert missing.rule == "table-not-found"
    assert missing.read == "nearest: 'Province'"
    assert missing.place.file == "", "the file is stamped on the report"
