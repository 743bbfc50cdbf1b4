"""Intake: data sets of whatever was handed in, paths read, data sets numbered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ilms_sdmx.datasets import Dataset, datasets_of, is_source
from ilms_sdmx.datasets.given import Structure
from ilms_sdmx.messages.reading import read, read_batches


def is_stream(data: object) -> bool:
    """Whether data sets come one by one, as batches with the `number` of their data set."""
    if isinstance(data, Dataset | list | tuple) or is_source(data):
        return False
    if hasattr(data, "read_next_batch"):  # a reader of Arrow
        return True
    if hasattr(data, "__arrow_c_array__") or hasattr(data, "__arrow_c_stream__"):
        return False
    return not (hasattr(data, "datasets") or hasattr(data, "columns"))


def datasets_in(data: Any, structure: Structure = None) -> Iterator[Dataset]:
    """Data sets of what was handed in; a path, bytes or an open file is read as a message."""
    return datasets_of(data, read=lambda source: read(source, structure))


def numbered_datasets(
    data: Any, structure: Structure = None, *, size: int = 100_000
) -> Iterator[Dataset]:
    """Data sets in order, each with its number; the batches of one data set share it.

    One message is read in batches of at most `size` observations, so that its size does not
    matter.
    """
    if is_source(data):
        with read_batches(data, structure, size=size) as batches:
            yield from batches
        return
    datasets = datasets_in(data, structure)
    if is_stream(data):
        yield from datasets
        return
    for number, dataset in enumerate(datasets):
        yield replace(dataset, number=number)


def only_dataset(data: Any, structure: Structure = None) -> Dataset:
    """The one data set in what was handed in.

    Raises
    ------
    TypeError
        There is none, or there are several.
    """
    datasets = list(datasets_in(data, structure))
    if len(datasets) != 1:
        raise TypeError(f"expected one data set, found {len(datasets)}: give them one by one")
    return datasets[0]
