"""The catalogue of sources: what is known of each, with its evidence, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.additions import sources, tables

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = "unknown"
#: What an inventory says of a source, in order, with the words of its heading.
ABOUT: dict[str, str] = {
    "name": "Name in the language of the state",
    "title": "Name in English",
    "office": "Office",
    "type": "Type of source",
    "tables": "Tables of ILMS it can fill",
    "years": "Years with figures",
    "population": "Population covered",
    "min_age": "Youngest age",
    "max_age": "Oldest age",
    "migrants": "Who counts as a migrant (note T36)",
    "reference_period": "Reference period",
    "frequency": "Frequency",
    "break": "Known breaks",
    "quality": "Quality",
    "contact": "Page",
}
#: A statement under this word is a name that figures give the source.
_LABEL = "label"
_STATEMENTS = "source_statements.csv"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of a source.

    Parameters
    ----------
    about
        A key of `ABOUT`.
    text
        What is said.
    evidence
        Id of a row of `dsd/evidence.csv`.
    place
        Where in it, as far as it is known.
    """

    about: str
    text: str
    evidence: str
    place: str = ""

    @property
    def is_verified(self) -> bool:
        """Whether it was read in a source, and is no inference of ours."""
        return facts.by_id("evidence.csv")[self.evidence]["verified"] == "Y"


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One national source with all that is known of it.

    Parameters
    ----------
    code
        ILO's code, `FB:6666`; code of the state alone for what is said of its figures where no
        source is known.
    ref_area
        State.
    statements
        What is said, in the order of `ABOUT`.
    labels
        Names that figures give it.
    """

    code: str
    ref_area: str
    statements: tuple[Statement, ...]
    labels: tuple[str, ...] = ()

    @property
    def is_source(self) -> bool:
        """Whether it is a source of ILO's list, and not a state."""
        return ":" in self.code

    @property
    def title(self) -> str:
        """Name in English, or of the state."""
        found = self.texts("title")
        return found[0] if found else self.code

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables of the questionnaire that it can fill, as far as that is known."""
        found: dict[str, None] = {}
        for text in self.texts("tables"):
            found |= dict.fromkeys(text.split())
        return tuple(found)

    def texts(self, about: str) -> list[str]:
        """What is said of one thing; empty where it is unknown."""
        return [each.text for each in self.statements if each.about == about]


def source_entries(ref_area: str = "", *, all_sources: bool = False) -> tuple[SourceEntry, ...]:
    """Sources of a state of ASEAN, or of all of them, in the order of ILO's list.

    Parameters
    ----------
    ref_area
        Code of the state; all where it is empty.
    all_sources
        Also those of which no office and no statement is known, such as price surveys.

    Raises
    ------
    StructureError
        The state is not in the list.

    Examples
    --------
    >>> from ilms_sdmx.analysis.inventory import source_entries
    >>> survey = next(each for each in source_entries("PHL") if each.code == "BA:6652")
    >>> survey.texts("reference_period")
    ['April to September']
    """
    states = [row["code"] for row in facts.rows("asean.csv")]
    if ref_area and ref_area not in states:
        listed = ", ".join(sorted(states))
        raise StructureError(f"expected a state of {listed}, found {ref_area!r}")
    entries = [each for each in _entries() if ref_area in ("", each.ref_area)]
    if all_sources:
        return tuple(entries)
    return tuple(each for each in entries if _is_known(each))


def source_inventory(
    ref_area: str = "", *, all_sources: bool = False, years: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What is known of each source, one row a statement, and one where nothing is known.

    Parameters
    ----------
    ref_area
        Code of the state; all where it is empty.
    all_sources
        Also those of which no office and no statement is known.
    years
        Years with figures, see `Coverage.years_by_source`; unknown where there are none.

    Returns
    -------
    DataFrame
        All text: `source`, `ref_area`, `about`, `statement` (`unknown` where nothing is
        known), `evidence`, `verified` (Y, N, or empty for unknown), `place`.

    Raises
    ------
    StructureError
        The state is not in the list.

    Examples
    --------
    >>> from ilms_sdmx import source_inventory
    >>> inventory = source_inventory("VNM")
    >>> dolab = inventory[inventory["source"] == "FX:6673"].set_index("about")
    >>> dolab.loc[["office", "contact"], "statement"].tolist()
    ['Department of Overseas Labour', 'unknown']
    """
    import pandas as pd

    columns = ["source", "ref_area", "about", "statement", "evidence", "verified", "place"]
    rows = []
    for entry in source_entries(ref_area, all_sources=all_sources):
        statements = [*entry.statements, *_years(entry.code, years)]
        for about in ABOUT:
            said = [each for each in statements if each.about == about]
            for each in said:
                verified = "Y" if each.is_verified else "N"
                text = described(each)
                evidence = (each.evidence, verified, each.place)
                rows.append((entry.code, entry.ref_area, about, text, *evidence))
            if not said and entry.is_source:
                rows.append((entry.code, entry.ref_area, about, UNKNOWN, "", "", ""))
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _years(code: str, years: pd.DataFrame | None) -> list[Statement]:
    """Years of the figures of a source, by table."""
    if years is None:
        return []
    found = []
    for row in years[years["source"] == code].to_dict("records"):
        table = str(row["table"]).replace("_", " ")
        span = str(row["first"])
        if row["newest"] != row["first"]:
            span = f"{row['first']} to {row['newest']}"
        text = f"{table}: {span}, figures of {row['years']}"
        text += " year" if row["years"] == 1 else " years"
        found.append(Statement("years", text, "figures-held", str(row["label"])))
    return found


def described(statement: Statement) -> str:
    """Text of a statement, with the words of its code."""
    if statement.about == "migrants":
        words = facts.by_id("migrant_definitions.csv", "code").get(statement.text, {})
        return f"{statement.text} {words.get('en', '')}".strip()
    if statement.about == "tables":
        return statement.text.replace("_", " ")
    return statement.text


@cache
def source_of_label(label: str, ref_area: str) -> str:
    """Code of the source that figures name so; empty where it is not known.

    >>> source_of_label("BNP2TKI, register of placements", "IDN")
    'FB:6665'
    """
    for entry in _entries():
        if label in (entry.code, *entry.labels):
            return entry.code if entry.is_source else ""
    return ""


def questionnaire_tables() -> list[str]:
    """Ids of the 21 tables of the questionnaire, in the order of the form."""
    found = []
    for module in ("MST", "MFL", "MNA"):
        found += tables(module)
    return found


@cache
def _entries() -> tuple[SourceEntry, ...]:
    """All sources, and the states of which something is said."""
    statements = facts.rows(_STATEMENTS)
    names = {row["id"]: row for row in facts.rows("providers.csv")}
    entries = []
    for row in sources().to_dict("records"):
        code, area = str(row["code"]), str(row["ref_area"])
        of_source = [each for each in statements if each["source"] == code]
        made = [*_listed(row, names), *map(_statement, of_source)]
        made += _by_type(str(row["source_type"]), made)
        entries.append(_entry(code, area, made))
    for state in facts.rows("asean.csv"):
        code = state["code"]
        of_state = [each for each in statements if each["source"] == code]
        if of_state:
            entries.append(_entry(code, code, list(map(_statement, of_state))))
    return tuple(entries)


def _entry(code: str, area: str, made: list[Statement]) -> SourceEntry:
    order = list(ABOUT)
    said = [each for each in made if each.about in ABOUT]
    said.sort(key=lambda each: order.index(each.about))
    labels = tuple(each.text for each in made if each.about == _LABEL)
    return SourceEntry(code, area, tuple(said), labels)


def _listed(row: dict[object, object], names: dict[str, facts.Row]) -> list[Statement]:
    """What ILO's list and the list of offices say."""
    _, _, title = str(row["en"]).partition(" - ")
    kinds = {each["type"]: each["name"] for each in facts.rows("source_order.csv")}
    kind = kinds.get(str(row["source_type"]), "")
    made = [Statement("title", title or str(row["en"]), "reference-2019", "SOURCES")]
    if kind:
        made.append(Statement("type", kind, "reference-2019", "SOURCE_TYPE"))
    provider = names.get(str(row["provider"]))
    if provider is not None:
        made.append(Statement("office", provider["en"], provider["source"]))
    return made


def _statement(row: facts.Row) -> Statement:
    return Statement(row["about"], row["statement"], row["evidence"], row["place"])


def _by_type(source_type: str, made: list[Statement]) -> list[Statement]:
    """Tables that a source of a type can fill, where none is stated of the source itself."""
    if any(each.about == "tables" for each in made):
        return []
    by_type = {row["type"]: row for row in facts.rows("source_type_tables.csv")}
    row = by_type.get(source_type)
    # Price surveys and legislation have no office in the list, and fill no table.
    if row is None or not any(each.about == "office" for each in made):
        return []
    return [Statement("tables", row["tables"], row["source"], row["why"])]


def _is_known(entry: SourceEntry) -> bool:
    """Whether an office or something else than ILO's list is known of a source."""
    if entry.labels:
        return True
    own = [each for each in entry.statements if each.about not in ("title", "type")]
    return bool(own)
