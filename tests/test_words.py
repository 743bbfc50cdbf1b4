"""Words of languages: one list, found in every place where a table can have them."""

import ast
import csv
import re
from pathlib import Path

import pytest

import ilms_sdmx
from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.labels.lines import label_lines
from ilms_sdmx.tables import Separators, read_number
from ilms_sdmx.words import (
    all_languages,
    all_words,
    first_word,
    is_unit_line,
    languages_of,
    leading_word,
    of_kind,
    power_of,
    says,
    words_in,
)

MULTIPLIERS = sorted({(word.word, word.language, word.value) for word in of_kind("multiplier")})
UNITS = {
    "en": "Unit: {}",
    "id": "Satuan: {}",
    "ms": "Unit: {}",
    "vi": "Đơn vị tính: {}",
    "th": "หน่วย : {}",
    "lo": "ຫົວໜ່ວຍ: {}",
    "km": "ឯកតា៖ {}",
    "my": "ယူနစ် - {}",
    "fil": "Yunit: {}",
    "pt": "Unidade: {}",
    "tet": "Unidade: {}",
}


@pytest.mark.parametrize(("word", "language", "value"), MULTIPLIERS)
def test_a_multiplier_is_known_in_every_place_where_it_can_be(
    word: str, language: str, value: str
) -> None:
    places = {
        "own row": word,
        "title": f"Migrants by sex, 2020 ({word})",
        "header": f"Number, {word}",
        "end of header": f"Total 2021 - {word}",
        "in brackets": f"({word})",
    }
    if language in UNITS:
        places["behind the word for unit"] = UNITS[language].format(word)
    powers = {place: power_of(text) for place, text in places.items()}
    assert powers == dict.fromkeys(places, len(value) - 1)


@pytest.mark.parametrize(
    ("text", "power"),
    [
        ("Thousand households", 3),
        ("Penempatan TKI (ribu jiwa), 2019", 3),
        ("Trabalhadores estrangeiros, em milhares", 3),
        ("จำนวนแรงงาน (แสนราย)", 5),
        ("มูลค่าเงินส่งกลับ (พันล้านบาท)", 9),
        ("Số lao động - trăm nghìn người", 5),
        ("Unit: 1 000 persons", 3),
        ("Workers ('000)", 3),
        ("Remittances (US$ million)", 6),
        ("Remittances, million dollars", 6),
    ],
)
def test_a_statement_of_the_unit_gives_its_power_of_ten(text: str, power: int) -> None:
    assert power_of(text) == power


@pytest.mark.parametrize(
    "text",
    [
        "Placement of 7 ribu orang, Rp 20'000",
        "Accidents per 1,000 workers",
        "Deaths per thousand",
        "อัตราต่อพันคน",
        "กุมภาพันธ์",
        "สำนักงานประชาสัมพันธ์",
        "1,000 persons",
        "Milan",
        "The ministry counted 3.2 million workers and expects that more than a million return",
    ],
)
def test_a_number_or_a_rate_says_no_power_of_ten(text: str) -> None:
    assert power_of(text) == 0


@pytest.mark.parametrize("text", ["Unit: persons", "(คน)", "ribu orang", "in millions", "ĐVT"])
def test_a_line_that_only_says_the_unit_is_one(text: str) -> None:
    assert is_unit_line(text)


@pytest.mark.parametrize("text", ["United Kingdom", "Jumlah", "Persons employed", "Tổng số"])
def test_a_label_is_no_line_of_a_unit(text: str) -> None:
    assert not is_unit_line(text)


def test_a_word_counts_as_a_whole_word_where_its_script_has_spaces() -> None:
    assert says("Participation rate", "rate")
    assert not says("Corporate managers", "rate")
    assert says("แรงงานหญิงไทย", "sex")


def test_a_word_does_not_count_inside_a_longer_one_of_another_meaning() -> None:
    assert not says("ปีงบประมาณ 2566", "status")
    assert not says("Tahun Anggaran 2019", "status")
    assert first_word("Data anggaran 2019", "status").value == "E"  # type: ignore[union-attr]


def test_the_longest_word_counts_where_several_begin() -> None:
    assert [word.value for word in words_in("- : không có số liệu", "status")] == ["O"]
    assert [word.value for word in words_in("- : không có", "status")] == ["zero"]


def test_a_leading_word_ends_where_its_letters_end() -> None:
    assert leading_word("Jumlah (orang)", "count")
    assert leading_word("Jumlahan", "count") is None


@pytest.mark.parametrize(
    ("texts", "area", "languages"),
    [
        (["จำนวน", "Number"], "THA", ("th", "en")),
        (["Số lao động", "ຈຳນວນ"], "", ("lo", "vi", "en")),
        (["Jumlah pekerja"], "IDN", ("id", "en")),
        (["Jumlah pekerja"], "BRN", ("ms", "en")),
        (["Workers"], "PHL", ("fil", "en")),
        (["Workers"], "IDN", ("en",)),
    ],
)
def test_languages_of_texts_are_seen_by_letters_words_and_country(
    texts: list[str], area: str, languages: tuple[str, ...]
) -> None:
    assert languages_of(texts, area) == languages


@pytest.mark.shared
def test_the_casebook_of_thousands_is_right(shared: Path) -> None:
    text = (shared / "cases" / "words-thousands.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    powers = {row["as_printed"]: 10 ** power_of(row["as_printed"]) for row in rows}
    assert powers == {row["as_printed"]: int(row["multiplier"]) for row in rows}


def both_faces(printed: str, area: str, folder: Path) -> tuple[str, set[str]]:
    """Draft of a table with a row of words beneath its title, and the rules of a conversion without them."""
    rows = ["Migrant workers by country, 2020,", f'"{printed}",', "Country,2020"]
    rows += ["Thailand,1250.5", "Japan,740.2", "Singapore,310.7", "Total,2301.4"]
    source = folder / "table.csv"
    source.write_text("\n".join(rows), encoding="utf-8")
    draft = draft_mapping(source, area=area)
    kept = [line for line in draft.splitlines() if not line.strip().startswith("multiplier:")]
    mapping = folder / "table.yaml"
    mapping.write_text("\n".join(kept), encoding="utf-8")
    return draft, {finding.rule for finding in convert(source, mapping).report}


@pytest.mark.parametrize(
    ("printed", "area", "power"),
    [
        ("Unit: thousands of persons", "PHL", 3),
        ("(Million persons)", "MYS", 6),
        ("Satuan: juta orang", "IDN", 6),
        ("dalam ratus ribu", "MYS", 5),
        ("ĐVT: trăm nghìn người", "VNM", 5),
        ("(หน่วย: แสนราย)", "THA", 5),
        ("ຫົວໜ່ວຍ: ແສນຄົນ", "LAO", 5),
        ("ឯកតា៖ សែននាក់", "KHM", 5),
        ("ယူနစ်: သောင်း", "MMR", 4),
        ("Yunit: milyon", "PHL", 6),
        ("Taon (libong tao)", "PHL", 3),
        ("Yunit: milyong piso", "PHL", 6),
        ("Unidade: milhares", "TLS", 3),
    ],
)
def test_the_draft_and_the_conversion_see_the_same_words(
    printed: str, area: str, power: int, tmp_path: Path
) -> None:
    draft, found = both_faces(printed, area, tmp_path)
    assert f"    multiplier: {power}  # {printed}" in draft
    assert "multiplier-unsaid" in found


AREAS = {
    "th": "THA", "lo": "LAO", "km": "KHM", "vi": "VNM", "id": "IDN", "ms": "MYS", "pt": "TLS",
    "en": "SGP", "my": "MMR", "fil": "PHL",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.shared
def test_every_row_of_the_casebook_is_seen_by_draft_and_conversion(
    shared: Path, tmp_path: Path
) -> None:
    text = (shared / "cases" / "words-thousands.csv").read_text(encoding="utf-8")
    missed = []
    for row in csv.DictReader(text.splitlines()):
        power = len(row["multiplier"]) - 1
        draft, found = both_faces(row["as_printed"], AREAS[row["language"]], tmp_path)
        if f"multiplier: {power}" not in draft or "multiplier-unsaid" not in found:
            missed.append((row["as_printed"], power))
    assert missed == []


def test_every_word_is_of_a_language_that_is_described() -> None:
    known = {each.language for each in all_languages()} | {"mul"}
    assert {word.language for word in all_words()} <= known


def test_no_row_is_there_twice() -> None:
    rows = [(word.word, word.language, word.kind, word.value) for word in all_words()]
    assert len(rows) == len(set(rows))


#: Kinds of words, and of the labels of rows, that a table of labour migration needs in each language.
NEEDED = (
    "multiplier", "unit", "unit_label", "currency", "percent", "share", "rate", "change", "count",
    "sex", "month", "year", "asat", "through", "end", "fiscal", "approximate", "status", "legend",
    "means", "and", "except", "sheet", "aged", "age_unit", "and_over", "younger",
    "total", "residual", "of_which", "not_stated",
)  # fmt: skip
#: What each language lacks today: adding the rows to `dsd/labels` is all that is needed, then the kind goes.
LACKING: dict[str, str] = {
    "vi": "fiscal",
    "lo": "asat means",
    "km": "asat fiscal means not_stated",
    "my": "share change asat through means younger of_which",
    "fil": "share rate end fiscal means younger of_which not_stated",
    "pt": "asat fiscal not_stated",
    "tet": "percent share rate change count asat end fiscal approximate means and "
    "and_over younger of_which not_stated",
}


def test_what_a_language_lacks_is_known() -> None:
    rows = {(line.language, line.kind) for line in label_lines()}
    words = {(word.language, word.kind) for word in all_words()}
    lacking = {}
    for language in [each.language for each in all_languages() if each.language != "es"]:
        known = {kind for code, kind in rows | words if code == language}
        missing = [kind for kind in NEEDED if kind not in known]
        if missing:
            lacking[language] = " ".join(missing)
    assert lacking == LACKING


PACKAGE = Path(ilms_sdmx.__file__).parent
#: Tables of characters, fonts and code pages: letters, but no words.
CHARACTERS = {
    "drafting/sections/codes.py",
    "tables/formats.py",
    "tables/legacy/characters.py",
    "tables/legacy/encodings.py",
    "tables/legacy/garbled.py",
    "tables/richtext.py",
    "words/languages.py",
    "words/text.py",
}


def literals(tree: ast.Module) -> list[ast.Constant]:
    """Texts of a module but for its docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    texts = [node for node in constants if isinstance(node.value, str)]
    return [node for node in texts if id(node) not in docstrings]


def words_listed(text: str) -> list[str]:
    """Words of the vocabulary between the strokes of an expression."""
    forms = {word.word for word in all_words() if len(word.word) > 2}
    choices = re.split(r"[|()^$]|\\b|\?:", text)
    return [choice for choice in choices if choice.strip() in forms]


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "sources" not in path.parts)


def has_foreign_letters(text: object) -> bool:
    """Whether a text has letters that English has not; signs of ordinals and sums are none."""
    return any(c.isalpha() and not c.isascii() and c not in "ºªΣ" for c in str(text))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_lists_words_of_languages(path: Path) -> None:
    texts = literals(ast.parse(path.read_text(encoding="utf-8")))
    choices = [node.value for node in texts if "|" in str(node.value)]
    foreign = {word.word for word in all_words() if word.language not in {"en", "mul"}}
    english = {word.word for word in all_words() if word.language == "en"}
    only_foreign = {form for form in foreign - english if len(form) > 2}
    assert [text for text in choices if len(words_listed(str(text))) > 1] == []
    assert [node.value for node in texts if node.value in only_foreign] == []
    if path.relative_to(PACKAGE).as_posix() not in CHARACTERS:
        assert [node.value for node in texts if has_foreign_letters(node.value)] == []


def test_numbers_are_read_with_the_words_of_every_language() -> None:
    separators = Separators(".", ",")
    values = {
        word.word: read_number(f"3 {word.word}", separators).value
        for word in of_kind("multiplier")
    }
    assert values == {word.word: str(3 * int(word.value)) for word in of_kind("multiplier")}
