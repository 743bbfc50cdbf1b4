"""Identities: `AGENCY:ID(VERSION)` and how references in messages name them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_URN = re.compile(
    r"^urn:[^=]+=(?P<agency>[^:]+):(?P<id>[^(]+)\((?P<version>[^)]*)\)(?:\.(?P<item>.+))?$"
)
_AGENCY_OR_VERSION = re.compile(r"^[^:]*:|\(.*$")


def of_parts(agency: str | None, id: str | None, version: str | None, item: str = "") -> str:
    """Identity from its parts; version 1.0 where none is given, as SDMX 2.1 says."""
    maintainable = f"{agency or ''}:{id}({version or '1.0'})"
    if not item:
        return maintainable
    return f"{maintainable}.{item}"


def of_urn(urn: str) -> str:
    """Identity that a URN names, empty if it is none.

    Examples
    --------
    >>> of_urn("urn:sdmx:org.sdmx.infomodel.codelist.Code=ILO:CL_SEX(1.0).SEX_F")
    'ILO:CL_SEX(1.0).SEX_F'
    """
    match = _URN.match(urn.strip())
    if match is None:
        return ""
    item = match["item"] or ""
    return of_parts(match["agency"], match["id"], match["version"], item)


def bare_id(identity: str) -> str:
    """Id alone, without agency and version.

    Examples
    --------
    >>> bare_id("ILO:CL_SEX(1.0)")
    'CL_SEX'
    """
    return _AGENCY_OR_VERSION.sub("", identity)


def nearest(identity: str, known_identities: Iterable[str]) -> str:
    """Known identity that is equal, else the only one that differs in agency or version."""
    known = list(known_identities)
    if not identity or identity in known:
        return identity
    name = bare_id(identity)
    alike = [other for other in known if bare_id(other) == name]
    if len(alike) != 1:
        return ""
    return alike[0]
