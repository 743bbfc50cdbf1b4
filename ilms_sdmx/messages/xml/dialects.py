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
    """Structure-specific data of 2.1, 3.0, 3.1: values are attributes named after components.

    Parameters
    ----------
    components
        Roles of the columns.
    version
        `2.1`, `3.0` or `3.1`.
    prefix
        Namespace prefix of the schema generated for the structure.
    """

    components: Components
    version: str
    prefix: str
    close_series = "</Series>\n"
    root = "StructureSpecificData"

    def open_dataset(
        self,
        reference_id: str,
        reference: Reference,
        action: str,
        attributes: Row,
        about: Mapping[str, str],
    ) -> str:
        """Start tag, with the attributes of the data set; from 3.0 on these come after it."""
        start = (
            f'<message:DataSet xsi:type="{self.prefix}:DataSetType"'
            f' ss:structureRef="{reference_id}"'
        )
        told = "".join(f' ss:{name}="{escape(value)}"' for name, value in about.items())
        if self.version == "2.1":
            _refuse_several(self.components, attributes)
            scope = _SCOPES[reference.kind]
            values = _attributes(attributes)
            return f'{start} ss:dataScope="{scope}" ss:action="{action}"{told}{values}>\n'
        tag = f'{start} ss:action="{action}"{told}>\n'
        if set(attributes.values()) <= {None}:
            return tag
        return tag + self.partial({}, attributes)

    def close_dataset(self) -> str:
        """End tag."""
        return "</message:DataSet>\n"

    def group(self, name: str, key: Row, attributes: Row) -> str:
        """Whole group; its type in the generated schema has its name."""
        group_type = f' xsi:type="{self.prefix}:{name}"'
        return self._element("Group", group_type, {**key, **attributes})

    def partial(self, key: Row, attributes: Row) -> str:
        """Attributes of any part of the key."""
        if self.version == "2.1":
            raise _no_partial_key(key, "SDMX-ML 2.1")
        return self._element("Atts", "", {**key, **attributes})

    def observation(self, layout: Layout) -> Template:
        """One observation: key, measures, attributes, in this order."""
        names = [*layout.observation, *layout.measures, *layout.observation_attributes]
        return self._tag("Obs", names, "</Obs>\n", "/>\n")

    def series(self, layout: Layout) -> Template:
        """Start of a series: key and attributes."""
        return self._tag("Series", [*layout.series, *layout.series_attributes], "\n", ">\n")

    def _tag(self, tag: str, names: Sequence[str], close: str, close_empty: str) -> Template:
        """Element with some components; composite ones are elements inside it."""
        plain: list[str | Slot | Choice] = [f"<{tag}"]
        inner: list[str | Slot | Choice] = []
        composite = []
        for name in names:
            if self._is_element(name):
                composite.append(name)
                inner.append(Slot(name, self._comps(name)))
            else:
                plain.append(Slot(name, between(f' {_name(name)}="', '"')))
        if not composite:
            return [*plain, close_empty]
        opened = Choice(tuple(composite), ">", close_empty)
        closed = Choice(tuple(composite), close)
        return [*plain, opened, *inner, closed]

    def _is_element(self, name: str) -> bool:
        """Whether a component is an element: by its cells, or from 3.0 on by its structure."""
        components = self.components
        if name in components.composite:
            return True
        by_structure = components.multilingual | components.multivalued | components.structured
        return self.version != "2.1" and name in by_structure

    def _comps(self, name: str) -> Wrap:
        """Wrap that makes elements of packed values."""

        def wrap(cells: pa.Array) -> pa.Array:
            elements = []
            for cell in cells.to_pylist():
                elements.append(self._comp(name, cell))
            return pa.array(elements, pa.string())

        return wrap

    def _comp(self, name: str, cell: str) -> str:
        """Element of a component with several values or languages."""
        if self.version == "2.1":
            _refuse_several(self.components, [name])
        role = "MEASURE" if name in self.components.measures else "ATTRIBUTE"
        value: Value = [cell]
        if name in self.components.composite:
            value = unpack(cell)
        items: Iterable[Value | None] = [value] if isinstance(value, Mapping) else value
        structured = name in self.components.structured
        if structured or name in self.components.multilingual:
            items = [{"en": item} if isinstance(item, str) else item for item in items]
        element = "StructuredText" if structured else "Text"
        values = "".join(_value(item, element) for item in items)
        tag = f'Comp id="{_name(name)}" xsi:type="{self.prefix}:{name}_{role}"'
        return f"<{tag}>{values}</Comp>"

    def _element(self, tag: str, extra: str, row: Row) -> str:
        """Whole element with the values of a row."""
        plain = {}
        inner = []
        for name, value in row.items():
            if value is None or not self._is_element(name):
                plain[name] = value
            else:
                inner.append(self._comp(name, value))
        start = f"<{tag}{extra}{_attributes(plain)}"
        if not inner:
            return f"{start}/>\n"
        return f"{start}>{''.join(inner)}</{tag}>\n"


def _attributes(row: Row) -> str:
    """Values of a row as XML attributes."""
    texts = []
    for name, value in row.items():
        if value is not None:
            texts.append(f' {_name(name)}="{escape(value)}"')
    return "".join(texts)


def _value(item: Value | None, element: str) -> str:
    """Element of one of several values, or of a value in several languages."""
    if item is None:
        return "<Value/>"
    if isinstance(item, str):
        return f"<Value>{escape(item)}</Value>"
    if not isinstance(item, Mapping):
        raise MessageError(f"a value is a text or a text in several languages, not {item!r}")
    texts = []
    for language, text in item.items():
        tag = f'common:{element} xml:lang="{escape(language)}"'
        texts.append(f"<{tag}>{escape(str(text))}</common:{element}>")
    return f"<Value>{''.join(texts)}</Value>"


@dataclass(frozen=True)
class Generic:
    """Generic data of 2.1: every value is an element that names its component.

    Parameters
    ----------
    components
        Roles of the columns.
    """

    components: Components
    version = "2.1"
    root = "GenericData"
    close_series = "</generic:Series>\n"

    def __post_init__(self) -> None:
        for name in self.components.columns:
            if not name.isascii() or "." in name:
                raise _cannot(f"a component {name}", "generic SDMX-ML 2.1")

    def open_dataset(
        self,
        reference_id: str,
        reference: Reference,
        action: str,
        attributes: Row,
        about: Mapping[str, str],
    ) -> str:
        """Start tag and attributes of the data set."""
        tag = f'message:DataSet structureRef="{reference_id}" action="{action}"'
        tag += "".join(f' {name}="{escape(value)}"' for name, value in about.items())
        return f"<{tag}>\n{self._part(attributes)}"

    def close_dataset(self) -> str:
        """End tag."""
        return "</message:DataSet>\n"

    def group(self, name: str, key: Row, attributes: Row) -> str:
        """Whole group."""
        parts = self._part(key, "GroupKey") + self._part(attributes)
        return f'<generic:Group type="{name}">{parts}</generic:Group>\n'

    def partial(self, key: Row, attributes: Row) -> str:
        """Refuse: there is no place for attributes of any part of a key."""
        raise _no_partial_key(key, "generic SDMX-ML 2.1")

    def observation(self, layout: Layout) -> Template:
        """One observation: its key, value and attributes."""
        key = _observation_key(layout)
        value = Slot("OBS_VALUE", between('<generic:ObsValue value="', '"/>'))
        attributes = self._attributes(layout.observation_attributes)
        return ["<generic:Obs>", *key, value, *attributes, "</generic:Obs>\n"]

    def series(self, layout: Layout) -> Template:
        """Start of a series: its key and attributes."""
        start = "<generic:Series><generic:SeriesKey>"
        values = _values(layout.series)
        attributes = self._attributes(layout.series_attributes)
        return [start, *values, "</generic:SeriesKey>", *attributes, "\n"]

    def _attributes(self, names: tuple[str, ...]) -> Template:
        """Element with attributes, left out where none has a value."""
        _refuse_several(self.components, names)
        if not names:
            return []
        start = Choice(names, "<generic:Attributes>")
        end = Choice(names, "</generic:Attributes>")
        return [start, *_values(names), end]

    def _part(self, row: Row, tag: str = "Attributes") -> str:
        """Element with the values of a row, nothing where it has none."""
        _refuse_several(self.components, row)
        values = []
        for name, value in row.items():
            if value is not None:
                values.append(f'<generic:Value id="{name}" value="{escape(value)}"/>')
        if not values:
            return ""
        return f"<generic:{tag}>{''.join(values)}</generic:{tag}>"


def _observation_key(layout: Layout) -> list[str | Slot | Choice]:
    """Key of an observation: all dimensions, or the one that varies inside a series."""
    if layout.flat:
        values = _values(layout.observation)
        return ["<generic:ObsKey>", *values, "</generic:ObsKey>"]
    dimension = layout.at_observation
    identifier = "" if dimension == "TIME_PERIOD" else f' id="{dimension}"'
    start = f'<generic:ObsDimension{identifier} value="'
    return [Slot(dimension, between(start, '"/>'))]


Dialect: TypeAlias = Specific | Generic


def _values(names: Iterable[str]) -> list[str | Slot | Choice]:
    """One `Value` element for each component."""
    slots: list[str | Slot | Choice] = []
    for name in names:
        start = f'<generic:Value id="{_name(name)}" value="'
        slots.append(Slot(name, between(start, '"/>')))
    return slots


def _refuse_several(components: Components, names: Iterable[str]) -> None:
    """Refuse composite components: 2.1 has one text for each."""
    several = components.composite.intersection(names)
    if several:
        what = f"several values or languages ({', '.join(sorted(several))})"
        raise _cannot(what, "SDMX-ML 2.1")


def _no_partial_key(key: Row, dialect: str) -> MessageError:
    """Error about attributes that are attached to a part of the key."""
    parts = ".".join(map(str, key.values()))
    return _cannot(f"attributes of the partial key {parts}", dialect)


def _name(component: str) -> str:
    """Id of a component, if XML can have it as a name."""
    if not _NAME.fullmatch(component):
        raise MessageError(f"{component!r} cannot be the id of a component in SDMX-ML")
    return component


def _cannot(what: str, dialect: str) -> MessageError:
    return MessageError(
        f"{dialect} cannot carry {what}; sdmx-ml-3.0, sdmx-json-2.0 and sdmx-csv-2.0 can"
    )
