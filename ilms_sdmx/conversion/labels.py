"""Matching of labels with codelists, for code maps that ask for it, and suggestions for those that do not."""

from __future__ import annotations

from ilms_sdmx.findings import Candidate
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.mapping.model import RepresentationMap
from ilms_sdmx.mapping.resolving import Resolved


def match(representation: RepresentationMap, label: str, *, languages: tuple[str, ...] = ()) -> Resolved:
    """Code of a label by name or alias where the map asks for it, else what might be meant."""
    found = match_label(label, representation.prefix, languages=languages, codelist=representation.codelist)
    if found.code and representation.match:
        return Resolved(found.code, found.how, reason=found.note)
    sure = (Candidate(found.code, found.matched, 100.0),) if found.code else ()
    return Resolved(None, "unknown", (*sure, *found.candidates), reason=found.reason)
