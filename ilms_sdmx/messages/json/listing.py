"""Listing: the values that indices in a JSON message stand for, collected while observations are written."""

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

_ID = re.compile(r"[A-Za-z0-9_@$\-]+")


class Listing:
    """Values of one component in the order in which they were first written."""

    def __init__(self, name: str, version: str, *, composite: bool, names: Mapping[str, str]) -> None:
        self._name, self._version, self._composite, self._names = name, version, composite, names
        self._index: dict[str, int] = {}

    def codes(self, values: pd.Series) -> np.ndarray:
        """Index of each value, -1 where absent; new values are added."""
        import numpy as np

        codes, texts = pool.distinct(values)
        used = np.zeros(len(texts) + 1, bool)
        used[codes] = True
        known = [
            self._index.setdefault(text, len(self._index)) if there else -1
            for text, there in zip(texts.to_pylist(), used, strict=False)
        ]
        kind = np.min_scalar_type(-len(self._index) - 2)  # leaves room for the one more that `_indices` adds
        found: np.ndarray = np.array([*known, -1], kind)[codes]
        return found

    def __len__(self) -> int:
        return len(self._index)

    def dimension(self, position: int) -> dict[str, Any]:
        """Dimension as the structure lists it."""
        return {**self._head(), "keyPosition": position, "values": [self._coded(v) for v in self._index]}

    def attribute(self, attachment: Sequence[str]) -> dict[str, Any]:
        """Attribute as the structure lists it."""
        listed = [self._value(v) for v in self._index]
        values = {"values": listed} if listed or self._version == "1.0" else {}
        form: dict[str, Any] = {}
        if self._composite:
            form = {"format": {"dataType": "String", "maxOccurs": "unbounded"}}
        return {**self._head(), "relationship": self._relationship(attachment), **form, **values}

    def _head(self) -> dict[str, Any]:
        return {"id": self._name, "name": self._names.get("", self._name)}

    def _relationship(self, attachment: Sequence[str]) -> dict[str, Any]:
        first = self._version == "1.0"
        if not attachment:
            return {"none" if first else "dataflow": {}}
        if tuple(attachment) == OBSERVATION:
            return {"primaryMeasure": OBSERVATION[0]} if first else {"observation": {}}
        return {"dimensions": list(attachment)}

    def _coded(self, text: str) -> dict[str, Any]:
        """Value of a dimension: an id where it can be one."""
        if _ID.fullmatch(text):
            return {"id": text, "name": self._names.get(text, text)}
        if self._version == "1.0":
            raise MessageError(
                f"SDMX-JSON 1.0 cannot carry {text!r} as a code of {self._name}; write sdmx-json-2.0"
            )
        return {"value": text}

    def _value(self, text: str) -> dict[str, Any]:
        """Value of an attribute: an id where it can be one, else free text, or a composite value."""
        if self._composite:
            value = unpack(text)
            return {"values" if isinstance(value, list) else "value": value}
        if _ID.fullmatch(text):
            return {"id": text, "name": self._names.get(text, text)}
        return {"name" if self._version == "1.0" else "value": text}
