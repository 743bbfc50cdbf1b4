"""The next vintage of a database: its number, its time, what it says of an addition."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ilms_sdmx.database.manifest import Manifest, Vintage, time_of
from ilms_sdmx.errors import DatabaseError
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

#: What a vintage keeps of an origin, under the same names.
_OF_ORIGIN = ("source", "address", "edition", "retrieved", "sha256")


def with_origin(vintage: Vintage, origin: Origin, source: str) -> Vintage:
    """Vintage with the bytes that it came from."""
    told = {}
    for name in _OF_ORIGIN:
        told[name] = getattr(origin, name)
    told["source"] = origin.source or source
    return replace(vintage, **told)


def origin_of(vintage: Vintage) -> Origin:
    """Bytes that a vintage came from."""
    told = {}
    for name in _OF_ORIGIN:
        told[name] = getattr(vintage, name)
    return Origin(**told)


def utc_of(at: str | datetime) -> str:
    """Time of an addition in UTC, as the manifest writes it."""
    text = at if isinstance(at, str) else at.isoformat()
    return time_of(text).isoformat().replace("+00:00", "Z")


def next_number(manifest: Manifest, time: str) -> int:
    """Number of the next vintage.

    Raises
    ------
    DatabaseError
        Its time is before that of the last one: what was known on a day would change.
    """
    if manifest.vintages:
        last = manifest.vintages[-1].time
        if time_of(time) < time_of(last):
            raise DatabaseError(
                f"expected a time from {last} on, that of the last addition, found {time}"
            )
    return manifest.number + 1


def is_known(vintage: Vintage, before: Vintage | None) -> bool:
    """Whether a vintage without events says nothing new: not of another edition."""
    if before is None:
        return False
    told = (vintage.edition, vintage.address, vintage.rest, vintage.attached)
    known = (before.edition, before.address, before.rest, before.attached)
    return told == known


def rest_content(rest: pd.DataFrame | None) -> bytes:
    """Bytes of the figures without a place; empty for none."""
    if rest is None or rest.empty:
        return b""
    file = io.BytesIO()
    rest.astype("str").to_parquet(file, index=False)
    return file.getvalue()


def rest_path(name: str, content: bytes) -> str:
    """Path of the figures without a place; empty for none."""
    if not content:
        return ""
    digest = hashlib.sha256(content).hexdigest()
    return f"rest/{name}-{digest[:16]}.parquet"
