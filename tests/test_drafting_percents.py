"""Drafts say what printed percents are a share or a change of, found by recomputing."""

from collections import Counter
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.conversion import Conversion
from ilms_sdmx.drafting.arithmetic import numbers
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.tables.cells import Cell
from ilms_sdmx.tables.separators import Separators
from tests.national.judging import accepted

Rows = list[list[object]]


def drafted(rows: Rows, area: str = "PHL") -> tuple[str, Conversion]:
    """Draft of a table, and what it makes of the table unchanged."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append([None if value == "" else value for value in row])
    target = BytesIO()
    book.save(target)
    text = draft_mapping(target.getvalue(), area=area)
    return text, convert(target.getvalue(), parse_mapping(accepted(text)))


def verdicts(done: Conversion) -> tuple[int, int]:
    """Percents that agree, and all that there are."""
    counted = done.checked["percent"]
    return counted["agree"], counted["compared"] + counted["not compared"]


CASES: dict[str, tuple[Rows, str]] = {
    "share of the total of the column": (
        [
            ["Workers sent abroad, 2022"],
            ["Country", "Number", "%"],
            ["Japan", 250, 25.0],
            ["Malaysia", 333, 33.3],
            ["Thailand", 417, 41.7],
            ["Total", 1000, 100.0],
        ],
        "in: {measure: Number, country: Total}",
    ),
    "share of another column": (
        [
            ["Workers sent abroad, 2022"],
            ["Country", "Total", "Female", "Female share"],
            ["Japan", 200, 51, 25.5],
            ["Malaysia", 300, 100, 33.3],
            ["Thailand", 400, 123, 30.8],
        ],
        "in: {sex: Total}",
    ),
    "change since the year before": (
        [
            ["Workers sent abroad"],
            ["Country", 2021, 2022, "Growth (%)"],
            ["Japan", 200, 250, 25.0],
            ["Malaysia", 300, 100, -66.7],
            ["Thailand", 400, 410, 2.5],
        ],
        'from: {period: "2021"}',
    ),
    "percents beside several years under one label": (
        [
            ["Workers sent abroad"],
            ["Country", 2021, "%", 2022, "%"],
            ["Japan", 200, 20.0, 250, 25.0],
            ["Malaysia", 300, 30.0, 250, 25.0],
            ["Thailand", 500, 50.0, 500, 50.0],
            ["Total", 1000, 100.0, 1000, 100.0],
        ],
        "of: left",
    ),
    "a row of change since the column before": (
        [
            ["Workers sent abroad"],
            ["Country", 2020, 2021, 2022],
            ["Japan", 200, 250, 300],
            ["Malaysia", 300, 100, 120],
            ["Total", 500, 350, 420],
            ["Growth rate (%)", "", -30.0, 20.0],
        ],
        "of: {country: Total}",
    ),
    "no word says percent": (
        [
            ["Workers sent abroad, 2022"],
            ["Country", "Workers", "Part"],
            ["Japan", 250, 25.0],
            ["Malaysia", 333, 33.3],
            ["Thailand", 417, 41.7],
            ["Total", 1000, 100.0],
        ],
        "bucket: percent",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_percents_are_recomputed_by_what_the_draft_says(case: str) -> None:
    rows, line = CASES[case]
    text, done = drafted(rows)
    assert line in text
    assert "come out when recomputed" in text
    agree, percents = verdicts(done)
    assert agree == percents > 1
    assert done.exit_code == 0


def test_a_wrong_percent_is_found_by_the_draft_itself() -> None:
    rows, _ = CASES["share of the total of the column"]
    wrong = [*rows[:3], ["Malaysia", 333, 53.3], *rows[4:]]
    text, done = drafted(wrong)
    assert "# 3 of 4 come out when recomputed" in text
    assert [f.read for f in done.report if f.rule == "percent-differs"] == ["53.3"]


def test_percents_that_no_figure_explains_are_only_named() -> None:
    rows: Rows = [["Workers sent abroad"], ["Country", "Number", "Unemployment rate (%)"]]
    text, done = drafted(
        [*rows, ["Japan", 250, 2.7], ["Malaysia", 333, 3.1], ["Thailand", 417, 0.9]]
    )
    assert "share:" not in text
    assert "bucket: percent" in text
    assert done.counts["percent"] == 3


def test_a_plain_difference_is_left_out_with_its_reason() -> None:
    rows: Rows = [["Workers sent abroad"], ["Country", 2021, 2022, "Change"]]
    text, done = drafted(
        [*rows, ["Japan", 200, 250, 50], ["Malaysia", 300, 100, -200], ["Laos", 5, 9, 4]]
    )
    assert "why: difference of '2022' and '2021'" in text
    assert done.counts["ignore"] == 3
    assert done.exit_code == 0


def test_each_figure_is_read_as_a_number_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[int] = Counter()

    def counted(cell: Cell, separators: Separators) -> Decimal | None:
        read[id(cell)] += 1
        return number_of(cell, separators)

    number_of = numbers._number
    monkeypatch.setattr(numbers, "_number", counted)
    heads = [f"{year} {word}" for year in range(2001, 2020) for word in ("Number", "% share")]
    rows = ["Workers sent abroad", ",".join(["Country", *heads])]
    for country in ("Japan", "Thailand", "Viet Nam", "Total"):
        shares = ["100.0" if country == "Total" else "12.5", "90"]
        rows.append(",".join([country, *(shares[::-1] * 19)]))
    draft_mapping("\n".join(rows).encode())
    assert set(read.values()) == {1}
    assert len(read) == 4 * len(heads)
