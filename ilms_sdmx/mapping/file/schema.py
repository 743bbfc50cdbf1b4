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
    ("table", "read"): ("one", "read"),
    ("table", "rows"): ("list", "rows"),
    ("table", "beside"): ("list", "beside"),
    ("table", "blocks"): ("one", "blocks"),
    ("table", "cells"): ("list", "cells"),
    ("table", "rules"): ("list", "rule"),
    ("table", "checks"): ("list", "check"),
    ("rule", "share"): ("one", "share"),
    ("rule", "change"): ("one", "change"),
    ("dataset", "components"): ("named", "component"),
    ("dataset", "concept"): ("one", "concept"),
}


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the mapping file.

    Examples
    --------
    >>> json_schema()["required"]
    ['mapping', 'tables', 'datasets']
    """
    sections = {}
    for name in KEYS:
        if name != "mapping":
            sections[name] = _section(name)
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping file of ilms_sdmx",
    }
    schema |= _section("mapping")
    schema["$defs"] = sections
    return schema


def _section(name: str) -> dict[str, Any]:
    """Describe the keys of a section."""
    properties = {}
    for written, meaning in KEYS[name].items():
        key = written.rstrip("*")
        below = _below(name, key)
        properties[key] = {"description": meaning, **below}
    required_keys = required(name)
    return {
        "type": "object",
        "properties": properties,
        "required": required_keys,
        "additionalProperties": False,
    }


def _below(section: str, key: str) -> dict[str, Any]:
    """Describe what lies below a key; anything where that is no section."""
    if (section, key) not in NESTED:
        return {}
    how, name = NESTED[section, key]
    one: dict[str, Any] = {"$ref": f"#/$defs/{name}"}
    if name == "component":
        text = {"type": ["string", "number"]}
        one = {"anyOf": [text, one]}
    if how == "list":
        return {"type": "array", "items": one}
    if how == "named":
        return {"type": "object", "additionalProperties": one}
    return one
