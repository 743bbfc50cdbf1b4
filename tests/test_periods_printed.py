"""Periods as the region's tables print them become SDMX periods, or are refused with a reason."""

# ruff: noqa: DTZ001 - spreadsheets know no time zones

import csv
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.periods import find_period, period_of_date, read_period, says_more


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2019", "2019"),
        ("2566", "2023"),
        ("๒๕๖๖", "2023"),
        ("พ.ศ. 2566", "2023"),
        ("2566 (2023)", "2023"),
        ("2560\n(2017)", "2017"),
        ("B.E. 2560 (2017)", "2017"),
        ("Tahun 2018", "2018"),
        ("2023 (peak)", "2023"),
        ("2019p", "2019"),
        ("1981-2022", "1981-01-01/P42Y"),
        ("2019-Q1", "2019-Q1"),
        ("2019Q1", "2019-Q1"),
        ("Q1 2019", "2019-Q1"),
        ("first quarter 2019", "2019-Q1"),
        ("Quý I/2019", "2019-Q1"),
        ("quý 3 năm 2019", "2019-Q3"),
        ("Triwulan III 2020", "2020-Q3"),
        ("Suku tahun 2, 2021", "2021-Q2"),
        ("ไตรมาส 2/2566", "2023-Q2"),
        ("Semester I 2023", "2023-S1"),
        ("2023-S1", "2023-S1"),
        ("2019-03", "2019-03"),
        ("2011M12", "2011-12"),
        ("03/2019", "2019-03"),
        ("Maret 2019", "2019-03"),
        ("Disember 2019", "2019-12"),
        ("tháng 9/2019", "2019-09"),
        ("Tháng 9 năm 2019", "2019-09"),
        ("มิ.ย. 2566", "2023-06"),
        ("ខែមីនា ឆ្នាំ២០១៩", "2019-03"),
        ("၂၀၁၉ ခုနှစ် မတ်လ", "2019-03"),
        ("30 มิถุนายน 2566", "2023-06-30"),
        ("30/6/2566", "2023-06-30"),
        ("30.6.2023", "2023-06-30"),
        ("June 30, 2013", "2013-06-30"),
        ("24 July to 7 August 2017", "2017-07-24/P15D"),
        ("Oct 2021 - Mar 2022", "2021-10-01/P6M"),
    ],
)
def test_a_printed_period_has_its_sdmx_form(text: str, period: str) -> None:
    found = read_period(text)
    assert (found.time_period, found.reason, found.label) == (period, "", text)


@pytest.mark.parametrize(
    ("text", "year", "period"),
    [
        ("9 tháng đầu năm 2019", 0, "2019-01-01/P9M"),
        ("9T-2019", 0, "2019-01-01/P9M"),
        ("2016 Januari s.d Mei", 0, "2016-01-01/P5M"),
        ("Januari s.d Mei", 2015, "2015-01-01/P5M"),
        ("January to November, 2018", 0, "2018-01-01/P11M"),
        ("first 9 months of 2019", 0, "2019-01-01/P9M"),
        ("TAHUN 2016 (s.d MEI)", 0, "2016-01-01/P5M"),
    ],
)
def test_cumulative_months_are_a_range_and_said_to_be_cumulative(
    text: str, year: int, period: str
) -> None:
    found = read_period(text, year=year)
    assert (found.time_period, found.cumulative) == (period, True)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("as at end June 2013", "2013-06"),
        ("as of 1 April 2024", "2024-04-01"),
        ("year-end 2013", "2013-12"),
        ("ณ สิ้นเดือนธันวาคม 2566", "2023-12"),
        ("Tính đến 31/12/2019", "2019-12-31"),
    ],
)
def test_a_point_in_time_is_known_as_one(text: str, period: str) -> None:
    found = read_period(text)
    assert (found.time_period, found.as_at) == (period, True)


@pytest.mark.parametrize(
    ("text", "area", "period", "start"),
    [
        ("ปีงบประมาณ 2567", "THA", "2023-10-01/P1Y", "--10-01"),
        ("FY2567", "THA", "2023-10-01/P1Y", "--10-01"),
        ("ปีงบประมาณ พ.ศ. ๒๕๖๗ ไตรมาสที่ ๑ (ตุลาคม - ธันวาคม ๒๕๖๖)", "THA", "2023-Q4", "--10-01"),
        ("fiscal year 2024, second quarter", "THA", "2024-Q1", "--10-01"),
        ("2016-2017 fiscal year", "MMR", "2016-04-01/P1Y", "--04-01"),
        ("FY 2018", "MMR", "2018-04-01/P6M", "--04-01"),
        ("FY 2018-2019", "MMR", "2018-10-01/P1Y", "--10-01"),
        ("FY 2021-2022", "MMR", "2021-10-01/P6M", "--10-01"),
        ("FY 2022-2023", "MMR", "2022-04-01/P1Y", "--04-01"),
        ("FY2019", "SGP", "2019-04-01/P1Y", "--04-01"),
        ("FY2019", "MYS", "2019", "--01-01"),
    ],
)
def test_fiscal_years_follow_the_country_and_its_changes(
    text: str, area: str, period: str, start: str
) -> None:
    found = read_period(text, area=area)
    assert (found.time_period, found.reporting[1]) == (period, start)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2016-2017", "declare which"),
        ("2565-66", "declare which"),
        ("2011-12", "or a month"),
        ("2566 (2022)", "not one year in two eras"),
        ("Januari s.d Mei", "say which"),
        ("Dec-16", "declare short years"),
        ("31/02/2019", "no such date"),
        ("2006, 2010", "not one year"),
        ("FY 2019", "not known"),
        ("Total", "it also says"),
        ("1,234", "it also says"),
        ("5", "no period"),
        ("", "no period"),
    ],
)
def test_what_is_not_certain_is_refused(text: str, reason: str) -> None:
    found = read_period(text)
    assert found.time_period == ""
    assert reason in found.reason


def test_a_letter_behind_the_year_is_kept_apart() -> None:
    assert [read_period(t).mark for t in ("2019p", "2019*", "2019", "2019Q1")] == [
        "p",
        "*",
        "",
        "",
    ]


def test_declared_short_years_are_read() -> None:
    assert read_period("ธ.ค. 66", short_years="buddhist").time_period == "2023-12"
    assert read_period("Dec-16", short_years="common").time_period == "2016-12"


@pytest.mark.parametrize(
    ("title", "area", "period"),
    [
        ("9 tháng đầu năm 2019: Việt Nam xuất khẩu 104.615 lao động", "VNM", "2019-01-01/P9M"),
        ("Breakdown of Non-Resident Population, as at end June 2013", "SGP", "2013-06"),
        ("Migrant workers sent to work abroad, 2016-2017 fiscal year", "MMR", "2016-04-01/P1Y"),
        (
            "Migrants who left from January to November, 2018 (MoU system)",
            "MMR",
            "2018-01-01/P11M",
        ),
        ("Workers sent abroad in May 2017", "", "2017-05"),
        ("จำนวนคนต่างด้าว ประจำเดือนมิถุนายน 2566", "THA", "2023-06"),
    ],
)
def test_the_period_is_found_in_a_title(title: str, area: str, period: str) -> None:
    found = find_period(title, area=area)
    assert found.time_period == period
    assert found.remainder


def test_real_dates_typed_in_the_buddhist_era_are_converted_and_said_to_be() -> None:
    found = period_of_date(datetime(2566, 6, 30))
    assert found.time_period == "2023-06-30"
    assert found.evidence == ("2566 of the Buddhist Era is 2023",)
    assert period_of_date(datetime(2016, 12, 1), "mmm-yy").time_period == "2016-12"
    assert period_of_date(datetime(2016, 12, 1), "yyyy").time_period == "2016"


@given(st.integers(1900, 2040), st.integers(1, 12))
def test_both_eras_and_all_digits_give_the_same_month(year: int, month: int) -> None:
    thai = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
    expected = f"{year}-{month:02d}"
    assert read_period(f"{month:02d}/{year}").time_period == expected
    assert read_period(f"{month:02d}/{year + 543}".translate(thai)).time_period == expected


@given(st.text(max_size=20))
def test_any_label_is_read_or_refused_with_a_reason(text: str) -> None:
    found = read_period(text)
    assert bool(found.time_period) != bool(found.reason)


@pytest.mark.parametrize(
    ("text", "area", "period"),
    [
        ("Suku Tahun Pertama 2023", "MYS", "2023-Q1"),
        ("Suku Kedua 2022", "MYS", "2022-Q2"),
        ("ဇန်နဝါရီလ ၂၀၁၉", "MMR", "2019-01"),
        ("T12/2022", "VNM", "2022-12"),
        ("Sơ bộ 2022", "VNM", "2022"),
        ("ប្រចាំឆ្នាំ ២០២២", "KHM", "2022"),
        ("6 ເດືອນຕົ້ນປີ 2023", "LAO", "2023-01-01/P6M"),
        ("1.º trimestre de 2023", "TLS", "2023-Q1"),
        ("5 bulan pertama 2023", "IDN", "2023-01-01/P5M"),
        ("1H 2023", "SGP", "2023-S1"),
        ("FY 2019-20", "MMR", "2019-10-01/P1Y"),
        ("ปีงบประมาณ 2565-66", "THA", "2022-10-01/P1Y"),
        ("2023 1/", "THA", "2023"),
        ("03/04/2022", "VNM", "2022-04-03"),
        ("13/04/2022", "PHL", "2022-04-13"),
    ],
)
def test_words_and_signs_of_more_tables(text: str, area: str, period: str) -> None:
    assert read_period(text, area=area).time_period == period


@pytest.mark.parametrize(
    "text",
    [
        "Suku Tahun 2023",
        "1-6/2023",
        "1/1-30/6/2023",
        "Jan, Feb 2023",
        "3 2023",
        "03/04/2022",
        "FY2019-03",
        "Lũy kế 2023",
    ],
)
def test_no_part_of_a_period_is_passed_over(text: str) -> None:
    found = read_period(text, area="PHL")
    assert (found.time_period, bool(found.reason)) == ("", True)


@pytest.mark.parametrize(
    ("title", "area", "period"),
    [
        ("Migrant nurses (ஆகஸ்ட் 31, 2020)", "SGP", "2020-08-31"),
        ("Pekerja asing, end-2019", "MYS", "2019-12"),
        ("Departures, year ended 31 March 2020", "PHL", "2019-04-01/P1Y"),
        ("Departures, 6 months to September 2020", "PHL", "2020-04-01/P6M"),
        ("Penempatan, 9 bulan hingga September 2020", "IDN", "2020-01-01/P9M"),
        ("Crews at sea, 2020 (as at 15 April)", "PHL", "2020-04-15"),
        ("Crews at sea, 2020 (until 30 September)", "PHL", "2020-01-01/P9M"),
        ("外籍劳工 2019年11月30日", "SGP", "2019-11-30"),
        ("외국인 근로자 2019년 3월", "SGP", "2019-03"),
        ("在留外国人 令和3年", "THA", "2021"),
        ("外籍勞工 民國110年", "THA", "2021"),
        ("Permits, Q2-Q4 2019", "MYS", "2019-04-01/P9M"),
        ("Permits, 2019 QIV", "MYS", "2019-Q4"),
        ("Permits dari 1 Julai 2018 sehingga 30 Jun 2019", "MYS", "2018-07-01/P1Y"),
        ("Orientation before departure, 2019", "PHL", "2019"),
        ("Hours a week of domestic workers, 2019", "PHL", "2019"),
        ("Workers from Asia, 2019", "BRN", "2019"),
        ("Workers aged 15+, 2019", "BRN", "2019"),
        ("Permits as of 9.8.2019", "MYS", "2019-08-09"),
    ],
)
def test_more_words_of_titles_say_the_period(title: str, area: str, period: str) -> None:
    assert find_period(title, area=area).time_period == period


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Permits since March 2017", "MYS"),
        ("Izin sejak 2017", "IDN"),
        ("Giấy phép từ năm 2017", "VNM"),
        ("ใบอนุญาตทำงาน ตั้งแต่ปี 2560", "THA"),
        ("Autorizações desde 2017", "TLS"),
        ("Permits until 2019", "MYS"),
        ("Permits, 2016-2019", "MYS"),
        ("Permits until 15 May 2019", "MYS"),
        ("Permits in the middle of 2019", "MYS"),
        ("Permits, early 2019", "MYS"),
        ("Permits, week 7 2019", "MYS"),
        ("Permits on 1/2 May 2019", "MYS"),
        ("Permits as at 05/06/2019", "SGP"),
        ("Permits, year ended 15 May 2019", "SGP"),
        ("Pupils, school year 2019", "PHL"),
        ("Permits, 2081", "THA"),
        ("Permits, 2622", "THA"),
    ],
)
def test_a_title_that_says_no_whole_period_has_a_reason(title: str, area: str) -> None:
    found = find_period(title, area=area)
    assert (found.time_period, bool(found.reason)) == ("", True)


@pytest.mark.parametrize(
    "label",
    [
        "≥2019", "< 2012", "2019+", "2019-", "-2012", "after 2019", "2012 or before",
        "2019 trở đi", "2562 เป็นต้นไป", "sebelum 2012", "antes de 2012", "2019TI", "2019 T3",
        "平成35年", "110年", "1441", "2019H", "FY19", "SY 2019", "2077", "2019-2020",
    ],
)  # fmt: skip
def test_a_label_of_no_certain_period_has_a_reason(label: str) -> None:
    found = read_period(label, area="THA")
    assert (found.time_period, bool(found.reason)) == ("", True)


@pytest.mark.parametrize(
    ("label", "period"),
    [
        ("2019年", "2019"),
        ("2019년", "2019"),
        ("2019 г.", "2019"),
        ("令和元年", "2019"),
        ("昭和64年", "1989"),
        ("民国100年", "2011"),
        ("民國100年底", "2011-12"),
        ("CY 2019", "2019"),
        ("2019QII", "2019-Q2"),
        ("1981-2022", "1981-01-01/P42Y"),
    ],
)
def test_signs_behind_years_and_years_of_reigns_are_read(label: str, period: str) -> None:
    assert read_period(label, area="THA").time_period == period


def _cases(folder: Path, name: str) -> list[dict[str, str]]:
    """Rows of a table of cases."""
    with (folder / "cases" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _is_right_or_asked(period: str, case: dict[str, str]) -> bool:
    """Whether nothing is read, or what the case says, or what it says is as good."""
    return period in {"", case["right"]} or f"{period} is as good" in case["note"]


@pytest.mark.shared
def test_titles_and_headers_of_the_casebook_are_read_right_or_asked(shared: Path) -> None:
    wrong = []
    for case in _cases(shared, "titles-periods.csv"):
        period = find_period(case["title"], area=case["area"]).time_period
        if not _is_right_or_asked(period, case):
            wrong.append((case["title"], period))
    for case in _cases(shared, "year-signs.csv"):
        period = read_period(case["header"], area=case["area"]).time_period
        if not _is_right_or_asked(period, case):
            wrong.append((case["header"], period))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "label", "area", "more"),
    [
        (
            "ปีงบประมาณ พ.ศ. 2567 ไตรมาสที่ 1 (ตุลาคม - ธันวาคม 2566)",
            "ปีงบประมาณ พ.ศ. 2567 ไตรมาสที่ 1",
            "THA",
            False,
        ),
        ("Workers, 2564 (2021)", "2564", "THA", False),
        ("Workers, 2018 Q1 (January - March 2018)", "2018 Q1", "", False),
        ("Workers, 2018 Q1 (January - June 2018)", "2018 Q1", "", True),
        ("Workers, 2018 (January to May 2018)", "2018", "", True),
        ("Workers, 2018 (2019)", "2018", "", True),
    ],
)
def test_a_title_that_says_the_same_period_again_says_no_more(
    text: str, label: str, area: str, more: bool
) -> None:
    assert says_more(text, label, area=area) is more


@pytest.mark.parametrize(
    "title",
    [
        "Trabalhadores estrangeiros, janeiro e junho de 2014",
        "Foreign workers, March versus May 2019",
        "Workers sent abroad in January or perhaps February 2020",
    ],
)
def test_a_month_before_words_that_are_not_read_is_not_passed_over(title: str) -> None:
    period = find_period(title)
    assert (period.time_period, "two months" in period.reason) == ("", True)


@pytest.mark.parametrize(
    ("title", "area", "period"),
    [
        ("Trabalhadores, janeiro a março de 2018", "TLS", "2018-01-01/P3M"),
        ("Trabalhadores, 1 de maio a 31 de agosto de 2018", "TLS", "2018-05-01/P4M"),
        ("Trabalhadores, 1 a 15 de maio de 2018", "TLS", "2018-05-01/P15D"),
        ("Trabalhadores, 1º a 3º trimestre de 2018", "TLS", "2018-01-01/P9M"),
        ("Trabalhadores, outubro de 2018 a março de 2019", "TLS", "2018-10-01/P6M"),
        ("Trabalhadores enviados a Coreia em 2018", "TLS", "2018"),
        ("Trabalhadores no final de 2018", "TLS", "2018-12"),
        ("ไตรมาส 1-3/2561", "THA", "2018-01-01/P9M"),
        ("เดือนมกราคม ถึง เดือนเมษายน 2561", "THA", "2018-01-01/P4M"),
        ("แรงงานสะสมถึงเดือนเมษายน 2561", "THA", "2018-01-01/P4M"),
        ("first to third quarter of 2018", "", "2018-01-01/P9M"),
        ("YTD April 2018", "", "2018-01-01/P4M"),
        ("Workers, 2018 9M", "", "2018-01-01/P9M"),
        ("đến hết tháng 4/2018", "VNM", "2018-01-01/P4M"),
        ("ខែមករា ដល់ ខែមេសា ឆ្នាំ២០១៨", "KHM", "2018-01-01/P4M"),
        ("៤ខែដើមឆ្នាំ២០១៨", "KHM", "2018-01-01/P4M"),
        ("ចុងឆ្នាំ២០១៨", "KHM", "2018-12"),
        ("၂၀၁၈ ခုနှစ် ပထမ ၆ လ", "MMR", "2018-01-01/P6M"),
        ("Fulan Janeiru to'o Juñu 2018", "TLS", "2018-01-01/P6M"),
    ],
)
def test_parts_of_a_year_in_the_words_of_titles(title: str, area: str, period: str) -> None:
    assert find_period(title, area=area).time_period == period


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("1º e 2º trimestre de 2018", "TLS"),
        ("quý 1 và quý 2 năm 2018", "VNM"),
        ("triwulan 1 dan 2 tahun 2018", "IDN"),
        ("6 tháng cuối năm 2018", "VNM"),
        ("weeks 1-26 2018", ""),
        ("up to and including 2018", ""),
        ("summer 2018", ""),
        ("de 2014 a 2016", "TLS"),
    ],
)
def test_several_parts_of_a_year_are_never_one_of_them(title: str, area: str) -> None:
    assert find_period(f"Workers, {title}", area=area).time_period == ""


@pytest.mark.parametrize(
    "text",
    [
        *("Statistical Yearbook 2020: migrant workers", "Migrant workers. Published May 2020"),
        *("Data extracted on 5 June 2020", "Migrant workers (last updated 3 March 2020)"),
        *("Migrant workers under the Act of 2008", "Workers under the 2003 MOU"),
        *("Employment Act, 2008", "Registered under the Act (2018)"),
        *("แรงงานต่างด้าวตามมติคณะรัฐมนตรี 2562", "สมุดสถิติรายปี 2563", "ปรับปรุง มีนาคม 2563"),
        *("Niên giám thống kê 2020", "Lao động theo Luật 2006", "Cập nhật ngày 3/3/2020"),
        *("Diperbarui Maret 2020", "Dikemas kini pada Mac 2020", "Anuário estatístico 2019"),
    ],
)
def test_the_time_of_a_publication_or_a_law_is_asked(text: str) -> None:
    printed = find_period(text, area="THA")
    assert not printed.time_period
    assert printed.is_open
    assert "publication or a law" in printed.reason


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Registered migrant workers, 2019",
            "Work permits issued in 2019",
            "Acting staff 2019",
        ),
        *("Workers by year of birth, 2019", "Lawyers from abroad, 2019", "Arrivals in 2019"),
        *("(Act 18), 2019: all workers", "Workers by agreement (MoU), 2019"),
    ],
)
def test_other_words_leave_a_title_its_period(text: str) -> None:
    assert find_period(text).time_period == "2019"
