"""Dataflows that a table may be for, proposed from the words of its titles and its headings."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.structures import facts
from ilms_sdmx.words.text import folded

#: Roles of headings that every data set has a place for.
BASIC_ROLES = frozenset({"sex", "period", "measure", "number"})


@dataclass(frozen=True)
class Breakdown:
    """Dimension of a dataflow that headings of a role have.

    Parameters
    ----------
    dimension, prefix
        Dimension, and the beginning of its codes: `ECO`, `ECO_ISIC4_`.
    role
        Role of the headings: `industry`.
    """

    dimension: str
    prefix: str
    role: str


@dataclass(frozen=True)
class Target:
    """A dataflow proposed for a table.

    Parameters
    ----------
    name
        Id without the agency: `POP_MNAR_SEX_CPR_NB`.
    evidence
        Words that speak for it.
    breakdowns
        Its dimensions but the sex, in order.
    citizenship
        Code of the citizenship of all figures, empty where it has none or headings say it.
    other
        Id of another dataflow that the words fit as well, empty where they tell.
    """

    name: str
    evidence: tuple[str, ...]
    breakdowns: tuple[Breakdown, ...] = ()
    citizenship: str = ""
    other: str = ""

    @property
    def dataflow(self) -> str:
        """Reference of the dataflow."""
        return f"ILO:DF_{self.name}(1.0)"

    @property
    def measure(self) -> str:
        """Code of what is measured."""
        stem, _, _ = self.name.partition("_SEX")
        return f"{stem}_NB"

    @property
    def roles(self) -> set[str]:
        """Roles of headings that the dataflow has a dimension for."""
        roles = set(BASIC_ROLES)
        for breakdown in self.breakdowns:
            roles.add(breakdown.role)
        if self.citizenship:
            roles.add("citizenship")
        return roles


#: Role to the dimension of a breakdown; flows have only the first three, stocks all.
_DIMENSIONS = {
    "industry": "ECO",
    "occupation": "OCU",
    "education": "EDU",
    "age": "AGE",
    "status": "STE",
}
_OF_FLOWS = ("industry", "occupation", "education")
_OF_INFLOWS = ("industry", "occupation")
_CITIZENSHIP = Breakdown("CCT", "CCT_CIT_", "citizenship")
_STOCK_ABROAD = "POP_MNAS_SEX_CRS_NB"
_NOT_CITIZENS = "CCT_CIT_NONCIT"


def title_of(name: str) -> str:
    """Title of a dataflow by its id without the agency.

    >>> title_of("POP_MNAR_SEX_CPR_NB")
    'Inflow of nationals returned from abroad by sex and country of previous residence'
    """
    return facts.by_id("dataflows.csv")[name]["en"]


@lru_cache(maxsize=1)
def _topic_words() -> tuple[tuple[str, str], ...]:
    """Words, each with the topic that it says."""
    text = (dsd() / "labels" / "topics.csv").read_text(encoding="utf-8")
    words: list[tuple[str, str]] = []
    for row in csv.DictReader(text.splitlines()):
        words.append((folded(row["label"]), row["code"]))
    return tuple(words)


def topics(texts: Iterable[str]) -> dict[str, str]:
    """Topics that texts speak of, each with the word that says so.

    >>> topics(["Cambodian workers sent abroad in 2019"])
    {'abroad': 'abroad', 'outflow': 'sent'}
    """
    whole_text = " \n ".join(map(folded, texts))
    word_of_topic: dict[str, str] = {}
    for word, topic in _topic_words():
        place = whole_text.find(word)
        if place < 0:
            continue
        letter_before = whole_text[place - 1 : place]
        is_inside_word = word.isascii() and letter_before.isalpha()
        if not is_inside_word:
            word_of_topic.setdefault(topic, word)
    return word_of_topic


def propose(texts: Iterable[str], prefixes: Mapping[str, str]) -> Target | None:
    """Dataflow for a table, None where its words name no topic of ILMS.

    Parameters
    ----------
    texts
        Titles, headers and the name of the sheet.
    prefixes
        Roles of the headings, with the beginning of the codes that their labels have.
    """
    word_of_topic = topics(texts)
    word_of_topic.pop("permit", None)
    shown = [f"{word!r} ({topic})" for topic, word in word_of_topic.items()]
    evidence = tuple(shown)
    if "returned" in word_of_topic:
        return _of_countries("POP_MNAR_SEX_CPR_NB", evidence, "CPR", "CPR_PRV_")
    if "abroad" in word_of_topic or "permanent" in word_of_topic:
        return _abroad(word_of_topic, prefixes, evidence)
    if "here" in word_of_topic or "citizenship" in prefixes:
        return _here(word_of_topic, prefixes, evidence)
    return None


def _of_countries(name: str, evidence: tuple[str, ...], dimension: str, prefix: str) -> Target:
    """Dataflow with a dimension of countries."""
    return Target(name, evidence, (Breakdown(dimension, prefix, "country"),))


def _abroad(
    topics_of_table: Mapping[str, str],
    prefixes: Mapping[str, str],
    evidence: tuple[str, ...],
) -> Target:
    """Dataflow of nationals abroad."""
    if "permanent" in topics_of_table:
        return _of_countries("POP_MNAO_SEX_CDS_NB", evidence, "CDS", "CDS_DES_")
    is_stock = "stock" in topics_of_table
    is_outflow = "outflow" in topics_of_table
    if is_stock and not is_outflow:
        return _of_countries(_STOCK_ABROAD, evidence, "CRS", "CRS_RES_")
    for role in _OF_FLOWS:
        if role in prefixes and "country" not in prefixes:
            dimension = _DIMENSIONS[role]
            breakdown = Breakdown(dimension, prefixes[role], role)
            return Target(f"EMP_MNAO_SEX_{dimension}_NB", evidence, (breakdown,))
    outflow = _of_countries("EMP_MNAO_SEX_CDS_NB", evidence, "CDS", "CDS_DES_")
    # Who is abroad has left once: only words tell those who are there from those who went.
    if is_stock == is_outflow:
        return replace(outflow, other=_STOCK_ABROAD)
    return outflow


def _here(
    topics_of_table: Mapping[str, str],
    prefixes: Mapping[str, str],
    evidence: tuple[str, ...],
) -> Target:
    """Dataflow of foreigners in the country."""
    is_inflow = "inflow" in topics_of_table
    for role, dimension in _DIMENSIONS.items():
        if role not in prefixes:
            continue
        breakdown = Breakdown(dimension, prefixes[role], role)
        if is_inflow and role in _OF_INFLOWS:
            return Target(f"EMP_MFLC_SEX_{dimension}_NB", evidence, (breakdown,))
        name = f"EMP_TEMP_SEX_{dimension}_CCT_NB"
        if "citizenship" in prefixes:
            return Target(name, evidence, (breakdown, _CITIZENSHIP))
        return Target(name, evidence, (breakdown,), _NOT_CITIZENS)
    name = "EMP_MFRC_SEX_CCT_NB"
    if is_inflow:
        name = "POP_MFLC_SEX_CCT_NB"
    return _of_countries(name, evidence, "CCT", "CCT_CTZ_")
