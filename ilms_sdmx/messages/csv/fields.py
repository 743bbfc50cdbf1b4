"""Fields: values of the distinct fields of a column, without labels and decimal commas."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.csv import subfields
from ilms_sdmx.messages.csv.header import FileColumn, FileLayout
from ilms_sdmx.messages.values import Value, pack

if TYPE_CHECKING:
    import pyarrow as pa

_LABELLED = re.compile(r"([A-Za-z0-9_@$\-~]+): (.*)", re.DOTALL)
#: Codes as agencies make them; a word such as `Source` before `: ` begins a text.
_CODE = re.compile(r"[A-Z0-9_@$\-~]+|[a-z]{1,2}")
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")


class Fields:
    """Turns the fields of one column into values of its component, always the same.

    In a file with `labels=both` a dimension is a code before the first `: `. An attribute is
    one as well if every distinct field of the first batch has the form `code: name`, with a
    code in capitals or of one or two letters, and no code has two names; else it is free text,
    which may well contain `: `, and stays as it is.
    """

    def __init__(self, column: FileColumn, layout: FileLayout, role: str) -> None:
        self._column = column
        self._layout = layout
        self._role = role
        #: None until the first batch has shown it.
        self._coded: bool | None = False
        if column.labelled and role == "attribute":
            self._coded = None
        elif column.labelled:
            self._coded = role == "dimension"
        self._trivial = not (column.labelled or column.composite or self._commas)

    @property
    def _commas(self) -> bool:
        """Whether numbers may have a decimal comma: not where the comma is between fields."""
        return self._role == "measure" and self._layout.separator != ","

    def values(self, fields: pa.Array) -> pa.Array:
        """Values of the component, from an array of strings or a dictionary of them."""
        if self._trivial:
            return fields
        return translated(fields, self._value, self._learn)

    def _learn(self, distinct: list[str]) -> None:
        """Decide by the fields of the first batch whether they are codes with names."""
        if self._coded is not None or not distinct:
            return
        names: dict[str, str] = {}
        self._coded = False
        for part in chain.from_iterable(map(self._parts, distinct)):
            match = _LABELLED.fullmatch(part)
            if not match or not _CODE.fullmatch(match[1]):
                return
            if names.setdefault(match[1], match[2]) != match[2]:
                return
        self._coded = True

    def _parts(self, field: str) -> list[str]:
        """Texts of a field: those of its sub-fields where it may have several."""
        if not self._column.many:
            return [field]
        parts = subfields.parse(field, self._layout.sub_separator)
        return [part for part in parts if isinstance(part, str)]

    def _value(self, field: str) -> str:
        """Value of a field."""
        if self._column.composite:
            return pack(self._codes(self._composite(field)))
        if self._commas and _COMMA.fullmatch(field):
            return field.replace(",", ".")
        return self._code(field)

    def _composite(self, field: str) -> Value:
        """Composite value of a field."""
        return subfields.parse(
            field,
            self._layout.sub_separator,
            languages=self._column.languages,
            nested=self._column.nested,
        )

    def _codes(self, value: Value) -> Value:
        """Composite value with codes freed of their names."""
        if not isinstance(value, list):
            return value
        return [self._code(part) if isinstance(part, str) else part for part in value]

    def _code(self, field: str) -> str:
        """Code of a field `code: name`, or the field as it is."""
        if not self._coded:
            return field
        code, colon, _ = field.partition(": ")
        if not colon and self._role != "dimension":
            expected = "expected `code: name` as in the rows before"
            raise MessageError(f"column {self._column.id}: {expected}, found {field!r}")
        return code


def translated(
    fields: pa.Array,
    value: Callable[[str], str],
    learn: Callable[[list[str]], Any],
) -> pa.Array:
    """Array with each distinct string as its value, a dictionary; null stays null, empty empty.

    `learn` is shown all distinct strings before the first is replaced.
    """
    import pyarrow as pa

    encoded = fields if pa.types.is_dictionary(fields.type) else fields.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    learn(list(filter(None, distinct)))
    values = []
    for field in distinct:
        values.append(value(field) if field else field)
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(values, pa.string()))
