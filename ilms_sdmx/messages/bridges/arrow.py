"""Data sets for other tools: Arrow tables and Parquet files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import replacing, working_folder
from ilms_sdmx.datasets import Components, Dataset, arrow_table
from ilms_sdmx.datasets.arrow import MARKS, with_texts
from ilms_sdmx.datasets.given import Structure
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.intake import numbered_datasets, only_dataset

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def to_arrow(data: Any, structure: Structure = None) -> pa.Table:
    """Give the observations as an Arrow table of texts, of dictionaries for categoricals.

    `data` is a data set or whatever holds exactly one, a path of a message included.

    OBS_VALUE is float64, null where there is no number; OBS_VALUE_TEXT next to it is its text,
    in which null is absent and `""` reported empty. The metadata of the
    schema (key `sdmx`, JSON) name dataflow, structure, action and the role of each column.
    A data set is a stream of Arrow itself: `polars.from_arrow(dataset)`, DuckDB and
    `pyarrow.table(dataset)` take it as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> frame = pd.DataFrame({"REF_AREA": ["PHL"], "OBS_VALUE": ["1.10"]}, dtype="string")
    >>> table = to_arrow(Dataset(frame, Components(("REF_AREA",))))
    >>> table.column("OBS_VALUE").to_pylist(), table.column("OBS_VALUE_TEXT").to_pylist()
    ([1.1], ['1.10'])
    """
    return arrow_table(only_dataset(data, structure))


def to_parquet(
    source: Any,
    target: str | os.PathLike[str],
    structure: Structure = None,
    *,
    size: int = 250_000,
) -> int:
    """Convert a data message to a Parquet file; gives the number of observations.

    A message of any format and size can be converted.

    `source` is a path, bytes or an open file, a data set, or whatever holds exactly one. A
    message is read in batches of `size`, each a row group, so that memory does not grow with
    it. Columns and metadata are those of `to_arrow`. The file appears when it is complete.

    Raises
    ------
    MessageError
        The source is no data message, or has several data sets: a table cannot say where one
        ends.
    OutputError
        No file can be made at `target`.
    """
    path = _path_of(target)
    with working_folder(path) as folder:
        sheets = _Sheets(folder)
        for batch in numbered_datasets(source, structure, size=size):
            if batch.number:
                raise MessageError(
                    "the message has several data sets: convert each with `to_arrow`"
                )
            sheets.add(to_arrow(batch))
        with sheets.close().open("rb") as file, replacing(path) as stream:
            shutil.copyfileobj(file, stream)
        return sheets.count


def _path_of(target: object) -> Path:
    """Path to write to, which comes after the data."""
    if isinstance(target, str | os.PathLike):
        return Path(target)
    kind = type(target).__name__
    raise TypeError(f"expected data, then the path to write; found {kind} second")


class _Sheets:
    """Parquet file that grows by tables; a late column is added to what has been written."""

    def __init__(self, folder: Path) -> None:
        self.count = 0
        self._folder = folder
        self._number = 0
        self._writer: Any = None
        self._schema: Any = None

    def add(self, table: pa.Table) -> None:
        """Write a table as one row group."""
        import pyarrow as pa

        fields = []
        for name in table.column_names:
            fields.append((name, _kind(name, table)))
        schema = pa.schema(fields, table.schema.metadata)
        if self._schema is None or not set(schema.names) <= set(self._schema.names):
            self._widen(schema)
        self._put(table)
        self.count += table.num_rows

    def _put(self, table: pa.Table) -> None:
        """Write a table, with the columns of the file that it lacks."""
        import pyarrow as pa

        for field in self._schema:
            if field.name not in table.column_names:
                absent = pa.nulls(table.num_rows, field.type)
                table = table.append_column(field.name, absent)
        ordered = table.select(self._schema.names)
        self._writer.write_table(ordered.cast(self._schema))

    def _widen(self, schema: pa.Schema) -> None:
        """Begin a file with further columns, and copy into it what has been written."""
        import pyarrow.parquet as pq

        before = None
        if self._writer:
            before = self._path()
            self._writer.close()
        self._number += 1
        self._schema = schema
        self._writer = pq.ParquetWriter(self._path(), schema)
        if before:
            with pq.ParquetFile(before) as written:
                for group in range(written.num_row_groups):
                    self._put(written.read_row_group(group))
            before.unlink()

    def _path(self) -> Path:
        """Path of the file that is being written."""
        return self._folder / f"{self._number}.parquet"

    def close(self) -> Path:
        """End the file, and give its path."""
        self._writer.close()
        return self._path()


def _kind(name: str, table: pa.Table) -> pa.DataType:
    """Type of a column of the file: numbers, texts, or a dictionary of texts."""
    import pyarrow as pa

    kind = table.schema.field(name).type
    if pa.types.is_dictionary(kind):
        return pa.dictionary(pa.int32(), pa.string())
    return pa.float64() if pa.types.is_floating(kind) else pa.string()


def is_arrow(data: object) -> bool:
    """Whether something is Arrow: a table, batches of rows, a reader, a frame of Polars."""
    if isinstance(data, Dataset) or hasattr(data, "iloc"):
        return False
    return hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def is_batches(data: object) -> bool:
    """Whether something is a list of batches of rows, which are one table together."""
    if not isinstance(data, list | tuple) or not data:
        return False
    return all(hasattr(part, "__arrow_c_array__") and is_arrow(part) for part in data)


def frames_of_arrow(data: Any) -> Iterator[tuple[pd.DataFrame, dict[str, Any]]]:
    """Frames of Arrow data, batch after batch where they come as a stream, and metadata."""
    import pyarrow as pa

    if is_batches(data):
        data = pa.Table.from_batches([pa.record_batch(part) for part in data])
    if isinstance(data, pa.RecordBatchReader):
        for batch in data:
            yield _frame(pa.table(batch))
        return
    yield _frame(pa.table(data))


def _frame(table: pa.Table) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Frame of a table: texts as they are, dictionaries as categories, numbers as numbers."""
    import pandas as pd
    import pyarrow as pa

    columns = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.dictionary(pa.int32(), pa.string()))
            columns[name] = column.to_pandas()
        elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            columns[name] = pd.Series(column.to_pandas(types_mapper=pd.ArrowDtype))
        else:
            texts = column.cast(pa.string())
            columns[name] = pd.Series(texts.to_pandas(), dtype="string")
    metadata = (table.schema.metadata or {}).get(b"sdmx")
    return pd.DataFrame(columns), json.loads(metadata) if metadata else {}


def described(frame: pd.DataFrame, metadata: Mapping[str, Any]) -> Dataset | None:
    """Data set of a frame that `to_arrow` made, None where metadata do not say its roles."""
    if "dimensions" not in metadata:
        return None
    attributes = {}
    for name, attachment in metadata["attributes"].items():
        attributes[name] = tuple(attachment) or ()
    # A file of an older version says nothing of groups and of most marks.
    groups = {}
    for name, dimensions in metadata.get("groups", {}).items():
        groups[name] = tuple(dimensions)
    marks = {name: frozenset(metadata.get(name, ())) for name in MARKS}
    components = Components(
        tuple(metadata["dimensions"]),
        tuple(metadata["measures"]),
        attributes,
        groups=groups,
        **marks,
    )
    return Dataset(
        with_texts(frame),
        components,
        metadata["dataflow"],
        metadata["structure"],
        metadata["action"],
    )
