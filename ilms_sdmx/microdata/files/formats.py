"""Formats of files of records, by what they are called and how they begin."""

from __future__ import annotations

from pathlib import Path

from ilms_sdmx.errors import TableError

#: Suffix to format.
FORMATS = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".dat": "delimited",
    ".parquet": "parquet",
    ".dta": "dta",
    ".sav": "sav",
    ".zsav": "sav",
    ".sas7bdat": "sas7bdat",
    ".xpt": "xport",
}
#: Formats that no other kind of file of this library has.
OF_RECORDS = frozenset({"parquet", "dta", "sav", "sas7bdat", "xport"})
#: Names in the first line of the SDMX messages that are CSV.
_SDMX = ("DATAFLOW", "STRUCTURE", "OBS_VALUE")


def format_of(path: Path) -> str:
    """Format of a file by its suffix.

    Raises
    ------
    TableError
        No format of records has that suffix; the message lists those that have.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = " ".join(FORMATS)
        shown = suffix or "no suffix"
        raise TableError(f"{path.name}: expected a file of records ({known}), found {shown}.")
    return FORMATS[suffix]


def format_of_records(path: Path) -> str:
    """Format of a file by its suffix, empty where it is none of records."""
    return FORMATS.get(path.suffix.lower(), "")


def is_of_records(path: Path) -> bool:
    """Whether a file holds records and not an SDMX message, by suffix and first line.

    >>> is_of_records(Path("lfs.sav")), is_of_records(Path("message.xml"))
    (True, False)
    """
    format = FORMATS.get(path.suffix.lower(), "")
    if format != "delimited":
        return format in OF_RECORDS
    try:
        with path.open("rb") as stream:
            first = stream.readline(65536).decode("utf-8-sig", errors="replace")
    except OSError:
        return False
    return not any(name in first for name in _SDMX)
