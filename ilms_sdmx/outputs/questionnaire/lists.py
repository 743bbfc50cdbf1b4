"""Lists that cells of a questionnaire choose from: names, codes, local names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ilms_sdmx.outputs.questionnaire.forms import FormTable
from ilms_sdmx.outputs.questionnaire.plans import OTHERS
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.additions import sources
from ilms_sdmx.structures.lists import codes

#: What a line on the sheet of remarks may say, and the attribute that holds it.
REMARKS_ON = {
    "Status": "OBS_STATUS",
    "Note on the class": "NOTE_CLASSIF",
    "Note on the source": "NOTE_SOURCE",
    "Note on the indicator": "NOTE_INDICATOR",
    "Source": "SOURCE",
    "Unit": "UNIT_MEASURE",
    "Type of unit": "UNIT_MEASURE_TYPE",
    "Multiplier": "UNIT_MULT",
    "Decimals": "DECIMALS",
    "Upper bound": "UPPER_BOUND",
    "Lower bound": "LOWER_BOUND",
}


@dataclass(frozen=True)
class FormList:
    """Names and their codes.

    Parameters
    ----------
    names
        What a person chooses.
    codes
        Code of each name, or the name itself.
    local
        Name of each in the language of the office, empty where none is known.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    local: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Name, code and local name, one line each."""
        local = self.local or ("",) * len(self.names)
        yield from zip(self.names, self.codes, local, strict=True)

    def code_of(self, text: str) -> str:
        """Code of a name, or of a code itself; empty where the list has neither.

        >>> from ilms_sdmx.outputs.questionnaire.lists import FormList
        >>> FormList(("Thousands", "Units"), ("3", "0")).code_of("thousands ")
        '3'
        """
        wanted = " ".join(text.split()).casefold()
        if not wanted:
            return ""
        for name, code, local in self.rows():
            if wanted in (name.casefold(), code.casefold(), local.casefold()):
                return code
        return ""


def lists_of(tables: Sequence[FormTable]) -> dict[str, FormList]:
    """Lists that the sheets of some tables need, by name."""
    lists: dict[str, list[tuple[str, str]]] = {}
    for row in facts.rows("questionnaire/lists.csv"):
        lists.setdefault(row["list"], []).append((row["en"], row["value"]))
    made = {name: _made(pairs) for name, pairs in lists.items()}
    foreign = tables[0].components
    if foreign is None:
        made["sources"] = source_list(tables[0].fixed["REF_AREA"])
    sheets = [table.sheet for table in tables]
    made["tables"] = _made([(name, name) for name in sheets])
    made["sheets"] = _made([(name, name) for name in (*sheets, OTHERS)])
    made["remarks"] = _made(list(REMARKS_ON.items()))
    made["statuses"] = status_list()
    if foreign is not None:
        made["remarks"] = _made([(name, name) for name in foreign.attributes])
    for table in tables:
        if table.partner and table.partner not in made:
            made[table.partner] = country_list(table)
    return made


def _made(pairs: Sequence[tuple[str, str]]) -> FormList:
    return FormList(tuple(name for name, _ in pairs), tuple(code for _, code in pairs))


def value_list(name: str) -> FormList:
    """List of `dsd/questionnaire/lists.csv` by its name."""
    rows = [row for row in facts.rows("questionnaire/lists.csv") if row["list"] == name]
    return _made([(row["en"], row["value"]) for row in rows])


def source_list(area: str) -> FormList:
    """National sources of a state that ILO has a code for; the label is what data carry."""
    frame = sources(area)
    return _made([(str(label), str(label)) for label in frame["en"]])


def status_list() -> FormList:
    """Statuses of an observation: code and name on one line, as a person chooses them."""
    frame = codes("CL_OBS_STATUS")
    pairs = []
    for code, name in zip(frame["code"], frame["name"], strict=True):
        pairs.append((f"{code} - {name}" if name else str(code), str(code)))
    return _made(pairs)


def country_list(table: FormTable) -> FormList:
    """Countries and groups that a row of a table may be for; names are unique."""
    rows = [row for row in table.rows if not row.is_picked]
    names: list[str] = []
    for row in rows:
        code = row.codes[table.partner]
        name = row.label if row.label not in names else f"{row.label} ({code})"
        names.append(name)
    chosen = tuple(row.codes[table.partner] for row in rows)
    return FormList(tuple(names), chosen, tuple(row.local for row in rows))
