"""Groups: attributes of partial keys, joined to the observations of these keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json.structure import Component, Structure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass
class Group:
    """Attributes of one set of dimensions.

    Parameters
    ----------
    dimensions
        The dimensions of its keys.
    keys
        Indices of the keys: one row a key, one column a dimension.
    texts
        Attribute to the text for each key, None where the key has none.
    """

    dimensions: tuple[Component, ...]
    keys: list[tuple[int, ...]] = field(default_factory=list)
    texts: dict[str, list[str | None]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def matches(self, codes: Mapping[str, np.ndarray]) -> np.ndarray:
        """Key of each row, -1 where it has none; the keys found are remembered as seen."""
        import numpy as np

        sizes = [d.size for d in self.dimensions]
        if math.prod(sizes) > np.iinfo(np.int64).max:
            raise MessageError(
                "dimensionGroupAttributes: the dimensions have more combinations than can be counted"
            )
        keys = np.ravel_multi_index(tuple(np.array(self.keys).T), sizes)
        rows = np.ravel_multi_index([codes[d.id] for d in self.dimensions], sizes)
        order = np.argsort(keys, kind="stable")
        place = np.minimum(np.searchsorted(keys[order], rows), len(keys) - 1)
        found = np.where(keys[order][place] == rows, order[place], -1)
        self.seen.update(np.unique(found[found >= 0]).tolist())
        return found

    def unseen(self) -> pd.DataFrame | None:
        """Keys that no observation had, with their attributes."""
        import pandas as pd

        rows = [i for i in range(len(self.keys)) if i not in self.seen]
        if not rows:
            return None
        columns: dict[str, list[str | None]] = {
            d.id: [d.listed(self.keys[i][place]) for i in rows] for place, d in enumerate(self.dimensions)
        }
        columns |= {name: [texts[i] for i in rows] for name, texts in self.texts.items()}
        return pd.DataFrame({name: pd.array(texts, "str") for name, texts in columns.items()})


def groups(tree: Mapping[str, Any], structure: Structure) -> list[Group]:
    """Sort the entries of `dimensionGroupAttributes` (`{"0::1:": [0, "text"]}`) by their dimensions.

    Raises
    ------
    MessageError
        A key has not one part for each dimension, or more values than there are attributes.
    """
    found: dict[tuple[bool, ...], Group] = {}
    for key, values in tree.items():
        parts = _parts(key, structure.listed)
        pattern = tuple(p is not None for p in parts)
        dimensions = tuple(d for d, there in zip(structure.listed, pattern, strict=True) if there)
        group = found.setdefault(pattern, Group(dimensions))
        group.keys.append(tuple(p for p in parts if p is not None))
        for name, text in _texts(values, structure.group.attributes).items():
            group.texts.setdefault(name, []).append(text)
    for group in found.values():  # attributes that no key of this pattern has belong to another pattern
        group.texts = {
            name: texts for name, texts in group.texts.items() if any(t is not None for t in texts)
        }
    return list(found.values())


def _parts(key: str, dimensions: Sequence[Component]) -> list[int | None]:
    parts = key.split(":")
    if len(parts) != len(dimensions) or not all(p.isdecimal() or not p for p in parts):
        raise MessageError(
            f"dimensionGroupAttributes: expected {len(dimensions)} numbers or gaps in the key {key!r}"
        )
    indices = [int(p) if p else None for p in parts]
    for dimension, index in zip(dimensions, indices, strict=True):
        if index is not None:
            dimension.listed(index)
    return indices


def _texts(values: Any, attributes: Sequence[Component]) -> dict[str, str | None]:
    if not isinstance(values, list):
        raise MessageError("dimensionGroupAttributes: expected a list of values for each key")
    padded = [*values, *[None] * len(attributes)]
    return {a.id: a.text(v) for a, v in zip(attributes, padded, strict=False)}
