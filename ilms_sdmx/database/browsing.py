"""Browsing: facets, rows, cross tables and histories of a database, by a closed grammar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.events import REMOVED
from ilms_sdmx.database.manifest import Manifest, Schema, Segment, read_manifest
from ilms_sdmx.database.queries import view_of
from ilms_sdmx.database.tables import CHANGE, NAME, SOURCE, VINTAGE
from ilms_sdmx.errors import DatabaseError

if TYPE_CHECKING:
    import pandas as pd

#: Memory and threads of one question.
MEMORY, THREADS = "300MB", 2
#: Most codes of a facet, rows of a page, and rows and columns of a cross table.
MOST_CODES, PAGE, MOST_ROWS, MOST_COLUMNS = 400, 100, 500, 80
_VALUE, _TIME = "OBS_VALUE", "TIME_PERIOD"


@dataclass(frozen=True)
class Selection:
    """Figures of a dataflow that are looked at.

    Parameters
    ----------
    dataflow
        Its identifier.
    codes
        Dimension, or `figure_name` and `figure_source`, to the codes that are wanted; all of
        those that are not in it.
    """

    dataflow: str
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Browser:
    """Answers of DuckDB about the figures that hold in a database, for pages.

    Columns are those of the structure, and what is looked for are values of parameters: nothing
    that somebody types becomes part of a query.

    Parameters
    ----------
    folder
        Folder of the database.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def contents(self) -> list[dict[str, Any]]:
        """Dataflows with their number of figures, areas, periods and sources."""
        manifest = read_manifest(self.folder)
        found = []
        for schema in manifest.schemas.values():
            if not any(manifest.segments_of(schema.dataflow)):
                continue
            time = _quoted(_TIME) if _TIME in schema.dimensions else "''"
            query = (
                f"select count(*), count(distinct {_quoted(SOURCE)}), min({time}), max({time}) "
                "from figures"
            )
            with self._opened(manifest, schema) as connection:
                count, sources, first, last = connection.execute(query).fetchone()
            areas = sorted({s.area for s in manifest.segments_of(schema.dataflow) if s.area})
            row: dict[str, Any] = {"dataflow": schema.dataflow, "id": view_of(schema.dataflow)}
            row |= {"figures": count, "sources": sources, "areas": areas}
            found.append({**row, "first": first or "", "last": last or ""})
        return found

    def columns(self, dataflow: str) -> list[str]:
        """Columns by which figures of a dataflow can be chosen."""
        return _choosable(self._schema(dataflow))

    def facets(self, selection: Selection) -> dict[str, list[tuple[str, int]]]:
        """Codes of each column with their numbers of figures, under what else is chosen."""
        schema = self._schema(selection.dataflow)
        found = {}
        with self._opened(read_manifest(self.folder), schema) as connection:
            for column in _choosable(schema):
                others = {k: v for k, v in selection.codes.items() if k != column}
                where, values = _where(schema, others)
                name = _quoted(column)
                query = (
                    f"select {name}, count(*) from figures {where} group by 1 "
                    f"order by 1 limit {MOST_CODES}"
                )
                rows = connection.execute(query, values).fetchall()
                found[column] = [(str(code or ""), int(count)) for code, count in rows]
        return found

    def rows(self, selection: Selection, page: int = 0) -> tuple[int, pd.DataFrame]:
        """Number of figures, and those of one page."""
        schema = self._schema(selection.dataflow)
        where, values = _where(schema, selection.codes)
        keys = map(_quoted, schema.keys)
        order = ", ".join(keys)
        first = PAGE * max(page, 0)
        window = f"order by {order} limit {PAGE} offset {first}"
        manifest = read_manifest(self.folder)
        with self._opened(manifest, schema) as connection:
            counted = connection.execute(f"select count(*) from figures {where}", values)
            (count,) = counted.fetchone()
            found = connection.execute(f"select * from figures {where} {window}", values)
            frame = found.df()
        return int(count), frame

    def cross_table(self, selection: Selection, rows: str, columns: str) -> pd.DataFrame:
        """Cross table: the figure of each pair of codes, and how many there are of it.

        Columns are `row`, `column`, `value` and `count`. Figures are never added up here: only
        one that is alone has a value.
        """
        schema = self._schema(selection.dataflow)
        where, values = _where(schema, selection.codes)
        for name in (rows, columns):
            _refuse_other(schema, name)
        value = _quoted(_VALUE)
        query = (
            f'select {_quoted(rows)} as row, {_quoted(columns)} as "column", '
            f"case when count(*) = 1 then any_value({value}) end as value, "
            f"count(*) as count from figures {where} group by 1, 2 order by 1, 2 "
            f"limit {MOST_ROWS * MOST_COLUMNS}"
        )
        with self._opened(read_manifest(self.folder), schema) as connection:
            frame: pd.DataFrame = connection.execute(query, values).df()
        return frame

    def history(self, selection: Selection) -> pd.DataFrame:
        """Events of the figures that are chosen, in the order in which they came."""
        manifest = read_manifest(self.folder)
        schema = self._schema(selection.dataflow)
        where, values = _where(schema, selection.codes)
        segments = list(manifest.segments_of(schema.dataflow))
        with self._connected() as connection:
            query = f"select * from {_read(self.folder, segments)} {where} "
            frame: pd.DataFrame = connection.execute(
                f"{query} order by {_quoted(VINTAGE)} limit {MOST_ROWS}", values
            ).df()
        times = {vintage.number: vintage.time for vintage in manifest.vintages}
        frame.insert(0, "time", frame[VINTAGE].map(times))
        return frame

    def _schema(self, dataflow: str) -> Schema:
        """Columns of a dataflow, by its identifier or its id."""
        for schema in read_manifest(self.folder).schemas.values():
            if dataflow in (schema.dataflow, view_of(schema.dataflow)):
                return schema
        raise DatabaseError(f"expected a table of the database, found {dataflow!r}.")

    @contextmanager
    def _opened(self, manifest: Manifest, schema: Schema) -> Iterator[Any]:
        """Connection with the view `figures` of what holds in a dataflow."""
        segments = list(manifest.segments_of(schema.dataflow))
        with self._connected() as connection:
            connection.execute(
                f"create view figures as {_holding(self.folder, segments, schema)}"
            )
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """Connection that reads the folder of the database and nothing else."""
        try:
            import duckdb
        except ImportError as error:
            message = "looking at the database needs DuckDB: pip install 'ilms-sdmx[db]'"
            raise DatabaseError(message) from error
        folder = _text(self.folder.resolve().as_posix())
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"set memory_limit = '{MEMORY}'")
            connection.execute(f"set threads = {THREADS}")
            connection.execute(f"set allowed_directories = [{folder}]")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            try:
                yield connection
            except duckdb.Error as error:
                raise DatabaseError(f"DuckDB cannot answer: {error}") from error


def _choosable(schema: Schema) -> list[str]:
    return [*schema.dimensions, SOURCE, NAME]


def _refuse_other(schema: Schema, column: str) -> None:
    """Refuse a column that the structure does not have."""
    known = _choosable(schema)
    if column not in known:
        listed = ", ".join(known)
        raise DatabaseError(f"expected one of {listed}, found {column!r}.")


def _where(schema: Schema, codes: Mapping[str, Sequence[str]]) -> tuple[str, list[str]]:
    """Condition of a query, and the values of its parameters."""
    parts = []
    values: list[str] = []
    for column, wanted in codes.items():
        _refuse_other(schema, column)
        if not wanted:
            continue
        places = ", ".join("?" * len(wanted))
        parts.append(f"{_quoted(column)} in ({places})")
        values += wanted
    condition = " and ".join(parts)
    return (f"where {condition}" if parts else ""), values


def _holding(folder: Path, segments: Sequence[Segment], schema: Schema) -> str:
    """Query for the figures that hold.

    Where a name has told of an area once, all that it told holds; only what has been told
    again needs a look for the last word.
    """
    by_name: dict[tuple[str, str], list[Segment]] = {}
    for segment in segments:
        of_name = by_name.setdefault((segment.name, segment.area), [])
        of_name.append(segment)
    once: list[Segment] = []
    again: list[Segment] = []
    for several in by_name.values():
        if _is_told_once(several):
            once += several
        else:
            again += several
    is_there = f"{_quoted(CHANGE)} <> '{REMOVED}'"
    parts = []
    if once:
        files = _read(folder, once)
        parts.append(f"(select * from {files} where {is_there})")
    if again:
        files = _read(folder, again)
        keys = map(_quoted, (*schema.keys, NAME))
        key = ", ".join(keys)
        order = f"{_quoted(VINTAGE)} desc"
        number = f"row_number() over (partition by {key} order by {order})"
        parts.append(f"(select * from {files} qualify {number} = 1 and {is_there})")
    return " union all by name ".join(parts)


def _is_told_once(segments: Sequence[Segment]) -> bool:
    """Whether all that files of one name and area say was told at once."""
    if len(segments) > 1:
        return False
    segment = segments[0]
    return segment.first == segment.last


def _read(folder: Path, segments: Sequence[Segment]) -> str:
    """Table of the events of some files."""
    root = folder.resolve()
    paths = [_text((root / segment.path).as_posix()) for segment in segments]
    options = "hive_partitioning = true, union_by_name = true"
    types = "hive_types = {'dataflow': VARCHAR, 'REF_AREA': VARCHAR}"
    return f"read_parquet([{', '.join(paths)}], {options}, {types})"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _text(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
