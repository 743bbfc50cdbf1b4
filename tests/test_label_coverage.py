"""The label files know the names of CLDR and the words of each kind, or say what is missing and why."""

import pytest
from click.testing import CliRunner

from ilms_sdmx.cli.shipped.labels import labels
from ilms_sdmx.labels import match_label
from ilms_sdmx.labels.coverage import country_names, coverage, unseen_rows
from ilms_sdmx.labels.lines import label_lines
from ilms_sdmx.periods import read_period
from ilms_sdmx.words.text import is_joined, unspaced


@pytest.mark.parametrize(
    "locale", ["en", "id", "ms", "vi", "th", "lo", "km", "my", "fil", "pt"]
)
def test_every_name_of_cldr_is_its_own_country(locale: str) -> None:
    names = list(country_names(locale))
    assert len(names) > 225
    for area, name in names:
        match = match_label(name, "", languages=(locale,))
        assert match.code == area, match.reason


def test_european_portuguese_has_its_own_names() -> None:
    for area, name in country_names("pt_PT"):
        assert match_label(name, "", languages=("pt",)).code == area


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("Congo", "pt", ""),
        ("Congo (Republik)", "ms", "COG"),
        ("Pantai Gading", "id", "CIV"),
        ("Swaziland", "en", "SWZ"),
        ("中華民國", "zh", ""),
        ("Kosovo", "id", "KOS"),
    ],
)
def test_other_names_are_known_or_asked(name: str, language: str, code: str) -> None:
    assert match_label(name, "", languages=(language,)).code == code


def test_every_kind_is_complete_in_every_language() -> None:
    short = [(row.language, row.kind, row.missing) for row in coverage() if row.missing]
    assert short == []


@pytest.mark.parametrize(
    ("label", "language", "prefix", "code"),
    [
        ("ການຂົນສົ່ງ ແລະ ສາງເກັບມ້ຽນ", "lo", "ECO", "ECO_ISIC4_H"),
        ("ການ​ຂົນ​ສົ່ງ", "lo", "ECO", "ECO_ISIC4_H"),
        ("ការងារផ្ទះ", "km", "ECO", "ECO_ISIC4_T"),
        ("សណ្ឋាគារ និង ភោជនីយដ្ឋាន", "km", "ECO", "ECO_ISIC4_I"),
        ("အိမ်ခြံမြေလုပ်ငန်း (L)", "my", "ECO", "ECO_ISIC4_L"),
        ("Gawaing Bahay", "fil", "ECO", "ECO_ISIC4_T"),
        ("G. Komérsiu grosista no retallu", "tet", "ECO", "ECO_ISIC4_G"),
        ("ຊ່າງຝີມື", "lo", "OCU", "OCU_ISCO08_7"),
        ("មុខរបរបឋម / Elementary occupations", "km", "OCU", "OCU_ISCO08_9"),
        ("8 Operadór mákina no montadór", "tet", "OCU", "OCU_ISCO08_8"),
        ("អ្នកធ្វើការដោយខ្លួនឯង", "km", "STE", "STE_ICSE93_3"),
        ("လုပ်ခမဲ့ မိသားစုလုပ်သား", "my", "STE", "STE_ICSE93_5"),
    ],
)
def test_sections_and_major_groups_are_known_as_tables_print_them(
    label: str, language: str, prefix: str, code: str
) -> None:
    assert match_label(label, prefix, languages=(language, "en")).code == code


@pytest.mark.parametrize("text", ["nửa đầu năm 2023", "2023 nửa đầu năm"])
def test_half_a_year_is_read_in_words(text: str) -> None:
    assert read_period(text, area="VNM").time_period == "2023-S1"


def test_what_no_native_speaker_has_seen_is_said() -> None:
    assert set(unseen_rows()) == {"lo", "km", "my", "tet"}
    result = CliRunner().invoke(labels, ["check", "--language", "tet", "--missing"])
    assert result.exit_code == 0
    assert "rows that no native speaker has seen" in result.output
    assert "tet\tsex\t3/3\t100%" in result.output


def test_an_unknown_language_is_refused() -> None:
    assert CliRunner().invoke(labels, ["check", "--language", "xx"]).exit_code == 2


def test_blanks_between_words_change_no_code_where_scripts_have_none() -> None:
    prefixes = {"industry": "ECO", "occupation": "OCU", "status": "STE", "education": "EDU"}
    tried = 0
    for line in label_lines():
        if line.file not in prefixes or line.kind == "ambiguous" or " " not in line.label:
            continue
        if not is_joined(line.label[0]):
            continue
        prefix = prefixes[line.file]
        whole = match_label(line.label, prefix, languages=(line.language,))
        closed = match_label(unspaced(line.label), prefix, languages=(line.language,))
        assert closed.code == whole.code, line.label
        tried += 1
    assert tried > 60
