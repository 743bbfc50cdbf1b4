"""An addition on its way: the events that figures lead to, and the segments they are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.events import (
    ADDED,
    CHANGED,
    REMOVED,
    counts_of,
    events_of,
    what_holds,
    with_event,
)
from ilms_sdmx.database.guards import refuse_removals
from ilms_sdmx.database.keys import dataflows_of
from ilms_sdmx.database.manifest import (
    WITHOUT_AREA,
    Manifest,
    Schema,
    Segment,
    Vintage,
    read_manifest,
    write_manifest,
)
from ilms_sdmx.database.segments import EVENT, read_segments, write_segment
from ilms_sdmx.database.tables import (
    CHANGE,
    ORIGIN,
    RECORD,
    ArrowTable,
    Part,
    in_key_order,
    table_of,
    texts_of,
    with_columns,
)
from ilms_sdmx.errors import DatabaseError

if TYPE_CHECKING:
    import pandas as pd


#: Actions of a data set that leave alone what it does not name.
PARTIAL = frozenset({"Append", "Merge", "Delete"})


@dataclass(frozen=True)
class Added:
    """What an addition did.

    Parameters
    ----------
    name
        Name that was added to.
    vintage
        Its number; 0 where nothing was new.
    observations
        Figures that were handed in.
    counts
        By dataflow, how many observations it has, and how many were added, changed, removed.
    """

    name: str
    vintage: int
    observations: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def added(self) -> int:
        """Figures that were not there."""
        return self._sum(ADDED)

    @property
    def changed(self) -> int:
        """Figures with another value, status or attribute."""
        return self._sum(CHANGED)

    @property
    def removed(self) -> int:
        """Figures that are there no more."""
        return self._sum(REMOVED)

    def _sum(self, change: str) -> int:
        total = 0
        for counts in self.counts.values():
            total += counts.get(change, 0)
        return total

    def __repr__(self) -> str:
        counts = []
        for change in (ADDED, CHANGED, REMOVED):
            count = self._sum(change)
            counts.append(f"{count:,} {change}")
        said = ", ".join(counts)
        return f"<Added to {self.name}: {self.observations:,} observations, {said}>"


class Adding:
    """An addition on its way: its events by dataflow, and the segments they are written to."""

    def __init__(
        self, folder: Path, manifest: Manifest, name: str, number: int, accept_removals: bool
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.name = name
        self.number = number
        self.accept_removals = accept_removals
        self.counts: dict[str, dict[str, int]] = {}
        self.schemas = dict(manifest.schemas)
        self._events: dict[str, ArrowTable] = {}

    @property
    def has_news(self) -> bool:
        """Whether any figure was added, changed or removed."""
        return any(events.num_rows for events in self._events.values())

    def sum_of(self, change: str) -> int:
        """Number of figures of all dataflows that a change concerns."""
        return sum(counts[change] for counts in self.counts.values())

    def with_counts(self, vintage: Vintage, findings: dict[str, int]) -> Vintage:
        """Vintage with what changed and what was found."""
        added = self.sum_of(ADDED)
        changed = self.sum_of(CHANGED)
        removed = self.sum_of(REMOVED)
        return replace(
            vintage, added=added, changed=changed, removed=removed, validation=findings
        )

    def take(self, parts: Sequence[Part], source: str, *, is_whole: bool) -> None:
        """Find the events that figures lead to; those of a dataflow together."""
        by_dataflow: dict[str, list[Part]] = {}
        for handed in parts:
            part = replace(handed, dataset=in_key_order(handed.dataset))
            dataflow = part.dataset.dataflow or self.name
            by_dataflow.setdefault(dataflow, []).append(part)
        for dataflow, of_flow in by_dataflow.items():
            self._take(dataflow, of_flow, source, is_whole)
        if not is_whole:
            return
        for dataflow in dataflows_of(self.manifest, self.name):
            if dataflow not in by_dataflow:
                self._compare(self.schemas[dataflow], None, is_whole=True)

    def _take(self, dataflow: str, parts: list[Part], source: str, is_whole: bool) -> None:
        import pyarrow as pa

        deleting = [part for part in parts if part.dataset.action == "Delete"]
        giving = [part for part in parts if part.dataset.action != "Delete"]
        for part in parts:
            schema = Schema.of(dataflow, part.dataset.components)
            known = self.schemas.get(dataflow)
            self.schemas[dataflow] = known.joined(schema) if known else schema
        schema = self.schemas[dataflow]
        tables = [table_of(part, schema, source) for part in giving]
        extras = dict.fromkeys(schema.extras)
        for table in tables:
            for column in table.column_names:
                if column.startswith((RECORD, ORIGIN)):
                    extras[column] = None
        schema = replace(schema, extras=tuple(extras))
        self.schemas[dataflow] = schema
        whole = [with_columns(table, schema.columns) for table in tables]
        after = None
        if whole:
            after = pa.concat_tables(whole).unify_dictionaries()
        is_partial = any(part.dataset.action in PARTIAL for part in parts)
        self._compare(schema, after, is_whole=is_whole and not is_partial, deleting=deleting)

    def _compare(
        self,
        schema: Schema,
        after: ArrowTable | None,
        *,
        is_whole: bool,
        deleting: Sequence[Part] = (),
    ) -> None:
        """Find the events of one dataflow."""
        columns = schema.columns
        segments = list(self.manifest.segments_of(schema.dataflow, self.name))
        held = read_segments(self.folder, segments, [*columns, *EVENT])
        before = what_holds(held, schema.keys).select(columns)
        if deleting:
            left = before.filter(_is_left(before, schema, deleting))
            after = left if after is None else _merged(left, after, schema.keys)
            is_whole = True
        if after is None:
            after = before.slice(0, 0)
        events = events_of(before, after, schema.keys, is_whole=is_whole)
        counts = counts_of(events)
        if counts[REMOVED] and not self.accept_removals:
            self._guard(before, events, schema)
        self.counts[schema.dataflow] = {"observations": after.num_rows, **counts}
        self._events[schema.dataflow] = events

    def _guard(self, before: ArrowTable, events: ArrowTable, schema: Schema) -> None:
        """Refuse that a large part of a table goes."""
        import pandas as pd

        keys = schema.keys
        keys_before = before.select(keys)
        held = texts_of(keys_before).astype("str")
        changes = events.select([*keys, CHANGE])
        told = texts_of(changes).astype("str")
        is_removed = told[CHANGE] == REMOVED
        gone = told.loc[is_removed, keys]
        index = pd.MultiIndex.from_frame(held)
        gone_index = pd.MultiIndex.from_frame(gone)
        is_gone = pd.Series(index.isin(gone_index), index=held.index)
        table = f"{self.name}, {schema.dataflow}"
        refuse_removals(held, is_gone, keys, table)

    def write(self, vintage: Vintage) -> None:
        """Write the segments, then the manifest that has them; all of it or nothing."""
        written: list[Segment] = []
        try:
            for dataflow, events in self._events.items():
                if not events.num_rows:
                    continue
                for segment in self._write(dataflow, events):
                    written.append(segment)
            vintages = (*self.manifest.vintages, vintage)
            segments = (*self.manifest.segments, *written)
            write_manifest(self.folder, Manifest(vintages, self.schemas, segments))
        except BaseException:
            self._take_back(written)
            raise

    def _take_back(self, written: Iterable[Segment]) -> None:
        """Remove the segments of an addition that did not end; one that holds stays."""
        try:
            holds = read_manifest(self.folder).number
        except DatabaseError:
            return
        if holds >= self.number:
            return
        for segment in written:
            (self.folder / segment.path).unlink(missing_ok=True)

    def _write(self, dataflow: str, events: ArrowTable) -> Iterator[Segment]:
        """Write the events of a dataflow, a segment an area."""
        table = with_event(events, self.name, self.number)
        for area, of_area in by_area(table):
            yield write_segment(self.folder, of_area, dataflow, area, self.name)


def by_area(table: ArrowTable) -> Iterator[tuple[str, ArrowTable]]:
    """Rows of each area of a table that is sorted by area."""
    import numpy as np
    import pyarrow as pa

    if "REF_AREA" not in table.column_names:
        yield WITHOUT_AREA, table
        return
    texts = table["REF_AREA"].cast(pa.string())
    areas = texts.to_numpy(zero_copy_only=False)
    is_other = areas[1:] != areas[:-1]
    is_first = np.append(True, is_other)
    begins = np.flatnonzero(is_first).tolist()
    ends = [*begins[1:], len(areas)]
    for begin, end in zip(begins, ends, strict=True):
        area = areas[begin] or WITHOUT_AREA
        count = end - begin
        yield str(area), table.slice(begin, count)


def _is_left(before: ArrowTable, schema: Schema, deleting: Sequence[Part]) -> Any:
    """Which figures data sets to be deleted leave; a missing dimension is any."""
    import numpy as np
    import pyarrow as pa

    held = texts_of(before.select(list(schema.dimensions))).astype("str")
    is_gone = np.zeros(len(held), dtype=bool)
    for part in deleting:
        for row in part.dataset.observations.to_dict("records"):
            is_gone |= _matches(held, row, schema)
    return pa.array(~is_gone)


def _matches(held: pd.DataFrame, row: dict[Any, Any], schema: Schema) -> Any:
    import numpy as np
    import pandas as pd

    matches = np.ones(len(held), dtype=bool)
    for name in schema.dimensions:
        code = row.get(name)
        if code is None or pd.isna(code):
            continue
        matches &= (held[name] == str(code)).to_numpy(dtype=bool)
    return matches


def _merged(left: ArrowTable, after: ArrowTable, keys: Sequence[str]) -> ArrowTable:
    """Figures that are left, with those that are given in their place."""
    import pyarrow as pa

    both = pa.concat_tables([left, after]).unify_dictionaries()
    with_change = both.append_column(CHANGE, pa.array([ADDED] * both.num_rows))
    return what_holds(with_change, keys).select(both.column_names)
