"""Whom a drafted table counts: by its own words, or a question; never by the first label."""

# ruff: noqa: DTZ001 - spreadsheets know no time zones

from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.drafting.sections.dataflows import propose
from ilms_sdmx.mapping import parse_mapping
from tests.national.judging import accepted

Rows = list[list[object]]


def workbook(rows: Rows, number_format: str = "") -> bytes:
    """Rows as a workbook; dates are shown by a number format."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cells in page.iter_rows():
        for cell in cells:
            if isinstance(cell.value, datetime):
                cell.number_format = number_format
    target = BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Work permits issued by nationality", "POP_MFLC_SEX_CCT_NB"),
        ("Giấy phép lao động được cấp", "POP_MFLC_SEX_CCT_NB"),
        ("Work permits in force by nationality", "EMP_MFRC_SEX_CCT_NB"),
        ("Pekerja yang pulang dari luar negeri", "POP_MNAR_SEX_CPR_NB"),
        ("Lao động từ nước ngoài về nước", "POP_MNAR_SEX_CPR_NB"),
        ("แรงงานไทยในต่างประเทศเดินทางกลับ", "POP_MNAR_SEX_CPR_NB"),
        ("Trabalhadores regressados", "POP_MNAR_SEX_CPR_NB"),
        ("Pekerja bekerja di luar negara", "POP_MNAS_SEX_CRS_NB"),
    ],
)
def test_flows_stocks_and_returns_are_told_apart_in_all_languages(
    title: str, name: str
) -> None:
    target = propose([title], {"country": "CDS_DES_"})
    assert target is not None
    assert target.name == name


@pytest.mark.parametrize(
    ("kinds", "total"),
    [
        (["Residence permit", "Work permit"], "Total"),
        (["S Pass", "Work permit", "Employment pass"], "All foreign workers"),
        (["Seasonal visa", "Employment pass"], "Total"),
    ],
)
def test_all_foreigners_are_the_total_of_kinds_of_permits(kinds: list[str], total: str) -> None:
    rows: Rows = [["Foreign workers by kind of permit"], ["Kind", "2019", "2020"]]
    figures = [100 * number for number in range(1, len(kinds) + 1)]
    for kind, figure in zip(kinds, figures, strict=True):
        rows.append([kind, figure, figure + 7])
    rows.append([total, sum(figures), sum(figures) + 7 * len(kinds)])
    content = workbook(rows)
    text = draft_mapping(content, area="SGP")
    start = text.index("DF_EMP_MFRC_SEX_CCT_NB")
    where = text[start:].partition("components:")[0]
    assert f"[{total}]" in where


def test_countries_that_are_not_certain_are_asked_in_a_data_set_of_the_office() -> None:
    rows: Rows = [["Foreign workers by nationality and permit, 2020 (persons)"]]
    rows += [["Nationality", "Card A", "Card B"], ["Nepal", 5, 6], ["Bangladessh", 7, 8]]
    rows += [["Sri Lanka", 1, 2], ["Fiji", 1, 2], ["Korea", 3, 4], ["Others", 9, 1]]
    text = draft_mapping(workbook(rows), area="BRN")
    assert "decide: Bangladessh:" in text
    assert "CDS_DES_BGD" in text
    assert "Korea: ?  # decide:" in text
    assert "BANGLADESSH" not in text
    assert "Others: X" in text


def test_a_real_date_is_its_value_whatever_it_shows() -> None:
    rows: Rows = [["Foreign workers"]]
    rows += [["Country", datetime(2019, 6, 1), datetime(2020, 6, 1)], ["Nepal", 5, 6]]
    rows += [["Fiji", 7, 8], ["Total", 12, 14]]
    content = workbook(rows, "mmm-yy")
    text = draft_mapping(content, area="THA")
    assert "Jun-19: 2019-06" in text
    done = convert(content, parse_mapping(text.replace("decide:", "")))
    periods = set(done.datasets[0].observations["TIME_PERIOD"])
    assert periods == {"2019-06", "2020-06"}


@pytest.mark.parametrize("area", ["THA", "LAO"])
def test_two_digits_of_a_year_are_asked_where_two_calendars_are_in_use(area: str) -> None:
    rows: Rows = [["Foreign workers"], ["Country", "Jun-19", "Jun-20"], ["Nepal", 5, 6]]
    text = draft_mapping(workbook([*rows, ["Fiji", 7, 8]]), area=area)
    assert "decide: two digits: 1976-06 (Buddhist Era) or 2019-06?" in text


@pytest.mark.parametrize("title", ["Foreign workers since 2016", "Foreign workers, mid-2019"])
def test_a_title_without_a_whole_period_is_asked_though_the_sheet_has_a_year(
    title: str,
) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "2020"
    for row in ([title], ["Country", "Workers"], ["Nepal", 5], ["Fiji", 7], ["Total", 12]):
        page.append(row)
    target = BytesIO()
    book.save(target)
    text = draft_mapping(target.getvalue(), area="MYS")
    assert f"period: ?  # decide: '{title}': it is open" in text


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [["Female domestic workers, 2019"], ["Country", "Foreign workers"]],
            "SEX_F, SEX_M or",
        ),
        ([["Lao động nữ nước ngoài, 2019"], ["Country", "Foreign workers"]], "SEX_F, SEX_M or"),
        ([["Foreign workers, 2019"], ["Country", "남성", "여성"]], "남성, 여성"),
    ],
)
def test_the_sex_is_asked_where_words_may_tell_it(rows: Rows, words: str) -> None:
    figures: Rows = [["Nepal", 5, 6], ["Fiji", 7, 8]]
    width = len(rows[-1])
    rows = [*rows, *[row[:width] for row in figures]]
    text = draft_mapping(workbook(rows), area="MYS")
    (line,) = {line.strip() for line in text.splitlines() if line.strip().startswith("SEX: ?")}
    assert words in line


def test_a_table_that_speaks_of_no_sex_is_of_both() -> None:
    rows: Rows = [["Foreign workers, 2019"], ["Country", "Number"], ["Nepal", 5], ["Fiji", 7]]
    assert "SEX: SEX_T\n" in draft_mapping(workbook(rows), area="MYS")


def test_columns_of_several_dataflows_are_data_sets_of_their_own() -> None:
    rows: Rows = [["Labour migration, a summary"]]
    rows += [["Year", "Departures for work abroad", "Foreign nationals", "Returnees"]]
    rows += [[2019, 4210, 1105, 3020], [2020, 4380, 1190, 3115]]
    content = workbook(rows)
    done = convert(
        content,
        parse_mapping(draft_mapping(content, area="LAO").replace("decide:", "")),
    )
    values = {
        str(dataset.dataflow): set(dataset.observations["OBS_VALUE"].astype(str))
        for dataset in done.datasets
    }
    assert values == {
        "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)": {"4.210", "4.380"},
        "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)": {"1.105", "1.190"},
        "ILO:DF_POP_MNAR_SEX_CPR_NB(1.0)": {"3.020", "3.115"},
    }


def test_a_list_of_which_every_label_is_asked_can_still_be_read() -> None:
    rows: Rows = [["Country", "Sex", 2016, 2017], ["Nepal", "p", 131, 139]]
    rows += [["Fiji", "p", 77, 82], ["Kenya", "p", 43, 44]]
    text = draft_mapping(workbook(rows), area="THA")
    assert "p: ?  # decide:" in text
    assert parse_mapping(text).codes["sexes"] is not None


OTHERS = ["Employment pass holders", "Work permit holders"]


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("Visit passes issued", "a flow"),
        ("Permits granted in the year", "a flow"),
        ("Dependants of pass holders", "dependants"),
        ("ผู้ติดตาม", "dependants"),
        ("người phụ thuộc", "dependants"),
    ],
)
def test_a_row_of_a_flow_or_of_dependants_next_to_workers_is_asked(
    label: str, word: str
) -> None:
    """No figure is written before a person says what it is; with a total the rows are parts."""
    rows = [["Passes of foreigners"], ["Kind", 2018, 2019]]
    rows += [[other, 1310, 1420] for other in OTHERS] + [[label, 540, 610]]
    text = draft_mapping(workbook(rows), area="SGP")
    assert f'bucket: "?"  # decide: {word}, not as the rows next to it' in text
    done = convert(workbook(rows), parse_mapping(accepted(text)))
    assert (done.exit_code, done.datasets) == (3, ())
    with_total = [*rows, ["Total", 3160, 3450]]
    assert "not as the rows next to it" not in draft_mapping(workbook(with_total), area="SGP")


def test_a_question_names_the_dataflow_by_its_title_and_not_what_cannot_be_wrong() -> None:
    rows = [["Foreign workers by citizenship (thousands)"], ["Citizenship", 2018, 2019]]
    rows += [["Nepal", 1.5, 1.7], ["India", 2.5, 2.8], ["Total", 4.0, 4.5]]
    text = draft_mapping(workbook(rows), area="THA")
    asked = [line.strip() for line in text.splitlines() if "# decide:" in line]
    title = "Employed non-citizens by sex and country of citizenship?"
    words = "By the words 'foreign workers' (here)"
    dataflow = "- dataflow: ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)"
    assert asked == [f"{dataflow}  # decide: {title} {words}"]


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Filipino workers abroad by country, 2019", "PHL"),
        ("Warga negara di luar negeri menurut negara, 2019", "IDN"),
        ("Pekerja Malaysia di luar negara mengikut negara, 2019", "MYS"),
        ("Trabalhadores no estrangeiro por país, 2019", "TLS"),
        ("แรงงานไทยในต่างประเทศ จำแนกตามประเทศ 2562", "THA"),
    ],
)
def test_who_is_abroad_is_no_outflow_until_words_or_a_person_say_so(
    title: str, area: str
) -> None:
    source = workbook([[title], ["", "2019"], ["Japan", 170], ["Italy", 90]])
    text = draft_mapping(source, area=area)
    line = next(line for line in text.splitlines() if "- dataflow:" in line)
    assert line.startswith("  - dataflow: ?  # decide: ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0) (")
    assert "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0) (Stock of nationals abroad" in line
    done = convert(source, parse_mapping(accepted(text)))
    assert done.exit_code == 3
    assert not done.datasets


@pytest.mark.parametrize(
    ("header", "area"),
    [("Nationality", "THA"), ("Quốc tịch", "VNM"), ("Negara", "IDN"), ("País", "TLS")],
)
def test_labels_that_their_header_calls_countries_get_no_codes_of_the_office(
    header: str, area: str
) -> None:
    rows: Rows = [["Foreign workers, 2019"], [header, "Number"]]
    rows += [["Korea", 71], ["Japan and Nepal", 53], ["Mongollia", 29], ["Zedland", 17]]
    text = draft_mapping(workbook(rows), area=area)
    done = convert(workbook(rows), parse_mapping(accepted(text)))
    assert "JAPAN_AND_NEPAL" not in text
    assert "_OFFICE:DF" not in text
    assert "Korea: ?" in text
    named = {finding.place.cell for finding in done.report.errors}
    assert {"B4", "B5", "B6"} <= named
    assert not done.datasets


@pytest.mark.parametrize(
    ("label", "country"),
    [("of which: Japan", "JPN"), ("Of which, Nepal", "NPL"), ("trong đó: Nhật Bản", "JPN")],
)
def test_the_country_of_a_part_is_written(label: str, country: str) -> None:
    rows: Rows = [["Foreign workers, 2019"], ["Nationality", "Number"]]
    rows += [["Total", 900], [label, 120], ["India", 240], ["China", 300]]
    text = draft_mapping(workbook(rows), area="VNM")
    done = convert(workbook(rows), parse_mapping(accepted(text)))
    frame = done.datasets[0].observations
    assert (
        dict(zip(frame["CCT"], frame["OBS_VALUE"], strict=True))[f"CCT_CTZ_{country}"]
        == "0.120"
    )


def test_a_part_that_is_no_country_is_asked_and_never_left_out_in_silence() -> None:
    rows: Rows = [["Foreign workers, 2019"], ["Nationality", "Number"]]
    rows += [["Total", 540], ["of which: refugees", 120], ["India", 240], ["China", 300]]
    text = draft_mapping(workbook(rows), area="THA")
    done = convert(workbook(rows), parse_mapping(accepted(text)))
    assert [finding.place.cell for finding in done.report.errors] == ["B4"]
