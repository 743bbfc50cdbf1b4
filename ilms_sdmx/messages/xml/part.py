"""Part: one data set of a message while it is read, and the batches it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.datasets import Components
from ilms_sdmx.datasets.given import Given
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.messages import about
from ilms_sdmx.messages.batches import Attached, Batch, refuse_many
from ilms_sdmx.messages.header import Header, StructureReference
from ilms_sdmx.messages.values import pack
from ilms_sdmx.messages.xml.handler import PACKED, Handler
from ilms_sdmx.messages.xml.kinds import is_old
from ilms_sdmx.messages.xml.names import XSI
from ilms_sdmx.messages.xml.roles import Roles
from ilms_sdmx.messages.xml.rows import Chunk, Pairs, Sink, by_name, without_namespaces

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
    header
        Header of the message.
    given
        Structure that was given.
    form
        Format of the message.
    """

    def __init__(
        self,
        number: int,
        attributes: Pairs,
        header: Header,
        given: Given,
        *,
        form: str,
    ) -> None:
        self.number = number
        self._form = form
        reserved, values = _reserved(attributes)
        self.structure = _referred(header, reserved.get("structureRef", ""), number)
        self._agency = reserved.get("dataflowAgencyID", "")
        self._flow = reserved.get("dataflowID", "")
        default = "Merge" if form == "sdmx-ml-3.1" else "Replace"
        action = reserved.get("action") or header.action or default
        self._action = _ACTIONS.get(action, action)
        self._about = about.of_xml(reserved)
        self.levels: dict[str, str] = {}
        several = form in ("sdmx-ml-3.0", "sdmx-ml-3.1")
        at_observation = self.structure.dimension_at_observation
        self.roles = Roles(self.levels, at_observation, several=several)
        self.sink = Sink()
        self.handler = self.listener(self.sink)
        self.handler.dataset.update(values)
        self._structures = given
        self._begun = False
        self._given = False
        self.lane: FastLane | None = None

    @property
    def generic(self) -> bool:
        """Whether values are elements."""
        return self._form.endswith("-generic")

    def listener(self, sink: Sink) -> Handler:
        """Make a handler for elements of this data set, which fills a sink."""
        return Handler(
            sink,
            self.structure.dimension_at_observation,
            self.levels,
            generic=self.generic,
            explicit=self.structure.explicit_measures,
            old=is_old(self._form),
        )

    def batch(self, chunk: Chunk, *, last: bool = False) -> Batch:
        """Rows as a batch; with the last one of a data set, what no observation has."""
        self._begin()
        self.roles.chunk(chunk)
        self._take_roles(last=last)
        components = self.roles.components()
        refuse_many(len(components.columns))
        table = self._with_dataset(chunk.table(), components)
        table = _packed(table, components.composite)
        attached: Attached = {}
        if last or len(table):
            attached = self._attached(components, rows=len(table))
        self._given = self._given or bool(len(table))
        described = Batch(
            self.number,
            table,
            components,
            action=self._action,
            attached=attached,
            about=self._about,
        )
        return replace(described, **self._references())

    def _begin(self) -> None:
        """Take the roles of the structure that was given; what it refers to is now known."""
        if not self._begun:
            self._begun = True
            self.roles.given = self._structures.components(**self._references())

    def _references(self) -> dict[str, Any]:
        """Artefacts that the data set conforms to, by the names that a batch has for them."""
        flow = f"{self._agency}:{self._flow}(1.0)" if self._flow else ""
        targets = {
            "dataflow": flow,
            "datastructure": self.handler.key_family,
            "provisionagreement": "",
        }
        targets[self.structure.kind] = self.structure.target
        return {
            "dataflow": targets["dataflow"],
            "structure": targets["datastructure"],
            "provision": targets["provisionagreement"],
        }

    def _take_roles(self, *, last: bool) -> None:
        """Take the names of all that is not in rows."""
        self.roles.composite |= self.handler.composite
        for name, key, pairs in self.sink.groups:
            self.roles.group(name, without_namespaces(key))
            self.roles.group(name, without_namespaces(pairs))
        self._take_partial()
        if last:
            for values in self.sink.empty:
                self.roles.series(values)
        self.roles.settle(last=last)

    def _take_partial(self) -> None:
        """Move attributes without any dimension to the data set; take the other names."""
        dimensions = self.roles.components().dimensions
        partial = []
        for pairs in self.sink.partial:
            values = without_namespaces(pairs)
            if values.keys().isdisjoint(dimensions):
                self.handler.dataset.update(values)
            else:
                self.roles.partial(values)
                partial.append(pairs)
        self.sink.partial = partial
        self.roles.dataset(self.handler.dataset)

    def _with_dataset(self, table: pa.Table, components: Components) -> pa.Table:
        """Table with the attributes of the data set repeated in every row."""
        zeros = np.zeros(len(table), np.int8)
        for name, value in self.handler.dataset.items():
            if name not in components.columns:
                continue
            column = pa.DictionaryArray.from_arrays(zeros, pa.array([value]))
            if name not in table.column_names:
                table = table.append_column(name, column)
            elif table.column(name).null_count:
                # Some rows have a value of their own, which goes before.
                nearer = table.column(name).cast(pa.string())
                filled = pc.coalesce(nearer, column.cast(pa.string()))
                table = table.set_column(table.column_names.index(name), name, filled)
        return table

    def _attached(self, components: Components, rows: int) -> Attached:
        """Attributes of groups and partial keys, and empty series, as frames by key.

        A series may have nothing but its key: that it is there is what a service answers where
        it was asked for keys.
        """
        rows_by_key: dict[tuple[str, ...], list[dict[str, str]]] = {}
        dimensions = components.dimensions
        for values in self._of_parts(rows):
            key = tuple(filter(values.__contains__, dimensions))
            if key != tuple(values):
                _add(rows_by_key, key, values, components)
        for values in filter(None, self.sink.empty):
            key = tuple(filter(values.__contains__, dimensions))
            _add(rows_by_key, key, values, components)
        self.sink.groups = []
        self.sink.partial = []
        self.sink.empty = []
        return {key: _frame(rows_of_key) for key, rows_of_key in rows_by_key.items()}

    def _of_parts(self, rows: int) -> Iterator[dict[str, str]]:
        """Attributes of groups and partial keys; those of the data set where it has no rows."""
        for _, key, pairs in self.sink.groups:
            yield without_namespaces([*key, *pairs])
        for pairs in self.sink.partial:
            yield without_namespaces(pairs)
        if not rows and not self._given:
            yield self.handler.dataset

    def find_assumptions(self) -> list[Finding]:
        """Findings of what had to be assumed or was passed over."""
        dataflow = self.structure.target
        place = Place(dataflow=dataflow)
        findings = self.roles.find_assumptions(dataflow)
        for element, count in self.handler.skipped.items():
            if element != "DataProvider":
                finding = find("not-read", place, component=element, count=count)
                findings.append(finding)
        return findings


def _reserved(attributes: Pairs) -> tuple[dict[str, str], dict[str, str]]:
    """Attributes of a `DataSet` element: SDMX's by local name, and values of components."""
    reserved: dict[str, str] = {}
    qualified: dict[str, str] = {}
    values: dict[str, str] = {}
    for name, value in by_name(attributes).items():
        if "}" not in name:
            target = reserved if name in _RESERVED else values
            target[name] = value
        elif XSI not in name:
            qualified[name.rpartition("}")[2]] = value
    return {**reserved, **qualified}, values


def _referred(header: Header, reference: str, number: int) -> StructureReference:
    """Structure that a data set refers to; the one at its position if it says nothing."""
    structures = header.structures
    for structure in structures:
        if structure.id == reference:
            return structure
    if not structures:
        return StructureReference("", "", "")
    return structures[min(number, len(structures) - 1)]


def _cell(value: str) -> str:
    """Cell of a composite component: packed already, or one text."""
    return value[1:] if value.startswith(PACKED) else pack([value])


def _plain(values: dict[str, str], composite: frozenset[str]) -> dict[str, str]:
    """Values with those of composite components as cells."""
    cells = dict(values)
    for name in composite.intersection(values):
        cells[name] = _cell(values[name])
    return cells


def _add(
    rows_by_key: dict[tuple[str, ...], list[dict[str, str]]],
    key: tuple[str, ...],
    values: dict[str, str],
    components: Components,
) -> None:
    """Add values to the rows of their key."""
    row = _plain(values, components.composite)
    rows_by_key.setdefault(key, []).append(row)


def _packed(table: pa.Table, composite: frozenset[str]) -> pa.Table:
    """Table whose composite cells are packed values."""
    for name in composite.intersection(table.column_names):
        cells = []
        for value in table.column(name).to_pylist():
            cells.append(None if value is None else _cell(value))
        column = pa.array(cells, pa.string())
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _frame(rows: list[dict[str, str]]) -> pd.DataFrame:
    """Rows as a frame, columns in the order in which they first occur."""
    import pandas as pd

    names = dict.fromkeys(chain.from_iterable(rows))
    return pd.DataFrame(rows, columns=list(names), dtype="string")


def old_action(header: Header) -> Header:
    """Header of SDMX-ML 2.0 with its action in today's words."""
    return replace(header, action=_ACTIONS.get(header.action, header.action))
