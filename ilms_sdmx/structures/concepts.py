"""Concept schemes CS_ILOSTAT, CS_CLASSIF_TYPE and CS_NOTE_TYPE, as far as ILMS uses them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.codelists import codelist

if TYPE_CHECKING:
    from sdmx.model.common import BaseAnnotation, Concept, ConceptScheme


@cache
def concept_scheme(id: str) -> ConceptScheme:
    """One concept scheme; its concepts name the codelists that represent them."""
    from sdmx.model.common import ConceptScheme

    head = facts.by_id("concept_schemes.csv")[id]
    found: ConceptScheme = ConceptScheme(
        id=id,
        version=facts.VERSION,
        maintainer=facts.agency(facts.ILO),
        name=facts.names(head),
        is_final=True,
        is_external_reference=False,
        annotations=[facts.evidence(head["source"])],
    )
    for row in facts.rows("concepts.csv"):
        if row["scheme"] == id:
            found.append(_concept(row))
    return found


def _concept(row: facts.Row) -> Concept:
    from sdmx.model.common import Concept, Representation

    notes: list[BaseAnnotation] = [] if facts.verified(row["source"]) else [facts.evidence(row["source"])]
    found = Concept(id=row["id"], name=facts.names(row, row["id"]), annotations=notes)
    if row["codelist"]:
        found.core_representation = Representation(enumerated=codelist(row["codelist"]))
    return found


def concept_schemes() -> list[ConceptScheme]:
    """All three schemes."""
    return [concept_scheme(row["id"]) for row in facts.rows("concept_schemes.csv")]


def concept(id: str) -> Concept:
    """Concept by its id, which is unique over the three schemes."""
    found: Concept = concept_scheme(facts.by_id("concepts.csv")[id]["scheme"])[id]
    return found
