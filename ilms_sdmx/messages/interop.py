"""Data sets to and from other libraries: Arrow tables, Parquet files, data sets of sdmx1."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.given import Structure
from ilms_sdmx.messages.intake import numbered_datasets, only_dataset

if TYPE_CHECKING:
    import os

    import pandas as pd
    import pyarrow as pa

    SdmxDataSet = Any


def to_arrow(data: Any, structure: Structure = None) -> pa.Table:
    """Give the observations as an Arrow table: texts, dictionaries of texts where they are categorical.

    `data` is a data set or whatever holds exactly one, a path of a message included.

    Nothing is converted to numbers; null is absent, `""` reported empty. The metadata of the schema (key
    `sdmx`, JSON) name dataflow, structure, action and the role of each column.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["PHL"], "OBS_VALUE": ["1.10"]}, dtype="string")
    >>> to_arrow(Dataset(frame, Components(("REF_AREA",)))).column("OBS_VALUE").to_pylist()
    ['1.10']
    """
    import pyarrow as pa

    dataset = only_dataset(data, structure)
    columns = {name: _array(dataset.observations[name]) for name in dataset.components.columns}
    table = pa.table(columns)
    return table.replace_schema_metadata({"sdmx": json.dumps(_described(dataset))})


def _array(column: pd.Series[Any]) -> pa.Array:
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return pa.array(column.astype("string"), pa.string(), from_pandas=True)
    codes = column.cat.codes.to_numpy().astype("int32")
    texts = pa.array(column.cat.categories.astype("object"), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), texts)


def _described(dataset: Dataset) -> dict[str, Any]:
    components = dataset.components
    return {
        "dataflow": dataset.dataflow,
        "structure": dataset.structure,
        "action": dataset.action,
        "dimensions": components.dimensions,
        "measures": components.measures,
        "attributes": {name: list(at) for name, at in components.attributes.items()},
        "composite": sorted(components.composite),
    }


def to_parquet(
    source: Any,
    target: str | os.PathLike[str],
    structure: Structure = None,
    *,
    size: int = 250_000,
) -> int:
    """Convert a data message of any format and size to a Parquet file; gives the number of observations.

    `source` is a path, bytes or an open file, a data set, or whatever holds exactly one. A message is read
    in batches of `size`, each a row group, so that memory does not grow with it. Columns
    and metadata are those of `to_arrow`. The file appears when it is complete.

    Raises
    ------
    MessageError
        The source is no data message, or has several data sets: a table cannot say where one ends. Or no file
        can be made at `target`.
    """
    path = Path(target)
    try:
        beside = tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise MessageError(f"{path}: {error.strerror}") from None
    with beside as folder:
        sheets = _Sheets(Path(folder))
        for batch in numbered_datasets(source, structure, size=size):
            if batch.number:
                raise MessageError(
                    "the message has several data sets: convert each with `to_arrow`"
                )
            sheets.add(to_arrow(batch))
        sheets.close().replace(path)
        return sheets.count


class _Sheets:
    """Parquet file that grows by tables; a column that comes late is added to what has been written."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self._writer: Any = None
        self._schema: Any = None
        self.count = 0

    def add(self, table: pa.Table) -> None:
        """Write a table as one row group."""
        import pyarrow as pa

        schema = pa.schema(
            [(name, _kind(name, table)) for name in table.column_names], table.schema.metadata
        )
        if self._schema is None or not set(schema.names) <= set(self._schema.names):
            self._widen(schema)
        self._put(table)
        self.count += table.num_rows

    def _put(self, table: pa.Table) -> None:
        import pyarrow as pa

        missing = [
            pa.nulls(table.num_rows, f.type)
            for f in self._schema
            if f.name not in table.column_names
        ]
        names = [f.name for f in self._schema if f.name not in table.column_names]
        for name, nulls in zip(names, missing, strict=True):
            table = table.append_column(name, nulls)
        self._writer.write_table(table.select(self._schema.names).cast(self._schema))

    def _widen(self, schema: pa.Schema) -> None:
        """Begin a file with further columns, and copy into it what has been written."""
        import pyarrow.parquet as pq

        before = self._path() if self._writer else None
        if self._writer:
            self._writer.close()
        self._number += 1
        self._schema = schema
        self._writer = pq.ParquetWriter(self._path(), schema)
        if before:
            with pq.ParquetFile(before) as old:
                for i in range(old.num_row_groups):
                    self._put(old.read_row_group(i))
            before.unlink()

    def _path(self) -> Path:
        return self._folder / f"{self._number}.parquet"

    def close(self) -> Path:
        """End the file, and give its place."""
        self._writer.close()
        return self._path()


def _kind(name: str, table: pa.Table) -> pa.DataType:
    import pyarrow as pa

    dictionary = pa.types.is_dictionary(table.schema.field(name).type)
    return pa.dictionary(pa.int32(), pa.string()) if dictionary else pa.string()


def from_sdmx1(data: SdmxDataSet, components: Components | None = None) -> Dataset:
    """Make a data set of one that sdmx1 has read; attributes of series and groups come with each observation.

    `components` default to those of the data set's structure. Values are taken as sdmx1 holds them: read with
    their text (`dtype=None` has no part in it) they keep their lexical form.
    """
    import pandas as pd

    structure = data.structured_by
    known = components or Components.of(structure)
    everywhere = {name: _text(value.value) for name, value in data.attrib.items()}
    rows = [{**_row(observation, known), **everywhere} for observation in data.obs]
    frame = pd.DataFrame(rows, columns=known.columns, dtype="string")
    action = getattr(data.action, "name", None) or "Replace"
    flow = _short(data.described_by)
    return Dataset(frame, known, flow, _short(structure), action.title())


def _row(observation: Any, components: Components) -> dict[str, str | None]:
    row = {name: _text(value.value) for name, value in observation.key.values.items()}  # noqa: PD011 - no frame
    row |= {name: _text(value.value) for name, value in observation.attrib.items()}
    value = observation.value
    return row | {components.measures[0]: None if value is None else _text(value)}


def _text(value: Any) -> str:
    return str(getattr(value, "id", value))


def _short(artefact: Any) -> str:
    if artefact is None or not artefact.id:
        return ""
    agency = artefact.maintainer.id if artefact.maintainer else ""
    return f"{agency}:{artefact.id}({artefact.version or '1.0'})"


def to_sdmx1(data: Any, structure: Any) -> SdmxDataSet:
    """Make a data set of sdmx1, each observation with all attributes; `structure` is sdmx1's definition.

    `data` is a data set or whatever holds exactly one, a path of a message included.
    """
    from sdmx.model import common, v21

    dataset = only_dataset(data)
    made = v21.DataSet(structured_by=structure)
    made.action = common.ActionType[dataset.action.lower()]
    components = dataset.components
    frame = dataset.observations.astype("object").where(dataset.observations.notna(), None)
    for row in frame.to_dict("records"):
        key = {d: row[d] for d in components.dimensions if row[d] is not None}
        attributes = {
            a: common.AttributeValue(value=row[a], value_for=structure.attributes.get(a))
            for a in components.attributes
            if row[a] is not None
        }
        made.obs.append(
            v21.Observation(
                dimension=structure.make_key(common.Key, key),
                value=row[components.measures[0]],
                attached_attribute=attributes,
            )
        )
    return made
