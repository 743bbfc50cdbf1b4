"""Figures of a data set as an Arrow table, with the columns of the files of a dataflow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.database.manifest import Schema
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.mapping.counted import stated_records
from ilms_sdmx.records import RECORD_COLUMNS, is_known
from ilms_sdmx.structures import flows

if TYPE_CHECKING:
    import pandas as pd

#: A table of pyarrow, which has no types of its own.
ArrowTable: TypeAlias = Any

#: Columns of the database itself: the source that identifies a figure together with its key,
#: its value as a number, the name it was added under, what happened, and in which vintage.
SOURCE = "figure_source"
NUMBER = "figure_number"
NAME = "figure_name"
CHANGE = "figure_change"
VINTAGE = "figure_vintage"
#: Beginnings of the columns of comparability records and of provenance.
RECORD = "record_"
ORIGIN = "origin_"
#: Of records: differs at every fetch of the same figures, so it is in the vintage.
FLEETING = frozenset({"retrieved"})
#: Of records: what data that came without them say by their dataflow and notes.
STATED = ("criterion", "scope", "ages", "refugees", "reference_date", "unit", "notes")
#: Of records: says which delivery a figure is from, and is no change of the figure.
OF_DELIVERY = frozenset({"edition", "address"})


@dataclass(frozen=True, eq=False)
class Part:
    """A data set to be added, with what is known of its figures.

    Parameters
    ----------
    dataset
        Its observations.
    records
        Comparability records, aligned by index; None where there are none.
    """

    dataset: Dataset
    records: pd.DataFrame | None = None


def in_key_order(dataset: Dataset) -> Dataset:
    """Data set of an ILO dataflow with the dimensions of its structure, in their order.

    MEASURE has one code a dataflow; comparators often leave it out.
    """
    id = id_of(dataset.dataflow)
    if not dataset.dataflow.startswith("ILO:") or id not in flows.ids():
        return dataset
    expected = tuple(flows.dimensions(id))
    own = dataset.components.dimensions
    others = set(expected) ^ set(own)
    if expected == own or others - {"MEASURE"}:
        return dataset
    observations = dataset.observations
    if "MEASURE" not in own:
        observations = observations.assign(MEASURE=flows.measure(id))
        observations["MEASURE"] = observations["MEASURE"].astype("category")
    components = replace(dataset.components, dimensions=expected)
    in_order = observations[components.columns]
    return replace(dataset, observations=in_order, components=components)


def id_of(dataflow: str) -> str:
    """Id of a dataflow without agency, version and `DF_`.

    >>> id_of("ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"), id_of("stock")
    ('POP_MNAO_SEX_CDS_NB', 'stock')
    """
    match = re.fullmatch(r"(?:[^:]*:)?(.*?)(?:\([^()]*\))?", dataflow)
    id = dataflow
    if match:
        id = match[1]
    return id.removeprefix("DF_")


def table_of(part: Part, schema: Schema, source: str) -> ArrowTable:
    """Figures of a part as text columns in the order of its files.

    Parameters
    ----------
    source
        Source of the figures where neither SOURCE nor their record says one.
    """
    import pyarrow as pa

    frame = part.dataset.observations
    columns: dict[str, Any] = {}
    for name in schema.components.columns:
        if name in frame:
            columns[name] = _array(frame[name])
    columns[SOURCE] = _array(_sources(part, source))
    columns[NUMBER] = _numbers(part.dataset)
    for name, values in _record_columns(part):
        columns[RECORD + name] = _array(values)
    provenance = part.dataset.provenance
    if provenance is not None:
        for name in provenance.columns:
            columns[f"{ORIGIN}{name}"] = _array(provenance[name])
    return pa.table(columns)


def _record_columns(part: Part) -> Iterator[tuple[str, pd.Series[Any]]]:
    """Columns of the comparability records of a part.

    Data that came without records have what their dataflow and their notes say of whom they
    count, as far as they say it.
    """
    if part.records is not None:
        for name in RECORD_COLUMNS:
            if name in part.records and name not in FLEETING:
                yield name, part.records[name]
        return
    stated = stated_records(part.dataset)
    for name in STATED:
        column = stated[name]
        if any(map(is_known, column.cat.categories)):
            yield name, column


def _numbers(dataset: Dataset) -> Any:
    """Values as numbers, empty where they are none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    measure = dataset.components.measures[0]
    texts = pa.array(dataset.observations[measure], from_pandas=True)
    try:
        numbers = pc.cast(texts, pa.float64())
    except pa.ArrowException:
        # Some text is no plain number: the careful reading knows what to leave out.
        numbers = pa.array(dataset.values, from_pandas=True)
    return pc.if_else(pc.is_nan(numbers), None, numbers)


def _sources(part: Part, source: str) -> pd.Series[Any]:
    """Source of each figure: its SOURCE, else that of its record, else the one given."""
    import pandas as pd

    frame = part.dataset.observations
    texts = pd.Series(pd.NA, index=frame.index, dtype="string")
    if "SOURCE" in frame:
        if frame["SOURCE"].notna().all():
            return frame["SOURCE"]
        texts = frame["SOURCE"].astype("string")
    if source:
        texts = texts.fillna(source)
    elif part.records is not None and "source" in part.records:
        texts = texts.fillna(part.records["source"].astype("string"))
    return texts.fillna("").astype("category")


def _array(column: pd.Series[Any]) -> Any:
    """Texts of a column with a dictionary, as most columns repeat few texts."""
    import pyarrow as pa

    if column.dtype == "object":
        column = column.astype("string")
    array = pa.array(column, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    kind = pa.dictionary(pa.int32(), pa.string())
    if pa.types.is_dictionary(array.type):
        return array.cast(kind)
    return array.cast(pa.string()).dictionary_encode()


def texts_of(table: ArrowTable) -> pd.DataFrame:
    """Frame of a table: text columns as categories, numbers as they are."""
    frame: pd.DataFrame = table.to_pandas()
    return frame


def with_columns(table: ArrowTable, names: list[str]) -> ArrowTable:
    """Table with exactly these columns; those that it lacks are empty."""
    import pyarrow as pa

    kind = pa.dictionary(pa.int32(), pa.string())
    arrays = []
    for name in names:
        if name in table.column_names:
            arrays.append(table[name])
        else:
            number = kind
            if name == NUMBER:
                number = pa.float64()
            arrays.append(pa.nulls(table.num_rows, number))
    return pa.table(dict(zip(names, arrays, strict=True)))
