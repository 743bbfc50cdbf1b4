"""Browsing a database: facets, rows, cross tables and histories, by a closed grammar."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset
from ilms_sdmx.database import Database
from ilms_sdmx.database.browsing import PAGE, Browser, Selection
from ilms_sdmx.errors import DatabaseError
from ilms_sdmx.outputs.web.charts import line_chart

FLOW = "ILO:DF_X(1.0)"
COMPONENTS = Components(("REF_AREA", "SEX", "TIME_PERIOD"))


def figures(rows: list[tuple[str, str, str, str]]) -> Dataset:
    names = ["REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE"]
    return Dataset(pd.DataFrame(rows, columns=names, dtype="string"), COMPONENTS, FLOW)


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """Database of two states, of which one has revised a figure and taken one back."""
    database = Database(tmp_path)
    first = [("PHL", "SEX_M", "2019", "10"), ("PHL", "SEX_F", "2019", "20")]
    database.add(figures(first), "phl", at="2020-01-01", source="BA:1")
    later = [("PHL", "SEX_M", "2019", "11"), ("PHL", "SEX_F", "2020", "21")]
    database.add(figures(later), "phl", at="2021-01-01", source="BA:1", accept_removals=True)
    thai = [("THA", "SEX_M", str(year), str(year - 2000)) for year in range(2001, 2021)]
    database.add(figures(thai), "tha", at="2021-02-01", source="BA:2")
    return Browser(tmp_path)


def test_contents_count_the_figures_that_hold(browser: Browser) -> None:
    (table,) = browser.contents()
    held = Database(browser.folder).frame(FLOW)
    assert table["figures"] == len(held) == 22
    assert table["areas"] == ["PHL", "THA"]
    assert (table["first"], table["last"]) == ("2001", "2020")
    assert table["sources"] == 2


def test_facets_count_under_what_else_is_chosen(browser: Browser) -> None:
    facets = browser.facets(Selection(FLOW, {"REF_AREA": ["PHL"]}))
    assert facets["REF_AREA"] == [("PHL", 2), ("THA", 20)]
    assert facets["SEX"] == [("SEX_F", 1), ("SEX_M", 1)]
    assert facets["TIME_PERIOD"] == [("2019", 1), ("2020", 1)]


def test_rows_are_the_figures_of_the_database(browser: Browser) -> None:
    count, frame = browser.rows(Selection("DF_X", {"REF_AREA": ["PHL"]}))
    assert count == 2
    held = Database(browser.folder).frame(FLOW, key="PHL")
    assert sorted(frame["OBS_VALUE"]) == sorted(held["OBS_VALUE"]) == ["11", "21"]


def test_rows_come_by_pages(browser: Browser) -> None:
    many = [("VNM", "SEX_M", f"{1700 + n}", str(n)) for n in range(PAGE + 5)]
    Database(browser.folder).add(figures(many), "vnm", at="2021-03-01")
    chosen = Selection(FLOW, {"REF_AREA": ["VNM"]})
    count, first = browser.rows(chosen)
    _, second = browser.rows(chosen, 1)
    assert (count, len(first), len(second)) == (PAGE + 5, PAGE, 5)
    assert not set(first["TIME_PERIOD"]) & set(second["TIME_PERIOD"])


def test_a_cross_table_adds_nothing_up(browser: Browser) -> None:
    whole = browser.cross_table(Selection(FLOW), "REF_AREA", "TIME_PERIOD")
    cells = {(r, c): (v, n) for r, c, v, n in whole.itertuples(index=False, name=None)}
    assert cells["PHL", "2019"] == ("11", 1)
    by_sex = browser.cross_table(Selection(FLOW), "SEX", "REF_AREA")
    cells = {(r, c): (v, n) for r, c, v, n in by_sex.itertuples(index=False, name=None)}
    value, count = cells["SEX_M", "THA"]
    assert value is None or value != value
    assert count == 20


def test_a_history_has_every_word_that_was_told(browser: Browser) -> None:
    chosen = {"REF_AREA": ["PHL"], "SEX": ["SEX_M"], "TIME_PERIOD": ["2019"]}
    frame = browser.history(Selection(FLOW, chosen))
    assert frame["OBS_VALUE"].tolist() == ["10", "11"]
    assert frame["time"].str[:4].tolist() == ["2020", "2021"]
    gone = {**chosen, "SEX": ["SEX_F"]}
    assert browser.history(Selection(FLOW, gone))["figure_change"].tolist()[-1] == "removed"


@pytest.mark.parametrize(
    "column", ["OBS_VALUE", "x", "REF_AREA; drop table figures", 'REF_AREA" or 1=1 --', "*"]
)
def test_what_is_no_column_is_refused(browser: Browser, column: str) -> None:
    with pytest.raises(DatabaseError, match="expected one of"):
        browser.rows(Selection(FLOW, {column: ["x"]}))
    with pytest.raises(DatabaseError, match="expected one of"):
        browser.cross_table(Selection(FLOW), column, "SEX")


@pytest.mark.parametrize("code", ["' or 1=1 --", "x'; drop view figures; --", "%", "\u0000"])
def test_what_is_typed_is_never_a_part_of_a_query(browser: Browser, code: str) -> None:
    count, _ = browser.rows(Selection(FLOW, {"REF_AREA": [code]}))
    assert count == 0


def test_a_table_that_is_not_there_is_refused(browser: Browser) -> None:
    with pytest.raises(DatabaseError, match="expected a table"):
        browser.rows(Selection("../../etc/passwd"))


def test_no_other_file_can_be_read(browser: Browser, tmp_path: Path) -> None:
    import duckdb

    with browser._connected() as connection, pytest.raises((duckdb.Error, DatabaseError)):
        connection.execute("select * from read_csv('/etc/passwd')").fetchall()


def test_lines_of_a_chart_are_where_their_figures_are() -> None:
    series = {"a": [("2019", "10"), ("2021", "30"), ("2020", "20")], "b": [("2020", "-5")]}
    chart = line_chart(series)
    assert chart is not None
    first, second = chart.lines
    lefts = [point[0] for point in first.points]
    tops = [point[1] for point in first.points]
    assert lefts == sorted(lefts)
    assert tops == sorted(tops, reverse=True)
    assert second.points[0][1] > max(tops)
    assert first.sign != second.sign
    assert line_chart({"a": [("x", "10"), ("2020", "y"), ("2020", "NaN")]}) is None
    assert line_chart({}) is None
