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
    return _build(id, _rows_of(id), whole=True)


def _rows_of(scheme_id: str) -> list[facts.Row]:
    """Rows of the concepts of a scheme."""
    return [row for row in facts.rows("concepts.csv") if row["scheme"] == scheme_id]


def partial(ids: Collection[str]) -> list[ConceptScheme]:
    """Concept schemes cut to some concepts, those without any left out."""
    schemes = []
    for row in facts.rows("concept_schemes.csv"):
        id = row["id"]
        table = _rows_of(id)
        kept = [concept_row for concept_row in table if concept_row["id"] in ids]
        if kept:
            is_whole = len(kept) == len(table)
            scheme = _build(id, kept, whole=is_whole)
            schemes.append(scheme)
    return schemes


def _build(id: str, table: Iterable[facts.Row], whole: bool) -> ConceptScheme:
    """Concept scheme of some of its rows."""
    from sdmx.model.common import ConceptScheme

    head = facts.by_id("concept_schemes.csv")[id]
    name = facts.names(head)
    about = facts.final(facts.ILO, name, head["source"])
    scheme: ConceptScheme = ConceptScheme(id=id, is_partial=not whole, **about)
    for row in table:
        scheme.append(_concept(row))
    return scheme


def _concept(row: facts.Row) -> Concept:
    """Concept with its codelist, and what it was concluded from."""
    from sdmx.model.common import Concept, Representation

    id = row["id"]
    source = row["source"]
    notes: list[BaseAnnotation] = []
    if not facts.verified(source):
        notes.append(facts.evidence(source))
    names = facts.names(row, id)
    concept = Concept(id=id, name=names, annotations=notes)
    list_id = row["codelist"]
    if list_id:
        enumeration = codelist(list_id)
        concept.core_representation = Representation(enumerated=enumeration)
    return concept


def concept_schemes() -> list[ConceptScheme]:
    """All three schemes."""
    return [concept_scheme(row["id"]) for row in facts.rows("concept_schemes.csv")]


def concept(id: str) -> Concept:
    """Concept by its id, which is unique over the three schemes."""
    found: Concept = concept_scheme(facts.by_id("concepts.csv")[id]["scheme"])[id]
    return found
