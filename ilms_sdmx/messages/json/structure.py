"""Structure: what the components of a JSON message are, and what their values mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter
from typing import Any

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import phrase
from ilms_sdmx.messages.json.skeleton import Number
from ilms_sdmx.messages.values import Value, pack

_URN = re.compile(r"\.(Dataflow|DataStructure|ProvisionAgreement)=([^:]+:[^(]+(\([^)]*\))?)$")
_HREF = re.compile(
    r"/(dataflow|datastructure|provisionagreement)/([^/?]+)/([^/?]+)"
    r"(?:/([0-9][^/?]*))?(?:[?].*)?$",
    re.I,
)
#: Levels of a message as it names them.
_LEVELS = ("dataSet", "series", "observation", "dimensionGroup")
#: Types of SDMX whose values are JSON numbers.
_NUMERIC = ("Numeric", "Long", "Short", "Float", "Double", "Integer", "Count")
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
        Values by index: texts, None for a null among them, lists and maps if composite. None
        where values are written out.
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
        """Text of a parsed JSON value: of the index if values are listed, else of the value.

        Raises
        ------
        MessageError
            The index is outside the list of values.
        """
        if value is None:
            return None
        if self.composite or isinstance(value, list | dict):
            composite = self._composite(value)
            return None if composite is None else pack(composite)
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
        if self.values is None or not 0 <= index < self.size:
            reason = phrase("value-not-listed", component=self.id, index=index, count=self.size)
            raise MessageError(reason)
        return self.values[index]

    def _composite(self, value: Any) -> Value | None:
        """Composite value; an index has a listed value, which may be composite itself."""
        if isinstance(value, dict):
            return {language: scalar(text) for language, text in value.items()}
        if isinstance(value, list):
            return [None if item is None else self._composite(item) for item in value]
        plain: Value | None = self._plain(value)
        return plain


@dataclass(frozen=True)
class Level:
    """Components at one level of the message, in the order in which values are listed there.

    Parameters
    ----------
    dimensions, measures, attributes
        Components of each role.
    """

    dimensions: tuple[Component, ...] = ()
    measures: tuple[Component, ...] = ()
    attributes: tuple[Component, ...] = ()


@dataclass(frozen=True)
class Structure:
    """What a data set of the message conforms to.

    Parameters
    ----------
    dataset, series, observation, group
        Levels.
    artefact
        Dataflow, structure and provision agreement by the names that `Batch` has for them.
    annotated
        Whether there are annotations.
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
        return tuple(sorted(self.listed, key=attrgetter("position")))

    @property
    def listed(self) -> tuple[Component, ...]:
        """All dimensions in the order of the keys of `dimensionGroupAttributes`: by level."""
        return tuple(chain.from_iterable(level.dimensions for level in self.levels))

    @property
    def attributes(self) -> tuple[Component, ...]:
        """All attributes, those of the data set first."""
        return tuple(chain.from_iterable(level.attributes for level in self.levels))

    @property
    def components(self) -> Components:
        """Roles and attachments as the message tells them."""
        attributes = {}
        for attribute in self.attributes:
            attributes[attribute.id] = attribute.attachment
        composite = set()
        for component in (*self.attributes, *self.observation.measures):
            if component.composite:
                composite.add(component.id)
        return Components(
            _ids(self.dimensions),
            _ids(self.observation.measures),
            attributes,
            composite=frozenset(composite),
        )


def _ids(components: Sequence[Component]) -> tuple[str, ...]:
    """Ids of components."""
    return tuple(component.id for component in components)


def structure_of(
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
    attributes = _sections(tree, "attributes")
    measures = _sections(tree, "measures")["observation"] or [{"id": "OBS_VALUE"}]
    _refuse_repeated(dimensions, attributes, measures)
    last = sum(map(len, dimensions.values()))
    above = _section_ids([*dimensions["dataSet"], *dimensions["series"]])
    levels = {}
    for name in _LEVELS:
        level_dimensions = [_dimension(item, last) for item in dimensions[name]]
        level_attributes = _attributes(attributes[name], name, above, composite)
        levels[name] = Level(tuple(level_dimensions), attributes=level_attributes)
    components = [_attribute(item, OBSERVATION, composite) for item in measures]
    observation = replace(levels["observation"], measures=tuple(components))
    artefact = _artefact([*links, *_list(tree, "links")])
    return Structure(
        levels["dataSet"],
        levels["series"],
        observation,
        levels["dimensionGroup"],
        artefact,
        annotated=bool(tree.get("annotations")),
    )


def _section_ids(section: Sequence[Any]) -> list[str]:
    """Ids of parsed components."""
    return [str(item["id"]) for item in section]


def _refuse_repeated(
    dimensions: Mapping[str, list[Any]],
    attributes: Mapping[str, list[Any]],
    measures: Sequence[Any],
) -> None:
    """Refuse a structure that has a component twice; an attribute may be at several levels."""
    if dimensions["dimensionGroup"]:
        names = ", ".join(_section_ids(dimensions["dimensionGroup"]))
        raise MessageError(f"{names}: a key has no place for dimensions of `dimensionGroup`")
    ids = _section_ids([*chain.from_iterable(dimensions.values()), *measures])
    of_attributes: set[str] = set()
    repeated = []
    for section in attributes.values():
        names_of_section = _section_ids(section)
        of_attributes.update(names_of_section)
        repeated += _repeated(names_of_section)
    repeated += _repeated([*ids, *of_attributes])
    if repeated:
        raise MessageError(f"the structure has the component {min(repeated)} twice")


def _repeated(names: Sequence[str]) -> list[str]:
    """Names that are there more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


def _attributes(
    section: list[Any], level: str, above: Sequence[str], composite: frozenset[str]
) -> tuple[Component, ...]:
    """Attributes that are listed at a level."""
    components = []
    for item in section:
        attachment = _attachment(item, level, above)
        components.append(_attribute(item, attachment, composite))
    return tuple(components)


def _sections(tree: Mapping[str, Any], role: str) -> dict[str, list[Any]]:
    """Components of a role by level; services also spell `dataset`."""
    listed = tree.get(role) or {}
    if not isinstance(listed, dict):
        raise MessageError(f"structure: expected an object under {role!r}")
    sections = {}
    for level in _LEVELS:
        sections[level] = _list(listed, level)
    if not sections["dataSet"]:
        sections["dataSet"] = _list(listed, "dataset")
    for component in chain.from_iterable(sections.values()):
        if not isinstance(component, dict) or "id" not in component:
            raise MessageError(f"structure: a component under {role!r} has no id")
    return sections


def _list(tree: Mapping[str, Any], name: str) -> list[Any]:
    """Member that is a list, empty where it is not there."""
    member = tree.get(name) or []
    if not isinstance(member, list):
        raise MessageError(f"expected a list under {name!r}, found {type(member).__name__}")
    return member


def _dimension(tree: Mapping[str, Any], last: int) -> Component:
    """Dimension of its parsed object; without a position it comes last."""
    position = tree.get("keyPosition")
    place = last
    if isinstance(position, str) and position.isdecimal():
        place = int(position)
    values = tuple(map(_listed, _list(tree, "values")))
    name = str(tree["id"])
    for value in values:
        if isinstance(value, list | dict):
            raise MessageError(f"expected one value of {name} in each place, found {value!r}")
    return Component(name, values, place)


def _attribute(
    tree: Mapping[str, Any], attachment: tuple[str, ...], composite: frozenset[str]
) -> Component:
    """Attribute or measure of its parsed object."""
    name = str(tree["id"])
    form = tree.get("format")
    if not isinstance(form, dict):
        form = {}
    values = None
    several = name in composite or _has_several(form)
    if "values" in tree:
        listed = _list(tree, "values")
        values = tuple(map(_listed, listed))
        several = several or any(map(_is_composite, listed))
    return Component(
        name,
        values,
        attachment=attachment,
        composite=several,
        numeric=form.get("dataType") in _NUMERIC,
    )


def _has_several(form: Mapping[str, Any]) -> bool:
    """Whether a format allows several values or languages."""
    return form.get("isMultiLingual") is True or str(form.get("maxOccurs", "1")) != "1"


def _is_composite(value: Any) -> bool:
    """Whether a listed value has several values or languages."""
    if not isinstance(value, dict):
        return False
    return isinstance(_first_member(value), list | dict)


def _listed(value: Any) -> Any:
    """Value as it is listed: its id, else the value itself, else (1.0) its name."""
    if isinstance(value, dict):
        value = _first_member(value)
        if isinstance(value, list | dict):
            return value
    return None if value is None else scalar(value)


def _first_member(value: Mapping[str, Any]) -> Any:
    """Member that says what a listed value is."""
    for name in ("id", "value", "values", "name"):
        if value.get(name) is not None:
            return value[name]
    return None


def scalar(value: Any) -> str:
    """Text of a parsed JSON string, number or boolean."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attachment(tree: Mapping[str, Any], level: str, above: Sequence[str]) -> tuple[str, ...]:
    """Attachment of an attribute: its relationship, else the level at which it is listed."""
    relationship = tree.get("relationship")
    if not isinstance(relationship, dict):
        relationship = {}
    if "dimensions" in relationship:
        return tuple(map(str, _list(relationship, "dimensions")))
    if "none" in relationship or "dataflow" in relationship:
        return ()
    if relationship.keys() & {"observation", "primaryMeasure", "measures"}:
        return OBSERVATION
    if level == "dataSet":
        return ()
    return tuple(above) if level == "series" else OBSERVATION


def _artefact(links: Sequence[Any]) -> dict[str, str]:
    """Identifiers of the dataflow, the structure and the provision agreement in links."""
    identifiers: dict[str, str] = {}
    for link in links:
        if not isinstance(link, dict):
            continue
        urn = _URN.search(str(link.get("urn", "")))
        if urn:
            identifiers.setdefault(_KINDS[urn[1].lower()], urn[2])
            continue
        href = _HREF.search(str(link.get("href", "")))
        if href:
            version = f"({href[4]})" if href[4] else ""
            identifiers.setdefault(_KINDS[href[1].lower()], f"{href[2]}:{href[3]}{version}")
    return identifiers
