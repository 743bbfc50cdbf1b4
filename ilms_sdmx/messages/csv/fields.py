"""Fields: the values in the distinct fields of a column, freed of labels, sub-fields and decimal commas."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.csv import subfields
from ilms_sdmx.messages.csv.header import Column, Layout
from ilms_sdmx.messages.values import Value, pack

if TYPE_CHECKING:
    import pyarrow as pa

_LABELLED = re.compile(r"([A-Za-z0-9_@$\-~]+): (.*)", re.DOTALL)
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")


class Fields:
    """Turns the fields of one column into values of its component, always the same way.

    In a file with `labels=both` a dimension is a code before the first `: `. An attribute is one as well if
    every distinct field of the first batch has the form `code: name` and no code has two names; else it is
    free text, which may well contain `: `, and is left alone.
    """

    def __init__(self, column: Column, layout: Layout, role: str) -> None:
        self._column, self._layout, self._role = column, layout, role
        self._coded: bool | None = False
        if column.labelled:
            self._coded = {"dimension": True, "attribute": None}.get(role, False)
        self._trivial = not (column.labelled or column.composite or self._commas)

    @property
    def _commas(self) -> bool:
        """Whether numbers may have a decimal comma: where the comma separates fields they cannot."""
        return self._role == "measure" and self._layout.separator != ","

    def values(self, fields: pa.Array) -> pa.Array:
        """Values of the component, from an array of strings or a dictionary of them."""
        if self._trivial:
            return fields
        return translated(fields, self._value, self._learn)

    def _learn(self, distinct: list[str]) -> None:
        if self._coded is None and distinct:
            matches = [
                _LABELLED.fullmatch(part) for field in distinct for part in self._parts(field)
            ]
            pairs = {m.groups() for m in matches if m}
            self._coded = all(matches) and len({code for code, _ in pairs}) == len(pairs)

    def _parts(self, field: str) -> list[str]:
        if not self._column.many:
            return [field]
        value = subfields.parse(field, self._layout.sub_separator)
        return [v for v in value if isinstance(v, str)]

    def _value(self, field: str) -> str:
        column = self._column
        if column.composite:
            separator = self._layout.sub_separator
            value = subfields.parse(
                field, separator, languages=column.languages, nested=column.nested
            )
            return pack(self._codes(value))
        if self._commas and _COMMA.fullmatch(field):
            return field.replace(",", ".")
        return self._code(field)

    def _codes(self, value: Value) -> Value:
        if isinstance(value, list):
            return [self._code(v) if isinstance(v, str) else v for v in value]
        return value

    def _code(self, field: str) -> str:
        if not self._coded:
            return field
        code, found, _ = field.partition(": ")
        if not found and self._role != "dimension":
            raise MessageError(
                f"column {self._column.id}: expected `code: name` as in the rows before, found {field!r}"
            )
        return code


def translated(
    fields: pa.Array,
    value: Callable[[str], str],
    learn: Callable[[list[str]], Any] | None = None,
) -> pa.Array:
    """Replace each distinct string of an array by its value, in a dictionary; null stays null.

    `learn` is shown all distinct strings before the first is replaced.
    """
    import pyarrow as pa

    encoded = fields if pa.types.is_dictionary(fields.type) else fields.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    if learn:
        learn([d for d in distinct if d])
    new = pa.array([d if d is None or d == "" else value(d) for d in distinct], pa.string())
    return pa.DictionaryArray.from_arrays(encoded.indices, new)
