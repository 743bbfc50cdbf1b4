"""Reading of the data sets of a mapping file.

What they take and how their components are filled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ilms_sdmx.mapping.buckets import ROLES, TAKEN
from ilms_sdmx.mapping.concepts import STATEMENTS, concept_notes, expected_of
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.file.code_tables import UNDECIDED
from ilms_sdmx.mapping.file.fields import (
    Fields,
    Reader,
    by_key,
    each,
    fields_of,
    one_of,
    only_one,
    read_fields,
)
from ilms_sdmx.mapping.file.nodes import Node, with_nearest
from ilms_sdmx.mapping.file.tables import read_where
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    RepresentationMap,
)
from ilms_sdmx.mapping.note_types import read_notes
from ilms_sdmx.mapping.times import REPORTED_AS
from ilms_sdmx.periods import parse_period

_DATAFLOW = re.compile(r"[A-Za-z][\w.-]*:[A-Za-z]\w*(\(\d+(\.\d+)*\))?")


def read_dataset(
    node: Node, codes: Mapping[str, RepresentationMap], tables: list[str]
) -> DatasetMap:
    """One data set of the file.

    Parameters
    ----------
    codes
        Code maps by name.
    tables
        Names of the tables.
    """
    fields = fields_of(node, "dataset")
    dataflow = fields["dataflow"].text()
    if dataflow != UNDECIDED and not _DATAFLOW.fullmatch(dataflow):
        expected = "a dataflow such as ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"
        fields["dataflow"].fail(expected, repr(dataflow))
    components = []
    names = {}
    for target, field in fields["components"].items():
        component = _component(target, field, codes)
        components.append(component)
        name = _name(field)
        if name:
            names[target] = name
    if "concept" in fields:
        components = _with_concept(components, fields["concept"])
    values = read_fields(fields, _DATASET)
    values.setdefault("name", dataflow)
    values.setdefault("take", TAKEN)
    if "tables" in fields:
        read_tables = each(one_of(*tables))
        values["tables"] = read_tables(fields["tables"])
    if dataflow != UNDECIDED and not dataflow.endswith(")"):
        dataflow = f"{dataflow}(1.0)"
    return DatasetMap(
        **values,
        dataflow=dataflow,
        components=tuple(components),
        names=names,
        line=node.line,
    )


_DATASET: Mapping[str, Reader] = {
    "name": Node.text,
    "title": Node.text,
    "structure": Node.text,
    "where": read_where,
    "take": each(one_of(*ROLES)),
}


def _with_concept(components: list[ComponentMaps], node: Node) -> list[ComponentMaps]:
    """Components with the notes that say whom the data set counts, next to its other notes."""
    concept = {}
    for name, field in node.items():
        text = field.text()
        expected = expected_of(name, text)
        if expected:
            field.fail(expected, repr(text if name in STATEMENTS else name))
        concept[name] = text
    by_target = {component.target: component for component in components}
    for attribute, notes in concept_notes(concept).items():
        before = by_target.get(attribute)
        if before is None:
            by_target[attribute] = FixedValueMap(attribute, notes)
        elif isinstance(before, FixedValueMap):
            by_target[attribute] = FixedValueMap(attribute, f"{before.value}; {notes}")
        else:
            expected = f"one text for {attribute}, to which the concept can be added"
            node.fail(expected, f"{attribute} taken from a heading")
    return list(by_target.values())


def _name(node: Node) -> str:
    """Name of a component (concept), empty where the mapping gives none."""
    if node.is_scalar:
        return ""
    fields = dict(node.items())
    if "name" not in fields:
        return ""
    return fields["name"].text()


def _component(
    target: str, node: Node, codes: Mapping[str, RepresentationMap]
) -> ComponentMaps:
    """Map that fills one component: with a value, notes, a heading, or a period."""
    if node.is_scalar:
        return FixedValueMap(target, node.text())
    fields = fields_of(node, "component")
    keys = ("value", "notes", "from", "period")
    kind = only_one(node, fields, keys, "one of value, notes, from or period")
    if kind == "value":
        value = fields["value"].text()
        return FixedValueMap(target, value)
    if kind == "notes":
        notes = read_notes(target, fields["notes"])
        return FixedValueMap(target, notes)
    if kind == "period":
        return _period(target, fields)
    return _coded(target, fields, codes)


def _period(target: str, fields: Fields) -> DatePatternMap:
    """Map of printed periods, with what the mapping decides of some of them."""
    options = {}
    if "year" in fields:
        year = fields["year"].integer()
        options["year"] = str(year)
    if "report_as" in fields:
        options["report_as"] = fields["report_as"].choice(REPORTED_AS)
    decided = {}
    if "periods" in fields:
        read_periods = by_key(_decided)
        decided = read_periods(fields["periods"])
    sources = fields["period"].texts()
    return DatePatternMap(sources, target, periods=decided, options=options)


def _decided(node: Node) -> str:
    """Period that the mapping decides for a label; an open question keeps its line."""
    period = node.text()
    if period == UNDECIDED:
        return f"{UNDECIDED}{node.line}"
    if parse_period(period) is None:
        expected = "a period as SDMX writes it: 2019, 2019-Q1, 2019-03 or 2019-01-01/P6M"
        node.fail(expected, repr(period))
    return period


def _coded(
    target: str, fields: Fields, codes: Mapping[str, RepresentationMap]
) -> ComponentMaps:
    """Map of headings to codes, or of one heading as it is."""
    heading = fields["from"]
    sources = heading.texts()
    if "codes" not in fields:
        if len(sources) > 1:
            listed = ", ".join(sources)
            heading.fail("one heading, or codes for several", listed)
        return ImplicitComponentMap(sources[0], target)
    name = fields["codes"].text()
    if name not in codes:
        known = ", ".join(codes) or "(there are none)"
        fields["codes"].fail(f"one of the code maps {known}", with_nearest(name, codes))
    code_map = codes[name]
    if len(sources) == 1:
        return ComponentMap(sources[0], target, code_map)
    return MultiComponentMap(sources, target, code_map)
