"""Structure messages for other programs, whole or of one dataflow."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import bundle, facts, indicators
from ilms_sdmx.structures.identifiers import resolve

#: Name of each format that structures can be written in.
FORMATS = ("sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-json-2.1")


def to_bytes(
    format: str = "sdmx-ml-2.1", dataflow: str | None = None, prepared: str = facts.EDITION
) -> bytes:
    """Structure message in UTF-8.

    Parameters
    ----------
    format
        `sdmx-ml-2.1`, `sdmx-ml-3.0`, `sdmx-json-2.0` or `sdmx-json-2.1`.
    dataflow
        Id of a dataflow, for it alone with its codelists cut to the codes that may carry data
        (`isPartial`); all of `dsd/` otherwise.
    prepared
        Time of the header; by default the edition of `dsd/`, so that the same structures give
        the same bytes.

    Raises
    ------
    StructureError
        No such format or dataflow.

    Examples
    --------
    >>> to_bytes("sdmx-json-2.0", "POP_MNAS_SEX_CRS_NB")[:9]
    b'{"meta":{'
    """
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        raise StructureError(f"Expected a format of {known}, found {format!r}.")
    write = _writer(format)
    if not dataflow:
        return write(bundle.whole(), "ILMS", prepared)
    id = _id(dataflow)
    content = bundle.partial(id)
    return write(content, f"ILMS_{id}", prepared)


def _id(dataflow: str) -> str:
    if indicators.is_ours(dataflow):
        return indicators.ID
    return resolve(dataflow).id


def _writer(format: str) -> Callable[[bundle.Bundle, str, str], bytes]:
    from ilms_sdmx.structures import structure_json, structure_ml

    language, _, version = format.rpartition("-")
    write = structure_json.write if language == "sdmx-json" else structure_ml.write
    return lambda content, id, prepared: write(content, version, id, prepared)


def export(
    target: str | os.PathLike[str] | IO[bytes],
    format: str = "sdmx-ml-2.1",
    dataflow: str | None = None,
    prepared: str = facts.EDITION,
) -> None:
    """Write a structure message to a file or a binary stream; see `to_bytes` for the rest.

    The file appears whole or not at all.

    Raises
    ------
    StructureError
        No such format or dataflow.
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> export("ilms.xml", dataflow="POP_MNAS_SEX_CRS_NB")
    """
    message = to_bytes(format, dataflow, prepared)
    if not isinstance(target, str | os.PathLike):
        if not hasattr(target, "write"):
            raise TypeError(
                f"expected a path or a binary file object, found {type(target).__name__}"
            )
        target.write(message)
        return
    with replacing(target) as file:
        file.write(message)
