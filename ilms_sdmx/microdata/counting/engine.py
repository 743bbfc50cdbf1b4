"""The engine that counts records: the one place that opens DuckDB and quotes names.

All that is asked of an engine is `Engine.table`: the answer of a query in the small part of SQL
that engines share (CASE, IN, BETWEEN, FLOOR, ROUND, COALESCE, CAST to STRING, DOUBLE, BIGINT,
INTEGER and DATE, TRY_CAST, SUM, MIN, MAX, COUNT, WITH, GROUP BY, ROW_NUMBER). What is more than
counting by codes is done outside, so that each engine gives the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ilms_sdmx.errors import TableError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from ilms_sdmx.microdata.files.variables import Microdata


class Engine(Protocol):
    """What counts records."""

    def source(self, paths: Sequence[Path | str]) -> str:
        """What a query reads: all records of Parquet files."""

    def table(self, query: str) -> pa.Table:
        """Answer of a query, rows in any order unless it says one."""

    def files_in(self, address: str) -> Iterable[Microdata]:
        """Files of Parquet at an address of a cluster, each with its variables."""


class DuckEngine:
    """DuckDB inside this process."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def source(self, paths: Sequence[Path | str]) -> str:
        """What a query reads: all records of Parquet files."""
        listed = ", ".join(text_of(Path(path).as_posix()) for path in paths)
        return f"read_parquet([{listed}], union_by_name = true)"

    def table(self, query: str) -> pa.Table:
        """Answer of a query, rows in any order unless it says one."""
        return self.connection.sql(query).to_arrow_table()

    def files_in(self, address: str) -> NoReturn:
        """Refuse an address of a cluster."""
        raise TableError(
            f"{address} lies in a cluster: count it with Spark (--engine spark://host:7077)."
        )


@contextmanager
def connected(threads: int = 0) -> Iterator[DuckEngine]:
    """Engine in memory, which is closed at the end.

    Raises
    ------
    TableError
        DuckDB is not installed, or cannot answer. What it says is not repeated, for it may
        quote values of persons.
    """
    try:
        import duckdb
    except ImportError as error:
        raise TableError(
            "records are counted by DuckDB: pip install 'ilms-sdmx[microdata]'."
        ) from error
    config: dict[str, Any] = {"preserve_insertion_order": False}
    if threads:
        config["threads"] = threads
    with duckdb.connect(":memory:", config=config) as connection:
        # What is shown on the way is for whoever calls to decide.
        connection.execute("SET enable_progress_bar = false")
        try:
            yield DuckEngine(connection)
        except duckdb.ConversionException:
            raise TableError(
                "a value of the records cannot be read as the mapping says: is a number or a"
                " date of another form among them?"
            ) from None
        except duckdb.Error as error:
            kind = type(error).__name__
            raise TableError(f"the records cannot be counted: {kind} of DuckDB.") from None


def answers(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """Rows of the answer of a query as plain values."""
    columns = [column.to_pylist() for column in engine.table(query).columns]
    return list(zip(*columns, strict=True))


def name_of(column: str) -> str:
    """Name of a column in a query.

    >>> print(name_of("age"))
    "age"
    """
    doubled = column.replace('"', '""')
    return f'"{doubled}"'


def text_of(text: str) -> str:
    """Text in a query.

    >>> text_of("l'an")
    "'l''an'"
    """
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
