"""Notes of observations: the attribute that holds them, and what it cannot hold."""

from __future__ import annotations

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.mapping.model import ImplicitComponentMap, StructureMap

#: Column of the figures that holds their notes.
NOTE = "note"
#: Attributes that hold a note of one observation, the first that a structure has.
ATTRIBUTES = ("COMMENT_OBS", "OBS_COMMENT", "NOTE_CLASSIF")


def note_attribute(components: Components) -> str:
    """Attribute of the observation that holds its notes; empty where the structure has none."""
    for name in ATTRIBUTES:
        related = components.attributes.get(name)
        if related is not None and set(related) <= set(components.measures):
            return name
    return ""


def find_unwritten_notes(
    figures: Figures, dataset: str, structure_map: StructureMap
) -> list[Finding]:
    """Finding of figures whose notes are in the provenance and the report alone.

    Parameters
    ----------
    dataset
        Name of the data set.
    """
    for component in structure_map.components:
        if isinstance(component, ImplicitComponentMap) and component.source == NOTE:
            return []
    noted = figures
    if len(figures):
        noted = figures.only(figures.note.notna())
    count = len(noted)
    if not count:
        return []
    place = noted.place()
    first_note = str(noted.note.iloc[0])
    attributes = ", ".join(ATTRIBUTES)
    finding = find(
        "note-not-written",
        place,
        read=first_note,
        affects=phrase("notes-not-written", count=count),
        name=dataset,
        attributes=attributes,
    )
    return [finding]
