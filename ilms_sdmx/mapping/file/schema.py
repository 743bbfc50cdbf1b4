"""JSON Schema of the mapping file, for editors that complete keys and show their meaning."""

from __future__ import annotations

from typing import Any

from ilms_sdmx.mapping.file.keys import KEYS, required

#: Section and key to the section that lies below it, and how: one, a list, or by names of a
#: person's own.
NESTED: dict[tuple[str, str], tuple[str, str]] = {
    ("mapping", "source"): ("one", "source"),
    ("mapping", "header"): ("one", "header"),
    ("mapping", "conventions"): ("one", "conventions"),
    ("mapping", "headings"): ("list", "heading"),
    ("mapping", "tables"): ("list", "table"),
    ("mapping", "ignore"): ("list", "ignored"),
    ("mapping", "corrections"): ("list", "correction"),
    ("mapping", "claims"): ("list", "claim"),
    ("mapping", "codes"): ("named", "codes"),
    ("mapping", "datasets"): ("list", "dataset"),
    ("table", "rows"): ("list", "rows"),
    ("table", "beside"): ("list", "beside"),
    ("table", "blocks"): ("one", "blocks"),
    ("table", "cells"): ("list", "cells"),
    ("table", "rules"): ("list", "rule"),
    ("table", "checks"): ("list", "check"),
    ("rule", "share"): ("one", "share"),
    ("rule", "change"): ("one", "change"),
    ("dataset", "components"): ("named", "component"),
}


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the mapping file.

    Examples
    --------
    >>> json_schema()["required"]
    ['mapping', 'tables', 'datasets']
    """
    sections = {name: _section(name) for name in KEYS if name != "mapping"}
    top = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping file of ilms_sdmx",
    }
    return {**top, **_section("mapping"), "$defs": sections}


def _section(name: str) -> dict[str, Any]:
    keys = {key.rstrip("*"): meaning for key, meaning in KEYS[name].items()}
    properties = {
        key: {"description": meaning, **_below(name, key)} for key, meaning in keys.items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": required(name),
        "additionalProperties": False,
    }


def _below(section: str, key: str) -> dict[str, Any]:
    """Describe what lies below a key; anything where that is no section."""
    how, name = NESTED.get((section, key), ("", ""))
    one: dict[str, Any] = {"$ref": f"#/$defs/{name}"}
    if name == "component":
        one = {"anyOf": [{"type": ["string", "number"]}, one]}
    if how == "list":
        return {"type": "array", "items": one}
    if how == "named":
        return {"type": "object", "additionalProperties": one}
    return one if how else {}
