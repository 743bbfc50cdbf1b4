"""Text of a mapping file from imported maps.

What they say filled in, what they cannot say as comments.
"""

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
from ilms_sdmx.mapping.patterns import Except, Words
from ilms_sdmx.mapping.resolving import has_validity
from ilms_sdmx.tables.safe_cells import RISKY
from ilms_sdmx.words.text import clean

#: What is said of the table of imported maps.
_FLAT = (
    "The maps do not say where tables lie: this is a flat table with a column for each heading."
)


def mapping_text(maps: ImportedMaps) -> tuple[str, dict[str, bytes]]:
    """Write the mapping file (YAML) of imported maps, and code maps (CSV) next to it.

    A structure map says nothing of where tables lie: the table is the flat one that it
    presupposes, found by the names of its columns.

    Returns
    -------
    str, dict
        Text, and file name to content: of code maps whose lines hold for a time.
    """
    files: dict[str, bytes] = {}
    codes: dict[str, Any] = {}
    for name, code_map in maps.codes.items():
        is_timed = has_validity(code_map)
        codes[name] = _codes(code_map, is_timed)
        if is_timed:
            files[f"{name}.csv"] = _csv(code_map.values)
    table = _table(maps.columns)
    datasets = list(map(_dataset, maps.datasets))
    content = {"mapping": 2, "tables": [table], "codes": codes, "datasets": datasets}
    comments = [f"# {_FLAT}\n"]
    for words in maps.left:
        on_one_line = " ".join(words.split())
        comments.append(f"# decide: left out of the maps: {on_one_line}\n")
    head = "".join(comments)
    return head + dump(content), files


def dump(content: Mapping[str, Any]) -> str:
    """YAML of nested keys, lists and texts, in the order given; empty parts are left out."""
    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 10_000
    writer.sort_base_mapping_type_on_output = False
    stream = io.StringIO()
    filled = {key: part for key, part in content.items() if part}
    writer.dump(filled, stream)
    return stream.getvalue()


def _table(columns: Sequence[str]) -> dict[str, Any]:
    """Table of one column for each heading, but for those that every figure has."""
    rows = []
    for column in columns:
        if column not in GIVEN:
            rows.append({"name": column, "header": pattern(column)})
    begin = rows[0]["header"] if rows else "?"
    return {"name": "flat", "begin": begin, "rows": rows}


def pattern(text: str) -> str:
    """Pattern that means just this text."""
    is_special = "*" in text or text.startswith("/")
    if not is_special:
        return text
    escaped = re.escape(clean(text))
    return f"/^{escaped}$/"


def _codes(representation: RepresentationMap, in_file: bool) -> dict[str, Any]:
    """Code map, with its lines or with the file that holds them."""
    content: dict[str, Any] = {}
    if representation.codelist:
        content["codelist"] = representation.codelist
    if in_file:
        content["file"] = f"{representation.id}.csv"
        return content
    content["values"] = {label(line): line.code for line in representation.values}
    return content


def label(line: MappedValue, *, risky: tuple[str, ...] = ()) -> str:
    """Labels of a line as a code map writes them.

    What would be read otherwise becomes an expression.

    Parameters
    ----------
    risky
        Beginnings of texts that a spreadsheet takes for formulas.
    """
    parts = list(line.source)
    several = len(parts) > 1
    if line.regex:
        parts = [_expression(part.replace(" | ", " |[ ]")) for part in parts]
    elif any(_is_ambiguous(part, several) or part.startswith(risky) for part in parts):
        parts = list(map(_exactly, parts))
    return " | ".join(parts)


def _expression(text: str) -> str:
    """Regular expression as a code map writes it."""
    return f"/{text}/"


def _exactly(text: str) -> str:
    """Expression that means just this text."""
    escaped = re.escape(clean(text))
    return _expression(escaped or "^$")


def _is_ambiguous(part: str, several: bool) -> bool:
    """Whether a label would be read as an expression, or as several labels."""
    if part.startswith("/") or part.endswith("/"):
        return True
    if several and "|" in part:
        return True
    return " | " in part


def _csv(lines: Sequence[MappedValue]) -> bytes:
    """Lines of a code map as a table."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        written = label(line, risky=RISKY)
        code = line.code or ""
        row = [written, code, line.name, line.valid_from, line.valid_to, line.note]
        writer.writerow(row)
    return stream.getvalue().encode()


def _dataset(dataset: DatasetMap) -> dict[str, Any]:
    """Data set with what it takes and how its components are filled."""
    content: dict[str, Any] = {"name": dataset.name, "dataflow": dataset.dataflow}
    if dataset.where:
        where = {}
        for heading, patterns in dataset.where.items():
            where[heading] = _words(patterns)
        content["where"] = where
    components = {}
    for component in dataset.components:
        components[component.target] = _component(component)
    content["components"] = components
    return content


def _words(patterns: tuple[Words, ...]) -> Any:
    """Words of a heading as a mapping file has them."""
    for one in patterns:
        if isinstance(one, Except):
            return {"except": list(map(str, one.patterns))}
    return list(map(str, patterns))


def _component(component: ComponentMaps) -> Any:
    """How a component is filled, in the words of the mapping file."""
    if isinstance(component, FixedValueMap):
        return component.value
    if isinstance(component, ImplicitComponentMap):
        return {"from": component.source}
    if isinstance(component, DatePatternMap):
        content: dict[str, Any] = {"period": list(component.sources)}
        if component.periods:
            content["periods"] = dict(component.periods)
        return content
    codes = component.representation.id
    if isinstance(component, ComponentMap):
        return {"from": component.source, "codes": codes}
    return {"from": list(component.sources), "codes": codes}
