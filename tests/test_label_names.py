"""Names of countries: all of CLDR, primary and alternative, of every time, and as fast as a table needs."""

import csv
import random
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import StructureError
from ilms_sdmx.labels import correspondences, match_label, section_code
from ilms_sdmx.labels.lines import Label, label_lines
from ilms_sdmx.structures.lifetimes import (
    followers_of,
    forerunners_of,
    former_areas,
    lifetime_of,
)
from ilms_sdmx.words.text import clean, folded, western_digits

#: Alternative names of territories in CLDR 48.2, which Babel leaves out.
ALTERNATIVE = Path(__file__).parent / "specimens" / "cldr-alternative-names.csv"
#: Alternative names that are asked, with the codes that they may mean.
ASKED = {("pt", "Congo"): {"COG", "COD"}, ("pt-PT", "Congo"): {"COG", "COD"}}


def test_every_alternative_name_of_cldr_is_its_country_or_asked() -> None:
    rows = list(csv.DictReader(ALTERNATIVE.read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 150
    for row in rows:
        language, _, _ = row["locale"].partition("-")
        match = match_label(row["name"], "", languages=(language,))
        asked = ASKED.get((row["locale"], row["name"]))
        if asked is None:
            assert match.code == row["area"], (row, match.reason)
        else:
            assert {candidate.code for candidate in match.candidates} == asked


@pytest.mark.parametrize(
    ("label", "prefix", "when", "code"),
    [
        ("Burma", "CDS_DES_", "1980", "MMR"),
        ("Burma", "CDS_DES_", "2020", "MMR"),
        ("East Timor", "CDS_DES_", "1999", "TLS"),
        ("Sudan", "CDS_DES_", "2005", "SDN"),
        ("South Sudan", "CDS_DES_", "2012", "SSD"),
        ("South Sudan", "CDS_DES_", "2005", ""),
        ("Czechoslovakia", "CDS_DES_", "1992", "CS1"),
        ("Czechoslovakia", "CDS_DES_", "1993", ""),
        ("Tiệp Khắc", "CDS_DES_", "1988", "CS1"),
        ("Serbia", "CDS_DES_", "2000", "SRB"),
        ("Serbia and Montenegro", "CDS_DES_", "2004-Q3", "SCG"),
        ("Serbia and Montenegro", "CDS_DES_", "2010", ""),
        ("Czechoslovakia", "CCT_CTZ_", "", ""),
    ],
)
def test_a_name_has_its_code_in_its_time_only(
    label: str, prefix: str, when: str, code: str
) -> None:
    match = match_label(label, prefix, when=when)
    assert match.code == (prefix + code if code else "")
    assert match.code or match.candidates


def test_what_followed_an_area_is_offered() -> None:
    match = match_label("Czechoslovakia", "CCT_CTZ_")
    assert match.reason.endswith("what followed is CCT_CTZ_CZE or CCT_CTZ_SVK")
    before = match_label("South Sudan", "CDS_DES_", when="2005")
    assert [candidate.code for candidate in before.candidates] == ["CDS_DES_SDN"]
    assert "is there since 2011-07-09" in before.reason


def test_what_ended_is_followed_by_what_knows_it() -> None:
    for area in former_areas():
        assert area.lifetime.last is not None
        assert area.evidence
        for follower in followers_of(area.code):
            assert area.code in forerunners_of(follower)
    assert lifetime_of("SDN") is None
    assert lifetime_of("URS") is not None


_LINES = [line for line in label_lines() if line.kind not in {"ambiguous", "affix"}]
#: Pairs of spellings of one look, that which is typed instead of the other.
_LOOKS = [
    ("\u0e41", "\u0e40\u0e40"),
    ("\u0edd", "\u0eab\u0ea1"),
    ("\u0edc", "\u0eab\u0e99"),
    ("\u0eab\u0ebc", "\u0eab\u0ea5"),
    ("\u1029", "\u101e\u103c"),
    ("\u0110", "\u00d0"),
    ("\u1780\u17be", "\u1780\u17c1\u17b8"),
    ("oà", "òa"),
    ("uỵ", "ụy"),
    ("\u0e33", "\u0e4d\u0e32"),
    ("\u0eb3", "\u0ecd\u0eb2"),
    ("\u17d2\u178f", "\u17d2\u178a"),
]


def _kept_apart(label: str) -> str:
    """Label as it is compared where spellings of one look stay two."""
    return clean(western_digits(label)).casefold().rstrip(".: …").lstrip()


def _codes_by_form() -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Folded labels of a language and kind, and the spelling and code of each."""
    spellings: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for line in _LINES:
        form = (f"{line.language} {line.kind}", folded(line.label))
        spellings.setdefault(form, set()).add((_kept_apart(line.label), line.code))
    return spellings


def test_folding_joins_no_two_codes_in_any_kind_of_label() -> None:
    joined = 0
    for form, spellings in _codes_by_form().items():
        texts = {text for text, _ in spellings}
        if len(texts) < 2:
            continue
        joined += 1
        codes_of = [{code for text, code in spellings if text == each} for each in texts]
        assert all(codes == codes_of[0] for codes in codes_of), form
    assert joined > 5


@given(st.sampled_from(_LINES), st.sampled_from(_LOOKS), st.booleans(), st.booleans())
def test_another_spelling_of_a_label_keeps_its_codes(
    line: Label, look: tuple[str, str], is_decomposed: bool, is_upper: bool
) -> None:
    typed = line.label.replace(*look)
    if is_decomposed:
        typed = unicodedata.normalize("NFD", typed)
    if is_upper:
        typed = typed.upper()
    assert folded(typed) == folded(line.label)


@pytest.mark.parametrize(
    ("name", "version", "code", "expected"),
    [
        ("PSIC", "2009", "03121", "ECO_ISIC4_A"),
        ("PSIC", "2019", "35", "ECO_ISIC4_D"),
        ("KBLI", "2020", "47111", "ECO_ISIC4_G"),
        ("VSIC", "2018", "97", "ECO_ISIC4_T"),
        ("ISIC", "Rev.3.1", "55", "ECO_ISIC3_H"),
        ("SSIC", "2020", "C10", "ECO_ISIC4_C"),
        ("PSOC", "2012", "2111", "OCU_ISCO08_2"),
    ],
)
def test_two_digits_lead_to_their_section_where_they_are_those_of_the_base(
    name: str, version: str, code: str, expected: str
) -> None:
    assert section_code(name, version, code) == expected


@pytest.mark.parametrize(
    ("name", "version", "code", "why"),
    [
        ("SSIC", "2020", "46", "are its own.*SSIC 2020 to ISIC Rev.4"),
        ("MSIC", "2008", "46", "were not checked"),
        ("PSIC", "2009", "34", "no two-digit code '34'"),
        ("PSIC", "2009", "4", "no two-digit code '4'"),
        ("SSIC", "2025", "A", "published are SSIC 2025 to ISIC Rev.5"),
        ("PSIC", "1994", "39", "correspondence"),
    ],
)
def test_two_digits_of_its_own_are_refused(
    name: str, version: str, code: str, why: str
) -> None:
    with pytest.raises(StructureError, match=why):
        section_code(name, version, code)


def test_each_table_of_correspondence_says_where_it_was_seen() -> None:
    for table in correspondences():
        assert table.publisher
        assert table.evidence


def test_labels_of_a_large_table_take_less_than_a_second() -> None:
    names = [line.label for line in _LINES if line.kind in {"country", "nationality"}]
    chosen = random.Random(13).choices(names, k=100_000)
    match_label("Japan", "CDS_DES_")
    begin = time.process_time()
    for name in chosen:
        match_label(name, "CDS_DES_")
    assert time.process_time() - begin < 1


def test_every_classification_says_what_it_rests_on() -> None:
    with (Path(__file__).parents[1] / "dsd" / "labels" / "classifications.csv").open(
        encoding="utf-8", newline=""
    ) as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 40
    assert [row for row in rows if not row["evidence"] or not row["base"]] == []
