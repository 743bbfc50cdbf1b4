"""Reading of the data sets of a mapping file: what they take and how their components are filled."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ilms_sdmx.mapping.buckets import ROLES, TAKEN
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.file.keys import allowed, required
from ilms_sdmx.mapping.file.nodes import Node, nearest
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
    """One data set of the file."""
    fields = node.fields(allowed("dataset"), required("dataset"))
    dataflow = fields["dataflow"].text()
    if not _DATAFLOW.fullmatch(dataflow):
        fields["dataflow"].fail(
            "a dataflow such as ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)", repr(dataflow)
        )
    wanted = tuple(n.choice(tables) for n in fields["tables"]) if "tables" in fields else ()
    components = [_component(k, v, codes) for k, v in fields["components"].items()]
    names = {k: _name(v) for k, v in fields["components"].items() if _name(v)}
    return DatasetMap(
        name=fields["name"].text() if "name" in fields else dataflow,
        dataflow=dataflow if dataflow.endswith(")") else f"{dataflow}(1.0)",
        components=tuple(components),
        title=fields["title"].text() if "title" in fields else "",
        structure=fields["structure"].text() if "structure" in fields else "",
        tables=wanted,
        where=read_where(fields.get("where")),
        take=tuple(n.choice(ROLES) for n in fields["take"]) if "take" in fields else TAKEN,
        names=names,
        line=node.line,
    )


def _name(node: Node) -> str:
    return (
        "" if node.is_scalar else next((v.text() for k, v in node.items() if k == "name"), "")
    )


def _component(
    target: str, node: Node, codes: Mapping[str, RepresentationMap]
) -> ComponentMaps:
    if node.is_scalar:
        return FixedValueMap(target, node.text())
    fields = node.fields(allowed("component"))
    kinds = [k for k in ("value", "notes", "from", "period") if k in fields]
    if len(kinds) != 1:
        node.fail("one of value, notes, from or period", " and ".join(kinds) or "none")
    if kinds == ["value"]:
        return FixedValueMap(target, fields["value"].text())
    if kinds == ["notes"]:
        return FixedValueMap(target, read_notes(target, fields["notes"]))
    if kinds == ["period"]:
        return _period(target, fields)
    return _coded(target, fields, codes)


def _period(target: str, fields: dict[str, Node]) -> DatePatternMap:
    decided = (
        {k: _decided(v) for k, v in fields["periods"].items()} if "periods" in fields else {}
    )
    options = {}
    if "year" in fields:
        options["year"] = str(fields["year"].integer())
    if "report_as" in fields:
        options["report_as"] = fields["report_as"].choice(REPORTED_AS)
    return DatePatternMap(fields["period"].texts(), target, periods=decided, options=options)


def _decided(node: Node) -> str:
    if parse_period(node.text()) is None:
        node.fail(
            "a period as SDMX writes it: 2019, 2019-Q1, 2019-03 or 2019-01-01/P6M",
            repr(node.text()),
        )
    return node.text()


def _coded(
    target: str, fields: dict[str, Node], codes: Mapping[str, RepresentationMap]
) -> ComponentMaps:
    sources = fields["from"].texts()
    if "codes" not in fields:
        if len(sources) > 1:
            fields["from"].fail("one heading, or codes for several", ", ".join(sources))
        return ImplicitComponentMap(sources[0], target)
    name = fields["codes"].text()
    if name not in codes:
        known = f"one of the code maps {', '.join(codes) or '(there are none)'}"
        fields["codes"].fail(known, repr(name) + nearest(name, codes))
    if len(sources) == 1:
        return ComponentMap(sources[0], target, codes[name])
    return MultiComponentMap(sources, target, codes[name])
