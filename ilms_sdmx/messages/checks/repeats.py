"""Repeats: a key that comes twice in what is written is refused, with both places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import ValidationError
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.checks.numbering import Numbers

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset


def refuse_repeats(batches: Iterable[Dataset], *, streamed: bool) -> Iterator[Dataset]:
    """Batches as they are, where no data set among them has a key twice.

    Batches of one data set have the same `number`; in a stream their keys are remembered.

    Raises
    ------
    ValidationError
        A key comes twice in a data set.
    """
    memory = _Memory()
    for dataset in batches:
        _refuse(_repeat_inside(dataset), dataset, memory.rows_before(dataset.number))
        if streamed:
            memory.take(dataset)
        yield dataset


def _refuse(repeat: tuple[int, int] | None, dataset: Dataset, before: int = 0) -> None:
    """Refuse two rows with one key; `before` rows came in earlier batches."""
    if repeat is None:
        return
    first, second = repeat
    raise _refusal(first + before, second + before, _named_key(dataset, second), dataset)


def _refusal(first: int, second: int, key: str, dataset: Dataset) -> ValidationError:
    """Error about two observations, counted from 1."""
    finding = _repeated(first + 1, second + 1, key, dataset)
    return ValidationError(f"{finding.message} Nothing is written.", Report.of([finding]))


def _repeated(first: int, second: int, key: str, dataset: Dataset) -> Finding:
    place = Place(dataflow=dataset.dataflow)
    return find("repeated-key", place, first=first, second=second, key=key)


def _named_key(dataset: Dataset, row: int) -> str:
    """Key of a row in words: `REF_AREA PHL, TIME_PERIOD 2024`."""
    parts = []
    for name in dataset.components.dimensions:
        parts.append(f"{name} {dataset.observations[name].iloc[row]}")
    return ", ".join(parts)


def _repeat_inside(dataset: Dataset) -> tuple[int, int] | None:
    """First two rows of a data set with one key; a row without a whole key has none."""
    import numpy as np

    numbers, whole = _numbered(dataset)
    rows = np.arange(0)
    if whole is not None:
        rows = np.flatnonzero(whole)
        numbers = numbers.chosen(rows)
    if numbers.all_different:
        return None
    if whole is None:
        rows = np.arange(len(numbers.values))
    keys = numbers.values
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    earliest = same[np.argmin(order[same + 1])]
    return int(rows[order[earliest]]), int(rows[order[earliest + 1]])


def _numbered(dataset: Dataset) -> tuple[Numbers, Any]:
    """Number of each row's key, and which rows have a whole key: None where all have."""
    numbers = Numbers.same(len(dataset))
    whole: Any = None
    for name in dataset.components.dimensions:
        codes, texts = pool.distinct(dataset.observations[name])
        if len(codes) and codes.min() < 0:
            present = codes >= 0
            whole = present if whole is None else whole & present
            codes = codes.clip(min=0)
        numbers = numbers.told_apart(codes, max(len(texts), 1))
    return numbers, whole


class _Memory:
    """Hashes of the keys of the batches of one data set."""

    def __init__(self) -> None:
        self._number = -1
        self._rows = 0
        self._sorted: list[Any] = []
        self._batches: list[Any] = []

    def rows_before(self, number: int) -> int:
        """Rows of earlier batches of a data set; another data set begins anew."""
        if number != self._number:
            self._number = number
            self._rows = 0
            self._sorted = []
            self._batches = []
        return self._rows

    def take(self, dataset: Dataset) -> None:
        """Remember the keys of a batch; refuse one that was there before."""
        import numpy as np

        hashes = _hashes(dataset)
        arriving = np.sort(hashes)
        for known in self._sorted:
            if len(known) and len(arriving):
                places = np.searchsorted(known, arriving).clip(max=len(known) - 1)
                repeated = arriving[known[places] == arriving]
                if len(repeated):
                    self._refuse(int(repeated[0]), hashes, dataset)
        while self._sorted and len(self._sorted[-1]) <= len(arriving):
            arriving = np.sort(np.concatenate([self._sorted.pop(), arriving]))
        self._sorted.append(arriving)
        self._batches.append(hashes)
        self._rows += len(dataset)

    def _refuse(self, repeated: int, hashes: Any, dataset: Dataset) -> None:
        """Refuse a key by its hash, with the place where it was before."""
        import numpy as np

        row = int(np.flatnonzero(hashes == repeated)[0])
        before = 0
        for batch in self._batches:
            places = np.flatnonzero(batch == repeated)
            if len(places):
                first = before + int(places[0])
                key = _named_key(dataset, row)
                raise _refusal(first, self._rows + row, key, dataset)
            before += len(batch)


def _hashes(dataset: Dataset) -> Any:
    """Hash of each row's key, one of its own for a row without a whole key."""
    import numpy as np
    import pandas as pd

    hashes = np.zeros(len(dataset), np.uint64)
    partial = np.zeros(len(dataset), bool)
    for name in dataset.components.dimensions:
        codes, texts = pool.distinct(dataset.observations[name])
        distinct = np.array([*texts.to_pylist(), ""], object)
        of_texts = pd.util.hash_array(distinct, categorize=False)
        hashes = hashes * np.uint64(1_000_003) + of_texts[codes]
        partial |= codes < 0
    return hashes[~partial] if partial.any() else hashes
