"""A column of times next to figures is the time of the figures where that is proven, else it is asked."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ilms_sdmx import convert, draft_mapping

TITLE = "Migrant workers by country of citizenship"
ROWS = [("Myanmar", 100, 50), ("Cambodia", 80, 40), ("Laos", 60, 30)]


def drafted(folder: Path, head: str, times: list[object], title: str = f"{TITLE}, 2019") -> str:
    """Draft of a table with a column of times at its end."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([title])
    sheet.append(["Country", "Men", "Women", head])
    for row, time in zip(ROWS, times, strict=True):
        sheet.append([*row, time])
    book.save(folder / "w.xlsx")
    return draft_mapping(folder / "w.xlsx", area="THA")


def periods(folder: Path, draft: str) -> set[str]:
    """Periods that a conversion writes where every line is taken as it is."""
    lines = [line.partition("# decide:")[0] for line in draft.splitlines()]
    (folder / "w.yaml").write_text("\n".join(lines), encoding="utf-8")
    done = convert(folder / "w.xlsx", folder / "w.yaml")
    found: set[str] = set()
    for dataset in done.datasets:
        found.update(dataset.observations["TIME_PERIOD"].astype(str))
    return found


DAYS = {
    "text": ["2020-03-01"] * 3,
    "dates": [datetime.date(2020, 3, day) for day in (1, 2, 3)],
    "Buddhist": ["1/3/2563", "2/3/2563", "5/3/2563"],
    "words": ["1 March 2020", "2 March 2020", "3 March 2020"],
}


def with_days(heads: Sequence[str | None]) -> list[Any]:
    """Heads, each with days in another form."""
    return list(zip(heads, cycle(DAYS.values()), strict=False))


@pytest.mark.parametrize(
    ("head", "days"),
    with_days(
        [
            *("Updated", "Date of entry", "Last revised", "Date of birth", "Registered on"),
            *(
                "วันที่บันทึก",
                "ปรับปรุงล่าสุด",
                "Ngày cập nhật",
                "Tanggal pembaruan",
                "Tarikh kemas kini",
            ),
            *("កាលបរិច្ឆេទធ្វើបច្ចុប្បន្នភាព", "ວັນທີປັບປຸງ", "Petsa ng rehistro", "Data de emissão"),
        ]
    ),
)
def test_times_of_something_else_are_not_the_period(
    head: str, days: list[object], tmp_path: Path
) -> None:
    draft = drafted(tmp_path, head, days)
    assert periods(tmp_path, draft) == {"2019"}


@pytest.mark.parametrize(
    ("head", "days"),
    with_days(["Date", "Ngày", "As of", "Qxz", "Remarks", None, "Date", None, "Date"]),
)
def test_days_against_the_title_are_asked(
    head: str, days: list[object], tmp_path: Path
) -> None:
    draft = drafted(tmp_path, head, days)
    assert "2019, as the title says, or the times under" in draft
    assert not periods(tmp_path, draft)


@pytest.mark.parametrize("head", ["Updated", "Qxz", "ปรับปรุง"])
def test_days_without_a_word_for_time_are_asked_where_no_title_says_the_period(
    head: str, tmp_path: Path
) -> None:
    draft = drafted(tmp_path, head, DAYS["text"], TITLE)
    assert "no title says the period. Is it in the times under" in draft
    assert not periods(tmp_path, draft)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        *(("Date", TITLE), ("As of", f"{TITLE}, March 2020"), ("วันที่", f"{TITLE}, 2020")),
        *(("Period", TITLE), ("Ngày", f"{TITLE}, 2020"), ("Tarikh", f"{TITLE}, 2563")),
    ],
)
def test_days_of_the_figures_are_their_period(head: str, title: str, tmp_path: Path) -> None:
    draft = drafted(tmp_path, head, DAYS["dates"], title)
    assert periods(tmp_path, draft) == {"2020-03-01", "2020-03-02", "2020-03-03"}


def test_the_answer_that_is_named_is_taken(tmp_path: Path) -> None:
    draft = drafted(tmp_path, "Date", DAYS["text"])
    assert "TIME_PERIOD: {period: category}" in draft
    lines = [line for line in draft.splitlines() if line.strip() != "set:"]
    text = "\n".join(line for line in lines if "as the title says" not in line)
    text = text.replace("TIME_PERIOD: {period: period}", "TIME_PERIOD: {period: category}")
    assert periods(tmp_path, text) == {"2020-03-01"}


@pytest.mark.parametrize("head", ["Year of arrival", "Year of birth", "ปีที่ลงทะเบียน"])
def test_years_of_something_else_are_asked(head: str, tmp_path: Path) -> None:
    rows = [
        f"{year},{name},{men},{women}"
        for year, (name, men, women) in zip("567", ROWS, strict=True)
    ]
    table = [f"{head},Country,Men,Women", *(f"201{row}" for row in rows)]
    for title in (TITLE, f"{TITLE}; 2015 to 2017"):
        (tmp_path / "w.csv").write_text("\n".join([f'"{title}",,,', *table]), encoding="utf-8")
        draft = draft_mapping(tmp_path / "w.csv", area="THA")
        assert f"the times under {head!r}" in draft
