"""Whether `dsd/` hangs together and its structure message is what its sources yield."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ilms_sdmx._files import shipped
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.structures import constraints, facts, lists

if TYPE_CHECKING:
    from lxml import etree

#: The derived message that travels with the sources.
DERIVED = "ILMS.xml"


def check() -> Report:
    """Check the shipped structures; no findings if all is well.

    Every reference of a file of `dsd/` names a row of another, every classification version has
    codes, all references of the structure message resolve inside it, and `dsd/ILMS.xml` is what
    the sources yield.

    Examples
    --------
    >>> check().findings
    ()
    """
    return Report.of([*_sources(), *_versions(), *_message()])


#: File and column to the file and column that must have its values; cells may hold several, or
#: none.
_KEYS = {
    ("concepts.csv", "scheme"): ("concept_schemes.csv", "id"),
    ("concepts.csv", "codelist"): ("codelists.csv", "id"),
    ("components.csv", "id"): ("concepts.csv", "id"),
    ("components.csv", "attachment"): ("components.csv", "id"),
    ("dataflows.csv", "module"): ("modules.csv", "id"),
    ("dataflows.csv", "classifications"): ("concepts.csv", "id"),
    ("dataflows.csv", "unit_measure"): ("codelists/CL_UNIT_MEASURE.csv", "code"),
    ("dataflows.csv", "unit_measure_type"): ("codelists/CL_UNIT_MEASURE_TYPE.csv", "code"),
    ("dataflows.csv", "unit_mult"): ("codelists/CL_UNIT_MULT.csv", "code"),
    ("providers.csv", "sources"): ("sources.csv", "code"),
    ("providers.csv", "ref_area"): ("codelists/CL_AREA.csv", "code"),
    ("asean.csv", "code"): ("codelists/CL_AREA.csv", "code"),
    ("retired.csv", "successors"): ("dataflows.csv", "id"),
    ("limits.csv", "dimension"): ("concepts.csv", "id"),
    ("indicator_components.csv", "attachment"): ("indicator_components.csv", "id"),
    ("maps/indicators.csv", "measure"): ("indicator_codes.csv", "code"),
    ("aggregations.csv", "codelist"): ("codelists.csv", "id"),
    ("source_statements.csv", "evidence"): ("evidence.csv", "id"),
}
_SOURCED = (
    "codelists.csv", "concept_schemes.csv", "concepts.csv", "components.csv", "modules.csv",
    "providers.csv",
    "migrant_definitions.csv", "source_type_tables.csv", "tabulations.csv",
    "limits.csv", "aggregations.csv", "country_groups.csv", "identities.csv", "retired.csv",
)  # fmt: skip


def _sources() -> Iterator[Finding]:
    """Findings of values that the file they refer to does not have."""
    for (file, column), (target, key) in _references().items():
        known = {row[key] for row in facts.rows(target)}
        place = Place(file=f"dsd/{file}")
        for row in facts.rows(file):
            for value in row[column].split():
                if value in known:
                    continue
                yield find(
                    "structure-reference",
                    place,
                    component=column,
                    read=value,
                    target=target,
                    key=key,
                )


def _references() -> dict[tuple[str, str], tuple[str, str]]:
    """File and column to the file and column that must have its values."""
    evidence = ("evidence.csv", "id")
    references = dict(_KEYS)
    for file in _SOURCED:
        references[file, "source"] = evidence
    references["dataflows.csv", "title_source"] = evidence
    references["dataflows.csv", "key_source"] = evidence
    for id in lists.codelists():
        file = f"codelists/{id}.csv"
        references[file, "parent"] = (file, "code")
        references[file, "source"] = evidence
    return references


def _versions() -> Iterator[Finding]:
    place = Place(file="dsd/dataflows.csv")
    known = _known_versions()
    for row in facts.rows("dataflows.csv"):
        for name in (*row["versions"].split(), *row["questionnaire"].split()):
            if name not in known:
                yield find("structure-version", place, read=name, dataflow=row["id"])


def _known_versions() -> set[str]:
    """Classification versions that have codes."""
    versions = set()
    for id in lists.codelists():
        for row in facts.rows(f"codelists/{id}.csv"):
            versions.add(constraints.version(row["code"]))
    return versions


def _message() -> Iterator[Finding]:
    from lxml import etree

    from ilms_sdmx.structures.output import to_bytes

    derived = to_bytes()
    place = Place(file=f"dsd/{DERIVED}")
    for reference in dangling(etree.fromstring(derived)):
        yield find("structure-reference", place, case="message", read=reference)
    path = shipped.dsd() / DERIVED
    if not path.is_file() or path.read_bytes() != derived:
        yield find("structure-derived", place, read="other bytes")


def dangling(message: etree._Element) -> list[str]:
    """References of an SDMX-ML 2.1 structure message to what it does not have."""
    defined: set[tuple[str, ...]] = set()
    local = []
    for artefact in message.iter("{*}*"):
        agency = artefact.get("agencyID", "")
        if artefact.tag == "Ref":
            continue
        if not agency:
            continue
        id = artefact.get("id", "")
        scheme = (agency, id)
        defined.add(scheme)
        for path in _paths(artefact):
            defined.add((*scheme, path))
        for missing in _local(artefact):
            local.append(f"{id}.{missing}")
    undefined = []
    for target in _targets(message):
        if target not in defined:
            undefined.append(".".join(target))
    return undefined + local


def _targets(message: etree._Element) -> Iterator[tuple[str, ...]]:
    """Agency, scheme and item, as far as they are given, of each reference to an artefact."""
    for ref in message.iter("Ref"):
        if ref.get("agencyID"):
            agency_id = ref.get("agencyID")
            maintainable_parent_id = ref.get("maintainableParentID")
            parts = (agency_id, maintainable_parent_id, ref.get("id"))
            yield tuple(filter(None, parts))


def _local(artefact: etree._Element) -> list[str]:
    """References inside an artefact to what it does not have, as a parent code."""
    ids = set()
    referenced = []
    for element in artefact.iter("{*}*"):
        if element.tag != "Ref":
            ids.add(element.get("id"))
        elif not element.get("agencyID"):
            referenced.append(element.get("id", ""))
    return [id for id in referenced if id not in ids]


def _paths(artefact: etree._Element, above: str = "") -> Iterator[str]:
    """Ids of the items of an artefact, those inside others with their path."""
    for item in artefact:
        id = item.get("id")
        if id and isinstance(item.tag, str):
            yield above + id
            yield from _paths(item, f"{above}{id}.")
