"""Comparability records of data that came without: what dataflow and notes say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ilms_sdmx.mapping.concepts import STATEMENTS, read_statements
from ilms_sdmx.mapping.counted.concepts import notes as notes_of
from ilms_sdmx.mapping.counted.concepts import record as record_of
from ilms_sdmx.records import records_frame

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset


def stated_records(dataset: Dataset) -> pd.DataFrame:
    """Records of the dataflow, and what the notes of each observation say of whom it counts."""
    record, notes = record_of(dataset), notes_of(dataset)
    index = dataset.observations.index
    if isinstance(notes, str):
        return records_frame(index, record)
    categories = notes.cat.categories
    readings = {str(text): read_statements(str(text)) for text in categories}
    columns = {"notes": notes.map({text: reading.notes for text, reading in readings.items()})}
    for name in STATEMENTS:
        usual = getattr(record, name)
        texts = {text: reading.fields.get(name, usual) for text, reading in readings.items()}
        columns[name] = notes.map(texts)
    if not record.ages:
        return records_frame(index, record, **columns)
    # Who counts everybody counts all ages, unless it says other ones.
    usual_ages = {
        text: _usual_ages(reading.fields, record.ages) for text, reading in readings.items()
    }
    columns["ages"] = notes.map(usual_ages)
    return records_frame(index, record, **columns)


def _usual_ages(fields: Mapping[str, str], usual: str) -> str:
    """Ages that are stated, all for everybody, else the usual ones."""
    scope = fields.get("scope")
    of_scope = "all" if scope == "all" else usual
    return fields.get("ages", of_scope)
