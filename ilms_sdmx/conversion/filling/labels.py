"""Labels and the codes of codelists: matched where a code map asks for it, else suggested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ilms_sdmx.findings import Candidate, phrase
from ilms_sdmx.labels.classifications import code_in
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.suggestions import suggest_among
from ilms_sdmx.mapping.model import RepresentationMap
from ilms_sdmx.mapping.resolving import Resolved
from ilms_sdmx.words.text import folded

#: Codelist to folded name or code to code; a name of several codes has none.
NamesOfCodes = Mapping[str, Mapping[str, str]]


def resolve_label(
    representation: RepresentationMap,
    label: str,
    period: str = "",
    *,
    languages: tuple[str, ...] = (),
    names: NamesOfCodes,
) -> Resolved:
    """Code of a label by name or alias where the map asks for it, else what might be meant.

    Parameters
    ----------
    period
        Period of the figures: an area that was not there then is refused, and what was there is
        offered.
    languages
        Languages in which names and aliases are tried.
    names
        Names of the codes of a structure of the user's own, by codelist; they have no aliases.
    """
    own_names = names.get(representation.codelist)
    if own_names is not None:
        return _resolve_by_names(representation, label, own_names)
    if representation.match and representation.classification:
        code = code_in(representation.classification, label)
        if code and code.startswith(representation.prefix):
            return Resolved(code, "code")
    matched = match_label(
        label,
        representation.prefix,
        languages=languages,
        codelist=representation.codelist,
        when=period,
    )
    if matched.code and representation.match:
        return Resolved(matched.code, matched.how, reason=matched.note)
    candidates = matched.candidates
    if matched.code:
        candidates = (Candidate(matched.code, matched.matched, 100.0), *candidates)
    return Resolved(None, "unknown", candidates, reason=matched.reason)


def _resolve_by_names(
    representation: RepresentationMap, label: str, names: Mapping[str, str]
) -> Resolved:
    """Code of a label by the names of a codelist."""
    code = names.get(folded(label), "")
    prefix = representation.prefix
    if code and code.startswith(prefix) and representation.match:
        return Resolved(code, "name")
    known = {}
    for name, named_code in names.items():
        if named_code and named_code.startswith(prefix):
            known[name] = named_code
    reason = "" if code else _no_name(label, representation.codelist)
    return Resolved(None, "unknown", suggest_among(label, known), reason=reason)


def _no_name(label: str, codelist: str) -> str:
    """Reason of a label that is no name of a codelist."""
    return phrase("no-name-of", label=repr(label), codelist=codelist)


def names_of_codes(codelist: Any) -> dict[str, str]:
    """Codes of a codelist by their folded names in every language, and by themselves."""
    codes: dict[str, str] = {}
    for code in codelist:
        identifier = str(code.id)
        for name in (identifier, *code.name.localizations.values()):
            known = codes.setdefault(folded(name), identifier)
            if known != identifier:
                codes[folded(name)] = ""
    return codes
