"""Part: one data set of a message while it is read, and the batches it gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.messages.batches import Batch, refuse_many
from ilms_sdmx.messages.header import Header, StructureReference
from ilms_sdmx.messages.values import pack
from ilms_sdmx.messages.xml.handler import PACKED, Handler
from ilms_sdmx.messages.xml.names import XSI
from ilms_sdmx.messages.xml.roles import Roles
from ilms_sdmx.messages.xml.rows import Chunk, Pairs, Sink

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.messages.xml.lane import FastLane

_RESERVED = frozenset(
    [
        "structureRef",
        "setID",
        "action",
        "reportingBeginDate",
        "reportingEndDate",
        "validFromDate",
        "validToDate",
        "publicationYear",
        "publicationPeriod",
        "dataScope",
        "keyFamilyURI",
        "datasetID",
        "dataProviderSchemeAgencyId",
        "dataProviderSchemeId",
        "dataProviderID",
        "dataflowAgencyID",
        "dataflowID",
    ]
)
#: Actions by what they are called in any version, SDMX-ML 2.0 among them.
_ACTIONS = {"Update": "Append"}


class Part:
    """State of one data set.

    Parameters
    ----------
    number
        Its position in the message.
    attributes
        Those of its `DataSet` element.
    """

    def __init__(
        self,
        number: int,
        attributes: Pairs,
        header: Header,
        given: Components | None,
        *,
        form: str,
    ) -> None:
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        reserved = {
            n.rpartition("}")[2]: v for n, v in pairs.items() if "}" in n and XSI not in n
        }
        reserved = {n: v for n, v in pairs.items() if n in _RESERVED} | reserved
        own = {n: v for n, v in pairs.items() if "}" not in n and n not in _RESERVED}
        self.number, self._form, self._header = number, form, header
        self.structure = _referred(header, reserved.get("structureRef", ""), number)
        self._agency, self._flow = (
            reserved.get("dataflowAgencyID", ""),
            reserved.get("dataflowID", ""),
        )
        action = (
            reserved.get("action")
            or header.action
            or ("Merge" if form == "sdmx-ml-3.1" else "Replace")
        )
        self._action = _ACTIONS.get(action, action)
        at = self.structure.dimension_at_observation
        self.levels: dict[str, str] = {}
        self.roles = Roles(given, self.levels, at)
        self.sink = Sink()
        self.handler = self.listener(self.sink)
        self.handler.dataset.update(own)
        self._spread: set[str] = set()
        self._given = False
        self.lane: FastLane | None = None

    @property
    def generic(self) -> bool:
        """Whether values are elements."""
        return self._form.endswith("-generic")

    def listener(self, sink: Sink) -> Handler:
        """Make a handler for elements of this data set, with a sink of its own."""
        return Handler(
            sink,
            self.structure.dimension_at_observation,
            self.levels,
            generic=self.generic,
            explicit=self.structure.explicit_measures,
            old="-2.0-" in self._form,
        )

    def batch(self, chunk: Chunk, *, last: bool = False) -> Batch:
        """Rows as a batch; with the last one of a data set, what no observation carries."""
        self.roles.chunk(chunk)
        self._take_roles(last=last)
        components = self.roles.components()
        refuse_many(len(components.columns))
        table = self._with_dataset(chunk.table(), components)
        table = _packed(table, components.composite)
        attached = self._attached(components, rows=len(table)) if last or len(table) else {}
        self._given = self._given or bool(len(table))
        reference = self.structure
        named = {reference.kind: reference.target}
        return Batch(
            self.number,
            table,
            components,
            named.get("dataflow", f"{self._agency}:{self._flow}(1.0)" if self._flow else ""),
            named.get("datastructure", self.handler.key_family),
            named.get("provisionagreement", ""),
            self._action,
            attached,
        )

    def _take_roles(self, *, last: bool) -> None:
        self.roles.composite |= self.handler.composite
        for name, key, pairs in self.sink.groups:
            self.roles.group(name, [n for n in [*key[::2], *pairs[::2]] if "}" not in n])
        self._take_partial()
        if last:
            for values in self.sink.empty:
                self.roles.series(values)

    def _take_partial(self) -> None:
        """Move attributes of no part of the key to the data set, and take the names of the others."""
        dimensions = self.roles.components().dimensions
        kept = []
        for pairs in self.sink.partial:
            values = dict(_pairs(pairs))
            if any(d in values for d in dimensions):
                self.roles.partial(values)
                kept.append(pairs)
            else:
                self.handler.dataset.update(values)
        self.sink.partial = kept
        self.roles.dataset(n for n in self.handler.dataset if "}" not in n)

    def _with_dataset(self, table: pa.Table, components: Components) -> pa.Table:
        """Table with the attributes of the data set repeated in every row."""
        for name, value in self.handler.dataset.items():
            if name in components.columns and name not in table.column_names:
                one = pa.DictionaryArray.from_arrays(
                    np.zeros(len(table), np.int8), pa.array([value])
                )
                table = table.append_column(name, one)
        return table

    def _attached(
        self, components: Components, rows: int
    ) -> dict[tuple[str, ...], pd.DataFrame]:
        """Attributes of groups, empty series and partial keys as frames by key."""
        found: dict[tuple[str, ...], list[dict[str, str]]] = {}
        groups = [dict(_pairs([*key, *pairs])) for _, key, pairs in self.sink.groups]
        partial = [dict(_pairs(pairs)) for pairs in self.sink.partial]
        dataset = [self.handler.dataset] if not rows and not self._given else []
        for values in (*groups, *partial, *self.sink.empty, *dataset):
            key = tuple(d for d in components.dimensions if d in values)
            if key != tuple(values):
                found.setdefault(key, []).append(_plain(values, components.composite))
        self.sink.groups, self.sink.partial, self.sink.empty = [], [], []
        return {key: _frame(rows) for key, rows in found.items()}

    def findings(self) -> list[Finding]:
        """Say what had to be assumed or was passed over."""
        name = self.structure.target
        found = self.roles.findings(name)
        for element, count in self.handler.skipped.items():
            if element != "DataProvider":
                message = f"{count} elements {element} were passed over: they are no data"
                found.append(
                    Finding("not-read", Severity.NOTE, message, Place(dataflow=name), element)
                )
        return found


def _referred(header: Header, reference: str, number: int) -> StructureReference:
    """Structure that a data set refers to; the only one, or the one of its place, if it says nothing."""
    for structure in header.structures:
        if structure.id == reference:
            return structure
    some = header.structures
    return some[min(number, len(some) - 1)] if some else StructureReference("", "", "")


def _pairs(pairs: Pairs) -> Iterable[tuple[str, str]]:
    return ((n, v) for n, v in zip(pairs[::2], pairs[1::2], strict=True) if "}" not in n)


def _cell(value: str) -> str:
    return value[1:] if value.startswith(PACKED) else pack([value])


def _plain(values: dict[str, str], composite: frozenset[str]) -> dict[str, str]:
    return {n: _cell(v) if n in composite else v for n, v in values.items()}


def _packed(table: pa.Table, composite: frozenset[str]) -> pa.Table:
    """Table whose composite cells are packed values."""
    for name in composite.intersection(table.column_names):
        cells = [None if v is None else _cell(v) for v in table.column(name).to_pylist()]
        table = table.set_column(
            table.column_names.index(name), name, pa.array(cells, pa.string())
        )
    return table


def _frame(rows: list[dict[str, str]]) -> pd.DataFrame:
    import pandas as pd

    names = list(dict.fromkeys(name for row in rows for name in row))
    return pd.DataFrame(rows, columns=names, dtype="string")


def old_action(header: Header) -> Header:
    """Header of SDMX-ML 2.0 with its action in today's words."""
    return replace(header, action=_ACTIONS.get(header.action, header.action))
