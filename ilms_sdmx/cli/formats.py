"""Formats of data messages that the commands offer."""

from __future__ import annotations

from ilms_sdmx.messages.dispatch import SUFFIXES

#: Tables for other tools, by their suffixes.
TABLES = ("xlsx", "parquet")
MESSAGES = tuple(
    name for suffix in (".xml", ".json", ".csv") for name in sorted(SUFFIXES[suffix])
)
