"""Classifications that a mapping names for its labels: no codes of another revision."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ilms_sdmx.findings import Candidate, Finding, Place, find
from ilms_sdmx.labels.classifications import classifications, classifications_by_name
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.file.nodes import Node, with_nearest
from ilms_sdmx.mapping.model import FixedValueMap, RepresentationMap
from ilms_sdmx.words.text import folded

#: Revision that a code of ILO's lists belongs to: `ECO_ISIC4_A`, `OCU_ISCO08_1`.
_REVISION = re.compile(r"[A-Z0-9]{3}_((?:ISIC|ISCO|ISCED|ICSE)\d{1,2})(?:_|$)")
#: Shown to a person who names a classification that is not known.
_EXAMPLES = ("TSIC 2009", "KBLI 2020", "PSOC 2012", "ISIC Rev.4")


def revisions(codes: RepresentationMap) -> list[str]:
    """Revisions of the codes that a map gives, by its lines or by its prefix."""
    given = [line.code for line in codes.values]
    given.append(codes.prefix)
    by_codes = []
    for code in filter(None, given):
        match = _REVISION.match(code)
        if match and match[1] not in by_codes:
            by_codes.append(match[1])
    return by_codes


def check_classification(codes: RepresentationMap, fields: dict[str, Node], node: Node) -> None:
    """Refuse a map from one revision to another that no table of correspondence is named for.

    Raises
    ------
    MappingError
        A classification without a version or that is not known, codes of two revisions in one
        map, or a revision other than that of the classification without a table, or matched by
        name.
    """
    of_codes = revisions(codes)
    has_table = "correspondence" in fields
    listed = " and ".join(of_codes)
    if len(of_codes) > 1 and not has_table:
        expected = "codes of one revision, or the table between them under correspondence"
        node.fail(expected, listed)
    if "classification" not in fields:
        return
    base = _base_revision(fields)
    if not of_codes or of_codes == [base]:
        return
    if not has_table:
        fields["classification"].fail(
            f"codes of {base}, on which {codes.classification} is built, or the table of "
            "correspondence that leads to another revision under correspondence",
            f"codes of {listed}",
        )
    if codes.match:
        expected = "a line for each label: names of"
        fields["match"].fail(f"{expected} {of_codes[0]} mean other things in {base}", "match")


def _base_revision(fields: dict[str, Node]) -> str:
    """Revision under a classification: that which is known of it, or which the mapping says."""
    node = fields["classification"]
    name = node.text()
    known = classifications_by_name()
    classification = known.get(folded(name))
    if classification is not None:
        return classification.revision
    if "revision" in fields:
        known_revisions = {each.revision for each in known.values()}
        return fields["revision"].choice(sorted(known_revisions))
    names = [each.name for each in known.values()]
    versions = _same_family(name, names)
    expected = f"a classification with its version ({versions}), or its revision under revision"
    return node.fail(expected, with_nearest(name, names))


def _same_family(name: str, names: Iterable[str]) -> str:
    """Versions of the classification that is meant; else some examples."""
    words = folded(name).split()
    versions = []
    if words:
        versions = [each for each in names if folded(each).startswith(words[0])]
    return ", ".join(sorted(versions) or _EXAMPLES)


def find_unnamed(mapping: MappingDocument) -> list[Finding]:
    """Findings of code maps to a revision that do not say from which classification.

    Versions that rest on the revision are candidates, those of the areas of the mapping where
    there are some.
    """
    findings = []
    place = Place(file=mapping.name)
    areas = _areas(mapping.datasets)
    for name, codes in mapping.codes.items():
        of_codes = revisions(codes)
        if not of_codes or codes.classification:
            continue
        revision = of_codes[0]
        finding = find(
            "classification-not-named",
            place,
            candidates=_fitting_versions(revision, areas),
            name=name,
            revision=revision,
        )
        findings.append(finding)
    return findings


def _areas(datasets: Iterable[DatasetMap]) -> set[str]:
    """Reporting areas that data sets of a mapping give as one code."""
    areas = set()
    for dataset in datasets:
        for component in dataset.components:
            if isinstance(component, FixedValueMap) and component.target == "REF_AREA":
                areas.add(component.value)
    return areas


def _fitting_versions(revision: str, areas: set[str]) -> tuple[Candidate, ...]:
    """Classifications that rest on a revision: of the areas, else the international one."""
    national = []
    international = []
    for each in classifications():
        if each.revision != revision:
            continue
        candidate = Candidate(each.name, f"rests on {each.base} {each.base_version}", 100.0)
        if each.area in areas:
            national.append(candidate)
        elif not each.area:
            international.append(candidate)
    return (*national, *international)
