"""Every row of the casebook on tables, next editions, finished mappings and labels comes as it must.

A row that is decided otherwise is named here with the reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from ilms_sdmx import Conversion, TableError, convert, draft_mapping
from ilms_sdmx.labels import match_label, match_labels, row_kind
from ilms_sdmx.mapping import parse_mapping
from tests.conftest import SHARED
from tests.national.judging import accepted

pytestmark = pytest.mark.shared
CASES = SHARED / "cases"
Row = tuple[str, ...]


def rows_of(*names: str) -> list[dict[str, str]]:
    """Rows of a table of cases; none where the casebook is not there."""
    path = CASES.joinpath(*names)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@lru_cache(maxsize=8)
def drafted(name: str) -> tuple[str, Conversion]:
    """Draft of a table, and its conversion when every proposal is accepted."""
    (row,) = [row for row in rows_of("tables", "tables.csv") if row["file"] == name]
    path = CASES / "tables" / name
    text = draft_mapping(path, area=row["area"])
    return text, convert(path, parse_mapping(accepted(text)))


def figures(done: Conversion, *columns: str) -> dict[str, Row]:
    """Persons of each cell that is written, with some of its components."""
    frame = done.provenance
    found = {}
    for row in frame[frame["OBS_VALUE"] != ""].to_dict("records"):
        value = float(row["OBS_VALUE"]) * 10 ** int(row.get("UNIT_MULT") or 0)
        shown = f"{value:.6f}".rstrip("0").rstrip(".")
        others = [str(row.get(name) or "").rpartition("_")[2] for name in columns]
        found[str(row["cell"])] = (shown, *others)
    return found


@dataclass(frozen=True)
class Comes:
    """What must come of a table.

    Parameters
    ----------
    written
        Figures in order of their cells, with some components; others may be there too.
    by
        Components that are compared.
    asked
        Expression of a question of the draft, which stops; empty for none that stops.
    says
        Words of the draft.
    rules
        Findings that must be there.
    cells
        Cells that errors must name.
    absent
        Figures that must not be written.
    """

    written: tuple[Row, ...] = ()
    by: tuple[str, ...] = ()
    asked: str = ""
    says: str = ""
    rules: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def values(text: str) -> tuple[Row, ...]:
    return tuple((value,) for value in text.split())


def with_period(period: str, text: str) -> tuple[Row, ...]:
    return tuple((value, period) for value in text.split())


TIME = ("TIME_PERIOD",)
TABLES: dict[str, Comes] = {
    "change-and-level-under-two-header-rows.xlsx": Comes(asked=r"what are these 6 figures"),
    "change-in-header-above-years.xlsx": Comes(asked=r"what are these 9 figures"),
    "change-title-thousands.xlsx": Comes(values("11400 -2600 3900 7700 15300 5100")),
    "code-column-before-figures.csv": Comes(
        values("1310 1390 1340 820 870 930 430 425 405 215 240 262"), absent=("15", "16", "17")
    ),
    "number-and-iso-columns.csv": Comes(
        values("1310 1390 1340 820 870 930 430 425 405"), absent=("496", "144", "64")
    ),
    "as-of-date-column.csv": Comes(
        tuple((value, "2022-11-01") for value in ("131", "34", "77", "26")), TIME
    ),
    "year-like-figure-buddhist.xlsx": Comes(with_period("2021", "2530 644 318 3492"), TIME),
    "year-like-figure-in-first-row.xlsx": Comes(
        with_period("2021", "1987 644 318 26 2975"), TIME
    ),
    "print-page-header-in-other-order.csv": Comes(
        (("43", "M", "LKA"), ("19", "F", "LKA"), ("6", "M", "FJI"), ("7", "F", "FJI")),
        ("SEX", "CCT"),
    ),
    "print-page-header-with-other-years.csv": Comes(
        (("131", "2015"), ("165", "2017"), ("43", "2018"), ("13", "2020")), TIME
    ),
    "median-age-column.csv": Comes(values("1300 700 500 2500"), asked="'Median age' measured"),
    "year-and-roman-quarter-behind-letter.csv": Comes(asked=r"period: \?"),
    "rate-table-alone.xlsx": Comes(
        values("3.1 3.4 3.9 4.3 1.8 2"), says="UNIT_MEASURE: PT", absent=("3100",)
    ),
    "rate-table-beneath-counts.xlsx": Comes(
        values("121500 122900 47100 49600 168600 172500 3.1 3.4 3.9 4.3")
    ),
    "sex-ratio-column.csv": Comes(
        asked=r"dataflow: \?.*Stock of nationals abroad", says="Men to 100 women"
    ),
    "country-without-figures.csv": Comes(
        (("17", "OMN"), ("41", "JPN"), ("32", "NPL"), ("90", "TOTAL")), ("COUNTRY",)
    ),
    "percent-column-short-word.csv": Comes(values("1300 700 500 2500"), absent=("0.52",)),
    "negative-signs.csv": Comes(asked="Net migration", rules=("malformed-number",)),
    "titles-of-three-tables.csv": Comes(asked="Table two: by trouble"),
    "two-titles-two-units.xlsx": Comes(
        (("11000", "2018"), ("19000", "2018"), ("1310", "2019"), ("2130", "2019")), TIME
    ),
    "total-row-under-months-and-of-which.xlsx": Comes(rules=("total-differs",)),
    "change-of-employer-is-a-category.csv": Comes(values("17 11 9 37 182")),
    "profit-sharing-is-a-category.csv": Comes(values("131 34 77 26 43 19 251 79")),
    "years-open-ended.csv": Comes(asked=r"≤2013.*\?", absent=("213", "163")),
    "age-groups-with-spaces.csv": Comes(asked="UNIT_MEASURE"),
    "count-or-share.csv": Comes(values("12400 15300 7350 8700 5250 6000 25000 30000")),
    "count-with-share-no-header-row.csv": Comes(
        with_period("2019", "12400 7350 5250 25000"), TIME
    ),
    "count-with-share-two-years.csv": Comes(
        (("12400", "2018"), ("15", "2018"), ("25015", "2018"), ("17", "2019")), TIME
    ),
    "permits-issued-are-a-flow.csv": Comes(values("131 34 165"), says="DF_POP_MFLC_SEX_CCT_NB"),
    "money-columns-beside-workers.csv": Comes(
        values("21300 9800 6100"), asked="It is money", absent=("1310200", "1313.1")
    ),
    "sums-off-by-800-persons.xlsx": Comes(values("21900"), rules=("total-differs",) * 4),
    "sums-rounded-to-hundreds.xlsx": Comes(values("11400 9700 21200")),
    "lines-of-a-pdf.csv": Comes(
        with_period("2017-12", "612345 290220 322125"), TIME, absent=("4",)
    ),
    "part-of-a-year-beside-years.csv": Comes(
        (("4300", "A", "2020"), ("1700", "O", "2021-01-01/P5M")), ("FREQ", "TIME_PERIOD")
    ),
    "rows-shifted-by-a-missing-cell.csv": Comes(
        (("77", "F"), ("91", "M")), ("SEX",), cells=("A4", "D4", "A5", "D5")
    ),
    "abroad-and-foreign-in-one-table.csv": Comes(
        values("4210 1105 3020 4380 1190 3115 4405 1240 3290")
    ),
    "sex-said-inside-cell-vietnamese.xlsx": Comes(cells=("B5", "B6"), absent=("88", "100")),
    "sex-said-inside-cell.xlsx": Comes(cells=("B4", "C4", "D4"), absent=("66", "12", "18")),
    "dates-shown-as-month-and-short-year.xlsx": Comes(
        (("131", "2017-12"), ("139", "2018-12")), TIME
    ),
    "others-twice-under-groups.csv": Comes(values("310 60 370"), cells=("B6", "B9")),
    "age-group-turned-into-date.xlsx": Comes(cells=("B4", "B5")),
    "unit-right-of-title-persons.xlsx": Comes(
        with_period("2019", "1310 870 440 820 610 210 2130 1480 650"), TIME
    ),
    "unit-right-of-title-thousands.xlsx": Comes(
        (("213200", "2017"), ("219700", "2018"), ("1100700", "2019")), TIME
    ),
    "year-right-of-title.xlsx": Comes(
        with_period("2019", "1310 870 440 820 610 210 2130 1480 650"), TIME
    ),
    "thousands-in-corner-of-header.xlsx": Comes(
        values("1400 -600 2200 3900 7700 -1300 5300 7100 900")
    ),
    "thousands-portuguese.xlsx": Comes(
        values("11400 9700 21100 12900 10600 23500 13800 11200 25000")
    ),
    "misspelt-countries.xlsx": Comes(cells=("B4", "B6", "B7")),
    "own-dataflow-unknown-countries.csv": Comes(asked=r"Korea: \?"),
    "value-and-flag-columns.csv": Comes(asked="UNIT_MEASURE"),
    "pass-kinds-with-total.xlsx": Comes(values("8581 9124 1913 2004 6668")),
    "permit-kinds-with-total.csv": Comes(values("1057 1083")),
    "words-in-first-figure-column.xlsx": Comes(
        (("58", "M", "2016"), ("291", "M", "2017"), ("1107", "M", "2018"), ("3", "F", "2018")),
        ("SEX", "TIME_PERIOD"),
        cells=("B4",),
        absent=("47",),
    ),
    "returned-workers-malay.csv": Comes(values("131 34 165 77 26 103 208 60 268")),
    "years-bikram-sambat.csv": Comes(asked="which calendar"),
    "years-hijri.csv": Comes(asked="which calendar"),
    "years-japanese-era.csv": Comes(asked="UNIT_MEASURE"),
}
#: Tables that are read no further, with the reason of the error.
REFUSED = {"xml-spreadsheet-2003.xls": "is XML Spreadsheet 2003"}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_gives_what_must_come(name: str, shared: Path) -> None:
    must = TABLES[name]
    text, done = drafted(name)
    found = figures(done, *must.by)
    missing = [row for row in must.written if row not in found.values()]
    assert missing == []
    assert not {row[0] for row in found.values()} & set(must.absent)
    assert must.says in text
    if must.asked:
        assert re.search(must.asked, text)
        assert done.exit_code == 3
    for rule in set(must.rules):
        assert len(done.report.of_rule(rule).findings) >= must.rules.count(rule)
    named = {finding.place.cell for finding in done.report.errors}
    assert set(must.cells) <= named


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_is_not_read_is_named(name: str, shared: Path) -> None:
    with pytest.raises(TableError, match=REFUSED[name]):
        draft_mapping(CASES / "tables" / name)


def edition(row: dict[str, str], which: str, *, drafts: bool) -> Conversion:
    """Conversion of the old or the next edition, under its mapping or under a draft."""
    folder = CASES / "editions"
    path = folder / row[which]
    if not drafts:
        return convert(path, folder / row["mapping"])
    text = draft_mapping(folder / row["old"], area=row["area"])
    return convert(path, parse_mapping(accepted(text)))


#: Mapping to the periods of the next edition under a draft; none where it stops.
#: The title *2016 amnesty, 2017* names two years: its period is asked, and nothing is written.
EDITIONS: dict[str, set[str]] = {
    "year-becomes-quarter.yaml": set(),
    "year-becomes-half-year.yaml": set(),
    "months-as-rows.yaml": {"2018-01", "2018-02", "2018-03"},
    "months-as-columns.yaml": {"2018-01", "2018-02", "2018-03"},
    "sheet-named-by-year.yaml": {"2018"},
    "period-supplied-by-hand.yaml": set(),
    "two-frequencies-in-columns.yaml": {"2018-01", "2018-S1"},
    "part-of-the-last-year.yaml": {"2020", "2021-01-01/P5M"},
    "day-in-second-title.yaml": {"2018-12-31"},
}
#: Mappings of version 1 with which the next edition is written without an edit.
WRITTEN = {"two-frequencies-in-columns.yaml", "day-in-second-title.yaml"}


@pytest.mark.parametrize("row", rows_of("editions", "editions.csv"), ids=lambda r: r["mapping"])
def test_a_next_edition_has_its_period_or_stops(row: dict[str, str], shared: Path) -> None:
    expected = EDITIONS[row["mapping"]]
    drafts = edition(row, "next", drafts=True)
    periods = {period for _, period in figures(drafts, "TIME_PERIOD").values()}
    assert periods == expected
    assert bool(expected) or drafts.exit_code >= 2
    with_its_mapping = edition(row, "next", drafts=False)
    assert (with_its_mapping.exit_code < 2) == (row["mapping"] in WRITTEN)


def test_five_months_are_never_annual(shared: Path) -> None:
    """`part-of-the-last-year.yaml` says FREQ A of a part of a year.

    The tables of editions and of conversion contradict each other: one wants the next edition
    without an edit, the other an error where FREQ A meets P5M. The error holds: what a
    mapping says of the frequency is not changed in silence. A draft leaves FREQ to the
    periods, and its mapping goes on without an edit.
    """
    (row,) = [
        row
        for row in rows_of("editions", "editions.csv")
        if row["mapping"] == "part-of-the-last-year.yaml"
    ]
    for which in ("old", "next"):
        (finding,) = edition(row, which, drafts=False).report.errors
        assert finding.rule == "time-format"
    drafts = edition(row, "next", drafts=True)
    assert ("1700", "O", "2021-01-01/P5M") in figures(drafts, "FREQ", "TIME_PERIOD").values()


Judged = Callable[[Conversion], bool]


def agrees(*wanted: str) -> Judged:
    """Persons are written, and nothing but the version of the mapping is told."""

    def is_so(done: Conversion) -> bool:
        written = {value for (value,) in figures(done).values()}
        return set(wanted) <= written and set(done.report.counts) <= {"mapping-version"}

    return is_so


def tells(rule: str, cell: str, count: int = 1) -> Judged:
    """Findings of a rule, the first at a cell."""

    def is_so(done: Conversion) -> bool:
        found = done.report.of_rule(rule).findings
        return len(found) == count and found[0].place.cell == cell

    return is_so


CONVERTED: dict[tuple[str, str], Judged] = {
    ("count-and-percent-in-a-cell.csv", "share-of-left-in-cells.yaml"): agrees("900", "600"),
    ("percent-in-a-column.csv", "share-of-left-in-columns.yaml"): agrees("900", "600", "1500"),
    ("count-and-percent-in-a-cell.csv", "share-in-total.yaml"): agrees("900", "600"),
    ("count-and-percent-in-a-cell.csv", "parts-named.yaml"): agrees("900", "600", "1500"),
    ("count-and-percent-in-a-cell.csv", "share-by-heading-of-cells.yaml"): agrees("900", "600"),
    ("months-total-and-of-which.xlsx", "of-which-after-total.yaml"): tells(
        "total-differs", "C6"
    ),
    ("months-total-and-of-which.xlsx", "of-which-before-total.yaml"): tells(
        "total-differs", "C6"
    ),
    ("months-total-and-of-which.xlsx", "of-which-first.yaml"): tells("total-differs", "C6"),
    ("total-printed-as-more-than.xlsx", "total-printed-as-more-than.yaml"): agrees(
        "201340", "187215", "388000"
    ),
    ("leading-zeros.xlsx", "leading-zeros.yaml"): tells("malformed-number", "C3"),
    ("blank-inside-a-number.csv", "blank-inside-a-number.yaml"): tells(
        "malformed-number", "B3"
    ),
    ("part-of-a-year.csv", "annual-with-five-months.yaml"): tells("time-format", "C3"),
    ("part-of-a-year.csv", "annual-with-half-year.yaml"): tells("time-format", "C3"),
    ("thousands-in-title.csv", "thousands-unseen.yaml"): tells("multiplier-unsaid", "A1"),
    ("thousands-in-column-header.csv", "thousands-unseen.yaml"): tells(
        "multiplier-unsaid", "B3"
    ),
    ("many-stars.csv", "many-stars.yaml"): tells("unexplained-cell", "A7"),
    ("own-expression-runs-away.csv", "own-expression-runs-away.yaml"): tells(
        "unknown-label", "B4"
    ),
}


@pytest.mark.parametrize(("file", "mapping"), CONVERTED)
def test_a_finished_mapping_gives_what_must_come(file: str, mapping: str, shared: Path) -> None:
    folder = CASES / "conversion"
    done = convert(folder / file, folder / mapping)
    assert CONVERTED[file, mapping](done), "\n".join(map(str, done.report))


PREFIXES = {
    "countries": "CDS_DES_",
    "industry": "ECO_ISIC4_",
    "sex": "SEX_",
    "education": "EDU_ISCED11_",
    "occupation": "OCU_SKILL_",
}
LANGUAGES = {
    "THA": "th",
    "MYS": "ms",
    "VNM": "vi",
    "IDN": "id",
    "TLS": "pt",
    "MMR": "my",
    "LAO": "lo",
    "KHM": "km",
}
#: Label and area to the codes that it may have; an empty code is asked.
LABELS: dict[tuple[str, str], set[str]] = {
    ("香港 (China)", "MYS"): {"", "HKG"},
    ("澳門 (China)", "MYS"): {"", "MAC"},
    ("Sarjana", "MYS"): {"7"},
    ("Sarjana", "IDN"): {"6"},
    ("Iémen", "TLS"): {"YEM"},
    ("ဂျော်ဒန်နိုင်ငံ", "MMR"): {"JOR"},
    ("ສປປ ລາວ", "LAO"): {"LAO"},
    ("Korsel", "IDN"): {"KOR"},
    ("សហរដ្ឋអាមេរិក / U.S.A", "KHM"): {"USA"},
    ("ទាំងពីរភេទ", "KHM"): {"T"},
}


@pytest.mark.parametrize(
    "row", rows_of("labels.csv"), ids=lambda row: f"{row['label']} {row['area']}"
)
def test_a_label_has_the_code_of_the_casebook_or_is_asked(
    row: dict[str, str], shared: Path
) -> None:
    label, area = row["label"], row["area"]
    if row["stands_for"] == "total":
        assert row_kind(label).kind == "total"
        return
    prefix = PREFIXES[row["stands_for"]]
    languages = (LANGUAGES[area],)
    if " / " in label and row["stands_for"] == "sex" and len(label) == 5:
        letters = label.split(" / ")
        matches = match_labels(letters, prefix, languages=languages)
        assert [matches[letter].code for letter in letters] == ["SEX_M", "SEX_F"]
        return
    code = match_label(label, prefix, languages=languages).code.rpartition("_")[2]
    assert code in LABELS.get((label, area), {""})


def test_every_row_of_the_casebook_is_in_a_test(shared: Path) -> None:
    tables = {row["file"] for row in rows_of("tables", "tables.csv")}
    assert tables == {*TABLES, *REFUSED}
    assert {row["mapping"] for row in rows_of("editions", "editions.csv")} == set(EDITIONS)
    conversions = rows_of("conversion", "conversion.csv")
    assert {(row["file"], row["mapping"]) for row in conversions} == set(CONVERTED)
