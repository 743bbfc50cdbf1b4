"""Formats of data messages that the commands offer, and the ends of file names that ask for them."""

from __future__ import annotations

#: Suffix to the formats of such files, the one that the suffix asks for first.
SUFFIXES = {
    ".csv": ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"),
    ".json": ("sdmx-json-2.0", "sdmx-json-2.1", "sdmx-json-1.0"),
    ".xml": ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1"),
}
MESSAGES = tuple(
    name for suffix in (".xml", ".json", ".csv") for name in sorted(SUFFIXES[suffix])
)
