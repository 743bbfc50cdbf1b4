"""Listing: values of indices in a JSON message, collected while observations are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.values import unpack

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

_ID = re.compile(r"[A-Za-z0-9_@$\-]+")


class Listing:
    """Values of one component in the order in which they were first written."""

    def __init__(
        self, name: str, version: str, *, composite: bool, names: Mapping[str, str]
    ) -> None:
        self._name = name
        self._version = version
        self._composite = composite
        self._names = names
        self._index: dict[str, int] = {}
        self._texts: pa.Array | None = None
        self._table: Any = None

    def codes(self, values: pd.Series) -> np.ndarray:
        """Index of each value, -1 where absent; new values are added."""
        return self._indices(*pool.distinct(values))

    def _indices(self, codes: np.ndarray, texts: pa.Array) -> np.ndarray:
        """Look indices up in a table of those of all texts.

        The table is kept for further rows with the same texts.
        """
        import numpy as np

        if texts is not self._texts:
            self._texts = texts
            self._table = np.full(len(texts) + 1, -1, np.int32)
        used = np.zeros(len(texts) + 1, bool)
        used[codes] = True  # absent is the last
        without_index = used[:-1] & (self._table[:-1] < 0)
        places = np.flatnonzero(without_index)
        for place, text in zip(places, texts.take(places).to_pylist(), strict=True):
            self._table[place] = self._index.setdefault(text, len(self._index))
        indices: np.ndarray = self._table[codes]
        return indices

    def __len__(self) -> int:
        return len(self._index)

    def dimension(self, position: int) -> dict[str, Any]:
        """Dimension as the structure lists it."""
        listed = self._head()
        listed["keyPosition"] = position
        listed["values"] = [self._coded(text) for text in self._index]
        return listed

    def attribute(self, attachment: Sequence[str]) -> dict[str, Any]:
        """Attribute as the structure lists it."""
        listed = self._head()
        listed["relationship"] = self._relationship(attachment)
        if self._composite:
            listed["format"] = {"dataType": "String", "maxOccurs": "unbounded"}
        values = [self._value(text) for text in self._index]
        if values or self._version == "1.0":
            listed["values"] = values
        return listed

    def _head(self) -> dict[str, Any]:
        """Id and name of the component."""
        return {"id": self._name, "name": self._names.get("", self._name)}

    def _relationship(self, attachment: Sequence[str]) -> dict[str, Any]:
        """Attachment as the version spells it."""
        first = self._version == "1.0"
        if not attachment:
            return {"none" if first else "dataflow": {}}
        if tuple(attachment) != OBSERVATION:
            return {"dimensions": list(attachment)}
        return {"primaryMeasure": OBSERVATION[0]} if first else {"observation": {}}

    def _coded(self, text: str) -> dict[str, Any]:
        """Value of a dimension: an id where it can be one."""
        if _ID.fullmatch(text):
            return {"id": text, "name": self._names.get(text, text)}
        if self._version != "1.0":
            return {"value": text}
        raise MessageError(
            f"SDMX-JSON 1.0 cannot carry {text!r} as a code of {self._name}; "
            "write sdmx-json-2.0"
        )

    def _value(self, text: str) -> dict[str, Any]:
        """Value of an attribute: an id where it can be one, else free text, or composite."""
        if self._composite:
            value = unpack(text)
            return {"values" if isinstance(value, list) else "value": value}
        if _ID.fullmatch(text):
            return {"id": text, "name": self._names.get(text, text)}
        return {"name" if self._version == "1.0" else "value": text}
