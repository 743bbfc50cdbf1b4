"""`map --upgrade` with a workbook writes its words under `read`: the next edition fits or stops."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from ilms_sdmx import Conversion, convert, draft_mapping, example
from ilms_sdmx.cli import run
from ilms_sdmx.conversion.shipped import examples
from ilms_sdmx.conversion.upgrading import upgraded
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.mapping.pins import Pin

MAPPING = """\
# Nurses at work; this comment stays.
mapping: 1
source: {{area: KHM}}
conventions: {{decimal: ".", group: ","}}
headings: [{headings}]
notes: ["*"]
tables:
  - name: nurses
    begin: {begin}
    {title}
    rows: [{{name: sex, header: Sex}}]
    columns: [{column}]
{second}codes:
  sexes: {{values: {{Men: SEX_M, Women: SEX_F}}}}
datasets:
  - dataflow: ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)
    components:
      REF_AREA: KHM
      MEASURE: POP_MNAS_NB
      SEX: {{from: sex, codes: sexes}}
      CRS: CRS_RES_TOTAL
      TIME_PERIOD: {period}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 3
"""
SECOND = """\
  - name: midwives
    begin: Midwife
    rows: [{name: sex, header: Midwife}]
    columns: [measure]
"""
ROWS: list[list[object]] = [["Sex", "Number"], ["Men", 12], ["Women", 7]]


def mapping(**changed: str) -> str:
    parts = {
        "headings": r"{name: period, text: '(\d{4})'}",
        "begin": "Sex",
        "title": "",
        "column": "measure",
        "second": "",
        "period": "{period: period}",
    }
    return MAPPING.format(**{**parts, **changed})


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    target = BytesIO()
    made.save(target)
    path.write_bytes(target.getvalue())
    return path


class Upgraded:
    """A mapping, upgraded with its workbook, and its next editions."""

    def __init__(
        self, folder: Path, sheets: dict[str, list[list[object]]], file: str, text: str
    ) -> None:
        self.folder = folder
        old = folder / "old.yaml"
        old.write_text(text, encoding="utf-8")
        done = upgraded(old, book(folder / file, sheets))
        self.text = done.text
        self.left = done.left

    def convert(self, sheets: dict[str, list[list[object]]], file: str) -> Conversion:
        return convert(book(self.folder / file, sheets), parse_mapping(self.text))


def periods(done: Conversion) -> set[str]:
    return set(done.datasets[0].observations["TIME_PERIOD"]) if done.datasets else set()


@pytest.mark.parametrize(
    ("title", "later", "period"),
    [
        ("Nurses, 2019 (persons)", "Nurses, 2020 (persons)", "2020"),
        ("Nurses (as of 2019)", "Nurses (as of 2021)", "2021"),
        ("Nurses, 2019: 12,450 of all", "Nurses, 2020: 9,800 of all", "2020"),
        ("Nurses, 2019", "Nurses, 2020 Q1", ""),
        ("Nurses, 2019", "Nurses, 2020 (thousands)", ""),
        ("Nurses, 2019", "Nurses and midwives, 2020", ""),
    ],
)
def test_a_title_is_pinned_with_its_period_open(
    title: str, later: str, period: str, tmp_path: Path
) -> None:
    made = Upgraded(tmp_path, {"A": [[title], *ROWS]}, "a.xlsx", mapping())
    assert "# Nurses at work; this comment stays.\nmapping: 2\n" in made.text
    done = made.convert({"A": [[later], *ROWS]}, "b.xlsx")
    if period:
        assert (done.exit_code, periods(done)) == (0, {period})
    else:
        (finding,) = done.report.errors
        assert (finding.rule, finding.read) == ("edition-changed", later)


def test_a_table_on_several_sheets_pins_what_its_titles_have_in_common(tmp_path: Path) -> None:
    sheets = {
        "North": [["Nurses of the North, 2019"], *ROWS],
        "South": [["Nurses of the South East, 2019"], *ROWS],
    }
    text = mapping(headings=r"{name: period, text: '(\d{4})'}, {name: part, sheet: '(.+)'}")
    text = text.replace("ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)", "KH_MOH:DF_NURSES(1.0)")
    text = text.replace(
        "      MEASURE: POP_MNAS_NB\n", "      FREQ: A\n      PART: {from: part}\n"
    )
    text = text.replace("      CRS: CRS_RES_TOTAL\n", "").replace(
        "UNIT_MEASURE_TYPE: NB", "DECIMALS: 0"
    )
    made = Upgraded(tmp_path, sheets, "a.xlsx", text)
    assert '- "Nurses of the {any} {period: year}"' in made.text
    later = {
        name: [[str(rows[0][0]).replace("2019", "2022")], *ROWS]
        for name, rows in sheets.items()
    }
    assert periods(made.convert(later, "b.xlsx")) == {"2022"}
    later["South"][0] = ["Nurses of the South in thousands, 2022"]
    assert made.convert(later, "c.xlsx").exit_code == 2


def test_a_title_at_which_the_table_begins_is_pinned_where_its_pattern_is_open(
    tmp_path: Path,
) -> None:
    text = mapping(begin="Nurses*", title="title: true")
    made = Upgraded(tmp_path, {"A": [["Nurses, 2019"], *ROWS]}, "a.xlsx", text)
    assert periods(made.convert({"A": [["Nurses, 2024"], *ROWS]}, "b.xlsx")) == {"2024"}
    assert made.convert({"A": [["Nurses since 2024"], *ROWS]}, "c.xlsx").exit_code == 2


@pytest.mark.parametrize(
    ("heading", "old", "later", "other"),
    [
        ("sheet", ("Year 2019", "a"), ("Year 2020", "b"), ("Half year 2020", "c")),
        ("file", ("A", "nurses_2019"), ("A", "nurses_2020"), ("A", "2020")),
    ],
)
def test_names_that_say_the_period_are_pinned(
    heading: str,
    old: tuple[str, str],
    later: tuple[str, str],
    other: tuple[str, str],
    tmp_path: Path,
) -> None:
    expression = rf"{{name: period, {heading}: '(\d{{4}})'}}"
    rows: list[list[object]] = [["Nurses"], *ROWS]
    text = mapping(headings=expression)
    made = Upgraded(tmp_path, {old[0]: rows}, f"{old[1]}.xlsx", text)
    assert periods(made.convert({later[0]: rows}, f"{later[1]}.xlsx")) == {"2020"}
    done = made.convert({other[0]: rows}, f"{other[1]}.xlsx")
    assert "edition-changed" in {finding.rule for finding in done.report.errors}


def test_a_literal_period_is_pinned_as_it_is(tmp_path: Path) -> None:
    text = mapping(headings="", period='"2019"')
    made = Upgraded(tmp_path, {"A": [["Nurses, 2019"], *ROWS]}, "a.xlsx", text)
    assert '- "Nurses, 2019"' in made.text
    assert made.convert({"A": [["Nurses, 2020"], *ROWS]}, "b.xlsx").exit_code == 2


def test_years_that_columns_say_are_open_in_the_title(tmp_path: Path) -> None:
    text = mapping(headings="", column="year", period="{period: year}")
    old: list[list[object]] = [["Nurses, 2018-2019"], ["Sex", 2018, 2019], ["Men", 1, 2]]
    new: list[list[object]] = [["Nurses, 2019-2020"], ["Sex", 2019, 2020], ["Men", 2, 4]]
    made = Upgraded(tmp_path, {"A": old}, "a.xlsx", text)
    assert periods(made.convert({"A": new}, "b.xlsx")) == {"2019", "2020"}


def test_a_table_below_another_pins_its_own_words(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Nurses, 2019"], *ROWS, ["Midwives"], ["Midwife", "Number"]]
    rows += [["Women", 3]]
    made = Upgraded(tmp_path, {"A": rows}, "a.xlsx", mapping(second=SECOND))
    tables = parse_mapping(made.text).tables
    assert [len(table.read.texts) if table.read else 0 for table in tables] == [1, 1]
    pinned = [str(table.read.texts[0]) for table in tables if table.read]
    assert pinned == ["Nurses, {period: year}", "Midwives"]


def test_the_command_takes_the_workbook_behind_the_mapping_or_by_its_option(
    tmp_path: Path,
) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(mapping(), encoding="utf-8")
    source = book(tmp_path / "a.xlsx", {"A": [["Nurses, 2019"], *ROWS]})
    for number, given in enumerate(([str(source)], ["--workbook", str(source)])):
        target = tmp_path / f"new{number}.yaml"
        assert run(["map", "--upgrade", str(old), *given, "-o", str(target)]) == 0
        assert '"Nurses, {period: year}"' in target.read_text(encoding="utf-8")
    assert run(["map", str(source), str(old)]) == 3


@pytest.mark.parametrize(
    ("pin", "text", "fits"),
    [
        ("Nurses of {any}, {year}", "Nurses of the Far North, 2019", True),
        ("Nurses of {any}, {year}", "Nurses of 2018, 2019", False),
        ("Nurses of {any}, {year}", "Nurses of thousands, 2019", False),
        ("Nurses (as of {day})", "Nurses (as of 11 February 2022)", True),
        ("Nurses (as of {day})", "Nurses (as of 11 February 2022", False),
    ],
)
def test_open_words_are_no_period_and_no_unit(pin: str, text: str, fits: bool) -> None:
    def is_period(words: str, kind: str) -> bool:
        if kind == "day":
            return words == "11 February 2022"
        return words.isdigit()

    assert (Pin(pin).read(text, is_period) is not None) is fits


@pytest.mark.parametrize("name", examples())
def test_shipped_mappings_have_pinned_their_titles(name: str) -> None:
    workbook, path = example(name)
    done = convert(workbook, path, strict=True)
    unpinned = done.report.of_rule("title-unpinned")
    assert [str(finding.place) for finding in unpinned] == []


def test_figures_of_the_table_in_its_title_are_open() -> None:
    rows = 'Country,Number\nJapan,"1,310"\nNepal,77\nTotal,"1,387"\n'
    title = '"Foreign workers (Act 18), 2018: 1,387 persons, of whom 77 from Nepal"\n'
    text = draft_mapping(f"{title}{rows}".encode(), area="MYS")
    pin = "(Act 18), {period: year}: {number} persons, of whom {number} from Nepal"
    assert pin in text
