"""JSON Schema of the mapping file, for editors that complete keys and show their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.mapping.file.keys import KEYS

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


#: What may be written in place of a section, in short.
_SHORT = {"component": ["string", "number"]}


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the mapping file.

    Examples
    --------
    >>> json_schema()["required"]
    ['mapping', 'tables', 'datasets']
    """
    sections = Sections(KEYS, NESTED, _SHORT)
    return sections.schema("mapping", "Mapping file of ilms_sdmx")


@dataclass(frozen=True)
class Sections:
    """Sections of a file, of which a JSON Schema can be made.

    Parameters
    ----------
    keys
        Name of a section to its keys and their meanings; `*` ends a key that it must have.
    nested
        Section and key to how what lies below the key is written, and the section that it is.
    short
        Section to the types of JSON that may be written in its place.
    """

    keys: Mapping[str, Mapping[str, str]]
    nested: Mapping[tuple[str, str], tuple[str, str]]
    short: Mapping[str, list[str]]

    def schema(self, root: str, title: str) -> dict[str, Any]:
        """Schema of a file whose outermost section is `root`."""
        sections = {}
        for name in self.keys:
            if name != root:
                sections[name] = self._section(name)
        schema: dict[str, Any] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
        }
        schema |= self._section(root)
        schema["$defs"] = sections
        return schema

    def _section(self, name: str) -> dict[str, Any]:
        """Describe the keys of a section."""
        properties = {}
        required_keys = []
        for written, meaning in self.keys[name].items():
            key = written.rstrip("*")
            below = self._below(name, key)
            properties[key] = {"description": meaning, **below}
            if written.endswith("*"):
                required_keys.append(key)
        return {
            "type": "object",
            "properties": properties,
            "required": required_keys,
            "additionalProperties": False,
        }

    def _below(self, section: str, key: str) -> dict[str, Any]:
        """Describe what lies below a key; anything where that is no section."""
        if (section, key) not in self.nested:
            return {}
        how, name = self.nested[section, key]
        one: dict[str, Any] = {"$ref": f"#/$defs/{name}"}
        if name in self.short:
            short_form = {"type": self.short[name]}
            one = {"anyOf": [short_form, one]}
        if how == "list":
            return {"type": "array", "items": one}
        if how == "named":
            return {"type": "object", "additionalProperties": one}
        return one
