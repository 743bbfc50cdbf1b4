"""The database of figures: a folder of Parquet files in which nothing is ever written over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx._files import make_folder, write_whole
from ilms_sdmx.database.adding import PARTIAL, Added, Adding
from ilms_sdmx.database.answers import (
    ROW_OF_NAME,
    dataset_of,
    harmonised_of,
    last_words,
    row_of_name,
)
from ilms_sdmx.database.attached import (
    attached_content,
    attached_of,
    attached_path,
    frames_of,
    read_attached,
)
from ilms_sdmx.database.choice import of_best_source
from ilms_sdmx.database.delivery import about_of, delivery_of, severities_of
from ilms_sdmx.database.events import sorted_by, what_holds
from ilms_sdmx.database.keys import Key, dataflows_of, schema_of, schemas_of, wanted_codes
from ilms_sdmx.database.manifest import Manifest, Schema, Vintage, read_manifest, time_of
from ilms_sdmx.database.segments import EVENT, leftovers, read_segments
from ilms_sdmx.database.tables import NAME, SOURCE, VINTAGE, ArrowTable, Part, texts_of
from ilms_sdmx.database.upkeep import Collected, check, collect, foreign_files, restore
from ilms_sdmx.database.vintages import (
    is_known,
    next_number,
    rest_content,
    rest_path,
    utc_of,
    with_origin,
)
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import DatabaseError, OutputError
from ilms_sdmx.findings import Report
from ilms_sdmx.records import Harmonised
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

#: A day, or a time.
Day: TypeAlias = "str | date | None"


LOCK = ".lock"


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
        delivery = delivery_of(data)
        source_of = origin or delivery.origin
        found = report
        if report is None:
            found = delivery.report
        time = utc_of(at)
        with self._writing() as manifest:
            number = next_number(manifest, time)
            adding = Adding(self.folder, manifest, name, number, accept_removals)
            adding.take(delivery.parts, source, is_whole=is_whole)
            vintage = Vintage(number, time, name, provider, who, note)
            vintage = with_origin(vintage, source_of, source)
            vintage = adding.with_counts(vintage, severities_of(found))
            before = manifest.last_of(name, manifest.number)
            rest = rest_content(delivery.rest)
            attached = self._attached(delivery.parts, before, is_whole)
            path_of_rest = rest_path(name, rest)
            path_of_attached = attached_path(name, attached)
            about = about_of(delivery.parts)
            vintage = replace(vintage, rest=path_of_rest, attached=path_of_attached)
            vintage = replace(vintage, about=about)
            count = sum(len(part.dataset) for part in delivery.parts)
            if not adding.has_news and is_known(vintage, before):
                return Added(name, 0, count, adding.counts)
            self._keep(path_of_rest, rest)
            self._keep(path_of_attached, attached)
            adding.write(vintage)
        return Added(name, number, count, adding.counts)

    def _keep(self, path: str, content: bytes) -> None:
        """Write what a vintage has besides its figures, where it is not written yet."""
        target = self.folder / path
        if content and not target.exists():
            write_whole(target, content)

    def _attached(self, parts: Sequence[Part], before: Vintage | None, is_whole: bool) -> bytes:
        """Attributes without an observation that hold after an addition."""
        is_partial = any(part.dataset.action in PARTIAL for part in parts)
        held = read_attached(self.folder, before)
        after = attached_of(parts, held, is_whole=is_whole and not is_partial)
        return attached_content(after)

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
        latest = last_words(table, schema)
        in_order = sorted_by(latest, schema.dimensions)
        figures = texts_of(in_order)
        if source:
            sources = figures[SOURCE].astype("str")
            figures = figures[sources == source]
        else:
            figures = of_best_source(figures, prefer)
        names = [name]
        if not name:
            told = list(map(str, figures[NAME].unique()))
            names = told or manifest.names
        wanted = wanted_codes(schema, key, period)
        number = manifest.number_at(as_of)
        flow = schema.dataflow
        attached = frames_of(self.folder, manifest, names, flow, number, wanted)
        dataset = dataset_of(figures, schema)
        return replace(dataset, attached=attached)

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
        for schema in schemas_of(manifest, dataflow):
            table = self._current(manifest, schema, key, period, name, as_of)
            frame = texts_of(table)
            frame.insert(0, "DATAFLOW", schema.dataflow)
            frames.append(frame)
        if not frames:
            return pd.DataFrame()
        if len(frames) == 1:
            return frames[0]
        return pd.concat(frames, ignore_index=True)

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
        time_of_number = {}
        for vintage in manifest.vintages:
            time_of_number[vintage.number] = vintage.time
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
        for dataflow in dataflows_of(manifest, name):
            schema = manifest.schemas[dataflow]
            table = self._current(manifest, schema, "", (), name, as_of)
            in_order = sorted_by(table, schema.keys)
            harmonised = harmonised_of(texts_of(in_order), schema, vintage)
            attached = frames_of(
                self.folder, manifest, [name], dataflow, manifest.number_at(as_of), {}
            )
            whole = replace(harmonised.dataset, attached=attached)
            found.append(replace(harmonised, dataset=whole))
        return found

    def list(self) -> pd.DataFrame:
        """Names, one row each: figures, dataflows, areas, and when they changed last."""
        import pandas as pd

        manifest = self.manifest
        rows = []
        for name in manifest.names:
            rows.append(row_of_name(manifest, name))
        return pd.DataFrame(rows, columns=list(ROW_OF_NAME))

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
        with all events (`DF_..._history`); `vintages` are all additions. `OBS_VALUE` is a
        number there, and `OBS_VALUE_TEXT` its text as it was reported.

        Raises
        ------
        DatabaseError
            DuckDB is not installed, or cannot answer the query.
        """
        from ilms_sdmx.database.queries import answer

        return answer(self.folder, self.manifest, query)

    def time_from(self, now: datetime) -> str:
        """Time for an addition: now, or that of the last one where a clock was put back."""
        time = utc_of(now)
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
