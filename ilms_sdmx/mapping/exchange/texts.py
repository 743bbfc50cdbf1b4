"""Text of a mapping file from imported maps: what they say filled in, what they cannot say as comments."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML

from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.exchange.importing import ImportedMaps
from ilms_sdmx.mapping.file.code_tables import COLUMNS
from ilms_sdmx.mapping.layout import GIVEN
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MappedValue,
    RepresentationMap,
)
from ilms_sdmx.tables.safe_cells import RISKY
from ilms_sdmx.words.text import clean


def mapping_text(maps: ImportedMaps) -> tuple[str, dict[str, bytes]]:
    """Write the mapping file (YAML) of imported maps, and the code maps (CSV) that stand beside it.

    A structure map says nothing of where tables lie: the table is the flat one that it presupposes, found by
    the names of its columns.

    Returns
    -------
    str, dict
        Text, and file name to content: of code maps whose lines hold for a time.
    """
    timed = {
        k: m for k, m in maps.codes.items() if any(v.valid_from or v.valid_to for v in m.values)
    }
    content = {
        "mapping": 1,
        "tables": [_table(maps.columns)],
        "codes": {k: _codes(m, k in timed) for k, m in maps.codes.items()},
        "datasets": [_dataset(d) for d in maps.datasets],
    }
    beside = {f"{k}.csv": _csv(m.values) for k, m in timed.items()}
    said = [
        "The maps do not say where tables lie: this is a flat table with a column for each heading."
    ]
    said += [f"decide: left out of the maps: {' '.join(words.split())}" for words in maps.left]
    return "".join(f"# {line}\n" for line in said) + dump(content), beside


def dump(content: Mapping[str, Any]) -> str:
    """YAML of nested keys, lists and texts, in the order given; empty parts are left out."""
    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 10_000
    writer.sort_base_mapping_type_on_output = False
    stream = io.StringIO()
    writer.dump({k: v for k, v in content.items() if v}, stream)
    return stream.getvalue()


def _table(columns: Sequence[str]) -> dict[str, Any]:
    own = [c for c in columns if c not in GIVEN]
    rows = [{"name": c, "header": pattern(c)} for c in own]
    return {"name": "flat", "begin": pattern(own[0]) if own else "?", "rows": rows}


def pattern(text: str) -> str:
    """Pattern that means just this text."""
    special = "*" in text or text.startswith("/")
    return f"/^{re.escape(clean(text))}$/" if special else text


def _codes(representation: RepresentationMap, beside: bool) -> dict[str, Any]:
    found: dict[str, Any] = (
        {"codelist": representation.codelist} if representation.codelist else {}
    )
    if beside:
        return found | {"file": f"{representation.id}.csv"}
    return found | {"values": {label(v): v.code for v in representation.values}}


def label(line: MappedValue, *, risky: tuple[str, ...] = ()) -> str:
    """Labels of a line as a code map writes them; what would be read otherwise becomes an expression."""
    parts = list(line.source)
    if not line.regex and any(
        _ambiguous(p, len(parts) > 1) or p.startswith(risky) for p in parts
    ):
        parts = [f"/{re.escape(clean(p)) or '^$'}/" for p in parts]
    elif line.regex:
        parts = [f"/{p.replace(' | ', ' |[ ]')}/" for p in parts]
    return " | ".join(parts)


def _ambiguous(part: str, several: bool) -> bool:
    return (
        " | " in part or (several and "|" in part) or part.startswith("/") or part.endswith("/")
    )


def _csv(lines: Sequence[MappedValue]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for v in lines:
        writer.writerow(
            [label(v, risky=RISKY), v.code or "", v.name, v.valid_from, v.valid_to, v.note]
        )
    return stream.getvalue().encode()


def _dataset(dataset: DatasetMap) -> dict[str, Any]:
    found: dict[str, Any] = {"name": dataset.name, "dataflow": dataset.dataflow}
    if dataset.where:
        found["where"] = {k: [p.text for p in v] for k, v in dataset.where.items()}
    return found | {"components": {c.target: _component(c) for c in dataset.components}}


def _component(component: ComponentMaps) -> Any:
    if isinstance(component, FixedValueMap):
        return component.value
    if isinstance(component, ImplicitComponentMap):
        return {"from": component.source}
    if isinstance(component, ComponentMap):
        return {"from": component.source, "codes": component.representation.id}
    if isinstance(component, DatePatternMap):
        decided = {"periods": dict(component.periods)} if component.periods else {}
        return {"period": list(component.sources), **decided}
    return {"from": list(component.sources), "codes": component.representation.id}
