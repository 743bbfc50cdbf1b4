"""Data sets of a JSON message: each one's batches, columns named by its structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import about
from ilms_sdmx.messages.batches import Attached, Batch
from ilms_sdmx.messages.json import columns, groups
from ilms_sdmx.messages.json.columns import TextColumn
from ilms_sdmx.messages.json.observations import Entries
from ilms_sdmx.messages.json.skeleton import Region
from ilms_sdmx.messages.json.structure import Structure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class JsonDataSet:
    """One data set of a message.

    Parameters
    ----------
    number
        Its position.
    tree
        Its parsed object, without the bulk.
    structure
        What it conforms to.
    regions
        Where its bulk is.
    action
        What a receiver shall do with it.
    """

    number: int
    tree: Mapping[str, Any]
    structure: Structure
    regions: Sequence[Region]
    action: str


class SetReader:
    """Batches of one data set."""

    def __init__(
        self,
        name: str,
        dataset: JsonDataSet,
        components: Components,
        entries: Callable[[Region], Iterator[Entries]],
        odd: columns.Odd,
    ) -> None:
        self._place = f"{name}: dataSets[{dataset.number}]"
        self._set = dataset
        self._structure = dataset.structure
        self._components = components
        self._entries = entries
        self._odd = odd
        self._constants = self._data_set_attributes()

    def _data_set_attributes(self) -> dict[str, str]:
        """Attributes of the whole data set that have a value."""
        listed = self._set.tree.get("attributes") or []
        if not isinstance(listed, list):
            raise MessageError(f"{self._place}: expected a list of attributes")
        attributes = self._structure.dataset.attributes
        present = {}
        for name, text in columns.texts_by_id(attributes, listed, self._odd).items():
            if text is not None:
                present[name] = text
        return present

    def batches(self) -> Iterator[Batch]:
        """Batches of its observations; what concerns several of them comes first."""
        try:
            yield from self._batches()
        except MessageError as error:
            if self._place in str(error):
                raise
            raise MessageError(f"{self._place}: {error}") from None
        except UnicodeEncodeError as error:
            quoted = f"{error.object!r:.80}"
            raise MessageError(f"{self._place}: half of a surrogate pair in {quoted}") from None

    def _batches(self) -> Iterator[Batch]:
        """Batches, with errors that do not name the data set."""
        tree = self._set.tree.get("dimensionGroupAttributes")
        above: Attached = {}
        if isinstance(tree, dict):
            above = groups.attached(tree, self._structure, self._odd)
        empty = all(region.start == region.end for region in self._set.regions)
        if above or empty:
            rows = self._alone() if empty else {}
            yield self._batch(rows, above)
        for region in self._set.regions:
            for entries in self._entries(region):
                yield self._batch(self._rows(entries), self._without_observations(entries))

    def _batch(self, rows: dict[str, Any], attached: Attached) -> Batch:
        """Batch of columns and attributes without observations."""
        return Batch(
            self._set.number,
            columns.table(rows),
            self._components,
            action=self._set.action,
            attached=attached,
            about=about.of_json(self._set.tree),
            **self._structure.artefact,
        )

    def _alone(self) -> dict[str, Any]:
        """Row of a data set without observations: it deletes all, or only has attributes."""
        if self._set.action != "Delete" and not self._constants:
            return {}
        measure = self._structure.observation.measures[0].id
        return {measure: columns.constant(None, 1), **self._constant_columns(1)}

    def _constant_columns(self, count: int) -> dict[str, TextColumn]:
        """Attributes of the data set in every row."""
        constants = {}
        for name, text in self._constants.items():
            constants[name] = columns.constant(text, count)
        return constants

    def _rows(self, entries: Entries) -> dict[str, Any]:
        """Columns of some entries."""
        structure = self._structure
        codes = columns.dimensions(entries, structure)
        rows = self._coded(codes)
        rows |= self._constant_columns(len(entries.keys))
        if entries.series is not None:
            rows = columns.over(rows, self._series_values(entries, entries.series))
        measures = not columns.without_measure(entries.values, structure.observation)
        values = columns.values(
            entries.values, structure.observation, self._odd, measures=measures
        )
        return columns.over(rows, values)

    def _coded(self, codes: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Columns of the dimensions that have codes, in key order."""
        coded: dict[str, Any] = {}
        for dimension in self._structure.dimensions:
            if dimension.id in codes:
                coded[dimension.id] = columns.checked(dimension, codes[dimension.id])
        return coded

    def _series_values(self, entries: Entries, series: np.ndarray) -> dict[str, Any]:
        """Columns of the attributes of series, with a row for each of `series`."""
        if entries.series_values is None:
            return {}
        values = columns.values(entries.series_values, self._structure.series, self._odd)
        taken = {}
        for name, column in values.items():
            if isinstance(column, TextColumn):
                taken[name] = column.taken(series)
        return taken

    def _without_observations(self, entries: Entries) -> Attached:
        """Attributes of series that have no observations."""
        import numpy as np

        if entries.series is None or entries.series_keys is None:
            return {}
        empty = np.ones(len(entries.series_keys), bool)
        empty[entries.series] = False
        series = np.flatnonzero(empty)
        if not len(series):
            return {}
        codes = columns.series_dimensions(entries, self._structure, series)
        coded = self._coded(codes)
        values = self._series_values(entries, series)
        return {tuple(coded): _frame({**coded, **values})}


def _frame(values: dict[str, Any]) -> pd.DataFrame:
    """Frame of columns, each as plain texts."""
    import pandas as pd

    table = columns.table(values)
    arrays = {}
    for name in table.column_names:
        texts = table[name].cast("string").to_pylist()
        arrays[name] = pd.array(texts, "str")
    return pd.DataFrame(arrays)
