"""Notes of ILO's types that follow from the rules of a mapping."""

from __future__ import annotations

from ilms_sdmx.mapping.note_types import note_types
from ilms_sdmx.microdata.mapping.model import MicrodataMapping

#: Age from which persons are of working age at the ILO.
_FIRST_AGE = 15
_BETWEEN = "; "


def notes_of(mapping: MicrodataMapping, dataflow: str) -> dict[str, str]:
    """Notes of the data sets of a dataflow by attribute.

    Examples
    --------
    >>> from ilms_sdmx.microdata.mapping.model import Universe
    >>> mapping = MicrodataMapping("m.yaml", "THA", (), {}, universe=Universe(criteria=2))
    >>> notes_of(mapping, "UNE_TUNE_SEX_AGE_CCT_NB")["NOTE_INDICATOR"]
    'Unemployment definition: Two criteria...; Definition of migrants: Persons who are not ...'
    """
    notes = dict(_of_source(mapping))
    if not mapping.is_register:
        notes |= _of_status(mapping, dataflow)
    notes |= _of_migrants(dataflow)
    notes |= mapping.notes
    texts: dict[str, list[str]] = {}
    for code, text in notes.items():
        name, attribute = note_types()[code]
        texts.setdefault(attribute, []).append(f"{name}: {text}")
    return {attribute: _BETWEEN.join(said) for attribute, said in texts.items()}


def _of_source(mapping: MicrodataMapping) -> dict[str, str]:
    """Notes on the source: who made the tables, whom they cover, from which age."""
    notes = {"R1": "Records tabulated by ilms_sdmx"}
    if "name" in mapping.source:
        notes["S1"] = mapping.source["name"]
    universe = mapping.universe
    if universe.persons:
        names = [rule.name for rule in universe.persons]
        notes["S5"] = ", ".join(names)
    if mapping.is_register:
        return notes
    if universe.first_age != _FIRST_AGE:
        notes["T2"] = f"{universe.first_age} years old"
    if universe.last_age is not None:
        notes["T3"] = f"{universe.last_age} years old"
    return notes


def _of_status(mapping: MicrodataMapping, dataflow: str) -> dict[str, str]:
    """Notes on how employed and unemployed persons are told."""
    universe = mapping.universe
    notes: dict[str, str] = {}
    if dataflow.startswith("POP_"):
        return notes
    if universe.concept:
        notes["S14"] = universe.concept
    elif universe.icls == 19:
        notes["S14"] = "19th ICLS: work for pay or profit"
    if dataflow.startswith(("UNE_", "EAP_", "EIP_")) and universe.criteria == 2:
        notes["T5"] = "Two criteria (not employed, and searching or available)"
    if dataflow.startswith("EAR_"):
        notes |= {"T7": "Month", "T8": "Mean", "T11": "Main job"}
    return notes


def _of_migrants(dataflow: str) -> dict[str, str]:
    """Note on who is a migrant."""
    words = dataflow.split("_")
    if "CBR" in words or words[1] in ("MFLB", "MFRB"):
        return {"T36": "Persons who were born outside the country"}
    if "CCT" in words or words[1] in ("MFLC", "MFRC"):
        return {"T36": "Persons who are not citizens of the country"}
    return {}
