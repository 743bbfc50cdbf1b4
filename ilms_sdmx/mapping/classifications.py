"""Classifications of labels.

National ones with their version, and the international revision under each.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from ilms_sdmx._files import dsd
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.file.nodes import Node, nearest
from ilms_sdmx.mapping.model import RepresentationMap
from ilms_sdmx.words.text import folded

#: Revision that a code of ILO's lists belongs to: `ECO_ISIC4_A`, `OCU_ISCO08_1`.
_REVISION = re.compile(r"[A-Z0-9]{3}_((?:ISIC|ISCO|ISCED|ICSE)\d{1,2})(?:_|$)")


class Classification(NamedTuple):
    """One version of a classification.

    Its name, and the revision on which it is built (`ISIC4`).
    """

    name: str
    revision: str


@cache
def classifications() -> dict[str, Classification]:
    """Classifications that are known, by folded name."""
    text = (dsd() / "classifications.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {folded(r["name"]): Classification(r["name"], r["revision"]) for r in rows}


def revisions(codes: RepresentationMap) -> list[str]:
    """Revisions of the codes that a map gives, by its lines or by its prefix."""
    given = [line.code for line in codes.values if line.code] + [codes.prefix]
    return list(dict.fromkeys(m.group(1) for code in given if (m := _REVISION.match(code))))


def check_classification(codes: RepresentationMap, fields: dict[str, Node], node: Node) -> None:
    """Refuse a map from one revision to another that no table of correspondence is named for.

    Raises
    ------
    MappingError
        A classification without a version or that is not known, codes of two revisions in one
        map, or a revision other than that of the classification without a table, or matched by
        name.
    """
    found = revisions(codes)
    crossing = "correspondence" in fields
    if len(found) > 1 and not crossing:
        node.fail(
            "codes of one revision, or the table between them under correspondence",
            " and ".join(found),
        )
    if "classification" not in fields:
        return
    base = _base(fields)
    if not found or found == [base]:
        return
    if not crossing:
        fields["classification"].fail(
            f"codes of {base}, on which {codes.classification} is built, or the table of "
            "correspondence that leads to another revision under correspondence",
            f"codes of {' and '.join(found)}",
        )
    if codes.match:
        fields["match"].fail(
            f"a line for each label: names of {found[0]} mean other things in {base}", "match"
        )


def _base(fields: dict[str, Node]) -> str:
    """Revision under a classification: that which is known of it, or which the mapping says."""
    node = fields["classification"]
    known = classifications()
    if found := known.get(folded(node.text())):
        return found.revision
    if "revision" in fields:
        return fields["revision"].choice(sorted({c.revision for c in known.values()}))
    names = [c.name for c in known.values()]
    near = _same_family(node.text(), names)
    expected = f"a classification with its version ({near}), or its revision under revision"
    return node.fail(expected, repr(node.text()) + nearest(node.text(), names))


def _same_family(name: str, names: Iterable[str]) -> str:
    """Versions of the classification that is meant; else some examples."""
    stem = folded(name).split()[0] if name.split() else ""
    own = [n for n in names if stem and folded(n).startswith(stem)]
    return ", ".join(own or ["TSIC 2009", "KBLI 2020", "PSOC 2012", "ISIC Rev.4"])


def find_unnamed(maps: Mapping[str, RepresentationMap], file: str) -> list[Finding]:
    """Findings of code maps to a revision that do not say from which classification."""
    findings = []
    for name, codes in maps.items():
        revision = revisions(codes)
        if not revision or codes.classification:
            continue
        place = Place(file=file)
        findings.append(
            find("classification-not-named", place, name=name, revision=revision[0])
        )
    return findings
