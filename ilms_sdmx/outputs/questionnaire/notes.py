"""Fields above a table, and the attributes of its observations that hold what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ilms_sdmx.mapping.note_types import note_types
from ilms_sdmx.outputs.questionnaire.forms import FormField

#: Between the notes of one attribute.
_BETWEEN = "; "


def attributes_of(values: Mapping[str, str], fields: Iterable[FormField]) -> dict[str, str]:
    """Attributes that fields with some values make.

    Parameters
    ----------
    values
        Value of each field by its id; codes where the field has a list.
    fields
        Fields of the table, in their order.

    Examples
    --------
    >>> from ilms_sdmx.outputs.questionnaire import form_table
    >>> from ilms_sdmx.outputs.questionnaire.notes import attributes_of
    >>> fields = form_table("MNA_OEMP_SEX_EDU_NB", "LAO", "2024").fields
    >>> attributes_of({"multiplier": "3", "age_from": "15"}, fields)["NOTE_SOURCE"]
    'Age coverage - minimum age: 15'
    """
    attributes: dict[str, str] = {}
    for field in fields:
        value = values.get(field.id, "")
        if not value:
            continue
        text = value
        if field.note:
            text = f"{note_types()[field.note].name}: {value}"
        before = attributes.get(field.attribute, "")
        attributes[field.attribute] = f"{before}{_BETWEEN}{text}" if before else text
    return attributes


def values_of(attributes: Mapping[str, str], fields: Iterable[FormField]) -> dict[str, str]:
    """Values of the fields that make some attributes; what no field can say is left out.

    An attribute that its fields cannot give back exactly is left out as a whole, so that
    nothing is said in half.
    """
    fields = list(fields)
    values: dict[str, str] = {}
    for attribute, text in attributes.items():
        own = [field for field in fields if field.attribute == attribute]
        found = _split(text, own)
        if attributes_of(found, own).get(attribute, "") == text:
            values.update(found)
    return values


def _split(text: str, fields: list[FormField]) -> dict[str, str]:
    """Value of each field of one attribute."""
    plain = [field for field in fields if not field.note]
    if plain:
        return {plain[0].id: text}
    field_of = {note_types()[field.note].name: field.id for field in fields}
    values = {}
    for part in text.split(_BETWEEN):
        name, _, value = part.partition(": ")
        if name in field_of:
            values[field_of[name]] = value
    return values
