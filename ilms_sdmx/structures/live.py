"""What the live service has otherwise than `dsd/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Finding, Place, Report, find, phrase
from ilms_sdmx.structures import constraints, facts, flows, lists
from ilms_sdmx.structures.identifiers import resolve

if TYPE_CHECKING:
    from lxml import etree


def differences(served: bytes, dataflow_id: str) -> Report:
    """Differences between the service's structure of one dataflow and ours.

    Parameters
    ----------
    served
        SDMX-ML 2.1 structure message of `/dataflow/ILO/DF_<id>/latest?references=all`.
    dataflow_id
        The dataflow that was asked for.

    Returns
    -------
    Report
        An error for other dimensions, codelists or attachments (`live-key`, `live-attributes`),
        a warning for a code that we lack (`live-code`) or that our constraint does not allow
        (`live-constraint`), a note for another English name (`live-name`).

    Raises
    ------
    StructureError
        `served` is no XML, or has no data structure definition.
    """
    from lxml import etree

    id = resolve(dataflow_id).id
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        message = etree.fromstring(served, parser)
    except etree.XMLSyntaxError as error:
        raise StructureError(
            f"Expected the structure message of DF_{id}, found no XML: {error}."
        ) from error
    if message.find(".//{*}DataStructureComponents") is None:
        raise StructureError(
            f"Expected the structure message of DF_{id}, found one without its structure."
        )
    attributes = _attributes(message, id)
    allowed = _allowed(message, id)
    codes = _codes(message, id)
    findings = [
        *_key(message, id),
        *attributes,
        *codes,
        *allowed,
    ]
    return Report.of(findings)


def _difference(rule: str, id: str, served: str, ours: str, component: str = "") -> Finding:
    """Make the finding of a difference between the service and `dsd/`."""
    place = Place(dataflow=f"ILO:DF_{id}(1.0)")
    read = f"ILOSTAT: {served}"
    expected = f"dsd/: {ours}"
    return find(rule, place, component=component, read=read, expected=expected)


def _enumeration(component: etree._Element) -> str:
    reference = component.find("{*}LocalRepresentation/{*}Enumeration/Ref")
    if reference is not None:
        return reference.get("id", "")
    return ""


def _key(message: etree._Element, id: str) -> Iterator[Finding]:
    dimension_list = message.find(".//{*}DimensionList")
    served = []
    if dimension_list is not None:
        for dimension in dimension_list:
            served.append(_in_words(dimension.get("id") or "", _enumeration(dimension)))
    concepts = facts.by_id("concepts.csv")
    ours = []
    for name in flows.dimensions(id):
        ours.append(_in_words(name, concepts[name]["codelist"]))
    if served != ours:
        yield _difference("live-key", id, " ".join(served), " ".join(ours))


def _in_words(dimension: str, codelist: str) -> str:
    """Dimension with its codelist, as `SEX:CL_SEX`."""
    if codelist:
        return f"{dimension}:{codelist}"
    return dimension


def _attributes(message: etree._Element, id: str) -> Iterator[Finding]:
    """Findings of attributes that are attached otherwise than ours."""
    served = {}
    for attribute in message.iter("{*}Attribute"):
        name = attribute.get("id", "")
        references = attribute.findall("{*}AttributeRelationship/{*}*/Ref")
        attached = [reference.get("id", "") for reference in references]
        served[name] = " ".join(attached)
    components = facts.by_id("components.csv")
    ours = {name: components[name]["attachment"] for name in flows.attributes()}
    for name in dict.fromkeys([*served, *ours]):
        there = served.get(name, "absent")
        here = ours.get(name, "absent")
        if there != here:
            yield _difference("live-attributes", id, there, here, name)


def _codes(message: etree._Element, id: str) -> Iterator[Finding]:
    for codelist in message.iter("{*}Codelist"):
        list_id = codelist.get("id", "")
        if list_id in facts.by_id("codelists.csv"):
            for code in codelist.iter("{*}Code"):
                yield from _code(code, id, list_id)


def _code(served: etree._Element, id: str, list_id: str) -> Iterator[Finding]:
    """Finding of one code of the service that we lack, or name otherwise."""
    code = served.get("id", "")
    name = served.findtext("{*}Name") or ""
    there = f"{code} {name}"
    rows = facts.by_id(f"codelists/{list_id}.csv", "code")
    row = rows.get(code)
    if row is None:
        yield _difference("live-code", id, there, "absent", list_id)
        return
    our_name = row["en"]
    if name and name != (our_name or code):
        here = our_name or phrase("no-name-seen")
        yield _difference("live-name", id, there, here, list_id)


def _allowed(message: etree._Element, id: str) -> Iterator[Finding]:
    allowed = constraints.allowed(id)
    headings = _headings()
    for values in message.iter("{*}KeyValue"):
        component = values.get("id", "")
        if component not in allowed:
            continue
        for value in values.findall("{*}Value"):
            code = value.text or ""
            if code not in allowed[component] and code not in headings:
                yield _difference("live-constraint", id, code, phrase("not-allowed"), component)


def _headings() -> set[str]:
    """Codes that have others below them."""
    headings = set()
    for name in lists.codelists():
        for row in facts.rows(f"codelists/{name}.csv"):
            headings.add(row["parent"])
    return headings
