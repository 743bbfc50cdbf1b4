"""The inventory as SDMX 3.0 reference metadata: concepts of ESMS and SIMS where they exist."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from ilms_sdmx._files import all_or_none, make_folder, write_whole
from ilms_sdmx.analysis.inventory.catalogue import (
    SourceEntry,
    Statement,
    described,
    source_entries,
)
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.markup import Dialect
from ilms_sdmx.structures.urns import Urn

if TYPE_CHECKING:
    from ilms_sdmx.analysis.inventory.coverage import Coverage

_CONCEPTS = "metadata_concepts.csv"
_SCHEME = ("CS_SOURCES", "Concepts of reference metadata on sources")
_STRUCTURE = ("MSD_SOURCES", "Reference metadata on sources of labour migration statistics")
_FLOW = ("MDF_SOURCES", "Sources of labour migration statistics")
_GENERIC = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/metadata/generic"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: Parts of a coverage that are reported, and how many digits a share has.
_NUMBERS = ("completeness", "timeliness", "over_time", "with_neighbours")
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Set:
    """One metadata set: what it is about, and what it says.

    Parameters
    ----------
    id
        Its id.
    name
        Its name.
    targets
        URNs of dataflows and provision agreements.
    statements
        Id of a metadata attribute and its text, in order; an attribute may come again.
    """

    id: str
    name: str
    targets: tuple[str, ...]
    statements: tuple[tuple[str, str], ...]


def write_source_metadata(
    coverage: Coverage, folder: str | os.PathLike[str], *, prepared: str
) -> list[Path]:
    """Write what is known of sources and their coverage as two SDMX-ML 3.0 messages.

    `structure.xml` has the concepts, the metadata structure, the metadataflow, and a provision
    agreement for each office and dataflow; `metadata.xml` has a set a source and a set a
    state and dataflow with figures, each attached to dataflows and provision agreements. What
    is unknown is not in a set.

    Parameters
    ----------
    prepared
        Time of the messages, ISO 8601.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    sets = [*_source_sets(coverage), *_coverage_sets(coverage)]
    target = Path(folder)
    make_folder(target)
    structure, metadata = target / "structure.xml", target / "metadata.xml"
    with all_or_none():
        write_whole(structure, _structure_message(coverage, prepared))
        write_whole(metadata, _metadata_message(sets, prepared))
    return [structure, metadata]


def _source_sets(coverage: Coverage) -> Iterable[_Set]:
    """Sets of the sources that fill a table, and of what is said of a state's figures."""
    attribute_of = {row["about"]: row["id"] for row in facts.rows(_CONCEPTS)}
    for entry in source_entries():
        if entry.ref_area not in coverage.areas:
            continue
        targets = _targets(entry)
        values = []
        for each in entry.statements:
            if each.about in attribute_of:
                values.append((attribute_of[each.about], _with_evidence(each)))
        if targets and values:
            id = f"SOURCE_{entry.code.replace(':', '_')}"
            yield _Set(id, f"{entry.ref_area}: {entry.title}", tuple(targets), tuple(values))


def _with_evidence(statement: Statement) -> str:
    """Text of a statement with what it rests on."""
    place = f", {statement.place}" if statement.place else ""
    state = "" if statement.is_verified else ", not verified"
    return f"{described(statement)} [{statement.evidence}{place}{state}]"


def _targets(entry: SourceEntry) -> list[str]:
    """URNs that what is said of a source is about."""
    office = _office_of(entry.code)
    found = []
    for table in entry.tables:
        for dataflow in _dataflows_of(table):
            found.append(str(_dataflow_urn(dataflow)))
            if office:
                found.append(str(_agreement_urn(office, dataflow)))
    return found


def _coverage_sets(coverage: Coverage) -> Iterable[_Set]:
    """Sets of the numbers of each state and dataflow with figures."""
    import pandas as pd

    attribute_of = {row["about"]: row["id"] for row in facts.rows(_CONCEPTS)}
    with_figures = coverage.summary[coverage.summary["newest"].notna()]
    for row in with_figures.to_dict("records"):
        area, table = str(row["ref_area"]), str(row["table"])
        values = [(attribute_of["years"], f"{row['first']} to {row['newest']}")]
        for name in _NUMBERS:
            number = row[name]
            if pd.isna(number):
                continue
            text = f"{round(float(number), _DIGITS):g}"
            values.append((attribute_of[name], text))
        is_held = coverage.totals["table"] == table
        dataflows = dict.fromkeys(coverage.totals.loc[is_held, "dataflow"])
        targets = [str(_dataflow_urn(id)) for id in dataflows or _dataflows_of(table)]
        targets += _agreements_of(area, table)
        name = f"{area}: coverage of table {table.replace('_', ' ')}"
        yield _Set(f"COVERAGE_{area}_{table}", name, tuple(targets), tuple(values))


def _agreements_of(area: str, table: str) -> list[str]:
    """Provision agreements of a state for the dataflows of a table."""
    found: dict[str, None] = {}
    for entry in source_entries(area):
        office = _office_of(entry.code)
        if office and table in entry.tables:
            for dataflow in _dataflows_of(table):
                found[str(_agreement_urn(office, dataflow))] = None
    return list(found)


def _office_of(code: str) -> str:
    """Id of the office that answers for a source; empty where none is known."""
    for row in facts.rows("providers.csv"):
        if code in row["sources"].split():
            return row["id"]
    return ""


def _dataflows_of(table: str) -> list[str]:
    return [row["id"] for row in facts.rows("dataflows.csv") if row["table"] == table]


def _dataflow_urn(id: str) -> Urn:
    return Urn("datastructure", "Dataflow", facts.ILO, f"DF_{id}", facts.VERSION)


def _agreement_urn(office: str, dataflow: str) -> Urn:
    id = f"PA_{office}_{dataflow}"
    return Urn("registry", "ProvisionAgreement", facts.OURS, id, facts.VERSION)


def _flow_urn() -> Urn:
    return Urn("metadatastructure", "Metadataflow", facts.OURS, _FLOW[0], facts.VERSION)


def _structure_urn() -> Urn:
    id = _STRUCTURE[0]
    return Urn("metadatastructure", "MetadataStructure", facts.OURS, id, facts.VERSION)


def _header(dialect: Dialect, root: etree._Element, id: str, prepared: str) -> etree._Element:
    header = dialect.add(root, "mes:Header")
    dialect.add(header, "mes:ID", id)
    dialect.add(header, "mes:Test", "false")
    dialect.add(header, "mes:Prepared", prepared)
    dialect.add(header, "mes:Sender", None, id=facts.OURS)
    return header


def _bytes(root: etree._Element) -> bytes:
    etree.indent(root, space=" ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _structure_message(coverage: Coverage, prepared: str) -> bytes:
    """Concepts, structure, metadataflow and provision agreements."""
    dialect = Dialect("3.0")
    root = etree.Element(dialect.tag("mes:Structure"), nsmap=dialect.namespaces)
    _header(dialect, root, "ILMS_SOURCES_STRUCTURE", prepared)
    structures = dialect.add(root, "mes:Structures")
    _add_concepts(dialect, dialect.add(structures, "str:ConceptSchemes"))
    _add_flow(dialect, dialect.add(structures, "str:Metadataflows"))
    _add_structure(dialect, dialect.add(structures, "str:MetadataStructures"))
    agreements = _agreements(coverage.areas)
    if agreements:
        group = dialect.add(structures, "str:ProvisionAgreements")
        for office, dataflow in agreements:
            _add_agreement(dialect, group, office, dataflow)
    return _bytes(root)


def _artefact(
    dialect: Dialect, parent: etree._Element, name: str, target: Urn, title: str
) -> etree._Element:
    identity = {"id": target.id, "agencyID": target.agency, "version": target.version}
    element = dialect.add(parent, name, None, urn=str(target), **identity)
    dialect.localise(element, "com:Name", {"en": title})
    return element


def _scheme_urn(item: str = "") -> Urn:
    kind = "Concept" if item else "ConceptScheme"
    return Urn("conceptscheme", kind, facts.OURS, _SCHEME[0], facts.VERSION, item)


def _add_concepts(dialect: Dialect, group: etree._Element) -> None:
    scheme = _artefact(dialect, group, "str:ConceptScheme", _scheme_urn(), _SCHEME[1])
    for row in facts.rows(_CONCEPTS):
        identity = {"id": row["id"], "urn": str(_scheme_urn(row["id"]))}
        concept = dialect.add(scheme, "str:Concept", None, **identity)
        dialect.localise(concept, "com:Name", {"en": row["en"]})
        standard = row["standard"] or "own concept: no counterpart in ESMS or SIMS"
        dialect.localise(concept, "com:Description", {"en": standard})


def _add_structure(dialect: Dialect, group: etree._Element) -> None:
    target = _structure_urn()
    structure = _artefact(dialect, group, "str:MetadataStructure", target, _STRUCTURE[1])
    components = dialect.add(structure, "str:MetadataStructureComponents")
    identity = {"id": "MetadataAttributeDescriptor"}
    attributes = dialect.add(components, "str:MetadataAttributeList", None, **identity)
    for row in facts.rows(_CONCEPTS):
        occurrence = {"minOccurs": "0", "maxOccurs": "unbounded"}
        attribute = dialect.add(
            attributes, "str:MetadataAttribute", None, id=row["id"], **occurrence
        )
        dialect.add(attribute, "str:ConceptIdentity", str(_scheme_urn(row["id"])))
        representation = dialect.add(attribute, "str:LocalRepresentation")
        dialect.add(representation, "str:TextFormat", None, textType="String")


def _add_flow(dialect: Dialect, group: etree._Element) -> None:
    flow = _artefact(dialect, group, "str:Metadataflow", _flow_urn(), _FLOW[1])
    dialect.add(flow, "str:Structure", str(_structure_urn()))
    for package, kind in (("datastructure", "Dataflow"), ("registry", "ProvisionAgreement")):
        dialect.add(flow, "str:Target", f"urn:sdmx:org.sdmx.infomodel.{package}.{kind}=*:*(*)")


def _agreements(areas: Sequence[str]) -> list[tuple[str, str]]:
    """Offices with the dataflows that their sources can fill."""
    found: dict[tuple[str, str], None] = {}
    for entry in source_entries():
        office = _office_of(entry.code)
        if not office or entry.ref_area not in areas:
            continue
        for table in entry.tables:
            for dataflow in _dataflows_of(table):
                found[office, dataflow] = None
    return list(found)


def _add_agreement(dialect: Dialect, group: etree._Element, office: str, dataflow: str) -> None:
    name = facts.by_id("providers.csv")[office]["en"]
    target = _agreement_urn(office, dataflow)
    title = f"{name}: {dataflow}"
    agreement = _artefact(dialect, group, "str:ProvisionAgreement", target, title)
    dialect.add(agreement, "str:Dataflow", str(_dataflow_urn(dataflow)))
    scheme = ("base", "DataProvider", facts.OURS, "DATA_PROVIDERS", facts.VERSION, office)
    dialect.add(agreement, "str:DataProvider", str(Urn(*scheme)))


def _metadata_message(sets: Iterable[_Set], prepared: str) -> bytes:
    dialect = Dialect("3.0")
    namespaces = {**dialect.namespaces, "md": _GENERIC}
    del namespaces["str"]
    root = etree.Element(dialect.tag("mes:GenericMetadata"), nsmap=namespaces)
    header = _header(dialect, root, "ILMS_SOURCES_METADATA", prepared)
    used = dialect.add(header, "mes:Structure", None, structureID="SOURCES")
    dialect.add(used, "com:StructureUsage", str(_flow_urn()))
    for each in sets:
        _add_set(dialect, root, each)
    return _bytes(root)


def _add_set(dialect: Dialect, root: etree._Element, made: _Set) -> None:
    identity = {"id": made.id, "agencyID": facts.OURS, "version": facts.VERSION}
    element = dialect.add(root, "mes:MetadataSet", None, **identity)
    dialect.localise(element, "com:Name", {"en": made.name})
    flow = etree.SubElement(element, f"{{{_GENERIC}}}Metadataflow")
    flow.text = str(_flow_urn())
    for target in dict.fromkeys(made.targets):
        etree.SubElement(element, f"{{{_GENERIC}}}Target").text = target
    for id, text in made.statements:
        attribute = etree.SubElement(element, f"{{{_GENERIC}}}Attribute", id=id)
        words = dialect.add(attribute, "com:Text", text)
        words.set(_LANG, "en")
