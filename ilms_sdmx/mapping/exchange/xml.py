"""Structure and representation maps of SDMX-ML, and structure sets of 2.1, as SDMX-JSON would write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.etree import _Element

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
    found: dict[str, Any] = {"structureMaps": [], "representationMaps": []}
    for element in root.iter("{*}RepresentationMap"):
        if element.get("id"):
            found["representationMaps"].append(_representation(element))
    for element in root.iter("{*}StructureMap"):
        parent = element.getparent()
        if parent is not None and _name(parent) == "StructureSet":
            found["structureMaps"].append(_old_structure(element, parent, found))
        else:
            found["structureMaps"].append(_structure(element))
    return found


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _texts(element: _Element, name: str) -> list[str]:
    return [(e.text or "") for e in element.iterfind(f"{{*}}{name}")]


def _maintainable(element: _Element) -> dict[str, Any]:
    names = _texts(element, "Name")
    version = element.get("version", "1.0")
    return {
        "id": element.get("id"),
        "agencyID": element.get("agencyID", ""),
        "version": version,
        "name": names[0].strip() if names else element.get("id"),
    }


def _representation(element: _Element) -> dict[str, Any]:
    def sides(side: str) -> list[dict[str, str]]:
        lists = [{"codelist": t.strip()} for t in _texts(element, f"{side}Codelist")]
        return lists + [{"dataType": t} for t in _texts(element, f"{side}DataType")]

    return {
        **_maintainable(element),
        "source": sides("Source"),
        "target": sides("Target"),
        "representationMappings": [
            _line(e) for e in element.iterfind("{*}RepresentationMapping")
        ],
    }


def _line(element: _Element) -> dict[str, Any]:
    found: dict[str, Any] = {"sourceValues": [], "targetValues": _texts(element, "TargetValue")}
    for value in element.iterfind("{*}SourceValue"):
        said = {k: int(v) for k in ("startIndex", "endIndex") if (v := value.get(k))}
        if value.get("isRegEx") in ("true", "1"):
            said["isRegEx"] = True
        found["sourceValues"].append({"value": value.text or "", **said})
    found |= {k: v for k in ("validFrom", "validTo") if (v := element.get(k))}
    return found


def _structure(element: _Element) -> dict[str, Any]:
    found = _maintainable(element)
    if targets := _texts(element, "Target"):
        found["target"] = targets[0].strip()
    found["componentMaps"] = [_component(e) for e in element.iterfind("{*}ComponentMap")]
    found["fixedValueMaps"] = [_fixed(e) for e in element.iterfind("{*}FixedValueMap")]
    found["datePatternMaps"] = [_date(e) for e in element.iterfind("{*}DatePatternMap")]
    found["epochMaps"] = [_date(e) for e in element.iterfind("{*}EpochMap")]
    return found


def _component(element: _Element) -> dict[str, Any]:
    found: dict[str, Any] = {
        "source": _texts(element, "Source"),
        "target": _texts(element, "Target"),
    }
    if maps := _texts(element, "RepresentationMap"):
        found["representationMap"] = maps[0].strip()
    return found


def _fixed(element: _Element) -> dict[str, Any]:
    ends = {k.lower(): t for k in ("Source", "Target") for t in _texts(element, k)}
    return {**ends, "values": _texts(element, "Value")}


def _date(element: _Element) -> dict[str, Any]:
    pairs = zip(_texts(element, "Source"), _texts(element, "Target"), strict=False)
    return {
        "mappedComponents": [{"source": s, "target": t} for s, t in pairs],
        "sourcePattern": element.get("sourcePattern", ""),
        "locale": element.get("locale", ""),
    }


def _ref(element: _Element | None) -> dict[str, str]:
    """Attributes of a reference of 2.1: its `Ref`, or its URN taken apart."""
    if element is None:
        return {}
    ref, urn = element.find("{*}Ref"), element.find("{*}URN")
    if ref is not None:
        return {str(k): str(v) for k, v in ref.attrib.items()}
    text = (urn.text or "").strip() if urn is not None else ""
    kind, _, rest = text.rpartition("=")
    agency, _, name = rest.partition(":")
    parts = {"id": name.partition("(")[0], "version": name.partition("(")[2].partition(")")[0]}
    return {"class": kind.rpartition(".")[2], "agencyID": agency, **parts}


def _urn(ref: dict[str, str], package: str) -> str:
    named = f"{ref.get('agencyID', '')}:{ref.get('id', '')}({ref.get('version') or '1.0'})"
    return f"{_URN}.{ref.get('package') or package}.{ref.get('class', '')}={named}"


def _old_structure(
    element: _Element, parent: _Element, found: dict[str, Any]
) -> dict[str, Any]:
    """Structure map of a structure set; the maps of its codes become representation maps."""
    agency = parent.get("agencyID", "")
    components = []
    for own in element.iterfind("{*}ComponentMap"):
        source, target = (
            _ref(own.find(f"{{*}}{k}")).get("id", "") for k in ("Source", "Target")
        )
        ends: dict[str, Any] = {"source": [source], "target": [target]}
        how = own.find("{*}RepresentationMapping")
        lines = _old_lines(how, parent) if how is not None else None
        if lines is not None:
            lines["id"] = lines["id"] or f"{element.get('id')}_{target}"
            if lines["id"] not in [m["id"] for m in found["representationMaps"]]:
                found["representationMaps"].append(
                    {**lines, "agencyID": agency, "version": "1.0"}
                )
            ends["representationMap"] = f"{_URN}={agency}:{lines['id']}(1.0)"
        components.append(ends)
    goal = _urn(_ref(element.find("{*}Target")), "datastructure")
    return {**_maintainable(element), "target": goal, "componentMaps": components}


def _old_lines(how: _Element, parent: _Element) -> dict[str, Any] | None:
    wanted = _ref(how.find("{*}CodelistMap")).get("id", "")
    for codes in parent.iterfind("{*}CodelistMap"):
        if codes.get("id") == wanted:
            target = _ref(codes.find("{*}Target"))
            pairs = [
                (
                    _ref(e.find("{*}Source")).get("id", ""),
                    _ref(e.find("{*}Target")).get("id", ""),
                )
                for e in codes.iterfind("{*}CodeMap")
            ]
            urn = _urn({"class": "Codelist", **target}, "codelist")
            return {**_maintainable(codes), "target": [{"codelist": urn}], **_old_pairs(pairs)}
    values = how.findall("{*}ValueMap/{*}ValueMapping")
    if not values:
        return None
    pairs = [(str(e.get("source")), str(e.get("target"))) for e in values]
    return {"id": "", "name": "", "target": [{"dataType": "String"}], **_old_pairs(pairs)}


def _old_pairs(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    lines = [{"sourceValues": [{"value": s}], "targetValues": [t]} for s, t in pairs]
    return {"source": [{"dataType": "String"}], "representationMappings": lines}
