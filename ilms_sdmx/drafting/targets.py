"""Dataflows that a table may be for, proposed from the words of its titles and the headings it has."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.words.text import folded


@dataclass(frozen=True)
class Target:
    """A dataflow proposed for a table.

    Parameters
    ----------
    partner
        Dimension of countries and the beginning of its codes, empty where the dataflow has none.
    breakdown
        Dimension, beginning of codes and role of another breakdown (`ECO`, `ECO_ISIC4_`, `industry`).
    evidence
        Words that speak for it.
    """

    dataflow: str
    measure: str
    partner: tuple[str, str] = ("", "")
    breakdown: tuple[str, str, str] = ("", "", "")
    fixed: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = ()


#: Role to the dimension of a breakdown; flows have only the first three, stocks all.
_BREAKDOWNS = {
    "industry": "ECO",
    "occupation": "OCU",
    "education": "EDU",
    "age": "AGE",
    "status": "STE",
}
_FLOWS = ("industry", "occupation", "education")


@lru_cache(maxsize=1)
def _topics() -> tuple[tuple[str, str], ...]:
    text = (dsd() / "labels" / "topics.csv").read_text(encoding="utf-8")
    return tuple(
        (folded(row["label"]), row["code"]) for row in csv.DictReader(text.splitlines())
    )


def topics(texts: list[str]) -> dict[str, str]:
    """Topics that texts speak of, each with the word that says so.

    >>> topics(["Cambodian workers sent abroad in 2019"])
    {'abroad': 'abroad', 'outflow': 'sent'}
    """
    whole = " \n ".join(map(folded, texts))
    found: dict[str, str] = {}
    for word, topic in _topics():
        at = whole.find(word)
        if at >= 0 and not (whole[at - 1 : at].isalpha() and word.isascii()):
            found.setdefault(topic, word)
    return found


def propose(texts: list[str], prefixes: dict[str, str]) -> Target | None:
    """Dataflow for a table, None where its words name no topic of ILMS.

    Parameters
    ----------
    texts
        Titles, headers and the name of the sheet.
    prefixes
        Roles of the headings, with the beginning of the codes that their labels have.
    """
    said = topics(texts)
    words = tuple(f"{word!r} ({topic})" for topic, word in said.items())
    if "returned" in said:
        return _of("POP_MNAR_SEX_CPR_NB", ("CPR", "CPR_PRV_"), words)
    if "abroad" in said or "permanent" in said:
        return _abroad(said, prefixes, words)
    if "here" in said or "citizenship" in prefixes:
        return _here(said, prefixes, words)
    return None


def _of(
    name: str, partner: tuple[str, str], words: tuple[str, ...], **more: tuple[str, str, str]
) -> Target:
    measure = f"{name.partition('_SEX')[0]}_NB"
    return Target(
        f"ILO:DF_{name}(1.0)", measure, partner, more.get("breakdown", ("", "", "")), (), words
    )


def _abroad(said: dict[str, str], prefixes: dict[str, str], words: tuple[str, ...]) -> Target:
    if "permanent" in said:
        return _of("POP_MNAO_SEX_CDS_NB", ("CDS", "CDS_DES_"), words)
    if "stock" in said and "outflow" not in said:
        return _of("POP_MNAS_SEX_CRS_NB", ("CRS", "CRS_RES_"), words)
    for role, dimension in _BREAKDOWNS.items():
        if role in prefixes and role in _FLOWS and "country" not in prefixes:
            breakdown = (dimension, prefixes[role], role)
            return _of(f"EMP_MNAO_SEX_{dimension}_NB", ("", ""), words, breakdown=breakdown)
    return _of("EMP_MNAO_SEX_CDS_NB", ("CDS", "CDS_DES_"), words)


def _here(said: dict[str, str], prefixes: dict[str, str], words: tuple[str, ...]) -> Target:
    for role, dimension in _BREAKDOWNS.items():
        if role not in prefixes:
            continue
        breakdown = (dimension, prefixes[role], role)
        if "inflow" in said and role in _FLOWS[:2]:
            return _of(f"EMP_MFLC_SEX_{dimension}_NB", ("", ""), words, breakdown=breakdown)
        found = _of(f"EMP_TEMP_SEX_{dimension}_CCT_NB", ("", ""), words, breakdown=breakdown)
        fixed = () if "citizenship" in prefixes else (("CCT", "CCT_CIT_NONCIT"),)
        return Target(found.dataflow, found.measure, found.partner, breakdown, fixed, words)
    if "inflow" in said:
        return _of("POP_MFLC_SEX_CCT_NB", ("CCT", "CCT_CTZ_"), words)
    return _of("EMP_MFRC_SEX_CCT_NB", ("CCT", "CCT_CTZ_"), words)
