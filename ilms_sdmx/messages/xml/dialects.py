"""Dialects of SDMX-ML: how a data set, series, group and observation are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.values import unpack
from ilms_sdmx.messages.xml.layout import Layout
from ilms_sdmx.messages.xml.names import Reference
from ilms_sdmx.messages.xml.tokens import Choice, Slot, Template, Wrap, between, escape

if TYPE_CHECKING:
    from ilms_sdmx.messages.values import Value

_NAME = re.compile(r"[A-Za-z_][\w\-.]*")
_SCOPES = {
    "dataflow": "Dataflow",
    "datastructure": "DataStructure",
    "provisionagreement": "ProvisionAgreement",
}
Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Specific:
    """Structure-specific data of 2.1, 3.0 and 3.1: values are XML attributes named after their component."""

    components: Components
    version: str
    prefix: str
    close_series = "</Series>\n"
    root = "StructureSpecificData"

    def open_dataset(
        self, reference_id: str, reference: Reference, action: str, attributes: Row
    ) -> str:
        """Start tag, and before 3.0 the attributes of the data set in it."""
        scope = f' ss:dataScope="{_SCOPES[reference.kind]}"' if self.version == "2.1" else ""
        own = self._own(attributes) if self.version == "2.1" else ""
        tag = (
            f'<message:DataSet xsi:type="{self.prefix}:DataSetType" ss:structureRef="{reference_id}"{scope}'
            f' ss:action="{action}"{own}>\n'
        )
        present = any(v is not None for v in attributes.values())
        return tag + (self.partial({}, attributes) if present and self.version != "2.1" else "")

    def _own(self, attributes: Row) -> str:
        _refuse_several(self.components, attributes)
        return self._attributes(attributes)

    def close_dataset(self) -> str:
        """End tag."""
        return "</message:DataSet>\n"

    def group(self, name: str, key: Row, attributes: Row) -> str:
        """Whole group; its type in the generated schema bears its name."""
        return self._element(
            "Group", f' xsi:type="{self.prefix}:{name}"', {**key, **attributes}
        )

    def partial(self, key: Row, attributes: Row) -> str:
        """Attributes of any part of the key."""
        if self.version == "2.1":
            raise _cannot(
                f"attributes of the partial key {'.'.join(map(str, key.values()))}",
                "SDMX-ML 2.1",
            )
        return self._element("Atts", "", {**key, **attributes})

    def observation(self, layout: Layout) -> Template:
        """One observation: key, measures, attributes, in this order."""
        names = [*layout.observation, *layout.measures, *layout.observation_attributes]
        return self._tag("Obs", names, "</Obs>\n", "/>\n")

    def series(self, layout: Layout) -> Template:
        """Start of a series: key and attributes."""
        return self._tag("Series", [*layout.series, *layout.series_attributes], "\n", ">\n")

    def _tag(self, tag: str, names: Sequence[str], close: str, close_empty: str) -> Template:
        plain = [
            Slot(n, between(f' {_name(n)}="', '"'))
            for n in names
            if n not in self.components.composite
        ]
        composite = tuple(n for n in names if n in self.components.composite)
        if not composite:
            return [f"<{tag}", *plain, close_empty]
        inner = [Slot(n, self._comps(n)) for n in composite]
        return [
            f"<{tag}",
            *plain,
            Choice(composite, ">", close_empty),
            *inner,
            Choice(composite, close),
        ]

    def _comps(self, name: str) -> Wrap:
        return lambda cells: pa.array(
            [self._comp(name, c) for c in cells.to_pylist()], pa.string()
        )

    def _comp(self, name: str, cell: str) -> str:
        """Element of a component with several values or languages."""
        if self.version == "2.1":
            _refuse_several(self.components, [name])
        role = "MEASURE" if name in self.components.measures else "ATTRIBUTE"
        value = unpack(cell)
        items: Iterable[Value | None] = [value] if isinstance(value, Mapping) else value
        inner = "".join(_value(item) for item in items)
        return f'<Comp id="{_name(name)}" xsi:type="{self.prefix}:{name}_{role}">{inner}</Comp>'

    def _element(self, tag: str, extra: str, row: Row) -> str:
        composite = {
            n: v for n, v in row.items() if n in self.components.composite and v is not None
        }
        plain = self._attributes({n: v for n, v in row.items() if n not in composite})
        inner = "".join(self._comp(n, v) for n, v in composite.items())
        return (
            f"<{tag}{extra}{plain}>{inner}</{tag}>\n" if inner else f"<{tag}{extra}{plain}/>\n"
        )

    def _attributes(self, row: Row) -> str:
        return "".join(f' {_name(n)}="{escape(v)}"' for n, v in row.items() if v is not None)


def _value(item: Value | None) -> str:
    if item is None:
        return "<Value/>"
    if isinstance(item, str):
        return f"<Value>{escape(item)}</Value>"
    if not isinstance(item, Mapping):
        raise MessageError(f"a value is a text or a text in several languages, not {item!r}")
    texts = "".join(
        f'<common:Text xml:lang="{escape(k)}">{escape(str(v))}</common:Text>'
        for k, v in item.items()
    )
    return f"<Value>{texts}</Value>"


@dataclass(frozen=True)
class Generic:
    """Generic data of 2.1: every value is an element that names its component."""

    components: Components
    version = "2.1"
    root = "GenericData"
    close_series = "</generic:Series>\n"

    def __post_init__(self) -> None:
        if self.components.measures != ("OBS_VALUE",):
            found = ", ".join(self.components.measures)
            raise _cannot(f"measures other than OBS_VALUE ({found})", "generic SDMX-ML 2.1")

    def open_dataset(
        self, reference_id: str, reference: Reference, action: str, attributes: Row
    ) -> str:
        """Start tag and attributes of the data set."""
        return f'<message:DataSet structureRef="{reference_id}" action="{action}">\n{self._part(attributes)}'

    def close_dataset(self) -> str:
        """End tag."""
        return "</message:DataSet>\n"

    def group(self, name: str, key: Row, attributes: Row) -> str:
        """Whole group."""
        keys = self._part(key, "GroupKey")
        return f'<generic:Group type="{name}">{keys}{self._part(attributes)}</generic:Group>\n'

    def partial(self, key: Row, attributes: Row) -> str:
        """Refuse: there is no place for attributes of any part of a key."""
        raise _cannot(
            f"attributes of the partial key {'.'.join(map(str, key.values()))}",
            "generic SDMX-ML 2.1",
        )

    def observation(self, layout: Layout) -> Template:
        """One observation: its key, value and attributes."""
        at = layout.at_observation
        named = "" if at == "TIME_PERIOD" else f' id="{at}"'
        if layout.flat:
            key: Template = [
                "<generic:ObsKey>",
                *_values(layout.observation),
                "</generic:ObsKey>",
            ]
        else:
            key = [Slot(at, between(f'<generic:ObsDimension{named} value="', '"/>'))]
        value = Slot("OBS_VALUE", between('<generic:ObsValue value="', '"/>'))
        attributes = self._attributes(layout.observation_attributes)
        return ["<generic:Obs>", *key, value, *attributes, "</generic:Obs>\n"]

    def series(self, layout: Layout) -> Template:
        """Start of a series: its key and attributes."""
        key = [
            "<generic:Series><generic:SeriesKey>",
            *_values(layout.series),
            "</generic:SeriesKey>",
        ]
        return [*key, *self._attributes(layout.series_attributes), "\n"]

    def _attributes(self, names: tuple[str, ...]) -> Template:
        _refuse_several(self.components, names)
        if not names:
            return []
        start = Choice(names, "<generic:Attributes>")
        return [start, *_values(names), Choice(names, "</generic:Attributes>")]

    def _part(self, row: Row, tag: str = "Attributes") -> str:
        _refuse_several(self.components, row)
        inner = "".join(
            f'<generic:Value id="{n}" value="{escape(v)}"/>'
            for n, v in row.items()
            if v is not None
        )
        return f"<generic:{tag}>{inner}</generic:{tag}>" if inner else ""


Dialect: TypeAlias = Specific | Generic


def _values(names: Iterable[str]) -> list[str | Slot | Choice]:
    return [Slot(n, between(f'<generic:Value id="{_name(n)}" value="', '"/>')) for n in names]


def _refuse_several(components: Components, names: Iterable[str]) -> None:
    """Refuse composite components: 2.1 has one text for each."""
    if several := components.composite.intersection(names):
        raise _cannot(
            f"several values or languages ({', '.join(sorted(several))})", "SDMX-ML 2.1"
        )


def _name(component: str) -> str:
    """Id of a component, if XML can have it as a name."""
    if not _NAME.fullmatch(component):
        raise MessageError(f"{component!r} cannot be the id of a component in SDMX-ML")
    return component


def _cannot(what: str, dialect: str) -> MessageError:
    return MessageError(
        f"{dialect} cannot carry {what}; sdmx-ml-3.0, sdmx-json-2.0 and sdmx-csv-2.0 can"
    )
