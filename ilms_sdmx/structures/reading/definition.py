"""Definition: the components of a structure, the values they may hold, and constraints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures.components import Components, named_groups

#: Facets that are read of a representation, by their names in SDMX.
FACETS = ("minLength", "maxLength", "minValue", "maxValue", "decimals", "pattern")
#: Cascades of a selected value that reach its children; all other words mean none.
_CASCADES = ("true", "excluderoot")


@dataclass(frozen=True)
class Field:
    """One component of a structure and the values it may hold.

    Parameters
    ----------
    id
        Id of the component, the name of its column.
    role
        `dimension`, `time`, `measure` or `attribute`.
    codelist
        Id of its codelist, empty where the component is not coded.
    codes
        Code to parent code (empty: none); None where the component is not coded or where the
        message does not hold the codelist.
    text_type
        SDMX name such as `Double`, `String`, `ObservationalTimePeriod`; empty if unknown.
    facets
        Facet to value as written: `maxLength`, `pattern`, `minValue`, `decimals` ...
    mandatory
        Whether an attribute must be reported.
    attachment
        As in `Components.attributes`; `()` for what is no attribute.
    group
        Named group with which an attribute travels, empty where it names none.
    multilingual, multivalued
        Whether it has texts in several languages, or several values (SDMX 3.0 and later).
    """

    id: str
    role: str
    codelist: str = ""
    codes: Mapping[str, str] | None = None
    text_type: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    mandatory: bool = False
    attachment: tuple[str, ...] = ()
    group: str = ""
    multilingual: bool = False
    multivalued: bool = False


@dataclass(frozen=True)
class Selection:
    """Values of one component that a region includes, or leaves out.

    Parameters
    ----------
    values
        Pairs of a value, where `%` is any text, and how it cascades to its children: `""` (no),
        `"true"` (with them) or `"excluderoot"` (the children alone).
    include
        Whether the values are included; they are left out otherwise.
    start, end
        First and last period of a time component, empty where that side is open.
    """

    values: tuple[tuple[str, str], ...] = ()
    include: bool = True
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class CubeRegion:
    """Cube region, or one key of a key set.

    Parameters
    ----------
    selections
        Component id to its selection; components without one are free.
    include
        Whether the keys of the region are included; they are left out otherwise.
    """

    selections: Mapping[str, Selection]
    include: bool = True


@dataclass(frozen=True)
class Constraint:
    """What may be reported.

    Parameters
    ----------
    id
        Id of the constraint.
    regions
        Cube regions; those that include are alternatives.
    keys
        Keys of its key sets, as regions of one value a component.
    """

    id: str
    regions: tuple[CubeRegion, ...] = ()
    keys: tuple[CubeRegion, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A data structure: its components, and the constraints on it.

    Parameters
    ----------
    id
        `AGENCY:ID(VERSION)`.
    fields
        Component id to component: dimensions in key order, then the others.
    constraints
        Constraints that hold together: each restricts what the others leave.
    groups
        Named groups: id to dimension ids.
    """

    id: str
    fields: Mapping[str, Field]
    constraints: tuple[Constraint, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def time(self) -> str:
        """Id of the time dimension, empty where there is none."""
        times = self._ids_of("time")
        if times:
            return times[0]
        return ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Ids of dimensions in key order, with the time dimension."""
        return self._ids_of("dimension", "time")

    @property
    def components(self) -> Components:
        """What the columns of a data set of this structure are."""
        measures = self._ids_of("measure")
        attributes = {}
        for name in self._ids_of("attribute"):
            attributes[name] = self.fields[name].attachment
        named = [component.group for component in self.fields.values()]
        groups = named_groups(self.groups, named)
        multilingual = self._marked("multilingual")
        multivalued = self._marked("multivalued")
        structured = set()
        for name, component in self.fields.items():
            if component.text_type.upper() == "XHTML":
                structured.add(name)
        return Components(
            self.dimensions,
            measures,
            attributes,
            groups=groups,
            multilingual=multilingual,
            multivalued=multivalued,
            structured=frozenset(structured),
        )

    def _marked(self, mark: str) -> frozenset[str]:
        """Ids of the components that have a mark, a field of theirs."""
        names = set()
        for name, component in self.fields.items():
            is_marked: bool = getattr(component, mark)
            if is_marked:
                names.add(name)
        return frozenset(names)

    def constrained(self, constraints: Iterable[Constraint]) -> Definition:
        """Copy under further constraints: each restricts what the others leave."""
        return replace(self, constraints=(*self.constraints, *constraints))

    def _ids_of(self, *roles: str) -> tuple[str, ...]:
        names = []
        for component in self.fields.values():
            if component.role in roles:
                names.append(component.id)
        return tuple(names)


def fields_by_id(fields: Iterable[Field], structure: str) -> dict[str, Field]:
    """Components of a structure by id.

    Raises
    ------
    StructureError
        Two components have one id: the columns of a data set could not tell them apart.
    """
    by_id: dict[str, Field] = {}
    for component in fields:
        other = by_id.setdefault(component.id, component)
        if other is not component:
            raise StructureError(
                f"expected each component of {structure} to have an id of its own,"
                f" found {component.id} twice (as {other.role} and as {component.role})"
            )
    return by_id


def known_cascade(value: object) -> str:
    """Cascade of a selected value as messages and sdmx1 write it; empty for none."""
    word = str(value).lower()
    if word in _CASCADES:
        return word
    return ""
