"""Structure messages: definitions and constraints of SDMX-ML 2.1, 3.0 and 3.1 as they are written.

sdmx1 reads 2.1 well, but of 3.0 it drops `usage`, and of constraints the booleans, cascades and key sets;
what validation needs is little, and read here from elements by local name, so that all versions read alike.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.errors import MessageError, StructureError
from ilms_sdmx.validation.definitions import Constraint, Definition, Field, Region, Selection

if TYPE_CHECKING:
    from lxml.etree import _Element

_URN = re.compile(
    r"^urn:[^=]+=(?P<agency>[^:]+):(?P<id>[^(]+)\((?P<version>[^)]*)\)(?:\.(?P<item>.+))?$"
)
_ROLES = {
    "Dimension": "dimension",
    "MeasureDimension": "dimension",
    "TimeDimension": "time",
    "PrimaryMeasure": "measure",
    "Measure": "measure",
    "Attribute": "attribute",
}
_FACETS = ("minLength", "maxLength", "minValue", "maxValue", "decimals", "pattern")


@dataclass(frozen=True)
class StructureMessage:
    """What a structure message says about data.

    Parameters
    ----------
    definitions
        Structure id `AGENCY:ID(VERSION)` to its definition, without constraints.
    dataflows
        Dataflow id to the id of its structure.
    constraints
        Pairs of the id of what is constrained and the constraint; only those that restrict
        (`type="Actual"` says what there is, not what may be).
    """

    definitions: Mapping[str, Definition]
    dataflows: Mapping[str, str]
    constraints: tuple[tuple[str, Constraint], ...]

    def definition(self, dataflow: str = "", structure: str = "") -> Definition:
        """Definition for a dataflow or a structure, under every constraint on either.

        Raises
        ------
        StructureError
            The message has neither; it says which ones it has.
        """
        wanted = self._find(dataflow, self.dataflows)
        named = self.dataflows.get(wanted, "") or self._find(
            structure or dataflow, self.definitions
        )
        if not named and len(self.definitions) == 1:
            named = next(iter(self.definitions))
        found = self.definitions.get(self._find(named, self.definitions))
        if found is None:
            known = ", ".join([*self.dataflows, *self.definitions]) or "none"
            raise StructureError(
                f"expected the structure of {dataflow or structure}, found only {known}"
            )
        subjects = {found.id, wanted}
        if len(self.dataflows) == 1 and not wanted:
            subjects |= {
                flow for flow, of in self.dataflows.items() if _plain(of) == _plain(found.id)
            }
        return found.constrained(c for subject, c in self.constraints if subject in subjects)

    @staticmethod
    def _find(wanted: str, among: Mapping[str, Any]) -> str:
        """Find the exact id, else the only one that differs in version or agency alone."""
        if wanted in among or not wanted:
            return wanted
        near = [known for known in among if _plain(known) == _plain(wanted)]
        return near[0] if len(near) == 1 else ""


def read_structures(data: bytes, name: str = "structure message") -> StructureMessage:
    """Definitions of a structure message's bytes, SDMX-ML or SDMX-JSON.

    Raises
    ------
    MessageError
        The bytes are neither XML nor JSON, or no structure message.
    """
    from lxml import etree

    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        from ilms_sdmx.validation.structure_json import read_json_structures

        return read_json_structures(data, name)

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise MessageError(
            f"{name}: expected an SDMX-ML structure message, found no XML: {error}"
        ) from None
    if _name(root) != "Structure":
        raise MessageError(f"{name}: expected the element Structure, found {_name(root)}")
    codelists = _codelists(root)
    concepts = {
        _identity(c, of=s): c
        for s in _all(root, "ConceptScheme")
        for c in _children(s, "Concept")
    }
    structures = [
        _definition(e, codelists, concepts) for e in _all(root, "DataStructure") if len(e)
    ]
    return StructureMessage(
        {s.id: s for s in structures},
        {
            _identity(e): _reference(r)
            for e in _all(root, "Dataflow")
            for r in _children(e, "Structure")
        },
        tuple(_constraints(root)),
    )


def _plain(identity: str) -> str:
    return re.sub(r"^[^:]*:|\(.*$", "", identity)


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: _Element, *names: str) -> list[_Element]:
    return [child for child in element if _name(child) in names]


def _all(root: _Element, *names: str) -> Iterator[_Element]:
    return (element for element in root.iter() if _name(element) in names and element.get("id"))


def _first(element: _Element, *path: str) -> _Element | None:
    found: _Element | None = element
    for name in path:
        found = next(iter(_children(found, name)), None) if found is not None else None
    return found


def _identity(element: _Element, of: _Element | None = None) -> str:
    scheme = element if of is None else of
    identity = (
        f"{scheme.get('agencyID', '')}:{scheme.get('id')}({scheme.get('version', '1.0')})"
    )
    return identity if of is None else f"{identity}.{element.get('id')}"


def _reference(element: _Element) -> str:
    """Identity that an element refers to, by `Ref`, by `URN` or by the URN as its text."""
    ref = _first(element, "Ref")
    if ref is not None:
        parent = ref.get("maintainableParentID")
        version = ref.get("maintainableParentVersion" if parent else "version", "1.0")
        item = f".{ref.get('id')}" if parent else ""
        return f"{ref.get('agencyID', '')}:{parent or ref.get('id')}({version}){item}"
    urn = _first(element, "URN")
    return of_urn((urn if urn is not None else element).text or "")


def of_urn(urn: str) -> str:
    """Identity that a URN names, empty if it is none."""
    match = _URN.match(urn.strip())
    if match is None:
        return ""
    item = f".{match['item']}" if match["item"] else ""
    return f"{match['agency']}:{match['id']}({match['version']}){item}"


def _codelists(root: _Element) -> dict[str, dict[str, str]]:
    lists = {}
    for element in _all(root, "Codelist", "ValueList", "GeographicCodelist", "GeoGridCodelist"):
        codes = [
            c
            for c in element
            if _name(c) in ("Code", "ValueItem", "GeoFeatureSetCode", "GeoGridCode")
        ]
        lists[_identity(element)] = {str(c.get("id")): _parent(c) for c in codes}
    return lists


def _parent(code: _Element) -> str:
    parent = _first(code, "Parent")
    if parent is None:
        return ""
    ref = _first(parent, "Ref")
    return str(ref.get("id")) if ref is not None else (parent.text or "").strip()


def _definition(
    element: _Element, lists: Mapping[str, Any], concepts: Mapping[str, Any]
) -> Definition:
    parts = _first(element, "DataStructureComponents")
    if parts is None:
        return Definition(_identity(element), {})
    groups = {
        str(group.get("id")): tuple(
            _names(dimension) for dimension in _children(group, "GroupDimension")
        )
        for group in _children(parts, "Group")
    }
    fields: dict[str, Field] = {}
    for part in _children(parts, "DimensionList", "MeasureList", "AttributeList"):
        found = [c for c in part if _name(c) in _ROLES]
        if _name(part) == "DimensionList":
            found.sort(key=lambda c: (_name(c) == "TimeDimension", int(c.get("position", "0"))))
        for component in found:
            made = _field(component, lists, concepts, groups)
            fields[made.id] = made
    return Definition(_identity(element), fields, groups=groups)


def _names(element: _Element) -> str:
    """Id of the dimension that a reference names."""
    reference = _first(element, "DimensionReference")
    node = element if reference is None else reference
    ref = _first(node, "Ref")
    return (
        str(ref.get("id")) if ref is not None else (node.text or "").strip().rpartition(".")[2]
    )


def _field(
    element: _Element,
    lists: Mapping[str, Mapping[str, str]],
    concepts: Mapping[str, Any],
    groups: Mapping[str, tuple[str, ...]],
) -> Field:
    identity = _first(element, "ConceptIdentity")
    reference = _reference(identity) if identity is not None else ""
    concept = concepts.get(reference)
    shown = _first(element, "LocalRepresentation")
    if shown is None and concept is not None:
        shown = _first(concept, "CoreRepresentation")
    role = _ROLES[_name(element)]
    made = _represented(
        str(element.get("id") or reference.rpartition(".")[2]), role, shown, lists
    )
    if role != "attribute":
        return made
    mandatory = (
        element.get("assignmentStatus") or element.get("usage") or ""
    ).lower() == "mandatory"
    return replace(made, mandatory=mandatory, attachment=_attachment(element, groups))


def _represented(
    name: str, role: str, shown: _Element | None, lists: Mapping[str, Mapping[str, str]]
) -> Field:
    if shown is None:
        return Field(name, role)
    enumeration = _first(shown, "Enumeration")
    text = _first(shown, "EnumerationFormat" if enumeration is not None else "TextFormat")
    codelist = _reference(enumeration) if enumeration is not None else ""
    facets = (
        {}
        if text is None
        else {f: str(text.get(f)) for f in _FACETS if text.get(f) is not None}
    )
    return Field(
        name,
        role,
        codelist=_plain(codelist),
        codes=lists.get(codelist) or None,
        text_type="" if text is None else str(text.get("textType", "")),
        facets=facets,
    )


def _attachment(element: _Element, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    related = _first(element, "AttributeRelationship")
    if related is None or _children(related, "PrimaryMeasure", "Observation", "Measure"):
        return OBSERVATION
    group = _first(related, "Group")
    if group is not None:
        return groups.get(_names(group), ())
    return tuple(_names(dimension) for dimension in _children(related, "Dimension"))


def _constraints(root: _Element) -> Iterator[tuple[str, Constraint]]:
    for element in _all(root, "ContentConstraint", "DataConstraint"):
        if (element.get("type") or element.get("role") or "Allowed").lower() == "actual":
            continue
        regions = tuple(_region(r) for r in _children(element, "CubeRegion"))
        keys = tuple(
            _key(k, s) for s in _children(element, "DataKeySet") for k in _children(s, "Key")
        )
        attachment = _first(element, "ConstraintAttachment")
        for subject in attachment if attachment is not None else ():
            yield _reference(subject), Constraint(str(element.get("id")), regions, keys)


def _region(element: _Element) -> Region:
    """Cube region: KeyValue (2.1, 3.x dimensions) and Attribute or Component children."""
    chosen = _children(element, "KeyValue", "Attribute", "Component", "Measure")
    return Region(
        {str(c.get("id")): _selection(c) for c in chosen},
        element.get("include", "true") != "false",
    )


def _key(element: _Element, keyset: _Element) -> Region:
    chosen = _children(element, "KeyValue", "Component")
    included = (
        element.get("include", "true") != "false"
        and keyset.get("isIncluded", "true") != "false"
    )
    return Region({str(c.get("id")): _selection(c) for c in chosen}, included)


def _selection(element: _Element) -> Selection:
    values = []
    for value in _children(element, "Value"):
        cascade = (value.get("cascadeValues") or "").lower()
        values.append(
            ((value.text or "").strip(), cascade if cascade in ("true", "excluderoot") else "")
        )
    span = _first(element, "TimeRange")
    start = end = ""
    for bound in span if span is not None else ():
        side = _name(bound)
        start = (bound.text or "").strip() if side in ("StartPeriod", "AfterPeriod") else start
        end = (bound.text or "").strip() if side in ("EndPeriod", "BeforePeriod") else end
    return Selection(tuple(values), element.get("include", "true") != "false", start, end)


def read_structure_file(path: str | os.PathLike[str]) -> StructureMessage:
    """Definitions of a structure message's file; gzip is unpacked.

    Raises
    ------
    MessageError
        The file cannot be read, or is no structure message.
    """
    name = os.fspath(path)
    try:
        data = Path(path).read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, ValueError) as error:
        raise MessageError(
            f"{name}: expected a structure message, but it cannot be read: {error}"
        ) from None
    return read_structures(data, name)
