"""Figures of the database as data sets and harmonised results, and its list of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.database.events import what_holds
from ilms_sdmx.database.manifest import Manifest, Schema, Vintage
from ilms_sdmx.database.tables import ORIGIN, RECORD, SOURCE, VINTAGE, ArrowTable
from ilms_sdmx.database.vintages import origin_of
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.mapping.counted.indicators import indicator_id
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised, Record
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd


def last_words(table: ArrowTable, schema: Schema) -> ArrowTable:
    """Figures of which several names tell: the one that was told last."""
    import pyarrow.compute as pc

    if not table.num_rows:
        return table
    in_time = table.take(pc.sort_indices(table, [(VINTAGE, "ascending")]))
    return what_holds(in_time, schema.keys)


def dataset_of(figures: pd.DataFrame, schema: Schema) -> Dataset:
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


def harmonised_of(figures: pd.DataFrame, schema: Schema, vintage: Vintage | None) -> Harmonised:
    """Figures of a name with their records, of the edition that was added last."""
    dataset = dataset_of(figures, schema)
    records = _records_of(figures)
    sources = records["source"]
    own_source = figures[SOURCE].astype("string")
    is_unsaid = sources == ""
    records["source"] = sources.mask(is_unsaid, own_source)
    table = indicator_id(schema.dataflow)
    records["table"] = records["table"].replace("", table)
    origin = Origin("")
    if vintage is not None:
        origin = origin_of(vintage)
        if vintage.edition:
            records["edition"] = vintage.edition
        if vintage.address:
            records["address"] = vintage.address
        named = vintage.source or vintage.provider or vintage.name
        records["source"] = records["source"].replace("", named)
    categories = records.astype("category")
    return Harmonised(dataset, categories, origin)


def _records_of(figures: pd.DataFrame) -> pd.DataFrame:
    """Records of figures as texts; what a record leaves out is as in one that says nothing."""
    silent = Record()
    columns = []
    names = {}
    unsaid = {}
    for name in RECORD_COLUMNS:
        column = f"{RECORD}{name}"
        columns.append(column)
        names[column] = name
        unsaid[name] = getattr(silent, name)
    stored = figures.reindex(columns=columns)
    records = stored.rename(columns=names)
    return records.astype("string").fillna(unsaid)


ROW_OF_NAME = (
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


def row_of_name(manifest: Manifest, name: str) -> dict[str, object]:
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
    return dict(zip(ROW_OF_NAME, row, strict=True))
