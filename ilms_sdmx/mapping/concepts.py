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
    >>> from ilms_sdmx.mapping.concepts import read_statements
    >>> notes = "Population coverage: all; Age coverage - minimum age: 0; Remarks: sample"
    >>> read_statements(notes)
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


def with_concept(dataset: Dataset, concept: Mapping[str, str]) -> Dataset:
    """Data set whose notes say whom it counts, besides what they say already.

    Parameters
    ----------
    concept
        What it counts: `scope` (`all`, `working-age`, `employed`, ...), `ages` (`all`, `15+`,
        `15-64`), `criterion` (`birth`, `citizenship`), `refugees` (`included`, `excluded`) or
        `reference_date`, each with its text.

    Raises
    ------
    MappingError
        A name or a text that is none of these.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, with_concept
    >>> frame = pd.DataFrame({"REF_AREA": ["LAO"], "OBS_VALUE": ["41.2"]})
    >>> census = with_concept(Dataset(frame, Components(("REF_AREA",))), {"scope": "all"})
    >>> census.observations["NOTE_SOURCE"].tolist()
    ['Population coverage: all']
    """
    observations = dataset.observations
    attributes = dict(dataset.components.attributes)
    for attribute, text in concept_notes(concept).items():
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


def concept_notes(concept: Mapping[str, str]) -> dict[str, str]:
    """Notes that say a concept, by their attribute.

    Raises
    ------
    MappingError
        A name or a text that cannot be said.

    Examples
    --------
    >>> from ilms_sdmx.mapping.concepts import concept_notes
    >>> concept_notes({"criterion": "birth", "ages": "all"})["NOTE_INDICATOR"]
    'Definition of migrants: birth'
    """
    for name, text in concept.items():
        expected = expected_of(name, text)
        if expected:
            raise MappingError(
                f"expected {expected}; found {text if name in STATEMENTS else name!r}"
            )
    types = note_types()
    notes: dict[str, list[str]] = {}
    for code, text in _typed_texts(concept).items():
        note_type = types[code]
        notes.setdefault(note_type.attribute, []).append(f"{note_type.name}: {text}")
    return {attribute: "; ".join(texts) for attribute, texts in notes.items()}


def _typed_texts(concept: Mapping[str, str]) -> dict[str, str]:
    """Texts by ILO's note type."""
    texts = {}
    if "reference_date" in concept:
        texts["S3"] = concept["reference_date"]
    if "scope" in concept:
        texts["S5"] = concept["scope"]
    if "ages" in concept:
        texts |= _texts_of_ages(concept["ages"])
    definition = [concept["criterion"]] if "criterion" in concept else []
    if "refugees" in concept:
        definition.append(f"refugees {concept['refugees']}")
    if definition:
        texts["T36"] = ", ".join(definition)
    return texts


def _texts_of_ages(ages: str) -> dict[str, str]:
    first, _, last = ages.rstrip("+").partition("-")
    lowest = {"T2": "0" if ages == "all" else first}
    return lowest | {"T3": last} if last else lowest


def expected_of(name: str, text: str) -> str:
    """What can be said, where a name or its text is no part of a concept; else empty."""
    if name not in STATEMENTS:
        return f"one of {', '.join(STATEMENTS)}"
    if name == "ages" and not _AGES.fullmatch(text):
        return "ages as all, 15+ or 15-64"
    if name == "reference_date" and parse_period(text) is None:
        return "a reference date such as 2020-08-31"
    texts = STATEMENTS[name]
    if texts and text not in texts:
        return f"{name} as one of {', '.join(texts)}"
    return ""
