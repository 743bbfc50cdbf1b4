"""What a data set says of whom it counts: ILO's notes, read back and written.

The population (S5), its ages (T2, T3), the criterion and refugees (T36) and the reference date
(S3) are parts of the notes of a data set, so that every message carries them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ilms_sdmx.datasets import OBSERVATION, Dataset
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.note_types import note_types
from ilms_sdmx.periods import parse_period

#: What can be said of a data set, and the texts that say it; ages and dates are read by their
#: form.
STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "scope": (
        "all",
        "working-age",
        "labour-force",
        "employed",
        "employees",
        "unemployed",
        "outside-labour-force",
    ),
    "criterion": ("birth", "citizenship", "mixed"),
    "refugees": ("included", "excluded", "not-added"),
    "ages": (),
    "reference_date": (),
}
_AGES = re.compile(r"all|(\d{1,3})\+|(\d{1,3})-(\d{1,3})")


@dataclass(frozen=True)
class Statements:
    """What the notes of a figure say of whom it counts, and the other notes.

    Parameters
    ----------
    fields
        Fields of a `Record` by name.
    notes
        Notes that say nothing of these.
    """

    fields: Mapping[str, str]
    notes: str


def read_statements(notes: str) -> Statements:
    """Statements in the notes of a figure.

    Examples
    --------
    >>> from ilms_sdmx.comparison.stated import read_statements
    >>> read_statements("Population coverage: all; Age coverage - minimum age: 0; Remarks: sample")
    Statements(fields={'scope': 'all', 'ages': 'all'}, notes='Remarks: sample')
    """
    names = {note_type.name: code for code, note_type in note_types().items()}
    texts: dict[str, str] = {}
    others = []
    for part in re.split(r"; | \| ", notes):
        name, _, text = part.partition(": ")
        code = names.get(name, "")
        if code in _READERS and _READERS[code](text.strip()):
            texts[code] = text.strip()
        elif part:
            others.append(part)
    fields: dict[str, str] = {}
    for code, text in texts.items():
        fields |= _READERS[code](text)
    fields |= _ages(texts.get("T2", ""), texts.get("T3", ""))
    return Statements(fields, "; ".join(others))


def _population(text: str) -> dict[str, str]:
    return {"scope": text} if text in STATEMENTS["scope"] else {}


def _definition(text: str) -> dict[str, str]:
    """Criterion and refugees of a definition of migrants: `birth, refugees included`."""
    fields = {}
    for part in text.split(", "):
        if part in STATEMENTS["criterion"]:
            fields["criterion"] = part
        refugees = part.removeprefix("refugees ")
        if part != refugees and refugees in STATEMENTS["refugees"]:
            fields["refugees"] = refugees
    is_whole = len(fields) == len(text.split(", "))
    return fields if is_whole else {}


def _date(text: str) -> dict[str, str]:
    return {"reference_date": text} if parse_period(text) else {}


def _age(text: str) -> dict[str, str]:
    return {"ages": text} if text.isdigit() else {}


_READERS = {"S5": _population, "T36": _definition, "S3": _date, "T2": _age, "T3": _age}


def _ages(lowest: str, highest: str) -> dict[str, str]:
    """Ages between two that notes name."""
    if not lowest and not highest:
        return {}
    first = int(lowest or 0)
    if highest:
        return {"ages": f"{first}-{int(highest)}"}
    return {"ages": f"{first}+" if first else "all"}


def with_statements(dataset: Dataset, statements: Mapping[str, str]) -> Dataset:
    """Data set whose notes say whom it counts, besides what they say already.

    Parameters
    ----------
    statements
        `scope`, `ages` (`all`, `15+`, `15-64`), `criterion`, `refugees` or `reference_date`,
        with what it is.

    Raises
    ------
    MappingError
        A name or a text that is none of these.
    """
    observations = dataset.observations
    attributes = dict(dataset.components.attributes)
    for attribute, text in _note_texts(statements).items():
        before = pd.Series("", index=observations.index)
        if attribute in observations:
            before = observations[attribute].astype("str").fillna("")
        joined = (before + "; " + text).str.removeprefix("; ")
        observations = observations.assign(**{attribute: joined})
        attributes.setdefault(attribute, OBSERVATION)
    components = replace(dataset.components, attributes=attributes)
    return replace(
        dataset, observations=observations[components.columns], components=components
    )


def _note_texts(statements: Mapping[str, str]) -> dict[str, str]:
    """Texts of the notes that say some statements, by their attribute."""
    for name, text in statements.items():
        _refuse_unknown(name, text)
    types = note_types()
    notes: dict[str, list[str]] = {}
    for code, text in _typed_texts(statements).items():
        note_type = types[code]
        notes.setdefault(note_type.attribute, []).append(f"{note_type.name}: {text}")
    return {attribute: "; ".join(texts) for attribute, texts in notes.items()}


def _typed_texts(statements: Mapping[str, str]) -> dict[str, str]:
    """Texts by ILO's note type."""
    texts = {}
    if "reference_date" in statements:
        texts["S3"] = statements["reference_date"]
    if "scope" in statements:
        texts["S5"] = statements["scope"]
    if "ages" in statements:
        texts |= _texts_of_ages(statements["ages"])
    definition = [statements["criterion"]] if "criterion" in statements else []
    if "refugees" in statements:
        definition.append(f"refugees {statements['refugees']}")
    if definition:
        texts["T36"] = ", ".join(definition)
    return texts


def _texts_of_ages(ages: str) -> dict[str, str]:
    first, _, last = ages.rstrip("+").partition("-")
    lowest = {"T2": "0" if ages == "all" else first}
    return lowest | {"T3": last} if last else lowest


def _refuse_unknown(name: str, text: str) -> None:
    if name not in STATEMENTS:
        raise MappingError(f"expected one of {', '.join(STATEMENTS)}; found {name!r}")
    if name == "ages" and not _AGES.fullmatch(text):
        raise MappingError(f"expected ages as all, 15+ or 15-64; found {text!r}")
    if name == "reference_date" and parse_period(text) is None:
        raise MappingError(f"expected a reference date such as 2020-08-31; found {text!r}")
    texts = STATEMENTS[name]
    if texts and text not in texts:
        raise MappingError(f"expected {name} as one of {', '.join(texts)}; found {text!r}")
