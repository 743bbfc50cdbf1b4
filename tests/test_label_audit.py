"""Every row of the audit of the label files is closed, or answered with a reason."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from ilms_sdmx.labels import match_label, row_kind
from ilms_sdmx.labels.classifications import classifications_by_name
from ilms_sdmx.labels.coverage import coverage
from ilms_sdmx.periods import read_period
from ilms_sdmx.words.text import folded
from ilms_sdmx.words.vocabulary import all_words

pytestmark = pytest.mark.shared

#: Rows that are kept as they are or asked, with the reason.
ANSWERED = {
    "Trust Territories": "a group of areas: told apart from countries",
    "Middle East": "a region: told apart from countries where the codelist lacks it",
    "Timur Tengah": "a region: told apart from countries where the codelist lacks it",
    "Americas": "a region: told apart from countries",
    "Africa": "a region: told apart from countries",
    "ព.ស.": "years of statistics are calendar years, as in Thailand; the row says so",
    "มค": "two letters are inside of other words (ลูกค้า): asked, with dots it is read",
    "mai": "asked: a word of other languages of the region",
    "ago": "asked: an English word",
    "set": "asked: an English word",
    "out": "asked: an English word",
    "ແຕ່ … ຫາ": "asked: a range of years has no period of its own",
    "mid-2019": "asked: inexact, the first and the last day are declared",
    "LSIC/LSCO (LAO)": "no evidence of its versions was found: named with revision in a mapping",
    "CSCO (KHM)": "no evidence of its versions was found: named with revision in a mapping",
    "VSCO 2008 (VNM)": "no evidence of it was found: named with revision in a mapping",
    "Bagong Selanda": "kept: harmless, no other country has the name",
    "អារ៉ាប់ប៊ីសាអូឌីត": "kept: harmless, no other country has the name",
    "Emirat Arab Uni": "kept: harmless, no other country has the name",
    "Ceko Republik": "kept: harmless, no other country has the name",
    "Australia": "kept: harmless, older name of CLDR",
    "ibang bansa": "kept: a residual beside countries only",
    "jumlah": "kept: a loan word that tables use; hamutuk is known too",
    "Guinean": "kept: the whole word only; Equatorial Guinean is GNQ",
    "less than primary": "kept: no schooling has its own label",
    "rai liur": "a word of titles (abroad), known in topics.csv",
    "agriculture": "asked: no section is agriculture alone",
    "m": "read by the labels next to it where the language is Portuguese",
}
#: Row of a label with what it must give: prefix, languages, code or its candidates.
MATCHED = {
    "Iémen": ("CDS_DES_", "pt", {"CDS_DES_YEM"}),
    "sarjana": ("EDU_ISCED11_", "id", {"EDU_ISCED11_6"}),
    "skilled": ("OCU_SKILL_", "en", {"OCU_SKILL_L3-4", "OCU_SKILL_L2"}),
    "unskilled": ("OCU_SKILL_", "en", {"OCU_SKILL_L1", "OCU_SKILL_L2"}),
    "foreign": ("CCT_CIT_", "en", {"CCT_CIT_NONCIT", "CCT_CIT_TOTAL"}),
    "non-local workers": ("CCT_CIT_", "en", {"CCT_CIT_NONCIT", "CCT_CIT_TOTAL"}),
    "asing": ("CCT_CIT_", "ms", {"CCT_CIT_NONCIT", "CCT_CIT_TOTAL"}),
    "Guiana": ("CDS_DES_", "en", {"CDS_DES_GUY", "CDS_DES_GUF"}),
    "Samoan": ("CCT_CTZ_", "en", {"CCT_CTZ_WSM", "CCT_CTZ_ASM"}),
    "印度尼西亚": ("CDS_DES_", "zh", {"CDS_DES_IDN"}),
    "trung cấp": ("EDU_ISCED11_", "vi", {"EDU_ISCED11_4", "EDU_ISCED11_5"}),
    "trên đại học": ("EDU_ISCED11_", "vi", {"EDU_ISCED11_7", "EDU_ISCED11_8"}),
    "pascasarjana": ("EDU_ISCED11_", "id", {"EDU_ISCED11_7", "EDU_ISCED11_8"}),
    "menengah": ("EDU_ISCED11_", "ms", {"EDU_ISCED11_2", "EDU_ISCED11_3"}),
    "secondary": ("EDU_ISCED11_", "en", {"EDU_ISCED11_2", "EDU_ISCED11_3"}),
    "sektor … (affix)": ("ECO_ISIC4_", "ms", set()),
    "perladangan": ("ECO_ISIC4_", "ms", {"ECO_ISIC4_A"}),
    "នេសាទ": ("ECO_ISIC4_", "km", {"ECO_ISIC4_A"}),
    "agrikultura": ("ECO_SECTOR_", "tet", {"ECO_SECTOR_AGR"}),
    "fabrika": ("ECO_", "tet", {"ECO_ISIC4_C", "ECO_SECTOR_IND"}),
    "Icelandics": ("CCT_CTZ_", "en", None),
    "Kyrgyzs": ("CCT_CTZ_", "en", None),
}
PREFIXES = {
    "countries.csv": "CDS_DES_",
    "sex.csv / rows.csv": "SEX_",
    "education.csv": "EDU_ISCED11_",
    "industry.csv": "ECO_",
    "status.csv": "STE_ICSE93_",
}
Row = dict[str, str]


def _codes(label: str, prefix: str, language: str) -> set[str]:
    match = match_label(label, prefix, languages=(language,))
    candidates = {candidate.code for candidate in match.candidates}
    return {match.code} if match.code else candidates


def _is_matched(row: Row) -> bool:
    prefix, language, codes = MATCHED[row["label"]]
    if codes is None:
        return not match_label(row["label"], prefix, languages=(language,)).code
    if not codes:
        return match_label("sektor pembinaan", prefix, languages=("ms",)).code == "ECO_ISIC4_F"
    return _codes(row["label"], prefix, language) == codes


def _has_code(row: Row) -> bool:
    """Whether a missing label now has the code, or asks among those that the row names."""
    code = re.split(r"[ :(]", row["code"])[0]
    prefix = PREFIXES[row["file"]]
    if code.startswith(("ECO_", "EDU_")):
        prefix = "_".join(code.split("_")[:2]) + "_"
    codes = {
        each.removeprefix(prefix) for each in _codes(row["label"], prefix, row["language"])
    }
    wanted = {each.removeprefix(prefix) for each in code.split("|")}
    if code == "TOTAL" and row_kind(row["label"]).kind == "total":
        return True
    return wanted <= codes


def _is_closed(row: Row) -> bool:
    label, language = row["label"], row["language"]
    if row["file"] == "(rule) labels/matching.py:_agreed":
        first = re.split(r", | \[", label)[0]
        return match_label(first, "CDS_DES_").code != f"CDS_DES_{row['code']}"
    if label in MATCHED:
        return _is_matched(row)
    if label.startswith("(Kosovo"):
        return coverage_of(language, "country") == ()
    if label.startswith("(all"):
        kind = row["file"].removesuffix(".csv")
        return coverage_of(language, kind) == ()
    if row["file"] == "classifications.csv":
        name = " ".join(label.split(" (")[0].replace(" updates", "").split())
        name = {"PSOC 2012 2022": "PSOC 2022", "TSCO": "TSCO 2001"}.get(name, name)
        known = classifications_by_name().get(folded(name))
        return known is not None and (row["verdict"] != "wrong" or known.sections == "A-V")
    if row["file"] == "words.csv":
        return _is_word(row)
    return _has_code(row)


def _is_word(row: Row) -> bool:
    if row["label"].startswith("ဝ"):
        return read_period("၂ဝ၁၉", area="MMR").time_period == "2019"
    if row["label"] == "tw":
        return read_period("tw 2 2020", area="IDN").time_period == "2020-Q2"
    if row["label"] == "separuh pertama":
        return read_period("separuh pertama 2020", area="MYS").time_period == "2020-S1"
    forms = {(word.language, folded(word.word)) for word in all_words()}
    return (row["language"], folded(row["label"])) in forms


def coverage_of(language: str, kind: str) -> tuple[str, ...]:
    """What is missing of a kind in a language."""
    for each in coverage():
        if (each.language, each.kind) == (language, kind):
            return each.missing
    raise AssertionError(f"no coverage of {kind} in {language}")


def test_every_row_of_the_audit_is_closed_or_answered(shared: Path) -> None:
    path = shared / "data" / "labels" / "label_findings.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    outcomes: Counter[str] = Counter()
    still_open = []
    for row in rows:
        if row["label"] in ANSWERED:
            outcomes["answered"] += 1
        elif _is_closed(row):
            outcomes["closed"] += 1
        else:
            still_open.append((row["file"], row["language"], row["label"], row["code"]))
    assert still_open == []
    assert outcomes["closed"] > 300
    assert sum(outcomes.values()) == len(rows)
