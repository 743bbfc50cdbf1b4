"""Definition: what a structure allows, from sdmx1's objects or from a structure message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION, Components

if TYPE_CHECKING:
    from sdmx.model.v21 import ContentConstraint, DataStructureDefinition


@dataclass(frozen=True)
class Field:
    """One component of a structure and the values it may hold.

    Parameters
    ----------
    role
        `dimension`, `time`, `measure` or `attribute`.
    codelist
        Id of its enumeration, empty where it is not enumerated.
    codes
        Code to parent code (empty: none); None where not enumerated or where the list was not given.
    text_type
        SDMX name such as `Double`, `String`, `ObservationalTimePeriod`; empty if unknown.
    facets
        Facet to value as written: `maxLength`, `pattern`, `minValue`, `decimals` ...
    mandatory
        Whether an attribute must be reported.
    attachment
        As in `Components.attributes`.
    """

    id: str
    role: str
    codelist: str = ""
    codes: Mapping[str, str] | None = None
    text_type: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    mandatory: bool = False
    attachment: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """Values of one component that a region includes, or leaves out.

    `values` are pairs of a value, where `%` stands for any text, and how it cascades to children: `""`,
    `"true"` or `"excluderoot"`. `start` and `end` bound a time component.
    """

    values: tuple[tuple[str, str], ...] = ()
    include: bool = True
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Region:
    """Cube region, or one key of a key set: components and their selections."""

    selections: Mapping[str, Selection]
    include: bool = True


@dataclass(frozen=True)
class Constraint:
    """What may be reported: cube regions and key sets, each included or left out."""

    id: str
    regions: tuple[Region, ...] = ()
    keys: tuple[Region, ...] = ()


@dataclass(frozen=True)
class Definition:
    """Components of a structure with their representations, and the constraints on them."""

    id: str
    fields: Mapping[str, Field]
    constraints: tuple[Constraint, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def time(self) -> str:
        """Id of the time dimension, empty where there is none."""
        return next((f.id for f in self.fields.values() if f.role == "time"), "")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Ids of dimensions, the time dimension included, in key order."""
        return tuple(f.id for f in self.fields.values() if f.role in ("dimension", "time"))

    @property
    def components(self) -> Components:
        """What the columns of a data set of this structure are."""
        named = list(self.fields.values())
        return Components(
            self.dimensions,
            tuple(f.id for f in named if f.role == "measure"),
            {f.id: f.attachment for f in named if f.role == "attribute"},
        )

    def constrained(self, constraints: Iterable[Constraint]) -> Definition:
        """Put the structure under further constraints: each restricts what the others leave."""
        return replace(self, constraints=(*self.constraints, *constraints))


def of_dsd(dsd: DataStructureDefinition) -> Definition:
    """Definition of sdmx1's data structure definition, 2.1 or 3.0."""
    components = Components.of(dsd)
    time = {d.id for d in dsd.dimensions.components if type(d).__name__ == "TimeDimension"}
    by_id = {
        c.id: c
        for part in (dsd.dimensions, dsd.measures, dsd.attributes)
        for c in part.components
    }
    fields = {}
    for name in components.columns:
        role = "attribute" if name in components.attributes else "measure"
        if name in components.dimensions:
            role = "time" if name in time else "dimension"
        fields[name] = _field(by_id[name], role, components.attributes.get(name, OBSERVATION))
    agency = dsd.maintainer.id if dsd.maintainer else ""
    return Definition(f"{agency}:{dsd.id}({dsd.version})", fields)


def _field(component: Any, role: str, attachment: tuple[str, ...]) -> Field:
    concept = component.concept_identity
    shown = component.local_representation or (concept.core_representation if concept else None)
    enumerated = shown.enumerated if shown is not None else None
    codes = None
    if enumerated is not None and len(enumerated) and not enumerated.is_external_reference:
        codes = {c.id: _parent(c, enumerated.items) for c in enumerated}
    facets, text_type = _facets(shown)
    status = getattr(component, "usage_status", None)
    return Field(
        component.id,
        role,
        codelist=enumerated.id if enumerated is not None else "",
        codes=codes,
        text_type=text_type,
        facets=facets,
        mandatory=role == "attribute" and getattr(status, "name", "") == "mandatory",
        attachment=attachment if role == "attribute" else (),
    )


def _parent(code: Any, among: Mapping[str, Any]) -> str:
    """Id of the code above one, empty for the list itself, which sdmx1 also calls a parent."""
    above: Any = getattr(code, "parent", None)
    inside = above is not None and among.get(above.id) is above
    return str(above.id) if inside else ""


#: sdmx1's attribute names to SDMX's facet names.
_FACETS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_value": "minValue",
    "max_value": "maxValue",
    "decimals": "decimals",
    "pattern": "pattern",
}


def _facets(shown: Any) -> tuple[dict[str, str], str]:
    facets: dict[str, str] = {}
    text_type = ""
    for facet in (shown.non_enumerated or []) if shown is not None else []:
        if facet.value_type is not None:
            text_type = facet.value_type.name
        for theirs, ours in _FACETS.items():
            value = getattr(facet.type, theirs, None)
            if value is not None:
                facets[ours] = str(value)
    return facets, text_type[:1].upper() + text_type[1:]


def of_constraint(constraint: ContentConstraint) -> Constraint:
    """Constraint of sdmx1's content constraint (sdmx1 leaves its booleans as text)."""
    regions = tuple(
        Region({d.id: _selection(s) for d, s in region.member.items()}, _true(region.included))
        for region in constraint.data_content_region
    )
    keyset: Any = constraint.data_content_keys
    keys = (
        ()
        if keyset is None
        else tuple(
            Region(
                {
                    v.value_for.id: Selection(((str(v.value), ""),))
                    for v in key.key_value.values()
                },
                _true(keyset.included) and _true(key.included),
            )
            for key in keyset.keys
        )
    )
    return Constraint(constraint.id, regions, keys)


def _selection(selection: Any) -> Selection:
    values = []
    start = end = ""
    for value in selection.values:
        if hasattr(value, "value"):
            values.append((str(value.value), _cascade(value.cascade_values)))
        else:
            start, end = (_bound(getattr(value, side, None)) for side in ("start", "end"))
    return Selection(tuple(values), _true(selection.included), start, end)


def _bound(period: Any) -> str:
    return "" if period is None else str(period.period)


def _cascade(value: Any) -> str:
    text = str(value).lower()
    return text if text in ("true", "excluderoot") else ""


def _true(value: Any) -> bool:
    return str(value).lower() != "false"
