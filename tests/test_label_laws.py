"""A label in two languages, a letter or a step of a scale has a code only where all of it says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.labels import match_label, match_labels, row_kind
from ilms_sdmx.labels.lines import Label, label_lines
from ilms_sdmx.periods import read_period
from ilms_sdmx.words import words_in
from ilms_sdmx.words.text import clean, folded, western_digits


@pytest.mark.parametrize(
    ("label", "prefix", "part"),
    [
        ("ไม่รวมเกาหลีใต้ (South Korea)", "CDS_DES_", "south korea"),
        ("ญี่ปุ่นและอื่น ๆ / Japan", "CDS_DES_", "japan"),
        ("ยกเว้นเยอรมนี / Germany", "CDS_DES_", "germany"),
        ("不包括印度 (India)", "CCT_CTZ_", "india"),
        ("除法国外 (France)", "CCT_CTZ_", "france"),
        ("イタリアを除く (Italy)", "CCT_CTZ_", "italy"),
        ("네팔 제외 (Nepal)", "CDS_DES_", "nepal"),
        ("អាស៊ី (Others)", "CDS_DES_", "others"),
        ("ແຂວງຕ່າງໆ / Total", "CDS_DES_", "total"),
        ("サイパン (USA)", "CDS_DES_", "usa"),
        ("카자흐스탄 기타(Other)", "CDS_DES_", "other"),
        ("ຊາວຕ່າງດ້າວ / Male", "SEX_", "male"),
        ("นักเรียน / Women", "SEX_", "women"),
        ("ประมง (Construction)", "ECO_ISIC4_", "construction"),
        ("ဆရာဝန် / Managers", "OCU_ISCO08_", "managers"),
    ],
)
def test_a_known_half_does_not_answer_for_an_unknown_one(
    label: str, prefix: str, part: str
) -> None:
    match = match_label(label, prefix)
    assert match.code == ""
    assert f"is known only by its part {part!r}" in match.reason
    assert match.is_known


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("แดนอาทิตย์อุทัย (Japan)", "JPN"),
        ("កោះឆ្ងាយ / Iceland", "ISL"),
        ("香港 (China)", "HKG"),
        ("အီဂျစ်နိုင်ငံ", "EGY"),
    ],
)
def test_a_whole_country_answers_for_its_name_in_another_language(
    label: str, code: str
) -> None:
    assert match_label(label, "CDS_DES_").code == f"CDS_DES_{code}"


@pytest.mark.parametrize("label", ["เอเชียตะวันออก / Total", "អឺរ៉ុប / Others", "Cộng hòa Dominica"])
def test_an_unknown_half_makes_no_total_and_no_residual(label: str) -> None:
    assert row_kind(label).kind == ""


@pytest.mark.parametrize(
    ("labels", "prefix", "languages", "codes"),
    [
        (["L", "P"], "SEX_", ("id",), ["M", "F"]),
        (["P", "L", "Jumlah"], "SEX_", ("ms",), ["F", "M", "T"]),
        (["P", "W"], "SEX_", ("id",), ["M", "F"]),
        (["H", "M", "Total"], "SEX_", ("tet", "pt"), ["M", "F", "T"]),
        (["M", "F"], "SEX_", ("pt", "en"), ["M", "F"]),
        (["ช", "ญ", "รวม"], "SEX_", ("th",), ["M", "F", "T"]),
        (["M"], "SEX_", ("pt", "en"), [""]),
        (["M"], "SEX_", ("en",), ["M"]),
        (["L", "F"], "SEX_", ("id",), ["", "F"]),
        (["Skilled", "Semi-skilled", "Low-skilled"], "OCU_SKILL_", (), ["L3-4", "L2", "L1"]),
        (
            ["Mahir", "Separuh mahir", "Berkemahiran rendah"],
            "OCU_SKILL_",
            ("ms",),
            ["L3-4", "L2", "L1"],
        ),
        (
            ["Professional", "Skilled", "Semi-skilled", "Unskilled"],
            "OCU_SKILL_",
            ("en",),
            ["", "", "L2", ""],
        ),
    ],
)
def test_labels_of_a_scale_are_read_together(
    labels: list[str], prefix: str, languages: tuple[str, ...], codes: list[str]
) -> None:
    matches = match_labels(labels, prefix, languages=languages)
    assert [match.code.removeprefix(prefix) for match in matches.values()] == codes


@pytest.mark.parametrize(("label", "meant"), [("P", "F or M"), ("L", "M"), ("ญ", "F")])
def test_a_letter_alone_is_asked(label: str, meant: str) -> None:
    match = match_label(label, "SEX_", languages=("id", "th"))
    assert match.code == ""
    assert f"may mean {meant}: the labels next to it decide" in match.reason


@pytest.mark.parametrize(
    ("languages", "code"),
    [(("ms", "en"), "EDU_ISCED11_7"), (("id", "en"), "EDU_ISCED11_6"), ((), "")],
)
def test_a_word_of_two_languages_follows_the_languages_that_are_declared(
    languages: tuple[str, ...], code: str
) -> None:
    assert match_label("Sarjana", "EDU_ISCED11_", languages=languages).code == code


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("ស៊េរី ស៊ី", "ស៊េរី សុី"),
        ("ស្ត្រី", "ស្រ្តី"),
        ("ម៉ឺន", "មុឺន"),
        ("Ðông Nai", "Đông Nai"),
        ("Thụy Sĩ", "Thuỵ Sĩ"),
        ("CỘNG HÒA", "cộng hoà"),
        ("xòe hóa", "xoè hoá"),
        ("ຫຼວງ", "ຫລວງ"),
        ("ໝາກ ໜູ", "ຫມາກ ຫນູ"),
        ("เเม่", "แม่"),
        ("เย่ียม", "เยี่ยม"),
        ("ဩစတေးလျ", "သြစတေးလျ"),
        ("၀န်ထမ်း", "ဝန်ထမ်း"),
        ("၂ဝဝ၅", "2005"),
    ],
)
def test_two_spellings_of_one_look_are_one(spelling: str, other: str) -> None:
    assert folded(spelling) == folded(other)


@pytest.mark.parametrize("text", ["hoàn toàn", "múa", "quý", "ວັນ", "ဝါ", "ខ្ញុំ", "ทั่ว"])
def test_what_looks_different_stays_different(text: str) -> None:
    assert folded(text) == text


def _kept_apart(label: str) -> str:
    """Label as it was compared before two spellings of one look were one."""
    return clean(western_digits(label)).casefold()


def test_one_spelling_for_one_look_joins_no_two_codes() -> None:
    codes_of: dict[tuple[str, str], dict[str, set[str]]] = {}
    for line in label_lines():
        if line.kind not in {"country", "nationality"}:
            continue
        spellings = codes_of.setdefault((line.language, folded(line.label)), {})
        spellings.setdefault(_kept_apart(line.label), set()).add(line.code)
    joined = [form for form, spellings in codes_of.items() if len(spellings) > 1]
    assert joined
    for form in joined:
        assert len(set.union(*codes_of[form].values())) == 1, form


_COUNTRIES = [line for line in label_lines() if line.kind == "country"]


@given(st.sampled_from(_COUNTRIES), st.sampled_from(_COUNTRIES))
def test_two_countries_never_become_one_by_folding(first: Label, second: Label) -> None:
    if folded(first.label) == folded(second.label) and first.language == second.language:
        assert first.code == second.code


@pytest.mark.parametrize(
    ("label", "language", "prefix", "code"),
    [
        ("វិទ្យាល័យ", "km", "EDU_ISCED11_", "3"),
        ("ປະລິນຍາໂທ", "lo", "EDU_ISCED11_", "7"),
        ("အလယ်တန်း", "my", "EDU_ISCED11_", "2"),
        ("Walang pinag-aralan", "fil", "EDU_ISCED11_", "X"),
        ("Ensinu sekundáriu", "tet", "EDU_ISCED11_", "3"),
        ("Cao đẳng", "vi", "EDU_ISCED11_", "5"),
        ("ปวส.", "th", "EDU_ISCED11_", "5"),
        ("Diploma I/II/III", "id", "EDU_ISCED11_", "5"),
        ("High school", "en", "EDU_ISCED11_", ""),
        ("Pascasarjana", "id", "EDU_ISCED11_", ""),
        ("Not stated", "en", "STE_ICSE93_", "6"),
        ("နေထိုင်", "my", "STE_ICSE93_", ""),
        ("အလုပ်ရှင်", "my", "STE_ICSE93_", "2"),
        ("ນາຍຈ້າງ", "lo", "STE_ICSE93_", "2"),
        ("និយោជិត", "km", "STE_ICSE93_", "1"),
        ("Pessoal administrativo", "pt", "OCU_ISCO08_", "4"),
        ("Mga propesyonal", "fil", "OCU_ISCO08_", "2"),
        ("Hotels and Restaurants", "en", "ECO_ISIC3_", "H"),
        ("Actividades imobiliárias", "pt", "ECO_ISIC4_", "L"),
        ("Pagmimina", "fil", "ECO_ISIC4_", "B"),
        ("Edukasaun", "tet", "ECO_ISIC4_", "P"),
        ("ພາສາ", "lo", "ECO_ISIC4_", ""),
    ],
)
def test_words_of_classifications_are_known_in_the_languages_of_the_region(
    label: str, language: str, prefix: str, code: str
) -> None:
    match = match_label(label, prefix, languages=(language,))
    assert match.code == (prefix + code if code else "")


@pytest.mark.parametrize(
    ("text", "area", "period"),
    [
        ("ဩဂုတ် 2019", "MMR", "2019-08"),
        ("သြဂုတ် ၂ဝ၁၉", "MMR", "2019-08"),
        ("ครึ่งปีแรก 2566", "THA", "2023-S1"),
        ("ครึ่งปีหลัง 2566", "THA", "2023-S2"),
        ("ឆមាសទី១ ២០២០", "KHM", "2020-S1"),
        ("Separuh pertama 2021", "MYS", "2021-S1"),
        ("Nopember 2020", "IDN", "2020-11"),
        ("Pebruari 2020", "IDN", "2020-02"),
        ("Markahan 2 2020", "PHL", "2020-Q2"),
        ("Otubru 2021", "TLS", "2021-10"),
        ("Tháng giêng 2020", "VNM", "2020-01"),
    ],
)
def test_months_and_halves_are_read_in_old_and_new_spellings(
    text: str, area: str, period: str
) -> None:
    assert read_period(text, area=area).time_period == period


@pytest.mark.parametrize("word", ["ໝາຍເຫດ", "ຫມາຍເຫດ", "ໝື່ນ", "ຫມື່ນ", "ម៉ឺន", "មុឺន"])
def test_a_word_is_found_in_either_spelling(word: str) -> None:
    assert words_in(word, "legend", "multiplier")
