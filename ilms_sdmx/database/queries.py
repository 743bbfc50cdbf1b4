"""Queries in SQL by DuckDB, over the files of a database as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.events import REMOVED
from ilms_sdmx.database.manifest import Manifest, Schema
from ilms_sdmx.database.tables import CHANGE, NAME, NUMBER, VINTAGE
from ilms_sdmx.errors import DatabaseError

if TYPE_CHECKING:
    import pandas as pd


def answer(folder: Path, manifest: Manifest, query: str) -> pd.DataFrame:
    """Result of a query over the views of a database.

    Raises
    ------
    DatabaseError
        DuckDB is not installed, or cannot answer.
    """
    try:
        import duckdb
    except ImportError as error:
        raise DatabaseError(
            "queries in SQL need DuckDB: pip install 'ilms-sdmx[db]'"
        ) from error
    with duckdb.connect(":memory:") as connection:
        try:
            _make_views(connection, folder, manifest)
            result: pd.DataFrame = connection.sql(query).df()
        except (duckdb.Error, AttributeError) as error:
            raise DatabaseError(f"DuckDB cannot answer: {error}") from error
    return result


def view_of(dataflow: str) -> str:
    """Name of the view of a dataflow: its id.

    >>> view_of("ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"), view_of("stock")
    ('DF_POP_MNAO_SEX_CDS_NB', 'stock')
    """
    _, _, after = dataflow.rpartition(":")
    id, _, _ = after.partition("(")
    return id


def statement_of(folder: Path, manifest: Manifest, schema: Schema) -> str:
    """Query for the events of a dataflow, of the files of the manifest alone."""
    paths = []
    for segment in manifest.segments_of(schema.dataflow):
        path = (folder / segment.path).as_posix()
        paths.append(_quoted(path, "'"))
    listed = ", ".join(paths)
    options = "hive_partitioning = true, union_by_name = true"
    types = "hive_types = {'dataflow': VARCHAR, 'REF_AREA': VARCHAR}"
    read = f"read_parquet([{listed}], {options}, {types})"
    flow = _quoted(schema.dataflow, "'")
    return f"select {flow} as DATAFLOW, * exclude (dataflow) from {read}"


def _make_views(connection: Any, folder: Path, manifest: Manifest) -> None:
    """Make a view of the figures and one of the events of each dataflow, and the vintages."""
    for schema in manifest.schemas.values():
        if not any(manifest.segments_of(schema.dataflow)):
            continue
        events = statement_of(folder, manifest, schema)
        name = view_of(schema.dataflow)
        history = _quoted(f"{name}_history", '"')
        numeric = _numeric(schema.components.columns)
        connection.execute(f"create view {history} as select {numeric} from ({events})")
        keys = [_quoted(key, '"') for key in (*schema.keys, NAME)]
        key = ", ".join(keys)
        view = _quoted(name, '"')
        connection.execute(
            f"create view {view} as select * from {history} "
            f"qualify row_number() over (partition by {key} order by {VINTAGE} desc) = 1 "
            f"and {CHANGE} <> '{REMOVED}'"
        )
    import pandas as pd

    rows = []
    for vintage in manifest.vintages:
        rows.append(asdict(vintage))
    vintages = pd.DataFrame(rows).drop(columns="validation", errors="ignore")
    if len(vintages):
        connection.register("vintages", vintages)


def _numeric(columns: Iterable[str]) -> str:
    """Columns of a view: the value is a number, so that it adds up; its text is next to it."""
    if "OBS_VALUE" not in columns:
        return "*"
    return f"* replace ({NUMBER} as OBS_VALUE), OBS_VALUE as OBS_VALUE_TEXT"


def _quoted(text: str, quote: str) -> str:
    doubled = text.replace(quote, quote * 2)
    return f"{quote}{doubled}{quote}"
