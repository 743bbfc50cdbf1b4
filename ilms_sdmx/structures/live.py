"""What the live service has otherwise than `dsd/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Finding, Place, Report, find
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
        An error for other dimensions, codelists or attachments (`live-key`, `live-attributes`), a warning for
        a code that we lack (`live-code`) or that our constraint does not allow (`live-constraint`), a note
        for another English name (`live-name`).

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
    findings = [
        *_key(message, id),
        *_attributes(message, id),
        *_codes(message, id),
        *_allowed(message, id),
    ]
    return Report.of(findings)


def _difference(rule: str, id: str, served: str, ours: str, component: str = "") -> Finding:
    """Make the finding of a difference between the service and `dsd/`."""
    return find(
        rule,
        Place(dataflow=f"ILO:DF_{id}(1.0)"),
        component=component,
        read=f"ILOSTAT: {served}",
        expected=f"dsd/: {ours}",
    )


def _enumeration(component: etree._Element) -> str:
    reference = component.find("{*}LocalRepresentation/{*}Enumeration/Ref")
    return reference.get("id", "") if reference is not None else ""


def _key(message: etree._Element, id: str) -> Iterator[Finding]:
    listed = message.find(".//{*}DimensionList")
    served = [(d.get("id") or "", _enumeration(d)) for d in ([] if listed is None else listed)]
    concepts = facts.by_id("concepts.csv")
    ours = [(dimension, concepts[dimension]["codelist"]) for dimension in flows.dimensions(id)]
    if served != ours:
        words = [" ".join(f"{d}:{c}" if c else d for d, c in side) for side in (served, ours)]
        yield _difference("live-key", id, *words)


def _attributes(message: etree._Element, id: str) -> Iterator[Finding]:
    served = {
        attribute.get("id", ""): " ".join(
            reference.get("id", "")
            for reference in attribute.findall("{*}AttributeRelationship/{*}*/Ref")
        )
        for attribute in message.iter("{*}Attribute")
    }
    ours = {
        row["id"]: row["attachment"]
        for row in facts.rows("components.csv")
        if row["kind"] == "attribute"
    }
    for name in served.keys() | ours.keys():
        if served.get(name) != ours.get(name):
            theirs = served.get(name, "absent")
            yield _difference("live-attributes", id, theirs, ours.get(name, "absent"), name)


def _codes(message: etree._Element, id: str) -> Iterator[Finding]:
    for served in message.iter("{*}Codelist"):
        list_id = served.get("id", "")
        if list_id not in facts.by_id("codelists.csv"):
            continue
        ours = facts.by_id(f"codelists/{list_id}.csv", "code")
        for code in served.iter("{*}Code"):
            name = code.findtext("{*}Name") or ""
            row = ours.get(code.get("id", ""))
            if row is None:
                theirs = f"{code.get('id')} {name}"
                yield _difference("live-code", id, theirs, "absent", list_id)
            elif name and name != (row["en"] or row["code"]):
                theirs = f"{row['code']} {name}"
                yield _difference("live-name", id, theirs, row["en"] or "no name seen", list_id)


def _allowed(message: etree._Element, id: str) -> Iterator[Finding]:
    allowed = constraints.allowed(id)
    headings = {
        row["parent"]
        for name in lists.codelists()
        for row in facts.rows(f"codelists/{name}.csv")
    }
    for values in message.iter("{*}KeyValue"):
        component = values.get("id", "")
        if component not in allowed:
            continue
        for value in values.findall("{*}Value"):
            code = value.text or ""
            if code not in allowed[component] and code not in headings:
                yield _difference("live-constraint", id, code, "not allowed", component)
