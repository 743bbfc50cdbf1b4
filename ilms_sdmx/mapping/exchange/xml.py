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
    """Name of an element without its namespace."""
    _, _, name = str(element.tag).rpartition("}")
    return name


def _texts(element: _Element, name: str) -> list[str]:
    """Texts of the children of a name."""
    children = element.iterfind(f"{{*}}{name}")
    return [child.text or "" for child in children]


def _maintainable(element: _Element) -> Artefact:
    """Id, agency, version and name of an artefact."""
    id_there = element.get("id")
    agency = element.get("agencyID", "")
    version = element.get("version", "1.0")
    name = id_there
    names = _texts(element, "Name")
    if names:
        name = names[0].strip()
    return {"id": id_there, "agencyID": agency, "version": version, "name": name}


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
    children = element.iterfind(f"{{*}}{name}")
    return list(map(read, children))


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
    text = ""
    if urn is not None and urn.text:
        text = urn.text.strip()
    kind, _, rest = text.rpartition("=")
    agency, _, named = rest.partition(":")
    id_there, _, version = named.partition("(")
    number, _, _ = version.partition(")")
    _, _, artefact_class = kind.rpartition(".")
    return {"class": artefact_class, "agencyID": agency, "id": id_there, "version": number}


def _urn(ref: dict[str, str], package: str) -> str:
    """URN of a reference of 2.1, whose package is that of its class where it names none."""
    agency = ref.get("agencyID", "")
    id_there = ref.get("id", "")
    version = ref.get("version") or "1.0"
    artefact_class = ref.get("class", "")
    package = ref.get("package") or package
    kind = f"{_URN}.{package}.{artefact_class}"
    return f"{kind}={agency}:{id_there}({version})"


def _old_structure(element: _Element, parent: _Element, maps: list[Artefact]) -> Artefact:
    """Structure map of a structure set.

    The maps of its codes are added to the representation maps.
    """
    agency = parent.get("agencyID", "")
    structure_id = element.get("id")
    components = []
    for component_map in element.iterfind("{*}ComponentMap"):
        source = _id_of(component_map, "Source")
        target = _id_of(component_map, "Target")
        component: Artefact = {"source": [source], "target": [target]}
        how = component_map.find("{*}RepresentationMapping")
        lines = _old_lines(how, parent)
        if lines is not None:
            id_there = lines["id"] or f"{structure_id}_{target}"
            _add_once(maps, {**lines, "id": id_there}, agency)
            component["representationMap"] = f"{_URN}={agency}:{id_there}(1.0)"
        components.append(component)
    content = _maintainable(element)
    dataflow = _ref(element.find("{*}Target"))
    content["target"] = _urn(dataflow, "datastructure")
    content["componentMaps"] = components
    return content


def _add_once(maps: list[Artefact], lines: Artefact, agency: str) -> None:
    """Add a representation map of an agency, unless one of its id is there already."""
    for known in maps:
        if known["id"] == lines["id"]:
            return
    added = {**lines, "agencyID": agency, "version": "1.0"}
    maps.append(added)


def _id_of(element: _Element, name: str) -> str:
    """Id that a child refers to, empty for none."""
    child = element.find(f"{{*}}{name}")
    return _ref(child).get("id", "")


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
    for code_map in codes.iterfind("{*}CodeMap"):
        source = _id_of(code_map, "Source")
        target = _id_of(code_map, "Target")
        pairs.append((source, target))
    codelist = {"class": "Codelist"}
    codelist |= _ref(codes.find("{*}Target"))
    content = _maintainable(codes)
    content["target"] = [{"codelist": _urn(codelist, "codelist")}]
    return content | _old_pairs(pairs)


def _old_pairs(pairs: list[tuple[str, str]]) -> Artefact:
    """Lines of a representation map of pairs of a label and a code."""
    lines = []
    for source, target in pairs:
        sources = [{"value": source}]
        lines.append({"sourceValues": sources, "targetValues": [target]})
    return {"source": [{"dataType": "String"}], "representationMappings": lines}
