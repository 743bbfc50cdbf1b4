"""Groups: attributes of partial keys, from `dimensionGroupAttributes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json import columns
from ilms_sdmx.messages.json.structure import Component, Structure

if TYPE_CHECKING:
    import pandas as pd

#: Member of a data set that has them.
_MEMBER = "dimensionGroupAttributes"


def attached(
    tree: Mapping[str, Any], structure: Structure, odd: columns.Odd
) -> dict[tuple[str, ...], pd.DataFrame]:
    """Attributes by the dimensions of their keys, from entries as `{"0::1:": [0, "text"]}`.

    Raises
    ------
    MessageError
        A key has not one part for each dimension, or a part has no value.
    """
    rows_by_key: dict[tuple[str, ...], list[dict[str, str | None]]] = {}
    order = [dimension.id for dimension in structure.dimensions]
    for key, values in tree.items():
        codes = _codes(key, structure.listed)
        if not isinstance(values, list):
            raise MessageError(f"{_MEMBER}: expected a list of values for each key")
        texts = columns.texts_by_id(structure.group.attributes, values, odd)
        dimensions = tuple(filter(codes.__contains__, order))
        rows_by_key.setdefault(dimensions, []).append({**codes, **texts})
    frames = {}
    for dimensions, rows in rows_by_key.items():
        frames[dimensions] = _frame(rows, dimensions)
    return frames


def _codes(key: str, dimensions: Sequence[Component]) -> dict[str, str | None]:
    """Codes of the dimensions that a key fills."""
    # The OECD writes a tilde where SDMX leaves a gap.
    parts = key.replace("~", "").split(":")
    regular = all(part.isdecimal() or not part for part in parts)
    if not regular or len(parts) != len(dimensions):
        expected = f"{len(dimensions)} numbers or gaps"
        raise MessageError(f"{_MEMBER}: expected {expected} in the key {key!r}")
    codes: dict[str, str | None] = {}
    for dimension, part in zip(dimensions, parts, strict=True):
        if part:
            codes[dimension.id] = dimension.listed(int(part))
    return codes


def _frame(rows: list[dict[str, str | None]], key: Sequence[str]) -> pd.DataFrame:
    """Frame of the keys and of the attributes that one of them has.

    Other attributes belong to other dimensions.
    """
    import pandas as pd

    arrays = {}
    for name in rows[0]:
        texts = [row[name] for row in rows]
        if name in key or texts.count(None) < len(texts):
            arrays[name] = pd.array(texts, "str")
    return pd.DataFrame(arrays)
