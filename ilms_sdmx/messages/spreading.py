"""Spreading: attributes of groups and other partial keys put into their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.datasets import Dataset

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, ...]


class Spreader:
    """What has been attached so far in one data set, and which of it concerned any row."""

    def __init__(self) -> None:
        self._frames: dict[Key, pd.DataFrame] = {}
        self._used: dict[Key, Any] = {}

    def add(self, attached: Mapping[Key, pd.DataFrame]) -> None:
        """Take attributes of partial keys."""
        import pandas as pd

        for key, frame in attached.items():
            unused = np.zeros(len(frame), bool)
            if key in self._frames:
                frame = pd.concat([self._frames[key], frame], ignore_index=True)
                unused = np.append(self._used[key], unused)
            self._frames[key] = frame
            self._used[key] = unused

    def unknown(self, attached: Mapping[Key, pd.DataFrame]) -> dict[Key, pd.DataFrame]:
        """What is attached now and was not before."""
        import pandas as pd

        arriving = {}
        for key, frame in attached.items():
            before = self._frames.get(key)
            if before is not None:
                both = pd.concat([before, frame], ignore_index=True)
                repeated = both.duplicated().to_numpy()[len(before) :]
                frame = frame[~repeated]
            if len(frame):
                arriving[key] = frame
        return arriving

    def spread(self, dataset: Dataset) -> Dataset:
        """Data set whose rows also have the attributes of the keys they fall under."""
        if not self._frames or not len(dataset):
            return replace(dataset, attached={})
        observations = dataset.observations.copy(deep=False)
        for key, frame in self._frames.items():
            match = _match(observations, key, frame)
            used_rows = np.unique(match[match >= 0])
            self._used[key][used_rows] = True
            attributes = frame.columns.difference(list(key), sort=False)
            for name in attributes.intersection(observations.columns):
                observations[name] = _filled(observations[name], frame[name], match)
        return replace(dataset, observations=observations, attached={})

    def rest(self) -> dict[Key, pd.DataFrame]:
        """Attached rows that concerned no observation."""
        unused = {}
        for key, frame in self._frames.items():
            rows = frame[~self._used[key]]
            if len(rows):
                unused[key] = rows.reset_index(drop=True)
        return unused


class GivenRows:
    """Keys of the rows of a data set that have been given to the caller."""

    def __init__(self) -> None:
        self._frames: list[pd.DataFrame] = []

    def add(self, dataset: Dataset) -> None:
        """Take the keys of some rows, one for each run of rows of one series."""
        dimensions = [name for name in dataset.components.dimensions if name != "TIME_PERIOD"]
        if not dimensions or not len(dataset):
            return
        frame = dataset.observations[dimensions]
        starts = np.zeros(len(frame), bool)
        starts[0] = True
        for name in dimensions:
            codes = frame[name].astype("category").cat.codes.to_numpy()
            starts[1:] |= codes[1:] != codes[:-1]
        self._frames.append(frame[starts])

    def concerned(self, attached: Mapping[Key, pd.DataFrame]) -> str:
        """Attributes among these that concern rows that were given, in words; empty if none."""
        for key, rows in attached.items():
            for frame in self._frames:
                is_known = set(key) <= set(frame.columns)
                if is_known and (_match(frame, key, rows) >= 0).any():
                    return ", ".join(rows.columns.difference(list(key), sort=False))
        return ""


def _match(observations: pd.DataFrame, key: Key, frame: pd.DataFrame) -> Any:
    """For each observation the last row of `frame` with the same key, -1 where there is none.

    Column by column, each row of both gets a number that is the same for equal keys.
    """
    import pandas as pd

    observed = np.zeros(len(observations), np.int64)
    wanted = np.zeros(len(frame), np.int64)
    never_observed = np.zeros(len(frame), bool)
    for name in key:
        column = observations[name].astype("category")
        categories = column.cat.categories.astype("str")
        codes = column.cat.codes.to_numpy().astype(np.int64) + 1
        texts = pd.Index(frame[name].astype("str"))
        codes_wanted = categories.get_indexer(texts).astype(np.int64) + 1
        never_observed |= codes_wanted == 0
        size = len(categories) + 1
        combined = np.concatenate([observed * size + codes, wanted * size + codes_wanted])
        numbers, _ = pd.factorize(combined)
        observed = numbers[: len(observed)]
        wanted = numbers[len(observed) :]
    highest = max(observed.max(initial=0), wanted.max(initial=0))
    row_of_number = np.full(highest + 1, -1, np.int64)
    row_of_number[wanted[~never_observed]] = np.flatnonzero(~never_observed)
    return row_of_number[observed]


def _filled(column: pd.Series[Any], values: pd.Series[Any], match: Any) -> pd.Series[Any]:
    """Column whose missing cells have the value of the row they match, as a categorical."""
    import pandas as pd

    column = column.astype("category")
    codes = column.cat.codes.to_numpy()
    fill = (codes < 0) & (match >= 0)
    if not fill.any():
        return column
    values = values.astype("category")
    categories = column.cat.categories.astype("str")
    further = values.cat.categories.astype("str")
    all_categories = categories.append(further.difference(categories, sort=False))
    # A missing value has the code -1, the last place of the table.
    lookup = np.append(all_categories.get_indexer(further), -1)
    codes_of_values = values.cat.codes.to_numpy()
    filled = codes.astype(np.int32)
    filled[fill] = lookup[codes_of_values[match[fill]]]
    categorical = pd.Categorical.from_codes(filled, all_categories)
    return pd.Series(categorical, column.index, name=column.name)
