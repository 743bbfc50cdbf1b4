"""Structure and representation maps of SDMX-ML, and structure sets of 2.1.

As SDMX-JSON would write them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from lxml.etree import _Element

#: A map as SDMX-JSON 2.0 writes it.
Artefact: TypeAlias = dict[str, Any]
_URN = "urn:sdmx:org.sdmx.infomodel"


def maps_of_xml(content: bytes) -> dict[str, Any]:
    """`structureMaps` and `representationMaps` of a structure message.

    Raises
    ------
    ValueError
        For what is no XML, or XML with a document type.
    """
    from lxml import etree

    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("a document type, which no SDMX message has")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None
    structures: list[Artefact] = []
    representations: list[Artefact] = []
    for element in root.iter("{*}RepresentationMap"):
        if element.get("id"):
            representations.append(_representation(element))
    for element in root.iter("{*}StructureMap"):
        parent = element.getparent()
        if parent is not None and _name(parent) == "StructureSet":
            structures.append(_old_structure(element, parent, representations))
        else:
            structures.append(_structure(element))
    return {"structureMaps": structures, "representationMaps": representations}


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _texts(element: _Element, name: str) -> list[str]:
    return [(e.text or "") for e in element.iterfind(f"{{*}}{name}")]


def _maintainable(element: _Element) -> Artefact:
    """Id, agency, version and name of an artefact."""
    id_there = element.get("id")
    names = _texts(element, "Name")
    return {
        "id": id_there,
        "agencyID": element.get("agencyID", ""),
        "version": element.get("version", "1.0"),
        "name": names[0].strip() if names else id_there,
    }


def _representation(element: _Element) -> Artefact:
    """Representation map."""
    content = _maintainable(element)
    content["source"] = _side(element, "Source")
    content["target"] = _side(element, "Target")
    content["representationMappings"] = _each(element, "RepresentationMapping", _line)
    return content


def _side(element: _Element, side: str) -> list[dict[str, str]]:
    """Codelists and types of one side of a representation map."""
    ends = []
    for text in _texts(element, f"{side}Codelist"):
        ends.append({"codelist": text.strip()})
    for text in _texts(element, f"{side}DataType"):
        ends.append({"dataType": text})
    return ends


def _each(element: _Element, name: str, read: Callable[[_Element], Artefact]) -> list[Artefact]:
    """Children of a name, each read alike."""
    return list(map(read, element.iterfind(f"{{*}}{name}")))


def _line(element: _Element) -> Artefact:
    """Line of a representation map."""
    sources: list[Artefact] = []
    for value in element.iterfind("{*}SourceValue"):
        source: Artefact = {"value": value.text or ""}
        for key in ("startIndex", "endIndex"):
            index = value.get(key)
            if index:
                source[key] = int(index)
        if value.get("isRegEx") in ("true", "1"):
            source["isRegEx"] = True
        sources.append(source)
    line: Artefact = {"sourceValues": sources, "targetValues": _texts(element, "TargetValue")}
    for key in ("validFrom", "validTo"):
        moment = element.get(key)
        if moment:
            line[key] = moment
    return line


def _structure(element: _Element) -> Artefact:
    """Structure map."""
    content = _maintainable(element)
    targets = _texts(element, "Target")
    if targets:
        content["target"] = targets[0].strip()
    content["componentMaps"] = _each(element, "ComponentMap", _component)
    content["fixedValueMaps"] = _each(element, "FixedValueMap", _fixed)
    content["datePatternMaps"] = _each(element, "DatePatternMap", _date)
    content["epochMaps"] = _each(element, "EpochMap", _date)
    return content


def _component(element: _Element) -> Artefact:
    """Component map."""
    content: Artefact = {}
    content["source"] = _texts(element, "Source")
    content["target"] = _texts(element, "Target")
    maps = _texts(element, "RepresentationMap")
    if maps:
        content["representationMap"] = maps[0].strip()
    return content


def _fixed(element: _Element) -> Artefact:
    """Component with fixed values."""
    content: Artefact = {"values": _texts(element, "Value")}
    for side in ("Source", "Target"):
        for text in _texts(element, side):
            content[side.lower()] = text
    return content


def _date(element: _Element) -> Artefact:
    """Component of periods."""
    sources = _texts(element, "Source")
    targets = _texts(element, "Target")
    pairs = []
    for source, target in zip(sources, targets, strict=False):
        pairs.append({"source": source, "target": target})
    pattern = element.get("sourcePattern", "")
    locale = element.get("locale", "")
    return {"mappedComponents": pairs, "sourcePattern": pattern, "locale": locale}


def _ref(element: _Element | None) -> dict[str, str]:
    """Attributes of a reference of 2.1: its `Ref`, or its URN taken apart."""
    if element is None:
        return {}
    ref = element.find("{*}Ref")
    if ref is not None:
        return {str(key): str(text) for key, text in ref.attrib.items()}
    urn = element.find("{*}URN")
    text = "" if urn is None else urn.text or ""
    kind, _, rest = text.strip().rpartition("=")
    agency, _, named = rest.partition(":")
    id_there, _, version = named.partition("(")
    _, _, artefact_class = kind.rpartition(".")
    return {
        "class": artefact_class,
        "agencyID": agency,
        "id": id_there,
        "version": version.partition(")")[0],
    }


def _urn(ref: dict[str, str], package: str) -> str:
    """URN of a reference of 2.1, whose package is that of its class where it names none."""
    agency = ref.get("agencyID", "")
    id_there = ref.get("id", "")
    version = ref.get("version") or "1.0"
    artefact_class = ref.get("class", "")
    package = ref.get("package") or package
    return f"{_URN}.{package}.{artefact_class}={agency}:{id_there}({version})"


def _old_structure(element: _Element, parent: _Element, maps: list[Artefact]) -> Artefact:
    """Structure map of a structure set.

    The maps of its codes are added to the representation maps.
    """
    agency = parent.get("agencyID", "")
    components = []
    for own in element.iterfind("{*}ComponentMap"):
        source = _id_of(own, "Source")
        target = _id_of(own, "Target")
        component: Artefact = {"source": [source], "target": [target]}
        lines = _old_lines(own.find("{*}RepresentationMapping"), parent)
        if lines is not None:
            lines["id"] = lines["id"] or f"{element.get('id')}_{target}"
            if not any(known["id"] == lines["id"] for known in maps):
                maps.append({**lines, "agencyID": agency, "version": "1.0"})
            component["representationMap"] = f"{_URN}={agency}:{lines['id']}(1.0)"
        components.append(component)
    content = _maintainable(element)
    content["target"] = _urn(_ref(element.find("{*}Target")), "datastructure")
    content["componentMaps"] = components
    return content


def _id_of(element: _Element, name: str) -> str:
    """Id that a child refers to, empty for none."""
    return _ref(element.find(f"{{*}}{name}")).get("id", "")


def _old_lines(how: _Element | None, parent: _Element) -> Artefact | None:
    """Representation map of a component of 2.1.

    Of two codelists, or of values; None for none.
    """
    if how is None:
        return None
    codelist_map = _id_of(how, "CodelistMap")
    for codes in parent.iterfind("{*}CodelistMap"):
        if codes.get("id") == codelist_map:
            return _old_codes(codes)
    pairs = []
    for value in how.iterfind("{*}ValueMap/{*}ValueMapping"):
        pairs.append((str(value.get("source")), str(value.get("target"))))
    if not pairs:
        return None
    content: Artefact = {"id": "", "name": "", "target": [{"dataType": "String"}]}
    return content | _old_pairs(pairs)


def _old_codes(codes: _Element) -> Artefact:
    """Representation map of a map of two codelists."""
    pairs = []
    for one in codes.iterfind("{*}CodeMap"):
        pairs.append((_id_of(one, "Source"), _id_of(one, "Target")))
    target = {"class": "Codelist", **_ref(codes.find("{*}Target"))}
    content = _maintainable(codes)
    content["target"] = [{"codelist": _urn(target, "codelist")}]
    return content | _old_pairs(pairs)


def _old_pairs(pairs: list[tuple[str, str]]) -> Artefact:
    """Lines of a representation map of pairs of a label and a code."""
    lines = []
    for source, target in pairs:
        lines.append({"sourceValues": [{"value": source}], "targetValues": [target]})
    return {"source": [{"dataType": "String"}], "representationMappings": lines}
