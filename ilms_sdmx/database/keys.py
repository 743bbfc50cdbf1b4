"""Keys and dataflows that a question to the database names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from ilms_sdmx.database.manifest import Manifest, Schema
from ilms_sdmx.database.tables import id_of
from ilms_sdmx.errors import DatabaseError

#: A key as SDMX writes it (`PHL.A..SEX_T`, `+` between codes), or codes by dimension.
Key: TypeAlias = "str | Mapping[str, str | Iterable[str]]"


def schema_of(manifest: Manifest, dataflow: str) -> Schema:
    """Schema of a dataflow by its identifier or its id.

    Raises
    ------
    DatabaseError
        The database has no such dataflow.
    """
    if dataflow in manifest.schemas:
        return manifest.schemas[dataflow]
    wanted = dataflow.removeprefix("DF_")
    found = []
    for each in manifest.schemas.values():
        if id_of(each.dataflow) == wanted:
            found.append(each)
    if len(found) == 1:
        return found[0]
    known = ", ".join(manifest.schemas) or "none"
    raise DatabaseError(f"the database has no dataflow {dataflow!r}; it has {known}")


def schemas_of(manifest: Manifest, dataflow: str) -> list[Schema]:
    """Schema of a dataflow, or those of all where none is named."""
    if dataflow:
        return [schema_of(manifest, dataflow)]
    return list(manifest.schemas.values())


def dataflows_of(manifest: Manifest, name: str) -> list[str]:
    """Dataflows that a name has figures of."""
    segments = manifest.segments_of(name=name)
    return list(dict.fromkeys(segment.dataflow for segment in segments))


def wanted_codes(
    schema: Schema, key: Key, period: str | Iterable[str] = ()
) -> dict[str, list[str]]:
    """Codes by dimension that a key and a period ask for.

    Raises
    ------
    DatabaseError
        The key has more places than the dataflow has dimensions, or names another one.
    """
    wanted: dict[str, list[str]] = {}
    if isinstance(key, str):
        wanted = _codes_of_text(schema, key)
    else:
        for name, codes in key.items():
            wanted[name] = [codes] if isinstance(codes, str) else list(codes)
    periods = [period] if isinstance(period, str) else list(period)
    if periods:
        wanted["TIME_PERIOD"] = periods
    unknown = [name for name in wanted if name not in schema.dimensions]
    if unknown:
        known = ", ".join(schema.dimensions)
        raise DatabaseError(f"{schema.dataflow} has no dimension {unknown[0]}; it has {known}")
    return wanted


def _codes_of_text(schema: Schema, key: str) -> dict[str, list[str]]:
    """Codes of a key as SDMX writes it; an empty place asks for all."""
    dimensions = [name for name in schema.dimensions if name != "TIME_PERIOD"]
    places = key.split(".") if key else []
    if len(places) > len(dimensions):
        expected = ".".join(dimensions)
        raise DatabaseError(f"expected a key as {expected}, found {key}")
    wanted = {}
    for name, place in zip(dimensions, places, strict=False):
        if place and place != "*":
            wanted[name] = place.split("+")
    return wanted
