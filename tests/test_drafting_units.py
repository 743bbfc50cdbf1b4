"""What a draft says that figures are: the words of each table, or a question."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.mapping import parse_mapping

Rows = list[list[object]]


def workbook(rows: Rows) -> bytes:
    """Rows as a workbook; a blank is an empty cell."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append([None if cell == "" else cell for cell in row])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def accepted(rows: Rows, area: str) -> Conversion:
    """Conversion with every proposal of the draft taken as it is."""
    content = workbook(rows)
    text = draft_mapping(content, area=area).replace("decide:", "")
    return convert(content, parse_mapping(text))


def asked(rows: Rows, area: str) -> list[str]:
    """Lines of a draft that a person must decide without a proposal."""
    text = draft_mapping(workbook(rows), area=area)
    return [line.strip() for line in text.splitlines() if ": ?" in line]


def written(done: Conversion, number: int = 0) -> set[tuple[str, str, str, str]]:
    """Period, value, unit and multiplier of each observation of a data set."""
    frame = done.datasets[number].observations
    columns = ["TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE", "UNIT_MULT"]
    return set(frame[columns].astype(str).itertuples(index=False, name=None))


SEXES: Rows = [["Negara", "Jumlah", "Lelaki", "Perempuan"]]
FIGURES: Rows = [["Nepal", 34.5, 30.1, 4.4], ["Bangladesh", 61.2, 60.0, 1.2]]


@pytest.mark.parametrize(
    "unit",
    [
        "Unit: ribu orang",
        "('000)",
        "Bilangan ('000)",
        "(ribu)",
        "dalam ribu",
        "Unit: 1,000 orang",
    ],
)
def test_a_unit_at_the_right_end_of_the_title_row_is_of_all_columns(unit: str) -> None:
    title: Rows = [["Pekerja asing mengikut negara, 2021", "", "", unit]]
    done = accepted([*title, *SEXES, *FIGURES], "MYS")
    values = {(period, value, mult) for period, value, _, mult in written(done)}
    assert values == {
        ("2021", value, "3") for value in ("34.5", "30.1", "4.4", "61.2", "60", "1.2")
    }


def test_a_year_at_the_right_end_of_the_title_row_is_of_all_columns() -> None:
    rows: Rows = [["Foreign workers by nationality", "", "", 2020]]
    rows += [["Nationality", "Total", "Men", "Women"], ["Nepal", 70, 60, 10], ["Fiji", 9, 4, 5]]
    done = accepted(rows, "BRN")
    assert {period for period, *_ in written(done)} == {"2020"}
    assert len(written(done)) == 6


def test_a_year_over_the_last_column_alone_stays_its_header() -> None:
    rows: Rows = [["Foreign workers", 2019, 2020], ["Nepal", 70, 60], ["Fiji", 9, 4]]
    assert {period for period, *_ in written(accepted(rows, "BRN"))} == {"2019", "2020"}


def test_each_table_of_a_sheet_has_its_own_unit_and_title() -> None:
    header = ["Nationality", 2019, 2020]
    rows: Rows = [
        ["Foreign workers (thousands)"],
        header,
        ["Nepal", 1.5, 2.5],
        ["Fiji", 3.5, 4],
    ]
    rows += [[], ["Foreign trainees (persons)"], header, ["Nepal", 15, 25], ["Fiji", 35, 41]]
    text = draft_mapping(workbook(rows), area="BRN")
    assert text.count("multiplier: 3") == 1
    assert "multiplier: 3  # Foreign workers (thousands)" in text


def test_a_table_of_rates_beneath_one_of_counts_is_in_percent() -> None:
    header = ["Industry group", 2019, 2020]
    rows: Rows = [
        ["Foreign workers (thousands)"],
        header,
        ["Boats", 1.5, 2.5],
        ["Mills", 3.5, 4],
    ]
    rows += [["Total", 5, 6.5], [], ["Vacancy rate (%)"], header]
    rows += [["Boats", 1.2, 2.2], ["Mills", 2.5, 3.5], ["Total", 2.1, 3.1]]
    done = accepted(rows, "SGP")
    rates = next(
        frame
        for frame in (dataset.observations for dataset in done.datasets)
        if set(frame["UNIT_MEASURE"].astype(str)) == {"PT"}
    )
    assert sorted(rates["OBS_VALUE"].astype(str)) == ["1.2", "2.1", "2.2", "2.5", "3.1", "3.5"]
    assert not [finding for finding in done.report if finding.rule == "total-differs"]


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Remittances of workers abroad, million dollars", "PHL"),
        ("Average wage of foreign workers", "MYS"),
        ("Kiều hối của lao động", "VNM"),
        ("ค่าจ้างเฉลี่ยของแรงงานต่างด้าว", "THA"),
        ("Change in foreign workers' passes", "SGP"),
        ("Cases", "SGP"),
    ],
)
def test_what_is_no_number_of_persons_is_asked(title: str, area: str) -> None:
    rows: Rows = [[title], ["Country", 2019, 2020], ["Nepal", 700, 710], ["Fiji", 900, 915]]
    assert any(line.startswith("UNIT_MEASURE:") for line in asked(rows, area))
    done = accepted(rows, area)
    assert "undecided" in {finding.rule for finding in done.report.errors}
    assert done.exit_code == 3


def test_a_net_change_in_thousands_is_in_persons_and_of_no_stock() -> None:
    rows: Rows = [["Net change of foreign workers (thousands)"], ["Trade", 2019, 2020]]
    rows += [["Boats", 1.5, -2.5], ["Mills", 3.5, 4], ["Total", 5, 1.5]]
    done = accepted(rows, "SGP")
    assert len(done.datasets) == 1
    values = {(value, unit) for _, value, unit, _ in written(done)}
    assert values == {
        (value, "PS") for value in ("1500", "-2500", "3500", "4000", "5000", "1500")
    }


def test_money_next_to_persons_is_asked_and_of_no_dataflow_of_the_ilo() -> None:
    rows: Rows = [["Workers sent abroad and what they earned, 2020"]]
    rows += [
        ["Country", "Workers", "Wages in million pesos"],
        ["Oman", 70, 81],
        ["Qatar", 9, 40],
    ]
    text = draft_mapping(workbook(rows), area="PHL")
    assert "where: {measure: [Workers]}" in text
    assert any("'Wages in million pesos'" in line for line in asked(rows, "PHL"))


def test_wage_workers_are_persons() -> None:
    rows: Rows = [["Foreign wage workers"], ["Country", 2019, 2020], ["Nepal", 700, 710]]
    assert asked([*rows, ["Fiji", 900, 915]], "MYS") == []


def test_a_thousand_in_the_corner_above_the_labels_is_of_all_figures() -> None:
    rows: Rows = [
        ["Foreign workers (thousands)", 2019, 2020],
        ["Nepal", 1.5, 2],
        ["Fiji", 3, 4.5],
    ]
    values = {value for _, value, *_ in written(accepted(rows, "BRN"))}
    assert values == {"1.5", "2", "3", "4.5"}


def beside(first: str, second: str) -> Rows:
    """Two tables next to each other, each with its unit at the right end of its title."""
    return [
        ["1. Workers sent abroad", "", first, "", "2. Foreign workers", "", second],
        ["Country", "Men", "Women", "", "Country", "Men", "Women"],
        ["Oman", 34.5, 30.1, "", "Oman", 1310, 820],
        ["Nepal", 61.2, 60.4, "", "Nepal", 870, 610],
        ["Total", 95.7, 90.5, "", "Total", 2180, 1430],
    ]


def test_tables_next_to_each_other_have_units_of_their_own_at_the_end_of_their_titles() -> None:
    rows = beside("(thousands)", "(persons)")
    text = draft_mapping(workbook(rows), area="IDN").replace("period: ?", 'period: "2019"')
    mapping = parse_mapping(text.replace("decide:", ""))
    done = convert(workbook(rows), mapping)
    values = [*written(done, 0), *written(done, 1)]
    assert ("2019", "34.5", "PS", "3") in values
    assert ("2019", "1.310", "PS", "3") in values
    swapped = convert(workbook(beside("(persons)", "(thousands)")), mapping)
    assert {one.rule for one in swapped.report.errors} == {"edition-changed"}


MONEY: Rows = [
    ["Workers sent abroad and what they sent home, 2020"],
    ["Country", "Workers", "Bank transfers in thousand euros", "Cash in thousand euros", "Total sent"],
    ["Oman", 70, 1310.5, 90.5, 1401],
    ["Qatar", 9, 40, 2.5, 42.5],
    ["Total", 79, 1350.5, 93, 1443.5],
]  # fmt: skip


def test_money_and_persons_are_data_sets_of_their_own() -> None:
    text = draft_mapping(workbook(MONEY), area="PHL")
    answered = text.replace("UNIT_MEASURE: ?", "UNIT_MEASURE: CR").replace("decide:", "")
    done = convert(workbook(MONEY), parse_mapping(answered))
    persons, money = done.datasets
    assert set(persons.observations["OBS_VALUE"]) == {"0.070", "0.009", "0.079"}
    assert set(money.observations["UNIT_MEASURE"]) == {"CR"}
    values = set(money.observations["OBS_VALUE"])
    assert {"1310500", "90500", "1401000", "42500", "1443500"} <= values
    assert not values & {"70", "9", "79"}
    assert "total-differs" not in done.report.counts


def test_persons_next_to_money_are_persons_where_no_dataflow_of_the_ilo_takes_them() -> None:
    rows = [["Pay of seafarers"], *MONEY[1:]]
    rows[1] = ["Rank", *rows[1][1:]]
    text = draft_mapping(workbook(rows), area="PHL")
    assert "DF_TABLE_1_2(1.0)" in text
    answered = text.replace("UNIT_MEASURE: ?", "UNIT_MEASURE: CR").replace("decide:", "")
    assert answered.count("UNIT_MEASURE: PS") == 1


@pytest.mark.parametrize("title", ["Foreign workers", "Pekerja asing", "แรงงานต่างด้าว"])
def test_persons_with_a_fraction_are_asked_and_warned_of(title: str) -> None:
    rows: Rows = [[title], ["Country", 2019, 2020], ["Oman", 12.5, 142], ["Fiji", 9, 13.1]]
    assert any("12.5 is no number of persons" in line for line in asked(rows, "THA"))
    text = draft_mapping(workbook(rows), area="THA").replace("multiplier: ?", "")
    mapping = parse_mapping(text.replace("decide:", ""))
    (finding,) = convert(workbook(rows), mapping).report.of_rule("fraction-without-unit")
    assert str(finding.fields["cells"]).split(", ") == ["B3", "C3", "B4", "C4"]


def test_a_unit_in_the_corner_is_the_title_of_figures_without_one() -> None:
    rows: Rows = [["Change in employment (thousands)", 2019, 2020], ["Boats", 1.5, -2.5]]
    text = draft_mapping(workbook([*rows, ["Mills", 3.5, 4]]), area="SGP")
    assert "title: Change in employment (thousands)" in text
    assert "name: Change" not in text


@pytest.mark.parametrize(
    ("unit", "area"),
    [
        ("หน่วย : ร้อยคน", "THA"),
        ("Đơn vị: trăm người", "VNM"),
        ("Satuan: ratus orang", "IDN"),
        ("in hundreds", "SGP"),
        ("ຫົວໜ່ວຍ: ຮ້ອຍຄົນ", "LAO"),
        ("ឯកតា: រយនាក់", "KHM"),
        ("(centenas)", "TLS"),
    ],
)
def test_hundreds_of_persons_are_read(unit: str, area: str) -> None:
    rows: Rows = [["Foreign workers, 2019"], [unit], ["Nationality", "Number"]]
    done = accepted([*rows, ["Nepal", 345], ["Japan", 61]], area)
    assert {row[1:] for row in written(done)} == {("34.5", "PS", "3"), ("6.1", "PS", "3")}


@pytest.mark.parametrize(
    "words",
    [
        "Foreign workers (2018 in persons, 2019 in thousands)",
        "Pekerja asing (2018: orang; 2019: ribu orang)",
        "Lao động nước ngoài (2018: người, 2019: nghìn người)",
    ],
)
def test_units_that_differ_by_year_are_asked(words: str) -> None:
    rows: Rows = [[words], ["", "2018", "2019"], ["Nepal", 3450, 3.6], ["Japan", 610, 0.7]]
    assert any(line.startswith("multiplier: ?") for line in asked(rows, "IDN"))
