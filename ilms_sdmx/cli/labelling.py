"""Labelling: data sets with the names of their codes, for people to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset


def labelled(
    batches: Iterable[Dataset], language: str | None, *, beside: bool = False
) -> Iterator[Dataset]:
    """Batches with names in a language in the place of codes, or in columns behind them.

    Without a language they are as they were.

    Raises
    ------
    StructureError
        The structures of the package have no names for the dataflow.
    """
    for batch in batches:
        if language is None:
            yield batch
        elif beside:
            yield _with_names(batch, language)
        else:
            yield _in_names(batch, language)


def _in_names(batch: Dataset, language: str) -> Dataset:
    """Data set whose cells are names; a code without one stays."""
    from ilms_sdmx.datasets.frames import LABEL

    named = batch.to_frame(labels=language, numeric=False)
    columns = {}
    for name in batch.observations.columns:
        if f"{name}{LABEL}" in named.columns:
            codes = batch.observations[name].astype("string")
            columns[name] = named[f"{name}{LABEL}"].astype("string").fillna(codes)
    return replace(batch, observations=batch.observations.assign(**columns))


def _with_names(batch: Dataset, language: str) -> Dataset:
    """Data set with a further column behind each of codes, as if it were an attribute."""
    from ilms_sdmx.datasets.frames import LABEL

    named = batch.to_frame(labels=language, numeric=False)
    components = batch.components
    dimensions = []
    for name in components.dimensions:
        dimensions.append(name)
        if f"{name}{LABEL}" in named.columns:
            dimensions.append(f"{name}{LABEL}")
    attributes: dict[str, tuple[str, ...]] = {}
    for name, attachment in components.attributes.items():
        attributes[name] = attachment
        if f"{name}{LABEL}" in named.columns:
            attributes[f"{name}{LABEL}"] = attachment
    wider = replace(components, dimensions=tuple(dimensions), attributes=attributes)
    return replace(batch, observations=named, components=wider)
