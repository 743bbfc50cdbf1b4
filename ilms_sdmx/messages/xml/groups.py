"""Groups: attributes written once for all observations of a partial key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.xml.layout import GroupLayout, Layout

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str | None, ...]


class Groups:
    """Distinct groups of a data set, in the order they first occur."""

    def __init__(self, layout: Layout) -> None:
        self._kinds = layout.groups
        self._values: dict[str, dict[Key, Key]] = {}
        for name in layout.groups:
            self._values[name] = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, frame: pd.DataFrame) -> None:
        """Take the groups of some rows.

        Raises
        ------
        MessageError
            One group has two values, absent being one; or a key that has a value has gaps
            (wildcards): read again it would concern all rows.
        """
        for name, group in self._kinds.items():
            width = len(group.dimensions)
            for key, values in _distinct_rows(frame[group.columns], width):
                if None in key and not _empty(values):
                    raise _wildcards(group, key)
                self._put(name, key, values)

    def attach(self, dimensions: tuple[str, ...], frame: pd.DataFrame) -> str:
        """Take groups without observations.

        Gives the name of the group, empty if no group has this key.
        """
        for name, group in self._kinds.items():
            same_key = set(group.dimensions) == set(dimensions)
            if not same_key or not set(frame.columns) <= set(group.columns):
                continue
            rows = frame.reindex(columns=group.columns)
            known_values = self._values[name]
            for key, values in _distinct_rows(rows, len(group.dimensions)):
                if _empty(known_values.get(key, ())):
                    # Rows without a value came before the group was met.
                    known_values.pop(key, None)
                self._put(name, key, values)
            return name
        return ""

    def __iter__(self) -> Iterator[tuple[str, dict[str, str | None], dict[str, str | None]]]:
        """Name, key and attributes of each group that has any attribute."""
        for name, rows in self._values.items():
            group = self._kinds[name]
            for codes, values in rows.items():
                if _empty(values):
                    continue
                key = dict(zip(group.dimensions, codes, strict=True))
                attributes = dict(zip(group.attributes, values, strict=True))
                yield name, key, attributes

    def _put(self, name: str, key: Key, values: Key) -> None:
        """Keep the values of a group; refuse other ones than it has."""
        known = self._values[name].setdefault(key, values)
        if known != values:
            group = f"group {name} {'.'.join(map(str, key))}"
            raise MessageError(
                f"{group} has two values: {known} and {values}; an "
                "attribute of a group is the same for all its observations"
            )


def _empty(values: Key) -> bool:
    """Whether no value is present."""
    return all(value is None for value in values)


def _wildcards(group: GroupLayout, key: Key) -> MessageError:
    """Error about a key with gaps."""
    gaps = []
    for dimension, code in zip(group.dimensions, key, strict=True):
        if code is None:
            gaps.append(dimension)
    attributes = ", ".join(group.attributes)
    return MessageError(
        f"SDMX-ML cannot carry {attributes} of a group for rows without {', '.join(gaps)} "
        "(wildcards); write sdmx-csv-2.0"
    )


def _distinct_rows(frame: pd.DataFrame, width: int) -> Iterator[tuple[Key, Key]]:
    """Different rows, each as its key (the first `width` cells) and its values."""
    distinct = frame.drop_duplicates()
    present = distinct.notna()
    texts = distinct.astype("object").where(present, None)
    for row in texts.itertuples(index=False, name=None):
        yield row[:width], row[width:]
