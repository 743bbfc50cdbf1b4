"""Records of figures that are made here: of a group of figures, what all its parts agree in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.records import MIXED, RECORD_COLUMNS, Record, meet

if TYPE_CHECKING:
    from numpy.typing import NDArray


def records_of_groups(
    records: pd.DataFrame, rows: np.ndarray, groups: np.ndarray, next_label: int
) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """Records that groups need and `records` lacks, and the record of each figure's group.

    Parameters
    ----------
    records
        Records by label.
    rows
        Label of the record of each figure.
    groups
        Number of the group of each figure.
    next_label
        First label that is free for a record made here.
    """
    group_codes = pd.factorize(groups)[0]
    record_labels, record_codes = _distinct_labels(rows)
    if len(record_labels) < 2:
        return records.iloc[:0], rows.astype("int32")
    record_count = len(record_labels)
    record_lists = _record_lists(group_codes, record_codes, record_count)
    made = _Made(records, record_labels, next_label)
    labels = []
    for codes in record_lists:
        labels.append(made.label(codes))
    label_of_group = np.array(labels, dtype="int32")
    return made.frame(), label_of_group[group_codes]


def _distinct_labels(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels that occur, in order, and the place among them of each row's label."""
    codes, labels = pd.factorize(rows, sort=True)
    return labels, codes


def _record_lists(
    group_codes: np.ndarray, record_codes: np.ndarray, record_count: int
) -> list[np.ndarray]:
    """Records of each group, each once and in order."""
    pairs = group_codes.astype("int64") * record_count + record_codes
    distinct = pd.unique(pairs)
    distinct.sort()
    group_of_record, record_of_group = np.divmod(distinct, record_count)
    ends = np.flatnonzero(np.diff(group_of_record)) + 1
    return np.split(record_of_group, ends)


class _Made:
    """Records made for groups, each combination of parts once."""

    def __init__(self, records: pd.DataFrame, labels: np.ndarray, next_label: int) -> None:
        self._records = records
        self._labels = labels
        self._next_label = next_label
        self._by_parts: dict[bytes, int] = {}
        self._by_values: dict[tuple[Any, ...], int] = {}

    def label(self, codes: np.ndarray) -> int:
        """Label of the record of a group whose parts have the records of these codes."""
        if len(codes) == 1:
            return int(self._labels[codes[0]])
        parts = codes.tobytes()
        if parts not in self._by_parts:
            values = _values(self._records.loc[self._labels[codes]])
            label = self._next_label + len(self._by_values)
            self._by_parts[parts] = self._by_values.setdefault(values, label)
        return self._by_parts[parts]

    def frame(self) -> pd.DataFrame:
        """Records that were made, with the columns of those they are made of."""
        labels = list(self._by_values.values())
        columns = list(self._records.columns)
        made = pd.DataFrame(list(self._by_values), columns=columns, index=labels)
        dtypes = self._records.dtypes
        return made.astype(dtypes.to_dict())


def _values(parts: pd.DataFrame) -> tuple[Any, ...]:
    """Values of the record of a group: what its parts agree in."""
    record = meet(_record(row) for row in parts.to_dict("records"))
    values = []
    for name in parts.columns:
        value = getattr(record, name) if name in RECORD_COLUMNS else _further(parts[name])
        values.append(value)
    return tuple(values)


def _further(column: pd.Series[Any]) -> Any:
    """Value of a group in a column of no record: the least number, or the one text there is."""
    least = column.min()
    is_text = isinstance(least, str)
    if is_text and least != column.max():
        return MIXED
    return least


def _record(row: dict[Any, Any]) -> Record:
    fields = {}
    for name in RECORD_COLUMNS:
        fields[name] = str(row[name])
    return Record(**fields)
