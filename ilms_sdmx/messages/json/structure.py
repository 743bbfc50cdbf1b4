"""Structure: what the components of a JSON message are, and what their values mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json.skeleton import Number
from ilms_sdmx.messages.values import Value, pack

_URN = re.compile(r"\.(Dataflow|DataStructure|ProvisionAgreement)=([^:]+:[^(]+(\([^)]*\))?)$")
_HREF = re.compile(
    r"/(dataflow|datastructure|provisionagreement)/([^/?]+)/([^/?]+)(?:/([0-9][^/?]*))?(?:[?].*)?$",
    re.I,
)
_KINDS = {
    "dataflow": "dataflow",
    "datastructure": "structure",
    "provisionagreement": "provision",
}


@dataclass(frozen=True)
class Component:
    """One dimension, measure or attribute.

    Parameters
    ----------
    id
        Its id.
    values
        What indices stand for: texts, None for a null among them, lists and maps if composite. None where
        values are written out.
    position
        Place in the key of a dimension.
    attachment
        Where an attribute is attached, as in `Components.attributes`.
    composite
        Whether the structure says that there may be several values or languages.
    numeric
        Whether the structure says that its values are JSON numbers.
    """

    id: str
    values: tuple[Any, ...] | None
    position: int = 0
    attachment: tuple[str, ...] = OBSERVATION
    composite: bool = False
    numeric: bool = False

    def text(self, value: Any) -> str | None:
        """Text of a parsed JSON value: of the index if values are listed, else of the value itself.

        Raises
        ------
        MessageError
            The index is outside the list of values.
        """
        if value is None:
            return None
        if self.composite or isinstance(value, list | dict):
            packed = self._composite(value)
            return None if packed is None else pack(packed)
        text: str | None = self._plain(value)
        return text

    @property
    def size(self) -> int:
        """Number of listed values."""
        return len(self.values or ())

    def _plain(self, value: Any) -> Any:
        """Look up the value of an index; anything else is its own text."""
        if isinstance(value, Number) and self.values is not None:
            return self.listed(int(value) if value.isdecimal() else -1)
        return scalar(value)

    def listed(self, index: int) -> Any:
        """Value at a place of the list."""
        if self.values is None or not 0 <= index < len(self.values):
            raise MessageError(
                f"{self.id}: no value with index {index}: {len(self.values or ())} are listed"
            )
        return self.values[index]

    def _composite(self, value: Any) -> Value | None:
        """Composite value; an index stands for a listed value, which may be composite itself."""
        if isinstance(value, dict):
            return {language: scalar(text) for language, text in value.items()}
        if isinstance(value, list):
            return [None if v is None else self._composite(v) for v in value]
        found: Value | None = self._plain(value)
        return found


@dataclass(frozen=True)
class Level:
    """Components at one level of the message, in the order in which values are listed there."""

    dimensions: tuple[Component, ...] = ()
    measures: tuple[Component, ...] = ()
    attributes: tuple[Component, ...] = ()


@dataclass(frozen=True)
class Structure:
    """What a data set of the message conforms to.

    `dataset`, `series`, `observation` and `group` are the levels; `artefact` names the dataflow, structure
    and provision agreement as `Batch` wants them.
    """

    dataset: Level
    series: Level
    observation: Level
    group: Level
    artefact: Mapping[str, str]
    annotated: bool = False

    @property
    def levels(self) -> tuple[Level, ...]:
        """All levels, those of the data set first."""
        return self.dataset, self.group, self.series, self.observation

    @property
    def dimensions(self) -> tuple[Component, ...]:
        """All dimensions in key order."""
        return tuple(sorted(self.listed, key=lambda d: d.position))

    @property
    def listed(self) -> tuple[Component, ...]:
        """All dimensions in the order of the keys of `dimensionGroupAttributes`: level by level."""
        return tuple(d for level in self.levels for d in level.dimensions)

    @property
    def attributes(self) -> tuple[Component, ...]:
        """All attributes, those of the data set first."""
        return tuple(a for level in self.levels for a in level.attributes)

    @property
    def components(self) -> Components:
        """Roles and attachments as the message tells them."""
        attributes = {a.id: a.attachment for a in self.attributes}
        composite = frozenset(
            c.id for c in (*self.attributes, *self.observation.measures) if c.composite
        )
        dimensions = tuple(d.id for d in self.dimensions)
        return Components(
            dimensions,
            tuple(m.id for m in self.observation.measures),
            attributes,
            composite=composite,
        )


def structure(
    tree: Mapping[str, Any], links: Sequence[Any], composite: frozenset[str]
) -> Structure:
    """Structure of a parsed `structure` object; `links` are those of the data set.

    Raises
    ------
    MessageError
        It lacks dimensions, or has a component without id or twice.
    """
    dimensions = _sections(tree, "dimensions")
    if not any(dimensions.values()):
        raise MessageError("the structure lists no dimensions")
    keys = [str(d["id"]) for section in dimensions.values() for d in section]
    above = [str(d["id"]) for name in ("dataSet", "series") for d in dimensions[name]]
    attributes = _sections(tree, "attributes")
    measures = _sections(tree, "measures")["observation"] or [{"id": "OBS_VALUE"}]
    ids = keys + [str(c["id"]) for section in (*attributes.values(), measures) for c in section]
    repeated = {i for i in ids if ids.count(i) > 1}
    if repeated:
        raise MessageError(f"the structure has the component {min(repeated)} twice")

    def level(name: str) -> Level:
        return Level(
            tuple(_dimension(d, len(keys)) for d in dimensions[name]),
            tuple(_attribute(m, OBSERVATION, composite) for m in measures)
            if name == "observation"
            else (),
            tuple(
                _attribute(a, _attachment(a, name, above), composite) for a in attributes[name]
            ),
        )

    return Structure(
        level("dataSet"),
        level("series"),
        level("observation"),
        level("dimensionGroup"),
        _artefact([*links, *_list(tree, "links")]),
        bool(tree.get("annotations")),
    )


def _sections(tree: Mapping[str, Any], role: str) -> dict[str, list[Any]]:
    """Components of a role by level; services also spell `dataset`."""
    found = tree.get(role) or {}
    if not isinstance(found, dict):
        raise MessageError(f"structure: expected an object under {role!r}")
    sections = {
        n: _list(found, n) for n in ("dataSet", "series", "observation", "dimensionGroup")
    }
    sections["dataSet"] = sections["dataSet"] or _list(found, "dataset")
    for section in sections.values():
        for component in section:
            if not isinstance(component, dict) or "id" not in component:
                raise MessageError(f"structure: a component under {role!r} has no id")
    return sections


def _list(tree: Mapping[str, Any], name: str) -> list[Any]:
    found = tree.get(name) or []
    if not isinstance(found, list):
        raise MessageError(f"expected a list under {name!r}, found {type(found).__name__}")
    return found


def _dimension(tree: Mapping[str, Any], last: int) -> Component:
    position = tree.get("keyPosition")
    place = int(position) if isinstance(position, str) and position.isdecimal() else last
    return Component(str(tree["id"]), tuple(_listed(v) for v in _list(tree, "values")), place)


def _attribute(
    tree: Mapping[str, Any], attachment: tuple[str, ...], composite: frozenset[str]
) -> Component:
    name, form = str(tree["id"]), tree.get("format")
    form = form if isinstance(form, dict) else {}
    listed = _list(tree, "values") if "values" in tree else None
    many = (
        name in composite
        or form.get("isMultiLingual") is True
        or str(form.get("maxOccurs", "1")) != "1"
        or any(_is_composite(v) for v in listed or ())
    )
    values = None if listed is None else tuple(_listed(v) for v in listed)
    numeric = form.get("dataType") in (
        "Numeric",
        "Long",
        "Short",
        "Float",
        "Double",
        "Integer",
        "Count",
    )
    return Component(name, values, attachment=attachment, composite=many, numeric=numeric)


def _is_composite(value: Any) -> bool:
    return isinstance(value, dict) and (
        "values" in value or isinstance(value.get("value"), dict)
    )


def _listed(value: Any) -> Any:
    """Tell what a listed value stands for: its id, else the value itself, else (1.0) its name."""
    if not isinstance(value, dict):
        return None if value is None else scalar(value)
    found = next(
        (value[k] for k in ("id", "value", "values", "name") if value.get(k) is not None), None
    )
    return found if found is None or isinstance(found, list | dict) else scalar(found)


def scalar(value: Any) -> str:
    """Text of a parsed JSON string, number or boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attachment(tree: Mapping[str, Any], level: str, above: Sequence[str]) -> tuple[str, ...]:
    """Attachment of an attribute: its relationship, else the level at which it is listed."""
    relationship = tree.get("relationship")
    relationship = relationship if isinstance(relationship, dict) else {}
    if "dimensions" in relationship:
        return tuple(str(d) for d in _list(relationship, "dimensions"))
    if {"none", "dataflow"} & set(relationship):
        return ()
    if {"observation", "primaryMeasure", "measures"} & set(relationship):
        return OBSERVATION
    return {"dataSet": (), "series": tuple(above)}.get(level, OBSERVATION)


def _artefact(links: Sequence[Any]) -> dict[str, str]:
    """Find the identifiers of the dataflow, the structure and the provision agreement in links."""
    found: dict[str, str] = {}
    for link in links:
        if not isinstance(link, dict):
            continue
        if match := _URN.search(str(link.get("urn", ""))):
            found.setdefault(_KINDS[match[1].lower()], match[2])
        elif match := _HREF.search(str(link.get("href", ""))):
            version = f"({match[4]})" if match[4] else ""
            found.setdefault(_KINDS[match[1].lower()], f"{match[2]}:{match[3]}{version}")
    return found
