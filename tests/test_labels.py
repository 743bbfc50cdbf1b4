"""Labels of eleven states become codes where that is certain; everything else is a question to a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import StructureError
from ilms_sdmx.labels import (
    age_suffix,
    classifications,
    match_label,
    row_kind,
    section_code,
    suggest,
)
from ilms_sdmx.labels.lines import label_lines


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Taiwan", "TWN"),
        ("Đài Loan (Trung Quốc)", "TWN"),
        ("Taiwan, Province of China", "TWN"),
        ("1. ไต้หวัน / Taiwan", "TWN"),
        ("10. สหรัฐอาหรับเอมิเรตส์ / The United Arab Emirates", "ARE"),
        ("ประเทศญี่ปุ่น", "JPN"),
        ("Thị trường Nhật Bản", "JPN"),
        ("ຍີ່ປຸ່ນ", "JPN"),
        ("ဂျပန်", "JPN"),
        ("Jepang", "JPN"),
        ("Jepun", "JPN"),
        ("South of Korea", "KOR"),
        ("Hàn Quốc", "KOR"),
        ("China’s Hong Kong Special Administration Region", "HKG"),
        ("Hongkong", "HKG"),
        ("Ả rập - Xê út", "SAU"),
        ("Rumania", "ROU"),
        ("KSA", "SAU"),
        ("Lao PDR", "LAO"),
        ("พม่า", "MMR"),
        ("เมียนมา", "MMR"),
        ("ភូមា", "MMR"),
        ("Burma", "MMR"),
        ("Kamboja", "KHM"),
        ("ກຳປູເຈຍ", "KHM"),
        ("UNITED KINGDOM", "GBR"),
        ("India*", "IND"),
        ("Japan 2/", "JPN"),
        ("Total", "TOTAL"),
        ("รวมยอด ..........", "TOTAL"),
        ("ทั่วโลก / around the world", "TOTAL"),
        ("Tổng số", "TOTAL"),
        ("សរុប", "TOTAL"),
        ("ລວມ", "TOTAL"),
        ("စုစုပေါင်း", "TOTAL"),
        ("Kabuuan", "TOTAL"),
        ("Others", "X"),
        ("Lainnya", "X"),
        ("Khác", "X"),
        ("อื่น ๆ", "X"),
        ("Country not reported", "X"),
        ("USA & Canada", "USACAN"),
        ("TOTAL (1+2)", "TOTAL"),
        ("Jumlah (3=1+2)", "TOTAL"),
        ("Korea (Democratic People's Republic of)", "PRK"),
        ("Congo, Dem. Rep.", "COD"),
        ("Congo (Brazzaville)", "COG"),
        ("Tanzania, United Republic of", "TZA"),
        ("Virgin Islands, U.S.", "VIR"),
        ("Hong Kong (China)", "HKG"),
        ("Macau (China)", "MAC"),
        ("Guam (USA)", "GUM"),
        ("Papua New Guinean", "PNG"),
        ("Nigerien", "NER"),
        ("Emirati", "ARE"),
        ("Ukrainians", "UKR"),
        ("อเมริกัน", "USA"),
        ("เวียตนาม", "VNM"),
        ("Ả-rập Xê-út", "SAU"),
        ("Niu Di-lân", "NZL"),
        ("Emirat Arab Uni", "ARE"),
        ("អារ៉ាប៊ីសាអូឌីត", "SAU"),
        ("ສປ ຈີນ", "CHN"),
        ("ဗီယက်နမ်", "VNM"),
        ("Vietname", "VNM"),
        ("chinesa", "CHN"),
        ("Japaun", "JPN"),
    ],
)
def test_a_country_is_known_in_the_languages_of_the_region(label: str, code: str) -> None:
    assert match_label(label, "CDS_DES_").code == f"CDS_DES_{code}"


@pytest.mark.parametrize(
    ("label", "prefix", "code"),
    [
        ("Burmese workers", "CCT_CTZ_", "CCT_CTZ_MMR"),
        ("Cambodians", "CCT_CTZ_", "CCT_CTZ_KHM"),
        ("สัญชาติเมียนมา", "CCT_CTZ_", "CCT_CTZ_MMR"),
        ("người Trung Quốc", "CCT_CTZ_", "CCT_CTZ_CHN"),
        ("Thailand", "", "THA"),
        ("Perempuan", "SEX_", "SEX_F"),
        ("ชาย", "SEX_", "SEX_M"),
        ("Lelaki Male", "SEX_", "SEX_M"),
        ("Jumlah\nTotal", "SEX_", "SEX_T"),
        ("Perkhidmatan\nServices", "ECO_SECTOR_", "ECO_SECTOR_SER"),
        ("Nữ", "SEX_", "SEX_F"),
        ("ស្រី", "SEX_", "SEX_F"),
        ("ຍິງ", "SEX_", "SEX_F"),
        ("အမျိုးသမီး", "SEX_", "SEX_F"),
        ("feto", "SEX_", "SEX_F"),
        ("Both Sexes", "SEX_", "SEX_T"),
        ("JUMLAH", "SEX_", "SEX_T"),
        ("iv. Pembinaan", "ECO_ISIC4_", "ECO_ISIC4_F"),
        ("v. Perkhidmatan", "ECO_SECTOR_", "ECO_SECTOR_SER"),
        ("C. Manufacturing", "ECO_ISIC4_", "ECO_ISIC4_C"),
        ("Manufacturing", "ECO_AGGREGATE_", "ECO_AGGREGATE_MAN"),
        ("Bán buôn và bán lẻ", "ECO_ISIC4_", "ECO_ISIC4_G"),
        ("การก่อสร้าง", "ECO_ISIC4_", "ECO_ISIC4_F"),
        ("1 Managers", "OCU_ISCO08_", "OCU_ISCO08_1"),
        ("Pekerja kasar", "OCU_ISCO08_", "OCU_ISCO08_9"),
        ("ลูกจ้าง", "STE_ICSE93_", "STE_ICSE93_1"),
        ("Non-citizens", "CCT_CIT_", "CCT_CIT_NONCIT"),
        ("15 - 24 years", "AGE_AGGREGATE_", "AGE_AGGREGATE_Y15-24"),
        ("65 ปีขึ้นไป", "AGE_AGGREGATE_", "AGE_AGGREGATE_YGE65"),
        ("Not stated", "EDU_ISCED11_", "EDU_ISCED11_9"),
        ("Not stated", "EDU_ISCED97_", "EDU_ISCED97_UNK"),
        ("No schooling", "EDU_ISCED11_", "EDU_ISCED11_X"),
        ("Trong đó: Nữ", "SEX_", "SEX_F"),
        ("ក្នុងនោះស្រី", "SEX_", "SEX_F"),
        ("65 & above", "AGE_10YRBANDS_", "AGE_10YRBANDS_YGE65"),
        ("Từ 15 đến 24 tuổi", "AGE_10YRBANDS_", "AGE_10YRBANDS_Y15-24"),
        ("Perlombongan & Pengkuarian", "ECO_ISIC4_", "ECO_ISIC4_B"),
        ("Agriculture, Forestry and Fishery", "ECO_ISIC4_", "ECO_ISIC4_A"),
    ],
)
def test_other_labels_are_known_within_one_classification_version(
    label: str, prefix: str, code: str
) -> None:
    assert match_label(label, prefix).code == code


@pytest.mark.parametrize(
    ("label", "prefix", "reason"),
    [
        ("Korea", "CDS_DES_", "may mean KOR or PRK"),
        ("Congo", "CDS_DES_", "may mean"),
        ("Tempatan", "CCT_CIT_", "permanent residents"),
        ("China (Taiwan)", "CDS_DES_", "its parts name"),
        ("เมียนมา / กัมพูชา", "CCT_CTZ_", "its parts name"),
        ("Philipines", "CDS_DES_", "no known label"),
        ("Singapore, Qatar, Laos and China’s Macao", "CDS_DES_", "no known label"),
        (
            "Other Countries in East Asia (China, South Korea, etc.)",
            "CDS_DES_",
            "no known label",
        ),
        ("Middle East", "CDS_DES_", "is a region of the world, not a country"),
        ("Lainnya", "ECO_ISIC4_", "no known label"),
        (
            "17-24",
            "AGE_AGGREGATE_",
            "is AGE_AGGREGATE_Y17-24, which the codelist does not have",
        ),
        ("P", "SEX_", "may mean F or M"),
        ("Virgin Islands", "CDS_DES_", "may mean VGB or VIR"),
        (
            "Micronesia (Federated States of)",
            "CDS_DES_",
            "is CDS_DES_FSM, which the codelist does not have",
        ),
        ("China (excluding Hong Kong)", "CDS_DES_", "no known label"),
    ],
)
def test_what_is_not_certain_has_no_code(label: str, prefix: str, reason: str) -> None:
    match = match_label(label, prefix)
    assert match.code == ""
    assert reason in match.reason


def test_likeness_is_offered_and_never_applied() -> None:
    match = match_label("Philipines", "CDS_DES_")
    assert (match.code, match.candidates[0].code) == ("", "CDS_DES_PHL")


def test_the_preferred_language_decides_between_two_meanings() -> None:
    assert suggest("Thailnd", frozenset({"country"}), "CDS_DES_")[0].code == "CDS_DES_THA"
    assert (
        match_label("Pekerja", "STE_AGGREGATE_", languages=("ms",)).code == "STE_AGGREGATE_EES"
    )


@pytest.mark.parametrize(
    ("label", "kind", "code"),
    [
        ("JUMLAH", "total", "TOTAL"),
        ("Total/ Jumlah", "total", "TOTAL"),
        ("ทั่วราช-\nอาณาจักร\nWhole\nKingdom", "total", "TOTAL"),
        ("Total employed population", "total", ""),
        ("Sub-total", "subtotal", ""),
        ("of which retail", "of_which", ""),
        ("of them women", "of_which", "SEX_F"),
        ("Trong đó: nữ", "of_which", "SEX_F"),
        ("Lain-lain", "residual", "X"),
        ("Không xác định", "not_stated", "X"),
        ("Thailand", "", ""),
    ],
)
def test_totals_residuals_and_parts_are_told_apart_from_countries(
    label: str, kind: str, code: str
) -> None:
    found = row_kind(label)
    assert (found.kind, found.code) == (kind, code)


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("0-14", "Y00-14"),
        ("60 tahun ke atas", "YGE60"),
        ("<15", "YLT15"),
        ("24-15", ""),
        ("15", ""),
        ("2019", ""),
    ],
)
def test_age_bands(text: str, suffix: str) -> None:
    assert age_suffix(text) == suffix


@pytest.mark.parametrize(
    ("name", "version"), [("KBLI", "2025"), ("VSIC", "2025"), ("MSIC", "2000"), ("XSIC", "1")]
)
def test_no_code_crosses_revisions_without_a_table(name: str, version: str) -> None:
    with pytest.raises(StructureError):
        section_code(name, version, "C")


def test_every_national_classification_of_revision_4_maps_its_letters() -> None:
    national = [c for c in classifications() if c.base_version == "Rev.4" and c.sections]
    assert {section_code(c.classification, c.version, "u") for c in national} == {"ECO_ISIC4_U"}
    with pytest.raises(StructureError, match="no top-level code"):
        section_code("TSIC", "2009", "V")


@pytest.mark.parametrize(
    ("name", "version", "section", "code"),
    [
        ("SSIC", "2010", "V", "ECO_ISIC4_X"),
        ("SSIC", "2015", "U", "ECO_ISIC4_U"),
        ("BDSIC", "2011", "F", "ECO_ISIC4_F"),
        ("BDSOC", "2001", "4", "OCU_ISCO88_4"),
        ("BDSOC", "2011", "4", "OCU_ISCO08_4"),
        ("KBJI", "2002", "7", "OCU_ISCO88_7"),
        ("PSOC", "2022", "0", "OCU_ISCO08_0"),
    ],
)
def test_sections_of_national_classifications_follow_their_version(
    name: str, version: str, section: str, code: str
) -> None:
    assert section_code(name, version, section) == code


@pytest.mark.parametrize(("name", "version"), [("SSIC", "2025"), ("SSIC", "2005")])
def test_sections_that_mean_other_things_need_a_table(name: str, version: str) -> None:
    with pytest.raises(StructureError):
        section_code(name, version, "J")


def test_a_version_that_is_not_named_is_asked_with_those_that_there_are() -> None:
    with pytest.raises(StructureError, match="BDSOC 2011, BDSOC 2001"):
        section_code("BDSOC", "", "4")


@given(st.sampled_from([line for line in label_lines() if line.kind == "country"]))
def test_every_shipped_country_label_gives_its_own_code_or_a_question(line: object) -> None:
    match = match_label(line.label, "CDS_DES_", languages=(line.language,))  # type: ignore[attr-defined]
    assert match.code in {f"CDS_DES_{line.code}", ""}  # type: ignore[attr-defined]
    assert bool(match.code) != bool(match.reason)


@given(st.text(max_size=15))
def test_any_text_has_a_code_or_a_reason(text: str) -> None:
    match = match_label(text, "CDS_DES_")
    assert bool(match.code) != bool(match.reason)


@pytest.mark.parametrize(
    ("label", "ages", "code"),
    [
        ("9-May", "5-9", "AGE_5YRBANDS_Y05-09"),
        ("Oct-14", "10-14", "AGE_5YRBANDS_Y10-14"),
        ("4 Mei", "", ""),
        ("19-Dec", "12-19", ""),
    ],
)
def test_an_age_group_that_became_a_date_is_named_and_never_applied(
    label: str, ages: str, code: str
) -> None:
    match = match_label(label, "AGE_5YRBANDS_")
    assert match.code == ""
    assert [one.code for one in match.candidates if one.score == 100] == (
        [code] if code else []
    )
    assert f"a date of {ages!r}" in match.reason or not ages
