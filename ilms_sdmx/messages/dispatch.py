"""Dispatch: which function reads a family of formats, and which writes a format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

#: Family of formats to `module:function`, called with (source, given), giving a
#: `Reading`.
READERS = {
    "sdmx-csv": "ilms_sdmx.messages.csv.reader:read",
    "sdmx-json": "ilms_sdmx.messages.json.reader:read",
    "sdmx-ml": "ilms_sdmx.messages.xml.reader:read",
}
#: Format to `module:function`, called with a `Job`, writing to its stream.
WRITERS = {
    "sdmx-json-1.0": "ilms_sdmx.messages.json.writer:write",
    "sdmx-json-2.0": "ilms_sdmx.messages.json.writer:write",
    "sdmx-json-2.1": "ilms_sdmx.messages.json.writer:write",
    "sdmx-csv-1.0": "ilms_sdmx.messages.csv.writer:write",
    "sdmx-csv-2.0": "ilms_sdmx.messages.csv.writer:write",
    "sdmx-csv-2.1": "ilms_sdmx.messages.csv.writer:write",
    "sdmx-ml-2.1": "ilms_sdmx.messages.xml.writer:write",
    "sdmx-ml-2.1-generic": "ilms_sdmx.messages.xml.writer:write",
    "sdmx-ml-3.0": "ilms_sdmx.messages.xml.writer:write",
    "sdmx-ml-3.1": "ilms_sdmx.messages.xml.writer:write",
}
#: Suffix to the formats of such files, the one that the suffix asks for first.
SUFFIXES = {
    ".csv": ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"),
    ".json": ("sdmx-json-2.0", "sdmx-json-2.1", "sdmx-json-1.0"),
    ".xml": ("sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1"),
}


def format_of_name(path: str) -> str:
    """Format that the suffix of a file's name asks for, empty where it asks for none.

    Examples
    --------
    >>> format_of_name("permits.CSV.gz")
    'sdmx-csv-1.0'
    """
    name = path.lower().removesuffix(".gz")
    for suffix, formats in SUFFIXES.items():
        if name.endswith(suffix):
            return formats[0]
    return ""


def named(path: str) -> Callable[..., Any]:
    """Import the function `module:function` when it is needed."""
    module, name = path.split(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
