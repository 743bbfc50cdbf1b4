"""What each format of data messages can say to a receiver."""

from __future__ import annotations

from ilms_sdmx.errors import MessageError
from ilms_sdmx.structures import facts


def actions_of(format: str) -> tuple[str, ...]:
    """Actions that a format has; none where a message only says what there is.

    Raises
    ------
    MessageError
        There is no such format.

    Examples
    --------
    >>> from ilms_sdmx.outputs.exchange.formats import actions_of
    >>> actions_of("sdmx-csv-2.1"), actions_of("sdmx-csv-1.0")
    (('Merge', 'Replace', 'Delete'), ())
    """
    return tuple(_row(format)["actions"].split())


def suffix_of(format: str) -> str:
    """Ending of the files of a format."""
    return str(_row(format)["suffix"])


def media_type_of(format: str) -> str:
    """Media type of a format."""
    return str(_row(format)["media_type"])


def _row(format: str) -> facts.Row:
    rows = facts.by_id("exchange/formats.csv", "format")
    if format not in rows:
        names = ", ".join(rows)
        raise MessageError(f"expected a format among {names}; found {format!r}")
    return rows[format]
