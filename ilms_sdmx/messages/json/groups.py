"""Groups: attributes of partial keys, from `dimensionGroupAttributes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json import columns
from ilms_sdmx.messages.json.structure import Component, Structure

if TYPE_CHECKING:
    import pandas as pd


def attached(
    tree: Mapping[str, Any], structure: Structure, odd: columns.Odd
) -> dict[tuple[str, ...], pd.DataFrame]:
    """Attributes by the dimensions of their keys, from entries such as `{"0::1:": [0, "text"]}`.

    Raises
    ------
    MessageError
        A key has not one part for each dimension, or a part stands for nothing.
    """
    found: dict[tuple[str, ...], list[dict[str, str | None]]] = {}
    for key, values in tree.items():
        named = _named(key, structure.listed)
        texts = _texts(values, structure.group.attributes, odd)
        dimensions = tuple(d.id for d in structure.dimensions if d.id in named)
        found.setdefault(dimensions, []).append({**named, **texts})
    return {dimensions: _frame(rows, dimensions) for dimensions, rows in found.items()}


def _named(key: str, dimensions: Sequence[Component]) -> dict[str, str | None]:
    """Codes of the dimensions that a key fills."""
    # The OECD writes a tilde where SDMX leaves a gap.
    parts = key.replace("~", "").split(":")
    if len(parts) != len(dimensions) or not all(p.isdecimal() or not p for p in parts):
        expected = f"{len(dimensions)} numbers or gaps"
        raise MessageError(f"dimensionGroupAttributes: expected {expected} in the key {key!r}")
    return {d.id: d.listed(int(p)) for d, p in zip(dimensions, parts, strict=True) if p}


def _texts(
    values: Any, attributes: Sequence[Component], odd: columns.Odd
) -> dict[str, str | None]:
    if not isinstance(values, list):
        raise MessageError("dimensionGroupAttributes: expected a list of values for each key")
    padded = [*values, *[None] * len(attributes)]
    return {a.id: columns.text(a, v, odd) for a, v in zip(attributes, padded, strict=False)}


def _frame(rows: list[dict[str, str | None]], key: Sequence[str]) -> pd.DataFrame:
    """Frame of the keys and of the attributes that one of them has: others belong to other dimensions."""
    import pandas as pd

    reported = [
        name for name in rows[0] if name in key or any(row[name] is not None for row in rows)
    ]
    return pd.DataFrame(
        {name: pd.array([row[name] for row in rows], "str") for name in reported}
    )
