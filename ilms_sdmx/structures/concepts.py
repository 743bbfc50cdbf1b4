"""Concept schemes CS_ILOSTAT, CS_CLASSIF_TYPE and CS_NOTE_TYPE, as far as ILMS uses them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.lists import codelist

if TYPE_CHECKING:
    from sdmx.model.common import BaseAnnotation, Concept, ConceptScheme


@cache
def concept_scheme(id: str) -> ConceptScheme:
    """One concept scheme; its concepts name the codelists that represent them."""
    return _build(
        id, [row for row in facts.rows("concepts.csv") if row["scheme"] == id], whole=True
    )


def partial(ids: Collection[str]) -> list[ConceptScheme]:
    """Concept schemes cut to some concepts, those without any left out."""
    found = []
    for scheme in facts.rows("concept_schemes.csv"):
        table = [row for row in facts.rows("concepts.csv") if row["scheme"] == scheme["id"]]
        kept = [row for row in table if row["id"] in ids]
        if kept:
            found.append(_build(scheme["id"], kept, whole=len(kept) == len(table)))
    return found


def _build(id: str, table: Iterable[facts.Row], whole: bool) -> ConceptScheme:
    from sdmx.model.common import ConceptScheme

    head = facts.by_id("concept_schemes.csv")[id]
    found: ConceptScheme = ConceptScheme(
        id=id,
        name=facts.names(head),
        is_final=True,
        **facts.maintained(facts.ILO),
        is_partial=not whole,
        annotations=[facts.evidence(head["source"])],
    )
    for row in table:
        found.append(_concept(row))
    return found


def _concept(row: facts.Row) -> Concept:
    from sdmx.model.common import Concept, Representation

    notes: list[BaseAnnotation] = (
        [] if facts.verified(row["source"]) else [facts.evidence(row["source"])]
    )
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
