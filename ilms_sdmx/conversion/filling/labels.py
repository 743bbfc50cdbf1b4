"""Matching of labels with codelists, for code maps that ask for it, and suggestions for those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ilms_sdmx.findings import Candidate
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.suggestions import suggest_among
from ilms_sdmx.mapping.model import RepresentationMap
from ilms_sdmx.mapping.resolving import Resolved
from ilms_sdmx.words.text import folded

#: Codelist to folded name or code to code; a name of several codes has none.
OwnLists = Mapping[str, Mapping[str, str]]


def match(
    representation: RepresentationMap,
    label: str,
    *,
    languages: tuple[str, ...] = (),
    own: OwnLists,
) -> Resolved:
    """Code of a label by name or alias where the map asks for it, else what might be meant.

    `own` holds the codelists of a structure of the user's own, which have their names and no aliases.
    """
    if (names := own.get(representation.codelist)) is not None:
        return _match_own(representation, label, names)
    found = match_label(
        label, representation.prefix, languages=languages, codelist=representation.codelist
    )
    if found.code and representation.match:
        return Resolved(found.code, found.how, reason=found.note)
    sure = (Candidate(found.code, found.matched, 100.0),) if found.code else ()
    return Resolved(None, "unknown", (*sure, *found.candidates), reason=found.reason)


def _match_own(
    representation: RepresentationMap, label: str, names: Mapping[str, str]
) -> Resolved:
    code = names.get(folded(label), "")
    if code.startswith(representation.prefix) and code and representation.match:
        return Resolved(code, "name")
    known = {name: c for name, c in names.items() if c.startswith(representation.prefix) and c}
    reason = f"{label!r} is no name of {representation.codelist}" if not code else ""
    return Resolved(None, "unknown", suggest_among(label, known), reason=reason)


def names_of_codes(codelist: Any) -> dict[str, str]:
    """Codes of a codelist by their folded names in every language, and by themselves."""
    found: dict[str, str] = {}
    for code in codelist:
        for name in (str(code.id), *code.name.localizations.values()):
            if found.setdefault(folded(name), str(code.id)) != str(code.id):
                found[folded(name)] = ""
    return found
