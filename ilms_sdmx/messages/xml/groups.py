"""Groups: attributes that stand once for all observations of a partial key, gathered while rows pass by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.xml.layout import Layout

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str | None, ...]


class Groups:
    """Distinct groups of a data set, in the order they first occur."""

    def __init__(self, layout: Layout) -> None:
        self._kinds = layout.groups
        self._found: dict[str, dict[Key, Key]] = {name: {} for name in layout.groups}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, frame: pd.DataFrame) -> None:
        """Take the groups of some rows.

        Raises
        ------
        MessageError
            One group has two values, absent being one; or a key that has a value has gaps (wildcards): read
            again it would concern all rows.
        """
        for name, (dimensions, attributes) in self._kinds.items():
            for key, values in _rows(frame[[*dimensions, *attributes]], len(dimensions)):
                if None in key and any(v is not None for v in values):
                    gaps = ", ".join(
                        d for d, code in zip(dimensions, key, strict=True) if code is None
                    )
                    raise MessageError(
                        f"SDMX-ML cannot carry {', '.join(attributes)} of a group for rows without {gaps} "
                        "(wildcards); write sdmx-csv-2.0"
                    )
                self._put(name, key, values)

    def attach(self, dimensions: tuple[str, ...], frame: pd.DataFrame) -> str:
        """Take groups without observations; gives the name of the group, empty if no group has this key."""
        for name, (own, attributes) in self._kinds.items():
            if set(own) == set(dimensions) and set(frame.columns) <= {*own, *attributes}:
                for key, values in _rows(frame.reindex(columns=[*own, *attributes]), len(own)):
                    if all(
                        v is None for v in self._found[name].get(key, ())
                    ):  # rows without it came before it was told
                        self._found[name].pop(key, None)
                    self._put(name, key, values)
                return name
        return ""

    def __iter__(self) -> Iterator[tuple[str, dict[str, str | None], dict[str, str | None]]]:
        """Name, key and attributes of each group that has any attribute."""
        for name, rows in self._found.items():
            dimensions, attributes = self._kinds[name]
            for key, values in rows.items():
                if any(v is not None for v in values):
                    yield (
                        name,
                        dict(zip(dimensions, key, strict=True)),
                        dict(zip(attributes, values, strict=True)),
                    )

    def _put(self, name: str, key: Key, values: Key) -> None:
        found = self._found[name]
        if found.setdefault(key, values) != values:
            raise MessageError(
                f"group {name} {'.'.join(map(str, key))} has two values: {found[key]} and {values}; an "
                "attribute of a group is the same for all its observations"
            )


def _rows(frame: pd.DataFrame, width: int) -> Iterator[tuple[Key, Key]]:
    """Different rows, each as its key and its values."""
    distinct = frame.drop_duplicates()
    for row in (
        distinct.astype("object")
        .where(distinct.notna(), None)
        .itertuples(index=False, name=None)
    ):
        yield row[:width], row[width:]
