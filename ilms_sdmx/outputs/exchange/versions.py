"""Versions of figures: a message, a workbook, a filled form, a day of the database."""

from __future__ import annotations

import os
from pathlib import Path

from ilms_sdmx.conversion.converting import convert
from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import DatabaseError, MappingError, MessageError
from ilms_sdmx.findings import Report
from ilms_sdmx.messages.reading import read
from ilms_sdmx.outputs.questionnaire import read_questionnaire
from ilms_sdmx.structures.reading.resolving import Structure

#: What says that a version is in the database.
_DATABASE = "db:"
#: Endings of files that are no data messages.
_TEXTS = frozenset({".csv", ".tsv", ".txt"})
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".htm", ".html"})


def version_of(
    source: str | os.PathLike[str],
    *,
    mapping: str | os.PathLike[str] | None = None,
    database: str | os.PathLike[str] | None = None,
    structure: Structure = None,
) -> list[Dataset]:
    """Data sets of a version of figures, one a dataflow.

    Parameters
    ----------
    source
        Path of a data message, of a workbook or of a filled questionnaire; or `db:NAME`,
        `db:NAME@2026-01-31` for what the database had under a name on a day.
    mapping
        Mapping of a workbook; without one it is a questionnaire of ours.
    database
        Folder of the database.
    structure
        Structure message of a data message, where it is of another agency.

    Raises
    ------
    DatabaseError
        No folder is given, or it has no such name.
    MappingError
        A workbook cannot be converted without errors.
    TableError
        A workbook without a mapping is no questionnaire.
    """
    text = os.fspath(source)
    if text.startswith(_DATABASE):
        return _stored(text.removeprefix(_DATABASE), database)
    path = Path(text)
    if path.suffix.lower() not in _WORKBOOKS:
        try:
            return list(read(path, structure).datasets)
        except MessageError:
            # Tables of offices come as CSV too.
            if mapping is None or path.suffix.lower() not in _TEXTS:
                raise
    if mapping is None:
        filled = read_questionnaire(path, structure=structure)
        _refuse_errors(path, filled.report.errors)
        return list(filled.datasets)
    conversion = convert(path, mapping)
    _refuse_errors(path, conversion.report.errors)
    return list(conversion.datasets)


def _refuse_errors(path: Path, errors: Report) -> None:
    """Refuse a workbook with errors: what lacks would look as if it were withdrawn."""
    if len(errors):
        raise MappingError(
            f"{path} has errors, so that figures are missing: correct them first, or compare"
            " what `convert --partial` wrote"
        )


def _stored(address: str, folder: str | os.PathLike[str] | None) -> list[Dataset]:
    """Figures of a name on a day, of one source an area and dataflow."""
    name, _, day = address.partition("@")
    if folder is None:
        raise DatabaseError(f"expected the folder of the database for db:{name}: give --db")
    database = Database(folder)
    manifest = database.manifest
    if name not in manifest.names:
        known = ", ".join(manifest.names) or "none"
        raise DatabaseError(f"the database {folder} has no {name!r}; it has {known}")
    dataflows = dict.fromkeys(segment.dataflow for segment in manifest.segments_of(name=name))
    return [database.get(flow, name=name, as_of=day or None) for flow in dataflows]
