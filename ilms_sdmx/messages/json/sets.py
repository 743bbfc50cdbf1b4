"""Data sets of a JSON message: each one's batches, columns named by its structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.batches import Batch
from ilms_sdmx.messages.json import columns, groups
from ilms_sdmx.messages.json.columns import Texts
from ilms_sdmx.messages.json.observations import Entries
from ilms_sdmx.messages.json.skeleton import Region
from ilms_sdmx.messages.json.structure import Structure

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DataSet:
    """One data set: its number, parsed object, structure, and where its bulk stands."""

    number: int
    tree: Mapping[str, Any]
    structure: Structure
    regions: Sequence[Region]
    action: str


class Reader:
    """Batches of one data set."""

    def __init__(
        self,
        name: str,
        each: DataSet,
        components: Components,
        entries: Callable[[Region], Iterator[Entries]],
        odd: columns.Odd,
    ) -> None:
        self._place = f"{name}: dataSets[{each.number}]"
        self._set, self._components, self._entries, self._odd = each, components, entries, odd
        self._structure = each.structure
        self._constants = self._data_set_attributes()

    def _data_set_attributes(self) -> dict[str, str | None]:
        listed = self._set.tree.get("attributes") or []
        attributes = self._structure.dataset.attributes
        if not isinstance(listed, list):
            raise MessageError(f"{self._place}: expected a list of attributes")
        padded = [*listed, *[None] * len(attributes)]
        return {
            a.id: columns.text(a, v, self._odd)
            for a, v in zip(attributes, padded, strict=False)
        }

    def batches(self) -> Iterator[Batch]:
        """Batches of its observations; what concerns several of them comes first."""
        try:
            tree = self._set.tree.get("dimensionGroupAttributes")
            above = (
                groups.attached(tree, self._structure, self._odd)
                if isinstance(tree, dict)
                else {}
            )
            empty = all(r.start == r.end for r in self._set.regions)
            if above or empty:
                yield self._batch(self._alone() if empty else {}, above)
            for region in self._set.regions:
                for entries in self._entries(region):
                    yield self._batch(self._rows(entries), self._without_observations(entries))
        except MessageError as error:
            raise (
                error if self._place in str(error) else MessageError(f"{self._place}: {error}")
            ) from None
        except UnicodeEncodeError as error:
            raise MessageError(
                f"{self._place}: half of a surrogate pair in {error.object!r:.80}"
            ) from None

    def _batch(
        self, rows: dict[str, Any], attached: Mapping[tuple[str, ...], pd.DataFrame]
    ) -> Batch:
        return Batch(
            self._set.number,
            columns.table(rows),
            self._components,
            action=self._set.action,
            attached=attached,
            **self._structure.artefact,
        )

    def _alone(self) -> dict[str, Any]:
        """Row of a data set without observations: it deletes all, or only has attributes of its own."""
        found = {n: t for n, t in self._constants.items() if t is not None}
        if self._set.action != "Delete" and not found:
            return {}
        measure = self._structure.observation.measures[0].id
        return {n: columns.constant(t, 1) for n, t in {measure: None, **found}.items()}

    def _rows(self, entries: Entries) -> dict[str, Any]:
        structure, count = self._structure, len(entries.keys)
        codes = columns.dimensions(entries, structure)
        found: dict[str, Any] = {
            d.id: columns.checked(d, codes[d.id]) for d in structure.dimensions
        }
        found |= {
            n: columns.constant(t, count) for n, t in self._constants.items() if t is not None
        }
        if entries.series is not None and entries.series_values is not None:
            above = columns.values(entries.series_values, structure.series, self._odd)
            found |= {
                n: c.taken(entries.series) for n, c in above.items() if isinstance(c, Texts)
            }
        measures = not columns.without_measure(entries.values, structure.observation)
        return found | columns.values(
            entries.values, structure.observation, self._odd, measures=measures
        )

    def _without_observations(self, entries: Entries) -> dict[tuple[str, ...], pd.DataFrame]:
        """Attributes of series that have no observations."""
        import numpy as np

        if (
            entries.series is None
            or entries.series_keys is None
            or entries.series_values is None
        ):
            return {}
        empty = np.ones(len(entries.series_keys), bool)
        empty[entries.series] = False
        alone = np.flatnonzero(empty)
        if not len(alone):
            return {}
        codes = columns.series_dimensions(entries, self._structure, alone)
        key = tuple(d.id for d in self._structure.dimensions if d.id in codes)
        by_id = {d.id: d for d in self._structure.dimensions}
        found: dict[str, Any] = {n: columns.checked(by_id[n], codes[n]) for n in key}
        above = columns.values(entries.series_values, self._structure.series, self._odd)
        found |= {n: c.taken(alone) for n, c in above.items() if isinstance(c, Texts)}
        return {key: _frame(found)}


def _frame(found: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    table = columns.table(found)
    return pd.DataFrame(
        {n: pd.array(table[n].cast("string").to_pylist(), "str") for n in table.column_names}
    )
