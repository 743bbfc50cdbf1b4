"""DuckDB inside this process: the one place that opens it, quotes names and asks Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import TableError

if TYPE_CHECKING:
    import duckdb


@contextmanager
def connected(threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connection to an engine in memory, which is closed at the end.

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
        try:
            yield connection
        except duckdb.ConversionException:
            raise TableError(
                "a value of the records cannot be read as the mapping says: is a number or a"
                " date of another form among them?"
            ) from None
        except duckdb.Error as error:
            kind = type(error).__name__
            raise TableError(f"the records cannot be counted: {kind} of DuckDB.") from None


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


def records_of(paths: Sequence[Path]) -> str:
    """Query of all records of Parquet files."""
    listed = ", ".join(text_of(path.as_posix()) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true)"
