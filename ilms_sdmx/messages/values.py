"""Composite values: several texts or languages, packed into the one text of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import orjson

from ilms_sdmx.errors import MessageError

#: Text; texts by language; or a list of these, None where a place in the list is empty.
Value: TypeAlias = str | Mapping[str, str] | Sequence["Value | None"]


def pack(value: Value) -> str:
    """Text of a composite value: compact JSON in one canonical form.

    One text becomes a list of one, a list of one language map becomes that map: no format tells
    them apart.

    Raises
    ------
    MessageError
        A text is no text: it holds half of a surrogate pair.

    Examples
    --------
    >>> pack(["A", "F"]), pack("A"), pack([{"en": "Stock"}])
    ('["A","F"]', '["A"]', '{"en":"Stock"}')
    """
    if isinstance(value, str):
        value = [value]
    elif not isinstance(value, Mapping) and len(value) == 1 and isinstance(value[0], Mapping):
        value = value[0]
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        quoted = f"{str(value)!a:.80}"
        raise MessageError(f"half of a surrogate pair is no character: {quoted}") from None


def unpack(text: str) -> Value:
    """Composite value of a packed text.

    Raises
    ------
    MessageError
        The text is no packed value: a component is declared composite but holds plain text.

    Examples
    --------
    >>> unpack('["A","F"]')
    ['A', 'F']
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list | dict):
        raise MessageError(
            f'expected a packed composite value such as ["A","F"], found {text!r}'
        )
    return value
