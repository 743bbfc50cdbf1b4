"""The database of figures: a folder of Parquet files in which nothing is ever written over."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx._files import make_folder, write_whole
from ilms_sdmx.database.choice import of_best_source
from ilms_sdmx.database.events import (
    ADDED,
    CHANGED,
    REMOVED,
    counts_of,
    events_of,
    sorted_by,
    what_holds,
    with_event,
)
from ilms_sdmx.database.guards import refuse_removals
from ilms_sdmx.database.manifest import (
    WITHOUT_AREA,
    Manifest,
    Schema,
    Segment,
    Vintage,
    read_manifest,
    time_of,
    write_manifest,
)
from ilms_sdmx.database.segments import (
    EVENT,
    leftovers,
    read_segments,
    write_segment,
)
from ilms_sdmx.database.tables import (
    CHANGE,
    NAME,
    ORIGIN,
    RECORD,
    SOURCE,
    VINTAGE,
    ArrowTable,
    Part,
    id_of,
    in_key_order,
    table_of,
    texts_of,
    with_columns,
)
from ilms_sdmx.database.upkeep import Collected, check, collect, foreign_files, restore
from ilms_sdmx.datasets import Dataset, datasets_of
from ilms_sdmx.errors import DatabaseError, OutputError
from ilms_sdmx.findings import Report
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

#: A key as SDMX writes it (`PHL.A..SEX_T`, `+` between codes), or codes by dimension.
Key: TypeAlias = "str | Mapping[str, str | Iterable[str]]"
#: A day, or a time.
Day: TypeAlias = "str | date | None"
LOCK = ".lock"
#: Actions of a data set that leave alone what it does not name.
_PARTIAL = frozenset({"Append", "Merge", "Delete"})


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
    attributes_left_out
        Attributes of series and groups without an observation, which are not kept.
    """

    name: str
    vintage: int
    observations: int
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    attributes_left_out: int = 0

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
        return sum(counts.get(change, 0) for counts in self.counts.values())

    def __repr__(self) -> str:
        said = f"{self.added:,} added, {self.changed:,} changed, {self.removed:,} removed"
        return f"<Added to {self.name}: {self.observations:,} observations, {said}>"


@dataclass(frozen=True)
class _Delivery:
    """What is handed in: data sets with records, where they are from, and what was found."""

    parts: tuple[Part, ...]
    origin: Origin
    report: Report | None
    rest: pd.DataFrame | None


class Database:
    """Every figure with its history, in a folder that other engines read as it is.

    A figure is identified by dataflow, key, period and source, within the name under which it
    was added. What is added under a name is the whole of it: figures that are there no more are
    removed, and all that ever held is kept.

    Parameters
    ----------
    folder
        Made when something is added.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> def stock(value):
    ...     frame = pd.DataFrame({"REF_AREA": ["PHL"], "TIME_PERIOD": ["2013"],
    ...                           "OBS_VALUE": [value]}, dtype="string")
    ...     return Dataset(frame, Components(("REF_AREA", "TIME_PERIOD")), "ILO:DF_X(1.0)")
    >>> database = Database(tempfile.mkdtemp())
    >>> database.add(stock("10238.6"), "stock", at="2014-05-01", source="EA:6656")
    <Added to stock: 1 observations, 1 added, 0 changed, 0 removed>
    >>> database.add(stock("2320"), "stock", at="2015-05-01", source="EA:6656").changed
    1
    >>> then = database.get("DF_X", key="PHL", as_of="2014-12-31")
    >>> then.observations["OBS_VALUE"].tolist()
    ['10238.6']
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Database({str(self.folder)!r})"

    @property
    def manifest(self) -> Manifest:
        """State of the database as its manifest says it now.

        Raises
        ------
        DatabaseError
            The manifest is damaged.
        """
        return read_manifest(self.folder)

    def add(
        self,
        data: Any,
        name: str,
        *,
        at: str | datetime,
        source: str = "",
        provider: str = "",
        who: str = "",
        note: str = "",
        report: Report | Mapping[str, int] | None = None,
        origin: Origin | None = None,
        is_whole: bool = True,
        accept_removals: bool = True,
    ) -> Added:
        """Add figures under a name; nothing is written where nothing is new.

        Parameters
        ----------
        data
            A data set, a conversion, a message, a fetched result, or several of them.
        name
            What the figures are a new edition of: an item, a table of an office.
        at
            Time of the addition, not before that of the last one; UTC where it has no zone.
        source
            Source of figures that name none themselves, as `BA:6649`.
        provider, who, note
            Kept with the vintage.
        report
            Result of a validation, or its number of findings by severity; that of the data
            where they carry one.
        origin
            Which bytes the data are from; what they say themselves where it is None.
        is_whole
            Whether figures of the name that are not handed in are removed. Data sets to be
            appended, merged or deleted remove nothing but what they say.
        accept_removals
            Whether a large part of a table may go: more than 10 % of its keys, or a whole area
            or series.

        Raises
        ------
        StructureError
            A key is there twice, or a dataflow has other dimensions than before.
        RemovalError
            A large part of a table would go.
        DatabaseError
            The time is before that of the last addition, or the database is damaged.
        OutputError
            The folder cannot be written.
        """
        delivery = _delivery(data)
        source_of = origin or delivery.origin
        found = delivery.report if report is None else report
        time = _time(at)
        with self._writing() as manifest:
            number = _next_number(manifest, time)
            adding = _Adding(self.folder, manifest, name, number, accept_removals)
            adding.take(delivery.parts, source, is_whole=is_whole)
            vintage = Vintage(number, time, name, provider, who, note)
            vintage = _with_origin(vintage, source_of, source)
            vintage = _with_counts(vintage, adding, _severities(found))
            before = manifest.last_of(name, manifest.number)
            rest = _rest_content(delivery.rest)
            vintage = replace(vintage, rest=_rest_path(name, rest))
            count = sum(len(part.dataset) for part in delivery.parts)
            left_out = _attributes_left_out(delivery.parts)
            if not adding.has_news and _is_known(vintage, before):
                return Added(name, 0, count, adding.counts, left_out)
            if rest and not (self.folder / vintage.rest).exists():
                write_whole(self.folder / vintage.rest, rest)
            adding.write(vintage)
        return Added(name, number, count, adding.counts, left_out)

    def get(
        self,
        dataflow: str,
        *,
        key: Key = "",
        period: str | Iterable[str] = (),
        source: str = "",
        name: str = "",
        as_of: Day = None,
        prefer: Sequence[str] = (),
    ) -> Dataset:
        """Figures of a dataflow, for each area those of one source.

        Parameters
        ----------
        dataflow
            Its identifier, or its id alone.
        key
            As SDMX writes it, `PHL.A..SEX_T`, or codes by dimension.
        period
            TIME_PERIOD, or several.
        source
            Only this source; else the best one of each area.
        name
            Only what was added under this name.
        as_of
            Day or time: what was known then.
        prefer
            Sources or types of sources that come first, see `choice.RULE`.

        Raises
        ------
        DatabaseError
            There is no such dataflow, or a file is damaged.
        """
        manifest = self.manifest
        schema = schema_of(manifest, dataflow)
        table = self._current(manifest, schema, key, period, name, as_of)
        last_words = _last_words(table, schema)
        figures = texts_of(sorted_by(last_words, schema.dimensions))
        figures = (
            figures[figures[SOURCE].astype("str") == source]
            if source
            else of_best_source(figures, prefer)
        )
        return _dataset(figures, schema)

    def frame(
        self,
        dataflow: str = "",
        *,
        key: Key = "",
        period: str | Iterable[str] = (),
        name: str = "",
        as_of: Day = None,
    ) -> pd.DataFrame:
        """Figures of all sources and names, with what is known of each.

        DATAFLOW comes first; `figure_...` columns say source, name and vintage, `record_...`
        what a figure counts, `origin_...` where it was read.
        """
        import pandas as pd

        manifest = self.manifest
        frames = []
        for schema in _schemas(manifest, dataflow):
            table = self._current(manifest, schema, key, period, name, as_of)
            frame = texts_of(table)
            frame.insert(0, "DATAFLOW", schema.dataflow)
            frames.append(frame)
        if not frames:
            return pd.DataFrame()
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def history(
        self,
        dataflow: str,
        *,
        key: Key = "",
        period: str | Iterable[str] = (),
        name: str = "",
    ) -> pd.DataFrame:
        """Events of figures, by key and then in time: what was added, changed, removed, when.

        Columns are those of `frame`, `time` and `figure_change`.
        """
        manifest = self.manifest
        schema = schema_of(manifest, dataflow)
        events = self._events(manifest, schema, key, period, name, manifest.number)
        frame = texts_of(sorted_by(events, [*schema.keys, NAME]))
        time_of_number = {vintage.number: vintage.time for vintage in manifest.vintages}
        times = frame[VINTAGE].map(time_of_number).astype("string")
        frame.insert(0, "time", times)
        return frame

    def harmonised(self, name: str, *, as_of: Day = None) -> list[Harmonised]:
        """Figures of a name with their comparability records, one object a dataflow.

        Raises
        ------
        DatabaseError
            Nothing was added under the name.
        """
        manifest = self.manifest
        if name not in manifest.names:
            known = ", ".join(manifest.names) or "none"
            raise DatabaseError(f"the database {self.folder} has no {name!r}; it has {known}")
        vintage = manifest.last_of(name, manifest.number_at(as_of))
        found = []
        for dataflow in _dataflows_of(manifest, name):
            schema = manifest.schemas[dataflow]
            table = self._current(manifest, schema, "", (), name, as_of)
            in_order = sorted_by(table, schema.keys)
            found.append(_harmonised(texts_of(in_order), schema, vintage))
        return found

    def list(self) -> pd.DataFrame:
        """Names, one row each: figures, dataflows, areas, and when they changed last."""
        import pandas as pd

        manifest = self.manifest
        rows = []
        for name in manifest.names:
            rows.append(_row_of_name(manifest, name))
        return pd.DataFrame(rows, columns=list(_ROW_OF_NAME))

    def show(self, name: str = "") -> tuple[Vintage, ...]:
        """Vintages of a name, or all of them, the first one first."""
        vintages = self.manifest.vintages
        return tuple(each for each in vintages if name in ("", each.name))

    def rest(self, name: str) -> pd.DataFrame:
        """Figures of a name that have no place in our structures, as they were handed in."""
        import pandas as pd

        vintage = self.manifest.last_of(name, self.manifest.number)
        if vintage is None or not vintage.rest:
            return pd.DataFrame()
        return pd.read_parquet(self.folder / vintage.rest)

    def sql(self, query: str) -> pd.DataFrame:
        """Result of a query in SQL, by DuckDB over the same files.

        Each dataflow is a view with its id (`DF_...`) of the figures that hold, and another one
        with all events (`DF_..._history`); `vintages` are all additions.

        Raises
        ------
        DatabaseError
            DuckDB is not installed, or cannot answer the query.
        """
        from ilms_sdmx.database.queries import answer

        return answer(self.folder, self.manifest, query)

    def time_from(self, now: datetime) -> str:
        """Time for an addition: now, or that of the last one where a clock was put back."""
        time = _time(now)
        vintages = self.manifest.vintages
        if vintages and time_of(vintages[-1].time) > time_of(time):
            return vintages[-1].time
        return time

    def foreign(self) -> tuple[Path, ...]:
        """Files in the folders of the data that are none of the database."""
        return foreign_files(self.folder, self.manifest)

    def check(self) -> Report:
        """Findings of files that are damaged, missing, foreign or left over."""
        return check(self.folder)

    def restore(self) -> Path:
        """Take the newest good copy of a damaged manifest; the damaged one is kept next to it.

        Raises
        ------
        DatabaseError
            No copy is whole.
        """
        with self._locked():
            return restore(self.folder)

    def gc(self) -> Collected:
        """Join small files, and remove what additions that were killed left; every event stays.

        Raises
        ------
        OutputError
            The folder cannot be written.
        """
        with self._writing() as manifest:
            return collect(self.folder, manifest)

    def _current(
        self,
        manifest: Manifest,
        schema: Schema,
        key: Key,
        period: str | Iterable[str],
        name: str,
        as_of: Day,
    ) -> ArrowTable:
        """Figures that held at a time, each with its last event."""
        number = manifest.number_at(as_of)
        events = self._events(manifest, schema, key, period, name, number)
        return what_holds(events, [*schema.keys, NAME])

    def _events(
        self,
        manifest: Manifest,
        schema: Schema,
        key: Key,
        period: str | Iterable[str],
        name: str,
        number: int,
    ) -> ArrowTable:
        """Events of figures until a vintage."""
        wanted = wanted_codes(schema, key, period)
        areas = wanted.get("REF_AREA", ())
        segments = list(manifest.segments_of(schema.dataflow, name, areas))
        columns = [*schema.columns, *EVENT]
        return read_segments(self.folder, segments, columns, wanted, number)

    @contextmanager
    def _writing(self) -> Iterator[Manifest]:
        """Manifest, for one process at a time; what killed ones left is gone."""
        with self._locked():
            manifest = self.manifest
            for path in leftovers(self.folder, manifest.segments):
                path.unlink(missing_ok=True)
            yield manifest

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock of the folder; others that write wait.

        Raises
        ------
        OutputError
            The folder cannot be made or written.
        """
        from filelock import FileLock

        make_folder(self.folder)
        try:
            lock = FileLock(self.folder / LOCK)
            lock.acquire()
        except OSError as error:
            message = f"{self.folder} cannot be written: {error.strerror or error}."
            raise OutputError(message, str(self.folder)) from error
        try:
            yield
        finally:
            lock.release()


class _Adding:
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
        for dataflow in _dataflows_of(self.manifest, self.name):
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
        after = pa.concat_tables(whole).unify_dictionaries() if whole else None
        is_partial = any(part.dataset.action in _PARTIAL for part in parts)
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
        held = texts_of(before.select(keys)).astype("str")
        told = texts_of(events.select([*keys, CHANGE])).astype("str")
        gone = told.loc[told[CHANGE] == REMOVED, keys]
        index = pd.MultiIndex.from_frame(held)
        is_gone = index.isin(pd.MultiIndex.from_frame(gone))
        table = f"{self.name}, {schema.dataflow}"
        refuse_removals(held, pd.Series(is_gone, index=held.index), keys, table)

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
    areas = table["REF_AREA"].cast(pa.string()).to_numpy(zero_copy_only=False)
    begins = np.flatnonzero(np.append(True, areas[1:] != areas[:-1]))
    ends = np.append(begins[1:], len(areas))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        yield str(areas[begin] or WITHOUT_AREA), table.slice(begin, end - begin)


def schema_of(manifest: Manifest, dataflow: str) -> Schema:
    """Schema of a dataflow by its identifier or its id.

    Raises
    ------
    DatabaseError
        The database has no such dataflow.
    """
    if dataflow in manifest.schemas:
        return manifest.schemas[dataflow]
    wanted = dataflow.removeprefix("DF_")
    found = [each for each in manifest.schemas.values() if id_of(each.dataflow) == wanted]
    if len(found) == 1:
        return found[0]
    known = ", ".join(manifest.schemas) or "none"
    raise DatabaseError(f"the database has no dataflow {dataflow!r}; it has {known}")


def wanted_codes(
    schema: Schema, key: Key, period: str | Iterable[str] = ()
) -> dict[str, list[str]]:
    """Codes by dimension that a key and a period ask for.

    Raises
    ------
    DatabaseError
        The key has more places than the dataflow has dimensions, or names another one.
    """
    wanted: dict[str, list[str]] = {}
    if isinstance(key, str):
        wanted = _codes_of_text(schema, key)
    else:
        for name, codes in key.items():
            wanted[name] = [codes] if isinstance(codes, str) else list(codes)
    periods = [period] if isinstance(period, str) else list(period)
    if periods:
        wanted["TIME_PERIOD"] = periods
    unknown = [name for name in wanted if name not in schema.dimensions]
    if unknown:
        known = ", ".join(schema.dimensions)
        raise DatabaseError(f"{schema.dataflow} has no dimension {unknown[0]}; it has {known}")
    return wanted


def _codes_of_text(schema: Schema, key: str) -> dict[str, list[str]]:
    """Codes of a key as SDMX writes it; an empty place asks for all."""
    dimensions = [name for name in schema.dimensions if name != "TIME_PERIOD"]
    places = key.split(".") if key else []
    if len(places) > len(dimensions):
        expected = ".".join(dimensions)
        raise DatabaseError(f"expected a key as {expected}, found {key}")
    wanted = {}
    for name, place in zip(dimensions, places, strict=False):
        if place and place != "*":
            wanted[name] = place.split("+")
    return wanted


def _delivery(data: Any) -> _Delivery:
    """What is handed in, with the records and the origin of what was fetched."""
    fetched = list(_harmonised_in(data))
    if fetched:
        return _fetched_delivery(fetched)
    from ilms_sdmx.messages import read

    report = getattr(data, "report", None)
    workbook = getattr(data, "workbook", None)
    origin = Origin("")
    if isinstance(workbook, Workbook):
        origin = Origin("", workbook.name, sha256=workbook.sha256)
    datasets = datasets_of(data, read=lambda source: read(source).datasets)
    parts = [Part(dataset) for dataset in datasets]
    return _Delivery(tuple(parts), origin, report, None)


def _fetched_delivery(fetched: Sequence[Harmonised]) -> _Delivery:
    """What was fetched; origin and report are those of the first."""
    import pandas as pd

    parts = []
    rests = []
    for each in fetched:
        rests.append(each.rest)
        for part in each.parts:
            parts.append(Part(part.dataset, part.records))
    rest = pd.concat(rests, ignore_index=True)
    first = fetched[0]
    return _Delivery(tuple(parts), first.origin, first.report, rest)


def _harmonised_in(data: Any) -> Iterator[Harmonised]:
    """Fetched results that are handed in, alone or in a list."""
    if isinstance(data, Harmonised):
        yield data
    elif isinstance(data, list | tuple):
        for each in data:
            if isinstance(each, Harmonised):
                yield each


def _with_origin(vintage: Vintage, origin: Origin, source: str) -> Vintage:
    """Vintage with the bytes that it came from."""
    return replace(
        vintage,
        source=origin.source or source,
        address=origin.address,
        edition=origin.edition,
        retrieved=origin.retrieved,
        sha256=origin.sha256,
    )


def _with_counts(vintage: Vintage, adding: _Adding, found: dict[str, int]) -> Vintage:
    """Vintage with what changed and what was found."""
    added = adding.sum_of(ADDED)
    changed = adding.sum_of(CHANGED)
    removed = adding.sum_of(REMOVED)
    return replace(vintage, added=added, changed=changed, removed=removed, validation=found)


def _time(at: str | datetime) -> str:
    """Time of an addition in UTC, as the manifest writes it."""
    text = at if isinstance(at, str) else at.isoformat()
    return time_of(text).isoformat().replace("+00:00", "Z")


def _next_number(manifest: Manifest, time: str) -> int:
    """Number of the next vintage.

    Raises
    ------
    DatabaseError
        Its time is before that of the last one: what was known on a day would change.
    """
    if manifest.vintages:
        last = manifest.vintages[-1].time
        if time_of(time) < time_of(last):
            raise DatabaseError(
                f"expected a time from {last} on, that of the last addition, found {time}"
            )
    return manifest.number + 1


def _is_known(vintage: Vintage, before: Vintage | None) -> bool:
    """Whether a vintage without events says nothing new: not of another edition."""
    if before is None:
        return False
    told = (vintage.edition, vintage.address, vintage.rest)
    return told == (before.edition, before.address, before.rest)


def _severities(report: Report | Mapping[str, int] | None) -> dict[str, int]:
    """Number of findings of a report by severity."""
    if report is None:
        return {}
    if isinstance(report, Mapping):
        return dict(report)
    counts: dict[str, int] = {}
    for finding in report.findings:
        severity = str(finding.severity)
        counts[severity] = counts.get(severity, 0) + 1
    return counts


def _rest_content(rest: pd.DataFrame | None) -> bytes:
    """Bytes of the figures without a place; empty for none."""
    if rest is None or rest.empty:
        return b""
    file = io.BytesIO()
    rest.astype("str").to_parquet(file, index=False)
    return file.getvalue()


def _rest_path(name: str, content: bytes) -> str:
    if not content:
        return ""
    digest = hashlib.sha256(content).hexdigest()
    return f"rest/{name}-{digest[:16]}.parquet"


def _attributes_left_out(parts: Iterable[Part]) -> int:
    count = 0
    for part in parts:
        for frame in part.dataset.attached.values():
            count += len(frame)
    return count


def _dataflows_of(manifest: Manifest, name: str) -> list[str]:
    """Dataflows that a name has figures of."""
    segments = manifest.segments_of(name=name)
    return list(dict.fromkeys(segment.dataflow for segment in segments))


def _schemas(manifest: Manifest, dataflow: str) -> list[Schema]:
    if dataflow:
        return [schema_of(manifest, dataflow)]
    return list(manifest.schemas.values())


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


def _last_words(table: ArrowTable, schema: Schema) -> ArrowTable:
    """Figures of which several names tell: the one that was told last."""
    import pyarrow.compute as pc

    if not table.num_rows:
        return table
    in_time = table.take(pc.sort_indices(table, [(VINTAGE, "ascending")]))
    return what_holds(in_time, schema.keys)


def _dataset(figures: pd.DataFrame, schema: Schema) -> Dataset:
    """Data set of figures, in the order they have."""
    components = schema.components
    in_order = figures.reset_index(drop=True)
    observations = in_order[components.columns].copy()
    for measure in components.measures:
        observations[measure] = observations[measure].astype("string")
    origins = [name for name in in_order.columns if name.startswith(ORIGIN)]
    provenance = None
    if origins and in_order[origins].notna().any(axis=None):
        renamed = {name: name.removeprefix(ORIGIN) for name in origins}
        provenance = in_order[origins].rename(columns=renamed)
    return Dataset(observations, components, schema.dataflow, provenance=provenance)


def _harmonised(figures: pd.DataFrame, schema: Schema, vintage: Vintage | None) -> Harmonised:
    """Figures of a name with their records, of the edition that was added last."""
    dataset = _dataset(figures, schema)
    records = figures.reindex(columns=[RECORD + name for name in RECORD_COLUMNS])
    records = records.rename(columns=lambda name: name.removeprefix(RECORD))
    records = records.astype("string").fillna("")
    origin = Origin("")
    if vintage is not None:
        origin = Origin(
            vintage.source, vintage.address, vintage.edition, vintage.retrieved, vintage.sha256
        )
        if vintage.edition:
            records["edition"] = vintage.edition
        if vintage.address:
            records["address"] = vintage.address
        if vintage.source:
            records["source"] = records["source"].replace("", vintage.source)
    return Harmonised(dataset, records.astype("category"), origin)


_ROW_OF_NAME = (
    "name",
    "figures",
    "dataflows",
    "areas",
    "vintages",
    "first",
    "last",
    "provider",
    "source",
)


def _row_of_name(manifest: Manifest, name: str) -> dict[str, object]:
    """Row of the list of names."""
    vintages = []
    figures = 0
    for vintage in manifest.vintages:
        if vintage.name == name:
            vintages.append(vintage)
            figures += vintage.added - vintage.removed
    dataflows = set()
    areas = set()
    for segment in manifest.segments_of(name=name):
        dataflows.add(segment.dataflow)
        areas.add(segment.area)
    first = vintages[0]
    last = vintages[-1]
    counts = (figures, len(dataflows), len(areas), len(vintages))
    row = (name, *counts, first.time, last.time, last.provider, last.source)
    return dict(zip(_ROW_OF_NAME, row, strict=True))
