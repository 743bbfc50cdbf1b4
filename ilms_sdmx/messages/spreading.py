"""Spreading: attributes of groups and other partial keys put into the rows that they concern."""

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
            known = self._frames.get(key)
            self._frames[key] = (
                frame if known is None else pd.concat([known, frame], ignore_index=True)
            )
            self._used[key] = np.append(
                self._used.get(key, np.empty(0, bool)), np.zeros(len(frame), bool)
            )

    def spread(self, dataset: Dataset) -> Dataset:
        """Give the rows of a data set, where they lack them, the attributes of the keys they fall under."""
        if not self._frames or not len(dataset):
            return replace(dataset, attached={})
        observations = dataset.observations.copy(deep=False)
        for key, frame in self._frames.items():
            match = _match(observations, key, frame)
            self._used[key][np.unique(match[match >= 0])] = True
            for name in frame.columns.difference(list(key), sort=False).intersection(
                observations.columns
            ):
                observations[name] = _filled(observations[name], frame[name], match)
        return replace(dataset, observations=observations, attached={})

    def rest(self) -> dict[Key, pd.DataFrame]:
        """Give what concerned no row."""
        left = {k: f[~self._used[k]].reset_index(drop=True) for k, f in self._frames.items()}
        return {key: frame for key, frame in left.items() if len(frame)}


def _match(observations: pd.DataFrame, key: Key, frame: pd.DataFrame) -> Any:
    """For each observation the last row of `frame` with the same key, -1 where there is none."""
    import pandas as pd

    rows, wanted = np.zeros(len(observations), np.int64), np.zeros(len(frame), np.int64)
    absent = np.zeros(len(frame), bool)
    for name in key:
        column = observations[name].astype("category")
        codes = column.cat.codes.to_numpy().astype(np.int64) + 1
        own = (
            column.cat.categories.astype("str")
            .get_indexer(pd.Index(frame[name].astype("str")))
            .astype(np.int64)
            + 1
        )
        absent |= own == 0
        size = len(column.cat.categories) + 1
        joined, _ = pd.factorize(np.concatenate([rows * size + codes, wanted * size + own]))
        rows, wanted = joined[: len(rows)], joined[len(rows) :]
    place = np.full(max(rows.max(initial=0), wanted.max(initial=0)) + 1, -1, np.int64)
    place[wanted[~absent]] = np.flatnonzero(~absent)
    return place[rows]


def _filled(column: pd.Series[Any], values: pd.Series[Any], match: Any) -> pd.Series[Any]:
    """Column whose missing cells have the value of the row they match, as a categorical."""
    import pandas as pd

    column = column.astype("category")
    codes = column.cat.codes.to_numpy()
    fill = (codes < 0) & (match >= 0)
    if not fill.any():
        return column
    more = values.astype("category")
    categories = column.cat.categories.astype("str")
    whole = categories.append(
        more.cat.categories.astype("str").difference(categories, sort=False)
    )
    lookup = np.append(whole.get_indexer(more.cat.categories.astype("str")), -1)
    new = codes.astype(np.int32)
    new[fill] = lookup[more.cat.codes.to_numpy()[match[fill]]]
    return pd.Series(pd.Categorical.from_codes(new, whole), column.index, name=column.name)
